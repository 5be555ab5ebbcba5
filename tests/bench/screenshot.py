"""The README's picture: python tests/bench/screenshot.py"""

import sys
import tempfile
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]

from conftest import open_browser, start_app  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402

with sync_playwright() as playwright:
    process, address = start_app(Path(tempfile.mkdtemp()) / "log.txt")
    context = open_browser(playwright).new_context(viewport={"width": 1280, "height": 1060}, reduced_motion="reduce")
    page = context.new_page()
    page.goto(address)
    page.wait_for_selector(".uv[data-current='6']")
    page.locator("[data-step='4'] .uv-block").click()
    page.mouse.move(0, 0)
    page.screenshot(path=Path(__file__).with_name("screenshot.png"))
    process.terminate()
