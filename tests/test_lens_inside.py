"""The lens Inside: every number of an opened step against PyTorch's layers and against the equations by hand, in float64."""

import json

import numpy as np
import pytest
import torch
from conftest import MODELS, SEED, load

from rnn_demo.__main__ import main
from rnn_demo.cells import CELLS
from rnn_demo.edits import Clamp, Cut, Graft, Hold, resolved
from rnn_demo.lenses import LENSES, UnitError, View
from rnn_demo.lenses.base import Code, Equations, Walk, chains_at, named, plain, units_at
from rnn_demo.lenses.inside import largest, stages, with_numbers
from rnn_demo.lenses.opened import opened
from rnn_demo.networks.checkpoints import MODELS as NETWORKS
from rnn_demo.networks.checkpoints import load_vectors
from rnn_demo.tasks import TASKS

INSIDE = LENSES["inside"]
CLOSE = {"rtol": 1e-4, "atol": 2e-5}  # what a trace keeps is float32


def fresh(task: str, cell: str):
    """A network of the same sizes that has learnt nothing."""
    torch.manual_seed(7)
    header = load(task, cell).header
    network = NETWORKS[task].from_header(header, load_vectors)
    network.header = header
    return network.eval().requires_grad_(False)


def look(task: str, network, step: int | None = None, unit: str = "", text: str | None = None) -> View:
    record = TASKS[task]
    options = {option.name: option.default for option in record.options}
    reading = record.read(network, record.entry.seed if text is None else text, options, None)
    return View(record, network, reading, step or len(reading.columns), unit)


def layers(network) -> list[tuple[torch.nn.RNNBase, int]]:
    """The torch layer behind each chain, and which of its directions."""
    found = [network.encoder, network.decoder] if hasattr(network, "encoder") else [network.layer]
    return [(layer, way) for layer in found for way in range(1 + layer.bidirectional)]


def torch_states(network, view: View, k: int, steps: int) -> list[np.ndarray]:
    """What PyTorch's own layer has, in float64, after the first `steps` that chain k reads: [h] or [h, c]."""
    layer, way = layers(network)[k]
    chain = view.reading.chains[k]
    one_way = type(layer)(layer.input_size, layer.hidden_size).double()
    for name in ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"):
        getattr(one_way, name).data.copy_(getattr(layer, name + ("_reverse" if way else "")))
    start = torch.zeros(1, layer.hidden_size, dtype=torch.float64)
    if hasattr(network, "decoder") and layer is network.decoder:
        source = torch.tensor(view.reading.traces[0].x)[None]
        start = network.encoder(source)[1].double().flatten()[None]
    x = chain.trace.x[::-1] if chain.time[0] > chain.time[-1] else chain.trace.x
    if not steps:
        return [start[0].numpy(), np.zeros(layer.hidden_size)][: 1 + isinstance(layer, torch.nn.LSTM)]
    given = (start, torch.zeros_like(start)) if isinstance(layer, torch.nn.LSTM) else start
    with torch.no_grad():
        _, last = one_way(torch.tensor(x[:steps].copy(), dtype=torch.float64), given)
    return [state[0].numpy() for state in (last if isinstance(last, tuple) else (last,))]


def last_unit(cell: str) -> int:
    return load("tag", cell).layer.hidden_size - 1


def sigmoid(value: float) -> float:
    return 1 / (1 + np.exp(-value))


