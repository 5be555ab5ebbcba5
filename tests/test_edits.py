"""Edits, against readings that start from the edited state by PyTorch's own layers, or that hold a gate by hand."""

import json

import numpy as np
import pytest
import torch
from conftest import MODELS, by_chance, load, read

from rnn_demo.__main__ import main
from rnn_demo.cells import CELLS
from rnn_demo.edits import WAYS, Clamp, Cut, EditError, Graft, Hold, Swap, parse_flag, parse_link, resolved, write_link
from rnn_demo.names import Seed
from rnn_demo.tasks import TASKS

TEXT = "Mr. Lagos flew to New York with nine old friends"
SEED = Seed("female", 1920, "ma")
CAUSAL = [(task, cell) for task, cell in MODELS if cell in ("rnn", "gru", "lstm")]


def shipped_or_random(task: str, cell: str, random: bool):
    return by_chance(load(task, cell)) if random else load(task, cell)


def traces_of(task, network, edits=()):
    return network.trace_name("marian", SEED, edits) if task == "name" else network.trace(TEXT, edits=edits)


def layers(network) -> list[list[torch.Tensor]]:
    """The weights of each chain, in the order of its traces."""
    if hasattr(network, "decoder"):
        return [*network.encoder.all_weights, *network.decoder.all_weights]
    return network.layer.all_weights


def one_way(network, weights):
    """PyTorch's own layer of one direction with these weights."""
    layer = type(network.layer)(weights[0].shape[1], weights[1].shape[1])
    for parameter, weight in zip(layer.all_weights[0], weights, strict=True):
        parameter.data.copy_(weight)
    return layer.requires_grad_(False)


@pytest.mark.parametrize("random", [False, True], ids=["shipped", "random"])
@pytest.mark.parametrize(("task", "cell"), MODELS)
def test_after_a_cut_every_chain_reads_as_pytorch_does_from_zero(task, cell, random):
    network = shipped_or_random(task, cell, random)
    cuts = [Cut(3), Cut(6)]
    traces = traces_of(task, network, cuts)
    for chain, (trace, weights) in enumerate(zip(traces, layers(network), strict=True)):
        layer, x = one_way(network, weights), torch.tensor(trace.x)
        last = chain == len(traces) - 1 and task == "translate"
        if not last:
            pieces = [x[:2], x[2:5], x[5:]]
            turn = (lambda rows: rows.flip(0)) if chain else (lambda rows: rows)
            expected = torch.cat([turn(layer(turn(piece))[0]) for piece in pieces])
        else:
            context = torch.tensor(np.concatenate([t.h[-1] if i == 0 else t.h[0] for i, t in enumerate(traces[:-1])]))
            expected = layer(x, context[None])[0]
        torch.testing.assert_close(torch.tensor(trace.h), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("task", "cell"), CAUSAL)
def test_before_an_edit_nothing_changes_and_the_rest_alone_is_read_again(task, cell):
    network = load(task, cell)
    before = traces_of(task, network)[0]
    for edit in (Cut(4), Clamp(5, 1.0, 4)):
        after = traces_of(task, network, [edit])[0]
        np.testing.assert_array_equal(after.h[:3], before.h[:3])
        assert np.abs(after.h[3] - before.h[3]).max() > 1e-3
    if task != "name":
        once = network.resumed(TEXT, [before], [Cut(4)])[0]
        np.testing.assert_allclose(once.h, network.trace(TEXT, [Cut(4)])[0].h, atol=1e-6)
        torch.testing.assert_close(
            torch.tensor(once.logits[-1]), torch.tensor(network.trace(TEXT, [Cut(4)])[0].logits[-1]), rtol=1e-4, atol=1e-4
        )


