"""What only Translate and Order do, in real Chromium: reading before writing, and guessing what comes next."""

import json
import math
import re

import numpy as np
import pytest
from conftest import box, load, view, write
from playwright.sync_api import expect

from rnn_demo.tasks import TASKS
from rnn_demo.tasks.order import PAIR, TASK, bits, face
from rnn_demo.tasks.translate import face as piece_face

ENGLISH = "The red car is fast."


def words(page) -> list[str]:
    return view(page).locator(".uv-steps .uv-word bdi").all_inner_texts()


def french(page):
    return view(page).locator(".uv-verdict b")


def test_the_drawings_lead_to_the_pages_and_what_was_typed_stays(visit):
    page = visit()
    write(page, "Olga sings in Kyiv")
    for task in (*list(TASKS.values())[1:], TASKS["tag"]):
        page.get_by_role("link", name=re.compile(f"^{task.words.title} ")).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(task.words.question)
        expect(view(page)).to_have_attribute("data-task", task.name)
    expect(box(page)).to_have_value("Olga sings in Kyiv")


def test_the_encoder_reads_to_the_end_before_the_decoder_writes(visit):
    page = visit(f"translate?text={ENGLISH}")
    model = load("translate", "attention")
    search = model.search(ENGLISH, 4)
    forward, backward, decoder = model.show(ENGLISH, search.finished[0])
    expect(french(page)).to_have_text(model.text(search.finished[0].ids))
    read, written = len(forward.tokens), len(decoder.tokens)
    assert words(page) == [piece_face(token) for token in (*forward.tokens, *decoder.tokens)]
    step = view(page).get_by_role("slider", name="Step")
    lit = "all => all.map(e => [e.classList.contains('uv-reached'), e.querySelectorAll('.uv-bars i').length])"
    for at in (2, read, read + 2):
        step.fill(str(at))
        found = view(page).locator(".uv-steps .uv-column").evaluate_all(lit)
        reached = [row[0] for row in found]
        # The second chain of the encoder comes from the end, so by step 2 four words have been met by one of them.
        assert reached == ([i < at or (i < read and i >= read - at) for i in range(read + written)])
        assert [row[1] for row in found] == [0] * read + [5] * written  # the encoder says nothing


def test_another_subword_is_written_and_the_decoder_goes_on_from_there(visit):
    page = visit(f"translate?text={ENGLISH}")
    before = french(page).inner_text()
    read = len(load("translate", "attention").trace(ENGLISH)[0].tokens)
    column = view(page).locator(f"[data-step='{read + 1}']")
    taken = column.get_attribute("data-label")
    other = column.locator(".uv-bars i").evaluate_all("all => all.map(e => e.dataset.answer)")
    chosen = next(piece for piece in other if piece != taken and piece.startswith("▁") and len(piece) > 2)
    column.locator(f"[data-answer='{chosen}']").click()
    expect(french(page)).to_have_text(re.compile(f"^{re.escape(chosen[1:])}"))
    assert french(page).inner_text() != before and box(page).input_value() == ENGLISH
    view(page).get_by_role("button", name="Share").click()
    link = view(page).get_by_label("Link to this text, cell and step").input_value()
    other_page = visit(link.split("/", 3)[3])
    assert french(other_page).inner_text() == french(page).inner_text()
    page.get_by_role("button", name="Write freely").click()
    expect(french(page)).to_have_text(before)


def test_arcs_and_numbers_say_where_the_decoder_looked(visit):
    page = visit(f"translate?text={ENGLISH}")
    model = load("translate", "attention")
    forward, _, decoder = model.show(ENGLISH, model.search(ENGLISH, 4).finished[0])
    read = len(forward.tokens)
    for t in (0, 2):
        view(page).locator(f"[data-step='{read + 1 + t}'] .uv-word").hover()
        heading = view(page).locator(".uv-now-card h2")
        expect(heading).to_contain_text(f"Step {read + 1 + t}:")
        weights = decoder.attention[t]
        assert view(page).locator(".uv-links path").count() == int((np.round(weights, 3) >= 0.02).sum())
        strongest = (
            view(page)
            .locator(".uv-steps .uv-column")
            .evaluate_all("all => all.map(e => Number(getComputedStyle(e).getPropertyValue('--look') || 0))")[:read]
        )
        np.testing.assert_allclose(strongest, weights, atol=1e-3)
    page.get_by_role("radio", name="without").click()
    expect(view(page).locator(".uv-links path")).to_have_count(0)


def test_a_translation_comes_when_typing_rests(visit):
    page = visit("translate")
    box(page).fill("")
    box(page).press_sequentially("I am happy.", delay=40)
    expect(view(page)).to_have_attribute("data-text", "I am happy.")
    model = load("translate", "attention")
    expect(french(page)).to_have_text(model.text(model.search("I am happy.", 4).finished[0].ids))
    assert box(page).input_value() == "I am happy."


def test_the_alignment_the_curve_and_the_search_are_drawn(visit):
    page = visit("translate")
    expect(page.get_by_test_id("stPlotlyChart")).to_have_count(3)
    page.get_by_role("radio", name="without").click()
    expect(page.get_by_test_id("stPlotlyChart")).to_have_count(2)


