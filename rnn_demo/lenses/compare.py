"""Compare: the same text, read by all cells of the task."""

from rnn_demo.lenses.base import Lens, View
from rnn_demo.reading import Reading
from rnn_demo.tasks.base import Panel


def readings(view: View) -> dict[str, Reading]:
    """What each cell of the task makes of the text, by its key, in the order of the page."""
    reading, task = view.reading, view.task
    text, options = reading.text, reading.asked.options
    own = lambda cell: cell == reading.asked.cell
    return {cell: reading if own(cell) else task.read(view.load(cell), text, options, None) for cell in task.words.cells}


def numbers(view: View) -> dict:
    """{"cells": {key: what the task's JSON has}}"""
    prints = view.task.prints
    studied = {cell: reading.knowing(prints.study(view.load(cell), reading)) for cell, reading in readings(view).items()}
    return {"cells": {cell: prints.json(reading) for cell, reading in studied.items()}}


def panels(view: View) -> list[Panel]:
    return []


LENS = Lens("compare", "Compare", "What do the other cells make of it?", panels, numbers)
