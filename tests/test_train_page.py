"""The Train page through AppTest, and the examples' points, each with its seed."""

import json
import math

import hostile
import pytest
from streamlit.testing.v1 import AppTest

from rnn_demo.app import train_page
from rnn_demo.app.train_page import trained
from rnn_demo.learn import JOBS
from rnn_demo.learn.examples import EXAMPLES
from rnn_demo.learn.learning import Learning
from rnn_demo.learn.picture import Now, picture
from rnn_demo.learn.reading import task_of
from rnn_demo.learn.setup import set_up, sound
from rnn_demo.learn.workers import Run
from rnn_demo.lenses import LENSES, View
from rnn_demo.lenses.memory import trail, way_back


def show():
    from rnn_demo.app.train_page import train_page

    train_page()


def page(**link: str) -> AppTest:
    app = AppTest.from_function(show, default_timeout=120)
    app.query_params.update(link)
    app.run()
    assert not app.exception and not app.error
    return app


def run_of(app: AppTest) -> Run:
    return app.session_state["learn"]["run"]


@pytest.mark.parametrize("job", JOBS)
def test_the_page_opens_on_every_job_and_every_lens_on_what_was_learnt(job):
    app = page(job=job, hidden="4", length="8")
    assert app.title[0].value.endswith("?") and not app.warning
    run = run_of(app)
    assert run.setup == set_up(job, hidden=4, length=8) and run.step == 0
    learning = Learning(run.setup)
    list(learning.steps(2))
    run.keep(learning.moment())
    for lens in LENSES:
        app.session_state["train_lens"], app.session_state["train_saves"] = lens, True
        app.run()
        assert not app.exception and not app.error
        assert run_of(app) is run
        (view,) = (element.proto for element in app.get("bidi_component") if element.proto.component_name == "trace_view")
        assert ('<section class="closer">' in json.loads(view.json)[0]["page"]) == (lens not in ("step", "whatif"))


def test_a_link_that_cannot_be_used_is_told_and_a_bad_text_loses_nothing():
    app = page(job="labels", hidden="0", text="all alike")
    assert len(app.warning) == 2 and "hidden" in app.warning[0].value and "Line 1" in app.warning[1].value
    run = run_of(app)
    app.text_area(key="learn_own").set_value("yes\tgo\nno").run()
    assert not app.exception and any("Line 2" in warning.value for warning in app.warning)
    assert run_of(app) is run
    app.text_area(key="learn_own").set_value("").run()
    assert not app.exception and run_of(app).setup == run.setup


def test_another_setup_begins_anew_and_the_same_one_goes_on():
    app = page(job="parity", hidden="4")
    run = run_of(app)
    app.run()
    assert run_of(app) is run
    app.select_slider(key="learn_hidden").set_value(8).run()
    assert run_of(app) is not run and run_of(app).setup.hidden == 8


def test_whoever_comes_from_a_stop_of_the_story_finds_the_same_page():
    app = AppTest.from_function(show, default_timeout=120)
    app.session_state["place"] = "story_learns_"
    app.query_params.update(job="parity", hidden="4", length="6")
    app.run()
    assert not app.exception and not app.error and run_of(app).setup.hidden == 4


def test_a_cell_that_explodes_in_a_race_is_said_and_not_looked_at():
    app = page(job="first", hidden="4", length="6")
    run = Run(set_up("first", cell="rnn", hidden=4, length=6), run_of(app).moments[0])
    gone = {name: weight * math.nan for name, weight in Learning(run.setup).weights.items()}
    run.keep(run.moments[0]._replace(step=3, loss=math.nan, weights=gone))
    run.over = True
    app.session_state["learn"]["race"] = [run]
    app.session_state["train_lens"] = "compare"
    app.run()
    assert not app.exception and not app.error
    assert any("| plain RNN | it exploded | none |" in text.value for text in app.markdown)


def hears():
    """The page as it is after the view has sent something: an event that AppTest cannot fire."""
    from types import SimpleNamespace

    import streamlit as st

    from rnn_demo.app import train_page

    train_page.state()
    st.session_state["learn_view"] = SimpleNamespace(does=st.session_state.pop("event", None))
    train_page.heard()
    train_page.start(train_page.chosen())
    train_page.dials()


