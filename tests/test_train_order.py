"""The language models' vocabulary, batches and scores, on a few lines."""

import random
from types import SimpleNamespace

import numpy as np
import pytest
import torch
import toys

from rnn_demo.text import END, UNKNOWN
from rnn_demo.train import order, order_scores
from rnn_demo.train.data import words_of

SENTENCES = [words_of(line) for line in toys.LINES["tatoeba_en"]]


def test_the_vocabulary_is_what_was_seen_twice_most_frequent_first():
    counts = order.vocabulary(SENTENCES)
    assert counts == {END: 4, ".": 4, "go": 3, "i": 2, "to": 2, "bed": 2, UNKNOWN: 7} and list(counts.values())[0] == 7
    np.testing.assert_allclose(order.frequencies({"a": 3, "b": 1}), [-0.288, -1.386], atol=1e-3)
    assert torch.exp(order.frequencies(counts)).sum().item() == pytest.approx(1)


def test_every_sentence_comes_once_and_some_without_their_stop():
    sentences = [[*"abc", "."], ["a", "?"], [*"abcdefgh", "."], ["."], ["a"]] * 40
    groups = list(order.batches(SimpleNamespace(cut=sentences), random.Random(0), 1))
    assert all(len({len(words) for words in group}) == 1 for group in groups)
    drawn = [words for group in groups for words in group]
    assert len(drawn) == len(sentences)
    without = sum(words == [*"abc"] for words in drawn)
    assert without + sum(words == [*"abc", "."] for words in drawn) == 40 and 0 < without < 40
    assert all(words for words in drawn)  # a sentence that is nothing but a stop keeps it


def test_perplexity_is_the_number_of_equally_likely_words():
    assert order_scores.perplexity([np.log([0.5]), np.log([0.25, 0.125])]) == pytest.approx(4)


def test_ties_are_wrong_and_fields_are_told_apart(tmp_path):
    toys.order(tmp_path)
    pairs = order_scores.read_pairs(tmp_path)
    assert [pair.field for pair in pairs] == ["syntax/semantics", "morphology"]
    found = order_scores.grammar(lambda sentences: [np.array([-2.0 if "Bed" in words else -1.0]) for words in sentences], pairs)
    assert found == {"all": 0.5, "morphology": 0.0, "syntax/semantics": 1.0}
    assert order_scores.unknown_share(pairs, ["i", "go", "to", "bed", ".", "home"]) == 0.5


def test_the_n_gram_model_gives_probabilities_and_knows_what_followed():
    labels = list(order.vocabulary(SENTENCES))
    gram = order_scores.WordCounts(labels, SENTENCES)
    nats = gram.next_nats([("i", "go"), ("zzz",)], tuple(labels))
    np.testing.assert_allclose(np.exp(nats).sum(-1), 1)
    assert nats[0, labels.index("to")] > nats[0, labels.index("i")]
    (row,) = gram.word_logprobs([["I", "go", "Zyx"]])
    steps = [gram.next_nats([prefix], (word,))[0, 0] for prefix, word in [((), "i"), (("i",), "go"), (("i", "go"), UNKNOWN)]]
    np.testing.assert_allclose(row[:3], steps)


def test_what_is_scrambled_has_no_capitals_and_no_stop_and_a_likely_order_comes_back():
    sentences = [["Go", "to", "bed", "."], ["Go", "."], [*"abcdefgh"], ["I", "do", "n't", "!"]]
    assert order_scores.to_scramble(sentences) == [["go", "to", "bed"], ["i", "do", "n't"]]
    alphabet = lambda prefixes, labels: np.array(
        [[-ord(label[0]) * (10 - len(prefix)) for label in labels] for prefix in prefixes], float
    )
    assert order_scores.unscrambled(alphabet, [["a", "b", "c"], ["b", "a", "c"]]) == 0.5
