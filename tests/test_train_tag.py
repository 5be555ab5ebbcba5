"""The taggers' data and scores, on sentences made by hand."""

import random

import numpy as np
import pytest
import torch
import toys

from rnn_demo.networks import checkpoints
from rnn_demo.networks.vectors import CasedTable
from rnn_demo.train import tag, tag_data, tag_scores, vectors
from rnn_demo.train.scores import temperature
from rnn_demo.train.tag_data import LABELS, Sentence


@pytest.fixture
def data(tmp_path):
    toys.tag(tmp_path)
    return tmp_path


def test_sixty_everyday_sentences_with_true_places():
    sentences = tag_scores.read_everyday("everyday")
    assert len(sentences) == 60 and len(tag_scores.read_everyday("everyday_new")) == 100
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
    known = {*toys.PEOPLE, *(f"{p}son" for p in toys.PEOPLE), *toys.PLACES}
    for seed in range(30):
        rng = random.Random(seed)
        named = tag_data.begin_with_name(Sentence(["He", "left"], ["O", "O"], [False] * 2, taught), pool, rng)
        assert named.words[-1] == "left" and set(named.words[:-1]) & known
        titled = named.words[0] in tag_data.TITLES
        assert named.tags[:2] == (["O", "B-PER"] if titled else ["B-PER", named.tags[1]])
        assert named.soft[0].tolist() == [titled, not titled, 0, 0, 0, 0, 0, 0, 0] and named.soft[-1].tolist() == taught[1].tolist()
        assert len(named.soft) == len(named.words) == len(named.tags) == len(named.unsure)


@pytest.mark.parametrize(
    ("words", "tags", "share"),
    [
        ("He left", ["O", "O"], 0.6),
        ("I left", ["O", "O"], 0.5),
        ("I walked", ["O", "O"], 0.5),
        ("I am", ["O", "O"], 0),  # no name goes with "am"
        ("Ann left", ["B-PER", "O"], 0.3),
        ("Tom Smith left", ["B-PER", "I-PER", "O"], 0),
        ("Rome fell", ["B-LOC", "O"], 0),
        ("He", ["O"], 0),
    ],
)
def test_which_first_words_give_way_to_a_name(words, tags, share):
    words = words.split()
    soft = np.full((len(words), 9), 1 / 9, dtype=np.float32)
    assert tag_data.gives_way(Sentence(words, tags, [False] * len(words), soft)) == share
    assert tag_data.gives_way(Sentence(words, tags, [False] * len(words))) == 0


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


def test_a_teachers_percentages_become_targets_and_held_out_sentences_are_left_out(data):
    taught = tag_data.read_taught(data, {"aba liked tarn"}, random.Random(0), 1.0)
    assert len(taught) == 24 and all(sentence.words != ["Aba", "liked", "Tarn"] for sentence in taught)
    first = taught[0]
    assert first.words == ["Aba", "liked", "Wend"] and first.tags == ["B-PER", "O", "B-LOC"]
    np.testing.assert_allclose(first.soft[0, :2], [1 / 99, 98 / 99], atol=1e-6)
    np.testing.assert_allclose(first.soft.sum(-1), 1, atol=1e-6)


def test_without_capitals_any_word_but_a_small_one_may_be_misc(data):
    toys.write(data / "ner_hwu64.tsv.gz", ["play\tO", "the\tO", "hits\tO", "", "Play\tO", "the\tO", "Hits\tO"])
    toys.write(data / "ner_redocred.tsv.gz", ["Play\tO", "the\tO", "Hits\tO"])
    assert [sentence.unsure for sentence in tag_data.read_ner(data, "hwu64")] == [[True, False, True]] * 2
    assert tag_data.read_ner(data, "redocred")[0].unsure == [False] * 3  # there all of them are annotated


def test_dropout_leaves_out_the_same_numbers_at_every_step():
    torch.manual_seed(0)
    dropout = tag.LockedDropout(0.5)
    x = dropout(torch.ones(3, 4, 50))
    assert (x == x[:, :1]).all() and set(x.unique().tolist()) == {0.0, 2.0}
    assert (dropout.eval()(torch.ones(3, 4, 50)) == 1).all()


def test_the_found_entities_are_those_of_the_page():
    """"New York Times": LOC, LOC, ORG, each going on; one entity, an ORG."""
    logits = np.full((4, len(LABELS)), -9.0)
    for step, label in enumerate(("B-LOC", "I-LOC", "I-ORG", "O")):
        logits[step, LABELS.index(label)] = 9.0
    assert tag_scores.found_entities(logits) == ["B-ORG", "I-ORG", "I-ORG", "O"]


def test_the_other_cells_begin_with_the_word_reader_of_the_first(tmp_path, monkeypatch):
    folder, out = toys.set_up("tag", tmp_path, monkeypatch, steps=3, epochs=1)
    data = toys.load_recipe("tag").data(folder, out)
    model = tag.network({"task": "tag", "cell": "rnn", **tag.header(data, "rnn")}, data)
    first, _ = checkpoints.read(out / f"tag-{tag.FIRST}.safetensors")  # made because it was missing
    assert torch.equal(model.reader.own.weight, first["reader.own.weight"])
    assert torch.equal(model.reader.mix.weight, first["reader.mix.weight"])


def test_rare_words_that_share_a_vector_with_many_have_none(monkeypatch):
    monkeypatch.setattr(vectors, "MOST_SHARED", 2)
    words, row = ["Paris", "Aba", "Ebo", "Apple", "pear"], np.array([0, 0, 0, 1, 1])
    assert vectors.own_enough(words, row, {"paris"}) == [0, 3, 4]


def test_a_cased_table_finds_words_as_they_are_written():
    rng = np.random.default_rng(0)
    monkeyed = rng.integers(-99, 99, (2, 300)).astype(np.int8)
    packed = vectors.pack_cased(monkeyed, np.ones(2, np.float32), ["Apple", "apple"], np.array([0, 1]), set())
    table = CasedTable(*(packed[name].numpy() for name in ("keys", "rows", "q", "scale")))
    assert [table.row(word) for word in ("Apple", "apple", "Äpple", "pear")] == [0, 1, 0, -1]
    found = table.vectors(np.array([0, 1, -1]))
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), [vectors.CASED_LENGTH] * 2 + [0], rtol=0.02)
