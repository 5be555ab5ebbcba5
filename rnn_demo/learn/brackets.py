"""Close the brackets: after every sign, which bracket would close the innermost one that is open."""

import numpy as np

from rnn_demo.learn.base import Answers, Batch, Data, Job, Setup, held_out, looked_up, of_signs, table
from rnn_demo.shapes import MANY_TO_MANY

OPENS, CLOSES = "([{", ")]}"
SIGNS = tuple(OPENS + CLOSES)
NONE = "none"
LABELS = (*CLOSES, NONE)
DEEPEST = 4


def row(rng: np.random.Generator, length: int) -> list[int]:
    """A row of brackets that fit, by their numbers in SIGNS; some may still be open at its end. "([])" -> [0, 1, 4, 3]"""
    found: list[int] = []
    stack: list[int] = []
    for opens, kind in zip(rng.random(length) < 0.5, rng.integers(0, 3, length), strict=True):
        if (opens or not stack) and len(stack) < DEEPEST:
            stack.append(int(kind))
            found.append(int(kind))
        else:
            found.append(3 + stack.pop())
    return found


def closing(signs: list[int]) -> list[int]:
    """The place in LABELS that is asked for after each sign; of a bracket that closes nothing, as if it had not been there.

    "([]" -> ")", "]", ")"
    """
    stack: list[int] = []
    found = []
    for sign in signs:
        if sign < 3:
            stack.append(sign)
        elif stack and stack[-1] == sign - 3:
            stack.pop()
        found.append(stack[-1] if stack else 3)
    return found


def batch(rng: np.random.Generator, rows: int, length: int) -> Batch:
    """Rows of brackets by chance; at every step it is asked which may close."""
    x = [row(rng, length) for _ in range(rows)]
    return Batch(np.array(x, dtype=np.int64), np.array([closing(signs) for signs in x], dtype=np.float32))


def data(setup: Setup) -> Data:
    """Made rows; the rival counts which bracket may close after each sign."""
    numbers = looked_up(SIGNS)
    asked = held_out(batch, setup.length)
    learnt = batch(np.random.default_rng(HELD_BACK), 200, setup.length)
    return of_signs(
        SIGNS,
        asked,
        answers=Answers(LABELS, LABELS, {label: f"{label} may close now" for label in CLOSES} | {NONE: "nothing is open"}),
        batch=batch,
        rival=table("the last sign alone", learnt, asked, len(SIGNS), len(LABELS)),
        targets=lambda tokens: np.array(closing(numbers(tokens).tolist()), dtype=np.float32),
    )


HELD_BACK = 1_000_004  # the seed of the rows that the rival counts

JOB = Job(
    name="brackets",
    title="Close the brackets",
    point="Which bracket may close now? What was opened last must be closed first: the state has to hold a small stack.",
    shape=MANY_TO_MANY,
    data=data,
    usual=Setup("brackets", "lstm", 32, 1, 20, 32, 0.01, True, 1),
)