def test_the_five_likeliest_words_stand_over_each_word_and_a_click_writes_one(visit):
    page = visit("order?text=I love to")
    (trace,) = load("order", TASK.cell.default).trace("I love to")
    lists = (
        view(page)
        .locator(".uv-steps .uv-column")
        .evaluate_all("all => all.map(e => [...e.querySelectorAll('.uv-bars i')].map(i => i.dataset.face))")
    )
    for row, logits in zip(lists, trace.logits, strict=True):
        assert sorted(row) == sorted(face(trace.labels[k]) for k in np.argsort(-logits)[:5])
    wanted = next(word for word in lists[3] if word.isalpha())
    view(page).locator(f"[data-step='4'] [data-face='{wanted}']").click()
    expect(box(page)).to_have_value(f"I love to {wanted}")
    expect(view(page)).to_have_attribute("data-text", f"I love to {wanted}")
    # further to the left, the click puts a word in place of the one that stands there
    instead = next(word for word in lists[1] if word.isalpha() and word != "love")
    view(page).locator(f"[data-step='2'] [data-face='{instead}']").click()
    expect(box(page)).to_have_value(f"I {instead} to {wanted}")


def test_surprise_is_told_and_underlined_word_by_word(visit):
    page = visit("order")
    text = "She go to the gym."
    box(page).fill("")
    box(page).press_sequentially(text, delay=40)
    expect(view(page)).to_have_attribute("data-text", text)
    model = load("order", TASK.cell.default)
    cost = bits(model, model.trace(text)[0])
    under = view(page).locator(".uv-steps .uv-under").all_inner_texts()
    assert under[1:] == [f"{value:.1f} bits" for value in cost[:-1]]
    marks = dict(view(page).locator(".uv-ink u").evaluate_all("all => all.map(e => [e.textContent, e.style.textDecorationColor])"))
    strength = {word: int(re.search(r" (\d+)%", style)[1]) for word, style in marks.items()}
    assert strength["go"] > strength["to"] and strength["go"] == round(100 * min(1, cost[1] / 16))


def test_two_orders_differ_and_a_bag_of_words_does_not(visit):
    page = visit("order")
    opening = page.locator(".order-opening")
    model = load("order", TASK.cell.default)
    totals = [bits(model, model.trace(text)[0]).sum() for text in PAIR]
    assert opening.locator(".order-row > b").all_inner_texts() == [f"{total:.1f} bits" for total in totals]
    bag = -model.bag_nats(PAIR[0].split()).sum() / math.log(2)
    assert f"the same {bag:.1f} bits" in opening.locator(".order-bag").inner_text()


def test_shuffle_and_unscramble_change_the_order_and_nothing_else(visit):
    page = visit("order")
    page.get_by_role("button", name="Shuffle").click()
    expect(box(page)).not_to_have_value(TASK.entry.seed)
    assert sorted(box(page).input_value().lower().split()) == sorted(TASK.entry.seed.lower().split())
    page.get_by_role("button", name="Unscramble").click()
    expect(box(page)).to_have_value(TASK.entry.seed)
    box(page).fill("word " * 30)
    expect(view(page)).to_have_attribute("data-text", "word " * 30)
    page.get_by_role("button", name="Unscramble").click()
    expect(page.get_by_text("The search takes 1 to 12 words; here are 30.")).to_be_visible()


HOSTILE = "<img src=x onerror=window.hacked=1> &amp; </style><script>window.hacked=1</script> **b** $x$"


@pytest.mark.parametrize("task", ["order", "translate"])
def test_what_visitors_type_is_text_and_nothing_else(visit, task):
    page = visit(task)
    box(page).fill(HOSTILE)
    expect(view(page)).to_have_attribute("data-text", HOSTILE)
    view(page).get_by_role("button", name="Figures").click()
    expect(page.get_by_role("button", name="Download JSON")).to_be_visible(timeout=90_000)
    assert page.evaluate("window.hacked") is None
    assert box(page).input_value() == HOSTILE
    if task == "order":
        expect(page.locator(".order-opening")).to_contain_text("onerror")


def test_the_weights_of_both_kinds_follow_the_sliders(visit):
    page = visit("order")
    expect(page.get_by_text("1,000,000 weights", exact=True)).to_be_visible()
    page.get_by_role("slider", name="Longest sentence, in words").press("ArrowRight")
    expect(page.get_by_text("1,100,000 weights", exact=True)).to_be_visible()
    expect(page.get_by_text("100,100 weights", exact=True)).to_be_visible()
    expect(page.get_by_text("cannot be multiplied")).to_be_visible()


def test_a_translation_can_be_downloaded_with_every_gate(visit):
    page = visit(f"translate?text={ENGLISH}&beam=1")
    view(page).get_by_role("button", name="Figures").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download JSON").click()
    chains = json.loads(download.value.path().read_text("utf-8"))["chains"]
    traces = load("translate", "attention").trace(ENGLISH)
    assert [chain["name"] for chain in chains] == ["encoder", "backward encoder", "decoder"]
    np.testing.assert_allclose([step["z"] for step in chains[2]["steps"]], traces[2].gates["z"], atol=1e-5)
    np.testing.assert_allclose([step["attention"] for step in chains[2]["steps"]], traces[2].attention, atol=1e-5)
