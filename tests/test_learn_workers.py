"""Training beside the server: turns that are shared fairly, who leaves is forgotten, a worker that crashes is said and replaced."""

import math
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from conftest import ROOT

from rnn_demo.learn import workers
from rnn_demo.learn.learning import Learning
from rnn_demo.learn.setup import set_up
from rnn_demo.learn.workers import KEPT, LEASE, NICE, TURN, Run, Turn, WorkerLost, Workshop, reach, thinned
from rnn_demo.learn.workers import turn as real_turn

SMALL = set_up("parity", hidden=4, length=6, batch=4)
PATIENCE = 120  # seconds: nothing here tests how fast this machine is


class Moment:
    """All that a Run asks of one."""

    loss = accuracy = 0.5

    def __init__(self, step):
        self.step = step


class Place:
    """A state: which process left it, and whose turn it was."""

    def __init__(self, step, who="", nice=0, pid=0):
        self.step, self.who, self.nice, self.pid = step, who, nice, pid


def slow(setup, state, last, seconds):
    """A turn that does one step, in a tenth of a second."""
    time.sleep(0.1)
    step = (state.step if state else 0) + 1
    return Turn(Place(step, setup.seed, os.nice(0), os.getpid()), [Moment(step)], [0.5], False)


def crashes(setup, state, last, seconds):
    """The third step kills the process, once for seed 1 and always for seed 2."""
    done = slow(setup, state, last, seconds)
    if done.state.step == 3 and (setup.seed == 2 or not os.environ.get("CRASHED")):
        os.kill(os.getpid(), signal.SIGKILL)
    return done


def dies(marker: Path) -> int:
    """Kill the process that does this; once, if it can leave a file, else always."""
    if not marker.exists():
        if marker.parent.is_dir():
            marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return os.getpid()


def until(holds, ask=lambda: None):
    """Ask again and again, as a page does, until it holds."""
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end
        ask()
        threading.Event().wait(0.05)


@pytest.fixture
def workshop():
    made = []

    def make(turn, count=1):
        made.append(Workshop(count, turn))
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_visitors_take_turns_and_see_their_place_and_who_leaves_is_forgotten(workshop):
    shop = workshop(slow)
    runs = [Run(SMALL._replace(seed=seed)) for seed in range(3)]
    places = [shop.want(run, 100) for run in runs]
    assert places == [0, 1, 2]  # one worker: the first is served at once
    until(lambda: min(run.step for run in runs) >= 4, lambda: [shop.want(run, 100) for run in runs])
    steps = [run.step for run in runs]
    assert max(steps) - min(steps) <= 1  # whoever comes round has had as many turns as everybody else
    assert {run.state.nice for run in runs} == {min(19, os.nice(0) + NICE)} and {run.state.pid for run in runs} != {os.getpid()}
    gone, *stay = runs
    until(lambda: time.monotonic() > gone.until, lambda: [shop.want(run, 100) for run in stay])
    until(lambda: not gone.waits, lambda: [shop.want(run, 100) for run in stay])
    was = gone.step
    before = stay[0].step
    until(lambda: stay[0].step >= before + 3, lambda: [shop.want(run, 100) for run in stay])
    assert gone.step == was
    assert LEASE + TURN + 0.1 < 2  # by then at the latest it learns no more


def test_rest_ends_it_and_more_than_one_worker_serves_side_by_side(workshop):
    shop = workshop(slow, 2)
    one, two = (Run(SMALL._replace(seed=seed)) for seed in range(2))
    assert [shop.want(one, 3), shop.want(two, 100)] == [0, 0]
    until(lambda: one.step == 3 and two.step >= 3, lambda: (shop.want(one, 3), shop.want(two, 100)))
    assert one.state.pid != two.state.pid
    assert shop.compute(os.getpid) == one.state.pid and two.waits  # whoever has nothing to do computes
    shop.rest(two)
    until(lambda: not two.waits)
    assert one.step == 3 and [step for step, _, _ in one.curve] == [1, 2, 3]


def test_the_worker_that_was_warmed_serves_first_and_one_that_died_idle_is_replaced(workshop):
    shop = workshop(slow, 3)
    shop.warm()
    warm = shop.compute(os.getpid)
    run = Run(SMALL)
    until(lambda: run.step == 1, lambda: shop.want(run, 1))
    assert run.state.pid == warm
    os.kill(warm, signal.SIGKILL)
    until(lambda: not alive(warm))
    assert shop.compute(os.getpid) not in (warm, os.getpid())


