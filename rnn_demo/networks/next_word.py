"""The language model: after every word, how likely is each word of the vocabulary to come next?

NextWord  a chain of cells over a sentence; .trace(text), and the nats of many sentences at once
END, UNKNOWN, START (text.py)   the end of the sentence and any word outside the vocabulary, as outputs; what is read first
"""

import functools
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from rnn_demo.networks.words import WordNetwork, WordReader
from rnn_demo.search import Prefix
from rnn_demo.text import END, START, UNKNOWN, Token, fold
from rnn_demo.trace import Trace

CUTOFFS = (2000, 8000)  # see Readout
BATCH = 256  # sentences that are read side by side


class Readout(nn.AdaptiveLogSoftmaxWithLoss):
    """Hidden states (..., H) to log-probabilities of K words, the most frequent first (Grave 2017).

    The most frequent 2,000 words are weighed against each other and against two groups of rarer ones; inside a group,
    words are weighed by a fourth and a sixteenth of the numbers. Nine words in ten are frequent, so that is
    several times as fast as weighing all, and as exact: the probabilities of all K words sum to 1.
    """

    def __init__(self, hidden_size: int, n_words: int):
        cutoffs = [cutoff for cutoff in CUTOFFS if cutoff < n_words] or [max(1, n_words // 2)]
        super().__init__(hidden_size, n_words, cutoffs, div_value=4.0, head_bias=True)


class NextWord(WordNetwork):
    """One output a word read: the probabilities of what comes next, an end mark and a sign for rare words among them.

    labels     K outputs, the most frequent first
    Capitals are not seen, neither in what is read nor in what is expected, and digits of expected numbers stand as 0.
    """

    CELLS = ("rnn", "gru", "lstm")
    new_readout = Readout

    def __init__(self, cell: str, labels: list[str], reader: WordReader, hidden_size: int):
        super().__init__(cell, labels, reader, hidden_size)
        self.start = nn.Parameter(torch.zeros(reader.size))  # what is read before the first word
        self.ids = {label: i for i, label in enumerate(self.labels)}
        self._adds = functools.lru_cache(2_000)(self._output_adds)  # 1 kB each; every key asks for dozens
        self.register_buffer("unigram", torch.zeros(len(labels)))  # nats: how frequent each output is in the training text

    def steps(self, text: str | list[str]) -> list[Token]:
        return [Token(START, 0, 0), *super().steps(text)]

    def inputs_of(self, tokens: list[str]) -> Tensor:
        words = self.reader([token for token in tokens if token != START])
        return torch.cat([self.start[None], words]) if tokens[:1] == [START] else words

    def about(self, word: str) -> str:
        if word == START:
            return "Nothing has been read yet: a row of learnt numbers stands for that."
        known = "" if fold(word) in self.ids else " As an output it is one of the rare words, which share one probability."
        return super().about(word) + known

    def targets(self, words: list[str]) -> list[int]:
        """The numbers of a sentence's words as outputs, and of the end mark."""
        return [self.ids.get(fold(word), self.ids[UNKNOWN]) for word in words] + [self.ids[END]]

    def states(self, sentences: list[list[str]]) -> Tensor:
        """B sentences of the same T words each, T may be 0, to hidden states (B, T + 1, H): the first before any word."""
        start = self.start.expand(len(sentences), 1, -1)
        x = torch.cat([start, self.inputs(sentences)], dim=1) if sentences[0] else start
        return self.layer(self.x_dropout(x))[0]

    def forward(self, sentences: list[list[str]]) -> Tensor:
        """The same, as the readout takes them: in training some numbers are left out."""
        return self.dropout(self.states(sentences))

    def logits(self, h: Tensor) -> Tensor:
        """Hidden states (T, H) to (T, K). They are log-probabilities already."""
        return self.readout.log_prob(h)

    def formula(self, step: int, ids: list[int], sizes: list[int]) -> str:
        return (
            f"    h = network.layer(x)[0][{step - 1}]  # the state after step {step}\n"
            f"    return network.readout.log_prob(h[None])[0, {ids[0]}]"
        )

    def nats(self, seen: Tensor, answers: list[list[int]]) -> Tensor:
        return self.readout(seen, torch.tensor([ids[0] for ids in answers])).output

    def likeliest(self, trace: Trace, count: int) -> list[list[int]]:
        """The numbers of so many outputs, the likeliest first, at each step. Of "I love to", 2 -> [[I's, you's], ...]"""
        return torch.tensor(trace.logits).topk(count).indices.tolist()

    def says(self, labels: Sequence[str]) -> np.ndarray:
        """What a unit at +1 adds to the score of each label, over what it adds to the mean of the frequent ones: (H, len(labels)).
        To a rare one it adds what it adds to its group, and what it adds to it within the group."""
        return np.stack([self._adds(self.ids[label]) for label in labels], axis=-1) - self._mean_adds[:, None]

    def _output_adds(self, k: int) -> np.ndarray:
        """What a unit at +1 adds to the score of output k, (H,)."""
        head, frequent = self.readout.head.weight.detach().numpy(), self.readout.cutoffs[0]
        if k < frequent:
            return head[k]
        group = next(i for i, end in enumerate(self.readout.cutoffs[1:]) if k < end)
        inside, outer = (layer.weight.detach().numpy() for layer in self.readout.tail[group])
        return head[frequent + group] + (outer[k - self.readout.cutoffs[group]] - outer.mean(0)) @ inside

    @functools.cached_property
    def _mean_adds(self) -> np.ndarray:
        """The same, on average over the frequent outputs and two groups of rarer ones."""
        return self.readout.head.weight.detach().numpy().mean(0)

    @torch.inference_mode()
    def word_logprobs(self, sentences: list[list[str]]) -> list[np.ndarray]:
        """What each word of many sentences, and each sentence's end, cost: (T + 1,) nats for each, at most 0, in their order."""
        found: list[np.ndarray] = [np.zeros(0)] * len(sentences)
        order = sorted(range(len(sentences)), key=lambda i: len(sentences[i]))
        for first in range(0, len(order), BATCH):
            for length in sorted({len(sentences[i]) for i in order[first : first + BATCH]}):
                rows = [i for i in order[first : first + BATCH] if len(sentences[i]) == length]
                h = self([sentences[i] for i in rows])
                targets = torch.tensor([self.targets(sentences[i]) for i in rows])
                nats = self.readout(h.flatten(0, 1), targets.flatten()).output.view(targets.shape)
                for i, row in zip(rows, nats.double().numpy(), strict=True):
                    found[i] = row
        return found

    @torch.inference_mode()
    def next_nats(self, prefixes: list[Prefix], labels: tuple[str, ...]) -> np.ndarray:
        """What may come after each of N beginnings of the same length: (N, K) nats of these K words, END may be one of them. Of
        the other words of the vocabulary nothing is reckoned, which makes it quick."""
        h = self([list(prefix) for prefix in prefixes])[:, -1]
        ids = torch.tensor([self.targets([label])[0] if label != END else self.ids[END] for label in labels])
        rows = h.repeat_interleave(len(labels), dim=0)
        return self.readout(rows, ids.repeat(len(prefixes))).output.view(len(prefixes), len(labels)).double().numpy()

    def bag_nats(self, words: list[str]) -> np.ndarray:
        """(T + 1,) nats of each word and of the end by their frequency alone: what a bag of words knows, in whatever order."""
        return self.unigram[self.targets(words)].double().numpy()
