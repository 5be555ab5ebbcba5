"""Training beside the server: worker processes, which visitors share in short turns.

Workshop   the workers, and the row of those who wait          Run   one network that learns, as the server has it
turn       what a worker does: from a state, some steps, to a state and the moments on the way
WorkerLost   no worker could do it; the message says what to do

A worker remembers nothing that counts: a run's state travels with each turn. So any worker can take the next turn, and when one
crashes no more is lost than that turn.
"""

import contextlib
import functools
import itertools
import logging
import multiprocessing
import os
import sys
import threading
import time
import types
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any, NamedTuple

from rnn_demo.learn.base import Setup

LOG = logging.getLogger(__name__)
TURN = 0.2  # seconds; the step in which they run out is finished
LEASE = 1.5  # seconds for which somebody who has asked for more is taken to be there still
CRASHES = 3  # in a row, and a run is given up
NICE = 15  # so much a worker stands back for the server
KEPT = 40  # moments of a run; then every second one is let go, so that it has about thirty
POINTS = 400  # of a curve that is drawn


class WorkerLost(RuntimeError):
    """A worker has crashed again and again, or none can be started; the message says what to do."""


class Turn(NamedTuple):
    """What came of a turn: the state, the moments on the way, the loss of each step, whether it has exploded."""

    state: Any
    moments: list
    losses: list[float]
    exploded: bool


# Of a worker: the network of its last turn, which saves it from building the same one again.
_known: dict[tuple[Setup, int], Any] = {}


def turn(setup: Setup, state: Any, last: int, seconds: float) -> Turn:
    """Learn for so many seconds, or to the step `last`, whichever comes first."""
    from rnn_demo.learn.learning import Learning, every

    ends = time.perf_counter() + seconds
    here = (setup, state.step) if state else None
    learning = _known.pop(here, None) or Learning(setup, state)
    moments, losses = ([] if state else [learning.moment()]), []
    for step in learning.steps(last - learning.step):
        losses.append(learning.last_loss)
        if step % every(setup) == 0 or step == last or learning.exploded:
            moments.append(learning.moment())
        if time.perf_counter() >= ends:
            break
    _known.clear()
    _known[setup, learning.step] = learning
    return Turn(learning.state, moments, losses, learning.exploded)


def _begin() -> None:
    """A worker's first act: it stands back, takes one core and no more, and is bound to its server."""
    os.nice(NICE)
    threading.Thread(target=_follow, args=[multiprocessing.parent_process()], daemon=True).start()
    import torch

    torch.set_num_threads(1)


def _follow(server: Any) -> None:
    """End with the server, also with one that was killed and could tell nobody. Linux' own signal for that (PR_SET_PDEATHSIG) comes
    when the thread ends that has started a process, and here that is one of a page's short runs."""
    server.join()
    os._exit(1)


@contextlib.contextmanager
def _no_script() -> Iterator[None]:
    """A process that is spawned runs its parent's script again, unless there is none: under Streamlit that is the whole app."""
    script = sys.modules["__main__"]
    sys.modules["__main__"] = types.ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = script


def thinned(rows: list, most: int) -> list:
    """At most so many of the rows, evenly, the first and the last among them. [1, 2, 3, 4, 5], 3 -> [1, 3, 5]"""
    if len(rows) <= most:
        return rows
    return [rows[round(i * (len(rows) - 1) / (most - 1))] for i in range(most)]


def reach(setup: Setup, weights: dict) -> tuple[int, dict[int, float]]:
    """What learning.solved says of a network."""
    from rnn_demo.learn.files import fitting
    from rnn_demo.learn.learning import solved
    from rnn_demo.learn.network import fresh

    network = fresh(setup)
    fitting(network, weights)
    return solved(network)


class Run:
    """One network that learns.

    number    another one for every run of this server: by it a view knows that what it draws is still the same one
    moments   about thirty, evenly spaced, the first and the newest among them; each has all that there is to see
    curve     (step, loss, accuracy) of every moment          losses   of every step
    note      what has happened to it that its owner should know, "" for nothing
    over      whether it will learn no more: it has exploded, or was given up
    reached   what `reach` has found of a moment, by its step
    """

    _numbers = itertools.count(1)

    def __init__(self, setup: Setup, first: Any = None):
        self.number = next(self._numbers)
        self.setup, self.state = setup, None
        self.curve, self.losses = [], []
        self.note, self.over, self.crashes = "", False, 0
        self.reached: dict[int, Any] = {}
        self.wanted, self.until, self.waits = 0, 0.0, False
        self._kept: list[tuple[int, Any]] = []  # with the number of each
        self._spacing, self._count = 1, 0
        if first:
            self.keep(first)

    @property
    def step(self) -> int:
        return self.state.step if self.state else 0

    @property
    def moments(self) -> list:
        return [moment for _, moment in self._kept]

    def keep(self, moment: Any) -> None:
        """Keep a moment; when there are too many, every second one goes. The newest always stays."""
        if self._kept and moment.step <= self._kept[-1][1].step:
            return
        if self._kept and self._kept[-1][0] % self._spacing:
            self._kept.pop()  # it was kept for being the newest alone
        self._kept.append((self._count, moment))
        self._count += 1
        self.curve.append((moment.step, moment.loss, moment.accuracy))
        if len(self._kept) > KEPT:
            self._spacing *= 2
            self._kept = [pair for pair in self._kept[:-1] if pair[0] % self._spacing == 0] + self._kept[-1:]

    def take(self, done: Turn) -> None:
        self.state, self.crashes = done.state, 0
        self.losses += done.losses
        for moment in done.moments:
            self.keep(moment)
        if done.exploded:
            self.over = True
            self.note = (
                f"It exploded at step {self.step}: the loss is no number any more. A smaller learning rate or clipping may help."
            )


