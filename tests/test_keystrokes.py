"""The short way of a key: it says what the page would say, and nothing that comes along it can hurt."""

import asyncio
import functools
import json
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest
from conftest import MODELS, ROOT, changed, read
from hypothesis import given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from rnn_demo import load, page
from rnn_demo.app import keystrokes
from rnn_demo.edits import Cut
from rnn_demo.tasks import TASKS
from rnn_demo.view import Visit, payload, source
from rnn_demo.view.changes import change

KEY = {"task": "tag", "text": "", "query": "", "visit": "a", "number": 1, "turn": 0, "holds": ""}


def answer(task="tag", text="Olga sings", query="cell=lstm", visit="a", **key):
    """As JSON brings it to the browser."""
    return json.loads(json.dumps(keystrokes.answer(task, text, query, visit, **key)))


def post(app, body, origin=""):
    """The status with which the server answers."""
    request = urllib.request.Request(f"{app}/{keystrokes.PATH}", body, {"Content-Type": "application/json"})
    if origin:
        request.add_header("Origin", origin)
    try:
        return urllib.request.urlopen(request, timeout=60).status
    except urllib.error.HTTPError as error:
        return error.code


@pytest.mark.parametrize(("task", "cell"), MODELS)
def test_an_answer_is_the_picture_that_the_page_sends_for_that_text(task, cell):
    """Text after text of one visitor, so that each reading goes on from the one before."""
    for text in ("Ana", "Anna", "Anna M", "Anna"):
        found = answer(task, text, f"cell={cell}")
        reading = read(task, cell, TASKS[task].entry.reads(text)[0])
        wanted = json.loads(json.dumps(payload(reading, page.frame(TASKS[task]), Visit())))
        for name in ("text", "task", "cell", "weights", "names", "faces", "verdict", "known", "edits", "colors"):
            assert found[name] == wanted[name], name
        for token, other in zip(found["tokens"], wanted["tokens"], strict=True):
            for name in ("text", "start", "end", "time", "answer", "shown", "was"):
                assert token[name] == other[name], name
            assert token["probs"] == pytest.approx(other["probs"], abs=2e-4)  # rounded after another order of sums
        assert [len(chain["h"]) for chain in found["chains"]] == [len(chain["h"]) for chain in wanted["chains"]]
        assert f"cell={cell}" in found["query"] and f"text={found['text'].replace(' ', '+')}" in found["query"]


PLAIN = st.recursive(
    st.none() | st.integers(-9, 9) | st.sampled_from(["", "LOC", "a" * 9 + "b", "a" * 9 + "c", "a" * 9, "é" * 9 + "😀"]),
    lambda inner: st.lists(inner, max_size=12) | st.dictionaries(st.sampled_from("abc"), inner),
    max_leaves=30,
)


@pytest.fixture(scope="module")
def blank(browser):
    page = browser.new_context().new_page()
    yield functools.partial(page.evaluate, f"(all) => {{ {source('dom.js')}; return all.map((one) => changed(...one)); }}")
    page.context.close()


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(PLAIN, PLAIN), min_size=20, max_size=20))
def test_what_is_new_makes_the_new_answer_of_the_old_one_here_and_in_the_browser(blank, pairs):
    told = json.loads(json.dumps([[old, change(old, new)] for old, new in pairs]))
    assert blank(told) == [changed(*one) for one in told] == [new for _, new in pairs]


def test_who_holds_the_last_answer_is_sent_what_is_new_and_everybody_else_all_of_it():
    text, visit = "Mr. Lagos flew to Lagos and met Olga and Kenji there", "holds"
    ask = lambda text, holds: json.loads(json.dumps(keystrokes.reply("tag", text, "cell=gru", visit, 1, 0, holds)))
    first = ask(text, "")
    second = ask(text + " t", first["name"])
    whole = answer(text=text + " t", query="cell=gru", visit="another")
    assert changed(first["whole"], second["change"]) == whole
    assert len(json.dumps(second)) < len(json.dumps(whole)) / 4  # of eleven words one is new
    third = ask(text + " th", first["name"])  # the second answer was lost
    assert third["whole"] == answer(text=text + " th", query="cell=gru", visit="another")
    assert len({first["name"], second["name"], third["name"]}) == 3


def test_edits_are_kept_and_what_does_not_fit_is_said():
    edited = answer(text="Mr. Lagos flew to Lagos", query="cell=gru&edits=cut:2")
    (wanted,) = load("tag", "gru").trace("Mr. Lagos flew to Lagos", edits=[Cut(2)])
    assert [token["answer"] for token in edited["tokens"]] == [label[-3:] for label in wanted.best] == ["O", "LOC", "O", "O", "LOC"]
    assert any(token["was"] for token in edited["tokens"])
    assert "cannot be tried" in answer(text="Mr.", query="cell=gru&edits=cut:2")["note"]


