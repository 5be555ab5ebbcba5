"""What a lens is, and what the lenses share."""

from collections.abc import Callable
from typing import Any, NamedTuple

from rnn_demo.reading import Reading
from rnn_demo.tasks.base import Panel, Task


class LensError(ValueError):
    """There is nothing to see at this step; the message says where there is."""


class View(NamedTuple):
    """What a lens looks at: a reading of a task by a network, at a step, 1..T.

    load     a cell of the task -> its network, for lenses that compare
    before   the reading without edits, where `reading` has some
    """

    task: Task
    network: Any
    reading: Reading
    step: int
    load: Callable[[str], Any] | None = None
    before: Reading | None = None


class Lens(NamedTuple):
    """A closer look at what has been read, the same on every page; it knows no task by name.

    name, title, question   in the link and on the command line; on its button; what it answers
    panels    what stands under the network: figures and tables; none where the live view itself shows the lens
    numbers   the same as plain values, for --json
    tries     whether it looks at the reading with the edits that were chosen on the page, and draws their widgets
    """

    name: str
    title: str
    question: str
    panels: Callable[[View], list[Panel]]
    numbers: Callable[[View], dict]
    tries: bool = False
