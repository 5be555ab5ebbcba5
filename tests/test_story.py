"""The story says what is true of the shipped networks, in few words, with links that work; its words are explained; and a path
that somebody brings is checked like it."""

import json
import re

import numpy as np
import pytest
from conftest import ROOT, SEED, read
from hypothesis import given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from rnn_demo import load
from rnn_demo.app.feed_forward import vector_table
from rnn_demo.app.headline import PLACES
from rnn_demo.app.story_figures import FIGURES
from rnn_demo.edits import Cut
from rnn_demo.lenses import View
from rnn_demo.lenses.memory import fadings, numbers
from rnn_demo.networks.sizes import wasted, weights_feed_forward
from rnn_demo.story import GLOSSARY, STOPS, Path, PathError, added, in_order, linked, numbered, read_path, read_stops, unpacked
from rnn_demo.story.glossary import FORMS, terms_in
from rnn_demo.story.paths import MOST_BYTES, MOST_CHARS, MOST_LINK, MOST_STOPS
from rnn_demo.story.stops import FIGURES as KNOWN
from rnn_demo.story.stops import MOST_WORDS, Stop, count_words
from rnn_demo.tasks import TASKS
from rnn_demo.view import PARTS

BY_NAME = {stop.name: stop for stop in STOPS}


def shown(name: str, text: str | None = None, cell: str | None = None, **changed):
    """What the network of a stop makes of its text, or of another one."""
    stop = BY_NAME[name]
    given = {option.name: option.parse(stop.link[option.name]) for option in stop.task.options if option.name in stop.link}
    text = stop.link.get("text", stop.task.entry.seed) if text is None else text
    return read(stop.page, cell or stop.link.get("cell", stop.task.cell.default), text, **(given | changed))


def label(reading, word: str, which: int = 0) -> str:
    return [column.answer for column in reading.columns if column.token.text == word][which]


def stars(reading) -> float:
    return float(reading.verdict[0].split()[0])


def moved(reading, word: str) -> float:
    return next(float(c) for token, c in zip(reading.traces[0].tokens, reading.facts["changes"], strict=True) if token == word)


def seen(name: str) -> View:
    reading = shown(name)
    task = TASKS[reading.asked.task]
    return View(task, load(task.name, reading.asked.cell), reading, len(reading.columns), "", lambda cell: load(task.name, cell))


def cut(name: str, step: int):
    reading = shown(name)
    task = TASKS[reading.asked.task]
    return task.read(load(task.name, reading.asked.cell), reading.text, reading.asked.options, reading, (Cut(step),))


def alike(first: str, second: str) -> float:
    one, other = vector_table().vectors([vector_table().row(first), vector_table().row(second)])
    return float(one @ other / np.linalg.norm(one) / np.linalg.norm(other))


def reaches(cell: str) -> float:
    """The share of the last answer's gradient that reaches the first five words."""
    reading = shown("learns", cell=cell)
    row = numbers(View(TASKS["rate"], load("rate", cell), reading, len(reading.columns)))["gradient"]
    return sum(row[:5]) / sum(row)


def sizes_of(cell: str) -> int:
    return load("tag", cell).step_weights


# ---- what each stop says ---------------------------------------------------------------------------------------------------

