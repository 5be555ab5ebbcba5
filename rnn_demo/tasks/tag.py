"""Tag: named entities, one label per token."""

import functools

import numpy as np

from rnn_demo import figures
from rnn_demo.colors import LABEL_COLORS
from rnn_demo.shapes import MANY_TO_MANY
from rnn_demo.tasks.base import Panel, Reading, Task, beginning, drawn, read_words
from rnn_demo.text import bio2_spans
from rnn_demo.trace import Trace
from rnn_demo.view import Answers, Chain, bands
from rnn_demo.words import percent

KINDS = ("O", "PER", "ORG", "LOC", "MISC")

WORDS = read_words("tag", panels=("closer",))


def kind(tag: str) -> str:
    """A BIO2 tag without its prefix: "B-PER" -> "PER", "O" -> "O"."""
    return tag.split("-")[-1]


def by_kind(rows: np.ndarray, tags: tuple[str, ...]) -> np.ndarray:
    """(..., K tags) to (..., 5 kinds), B- and I- summed."""
    return np.stack([rows[..., [i for i, tag in enumerate(tags) if kind(tag) == k]].sum(-1) for k in KINDS], axis=-1)


def answers(reading: Reading) -> Answers:
    """What is known of each token, and when: at once, or, where a second chain comes back from the end, after both."""
    trace, *others = reading.traces
    steps = len(trace.tokens)
    best = trace.best
    labels, probs = [kind(tag) for tag in best], by_kind(trace.probs, trace.labels)
    sure = [percent(row[KINDS.index(label)]) for row, label in zip(probs, labels, strict=True)]
    return Answers(
        names=KINDS,
        probs=probs,
        labels=labels,
        time=[max(t, steps + 1 - t) if others else t for t in range(1, steps + 1)],
        shown=labels,
        small=sure,
        words=list(trace.tokens),
        marks=[tag[0] if "-" in tag else "" for tag in best],
        tints=[(LABEL_COLORS[label], float(label != "O")) for label in labels],
        said=[f"{label}, {p}" for label, p in zip(labels, sure, strict=True)],
        verdict=("", ""),
    )


def chains(reading: Reading) -> list[Chain]:
    return drawn(reading.traces, _units(reading.model))


@functools.cache
def _units(model) -> list[tuple]:
    """For each chain, how its units are drawn: (H, 5) how much a unit at +1 adds to each kind's score, over what it adds to
    all of them; their order; their groups. The same at every key, so worked out once a model."""
    weights = by_kind(model.says(model.labels), model.labels) / [1, 2, 2, 2, 2]  # B- and I- averaged
    says = np.split(weights - weights.mean(-1, keepdims=True), 1 + model.both_ways)
    return [(part, *bands(part, KINDS)) for part in says]


def entities(text: str, trace: Trace) -> list[dict]:
    """[{"text": "Microsoft", "start": 17, "end": 26, "label": "ORG"}], places in code points, end exclusive."""
    places = [(int(trace.spans[start, 0]), int(trace.spans[end - 1, 1]), label) for start, end, label in bio2_spans(trace.best)]
    return [{"text": text[start:end], "start": start, "end": end, "label": label} for start, end, label in places]


def as_json(reading: Reading) -> dict:
    trace = reading.traces[0]
    tokens = [
        {
            "text": reading.text[start:end],
            "start": int(start),
            "end": int(end),
            "label": kind(tag),
            "probs": {name: round(float(p), 6) for name, p in zip(KINDS, probs, strict=True)},
        }
        for (start, end), tag, probs in zip(trace.spans, trace.best, by_kind(trace.probs, trace.labels), strict=True)
    ]
    return {"tokens": tokens, "entities": entities(reading.text, trace)}


def as_table(reading: Reading) -> list[tuple[str, ...]]:
    found = answers(reading)
    rows = [
        (token, label, f"{probs[KINDS.index(label)]:.1%}")
        for token, label, probs in zip(found.words, found.labels, found.probs, strict=True)
    ]
    return [("token", "label", "probability"), *rows]


def closer(reading: Reading) -> list[Panel]:
    found = answers(reading)
    lines = figures.label_lines(reading.traces[0], found.names, found.probs, LABEL_COLORS)
    return [WORDS.panel("closer", lines)]


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
    default_cell="gru",
    seed_text="Chirag worked at Microsoft in India",
    colors=LABEL_COLORS,
    reads=beginning(400, 60),
    max_chars=400,
    max_tokens=60,
    chains=chains,
    answers=answers,
    as_json=as_json,
    as_table=as_table,
    closer=closer,
    score_rows=score_rows,
)
