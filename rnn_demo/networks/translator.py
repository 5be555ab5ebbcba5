"""The translator: an encoder reads English to its end, a decoder writes French, each subword fed back as its next input.

Translator   encoder-decoder (Sutskever 2014; Cho 2014), with attention (Luong 2015) or without; .trace(text)
Beam, Hypothesis   what its search finds

Letters in shapes: B texts, S source steps, T target steps, E numbers an embedding, H hidden units, K subwords.
"""

import sys
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import torch
from sentencepiece import SentencePieceProcessor
from torch import Tensor, nn

from rnn_demo.cells import gru_step, unroll
from rnn_demo.edits import Edit, EditError, Swap
from rnn_demo.networks.base import Network, read_without_each, recorded
from rnn_demo.networks.edited import Stepper, check
from rnn_demo.networks.subwords import SUBWORDS, cut, load_subwords, without_spaces
from rnn_demo.search import Branch
from rnn_demo.text import START, Token
from rnn_demo.trace import Trace


class Hypothesis(NamedTuple):
    """A translation, whole or so far: the numbers of its subwords, with the end mark, and the log probability of each, in nats."""

    ids: tuple[int, ...]
    logps: tuple[float, ...]

    @property
    def logp(self) -> float:
        return sum(self.logps)


class Beam(NamedTuple):
    """A search: the whole translations, best first, and what was kept after every step, which makes up the tree:
    the parent of a hypothesis is the one with its ids but the last."""

    finished: list[Hypothesis]
    kept: list[list[Hypothesis]]


