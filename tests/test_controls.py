import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from rnn_demo.app.controls import unread
from rnn_demo.tasks import TASKS


@pytest.mark.parametrize(
    ("task", "text", "rest"),
    [
        ("tag", "Olga sings", ""),
        ("tag", "", ""),
        ("tag", "Olga " * 61, " Olga "),
        ("order", "We went home. " * 20, None),
        ("name", "Mary", ""),
        ("name", "Zoë", "ë"),
        ("name", "  Zoë  ", "ë  "),
        ("name", "Ann.", ""),
        ("name", "Alexandrinaabbb", "bbb"),
        ("name", "李", "李"),
    ],
)
def test_what_stands_behind_the_part_that_is_read(task, text, rest):
    found = unread(TASKS[task], text)
    if rest is None:  # as the page's own reader cuts it
        read, note = TASKS[task].entry.reads(text)
        assert note and read + found == text and found
    else:
        assert found == rest
    assert text.endswith(found)
    before = text[: len(text) - len(found)]
    assert TASKS[task].entry.reads(before)[0] == TASKS[task].entry.reads(text)[0]  # the part before it is read as the whole is


# ---- what a browser sends, or somebody who pretends to be one ------------------------------------------------------------


def hears(name):
    """The page without its drawing: it hears an event, and reads on."""
    from types import SimpleNamespace

    import streamlit as st

    from rnn_demo.app import controls, task_page
    from rnn_demo.tasks import TASKS

    task = TASKS[name]
    controls.arrive(task)
    task_page.read(task)
    event = SimpleNamespace(typed=None, chosen=None)
    vars(event).update(st.session_state.get("event", {}))
    if isinstance(event.typed, dict) and "visit" not in event.typed:
        event.typed = event.typed | {"visit": st.session_state["visit"], "turn": st.session_state[controls.key(task, "turn")]}
    st.session_state[controls.key(task, "view")] = event
    controls.heard(task)
    controls.arrive(task)
    task_page.read(task)


@pytest.fixture(scope="module", params=TASKS)
def listener(request):
    app = AppTest.from_function(hears, args=(request.param,), default_timeout=60).run()
    assert not app.exception
    return request.param, app


def sent(listener, **event):
    _, app = listener
    app.session_state["event"] = event
    app.run()
    assert not app.exception
    return app.session_state


def test_a_path_that_is_full_says_that_it_takes_nothing(listener):
    from rnn_demo.story.paths import MOST_STOPS, Path

    listener[1].session_state["path"] = Path()
    counts = []
    for n in range(1, MOST_STOPS + 2):
        state = sent(listener, chosen={"add": 1})
        counts.append(state["added"]["count"])
        assert len(state["path"].stops) == min(n, MOST_STOPS)
        assert state["added"]["words"].startswith("Added." if n <= MOST_STOPS else f"Not added: your path has {MOST_STOPS} stops")
    assert counts == list(range(1, MOST_STOPS + 2))  # each is another answer


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(), max_size=20)
    | st.sampled_from(["end", "step"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
typed = st.fixed_dictionaries(
    {},
    optional={
        "text": st.text(st.characters(), max_size=30) | anything,
        "number": st.integers() | anything,
        "visit": anything,
        "turn": anything,
        "lost": st.text(st.characters(), max_size=30)
        | st.sampled_from(["cell=no", "lens=%ff&step=x&text", "begin=%20"])
        | anything,
        "path": st.text(st.characters(), max_size=30) | st.sampled_from(['{"unrolled": 1, "name": "A", "stops": [[]]}']) | anything,
        "more": anything,
    },
)
chosen = st.fixed_dictionaries(
    {},
    optional={
        "step": st.integers(-2, 40) | anything,
        "name": st.sampled_from(["PER", "e", "end", "to"]) | anything,
        "lens": anything,
        "learn": anything,
        "edits": st.sampled_from(["", "cut:2", "cut:2,hold:z:1:1", "paste:1", ",".join(["cut:2"] * 13)]) | anything,
    },
)


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(typed | anything, chosen | anything)
@example({}, {})
@example({"text": "Olga", "number": 1}, None)
@example({"text": "Olga", "number": True, "lost": None}, None)
@example({"text": "Olga\ud83d", "number": 10**30, "lost": "text=Olga&cell=\ud83d&begin=&lens=&step=-1&seed=9999999999999"}, None)
@example(None, {"lens": ["step"]})
@example(None, {"lens": {}, "step": 1, "name": "PER"})
@example(None, {"step": True, "name": "PER"})
@example(None, {"step": 1.0, "name": "PER"})
@example(None, {"step": 1, "name": ["PER"]})
def test_no_event_of_a_browser_raises(listener, typed, chosen):
    sent(listener, typed=typed, chosen=chosen)


def test_every_answer_at_every_step_may_be_chosen(listener):
    task, app = listener
    reading = app.session_state[f"{task}_read"]
    steps = range(len(reading.columns) + 2)
    names = sorted({*reading.names[:2], *reading.names[-2:], *(column.answer for column in reading.columns)} | {"none such"})
    for step in steps:
        for name in names:
            sent(listener, chosen={"step": step, "name": name})


def test_an_event_of_the_right_kind_is_taken_and_one_of_a_wrong_kind_is_not(listener):
    task, _ = listener
    state = sent(listener, typed={"text": "Ann", "number": 5})
    assert (state[f"{task}_text"], state[f"{task}_heard"]) == ("Ann", 5)
    for wrong in (
        {"text": ["Ben"]},
        {"number": "6"},
        {"number": True},
        {"lost": 1},
        {"visit": None},
        {"turn": "0", "visit": state["visit"]},
    ):
        state = sent(listener, typed={"text": "Ben", "number": 6} | wrong)
        assert (state[f"{task}_text"], state[f"{task}_heard"]) == ("Ann", 5)
    for wrong in ({"text": "Ben"}, {"number": 6}):
        assert sent(listener, typed=wrong)[f"{task}_text"] == "Ann"
    cell = list(TASKS[task].words.cells)[-1]
    state = sent(listener, typed={"text": "Ann", "number": 6, "lost": f"text=Ann&cell={cell}&lens=nothing"})
    assert state[f"{task}_cell"] == cell


def test_a_path_that_the_browser_brings_back_is_taken_where_there_is_none(listener):
    from rnn_demo.story import Path, added

    first, second = (added(Path(name), TASKS["tag"], {"text": "Olga sings"}) for name in ("Mine", "Another"))
    typed = {"text": "Ann", "number": 7, "lost": "text=Ann"}
    listener[1].session_state["path"] = Path()
    for path, kept in (("no path", Path()), (None, Path()), (first.file, first), (second.file, first)):
        assert sent(listener, typed=typed | {"path": path})["path"] == kept


def test_a_change_of_the_network_is_taken_and_what_no_view_sends_is_not(listener):
    task, _ = listener
    assert sent(listener, chosen={"edits": "cut:3,swap:2:a%2Cb"})[f"{task}_edits"] == "cut:3,swap:2:a%2Cb"
    for wrong in ("paste:1", ["cut:2"], None, ",".join(["cut:2"] * 13)):
        assert sent(listener, chosen={"edits": wrong})[f"{task}_edits"] == "cut:3,swap:2:a%2Cb"
    assert sent(listener, chosen={"edits": ""})[f"{task}_edits"] is None
