"""The lenses Memory and What if as the page has them."""

import json
import math
from collections import Counter

import numpy as np
import pytest
from conftest import MODELS, load, read
from streamlit.testing.v1 import AppTest

from rnn_demo.__main__ import main
from rnn_demo.edits import Clamp, Cut, Swap, resolved
from rnn_demo.lenses import LENSES, View
from rnn_demo.lenses.memory import disagreement, fading, half_life, thinned, times, trail, without
from rnn_demo.lenses.whatif import differences, met_again
from rnn_demo.networks import influence
from rnn_demo.networks.influence import Influence
from rnn_demo.tasks import TASKS

TEXT = "Mr. Lagos flew to New York with nine old friends"


def view_of(task: str, cell: str, *edits, step: int = 0) -> View:
    """What the lenses look at; with edits, as they are tried on the page."""
    before, record, network = read(task, cell, "ma" if task == "name" else TEXT), TASKS[task], load(task, cell)
    reading = record.read(network, before.text, before.asked.options, before, resolved(edits, before)) if edits else before
    loads = lambda other: load(task, other)
    return View(record, network, reading, step or len(reading.columns), load=loads, before=before if edits else None)


@pytest.mark.parametrize("edits", [(), (Cut(4), Clamp(3, 0.5, 2), Swap(3, "a"))], ids=["plain", "edited"])
@pytest.mark.parametrize(("task", "cell"), MODELS)
def test_the_proof_that_the_page_shows_holds_when_it_is_run(task, cell, edits):
    if edits and task == "translate":
        edits = edits[:2]
    *_, proof = LENSES["memory"].panels(view_of(task, cell, *edits))
    assert "allclose" in proof.figure.text and len(proof.figure.text.splitlines()) < 40
    exec(compile(proof.figure.text, "proof", "exec"), {})  # noqa: S102


@pytest.mark.parametrize(("task", "cell"), MODELS)
def test_the_triangle_has_one_scale_and_each_row_is_that_answers_slopes(task, cell):
    view = view_of(task, cell)
    _, triangle, *_ = LENSES["memory"].panels(view)
    heat = triangle.figure.data[0]
    rows = np.array(heat.z, dtype=float)
    found = np.log10(np.maximum(np.array(LENSES["memory"].numbers(view)["gradient"]), 1e-30))
    np.testing.assert_allclose(rows[-1][: len(found)], found, atol=1e-2)
    assert heat.zmax == pytest.approx(np.nanmax(rows)) and heat.zmin <= np.nanmin(np.maximum(rows, heat.zmin))
    if not getattr(view.network, "both_ways", False) and task != "translate":
        assert np.isnan(rows[np.triu_indices(len(rows), 1)]).all()  # no answer rests on a word that follows it


def test_of_a_long_review_the_triangle_is_thinned_and_says_so():
    text = " ".join(["not a bad film , and"] * 33)
    view = View(TASKS["rate"], load("rate", "gru"), read("rate", "gru", text), 198)
    _, triangle, *_ = LENSES["memory"].panels(view)
    assert len(triangle.figure.data[0].z) == 18 and "18 answers are shown" in triangle.words


