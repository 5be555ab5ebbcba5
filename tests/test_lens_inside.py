"""The lens Inside: every number of an opened step against PyTorch's layers and against the equations by hand, in float64."""

import json

import numpy as np
import pytest
import torch
from conftest import MODELS, SEED, load

from rnn_demo.__main__ import main
from rnn_demo.cells import CELLS
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
