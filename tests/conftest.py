"""The app as a visitor meets it: a real server, real Chromium. Nothing here waits by the clock; every wait is for a sight."""

import contextlib
import copy
import functools
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path

import numpy as np
import pytest
import torch
from playwright.sync_api import Page, expect, sync_playwright

import rnn_demo
from rnn_demo.reading import Reading
from rnn_demo.tasks import TASKS

ROOT = Path(__file__).parent.parent
SEED = "Chirag worked at Microsoft in India"
CELLS = ("rnn", "gru", "lstm", "bilstm")
MODELS = [(task.name, cell) for task in TASKS.values() for cell in task.words.cells]
load = functools.cache(rnn_demo.load)  # once for all tests: what changes a network copies it first
HAPROXY = shutil.which("haproxy", path=f"{os.environ['PATH']}:/usr/sbin") or "haproxy"
PATIENCE_MS = 60_000  # nothing here tests how fast this machine is
expect.set_options(timeout=PATIENCE_MS)
CHROMIUM_FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]


def pytest_addoption(parser) -> None:
    parser.addoption("--hostile", type=int, default=50, help="how many hostile texts, and a tenth as many links, are tried")
    parser.addoption("--hostile-seed", type=int, default=7, help="by which they are drawn")


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def read(task: str, cell: str, text: str, **options) -> Reading:
    """What a shipped network makes of a text, with these options and the usual others."""
    record = TASKS[task]
    given = {option.name: option.default for option in record.options} | options
    return record.read(load(task, cell), text, given, None)


def studied(reading: Reading) -> Reading:
    """The same with all that the page and the command line tell of it."""
    record, network = TASKS[reading.asked.task], load(reading.asked.task, reading.asked.cell)
    return reading.knowing(record.extras.study(network, reading) | record.prints.study(network, reading))


def by_chance(network):
    """A copy of a network with weights by chance, small enough that rounding stays small over many steps."""
    network = copy.deepcopy(network)
    generator = torch.Generator().manual_seed(1)
    for weights in network.parameters():
        weights.copy_(torch.randn(weights.shape, generator=generator) * 0.5 * weights.shape[-1] ** -0.5)
    return network


class Reader:
    """A network with traces of a test's own making, to which nothing else matters."""

    cell, title, step_weights, parts, both_ways = "gru", "GRU", 1, (("word vector", 1),), False

    def __init__(self, *traces):
        self.traces, self.labels = list(traces), traces[0].labels
        self.both_ways = len(traces) > 1

    def swapped(self, text, edits):
        return text

    def resumed(self, text, before, edits):
        return self.traces

    def says(self, labels):
        return np.zeros((sum(trace.h.shape[1] for trace in self.traces), len(labels)))

    def tells(self, chain):
        return []

    def about(self, token):
        return ""


def start_app(
    log: Path, port: int = 0, *settings: str, host: str = "localhost", script: str = "streamlit_app.py", **env: str
) -> tuple[subprocess.Popen, str]:
    """`streamlit run` on a port, a free one by itself, answering; the process and its address."""
    port = port or free_port()
    command = [sys.executable, "-m", "streamlit", "run", script, "--server.port", str(port), *settings]
    with log.open("w") as out:
        process = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=subprocess.STDOUT, env=os.environ | env)
    address = f"http://{host}:{port}"
    while True:
        if process.poll() is not None:
            raise RuntimeError(f"The app did not start:\n{log.read_text()}")
        try:
            urllib.request.urlopen(f"{address}/_stcore/health", timeout=5).read()
            return process, address
        except OSError:
            continue


class Line:
    """A line to a server on this machine that can be cut and mended: it hands on whatever comes to its own port.

    While `answers` is cleared, what the server says waits, and what is said to it does not.
    """

    def __init__(self, address: str):
        self.server = ("127.0.0.1", int(address.rsplit(":", 1)[1]))
        self.is_cut = False
        self.answers = threading.Event()
        self.answers.set()
        self.ends: list[socket.socket] = []
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://localhost:{self.listening.getsockname()[1]}"
        threading.Thread(target=self._listen, daemon=True).start()

    def cut(self) -> None:
        self.is_cut = True
        for end in self.ends:
            with contextlib.suppress(OSError):  # closed by the other side
                end.shutdown(socket.SHUT_RDWR)
        self.ends.clear()

    def mend(self) -> None:
        self.is_cut = False

    def _listen(self) -> None:
        while True:
            end, _ = self.listening.accept()
            if self.is_cut:
                end.close()
                continue
            far = socket.create_connection(self.server)
            self.ends += [end, far]
            for way in ((end, far, None), (far, end, self.answers)):
                threading.Thread(target=self._hand_on, args=way, daemon=True).start()

    def _hand_on(self, source: socket.socket, target: socket.socket, flows: threading.Event | None) -> None:
        with contextlib.suppress(OSError):  # cut, or closed by either side
            while data := source.recv(65_536):
                if flows:
                    flows.wait()
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)


def open_browser(playwright):
    """A Chromium that is installed, named by CHROMIUM or on the path, else Playwright's own."""
    names = ("chromium-headless-shell", "chromium", "google-chrome")
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    return playwright.chromium.launch(executable_path=found, args=CHROMIUM_FLAGS)


@pytest.fixture(scope="session")
def app(tmp_path_factory):
    process, address = start_app(tmp_path_factory.mktemp("app") / "log.txt")
    yield address
    process.terminate()
    process.wait()


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        browser = open_browser(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def visitor(browser):
    """One visitor's browser for all visits: what Streamlit serves is fetched and compiled once. The app stores nothing in it."""
    context = browser.new_context(locale="en-US", permissions=["clipboard-read", "clipboard-write"])
    context.set_default_timeout(PATIENCE_MS)
    yield context
    context.close()


@pytest.fixture
def visit(app, visitor):
    """visit("?cell=lstm", width=390, theme="dark") -> a page whose view is drawn. No page may log an error."""
    pages, errors = [], []

    def visit(query="", width=1280, theme="light", motion="reduce", height=900, script="") -> Page:
        pages.append(page := visitor.new_page())
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=theme, reduced_motion=motion)
        page.add_init_script(script)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(app + "/" + query)
        expect(view(page)).to_have_attribute("data-current", re.compile(r"\d+"), timeout=30_000)
        expect(page.locator("html")).to_have_class(re.compile("uv-seen"))  # everything stands in its place
        return page

    yield visit
    for page in pages:
        page.close()
    assert not errors


def view(page: Page):
    return page.get_by_test_id("trace-view")


def box(page: Page):
    return page.get_by_test_id("trace-view").locator("textarea")


def changed(old, change: list):
    """What `changed` in dom.js makes of it."""
    kind, what, *rest = change
    if kind == 0:
        return what
    if kind == 2:
        return old[:what] + rest[0]
    new = dict(old) if isinstance(old, dict) else dict(enumerate(old))
    for key, value in what.items():
        key = key if isinstance(old, dict) else int(key)
        new[key] = changed(new[key], value)
    return new if isinstance(old, dict) else [*new.values()]


def labels(page: Page, chain: str = "") -> list[str]:
    """The labels that are drawn, in order."""
    which = f"[data-chain={chain}]" if chain else ""
    return view(page).locator(f"[data-step]{which}").evaluate_all("all => all.map(e => e.dataset.label)")


def write(page: Page, text: str) -> None:
    """Put a text into the box as pasting does, and wait until the view shows what the page reads of it."""
    box(page).fill(text)
    expect(view(page)).to_have_attribute("data-text", text)
