"""This step: what came out, which memory spoke for it, and how the word became numbers. The live view draws it itself."""

import numpy as np

from rnn_demo.lenses.base import Lens, View, spoken

LOUDEST = 6  # units, as many as the view shows
MOST = 8  # answers


def numbers(view: View) -> dict:
    """{"step", "token", "answer", "probs": {face: p}, "units": [{"chain", "unit", "h", "adds"}], "x": {part: [numbers]}}

    `adds` is what a unit adds to the score of the answer, over what it adds to all answers, in nats; no units where nothing comes
    out, or where the readout bends.
    """
    reading, i = view.reading, view.step - 1
    column, probs = reading.columns[i], reading.probs[i]
    kept = np.argsort(-probs, kind="stable")[:MOST] if column.answer else []
    units = [
        {"chain": reading.chains[k].trace.name, "unit": unit, "h": round(h, 4), "adds": round(add, 4)}
        for k, unit, h, add in spoken(reading, view.step)
    ]
    x = reading.side_by_side("x")[i]
    ends = np.cumsum([size for _, size in reading.block.parts])
    return {
        "step": view.step,
        "token": column.token.text,
        "answer": column.answer,
        "probs": {reading.answers[k].face: round(float(probs[k]), 6) for k in kept},
        "units": sorted(units, key=lambda unit: -unit["adds"])[:LOUDEST],
        "x": {
            name: [round(float(value), 6) for value in part]
            for (name, _), part in zip(reading.block.parts, np.split(x, ends[:-1]), strict=True)
        },
    }


LENS = Lens("step", "This step", "What came out, and which memory spoke for it?", lambda view: [], numbers)