class Workshop:
    """The workers, and the row of those who wait for one. Everybody has a turn after the other.

    count   how many workers: by itself what UNROLLED_WORKERS says, or all cores of the machine but one
    """

    def __init__(self, count: int = 0, turn=turn):
        self.count = count or int(os.environ.get("UNROLLED_WORKERS", 0)) or max(1, (os.cpu_count() or 2) - 1)
        self._turn = turn
        self._lock = threading.RLock()
        self._pools: list[ProcessPoolExecutor | None] = [None] * self.count
        self._free = list(range(self.count))[::-1]  # the one that was used last is taken first: it is warm
        self._row: deque[Run] = deque()
        self._closed = False

    def want(self, run: Run, last: int) -> int:
        """Ask that a run learns on to the step `last`. That holds for LEASE seconds: whoever is still there asks again. Its place
        among those who wait, 0 if it does not."""
        with self._lock:
            run.wanted, run.until = last, time.monotonic() + LEASE
            if not run.waits and not run.over and run.step < last:
                run.waits = True
                self._row.append(run)
                self._serve()
            return self._row.index(run) + 1 if run in self._row else 0

    def rest(self, run: Run) -> None:
        """It is to learn no more for now; the turn that it is in is finished."""
        with self._lock:
            run.until = 0.0

    def warm(self) -> None:
        """Start a worker, so that the first step need not wait for it."""
        with self._lock, contextlib.suppress(WorkerLost):  # whoever trains will be told
            if self._pools[0] is None:
                self._submit(0, os.getpid)

    def compute(self, job: Any, *given: Any) -> Any:
        """What job(*given) returns, in a worker: one that has nothing to do, or the first one after its turn. For what would hold
        the server up. WorkerLost where workers crash of it."""
        for _ in range(CRASHES):
            with self._lock:
                place = self._free.pop() if self._free else None
            try:
                with self._lock:
                    future = self._submit(place or 0, job, *given)
                return future.result()
            except BrokenProcessPool:
                continue
            finally:
                if place is not None:
                    with self._lock:
                        self._free.append(place)
                        self._serve()
        raise WorkerLost("The process that worked on this has crashed, more than once. Try it again, or with other settings.")

    def close(self) -> None:
        """End the workers, each after the turn that it is in."""
        with self._lock:
            self._closed = True
            self._row.clear()
        for pool in self._pools:  # without the lock, which those want who come back from their last turn
            if pool:
                pool.shutdown(wait=True, cancel_futures=True)

    def _serve(self) -> None:
        while self._free and self._row:
            run = self._row.popleft()
            if time.monotonic() > run.until:
                run.waits = False  # gone
                continue
            place = self._free.pop()
            try:
                future = self._submit(place, self._turn, run.setup, run.state, run.wanted, TURN)
            except WorkerLost as lost:
                self._free.append(place)
                run.waits, run.over, run.note = False, True, str(lost)
                continue
            except RuntimeError:  # Python is being ended, and starts nothing any more
                self._closed, run.waits = True, False
                self._row.clear()
                return
            future.add_done_callback(functools.partial(self._ended, place, self._pools[place], run))

    def _submit(self, place: int, job: Callable, *given: Any) -> Future:
        """Give the worker at a place something to do; it is started where there is none. WorkerLost where that cannot be done."""
        for _ in range(2):
            if self._pools[place] is None:
                self._pools[place] = ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), _begin)
            try:
                with _no_script():
                    return self._pools[place].submit(job, *given)
            except BrokenProcessPool:
                self._pools[place] = None  # it died while it had nothing to do: another one takes its place
            except OSError:  # no memory, or too many processes
                self._pools[place] = None
                break
        raise WorkerLost("This machine can start no process that trains: it is short of memory, or of processes. Try again later.")

    def _ended(self, place: int, pool: ProcessPoolExecutor, run: Run, future: Future) -> None:
        with self._lock:
            self._free.append(place)
            run.waits = False
            error = future.exception()
            if error is None:
                run.take(future.result())
            elif isinstance(error, BrokenProcessPool):
                if self._pools[place] is pool:  # or somebody has met the crash before, and has started another one
                    self._pools[place] = None
                run.crashes += 1
                run.over = run.crashes >= CRASHES
                goes_on = "It was tried again, in vain: take other settings" if run.over else f"It goes on from step {run.step}"
                run.note = f"The process that trained this network has crashed. {goes_on}."
            else:
                run.over, run.note = True, "Its training has failed. Start again, or take other settings."
                LOG.error("A turn of %s failed", run.setup._replace(text=""), exc_info=error)
            if not self._closed and not run.over and run.step < run.wanted and time.monotonic() <= run.until:
                run.waits = True
                self._row.append(run)
            self._serve()
