"""The app as a visitor meets it: a real server, real Chromium. Nothing here waits by the clock; every wait is for a sight."""

import os
import re
import shutil
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from rnn_demo.tasks import TASKS

ROOT = Path(__file__).parent.parent
SEED = "Chirag worked at Microsoft in India"
CELLS = ("rnn", "gru", "lstm", "bilstm")
MODELS = [(task.name, cell) for task in TASKS.values() for cell in task.words.cells]
CHROMIUM_FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]


def start_app(log: Path) -> tuple[subprocess.Popen, str]:
    """`streamlit run` on a free port, answering; the process and its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py", "--server.port", str(port)]
    with log.open("w") as out:
        process = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=subprocess.STDOUT)
    address = f"http://localhost:{port}"
    while True:
        if process.poll() is not None:
            raise RuntimeError(f"The app did not start:\n{log.read_text()}")
        try:
            urllib.request.urlopen(f"{address}/_stcore/health", timeout=5).read()
            return process, address
        except OSError:
            continue


def open_browser(playwright):
    """A Chromium that is installed, named by CHROMIUM or on the path, else Playwright's own."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    return playwright.chromium.launch(executable_path=found or None, args=CHROMIUM_FLAGS)


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


@pytest.fixture
def visit(app, browser):
    """visit("?cell=lstm", width=390, theme="dark") -> a page whose view is drawn. No page may log an error."""
    contexts, errors = [], []

    def visit(query="", width=1280, theme="light", motion="reduce", height=900, script="") -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=theme, reduced_motion=motion, locale="en-US"
        )
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.add_init_script(script)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(app + "/" + query)
        expect(view(page)).to_have_attribute("data-current", re.compile(r"\d+"), timeout=30_000)
        return page

    yield visit
    for context in contexts:
        context.close()
    assert not errors


def view(page: Page):
    return page.get_by_test_id("trace-view")


def box(page: Page):
    return page.get_by_test_id("trace-view").locator("textarea")


def labels(page: Page, chain: str = "") -> list[str]:
    """The labels that are drawn, in order."""
    which = f"[data-chain={chain}]" if chain else ""
    return view(page).locator(f"[data-step]{which}").evaluate_all("all => all.map(e => e.dataset.label)")


def write(page: Page, text: str) -> None:
    """Put a text into the box as pasting does, and wait until the view shows what the page reads of it."""
    box(page).fill(text)
    expect(view(page)).to_have_attribute("data-text", text)
