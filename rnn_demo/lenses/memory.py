"""Memory: which words does an answer rest on, and how fast is a word forgotten?"""

from rnn_demo.lenses.base import Lens, LensError, View
from rnn_demo.reading import Reading


def shown(reading: Reading, step: int) -> str:
    """The name of the answer that is shown at a step: that which is written there, or else the one that was given."""
    column = reading.columns[step - 1]
    written = [answer.name for answer in reading.answers if answer.face == column.shown]
    return written[0] if column.answer and written and column.answer not in written else column.answer


def labels_of(reading: Reading, name: str) -> tuple[str, ...]:
    """The labels of the network that make up an answer. "PER" -> ("B-PER", "I-PER")"""
    return next(answer.labels or (answer.name,) for answer in reading.answers if answer.name == name)


def found(view: View):
    """The answer that is looked at, and networks.influence.Influence of it. LensError where nothing is answered."""
    from rnn_demo.networks.influence import influence  # not at the top: it needs torch

    reading, step = view.reading, view.step
    name = shown(reading, step) if reading.columns else ""
    if not name:
        steps = [t for t, column in enumerate(reading.columns, start=1) if column.answer]
        has = f"choose a step from {steps[0]} to {steps[-1]}" if steps else "there is nothing to read"
        raise LensError(f"nothing is answered at step {step}; {has}")
    return name, influence(view.network, reading.traces, step, labels_of(reading, name), reading.asked.edits)


def numbers(view: View) -> dict:
    """{"step", "answer", "log_prob", "gradient": [a number a word], "product": [...], "erased": [...]}, as Influence has them; for
    the words up to the step, and, where a second chain comes back from the end, for all words."""
    name, result = found(view)
    rows = {key: [float(f"{value:.6g}") for value in getattr(result, key)] for key in ("gradient", "product", "erased")}
    return {"step": view.step, "answer": name, "log_prob": float(f"{result.log_prob:.6g}"), **rows}


def panels(view: View) -> list:
    return []


LENS = Lens("memory", "Memory", "Which words does this answer rest on, and how fast are they forgotten?", panels, numbers)
