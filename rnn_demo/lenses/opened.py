"""A step, opened: what its block computed, from the network's own weights and the states that it had before."""

from typing import NamedTuple

import numpy as np

from rnn_demo.edits import Clamp, Cut, Edit, Hold
from rnn_demo.lenses.base import View, before, chosen_unit, comes_back
from rnn_demo.reading import Chain

KINDS = {(): "rnn", ("r", "z", "n"): "gru", ("i", "f", "g", "o"): "lstm"}  # by the gates that a trace has


class Changed(NamedTuple):
    """What edits do to one unit at one step: whether its old memory was cut off; which gates are held; at what the unit itself is
    clamped, None where it is not. Changed(False, {"z": 1.0}, None)"""

    cut: bool
    held: dict[str, float]
    clamped: float | None

    def __bool__(self) -> bool:
        return self.cut or bool(self.held) or self.clamped is not None


def changed(edits: tuple[Edit, ...], step: int, chain: int, unit: int, back: bool) -> Changed:
    """What the edits do to a unit of a chain, which may come back from the end, at a step. Of two that hold the same thing the
    later one does, as in networks/edited.py."""
    on = [edit for edit in edits if edit.step <= step]
    holds = sorted((edit for edit in on if isinstance(edit, Hold)), key=lambda hold: hold.step)
    clamps = [clamp for clamp in on if isinstance(clamp, Clamp)]
    values = [clamp.value for clamp in clamps if unit in (clamp.members[chain] if clamp.members else (clamp.unit,))]
    cut = any(isinstance(edit, Cut) and edit.step - back == step for edit in edits)
    return Changed(cut, {hold.gate: hold.value for hold in holds}, values[-1] if values else None)


class Opened(NamedTuple):
    """One step of one chain, every unit of it, in float64.

    kind        of cell, a key of cells.CELLS       chain  how it is drawn
    unit        the one that is looked at
    x           (E,) what goes in
    old, new    the states before and after, (h,) or (h, c), each (H,)
    gates       {"z": (H,), ...}
    terms       {"z": (W x + b of the word, W h + b of the old memory)}, each (H,); of a plain RNN its one sum, "h". Those of a
                gate that is held are what it would hear
    weights     W_ih and W_hh, (gates*H, E), (gates*H, H)
    changed     what edits do here to the unit
    """

    kind: str
    chain: Chain
    unit: int
    x: np.ndarray
    old: tuple[np.ndarray, ...]
    new: tuple[np.ndarray, ...]
    gates: dict[str, np.ndarray]
    terms: dict[str, tuple[np.ndarray, np.ndarray]]
    weights: tuple[np.ndarray, np.ndarray]
    changed: Changed

    def adds(self, letter: str) -> tuple[np.ndarray, np.ndarray]:
        """What makes up a sum of the chosen unit: what each number of the word adds (E,), and what each old unit adds (H,)."""
        row = list(self.terms).index(letter) * len(self.old[0]) + self.unit
        W_ih, W_hh = self.weights
        return W_ih[row] * self.x, W_hh[row] * self.old[0]

    def numbers(self) -> dict:
        """The chosen unit's: {"h_before", "h", "gates": {"z": 0.83}, "terms": {"z": {"x": 1.2, "h": 0.4}}, "c_before", "c"}; where
        edits change it, also "changed": {"cut", "held", "clamped"}"""
        one = lambda array: float(array[self.unit])
        names = ("h", "c")
        found = {f"{name}_before": one(state) for name, state in zip(names, self.old, strict=False)}
        found |= {name: one(state) for name, state in zip(names, self.new, strict=False)}
        found["gates"] = {letter: one(gate) for letter, gate in self.gates.items()}
        found["terms"] = {letter: {"x": one(of_x), "h": one(of_h)} for letter, (of_x, of_h) in self.terms.items()}
        if self.changed:
            found["changed"] = self.changed._asdict()
        return found


def opened(view: View) -> Opened:
    """The step that a view looks at. UnitError where it asks for a unit that is not there."""
    import torch  # not at the top: links and the command line know the lenses, and must not wait for it

    from rnn_demo.cells import CELLS
    from rnn_demo.networks.edited import Stepper

    k, unit = chosen_unit(view)
    chain = view.reading.chains[k]
    at = view.step - 1 - chain.first
    kind = KINDS[tuple(chain.trace.gates)]
    letters = CELLS[kind].gates or ("h",)
    exact = lambda array: torch.tensor(array, dtype=torch.float64)
    x, old = exact(chain.trace.x[at]), tuple(exact(state[at]) for state in before(view, k))
    W_ih, W_hh, b_ih, b_hh = weights = [weight.detach().double() for weight in view.network.chain_weights[k]]
    edits, back = view.reading.asked.edits, comes_back(chain)
    new, gates = Stepper(kind, weights, edits, [view.step], k, back)(x, old, 0)
    of_x, of_h = (W_ih @ x + b_ih).chunk(len(letters)), (W_hh @ old[0] + b_hh).chunk(len(letters))
    return Opened(
        kind,
        chain,
        unit,
        x.numpy(),
        tuple(state.numpy() for state in old),
        tuple(state.numpy() for state in new),
        {letter: gate.numpy() for letter, gate in gates.items()},
        {letter: (a.numpy(), b.numpy()) for letter, a, b in zip(letters, of_x, of_h, strict=True)},
        (W_ih.numpy(), W_hh.numpy()),
        changed(edits, view.step, k, unit, back),
    )
