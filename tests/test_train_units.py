"""What each hidden unit tells: against scikit-learn, and by hand."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from rnn_demo.networks import checkpoints, weight_files
from rnn_demo.train import units
from rnn_demo.train.units import Step, auc, balance, describe

rng = np.random.default_rng(0)


def test_auc_agrees_with_scikit_learn_where_values_are_equal_too():
    values = rng.integers(0, 4, (60, 3)).astype(float)
    holds = rng.random((60, 4)) < 0.3
    wanted = [[roc_auc_score(column, unit) for unit in values.T] for column in holds.T]
    np.testing.assert_allclose(auc(values, holds), wanted)


def test_a_unit_gets_what_it_tells_best_the_simpler_of_two_and_its_direction():
    words = ["a", "fox", "did", "not", "see", "a", "dog"] * 20
    steps = [Step(words, at, []) for at in range(len(words))]
    properties = (
        ("a dog", lambda s: s.word == "dog"),
        ("after not", lambda s: s.before(1) == "not"),
        ("see", lambda s: s.word == "see"),
        ("never", lambda s: False),
    )
    dog, see = ([float(word == wanted) for word in words] for wanted in ("dog", "see"))
    values = np.array([dog, see, [-x for x in dog], rng.random(len(words)).tolist(), [0.0] * len(words)]).T
    found = describe(values, steps, properties)
    assert found[:3] == [["a dog", 1.0], ["after not", 1.0], ["lower: a dog", 1.0]]
    assert found[3][0] == "" and found[4] == ["", 0.5]


@pytest.mark.parametrize(
    ("words", "wanted"),
    [("A great film", 1), ("not a great film", -1), ("bad bad and good", -1), ("a chair", 0), ("not bad", 1)],
)
def test_praise_less_blame_so_far(words, wanted):
    tokens = words.split()
    assert balance(Step(tokens, len(tokens) - 1, [])) == wanted
    assert balance(Step([*tokens, "awful", "awful"], len(tokens) - 1, [])) == wanted  # what follows is not known yet


@pytest.mark.parametrize("task", units.SOURCES)
def test_every_property_can_be_asked_of_any_step_and_has_a_name_of_its_own(task):
    properties = units.SOURCES[task].properties
    tokens = ["female 1920s", "a", "n", "n"] if task == "name" else ["<s>", "Ann", "did", "n't", "say", "2", "words", "."]
    for at in range(len(tokens)):
        for tags in ([], ["O"] * len(tokens)):
            assert {bool(holds(Step(tokens, at, tags))) for _, holds in properties} == {True, False}
    names = [name for name, _ in properties]
    assert len(set(names)) == len(names) and "" not in names


def test_properties_by_hand():
    properties = dict(units.SOURCES["tag"].properties)
    step = Step(["In", "New", "York", ",", "Ann", "said"], 2, ["O", "B-LOC", "I-LOC", "O", "B-PER", "O"])
    true = {name for name, holds in properties.items() if holds(step)}
    assert true == {
        "a capital", "after a capital", "the second or third word", "in a name", "in a place's name",
        "a name's second word or later",
    }  # fmt: skip


TOLD = ("tag", "rate", "name", "order")


@pytest.mark.parametrize(("task", "cell"), [(task, cell) for task in TOLD for cell in checkpoints.MODELS[task].CELLS])
def test_every_shipped_unit_has_a_line_about_itself(task, cell):
    header = weight_files.read_header(weight_files.PRETRAINED / f"{task}-{cell}.safetensors")
    assert "units" in header, f"python -m rnn_demo.train.units {task} --cell {cell} --data ../shared/data"
    assert set(header["units"]) <= {"forward", "backward"} and "forward" in header["units"]
    names = {name for name, _ in units.SOURCES[task].properties}
    for lines in header["units"].values():
        assert len(lines) == header["config"]["hidden_size"]
        assert {text.removeprefix("lower: ") for text, _ in lines} <= names | {""}
        assert all(0.5 <= score <= 1 and bool(text) == (score >= units.FITS) for text, score in lines)
