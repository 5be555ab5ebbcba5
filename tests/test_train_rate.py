"""The raters' data, loss and scores, on reviews made by hand."""

import random
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from rnn_demo.text import tokenize
from rnn_demo.train import rate, rate_data
from rnn_demo.train.rate_data import Review, star


def test_where_only_the_side_is_known_either_star_of_it_is_right():
    readout = torch.nn.Linear(1, 5)
    readout.load_state_dict({"weight": torch.tensor([[0.0], [0], [0], [9], [9]]), "bias": torch.zeros(5)})
    at_rest = torch.zeros(1, 1, 1), torch.tensor([1]), torch.ones(1, 1)
    model = SimpleNamespace(kind="gru", trained=1.0, states=lambda sentences: at_rest, dropout=lambda h: h, readout=readout)
    start = 0.02 * np.log(5)
    nats = lambda *stars: rate.loss(model, ([["x"]], torch.tensor([stars]))).item() - start
    assert nats(0.0, 0, 0, 1, 1) == pytest.approx(0, abs=1e-4) and nats(1.0, 1, 0, 0, 0) > 0.07
    assert nats(0, 0, 0, 0.5, 0.5) == pytest.approx(np.log(2) / 100, abs=1e-4)


def test_a_value_between_two_stars_is_shared_by_them():
    np.testing.assert_allclose(rate_data.between(3.25), [0, 0, 0, 0.75, 0.25])
    np.testing.assert_allclose(rate_data.between(4), [0, 0, 0, 0, 1])
    np.testing.assert_allclose(rate_data.between(0), [1, 0, 0, 0, 0])


def test_joined_sentences_keep_every_word_and_a_rating_between_theirs():
    reviews = [Review([f"w{label}"], star(label)) for label in (0, 1, 3, 4)]
    rng = random.Random(0)
    for _ in range(100):
        joined = rate_data.join([reviews[:2], reviews[2:]], rng)
        labels = [int(word[1]) for word in joined.words]
        assert 2 <= len(labels) <= 7 and min(labels) <= rate_data.value(joined) <= max(labels)
        assert joined.stars.sum() == pytest.approx(1)


def test_batches_hold_like_lengths_and_no_more_tokens_than_allowed():
    texts = [Review(["w"] * n, star(2)) for n in range(1, 41)]
    words = [Review([*how, word], star(label)) for how in ([], ["very"]) for word, label in (("dull", 1), ("warm", 3))]
    data = SimpleNamespace(phrases=texts, sentences=texts, uci=(texts, []), sides=[texts], turns=rate_data.TurnMaker(words))
    for _, (sentences, stars) in zip(range(40), rate.batches(data, random.Random(1), 40), strict=False):
        assert len(sentences) == len(stars) <= rate.LARGEST
        assert max(map(len, sentences)) * len(sentences) <= rate.TOKENS


def test_accuracies_of_a_hand_made_answer():
    logits = np.log(np.array([[0.6, 0.1, 0.1, 0.1, 0.1], [0.1, 0.3, 0.25, 0.2, 0.15], [0.1, 0.1, 0.6, 0.1, 0.1]]))
    five, two = rate.accuracy(logits, np.array([0, 4, 2]))
    assert five == pytest.approx(2 / 3) and two == pytest.approx(1 / 2)


def test_twenty_four_reviews_of_the_length_that_was_asked_for():
    reviews = rate_data.read_reviews()
    assert len(reviews) == 24 and sum(good for _, good in reviews) == 12
    assert all(60 <= len(review.split()) <= 200 and len(tokenize(review)) > 60 for review, _ in reviews)