def test_what_stands_behind_the_part_that_is_read_is_counted_and_what_belongs_to_another_text_is_forgotten():
    long = answer(text="word " * 300)
    assert len(long["tokens"]) == TASKS["tag"].entry.tokens and long["unread"] > 0 and long["note"]
    whole = answer("translate", "I sing", "cell=attention")
    begun = answer("translate", "I sing", "cell=attention&prefix=Nous")
    assert begun["tokens"] == whole["tokens"] and "prefix" not in begun["query"]


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"", 400),
        (b"\xff\xfe", 400),
        (b"[]", 400),
        (b'"text"', 400),
        (b"{}", 400),
        (b'{"task": "tag", "text": 3, "query": "", "visit": "", "number": 1, "turn": 0, "holds": ""}', 400),
        (b'{"task": "tag", "text": null, "query": "", "visit": "", "number": 1, "turn": 0, "holds": ""}', 400),
        (b'{"task": "nowhere", "text": "a", "query": "", "visit": "", "number": 1, "turn": 0, "holds": ""}', 503),
        (
            b'{"task": "tag", "text": "\\ud83d", "query": "cell=%00&edits=cut:9999&step=x&lens=y", '
            b'"visit": "", "number": 1, "turn": 0, "holds": ""}',
            200,
        ),
        (b'{"task": "tag", "text": "a", "query": "", "visit": "", "number": true, "turn": 0, "holds": ""}', 400),
        (b"[" * 100_000, 400),
        (b" " * (keystrokes.LONGEST + 1), 413),
    ],
)
def test_whatever_is_sent_is_answered(app, sent, status):
    assert post(app, sent) == status


def test_another_sites_page_is_refused(app):
    question = json.dumps(KEY | {"text": "Olga sings"}).encode()
    assert [post(app, question, origin) for origin in ("https://elsewhere.example", "null", "", app)] == [403, 403, 200, 200]


def test_of_one_visitors_flood_the_newest_is_read_and_others_come_in_turn(monkeypatch):
    """Questions that come while another is read: of one visitor the last, of every other visitor each."""
    heard = []

    def slow(task, text, query, visit, number, turn, holds):
        heard.append((visit, text))
        return {}

    monkeypatch.setattr(keystrokes, "reply", slow)

    async def flood():
        def request(visit, text):
            body = json.dumps(KEY | {"text": text, "visit": visit}).encode()

            async def receive():
                return {"type": "http.request", "body": body, "more_body": False}

            scope = {"type": "http", "method": "POST", "path": "/read", "headers": []}
            return keystrokes.hear(keystrokes.Request(scope, receive))

        asked = [("a", "1"), ("b", "1"), ("a", "2"), ("a", "3"), ("c", "1")]
        async with keystrokes._turn:
            running = [asyncio.create_task(request(*one)) for one in asked]
            while len(keystrokes._newest) < 3 or keystrokes._newest["a"]["text"] != "3":
                await asyncio.sleep(0)
        return [reply.status_code for reply in await asyncio.gather(*running)]

    with ThreadPoolExecutor() as thread:  # of its own, since a browser test may have a loop in this one
        assert thread.submit(asyncio.run, flood()).result() == [204, 200, 204, 200, 200]
    assert heard == [("b", "1"), ("a", "3"), ("c", "1")]


def test_the_last_readings_of_few_visitors_are_kept():
    for number in range(keystrokes.KEPT + 5):
        answer(visit=f"visitor {number}")
    assert len(keystrokes._last) <= keystrokes.KEPT and not keystrokes._newest


def test_the_page_catches_up_on_the_last_key_before_anything_is_done_with_the_text():
    """A button is pressed before typing has come to rest, and after the page itself has put another text into the box."""
    app = AppTest.from_file(str(ROOT / "rnn_demo/app/pages.py"), default_timeout=60)
    app.query_params["text"] = "We went home."
    app.run()
    visit, typed = app.session_state["visit"], "Mr. Lagos flew to Lagos"
    answer(text=typed, query="cell=gru", visit=visit, number=3, turn=0)
    app.run()
    assert app.session_state["tag_text"] == typed and app.session_state["tag_heard"] == 3
    answer(text="older", visit=visit, number=2, turn=0)
    app.run()
    assert app.session_state["tag_text"] == typed
    app.session_state["tag_turn"] = 1
    answer(text="of the turn before", visit=visit, number=9, turn=0)
    app.run()
    assert app.session_state["tag_text"] == typed and not app.exception
