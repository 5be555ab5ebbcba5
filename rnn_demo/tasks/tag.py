"""Tag: named entities, one label per token."""

import functools

import numpy as np

from rnn_demo import figures
from rnn_demo.colors import LABEL_COLORS
from rnn_demo.edits import Edit
from rnn_demo.reading import Answer, Column, Mark, Reading
from rnn_demo.shapes import MANY_TO_MANY
from rnn_demo.tasks.base import CellChoice, Entry, Extras, Panel, Prints, Task, beginning, drawn, read_words, reading_of
from rnn_demo.text import joined_spans
from rnn_demo.trace import Trace
from rnn_demo.view.bands import bands
from rnn_demo.words import percent

KINDS = ("O", "PER", "ORG", "LOC", "MISC")

WORDS = read_words("tag", panels=("closer",))


def kind(tag: str) -> str:
    """A BIO2 tag without its prefix: "B-PER" -> "PER", "O" -> "O"."""
    return tag.split("-")[-1]


def by_kind(rows: np.ndarray, tags: tuple[str, ...]) -> np.ndarray:
    """(..., K tags) to (..., 5 kinds), B- and I- summed."""
    return rows @ _of_kind(tags).astype(rows.dtype)


@functools.cache
def _of_kind(tags: tuple[str, ...]) -> np.ndarray:
    """(K tags, 5) whether a tag is of a kind."""
    return np.array([[kind(tag) == k for k in KINDS] for tag in tags])


@functools.cache
def _answers(tags: tuple[str, ...]) -> tuple[Answer, ...]:
    return tuple(Answer(name, name, tuple(tag for tag in tags if kind(tag) == name)) for name in KINDS)


def read(network, text: str, options: dict, before: Reading | None, edits: tuple[Edit, ...] = ()) -> Reading:
    """What is known of each token, and when: at once, or, where a second chain comes back from the end, after both."""
    text = network.swapped(text, edits)
    traces = network.resumed(text, before.traces if before else None, edits)
    trace, *others = traces
    steps, probs = len(trace.tokens), by_kind(trace.probs, trace.labels)
    columns = []
    joins = trace.entity_tags  # of the underlines: an entity is drawn in the colour of its newest word
    for t, (token, tag, join, row) in enumerate(zip(trace.placed, trace.best, joins, probs, strict=True), start=1):
        label = kind(tag)
        sure = percent(row[KINDS.index(label)])
        columns.append(
            Column(
                token=token,
                time=max(t, steps + 1 - t) if others else t,
                answer=label,
                shown=label,
                note=sure,
                aloud=f"{label}, {sure}",
                mark=Mark(LABEL_COLORS[kind(join)], float(join != "O"), join[0] if join != "O" else ""),
                about=network.about(token.text),
            )
        )
    facts, chains = {"entities": entities(text, trace)}, drawn(traces, _units(network))
    return reading_of("tag", network, text, options, chains, columns, _answers(trace.labels), probs, edits, facts=facts)


@functools.cache
def _units(model) -> list[tuple]:
    """For each chain, how its units are drawn: (H, 5) how much a unit at +1 adds to each kind's score, over what it adds to
    all of them; their order; their groups. The same at every key, so worked out once a model."""
    weights = by_kind(model.says(model.labels), model.labels) / [1, 2, 2, 2, 2]  # B- and I- averaged
    says = np.split(weights - weights.mean(-1, keepdims=True), 1 + model.both_ways)
    return [(part, *bands(part, KINDS)) for part in says]


def entities(text: str, trace: Trace) -> list[dict]:
    """[{"text": "Microsoft", "start": 17, "end": 26, "label": "ORG"}], places in code points, end exclusive.

    An entity's type is what its newest word said: "New York Times" is an ORG, though its first two words were read as a LOC.
    """
    spans = joined_spans(trace.entity_tags)
    places = [(int(trace.spans[start, 0]), int(trace.spans[end - 1, 1]), label) for start, end, label in spans]
    return [{"text": text[start:end], "start": start, "end": end, "label": label} for start, end, label in places]


def as_json(reading: Reading) -> dict:
    tokens = [
        {
            "text": reading.text[start:end],
            "start": start,
            "end": end,
            "label": column.answer,
            "probs": {name: round(float(p), 6) for name, p in zip(KINDS, probs, strict=True)},
        }
        for column, probs in zip(reading.columns, reading.probs, strict=True)
        for _, start, end in [column.token]
    ]
    return {"tokens": tokens, "entities": reading.facts["entities"]}


def as_table(reading: Reading) -> list[tuple[str, ...]]:
    rows = [
        (column.token.text, column.answer, f"{probs[KINDS.index(column.answer)]:.1%}")
        for column, probs in zip(reading.columns, reading.probs, strict=True)
    ]
    return [("token", "label", "probability"), *rows]


def closer(reading: Reading) -> list[Panel]:
    return [WORDS.panel("closer", figures.label_lines(reading.traces[0], KINDS, reading.probs, LABEL_COLORS))]


def score_rows(header: dict) -> list[tuple[str, ...]]:
    """The held-out scores of a weight file; "" where a file does not annotate MISC."""
    rows = [("held-out file", "entities", "F1", "precision", "recall", "F1 with MISC", "calibration error")]
    for name, score in header.get("scores", {}).items():  # none before the first --evaluate
        if name in WORDS.scores.files:
            with_misc = f"{score['f1_with_misc']:.3f}" if "f1_with_misc" in score else ""
            numbers = (f"{score[key]:.3f}" for key in ("f1", "precision", "recall"))
            rows.append((WORDS.scores.files[name], f"{score['entities']:,}", *numbers, with_misc, f"{score['ece']:.1%}"))
    return rows


TASK = Task(
    name="tag",
    shape=MANY_TO_MANY,
    words=WORDS,
    entry=Entry("Chirag worked at Microsoft in India", beginning(400, 60), 400, 60),
    cell=CellChoice("lstm"),
    colors=LABEL_COLORS,
    read=read,
    prints=Prints(as_json, as_table, score_rows),
    extras=Extras(closer=closer),
)
