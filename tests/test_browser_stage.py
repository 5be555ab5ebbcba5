"""The stage of every page, in real Chromium: one screen, nothing that is told before it is read, and
everything in reach of a keyboard and of a screen reader."""

import re

import pytest
from conftest import MODELS, box, view, write
from playwright.sync_api import expect

from rnn_demo.lenses import LENSES
from rnn_demo.tasks import TASKS

NAMES = list(TASKS)
PARTS = [".uv-box", ".uv-bar", ".uv-note", ".uv-verdict", ".uv-scroll", ".uv-scroll .uv-memory", ".uv-scroll .uv-word"]
INSIDE = """parts => parts.flatMap(part => [...document.querySelectorAll(part)].map(e => [part, e.getBoundingClientRect()]))
  .filter(([, r]) => r.height && (r.top < 0 || r.bottom > innerHeight)).map(([part, r]) => [part, r.top, r.bottom])"""
SHIFTS = """window.shifted = 0;
new PerformanceObserver(list => list.getEntries().forEach(e => { window.shifted += e.value; }))
  .observe({ type: 'layout-shift', buffered: true });"""
CUT_OFF = """tabs => tabs.flatMap(tab => {
  const outer = tab.getBoundingClientRect(), text = document.createRange();
  text.selectNodeContents(tab);
  const inside = r => r.top >= outer.top && r.bottom <= outer.bottom && r.left >= outer.left && r.right <= outer.right;
  return [...text.getClientRects()].every(r => !r.width || inside(r)) ? [] : [tab.textContent]; })"""
EMAIL = "somebody.with.a.very.long.name@a-very-long-organisation-name.example.org"


def at_step(page, step: int) -> None:
    view(page).get_by_role("slider", name="Step").fill(str(step))
    expect(view(page)).to_have_attribute("data-current", str(step))


def length(page) -> int:
    return view(page).locator(".uv-steps .uv-column").count()


@pytest.mark.parametrize(("task", "cell"), MODELS)
def test_the_whole_network_is_seen_without_scrolling(visit, task, cell):
    page = visit(f"{task}?cell={cell}", height=800)
    assert page.evaluate(INSIDE, PARTS) == []
    assert page.locator("h1").bounding_box()["y"] < 100  # no empty band on top


@pytest.mark.parametrize("task", NAMES)
def test_an_example_fits_on_the_screen_too(visit, task):
    page = visit(task, height=800)
    example = TASKS[task].words.examples[0]
    page.get_by_role("button", name=example.name).or_(page.get_by_role("radio", name=example.name)).first.click()
    expect(view(page)).to_contain_text(example.point)
    expect(box(page)).to_have_value(example.text)
    expect(view(page)).to_have_attribute("data-text", re.compile(f"^{re.escape(example.text)}$", re.I))
    assert page.evaluate(INSIDE, PARTS) == []


@pytest.mark.parametrize("task", NAMES)
def test_on_a_projector_everything_is_larger(visit, task):
    sizes = []
    for width, height in ((1280, 800), (1920, 1080)):
        page = visit(task, width=width, height=height)
        assert page.evaluate(INSIDE, PARTS) == []
        sizes.append([view(page).locator(part).first.bounding_box()["height"] for part in (".uv-steps .uv-block", ".uv-box")])
    for small, large in zip(*sizes, strict=True):
        assert large >= 1.3 * small


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
@pytest.mark.parametrize("task", NAMES)
def test_nothing_jumps_while_the_page_loads(visit, task, width, height):
    page = visit(task, width=width, height=height, script=SHIFTS)
    expect(page.get_by_text("About the model")).to_be_attached()  # the last piece of every page
    assert page.evaluate("window.shifted") <= 0.05


@pytest.mark.parametrize("width", [1920, 1280, 1000, 768, 390])
def test_the_name_of_every_page_is_read_whole_in_its_tab(visit, width):
    page = visit(width=width)
    assert page.locator(".st-key-shapes a").evaluate_all(CUT_OFF) == []


@pytest.mark.parametrize("task", NAMES)
@pytest.mark.parametrize(("width", "height"), [(1280, 800), (1920, 1080)])
def test_no_button_stands_in_a_row_of_its_own(visit, task, width, height):
    page = visit(task, width=width, height=height)
    parts = page.locator(".st-key-choices > *").evaluate_all("all => all.map(e => e.getBoundingClientRect())")
    for i, part in enumerate(parts):
        others = parts[:i] + parts[i + 1 :]
        assert any(other["top"] < part["bottom"] and part["top"] < other["bottom"] for other in others)


