"""What the Train page must reach: python tests/bench/learn.py targets|typists|pictures|all [--typists 20] [--seconds 10]

targets   each job's goal, with three seeds, on one core; about six minutes
typists   so many typists on the first page, without and with two visitors whose networks learn; about three minutes
pictures  how often the page is drawn while a network learns, and its longest step
"""

import argparse
import asyncio
import contextlib
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]

from conftest import open_browser, start_app  # noqa: E402
from page import KEYS, KEYS_A_SECOND, crowd  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402

from rnn_demo.learn.base import Setup  # noqa: E402
from rnn_demo.learn.setup import set_up  # noqa: E402

SECONDS = 20.0  # on one core
SEEDS = (1, 2, 3)
TYPISTS = 20
POLL = 0.3  # as app/train_page.py
WATCHED = 10  # seconds of a page on which a network learns
LONG = """() => {
  window.steps = [0];
  new PerformanceObserver((list) => list.getEntries().forEach((entry) => window.steps.push(entry.duration)))
    .observe({ type: 'longtask' });
}"""


def learnt(setup: Setup, enough: Callable[[Any, Any], bool]) -> tuple[Any, Any, float, float]:
    """Learn until it is enough, or the time is over: the network, its last moment, seconds of one core and of the clock."""
    from rnn_demo.learn.learning import Learning

    began, clock = time.process_time(), time.perf_counter()
    learning = Learning(setup)
    for step in learning.steps(100_000):
        if step % 20 == 0:
            moment = learning.moment()
            if enough(learning.network, moment) or time.process_time() - began >= SECONDS:
                break
    return learning.network, moment, time.process_time() - began, time.perf_counter() - clock


def targets() -> None:
    import torch

    from rnn_demo.learn.curve import error_ahead

    torch.set_num_threads(1)
    right = lambda network, moment: moment.accuracy >= 0.99
    never = lambda network, moment: False
    beats = lambda network, moment: moment.accuracy > moment.rival and moment.loss < network.data.rival.loss
    for name, setup, enough in (
        ("first of 10, rnn", set_up("first", cell="rnn", length=10), right),
        ("first of 50, gru", set_up("first", cell="gru", length=50), right),
        ("first of 50, lstm", set_up("first", cell="lstm", length=50), right),
        ("first of 50, rnn", set_up("first", cell="rnn", length=50), never),
        ("even or odd of 20, gru", set_up("parity"), right),
        ("brackets of 20, lstm", set_up("brackets"), right),
        ("write like these", set_up("names"), beats),
        ("labels", set_up("labels"), right),
        ("sine", set_up("curve"), lambda network, moment: moment.step >= 400),
        ("sunspots", set_up("curve", text="sunspots"), lambda network, moment: moment.step >= 400),
    ):
        for seed in SEEDS:
            network, moment, seconds, clock = learnt(setup._replace(seed=seed), enough)
            words = f"{name}, seed {seed}: {moment.accuracy:.3f}, rival {moment.rival:.3f}, after {moment.step} steps"
            words += f", {seconds:.1f} s of one core, {clock:.1f} s of the clock"
            if setup.job == "curve":
                own, rival = error_ahead(network)
                words += f"; the next 20 on its own: off by {own:.3g}, as now by {rival:.3g}"
            print(words, flush=True)