def test_what_is_computed_survives_a_crash_and_one_that_always_comes_is_said(workshop, tmp_path, monkeypatch):
    monkeypatch.setattr(workers, "CRASHES", 2)
    shop = workshop(slow)
    assert shop.compute(dies, tmp_path / "died") != os.getpid()
    with pytest.raises(WorkerLost, match="crashed, more than once"):
        shop.compute(dies, tmp_path / "no folder" / "died")
    assert shop._free == [0]


def test_where_no_process_can_be_started_it_is_said(workshop, monkeypatch):
    class Full:
        def __init__(self, *given):
            pass

        def submit(self, *given):
            raise BlockingIOError("Resource temporarily unavailable")

    monkeypatch.setattr(workers, "ProcessPoolExecutor", Full)
    shop = workshop(slow)
    shop.warm()
    run = Run(SMALL)
    assert shop.want(run, 5) == 0 and run.over and not run.waits and "can start no process" in run.note
    with pytest.raises(WorkerLost, match="can start no process"):
        shop.compute(os.getpid)


SERVER = """
import os, signal, threading
from rnn_demo.learn.workers import Workshop
shop = Workshop(1)
threading.Thread(target=lambda: print(shop.compute(os.getpid), flush=True)).start()
signal.pause()
"""


def test_workers_end_with_a_server_that_was_killed():
    """The output that they have from it is closed when the last of them has ended. The thread that starts one ends long before."""
    server = subprocess.Popen([sys.executable, "-c", SERVER], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert alive(int(server.stdout.readline()))
    server.kill()
    assert server.communicate(timeout=PATIENCE)[0] == ""


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_crash_is_said_and_it_goes_on_from_where_it_was(workshop, monkeypatch):
    shop = workshop(crashes)
    run, other = Run(SMALL), Run(SMALL._replace(seed=2))
    until(lambda: run.note, lambda: shop.want(run, 5))
    assert "crashed. It goes on from step 2" in run.note
    monkeypatch.setenv("CRASHED", "1")  # the next process inherits it
    until(lambda: run.over or run.step == 5, lambda: shop.want(run, 5))
    assert run.step == 5 or run.over  # it may have met the third step again before
    until(lambda: other.over, lambda: shop.want(other, 5))
    assert other.step == 2 and "in vain" in other.note


def test_a_real_network_learns_in_a_worker_as_it_does_here(workshop):
    shop = workshop(real_turn)
    run = Run(SMALL)
    until(lambda: run.step == 60, lambda: shop.want(run, 60))
    here = Learning(SMALL)
    steps = list(here.steps(60))
    assert len(run.losses) == len(steps) == 60
    assert run.losses[-1] == here.last_loss and run.moments[-1].step == 60 and run.moments[0].step == 0
    assert run.moments[-1].loss == here.moment().loss
    assert shop.compute(reach, SMALL, run.moments[-1].weights)[1].keys() >= {2, 50}


def test_about_thirty_moments_are_kept_evenly_and_the_newest_always():
    run = Run(SMALL)
    for step in range(0, 10_000, 25):
        run.keep(Moment(step))
        steps = [moment.step for moment in run.moments]
        assert steps[0] == 0 and steps[-1] == step and len(steps) <= KEPT + 1 and sorted(set(steps)) == steps
    gaps = {b - a for a, b in zip(steps[:-1], steps[1:-1], strict=False)}
    assert len(gaps) == 1 and 15 <= len(steps) <= KEPT


def test_a_copy_starts_as_many_workers_as_it_is_told(monkeypatch):
    monkeypatch.setenv("UNROLLED_WORKERS", "3")
    assert Workshop().count == 3 and Workshop(2).count == 2
    monkeypatch.delenv("UNROLLED_WORKERS")
    assert Workshop().count == max(1, os.cpu_count() - 1)


def test_what_explodes_stops_and_says_so():
    run = Run(SMALL)
    run.take(Turn(Place(7), [Moment(7)], [math.nan], True))
    assert run.over and "exploded at step 7" in run.note


def test_of_a_long_curve_some_points_are_drawn():
    assert thinned([1, 2, 3, 4, 5], 3) == [1, 3, 5]
    assert thinned([1, 2], 3) == [1, 2]
    assert len(thinned(list(range(20_000)), 400)) == 400