@pytest.mark.parametrize("random", [False, True], ids=["shipped", "random"])
@pytest.mark.parametrize(("task", "cell"), MODELS)
@pytest.mark.parametrize("value", [0.0, 0.3, 1.0])
def test_a_held_gate_is_that_value_and_the_rest_follows_the_equations(task, cell, random, value):
    network = shipped_or_random(task, cell, random)
    for gate in CELLS[network.kind].gates:
        traces = traces_of(task, network, [Hold(gate, value, 3)])
        for chain, trace in enumerate(traces):
            at = np.arange(1, len(trace.tokens) + 1) + (len(traces[0].tokens) if task == "translate" and trace is traces[-1] else 0)
            np.testing.assert_allclose(trace.gates[gate][at >= 3], value, atol=1e-6)
            order = slice(None, None, -1) if chain == 1 and len(traces) - (task == "translate") == 2 else slice(None)
            h, gates = trace.h[order], {letter: rows[order] for letter, rows in trace.gates.items()}
            if network.kind == "gru":  # h from the gates, as the equations say
                z, n = gates["z"], gates["n"]
                np.testing.assert_allclose(h[1:], (1 - z[1:]) * n[1:] + z[1:] * h[:-1], atol=1e-5)
            else:
                c = trace.c[order]
                np.testing.assert_allclose(c[1:], gates["f"][1:] * c[:-1] + gates["i"][1:] * gates["g"][1:], atol=1e-4)
                np.testing.assert_allclose(h, gates["o"] * np.tanh(c), atol=1e-5)
            W_ih, W_hh, b_ih, b_hh = (weight.numpy() for weight in layers(network)[chain])
            free = next(letter for letter in gates if letter not in (gate, "n"))  # a gate that is not held is as ever
            k, hidden = list(gates).index(free), W_hh.shape[1]
            rows = slice(k * hidden, (k + 1) * hidden)
            pre = trace.x[order][1:] @ W_ih[rows].T + b_ih[rows] + h[:-1] @ W_hh[rows].T + b_hh[rows]
            squash = np.tanh if free == "g" else lambda a: 1 / (1 + np.exp(-a))
            np.testing.assert_allclose(gates[free][1:], squash(pre), atol=1e-4)


