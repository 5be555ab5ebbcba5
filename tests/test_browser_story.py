"""The story by keyboard, and lecture mode on an old projector."""

import re

from axe_playwright_python.sync_playwright import Axe
from conftest import view
from playwright.sync_api import expect

from rnn_demo.story import STOPS


def no_violation(page) -> None:
    report = Axe().run(page)
    assert report.violations_count == 0, report.generate_report()


def scrolls(page) -> bool:
    return page.evaluate("(main => main.scrollHeight > main.clientHeight + 1)(document.querySelector('.stMain'))")


# Three frames after which all has found its size.
FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => requestAnimationFrame(done))))"
# Whether nothing needs to be scrolled; in a lecture the network need not be either, but for the end of an arrow.
FITS = """() => {
  const parts = [...document.querySelectorAll(".stMain, .st-key-shown .wide")].map((e) => [e, 1]);
  if (document.documentElement.classList.contains("uv-lecture")) parts.push([document.querySelector(".uv-scroll"), 16]);
  return parts.every(([e, more]) => e.scrollHeight <= e.clientHeight + 1 && e.scrollWidth <= e.clientWidth + more);
}"""


def fits(page, width: int, height: int) -> None:
    """Wait until all is seen at this size without scrolling."""
    page.set_viewport_size({"width": width, "height": height})
    page.evaluate(FRAMES)
    page.wait_for_function(FITS)


def swipe(page, by: int) -> None:
    """A finger moves by so many pixels over the heading."""
    page.get_by_role("heading", level=1).evaluate(
        """(target, by) => {
          for (const [kind, clientX] of [["touchstart", 400], ["touchend", 400 + by]]) {
            const touch = new Touch({ identifier: 1, target, clientX, clientY: 100 });
            target.dispatchEvent(new TouchEvent(kind, { changedTouches: [touch], bubbles: true }));
          }
        }""",
        by,
    )


def test_the_story_is_told_by_keys_and_asks_before_it_tells(visit):
    page = visit("story?stop=steps", height=800)
    panel, microsoft = view(page).locator(".uv-guess"), view(page).locator("[data-step='4'] .uv-out .uv-label")
    expect(panel).to_contain_text("Which label will Microsoft get?")
    expect(microsoft).not_to_be_visible()
    assert not scrolls(page)
    assert "Microsoft" not in view(page).locator(".uv-told tbody tr:not([hidden])").all_inner_texts()[-1]
    no_violation(page)
    page.keyboard.press("3")
    expect(microsoft).to_be_visible()
    expect(panel).to_contain_text("You: ORG Network: ORG Both are right.")
    expect(panel.locator(".uv-score")).to_have_text("You 1, the network 1, of 1.")
    no_violation(page)
    page.keyboard.press("n")
    number = next(i for i, stop in enumerate(STOPS) if stop.name == "steps")
    expect(page.get_by_role("heading", level=1)).to_have_text(STOPS[number + 1].title)
    expect(page).to_have_url(re.compile(f"stop={STOPS[number + 1].name}"))
    page.keyboard.press("p")
    expect(page.get_by_role("heading", level=1)).to_have_text(STOPS[number].title)
    swipe(page, -200)
    expect(page.get_by_role("heading", level=1)).to_have_text(STOPS[number + 1].title)
    swipe(page, 200)
    expect(page.get_by_role("heading", level=1)).to_have_text(STOPS[number].title)
    term = page.get_by_role("link", name="hidden state").first
    term.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#term-hidden-state")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#term-hidden-state")).not_to_be_visible()


def test_no_stop_of_the_story_shuts_anybody_out_in_either_theme_or_needs_scrolling(visit):
    """Every stop, reached by its key, in one theme and then the other; on two screens, and as a lecture on two projectors."""
    page, theme = visit(f"story?stop={STOPS[0].name}", height=800), "light"
    shown = {"light": "rgb(255, 255, 255)", "dark": "rgb(16, 19, 24)"}
    for stop in STOPS:
        expect(page.get_by_role("heading", level=1)).to_have_text(stop.title)
        expect(page.locator("[data-stale=true]")).to_have_count(0)
        no_violation(page)
        theme = "dark" if theme == "light" else "light"
        page.emulate_media(color_scheme=theme)
        expect(page.get_by_test_id("stApp")).to_have_css("background-color", shown[theme])
        no_violation(page)
        fits(page, 1024, 768)
        page.keyboard.press("l")
        expect(page.locator("html")).to_have_class(re.compile("uv-lecture"))
        fits(page, 1024, 768)
        fits(page, 1920, 1080)
        page.keyboard.press("l")
        fits(page, 1280, 800)
        page.keyboard.press("n")


def test_lecture_mode_fills_an_old_projector_and_has_keys(visit):
    page = visit("?lecture=true", width=1024, height=768)
    stage = view(page).locator(".uv-stage")
    expect(page.get_by_role("heading", level=1)).not_to_be_visible()
    assert not scrolls(page) and stage.evaluate("e => Number(e.style.zoom)") >= 1.9
    no_violation(page)
    page.keyboard.press("Home")
    expect(view(page)).to_have_attribute("data-current", "0")
    page.keyboard.press("ArrowRight")
    expect(view(page)).to_have_attribute("data-current", "1")
    page.keyboard.press("g")
    expect(view(page)).to_have_attribute("data-current", "0")
    page.keyboard.press("r")
    expect(view(page)).to_have_attribute("data-current", "1")
    page.keyboard.press("g")
    page.keyboard.press("n")
    expect(view(page)).not_to_have_attribute("data-text", "Chirag worked at Microsoft in India")
    page.keyboard.press("q")
    code = view(page).get_by_role("img", name="QR code of the link to this view")
    expect(code).to_be_visible()
    page.keyboard.press("q")
    expect(code).not_to_be_visible()
    page.keyboard.press("?")
    expect(view(page).locator("dialog")).to_contain_text("full screen")
    page.keyboard.press("Escape")
    for full in ("true", "false"):
        page.keyboard.press("f")
        page.wait_for_function(f"Boolean(document.fullscreenElement) === {full}")
    page.keyboard.press("l")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
