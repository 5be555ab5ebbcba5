import codecs
import csv
import inspect
import io
import json

import numpy as np
import pytest
from conftest import SEED, read

from rnn_demo import colors, figures, load
from rnn_demo.export import trace_csv, trace_json
from rnn_demo.reading import UnitGroup
from rnn_demo.search import Branch
from rnn_demo.tasks.tag import TASK
from rnn_demo.text import tokenize
from rnn_demo.trace import Trace

TEXT = SEED + " in India"


@pytest.fixture(scope="module")
def trace():
    return load("tag", "gru").trace(TEXT)[0]


def test_the_heatmap_shows_every_unit_at_every_step(trace):
    order = list(range(trace.h.shape[1]))[::-1]
    fig = figures.hidden_heatmap(trace, order)
    np.testing.assert_array_equal(np.array(fig.data[0].z), trace.h.T[order])
    assert fig.layout.xaxis.ticktext == trace.tokens  # words that come twice too
    assert (fig.data[0].zmin, fig.data[0].zmax) == (-1, 1)
    assert (np.array(fig.data[0].customdata) == np.array(order)[:, None]).all()
    assert list(fig.data[0].x) == list(fig.layout.xaxis.tickvals)


def test_the_lines_are_the_probabilities_of_each_label(trace):
    found = read("tag", "gru", TEXT)
    fig = figures.label_lines(trace, found.names, found.probs, TASK.colors)
    assert [line.name for line in fig.data] == list(found.names)
    np.testing.assert_allclose(np.sum([line.y for line in fig.data], axis=0), 1, atol=1e-5)
    assert fig.data[1].line.color == colors.LABEL_COLORS["PER"]


def test_the_path_keeps_the_distances_of_the_states_as_far_as_a_plane_can(trace):
    fig = figures.hidden_path(trace, [column.answer for column in read("tag", "gru", TEXT).columns], TASK.colors)
    points = np.stack([fig.data[0].x, fig.data[0].y], -1)
    states = np.vstack([np.zeros_like(trace.h[:1]), trace.h])
    shown, real = (np.linalg.norm(rows[:, None] - rows[None], axis=-1) for rows in (points, states))
    assert (shown <= real + 1e-4).all()
    share = (points**2).sum() / ((states - states.mean(0)) ** 2).sum()
    in_words = sum(int(axis.title.text.split("(")[1].split("%")[0]) for axis in (fig.layout.xaxis, fig.layout.yaxis))
    assert in_words == pytest.approx(100 * share, abs=1)


def test_one_word_can_be_drawn():
    trace = load("tag", "gru").trace("Olga")[0]
    assert len(figures.hidden_path(trace, ["PER"], TASK.colors).data[0].x) == 2


def test_the_json_holds_the_whole_trace():
    reading = read("tag", "lstm", TEXT)
    found, traces = json.loads(trace_json(reading)), reading.traces
    step = found["chains"][0]["steps"][3]
    assert step["label"] == "B-ORG" and step["probs"]["B-ORG"] == pytest.approx(traces[0].probs[3, 3], abs=1e-5)
    assert (step["token"], TEXT[step["start"] : step["end"]]) == ("Microsoft", "Microsoft")
    for name, array in {"x": traces[0].x, "h": traces[0].h, "c": traces[0].c, **traces[0].gates}.items():
        np.testing.assert_allclose(step[name], array[3], atol=1e-6)


def table(data: bytes) -> list[list[str]]:
    assert data.startswith(codecs.BOM_UTF8)  # or Excel takes "é" for "Ã©"
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))


@pytest.mark.parametrize(("name", "cell", "text"), [("name", "lstm", ""), ("translate", "attention", "The café is open.")])
def test_the_label_of_a_file_is_what_was_written(name, cell, text):
    found = read(name, cell, text, **({"seed": 7, "sex": "female"} if name == "name" else {"begin": "▁On"}))
    last = found.traces[-1]
    end = last.labels[-1] if name == "name" else "</s>"
    written = [column.answer for column in found.columns][-len(last.tokens) :]
    assert written == [*last.tokens[1:], end] and written != last.best  # it was drawn, or chosen
    rows = [row for row in table(trace_csv(found, written=True)) if row[0] == last.name]
    assert [row[5] for row in rows] == [label if label[0] not in "=+-@" else f"'{label}" for label in written]
    chains = json.loads(trace_json(found, written=True))["chains"]
    (chain,) = [chain for chain in chains if chain["name"] == last.name]
    for step, row, label in zip(chain["steps"], last.probs, written, strict=True):
        assert step["label"] == label and step["probs"][label] == pytest.approx(float(row[last.labels.index(label)]), abs=1e-5)


def test_the_csv_has_a_row_a_token_and_no_formula():
    reading = read("tag", "bilstm", '=1+1 "Olga", sings')
    rows, traces = table(trace_csv(reading)), reading.traces
    assert [len(row) for row in rows] == [len(rows[0])] * (1 + 2 * len(traces[0].tokens))
    assert not any(cell.startswith(("=", "@")) for row in rows for cell in row)
    assert float(rows[1][6]) == pytest.approx(traces[0].probs[0, 0], abs=1e-6)


