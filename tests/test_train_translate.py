"""The translators' batches and scores, on a toy English and a toy French."""

import itertools
import random

import pytest
import torch
import toys

from rnn_demo.train import translate, translate_data, translate_scores
from rnn_demo.train.recipe import load_recipe


@pytest.fixture
def folder(tmp_path):
    toys.translate(tmp_path)
    return tmp_path


@pytest.fixture
def fresh(tmp_path, monkeypatch):
    """cell -> the data and an untrained network, as the recipe makes it."""

    def make(cell):
        torch.manual_seed(0)
        recipe = load_recipe("translate")
        data = recipe.data(*toys.set_up("translate", tmp_path, monkeypatch))
        header = {"task": "translate", "cell": cell, **recipe.header(data, cell)}
        return data, recipe.network(header, data).eval()

    return make


def test_batches_hold_every_pair_and_longer_ones(fresh, monkeypatch):
    data, model = fresh("plain")
    monkeypatch.setattr(translate, "SAMPLED", 0.5)
    endless = translate.batches(data, random.Random(0), 60)
    texts, ends = set(), model.subwords.eos_id()
    for source, written, targets in itertools.islice(endless, 60):
        assert written.shape == targets.shape and len(source) == len(written) and targets.numel() <= translate.TOKENS * 1.2
        assert (written[:, 0] == model.subwords.bos_id()).all()
        for row, fed in zip(targets, written, strict=True):
            row = row[row >= 0]
            assert row[-1] == ends and row[:-1].tolist() == fed[1 : len(row)].tolist()
            texts.add(model.text(row.tolist()))
    assert {french for _, french in toys.PAIRS if "Tom" not in french} <= texts
    assert any(text.count(".") == 3 for text in texts)


def test_many_at_once_are_translated_as_one_by_one(fresh):
    _, model = fresh("attention")
    model.embedding.weight.data.mul_(5)
    texts = ["The cat eats.", "", "Tom and the dog go.", "The bear sleeps.", "A wolf, 2024 🎸?"]
    singly = [model.text(model.search(text).finished[0].ids) for text in texts]
    assert translate_scores.translate_all(model, texts) == singly


def test_texts_fall_into_the_bins_of_their_length():
    answers = {f"{'very ' * n}good.": [f"{'très ' * n}bon.", "bon."][: 1 + n % 2] for n in range(5)}
    filled = translate_scores.by_words(answers, random.Random(0))
    assert list(filled) == list(translate_scores.BINS)
    for (low, high), items in filled.items():
        assert len(items) == (5 if low == 1 else translate_scores.BIN_SIZE) or low > 10
        assert all(low <= translate_scores.n_words(text) <= high for text, _ in items)
    text, french = next(item for item in filled[6, 10] if len(item[1]) == 2)
    assert all(answer.count(".") == text.count(".") for answer in french)


def test_swapped_names_are_the_same_on_both_sides_and_elide_alike(folder):
    pool, rng = translate_data.NamePool(folder), random.Random(0)
    seen = {translate_data.swap_names(("Tom saw Alice in Boston.", "Tom a vu Alice à Boston."), pool, rng) for _ in range(40)}
    assert seen == {(f"{man} saw Amy in Nairobi.", f"{man} a vu Amy à Nairobi.") for man in ("Tom", "Babak")}
    apart = ("Mary left.", "Marie est partie.")
    assert translate_data.swap_names(apart, pool, rng) == apart


def test_varied_pairs_keep_their_french(folder):
    pool, rng = translate_data.NamePool(folder), random.Random(0)
    seen = {translate_data.vary([("The Cat eats.", "Le chat mange."), ("Go.", "Va !")], pool, rng) for _ in range(200)}
    english = {"The Cat eats. Go.", "the cat eats. go.", "The Cat eats. Go", "the cat eats. go"}
    assert seen == {(text, "Le chat mange. Va !") for text in english}