GOOD, SHORT = "I love to go to the gym", "I am happy."
CLAIMS = {
    "order": lambda: shown("order").facts["bits"].sum() > 70
    and shown("order", GOOD).facts["bits"].sum() < shown("order").facts["bits"].sum() / 2
    and sorted(GOOD.split()) == sorted(BY_NAME["order"].link["text"].split()) and len(GOOD.split()) == 7,
    "numbers": lambda: alike("coffee", "tea") > 0.7 > 0.3 > alike("coffee", "doctor") and vector_table().size == 100,
    "size": lambda: weights_feed_forward(10_000, 10, 10) == 1_000_000 and wasted(10_000, 10, 3, 10) == 700_000,
    "block": lambda: shown("block", "one two three").block.weights == shown("block", "one two three " * 5).block.weights,
    "steps": lambda: [column.answer for column in shown("steps").columns] == ["PER", "O", "O", "ORG", "O", "LOC"]
    and shown("steps").text == SEED,
    "before": lambda: (label(shown("before"), "Lagos"), label(shown("before"), "Lagos", 1)) == ("PER", "LOC")
    and label(cut("before", 2), "Lagos") == "LOC" and label(shown("before", "Mr. Lagos"), "Lagos") == "PER",
    "both-ends": lambda: label(shown("both-ends"), "Jordan") == "PER"
    and label(shown("both-ends", cell="bilstm"), "Jordan") == "LOC"
    and label(shown("both-ends", "Jordan"), "Jordan") == "PER",
    "many-to-one": lambda: moved(shown("many-to-one"), "good") < 0
    and 0.35 < stars(shown("many-to-one", "The plot is good, but the cast is good.")) - stars(shown("many-to-one")) < 0.65,
    "one-to-many": lambda: shown("one-to-many").facts["name"] != shown("one-to-many", sex="male").facts["name"]
    and [column.answer for column in shown("one-to-many").columns].index("end") == len(shown("one-to-many").columns) - 1,
    "encoder": lambda: "rapide" not in shown("encoder").verdict[0] and "vite" not in shown("encoder").verdict[0]
    and "heureu" in shown("encoder", SHORT).verdict[0],
    "attention": lambda: {"voiture", "rouge", "rapide."} <= set(shown("attention").verdict[0].split())
    and shown("attention").facts["source"][int(np.argmax(dict(
        zip(shown("attention").facts["target"], shown("attention").facts["weights"], strict=True))["rouge"]))] == "red",
    "fades": lambda: (halves := {cell.title: cell.half for cell in fadings(seen("fades"))})["plain RNN"] * 1.5
    < min(halves["GRU"], halves["LSTM"]),
    "gates": lambda: set(shown("gates").traces[0].gates) == {"i", "f", "g", "o"}
    and set(shown("gates", cell="gru").traces[0].gates) == {"r", "z", "n"}
    and load("tag", "gru").header["scores"]["ewt"]["f1"] > load("tag", "lstm").header["scores"]["ewt"]["f1"] - 0.02,
    "learns": lambda: reaches("rnn") < min(reaches("lstm"), reaches("gru")),
    "trust": lambda: label(shown("trust"), "Hope") == "O" and bool(load("tag", "lstm").header["reliability"]),
    "uses": lambda: shown("uses", "a b " * 3).traces[0].h.shape[1] == shown("uses").traces[0].h.shape[1],
    "further": lambda: (ROOT / "rnn_demo/cells.py").exists(),
}  # fmt: skip
# What each act is done by, and a thing that is not it.
DONE = {
    "order": ({"text": "I love to go to the gym."}, {"text": "gym to go"}),
    "numbers": ({"text": "king queen table"}, {"text": "king"}),
    "size": ({"text": "He is a great man in India"}, {"text": "He was great"}),
    "block": ({"text": "one two three four five six seven eight nine ten"}, {"text": "one two"}),
    "steps": ({"text": "Zainab sings"}, {"text": ""}),
    "before": ({"edits": "cut:2"}, {"edits": "cut:4"}),
    "both-ends": ({"cell": "bilstm"}, {"cell": "gru"}),
    "many-to-one": ({"text": "The plot is good, but the cast is good."}, {"text": "It is not good."}),
    "one-to-many": ({"sex": "male"}, {"sex": "female"}),
    "encoder": ({"text": "I am happy."}, {"text": "The old red car is not very fast."}),
    "attention": ({"text": "My house is old."}, {"text": "House"}),
    "fades": ({"text": "one two three four five six seven eight nine ten"}, {"text": "one two"}),
    "gates": ({"cell": "gru"}, {"cell": "rnn"}),
    "learns": ({"cell": "lstm"}, {"cell": "rnn"}),
    "trust": ({"text": "Faith met Rose"}, {"text": "x"}),
}


@pytest.mark.parametrize("stop", STOPS, ids=BY_NAME)
def test_what_a_stop_says_is_true(stop):
    assert CLAIMS[stop.name](), stop.words


@pytest.mark.parametrize("stop", STOPS, ids=BY_NAME)
def test_what_is_to_be_tried_is_noticed_and_nothing_else(stop):
    seeds = {"text": stop.link.get("text", stop.task.entry.seed), **stop.link}
    assert not stop.is_done(seeds)
    if stop.act:
        right, wrong = DONE[stop.name]
        assert stop.is_done(seeds | right) and not stop.is_done(seeds | wrong)


@pytest.mark.parametrize("stop", [stop for stop in STOPS if stop.guess], ids=lambda stop: stop.name)
def test_a_guess_asks_for_something_that_comes_out(stop):
    reading = shown(stop.name)
    column = reading.columns[stop.guess.step - 1]
    assert column.answer and (not stop.guess.right or stop.guess.right in reading.names)
    if stop.name in ("steps", "before", "attention"):
        assert column.answer == stop.guess.right
    if stop.page == "rate":
        assert stop.guess.step == len(reading.columns)


