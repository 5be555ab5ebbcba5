"""The lenses that the page draws, in real Chromium: they open, nobody is shut out, and nothing is cut off."""

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import read, view, write
from playwright.sync_api import expect

from rnn_demo import load
from rnn_demo.edits import Cut
from rnn_demo.lenses import LENSES, View
from rnn_demo.lenses.memory import trail, way_back
from rnn_demo.tasks import TASKS


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


CUT = "Mr. Lagos flew to Lagos"


def answers(page) -> list[str]:
    return view(page).locator(".uv-steps .uv-label").all_text_contents()


def was(page) -> list[str]:
    return [words for words in view(page).locator(".uv-steps .uv-was").all_text_contents() if words]


def test_an_arrow_is_cut_in_the_view_and_mended_there_and_as_a_chip(visit):
    """By mouse, and what follows is read anew: as a reading that begins at zero there has it."""
    page = visit(f"?text={CUT.replace(' ', '+')}&cell=gru")
    before = answers(page)
    scissors = view(page).get_by_role("button", name="Cut the arrow before step 2, Lagos")
    scissors.click()
    expect(view(page).locator(".uv-steps .uv-was").nth(1)).to_have_text("PER → LOC")
    cut = TASKS["tag"].read(load("tag", "gru"), CUT, {}, None, (Cut(2),))
    assert answers(page) == [column.shown for column in cut.columns] and was(page) == ["PER → LOC"]
    expect(view(page).locator(".uv-live")).to_contain_text("step 2, PER is now LOC")
    chip = view(page).get_by_role("button", name="cut before step 2")
    expect(chip).to_be_visible()
    assert page.evaluate("document.querySelector('.uv textarea').value") == CUT
    page.get_by_role("button", name="Share").click()
    link = view(page).get_by_label("Link to this text").input_value()
    view(page).get_by_role("button", name="Mend the arrow before step 2").click()
    expect(chip).to_have_count(0)
    assert answers(page) == before and was(page) == []
    page.goto(link)
    expect(chip).to_be_visible()
    expect(view(page).locator(".uv-steps .uv-was").nth(1)).to_have_text("PER → LOC")
    chip.click()
    expect(chip).to_have_count(0)
    assert answers(page) == before


