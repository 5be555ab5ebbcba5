"""The training of the networks that write names, on a small list of its own making, with the real command."""

import gzip
import random

import numpy as np
import pytest
import torch

from rnn_demo.names import Seed, known_names
from rnn_demo.networks import checkpoints
from rnn_demo.networks.names import NameModel
from rnn_demo.train import name as trainer
from rnn_demo.train.__main__ import main
from rnn_demo.train.name import Examples, Ngrams, Row, conditioned
from rnn_demo.train.name_judge import Judge, grams

GIRLS, BOYS = ["aba", "alba", "lala", "balla"], ["obo", "olbo", "lolo", "bollo"]


def births(**of_decades):
    """births(d1890=5) -> fifteen numbers, all 0 but the second."""
    return tuple(of_decades.get(f"d{decade}", 0) for decade in range(1880, 2030, 10))


@pytest.fixture
def data(tmp_path):
    """Girls' names end with a and boys' with o; those of the 2010s begin with z."""
    for part in ("train", "dev", "test"):
        lines = ["name\tsex\ttotal\t" + "\t".join(map(str, range(1880, 2030, 10)))]
        for old, sex in [*((n, "F") for n in GIRLS), *((n, "M") for n in BOYS)]:
            for name, counts in ((old, births(d1890=30)), ("z" + old, births(d2010=30))):
                lines.append("\t".join([name, sex, "30", *map(str, counts)]))
        with gzip.open(tmp_path / f"names_us_{part}.tsv.gz", "wt") as file:
            file.write("\n".join(lines) + "\n")
    return tmp_path


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(trainer, "HIDDEN", dict.fromkeys(NameModel.CELLS, 24))
    for name, value in {"STEPS": 60, "BATCH": 16, "EPOCHS": 3, "WARM_UP": 5, "AVERAGE": 0.9, "DROPOUT": 0.0}.items():
        monkeypatch.setattr(trainer, name, value)


def test_the_command_makes_a_model_from_nothing_that_has_learnt(data, small, monkeypatch, tmp_path, capsys):
    out = tmp_path / "out"
    out.mkdir()
    monkeypatch.setattr("sys.argv", ["train", "name", "--cell", "gru", "--data", str(data), "--out", str(out)])
    assert main() == 0
    printed = capsys.readouterr()
    assert "5-gram" in printed.out and "epoch 3/3" in printed.err
    assert not list(out.glob("*.resume*"))
    model = checkpoints.load("name", "gru", out)
    scores = model.header["scores"]
    assert scores["names"] == 16 and scores["bits"] < 1.2  # 27 symbols by chance would be 4.8
    assert scores["real"] == {"sex": 1.0, "decade": 1.0}
    assert scores["written"]["0.5"]["sex"] > 0.9 and scores["written"]["0.5"]["decade"] > 0.9
    assert set(known_names(out / "names_us.tsv.gz")) == {*GIRLS, *BOYS, *(f"z{n}" for n in GIRLS + BOYS)}

    first = checkpoints.read(out / "name-gru.safetensors")[0]
    assert main() == 0  # the same seed makes the same weights
    again = checkpoints.read(out / "name-gru.safetensors")[0]
    assert all(torch.equal(first[name], again[name]) for name in first)


@pytest.mark.parametrize("cell", NameModel.CELLS)
def test_a_step_down_the_loss_lowers_it(cell, small):
    torch.manual_seed(0)
    model = trainer.make({"cell": cell, "config": {"input_size": 8, "hidden_size": 12}, "labels": trainer.LABELS})
    batch = torch.tensor([[0, 0], [1, 3]]), torch.tensor([[0, 1, 0, 26], [14, 1, 14, 26]])
    before = model.loss(batch)
    before.backward()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter -= 0.1 * parameter.grad
    assert model.loss(batch) < before


