"""The search for the likeliest order against trying every order."""

import itertools

import conftest
import numpy as np
import pytest
from conftest import load
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_demo.search import leaves
from rnn_demo.tasks import TASKS, order
from rnn_demo.text import END, tokenize
from rnn_demo.word_order import another_order, groups, replaced, shuffled, unscramble, written

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


def read(text):
    return [token.text for token in tokenize(text)]


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("do n't go .", "don't go."),
        ("late . .", "late. ."),
        ("No . 5", "No . 5"),
        ("Tom 's car ( red ) cost $ 3 , not 5 %", "Tom's car (red) cost $3, not 5%"),
        ("'s . n't", "'s. n't"),
        ("John F. Kennedy", "John F. Kennedy"),
        ("5 -3 - 2", "5 -3 - 2"),
        ("x@y.com . org", "x@y.com. org"),
    ],
)
def test_words_as_a_text_are_read_as_the_same_words(words, text):
    assert written(words.split()) == text and read(text) == words.split()


def test_what_cannot_be_written_is_refused_and_what_belongs_together_stays_so():
    with pytest.raises(ValueError, match="No text is read as F. sings"):
        written(["F.", "sings"])
    assert groups(["John", "F.", "Kennedy", "sings"]) == [("John",), ("F.", "Kennedy"), ("sings",)]
    assert groups(["No.", "5"]) == [("No.", "5")] and groups([]) == []
    assert another_order(["no", "No"], [], 1) == another_order(["F.", "K"], [], 1) == ""


SAID = ["I", "like", "it", "She", "is", "late", "We", "go", "home", "He", "said", "no", "No", "a well-made", "Tom's car", "don't"]
ODD = ["No. 5", "F. Kennedy", "the U.S.", "Mr. Lagos", "\u201cyes\u201d", "(so)", "$3.50", "2021-05-12", "-5", "e\u0301te\u0301"]
LONE = [*"'\",;-5%日<>", "'s", "...", "--", "n't", "@tom", "a@b.com", "https://x.y/z", "🇮🇳", "👩🏽\u200d🚀", "no\u2014yes", "etc."]
SENTENCE = st.lists(st.sampled_from(SAID + ODD + LONE), min_size=1, max_size=9).map(" ".join)
MARKED = st.tuples(SENTENCE, st.sampled_from([".", "!", "?", "", "...", ". "])).map("".join)
TEXTS = st.lists(MARKED, min_size=1, max_size=3).map(" ".join)
GIVEN = ["I like it. She is late.", "She is late. Tom's car is red.", "We go home. He said no.", "Is it good? No. 5 of them are."]


RNN = load("order", "rnn")


def reading(text):
    return conftest.read("order", "rnn", text)


class Any:
    """A model of the next word to whom all orders are alike; what is shown of the orders does not matter here."""

    def next_nats(self, prefixes, labels):
        return np.zeros((len(prefixes), len(labels)))


def check_orders(text):
    found = reading(text)
    for press in (order.shuffle, order.unscrambled, order.other_order):
        try:
            other = press(Any(), found)
        except ValueError as refusal:
            assert "other order" in str(refusal) or "takes" in str(refusal)
            continue
        assert sorted(read(other)) == sorted(read(text)) or other == "" and press is order.other_order
        if read(text)[-1:] in (["."], ["!"], ["?"]) and other and len(read(text)) > 1:
            assert read(other)[-1] == read(text)[-1]


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_no_game_with_the_order_changes_the_words(text):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(order, "WIDTH", 4)  # whichever order the search finds, the words stay the same
        check_orders(text)


@pytest.mark.parametrize("text", GIVEN)
def test_two_sentences_keep_their_words_in_every_order(text):
    check_orders(text)
    found = reading(text)
    assert sorted(read(order.unscrambled(RNN, found))) == sorted(read(text))
    assert read(order.shuffle(RNN, found)) != read(text) and sorted(read(order.shuffle(RNN, found))) == sorted(read(text))


@settings(max_examples=200, deadline=None)
@given(TEXTS, st.integers(0, 40), st.sampled_from(["to", ".", "'s", "n't", "(", "0000", ","]))
def test_a_chosen_word_takes_the_place_of_one_and_changes_no_other(text, place, word):
    tokens = tokenize(text)
    if not tokens:
        return
    place = min(place, len(tokens) - 1)
    _, start, end = tokens[place]
    wanted = [*read(text[:start]), word, *read(text[end:])]
    found = read(replaced(text, start, end, word))
    assert found == wanted or read(f"{text[:start]} {word} {text[end:]}") != wanted  # some words cannot stand there
    if word == "to" and place == 0:
        assert found == wanted


def test_a_word_more_or_another_one():
    assert replaced("I love", 6, 6, "to") == "I love to" and replaced("I love", 6, 6, ".") == "I love."
    assert replaced("I don't go", 4, 7, "really") == "I do really go" and replaced("", 0, 0, "to") == "to"
    assert replaced("he is late", 3, 5, "'s") == "he 's late" and replaced("a (b)", 3, 4, "dog") == "a (dog)"
    found = reading("I don't go")
    assert TASKS["order"].extras.choose(found, 2, "will") == {"text": "I willn't go"}
    assert TASKS["order"].extras.choose(found, 3, "will") == {"text": "I do will go"}
    assert TASKS["order"].extras.choose(found, 5, "home") == {"text": "I don't go home"}
