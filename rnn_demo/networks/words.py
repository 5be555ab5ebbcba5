"""The networks: how words become numbers, and what is read off the hidden state.

WordReader   words -> inputs x: word vector, letters, capitals
WordNetwork  a chain of cells, or two, over words; .trace(text)
Tagger       a sentence -> one BIO2 label a token
Rater        a review -> one rating in the end
"""

import functools
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from rnn_demo import text as txt
from rnn_demo.cells import CELLS, CHAINS, unroll
from rnn_demo.edits import Edit
from rnn_demo.networks.base import Network, Past, recorded
from rnn_demo.networks.edited import Stepper
from rnn_demo.networks.vectors import VectorTable
from rnn_demo.trace import Trace, softmax

PACE = 2  # vectors move so many times faster than the other weights: most words are seldom seen


class Known(NamedTuple):
    """What is looked up of a word: its places in the tables (-1 or 0 where it has none), its letters, how it is capitalised."""

    row: int
    extra: int
    moved: int
    cased: int
    own: int
    letters: list[int]
    pattern: int


class WordReader(nn.Module):
    """Words to inputs, each by itself: [word vector | letters | capitals], E = 100 + n_filters + 7.

    The word vector comes from the shared table, which stays as it is. Frequent words that the table lacks ("a", "n't")
    have trained vectors of their own; every other word gets the one vector that stands for "unknown", so that its
    letters must speak for it. A task may move the vectors of the words that it knows best (moved_words): good and bad lie
    close together in the table, and far apart in a review. The letters go through a convolution three letters wide, of which
    each filter's largest answer is kept (Ma & Hovy 2016). Capitals are one 1 among 7 zeros, see text.PATTERNS; a reader
    that is blind to them has no such part, and reads every word in lower case.

    Where a task asks for it, a word has up to three vectors: the table's, one that sees capitals ("Apple" and "apple" apart),
    from a second table, and a small learnt one if it is one of the `own` most frequent words. Then `mixed` numbers take their
    place in x, E = mixed + n_filters + 7: a layer with a ReLU weighs the vectors, letters and capitals together, because what a
    capital means depends on the word that has it.
    """

    def __init__(
        self,
        table: VectorTable,
        extra_words: list[str],
        char_size: int,
        n_filters: int,
        moved_words: Sequence[str] = (),
        capitals: bool = True,
        own: tuple[int, int] = (0, 0),
        cased: bool = False,
        mixed: int = 0,
    ):
        super().__init__()
        self.table, self.capitals = table, capitals
        self.moved_id = {word: i for i, word in enumerate(moved_words, start=1)}
        if moved_words:
            self.moved = nn.Embedding(len(moved_words) + 1, table.size, padding_idx=0)
            nn.init.zeros_(self.moved.weight)
        self.extra_id = {word: i for i, word in enumerate(extra_words, start=1)}
        self.extra = nn.Embedding(len(extra_words) + 1, table.size)
        self.chars = nn.Embedding(txt.N_CHARS, char_size, padding_idx=0)
        self.filters = nn.Conv1d(char_size, n_filters, kernel_size=3, padding=1)
        self.cased = table.cased() if cased else None
        self.n_own, own_size = own
        if self.n_own:
            self.own = nn.Embedding(self.n_own + 1, own_size, padding_idx=0)
            nn.init.zeros_(self.own.weight)
        written = n_filters + len(txt.PATTERNS) * capitals
        vectors = table.size + (self.cased.size if cased else 0) + own_size
        self.mix = nn.Linear(vectors + written, mixed) if mixed else None
        self.parts = (("word vector", mixed or vectors), ("letters", n_filters), ("capitals", len(txt.PATTERNS)))[: 2 + capitals]
        self.size = sum(size for _, size in self.parts)
        # A text has few words and a training few kinds of them: what is looked up of each is kept for a while.
        self._known = functools.lru_cache(50_000)(self._look_up)
        self.unknown_rate = 0.0  # share of words whose vector is hidden in training, so that letters are learnt
        self.unmoved_rate = 0.0  # share of words whose vector stays where it was, so that those which never move are read as well
        self.typo_rate = 0.0  # share of letters that are blotted in training

    @classmethod
    def from_header(cls, header: dict, table: VectorTable) -> "WordReader":
        config = header["config"]
        names = ("capitals", "own", "cased", "mixed")  # what an older file does not say stays as it was then
        options = {name: config[name] for name in names if name in config}
        moved = header.get("moved_words", ())
        return cls(table, header["extra_words"], config["char_size"], config["n_filters"], moved, **options)

    def has_own_vector(self, word: str) -> bool:
        """Whether a word that the table lacks is frequent enough to have learnt a vector of its own, as "n't" has."""
        return self.table.row(word) < 0 and txt.fold(word) in self.extra_id

    def _look_up(self, word: str) -> Known:
        row, folded = self.table.row(word), txt.fold(word)
        return Known(
            row,
            self.extra_id.get(folded, 0),
            self.moved_id.get(folded, 0),
            self.cased.row(word) if self.cased else -1,
            row + 1 if row < self.n_own else 0,
            txt.letters(word),
            txt.pattern(word),
        )

    def forward(self, words: list[str]) -> Tensor:
        """N words to x (N, E)."""
        if not self.capitals:
            words = [word.lower() for word in words]
        known = Known(*zip(*map(self._known, words), strict=True)) if words else Known(*[()] * 7)
        rows, extra, moved, cased, own = (np.array(part, dtype=np.int64) for part in known[:5])
        if self.training:
            hidden = torch.rand(len(words)).numpy() < self.unknown_rate
            rows[hidden], extra[hidden], moved[hidden], own[hidden] = -1, 0, 0, 0
            if self.cased:  # mostly where the other is hidden too: what one table lacks the other often lacks
                cased[(hidden & (torch.rand(len(words)).numpy() < 0.7)) | (torch.rand(len(words)).numpy() < 0.06)] = -1
            moved[torch.rand(len(words)).numpy() < self.unmoved_rate] = 0
        vectors = torch.from_numpy(self.table.vectors(rows))
        vectors = torch.where(torch.from_numpy(rows < 0)[:, None], self.extra(torch.from_numpy(extra)), vectors)
        if self.moved_id:
            vectors = vectors + PACE * self.moved(torch.from_numpy(moved))

        spelled = known.letters
        width = max(map(len, spelled), default=1)
        ids = torch.tensor([s + [0] * (width - len(s)) for s in spelled], dtype=torch.long).view(len(words), width)
        if self.training:
            ids = torch.where((torch.rand(ids.shape) < self.typo_rate) & (ids > 0), 1, ids)
        seen = self.filters(self.chars(ids).transpose(1, 2))  # (N, n_filters, width)
        seen = seen.masked_fill((ids == 0)[:, None], -torch.inf).amax(-1).relu()

        meaning, written = [vectors], [seen]
        if self.cased:
            meaning.append(torch.from_numpy(self.cased.vectors(cased)))
        if self.n_own:
            meaning.append(self.own(torch.from_numpy(own)))
        if self.capitals:
            patterns = torch.tensor(known.pattern, dtype=torch.long)
            written.append(nn.functional.one_hot(patterns, len(txt.PATTERNS)).float())
        if self.mix:
            meaning = [self.mix(torch.cat(meaning + written, dim=-1)).relu()]
        return torch.cat(meaning + written, dim=-1)


