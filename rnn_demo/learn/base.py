"""What a job is: something that a small network can learn in seconds, with a simple rival that it must beat.

Setup    what a visitor sets up: a link, and flags of the command line
Job      what can be learnt          Data   what one setup of a job gives a network to learn from
Batch    rows to learn from          Rival  what needs no network
InputError   a visitor's text that nothing can be learnt from; its message says what to do
"""

import math
import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from rnn_demo.colors import GROUP_COLORS
from rnn_demo.shapes import Shape
from rnn_demo.text import Token

HELD_OUT = 128  # rows that are kept for scores, at most
HELD_OUT_SEED = 1_000_003  # and none of the visitor's seeds
CHARS = 60_000  # of a visitor's own text, at most
UNPRINTED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")  # what stands in no text


class InputError(ValueError):
    """There is nothing here that could be learnt from; the message says what to do."""


class Setup(NamedTuple):
    """How a network is built and trained. Setup("first", "lstm", 32, 1, 30, 32, 0.005, True, 1, "")

    hidden, layers   units of a layer, and how many layers stand on each other
    length           signs of a row: the longest that is trained on
    batch, rate      rows a step, and how far a step goes (Adam's learning rate)
    clip             whether gradients longer than 1 are cut to 1
    text             what is learnt from, where the job takes the visitor's own
    """

    job: str
    cell: str
    hidden: int
    layers: int
    length: int
    batch: int
    rate: float
    clip: bool
    seed: int
    text: str = ""


class Batch(NamedTuple):
    """B rows of T steps. What is asked at a step is a place among the K answers: 2.0 is the third, 2.3 lies between the third and
    the fourth, and asks for 0.7 of one and 0.3 of the other; NaN where nothing is asked.

    x   (B, T) numbers of signs, int64; or (B, T) values, float32          y   (B, T) float32
    """

    x: np.ndarray
    y: np.ndarray


class Answers(NamedTuple):
    """What can be answered: K labels; the group of each, in whose colour it is drawn; what each group means, in words.

    Answers(("even", "odd"), ("even", "odd"), {"even": "an even number of ones so far"})
    """

    labels: tuple[str, ...]
    groups: tuple[str, ...]
    meanings: dict[str, str]

    @property
    def colors(self) -> dict[str, str]:
        """Of every group and label."""
        of_group = dict(zip(dict.fromkeys(self.groups), GROUP_COLORS * len(self.groups), strict=False))
        return of_group | {label: of_group[group] for label, group in zip(self.labels, self.groups, strict=True)}


class Rival(NamedTuple):
    """What needs no network, and how well it does: nats an answer, and the same score as the network's.

    Rival("guessing", 1.386, 0.25)
    """

    title: str
    loss: float
    score: float


class Data(NamedTuple):
    """What a network learns from.

    signs     V signs that can be read; () where numbers go in
    answers   what can be answered
    batch     (random numbers, rows, steps at most) -> a Batch to learn from
    held_out  a Batch that is never learnt from, at full length
    rival     what must be beaten
    example   a text that is never learnt from
    pieces    a text -> its tokens
    numbers   what tokens say -> (T,) of a Batch's x; InputError for one that cannot be read
    targets   what tokens say -> (T,) of a Batch's y, as far as they are known
    score     probabilities (N, K) and places (N,) -> how good that is, 1 at best
    """

    signs: tuple[str, ...]
    answers: Answers
    batch: Callable[[np.random.Generator, int, int], Batch]
    held_out: Batch
    rival: Rival
    example: str
    pieces: Callable[[str], list[Token]]
    numbers: Callable[[Sequence[str]], np.ndarray]
    targets: Callable[[Sequence[str]], np.ndarray]
    score: Callable[[np.ndarray, np.ndarray], float]


class Job(NamedTuple):
    """Something to learn.

    name, title   in the link; on the page          point   what it shows, in a sentence
    shape         how inputs and answers lie to each other
    data          Setup -> Data; InputError for a text that nothing can be learnt from
    usual         what is set up at first
    reads         what a visitor typed -> the part that is learnt from, and a remark; None where the job takes no text
    box           what the text box is called, and what may stand in it
    measure       what Data.score is called
    facts         (network, the text that it has read) -> what else is told of it
    """

    name: str
    title: str
    point: str
    shape: Shape
    data: Callable[[Setup], Data]
    usual: Setup
    reads: Callable[[str], tuple[str, str]] | None = None
    box: tuple[str, str] = ("", "")
    measure: str = "right answers"
    facts: Callable[[Any, Any], dict] = lambda network, text: {}