@pytest.mark.parametrize("task", [name for name in TASKS if name != "tag"])
def test_every_page_has_scissors_for_keyboard_and_finger(visit, task):
    """By X on a step, by tab, and large enough for a finger."""
    page = visit(task)
    assert view(page).locator(".uv-steps .uv-scissors[tabindex='0']").count() == 1
    view(page).get_by_role("group", name="The steps").focus()
    page.keyboard.press("Home")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("x")
    chips = view(page).locator(".uv-edits [data-back]")
    expect(chips).to_have_count(1)
    expect(chips).to_have_text("cut before step 3 ×")
    expect(view(page).locator("[data-step='3'] .uv-scissors")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("End")
    report = Axe().run(page)
    assert report.violations_count == 0, report.generate_report()
    for _ in range(len(answers(page)) - 3):
        page.keyboard.press("ArrowLeft")
    scissors = view(page).locator(".uv-steps .uv-scissors[tabindex='0']")
    scissors.focus()
    page.keyboard.press("Enter")
    expect(chips).to_have_count(0)
    box = view(page).locator("[data-step='2'] .uv-scissors").bounding_box()
    assert box["width"] >= 24 and box["height"] >= 24


def test_what_is_held_is_marked_where_it_is(visit):
    for theme in ("light", "dark"):
        page = visit("?cell=gru&edits=hold:z:0.5:3,clamp:PER:0:4,swap:2:Paris,cut:5", width=390, theme=theme)
        marks = view(page).locator(".uv-steps .uv-block").evaluate_all("all => all.map(e => e.dataset.held ?? '')")
        assert marks == ["", "", "z = 0.5", *["z = 0.5, PER = 0"] * 3]
        assert view(page).locator(".uv-swapped").inner_text() == "Paris"
        assert [view(page).locator(f"[data-step='{step}'] .uv-clamped").count() for step in range(1, 7)] == [0, 0, 0, 1, 1, 1]
        report = Axe().run(page)
        assert report.violations_count == 0, report.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        view(page).get_by_role("button", name="take all back").click()
        expect(view(page).locator(".uv-edits")).to_be_hidden()


def test_the_walk_through_a_block_is_stepped_and_played_by_buttons_and_keys(visit):
    page = visit("?cell=gru&lens=inside&step=4")
    walk = page.get_by_role("group", name="The block, stage by stage")
    count = walk.locator(".walk-count")
    expect(count).to_have_text("stage 4 of 4")
    walk.get_by_role("button", name="One stage back").click()
    expect(count).to_have_text("stage 3 of 4")
    assert walk.locator("li.walk-now b").inner_text() == "What is new n"
    last, out = walk.locator("li:not(.walk-end)").nth(3), walk.locator("li.walk-end").last
    expect(last.locator("p")).to_be_hidden()
    expect(out.locator("p")).to_be_hidden()  # nothing is told before it is read
    walk.focus()
    page.keyboard.press("Home")
    expect(count).to_have_text("stage 1 of 4")
    page.keyboard.press("ArrowRight")
    expect(count).to_have_text("stage 2 of 4")
    expect(view(page).locator(".uv-live")).to_contain_text("Update gate z")
    page.keyboard.press(" ")
    expect(walk.get_by_role("button", name="Play the stages")).to_have_text("Pause")
    expect(count).to_have_text("stage 4 of 4")
    expect(walk.get_by_role("button", name="Play the stages")).to_have_text("Play")
    expect(last.locator("p")).to_be_visible()
    expect(out).to_contain_text("All units together make “ORG” 66 % likely.")
    assert view(page).get_attribute("data-current") == "4"  # the keys are the walk's own


def test_the_table_of_all_cells_follows_the_player(visit):
    page = visit("?lens=compare")
    rows = page.locator(".grid tbody tr")
    expect(rows).to_have_count(6)
    view(page).get_by_role("button", name="To the start").click()
    for step in (1, 2):
        view(page).get_by_role("button", name="One step forward").click()
        expect(page.locator(".grid tr.grid-now")).to_have_attribute("data-step", str(step))
        expect(rows.nth(step - 1).locator("td").first).to_be_visible()
        expect(rows.nth(step).locator("td").first).to_be_hidden()


WATCH_ERRORS = """() => {
  window.felt = {}; // at each step on the way back: the steps whose errors are drawn
  const view = document.querySelector('.uv');
  new MutationObserver(() => {
    window.felt[view.dataset.errors] = [...view.querySelectorAll('.uv-column.uv-felt')].map((e) => Number(e.dataset.step));
  }).observe(view, { attributes: true, attributeFilter: ['data-errors'] });
}"""


def test_errors_are_played_from_right_to_left(visit):
    page = visit("?cell=rnn&lens=memory&text=Olga+from+Siemens+in+Paris+called+Mr.+Lagos", motion="no-preference")
    assert view(page).locator(".uv-error").count() == 0
    page.evaluate(WATCH_ERRORS)
    view(page).get_by_role("button", name="Play it backwards").click()
    expect(view(page)).to_have_attribute("data-errors", "0")
    felt = page.evaluate("window.felt")["5"]
    assert felt and felt == list(range(felt[0], 9))
    reading, network = read("tag", "rnn", "Olga from Siemens in Paris called Mr. Lagos"), load("tag", "rnn")
    (found,) = way_back(View(TASKS["tag"], network, reading, 8))
    table = view(page).locator(".uv-told table", has_text="Errors on the way back")
    rows = [row.locator("td").all_text_contents()[1:] for row in table.locator("tbody tr").all()]
    told = [[float(cell.replace("−", "-")) for cell in row] for row in rows]
    expected = np.array([found["own"], found["carried"], found["last"]]).T
    np.testing.assert_allclose(told, expected, rtol=0.06, atol=1e-6)
    assert found["last"][0] < found["last"][-1] / 5  # a plain network forgets
    view(page).get_by_role("button", name="Stop").click()
    expect(view(page).locator(".uv-error")).to_have_count(0)


def test_what_an_answer_rests_on_is_a_trail_under_the_words(visit):
    """With a second cue beside colour, as a table too, not before the answer is known, and again once typing rests."""
    page = visit(f"?lens=memory&cell=lstm&step=2&text={CUT.replace(' ', '+')}", width=390, theme="dark")
    found = trail(View(TASKS["tag"], load("tag", "lstm"), read("tag", "lstm", CUT), 2))
    lines, said = view(page).locator(".uv-trail"), view(page).locator(".uv-rests")
    expect(lines).to_have_count(2)
    expect(lines.first).to_be_visible()
    expect(said).to_contain_text(found["said"])
    report = Axe().run(page)
    assert report.violations_count == 0, report.generate_report()
    table = view(page).get_by_role("table", name=found["said"])
    told = [float(cell.replace("−", "-")) for cell in table.locator("tbody td:nth-child(3)").all_text_contents()]
    np.testing.assert_allclose(told, found["adds"], rtol=0.06)
    drawn = lines.evaluate_all("all => all.map(e => [e.offsetWidth === e.parentNode.offsetWidth, getComputedStyle(e).background])")
    assert [fills for fills, _ in drawn] == [True, True]  # one trail, without gaps
    assert ["repeating" in background for _, background in drawn] == [value < 0 for value in found["adds"]] == [False, True]
    assert view(page).locator(".uv-asked").get_attribute("data-step") == "2"
    view(page).get_by_role("button", name="To the start").click()
    expect(lines.first).to_be_hidden()
    expect(said.locator("span").first).to_be_hidden()
    expect(table).to_have_count(0)
    write(page, "Mr. Paris flew")
    expect(said).to_contain_text("without “Mr.”")
    expect(lines.first).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_lens_is_open_to_everybody_by_keyboard_alone(visit, theme):
    """On a phone: reached with the keyboard, nothing cut off, and no fault that axe knows."""
    page = visit("?edits=cut:3", width=390, theme=theme)
    buttons = view(page).get_by_role("group", name="Look closer").get_by_role("button")
    for lens in list(LENSES.values())[1:]:
        buttons.get_by_text(lens.title, exact=True).focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name=lens.question)).to_be_visible()
        expect(page.locator("[data-stale=true]")).to_have_count(0)
        if lens.shows:
            view(page).locator(".uv-learn").focus()
            page.keyboard.press("Enter")
            expect(view(page).locator(".uv-error").first).to_be_visible()
        report = Axe().run(page)
        assert report.violations_count == 0, f"{lens.name}: {report.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), lens.name


def test_an_example_of_a_lens_is_one_click(visit):
    page = visit("?lens=whatif")
    page.get_by_role("radio", name="A gate that only keeps").click()
    expect(page.get_by_text("the memory stands still")).to_be_visible()
    expect(view(page)).to_have_attribute("data-cell", "GRU")
    assert answers(page) == ["PER"] * 6
    expect(view(page).locator(".uv-edits [data-back]")).to_have_text("z = 1 from step 2 on ×")