class WordNetwork(Network):
    """A chain of cells that reads words, from left to right or both ways; what it answers differs in the subclasses.

    cell       a key of cells.CHAINS      labels  K names, of the columns of logits
    hidden_size  H, for each direction
    """

    CELLS = tuple(CHAINS)

    def __init__(self, cell: str, labels: list[str], reader: WordReader, hidden_size: int):
        super().__init__()
        self.choose(cell)
        self.labels, self.reader = tuple(labels), reader
        _, self.kind, self.both_ways = CHAINS[cell]
        self._remark = functools.lru_cache(20_000)(self._look_around)  # at every key all words of the text are asked for
        self.layer = CELLS[self.kind].layer(reader.size, hidden_size, bidirectional=self.both_ways, batch_first=True)
        self.readout = self.new_readout(hidden_size * (1 + self.both_ways), len(labels))
        self.x_dropout, self.dropout = nn.Dropout(0.0), nn.Dropout(0.0)  # of what goes in, and of what is read out

    new_readout = nn.Linear  # (numbers it reads, numbers it gives) -> what turns hidden states into logits

    @classmethod
    def from_header(cls, header: dict, vectors: Callable[[], VectorTable]) -> "WordNetwork":
        """A network with fresh weights, as the header of a weight file describes it."""
        reader = WordReader.from_header(header, vectors())
        return cls(header["cell"], header["labels"], reader, header["config"]["hidden_size"])

    def inputs(self, sentences: list[list[str]]) -> Tensor:
        """B sentences of the same T words each, to x (B, T, E)."""
        place = {word: i for i, word in enumerate(dict.fromkeys(word for words in sentences for word in words))}
        ids = torch.tensor([[place[word] for word in words] for words in sentences])
        return nn.functional.embedding(ids, self.reader(list(place)))  # plain indexing is ten times slower to train through

    def steps(self, text: str | list[str]) -> list[txt.Token]:
        """What the chain reads of a text, a token a step. TypeError for anything but a text or a list of words."""
        return _tokens(text)

    def inputs_of(self, tokens: list[str]) -> Tensor:
        """What goes in at each step, (T, E)."""
        return self.reader(tokens)

    @property
    def parts(self) -> tuple[tuple[str, int], ...]:
        """What x is made of: (name, size) each."""
        return self.reader.parts

    def about(self, word: str) -> str:
        """A remark on how a word became numbers."""
        return self._remark(word)

    def _look_around(self, word: str) -> str:
        near = self.reader.table.nearest(word)
        if near:
            moved = " Training has moved its vector." if txt.fold(word) in self.reader.moved_id else ""
            return f"Nearest words in the vector table: {', '.join(near)}.{moved}"
        if self.reader.has_own_vector(word):
            return "Not in the vector table, but frequent: it learnt a vector of its own in training."
        return "Not in the vector table: the network has only its letters and capitals to go by."

    def trace(self, text: str | list[str], edits: Sequence[Edit] = ()) -> list[Trace]:
        """Read a text, or one that is already cut into tokens, from a zero state; any length, an empty one too.

        Causal cells return one Trace, "forward". The bidirectional one returns ["forward", "backward"], both in
        token order; the joint logits, which rest on both chains, stand in the first, so [0] has the labels of any
        cell. Given tokens, spans are places in the tokens joined by single spaces. TypeError for anything else.

        With edits (see edits.py) the chain is changed on its way; an arrow that is cut is cut in both chains, and a gate or unit
        is held in both at the same words. EditError for one that there is no place for.

        A Tagger reads "Chirag worked at Microsoft in India" -> [Trace] with best B-PER O O B-ORG O B-LOC.
        """
        return self.resumed(self.swapped(text, edits), None, edits)

    @torch.inference_mode()
    def read(self, tokens: list[txt.Token], past: Past = (), edits: Sequence[Edit] = ()) -> list[Trace]:
        """The traces of these tokens; `past` are those of the first of them, if they have been read already. The forward chain
        then goes on from there; a backward one, which begins at the end, is read anew."""
        shared = len(past[0].tokens) if past else 0
        rest = tokens[shared:]
        x = self.inputs_of([token.text for token in rest])
        before = tuple(torch.tensor(array[-1]) for array in (past[0].h, past[0].c) if array is not None) if past else ()
        steps = range(1, len(tokens) + 1)
        states, gates = unroll(self.kind, self.layer.all_weights[0], x, before, self._stepper(edits, steps[shared:]))
        if not self.both_ways:
            forward = recorded("forward", rest, x, states, gates, labels=self.labels, logits=self.logits(states[0]))
            return [past[0].then(forward) if past else forward]
        forward = recorded("forward", rest, x, states, gates)
        forward = replace(past[0], logits=None).then(forward) if past else forward
        x = torch.tensor(forward.x)
        states, gates = unroll(self.kind, self.layer.all_weights[1], x.flip(0), (), self._stepper(edits, steps[::-1], 1))
        back = {letter: gate.flip(0) for letter, gate in gates.items()}
        backward = recorded("backward", tokens, x, tuple(s.flip(0) for s in states), back, labels=self.labels)
        logits = self.joint_logits(forward, backward, past[0].logits if past else None, edits)
        return [replace(forward, labels=self.labels, logits=logits.numpy()), backward]

    def _stepper(self, edits: Sequence[Edit], at: Sequence, chain: int = 0) -> Stepper | None:
        """The step of a chain with edits; None, which is the cell's own, without any."""
        return Stepper(self.kind, self.layer.all_weights[chain], edits, at, chain, chain > 0) if edits else None

    def replay(self, sides: list[Tensor], at: Tensor, edits: Sequence[Edit] = ()) -> Tensor:
        if not self.both_ways:
            return super().replay(sides, at, edits)
        (xs,) = sides
        forward = self.last_states(xs, at, range(1, len(xs) + 1), edits)
        return torch.cat([forward, self.read_back(xs, at, edits)], dim=-1)

    def read_back(self, xs: Tensor, at: Tensor, edits: Sequence[Edit] = ()) -> Tensor:
        """What the second chain leaves (B, H) of B copies of a text, xs (T, B, E), for the answer of each at its step, at (B,)."""
        steps = len(xs)
        ends, last = self.way_back(at, steps)
        back = ends - torch.arange(steps)[:, None]  # (T, B): which step it reads in each round; those below 1 are never looked at
        read = xs[(back - 1).clamp(min=0), torch.arange(len(at))]
        return self.last_states(read, ends - last + 1, list(back), edits, 1)

    def without_each(self, sides: list[Tensor], step: int, places: Sequence[int], edits: Sequence[Edit] = ()) -> Tensor:
        if not self.both_ways:
            return super().without_each(sides, step, places, edits)
        (xs,) = sides
        end, last = map(int, self.way_back(torch.tensor(step), len(xs)))
        ahead, back = range(step), range(end - 1, last - 2, -1)  # the words of each chain, in the order in which it reads them
        sides = []  # of each chain; without a word that it does not read it is as it was
        for chain, words in enumerate((ahead, back)):
            gone = sorted(words.index(place) for place in places if place in words)
            h = self.parted(xs[list(words)], gone, [word + 1 for word in words], edits, chain)
            rows = {words[i]: row for row, i in enumerate(gone)}
            sides.append(h[[rows.get(place, len(gone)) for place in places] + [len(gone)]])
        return torch.cat(sides, dim=-1)

    def way_back(self, at: Tensor, steps: int) -> tuple[Tensor, Tensor]:
        """From which step to which the second chain reads for the answers at these steps: from the text's end to the same step."""
        return torch.full_like(at, steps), at

    def rests_on(self, step: int, steps: int) -> int:
        return int(self.way_back(torch.tensor(step), steps)[0]) if self.both_ways else step

    def logits(self, h: Tensor) -> Tensor:
        """Hidden states of a single chain (T, H) to (T, K)."""
        return self.readout(h)