def test_a_curve_that_is_drawn_becomes_what_is_learnt_and_a_bad_one_loses_nothing():
    drawn = "drawn." + "".join(letter * 2 for letter in "AJTbjr1" * 12)
    app = AppTest.from_function(hears, default_timeout=120)
    app.query_params.update(job="curve", hidden="4", text="sine")
    app.run()
    sent(app, "pad", "")
    keeps = app.session_state["learn"]
    assert keeps["pad"] and app.selectbox(key="learn_curve").value == train_page.PAD and keeps["run"].setup.text == "sine"
    for bad in ("", "drawn.A", "drawn." + "AA" * 100, 7, None, "saw", "x" * 9):
        sent(app, "drawn", bad)
        assert keeps["run"].setup.text == "sine"
    sent(app, "drawn", drawn)
    assert keeps["run"].setup.text == drawn and keeps["run"].step == 0 and "Your curve" in keeps["point"]
    app.selectbox(key="learn_curve").set_value("saw").run()
    assert keeps["run"].setup.text == "saw" and not keeps["pad"]
    app.selectbox(key="learn_curve").set_value(train_page.PAD).run()  # nothing is lost: what was drawn is there again
    assert keeps["run"].setup.text == drawn and keeps["pad"]
    sent(app, "play", "")
    assert not keeps["pad"] and keeps["until"] > 0 and keeps["point"] == ""


def sent(app: AppTest, what: str, value: object) -> None:
    app.session_state["event"] = {"do": what, "value": value}
    app.run()
    assert not app.exception and not app.error


def test_nothing_that_a_browser_sends_raises_or_makes_a_network_that_no_dial_makes():
    app = AppTest.from_function(hears, default_timeout=120)
    app.query_params.update(job="curve", hidden="4", length="5", text="sine")
    app.run()
    keeps, rng = app.session_state["learn"], hostile.Case("13")
    does = {"do": ["play", "pause", "step", "restart", "speed", "moment", "pad", "drawn"]}
    does["value"] = ["", "0", "full", "drawn.", "9" * 9]
    for _ in range(40):
        app.session_state["event"] = hostile.event(rng, does)
        app.run()
        assert not app.exception and not app.error
        assert keeps["run"].setup.text == "sine" and keeps["speed"] in train_page.SPEEDS
    for name, value in {"hidden": 10**6, "length": 10**9, "rate": math.nan}.items():
        app.session_state[f"learn_{name}"] = value
    sent(app, "play", "")
    assert sound(keeps["run"].setup) == keeps["run"].setup


# Edits of a row of the signs a to h, and whether they fit.
EDITS = {"cut:3": True, "swap:2:b": True, "swap:2:%21": False, "graft:3:hello": False, "clamp:1:0.5:2": True}


def test_what_was_learnt_can_be_changed_and_an_edit_that_does_not_fit_is_no_error():
    app = page(job="first", hidden="4", length="6")
    app.session_state["train_lens"] = "whatif"
    for edits, fits in EDITS.items():
        app.session_state["train_edits"] = edits
        app.run()
        assert not app.exception and not app.error
        assert bool(app.session_state["train_shown"].asked.edits) == fits, edits
        assert any("without the change" in text.value for text in app.markdown) == fits, edits
    app.select_slider(key="learn_length").set_value(5).run()
    assert app.session_state["train_edits"] is None and not app.session_state["train_shown"].asked.edits


@pytest.mark.parametrize("job", ["first", "labels"])
def test_the_view_shows_what_an_answer_rests_on_and_how_its_error_goes_back(job):
    """Of the network as it is at this moment, not of one that is shipped."""
    app = page(job=job, hidden="4", length="6")
    app.session_state["train_lens"] = "memory"
    app.run()
    run, reading = run_of(app), run_of(app).moments[-1].example
    network = trained(run, run.moments[-1])
    view = View(task_of(network), network, reading, len(reading.columns))
    assert drawn(app)["lens"] | {"trail": {}} == {"name": "memory", "opens": True, "looks": view.step, "backward": [], "trail": {}}
    assert drawn(app)["lens"]["trail"] == trail(view)
    app.session_state["train_learning"] = True
    app.run()
    assert drawn(app)["lens"]["backward"] == way_back(view) and not app.exception


