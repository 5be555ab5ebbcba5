"""The memory in a handful of rows: by hand, on the shipped taggers, and as it is drawn."""

import base64
import json
import re

import numpy as np
import pytest
from conftest import MODELS, load, read, view
from playwright.sync_api import expect

from rnn_demo.lenses import LENSES, View
from rnn_demo.networks.base import Network
from rnn_demo.reading import Chain, UnitGroup
from rnn_demo.tasks import TASKS
from rnn_demo.trace import Trace
from rnn_demo.view import picture
from rnn_demo.view.bands import full_bar, group_levels, memory_rows

# The names in the page's own sentences, labelled by hand.
NAMES = {
    "Chirag worked at Microsoft in India": {"PER": [0], "ORG": [3], "LOC": [5]},
    "Mr. Lagos flew to Lagos": {"PER": [1], "LOC": [4]},
    "Denzel Washington flew from Washington to Boston": {"PER": [0, 1], "LOC": [4, 6]},
    "The Bank of England wrote to the University of Cape Town": {"ORG": [1, 2, 3, 7, 8, 9, 10]},
    "my friend anna works at google in paris": {"PER": [2], "ORG": [5], "LOC": [7]},
    "Xiulan and Nokuthula moved to Ísafjörður": {"PER": [0, 2], "LOC": [5]},
    "Hope met Grace in Reading": {"PER": [0, 2], "LOC": [4]},
}


def trace(h) -> Trace:
    h = np.array(h, dtype=np.float32)
    return Trace("forward", ("a",) * len(h), np.zeros((len(h), 2), int), np.zeros((len(h), 1)), h)


@pytest.mark.parametrize("cell", TASKS["order"].words.cells)
def test_the_row_for_the_end_rises_where_the_sentence_may_end(cell):
    """As Order's line above the memory says: "I love to go" is whole, and so is all of it; what stands before each is not."""
    (chain,) = read("order", cell, "I love to go to the gym").chains
    names, rows = memory_rows(chain)
    start, _, love, to, go, again, the, gym = rows[:, names.index("sign or end")]
    assert min(go, gym) > 0.002 and max(love, to, again, the) < 0 and start < go


def test_levels_by_hand():
    groups = [UnitGroup("O", (2.0, 1.0)), UnitGroup("PER", (4.0,))]
    chain = Chain(trace([[0.5, -0.25, -0.2], [0, 1, 1]]), [1, 2], None, [0, 2, 1], groups, rows={"the seed": np.array([3.0, 1])})
    np.testing.assert_allclose(group_levels(chain), [[(1.0 - 0.2) / 2, -1.0], [0.5, 4.0]], rtol=1e-6)
    names, rows = memory_rows(chain)
    assert names == ["O", "PER", "the seed"]
    np.testing.assert_allclose(rows[:, 2], [3, 1])


@pytest.mark.parametrize(("largest", "full"), [(0.0213, 0.03), (0.03, 0.03), (1.0, 1.0), (0.9, 1.0), (4.2, 5.0)])
def test_a_full_bar_is_the_next_round_number(largest, full):
    assert full_bar([np.array([[0.0, -largest]]), np.zeros((0, 2))]) == pytest.approx(full)


def test_a_full_bar_of_nothing_is_more_than_nothing():
    assert full_bar([np.zeros((0, 2))]) > 0 and full_bar([]) > 0


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_a_row_of_names_is_higher_at_its_names_than_elsewhere(cell):
    assert {TASKS["tag"].entry.seed, *NAMES} == {*NAMES}
    for kind in ("PER", "ORG", "LOC"):
        inside, outside = [], []
        for text, names in NAMES.items():
            found, rows = memory_rows(read("tag", cell, text).chains[0])
            for t, level in enumerate(rows[:, found.index(kind)]):
                (inside if t in names.get(kind, ()) else outside).append(level)
        assert np.mean(inside) > np.mean(outside)


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_levels_of_a_tagger_are_what_its_units_say(cell):
    found = read("tag", cell, TASKS["tag"].entry.seed)
    (chain,) = found.chains
    best = chain.says.argmax(-1)
    for g, group in enumerate(chain.groups):
        k = found.names.index(group.name)
        wanted = (chain.trace.h[:, best == k] * chain.says[best == k, k]).mean(-1)
        np.testing.assert_allclose(group_levels(chain)[:, g], wanted, atol=1e-6)


