"""This step: what came out, which memory spoke for it, and how the word became numbers. The live view draws it itself."""

import numpy as np

from rnn_demo.lenses.base import Lens, View, spoken
from rnn_demo.view.bands import memory_rows

LOUDEST = 6  # units, as many as the view shows
MOST = 8  # answers


def numbers(view: View) -> dict:
    """{"step", "token", "answer", "probs": {face: p}, "units": [{"chain", "unit", "h", "adds", "tells"}],
    "memory": {chain: [[group, nats a unit]]}, "x": {part: [numbers]}}

    `adds` is what a unit adds to the score of the answer, over what it adds to all answers, in nats; no units where nothing comes
    out, or where the readout bends. `tells` is what a unit tells best, and its AUC: {"what": "after a comma", "auc": 0.97}, "" for
    nothing; it is left out where nobody has measured it. `memory` holds the rows that the view shows first.
    """
    reading, i = view.reading, view.step - 1
    column, probs = reading.columns[i], reading.probs[i]
    kept = np.argsort(-probs, kind="stable")[:MOST] if column.answer else []
    memory = {}
    for chain in reading.chains:
        if 0 <= (at := i - chain.first) < len(chain.time):
            names, levels = memory_rows(chain)
            memory[chain.trace.name] = [[name, round(level, 5)] for name, level in zip(names, levels[at].tolist(), strict=True)]
    units = []
    for k, unit, h, add in spoken(reading, view.step):
        tells = reading.chains[k].tells
        told = {"tells": dict(zip(("what", "auc"), tells[unit], strict=True))} if tells else {}
        units.append({"chain": reading.chains[k].trace.name, "unit": unit, "h": round(h, 4), "adds": round(add, 4), **told})
    x = reading.side_by_side("x")[i]
    ends = np.cumsum([size for _, size in reading.block.parts])
    return {
        "step": view.step,
        "token": column.token.text,
        "answer": column.answer,
        "probs": {reading.answers[k].face: round(float(probs[k]), 6) for k in kept},
        "units": sorted(units, key=lambda unit: -unit["adds"])[:LOUDEST],
        "memory": memory,
        "x": {
            name: [round(float(value), 6) for value in part]
            for (name, _), part in zip(reading.block.parts, np.split(x, ends[:-1]), strict=True)
        },
    }


LENS = Lens("step", "This step", "What came out, and which memory spoke for it?", lambda view: [], numbers)
