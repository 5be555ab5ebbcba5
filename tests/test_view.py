import base64
import re
from collections import Counter

import numpy as np
import pytest
from conftest import Reader, read

from rnn_demo import load, view
from rnn_demo.edits import Clamp, Cut, Hold, Swap
from rnn_demo.reading import Answer, Asked, Block, Chain, Column, Mark, Reading, UnitGroup
from rnn_demo.tasks import TASKS
from rnn_demo.tasks.tag import TASK, by_kind
from rnn_demo.text import Token
from rnn_demo.trace import Trace
from rnn_demo.view import Frame, Visit, payload
from rnn_demo.view.bands import bands


@pytest.fixture
def trace():
    h = np.array([[0.5, -1, 0.25], [1, 0, -0.5]], dtype=np.float32)
    return Trace("forward", ("<b>", "née"), np.array([[0, 3], [4, 7]]), np.array([[2.0, -4], [0, 1]]), h)


FRAME = Frame(flags=["answers-each"], meanings={}, colors={"O": "#111111", "PER": "#222222", "x": "#333333"})


def reading(chains, columns, names, probs, **more) -> Reading:
    asked, block = Asked("tag", "gru", "<b> née", {}), Block("GRU", 10, (("word vector", 2),))
    return Reading(asked, block, chains, columns, tuple(Answer(name, name.upper()) for name in names), np.array(probs), **more)


def numbers(text: str, width: int) -> list[list[int]]:
    return np.frombuffer(base64.b64decode(text), np.int8).reshape(-1, width).tolist()


def test_the_payload_holds_every_number_that_is_drawn(trace):
    says = np.array([[1.0, -1], [0.5, 0], [0, 2]])
    chain = Chain(trace, [1, 2], says, [2, 0, 1], [UnitGroup("O", (2.0,)), UnitGroup("PER", (1.0, 0.5))])
    columns = [
        Column(Token("<b>", 0, 3), 1, "PER", "PER", "75 %", "PER!", "under", "so far", Mark("#123456", 0.5, "B"), "near a, b"),
        Column(Token("née", 4, 7), 2, "O", "O", ">99 %", "O!"),
    ]
    data = payload(reading([chain], columns, ("O", "PER"), [[0.25, 0.75], [1, 0]]), FRAME, Visit(query="text=x"))
    assert data["text"] == "<b> née"
    assert data["tokens"][0] == {
        "text": "<b>", "start": 0, "end": 3, "time": 1, "answer": "PER", "shown": "PER", "note": "75 %", "aloud": "PER!",
        "under": "under", "so_far": "so far", "mark": {"color": "#123456", "strength": 0.5, "joins": "B"}, "about": "near a, b",
        "probs": [0.25, 0.75], "was": "", "wasText": "",
    }  # fmt: skip
    assert numbers(data["chains"][0]["h"], 3) == [[32, 64, -127], [-64, 127, 0]]  # in drawing order, 1 is 127
    assert data["chains"][0]["units"] == [2, 0, 1] and data["chains"][0]["groups"] == [("O", 1), ("PER", 2)]
    assert numbers(data["x"]["values"], 2) == [[51, -102], [0, 25]] and data["x"]["largest"] == 5  # the next round number
    assert data["chains"][0]["says"]["largest"] == 2
    assert numbers(data["chains"][0]["says"]["values"], 3) == [[0, 64, 32], [127, -64, 0]]
    assert data["weights"] == 10 and data["query"] == "text=x" and data["known"] == 2 and data["faces"] == ["O", "PER"]


def test_a_payload_of_nothing():
    empty = Trace("forward", (), np.zeros((0, 2), int), np.zeros((0, 2)), np.zeros((0, 3)))
    data = payload(reading([Chain(empty, [], np.zeros((3, 1)), [0, 1, 2], [])], [], ("O",), np.zeros((0, 1))), FRAME, Visit())
    assert data["tokens"] == [] and data["chains"][0]["h"] == "" and data["known"] == 0