def test_white_text_on_a_label_and_the_label_on_the_page_can_be_read():
    def light(color):
        parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        return np.dot([0.2126, 0.7152, 0.0722], [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts])

    def contrast(a, b):
        high, low = sorted((light(a), light(b)), reverse=True)
        return (high + 0.05) / (low + 0.05)

    for color in colors.LABEL_COLORS.values():
        assert contrast(color, "#ffffff") >= 4.5  # WCAG 2.2, 1.4.3
        assert contrast(color, "#101318") >= 3  # 1.4.11


def test_the_letter_heatmap_shows_every_probability():
    probs = np.array([[0.1, 0.9], [0.7, 0.3], [0.2, 0.8]])
    fig = figures.answer_heatmap(["x", "x", "y"], ("a", "end"), probs)
    np.testing.assert_array_equal(np.array(fig.data[0].z), probs.T)
    assert list(fig.layout.yaxis.ticktext) == ["a", "end"] and list(fig.layout.xaxis.ticktext) == ["x", "x", "y"]


def test_two_readings_stand_side_by_side():
    fig = figures.two_readings(["A", "a"], {"female": np.array([0.1, 0.2]), "male": np.array([0.3, 0.4])})
    assert [(bar.name, list(bar.y)) for bar in fig.data] == [("female", [0.1, 0.2]), ("male", [0.3, 0.4])]


def test_the_tree_has_a_leaf_for_every_name_and_says_which_are_real():
    leaf = lambda *text, p: Branch(text, np.log(p), ())
    an = Branch(("n",), np.log(0.5), (leaf("n", "end", p=0.25), leaf("end", p=0.004)))
    tree = Branch(("a",), 0.0, (an, leaf("x", "end", p=0.1)))
    fig = figures.name_tree(tree, lambda name: "" if name == "An" else "1920s", lambda name: f"about {name}")
    leaves, turns = fig.data[-1], fig.data[-2]
    assert [text.strip() for text in leaves.text] == ["<b>Ann</b> 1920s", "<b>An</b>", "<b>Ax</b> 1920s"]
    assert list(leaves.marker.symbol) == ["circle", "circle-open", "circle"]
    assert list(leaves.customdata) == ["Ann: about Ann", "An: about An", "Ax: about Ax"]
    assert set(turns.text) == {"n 50 %", "n■ 25 %", "■ &lt;1 %", "x■ 10 %"}
    assert len(set(zip(leaves.x, leaves.y, strict=True))) == 3


def test_a_tree_of_sentences_marks_the_best_way_and_says_what_each_costs():
    leaf = lambda *text, p: Branch(text, np.log(p), ())
    tree = Branch((), 0.0, (Branch(("la",), np.log(0.5), (leaf("rue", p=0.25), leaf("mer", p=0.2))), leaf("le", p=0.0625)))
    fig = figures.word_tree(tree, ("la", "mer"), " ".join)
    *lines, turns, leaves = fig.data
    assert set(turns.text) == {"la 50 %", "rue 25 %", "mer 20 %", "le 6 %"}
    assert list(leaves.text) == ["3.0 bits", "<b>3.3 bits</b>", "4.0 bits"] and list(leaves.customdata) == [
        "la rue",
        "la mer",
        "le",
    ]
    marked = {
        text.split()[0]
        for line, text in zip(lines, turns.text, strict=True)
        if line.line.color == colors.LETTER_COLORS["consonant"]
    }
    assert marked == {"la", "mer"}


def test_the_alignment_shows_every_weight_though_words_repeat():
    weights = np.array([[0.9, 0.1], [0.2, 0.8], [0.5, 0.5]])
    fig = figures.alignment(["la", "la", "end"], ["the", "the"], weights)
    np.testing.assert_array_equal(np.array(fig.data[0].z), weights)
    assert list(fig.layout.yaxis.ticktext) == ["la", "la", "end"] and list(fig.layout.xaxis.ticktext) == ["the", "the"]
    assert np.array(fig.data[0].customdata)[2, 1].tolist() == ["end", "the"]


def test_the_length_curve_has_its_intervals_and_counts():
    points = [{"words": [1, 5], "count": 500, "bleu": 40.0, "low": 38.0, "high": 43.0}]
    fig = figures.length_curve({"with": points, "without": [points[0] | {"bleu": 39.0}]})
    assert [line.name for line in fig.data] == ["with", "without"]
    assert list(fig.data[0].error_y.array) == [3.0] and list(fig.data[0].error_y.arrayminus) == [2.0]
    assert "1 to 5" in fig.layout.xaxis.ticktext[0] and "500 texts" in fig.layout.xaxis.ticktext[0]


def test_weights_grow_with_the_length_only_without_recurrence():
    fig = figures.weight_counts([(100, 101), (200, 101), (300, 101)], 2)
    assert [list(line.y) for line in fig.data] == [[100, 200, 300], [200], [101, 101, 101], [101]]


