"""How long the server takes to open a lens on 30 words: python tests/bench/lenses.py

Processor time of one core, so that whatever else runs counts for little. Prints a line a task, cell and lens: the figures and
tables made ready, and the numbers alone; median of 9.
"""

import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]

import torch  # noqa: E402
from conftest import MODELS, read  # noqa: E402

from rnn_demo import load  # noqa: E402
from rnn_demo.lenses import LENSES, View  # noqa: E402
from rnn_demo.tasks import TASKS  # noqa: E402

WORDS = (
    "Amina Diallo flew from Dakar to New York and met Kenji Tanaka , who had worked there for the bank since the old days , "
    "before it moved to Lagos ."
)


def measure(make: Callable[[], object]) -> float:
    """Milliseconds."""
    make()
    times = []
    for _ in range(9):
        began = time.process_time()
        make()
        times.append(1000 * (time.process_time() - began))
    return statistics.median(times)


if __name__ == "__main__":
    torch.set_num_threads(1)
    networks = {pair: load(*pair) for pair in MODELS}
    for task, cell in MODELS:
        text = WORDS if TASKS[task].entry.flag == "text" else TASKS[task].entry.seed
        reading = read(task, cell, text)
        others = {other: networks[pair] for pair in MODELS for other in pair[1:] if pair[0] == task}
        view = View(TASKS[task], networks[task, cell], reading, len(reading.columns), load=others.__getitem__)
        for lens in (lens for lens in LENSES.values() if lens.words):
            drawn, alone = (measure(partial(how, view)) for how in (lens.panels, lens.numbers))
            steps = len(reading.columns)
            print(f"{task} {cell} {lens.name}: {drawn:.1f} ms drawn, {alone:.1f} ms as numbers, {steps} steps", flush=True)
