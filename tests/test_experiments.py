"""What an example of a lens says is true of the shipped weights."""

import numpy as np
import pytest
from conftest import read

from rnn_demo import load
from rnn_demo.edits import parse_link, resolved
from rnn_demo.lenses import LENSES, View
from rnn_demo.lenses.examples import EXPERIMENTS, Experiment
from rnn_demo.tasks import TASKS

ALL = {(lens, one.name): one for lens, found in EXPERIMENTS.items() for one in found}


def look(one: Experiment, text: str = "", cell: str = "", **options) -> View:
    """What the page looks at once the example is taken; or another text, or cell, with the same edits."""
    cell = cell or one.cell
    typed, problem = TASKS[one.task].entry.reads(text or one.text)
    assert not problem
    before, network = read(one.task, cell, typed, **options), load(one.task, cell)
    edits = resolved(parse_link(one.edits), before)
    reading = TASKS[one.task].read(network, before.text, before.asked.options, before, edits) if edits else before
    return View(TASKS[one.task], network, reading, one.step or len(reading.columns), before=before if edits else None)


def shown(view: View) -> list[str]:
    return [column.answer for column in view.reading.columns]


def was(view: View) -> list[str]:
    return [column.answer for column in view.before.columns]


def stars(reading) -> float:
    return float(reading.verdict[0].split()[0])


def first_word(view: View) -> float:
    """The slope of the first word, as a share of the largest."""
    slopes = np.array(LENSES["memory"].numbers(view)["gradient"])
    return slopes[0] / slopes.max()


def inside(one: Experiment) -> dict:
    return LENSES["inside"].numbers(look(one))


def rests_on(view: View) -> int:
    """The place of the word without which the answer would be the least likely."""
    return int(np.argmin(LENSES["memory"].numbers(view)["erased"]))


def bits(view: View) -> float:
    return float(view.reading.facts["bits"].sum())


CLAIMS = {
    ("inside", "A gate opens"): lambda one: LENSES["inside"].numbers(look(one))["gates"]["z"] < 0.1,
    ("inside", "A gate that keeps"): lambda one: inside(one)["gates"]["z"] > 0.9
    and abs(look(one).reading.traces[0].h[1:6, inside(one)["unit"]]).min() > 0.8,
    ("inside", "Nothing to keep"): lambda one: inside(one)["c_before"] == 0 and abs(inside(one)["c"]) > 0.5,
    ("inside", "Where the decoder begins"): lambda one: (inside(one)["chain"], inside(one)["token"]) == ("decoder", "start ▷")
    and abs(inside(one)["h_before"]) > 0.1,
    ("inside", "Another thought"): lambda one: inside(one)["gates"]["z"] < 0.1 < abs(inside(one)["h_before"]),
    ("memory", "A subject, forgotten"): lambda one: first_word(look(one)) < 0.01
    and min(first_word(look(one, cell=cell)) for cell in ("gru", "lstm")) > 0.1,
    ("memory", "The first word"): lambda one: (rests_on(look(one)), rests_on(look(one, cell="rnn"))) == (0, 10)
    and stars(look(one, cell="rnn").reading) > stars(look(one).reading) + 0.2,
    ("memory", "The seed, to the end"): lambda one: len(look(one).reading.columns) == 10 and rests_on(look(one)) == 0,
    ("memory", "Red, rouge"): lambda one: look(one).reading.columns[9].shown == "rouge" and rests_on(look(one)) == 3,
    ("memory", "A cup of what?"): lambda one: look(one).reading.columns[-1].shown == "coffee" and rests_on(look(one)) == 6,
    ("whatif", "A title, cut off"): lambda one: was(look(one))[1] == "PER"
    and (shown(look(one))[1], shown(look(one))[4]) == ("LOC", "LOC"),
    ("whatif", "A gate that only keeps"): lambda one: set(shown(look(one))) == {shown(look(one))[0]} != set(was(look(one)))
    and not np.diff(look(one).reading.traces[0].h, axis=0).any(),
    ("whatif", "Not, cut off"): lambda one: stars(look(one).before) < 2.8 and stars(look(one).reading) > 3.2,
    ("whatif", "The seed, cut off"): lambda one: len({look(one, sex=sex).reading.verdict[0] for sex in ("female", "male")}) == 1
    and len({look(one, sex=sex).before.verdict[0] for sex in ("female", "male")}) == 2,
    ("whatif", "The context vector, cut"): lambda one: len(look(one).before.traces[0].tokens) == 5
    and look(one).reading.verdict[0] == look(one, "We have no time.").reading.verdict[0]
    and look(one).before.verdict[0] != look(one, "We have no time.").before.verdict[0],
    ("whatif", "A cup of what?"): lambda one: look(one).reading.facts["bits"][6] > look(one).before.facts["bits"][6] + 2,
    ("compare", "A long name"): lambda one: [
        (shown(look(one, cell=cell))[6], shown(look(one, cell=cell))[9]) for cell in ("rnn", "gru", "lstm", "bilstm")
    ]
    == [("O", "LOC"), ("ORG", "ORG"), ("ORG", "ORG"), ("O", "LOC")],
    ("compare", "Not good"): lambda one: stars(look(one, cell="rnn").reading) - 0.5
    > max(stars(look(one, cell=cell).reading) for cell in ("gru", "lstm", "bilstm")),
    ("compare", "Three names"): lambda one: len({look(one, cell=cell).reading.verdict[0] for cell in ("rnn", "gru", "lstm")}) == 3,
    ("compare", "What a single vector loses"): lambda one: [
        [word in look(one, cell=cell).reading.verdict[0] for word in ("rouge", "vieille")] for cell in ("attention", "plain")
    ]
    == [[True, True], [False, False]],
    ("compare", "Less to guess"): lambda one: bits(look(one, cell="rnn")) > bits(look(one, cell="gru")) > bits(look(one)),
}


@pytest.mark.parametrize(("lens", "name"), ALL)
def test_the_point_of_an_example_holds(lens, name):
    assert CLAIMS[lens, name](ALL[lens, name])


def test_every_lens_that_the_page_draws_has_an_example_on_every_page():
    assert set(EXPERIMENTS) <= set(LENSES) and set(CLAIMS) == set(ALL)
    drawn = [lens.name for lens in LENSES.values() if lens.words and lens.name != "figures"]
    places = {(lens, one.task) for lens, found in EXPERIMENTS.items() for one in found}
    assert places == {(lens, task) for lens in drawn for task in TASKS}
    for one in ALL.values():
        assert one.cell in TASKS[one.task].words.cells and len(one.point) < 200
