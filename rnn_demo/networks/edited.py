"""A chain of cells with edits in it: the very same step, from another state, with a gate's rows made constant, or with units set.

Stepper   the step of one chain, as cells.unroll takes it       check   whether a network has a place for edits
Watch     stands among the edits, and changes nothing: it keeps every state, so that autograd can be asked about it
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from rnn_demo.cells import CELLS, State
from rnn_demo.edits import SIGNED, Clamp, Cut, Edit, EditError, Graft, Hold

At = int | Tensor  # which step of the text a step of the chain reads: the same for all rows of a batch, or (B,)


class Watch:
    """`seen` has, for each chain, (step of the text, states, which rows of the batch they are of) of every round."""

    step = 1  # from which on it acts, as every edit has it

    def __init__(self):
        self.seen: dict[int, list[tuple[At, State, Tensor]]] = {}


class Stepper:
    """One chain's step with its edits, as cells.unroll takes it: stepper(x, state, i) -> state, gates.

    kind, weights   as cells.unroll has them
    at              which step of the text each step of the chain reads; (B,) each where the rows of a batch differ
    chain           which of the network's chains it is, 0 for the first: a group of units differs from chain to chain
    backwards       whether it reads from the end: the arrow that is cut before step N then leads to step N - 1
    rows            (B,) which rows of the batch stand in which order, for a Watch; those that are done leave it from the front
    """

    def __init__(
        self,
        kind: str,
        weights: list[Tensor],
        edits: Sequence[Edit],
        at: Sequence[At],
        chain: int = 0,
        backwards: bool = False,
        rows: Tensor | None = None,
    ):
        self.cell, self.at = CELLS[kind], at
        self.watched = [edit.seen.setdefault(chain, []) for edit in edits if isinstance(edit, Watch)]
        self.rows = rows
        self.cuts = [edit.step - backwards for edit in edits if isinstance(edit, Cut)]
        grafts = [(edit.step, edit.states[chain]) for edit in edits if isinstance(edit, Graft) and edit.states[chain]]
        self.grafts = [(step, [weights[1].new_tensor(state) for state in states]) for step, states in grafts]
        self.clamps = [(edit.step, edit.value, _mask(edit, chain, weights[1])) for edit in edits if isinstance(edit, Clamp)]
        self.phases = [(1, weights)]  # (from this step on, with these weights)
        for hold in sorted((edit for edit in edits if isinstance(edit, Hold)), key=lambda hold: hold.step):
            self.phases.append((hold.step, held(kind, self.phases[-1][1], hold)))

    def __call__(self, x: Tensor, state: State, i: int) -> tuple[State, dict[str, Tensor]]:
        at = self.at[i]
        for cut in self.cuts:
            state = tuple(_where(at == cut, torch.zeros_like(s), s) for s in state)
        for graft, states in self.grafts:
            state = tuple(_where(at == graft, new.expand_as(s), s) for new, s in zip(states, state, strict=True))
        found = None
        for start, weights in self.phases:
            here = at >= start
            if here is not False:
                taken = self.cell.step(x, state, *weights)
                found = taken if here is True or found is None else _choose(here, taken, found)
        (h, *rest), gates = found
        for start, value, mask in self.clamps:
            h = _where(at >= start, torch.where(mask, value, h), h)
        state = (h, *rest)
        if self.watched:
            state = tuple(s.clone() for s in state)  # what is handed on, apart from what it was computed of
        for seen in self.watched:
            rows = torch.arange(len(h)) if self.rows is None else self.rows[len(self.rows) - len(h) :]
            seen.append((at, state, rows))
        return state, gates


def _mask(clamp: Clamp, chain: int, W_hh: Tensor) -> Tensor:
    """(H,) which units of a chain are clamped."""
    mask = W_hh.new_zeros(W_hh.shape[1], dtype=torch.bool)
    mask[list(clamp.members[chain] if clamp.members else (clamp.unit,))] = True
    return mask


def _where(condition: bool | Tensor, new: Tensor, old: Tensor) -> Tensor:
    if isinstance(condition, bool):
        return new if condition else old
    return torch.where(condition[:, None], new, old)


def _choose(here: Tensor, new: tuple, old: tuple) -> tuple:
    (states, gates), (before, gates_before) = new, old
    return (
        tuple(_where(here, a, b) for a, b in zip(states, before, strict=True)),
        {letter: _where(here, gate, gates_before[letter]) for letter, gate in gates.items()},
    )


def held(kind: str, weights: list[Tensor], hold: Hold) -> list[Tensor]:
    """The weights of a layer whose gate is a constant: its rows are 0, and its bias is what the gate's own curve takes to the
    value. Sigmoid and tanh reach 0, 1 and -1 at infinity, which they take without harm. Hold("z", 1.0) -> a bias of inf"""
    W_ih, W_hh, b_ih, b_hh = (weight.detach().clone() for weight in weights)
    hidden = W_hh.shape[1]
    first = CELLS[kind].gates.index(hold.gate) * hidden
    rows = slice(first, first + hidden)
    for weight in (W_ih, W_hh, b_ih, b_hh):
        weight[rows] = 0
    inverse = torch.atanh if hold.gate in SIGNED else torch.logit
    b_ih[rows] = inverse(torch.tensor(hold.value, dtype=torch.float64)).item()
    return [W_ih, W_hh, b_ih, b_hh]


def check(network, edits: Sequence[Edit], steps: int) -> None:
    """EditError, which lists what there is, if a network has no place for these edits in a text of so many steps."""
    gates, units = CELLS[network.kind].gates, network.layer.hidden_size
    for edit in edits:
        if not 1 <= edit.step <= steps:
            has = f"choose one from 1 to {steps}" if steps else "there is nothing to read"
            raise EditError(f"{edit.words}: there is no step {edit.step}; {has}")
        if isinstance(edit, Graft) and not edit.states:
            raise EditError(f"{edit.words}: give it to edits.resolved first, which has the other text read")
        if isinstance(edit, Hold):
            if edit.gate not in gates:
                has = f"choose one of {', '.join(gates)}" if gates else "it has none"
                raise EditError(f"{edit.words}: the {network.title} has no gate {edit.gate!r}; {has}")
            if edit.gate not in SIGNED and edit.value < 0:
                raise EditError(f"{edit.words}: the gate {edit.gate} lies between 0 and 1")
        if isinstance(edit, Clamp) and not edit.members and not (isinstance(edit.unit, int) and 0 <= edit.unit < units):
            raise EditError(f"{edit.words}: there is no unit {edit.unit!r}; choose a number from 0 to {units - 1}")
