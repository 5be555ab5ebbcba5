"""The training on a small data set of its own making, with the real command."""

import gzip
import random
import shutil

import numpy as np
import pytest
import torch
from conftest import CELLS

from rnn_demo.networks import checkpoints
from rnn_demo.train import run, tag, tag_data
from rnn_demo.train.__main__ import main

PEOPLE = ["Aba", "Ebo", "Ila", "Oko", "Uma"]
PLACES = ["Tarn", "Vosk", "Wend", "Yolt", "Zirk"]


def write(path, lines):
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


@pytest.fixture
def data(tmp_path):
    """Files in the layout that the README describes, with two kinds of made-up names."""
    rng = random.Random(0)
    for name in (*tag.WEIGHTS, *tag.TEST):
        for part in ("train", "dev", "test"):
            lines = []
            for _ in range(40):
                lines += [f"{rng.choice(PEOPLE)}\tB-PER", "went\tO", "to\tO", f"{rng.choice(PLACES)}\tB-LOC", ".\tO", ""]
                lines += ["Brolly\tB-ORG", "Corp\tI-ORG", "pays\tO", ""]
            write(tmp_path / f"ner_{name}_{part}.tsv.gz", lines[:-1])
    for name in tag.PLAIN:
        write(tmp_path / f"lm_{name}_train.txt.gz", [f"{p} liked {q} more." for p in PEOPLE for q in PLACES])
    write(tmp_path / "names_us_train.tsv.gz", ["name\tsex\ttotal\t1880", *(f"{p.lower()}\tF\t30\t30" for p in PEOPLE)])
    write(tmp_path / "surnames_train.tsv.gz", [f"{p}son\tGreek" for p in PEOPLE])
    write(tmp_path / "gazetteer_cities.tsv.gz", [f"{p}\t{p}\t{p}" for p in PLACES])
    write(tmp_path / "gazetteer_companies.tsv.gz", ["Brolly Corp\tIndustrials"])
    return tmp_path


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(tag, "CONFIG", {"char_size": 8, "n_filters": 8})
    monkeypatch.setattr(tag, "HIDDEN", {"gru": 12})
    monkeypatch.setattr(tag, "STEPS", 90)
    monkeypatch.setattr(tag, "WARM_UP", 10)
    monkeypatch.setattr(tag, "AVERAGE", 0.9)
    monkeypatch.setattr(tag, "EPOCHS", 3)
    monkeypatch.setattr(tag, "TEACHER_SIZE", 12)


def tensors(path):
    return checkpoints.read(path)[0]


def test_the_command_makes_a_model_from_nothing_that_has_learnt(data, small, monkeypatch, tmp_path, capsys):
    out = tmp_path / "out"
    out.mkdir()
    shutil.copy(checkpoints.PRETRAINED / checkpoints.VECTORS, out)
    words = ["train", "tag", "--cell", "gru", "--data", str(data), "--out", str(out)]
    monkeypatch.setattr("sys.argv", words)
    assert main() == 0
    printed = capsys.readouterr()
    assert "ewt" in printed.out and "epoch 3/3" in printed.err
    assert not list(out.glob("*.resume*"))
    header = checkpoints.load("tag", "gru", out).header
    assert header["scores"]["ewt"]["entities"] == 120 and header["scores"]["ewt"]["f1"] > 0.5
    assert header["training"]["sentences"]["plain text, labelled by the teacher"] == 75

    first = tensors(out / "tag-gru.safetensors")
    assert main() == 0  # the same seed makes the same weights
    again = tensors(out / "tag-gru.safetensors")
    assert all(torch.equal(first[name], again[name]) for name in first)


