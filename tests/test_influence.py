"""What an answer rests on, against autograd through PyTorch's own layers and against finite differences."""

import copy
import json

import numpy as np
import pytest
import torch
from conftest import MODELS, by_chance, load, read

from rnn_demo.__main__ import main
from rnn_demo.edits import Clamp, Cut, Hold
from rnn_demo.lenses.base import shown
from rnn_demo.lenses.memory import labels_of
from rnn_demo.names import Seed
from rnn_demo.networks.influence import copies, erased, errors, gradients, influence, label_ids

TEXT = "Mr. Lagos flew to New York with nine old friends"
WORDS = ("tag", "rate", "order")


def traces_of(task, network, edits=()):
    return network.trace(Seed("female", 1920, "ma"), edits=edits) if task == "name" else network.trace(TEXT, edits=edits)


def by_torch(task: str, network, sides: list[torch.Tensor], step: int) -> torch.Tensor:
    """(K,) log-probabilities at a step, by PyTorch's own layers alone."""
    if task == "translate":
        source, fed = sides
        states, last = network.encoder(source[None])
        h, _ = network.decoder(fed[None], last.transpose(0, 1).flatten(1)[None])
        h = h[0, step - len(source) - 1]
        if network.attends:
            weights = (states[0] @ network.score(h) / len(h) ** 0.5).softmax(0)
            h = torch.cat([h, weights @ states[0]])
        return (network.embedding.weight @ torch.tanh(network.mix(h)) + network.bias).log_softmax(0)
    (x,) = sides
    if task == "rate":
        h, last = network.layer(x[None, :step])
        last = last[0] if isinstance(last, tuple) else last
        return network.readout(last.flatten()).log_softmax(0)
    h = network.layer(x[None])[0][0, step - 1]
    return network.readout.log_prob(h[None])[0] if task == "order" else network.readout(h).log_softmax(0)


def in_float64(task: str, cell: str, random: bool):
    """A shipped network, or the same with weights by chance, in float64."""
    return (by_chance if random else copy.deepcopy)(load(task, cell)).double()


@pytest.mark.parametrize("random", [False, True], ids=["shipped", "random"])
@pytest.mark.parametrize(("task", "cell"), MODELS)
def test_slopes_and_erasing_agree_with_pytorch_and_with_finite_differences(task, cell, random):
    traces, network = traces_of(task, load(task, cell)), in_float64(task, cell, random)
    total = sum(map(len, network.sides(traces)))
    for step in (total, total - 1):
        ids = label_ids(network, traces, step)
        found = influence(network, traces, step, [network.labels[k] for k in ids])
        sides = [torch.tensor(side, dtype=torch.float64, requires_grad=True) for side in network.sides(traces)]
        logp = by_torch(task, network, sides, step)[ids].logsumexp(0)
        slopes = torch.autograd.grad(logp, sides)
        words = len(found.gradient)
        norms = torch.cat([slope.norm(dim=-1) for slope in slopes])
        products = torch.cat([(slope * side).sum(-1) for slope, side in zip(slopes, sides, strict=True)]).detach()
        assert found.log_prob == pytest.approx(logp.item(), rel=1e-6)
        np.testing.assert_allclose(found.gradient, norms[:words], rtol=1e-4)
        np.testing.assert_allclose(found.product, products[:words], rtol=1e-4, atol=1e-4 * products.abs().max())
        assert norms[words:].abs().sum() == 0  # what an answer does not rest on

        word, first = words // 2, 0
        for side, slope in zip(sides, slopes, strict=True):
            if first <= word < first + len(side):
                row = word - first
                with torch.no_grad():
                    ahead = 1e-4 * slope[row] / slope[row].norm()
                    side[row] += ahead
                    up = by_torch(task, network, sides, step)[ids].logsumexp(0)
                    side[row] -= 2 * ahead
                    down = by_torch(task, network, sides, step)[ids].logsumexp(0)
                    assert (up - down).item() / 2e-4 == pytest.approx(found.gradient[word], rel=1e-4)
                    side[row] = 0
                    without = by_torch(task, network, sides, step)[ids].logsumexp(0)
                    assert (without - logp).item() == pytest.approx(found.erased[word], rel=1e-4, abs=1e-8)
            first += len(side)


