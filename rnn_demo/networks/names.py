"""The network that writes names, one letter after another, each of which is its next input.

NameModel  .write(seed, count) names, .trace(seed) every step of one, .letter_logprobs(names, seeds) how likely given names are
"""

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from rnn_demo.cells import CELLS, unroll
from rnn_demo.edits import Edit, EditError, Swap
from rnn_demo.names import ALPHABET, DECADES, LONGEST, SEXES, Seed, letters
from rnn_demo.networks.base import Network, recorded
from rnn_demo.networks.edited import Stepper, check
from rnn_demo.text import Token
from rnn_demo.trace import Trace, softmax

BLOCK = 1000  # names that are written side by side: more of them no longer fit a processor's cache


class NameModel(Network):
    """One-to-many: the seed is read once, as the first input, and after it every letter that was written.

    So the state alone must remember, to the last letter, for whom and for which time the name is.

    cell       a key of CELLS      labels  K = 27 outputs: the letters and the end mark
    input_size  E, of the seed's and the letters' vectors      hidden_size  H
    """

    CELLS = tuple(CELLS)

    def __init__(self, cell: str, labels: list[str], input_size: int, hidden_size: int):
        super().__init__()
        self.choose(cell)
        self.kind, self.labels = cell, tuple(labels)
        self.sexes = nn.Embedding(len(SEXES), input_size)
        self.decades = nn.Embedding(1 + len(DECADES), input_size)  # row 0: no decade in particular
        self.letters = nn.Embedding(len(ALPHABET), input_size)
        self.layer = CELLS[cell].layer(input_size, hidden_size, batch_first=True)
        self.readout = nn.Linear(hidden_size, len(labels))
        self.dropout = nn.Dropout(0.0)

    @classmethod
    def from_header(cls, header: dict, vectors=None) -> "NameModel":
        """A network with fresh weights, as the header of a weight file describes it. It needs no word vectors."""
        return cls(header["cell"], header["labels"], header["config"]["input_size"], header["config"]["hidden_size"])

    @property
    def parts(self) -> tuple[tuple[str, int], ...]:
        """What x is made of: (name, size)."""
        return (("learnt here", self.layer.input_size),)

    def about(self, token: str) -> str:
        """A remark on how a token became numbers."""
        if len(token) == 1:
            return "Each letter has a row of numbers, learnt in training."
        return "The seed: the row of numbers of the sex plus that of the decade, both learnt in training."

    def inputs(self, seeds: Tensor, ids: Tensor) -> Tensor:
        """Seeds (B, 2), see seed_ids, and letter numbers (B, T - 1) to x (B, T, E): the sum of sex and decade, then the letters."""
        first = self.sexes(seeds[:, 0]) + self.decades(seeds[:, 1])
        return torch.cat([first[:, None], self.letters(ids)], dim=1)

    def forward(self, seeds: Tensor, ids: Tensor, edits: Sequence[Edit] = ()) -> Tensor:
        """Seeds (B, 2) and letter numbers (B, T - 1) to logits (B, T, K): after each input, what comes next."""
        return self.readout(self.dropout(self.states(seeds, ids, edits)))

    def states(self, seeds: Tensor, ids: Tensor, edits: Sequence[Edit] = ()) -> Tensor:
        """Seeds (B, 2) and letter numbers (B, T - 1) to hidden states (B, T, H)."""
        x = self.dropout(self.inputs(seeds, ids))
        if not edits:
            return self.layer(x)[0]
        (h, *_), _ = self._unrolled(x.transpose(0, 1), edits)
        return h.transpose(0, 1)

    def _unrolled(self, xs: Tensor, edits: Sequence[Edit]) -> tuple:
        weights = self.layer.all_weights[0]
        return unroll(self.kind, weights, xs, (), Stepper(self.kind, weights, edits, range(1, len(xs) + 1)) if edits else None)

    @torch.inference_mode()
    def letter_logprobs(
        self, names: list[str], seeds: list[Seed], temperature: float = 1.0, edits: Sequence[Edit] = ()
    ) -> list[np.ndarray]:
        """How likely each name is from its seed, letter by letter and its end: N arrays (len + 1,) in nats. A seed's start
        plays no part. The sum of an array is the log-probability of the name: "ann" -> [-2.1, -1.4, -0.9, -2.0], in all -6.4.
        """
        spelled = [letter_ids(letters(name)) for name in names]
        width = max(map(len, spelled), default=0)
        ids = torch.tensor([s + [0] * (width - len(s)) for s in spelled], dtype=torch.long)  # what follows changes nothing
        logits = self(torch.tensor([seed_ids(seed.checked()) for seed in seeds]), ids, edits).double().numpy()
        logp = tempered(logits, temperature)
        logp -= np.log(np.exp(logp).sum(-1, keepdims=True))
        return [row[np.arange(len(s) + 1), [*s, len(ALPHABET)]] for row, s in zip(logp, spelled, strict=True)]

    @torch.inference_mode()
    def next_logprobs(self, seed: Seed, prefixes: list[tuple[str, ...]]) -> np.ndarray:
        """(N, K) nats: what comes after each of N beginnings, all of the same length. See search.beam."""
        ids = torch.tensor([letter_ids(prefix) for prefix in prefixes], dtype=torch.long).view(len(prefixes), -1)
        seeds = torch.tensor([seed_ids(seed.checked())]).expand(len(prefixes), -1)
        return self(seeds, ids)[:, -1].log_softmax(-1).numpy()

    def write(
        self, seed: Seed, count: int = 1, temperature: float = 1.0, number: int = 0, edits: Sequence[Edit] = ()
    ) -> list[str]:
        """`count` names, in lower case, from the seed's start on; the same for the same arguments on every machine.

        temperature  divides the logits; towards 0 the likeliest letter is always taken, above 1 rare ones come more often
        edits        what is changed on the way; another letter is given at its step, and what follows is written after it
        number       which of the endless lists of names; it and the name's place in the list settle all its draws, so that a
                     name does not depend on how many others are asked for

        Everything is reckoned in float64: processors differ in the last digits of a sum, and in float32 that would now and
        then tip a draw the other way; of float64's rounding a draw from 0 to 1 will not hit one in a million million.
        Draw t settles letter t, written or given: so whoever gives the start that would have come anyway gets the same name.

        The GRU: write(Seed("female", 1920, "ma"), 3) -> ["mada", "maryjoran", "margaret"]
        """
        seed = seed.checked()
        if not 0 < temperature < math.inf:
            raise ValueError(f"The temperature is a positive number, not {temperature!r}")
        names = []
        for first in range(0, count, BLOCK):
            rows = range(first, min(first + BLOCK, count))
            draws = np.stack([np.random.Generator(np.random.PCG64([number, i])).random(LONGEST) for i in rows])
            names += self._write_block(seed, draws, temperature, edits)
        return names

    @torch.inference_mode()
    def _write_block(self, seed: Seed, draws: np.ndarray, temperature: float, edits: Sequence[Edit]) -> list[str]:
        """One name for each row of draws (B, LONGEST), each 0..1."""
        given = dict(enumerate(seed.start)) | {edit.step - 2: edit.word for edit in edits if isinstance(edit, Swap)}
        exact = lambda tensor: tensor.detach().double()
        weights = [exact(weight) for weight in self.layer.all_weights[0]]
        table, readout, bias = exact(self.letters.weight), exact(self.readout.weight), exact(self.readout.bias)
        sex, decade = seed_ids(seed)
        open_rows = np.arange(len(draws))  # names that have not ended
        x = (exact(self.sexes.weight[sex]) + exact(self.decades.weight[decade])).expand(len(draws), -1)
        step = Stepper(self.kind, weights, edits, range(1, LONGEST + 1))
        state = (x.new_zeros(len(draws), self.layer.hidden_size),) * CELLS[self.kind].n_states
        written = [""] * len(draws)
        for t in range(LONGEST):
            state, _ = step(x, state, t)
            if t in given:
                chosen = np.full(len(open_rows), ALPHABET.index(given[t]))
            else:
                probs = softmax(tempered((state[0] @ readout.T + bias).numpy(), temperature))
                chosen = pick(probs, draws[open_rows, t])
            goes_on = chosen < len(ALPHABET)
            open_rows, chosen = open_rows[goes_on], chosen[goes_on]
            for row, letter in zip(open_rows, chosen, strict=True):
                written[row] += ALPHABET[letter]
            if not len(open_rows):
                break
            state = tuple(column[goes_on] for column in state)
            x = table[chosen]
        return written

    def trace(self, seed: Seed, temperature: float = 1.0, number: int = 0, edits: Sequence[Edit] = ()) -> list[Trace]:
        """The first name that `write` writes, step by step: one Trace, "forward". See trace_name. EditError for edits that it has
        no place for while it is written without them."""
        name = self.write(seed, 1, temperature, number)[0]
        if not edits:
            return self.trace_name(name, seed)
        self._swapped(name, edits)
        return self._traced(self.write(seed, 1, temperature, number, edits)[0], seed, edits)

    def _swapped(self, name: str, edits: Sequence[Edit]) -> str:
        """The name with other letters in place. EditError for edits that there is no place for."""
        check(self, edits, len(name) + 1)
        for swap in (edit for edit in edits if isinstance(edit, Swap)):
            if swap.step == 1:
                has = f"choose one from 2 to {len(name) + 1}" if name else "this name has no letters"
                raise EditError(f"{swap.words}: no letter goes in there, but the seed; {has}")
            if len(swap.word) != 1 or swap.word not in ALPHABET:
                raise EditError(f"{swap.words}: only one of the letters a to z can stand there")
            name = name[: swap.step - 2] + swap.word + name[swap.step - 1 :]
        return name

    @torch.inference_mode()
    def trace_name(self, name: str, seed: Seed, edits: Sequence[Edit] = ()) -> list[Trace]:
        """What the network does while `name` is written, from a zero state; a seed's start plays no part. One Trace, "forward".

        tokens are the seed in words and the letters, T = len + 1; logits (T, 27) are what came after each, before any
        temperature. What was written at a step is the next token, and after the last one the end mark; only a name of LONGEST
        letters was cut instead. spans are the places of the letters in the name, the seed's is (0, 0).

        "ann" from Seed("female", 1920) -> tokens ("female 1920s", "a", "n", "n")
        """
        return self._traced(self._swapped(letters(name), edits), seed.checked(), edits)

    def _traced(self, name: str, seed: Seed, edits: Sequence[Edit]) -> list[Trace]:
        x = self.inputs(torch.tensor([seed_ids(seed)]), torch.tensor([letter_ids(name)], dtype=torch.long))[0]
        states, gates = self._unrolled(x, edits)
        tokens = [Token(seed.words, 0, 0), *(Token(letter, i, i + 1) for i, letter in enumerate(name))]
        return [recorded("forward", tokens, x, states, gates, labels=self.labels, logits=self.readout(states[0]))]


def letter_ids(name) -> list[int]:
    """"abe" -> [0, 1, 4]"""
    return [ALPHABET.index(letter) for letter in name]


def seed_ids(seed: Seed) -> tuple[int, int]:
    """Rows of the two tables. Seed("male", 1880) -> (1, 1); a seed without decade -> (1, 0)"""
    return SEXES.index(seed.sex), 0 if seed.decade is None else 1 + DECADES.index(seed.decade)


def tempered(logits: np.ndarray, temperature: float) -> np.ndarray:
    """Logits (N, K) as a temperature makes them: the largest 0 and the others below, the further the colder. No size of
    temperature overflows. [1, 3], 0.5 -> [-4, 0]"""
    with np.errstate(over="ignore"):
        return (logits - logits.max(-1, keepdims=True)) / temperature


def pick(probs: np.ndarray, draws: np.ndarray) -> np.ndarray:
    """The outcome that each draw falls on, when the K probabilities (N, K) lie end to end from 0 to 1. [0.2, 0.8], 0.3 -> 1"""
    ends = probs.cumsum(-1)
    return (draws[:, None] * ends[:, -1:] >= ends).sum(-1)  # the sum of probabilities is 1 but for rounding