def test_chains_side_by_side_have_columns_of_their_own():
    def make(name, tokens, value):
        spans = np.array([(i, i + 1) for i in range(len(tokens))])
        return Trace(name, tokens, spans, np.full((len(tokens), 2), value), np.full((len(tokens), 1), value))

    chains = [
        Chain(make("encoder", ("a", "b"), 0.5), [1, 2], None, [0], []),
        Chain(make("backward encoder", ("a", "b"), -1.0), [2, 1], None, [0], []),
        Chain(make("decoder", ("<s>",), 1.0), [3], None, [0], [], 2),
    ]
    columns = [Column(Token(word, 0, 1), t, "x" * (t == 3), "", "", "") for t, word in enumerate(("a", "b", "start"), start=1)]
    found = reading(chains, columns, ("x",), [[0.0], [0], [1]], attention=np.array([[0.25, 0.75]]))
    data = payload(found, FRAME, Visit())
    assert [token["text"] for token in data["tokens"]] == ["a", "b", "start"]
    assert numbers(data["x"]["values"], 2) == [[64, 64], [64, 64], [127, 127]]  # of the two that share columns, the first one's
    assert [chain["first"] for chain in data["chains"]] == [0, 0, 2] and data["chains"][0]["says"] is None
    assert data["attention"] == [[0.25, 0.75]] and data["faces"] == ["X"]


def test_units_stand_with_the_label_they_speak_for():
    found = bands(np.array([[0.0, 1], [1, 0], [0, 2]]), ("O", "PER"))
    assert found == ([1, 2, 0], [UnitGroup("O", (1,)), UnitGroup("PER", (2, 1))])
    weights = np.random.default_rng(0).normal(size=(40, 5))
    order, groups = bands(weights, "abcde")
    assert sorted(order) == list(range(40)) and sum(group.size for group in groups) == 40
    names = [name for name, adds in groups for _ in adds]
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
    times = lambda *traces: [column.time for column in TASK.read(Reader(*traces), "a b c", {}, None).columns]
    assert times(make("forward", logits)) == [1, 2, 3]
    assert times(make("forward", logits), make("backward", None)) == [3, 2, 3]


def test_no_script_of_the_view_takes_a_name_that_another_one_has():
    # They are joined into one class, in which a second method of the same name would silently replace the first.
    method = re.compile(r"^ {2,4}(?:async |get )?(?!if|for|while|switch|constructor)(\w+)\(.*\) \{$", re.M)
    sources = [view.source(f"{script}.js") for script in view.SCRIPTS]
    found = [name for source in sources for name in method.findall(source)]
    assert {"fillBox", "show", "fill", "inspect", "update"} <= set(found)  # of every script one
    assert [name for name, count in Counter(found).items() if count > 1] == []
    # And what one script keeps in a field would hide the method of another.
    kept = {name for source in sources for name in re.findall(r"this\.(\w+) (?:\?\?)?= ", source)}
    assert {"kept", "current", "pinned"} <= kept and not kept & set(found)


def test_with_edits_the_payload_has_the_text_that_was_typed_and_what_each_step_showed():
    before = read("order", "gru", "I love to sing")
    edits = (Swap(3, "extraordinary"), Cut(4), Hold("z", 1.0, 5), Clamp(7, -0.25, 2))
    after = TASKS["order"].read(load("order", "gru"), before.text, {}, before, edits)
    data = payload(after, FRAME._replace(colors=TASKS["order"].colors), Visit(), before)
    assert data["text"] == "I love to sing" and after.text == "I extraordinary to sing"
    assert [(token["start"], token["end"]) for token in data["tokens"]] == [(0, 0), (0, 1), (2, 6), (7, 9), (10, 14)]
    assert [token["wasText"] for token in data["tokens"]] == ["", "", "love", "", ""]
    for token, new, old in zip(data["tokens"], after.columns, before.columns, strict=True):
        assert token["was"] == ("" if new.shown == old.shown else old.shown)
    assert [(edit["kind"], edit["step"], edit["mark"], edit["link"]) for edit in data["edits"]] == [
        ("swap", 3, "", "swap:3:extraordinary"),
        ("cut", 4, "", "cut:4"),
        ("hold", 5, "z = 1", "hold:z:1:5"),
        ("clamp", 2, "unit 7 = -0.25", "clamp:7:-0.25:2"),
    ]
    assert data["wasVerdict"] == before.verdict[0] != after.verdict[0]


def test_a_step_that_is_new_was_nothing():
    before, step = read("name", "gru", "ma"), Swap(3, "o")
    after = TASKS["name"].read(load("name", "gru"), before.text, before.asked.options, before, (step,))
    data = payload(after, FRAME._replace(colors=TASKS["name"].colors), Visit(), before)
    expected = [""] * len(after.columns)
    for i, column in enumerate(after.columns):
        old = before.columns[i].shown if i < len(before.columns) else "nothing"
        expected[i] = "" if old == column.shown else old
    assert [token["was"] for token in data["tokens"]] == expected and expected[1] == "a"
