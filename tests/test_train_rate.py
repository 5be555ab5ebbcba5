"""The training of the raters on a small data set of its own making, with the real command."""

import gzip
import random
import shutil

import numpy as np
import pytest
import torch
from conftest import CELLS

from rnn_demo.networks import checkpoints
from rnn_demo.text import tokenize
from rnn_demo.train import rate
from rnn_demo.train.__main__ import main

GOOD, BAD = ["warm", "sharp", "lovely", "witty"], ["dull", "flat", "ugly", "weak"]


def write(path, lines):
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


@pytest.fixture
def data(tmp_path):
    """Files in the layout that the README describes: two words of praise make five stars, one makes four."""
    rng = random.Random(0)
    texts = []
    for _ in range(150):
        words = rng.choices(GOOD, k=rng.randint(1, 2)) if rng.random() < 0.5 else rng.choices(BAD, k=rng.randint(1, 2))
        label = 2 + len(words) * (1 if words[0] in GOOD else -1)
        texts.append((label, f"the film is {' and '.join(words)} ."))
    for name in ("sst5_phrases_train", "sst5_train", "sst5_dev", "sst5_test"):
        write(tmp_path / f"{name}.tsv.gz", [f"{label}\t{text}" for label, text in texts])
    write(tmp_path / "sst2_test.tsv.gz", [f"{int(label > 2)}\t{text}" for label, text in texts if label != 2])
    write(tmp_path / "sentiment_uci3000.tsv.gz", [f"{int(label > 2)}\timdb\t{text}" for label, text in texts])
    return tmp_path


@pytest.fixture
def small(monkeypatch):
    small = {"CONFIG": {"char_size": 4, "n_filters": 4}, "HIDDEN": dict.fromkeys(CELLS, 12)}
    small |= {"STEPS": 120, "EPOCHS": 2, "WARM_UP": 10, "AVERAGE": 0.9, "POOL": 300, "TOKENS": 400}
    for name, value in small.items():
        monkeypatch.setattr(rate, name, value)


def test_the_command_makes_a_rater_from_nothing_that_has_learnt(data, small, monkeypatch, tmp_path, capsys):
    out = tmp_path / "out"
    out.mkdir()
    shutil.copy(checkpoints.PRETRAINED / checkpoints.VECTORS, out)
    monkeypatch.setattr("sys.argv", ["train", "rate", "--cell", "gru", "--data", str(data), "--out", str(out)])
    assert main() == 0
    assert "sst5" in capsys.readouterr().out
    model = checkpoints.load("rate", "gru", out)
    assert model.header["scores"]["sst2"]["texts"] == 150 and model.header["scores"]["sst2"]["accuracy"] > 0.9
    assert model.header["scores"]["reviews"]["texts"] == 24
    assert model.trace("the film is lovely .")[0].probs[-1] @ np.arange(5) > 2.5
    first = checkpoints.read(out / "rate-gru.safetensors")[0]
    assert main() == 0  # the same seed makes the same weights
    again = checkpoints.read(out / "rate-gru.safetensors")[0]
    assert all(torch.equal(first[name], again[name]) for name in first)


@pytest.mark.parametrize("cell", CELLS)
def test_a_step_down_the_loss_lowers_it(cell, small):
    torch.manual_seed(0)
    header = {
        "cell": cell, "config": rate.CONFIG | {"hidden_size": 12}, "extra_words": ["a"], "labels": rate.LABELS,
        "moved_words": ["film", "dull"],
    }  # fmt: skip
    model = rate.make(header).eval()
    batch = [["a", "dull", "film"], ["fun"]], torch.tensor([[0.0, 0.75, 0.25, 0, 0], [0, 0, 0, 1, 1]])
    before = model.loss(batch)
    before.backward()
    assert model.reader.moved.weight.grad[1:].abs().sum() > 0
    with torch.no_grad():
        for parameter in model.parameters():
            parameter -= 0.1 * parameter.grad
    assert model.loss(batch) < before


def test_where_only_the_side_is_known_either_star_of_it_is_right():
    class Sure(rate.RateTrainer):
        def forward(self, sentences):
            return torch.tensor([[0.0, 0, 0, 9, 9]])

    header = {"cell": "gru", "config": rate.CONFIG | {"hidden_size": 2}, "extra_words": [], "labels": rate.LABELS}
    model = Sure.from_header(header, checkpoints.load_vectors)
    model.readout.bias.data.zero_()
    start = 0.02 * np.log(5)
    good, bad, half = (model.loss(([["x"]], torch.tensor([stars]))).item() - start for stars in (
        [0.0, 0, 0, 1, 1], [1.0, 1, 0, 0, 0], [0, 0, 0, 0.5, 0.5],
    ))  # fmt: skip
    assert good == pytest.approx(0, abs=1e-4) and bad > 0.07 and half == pytest.approx(np.log(2) / 100, abs=1e-4)


def test_a_value_between_two_stars_is_shared_by_them():
    np.testing.assert_allclose(rate.between(3.25), [0, 0, 0, 0.75, 0.25])
    np.testing.assert_allclose(rate.between(4), [0, 0, 0, 0, 1])
    np.testing.assert_allclose(rate.between(0), [1, 0, 0, 0, 0])


def test_joined_sentences_keep_every_word_and_a_rating_between_theirs():
    reviews = [rate.Review([f"w{label}"], rate.star(label)) for label in (0, 1, 3, 4)]
    rng = random.Random(0)
    for _ in range(100):
        joined = rate.join([reviews[:2], reviews[2:]], rng)
        labels = [int(word[1]) for word in joined.words]
        assert 2 <= len(labels) <= 7 and min(labels) <= rate.value(joined) <= max(labels)
        assert joined.stars.sum() == pytest.approx(1)


def test_batches_hold_like_lengths_and_no_more_tokens_than_allowed():
    texts = [rate.Review(["w"] * n, rate.star(2)) for n in range(1, 41)]
    stream = rate.batches(texts, texts, texts, [texts], random.Random(1))
    for _, (sentences, stars) in zip(range(40), stream, strict=False):
        assert len(sentences) == len(stars) <= rate.LARGEST
        assert max(map(len, sentences)) * len(sentences) <= rate.TOKENS


def test_accuracies_of_a_hand_made_answer():
    logits = np.log(np.array([[0.6, 0.1, 0.1, 0.1, 0.1], [0.1, 0.3, 0.25, 0.2, 0.15], [0.1, 0.1, 0.6, 0.1, 0.1]]))
    five, two = rate.accuracy(logits, np.array([0, 4, 2]))
    assert five == pytest.approx(2 / 3) and two == pytest.approx(1 / 2)


def test_twenty_four_reviews_of_the_length_that_was_asked_for():
    reviews = rate.read_reviews()
    assert len(reviews) == 24 and sum(good for _, good in reviews) == 12
    assert all(60 <= len(review.split()) <= 200 and len(tokenize(review)) > 60 for review, _ in reviews)