def rounded(value: float, digits: int = 4) -> float | None:
    """To so many digits; None for what is no number, which JSON has no word for. 0.123456 -> 0.1235"""
    return float(f"{value:.{digits}g}") if math.isfinite(value) else None


def right(probs: np.ndarray, places: np.ndarray) -> float:
    """The share of answers whose likeliest label is the one that was asked for."""
    return float((probs.argmax(-1) == np.rint(places)).mean())


def signs_of(text: str) -> list[Token]:
    """A sign a step; blanks are none. "ab c" -> a, b, c"""
    return [Token(sign, i, i + 1) for i, sign in enumerate(text) if not sign.isspace()]


def looked_up(signs: Sequence[str]) -> Callable[[Sequence[str]], np.ndarray]:
    """Signs to their numbers. looked_up("abc")(["c", "a"]) -> [2, 0]"""
    places = {sign: i for i, sign in enumerate(signs)}

    def numbers(tokens: Sequence[str]) -> np.ndarray:
        for token in tokens:
            if token not in places:
                raise InputError(f"“{token[:20]}” is not one of the signs that this network knows: {' '.join(signs)[:200]}")
        return np.array([places[token] for token in tokens], dtype=np.int64)

    return numbers


def held_out(batch: Callable[[np.random.Generator, int, int], Batch], length: int) -> Batch:
    """Rows of full length, which the random numbers of no training give: those are seeded with the visitor's seed and the step."""
    return batch(np.random.default_rng(HELD_OUT_SEED), HELD_OUT, length)


def of_signs(signs: Sequence[str], asked: Batch, **rest: Any) -> Data:
    """The Data of a job whose rows are made, a letter a sign: how they are read, and the first of the held-out ones as the example;
    `rest` is what is the job's own. of_signs("ab", asked, ...).example -> "abba" """
    example = "".join(signs[i] for i in asked.x[0])
    return Data(tuple(signs), held_out=asked, example=example, pieces=signs_of, numbers=looked_up(signs), score=right, **rest)


def guessing(answers: int) -> Rival:
    """guessing(4) -> Rival("guessing", 1.386, 0.25)"""
    return Rival("guessing", math.log(answers), 1 / answers)


def table(title: str, learnt: Batch, asked: Batch, signs: int, answers: int) -> Rival:
    """What the last sign alone says: how often each answer followed it in `learnt`, and how well that does on `asked`."""
    counts = np.full((signs, answers), 0.1)
    there = ~np.isnan(learnt.y)
    np.add.at(counts, (learnt.x[there], np.rint(learnt.y[there]).astype(int)), 1)
    probs = counts / counts.sum(-1, keepdims=True)
    there = ~np.isnan(asked.y)
    rows, places = probs[asked.x[there]], np.rint(asked.y[there]).astype(int)
    loss = -np.log(rows[np.arange(len(rows)), places]).mean()
    return Rival(title, float(loss), right(rows, places))


def whole_lines(text: str, most: int, what: str) -> tuple[list[str], str]:
    """The lines of a visitor's text that are not empty, `most` at most and as far as CHARS reach; and a remark where that is not
    all of them. What lies behind CHARS may be of any size, so of it no more is done than to count its lines, empty ones among them.
    """
    part = whole_line(text)
    if UNPRINTED.search(part):
        raise InputError(f"This does not look like text: it holds signs that cannot be printed. Paste {what}, as plain text.")
    there = [line.strip(" \r") for line in part.split("\n") if line.strip()]
    lines, all_lines = there[:most], len(there) + (text.count("\n", len(part)) + 1 if len(part) < len(text) else 0)
    if not lines:
        raise InputError(f"There is nothing to learn from yet. Paste {what}.")
    note = f"Of {all_lines:,} lines the first {len(lines):,} are learnt; all of them are still in the box."
    return lines, note if len(lines) < all_lines else ""


def whole_line(text: str) -> str:
    """A text as far as CHARS reach, to the end of a line if there is one."""
    return text if len(text) <= CHARS else text[: text.rfind("\n", 0, CHARS) + 1] or text[:CHARS]


def fifth(lines: list) -> tuple[list, list]:
    """Four of five to learn from, and every fifth, which is held out. At least one of each."""
    kept = lines[4::5] or lines[-1:]
    return [line for i, line in enumerate(lines) if i % 5 != 4] if len(lines) > 4 else lines[:-1], kept