@pytest.mark.parametrize(("task", "cell"), MODELS)
def test_many_answers_at_once_are_the_same_as_one_by_one(task, cell):
    network = load(task, cell)
    traces = traces_of(task, network)
    total = sum(map(len, network.sides(traces)))
    steps = range(total - 3, total + 1)
    ids = [label_ids(network, traces, step) for step in steps]
    logp, norms, products = gradients(network, traces, steps, ids)
    for row, (step, answer) in enumerate(zip(steps, ids, strict=True)):
        one = influence(network, traces, step, [network.labels[k] for k in answer])
        words = len(one.gradient)
        np.testing.assert_allclose(norms[row, :words], one.gradient, rtol=1e-3, atol=1e-6)
        np.testing.assert_allclose(products[row, :words], one.product, rtol=1e-3, atol=1e-5)
        assert not norms[row, words:].any() and logp[row] == pytest.approx(one.log_prob, abs=1e-4)


@pytest.mark.parametrize(("task", "cell"), MODELS)
def test_across_a_cut_no_word_has_any_influence_and_with_edits_the_log_probability_is_that_of_the_edited_reading(task, cell):
    network = load(task, cell)
    edits = [Cut(4), Clamp(3, 0.5, 2), *([Hold("z", 0.25, 3)] if network.kind == "gru" else [])]
    traces = traces_of(task, network, edits)
    total = sum(map(len, network.sides(traces)))
    found = influence(network, traces, total, edits=edits)
    trace = next(trace for trace in traces if trace.logits is not None)
    row = torch.tensor(trace.logits[-1]).log_softmax(-1)
    assert found.log_prob == pytest.approx(row.max().item(), abs=1e-4)
    if (task, cell) in (("translate", "attention"), ("rate", "bilstm")):
        assert found.gradient.all()  # it looks back at every state; or reads the last state of a chain that ends at the first word
    else:
        assert not found.gradient[:3].any() and np.abs(found.erased[:3]).max() < 1e-5 and found.gradient[3:].all()


def test_erasing_reads_again_from_the_word_that_is_gone():
    network = load("tag", "gru")
    traces = network.trace(TEXT)
    ids = label_ids(network, traces, 5)
    changes = erased(network, traces, 5, ids)
    (plain,) = copies(network, traces, 5, 1)
    for word in range(5):
        without = plain[:, 0].clone()
        without[word] = 0
        by_layer = network.readout(network.layer(without)[0][4]).log_softmax(-1) - torch.tensor(traces[0].logits[4]).log_softmax(-1)
        assert changes[word] == pytest.approx(by_layer[ids].item(), rel=1e-3, abs=1e-5)


@pytest.mark.parametrize(("task", "cell"), MODELS)
def test_the_answer_shown_is_an_answer_of_the_network(task, cell):
    reading = read(task, cell, "ma" if task == "name" else TEXT)
    network = load(task, cell)
    for step, column in enumerate(reading.columns, start=1):
        if column.answer:
            assert set(labels_of(reading, shown(reading, step))) <= set(network.labels)


@pytest.mark.parametrize("cell", ["gru", "bilstm"])
def test_json_of_the_lens(capsys, cell):
    assert main(["tag", TEXT, "--cell", cell, "--lens", "memory", "--step", "2", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found) == ["task", "cell", "lens", "step", "answer", "log_prob", "gradient", "product", "erased"]
    words = 10 if cell == "bilstm" else 2  # a second chain brings the rest of the text back
    assert {len(found[key]) for key in ("gradient", "product", "erased")} == {words} and found["step"] == 2
    trace = load("tag", cell).trace(TEXT)[0]
    probs = dict(zip(trace.labels, trace.probs[1], strict=True))
    assert found["log_prob"] == pytest.approx(np.log(probs[f"B-{found['answer']}"] + probs[f"I-{found['answer']}"]), abs=1e-4)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["tag", TEXT, "--step", "11"], "this text has 10 steps; choose one from 1 to 10"),
        (["translate", "The old woman sings.", "--step", "2"], "nothing is answered at step 2; choose a step from 7 to 12"),
    ],
)
def test_a_step_without_an_answer_is_refused_with_those_that_have_one(capsys, words, message):
    with pytest.raises(SystemExit) as stop:
        main([*words, "--lens", "memory"])
    assert stop.value.code == 2 and message in capsys.readouterr().err


