"""How long the lenses Memory and What if take on the server: python tests/bench/memory.py

Thirty words, one thread; processor time, which other programs on the machine change least, the best of some rounds in ms.
"""

import time
from collections.abc import Callable

import torch

import rnn_demo
from rnn_demo.edits import Cut
from rnn_demo.lenses import LENSES, View
from rnn_demo.lenses.memory import answering, fadings, gradients
from rnn_demo.tasks import TASKS

TEXT = (
    "The old woman who lived near the river in Lagos never liked to sing with the children of Boston , she said , "
    "but Mr. Paris did not mind"
)
ROUNDS = 7


def best(work: Callable[[], object]) -> float:
    times = []
    for _ in range(ROUNDS):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return 1000 * min(times)


def main() -> None:
    torch.set_num_threads(1)
    task = TASKS["tag"]
    networks = {cell: rnn_demo.load("tag", cell) for cell in task.words.cells}
    print(f"{len(TEXT.split())} words, ms of one core      one answer  triangle  all cells  an edit")
    for network in networks.values():
        reading = task.read(network, TEXT, {}, None)
        view = View(task, network, reading, len(reading.columns), load=networks.get)
        middle = (Cut(len(reading.columns) // 2),)
        row = (
            best(lambda view=view: LENSES["memory"].numbers(view)),
            best(lambda network=network, reading=reading: gradients(network, reading, answering(reading))),
            best(lambda view=view: fadings(view)),
            best(lambda network=network, reading=reading, edits=middle: task.read(network, TEXT, {}, reading, edits)),
        )
        print(f"{network.title:>8}, H = {network.layer.hidden_size:3}  " + "".join(f"{ms:16.1f}" for ms in row))


if __name__ == "__main__":
    main()
