"""A layer of somebody's own, read step by step: any nn.RNN, nn.GRU or nn.LSTM with one layer, in one direction or both."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from rnn_demo.cells import CELLS, unroll
from rnn_demo.networks.base import recorded
from rnn_demo.text import Token
from rnn_demo.trace import Trace


class LayerError(ValueError):
    """This layer or this input cannot be read; the message says what can."""


def layer_kind(layer: nn.Module) -> str:
    """The key of CELLS of a layer. nn.GRU(3, 4) -> "gru". LayerError for what our steps do not compute."""
    found = [kind for kind, cell in CELLS.items() if isinstance(layer, cell.layer) and type(layer).forward is cell.layer.forward]
    if not found:
        known = ", ".join(f"nn.{cell.layer.__name__}" for cell in CELLS.values())
        raise LayerError(f"{type(layer).__name__} cannot be read; give one of {known}.")
    if layer.num_layers != 1:
        raise LayerError(f"The layer is a stack of {layer.num_layers}; give one of a single layer: num_layers=1.")
    if layer.proj_size:
        raise LayerError(f"The layer projects its state (proj_size={layer.proj_size}); give one without: proj_size=0.")
    if getattr(layer, "nonlinearity", "tanh") != "tanh":
        raise LayerError(f"The layer squashes by {layer.nonlinearity}; give one with nonlinearity='tanh'.")
    if any(weight.is_meta for weight in layer.parameters()):
        raise LayerError("The layer has no numbers yet: its weights are on the device 'meta'.")
    return found[0]


def one_text(layer: nn.RNNBase, x: Tensor) -> Tensor:
    """x as the layer takes it, (T, E), (T, 1, E) or, batch first, (1, T, E), to (T, E). LayerError for anything else."""
    if not isinstance(x, Tensor):
        how = "unpack it by pad_packed_sequence" if isinstance(x, nn.utils.rnn.PackedSequence) else "make it one by torch.as_tensor"
        raise LayerError(f"x is a {type(x).__name__}; give one text as a tensor (T, {layer.input_size}): {how}.")
    if not x.is_floating_point():
        raise LayerError(f"x holds {x.dtype}; give the vectors that the layer reads, such as embedding(ids).")
    batch = 0 if layer.batch_first else 1
    if x.dim() not in (2, 3) or x.shape[-1] != layer.input_size:
        raise LayerError(f"x has the shape {tuple(x.shape)}; this layer takes (T, {layer.input_size}), with or without a batch.")
    if x.dim() == 3 and x.shape[batch] != 1:
        one = "x[:1]" if layer.batch_first else "x[:, :1]"
        other = " (batch_first=True says that texts come first)" if layer.batch_first else " (without batch_first steps come first)"
        raise LayerError(f"x holds {x.shape[batch]} texts{other}; give one at a time, the first as {one}.")
    x = x if x.dim() == 2 else x.squeeze(batch)
    if not len(x):
        raise LayerError("x has no steps; give at least one.")
    return x


def trace_layer(layer: nn.RNNBase, x: Tensor, tokens: Sequence[str] = ()) -> list[Trace]:
    """What a layer does at every step, with all gates: a Trace a direction, from a zero state, as float32; `h` is what the layer
    itself gives out, but for rounding (torch.allclose with atol=1e-6). `tokens` are T words for the steps, their numbers where
    there are none.

    trace_layer(nn.GRU(3, 4), torch.randn(5, 3))[0].gates["z"].shape -> (5, 4)
    """
    kind = layer_kind(layer)
    xs = one_text(layer, x).detach().float().cpu()
    if len(tokens) not in (0, len(xs)):
        how = "text.split() makes words of a text; " if isinstance(tokens, str) else ""
        raise LayerError(f"There are {len(tokens)} tokens for {len(xs)} steps; {how}give one a step, or none.")
    tokens = tokens if len(tokens) else range(1, len(xs) + 1)
    placed, start = [], 0
    for token in map(str, tokens):
        placed.append(Token(token, start, start + len(token)))
        start += len(token) + 1  # a space between two
    traces = []
    for name, weights in zip(("forward", "backward"), layer.all_weights, strict=False):
        weights = [part.detach().float().cpu() for part in weights]
        weights += [weights[0].new_zeros(len(weights[0]))] * (4 - len(weights))  # of a layer with bias=False
        way = slice(None) if name == "forward" else torch.arange(len(xs) - 1, -1, -1)
        states, gates = unroll(kind, weights, xs[way])
        states, gates = tuple(state[way] for state in states), {letter: gate[way] for letter, gate in gates.items()}
        if not all(state.isfinite().all() for state in states):
            raise LayerError("The states are not all finite numbers; look for nan or inf in x and in the layer's weights.")
        traces.append(recorded(name, placed, xs, states, gates))
    return traces