def test_an_unknown_answer_lists_the_known_ones():
    network = load("tag", "gru")
    with pytest.raises(ValueError, match="no answer 'PER'; choose one of O, B-PER"):
        influence(network, network.trace(TEXT), 1, "PER")
    with pytest.raises(ValueError, match="no answer at step 11; choose a step from 1 to 10"):
        influence(network, network.trace(TEXT), 11)


CELL_LAYERS = {"rnn": torch.nn.RNNCell, "gru": torch.nn.GRUCell, "lstm": torch.nn.LSTMCell}


@pytest.mark.parametrize(("task", "cell"), [pair for pair in MODELS if pair[1] in CELL_LAYERS])
def test_errors_on_the_way_back_are_those_of_pytorchs_own_cell(task, cell):
    """Each state is handed on by hand, so that autograd can be asked what comes back to it."""
    traces, network = traces_of(task, load(task, cell)), in_float64(task, cell, False)
    x = torch.tensor(traces[0].x, dtype=torch.float64)
    steps = [2, 4, len(x)]
    ids = [label_ids(network, traces, step) for step in steps]
    own_cell = CELL_LAYERS[cell](x.shape[1], network.layer.hidden_size).double()
    for parameter, weight in zip(own_cell.parameters(), network.layer.all_weights[0], strict=True):
        parameter.data.copy_(weight)
    state, kept = None, []
    for row in x:
        found = own_cell(row[None], state)
        state = tuple(s.clone() for s in (found if isinstance(found, tuple) else (found,)))
        kept.append(state)
        state = state if len(state) > 1 else state[0]
    losses = [-network.nats(kept[step - 1][0], [k])[0] for step, k in zip(steps, ids, strict=True)]
    (result,) = errors(network, traces, steps, ids)
    for t, states in enumerate(kept, start=1):
        parts = [torch.autograd.grad(loss, states, retain_graph=True, allow_unused=True) for loss in losses]
        whole = lambda row, states=states: [torch.zeros_like(s) if g is None else g for g, s in zip(row, states, strict=True)]
        vectors = [torch.cat(whole(row), dim=-1)[0] for row in parts]
        zero = torch.zeros_like(vectors[0])
        own = sum((v for v, step in zip(vectors, steps, strict=True) if step == t), start=zero)
        carried = sum((v for v, step in zip(vectors, steps, strict=True) if step != t), start=zero)
        found = [result.own[t - 1], result.carried[t - 1], result.last[t - 1]]
        np.testing.assert_allclose(found, [own.norm(), carried.norm(), vectors[-1].norm()], rtol=1e-4, atol=1e-9)


def test_what_comes_back_of_two_chains_goes_both_ways_and_of_a_translation_to_the_encoder():
    for task, cell, steps in (("tag", "bilstm", [3]), ("translate", "attention", None)):
        traces, network = traces_of(task, load(task, cell)), load(task, cell)
        steps = steps or [sum(map(len, network.sides(traces)))]
        found = errors(network, traces, steps, [label_ids(network, traces, step) for step in steps])
        assert [len(chain.own) for chain in found] == [len(trace.tokens) for trace in traces]
        forward, backward = found[:2]
        if task == "tag":
            assert forward.own.nonzero()[0].tolist() == backward.own.nonzero()[0].tolist() == [2]
            assert forward.carried.nonzero()[0].tolist() == [0, 1] and backward.carried.nonzero()[0].tolist() == [*range(3, 10)]
        else:
            assert not forward.own.any() and not backward.own.any() and forward.carried.all() and backward.carried.all()
            assert found[-1].own.nonzero()[0].tolist() == [len(found[-1].own) - 1]