def test_the_story_is_as_long_as_it_may_be():
    assert 15 <= len(STOPS) <= 18 and all(20 <= count_words(stop.words) <= MOST_WORDS for stop in STOPS)
    assert all(stop.act or stop.figure for stop in STOPS) and sum(bool(stop.guess) for stop in STOPS) >= 6
    for stop in STOPS:  # at 200 words a minute, with 15 seconds to look and to try
        told = f"{stop.words} {stop.act.words} {stop.act.after}" if stop.act else stop.words
        assert count_words(told) * 60 / 200 + 15 <= 40, stop.name
    assert set(FIGURES) == set(KNOWN) and {stop.figure for stop in STOPS} == {"", *KNOWN}
    css = (ROOT / "rnn_demo/view/story.css").read_text("utf-8")
    assert all(f".uv-light-{part} " in css and f".uv-dim-{part} " in css for part in PARTS)


def test_tabs_stand_in_the_order_of_the_story():
    assert in_order(TASKS) == ["order", "tag", "rate", "name", "translate"]
    assert in_order(["train", "rate", "order"]) == ["order", "rate", "train"]


def test_every_page_leads_to_the_first_stop_that_shows_its_network():
    assert set(PLACES) == {*TASKS, "train"}
    for page, (number, stop) in PLACES.items():
        shows = [other for other in STOPS if other.page == page and not other.figure] or [BY_NAME["learns"]]
        assert STOPS[number - 1] == stop == shows[0]


TOY = """
[[stops]]
name = "a"
title = "A"
words = "One thing."
page = "tag"
link = { cell = "gru" }
light = ["out"]
act = { words = "Type.", done = { text = "." }, after = "Done." }
guess = { question = "Which?", step = 1 }
"""


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ('title = "A"\n', "", "toy.toml, stop 1: key title is missing"),
        ('title = "A"', 'titel = "A"', "unknown key titel"),
        (', after = "Done."', "", "act: key after is missing"),
        ("step = 1", "step = 1, at = 2", "guess: unknown key at"),
        ('"One thing."', f'"{"word " * 61}"', "61 words, at most 60"),
        ('page = "tag"', 'page = "tags"', "page 'tags' is not one of tag"),
        ('cell = "gru"', 'cell = "gpt"', "cell is not one of"),
        ('cell = "gru"', 'shell = "gru"', "unknown fields"),
        ('["out"]', '["outs"]', "is not one of out"),
        ("light", 'figure = "cake"\nlight', "figure 'cake' is not one of"),
        ("[[stops]]", "more = 1\n[[stops]]", "unknown key more"),
    ],
)
def test_a_wrong_stop_is_named(right, wrong, said, tmp_path):
    path = tmp_path / "toy.toml"
    path.write_text(TOY, "utf-8")
    assert read_stops(path)[0].act.after == "Done." and TOY.count(right) == 1
    path.write_text(TOY.replace(right, wrong), "utf-8")
    with pytest.raises(ValueError, match=re.escape(said)):
        read_stops(path)


# What somebody asks who has just met RNNs, and the words in which the story answers.
ANSWERS = {
    "Why does the order of words matter?": "A **bag of words** only counts them, so it cannot tell this from a sentence.",
    "How does a word become numbers?": "every word becomes a row of numbers",
    "Why vectors and not one-hot?": "It makes all words equally different.",
    "Why not a plain network?": "10,000 words × 10 places × 10 neurons = 1,000,000 weights",
    "What does padding cost?": "the zeros are multiplied all the same",
    "Why is it called unrolled?": "drawn once for every word",
    "What does it start from?": "The first block gets a zero: it has read nothing.",
    "What does a label depend on?": "a label depends on all words up to it",
    "Why read from both ends?": "only what follows says that Jordan is a country",
    "What if there is one answer for a whole text?": "gives one rating after the last word",
    "How can it write?": "Each letter is drawn by its **probability**, and becomes the next input",
    "When does it stop to write?": "The sign for the end stops it.",
    "How can one network translate for another?": "That one vector must hold the whole sentence.",
    "What does attention do?": "it looks back at all states of the encoder",
    "What is a gate?": "a number between 0 and 1, computed anew at every step",
    "How does it learn?": "every weight is moved a little to make the error smaller",
    "Does it learn from what I type?": "on all others the weights stay as they are, whatever you type",
    "How fast does a gradient vanish?": "0.7 at every step: 0.7²⁰ = 0.0008",
    "Can I trust a probability?": "of 100 such answers, 87 are right",
    "Does anybody still use them?": "They are still used where memory is small or data never end",
}