def test_of_a_long_review_the_words_with_the_largest_slopes_are_erased_as_ever():
    text = " ".join(["not a bad film , and"] * 20)
    view = View(TASKS["rate"], load("rate", "gru"), read("rate", "gru", text), 120)
    rests, *_ = LENSES["memory"].panels(view)
    whole = LENSES["memory"].numbers(view)
    shown = -np.array(rests.figure.data[2].y, dtype=float)
    largest = np.argsort(whole["gradient"])[-40:]
    assert sorted(np.flatnonzero(~np.isnan(shown))) == sorted(largest) and "the 40 words with the largest slopes" in rests.words
    np.testing.assert_allclose(shown[largest], np.array(whole["erased"])[largest], atol=1e-4)
    np.testing.assert_allclose(np.array(rests.figure.data[0].y), whole["gradient"], rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize(("task", "cell"), MODELS)
def test_the_trail_under_the_words_is_what_erasing_takes_away_and_the_bars_are_drawn_of_it(task, cell):
    view = view_of(task, cell, Clamp(3, 0.5, 2))
    numbers, found = LENSES["memory"].numbers(view), trail(view)
    np.testing.assert_allclose(-np.array(found["adds"]), numbers["erased"], rtol=1e-3, atol=1e-6)
    assert found["step"] == view.step and len(found["adds"]) <= len(view.reading.columns)
    bars = LENSES["memory"].panels(view)[0].figure.data[2]
    np.testing.assert_allclose(list(bars.y), found["adds"], rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize("words", [20, 120])
def test_view_and_page_let_the_network_go_back_through_a_text_once(words, monkeypatch):
    """However long it is: of a long one both need the slopes, which tell what is worth erasing."""
    counts = Counter()
    for name in ("gradients", "erased"):
        real = getattr(influence, name)
        counted = lambda *args, name=name, real=real: counts.update([name]) or real(*args)
        monkeypatch.setattr(influence, name, counted)
    text = " ".join(["not a bad film , and"] * (words // 6 + 1))
    view = View(TASKS["rate"], load("rate", "gru"), read("rate", "gru", text), words, kept={})
    under_the_words = view.once(trail)
    rests, *_ = LENSES["memory"].panels(view)
    assert counts == {"gradients": 1, "erased": 1}
    expected = [math.nan if value is None else value for value in under_the_words["adds"]]
    np.testing.assert_allclose(np.array(rests.figure.data[2].y, dtype=float), expected, rtol=1e-3, atol=1e-6)


def test_of_a_long_review_the_trail_has_gaps_and_without_an_answer_there_is_none():
    view = View(TASKS["rate"], load("rate", "gru"), read("rate", "gru", " ".join(["not a bad film , and"] * 20)), 120)
    assert sum(value is not None for value in trail(view)["adds"]) == 40
    said = "Nothing is answered at step 2; choose a step from "
    found = trail(view_of("translate", "plain", step=2))
    assert found["adds"] == [] and found["said"].startswith(said)


def test_the_sentence_names_the_words_that_matter_most():
    words = ["Mr.", "Lagos", "flew", "to"]
    most = "PER at step 4: without “Mr.” it would be 8.0 times less likely; without “flew”, 1.5 times less; "
    assert without("PER at step 4", words, np.log([8, 1.02, 1.5, 0.5])) == most + "without “to”, 2.0 times more."
    said = "O at step 4: without “flew” it would be 2.0 times more likely."
    assert without("O at step 4", words, np.log([1, 1.01, 0.5, np.nan])) == said
    assert without("O at step 4", words, np.array([0.05, -0.05, 0, np.nan])) == "O at step 4 hardly rests on any single word."
    twice = "O at step 3: without “to” (step 3) it would be 2.0 times less likely."
    assert without("O at step 3", ["to", "Lagos", "to"], np.log([1, 1, 2])) == twice
    assert [times(np.log(by)) for by in (1.25, 9.94, 9.96, 999, 1001)] == [
        "1.2 times", "9.9 times", "10 times", "999 times", "over 1,000 times"
    ]  # fmt: skip
    assert times(-40) == "over 1,000 times"


@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_what_the_gates_leave_is_their_product(cell):
    found = read("tag", cell, TEXT)
    kept = fading(load("tag", cell), found, "").kept
    gate = found.traces[0].gates["z" if cell == "gru" else "f"].astype(float)
    for d, value in enumerate(kept):
        assert value == pytest.approx(np.mean([gate[t - d : t].prod(0).mean() for t in range(1, 11) if t > d]), rel=1e-4)


def test_how_fast_each_cell_forgets_is_reckoned_when_it_is_asked_for():
    asked = next(panel for panel in LENSES["memory"].panels(view_of("tag", "bilstm")) if panel.asked)
    made = asked.figure()
    assert [line.name for line in made.figure.data] == ["plain RNN", "GRU", "GRU: gates", "LSTM", "LSTM: gates"]
    assert "It halves in: plain RNN " in made.words
    assert not any(panel.asked for panel in LENSES["memory"].panels(view_of("translate", "attention")))


def test_thinning_keeps_the_last():
    assert thinned([1, 2, 3, 4, 5], 3) == [1, 3, 5] and thinned([1, 2], 3) == [1, 2] and thinned([], 3) == []


def test_half_life_of_a_curve_that_halves_and_of_one_that_stays():
    assert half_life(np.array([1, 0.5, 0.25, 0.125])) == pytest.approx(1)
    assert half_life(np.array([1, 1, 1])) == math.inf


def test_it_says_where_slope_and_erasing_disagree():
    result = Influence(-0.1, np.ones(3), np.array([0.2, 0.05, 0.3]), np.array([-0.2, -2.5, -0.31]))
    told = disagreement(["a", "b`", "c"], result)
    assert "“b\\`”" in told and "+0.05 nats" in told and "+2.50" in told and "saturation" in told
    assert disagreement(["a", "b", "c"], result._replace(erased=-result.product)) == "Here the two agree."


def test_memories_that_meet_again():
    assert met_again(np.array([0, 2, 0.5, 0.05, 0.01])) == 4
    assert met_again(np.array([0, 2, 0.05, 1.0])) is None and met_again(np.zeros(3)) is None


@pytest.mark.parametrize(("task", "cell"), MODELS)
def test_what_changed_stands_beside_what_it_was(task, cell):
    view = view_of(task, cell, Cut(4))
    memories, steps = LENSES["whatif"].panels(view)
    apart = differences(view.reading, view.before)
    expected = sum(
        np.linalg.norm(a.trace.h[-1].astype(float) - b.trace.h[-1]) ** 2
        for a, b in zip(view.reading.chains, view.before.chains, strict=True)
        if a.first + len(a.time) == len(view.before.columns) and len(a.time) == len(b.time)
    )
    if len(view.reading.columns) == len(view.before.columns):
        assert apart[-1] == pytest.approx(expected**0.5, rel=1e-4, abs=1e-5)
    changed = [row for row in LENSES["whatif"].numbers(view)["steps"] if row["was"] is not None]
    assert sum("was" in row[3] or "nothing" in row[3] for row in steps.figure[1:]) == len(changed)
    np.testing.assert_allclose(memories.figure.data[0].y, apart)


def test_json_of_what_if(capsys):
    assert main(["tag", "Mr. Lagos flew to Lagos", "--cell", "gru", "--cut", "2", "--lens", "whatif"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found) == ["task", "cell", "edits", "lens", "steps", "difference", "met", "before"]
    assert found["steps"][1] == {"step": 2, "token": "Lagos", "answer": "LOC", "was": "PER"} and found["difference"][0] == 0


def page(task: str, **link: str) -> AppTest:
    app = AppTest.from_function(show, args=(task,), default_timeout=60)
    app.query_params.update(link)
    app.run()
    assert not app.exception and not app.error
    return app


def drawn(app: AppTest) -> dict:
    """What the live view was given."""
    (view,) = app.get("bidi_component")
    return json.loads(view.proto.json)[0]


def change(app: AppTest, edits: str | None) -> None:
    app.session_state["tag_edits"] = edits
    app.run()
    assert not app.exception


def show(name):
    from rnn_demo.app.task_page import task_page
    from rnn_demo.tasks import TASKS

    task_page(TASKS[name])


def test_a_link_opens_on_the_experiment_and_its_chips_are_taken_back():
    app = page("tag", text="Mr. Lagos flew to Lagos", cell="gru", lens="whatif", edits="cut:2,clamp:PER:0:1")
    assert any("**was PER**" in part.value for part in app.markdown)
    told = drawn(app)
    assert [edit["words"] for edit in told["edits"]] == ["cut before step 2", "the units for PER silenced from step 1 on"]
    assert [edit["mark"] for edit in told["edits"]] == ["", "PER = 0"]
    assert told["tokens"][1]["was"] == "PER" and told["tokens"][1]["shown"] == "LOC" and told["text"] == "Mr. Lagos flew to Lagos"
    change(app, "cut:2")
    assert [edit["link"] for edit in drawn(app)["edits"]] == ["cut:2"]
    change(app, None)
    assert drawn(app)["edits"] == [] and not any(token["was"] for token in drawn(app)["tokens"])


@pytest.mark.parametrize("task", TASKS)
def test_every_kind_of_change_can_be_tried_by_its_widgets(task):
    app = page(task, lens="whatif", text="ma" if task == "name" else TEXT)
    kinds = app.selectbox(f"{task}_try_way").options
    assert kinds[:2] == ["Cut the memory", "Swap a word"]
    for kind in kinds:
        app.selectbox(f"{task}_try_way").select(kind).run()
        app.selectbox(f"{task}_try_step").select_index(2).run()
        typed = {"Swap a word": ("word", "a"), "Transplant a memory": ("text", "ma")}
        if kind in typed:
            app.text_input(f"{task}_try_{typed[kind][0]}").input(typed[kind][1]).run()
        app.button(f"{task}_try").click().run()
        assert not app.exception and "cannot be tried" not in drawn(app)["note"]
    assert app.session_state[f"{task}_edits"].count(",") == len(kinds) - 1


def test_a_gate_and_a_single_unit_are_held_at_any_value():
    app = page("tag", lens="whatif", cell="gru")
    app.selectbox("tag_try_way").select("Hold a gate").run()
    app.selectbox("tag_try_gate").select("n").run()
    app.slider("tag_try_value_-1").set_value(-0.35).run()
    app.selectbox("tag_try_step").select_index(3).run()
    app.button("tag_try").click().run()
    app.selectbox("tag_try_way").select("Silence units").run()
    app.selectbox("tag_try_group").select("one unit, by its number").run()
    app.number_input("tag_try_unit").set_value(7).run()
    app.slider("tag_try_level").set_value(0.6).run()
    app.button("tag_try").click().run()
    assert app.session_state["tag_edits"] == "hold:n:-0.35:4,clamp:7:0.6:4" and not app.exception
    assert [edit["mark"] for edit in drawn(app)["edits"]] == ["n = -0.35", "unit 7 = 0.6"]


def test_memory_looks_at_the_step_of_the_link_and_plays_backwards_when_it_is_asked():
    app = page("tag", lens="memory", step="4", cell="rnn")
    assert any("“ORG” at step 4" in part.value for part in app.markdown) and drawn(app)["lens"]["backward"] == []
    app.session_state["tag_learning"] = True
    app.run()
    (errors,) = drawn(app)["lens"]["backward"]
    assert [value > 0 for value in errors["own"]] == [True] * 4 + [False] * 2  # of the answers up to this one
    assert errors["last"][3] > errors["last"][0] > 0 and drawn(page("tag"))["lens"]["backward"] is None
    assert np.nonzero(drawn(backwards("rate"))["lens"]["backward"][0]["own"])[0].tolist() == [18]  # a review has one answer


def keystroke(task: str) -> None:
    from rnn_demo.app import controls
    from rnn_demo.app.task_page import workbench
    from rnn_demo.tasks import TASKS

    controls.stand()
    controls.arrive(TASKS[task])
    workbench(TASKS[task], False)


def test_the_trail_is_drawn_with_the_page_and_at_a_keystroke_not_reckoned():
    app = page("tag", lens="memory", step="4", cell="rnn")
    network = load("tag", "rnn")
    expected = trail(View(TASKS["tag"], network, read("tag", "rnn", TASKS["tag"].entry.seed), 4))
    assert drawn(app)["lens"]["trail"] == expected and drawn(page("tag"))["lens"]["trail"] is None
    typed = AppTest.from_function(keystroke, args=("tag",), default_timeout=60)
    typed.query_params.update({"lens": "memory", "step": "4", "cell": "rnn"})
    assert drawn(typed.run())["lens"]["trail"] == {}
    app.select_slider("tag_looked").set_value(1).run()
    assert drawn(app)["lens"]["trail"]["step"] == 1


def backwards(task: str) -> AppTest:
    app = page(task, lens="memory")
    app.session_state[f"{task}_learning"] = True
    return app.run()


def test_a_plain_network_has_no_gate_to_hold():
    assert "Hold a gate" not in page("tag", lens="whatif", cell="rnn").selectbox("tag_try_way").options


@pytest.mark.parametrize("edits", ["cut:60", "hold:q:1:1", "clamp:NOBODY:0:1", "swap:1:two words", "swap:2:`$x$`<b>"])
def test_a_change_without_a_place_is_told_and_the_page_stays(edits):
    told = drawn(page("tag", lens="whatif", edits=edits))
    assert told["note"].startswith("This cannot be tried on this text: ") and told["edits"] == [] and len(told["tokens"]) == 6


@pytest.mark.parametrize("lens", ["memory", "whatif"])
@pytest.mark.parametrize("text", ["", " ", "x", "`$x$` <b>:red[a]|b"])
def test_the_lenses_open_on_any_text(lens, text):
    page("tag", lens=lens, text=text, edits="cut:1")
    page("translate", lens=lens, text=text, edits="cut:1")
