import base64

import numpy as np
import pytest

from rnn_demo.tasks import Reading
from rnn_demo.tasks.tag import TASK, by_kind
from rnn_demo.trace import Trace
from rnn_demo.view import Answers, Chain, Setting, UnitGroup, bands, n_columns, payload


@pytest.fixture
def trace():
    h = np.array([[0.5, -1, 0.25], [1, 0, -0.5]], dtype=np.float32)
    return Trace("forward", ("<b>", "née"), np.array([[0, 3], [4, 7]]), np.array([[2.0, -4], [0, 1]]), h)


@pytest.fixture
def setting():
    return Setting(
        task="tag", flags=["answers-each"], cell="GRU", weights=10, parts=(("word vector", 2),),
        about={"<b>": "", "née": "like a, b"}.get, meanings={}, colors={"O": "#111111", "PER": "#222222"}, note="", start=None,
        autoplay=False, query="text=x", settle=False, box=None, choose="", wait=0,
    )  # fmt: skip


def found(names, probs, labels, time, marks) -> Answers:
    words = ["<b>", "née"][: len(labels)]
    told = [f"{label}!" for label in labels]
    return Answers(names, probs, labels, time, labels, told, words, marks, [("#123456", 0.5)] * len(labels), told, ("", ""))


def numbers(text: str, width: int) -> list[list[int]]:
    return np.frombuffer(base64.b64decode(text), np.int8).reshape(-1, width).tolist()


def test_the_payload_holds_every_number_that_is_drawn(trace, setting):
    answers = found(("O", "PER"), np.array([[0.25, 0.75], [1, 0]]), ["PER", "O"], [1, 2], ["B", ""])
    says = np.array([[1.0, -1], [0.5, 0], [0, 2]])
    chain = Chain(trace, [1, 2], says, [2, 0, 1], [UnitGroup("O", 1), UnitGroup("PER", 2)])
    data = payload("<b> née", [chain], answers, setting)
    assert data["text"] == "<b> née"
    assert data["tokens"][0] == {
        "text": "<b>", "start": 0, "end": 3, "label": "PER", "shown": "PER", "small": "PER!", "mark": "B", "time": 1,
        "tint": ("#123456", 0.5), "said": "PER!", "probs": [0.25, 0.75], "under": "", "about": "", "so_far": "",
    }  # fmt: skip
    assert numbers(data["chains"][0]["h"], 3) == [[32, 64, -127], [-64, 127, 0]]  # in drawing order, 1 is 127
    assert data["chains"][0]["units"] == [2, 0, 1] and data["chains"][0]["groups"] == [("O", 1), ("PER", 2)]
    assert numbers(data["x"]["values"], 2) == [[64, -127], [0, 32]] and data["x"]["largest"] == 4
    assert data["chains"][0]["says"]["largest"] == 2
    assert numbers(data["chains"][0]["says"]["values"], 2) == [[0, 127], [64, -64], [32, 0]]
    assert data["weights"] == 10 and data["query"] == "text=x"


def test_a_payload_of_nothing(setting):
    empty = Trace("forward", (), np.zeros((0, 2), int), np.zeros((0, 2)), np.zeros((0, 3)))
    nothing = found(("O",), np.zeros((0, 1)), [], [], [])
    data = payload("", [Chain(empty, [], np.zeros((3, 1)), [0, 1, 2], [])], nothing, setting)
    assert data["tokens"] == [] and data["chains"][0]["h"] == ""


def test_chains_side_by_side_have_columns_of_their_own(setting):
    make = lambda name, tokens, value: Trace(
        name,
        tokens,
        np.array([(i, i + 1) for i in range(len(tokens))]),
        np.full((len(tokens), 2), value),
        np.full((len(tokens), 1), value),
    )
    reads, back, writes = (
        make("encoder", ("a", "b"), 0.5),
        make("backward encoder", ("a", "b"), -1.0),
        make("decoder", ("<s>",), 1.0),
    )
    chains = [Chain(reads, [1, 2], None, [0], []), Chain(back, [2, 1], None, [0], []), Chain(writes, [3], None, [0], [], 2)]
    answers = Answers(
        ("x",), np.array([[0.0], [0], [1]]), ["", "", "x"], [1, 2, 3], ["", "", "X"], [""] * 3, ["a", "b", "start"], [""] * 3,
        [("#123456", 0.0)] * 3, ["reads"] * 3, ("X", ""), ["X"], None, np.array([[0.25, 0.75]]),
    )  # fmt: skip
    data = payload("ab", chains, answers, setting._replace(colors={"x": "#111111"}, about="of {}".format))
    assert n_columns(chains) == 3 and [token["about"] for token in data["tokens"]] == ["of a", "of b", "of <s>"]
    assert numbers(data["x"]["values"], 2) == [[64, 64], [64, 64], [127, 127]]  # of the two that share columns, the first one's
    assert [chain["first"] for chain in data["chains"]] == [0, 0, 2] and data["chains"][0]["says"] is None
    assert data["attention"] == [[0.25, 0.75]] and data["faces"] == ["X"]


def test_units_stand_with_the_label_they_speak_for():
    assert bands(np.array([[0.0, 1], [1, 0], [0, 2]]), ("O", "PER")) == ([1, 2, 0], [UnitGroup("O", 1), UnitGroup("PER", 2)])
    weights = np.random.default_rng(0).normal(size=(40, 5))
    order, groups = bands(weights, "abcde")
    assert sorted(order) == list(range(40)) and sum(size for _, size in groups) == 40
    names = [name for name, size in groups for _ in range(size)]
    assert names == ["abcde"[weights[unit].argmax()] for unit in order]


def test_both_prefixes_of_a_kind_are_summed():
    rows = np.array([[0.1, 0.2, 0.3, 0.4]])
    summed = by_kind(rows, ("O", "B-PER", "I-PER", "B-ORG"))
    np.testing.assert_allclose(summed, [[0.1, 0.5, 0.4, 0, 0]])


def test_a_name_is_known_when_all_chains_have_passed_it():
    logits = np.zeros((3, 9))
    labels = ("O", *(f"{p}-{k}" for k in ("PER", "ORG", "LOC", "MISC") for p in "BI"))
    make = lambda name, scores: Trace(
        name, ("a", "b", "c"), np.zeros((3, 2), int), np.zeros((3, 1)), np.zeros((3, 2)), labels=labels, logits=scores
    )
    assert TASK.answers(Reading(None, "", {}, [make("forward", logits)])).time == [1, 2, 3]
    assert TASK.answers(Reading(None, "", {}, [make("forward", logits), make("backward", None)])).time == [3, 2, 3]