@pytest.mark.parametrize("question", ANSWERS)
def test_a_newcomer_finds_the_answer(question):
    told = [stop.words for stop in STOPS] + [f"{term.meaning} {term.example}" for term in GLOSSARY]
    assert any(ANSWERS[question] in words for words in told)


# ---- the page -----------------------------------------------------------------------------------------------------------


def page(**link: str) -> AppTest:
    def show():
        from rnn_demo.app.story_page import story_page

        story_page()

    app = AppTest.from_function(show, default_timeout=60)
    app.query_params.update(link)
    return app.run()


@pytest.mark.parametrize("stop", STOPS, ids=BY_NAME)
def test_every_stop_opens_and_keeps_its_text_to_itself(stop):
    app = page(stop=stop.name)
    assert not app.exception and not app.error and not app.warning
    assert app.title[0].value == stop.title
    text = app.session_state[f"story_{stop.name}_{stop.page}_text"]
    assert text == stop.link.get("text", stop.task.entry.seed) and f"{stop.page}_text" not in app.session_state


def test_back_and_next_are_in_the_link_and_remembered():
    app = page()
    app.button("story_next").click().run()
    assert "".join(app.query_params["stop"]) == STOPS[1].name and app.title[0].value == STOPS[1].title
    app.query_params.clear()
    app.run()
    assert app.title[0].value == STOPS[1].title
    app.button("story_back").click().run()
    assert app.title[0].value == STOPS[0].title and app.button("story_back").disabled
    app.selectbox("story_stop").set_value(STOPS[-1].name).run()
    assert app.title[0].value == STOPS[-1].title and app.button("story_next").disabled


def test_what_was_tried_is_said():
    app = page(stop="both-ends")
    assert not any(BY_NAME["both-ends"].act.after in element.value for element in app.markdown)
    app.session_state["story_both-ends_tag_cell"] = "bilstm"
    app.run()
    assert any(BY_NAME["both-ends"].act.after in element.value for element in app.markdown)


@pytest.mark.parametrize("link", [{"stop": "nowhere"}, {"path": "x"}, {"path": "A" * 9000}, {"stop": "order", "cell": "gpt"}])
def test_a_wrong_link_is_said_and_the_story_stands(link):
    app = page(**link)
    assert not app.exception and len(app.warning) == 1 and app.title[0].value == STOPS[0].title


# ---- the glossary -------------------------------------------------------------------------------------------------------

# The field's terms: wherever one is used, the glossary must have it.
TERMS = [
    "token", "hidden state", "weight", "logit", "gate", "gradient", "embedding", "softmax", "beam", "attention",
    "calibration", "perplexity", "one-hot", "padding", "encoder", "decoder", "context vector", "cell state", "vocabulary",
    "temperature", "word vector", "bag of words", "transformer", "bleu", "subwords", "nats", "bits", "neurons", "unit",
    "backwards through time", "vanishes", "lstm", "gru", "bilstm", "plain rnn", "recurrent", "unrolled",
]  # fmt: skip


def prose() -> list[str]:
    pages = [text for task in TASKS.values() for text in (task.words.story, *task.words.lessons)]
    return pages + [stop.words for stop in STOPS]


def test_every_term_is_explained_once_and_shortly():
    forms = [form.lower() for term in GLOSSARY for form in (term.term, *term.also)]
    assert len(forms) == len(set(forms))
    for term in GLOSSARY:
        assert term.meaning.endswith(".") and len(re.findall(r"[.!?](?:\s|$)", term.meaning)) == 1, term
        assert term.example and count_words(term.meaning) <= 25, term
    assert all(term in FORMS for term in TERMS)


def test_a_term_that_is_marked_in_a_text_is_explained():
    plain = {"no name", "in order"}  # marked for their weight, not as terms
    for text in prose():
        for marked in re.findall(r"\*\*([^*]+)\*\*", text):
            words = marked.lower().strip(" .:")
            if count_words(words) <= 2 and words not in plain:
                assert words in FORMS or terms_in(words), f"{marked!r} in {text!r}"


def test_each_term_is_linked_where_it_stands_first():
    assert linked("**Gates** and gates.") == "**[Gates](#term-gate)** and gates."
    assert linked("`gate` [a gate](x) $gate$ navigate") == "`gate` [a gate](x) $gate$ navigate"
    slugs = {term.slug for term in GLOSSARY}
    assert len(slugs) == len(GLOSSARY)
    for text in prose():
        assert set(re.findall(r"\(#term-([^)]+)\)", linked(text))) == {FORMS[term.lower()].slug for term in terms_in(text)} <= slugs


# ---- a path of one's own ------------------------------------------------------------------------------------------------


