"""What a lens is, and what the lenses share."""

import string
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from rnn_demo.edits import Cut, Graft
from rnn_demo.reading import Chain, Reading
from rnn_demo.tasks.base import Panel, Task


class LensError(ValueError):
    """There is nothing to see at this step; the message says where there is."""


class View(NamedTuple):
    """What a lens looks at: a reading of a task by a network, at a step, 1..T.

    unit   a hidden unit, as `named` writes it; "" for the one that speaks loudest
    load   a cell of the task -> its network, for lenses that compare
    before the reading without edits, where `reading` has some
    kept   what has been made of it already, by the function that made it, see `once`; None where nothing is kept
    """

    task: Task
    network: Any
    reading: Reading
    step: int
    unit: str = ""
    load: Callable[[str], Any] | None = None
    before: Reading | None = None
    kept: dict | None = None

    def once(self, make: "Callable[[View], Any]") -> Any:
        """make(self), or what it made before: view and page draw the same at different moments."""
        if self.kept is None:
            return make(self)
        if make not in self.kept:
            self.kept[make] = make(self)
        return self.kept[make]


class Equations(NamedTuple):
    """Lines of LaTeX, to be set as formulas. Equations((r"z = \\sigma(0.5) = 0.62",))"""

    lines: tuple[str, ...]


class Code(NamedTuple):
    """Python to copy and run."""

    text: str


class Level(NamedTuple):
    """A number that fills a bar between `low` and `high`, from 0 on. Level("keeps", 0.83, 0.0)"""

    name: str
    value: float
    low: float = -1.0
    high: float = 1.0


class Stage(NamedTuple):
    """One stage of a walk: what it is called, what happens in a sentence, and its numbers as levels."""

    title: str
    words: str
    levels: tuple[Level, ...]


class Walk(NamedTuple):
    """Stages that follow each other; where they are not `ordered`, they stand side by side. What comes in before the first and out
    after the last is none of them."""

    stages: tuple[Stage, ...]
    ordered: bool = True
    comes_in: Stage | None = None
    comes_out: Stage | None = None


class GridCell(NamedTuple):
    """A cell of a Grid: its text, whether it is marked, and bars before it: (name, how much of it is filled, colour) each.

    GridCell("PER 87 %", True, (("PER", 0.8, "#0072b2"),))
    """

    text: str
    differs: bool = False
    bars: tuple[tuple[str, float, str], ...] = ()


class GridRow(NamedTuple):
    """A row of a Grid: its heading, its cells, and at which step of the playback it is known; 0 for the last.

    GridRow("1 Olga", [GridCell("PER")], 1)
    """

    name: str
    cells: list[GridCell]
    step: int


class Grid(NamedTuple):
    """A table with a heading, which follows the player. Grid("...", ("step", "GRU"), [GridRow("1 Olga", [GridCell("PER")], 1)])"""

    caption: str
    head: tuple[str, ...]
    rows: list[GridRow]


def plain(text: str) -> str:
    """A visitor's text for a sentence in Markdown: no sign of it acts. "*a*" -> "\\*a\\*" """
    return "".join(f"\\{sign}" if sign in string.punctuation else sign for sign in text)


def number(value: float) -> str:
    """To a hundredth, with a real minus: -0.413 -> "−0.41" """
    return f"{value:.2f}".replace("-", "−") if abs(value) >= 0.005 else "0.00"


class UnitError(ValueError):
    """There is no such unit; the message lists what there is."""


def named(chain: Chain, unit: int, several: bool) -> str:
    """How a unit is written: "12", or "backward 12" where several chains stand side by side."""
    return f"{chain.trace.name} {unit}" if several else str(unit)


def shown(reading: Reading, step: int) -> str:
    """The name of the answer that is shown at a step: that which is written there, or else the one that was given."""
    column = reading.columns[step - 1]
    written = [answer.name for answer in reading.answers if answer.face == column.shown]
    return written[0] if column.answer and written and column.answer not in written else column.answer


def chains_at(reading: Reading, step: int) -> list[int]:
    """Which chains have a block in the column of a step. [0, 1] for both ways"""
    return [k for k, chain in enumerate(reading.chains) if 0 <= step - 1 - chain.first < len(chain.time)]


def units_at(reading: Reading, step: int) -> list[str]:
    """Every unit of the blocks in the column of a step, in drawing order. ["31", "4", ...]"""
    here = chains_at(reading, step)
    return [named(reading.chains[k], unit, len(here) > 1) for k in here for unit in reading.chains[k].order]