class Translator(Network):
    """English to French by two GRUs. The encoder's last state, the context vector, is the decoder's first.

    "plain": that vector is all the decoder gets to know of the sentence.
    "attention": the encoder reads both ways, H/2 units each, and at every step the decoder also looks back at the encoder's
    states: h W s_j / √H says how well each fits ("general" score, Luong 2015), softmax makes weights of it, and
    the mix of states they make joins h in the readout. The readout's columns are the embeddings themselves (Press & Wolf 2017).
    """

    CELLS = ("attention", "plain")
    kind = "gru"
    title = "GRU"  # as written on a block

    def __init__(self, cell: str, subwords: SentencePieceProcessor, embedding_size: int, hidden_size: int, length_power: float):
        super().__init__()
        self.choose(cell)
        self.subwords, self.length_power = subwords, length_power
        self.attends = cell == "attention"
        self.labels = tuple(subwords.id_to_piece(i) for i in range(len(subwords)))
        self.embedding = nn.Embedding(len(subwords), embedding_size)
        self.encoder = nn.GRU(embedding_size, hidden_size // (1 + self.attends), batch_first=True, bidirectional=self.attends)
        self.decoder = nn.GRU(embedding_size, hidden_size, batch_first=True)
        if self.attends:
            self.score = nn.Linear(hidden_size, hidden_size, bias=False)
        self.mix = nn.Linear(hidden_size * (1 + self.attends), embedding_size)
        self.bias = nn.Parameter(torch.zeros(len(subwords)))
        self.dropout = nn.Dropout(0.0)

    @classmethod
    def from_header(cls, header: dict, vectors: Callable) -> "Translator":
        """A network with fresh weights, as the header of a weight file describes it. `vectors`, of whole words, are not used."""
        config = header["config"]
        return cls(header["cell"], load_subwords(SUBWORDS), config["embedding_size"], config["hidden_size"], config["length_power"])

    @property
    def layer(self) -> nn.GRU:
        """The chain that answers."""
        return self.decoder

    @property
    def parts(self) -> tuple[tuple[str, int], ...]:
        """What x is made of: (name, size) each."""
        return (("subword vector", self.embedding.embedding_dim),)

    def about(self, piece: str) -> str:
        """A remark on how a subword became numbers."""
        if piece == START:
            return "The sign to begin: a row of learnt numbers, as every subword has one."
        return (
            "A row of the table of subwords, learnt in training. English and French share the table, and the readout uses it too."
        )

    @property
    def step_weights(self) -> int:
        """How many numbers are used again at every step: those of the cells and of the readout, which are all there are."""
        return sum(p.numel() for p in self.parameters())

    def says(self, labels: Sequence[str]) -> None:
        """The readout bends what it reads (tanh): no number says what a unit adds."""

    @property
    def chain_weights(self) -> list[list[Tensor]]:
        """Those of the encoder's one chain or two, then those of the decoder."""
        return [*self.encoder.all_weights, *self.decoder.all_weights]

    def starts(self, traces: Sequence[Trace]) -> list[np.ndarray]:
        """The encoder begins at zero; the decoder with the states in which the encoder's chains ended, side by side."""
        *encoders, decoder = traces
        if not decoder.tokens:
            return super().starts(traces)
        ends = [encoder.h[row] for encoder, row in zip(encoders, (-1, 0), strict=False)]
        return [*super().starts(encoders), np.concatenate(ends)]

    def slope(self) -> np.ndarray:
        """(H, K): how a unit of the decoder near 0 changes the score of each subword, the others at 0 too."""
        mix = self.mix.weight.detach().numpy()[:, : self.decoder.hidden_size]  # (E, H)
        return (self.embedding.weight.detach().numpy() @ mix).T

    def encode(self, source: Tensor) -> tuple[Tensor, Tensor]:
        """Source ids (B, S), S > 0, to encoder states (B, S, H) and the context vector (B, H)."""
        states, last = self.encoder(self.dropout(self.embedding(source)))
        return states, last.transpose(0, 1).flatten(1)

    def attend(self, h: Tensor, states: Tensor) -> tuple[Tensor, Tensor | None]:
        """Decoder states h (B, T, H) and encoder states (B, S, H) to what the readout sees (B, T, E), and weights (B, T, S)."""
        if not self.attends:
            return torch.tanh(self.mix(h)), None
        fits = self.score(h) @ states.transpose(1, 2) / h.shape[-1] ** 0.5  # or one state would soon get all of the weight
        weights = fits.softmax(-1)
        return torch.tanh(self.mix(torch.cat([h, weights.to(h.dtype) @ states], dim=-1))), weights

    def logits(self, seen: Tensor) -> Tensor:
        """(..., E) to a score for every subword, (..., K)."""
        return nn.functional.linear(seen, self.embedding.weight, self.bias)

    def forward(self, source: Tensor, written: Tensor) -> Tensor:
        """Source ids (B, S) and what goes into the decoder (B, T) to what the readout sees (B, T, E)."""
        states, context = self.encode(source)
        h, _ = self.decoder(self.dropout(self.embedding(written)), context[None])
        return self.attend(self.dropout(h), self.dropout(states))[0]

    def ids(self, pieces: list[str]) -> list[int]:
        """The numbers of subwords; one that is not in the vocabulary raises ValueError."""
        ids = self.subwords.piece_to_id(pieces)
        for piece, i in zip(pieces, ids, strict=True):
            if self.labels[i] != piece:
                raise ValueError(f"{piece!r} is not one of the {len(self.labels)} subwords; take one from model.labels")
        return ids

    def text(self, ids: tuple[int, ...] | list[int]) -> str:
        """The text that subwords, with or without the end mark, make up."""
        return self.subwords.decode([i for i in ids if i != self.subwords.eos_id()])

    @torch.inference_mode()
    def search(self, text: str, width: int = 1, beginning: tuple[str, ...] = (), edits: Sequence[Edit] = ()) -> Beam:
        """The likeliest translations that a beam of `width` finds; width 1 is greedy. `beginning` is kept, subword for subword.

        A whole translation leaves the beam, which goes on narrower. The best has the largest log probability divided by
        length ** length_power: without that, short ones would win. One that is still not whole after 2 S + 10 steps is cut there.
        """
        source = self.ids([token.text for token in self.source(text, edits)])
        forced = self.ids(list(beginning))
        if not source:
            check(self, edits, 0)
            return Beam([Hypothesis((), ())], [])
        if edits:
            plain = self.search(text, width, beginning).finished[0]
            check(self, edits, len(source) + len(self.fed(plain)))
            chains = [states for states, _ in self.encoded(self.embedding(torch.tensor(source)), edits)]
            states, h = torch.cat(chains, dim=-1)[None], self.context(chains)[None]
        else:
            states, h = self.encode(torch.tensor([source]))
        step = self.decoding(edits, len(source))
        live, finished, kept = [Hypothesis((), ())], [], []
        for place in range(max(2 * len(source) + 10, len(forced) + 1)):
            last = torch.tensor([hypothesis.ids[-1] if place else self.subwords.bos_id() for hypothesis in live])
            (h,), _ = step(self.embedding(last), (h,), place)
            seen, _ = self.attend(h[:, None], states.expand(len(live), -1, -1))
            logp = self.logits(seen[:, 0]).log_softmax(-1)
            if place < len(forced):
                chosen = [(0, forced[place])]
            else:
                logp[:, [self.subwords.unk_id(), self.subwords.bos_id()]] = -torch.inf
                totals = logp + torch.tensor([[hypothesis.logp] for hypothesis in live])
                best = totals.flatten().topk(width - len(finished)).indices
                chosen = [divmod(i, len(self.labels)) for i in best.tolist()]
            grown = [Hypothesis((*live[b].ids, i), (*live[b].logps, logp[b, i].item())) for b, i in chosen]
            kept.append(grown)
            over = [hypothesis.ids[-1] == self.subwords.eos_id() for hypothesis in grown]
            finished += [hypothesis for hypothesis, ends in zip(grown, over, strict=True) if ends]
            live = [hypothesis for hypothesis, ends in zip(grown, over, strict=True) if not ends]
            h = h[[b for (b, _), ends in zip(chosen, over, strict=True) if not ends]]
            if not live:
                break
        return Beam(sorted(finished + live, key=self.rank, reverse=True), kept)

    def tree(self, beam: Beam) -> Branch:
        """What a search found, as a tree of subwords."""
        logps = {h.ids[: i + 1]: logp for h in beam.finished for i, logp in enumerate(h.logps)}

        def branch(ids: tuple[int, ...]) -> Branch:
            below = sorted((other for other in logps if other[:-1] == ids), key=lambda other: -logps[other])
            text = (self.labels[ids[-1]],) if ids else ()
            return Branch(text, logps.get(ids, 0.0), tuple(map(branch, below)))

        return branch(())

    def rank(self, hypothesis: Hypothesis) -> float:
        """The log probability, made comparable between translations of different lengths."""
        return hypothesis.logp / len(hypothesis.ids) ** self.length_power

    @torch.inference_mode()
    def trace(self, text: str, width: int = 1, beginning: tuple[str, ...] = (), edits: Sequence[Edit] = ()) -> list[Trace]:
        """Translate a text, and show every step of both chains. See `search` for width and beginning.

        ["encoder", "decoder"], with attention ["encoder", "backward encoder", "decoder"], all in token order. The encoder
        has no readout. The decoder's tokens are what goes in: the start mark, then every subword written; row t of its
        logits and attention is about the subword written next, so the last row about the end mark. Its spans are places in
        the translation, which is model.text(...) of the tokens. An empty text gives chains without steps.
        `best` and `probs` of such a Trace weigh all K subwords; the written ones are its tokens.

        "Go." -> tokens ("▁Go", ".") and ("<s>", "▁Va", "▁!")
        """
        return self.show(text, self.search(text, width, beginning, edits).finished[0], edits)

    @torch.inference_mode()
    def show(self, text: str, hypothesis: Hypothesis, edits: Sequence[Edit] = ()) -> list[Trace]:
        """The traces of one translation that `search` found, as `trace` returns them."""
        source = self.source(text, edits)
        x = self.embedding(torch.tensor(self.ids([token.text for token in source]), dtype=torch.long))
        traces, chains = [], []
        for name, (h, gates) in zip(("encoder", "backward encoder"), self.encoded(x, edits), strict=False):
            chains.append(h)
            traces.append(recorded(name, source, x, (h,), gates))

        fed = self.fed(hypothesis) if source else ()
        x = self.embedding(torch.tensor(fed, dtype=torch.long))
        before = (self.context(chains),) if source else ()
        (h,), gates = unroll("gru", self.decoder.all_weights[0], x, before, self.decoding(edits, len(source)))
        seen, attention = self.attend(h[None], torch.cat(chains, dim=-1)[None])
        answered = {"labels": self.labels, "logits": self.logits(seen[0])}
        looked = {} if attention is None else {"attention": attention[0]}
        decoder = recorded("decoder", self._written(fed), x, (h,), gates, **answered, **looked)
        return [*traces, decoder]

    def source(self, text: str, edits: Sequence[Edit] = ()) -> list[Token]:
        """The subwords of a text, with others in place as the edits have them: a swap's word must be one subword."""
        tokens = cut(self.subwords, text)
        for swap in (edit for edit in edits if isinstance(edit, Swap)):
            if not 1 <= swap.step <= len(tokens):
                has = f"choose one from 1 to {len(tokens)}" if tokens else "there is nothing to read"
                raise EditError(f"{swap.words}: no English subword goes in there; {has}")
            piece = next((piece for piece in (f"▁{swap.word}", swap.word) if piece in self.labels), None)
            if piece is None:
                raise EditError(f"{swap.words}: that is not one of the {len(self.labels)} subwords; choose a commoner one")
            tokens[swap.step - 1] = tokens[swap.step - 1]._replace(text=piece)
        return tokens

    def fed(self, hypothesis: Hypothesis) -> tuple[int, ...]:
        """What goes into the decoder: the sign to begin, and what was written, without the end mark."""
        last = hypothesis.ids[: -1 if hypothesis.ids[-1:] == (self.subwords.eos_id(),) else None]
        return (self.subwords.bos_id(), *last)

    def encoded(self, x: Tensor, edits: Sequence[Edit] = ()) -> list[tuple[Tensor, dict[str, Tensor]]]:
        """Inputs (S, E), or (S, B, E), to states and gates of each of the encoder's chains, in token order."""
        steps, found = range(1, len(x) + 1), []
        for chain, weights in enumerate(self.encoder.all_weights):
            turn = (lambda rows: rows.flip(0)) if chain else (lambda rows: rows)
            stepper = Stepper("gru", weights, edits, steps[:: -1 if chain else 1], chain, chain > 0) if edits else None
            (h,), gates = unroll("gru", weights, turn(x), (), stepper)
            found.append((turn(h), {letter: turn(gate) for letter, gate in gates.items()}))
        return found

    def context(self, chains: list[Tensor]) -> Tensor:
        """Each direction hands over the state it ended with: states (S, ..., H) of the encoder's chains to (..., H)."""
        return torch.cat([chain[end] for chain, end in zip(chains, (-1, 0), strict=False)], dim=-1)

    def decoding(self, edits: Sequence[Edit], first: int) -> Callable:
        """The decoder's step after `first` steps of the encoder, as cells.unroll takes it."""
        weights = self.decoder.all_weights[0]
        if not edits:
            return lambda x, state, i: gru_step(x, state, *weights)
        return Stepper("gru", weights, edits, range(first + 1, sys.maxsize), len(self.encoder.all_weights))

    def sides(self, traces: list[Trace]) -> list[np.ndarray]:
        """What goes into the encoder and into the decoder."""
        return [traces[0].x, traces[-1].x]

    def replay(self, sides: list[Tensor], at: Tensor, edits: Sequence[Edit] = ()) -> Tensor:
        source, fed = sides
        chains = [states for states, _ in self.encoded(source, edits)]
        (h,), _ = unroll("gru", self.decoder.all_weights[0], fed, (self.context(chains),), self.decoding(edits, len(source)))
        rows = torch.arange(len(at))
        seen, _ = self.attend(h[at - 1 - len(source), rows][:, None], torch.cat(chains, dim=-1).transpose(0, 1))
        return seen[:, 0]

    def without_each(self, sides: list[Tensor], step: int, places: Sequence[int], edits: Sequence[Edit] = ()) -> Tensor:
        return read_without_each(self, sides, step, places, edits)

    def formula(self, step: int, ids: list[int], sizes: list[int]) -> str:
        first = sizes[0]
        look = (
            "    weights = (states @ network.score(h) / len(h) ** 0.5).softmax(0)\n    h = torch.cat([h, weights @ states])\n"
            if self.attends
            else ""
        )
        return (
            f"    states, last = network.encoder(x[:{first}])\n"
            f"    h = network.decoder(x[{first}:], last.flatten()[None])[0][{step - 1 - first}]  # the state after step {step}\n"
            f"{look}    return network.logits(torch.tanh(network.mix(h))).log_softmax(-1)[{ids[0]}]"
        )

    def nats(self, seen: Tensor, answers: list[list[int]]) -> Tensor:
        logp = self.logits(seen).log_softmax(-1)
        return logp[torch.arange(len(answers)), [ids[0] for ids in answers]]

    def _written(self, fed: tuple[int, ...]) -> list[Token]:
        """What goes into the decoder, and where each piece stands in the written text; the start mark stands nowhere, at (0, 0)."""
        if not fed:
            return []
        found = self.subwords.decode(list(fed[1:]), return_type="offset_mapping") if fed[1:] else {"text": "", "offsets": []}
        places = [(0, 0), *without_spaces(found["text"], found["offsets"])]
        return [Token(self.labels[i], start, end) for i, (start, end) in zip(fed, places, strict=True)]