@pytest.mark.parametrize("make", [load, fresh], ids=["shipped", "random"])
@pytest.mark.parametrize(("task", "cell"), MODELS)
def test_a_step_is_what_pytorch_and_the_equations_say(task, cell, make):
    network = make(task, cell)
    whole = look(task, network)
    for step in range(1, len(whole.reading.columns) + 1):
        here = chains_at(whole.reading, step)
        for k in here:
            chain = whole.reading.chains[k]
            at = step - 1 - chain.first
            before = sorted(chain.time).index(chain.time[at])
            old, new = (torch_states(network, whole, k, steps) for steps in (before, before + 1))
            layer, way = layers(network)[k]
            W_ih, W_hh, b_ih, b_hh = (weight.double().numpy() for weight in layer.all_weights[way])
            unit, size = (31 * step) % layer.hidden_size, layer.hidden_size
            found = INSIDE.numbers(whole._replace(step=step, unit=named(chain, unit, len(here) > 1)))

            assert (found["step"], found["unit"], found["chain"]) == (step, unit, chain.trace.name)
            assert found["token"] == whole.reading.columns[step - 1].token.text
            np.testing.assert_allclose([found["h_before"], found["h"]], [old[0][unit], new[0][unit]], **CLOSE)
            np.testing.assert_allclose(found["h"], chain.trace.h[at, unit], **CLOSE)
            letters = tuple(found["terms"])
            assert letters == (CELLS[network.kind].gates if hasattr(network, "kind") else CELLS["gru"].gates) or letters == ("h",)
            sums = {}
            for i, letter in enumerate(letters):
                row = i * size + unit
                of_x, of_h = W_ih[row] @ chain.trace.x[at] + b_ih[row], W_hh[row] @ old[0] + b_hh[row]
                np.testing.assert_allclose([found["terms"][letter][name] for name in "xh"], [of_x, of_h], **CLOSE)
                sums[letter] = (of_x, of_h)
            gates = found["gates"]
            assert tuple(gates) == tuple(chain.trace.gates)
            by_hand = {letter: (np.tanh if letter in "gn" else sigmoid)(sum(sums[letter])) for letter in gates}
            if "n" in by_hand:
                by_hand["n"] = np.tanh(sums["n"][0] + by_hand["r"] * sums["n"][1])
            for letter in gates:
                np.testing.assert_allclose([gates[letter], chain.trace.gates[letter][at, unit]], [by_hand[letter]] * 2, **CLOSE)
            assert ("c" in found) == ("c_before" in found) == (len(new) == 2)
            if len(new) == 2:
                np.testing.assert_allclose([found["c_before"], found["c"]], [old[1][unit], new[1][unit]], **CLOSE)


@pytest.mark.parametrize("cell", ["gru", "bilstm"])
def test_by_itself_it_opens_the_unit_that_speaks_loudest(cell):
    view = look("tag", load("tag", cell), 4, text=SEED)
    loudest = LENSES["step"].numbers(view)["units"][0]
    found = INSIDE.numbers(view)
    assert (found["chain"], found["unit"]) == (loudest["chain"], loudest["unit"])


def test_where_no_unit_speaks_it_opens_the_one_that_changed_most():
    view = look("translate", load("translate", "plain"), 2)
    found, h = INSIDE.numbers(view), view.reading.traces[0].h
    assert found["chain"] == "encoder" and found["unit"] == int(np.abs(h[1] - h[0]).argmax())


@pytest.mark.parametrize("unit", ["9999", "-1", "x", "1.5", "backward 3", "٣", " "])
def test_a_unit_that_is_not_there_is_answered_with_those_that_are(unit):
    with pytest.raises(UnitError, match=f"choose one from 0 to {last_unit('gru')}$"):
        INSIDE.numbers(look("tag", load("tag", "gru"), 1, unit))


def test_of_two_chains_a_unit_is_named_with_its_chain():
    view = look("tag", load("tag", "bilstm"), 2)
    assert INSIDE.numbers(view._replace(unit="backward 3"))["chain"] == "backward"
    assert INSIDE.numbers(view._replace(unit="3"))["chain"] == "forward"
    last = last_unit("bilstm")
    with pytest.raises(UnitError, match=f"from forward 0 to forward {last}, or from backward 0 to backward {last}$"):
        INSIDE.numbers(view._replace(unit="sideways 3"))