async def trainer(address: str, seed: int, stop: asyncio.Event) -> None:
    """One visitor without a browser, whose network learns until it is told to stop."""
    from streamlit.proto.BackMsg_pb2 import BackMsg
    from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
    from websockets.asyncio.client import connect

    seen: dict[str, Any] = {"step": 0}
    query = f"job=first&length=50&seed={seed}"
    async with connect(address.replace("http", "ws") + "/_stcore/stream", max_size=None) as socket:

        async def listen() -> None:
            async for message in socket:
                answer = ForwardMsg.FromString(message)
                kind = answer.WhichOneof("type")
                if kind == "navigation":
                    seen["script"] = answer.navigation.page_script_hash
                elif kind == "script_finished":
                    seen["drawn"] = "view" in seen  # a run that is asked for before that would cut the first one short
                elif kind == "delta" and answer.delta.new_element.WhichOneof("type") == "bidi_component":
                    component = answer.delta.new_element.bidi_component
                    if component.component_name == "learn_view":  # the code of the views comes as one that has no data
                        data = json.loads(component.json or component.mixed.json)
                        seen.update(view=component.id, fragment=answer.delta.fragment_id, step=data["step"])

        hears = asyncio.create_task(listen())
        ask = BackMsg()
        ask.rerun_script.query_string = query
        ask.rerun_script.page_name = "train"
        await socket.send(ask.SerializeToString())
        while not seen.get("drawn"):
            if hears.done():
                hears.result()  # raises what it fell over
            await asyncio.sleep(0.1)
        pressed = False
        while not stop.is_set():
            ask = BackMsg()
            ask.rerun_script.query_string = query
            ask.rerun_script.page_script_hash = seen["script"]
            ask.rerun_script.fragment_id = seen["fragment"]
            ask.rerun_script.widget_states.widgets.add(id=seen["view"], json_value="{}")
            if not pressed:
                events = json.dumps([{"event": "does", "value": {"do": "play", "value": ""}}])
                name = f"$$STREAMLIT_INTERNAL_KEY_{seen['view']}__events"
                ask.rerun_script.widget_states.widgets.add(id=name, json_trigger_value=events)
                pressed = True
            await socket.send(ask.SerializeToString())
            await asyncio.sleep(POLL)
        hears.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await hears
    print(f"  a network has learnt {seen['step']} steps meanwhile")


async def beside(address: str, count: int, trainers: int) -> list[float]:
    """ms for each key of so many typists, while so many networks learn."""
    stop = asyncio.Event()
    tasks = [asyncio.create_task(trainer(address, seed, stop)) for seed in range(trainers)]
    await asyncio.sleep(10 if trainers else 1)  # the workers have begun by then
    times, _ = await crowd(address, count)
    stop.set()
    await asyncio.gather(*tasks)
    return times


def typists(count: int) -> None:
    process, address = start_app(Path(tempfile.mkdtemp()) / "log.txt")
    try:
        time.sleep(20)  # all models are loaded in the background
        for trainers in (0, 2, 0, 2):
            times = asyncio.run(beside(address, count, trainers))
            p50, p95 = statistics.median(times), statistics.quantiles(times, n=100)[94]
            keys = f"{KEYS} keys each at {KEYS_A_SECOND:g} a second"
            print(f"{count} typists, {keys}, {trainers} networks learn: p50 {p50:.0f} ms, p95 {p95:.0f} ms", flush=True)
    finally:
        process.terminate()
        process.wait()


def pictures(watched: float) -> None:
    process, address = start_app(Path(tempfile.mkdtemp()) / "log.txt")
    try:
        with sync_playwright() as playwright:
            page = open_browser(playwright).new_page()
            page.goto(f"{address}/train?job=first&length=50")
            page.get_by_role("button", name="Learn", exact=True).click(timeout=120_000)
            page.wait_for_function("() => +document.querySelector('.lv').dataset.shown > 0", timeout=120_000)
            page.evaluate(LONG)
            drawn = lambda: int(page.get_by_test_id("learn-view").get_attribute("data-pictures"))
            before, began = drawn(), time.perf_counter()
            page.wait_for_timeout(1000 * watched)
            rate = (drawn() - before) / (time.perf_counter() - began)
            steps = page.evaluate("window.steps")
            print(f"{rate:.1f} pictures a second; the longest step of the page {max(steps):.0f} ms, {len(steps) - 1} over 50 ms")
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="*", choices=["targets", "typists", "pictures", "all"], default=["all"])
    parser.add_argument("--typists", type=int, default=TYPISTS, help="how many type at once")
    parser.add_argument("--seconds", type=float, default=WATCHED, help="how long a page is watched on which a network learns")
    args = parser.parse_args()
    if {"targets", "all"} & {*args.what}:
        targets()
    if {"typists", "all"} & {*args.what}:
        typists(args.typists)
    if {"pictures", "all"} & {*args.what}:
        pictures(args.seconds)
