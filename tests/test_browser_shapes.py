"""What only Rate and Name do, in real Chromium: one answer at the end, and answers that go round; and everybody's examples."""

import json
import re

import numpy as np
import pytest
from conftest import box, labels, load, view, write
from playwright.sync_api import expect

from rnn_demo.names import Seed
from rnn_demo.tasks.name import TASK as NAME
from rnn_demo.tasks.order import TASK as ORDER
from rnn_demo.tasks.rate import TASK as RATE
from rnn_demo.tasks.rate import expected
from rnn_demo.tasks.translate import TASK as TRANSLATE

LONG = "The acting was good, but the story is too long and I was bored. " * 12  # 192 tokens


def written(page) -> str:
    return "".join(view(page).locator("[data-step] .uv-label").all_inner_texts()[:-1])


def test_a_review_gets_one_answer_from_its_last_block(visit):
    page = visit("rate")
    assert view(page).get_attribute("data-text") == RATE.entry.seed
    stars = expected(load("rate", "gru").trace(RATE.entry.seed)[0].probs[-1])
    expect(view(page).locator(".uv-verdict")).to_contain_text(f"{stars:.1f} of 5 stars")
    arrows = view(page).locator(".uv-steps .uv-column > .uv-out + .uv-up")
    visible = arrows.evaluate_all("all => all.map(e => getComputedStyle(e).visibility === 'visible')")
    assert visible == [False] * (len(visible) - 1) + [True]


def test_every_word_is_underlined_as_far_as_it_moved_the_rating(visit):
    page = visit("rate")
    write(page, "The film is wonderful. The ending is awful.")
    page.wait_for_function("[...document.querySelectorAll('.uv-ink u')].some(e => e.textContent === 'awful')")
    marks = dict(view(page).locator(".uv-ink u").evaluate_all("all => all.map(e => [e.textContent, e.style.textDecorationColor])"))
    good, bad = (re.search(r"color-mix\(in srgb, (.*?) (\d+)%", marks[word]) for word in ("wonderful", "awful"))
    assert good[1] != bad[1] and int(good[2]) > 50 and int(bad[2]) > 50


def test_typing_in_several_lines_is_live_and_keeps_the_caret(visit):
    page = visit("rate")
    box(page).fill("")
    text = "I did not like it.\nIt was far too long, and not funny."
    box(page).press_sequentially(text, delay=50)
    expect(view(page)).to_have_attribute("data-text", text)
    assert box(page).input_value() == text
    for _ in "funny.":
        box(page).press("ArrowLeft")
    box(page).press_sequentially("so ", delay=50)
    expect(view(page)).to_have_attribute("data-text", re.compile("not so funny"))
    assert box(page).evaluate("e => [document.activeElement === e, e.selectionStart]") == [True, len(text) - 3]


def test_a_long_review_scrolls_with_the_step_that_is_read(visit):
    page = visit("rate")
    write(page, LONG.strip())
    count = view(page).locator("[data-step]").count()
    assert count == len(load("rate", "gru").trace(LONG)[0].tokens) > 150
    for step in (1, 90, count):
        view(page).get_by_role("slider", name="Step").fill(str(step))
        column = view(page).locator(f"[data-step='{step}']").bounding_box()
        assert column["x"] >= 150 and column["x"] + column["width"] <= 1280


def test_two_hundred_tokens_are_read_and_the_rest_is_kept(visit):
    page = visit("rate")
    text = "very " * 500
    box(page).fill(text)
    expect(view(page)).to_contain_text("Reading stopped after token 200")
    assert box(page).input_value() == text


def test_a_link_holds_two_thousand_letters_and_a_longer_one_becomes_a_file(visit):
    page = visit("rate")
    text = ("extraordinarily wonderful " * 76).strip()
    write(page, text)
    view(page).get_by_role("button", name="Share").click()
    link = view(page).get_by_label("Link to this text, cell and step").input_value()
    other = visit(link.split("/", 3)[3])
    expect(box(other)).to_have_value(text)
    wide = "映画" * 900
    write(page, wide)
    view(page).get_by_role("button", name="Share").click()
    expect(view(page)).to_contain_text("too long for a link")
    with page.expect_download() as download:
        view(page).get_by_role("link", name="Download the text").click()
    assert download.value.path().read_text("utf-8") == wide


