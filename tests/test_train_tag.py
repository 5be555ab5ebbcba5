"""The taggers' data and scores, on sentences made by hand."""

import random

import numpy as np
import pytest
import toys

from rnn_demo.train import tag_data, tag_scores
from rnn_demo.train.scores import temperature
from rnn_demo.train.tag_data import LABELS, Sentence


@pytest.fixture
def data(tmp_path):
    toys.tag(tmp_path)
    return tmp_path


def test_sixty_everyday_sentences_with_true_places():
    sentences = tag_scores.read_everyday()
    assert len(sentences) == 60
    assert ("Olga and Dmitri got married in Prague last summer.", {(0, 4, "PER"), (9, 15, "PER"), (31, 37, "LOC")}) in sentences
    assert all(text[start:end].strip() == text[start:end] for text, found in sentences for start, end, _ in found)


def test_swapped_names_keep_their_labels_and_the_rest_of_the_sentence(data):
    pool = tag_data.NamePool(data, tag_data.read_ner(data, "ewt", "train"))
    sentence = Sentence(["Uma", "left", "Tarn"], ["B-PER", "O", "B-LOC"], [False] * 3)
    rng = random.Random(1)
    for _ in range(50):
        swapped = tag_data.swap_names(sentence, pool, rng)
        kinds = [tag[2:] for tag in swapped.tags]
        assert kinds[0] == "PER" and kinds[-1] == "LOC"
        assert [w for w, k in zip(swapped.words, kinds, strict=True) if not k] == ["left"]
        assert len(swapped.words) == len(swapped.tags) == len(swapped.unsure)


def test_a_sentence_begun_with_a_pronoun_can_begin_with_a_name(data):
    pool = tag_data.NamePool(data, tag_data.read_ner(data, "ewt", "train"))
    taught = np.full((2, 9), 1 / 9, dtype=np.float32)
    named = tag_data.name_pronoun(Sentence(["He", "left"], ["O", "O"], [False] * 2, taught), pool, random.Random(0))
    assert named.words[-1] == "left" and set(named.words[:-1]) & {*toys.PEOPLE, *(f"{p}son" for p in toys.PEOPLE)}
    assert named.soft[0].tolist() == [0, 1, 0, 0, 0, 0, 0, 0, 0] and named.soft[-1].tolist() == taught[1].tolist()
    assert len(named.soft) == len(named.words) == len(named.tags) == len(named.unsure)


def test_where_misc_was_not_annotated_a_capital_may_be_misc():
    sentence = Sentence(["the", "Japanese"], ["O", "O"], [False, True])
    rows = sentence.targets()
    assert rows[0].tolist() == [1, 0, 0, 0, 0, 0, 0, 0, 0]
    assert rows[1].tolist() == [1, 0, 0, 0, 0, 0, 0, 1, 1]


def test_the_temperature_makes_a_boastful_model_honest():
    """Sure of B-PER ten times, right seven times: at the best temperature it says 70 %."""
    logits = np.zeros((10, len(LABELS)), dtype=np.float32)
    logits[:, 1] = 6.0
    tags = ["B-PER"] * 7 + ["B-LOC"] * 3
    heat = temperature(logits, Sentence(["Al"] * 10, tags, [False] * 10).targets())
    assert np.exp(6 / heat) / (np.exp(6 / heat) + 8) == pytest.approx(0.7, abs=0.01)


def test_any_of_several_allowed_answers_is_right():
    logits = np.array([[3.0, 0, 0], [3.0, 0, 0]], dtype=np.float32)
    allowed = np.array([[1, 1, 0], [1, 0, 0]], dtype=np.float32)
    assert temperature(logits, allowed) == pytest.approx(0.5)  # it is always right, so the surer the better


def test_taught_sentences_come_from_a_teacher_that_is_trained_first(tmp_path, monkeypatch):
    data, out = toys.set_up("tag", tmp_path, monkeypatch, steps=3, epochs=1)
    sentences, header = toys.load_recipe("tag").data(data, out).taught
    assert header["cell"] == "teacher" and header["training"]["sentences"]["ewt"] == 80
    assert (out / "tag-teacher.safetensors").exists() and not list(out.glob("*.resume*"))
    assert 0 < len(sentences) <= 75  # 25 lines in each of three files
    for sentence in sentences:
        assert sentence.soft.shape == (len(sentence.words), len(LABELS))
        np.testing.assert_allclose(sentence.soft.sum(-1), 1, rtol=1e-5)
