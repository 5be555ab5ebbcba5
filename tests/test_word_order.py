"""The search for the likeliest order against trying every order."""

import itertools

import numpy as np
import pytest

from rnn_demo.search import leaves
from rnn_demo.text import END
from rnn_demo.word_order import shuffled, unscramble

rng = np.random.default_rng(0)
WORDS = ("a", "b", "c", "d")
AFTER = {first: dict(zip((*WORDS, END), rng.dirichlet(np.ones(5)), strict=True)) for first in ("", *WORDS)}


def next_nats(prefixes, labels):
    """A model made by hand: what comes next rests on the last word."""
    return np.log([[AFTER[prefix[-1] if prefix else ""][label] for label in labels] for prefix in prefixes])


def cost(words):
    return sum(np.log(AFTER[first][second]) for first, second in itertools.pairwise(("", *words, END)))


@pytest.mark.parametrize("words", [["a", "b", "c", "d"], ["d", "a", "a", "c"], ["b"], ["a", "a"]])
def test_a_wide_search_finds_what_trying_every_order_finds(words):
    truth = {order: cost(order) for order in itertools.permutations(words)}
    found = {text[:-1]: nats for text, nats in leaves(unscramble(next_nats, words, 64))}
    assert found == pytest.approx(truth)  # every order, each once, and none with a word too many


def test_a_narrow_search_finds_a_good_one_that_uses_all_words():
    (text, _), *_ = sorted(leaves(unscramble(next_nats, list("dcba"), 2)), key=lambda leaf: -leaf[1])
    assert sorted(text[:-1]) == list("abcd") and text[-1] == END
    assert cost(text[:-1]) >= np.median([cost(order) for order in itertools.permutations("abcd")])


def test_shuffling_changes_the_order_and_nothing_else():
    words = ["to", "go", "to", "bed"]
    for number in range(20):
        found = shuffled(words, number)
        assert found != words and sorted(found) == sorted(words) and found == shuffled(words, number)
    assert shuffled(["to", "to"], 1) == ["to", "to"] and shuffled([], 1) == []
