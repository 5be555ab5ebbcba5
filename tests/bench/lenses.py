"""How long the server takes to open a lens: python tests/bench/lenses.py [task ...]

Processor time of one core, the least of 7, so that whatever else runs counts for little. Prints a line for every task, cell and
lens on 30 words: all that stands on the page made ready, as Plotly's JSON too, and the numbers alone; an edit; and the same for
the longest texts of Tag and Rate. What must be asked for on the page is not counted. Afterwards the largest of each, against what
it must reach.
"""

import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]

import plotly.graph_objects as go  # noqa: E402
import torch  # noqa: E402
from conftest import MODELS, read  # noqa: E402

from rnn_demo import load  # noqa: E402
from rnn_demo.edits import Cut  # noqa: E402
from rnn_demo.lenses import LENSES, View  # noqa: E402
from rnn_demo.tasks import TASKS  # noqa: E402

WORDS = (
    "Amina Diallo flew from Dakar to New York and met Kenji Tanaka , who had worked there for the bank since the old days , "
    "before it moved to Lagos ."
)
LONG = {"tag": 60, "rate": 200}
AIMS = {"inside": 20, "memory": 60, "compare": 80, "an edit": 20, "long": 300}


def measure(make: Callable[[], object]) -> float:
    """Milliseconds."""
    make()
    times = []
    for _ in range(7):
        began = time.process_time()
        make()
        times.append(1000 * (time.process_time() - began))
    return min(times)


def drawn(lens, view: View) -> None:
    """As a page draws it: first what stands in the live view, then the rest."""
    view = view._replace(kept={})
    if lens.shows:
        view.once(lens.shows.trail)
    for panel in lens.panels(view):
        if isinstance(panel.figure, go.Figure):
            panel.figure.to_json()


def edit(view: View) -> View:
    """The same view of the reading whose memory is cut before its second step."""
    asked = view.reading.asked
    reading = view.task.read(view.network, asked.text, asked.options, view.reading, (Cut(2),))
    return view._replace(reading=reading, before=view.reading)


def long_text(task: str) -> str:
    words = WORDS.split()
    return " ".join(words[i % len(words)] for i in range(LONG[task]))


if __name__ == "__main__":
    torch.set_num_threads(1)
    networks = {pair: load(*pair) for pair in MODELS}
    largest: dict[str, tuple[float, str]] = {}
    for task, cell in MODELS:
        if sys.argv[1:] and task not in sys.argv[1:]:
            continue
        texts = [WORDS if TASKS[task].entry.flag == "text" else TASKS[task].entry.seed]
        for text in [*texts, *([long_text(task)] if task in LONG else [])]:
            reading = read(task, cell, text)
            others = {other: networks[pair] for pair in MODELS for other in pair[1:] if pair[0] == task}
            view = View(TASKS[task], networks[task, cell], reading, len(reading.columns), load=others.__getitem__)
            steps, found = len(reading.columns), {"an edit": measure(partial(edit, view))}
            for lens in (lens for lens in LENSES.values() if lens.words):
                seen = edit(view) if lens.tries else view
                found[lens.name] = measure(partial(drawn, lens, seen))
                alone = measure(partial(lens.numbers, seen))
                where = f"{task} {cell} {lens.name}, {steps} steps"
                print(f"{where}: {found[lens.name]:.1f} ms drawn, {alone:.1f} ms as numbers", flush=True)
            if view.task.entry.flag == "text":
                print(f"{task} {cell} an edit, {steps} steps: {found['an edit']:.1f} ms")
            for name, ms in found.items():
                kind = "long" if text != texts[0] else name
                largest[kind] = max(largest.get(kind, (0.0, "")), (ms, f"{task} {cell} {name}"))
    for name, aim in AIMS.items():
        ms, where = largest.get(name, (0.0, "nowhere"))
        print(f"at most {ms:.0f} ms for {name} ({where}); it must reach {aim}")
