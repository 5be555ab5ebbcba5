"""Nothing that a visitor typed is lost: cut lines, servers that start anew, buttons and links, in real Chromium."""

import contextlib
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from conftest import Line, box, free_port, labels, start_app, view, write
from playwright.sync_api import Page, expect

from rnn_demo import load
from rnn_demo.tasks import TASKS
from rnn_demo.tasks.order import TASK as ORDER
from rnn_demo.tasks.translate import face
from rnn_demo.text import tokenize

SLOW = 60_000  # ms: a server that starts anew loads its networks first

# Counts the dialogs that are put over the page, however short they stand there.
COUNT_DIALOGS = """() => {
  window.dialogs = 0;
  const isDialog = (node) => node.nodeType === 1 && (node.matches('[role=dialog]') || node.querySelector('[role=dialog]'));
  const count = (records) => (window.dialogs += records.flatMap((record) => [...record.addedNodes]).filter(isDialog).length);
  new MutationObserver(count).observe(document.body, { childList: true, subtree: true });
}"""


@pytest.fixture
def tab(browser):
    """tab(address) -> a page whose view is drawn. No page may log an error of its own."""
    errors = []
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce", locale="en-US")

    def tab(address: str) -> Page:
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(address)
        expect(view(page)).to_have_attribute("data-current", re.compile(r"\d+"), timeout=SLOW)
        page.evaluate(COUNT_DIALOGS)
        return page

    yield tab
    context.close()
    assert not errors


@contextlib.contextmanager
def server(log, *settings: str, port: int = 0):
    process, address = start_app(log, port, *settings)
    try:
        yield process, address
    finally:
        process.kill()
        process.wait()


def press_example(page: Page, task, name: str):
    example = next(example for example in task.words.examples if example.name == name)
    page.get_by_role("radio", name=name).or_(page.get_by_role("button", name=name)).first.click()
    expect(box(page)).to_have_value(example.text)
    return example


def reads(page: Page, text: str, **more) -> None:
    expect(view(page)).to_have_attribute("data-text", text, **more)
    expect(view(page).locator(".uv-cut")).to_be_empty()


def test_after_a_restart_of_the_server_all_pages_go_on_with_what_stands_in_their_boxes(tab, tmp_path):
    port = free_port()
    with server(tmp_path / "log", port=port) as (_, address):
        typed = tab(address)
        typed.get_by_role("radio", name="LSTM", exact=True).click()
        expect(view(typed)).to_have_attribute("data-cell", "LSTM")
        write(typed, "Olga sings in Kyiv")

        example = tab(f"{address}/order")  # the last that happened: a run of the whole page
        pressed = press_example(example, ORDER, "Garden path")

        link = tab(f"{address}/name?text=Mar&sex=male&seed=3&decade=1950")
        name = view(link).locator(".uv-verdict b").inner_text()
        write(link, "mart")
        martin = view(link).locator(".uv-verdict b").inner_text()

        other = tab(f"{address}/translate?text=The red car is fast.")
        step = len(load("translate", "attention").trace("The red car is fast.")[0].tokens) + 1
        column = view(other).locator(f"[data-step='{step}']")
        offered = column.locator(".uv-bars i").evaluate_all("all => all.map(e => e.dataset.answer)")
        piece = next(p for p in offered if p != column.get_attribute("data-label") and p.startswith("▁") and len(p) > 2)
        column.locator(f"[data-answer='{piece}']").click()
        expect(view(other).locator(".uv-verdict b")).to_have_text(re.compile(f"^{re.escape(face(piece))}"))
        french = view(other).locator(".uv-verdict b").inner_text()

    typed.bring_to_front()
    typed.wait_for_function("window.dialogs > 0")
    expect(typed.get_by_role("dialog")).to_have_count(0)
    box(typed).press("End")
    typed.keyboard.type(" and in Paris")
    assert box(typed).input_value() == "Olga sings in Kyiv and in Paris"
    expect(view(typed).locator(".uv-cut")).to_contain_text("Your text stays here")

    with server(tmp_path / "log2", port=port):
        reads(typed, "Olga sings in Kyiv and in Paris", timeout=SLOW)
        expect(view(typed)).to_have_attribute("data-cell", "LSTM")
        expect(typed.get_by_role("radio", name="LSTM", exact=True)).to_be_checked()
        assert labels(typed)[-1] == "LOC"

        reads(example, pressed.text, timeout=SLOW)
        expect(box(example)).to_have_value(pressed.text)
        example.get_by_role("button", name="Unscramble").click()
        expect(box(example)).not_to_have_value(pressed.text)

        reads(link, "mart", timeout=SLOW)
        expect(view(link).locator(".uv-verdict b")).to_have_text(martin)
        expect(link.get_by_role("radio", name="male", exact=True)).to_be_checked()
        expect(link.get_by_role("button", name="Roll again · 3")).to_be_visible()
        link.get_by_role("link", name=re.compile("^Tag ")).click()
        expect(view(link)).to_have_attribute("data-task", "tag")
        assert name.startswith("Mar")

        expect(view(other).locator(".uv-verdict b")).to_have_text(french, timeout=SLOW)
        expect(box(other)).to_have_value("The red car is fast.")