def test_the_command_line_prints_it_and_names_what_is_wrong(capsys):
    assert main(["tag", SEED, "--cell", "gru", "--lens", "inside", "--step", "4", "--unit", "7", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {"task": "tag", "cell": "gru", "lens": "inside", "step": 4, "unit": 7, "token": "Microsoft"}.items() <= found.items()
    last = last_unit("gru")
    for wrong, said in ((["--unit", "9999"], f"choose one from 0 to {last}"), (["--step", "7"], "choose one from 1 to 6")):
        with pytest.raises(SystemExit) as stopped:
            main(["tag", SEED, "--cell", "gru", "--lens", "inside", *wrong])
        assert stopped.value.code == 2 and said in capsys.readouterr().err


@pytest.mark.parametrize(("task", "cell"), MODELS)
def test_every_unit_of_a_step_can_be_asked_for_by_its_name(task, cell):
    view = look(task, load(task, cell), 1)
    names = units_at(view.reading, 1)
    assert len(names) == len(set(names)) == sum(view.reading.chains[k].trace.h.shape[1] for k in chains_at(view.reading, 1))
    found = [INSIDE.numbers(view._replace(unit=name)) for name in (names[0], names[-1])]
    assert [str(one["unit"]) for one in found] == [name.split(" ")[-1] for name in (names[0], names[-1])]


OTHER = dict.fromkeys(TASKS, "Go home now.") | {"name": "jo"}  # another text, whose memory is transplanted


def edited(task: str, cell: str) -> View:
    """A cut, a group and a unit that are held, and, of a cell with gates, one gate: on every page."""
    network, whole = load(task, cell), look(task, load(task, cell))
    group = whole.reading.chains[0].groups[0].name
    gates = [letter for letter in whole.reading.chains[0].trace.gates if letter not in "rio"]
    held = (Hold(letter, 0.75, 3) for letter in gates[:1])
    edits = (Cut(3), Clamp(group, 0.25, 2), Clamp(5, -0.5, 4), Graft(2, OTHER[task]), *held)
    alone = lambda text: TASKS[task].read(network, text, whole.reading.asked.options, None)
    fit = resolved(edits, whole.reading, alone)
    reading = TASKS[task].read(network, whole.reading.text, whole.reading.asked.options, whole.reading, fit)
    return whole._replace(reading=reading, before=whole.reading)


@pytest.mark.parametrize(("task", "cell"), MODELS)
def test_a_step_of_an_edited_reading_is_what_the_equations_say_with_the_edits(task, cell):
    """By hand, in float64, from the weights and the state that the step before left."""
    view = edited(task, cell)
    for step in range(1, len(view.reading.columns) + 1):
        here = chains_at(view.reading, step)
        for k in here:
            chain, (W_ih, W_hh, b_ih, b_hh) = view.reading.chains[k], (w.double().numpy() for w in view.network.chain_weights[k])
            at, back, size = step - 1 - chain.first, chain.time[0] > chain.time[-1], W_hh.shape[1]
            before = at + 1 if back else at - 1
            old = [a[before] if 0 <= before < len(a) else None for a in (chain.trace.h, chain.trace.c) if a is not None]
            if old[0] is None:  # the decoder begins with the states in which the encoder ended
                ends = [t.h[-1] if i == 0 else t.h[0] for i, t in enumerate(view.reading.traces[:-1])]
                zero = np.zeros(size)
                old = [np.concatenate(ends) if chain.first else zero, zero][: len(old)]
            cut = step == (2 if back else 3)
            old = [np.zeros(size) if cut else state.astype(float) for state in old]
            if step == 2 and not back:  # what the other text has left
                other = TASKS[task].read(view.network, OTHER[task], view.reading.asked.options, None).traces[k]
                old = [state[-1].astype(float) for state in (other.h, other.c) if state is not None]
            x = chain.trace.x[at].astype(float)
            names = [group.name for group in chain.groups for _ in range(group.size)]
            members = [unit for unit, name in zip(chain.order, names, strict=True) if name == names[0]]
            for unit in (members[0], 5, chain.order[-1]):
                found = INSIDE.numbers(view._replace(step=step, unit=named(chain, unit, len(here) > 1)))
                letters = tuple(chain.trace.gates) or ("h",)
                rows = [i * size + unit for i in range(len(letters))]
                of_x, of_h = W_ih[rows] @ x + b_ih[rows], W_hh[rows] @ old[0] + b_hh[rows]
                np.testing.assert_allclose([found["terms"][letter]["x"] for letter in letters], of_x, **CLOSE)
                np.testing.assert_allclose([found["terms"][letter]["h"] for letter in letters], of_h, **CLOSE)
                hold = {letter: 0.75 for letter in letters if letter in "zf" and step >= 3}
                s = dict(zip(letters, of_x + of_h, strict=True))
                g = {letter: hold.get(letter, sigmoid(s[letter])) for letter in s if letter in "rzifo"}
                if "z" in g:
                    n = np.tanh(of_x[2] + g["r"] * of_h[2])
                    h = (1 - g["z"]) * n + g["z"] * old[0][unit]
                elif "f" in g:
                    c = g["f"] * old[1][unit] + g["i"] * np.tanh(s["g"])
                    h = g["o"] * np.tanh(c)
                    np.testing.assert_allclose([found["c_before"], found["c"]], [old[1][unit], c], **CLOSE)
                else:
                    h = np.tanh(s["h"])
                clamped = -0.5 if unit == 5 and step >= 4 else 0.25 if unit in members and step >= 2 else None
                if clamped is not None:
                    h = clamped
                np.testing.assert_allclose([found["h_before"], found["h"]], [old[0][unit], h], **CLOSE)
                np.testing.assert_allclose(found["h"], chain.trace.h[at, unit], **CLOSE)
                np.testing.assert_allclose([found["gates"][letter] for letter in g], list(g.values()), **CLOSE)
                changed = {"cut": cut, "held": hold, "clamped": clamped}
                assert found.get("changed", {"cut": False, "held": {}, "clamped": None}) == changed


@pytest.mark.parametrize("value", [0.0, 0.75, 1.0])
@pytest.mark.parametrize(("task", "cell"), MODELS)
def test_the_proof_of_an_edited_step_holds_too(task, cell, value, capsys):
    network, whole = load(task, cell), look(task, load(task, cell))
    held = tuple(Hold(letter, value, 2) for letter in whole.reading.chains[0].trace.gates)
    for edits in ((Cut(3), Clamp(5, 0.5, 2)), (Cut(2), *held[1:]), held):
        reading = TASKS[task].read(network, whole.reading.text, whole.reading.asked.options, whole.reading, edits)
        (shown,) = panel(whole._replace(reading=reading, step=3, unit=""), Code)
        exec(shown.figure.text, {})
        assert capsys.readouterr().out == "True\n"


def test_what_an_edit_holds_is_said_in_the_stages_and_in_the_equations():
    found = GRU | {"h": 0.0, "changed": {"cut": False, "held": {"z": 0.83}, "clamped": 0.0}}
    _, update, _, memory = stages("gru", found, "Olga")
    assert update.words == "Held at 0.83 by the change, whatever the word and the old memory say. Keep 0.83 of the old."
    assert memory.words.endswith("so now −0.18. Then the change holds the unit at 0.00.") and memory.levels[-1].value == 0
    lines = with_numbers("gru", found)
    assert lines[1] == r"z_t = 0.83 \text{ (held)}" and lines[3].endswith(r"= -0.18 \to 0.00 \text{ (held)}")


def panel(view: View, kind: type):
    return [panel for panel in INSIDE.panels(view) if type(panel.figure) is kind]


@pytest.mark.parametrize("make", [load, fresh], ids=["shipped", "random"])
@pytest.mark.parametrize(("task", "cell"), MODELS)
def test_the_proof_that_the_page_shows_runs_and_holds(task, cell, make, capsys):
    network = make(task, cell)
    view = look(task, network)
    for step in {1, len(view.reading.columns)}:
        (shown,) = panel(view._replace(step=step), Code)
        assert len(shown.figure.text.splitlines()) == 10 and "torch.allclose(" in shown.figure.text.splitlines()[-1]
        exec(shown.figure.text, {})
        assert capsys.readouterr().out == "True\n"
        exec(shown.figure.text.replace("copy_(memory)", "copy_(memory + 1)").replace("atol=1e-5", "rtol=0, atol=1e-5"), {})
        assert capsys.readouterr().out == "False\n"


@pytest.mark.parametrize(("cell", "count"), [("rnn", 1), ("gru", 4), ("lstm", 6), ("bilstm", 6)])
def test_the_walk_has_a_stage_for_every_equation(cell, count):
    view = look("tag", load("tag", cell), 4, text=SEED)
    walk = panel(view, Walk)[0]
    symbols, filled = panel(view, Equations)
    assert len(walk.figure.stages) == len(symbols.figure.lines) == len(filled.figure.lines) == count
    for one, other in zip(symbols.figure.lines, filled.figure.lines, strict=True):
        assert one.split(" =")[0] == other.split(" =")[0]


GRU = {
    "h_before": -0.41,
    "h": -0.1839,
    "gates": {"r": 0.5, "z": 0.83, "n": 0.92},
    "terms": {"r": {"x": 1.0, "h": -1.0}, "z": {"x": 1.0, "h": 0.586}, "n": {"x": 1.0, "h": 1.178}},
}
LSTM = {
    "h_before": 0.1,
    "c_before": 2.0,
    "c": 0.55,
    "h": 0.25026,
    "gates": {"i": 0.5, "f": 0.5, "g": -0.9, "o": 0.5},
    "terms": {letter: {"x": 0.25, "h": -0.25} for letter in "ifgo"},
}


def test_a_stage_says_in_a_sentence_what_is_kept_and_what_is_written():
    reset, _, new, memory = stages("gru", GRU, "Olga")
    assert reset.words == (
        "“Olga” says 1.00, the old memory says −1.00: together 0.00, squashed into 0 to 1. "
        "Look at 0.50 of what the old memory says."
    )
    assert "says 1.18, of which 0.50 counts: together 1.59, squashed into −1 to 1: 0.92." in new.words
    assert memory.words == "Keep 0.83 of the old −0.41, write 0.17 of the new 0.92, so now −0.18."
    assert [round(level.value, 4) for level in memory.levels] == [-0.41, -0.3403, 0.1564, -0.1839]
    cell, shown = stages("lstm", LSTM, "Olga")[-2:]
    assert cell.words == "Keep 0.50 of the old 2.00, write 0.50 of the new −0.90, so now 0.55."
    assert shown.words == "Show 0.50 of the cell state 0.55, squashed to 0.50: so now 0.25."


def test_the_equations_are_filled_in():
    assert with_numbers("gru", GRU) == (
        r"r_t = \sigma(1.00 + (-1.00)) = \sigma(0.00) = 0.50",
        r"z_t = \sigma(1.00 + 0.59) = \sigma(1.59) = 0.83",
        r"n_t = \tanh(1.00 + 0.50 \cdot 1.18) = \tanh(1.59) = 0.92",
        r"h_t = 0.17 \cdot 0.92 + 0.83 \cdot (-0.41) = -0.18",
    )
    assert with_numbers("lstm", LSTM)[-2:] == (
        r"c_t = 0.50 \cdot 2.00 + 0.50 \cdot (-0.90) = 0.55",
        r"h_t = 0.50 \cdot \tanh(0.55) = 0.25",
    )


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_the_parts_of_a_sum_make_up_the_sum(cell):
    view = look("tag", load("tag", cell), 3, "5", SEED)
    step = opened(view)
    layer = load("tag", cell).layer
    bias_x, bias_h = (bias.chunk(len(step.terms)) for bias in (layer.bias_ih_l0, layer.bias_hh_l0))
    for i, (letter, found) in enumerate(INSIDE.numbers(view)["terms"].items()):
        of_x, of_h = step.adds(letter)
        np.testing.assert_allclose(of_x.sum() + bias_x[i][5].item(), found["x"], rtol=1e-6)
        np.testing.assert_allclose(of_h.sum() + bias_h[i][5].item(), found["h"], rtol=1e-6)
        shown = largest(step, view.reading.block.parts)[i].levels
        assert [abs(level.value) for level in shown] == sorted(np.abs(np.concatenate([of_x, of_h])), reverse=True)[:5]


def test_the_gates_over_the_text_are_means_of_the_groups_and_the_sentence_is_theirs():
    view = look("tag", load("tag", "lstm"), 4, text=SEED)
    chain = view.reading.chains[0]
    strips, every = (panel for panel in INSIDE.panels(view) if panel.alt.startswith("Heat map of the gates"))
    rows = []
    for gate in (chain.trace.gates[letter] for letter in "ifo"):
        first = 0
        for group in chain.groups:
            rows.append(gate[:, chain.order[first : first + group.size]].mean(-1))
            first += group.size
    np.testing.assert_allclose(np.array(strips.figure.data[0].z), rows, rtol=1e-5)
    names = [group.name for group in chain.groups]
    of_i = np.array(rows[: len(names)])
    group, t = np.unravel_index((of_i - of_i.mean(-1, keepdims=True)).argmax(), of_i.shape)
    assert f"At “{chain.trace.tokens[t]}” the input gate opens most for the units that speak for {names[group]}" in strips.words
    assert np.array(every.figure().data[0].z).shape == (3 * chain.trace.h.shape[1], 6)


def test_what_a_visitor_typed_does_not_act_in_the_sentences():
    for shown in INSIDE.panels(look("tag", load("tag", "gru"), 1, text="$x$ *y* :red[z]")):
        assert "$x" not in shown.words.replace("\\$x", "") and plain("$") in plain("$x$")


def test_an_empty_text_has_nothing_to_open():
    assert INSIDE.panels(look("rate", load("rate", "gru"), 1, text="")) == []
