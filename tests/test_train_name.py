"""How names are drawn, and what the networks that write them are held to."""

import random
from types import SimpleNamespace

import numpy as np
import pytest
import toys
from toys import BOYS, GIRLS, births

from rnn_demo.names import Seed, known_names
from rnn_demo.networks import checkpoints
from rnn_demo.train import name, name_data, name_scores
from rnn_demo.train.counts import KneserNey
from rnn_demo.train.name_data import Examples, Row, read_names
from rnn_demo.train.name_scores import ASKED, Judge, Judges, bits_a_letter, conditioned, grams, letter_counts
from rnn_demo.train.recipe import load_recipe


def test_a_name_counts_once_in_all_and_by_its_births_in_each(monkeypatch):
    monkeypatch.setattr(name_data, "BY_BIRTHS", 0.0)
    monkeypatch.setattr(name_data, "EVENED_OUT", 1.0)
    ann = Row("ann", "female", births(d1890=60, d1900=20)), Row("ann", "male", births(d1890=20))
    rows = [*ann, Row("bo", "male", births(d1890=9))]
    examples = Examples(rows)
    assert list(examples) == [
        ("ann", Seed("female", 1890)), ("ann", Seed("female", 1900)), ("ann", Seed("male", 1890)), ("bo", Seed("male", 1890))
    ]
    np.testing.assert_allclose(examples.once, [0.6, 0.2, 0.2, 1.0])
    np.testing.assert_allclose(examples.drawn, examples.once / 2)

    monkeypatch.setattr(name_data, "BY_BIRTHS", 1.0)
    np.testing.assert_allclose(Examples(rows).drawn, np.array([60, 20, 20, 9]) / 109)
    monkeypatch.setattr(name_data, "EVENED_OUT", 0.0)  # every decade of a sex comes as often as any other
    np.testing.assert_allclose(Examples(rows).drawn, np.array([1, 1, 20 / 29, 9 / 29]) / 3)


def test_names_are_drawn_by_weight_and_some_without_their_decade():
    examples = Examples([Row("ann", "female", births(d1890=60)), Row("otto", "male", births(d1890=60, d1900=180))])
    groups = name.batches(SimpleNamespace(examples=examples), random.Random(0), 400)
    seen = [(tuple(seed.tolist()), len(ids)) for group in groups for seed, ids in zip(*group, strict=True)]
    assert len(seen) == 400 * name.BATCH
    share = lambda wanted: sum(item == wanted for item in seen) / len(seen)
    known = 1 - name.HIDDEN_DECADES
    for wanted, weight in zip([((0, 2), 4), ((1, 2), 5), ((1, 3), 5)], examples.drawn, strict=True):
        assert share(wanted) == pytest.approx(known * weight, abs=0.01)


def test_conditions_stand_where_they_are_put():
    found = list(conditioned("al", Seed("male", 1900), ("sex", 2, 1)))
    assert found == [(("male", "<s>"), "a"), (("male", "<s>", "a"), "l"), (("male", "a", "l"), "end")]
    assert list(conditioned("al", Seed("male", 1900), (2, "decade", 1)))[2] == (("a", 1900, "l"), "end")


def test_the_network_and_the_5_gram_model_are_measured_alike(monkeypatch):
    """A model that finds 27 symbols equally likely needs log2(27) bits a letter, however the names are weighted."""
    rows = [Row("ann", "female", births(d1890=60, d1900=20)), Row("otto", "male", births(d1890=9))]
    held_out = Examples(rows)
    blank = SimpleNamespace(letter_logprobs=lambda names, seeds: [np.full(len(n) + 1, -np.log(27)) for n in names])
    assert name_scores.network_bits(blank, held_out) == pytest.approx(np.log2(27))
    monkeypatch.setattr(KneserNey, "prob", lambda self, symbol, context: 1 / 27)
    assert bits_a_letter(letter_counts(rows, held_out).nats(list(held_out)), held_out) == pytest.approx(np.log2(27))


def test_the_5_gram_model_knows_the_conditions():
    rows = [Row(n, "female", births(d1890=30)) for n in GIRLS] + [Row(n, "male", births(d1890=30)) for n in BOYS]
    counts = letter_counts(rows * 3, Examples(rows))
    bits = lambda sex: bits_a_letter(counts.nats([("ala", Seed(sex, 1890))]), Examples([Row("ala", sex, births(d1890=9))]))
    assert bits("female") < bits("male") - 0.3


def test_the_judge_learns_from_letters():
    assert grams("al") == ["^", "a", "l", "$", "^a", "al", "l$", "^al", "al$"]
    names = [*GIRLS, *BOYS]
    judge = Judge(names, np.array([True] * 4 + [False] * 4), np.ones(8))
    assert judge(names).tolist() == [True] * 4 + [False] * 4
    assert judge(["balba", "xolbo"]).tolist() == [True, False]


def test_the_judges_findings_count_every_seed_alike(tmp_path):
    toys.name(tmp_path)
    judges = Judges(Examples(read_names(tmp_path, "train")))
    names = {seed: (np.array(["aba", "zobo"]), np.array([3.0, 1.0])) for seed in ASKED}
    # For half of the seeds the name that counts three times is the right one, for the other half the wrong one.
    assert judges.found(names) == pytest.approx({"sex": 0.5, "decade": 0.5})


def test_a_training_packs_the_list_of_real_names(tmp_path, monkeypatch):
    data, out = toys.set_up("name", tmp_path, monkeypatch)
    recipe, header, toy = load_recipe("name"), {"training": {}}, load_recipe("name").data(data, out)
    model = checkpoints.load("name", "gru")
    recipe.finish(model, toy, header, -2.5)
    bits = recipe.dev(model, toy)[1]["bits"]
    assert header == {"training": {"dev_bits": bits}} and bits > 0
    assert set(known_names(out / "names_us.tsv.gz")) == {*GIRLS, *BOYS, *(f"z{n}" for n in GIRLS + BOYS)}
