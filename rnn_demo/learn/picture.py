"""A run at one of its moments as the JSON that learn_view.js draws. numpy only."""

import base64
from typing import Any, NamedTuple

import numpy as np

from rnn_demo.colors import GROUP_COLORS, NEGATIVE, POSITIVE
from rnn_demo.learn import JOBS
from rnn_demo.learn.base import Rival, rounded
from rnn_demo.learn.reading import CELLS
from rnn_demo.learn.workers import POINTS, Run, thinned

CELL_COLORS = dict(zip(CELLS, (GROUP_COLORS[1], GROUP_COLORS[2], GROUP_COLORS[0]), strict=True))


class Now(NamedTuple):
    """What changes with the visitor: whether it learns, how fast, how many wait before it, a line to the reader; and the curve that
    stands on the pad, "" for none yet, None where no pad is open."""

    playing: bool
    speed: str
    speeds: tuple[tuple[str, str], ...]
    place: int = 0
    note: str = ""
    pad: str | None = None


def picture(run: Run, moment: Any, rival: Rival, now: Now, race: list[Run] | None = None) -> dict:
    """Everything that learn_view.js draws of a run.

    {"run": its number, "step", "shown": the moment's step, "moments": [steps], "measure", "rival": {"title", "loss", "score"},
     "loss", "accuracy", "curve": [[step, loss, accuracy]], "losses": [[step, loss]], "gradient": [by distance],
     "weights": [{"title", "rows", "columns", "split", "largest", "values": base64 of int8}],
     "race": [{"run", "cell", "color", "curve"}],
     "more": what the job tells besides, and the fields of Now}
    """
    moments = [kept.step for kept in run.moments]
    curve = [row for row in run.curve if row[0] <= moment.step]
    losses = list(enumerate(run.losses[: moment.step], start=1))
    return {
        **now._asdict(),
        "run": run.number,
        "step": run.step,
        "shown": moment.step,
        "moments": moments,
        "over": run.over,
        "measure": JOBS[run.setup.job].measure,
        "rival": rival._asdict(),
        "loss": rounded(moment.loss),
        "accuracy": rounded(moment.accuracy),
        "curve": [[rounded(value) for value in row] for row in thinned(curve, POINTS)],
        "losses": [[step, rounded(value)] for step, value in thinned(losses, POINTS)],
        "gradient": [rounded(value) for value in moment.gradient],
        "weights": heat_maps(tuple(moment.example.chains[0].trace.gates), moment.weights),
        "heat": {"negative": NEGATIVE, "positive": POSITIVE},
        "race": [raced(one) for one in race or ()],
        "more": dict(moment.example.facts),
    }


def raced(run: Run) -> dict:
    """One of a race: its number, its cell, the colour of it, and [step, score] of its moments."""
    rows = [[step, rounded(accuracy)] for step, _, accuracy in thinned(run.curve, POINTS)]
    return {"run": run.number, "cell": CELLS[run.setup.cell], "color": CELL_COLORS[run.setup.cell], "curve": rows}


def heat_maps(gates: tuple[str, ...], weights: dict[str, np.ndarray]) -> list[dict]:
    """A heat map for each gate of each layer, its input's columns before those of the old state; and one for the readout."""
    letters = gates or ("h",)
    layers = sorted(name for name in weights if name.startswith("layer.weight_hh"))
    found = []
    for layer in layers:
        below, own = weights[layer.replace("hh", "ih")], weights[layer]
        hidden = own.shape[1]
        both = np.concatenate([below, own], axis=1)
        which = f" {layer[-1:]}" if len(layers) > 1 else ""
        for k, letter in enumerate(letters):
            part = both[k * hidden : (k + 1) * hidden]
            found.append(_heat(f"{letter}{int(which) + 1 if which else ''}", part, below.shape[1]))
    return [*found, _heat("answers", weights["readout.weight"], 0)]


def _heat(title: str, values: np.ndarray, split: int) -> dict:
    finite = np.nan_to_num(values, posinf=0.0, neginf=0.0)
    largest = max(float(np.abs(finite).max(initial=0)), 1e-6)
    scaled = np.rint(finite / largest * 127).astype(np.int8)
    rows, columns = values.shape
    return {
        "title": title,
        "rows": rows,
        "columns": columns,
        "split": split,
        "largest": round(largest, 4),
        "values": base64.b64encode(scaled.tobytes()).decode(),
    }
