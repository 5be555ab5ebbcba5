"""What all networks of the pages share: how a step is recorded, what a block is called, and what its units say.

Network   a torch module that reads tokens one at a time and records every step
recorded  torch tensors -> Trace
"""

import itertools
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from torch import Tensor, nn

from rnn_demo.cells import CHAINS
from rnn_demo.text import Token
from rnn_demo.trace import Trace

Past = Sequence[Trace]


class Network(nn.Module):
    """A chain of cells, or two, and a readout.

    A subclass has
        cell     a key of its CELLS      labels   K strings, naming the columns of its logits
        layer    the torch layer of the chain that answers        readout   what turns its states into logits
        parts    what an input x is made of: (name, size) each
        from_header(header, vectors)     a network with fresh weights, as the header of a weight file describes it
        trace(text)                      every step of every chain: [Trace], the first of which, or the last, has the logits
        about(token)                     a remark on how a token became numbers
        says(labels)                     (H, len(labels)) what a unit at +1 adds to the score of each label, in nats; None where
                                         the readout bends, so that no such number is exact
        chain_weights, starts(traces)    of every trace: the weights of its cell, and the hidden state from which it begins
    and, for `resumed`,
        steps(text), read(tokens, past)  what is read of a text, and the traces of it, of which `past` has the first steps
    """

    CELLS: tuple[str, ...]
    cell: str
    labels: tuple[str, ...]
    layer: nn.RNNBase
    readout: nn.Module
    header: dict

    def choose(self, cell: str) -> None:
        """Take a cell; ValueError names the known ones."""
        if cell not in self.CELLS:
            raise ValueError(f"Unknown cell {cell!r}; choose one of {', '.join(self.CELLS)}")
        self.cell = cell

    @property
    def title(self) -> str:
        """As written on a block: "GRU"."""
        return CHAINS[self.cell].title

    @property
    def step_weights(self) -> int:
        """How many numbers are used again at every step: those of the cell and of the readout."""
        return sum(p.numel() for part in (self.layer, self.readout) for p in part.parameters())

    def says(self, labels: Sequence[str]) -> np.ndarray | None:
        """Of a linear readout, the rows of its weights. Linear(4, 27).says(["a", "b"]) -> (4, 2)"""
        return self.readout.weight.detach().numpy()[[self.labels.index(label) for label in labels]].T

    def tells(self, chain: str) -> list[tuple[str, float]]:
        """For each unit of a chain what it tells best and how well, as the header has it: [("after a comma", 0.97), ("", 0.61)]; []
        where nobody has measured it."""
        return [(what, score) for what, score in self.header.get("units", {}).get(chain, [])]

    @property
    def chain_weights(self) -> list[list[Tensor]]:
        """The four weights of the cell behind each trace, in the order of the traces; as layer.all_weights has them."""
        return self.layer.all_weights

    def starts(self, traces: Sequence[Trace]) -> list[np.ndarray]:
        """The hidden state (H,) from which each of the traces begins: zeros."""
        return [np.zeros(trace.h.shape[1], dtype=np.float32) for trace in traces]

    def resumed(self, text: str, before: Past | None) -> list[Trace]:
        """The same as trace(text), where `before` is what this network read a moment ago: where the two texts part it goes on,
        since the words that follow change nothing before them. While somebody types that is ten times as fast."""
        tokens = self.steps(text)
        pairs = zip(before[0].tokens if before else (), (token.text for token in tokens), strict=False)
        shared = sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))
        spans = np.array([token[1:] for token in tokens[:shared]])  # a space more may have moved the words
        return self.read(tokens, [replace(trace.first(shared), spans=spans) for trace in before] if shared else ())


def recorded(name: str, tokens: Sequence[Token], x: Tensor, states: tuple[Tensor, ...], gates: dict[str, Tensor], **more) -> Trace:
    """What a chain did at every step, as numpy arrays. `states` are (h,) or (h, c), as cells.unroll gives them; `more` are the
    other fields of Trace."""
    return Trace(
        name=name,
        tokens=tuple(token.text for token in tokens),
        spans=np.array([token[1:] for token in tokens], dtype=np.int64).reshape(-1, 2),
        x=x.numpy(),
        h=states[0].numpy(),
        c=states[1].numpy() if len(states) > 1 else None,
        gates={letter: gate.numpy() for letter, gate in gates.items()},
        **{field: value.numpy() if isinstance(value, Tensor) else value for field, value in more.items()},
    )
