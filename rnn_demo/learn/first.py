"""Remember the first sign of a row, and say it at the end."""

import numpy as np

from rnn_demo.learn.base import Answers, Batch, Data, Job, Setup, guessing, held_out, looked_up, of_signs
from rnn_demo.shapes import MANY_TO_ONE

SIGNS = tuple("abcdefgh")


def batch(rng: np.random.Generator, rows: int, length: int) -> Batch:
    """Rows of signs by chance; at the last one the first is asked for. "cabd" -> "c" """
    x = rng.integers(0, len(SIGNS), (rows, length))
    y = np.full(x.shape, np.nan, dtype=np.float32)
    y[:, -1] = x[:, 0]
    return Batch(x, y)


def data(setup: Setup) -> Data:
    """Made rows; nothing but the first sign helps, so the rival guesses."""
    numbers = looked_up(SIGNS)

    def targets(tokens) -> np.ndarray:
        y = np.full(len(tokens), np.nan, dtype=np.float32)
        y[-1:] = numbers(tokens)[:1]
        return y

    return of_signs(
        SIGNS,
        held_out(batch, setup.length),
        answers=Answers(SIGNS, SIGNS, {sign: f"the row began with {sign}" for sign in SIGNS}),
        batch=batch,
        rival=guessing(len(SIGNS)),
        targets=targets,
    )


JOB = Job(
    name="first",
    title="Remember the first sign",
    point="At the end of a row it must say how the row began. Nothing in between helps: the state has to carry it all the way.",
    shape=MANY_TO_ONE,
    data=data,
    usual=Setup("first", "lstm", 32, 1, 30, 32, 0.01, True, 1),
)
