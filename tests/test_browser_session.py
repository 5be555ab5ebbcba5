"""Nothing that a visitor typed is lost: cut lines, servers that start anew, buttons and links, in real Chromium."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from conftest import Line, box, free_port, labels, load, start_app, view, write
from playwright.sync_api import Page, expect

from rnn_demo.tasks import TASKS
from rnn_demo.tasks.order import TASK as ORDER
from rnn_demo.tasks.pieces import face
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


def press_example(page: Page, task, name: str):
    example = next(example for example in task.words.examples if example.name == name)
    page.get_by_role("radio", name=name).or_(page.get_by_role("button", name=name)).first.click()
    expect(box(page)).to_have_value(example.text)
    return example


def reads(page: Page, text: str, **more) -> None:
    expect(view(page)).to_have_attribute("data-text", text, **more)
    expect(view(page).locator(".uv-cut")).to_be_empty()


def is_cut_off(page: Page) -> None:
    """Wait until the page says so, in a line of its own and not in a dialog that covers it."""
    page.wait_for_function("window.dialogs > 0")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(view(page).locator(".uv-cut")).to_contain_text("Your text stays here")


def is_back(page: Page) -> None:
    """Wait until a server that knows nothing of this visitor has been told."""
    expect(view(page).locator(".uv-cut")).to_be_empty(timeout=SLOW)


class Own:
    """A server that can be killed as `kill -9` does, and started anew at the same address."""

    def __init__(self, log):
        self.log, self.port, self.process = log, free_port(), None

    def start(self) -> str:
        self.process, address = start_app(self.log, self.port)
        return address

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture
def own(tmp_path):
    own = Own(tmp_path / "log")
    yield own
    own.kill()


def test_what_is_typed_while_the_server_is_killed_is_read_by_the_next_one(own, tab):
    page = tab(own.start())
    page.get_by_role("radio", name="plain RNN", exact=True).click()
    expect(view(page)).to_have_attribute("data-cell", "RNN")
    write(page, "Olga sings in Kyiv")
    own.kill()
    is_cut_off(page)
    box(page).press("End")
    page.keyboard.type(" and in Paris")
    own.start()
    is_back(page)
    reads(page, "Olga sings in Kyiv and in Paris")
    assert box(page).input_value() == "Olga sings in Kyiv and in Paris"
    assert labels(page)[-1] == "LOC"
    expect(view(page)).to_have_attribute("data-cell", "RNN")
    expect(page.get_by_role("radio", name="plain RNN", exact=True)).to_be_checked()
    expect(box(page)).to_be_focused()


def test_an_example_that_was_pressed_before_the_server_was_killed_is_what_the_next_one_knows(own, tab):
    page = tab(f"{own.start()}/order")
    pressed = press_example(page, ORDER, "Scrambled")  # a run of the whole page, and nothing was typed
    reads(page, pressed.text)
    own.kill()
    is_cut_off(page)
    own.start()
    is_back(page)
    reads(page, pressed.text)
    assert box(page).input_value() == pressed.text
    page.get_by_role("button", name="Unscramble").click()
    expect(box(page)).not_to_have_value(pressed.text)
    assert sorted(box(page).input_value().split()) == sorted(pressed.text.split())


def test_options_that_were_chosen_are_chosen_after_a_restart_and_a_name_is_written_again(own, tab):
    page = tab(f"{own.start()}/name?seed=3")
    page.get_by_role("radio", name="male", exact=True).click()
    expect(page.get_by_role("radio", name="male", exact=True)).to_be_checked()
    page.get_by_role("button", name="Roll again · 3").click()
    expect(page.get_by_role("button", name="Roll again · 4")).to_be_visible()
    write(page, "mart")
    name = view(page).locator(".uv-verdict b").inner_text()
    own.kill()
    is_cut_off(page)
    own.start()
    is_back(page)
    reads(page, "mart")
    expect(view(page).locator(".uv-verdict b")).to_have_text(name)
    expect(page.get_by_role("radio", name="male", exact=True)).to_be_checked()
    expect(page.get_by_role("button", name="Roll again · 4")).to_be_visible()
    page.get_by_role("link", name=re.compile("^Tag ")).click()
    expect(view(page)).to_have_attribute("data-task", "tag")


def test_a_chosen_word_and_beam_are_there_after_a_restart(own, tab):
    page = tab(f"{own.start()}/translate?text=The red car is fast.")
    page.get_by_role("radio", name="2", exact=True).click()
    expect(page.get_by_role("radio", name="2", exact=True)).to_be_checked()
    step = len(load("translate", "attention").trace("The red car is fast.")[0].tokens) + 1
    column = view(page).locator(f"[data-step='{step}']")
    offered = column.locator(".uv-bars i").evaluate_all("all => all.map(e => e.dataset.answer)")
    piece = next(p for p in offered if p != column.get_attribute("data-label") and p.startswith("▁") and len(p) > 2)
    column.locator(f"[data-answer='{piece}']").click()
    expect(view(page).locator(".uv-verdict b")).to_have_text(re.compile(f"^{re.escape(face(piece))}"))
    french = view(page).locator(".uv-verdict b").inner_text()
    own.kill()
    is_cut_off(page)
    own.start()
    is_back(page)
    expect(view(page).locator(".uv-verdict b")).to_have_text(french)
    assert box(page).input_value() == "The red car is fast."
    expect(page.get_by_role("radio", name="2", exact=True)).to_be_checked()


@pytest.fixture(scope="module")
def forgetful(tmp_path_factory):
    """A server that forgets a visitor as soon as the line is cut."""
    process, address = start_app(tmp_path_factory.mktemp("app") / "log", 0, "--server.disconnectedSessionTTL", "0")
    yield address
    process.kill()
    process.wait()


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
    is_cut_off(page)
    page.keyboard.type(" Amina.", delay=50)
    line.mend()
    text = example.text + " We met Amina."
    reads(page, text, timeout=SLOW)
    assert box(page).input_value() == text
    expect(box(page)).to_be_focused()


@pytest.mark.parametrize("forgets", [True, False])
def test_a_page_on_which_nothing_was_typed_comes_back_too(tab, app, forgetful, forgets):
    line = Line(forgetful if forgets else app)
    page = tab(f"{line.address}/order?text=We+went+home.&cell=lstm")
    example = press_example(page, ORDER, "A slip")
    reads(page, example.text)
    view(page).get_by_role("button", name="Share").click()
    view(page).get_by_role("button", name="Add this view to my path").click()
    expect(view(page).locator(".uv-shared")).to_contain_text("Added.")
    line.cut()
    is_cut_off(page)
    line.mend()
    is_back(page)
    reads(page, example.text)
    page.get_by_role("button", name="Shuffle").click()
    expect(box(page)).not_to_have_value(example.text)
    words = lambda text: sorted(token.text for token in tokenize(text))
    assert words(box(page).input_value()) == words(example.text)
    expect(view(page)).to_have_attribute("data-cell", "LSTM")
    page.get_by_role("link", name=re.compile("^Story ")).click()
    expect(page.get_by_role("button", name="Your path: 1")).to_be_visible()  # it is told to a server that knows nothing of it


def test_what_is_clicked_after_another_page_was_asked_for_does_not_empty_it(tab, app):
    line = Line(app)
    page = tab(f"{line.address}/name?seed=3")
    line.answers.clear()
    box(page).press_sequentially("ma")
    page.get_by_role("link", name=re.compile("^Tag ")).click()
    view(page).locator("[data-step='3'] .uv-bars i:not(.uv-taken)").first.click()  # on the page that is left, and still seen
    line.answers.set()
    expect(view(page)).to_have_attribute("data-task", "tag")
    write(page, "Olga sings in Kyiv")
    page.get_by_role("link", name=re.compile("^Name ")).click()
    expect(view(page)).to_have_attribute("data-text", re.compile("^ma$", re.IGNORECASE))
    assert box(page).input_value() == "ma"


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


@pytest.mark.parametrize("address", ["tag?text=Olga+sings+in+Rome&cell=rnn", "tag/?text=Olga+sings+in+Rome&cell=rnn"])
def test_the_first_page_has_an_address_of_its_own_too(visit, address):
    page = visit(address)
    assert view(page).get_attribute("data-text") == "Olga sings in Rome"
    assert view(page).get_attribute("data-cell") == "RNN"
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


@pytest.mark.parametrize("answer", [lambda route: route.abort(), lambda route: route.fulfill(status=404)])
def test_where_nothing_answers_to_keys_the_page_does(tab, app, answer):
    page = tab(f"{app}/?lens=inside")
    page.route("**/read", answer)
    box(page).fill("")
    box(page).press_sequentially("Olga sings in Kyiv", delay=30)
    reads(page, "Olga sings in Kyiv")
    expect(page.locator(".st-key-below h2").first).to_be_visible()
    assert labels(page) == ["PER", "O", "O", "LOC"]


def test_an_answer_of_the_page_takes_nothing_back_that_was_typed_since_and_what_is_chosen_is_chosen_in_what_is_seen(tab, app):
    """The page's own line is held while keys are answered beside it: it hears of the last text late, and of the cut after it."""
    held, holds = [], []

    def slow(socket):
        server = socket.connect_to_server()
        server.on_message(lambda message: held.append((socket, message)) if holds else socket.send(message))

    page = tab(app)
    page.context.route_web_socket(re.compile("_stcore/stream"), slow)
    page.goto(f"{app}/?text=Mr.&cell=gru")
    expect(view(page)).to_have_attribute("data-text", "Mr.")
    holds.append(True)
    box(page).press("End")
    box(page).press_sequentially(" Lagos flew")
    expect(view(page)).to_have_attribute("data-text", "Mr. Lagos flew")
    while not held:  # typing rested, and the page has answered
        page.evaluate("new Promise(requestAnimationFrame)")
    box(page).press_sequentially(" to Lagos")
    expect(view(page)).to_have_attribute("data-text", "Mr. Lagos flew to Lagos")
    page.evaluate("""() => { window.shown = []; const view = document.querySelector('.uv');
      new MutationObserver(() => window.shown.push(view.dataset.text)).observe(view, { attributeFilter: ['data-text'] }); }""")
    view(page).locator("[data-step='2'] .uv-scissors").dispatch_event("click")
    holds.clear()
    for socket, message in held:
        socket.send(message)
    expect(view(page).locator("[data-step='2'] .uv-label")).to_have_text("LOC")
    assert set(page.evaluate("window.shown")) == {"Mr. Lagos flew to Lagos"}
    reads(page, "Mr. Lagos flew to Lagos")