@pytest.mark.parametrize(("task", "cell"), CAUSAL)
def test_a_clamped_unit_reads_on_from_the_clamped_state_as_pytorch_does(task, cell):
    network = load(task, cell)
    trace = traces_of(task, network, [Clamp(5, 0.7, 3)])[0]
    assert (trace.h[2:, 5] == np.float32(0.7)).all() and abs(trace.h[1, 5] - 0.7) > 1e-3
    for t in range(3, len(trace.tokens)):
        state = [torch.tensor(array[t - 1])[None] for array in (trace.h, trace.c) if array is not None]
        h, _ = network.layer(torch.tensor(trace.x[t])[None], tuple(state) if len(state) > 1 else state[0])
        others = np.arange(trace.h.shape[1]) != 5
        np.testing.assert_allclose(trace.h[t, others], h[0, others], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(("task", "cell"), [pair for pair in MODELS if pair[0] in ("tag", "rate", "order")])
def test_another_word_is_the_text_with_that_word(task, cell):
    network = load(task, cell)
    step = 3 if task == "order" else 2  # the sign to begin is a step of its own
    found = network.trace(TEXT, [Swap(step, "Paris")])
    for ours, theirs in zip(found, network.trace(TEXT.replace("Lagos", "Paris")), strict=True):
        np.testing.assert_array_equal(ours.h, theirs.h)
        assert ours.tokens == theirs.tokens
    listed = network.trace(TEXT.split(), [Swap(step, "Paris")])[0]
    assert listed.tokens == found[0].tokens


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_a_name_goes_on_from_another_letter(cell):
    network = load("name", cell)
    plain, edited = network.trace(SEED)[0], network.trace(SEED, edits=[Swap(3, "o")])[0]
    assert plain.tokens[1:3] == ("m", "a") and edited.tokens[1:3] == ("m", "o")
    assert "".join(edited.tokens[1:]) == network.write(SEED._replace(start="mo"))[0]


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_the_probability_of_an_edited_name_is_that_of_the_edited_steps(cell):
    network, edits = load("name", cell), [Cut(3), Clamp(7, -0.5, 2)]
    (trace,) = network.trace(SEED, edits=edits)
    name = "".join(trace.tokens[1:])
    rows = torch.tensor(trace.logits).log_softmax(-1)
    ids = [network.labels.index(letter) for letter in name]
    (nats,) = network.letter_logprobs([name], [SEED], edits=edits)
    np.testing.assert_allclose(nats[:-1], rows[range(len(ids)), ids], atol=1e-4)


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm", "bilstm"])
@pytest.mark.parametrize("edits", [[Cut(4)], [Clamp(3, 0.9, 4)], [Cut(2), Cut(5), Clamp(0, -1.0, 3)]])
def test_an_edited_rating_on_the_way_is_that_of_a_review_that_stops_there(cell, edits):
    """The second chain of a review that stops at a word has its own edits, word for word."""
    network, words = load("rate", cell), TEXT.split()
    whole = network.trace(words, edits)[0].logits
    for stop in range(6, len(words) + 1):
        np.testing.assert_allclose(whole[stop - 1], network.trace(words[:stop], edits)[0].logits[-1], atol=1e-4)


def test_a_group_is_silenced_in_every_chain():
    reading = read("tag", "bilstm", TEXT)
    (clamp,) = resolved([Clamp("PER", 0.0, 1)], reading)
    traces = load("tag", "bilstm").trace(TEXT, [clamp])
    for trace, chain, units in zip(traces, reading.chains, clamp.members, strict=True):
        assert len(units) == next(group.size for group in chain.groups if group.name == "PER")
        assert not trace.h[:, list(units)].any() and trace.h.any()
        best = chain.says[:, : len(reading.names)].argmax(-1)
        assert all(reading.names[best[unit]] == "PER" for unit in units)


def test_without_the_title_the_same_name_is_a_place(capsys):
    assert main(["tag", "Mr. Lagos flew to Lagos", "--cell", "gru", "--cut", "2", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found) == ["task", "cell", "edits", "tokens", "entities", "before"]
    assert found["edits"] == [{"edit": "cut", "step": 2}]
    assert found["before"]["tokens"][1]["label"] == "PER" and found["tokens"][1]["label"] == "LOC"
    assert main(["tag", "Mr. Lagos flew to Lagos", "--cell", "gru", "--json"]) == 0
    plain = json.loads(capsys.readouterr().out)
    assert found["before"] == {name: plain[name] for name in ("tokens", "entities")}


@pytest.mark.parametrize(("task", "cell"), MODELS)
def test_every_command_takes_edits(capsys, task, cell):
    text = ["--start", "ma"] if task == "name" else [TEXT]
    how = {"plain": ["--no-attention"], "attention": []}.get(cell, ["--cell", cell])
    assert main([task, *text, *how, "--cut", "4", "--clamp", "3=0.5@2", "--swap", "3=a", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [edit["edit"] for edit in found["edits"]] == ["cut", "clamp", "swap"] and found["before"].keys() <= found.keys()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["tag", TEXT, "--cell", "gru", "--cut", "11"], "there is no step 11; choose one from 1 to 10"),
        (["tag", TEXT, "--cell", "gru", "--cut", "x"], "'x' has 'x' for a step, which is a whole number from 1 on"),
        (["tag", TEXT, "--cell", "gru", "--hold", "i=1@2"], "the GRU has no gate 'i'; choose one of r, z, n"),
        (["tag", TEXT, "--cell", "rnn", "--hold", "z=1@2"], "the RNN has no gate 'z'; it has none"),
        (["tag", TEXT, "--cell", "gru", "--hold", "z=-1@2"], "the gate z lies between 0 and 1"),
        (["tag", TEXT, "--cell", "gru", "--hold", "z"], "'z' is not GATE=VALUE@N"),
        (["tag", TEXT, "--cell", "gru", "--hold", "z=nan"], "'nan' for a value, which is a number from -1 to 1"),
        (["tag", TEXT, "--cell", "gru", "--clamp", "256=0"], "there is no unit 256; choose a number from 0 to"),
        (["tag", TEXT, "--cell", "gru", "--clamp", "CAT=0"], "a group: O, PER, ORG, LOC, MISC"),
        (["tag", TEXT, "--cell", "gru", "--swap", "2=New York"], "is not read as one word"),
        (["order", TEXT, "--swap", "1=I"], "no word stands there, but a sign to begin; choose one from 2 to 11"),
        (["name", "--start", "ma", "--swap", "1=x"], "no letter goes in there, but the seed; choose one from 2 to"),
        (["name", "--start", "ma", "--swap", "2=xy"], "only one of the letters a to z"),
        (["translate", "Go home.", "--swap", "9=cat"], "no English subword goes in there; choose one from 1 to"),
        (["translate", "Go home.", "--swap", "1=zzzz"], "is not one of the"),
        (["tag", TEXT, "--graft", "11=Olga"], "no memory can be transplanted there; choose a step from 1 to 10"),
        (["tag", TEXT, "--graft", "2= "], "there is nothing to read in that text"),
        (["translate", "Go home.", "--graft", "9=Yes."], "no memory can be transplanted there; choose a step from 1 to"),
        (["translate", "Go home.", "--cut", "60"], "there is no step 60; choose one from 1 to"),
    ],
)
def test_an_edit_that_there_is_no_place_for_is_refused_with_what_there_is(capsys, words, message):
    with pytest.raises(SystemExit) as stop:
        main(words)
    assert stop.value.code == 2 and message in capsys.readouterr().err


@pytest.mark.parametrize(("task", "cell"), CAUSAL)
def test_a_transplanted_memory_is_read_on_from_as_pytorch_does(task, cell):
    network, record = load(task, cell), TASKS[task]
    options = {option.name: option.default for option in record.options}
    one, other = ("ma", "jo") if task == "name" else ("Mr. Lagos flew to Lagos", "Olga sings a song")
    alone = lambda text: record.read(network, text, options, None)
    before, gone = alone(one), alone(other).traces[0]
    trace = record.read(network, one, options, before, resolved([Graft(2, other)], before, alone)).traces[0]
    state = [torch.tensor(array[-1:]) for array in (gone.h, gone.c) if array is not None]
    h, _ = network.layer(torch.tensor(trace.x[1:]), tuple(state) if len(state) > 1 else state[0])
    np.testing.assert_allclose(trace.h[1:], h, rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(trace.h[:1], before.traces[0].h[:1])


def test_two_texts_of_which_the_memory_of_one_is_given_to_the_other_are_one_text():
    alone = lambda text: read("tag", "gru", text)
    before = alone("flew to Lagos")
    fit = resolved([Graft(1, "Mr. Lagos")], before, alone)
    edited = TASKS["tag"].read(load("tag", "gru"), before.text, {}, before, fit)
    np.testing.assert_allclose(edited.traces[0].h, alone("Mr. Lagos flew to Lagos").traces[0].h[2:], atol=1e-6)


def test_what_the_encoder_has_read_can_be_exchanged(capsys):
    given = ["translate", "Go home.", "--no-attention", "--json"]
    assert main([*given, "--graft", "3=The cat sleeps."]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["edits"] == [{"edit": "graft", "step": 3, "text": "The cat sleeps."}]
    assert found["translation"] != found["before"]["translation"]


EDITS = (Cut(3), Swap(2, "a,b:c%"), Hold("z", 1.0, 4), Clamp("PER", 0.0, 3), Clamp(7, -0.25, 1), Graft(2, "a:b, c"))


def test_a_link_with_edits_is_read_back():
    assert write_link(EDITS[:1]) == "cut:3" and parse_link(write_link(EDITS)) == EDITS and parse_link("") == ()


def test_flags_are_read():
    kinds = {way.name: way for way in WAYS.values()}
    assert parse_flag(kinds["hold"], "z=0.5") == Hold("z", 0.5, 1)
    assert parse_flag(kinds["clamp"], "2 ★=-1@3") == Clamp("2 ★", -1.0, 3)
    assert parse_flag(kinds["swap"], "4=x=y@z") == Swap(4, "x=y@z")


WRONG = ["cut", "cut:0", "cut:1:2", "cut:٣", "paste:3", "hold:z:2:1", "swap:2", "clamp:PER:x:1", ",".join(["cut:1"] * 13)]


@pytest.mark.parametrize("word", WRONG)
def test_a_link_with_a_wrong_edit_is_refused(word):
    with pytest.raises(ValueError, match="has|should"):
        parse_link(word)


def test_an_edit_with_no_text_is_refused():
    with pytest.raises(EditError, match="there is nothing to read"):
        load("tag", "gru").trace("", [Cut(1)])
    with pytest.raises(EditError, match="nothing to read"):
        load("translate", "plain").trace("", edits=[Cut(1)])


@pytest.mark.parametrize(("task", "cell"), MODELS)
def test_a_reading_knows_its_edits(task, cell):
    record, network = TASKS[task], load(task, cell)
    options = {option.name: option.default for option in record.options}
    reading = record.read(network, "ma" if task == "name" else TEXT, options, None, (Cut(3),))
    assert reading.asked.edits == (Cut(3),)
