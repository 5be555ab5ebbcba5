"""Go on with the curve: at every value, how far the next one lies above or below it. Then on its own, from its own guesses.

The answers are LEVELS changes, evenly spaced; what is guessed is their mean, weighed with their probabilities. So a curve is learnt
like everything else here, "as now" is the level in the middle, and a network may say that it does not know which way.
"""

import functools
import math
import re
from pathlib import Path

import numpy as np

from rnn_demo.learn.base import HELD_OUT, UNPRINTED, Answers, Batch, Data, InputError, Job, Rival, Setup, rounded, table, whole_line
from rnn_demo.shapes import NEXT_WORD
from rnn_demo.text import Token

LEVELS = 25  # an odd number: the one in the middle is "as now"
FEWEST, MOST = 60, 4500  # values of a curve; as many have room in CHARS however they are written
LEARNT = 0.8  # of the values; those that follow are held out
AHEAD = 20  # values that are guessed from its own guesses
DRAWN = "drawn."  # before a curve that was drawn by hand: two of HEIGHTS a value, as view/pad.js writes them
HEIGHTS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"  # 64 digits; no link and no shell changes them
MOST_DRAWN = 600  # values of a drawn curve, so that it has room in a link
GROUPS = {"falls": "the next value lies below this one", "stays": "about as now", "rises": "the next value lies above this one"}
SHIPPED = {
    "sine": "a sine",
    "sum": "two sines together",
    "saw": "a saw",
    "sunspots": "sunspots, 1749 to 2008",
    "co2": "carbon dioxide since 1958",
    "sea": "El Niño since 1950",
}


@functools.cache
def shipped(name: str) -> tuple[float, ...]:
    """The values of a curve that the program brings. shipped("sine")[0] -> 0.0"""
    turn = np.arange(600) * 2 * math.pi
    made = {
        "sine": lambda: np.sin(turn / 24.3),
        "sum": lambda: 0.6 * np.sin(turn / 31.7) + 0.4 * np.sin(turn / 11.3),
        "saw": lambda: (np.arange(600) % 17) / 16,
    }
    if name in made:
        return tuple(np.round(made[name](), 4).tolist())
    lines = (Path(__file__).parent / "series" / f"{name}.csv").read_text("utf-8").splitlines()
    return tuple(float(line.split(",")[1]) for line in lines[1:])


def drawn(text: str) -> list[float]:
    """The values of a curve that was drawn by hand, from 0 at the bottom to 1. "drawn.AAgA__" -> [0.0, 0.5001, 1.0]; InputError
    for what no pad has written."""
    digits = [HEIGHTS.find(sign) for sign in text[len(DRAWN) :][: 2 * MOST_DRAWN + 1]]
    if len(digits) % 2 or min(digits, default=-1) < 0 or len(digits) > 2 * MOST_DRAWN:
        raise InputError("This drawn curve is broken; part of its link may be missing. Draw it again, or take another curve.")
    return [round((64 * high + low) / 4095, 4) for high, low in zip(digits[::2], digits[1::2], strict=True)]


def brief(text: str) -> bool:
    """Whether a curve is a single word, which a link and a command have room for: the name of a shipped one, or a drawn one."""
    return text in SHIPPED or text.startswith(DRAWN)


def parse(text: str) -> list[float]:
    """The values of a curve: its name, one that was drawn, or numbers, in any layout; of lines with several columns the last one
    counts.

    "month,value\\n1749-01,58.0\\n1749-02,62.6" -> [58.0, 62.6]; InputError for what is no number
    """
    if text.strip() in SHIPPED:
        return list(shipped(text.strip()))
    if text.strip().startswith(DRAWN):
        return drawn(text.strip())
    if UNPRINTED.search(text):
        raise InputError("This does not look like numbers: it holds signs that cannot be printed. Paste numbers, as plain text.")
    lines = [re.split(r"[,;\s]+", line.strip(" \t\r,;")) for line in text.split("\n") if line.strip(" \t\r,;")]
    if not lines:
        raise InputError(f"There is no curve yet. Paste at least {FEWEST} numbers, or take one of the curves.")
    columns = len(lines) > 1 and len({len(line) for line in lines}) == 1 and len(lines[0]) > 1 and not _number(lines[-1][0])
    if len(lines) > 1 and not _number(lines[0][-1]):
        lines = lines[1:]  # a heading
    words = [line[-1] for line in lines] if columns else [word for line in lines for word in line]
    values = []
    for n, word in enumerate(words[:MOST], start=1):
        if not _number(word):
            raise InputError(f"Value {n}, “{word[:20]}”, is not a number. Leave it out, or put the mean of its neighbours there.")
        values.append(float(word))
    return values


