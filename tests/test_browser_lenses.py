"""The lenses that the page draws, in real Chromium: they open, nobody is shut out, and nothing is cut off."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import view
from playwright.sync_api import expect

from rnn_demo.lenses import LENSES


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("lens", "sight"), [("inside", ".walk li"), ("compare", ".grid td")])
def test_a_lens_opens_for_everybody(visit, lens, sight, theme):
    for width in (1280, 390):
        page = visit("", width=width, theme=theme)
        view(page).get_by_role("button", name=LENSES[lens].title, exact=True).click()
        expect(page.get_by_role("heading", name=LENSES[lens].question)).to_be_visible()
        expect(page.locator(sight).first).to_be_visible()
        expect(page.locator("[data-stale=true]")).to_have_count(0)
        report = Axe().run(page)
        assert report.violations_count == 0, report.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_step_that_is_pinned_in_the_view_is_opened(visit):
    page = visit("?lens=inside")
    expect(page.get_by_text("at “India”: it adds")).to_be_visible()
    view(page).locator("[data-step='4'] .uv-block").first.click()
    expect(page.get_by_text("at “Microsoft”: it adds")).to_be_visible()


def test_step_and_unit_can_be_chosen_by_keyboard_and_stand_in_the_link(visit):
    page = visit("?lens=inside&step=4&unit=7")
    expect(page.get_by_text("Unit 7 at “Microsoft”", exact=True)).to_be_visible()
    page.get_by_role("slider", name="Step").last.press("ArrowRight")
    expect(page.get_by_text("Unit 7 at “in”", exact=True)).to_be_visible()
    page.get_by_role("slider", name="Unit").press("Home")
    expect(page.get_by_text("more than any other unit does")).to_be_visible()