@pytest.mark.parametrize("task", NAMES)
def test_the_lenses_are_taken_by_keyboard_and_say_what_they_answer(visit, task):
    page = visit(task)
    row = view(page).get_by_role("group", name="Look closer")
    first, second = list(LENSES.values())[:2]
    row.get_by_role("button", name=first.title).focus()
    page.keyboard.press("Tab")
    expect(row.get_by_role("button", name=second.title)).to_be_focused()
    page.keyboard.press("Enter")
    expect(row.get_by_role("button", pressed=True)).to_have_text([second.title])
    expect(row.get_by_role("button", name=second.title)).to_be_focused()
    expect(view(page)).to_contain_text(second.question)
    expect(page.get_by_role("button", name="Download JSON")).to_be_visible()


@pytest.mark.parametrize("task", NAMES)
def test_nothing_is_told_before_it_is_read(visit, task):
    page = visit(task)
    steps = length(page)
    end = view(page).locator(".uv-verdict").inner_text().strip()
    # What is drawn of the answers, as column -> what can be seen of it, and what the words in the box have under them.
    seen = """() => [...document.querySelectorAll('.uv-steps .uv-column')]
      .map(e => [...e.querySelectorAll('.uv-label, .uv-bars, .uv-under')]
      .some(part => part.textContent + part.children.length !== '0' && part.checkVisibility({ visibilityProperty: true })))"""
    whole = page.evaluate(seen)
    for step in {0, 1, steps // 2, steps - 1}:
        at_step(page, step)
        assert page.evaluate(seen) == [shown and i < step for i, shown in enumerate(whole)]
        starts = view(page).locator(".uv-ink u").count()
        underlined = view(page).locator(".uv-ink u").all_inner_texts()
        words = view(page).locator(".uv-steps .uv-word bdi").all_inner_texts()[:step]
        assert starts <= step and set(underlined) <= set(words)
        if end:
            assert view(page).locator(".uv-verdict").inner_text().strip() != end
        rows = view(page).get_by_role("table", name="The network, step by step").get_by_role("row")
        assert rows.count() == step + 1  # and the headings
    for step in {0, steps // 2}:
        at_step(page, step)
        view(page).locator(f".uv-steps .uv-column:nth-child({steps}) .uv-level").first.hover()
        expect(view(page).locator(".uv-now-card")).to_contain_text("has not come so far yet")
        page.mouse.move(0, 0)
    at_step(page, steps)
    assert view(page).locator(".uv-verdict").inner_text().strip() == end and page.evaluate(seen) == whole


def test_a_translation_grows_word_by_word(visit):
    page = visit("translate?text=The red car is fast.")
    end = view(page).locator(".uv-verdict b").inner_text()
    read = view(page).locator(".uv-steps .uv-column:not(.uv-writes)").count()
    before = ""
    for step in range(read + 1, length(page)):
        at_step(page, step)
        now = view(page).locator(".uv-verdict b").inner_text()
        assert end.startswith(now) and now.startswith(before) and now != before
        before = now
    at_step(page, read)
    assert view(page).locator(".uv-verdict b").inner_text() == ""


def test_under_each_french_word_stands_the_english_word_it_was_looked_up_from(visit):
    page = visit("translate?text=The red car is fast.")
    under = """() => Object.fromEntries([...document.querySelectorAll('.uv-writes')].map(e =>
      [e.querySelector('bdi').textContent, e.querySelector('.uv-under').textContent]))"""
    found = page.evaluate(under)
    assert found["voiture"] == "car" and found["rouge"] == "red"
    page.get_by_role("radio", name="without").click()
    expect(view(page).locator(".uv-links path")).to_have_count(0)
    expect(view(page).locator(".uv-writes .uv-under:visible")).to_have_count(0)


def test_without_attention_there_is_one_row_and_one_zero(visit):
    page = visit("translate?text=I love you")
    page.get_by_role("radio", name="without").click()
    expect(view(page).locator(".uv-rail .uv-row")).to_have_count(1)
    expect(view(page).locator(".uv-nought:visible")).to_have_count(1)


def test_an_emptied_box_keeps_nothing_of_what_was_translated(visit):
    page = visit("translate?text=I love you")
    expect(view(page).locator(".uv-links path").first).to_be_attached()
    rows = view(page).locator(".uv-rail .uv-row").count()
    write(page, "")
    expect(view(page).locator(".uv-links path")).to_have_count(0)
    assert view(page).locator(".uv-rail .uv-row").count() == rows
    assert view(page).locator(".uv-folded .uv-blocks > .uv-row").count() == rows
    expect(view(page).locator(".uv-verdict")).to_be_hidden()


@pytest.mark.parametrize("text", ["I love the red car.", "Where is 東京?", "Æthelred met Zoë 🎉 in Ørsta"])
def test_arcs_cross_neither_labels_nor_numbers(visit, text):
    page = visit(f"translate?text={text}")
    crossed = """() => { const crossed = [];
      const boxes = [...document.querySelectorAll('.uv-steps :is(.uv-label, .uv-small-print, .uv-bars i)')]
        .map(e => [e, e.getBoundingClientRect()]).filter(([e, r]) => r.height && e.textContent + (e.dataset.face ?? ''));
      for (const path of document.querySelectorAll('.uv-links path')) { const m = path.getScreenCTM();
        for (let s = 0; s <= path.getTotalLength(); s += 2) { const p = path.getPointAtLength(s).matrixTransform(m);
          const hit = boxes.find(([, r]) => p.x > r.left + 1 && p.x < r.right - 1 && p.y > r.top + 1 && p.y < r.bottom - 1);
          if (hit) { crossed.push(hit[0].className + hit[0].textContent); break; } } }
      return crossed; }"""
    for step in range(view(page).locator(".uv-column:not(.uv-writes)[data-step]").count() + 1, length(page) + 1):
        at_step(page, step)
        assert page.evaluate(crossed) == []


@pytest.mark.parametrize("text", ["Where is 東京?", "Æthelred met Zoë 🎉 in Ørsta", "a " + "\u2603" * 3])
def test_no_subword_is_shown_raw(visit, text):
    page = visit(f"translate?text={text}")
    shown = view(page).locator(".uv-steps").evaluate("e => e.textContent + [...e.querySelectorAll('i')].map(i => i.dataset.face)")
    assert not re.search("[⟨⟩␣▁]|<0x", shown)


def test_the_answer_of_two_chains_comes_from_both_ends(visit):
    page = visit("rate?cell=bilstm")
    # The line begins over the block of the second chain at the left end, goes on over all others, and ends at the answer.
    line = """all => all.map(e => { const css = getComputedStyle(e.children[1], '::after');
      return [css.borderTopWidth, css.borderLeftWidth, css.borderTopColor]; })"""
    first, *others, last = view(page).locator(".uv-steps .uv-column").evaluate_all(line)
    assert first[0] == first[1] != "0px" and all(width == first[0] and left == "0px" for width, left, _ in others)
    # What comes along the line, and the first chain's state.
    for part in (".uv-blocks::before", ".uv-blocks .uv-row:not(.uv-back)::after"):
        which, pseudo = part.rsplit("::", 1)
        element = view(page).locator(f".uv-steps .uv-last {which}")
        color = element.evaluate("(e, pseudo) => getComputedStyle(e, '::' + pseudo).borderTopColor", pseudo)
        assert color == first[2]


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("task", [name for name in NAMES if not TASKS[name].shape.feeds_back])
def test_a_long_last_word_stretches_nothing(visit, task, width):
    page = visit(f"{task}?text=Hello", width=width)
    before = view(page).locator(".uv-folded").bounding_box()["width"]
    write(page, f"Write to {EMAIL}")
    assert view(page).locator(".uv-folded").bounding_box()["width"] == before
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert view(page).locator(".uv-steps .uv-word").last.get_attribute("title")


def test_the_comparison_of_orders_fits_on_a_phone(visit):
    page = visit("order", width=390)
    write(page, f"Please write to {EMAIL} or to {EMAIL.upper()} today")
    expect(page.locator(".order-opening")).to_contain_text(EMAIL)
    assert page.locator(".order-opening").evaluate("e => e.scrollWidth <= e.clientWidth")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("task", NAMES)
def test_on_a_phone_the_choices_stand_between_the_box_and_the_network(visit, task):
    page = visit(task, width=390, height=844)
    tops = [page.locator(part).bounding_box()["y"] for part in (".uv-box", ".st-key-choices", ".uv-bar", ".uv-scroll")]
    assert tops == sorted(tops) and tops[3] < 844
    assert page.locator(".uv-box").bounding_box()["width"] == page.locator(".uv-scroll").bounding_box()["width"] >= 350
    tabs = page.locator(".st-key-shapes a").evaluate_all("all => all.map(e => e.getBoundingClientRect().height)")
    assert len(set(tabs)) == 1


def test_on_a_phone_the_encoder_stands_above_the_decoder_and_a_pinned_step_is_told_in_sight(visit):
    page = visit("translate", width=390, height=844)
    above = view(page).locator(".uv-column:not(.uv-writes)[data-step] .uv-block").first.bounding_box()
    below = view(page).locator(".uv-writes .uv-block").first.bounding_box()
    assert above["y"] + above["height"] < below["y"]
    view(page).locator(".uv-steps .uv-writes .uv-word").first.click()
    card = view(page).locator(".uv-now-card")
    expect(card).to_contain_text("(pinned)")
    expect(card).to_be_in_viewport(ratio=0.9)
    view(page).get_by_role("button", name="Let go of this step").click()
    expect(card).not_to_contain_text("(pinned)")


@pytest.mark.parametrize("task", NAMES)
def test_a_page_says_which_it_is_and_its_network_is_a_table(visit, task):
    page = visit("" if task == NAMES[0] else task)
    words = TASKS[task].words
    expect(page).to_have_title(f"{words.title}: {words.question} · Unrolled")
    current = page.locator(".st-key-shapes a[aria-current=page]")
    expect(current).to_have_count(1)
    expect(current).to_contain_text(words.title)
    table = view(page).get_by_role("table", name="The network, step by step")
    expect(table.get_by_role("columnheader")).to_have_text(["step", "goes in", "comes out", "memory, in nats a unit"])
    expect(table.get_by_role("rowheader")).to_have_count(length(page))
    if TASKS[task].shape.answers[0] == 0:  # something comes out of every step: the table says it
        assert all(row.get_by_role("cell").nth(1).inner_text() for row in table.get_by_role("row").all()[1:])


def test_french_is_marked_as_french(visit):
    page = visit("translate")
    expect(view(page).locator(".uv-verdict b")).to_have_attribute("lang", "fr")
    written = view(page).locator(".uv-steps .uv-column")
    found = written.evaluate_all("all => all.map(e => [e.classList.contains('uv-writes'), e.querySelector('bdi').lang === 'fr'])")
    assert found and all(writes == french for writes, french in found)
    expect(view(visit("order")).locator("[lang=fr]")).to_have_count(0)


@pytest.mark.parametrize("task", NAMES)
def test_every_page_is_played_and_pinned_by_keyboard_alone(visit, task):
    page = visit(task)
    steps = length(page)
    view(page).get_by_role("group", name="The steps").focus()
    page.keyboard.press("Home")
    expect(view(page)).to_have_attribute("data-current", "0")
    page.keyboard.press("ArrowRight")
    expect(view(page)).to_have_attribute("data-current", "1")
    page.keyboard.press("Enter")
    expect(view(page).locator(".uv-now-card")).to_contain_text("(pinned)")
    page.keyboard.press("Escape")
    expect(view(page).locator(".uv-now-card")).not_to_contain_text("(pinned)")
    page.keyboard.press("End")
    expect(view(page)).to_have_attribute("data-current", str(steps))


def test_the_card_and_the_table_say_the_same_of_a_unit(visit):
    page = visit()
    view(page).get_by_role("button", name="Numbers").click()
    rows = view(page).get_by_role("table", name="Hidden state").get_by_role("row").all()[1:]
    speaks = {row.get_by_role("rowheader").inner_text(): row.get_by_role("cell").first.inner_text() for row in rows}
    told = view(page).locator(".uv-units .uv-meter").evaluate_all("all => all.map(e => [e.firstChild.textContent, e.title])")
    assert told
    for unit, title in told:
        assert f"favours {speaks[re.search(r'unit ([0-9]+)', unit)[1]]}" in title