def whole_number(text: str) -> str:
    """A text as far as CHARS reach, to the end of a line, or at least of a number."""
    part = whole_line(text)
    if len(part) < len(text) and not part.endswith("\n"):
        part = part[: 1 + max(part.rfind(sign) for sign in ",; \t\r\n")]  # or its last digits would be lost
    return part


def _number(word: str) -> bool:
    try:
        return math.isfinite(float(word)) and abs(float(word)) < 1e9
    except ValueError:
        return False


def reads(text: str) -> tuple[str, str]:
    """What is learnt from, and a remark. InputError for too few values, or for a curve that never changes."""
    part = whole_number(text)
    values = parse(part)
    if len(values) < FEWEST:
        raise InputError(f"{len(values)} values are too few to learn from and to keep some back. Paste at least {FEWEST}.")
    if len(set(values)) == 1:
        raise InputError("This curve never changes, so there is nothing to learn. Paste one that moves.")
    if brief(text.strip()):
        return text.strip(), ""
    note = f"The first {len(values):,} values are learnt from; all of them are still in the box."
    note = note if len(part) < len(text) or len(values) == MOST else ""
    return " ".join(f"{value:g}" for value in values), note


class Scale:
    """The levels of a curve's changes, and its values as the network reads them."""

    def __init__(self, values: np.ndarray):
        learnt = values[: int(LEARNT * len(values))]
        self.mean, self.spread = float(learnt.mean()), float(learnt.std()) or 1.0
        changes = np.diff(learnt)
        self.change = float(changes.std()) or 1.0
        self.step = 2 * (float(np.abs(changes).max()) * 1.1 or 1.0) / (LEVELS - 1)

    @property
    def levels(self) -> np.ndarray:
        """(LEVELS,) changes, from the deepest fall to the highest rise."""
        return (np.arange(LEVELS) - (LEVELS - 1) / 2) * self.step

    def x(self, values: np.ndarray) -> np.ndarray:
        """Values (..., T) as they go in, (..., T, 2): each, and how it has changed; the first one's change is 0."""
        values = np.asarray(values, dtype=np.float64)
        changes = np.diff(values, axis=-1, prepend=values[..., :1])
        return np.stack([(values - self.mean) / self.spread, changes / self.change], -1).astype(np.float32)

    def places(self, changes: np.ndarray) -> np.ndarray:
        """Changes as places among the levels, those beyond the ends at the ends."""
        return np.clip(changes / self.step + (LEVELS - 1) / 2, 0, LEVELS - 1).astype(np.float32)


def windows(values: np.ndarray, starts: np.ndarray, length: int) -> np.ndarray:
    """(B, length) values from these places on."""
    return values[starts[:, None] + np.arange(length)]