class Tagger(WordNetwork):
    """Many-to-many: after every token, the hidden state alone gives that token's label, one of K BIO2 tags."""

    def states(self, sentences: list[list[str]]) -> Tensor:
        """B sentences of the same T words each, to hidden states (B, T, H), those of both directions side by side."""
        return self.layer(self.x_dropout(self.inputs(sentences)))[0]

    def forward(self, sentences: list[list[str]]) -> Tensor:
        """B sentences of the same T words each, to logits (B, T, K)."""
        return self.readout(self.dropout(self.states(sentences)))

    def joint_logits(self, forward: Trace, backward: Trace, known: np.ndarray | None, edits: Sequence[Edit]) -> Tensor:
        """The hidden states of both directions, (T, H) each, to (T, K)."""
        return self.readout(torch.from_numpy(np.concatenate([forward.h, backward.h], axis=-1)))


class Rater(WordNetwork):
    """Many-to-one: the whole review is read before the state that is left gives one rating, of K stars."""

    def forward(self, sentences: list[list[str]]) -> Tensor:
        """B sentences of any number of words, none empty, to logits (B, K)."""
        return self.readout(self.dropout(self.states(sentences)[-1]))

    def states(self, sentences: list[list[str]]) -> tuple[Tensor, Tensor, Tensor]:
        """B sentences of any number of words, none empty, to h (B, T, H), how many of its steps are real (B,), and the last states
        (B, H), which are what the answer is read off; 2H where a second chain reads as well."""
        lengths = torch.tensor([len(words) for words in sentences])
        padded = [words + [words[0]] * (int(lengths.max()) - len(words)) for words in sentences]
        x = self.x_dropout(self.inputs(padded))
        if not self.both_ways:  # what is read after the end of a shorter text changes nothing before it
            h, _ = self.layer(x)
            return h, lengths, h[torch.arange(len(h)), lengths - 1]
        states, last = self.layer(nn.utils.rnn.pack_padded_sequence(x, lengths, True, enforce_sorted=False))
        h, _ = nn.utils.rnn.pad_packed_sequence(states, batch_first=True)
        last = last[0] if isinstance(last, tuple) else last  # (2 directions, B, H)
        return h, lengths, torch.cat(tuple(last), dim=-1)

    def before(self) -> np.ndarray:
        """(K,) probabilities before anything has been read: what the zero state gives, to which the readout adds its bias only."""
        return softmax(self.readout.bias.numpy())

    def way_back(self, at: Tensor, steps: int) -> tuple[Tensor, Tensor]:
        """As if the review stopped at the step of the answer: from there to the first word."""
        return at, torch.ones_like(at)

    def formula(self, step: int, ids: list[int], sizes: list[int]) -> str:
        if not self.both_ways:
            return super().formula(step, ids, sizes)
        hidden = self.layer.hidden_size
        return (
            f"    h = network.layer(x[:{step}])[0]  # as if the review stopped here; each chain's last state is read\n"
            f"    h = torch.cat([h[-1, :{hidden}], h[0, {hidden}:]])\n"
            f"    return network.readout(h).log_softmax(-1)[{ids}].logsumexp(-1)"
        )

    def joint_logits(self, forward: Trace, backward: Trace, known: np.ndarray | None, edits: Sequence[Edit]) -> Tensor:
        """(T, K): row t is the answer if the review stopped after token t, where the second chain would then begin; `known` are
        the first rows, if they have been reckoned before."""
        first = 0 if known is None else len(known)
        x, h = torch.tensor(forward.x), torch.tensor(forward.h[first:])
        if edits:
            at = torch.arange(first + 1, len(x) + 1)
            ends = self.read_back(x[:, None].expand(-1, len(at), -1), at, edits)
        else:
            ends = ends_of_beginnings(self.kind, self.layer.all_weights[1], x, first)
        new = self.readout(torch.cat([h, ends], dim=-1))
        return new if known is None else torch.cat([torch.tensor(known), new])


def ends_of_beginnings(kind: str, weights: list[Tensor], x: Tensor, first: int) -> Tensor:
    """Read every beginning x[: t + 1] of x (T, E) from its end to x[0]; the last states h, for t = first..T-1: (T - first, H).

    All beginnings side by side: in round k the one that ends at t reads x[t - k]; the shorter ones are done by then.
    """
    steps, hidden = len(x), weights[1].shape[1]
    states = (x.new_zeros(steps - first, hidden),) * CELLS[kind].n_states
    for k in range(steps):
        t = max(k, first)
        done = t - first
        new, _ = CELLS[kind].step(x[t - k : steps - k], tuple(s[done:] for s in states), *weights)
        states = tuple(torch.cat([s[:done], n]) for s, n in zip(states, new, strict=True))
    return states[0]


def _tokens(text: str | list[str]) -> list[txt.Token]:
    if isinstance(text, str):
        return txt.tokenize(text)
    tokens, start = [], 0
    for word in text:
        if not isinstance(word, str) or not word:
            raise TypeError(f"trace() takes a text or a list of words that are not empty; one of them is {word!r}")
        tokens.append(txt.Token(word, start, start + len(word)))
        start += len(word) + 1
    return tokens
