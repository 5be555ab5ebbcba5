"""What all networks of the pages share: how a step is recorded, what a block is called, and what its units say.

Network   a torch module that reads tokens one at a time and records every step
read_without_each   what is left of an answer without one word or the other
recorded  torch tensors -> Trace
"""

import functools
import itertools
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor, nn

from rnn_demo.cells import CELLS, CHAINS, State
from rnn_demo.edits import Edit, EditError, Swap
from rnn_demo.networks.edited import At, Stepper, check
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
        steps(text), read(tokens, past, edits)   what is read of a text, and the traces of it, of which `past` has the first steps
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

    @functools.cached_property
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

    def python(self, task: str) -> tuple[str, str]:
        """Expressions of Python that load this network, and that name what reads a text with it."""
        return f"rnn_demo.load({task!r}, {self.cell!r})", f"TASKS[{task!r}].read"

    @property
    def chain_weights(self) -> list[list[Tensor]]:
        """The four weights of the cell behind each trace, in the order of the traces; as layer.all_weights has them."""
        return self.layer.all_weights

    def starts(self, traces: Sequence[Trace]) -> list[np.ndarray]:
        """The hidden state (H,) from which each of the traces begins: zeros."""
        return [np.zeros(trace.h.shape[1], dtype=np.float32) for trace in traces]

    def resumed(self, text: str, before: Past | None, edits: Sequence[Edit] = ()) -> list[Trace]:
        """The same as trace(text), where `before` is what this network read a moment ago: where the two texts part it goes on,
        since the words that follow change nothing before them. While somebody types that is ten times as fast. With edits, of which
        `before` knew none, it goes on from the first of them; another word must be in the text already (see `swapped`)."""
        tokens = self.steps(text)
        check(self, edits, len(tokens))
        pairs = zip(before[0].tokens if before else (), (token.text for token in tokens), strict=False)
        shared = sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))
        shared = min([shared, *(edit.step - 1 for edit in edits)])
        spans = np.array([token[1:] for token in tokens[:shared]])  # a space more may have moved the words
        return self.read(tokens, [replace(trace.first(shared), spans=spans) for trace in before] if shared else (), edits)

    def swapped(self, text: str | list[str], edits: Sequence[Edit]) -> str | list[str]:
        """The text with other words in place, as the edits have them. "I love tea", (Swap(2, "drink"),) -> "I drink tea"

        EditError for a step without a word, or where the other word is not read as one step.
        """
        for swap in (edit for edit in edits if isinstance(edit, Swap)):
            tokens = self.steps(text)
            check(self, (swap,), len(tokens))
            i = swap.step
            _, start, end = tokens[i - 1]
            if end == start:
                words = [step for step, token in enumerate(tokens, start=1) if token.end > token.start]
                has = f"choose one from {words[0]} to {words[-1]}" if words else "there is none in this text"
                raise EditError(f"{swap.words}: no word stands there, but a sign to begin; {has}")
            if isinstance(text, str):
                text = text[:start] + swap.word + text[end:]
            else:
                place = i - 1 - (len(tokens) - len(text))  # a sign to begin, which some read, is none of the words
                text = [*text[:place], swap.word, *text[place + 1 :]]
            new = self.steps(text)
            same = [a.text == b.text for a, b in zip(new, tokens, strict=False)]
            if len(new) != len(tokens) or not all(same[: i - 1] + same[i:]):
                raise EditError(f"{swap.words}: that is not read as one word; choose one without spaces and signs")
        return text

    def replay(self, sides: list[Tensor], at: Tensor, edits: Sequence[Edit] = ()) -> Tensor:
        """What the readout sees (B, H) of B copies of a text, each at a step of its own, at (B,) from 1 on; autograd can follow it
        back to what goes in. `sides` are the inputs, (T, B, E), of the chains that read one after the other: here one."""
        (xs,) = sides
        return self.last_states(xs, at, range(1, len(xs) + 1), edits)

    def last_states(self, xs: Tensor, rounds: Tensor, at: Sequence[At], edits: Sequence[Edit], chain: int = 0) -> Tensor:
        """h (B, H) after as many rounds as `rounds` (B,), from 1 on, has for each of B texts xs (T, B, E); `at` is which step of
        the text each round reads, as networks/edited.py has it. A text that is done is left out: the later, the fewer there are."""
        order = rounds.argsort(stable=True)
        ends = torch.searchsorted(rounds[order], torch.arange(len(xs) + 1), side="right").tolist()
        left = [step[order][end:] if isinstance(step, Tensor) else step for step, end in zip(at, ends, strict=False)]
        step = Stepper(self.kind, self.layer.all_weights[chain], edits, left, chain, chain > 0, order)
        state, seen = self.nothing(xs[0]), []
        for i, x in enumerate(xs[:, order]):
            state, _ = step(x[ends[i] :] if ends[i] else x, state, i)
            if done := ends[i + 1] - ends[i]:  # a slice that takes nothing would still cost on the way back
                seen.append(state[0][:done])
                state = tuple(s[done:] for s in state)
        return torch.cat(seen)[order.argsort()]

    def nothing(self, x: Tensor) -> State:
        """The state before anything has been read, zeros, for as many texts as x (B, E) has rows."""
        hidden = self.layer.all_weights[0][1].shape[1]
        return (x.new_zeros(len(x), hidden),) * CELLS[self.kind].n_states

    def without_each(self, sides: list[Tensor], step: int, places: Sequence[int], edits: Sequence[Edit] = ()) -> Tensor:
        """What the readout sees at a step (P + 1, H) if one of P words after the other is set to zero, the last row without that.
        `places` are theirs, from 0 on in rising order, among all words of `sides`, each (S, E)."""
        (xs,) = sides
        return self.parted(xs[:step], places, range(1, step + 1), edits)

    def parted(self, xs: Tensor, places: Sequence[int], at: Sequence[int], edits: Sequence[Edit], chain: int = 0) -> Tensor:
        """The last h (P + 1, H) of a chain that reads xs (T, E), if one of P inputs after the other is set to zero; the last row
        without that. `places` rise; `at` is which step of the text each round reads. Copies part from the text where their word
        stands: so only what follows is read again."""
        stepper = Stepper(self.kind, self.layer.all_weights[chain], edits, at, chain, chain > 0)
        state = self.nothing(xs[:1])
        for i, x in enumerate(xs):
            before = tuple(s[-1:] for s in state)
            state, _ = stepper(x[None], state, i)
            if i in places:
                gone, _ = stepper(torch.zeros_like(x)[None], before, i)
                state = tuple(torch.cat([s[:-1], new, s[-1:]]) for s, new in zip(state, gone, strict=True))
        return state[0]

    def nats(self, seen: Tensor, answers: list[list[int]]) -> Tensor:
        """The log-probability (B,) of an answer a row, of what the readout saw (B, H); several labels are summed."""
        logp = self.readout(seen).log_softmax(-1)
        return torch.stack([row[ids].logsumexp(-1) for row, ids in zip(logp, answers, strict=True)])

    def sides(self, traces: Past) -> list[np.ndarray]:
        """What went in, (T, E), of the chains that read one after the other: here of one."""
        return [traces[0].x]

    def formula(self, step: int, ids: list[int], sizes: list[int]) -> str:
        """Python lines, the body of a function of x, that give the log-probability of an answer by PyTorch's own layers. x (T, E)
        is what goes in, of all `sides` in a row, of these sizes; `network` is this one."""
        return (
            f"    h = network.layer(x)[0][{step - 1}]  # the state after step {step}\n"
            f"    return network.readout(h).log_softmax(-1)[{ids}].logsumexp(-1)"
        )

    def rests_on(self, step: int, steps: int) -> int:
        """How many steps, from the first, the answer at a step rests on: those up to it."""
        return step


def read_without_each(
    network: Network, sides: list[Tensor], step: int, places: Sequence[int], edits: Sequence[Edit] = ()
) -> Tensor:
    """The same as Network.without_each, for any network: every copy is read from its beginning."""
    copies, first = [side[:, None].repeat(1, len(places) + 1, 1) for side in sides], 0
    for copy in copies:
        for row, place in enumerate(places):
            if first <= place < first + len(copy):
                copy[place - first, row] = 0
        first += len(copy)
    return network.replay(copies, torch.full((len(places) + 1,), step), edits)


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