def test_missing_data_is_named(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr("sys.argv", ["train", "name", "--cell", "gru", "--data", str(tmp_path)])
    assert main() == 2
    assert "names_us_train.tsv.gz" in capsys.readouterr().err


def test_a_name_counts_once_in_all_and_by_its_births_in_each(monkeypatch):
    monkeypatch.setattr(trainer, "BY_BIRTHS", 0.0)
    monkeypatch.setattr(trainer, "EVENED_OUT", 1.0)
    ann = Row("ann", "female", births(d1890=60, d1900=20)), Row("ann", "male", births(d1890=20))
    rows = [*ann, Row("bo", "male", births(d1890=9))]
    examples = Examples(rows)
    assert list(examples) == [
        ("ann", Seed("female", 1890)), ("ann", Seed("female", 1900)), ("ann", Seed("male", 1890)), ("bo", Seed("male", 1890))
    ]
    np.testing.assert_allclose(examples.once, [0.6, 0.2, 0.2, 1.0])
    np.testing.assert_allclose(examples.drawn, examples.once / 2)

    monkeypatch.setattr(trainer, "BY_BIRTHS", 1.0)
    np.testing.assert_allclose(Examples(rows).drawn, np.array([60, 20, 20, 9]) / 109)
    monkeypatch.setattr(trainer, "EVENED_OUT", 0.0)  # every decade of a sex comes as often as any other
    np.testing.assert_allclose(Examples(rows).drawn, np.array([1, 1, 20 / 29, 9 / 29]) / 3)


def test_names_are_drawn_by_weight_and_some_without_their_decade(monkeypatch):
    monkeypatch.setattr(trainer, "STEPS", 400)
    examples = Examples([Row("ann", "female", births(d1890=60)), Row("otto", "male", births(d1890=60, d1900=180))])
    groups = trainer.batches(examples, random.Random(0))
    seen = [(tuple(seed.tolist()), len(ids)) for group in groups for seed, ids in zip(*group, strict=True)]
    assert len(seen) == 400 * trainer.BATCH
    share = lambda wanted: sum(item == wanted for item in seen) / len(seen)
    known = 1 - trainer.HIDDEN_DECADES
    for wanted, weight in zip([((0, 2), 4), ((1, 2), 5), ((1, 3), 5)], examples.drawn, strict=True):
        assert share(wanted) == pytest.approx(known * weight, abs=0.01)


def test_conditions_stand_where_they_are_put():
    found = list(conditioned("al", Seed("male", 1900), ("sex", 2, 1)))
    assert found == [(("male", "<s>"), "a"), (("male", "<s>", "a"), "l"), (("male", "a", "l"), "end")]
    assert list(conditioned("al", Seed("male", 1900), (2, "decade", 1)))[2] == (("a", 1900, "l"), "end")


def test_the_network_and_the_5_gram_model_are_measured_alike(monkeypatch):
    """A model that finds 27 symbols equally likely needs log2(27) bits a letter, however the names are weighted."""

    class Blank:
        def letter_logprobs(self, names, seeds):
            return [np.full(len(name) + 1, -np.log(27)) for name in names]

    rows = [Row("ann", "female", births(d1890=60, d1900=20)), Row("otto", "male", births(d1890=9))]
    assert trainer.network_bits(Blank(), Examples(rows)) == pytest.approx(np.log2(27))
    monkeypatch.setattr(trainer.KneserNey, "prob", lambda self, symbol, context: 1 / 27)
    ngrams = Ngrams(rows, Examples(rows))
    assert ngrams.bits(Examples(rows)) == pytest.approx(np.log2(27))


def test_the_5_gram_model_knows_the_conditions():
    rows = [Row(n, "female", births(d1890=30)) for n in GIRLS] + [Row(n, "male", births(d1890=30)) for n in BOYS]
    ngrams = Ngrams(rows * 3, Examples(rows))
    right, wrong = Examples([Row("ala", "female", births(d1890=9))]), Examples([Row("ala", "male", births(d1890=9))])
    assert ngrams.bits(right) < ngrams.bits(wrong) - 0.3


def test_the_judge_learns_from_letters():
    assert grams("al") == ["^", "a", "l", "$", "^a", "al", "l$", "^al", "al$"]
    names = [*GIRLS, *BOYS]
    judge = Judge(names, np.array([True] * 4 + [False] * 4), np.ones(8))
    assert judge(names).tolist() == [True] * 4 + [False] * 4
    assert judge(["balba", "xolbo"]).tolist() == [True, False]


def test_the_judges_findings_count_every_seed_alike(data):
    judges = trainer.Judges(Examples(trainer.read_rows(data, "train")))
    names = {seed: (np.array(["aba", "zobo"]), np.array([3.0, 1.0])) for seed in trainer.ASKED}
    # For half of the seeds the name that counts three times is the right one, for the other half the wrong one.
    assert judges.found(names) == pytest.approx({"sex": 0.5, "decade": 0.5})
