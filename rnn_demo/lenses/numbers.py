"""Figures: Plotly to zoom into, and every number as a file."""

import json

from rnn_demo import figures
from rnn_demo.export import trace_json
from rnn_demo.lenses.base import Lens, View
from rnn_demo.tasks.base import Panel


def panels(view: View) -> list[Panel]:
    """Every hidden unit at every step, what the task adds, and the hidden state as a walk."""
    reading = view.reading
    if not reading.columns:
        return []
    heats = [
        Panel(
            f"**Every hidden unit at every step{_of(chain.trace.name, len(reading.chains))}.** Point at a cell for its number; "
            "drag to zoom, double-click to go back.",
            figures.hidden_heatmap(chain.trace, chain.order),
            f"Heat map of {chain.trace.h.shape[1]} hidden units over {len(chain.trace.tokens)} tokens.",
            wide=True,
        )
        for chain in reading.chains
    ]
    answering = next(chain for chain in reading.chains if chain.trace.logits is not None)
    answers = [column.answer for column in reading.columns[answering.first :][: len(answering.time)]]
    path = Panel(
        "**The hidden state as a walk in the plane.** Words that leave a similar state lie close together.",
        figures.hidden_path(answering.trace, answers, view.task.colors),
        "The path of the hidden state in its two main directions.",
    )
    return [*heats, *view.task.extras.closer(reading), path]


def _of(name: str, chains: int) -> str:
    return f", the {name} chain" if chains > 1 else ""


def numbers(view: View) -> dict:
    """Everything that the chains did at every step, as export.trace_json has it."""
    return json.loads(trace_json(view.reading, view.task.shape.feeds_back))


LENS = Lens(
    "figures",
    "Figures",
    "All of it, to zoom into and to take away",
    panels,
    numbers,
    "Every hidden unit at every step, and the numbers as files.",
)
