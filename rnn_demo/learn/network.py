"""The small network of the Train page: one layer of cells or two, and a linear readout.

Learner   a Network, so that whatever looks at the shipped ones can look at it
fresh     a Setup -> a Learner with fresh weights
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from rnn_demo.cells import CELLS, unroll
from rnn_demo.edits import Clamp, Edit
from rnn_demo.learn import JOBS
from rnn_demo.learn.base import Data, Setup
from rnn_demo.learn.files import file_of
from rnn_demo.learn.reading import task_of
from rnn_demo.networks.base import Network, Past, recorded
from rnn_demo.networks.edited import Stepper, check
from rnn_demo.text import Token
from rnn_demo.trace import Trace

FEW = 64  # signs: so many go in as they are, a number each; of more, each has a learnt row of EMBEDDED numbers
EMBEDDED = 16


class Learner(Network):
    """Rows of signs or of values to scores of K answers at every step.

    Two layers: the states of the first are what goes into the second, step by step. What the page shows as "the memory" is that of
    the last one, which the answers are read from.
    """

    CELLS = tuple(CELLS)
    both_ways = False

    def __init__(self, setup: Setup, data: Data):
        super().__init__()
        self.choose(setup.cell)
        self.kind, self.setup, self.data = setup.cell, setup, data
        self.labels, self.header = data.answers.labels, {}
        signs = len(data.signs)
        self.embedding = nn.Embedding(signs, EMBEDDED) if signs > FEW else None
        self.input_size = EMBEDDED if self.embedding else signs or data.held_out.x.shape[-1]
        self.layer = CELLS[setup.cell].layer(self.input_size, setup.hidden, setup.layers, batch_first=True)
        self.readout = nn.Linear(setup.hidden, len(self.labels))

    @property
    def task(self):
        return task_of(self)

    def python(self, task: str) -> tuple[str, str]:
        return f"rnn_demo.learnt({file_of(self.setup)!r})", "network.task.read"

    @property
    def parts(self) -> tuple[tuple[str, int], ...]:
        if self.layer.num_layers > 1:
            return (("units of layer 1", self.layer.hidden_size),)
        return (("value, change" if not self.data.signs else "word" if self.embedding else "sign", self.input_size),)

    def inputs(self, x: Tensor) -> Tensor:
        """What goes in, (..., E), of numbers of signs (...) or of values (..., E)."""
        if not self.data.signs:
            return x
        return self.embedding(x) if self.embedding else nn.functional.one_hot(x, self.input_size).float()

    def forward(self, x: Tensor) -> Tensor:
        """Inputs (B, T, E) to logits (B, T, K)."""
        return self.readout(self.layer(x)[0])

    @torch.inference_mode()
    def last(self, x: np.ndarray, state=None) -> tuple[np.ndarray, object]:
        """Probabilities (B, K) after rows of a Batch's x, (B, T), going on from a state; and the state that they leave."""
        h, state = self.layer(self.inputs(torch.from_numpy(x)), state)
        return self.readout(h[:, -1]).softmax(-1).numpy(), state

    def numbers_of(self, tokens: Sequence[str]) -> Tensor:
        """What goes in, (T, E), of tokens."""
        return self.inputs(torch.from_numpy(self.data.numbers(list(tokens))))

    def steps(self, text: str) -> list[Token]:
        return self.data.pieces(text)

    def trace(self, text: str, edits: Sequence[Edit] = ()) -> list[Trace]:
        return self.resumed(text, None, edits)

    @torch.inference_mode()
    def read(self, tokens: list[Token], past: Past, edits: Sequence[Edit] = ()) -> list[Trace]:
        """The trace of the last layer. A row is short, so it is always read from its beginning."""
        x = self.numbers_of([token.text for token in tokens])
        at = range(1, len(tokens) + 1)
        for weights in self.layer.all_weights[:-1]:
            x = unroll(self.kind, weights, x, (), Stepper(self.kind, weights, below(edits), at))[0][0]
        states, gates = unroll(self.kind, self.layer.all_weights[-1], x, (), Stepper(self.kind, self.chain_weights[0], edits, at))
        return [recorded("forward", tokens, x, states, gates, labels=self.labels, logits=self.readout(states[0]))]

    def resumed(self, text: str, before: Past | None, edits: Sequence[Edit] = ()) -> list[Trace]:
        tokens = self.steps(text)
        check(self, edits, len(tokens))
        return self.read(tokens, (), edits)

    @property
    def chain_weights(self) -> list[list[Tensor]]:
        return self.layer.all_weights[-1:]

    def sides(self, traces: Past) -> list[np.ndarray]:
        with torch.inference_mode():
            return [self.numbers_of(traces[0].tokens).numpy()]

    def replay(self, sides: list[Tensor], at: Tensor, edits: Sequence[Edit] = ()) -> Tensor:
        (h,) = sides
        steps = range(1, len(h) + 1)
        for weights in self.layer.all_weights[:-1]:
            h = unroll(self.kind, weights, h, (), Stepper(self.kind, weights, below(edits), steps))[0][0]
        weights = self.chain_weights[0]
        h = unroll(self.kind, weights, h, (), Stepper(self.kind, weights, edits, steps))[0][0]
        return h[at - 1, torch.arange(len(at))]

    def about(self, token: str) -> str:
        if not self.data.signs:
            return "It goes in as two numbers: the value itself and how it has changed, each in its usual spread."
        if self.embedding:
            return f"It goes in as {EMBEDDED} learnt numbers."
        return f"It goes in as a 1 in its own place among {self.input_size}, and a 0 in all others."


def below(edits: Sequence[Edit]) -> list[Edit]:
    """The edits that a layer below the last one has: a clamp sets units of the last."""
    return [edit for edit in edits if not isinstance(edit, Clamp)]


def fresh(setup: Setup) -> Learner:
    """A network before its first step: the same one for the same setup.

    A gate that keeps is started so that it keeps for anything from a step to the whole length (Tallec & Ollivier 2018): what must
    be remembered over 50 steps would otherwise be gone before anything could be learnt from it. A plain RNN has no such gate.
    """
    data = JOBS[setup.job].data(setup)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(setup.seed)
        network = Learner(setup, data)
        hidden, gates = setup.hidden, CELLS[setup.cell].gates
        keeps = next((letter for letter in ("z", "f") if letter in gates), None)
        for _, W_hh, b_ih, b_hh in network.layer.all_weights if keeps else ():
            rows = lambda letter: slice(gates.index(letter) * hidden, (gates.index(letter) + 1) * hidden)
            for letter in gates:
                nn.init.orthogonal_(W_hh.data[rows(letter)])
            b_ih.data.zero_(), b_hh.data.zero_()
            keep = torch.log(1 + torch.rand(hidden) * max(setup.length - 2, 1))
            b_ih.data[rows(keeps)] = keep
            if "i" in gates:
                b_ih.data[rows("i")] = -keep
    return network
