"""Inside: what the block of one step computes."""

from rnn_demo.lenses.base import Lens, View
from rnn_demo.lenses.opened import opened
from rnn_demo.tasks.base import Panel


def numbers(view: View) -> dict:
    """{"step", "chain", "unit", "token", "h_before", "h", "gates": {letter: value}, "terms": {letter: {"x", "h"}}}, of an LSTM also
    "c_before" and "c"; see Opened.numbers."""
    step = opened(view)
    token = view.reading.columns[view.step - 1].token.text
    return {"step": view.step, "chain": step.chain.trace.name, "unit": step.unit, "token": token, **step.numbers()}


def panels(view: View) -> list[Panel]:
    return []


LENS = Lens("inside", "Inside", "What does the block compute?", panels, numbers)
