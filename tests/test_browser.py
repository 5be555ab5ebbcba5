"""What a visitor does, in real Chromium: typing, playback, links, phone, dark theme, hostile input."""

import json
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import CELLS, SEED, box, labels, load, view, write
from playwright.sync_api import expect

from rnn_demo.tasks.tag import KINDS, TASK, by_kind, kind


def current(page) -> int:
    return int(view(page).get_attribute("data-current"))


def at_step(page, step: int) -> None:
    expect(view(page)).to_have_attribute("data-current", str(step))


def test_the_first_visit_plays_by_itself_until_the_end(visit):
    page = visit(motion="no-preference")
    assert view(page).get_attribute("data-text") == SEED
    page.wait_for_function("Number(document.querySelector('.uv').dataset.current) >= 2")
    assert view(page).get_by_role("button", name="Pause").is_visible()
    at_step(page, 6)
    expect(view(page).get_by_role("button", name="Play")).to_be_visible()
    assert labels(page) == ["PER", "O", "O", "ORG", "O", "LOC"]


def test_playing_by_itself_stops_when_the_visitor_touches_the_page(visit):
    page = visit(motion="no-preference")
    box(page).click()
    at_step(page, 6)
    expect(view(page).get_by_role("button", name="Play")).to_be_visible()


@pytest.mark.parametrize("cell", CELLS)
def test_every_cell_has_the_seed_sentence_right(visit, cell):
    page = visit(f"?cell={cell}")
    assert labels(page, "forward" if cell == "bilstm" else "") == ["PER", "O", "O", "ORG", "O", "LOC"]


def test_typing_keeps_focus_and_caret_and_loses_nothing(visit):
    page = visit()
    box(page).fill("")
    typed = "Yesterday Amina met Kofi in Lagos"
    box(page).press_sequentially(typed, delay=60)
    expect(view(page)).to_have_attribute("data-text", typed)
    assert labels(page) == [kind(tag) for tag in load("tag", TASK.cell.default).trace(typed)[0].best]
    for _ in range(9):
        box(page).press("ArrowLeft")
    box(page).press_sequentially("!! ", delay=60)
    text = "Yesterday Amina met Kofi!!  in Lagos"
    expect(view(page)).to_have_attribute("data-text", text)
    assert box(page).input_value() == text
    assert box(page).evaluate("e => [document.activeElement === e, e.selectionStart]") == [True, 27]


def test_a_causal_cell_never_takes_back_the_label_of_a_word_that_is_finished(visit):
    page = visit("?cell=gru")
    seen: dict[int, str] = {}
    words = ["Olga", "from", "Siemens", "called", "Mr.", "Adeyemi", "about", "New", "York"]
    for n in range(1, len(words) + 1):
        write(page, " ".join(words[:n]))
        now = labels(page)
        assert [now[i] for i in seen] == list(seen.values())
        seen = dict(enumerate(now))
    assert view(page).locator(".uv-was", has_text="was").count() == 0


def test_a_label_that_the_second_chain_revises_is_marked(visit):
    model = load("tag", "bilstm")
    text = "Washington said that Jordan plays for Chelsea and Paris Hilton sings in Reading with Lincoln City"
    words = text.split()
    best = [[kind(tag) for tag in model.trace(words[:n])[0].best] for n in range(len(words) + 1)]
    n, i = next((n, i) for n in range(2, len(words)) for i in range(n - 1) if best[n][i] != best[n + 1][i])
    page = visit("?cell=bilstm")
    write(page, " ".join(words[:n]))
    write(page, " ".join(words[: n + 1]))
    column = view(page).locator(f"[data-chain=forward][data-step='{i + 1}']")
    expect(column).to_have_attribute("data-label", best[n + 1][i])
    expect(column.locator(".uv-was")).to_have_text(f"was {best[n][i]}")


def test_only_the_words_that_follow_can_revise_a_label(visit):
    page = visit("?cell=gru")
    write(page, "I met Jordan in May")
    write(page, "I visited Jordan in May")  # another word before it: nothing was taken back
    assert view(page).locator(".uv-was", has_text="was").count() == 0


