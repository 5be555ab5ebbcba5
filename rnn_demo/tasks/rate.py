"""Rate: a film review becomes a rating, many words to one answer."""

import functools

import numpy as np

from rnn_demo import figures
from rnn_demo.colors import STAR_COLORS
from rnn_demo.edits import Edit
from rnn_demo.reading import Answer, Column, Mark, Reading
from rnn_demo.shapes import MANY_TO_ONE
from rnn_demo.tasks.base import CellChoice, Entry, Extras, Panel, Prints, Task, beginning, drawn, read_words, reading_of
from rnn_demo.view.bands import bands
from rnn_demo.words import signed

WORDS = read_words("rate", panels=("closer",))
STARS = np.arange(1, 6)
NAMES = tuple(STAR_COLORS)  # "1 ★" to "5 ★"
FULL_TINT = 0.6  # stars by which a word must move the rating for the strongest underline


def expected(probs: np.ndarray) -> np.ndarray:
    """Probabilities (..., 5) of 1 to 5 stars to the expected number of stars, 1..5. [0, 0, 0, 0.5, 0.5] -> 4.5"""
    return probs @ STARS


def read(network, text: str, options: dict, before: Reading | None, edits: tuple[Edit, ...] = ()) -> Reading:
    """The answer of the whole review at its last token; at each one before it, what the answer would be if it stopped there."""
    text = network.swapped(text, edits)
    traces = network.resumed(text, before.traces if before else None, edits)
    trace, nothing = traces[0], network.before()
    stars = expected(trace.probs)
    changes = np.diff(stars, prepend=expected(nothing))  # the first against the prediction from the zero state
    columns = []
    rows = zip(trace.placed, trace.probs.argmax(-1), stars, changes, strict=True)
    for t, (token, k, value, change) in enumerate(rows, start=1):
        columns.append(
            Column(
                token=token,
                time=t,
                answer=NAMES[k],
                shown=f"{value:.1f} ★",
                note=signed(change),
                aloud=f"{value:.1f} stars so far, {signed(change)}",
                so_far=f"{value:.1f} of 5 stars",
                mark=Mark(STAR_COLORS[NAMES[4 * (change > 0)]], float(min(1, abs(change) / FULL_TINT))),
                about=network.about(token.text),
            )
        )
    answers = tuple(Answer(name, name, (label,)) for name, label in zip(NAMES, trace.labels, strict=True))
    more = {"verdict": verdict(columns, changes), "facts": {"before": nothing, "changes": changes}}
    return reading_of("rate", network, text, options, drawn(traces, _units(network)), columns, answers, trace.probs, edits, **more)


def verdict(columns: list[Column], changes: np.ndarray) -> tuple[str, str]:
    if not columns:
        return "", ""
    most = int(np.abs(changes).argmax())
    return columns[-1].so_far, f"The word that moved it most: “{columns[most].token.text}”, {columns[most].note}."


@functools.cache
def _units(model) -> list[tuple]:
    """For each chain, how its units are drawn: (H, 5) how much a unit at +1 adds to the score of each number of stars, over what
    it adds to all of them; their order; their groups."""
    weights = model.says(model.labels)
    says = np.split(weights - weights.mean(-1, keepdims=True), 1 + model.both_ways)
    return [(part, *bands(part, NAMES)) for part in says]


def as_probs(row: np.ndarray) -> dict[str, float]:
    return {str(star): round(float(p), 6) for star, p in zip(STARS, row, strict=True)}


def as_json(reading: Reading) -> dict:
    tokens = [
        {
            "text": reading.text[start:end],
            "start": start,
            "end": end,
            "stars": round(float(expected(probs)), 4),
            "probs": as_probs(probs),
            "change": round(float(change), 4),
        }
        for column, probs, change in zip(reading.columns, reading.probs, reading.facts["changes"], strict=True)
        for _, start, end in [column.token]
    ]
    last = reading.probs[-1] if tokens else reading.facts["before"]
    whole = {"stars": round(float(expected(last)), 4), "rating": int(STARS[last.argmax()]), "probs": as_probs(last)}
    return {"tokens": tokens, **whole}


def as_table(reading: Reading) -> list[tuple[str, ...]]:
    found = as_json(reading)
    rows = [(token["text"], f"{token['stars']:.2f}", f"{token['change']:+.2f}") for token in found["tokens"]]
    return [("token", "stars so far", "change"), *rows, ("(all)", f"{found['stars']:.2f}", "")]


def closer(reading: Reading) -> list[Panel]:
    return [WORDS.panel("closer", figures.label_lines(reading.traces[0], NAMES, reading.probs, STAR_COLORS))]


def score_rows(header: dict) -> list[tuple[str, ...]]:
    """The held-out scores of a weight file; "" where a number means nothing for a file."""
    rows = [("held-out file", "texts", "right", "calibration error")]
    scores = header.get("scores", {})  # none before the first --evaluate
    for name, score in ((name, score) for name, score in scores.items() if "accuracy" in score):
        error = f"{score['ece']:.1%}" if "ece" in score else ""
        rows.append((WORDS.scores.files[name], f"{score['texts']:,}", f"{score['accuracy']:.1%}", error))
    return rows


SEED = "It could have been a dull film, but the cast is wonderful and I laughed a lot."

TASK = Task(
    name="rate",
    shape=MANY_TO_ONE,
    words=WORDS,
    entry=Entry(SEED, beginning(2000, 200), 2000, 200, rows=3),
    cell=CellChoice("gru"),
    colors=STAR_COLORS,
    read=read,
    prints=Prints(as_json, as_table, score_rows),
    extras=Extras(closer=closer),
)