@pytest.mark.parametrize("task", [RATE, NAME, TRANSLATE, ORDER])
def test_examples_say_their_point(visit, task):
    page = visit(task.name)
    for example in task.words.examples:
        page.get_by_role("radio", name=example.name).or_(page.get_by_role("button", name=example.name)).first.click()
        expect(box(page)).to_have_value(example.text)
        expect(view(page)).to_contain_text(example.point)


def test_what_is_written_goes_round_and_is_the_next_input(visit):
    page = visit("name?sex=female&decade=1950&seed=5")
    name = load("name", "lstm").write(Seed("female", 1950), 1, 0.8, 5)[0].capitalize()
    assert written(page) == name
    words = view(page).locator(".uv-steps .uv-word").all_inner_texts()
    assert words == ["female 1950s", *name]
    assert labels(page) == [*name.lower(), "end"]
    view(page).get_by_role("slider", name="Step").fill("2")
    opacity = view(page).locator(".uv-steps .uv-word").evaluate_all("all => all.map(e => +getComputedStyle(e).opacity > 0)")
    assert opacity == [True, True] + [False] * (len(name) - 1)  # what has not been written cannot be read
    arrows = view(page).locator(".uv-steps .uv-feedback")
    shown = arrows.evaluate_all("all => all.map(e => getComputedStyle(e).visibility === 'visible')")
    assert shown == [True, True] + [False] * (len(name) - 1)


def test_the_same_link_shows_the_same_name_elsewhere(visit):
    page = visit("name")
    page.get_by_role("radio", name="male", exact=True).click()
    expect(view(page).locator(".uv-steps .uv-word").first).to_have_text("male")
    page.get_by_role("button", name=re.compile("Roll again")).click()
    expect(page.get_by_role("button", name="Roll again · 6")).to_be_visible()
    model = load("name", "lstm")
    name = model.write(Seed("male"), 1, 0.8, 6)[0].capitalize()
    expect(view(page).locator(".uv-verdict")).to_contain_text(name)
    view(page).get_by_role("button", name="Share").click()
    link = view(page).get_by_label("Link to this text, cell and step").input_value()
    other = visit(link.split("/", 3)[3])
    assert written(other) == written(page) == name


def test_another_letter_takes_its_branch_and_the_network_goes_on(visit):
    page = visit("name?sex=female&decade=1950&seed=5&text=Mar")
    column = view(page).locator("[data-step='4']")
    taken = column.get_attribute("data-label")
    other = column.locator(".uv-bars i").evaluate_all("all => all.map(e => e.dataset.answer)")
    letter = next(answer for answer in other if answer not in (taken, "end"))
    column.locator(f"[data-answer={letter}]").click()
    expect(box(page)).to_have_value(f"Mar{letter}")
    expect(view(page).locator(".uv-verdict b")).to_have_text(re.compile(f"^Mar{letter}"))
    # by keyboard, from the list of the step looked at; the end mark ends the name there
    view(page).get_by_role("slider", name="Step").fill("3")
    end = view(page).locator(".uv-probs").get_by_role("button", name=re.compile("^end"))
    if end.count():
        end.press("Enter")
        expect(view(page).locator(".uv-verdict b")).to_have_text("Ma")


def test_letters_that_no_name_has_get_a_message_and_stay(visit):
    page = visit("name")
    box(page).press_sequentially("Zoë", delay=40)
    expect(view(page)).to_contain_text("“ë” is not one of the letters a to z")
    assert box(page).input_value() == "Zoë"
    expect(view(page).locator(".uv-verdict b")).to_have_text(re.compile("^Zo"))


def test_the_tree_and_the_comparisons_follow_the_letters(visit):
    page = visit("name?sex=female&decade=1990&seed=2")
    figures = page.get_by_test_id("stPlotlyChart")
    expect(figures).to_have_count(3)
    box(page).fill("Kat")
    expect(figures.first.locator("text").filter(has_text="Katherine").first).to_be_attached()
    expect(page.get_by_text("times likelier").first).to_be_visible()


def test_a_name_can_be_downloaded_with_every_number(visit):
    page = visit("name?text=Ann.")
    expect(view(page).locator(".uv-verdict")).to_contain_text("Ann")
    view(page).get_by_role("button", name="Figures").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download JSON").click()
    steps = json.loads(download.value.path().read_text("utf-8"))["chains"][0]["steps"]
    trace = load("name", "lstm").trace_name("ann", Seed("female"))[0]
    assert [step["token"] for step in steps] == ["female", "a", "n", "n"]
    np.testing.assert_allclose([step["h"] for step in steps], trace.h, atol=1e-5)