def spans(setup: Setup) -> tuple[np.ndarray, int, int]:
    """The values; how many of them may be learnt from; how long a row can be: of a short curve so that AHEAD values that are held
    out still follow it, or half of those there are."""
    values = np.array(parse(setup.text))
    first = int(LEARNT * len(values))
    kept = len(values) - first
    return values, first, min(setup.length, first - 2, max(kept // 2, kept - 2 - AHEAD))


def data(setup: Setup) -> Data:
    """Stretches of a curve, from its first four fifths to learn from and from its end to be asked about."""
    reads(setup.text)
    values, first, length = spans(setup)
    scale = Scale(values)

    def rows(starts: np.ndarray, length: int) -> Batch:
        found = windows(values, starts, length + 1)
        return Batch(scale.x(found[:, :-1]), scale.places(np.diff(found, axis=-1)))

    def batch(rng: np.random.Generator, count: int, longest: int) -> Batch:
        longest = min(longest, length)
        return rows(rng.integers(0, first - longest, count), longest)

    ends = np.unique(np.linspace(first, len(values) - length - 1, HELD_OUT).astype(int))
    asked = rows(ends, length)
    asked.y[:, : length // 4] = np.nan  # a row begins in the middle of a curve: first it must see where it is
    words = [f"{value:g}" for value in values[ends[0] : ends[0] + length]]
    digits = max(0, 2 - math.floor(math.log10(scale.step)))
    labels = tuple(f"{change:+.{digits}f}".replace("-", "−") for change in scale.levels)
    calm = LEVELS // 10
    groups = tuple("falls" if k < LEVELS // 2 - calm else "rises" if k > LEVELS // 2 + calm else "stays" for k in range(LEVELS))

    def score(probs: np.ndarray, places: np.ndarray) -> float:
        """How much of the squared error of "as now" is gone: 1 for none left, 0 for as much, below 0 for more."""
        error = ((probs @ np.arange(LEVELS) - places) ** 2).sum()
        return float(1 - error / max(((places - (LEVELS - 1) / 2) ** 2).sum(), 1e-9))

    def numbers(tokens) -> np.ndarray:
        for token in tokens:
            if not _number(token):
                raise InputError(f"“{token[:20]}” is not a number")
        return scale.x(np.array([float(token) for token in tokens]))

    def targets(tokens) -> np.ndarray:
        changes = np.diff([float(token) for token in tokens])
        return np.append(scale.places(changes), np.nan).astype(np.float32)

    return Data(
        signs=(),
        answers=Answers(labels, groups, GROUPS),
        batch=batch,
        held_out=asked,
        rival=Rival("as now", _counted(rows(np.arange(first - length), length), asked), 0.0),
        example=" ".join(words),
        pieces=lambda text: [Token(m[0], *m.span()) for m in re.finditer(r"\S+", text)],
        numbers=numbers,
        targets=targets,
        score=score,
    )


def _counted(learnt: Batch, asked: Batch) -> float:
    """The nats of an answer for whoever knows how often each change comes, and nothing else."""
    blind = lambda batch: Batch(np.zeros(batch.y.shape, dtype=int), batch.y)
    return table("", blind(learnt), blind(asked), 1, LEVELS).loss


def continued(setup: Setup) -> tuple[Scale, np.ndarray, np.ndarray]:
    """What it takes to let a network go on by itself: the scale, rows (N, T) from the held-out end, and what came after each of
    them, (N, AHEAD)."""
    values, first, length = spans(setup)
    ahead = min(AHEAD, max(1, len(values) - first - length))
    starts = np.unique(np.linspace(first, len(values) - length - ahead, HELD_OUT).astype(int))
    found = windows(values, starts, length + ahead)
    return Scale(values), found[:, :length], found[:, length:]


def goes_on(network, scale: Scale, rows: np.ndarray, ahead: int) -> np.ndarray:
    """(N, ahead) values that a network guesses after these rows (N, T), each from its own guess before it."""
    probs, state = network.last(scale.x(rows))
    values = rows[:, -1]
    found = []
    for _ in range(ahead):
        changes = probs @ scale.levels
        values = values + changes
        found.append(values)
        x = np.stack([(values - scale.mean) / scale.spread, changes / scale.change], -1).astype(np.float32)
        probs, state = network.last(x[:, None], state)
    return np.stack(found, -1)


def error_ahead(network) -> tuple[float, float]:
    """How far a network is off in the mean over AHEAD values of its own, and how far "as now" is: roots of mean squares, on the
    held-out end, in the curve's unit."""
    scale, rows, truth = continued(network.setup)
    root = lambda guess: float(np.sqrt(((guess - truth) ** 2).mean()))
    return root(goes_on(network, scale, rows, truth.shape[1])), root(rows[:, -1:])


def facts(network, text) -> dict:
    """{"seen": [values], "truth": [what came after], "alone": [what it guesses]}, of the first held-out row; and which part of the
    curve is learnt from."""
    scale, rows, truth = continued(network.setup)
    alone = goes_on(network, scale, rows[:1], truth.shape[1])
    few = lambda row: [rounded(value, 5) for value in row]
    return {"seen": few(rows[0]), "truth": few(truth[0]), "alone": few(np.nan_to_num(alone[0])), "learnt": LEARNT}


JOB = Job(
    name="curve",
    title="Go on with the curve",
    point="At each value it guesses how the next one differs. Then it goes on by itself, and its own guess is what it reads next.",
    shape=NEXT_WORD,
    data=data,
    usual=Setup("curve", "gru", 16, 1, 50, 32, 0.003, True, 1, "sine"),
    reads=reads,
    box=("Paste numbers", "at least 60 numbers, in any layout"),
    measure="less error than “as now”",
    facts=facts,
)