@pytest.fixture(scope="module")
def forgetful(tmp_path_factory):
    """A server that forgets a visitor as soon as the line is cut."""
    with server(tmp_path_factory.mktemp("app") / "log", "--server.disconnectedSessionTTL", "0") as (_, address):
        yield address


@pytest.mark.parametrize("forgets", [True, False])
@pytest.mark.parametrize(("where", "task"), [("", TASKS["tag"]), ("translate", TASKS["translate"])])
def test_a_text_typed_after_an_example_while_the_line_is_cut_is_read_when_it_is_back(tab, app, forgetful, forgets, where, task):
    line = Line(forgetful if forgets else app)
    page = tab(f"{line.address}/{where}")
    example = press_example(page, task, task.words.examples[0].name)
    reads(page, example.text)
    box(page).press("End")
    page.keyboard.type(" We")
    reads(page, example.text + " We")
    line.cut()
    page.keyboard.type(" met")
    expect(view(page).locator(".uv-cut")).to_contain_text("Your text stays here")
    page.wait_for_function("window.dialogs > 0")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.type(" Amina.", delay=50)
    line.mend()
    text = example.text + " We met Amina."
    reads(page, text, timeout=SLOW)
    assert box(page).input_value() == text
    assert box(page).evaluate("e => document.activeElement === e")


@pytest.mark.parametrize("forgets", [True, False])
def test_a_page_on_which_nothing_was_typed_comes_back_too(tab, app, forgetful, forgets):
    line = Line(forgetful if forgets else app)
    page = tab(f"{line.address}/order?text=We+went+home.&cell=lstm")
    example = press_example(page, ORDER, "A slip")
    reads(page, example.text)
    line.cut()
    page.wait_for_function("window.dialogs > 0")
    expect(page.get_by_role("dialog")).to_have_count(0)
    line.mend()
    shuffle = page.get_by_role("button", name="Shuffle")
    expect(shuffle).to_be_enabled(timeout=SLOW)
    reads(page, example.text, timeout=SLOW)
    shuffle.click()
    expect(box(page)).not_to_have_value(example.text)
    assert sorted(box(page).input_value().split()) != example.text.split()
    expect(view(page)).to_have_attribute("data-cell", "LSTM")


# ---- buttons, examples and answers ----------------------------------------------------------------------------------

LONG = "My brother and I went to the market to buy some fresh fish and a bag of rice for our mother. " * 4  # 372 characters


def test_shuffling_leaves_what_was_not_read_as_it_is(visit):
    page = visit("order")
    beyond = "word " * 4_100  # more than is sent to the server
    text = LONG + beyond
    box(page).fill(text)
    expect(view(page)).to_contain_text("Your whole text is still in the box")
    read = view(page).get_attribute("data-text")
    assert text.startswith(read) and len(read) < 300
    page.get_by_role("button", name="Shuffle").click()
    expect(box(page)).not_to_have_value(text)
    shuffled = box(page).input_value()
    assert shuffled.endswith(text[len(read) :])
    words = lambda text: sorted(token.text.lower() for token in tokenize(text))
    assert words(shuffled) == words(text)
    box(page).press("Control+z")
    expect(box(page)).to_have_value(text)
    expect(view(page)).to_have_attribute("data-text", read)


def test_writing_freely_leaves_the_text_alone(visit):
    page = visit("translate")
    text = LONG * 2
    box(page).fill(text)
    expect(view(page)).to_contain_text("Your whole text is still in the box")
    page.get_by_role("button", name="Write freely").click()
    page.get_by_role("radio", name="without").click()  # the click after it: by then the first one has been answered
    expect(view(page)).to_have_attribute("data-cell", re.compile("^(?!.*attention)", re.IGNORECASE))
    assert box(page).input_value() == text


def test_a_clicked_word_goes_into_a_long_text_and_the_rest_stays(visit):
    page = visit("order")
    box(page).fill(LONG)
    expect(view(page)).to_contain_text("Your whole text is still in the box")
    column = view(page).locator("[data-step='3']")
    taken = column.get_attribute("data-label")
    offered = column.locator(".uv-bars i").evaluate_all("all => all.map(e => e.dataset.face)")
    word = next(word for word in offered if word.isalpha() and word != taken and word != "end")
    column.locator(f"[data-face='{word}']").click()
    words = LONG.split(" ")
    words[2] = word
    expect(box(page)).to_have_value(" ".join(words))
    box(page).press("Control+z")
    expect(box(page)).to_have_value(LONG)