def test_a_file_of_a_vocabulary_holds_the_likeliest_answers_only():
    reading = read("order", "lstm", "I love to go")
    (chain,), traces = json.loads(trace_json(reading))["chains"], reading.traces
    step = chain["steps"][2]
    assert len(step["probs"]) == 50 and "logits" not in step and step["label"] == traces[0].best[2]
    assert max(step["probs"].values()) == step["probs"][step["label"]] == pytest.approx(float(traces[0].probs[2].max()), abs=1e-5)
    heading, *rows = table(trace_csv(reading))
    assert heading[5:7] == ["label", "p(label)"] and len(rows) == 5 and len({len(row) for row in (heading, *rows)}) == 1


HOSTILE = "<b>x</b><br>&lt;<a href='javascript:alert(1)'>%{y}"
SAFE = "&lt;b&gt;x"


def hostile_trace():
    empty = np.ones((2, 1))
    return Trace("forward", (HOSTILE, "x"), np.zeros((2, 2)), empty, empty.copy())


def hostile_tree():
    return Branch((), 0.0, (Branch((HOSTILE,), -1.0, ()), Branch(("x",), -2.0, ())))


PROBS = np.array([[0.5, 0.5], [0.9, 0.1]])
POINT = {"words": [1, 5], "count": 5, "bleu": 40.0, "low": 38.0, "high": 43.0}
DRAWN = {
    "hidden_heatmap": lambda: figures.hidden_heatmap(hostile_trace(), [0]),
    "label_lines": lambda: figures.label_lines(hostile_trace(), (HOSTILE, "x"), PROBS, {HOSTILE: "#000000", "x": "#000000"}),
    "answer_heatmap": lambda: figures.answer_heatmap([HOSTILE, "x"], ("x", HOSTILE), PROBS),
    "two_readings": lambda: figures.two_readings(["x", HOSTILE], {HOSTILE: PROBS[0], "x": PROBS[1]}),
    "name_tree": lambda: figures.name_tree(hostile_tree(), lambda name: name, lambda name: HOSTILE),
    "word_tree": lambda: figures.word_tree(hostile_tree(), (HOSTILE,), " ".join),
    "alignment": lambda: figures.alignment([HOSTILE, "x"], ["x", HOSTILE], PROBS),
    "length_curve": lambda: figures.length_curve({HOSTILE: [POINT], "x": [POINT]}),
    "weight_counts": lambda: figures.weight_counts([(1, 2)], 1),
    "reliability_diagram": lambda: figures.reliability_diagram([{"confidence": 0.5, "right": 0.5, "count": 1}]),
    "hidden_path": lambda: figures.hidden_path(hostile_trace(), ["a", "a"], {"a": "#000000"}),
    "gate_strips": lambda: figures.gate_strips([(HOSTILE, PROBS[0]), ("x", PROBS[1])], [HOSTILE, "x"]),
    "unit_strips": lambda: figures.unit_strips({"h": PROBS[0]}, [0, 1], [UnitGroup(HOSTILE, (1.0, 1.0))], 0),
}
NUMBERS_ONLY = ("weight_counts", "reliability_diagram")  # have no label from outside


def strings(part):
    """Every string in a figure."""
    if isinstance(part, str):
        yield part
    elif isinstance(part, dict):
        for value in part.values():
            yield from strings(value)
    elif isinstance(part, (list, tuple, np.ndarray)):
        for value in part:
            yield from strings(value)


def test_every_figure_is_drawn_with_hostile_labels():
    made = {name for name, value in vars(figures).items() if inspect.isfunction(value) and value.__module__ == figures.__name__}
    returning = {name for name in made if inspect.signature(getattr(figures, name)).return_annotation == "go.Figure"}
    assert {name for name in returning if not name.startswith("_")} == set(DRAWN)


@pytest.mark.parametrize("name", DRAWN)
def test_a_label_is_shown_sign_for_sign_and_never_read_as_html(name):
    found = list(strings(DRAWN[name]().to_dict()))
    assert not any("<b>x" in text or "<a " in text for text in found)
    assert not any("{y}" in text and "<extra>" in text for text in found)  # nor as part of a template
    assert any(SAFE in text for text in found) or name in NUMBERS_ONLY


def test_marks_have_signs_that_no_word_has():
    assert figures.label("</s>") == "■" and figures.label("end") == "end" and figures.label("<s>") == "start ▷"
    assert tokenize("start ▷")[0].text == "start" and len(tokenize("start ▷")) == 2


def test_the_reliability_diagram_shows_every_row_and_sizes_it_by_its_answers():
    rows = [{"confidence": 0.3, "right": 0.25, "count": 4}, {"confidence": 0.9, "right": 0.95, "count": 400}]
    diagonal, marks = figures.reliability_diagram(rows).data
    assert list(diagonal.x) == list(diagonal.y) == [0, 1]
    assert (list(marks.x), list(marks.y), list(marks.customdata)) == ([0.3, 0.9], [0.25, 0.95], [4, 400])
    assert marks.marker.size[0] < marks.marker.size[1] == 20