def test_two_chains_read_from_both_ends(visit):
    page = visit("?cell=bilstm&step=2")
    at_step(page, 2)
    read = view(page).locator(".uv-steps .uv-row.uv-read")
    assert read.count() == 4
    assert view(page).locator("[data-chain=backward].uv-read").evaluate_all("all => all.map(e => +e.dataset.step)") == [5, 6]
    assert view(page).locator(".uv-answered[data-step]").count() == 0  # no word has been read from both sides yet
    page.keyboard.press("Tab")
    view(page).get_by_role("button", name="One step forward").click()
    view(page).get_by_role("button", name="One step forward").click()
    assert view(page).locator(".uv-answered[data-step]").evaluate_all("all => all.map(e => +e.dataset.step)") == [3, 4]


def test_playback_by_keyboard_mouse_and_slider(visit):
    page = visit(motion="no-preference", query="?step=0")
    at_step(page, 0)
    steps = view(page).get_by_role("group", name="The steps")
    steps.focus()
    for key, step in [("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1), ("End", 6), ("Home", 0), ("ArrowLeft", 0)]:
        page.keyboard.press(key)
        at_step(page, step)
    view(page).get_by_role("button", name="Double speed").click()
    steps.focus()
    page.keyboard.press(" ")
    page.wait_for_function("Number(document.querySelector('.uv').dataset.current) >= 2")
    page.keyboard.press(" ")
    paused = current(page)
    expect(view(page).get_by_role("button", name="Play")).to_be_visible()
    assert 2 <= paused < 6
    view(page).get_by_role("slider", name="Step").fill("4")
    at_step(page, 4)
    assert view(page).locator(".uv-answered[data-step]").count() == 4
    view(page).get_by_role("button", name="To the start").click()
    at_step(page, 0)
    view(page).get_by_role("button", name="To the end").click()
    at_step(page, 6)
    expect(view(page).locator("[aria-live]")).to_contain_text("Step 6 of 6: India, LOC")


def test_pointing_shows_a_step_and_a_click_pins_it(visit):
    page = visit()
    card = view(page).locator(".uv-inspect")
    expect(card).to_contain_text("Step 6: India")
    view(page).locator("[data-step='4'] .uv-block").hover()
    expect(card).to_contain_text("Step 4: Microsoft")
    expect(card).to_contain_text("google, netscape, ibm")
    view(page).locator("[data-step='4'] .uv-block").click()
    view(page).locator("[data-step='1'] .uv-block").hover()
    expect(card).to_contain_text("Step 4: Microsoft (pinned)")
    view(page).get_by_role("group", name="The steps").press("Enter")
    expect(card).not_to_contain_text("(pinned)")
    view(page).get_by_role("group", name="The steps").press("Enter")
    expect(card).to_contain_text("Step 6: India (pinned)")
    view(page).locator("[data-step='4'] .uv-block").click()
    model = load("tag", TASK.cell.default)
    weights = by_kind(model.readout.weight.numpy().T, model.labels) / [1, 2, 2, 2, 2]
    pushes = model.trace(SEED)[0].h[3] * (weights[:, KINDS.index("ORG")] - weights.mean(1))
    expect(card).to_contain_text(f"unit {pushes.argmax()}")


def test_every_number_that_is_drawn_can_be_read_as_text(visit):
    page = visit()
    view(page).get_by_role("button", name="Numbers").click()
    table = view(page).get_by_role("table", name="Hidden state")
    trace = load("tag", TASK.cell.default).trace(SEED)[0]
    row = table.get_by_role("row").nth(1)
    unit, cells = int(row.get_by_role("rowheader").inner_text()), row.get_by_role("cell").all_inner_texts()
    values = cells[-len(trace.h) :]  # what the unit favours and tells stands before them
    assert [float(v) for v in values] == pytest.approx(trace.h[:, unit].tolist(), abs=0.01)
    assert table.get_by_role("row").count() == trace.h.shape[1] + 1


def test_examples_fill_the_box_and_say_their_point(visit):
    page = visit()
    for example in TASK.words.examples:
        page.get_by_role("radio", name=example.name).or_(page.get_by_role("button", name=example.name)).first.click()
        expect(box(page)).to_have_value(example.text)
        expect(view(page)).to_have_attribute("data-text", example.text)
        expect(view(page)).to_contain_text(example.point)


@pytest.mark.parametrize("text", ["Zoë & Søren read “Straße” in 東京 🇯🇵 <b>100%</b>?", SEED])
def test_a_shared_link_opens_the_same_in_another_browser(visit, text):
    page = visit("?cell=rnn")
    if text != SEED:
        write(page, text)
    view(page).get_by_role("slider", name="Step").fill("3")
    at_step(page, 3)
    view(page).get_by_role("button", name="Share").click()
    link = view(page).get_by_label("Link to this text, cell and step").input_value()
    expect(view(page)).to_contain_text("Copied.")
    assert page.evaluate("navigator.clipboard.readText()") == link
    view(page).get_by_role("button", name="To the start").click()
    assert view(page).get_by_label("Link to this text, cell and step").input_value() == link[: link.index("&step=")] + "&step=0"
    other = visit(link.split("/", 3)[3])
    expect(box(other)).to_have_value(text)
    at_step(other, 3)
    assert view(other).get_attribute("data-cell") == "RNN"
    assert labels(other) == labels(page)


def test_a_bad_link_falls_back_field_by_field_and_says_so(visit):
    page = visit("?text=" + "x" * 3000 + "&cell=transformer&step=999999999999")
    assert view(page).get_attribute("data-text") == SEED
    assert view(page).get_attribute("data-cell") == load("tag", TASK.cell.default).title
    for field in ("text", "cell", "step"):
        expect(page.get_by_role("alert").filter(has_text=f"The link’s {field}")).to_be_visible()
    page = visit("?text=Olga+sings&cell=nope")
    assert view(page).get_attribute("data-text") == "Olga sings"


def test_embedded_it_is_the_bare_view(visit):
    page = visit("?embed=true&text=Olga+sings+in+Rome")
    assert view(page).get_attribute("data-text") == "Olga sings in Rome"
    expect(page.get_by_role("heading", level=1)).to_have_count(0)
    expect(box(page)).to_be_hidden()


HOSTILE = [
    '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>',
    "[link](javascript:window.hacked=1) **bold** :red[x] $x^2$ `code` & < > \" '",
    "שלום עולם from Tel Aviv مرحبا بالعالم",
    "e\u0301\u0301\u0301\u0301 Z\u0335\u0321a\u0334\u0322l\u0337g\u0336o\u0338",
    "👩🏽‍🚀🇮🇳🙂",
    "a\u200bb\u202ec\ufeffd \u2066x\u2069",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_whatever_is_typed_is_shown_as_text_and_does_nothing(visit, text):
    page = visit()
    write(page, text)
    shown = view(page).locator("[data-step]").evaluate_all("all => all.map(e => e.querySelector('bdi').textContent)")
    assert shown == list(load("tag", TASK.cell.default).trace(text)[0].tokens)
    assert page.evaluate("window.hacked") is None
    assert box(page).input_value() == text


@pytest.mark.parametrize("text", ["", "   ", "\u200b\u200b"])
def test_nothing_to_read_gets_a_message_and_the_view_stays(visit, text):
    page = visit()
    box(page).fill("x")
    expect(view(page)).to_have_attribute("data-text", "x")
    box(page).fill(text)
    expect(view(page)).to_have_attribute("data-text", text)
    expect(view(page)).to_contain_text("take one of the examples")
    assert view(page).locator(".uv-folded .uv-word").inner_text() == ""
    write(page, SEED)
    assert labels(page)[0] == "PER"


def test_a_long_paste_stays_in_the_box_and_the_page_says_where_it_stopped(visit):
    page = visit()
    text = "Olga flew home. " * 40
    box(page).fill(text)
    expect(view(page)).to_contain_text("Reading stopped after token 60, “.”")
    assert box(page).input_value() == text
    assert view(page).locator("[data-step]").count() == 60


def test_a_megabyte_pasted_neither_blocks_the_page_nor_vanishes(visit):
    page = visit()
    box(page).click()
    page.evaluate("navigator.clipboard.writeText('Kofi '.repeat(200000))")
    page.keyboard.press("Control+A")
    page.keyboard.press("Control+V")
    expect(view(page)).to_contain_text("Reading stopped after token 60, “Kofi”")
    assert len(box(page).input_value()) == 1_000_000
    write(page, SEED)
    assert labels(page)[3] == "ORG"


def test_a_step_beyond_the_text_is_said_to_be_so(visit):
    page = visit("?text=Olga+sings&step=40")
    at_step(page, 2)
    expect(view(page)).to_contain_text("The link’s step is 40, and there are 2; all of them are shown instead.")


def test_look_closer_draws_figures_that_follow_the_text_once_typing_rests(visit):
    page = visit()
    view(page).get_by_role("button", name="Figures").click()
    figures = page.locator("[data-testid=stPlotlyChart]:not(details *)")  # without what is told of the model
    expect(figures).to_have_count(3)
    write(page, "Olga sings")
    expect(figures.first.locator(".xtick text")).to_have_text(["Olga", "sings"])
    with page.expect_download() as download:
        page.get_by_role("button", name="Download JSON").click()
    found = json.loads(download.value.path().read_text("utf-8"))
    assert [step["token"] for step in found["chains"][0]["steps"]] == ["Olga", "sings"]


def test_about_the_model_reads_the_weight_file(visit):
    page = visit("?cell=lstm")
    page.get_by_text("About the model").click()
    header = load("tag", "lstm").header
    expect(page.get_by_role("cell", name=f"{header['scores']['ewt']['f1']:.3f}").first).to_be_visible()
    expect(page.get_by_text(header["failures"][0])).to_be_visible()
    expect(page.get_by_text("Universal NER on UD English EWT")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("address", ["?cell=bilstm", "rate?cell=bilstm", "name?seed=3", "translate", "order"])
def test_no_accessibility_violation_and_nothing_wider_than_the_page(visit, address, theme):
    page = visit(address, theme=theme)
    view(page).get_by_role("button", name="Numbers").click()
    view(page).get_by_role("button", name="Share").click()
    page.get_by_text("About the model").click()
    expect(page.get_by_text("Sources and licences.")).to_be_visible()
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_function("document.documentElement.scrollWidth <= innerWidth")
        report = Axe().run(page)
        assert report.violations_count == 0, report.generate_report()
    background = view(page).evaluate("e => getComputedStyle(e.querySelector('.uv-rail')).backgroundColor")
    assert background == {"light": "rgb(255, 255, 255)", "dark": "rgb(16, 19, 24)"}[theme]


def test_on_a_phone_the_step_that_is_read_stays_in_sight(visit):
    page = visit("?text=" + "+".join(f"word{i}" for i in range(20)) + "&step=0", width=390)
    for step in range(1, 21):
        view(page).get_by_role("button", name="One step forward").click()
        column = view(page).locator(f"[data-step='{step}']").bounding_box()
        assert column["x"] >= 60 and column["x"] + column["width"] <= 390


def test_with_reduced_motion_nothing_moves_by_itself(visit):
    page = visit(motion="reduce")
    at_step(page, 6)
    view(page).get_by_role("button", name="To the start").click()
    view(page).get_by_role("button", name="Play").click()
    page.wait_for_function("Number(document.querySelector('.uv').dataset.current) >= 1")
    assert page.evaluate("document.getAnimations().filter(a => a.effect.target.closest('.uv')).length") == 0


def test_back_and_forth_between_addresses_keeps_the_page_whole(visit):
    page = visit("?text=Olga+sings")
    page.reload()
    expect(view(page)).to_have_attribute("data-text", re.compile("Olga sings"))
