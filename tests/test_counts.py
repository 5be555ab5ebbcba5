import itertools
import math
import random

import numpy as np
import pytest

from rnn_demo.train.counts import KneserNey, Ngrams, discounts, events

WORDS = ["banana", "bandana", "ananas", "nan", "cabana", "canna", "bab"]


def test_events_are_the_symbols_with_what_stood_before_them():
    assert list(events("ann", 3)) == [(("<s>",), "a"), (("<s>", "a"), "n"), (("a", "n"), "n")]
    assert list(events(["to", "be"], 1)) == [((), "to"), ((), "be")]


def test_the_worked_example():
    """Three bigrams by hand: a b (twice), c b, a d. After nothing, b has followed two things and d one; all discounts are 1/2.

    p(b) = (2 - 1/2) / 3 + (1/2 + 1/2) / 3 * 1/4 = 7/12; p(d) = 1/6 + 1/12 = 1/4; p(a) = 1/12
    p(b | a) = (2 - 1/2) / 3 + (1/2 + 1/2) / 3 * p(b) = 1/2 + 7/36 = 25/36
    """
    seen = [(("a",), "b"), (("a",), "b"), (("c",), "b"), (("a",), "d")]
    model = KneserNey("abcd", seen)
    assert model.prob("b") == pytest.approx(7 / 12)
    assert model.prob("d") == pytest.approx(1 / 4)
    assert model.prob("a") == pytest.approx(1 / 12)
    assert model.prob("b", ("a",)) == pytest.approx(25 / 36)
    assert model.prob("d", ("a",)) == pytest.approx(1 / 6 + 1 / 3 * 1 / 4)
    assert model.prob("b", ("z",)) == model.prob("b")  # a context that was never seen says nothing
    assert model.logprob("b", ("a",)) == pytest.approx(math.log(25 / 36))


def test_discounts_are_those_of_the_paper():
    """Chen and Goodman's formula with n1 = 4, n2 = 2, n3 = 1, n4 = 1: Y = 4 / 8, D1 = 1 - 1/2, D2 = 2 - 3/4, D3 = 3 - 2."""
    assert discounts([1] * 4 + [2] * 2 + [3] + [4] + [9]) == pytest.approx((0, 0.5, 1.25, 1.0))
    assert discounts([1, 1, 7]) == (0, 0.5, 0.5, 0.5)  # too little to go by


@pytest.mark.parametrize("order", [1, 2, 3, 5])
def test_probabilities_sum_to_one_in_every_context(order):
    symbols = [*"abcdns", "end"]
    model = KneserNey(symbols, [event for word in WORDS * 3 for event in events((*word, "end"), order)])
    contexts = [(), ("<s>",), *itertools.product("abn", repeat=2), ("x", "a", "n"), ("<s>", "b", "a", "n")]
    for context in contexts:
        assert sum(model.prob(symbol, context) for symbol in symbols) == pytest.approx(1)
        assert all(model.prob(symbol, context) > 0 for symbol in symbols)


def test_a_longer_context_tells_more_and_other_orders_are_other_models():
    rng = random.Random(0)
    words = [rng.choice(WORDS) for _ in range(400)]
    nats = {}
    for order in (1, 2, 3, 5):
        model = KneserNey([*"abcdns", "end"], [event for word in words for event in events((*word, "end"), order)])
        nats[order] = sum(-model.logprob(symbol, context) for word in WORDS for context, symbol in events((*word, "end"), order))
    assert nats[1] > nats[2] > nats[3] > nats[5]


def test_a_symbol_is_likely_anew_if_it_followed_many_things():
    """Kneser and Ney's own point: "francisco" may be frequent, but it follows "san" only."""
    pairs = [("san", "francisco")] * 9 + [(w, "house") for w in ("a", "the", "our", "my")] + [("san", "jose")]
    model = KneserNey(["francisco", "house", "jose"], [((first,), second) for first, second in pairs])
    assert model.prob("house", ("your",)) > 2 * model.prob("francisco", ("your",))
    assert model.prob("francisco", ("san",)) > 0.7


def test_words_and_conditions_can_be_counted_as_well_as_letters():
    seen = [(("female", *context), symbol) for context, symbol in events("eva", 3)]
    seen += [(("male", *context), symbol) for context, symbol in events("evo", 3)]
    model = KneserNey("aevo", seen * 2)
    assert model.prob("a", ("female", "e", "v")) > model.prob("o", ("female", "e", "v"))
    assert model.prob("a", ("e", "v")) == pytest.approx(model.prob("o", ("e", "v")))


def test_a_symbol_that_was_not_announced_is_named():
    with pytest.raises(ValueError, match="'z' was seen, but is not one of the 2 symbols"):
        KneserNey("ab", [((), "z")])


def test_a_model_that_is_right_gets_all_of_the_weight():
    """One model has seen "ab" eight times, the other "ba"; all discounts are 1/2, and without a context both letters have 1/2.

    The first: p(a | <s>) = p(b | a) = 7.5 / 8 + 0.5 / 8 * 1/2. The other: p(a | <s>) = 0.5 / 8 * 1/2; after "a" it knows nothing.
    """
    pairs = lambda word: events(word, 2)
    grams = Ngrams("ab", [(pairs, ["ab"] * 8), (pairs, ["ba"] * 8)])
    probs = grams.probs(["ab"])
    np.testing.assert_allclose(probs, [[0.96875, 0.96875], [0.03125, 0.5]])
    np.testing.assert_allclose(np.exp(grams.nats(["ab"])[0]), probs.mean(0))
    assert grams.logprob("a", [("<s>",), ("<s>",)]) == pytest.approx(grams.nats(["ab"])[0][0])
    grams.weigh(["ab", "ba"], np.array([1.0, 0.0]))
    np.testing.assert_allclose(grams.weights, [1, 0], atol=1e-6)
    assert [len(row) for row in grams.nats(["ab", "b", "aba"])] == [2, 1, 3]