def drawn(app: AppTest) -> dict:
    """What the live view of the example was given."""
    given = [json.loads(part.proto.json) for part in app.get("bidi_component") if part.proto.json]
    (found,) = [part[0] for part in given if isinstance(part, list) and "tokens" in part[0]]
    return found


def ended(setup, steps: int):
    learning = Learning(setup)
    list(learning.steps(steps))
    return learning.moment()


CLAIMS = {
    "A plain RNN forgets": lambda example, end: (
        end.accuracy < 0.3
        and end.gradient[-1] < 1e-3 * end.gradient[0]
        and ended(example.setup._replace(length=10), example.steps).accuracy > 0.99
    ),
    "An LSTM carries it 50 steps": lambda example, end: end.accuracy >= 0.99 and end.gradient[-1] > 0.05 * end.gradient[0],
    "Two units are enough": lambda example, end: end.accuracy >= 0.99,
    "Too fast: it explodes": lambda example, end: (
        end.loss > 4 * math.log(8)
        and end.accuracy < 0.3
        and ended(example.setup._replace(rate=0.01), 2 * example.steps).accuracy > 0.99
    ),
    "Clipping saves it": lambda example, end: (
        end.accuracy < 0.5 and ended(example.setup._replace(clip=True), example.steps).accuracy > 0.8
    ),
}


def test_the_page_says_why_a_plain_rnn_does_not_learn_what_lies_far_back():
    for setup, says in ((set_up("first", cell="rnn", length=50), "gates"), (set_up("first", cell="rnn", length=10), "")):
        learning = Learning(setup)
        list(learning.steps(200))
        told = train_page.why_not(learning.moment(), learning.data.rival)
        assert says in told and bool(told) == bool(says)
    still = ended(set_up("first", length=50), 1)  # an LSTM that has only begun
    assert train_page.why_not(still, Learning(set_up("first", length=50)).data.rival) == ""


@pytest.mark.parametrize("example", EXAMPLES, ids=[example.name for example in EXAMPLES])
def test_every_example_shows_its_point(example):
    assert CLAIMS[example.name](example, ended(example.setup, example.steps))


def test_a_picture_holds_what_was_learnt_and_no_number_that_json_lacks():
    setup = set_up("parity", cell="gru", hidden=3, layers=2)
    learning = Learning(setup)
    first = learning.moment()
    run = Run(setup, first)
    found = picture(run, first._replace(loss=math.nan), learning.data.rival, Now(False, "full", (("full", "full speed"),)))
    assert found["loss"] is None and len(found["gradient"]) == setup.length and found["moments"] == [0]
    maps = {heat["title"]: heat for heat in found["weights"]}
    assert list(maps) == ["r1", "z1", "n1", "r2", "z2", "n2", "answers"]
    assert (maps["r1"]["rows"], maps["r1"]["columns"], maps["r1"]["split"]) == (3, 5, 2)
    import base64

    import numpy as np

    values = np.frombuffer(base64.b64decode(maps["z2"]["values"]), np.int8).reshape(3, 6) / 127 * maps["z2"]["largest"]
    both = np.concatenate([first.weights["layer.weight_ih_l1"], first.weights["layer.weight_hh_l1"]], 1)
    np.testing.assert_allclose(values, both[3:6], atol=maps["z2"]["largest"] / 200)


def test_the_page_lets_it_learn_races_three_cells_and_tries_longer_rows(monkeypatch):
    """As a visitor's browser does, which asks again and again while it plays."""
    monkeypatch.setattr(train_page, "RACE", 4)
    app = page(job="parity", hidden="4", length="6", batch="4")
    app.session_state["learn"]["until"] = 30
    while run_of(app).step < 30:
        app.run()
        assert not app.exception
    assert run_of(app).moments[-1].step == 30 and len(run_of(app).losses) == 30
    app.run()  # at rest
    next(button for button in app.button if button.label.startswith("Race")).click().run()
    table = lambda: [text.value for text in app.markdown if "| plain RNN |" in text.value and "| LSTM |" in text.value]
    while not table():
        app.run()
        assert not app.exception
    assert "longest row solved" in table()[0]
    next(toggle for toggle in app.toggle if toggle.label == "Try other lengths").set_value(True).run()
    assert not app.exception and any("6 (trained on)" in text.value or "| 5 |" in text.value for text in app.markdown)
    app.session_state["train_lens"] = "compare"
    app.run()
    assert not app.exception and not app.error