@pytest.mark.parametrize("address", ["", "rate", "name", "translate", "order"])
def test_ctrl_z_brings_back_what_an_example_replaced_and_ctrl_y_the_example(visit, address):
    page = visit(address)
    task = TASKS[address or "tag"]
    mine = "Ka" if address == "name" else "Amina was here"
    box(page).fill("")
    box(page).press_sequentially(mine)
    expect(view(page)).to_have_attribute("data-text", re.compile(mine, re.IGNORECASE))
    example = press_example(page, task, next(example.name for example in task.words.examples if example.text))
    assert not box(page).evaluate("e => document.activeElement === e")  # the visitor stays where they clicked
    box(page).press("Control+z")
    expect(box(page)).to_have_value(mine)
    expect(view(page)).to_have_attribute("data-text", re.compile(f"^{mine}$", re.IGNORECASE))
    box(page).press("Control+y")
    expect(box(page)).to_have_value(example.text)
    expect(view(page)).to_have_attribute("data-text", re.compile(re.escape(example.text), re.IGNORECASE))


def test_a_letter_replaces_all_that_stands_in_the_box_and_says_so(visit):
    page = visit("name?sex=female&seed=5")
    box(page).fill("Zoë")
    expect(view(page)).to_contain_text("is not one of the letters")
    bar = view(page).locator("[data-step='3'] .uv-bars i:not(.uv-taken)").first
    letter = bar.get_attribute("data-answer")
    expect(view(page).locator(".uv-probs button").first).to_have_attribute("title", re.compile("your text ends with it"))
    bar.click()
    expect(box(page)).to_have_value("Zo." if letter == "end" else f"Zo{letter}")
    box(page).press("Control+z")
    expect(box(page)).to_have_value("Zoë")


# ---- links ----------------------------------------------------------------------------------------------------------


def test_the_share_panel_says_what_a_link_to_a_long_text_holds(visit):
    page = visit("rate")
    text = ("The story is warm, the actors are good, and nobody in the room was bored for a minute. " * 31).strip()
    box(page).fill(text)
    expect(view(page)).to_contain_text("Reading stopped after token 200")
    view(page).get_by_role("button", name="Share").click()
    link = view(page).get_by_label("Link to what was read").input_value()
    held = parse_qs(urlsplit(link).query)["text"][0]
    assert text.startswith(held) and len(held) < len(text)
    expect(view(page)).to_contain_text(
        f"Copied. The link holds what was read: the first {len(held):,} of {len(text):,} characters."
    )
    with page.expect_download() as download:
        view(page).get_by_role("link", name="Download the text").click()
    assert download.value.path().read_text("utf-8") == text
    write(page, "Good.")
    view(page).get_by_role("button", name="Share").click()
    expect(view(page).get_by_label("Link to this text, cell and step")).to_be_visible()
    expect(view(page).locator(".uv-share [role=status]")).to_have_text("Copied.")


@pytest.mark.parametrize("address", ["tag?text=Olga+sings+in+Rome&cell=lstm", "tag/?text=Olga+sings+in+Rome&cell=lstm"])
def test_the_first_page_has_an_address_of_its_own_too(visit, address):
    page = visit(address)
    assert view(page).get_attribute("data-text") == "Olga sings in Rome"
    assert view(page).get_attribute("data-cell") == "LSTM"
    expect(page.get_by_role("dialog")).to_have_count(0)
    view(page).get_by_role("button", name="Share").click()
    link = view(page).get_by_label("Link to this text, cell and step").input_value()
    other = visit(link.split("/", 3)[3])
    assert view(other).get_attribute("data-text") == "Olga sings in Rome"
    page.get_by_role("link", name=re.compile("^Rate ")).click()
    expect(view(page)).to_have_attribute("data-task", "rate")
    page.get_by_role("link", name=re.compile("^Tag ")).click()
    expect(view(page)).to_have_attribute("data-task", "tag")
    assert box(page).input_value() == "Olga sings in Rome"


# ---- texts that run from right to left -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "direction"),
    [("يعمل Chirag في Microsoft منذ عام", "rtl"), ("שלום מ Tel Aviv", "rtl"), ("Amina met علي in Cairo", "ltr")],
)
def test_a_text_runs_as_its_first_letter_does_and_its_underlines_with_it(visit, text, direction):
    page = visit()
    write(page, text)
    for part in ("textarea", ".uv-ink"):
        style = (
            view(page).locator(f".uv-box {part}").evaluate("e => [getComputedStyle(e).direction, getComputedStyle(e).unicodeBidi]")
        )
        assert style == [direction, "plaintext"]


def test_half_a_character_is_no_text_and_breaks_nothing(visit):
    page = visit()
    box(page).evaluate("e => { e.value = 'Amina \\ud83d sings'; e.dispatchEvent(new InputEvent('input', { bubbles: true })); }")
    expect(view(page)).to_have_attribute("data-text", "Amina \ufffd sings")
    assert labels(page)[0] == "PER"