@pytest.mark.parametrize(("task", "cell"), MODELS)
def test_every_network_has_rows_in_colours_and_half_of_a_full_bar_is_reached(task, cell):
    found = read(task, cell, TASKS[task].entry.seed)
    rows = [memory_rows(chain) for chain in found.chains]
    for names, values in rows:
        assert 2 < len(names) < 8 and all(TASKS[task].colors[name] for name in names) and np.isfinite(values).all()
    full = full_bar([values for _, values in rows])
    assert full / 2 < max(np.abs(values).max() for _, values in rows) <= full


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_the_seed_of_a_name_is_known_at_first_and_never_less_than_nothing(cell):
    (chain,) = read("name", cell, "mary.", sex="female").chains
    (other,) = read("name", cell, "mary.", sex="male").chains
    kept = chain.rows["the seed"]
    assert kept[0] > 0 and (kept >= 0).all()
    adds = dict(zip(chain.order, (add for group in chain.groups for add in group.adds), strict=True))
    apart = np.abs(chain.trace.h - other.trace.h)
    np.testing.assert_allclose(kept, (apart * [adds[unit] for unit in range(len(adds))]).mean(-1), rtol=1e-4)


def test_what_a_unit_tells_comes_from_the_header_and_goes_into_the_numbers(monkeypatch):
    network = load("tag", "gru")
    size = network.layer.hidden_size
    lines = [["after in, from, to", 0.97], *[["", 0.61]] * (size - 1)]
    monkeypatch.setattr(network, "header", network.header | {"units": {"forward": lines}})
    task = TASKS["tag"]
    found = task.read(network, task.entry.seed, {}, None)
    assert found.chains[0].tells[0] == ("after in, from, to", 0.97) and len(found.chains[0].tells) == size
    numbers = LENSES["step"].numbers(View(task, network, found, 6))
    assert all(unit["tells"] == dict(zip(("what", "auc"), lines[unit["unit"]], strict=True)) for unit in numbers["units"])
    assert [name for name, _ in numbers["memory"]["forward"]] == [group.name for group in found.chains[0].groups]
    json.dumps(numbers)
    sent = picture(found)["chains"][0]["tells"]
    told = np.frombuffer(base64.b64decode(sent["units"]), np.int8).reshape(-1, 2)
    assert [[sent["names"][place], auc / 100] for place, auc in told] == [lines[unit] for unit in found.chains[0].order]


def test_without_measured_units_nothing_is_said():
    network = Network()
    network.header = {}
    assert network.tells("forward") == []


def test_bars_are_drawn_and_all_units_unfold(visit):
    page = visit()
    rows = view(page).locator(".uv-steps .uv-column:nth-child(6) .uv-level")
    expect(rows).to_have_count(5)
    heights = rows.evaluate_all("all => all.map(e => parseFloat(getComputedStyle(e, '::before').height))")
    assert max(heights) > 2
    button = view(page).get_by_role("button", name=re.compile(r"^All [\d,]+ units"))
    assert re.sub(r"\D", "", button.inner_text()) == str(load("tag", "gru").layer.hidden_size)
    heat = view(page).locator(".uv-steps .uv-heat").first
    expect(heat).to_be_hidden()
    expect(button).to_have_attribute("aria-expanded", "false")
    button.focus()
    page.keyboard.press("Enter")
    expect(heat).to_be_visible()
    expect(button).to_have_attribute("aria-expanded", "true")
    page.get_by_role("link", name="Rate").click()
    expect(view(page)).to_have_attribute("data-task", "rate")
    expect(view(page).locator(".uv-steps .uv-heat").first).to_be_visible()  # it stays so for the visit
    told = view(page).get_by_role("table", name="The network, step by step")
    expect(told).to_contain_text("5 ★")
