"""One step of a plain RNN, an LSTM and a GRU, written as the equations on the page; and the tables CELLS and CHAINS.

PyTorch trains whole layers fast but hides their gates. The functions here take the very weights of such a
layer and show everything; tests hold the two equal. H hidden units, E inputs, T steps.

A step takes x (E,), the state from the step before, a tuple of (H,), and the layer's four weights
(W_ih (gates*H, E), W_hh (gates*H, H), b_ih, b_hh). It returns the new state and the gates by PyTorch's letters.
Several texts can take it side by side: x (B, E) and states (B, H) are welcome too.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn

State = tuple[Tensor, ...]


def rnn_step(x: Tensor, state: State, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor) -> tuple[State, dict]:
    """The plain network (Elman 1990): one mix of what comes in and what was, squashed into -1..1.

    With all weights 0 and both biases 0.5, h is tanh(1) = 0.76 whatever x is.
    """
    (h,) = state
    h = torch.tanh(x @ W_ih.T + b_ih + h @ W_hh.T + b_hh)
    return (h,), {}


def lstm_step(x: Tensor, state: State, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor) -> tuple[State, dict]:
    """Long short-term memory (Hochreiter & Schmidhuber 1997; forget gate Gers 2000): c is kept beside h.

    With all weights and biases 0, i = f = o = 0.5 and g = 0, so c halves at every step.
    """
    h, c = state
    i, f, g, o = (x @ W_ih.T + b_ih + h @ W_hh.T + b_hh).chunk(4, dim=-1)
    i = torch.sigmoid(i)  # input gate: how much of the new goes in
    f = torch.sigmoid(f)  # forget gate: how much of the old stays
    g = torch.tanh(g)  # what the new is
    o = torch.sigmoid(o)  # output gate: how much of the memory is shown
    c = f * c + i * g
    h = o * torch.tanh(c)
    return (h, c), {"i": i, "f": f, "g": g, "o": o}


def gru_step(x: Tensor, state: State, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor) -> tuple[State, dict]:
    """Gated recurrent unit (Cho 2014), as PyTorch computes it: r acts after the multiplication with h.

    With all weights and biases 0, z = 0.5 and n = 0, so h halves at every step.
    """
    (h,) = state
    x_r, x_z, x_n = (x @ W_ih.T + b_ih).chunk(3, dim=-1)
    h_r, h_z, h_n = (h @ W_hh.T + b_hh).chunk(3, dim=-1)
    r = torch.sigmoid(x_r + h_r)  # reset gate: how much of the old to look at
    z = torch.sigmoid(x_z + h_z)  # update gate: how much of the old stays
    n = torch.tanh(x_n + r * h_n)  # what the new is
    h = (1 - z) * n + z * h
    return (h,), {"r": r, "z": z, "n": n}


class Cell(NamedTuple):
    """A kind of cell: the layer that trains it, the step that shows it, and what they hold.

    equations   the step as LaTeX, a line each, with PyTorch's letters
    """

    layer: type[nn.RNNBase]
    step: Callable
    gates: tuple[str, ...]
    n_states: int
    equations: tuple[str, ...]


CELLS = {
    "rnn": Cell(nn.RNN, rnn_step, (), 1, (r"h_t = \tanh(W_{ih} x_t + b_{ih} + W_{hh} h_{t-1} + b_{hh})",)),
    "gru": Cell(
        nn.GRU,
        gru_step,
        ("r", "z", "n"),
        1,
        (
            r"r_t = \sigma(W_{ir} x_t + b_{ir} + W_{hr} h_{t-1} + b_{hr})",
            r"z_t = \sigma(W_{iz} x_t + b_{iz} + W_{hz} h_{t-1} + b_{hz})",
            r"n_t = \tanh(W_{in} x_t + b_{in} + r_t \odot (W_{hn} h_{t-1} + b_{hn}))",
            r"h_t = (1 - z_t) \odot n_t + z_t \odot h_{t-1}",
        ),
    ),
    "lstm": Cell(
        nn.LSTM,
        lstm_step,
        ("i", "f", "g", "o"),
        2,
        (
            r"i_t = \sigma(W_{ii} x_t + b_{ii} + W_{hi} h_{t-1} + b_{hi})",
            r"f_t = \sigma(W_{if} x_t + b_{if} + W_{hf} h_{t-1} + b_{hf})",
            r"g_t = \tanh(W_{ig} x_t + b_{ig} + W_{hg} h_{t-1} + b_{hg})",
            r"o_t = \sigma(W_{io} x_t + b_{io} + W_{ho} h_{t-1} + b_{ho})",
            r"c_t = f_t \odot c_{t-1} + i_t \odot g_t",
            r"h_t = o_t \odot \tanh(c_t)",
        ),
    ),
}


class Chain(NamedTuple):
    """What a visitor chooses: how it is written on a block, its kind of cell, and whether a second chain reads backwards."""

    title: str
    kind: str
    both_ways: bool = False


CHAINS = {
    "rnn": Chain("RNN", "rnn"),
    "gru": Chain("GRU", "gru"),
    "lstm": Chain("LSTM", "lstm"),
    "bilstm": Chain("BiLSTM", "lstm", both_ways=True),
}


def unroll(
    kind: str, weights: list[Tensor], xs: Tensor, state: State = (), step: Callable | None = None
) -> tuple[State, dict[str, Tensor]]:
    """The same step again and again, from `state`, or from a zero state: xs (T, E) to states, each (T, H), and gates, each (T, H).

    `weights` is one entry of layer.all_weights. A `step` that is given takes the place of the cell's own: step(x, state, i) at
    xs[i], see networks/edited.py. Texts side by side are welcome: xs (T, B, E) give states (T, B, H). The loop never looks
    inside a state, so it serves (h,) and (h, c).
    A kind that is not in CELLS raises ValueError.
    """
    if kind not in CELLS:
        raise ValueError(f"Unknown cell {kind!r}; choose one of {', '.join(CELLS)}")
    cell = CELLS[kind]
    hidden = weights[1].shape[1]
    state = state or (xs.new_zeros(hidden),) * cell.n_states
    states, gates = [], []
    for i, x in enumerate(xs):
        state, gate = step(x, state, i) if step else cell.step(x, state, *weights)
        states.append(state)
        gates.append(gate)
    if not states:
        return (xs.new_zeros(0, hidden),) * cell.n_states, {letter: xs.new_zeros(0, hidden) for letter in cell.gates}
    return (
        tuple(torch.stack(column) for column in zip(*states, strict=True)),
        {letter: torch.stack([gate[letter] for gate in gates]) for letter in cell.gates},
    )