def spoken(reading: Reading, step: int) -> list[tuple[int, int, float, float]]:
    """(chain, unit, its h, what it adds to the score of the step's answer, in nats), for every unit that does; none where nothing
    comes out, or where the readout bends."""
    column = reading.columns[step - 1]
    found = []
    for k in chains_at(reading, step):
        chain = reading.chains[k]
        if column.answer and chain.says is not None:
            h = chain.trace.h[step - 1 - chain.first]
            adds = h * chain.says[:, reading.names.index(column.answer)]
            found += [(k, unit, *pair) for unit, pair in enumerate(zip(h.tolist(), adds.tolist(), strict=True))]
    return found


def comes_back(chain: Chain) -> bool:
    """Whether a chain reads from the end."""
    return chain.time[0] > chain.time[-1]


def before(view: View, k: int) -> tuple[np.ndarray, ...]:
    """The states, (h,) or (h, c), each (T, H), with which every step of chain k began: what it had left just before, in its own
    direction; zero where the arrow to it is cut, and that of another text where its memory was transplanted."""
    chain = view.reading.chains[k]
    order = np.argsort(chain.time)
    start = view.network.starts(view.reading.traces)[k]
    cuts = [edit.step for edit in view.reading.asked.edits if isinstance(edit, Cut)]
    cut = [row for row in (step - 1 - chain.first - comes_back(chain) for step in cuts) if 0 <= row < len(order)]

    grafts = [edit for edit in view.reading.asked.edits if isinstance(edit, Graft) and edit.states[k]]

    def moved_on(states: np.ndarray, first: np.ndarray, part: int) -> np.ndarray:
        rows = np.empty_like(states)
        rows[order] = np.vstack([first, states[order[:-1]]])
        rows[cut] = 0
        for graft in grafts:
            rows[graft.step - 1 - chain.first] = graft.states[k][part]
        return rows

    h, c = chain.trace.h, chain.trace.c
    return (moved_on(h, start, 0),) if c is None else (moved_on(h, start, 0), moved_on(c, np.zeros_like(start), 1))


def chosen_unit(view: View) -> tuple[int, int]:
    """The chain and number of the view's unit; without one, the unit that speaks loudest for the answer, and where none speaks, the
    one that this step changed most. UnitError for a unit that is not there."""
    here, chains = chains_at(view.reading, view.step), view.reading.chains
    sizes = {k: chains[k].trace.h.shape[1] for k in here}
    if view.unit:
        name, _, number = view.unit.rpartition(" ")
        for k, size in sizes.items():
            if name in ("", chains[k].trace.name) and number.isascii() and number.isdigit() and int(number) < size:
                return k, int(number)
        ranges = [" to ".join(named(chains[k], unit, len(here) > 1) for unit in (0, size - 1)) for k, size in sizes.items()]
        raise UnitError(f"there is no unit {view.unit!r} at this step; choose one from {', or from '.join(ranges)}")
    if units := spoken(view.reading, view.step):
        return max(units, key=lambda unit: unit[3])[:2]
    changes = []
    for k in here:
        at = view.step - 1 - chains[k].first
        change = np.abs(chains[k].trace.h[at] - before(view, k)[0][at])
        changes.append((float(change.max()), k, int(change.argmax())))
    return max(changes)[1:]


class Shows(NamedTuple):
    """What the live view draws for a lens.

    backward  what is played from right to left, as memory.way_back has it
    trail     what lies under the words, as memory.trail has it
    """

    backward: Callable[[View], list[dict]]
    trail: Callable[[View], dict]


class Lens(NamedTuple):
    """A closer look at what has been read, the same on every page; it knows no task by name.

    name, title, question   in the link and on the command line; on its button; what it answers
    words     one sentence under the question, where the page draws the lens
    panels    what stands under the network: figures and tables; none where the live view itself shows the lens
    numbers   the same as plain values, for --json
    opens     it looks at one step, which can then be chosen       units   and at one unit
    tries     it has the widgets with which the network is changed
    shows     what the live view itself draws for it; None where that is nothing
    """

    name: str
    title: str
    question: str
    panels: Callable[[View], list[Panel]]
    numbers: Callable[[View], dict]
    words: str = ""
    opens: bool = False
    units: bool = False
    tries: bool = False
    shows: Shows | None = None
