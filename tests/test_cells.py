import pytest
import torch

from rnn_demo.cells import CELLS, unroll
from rnn_demo.networks.checkpoints import load


@pytest.mark.parametrize("kind", CELLS)
def test_unroll_agrees_with_pytorch(kind):
    torch.manual_seed(0)
    layer, xs = CELLS[kind].layer(5, 7), torch.randn(40, 5)
    states, gates = unroll(kind, layer.all_weights[0], xs)
    outputs, last = layer(xs)
    torch.testing.assert_close(states[0], outputs, atol=1e-5, rtol=0)
    if kind == "lstm":
        torch.testing.assert_close(states[1][-1], last[1][0], atol=1e-5, rtol=0)
    assert tuple(gates) == CELLS[kind].gates


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm", "bilstm"])
def test_unroll_agrees_with_pytorch_on_the_shipped_weights(cell):
    model = load("tag", cell)
    traces = model.trace("Amina’s sister flew from Dakar to New York with Air France, which she rather liked. " * 3)
    outputs, _ = model.layer(torch.tensor(traces[0].x))
    ours = torch.cat([torch.tensor(trace.h) for trace in traces], dim=-1)
    torch.testing.assert_close(ours, outputs, atol=1e-5, rtol=0)


def test_the_examples_of_the_docstrings():
    zeros = {kind: [torch.zeros_like(w) for w in CELLS[kind].layer(3, 2).all_weights[0]] for kind in CELLS}
    x, state = torch.ones(3), torch.tensor([0.5, -0.5])
    (h,), _ = CELLS["gru"].step(x, (state,), *zeros["gru"])
    torch.testing.assert_close(h, state / 2)
    (h, c), _ = CELLS["lstm"].step(x, (state, state), *zeros["lstm"])
    torch.testing.assert_close(c, state / 2)
    biases = [torch.full((2,), 0.5)] * 2
    (h,), _ = CELLS["rnn"].step(x, (state,), *zeros["rnn"][:2], *biases)
    torch.testing.assert_close(h, torch.tanh(torch.ones(2)))


def test_no_steps_give_empty_states():
    states, gates = unroll("lstm", torch.nn.LSTM(3, 2).all_weights[0], torch.zeros(0, 3))
    assert [s.shape for s in states] == [(0, 2), (0, 2)] and gates["f"].shape == (0, 2)


def test_an_unknown_cell_names_the_known_ones():
    with pytest.raises(ValueError, match="'gpt'; choose one of rnn, gru, lstm"):
        unroll("gpt", [], torch.zeros(1, 1))
