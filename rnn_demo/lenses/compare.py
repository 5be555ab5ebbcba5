"""Compare: the same text, read by all cells of the task."""

import numpy as np

from rnn_demo.edits import EditError, resolved
from rnn_demo.lenses.base import Grid, GridCell, GridRow, Lens, View, chains_at, plain, shown
from rnn_demo.reading import Reading
from rnn_demo.tasks.base import Panel
from rnn_demo.view.bands import full_bar, memory_rows

Answers = dict[str, str]  # cell -> its answer at a step; "" where it has none


def readings(view: View) -> dict[str, Reading]:
    """What each cell of the task makes of the text, by its key, in the order of the page; with the same edits, as far as a cell has
    a place for them."""
    reading, task = view.reading, view.task
    own = lambda cell: cell == reading.asked.cell
    return {cell: reading if own(cell) else _read(view, view.load(cell)) for cell in task.words.cells}


def _read(view: View, network) -> Reading:
    asked, fit = (view.before or view.reading).asked, []
    alone = lambda text: view.task.read(network, text, asked.options, None)
    reading = before = alone(asked.text)
    for edit in view.reading.asked.edits:
        try:
            reading = view.task.read(network, asked.text, asked.options, before, resolved((*fit, edit), before, alone))
        except EditError:
            continue  # a gate that this cell does not have
        fit.append(edit)
    return reading


def numbers(view: View) -> dict:
    """{"cells": {key: what the task's JSON has}}"""
    prints = view.task.prints
    studied = {cell: reading.knowing(prints.study(view.load(cell), reading)) for cell, reading in readings(view).items()}
    return {"cells": {cell: prints.json(reading) for cell, reading in studied.items()}}


def panels(view: View) -> list[Panel]:
    found = readings(view)
    rows = answers(found)
    if not rows:
        return []
    titles = {cell: view.task.words.cells[cell].title for cell in found}
    own = view.reading.asked.cell
    memories = {cell: bars(reading, view.task.colors) for cell, reading in found.items()}
    grid = Grid(
        f"The answers of {len(found)} networks at each step",
        ("step", *titles.values()),
        [GridRow(f"{step} {_token(found, step)}".strip(), _row(found, step, own, memories), step) for step in rows],
    )
    ends = {cell: reading.verdict[0] for cell, reading in found.items()}
    if any(ends.values()):
        grid.rows.append(GridRow("in the end", [GridCell(ends[cell], ends[cell] != ends[own]) for cell in found], 0))
    told = (
        f"{where_they_part(rows, found, titles)} Marked: what differs from “{titles[own]}”. The bars are the rows of the memory, "
        "in the colours of the view. The table follows the player."
    )
    return [Panel(told, grid, wide=True)]


def answers(found: dict[str, Reading]) -> dict[int, Answers]:
    """{step: the answer that each cell shows}, for the steps at which any of them answers."""
    longest = max(len(reading.columns) for reading in found.values())
    rows = {step: {cell: _answer(reading, step) for cell, reading in found.items()} for step in range(1, longest + 1)}
    return {step: row for step, row in rows.items() if any(row.values())}


def _answer(reading: Reading, step: int) -> str:
    return shown(reading, step) if step <= len(reading.columns) else ""


def where_they_part(rows: dict[int, Answers], found: dict[str, Reading], titles: dict[str, str]) -> str:
    """At which step they part first, who says what there, and how often they differ."""
    apart = [step for step, row in rows.items() if len(set(row.values())) > 1]
    steps = f"{len(rows)} steps" if len(rows) > 1 else "one step"
    if not apart:
        return f"**They agree at every step** ({steps} with an answer), if not on how sure they are."
    first = rows[apart[0]]
    sides: dict[str, list[str]] = {}
    for cell, answer in first.items():
        sides.setdefault(answer, []).append(titles[cell])
    said = "; ".join(f"“{plain(_face(found, answer))}”: {' and '.join(cells)}" for answer, cells in sides.items())
    token = _token(found, apart[0])
    where = f"step {apart[0]}" + (f", “{plain(token)}”" if token else "")
    return f"**They part first at {where}** ({said}), and differ at {len(apart)} of {steps}."


def _face(found: dict[str, Reading], answer: str) -> str:
    faces = {known.name: known.face for reading in found.values() for known in reading.answers}
    return faces.get(answer, "nothing more")


def _token(found: dict[str, Reading], step: int) -> str:
    """What goes in at a step; "" where it is not the same for all of them, since each reads what it has written itself."""
    tokens = {reading.columns[step - 1].token.text for reading in found.values() if step <= len(reading.columns)}
    return tokens.pop() if len(tokens) == 1 else ""


def bars(reading: Reading, colors: dict[str, str]) -> list[tuple[tuple[str, float, str], ...]]:
    """For each step the rows of the memory, as far as they speak for an answer: (name, share of a full bar, colour) each."""
    rows = [memory_rows(chain) for chain in reading.chains]
    full = full_bar([levels for _, levels in rows])
    shares = [np.maximum(levels / full, 0).round(2).tolist() for _, levels in rows]
    found = []
    for step in range(1, len(reading.columns) + 1):
        here: list[tuple[str, float, str]] = []
        for k in chains_at(reading, step):
            at = shares[k][step - 1 - reading.chains[k].first]
            here += [(name, share, colors[name]) for name, share in zip(rows[k][0], at, strict=True)]
        found.append(tuple(here))
    return found


def _row(found: dict[str, Reading], step: int, own: str, memories: dict[str, list]) -> list[GridCell]:
    cells = []
    for cell, reading in found.items():
        column = reading.columns[step - 1] if step <= len(reading.columns) else None
        text = f"{column.shown} {column.note}".strip() if column and column.answer else "–"
        differs = _answer(reading, step) != _answer(found[own], step)
        cells.append(GridCell(text, differs, memories[cell][step - 1] if column else ()))
    return cells


LENS = Lens(
    "compare",
    "Compare",
    "What do the other cells make of it?",
    panels,
    numbers,
    "The same text, read by every network of this page, step by step.",
)