def test_a_killed_run_goes_on_after_its_last_epoch(data, small, monkeypatch, tmp_path, capsys):
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    for out in (whole, killed):
        out.mkdir()
    tag.train(tag.TEACHER, data, whole)

    real = run.Run.close_epoch

    def die_after_two(self, score):
        real(self, score)
        if self.epoch == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(run.Run, "close_epoch", die_after_two)
    with pytest.raises(KeyboardInterrupt):
        tag.train(tag.TEACHER, data, killed)
    monkeypatch.setattr(run.Run, "close_epoch", real)
    capsys.readouterr()
    tag.train(tag.TEACHER, data, killed)
    assert "Going on after epoch 2." in capsys.readouterr().err
    a, b = tensors(whole / "tag-teacher.safetensors"), tensors(killed / "tag-teacher.safetensors")
    for name in a:
        torch.testing.assert_close(a[name], b[name])


@pytest.mark.parametrize("cell", [*CELLS, tag.TEACHER])
def test_a_step_down_the_loss_lowers_it(cell, small):
    torch.manual_seed(0)
    header = {"cell": cell, "config": tag.CONFIG | {"hidden_size": 12}, "extra_words": ["a"], "labels": tag_data.LABELS}
    model = tag.make(header)
    sentence = tag_data.Sentence(["Uma", "left", "a", "Tarn"], ["B-PER", "O", "O", "B-LOC"], [False, False, True, False])
    batch = [sentence.words], torch.from_numpy(sentence.targets())[None], torch.tensor([False])
    model.eval()
    before = model.loss(batch)
    before.backward()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter -= 0.1 * parameter.grad
    assert model.loss(batch) < before


def test_missing_data_is_named(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr("sys.argv", ["train", "tag", "--cell", "gru", "--data", str(tmp_path)])
    assert main() == 2
    assert "ner_ewt_train.tsv.gz" in capsys.readouterr().err


def test_sixty_everyday_sentences_with_true_places():
    sentences = tag_data.read_everyday()
    assert len(sentences) == 60
    assert ("Olga and Dmitri got married in Prague last summer.", {(0, 4, "PER"), (9, 15, "PER"), (31, 37, "LOC")}) in sentences
    assert all(text[start:end].strip() == text[start:end] for text, found in sentences for start, end, _ in found)


def test_swapped_names_keep_their_labels_and_the_rest_of_the_sentence(data):
    pool = tag_data.NamePool(data, tag_data.read_ner(data, "ewt", "train"))
    sentence = tag_data.Sentence(["Uma", "left", "Tarn"], ["B-PER", "O", "B-LOC"], [False] * 3)
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
    named = tag_data.name_pronoun(tag_data.Sentence(["He", "left"], ["O", "O"], [False] * 2, taught), pool, random.Random(0))
    assert named.words[-1] == "left" and set(named.words[:-1]) & {*PEOPLE, *(f"{p}son" for p in PEOPLE)}
    assert named.soft[0].tolist() == [0, 1, 0, 0, 0, 0, 0, 0, 0] and named.soft[-1].tolist() == taught[1].tolist()
    assert len(named.soft) == len(named.words) == len(named.tags) == len(named.unsure)


def test_where_misc_was_not_annotated_a_capital_may_be_misc():
    sentence = tag_data.Sentence(["the", "Japanese"], ["O", "O"], [False, True])
    rows = sentence.targets()
    assert rows[0].tolist() == [1, 0, 0, 0, 0, 0, 0, 0, 0]
    assert rows[1].tolist() == [1, 0, 0, 0, 0, 0, 0, 1, 1]


def test_the_temperature_makes_a_boastful_model_honest():
    class Boastful(torch.nn.Module):
        def forward(self, sentences):
            logits = torch.zeros(len(sentences), 10, len(tag_data.LABELS))
            logits[..., 1] = 12.0  # sure of B-PER, every time
            return logits

    words, tags = ["Al"] * 10, ["B-PER"] * 7 + ["B-LOC"] * 3
    heat = tag.temperature(Boastful(), {"x": [tag_data.Sentence(words, tags, [False] * 10)]})
    probability = np.exp(12 / heat) / (np.exp(12 / heat) + 8)
    assert heat == pytest.approx(3.0) or probability == pytest.approx(0.7, abs=0.02)