def a_path() -> Path:
    path = added(Path("My lecture"), TASKS["tag"], {"text": "Olga sings", "cell": "gru", "edits": "cut:2"})
    return added(path, TASKS["name"], {"text": "", "sex": "male"})


def test_a_path_comes_back_from_file_and_link_and_can_be_ordered():
    path = a_path()
    assert read_path(path.file) == unpacked(path.link) == path and [stop.name for stop in path.stops] == ["1", "2"]
    turned = path._replace(stops=numbered([path.stops[1], path.stops[0]]))
    assert [(stop.name, stop.page) for stop in unpacked(turned.link).stops] == [("1", "name"), ("2", "tag")]
    for _ in range(MOST_STOPS + 3):
        path = added(path, TASKS["tag"], {"text": "x"})
    assert len(path.stops) == MOST_STOPS and read_path(path.file) == path


@pytest.mark.parametrize("letter", ["a", "é", "\n", "李"])
def test_a_path_that_the_app_has_written_can_always_be_opened(letter):
    path = Path("李" * MOST_CHARS)
    for _ in range(MOST_STOPS):
        path = added(path, TASKS["rate"], {"text": letter * TASKS["rate"].entry.chars})
    renamed = numbered([stop._replace(title="李" * MOST_CHARS) for stop in path.stops])
    assert read_path(path._replace(stops=renamed).file).stops == renamed and 5 < len(renamed) < MOST_STOPS


def test_a_path_that_is_opened_is_in_the_link_and_the_story_takes_it_out_again():
    app = page()
    app.session_state["path"] = a_path()
    app.run()
    (button,) = [button for button in app.button if button.label == "Open it here"]
    button.click().run()
    assert not app.exception and app.title[0].value == r"Tag\: Olga sings"
    assert unpacked("".join(app.query_params["path"])) == a_path()
    (button,) = [button for button in app.button if button.label == "Back to the story of the app"]
    button.click().run()
    assert "path" not in app.query_params and app.title[0].value == STOPS[0].title


def test_an_opened_path_behaves_as_the_story():
    app = page(path=a_path().link)
    assert not app.exception and not app.warning and app.title[0].value == r"Tag\: Olga sings"
    app.button("story_next").click().run()
    assert "".join(app.query_params["stop"]) == "2" and "path" in app.query_params
    assert app.session_state[f"{app.session_state['place']}name_sex"] == "male"


def test_a_path_in_another_order_shows_nothing_of_what_stood_at_its_stops_before():
    first, second = (Stop("", "A title", "", "tag", {"text": text}) for text in ("Olga sings", "Ravi waits"))
    app = page()
    for stops in ([first, second], [second, first]):
        app.session_state["opened"] = Path("My path", numbered(stops))
        app.session_state["story_at"] = "1"
        app.run()
        assert not app.exception
        assert app.session_state[f"{app.session_state['place']}tag_text"] == stops[0].link["text"]


def changed(**stop) -> str:
    table = json.loads(a_path().file)
    table["stops"][0] |= stop
    return json.dumps(table)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not JSON"), ("[" * 100_000, "JSON|larger"), ("[]", "no list of stops"), ('{"unrolled": 1, "stops": []}', "0 stops"),
        ("x" * (MOST_BYTES + 1), "larger than"), ('{"unrolled": 2, "name": "a", "stops": [{}]}', "no list"),
        (changed(page="../etc"), "no page"), (changed(link={"text": "x" * 5000}), "longer than"), (changed(more=1), "nothing else"),
        (changed(link={"cell": "gpt"}), "not one of"), (changed(link={"shell": "x"}), "unknown fields"),
        (changed(link=[]), "nothing"),
        (changed(link={"text": 3}), "texts"), (changed(words="w " * 61), "61 words"), (changed(title=""), "title"),
        (changed(words=None), "texts"), (changed(page=["tag"]), "no page"), (changed(words="half a \ud83d"), "JSON"),
        (changed(link={"edits": "cut:0"}), "edits"),
    ],
)  # fmt: skip
def test_a_path_that_does_not_fit_is_said(text, said):
    with pytest.raises(PathError, match=said):
        read_path(text)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60) | st.sampled_from([a_path().link[:-4], a_path().link + "AAAA", "A" * (MOST_LINK + 1)]))
def test_a_broken_link_never_does_more_than_say_so(word):
    with pytest.raises(PathError):
        unpacked(word)


def test_a_file_that_unpacks_to_more_than_it_says_is_cut_off():
    import base64
    import zlib

    with pytest.raises(PathError, match="larger"):
        unpacked(base64.urlsafe_b64encode(zlib.compress(b" " * 4_000_000, 9)).decode()[:MOST_LINK])
