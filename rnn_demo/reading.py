"""The waist: a task reads a text and makes one plain `Reading` of it; view, lenses, table, JSON, CSV and figures are functions of
it. It holds numpy arrays and plain values, never a live network, so a test can write one by hand.

Asked    what was asked for           Block   what is used again at every step
Chain    how a trace is drawn         Column  a step: a column of the picture, a row of the table
Reading  all of it
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np

from rnn_demo.text import Token
from rnn_demo.trace import Trace


class Asked(NamedTuple):
    """Which task reads which text, with which cell; `options` are the task's own, by name. `edits` are those of edits.py.

    Asked("tag", "gru", "Olga sings", {})
    """

    task: str
    cell: str
    text: str
    options: dict[str, Any]
    edits: tuple = ()


class Block(NamedTuple):
    """The network that is used again at every step: its title, how many weights that are, and what goes in: (name, size) each.

    Block("GRU", 336905, (("word vector", 100), ("letters", 64), ("capitals", 7)))
    """

    title: str
    weights: int
    parts: tuple[tuple[str, int], ...]


class UnitGroup(NamedTuple):
    """Neighbouring units that speak for the same answer, and what each of them at +1 adds to its score, in nats.

    UnitGroup("PER", (1.2, 0.7, 0.1))
    """

    name: str
    adds: tuple[float, ...]

    @property
    def size(self) -> int:
        return len(self.adds)


class Chain(NamedTuple):
    """How one trace is drawn: a block a token.

    time     at which step of the playback each token is read, 1..T
    says     (H, K) what each unit at +1 adds to each answer's score, in nats; None where no such number is
    order    which unit stands in which row      groups  which rows belong together
    first    how many columns stand before its own
    rows     what else is shown of the memory, by name: (T,), in nats a unit
    tells    for each unit what it tells best, "" for nothing, and how well: its AUC; empty where nobody has measured it
    """

    trace: Trace
    time: list[int]
    says: np.ndarray | None
    order: list[int]
    groups: list[UnitGroup]
    first: int = 0
    rows: dict[str, np.ndarray] = {}
    tells: Sequence[tuple[str, float]] = ()


class Mark(NamedTuple):
    """How a token is underlined in the text box, and whether its label joins the one before: "B", "I" or "".

    Mark("#0072b2", 1.0, "B"); strength 0..1
    """

    color: str = "transparent"
    strength: float = 0.0
    joins: str = ""


class Column(NamedTuple):
    """One step of the picture.

    token   how it is written below its block, and its place in the text       about   a remark on how it became numbers
    time    at which step of the playback the answer is known
    answer  one of the names of Reading.answers; "" for none
    shown   how the answer is written          note    what stands under it
    aloud   a sentence about the step, for the line that is read aloud
    under   what stands below the token        so_far  the verdict's heading as far as it is known by then
    mark    its underline

    Column(Token("India", 29, 34), 6, "LOC", "LOC", "87 %", "LOC, 87 %", mark=Mark("#007a59", 1.0, "B"))
    """

    token: Token
    time: int
    answer: str
    shown: str
    note: str
    aloud: str
    under: str = ""
    so_far: str = ""
    mark: Mark = Mark()
    about: str = ""


def was(now: Column | None, before: Column | None) -> str | None:
    """What was shown at a step in another reading, "" for nothing, if it is something else now; None where it is the same."""
    shown, old = (column.shown if column else "" for column in (now, before))
    return None if shown == old else old


class Answer(NamedTuple):
    """What can be answered, and how that is written; `labels` are the network's own that make it up, () where it is one itself.

    Answer("▁voiture", "voiture"); Answer("PER", "PER", ("B-PER", "I-PER"))
    """

    name: str
    face: str
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reading:
    """What a network made of a text.

    asked      what was asked for              block   what is used again at every step
    chains     a Chain for every trace         columns a Column a step, of all chains that stand side by side
    answers    K answers that are drawn        probs   (T, K) how likely each is at each step; rows sum to 1 at most
    verdict    what came out in the end, heading and remark; "" and "" for nothing
    attention  (T - S, S) how much each of the last columns looked at each of the first S; None where none does
    facts      whatever else the task says of this text, by name, in plain values
    """

    asked: Asked
    block: Block
    chains: list[Chain]
    columns: list[Column]
    answers: tuple[Answer, ...]
    probs: np.ndarray
    verdict: tuple[str, str] = ("", "")
    attention: np.ndarray | None = None
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """What was read of what was typed."""
        return self.asked.text

    @property
    def traces(self) -> list[Trace]:
        return [chain.trace for chain in self.chains]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the answers, as the columns of probs have them."""
        return tuple(answer.name for answer in self.answers)

    def knowing(self, facts: dict[str, Any]) -> "Reading":
        """The same reading with more facts."""
        return replace(self, facts=self.facts | facts)

    def side_by_side(self, part: str) -> list:
        """A part of the traces that has a row a column, put together; of chains that share their columns the first one's."""
        found: list = []
        for chain in self.chains:
            if chain.first >= len(found):
                found += list(getattr(chain.trace, part))
        return found
