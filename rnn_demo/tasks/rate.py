"""Rate: a film review becomes a rating, many words to one answer."""

import functools

import numpy as np

from rnn_demo import figures
from rnn_demo.colors import STAR_COLORS
from rnn_demo.shapes import MANY_TO_ONE
from rnn_demo.tasks.base import Panel, Reading, Task, beginning, drawn, read_words
from rnn_demo.trace import Trace
from rnn_demo.view import Answers, Chain, bands
from rnn_demo.words import signed

WORDS = read_words("rate", panels=("closer",))
STARS = np.arange(1, 6)
NAMES = tuple(STAR_COLORS)  # "1 ★" to "5 ★"
FULL_TINT = 0.6  # stars by which a word must move the rating for the strongest underline


def expected(probs: np.ndarray) -> np.ndarray:
    """Probabilities (..., 5) of 1 to 5 stars to the expected number of stars, 1..5. [0, 0, 0, 0.5, 0.5] -> 4.5"""
    return probs @ STARS


def changes(reading: Reading) -> np.ndarray:
    """By how many stars each token moved the expected rating, (T,); the first against the prediction from the zero state."""
    return np.diff(expected(reading.traces[0].probs), prepend=expected(reading.model.before()))


def answers(reading: Reading) -> Answers:
    """The answer of the whole review at its last token; at each one before it, what the answer would be if it stopped there."""
    trace = reading.traces[0]
    stars, moved = expected(trace.probs), changes(reading)
    return Answers(
        names=NAMES,
        probs=trace.probs,
        labels=[NAMES[k] for k in trace.probs.argmax(-1)],
        time=list(range(1, len(trace.tokens) + 1)),
        shown=[f"{value:.1f} ★" for value in stars],
        small=[signed(change) for change in moved],
        words=list(trace.tokens),
        marks=[""] * len(trace.tokens),
        tints=[(STAR_COLORS[NAMES[4 * (change > 0)]], float(min(1, abs(change) / FULL_TINT))) for change in moved],
        said=[f"{value:.1f} stars so far, {signed(change)}" for value, change in zip(stars, moved, strict=True)],
        verdict=verdict(trace, stars, moved),
        so_far=[f"{value:.1f} of 5 stars" for value in stars],
    )


def verdict(trace: Trace, stars: np.ndarray, moved: np.ndarray) -> tuple[str, str]:
    if not len(moved):
        return "", ""
    most = int(np.abs(moved).argmax())
    return f"{stars[-1]:.1f} of 5 stars", f"The word that moved it most: “{trace.tokens[most]}”, {signed(moved[most])}."


def chains(reading: Reading) -> list[Chain]:
    return drawn(reading.traces, _units(reading.model))


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
    trace = reading.traces[0]
    columns = zip(trace.spans.tolist(), trace.probs, changes(reading), strict=True)
    tokens = [
        {
            "text": reading.text[start:end],
            "start": start,
            "end": end,
            "stars": round(float(expected(probs)), 4),
            "probs": as_probs(probs),
            "change": round(float(change), 4),
        }
        for (start, end), probs, change in columns
    ]
    last = trace.probs[-1] if tokens else reading.model.before()
    whole = {"stars": round(float(expected(last)), 4), "rating": int(STARS[last.argmax()]), "probs": as_probs(last)}
    return {"tokens": tokens, **whole}


def as_table(reading: Reading) -> list[tuple[str, ...]]:
    found = as_json(reading)
    rows = [(token["text"], f"{token['stars']:.2f}", f"{token['change']:+.2f}") for token in found["tokens"]]
    return [("token", "stars so far", "change"), *rows, ("(all)", f"{found['stars']:.2f}", "")]


def closer(reading: Reading) -> list[Panel]:
    trace = reading.traces[0]
    return [WORDS.panel("closer", figures.label_lines(trace, NAMES, trace.probs, STAR_COLORS))]


def score_rows(header: dict) -> list[tuple[str, ...]]:
    """The held-out scores of a weight file; "" where a number means nothing for a file."""
    rows = [("held-out file", "texts", "right", "calibration error")]
    for name, score in header.get("scores", {}).items():  # none before the first --evaluate
        error = f"{score['ece']:.1%}" if "ece" in score else ""
        rows.append((WORDS.scores.files[name], f"{score['texts']:,}", f"{score['accuracy']:.1%}", error))
    return rows


TASK = Task(
    name="rate",
    shape=MANY_TO_ONE,
    words=WORDS,
    default_cell="gru",
    seed_text="It could have been a dull film, but the cast is wonderful and I laughed a lot.",
    box_rows=3,
    colors=STAR_COLORS,
    reads=beginning(2000, 200),
    max_chars=2000,
    max_tokens=200,
    chains=chains,
    answers=answers,
    as_json=as_json,
    as_table=as_table,
    closer=closer,
    score_rows=score_rows,
)
