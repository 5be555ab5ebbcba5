"""Setups with a point, a click away; the tests hold each to what it says."""

from typing import NamedTuple

from rnn_demo.learn.base import Setup
from rnn_demo.learn.setup import set_up


class Example(NamedTuple):
    """A setup and what it shows, in so many steps. Example("...", "...", set_up("first", cell="rnn"), 400)"""

    name: str
    point: str
    setup: Setup
    steps: int


EXAMPLES = (
    Example(
        "A plain RNN forgets",
        "Over ten steps it learns to carry the first sign. Over thirty, what it would learn from fades on its way back.",
        set_up("first", cell="rnn", length=30),
        400,
    ),
    Example(
        "An LSTM carries it 50 steps",
        "The gradient reaches all fifty steps back, since the forget gates stand open. Suddenly the answers turn right.",
        set_up("first", cell="lstm", length=50),
        800,
    ),
    Example(
        "Two units are enough",
        "Even or odd needs one bit of memory. A GRU of two units learns it.",
        set_up("parity", cell="gru", hidden=2, rate=0.03),
        400,
    ),
    Example(
        "Too fast: it explodes",
        "With steps a hundred times as long the loss grows far beyond that of guessing. At a rate of 0.01 it learns.",
        set_up("first", cell="rnn", length=10, rate=1.0),
        100,
    ),
    Example(
        "Clipping saves it",
        "Now and then a gradient is huge, and one step undoes all that was learnt. Switch clipping on: the same network learns.",
        set_up("first", cell="rnn", length=15, rate=0.03, clip=False),
        300,
    ),
)
