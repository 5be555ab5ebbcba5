"""Even or odd: after every sign, whether the number of ones so far is even."""

import numpy as np

from rnn_demo.learn.base import Answers, Batch, Data, Job, Setup, guessing, held_out, looked_up, of_signs
from rnn_demo.shapes import MANY_TO_MANY

SIGNS, LABELS = ("0", "1"), ("even", "odd")


def batch(rng: np.random.Generator, rows: int, length: int) -> Batch:
    """Rows of 0 and 1 by chance; a place of LABELS is asked for at every step. "0110" -> even, odd, even, even"""
    x = rng.integers(0, 2, (rows, length))
    return Batch(x, (x.cumsum(1) % 2).astype(np.float32))


def to_learn(rng: np.random.Generator, rows: int, length: int) -> Batch:
    """Rows of one length, any up to the longest: on the short ones it is seen first what a single one changes."""
    return batch(rng, rows, int(rng.integers(2, length + 1)))


def data(setup: Setup) -> Data:
    """Made rows; no single sign helps, so the rival guesses."""
    numbers = looked_up(SIGNS)
    return of_signs(
        SIGNS,
        held_out(batch, setup.length),
        answers=Answers(LABELS, LABELS, {label: f"an {label} number of ones so far" for label in LABELS}),
        batch=to_learn,
        rival=guessing(2),
        targets=lambda tokens: (numbers(tokens).cumsum() % 2).astype(np.float32),
    )


JOB = Job(
    name="parity",
    title="Even or odd",
    point="Every 1 turns the answer round. One forgotten sign and all later answers are wrong: the state must never slip.",
    shape=MANY_TO_MANY,
    data=data,
    usual=Setup("parity", "gru", 16, 1, 20, 32, 0.01, True, 1),
)
