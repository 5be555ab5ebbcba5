"""What the language models are asked: perplexity, grammar pairs, scrambled sentences; and the n-gram model that they must beat."""

import collections
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from rnn_demo.search import Prefix, leaves
from rnn_demo.text import END, UNKNOWN, fold
from rnn_demo.train.counts import START, Context, Ngrams, events
from rnn_demo.train.data import read_rows, words_of
from rnn_demo.word_order import NextNats, unscramble

ORDER = 5  # of the n-gram model: a word and the four before it
WIDTH = 40  # of the search for the likeliest order
WORDS = (3, 7)  # in a sentence that is scrambled

Nats = Callable[[list[list[str]]], list[np.ndarray]]  # sentences -> what each word and the end cost, as NextWord.word_logprobs


def perplexity(nats: list[np.ndarray]) -> float:
    """How many equally likely words it would take to be as unsure: e to the mean nats a word, the ends counted as words.

    [[-0.693], [-0.693, -0.693]] -> 2.0
    """
    return math.exp(-np.concatenate(nats).mean())


class WordCounts:
    """The n-gram model, asked as the networks are, with their outputs; what is not among them counts as UNKNOWN."""

    def __init__(self, labels: list[str], sentences: list[list[str]]):
        self.known = {label: label for label in labels}
        self.grams = Ngrams(labels, [(self.events, sentences)])

    def events(self, words: list[str]) -> Iterator[tuple[Context, str]]:
        return events([*self.outputs(words), END], ORDER)

    def outputs(self, words: list[str]) -> list[str]:
        return [self.known.get(fold(word), UNKNOWN) for word in words]

    def word_logprobs(self, sentences: list[list[str]]) -> list[np.ndarray]:
        """As NextWord.word_logprobs."""
        return self.grams.nats(sentences)

    def next_nats(self, prefixes: list[Prefix], labels: tuple[str, ...]) -> np.ndarray:
        """As NextWord.next_nats."""
        wanted = [label if label == END else self.known.get(fold(label), UNKNOWN) for label in labels]
        contexts = [(START, *self.outputs(list(prefix)))[-(ORDER - 1) :] for prefix in prefixes]
        return np.array([[self.grams.logprob(word, [context]) for word in wanted] for context in contexts])


class Pair(NamedTuple):
    """A right and a wrong sentence that differ little, and what they are about. Pair("morphology", ["Katherine", ...], [...])"""

    field: str
    good: list[str]
    bad: list[str]


def read_pairs(data: Path) -> list[Pair]:
    """BLiMP's pairs (Warstadt et al. 2020): field, phenomenon, type, good sentence and bad sentence a line."""
    rows = read_rows(data / "grammar_blimp_pairs.tsv.gz")
    return [Pair(field.replace("_", "/"), words_of(good), words_of(bad)) for field, _, _, good, bad in rows]


def grammar(nats: Nats, pairs: list[Pair]) -> dict[str, float]:
    """Share of pairs, 0..1, whose good sentence is the likelier one, of all and by field; a tie is wrong. {"all": 0.6, ...}"""
    totals = np.array([row.sum() for row in nats([words for pair in pairs for words in (pair.good, pair.bad)])])
    right = totals[::2] > totals[1::2]
    fields = collections.defaultdict(list)
    for pair, answer in zip(pairs, right, strict=True):
        fields[pair.field].append(answer)
    return {"all": float(right.mean()), **{field: float(np.mean(answers)) for field, answers in sorted(fields.items())}}


def unknown_share(pairs: list[Pair], labels: list[str]) -> float:
    """Share of pairs, 0..1, in which some word is no output of its own."""
    known = set(labels)
    return float(np.mean([any(fold(word) not in known for word in {*pair.good, *pair.bad}) for pair in pairs]))


def to_scramble(sentences: list[list[str]]) -> list[list[str]]:
    """The sentences of three to seven words, in lower case and without their final mark, so that neither gives the order away.
    A word is a token: "don't" counts two. ["Go", "to", "bed", "."] -> ["go", "to", "bed"]"""
    plain = [[word.lower() for word in without_stop(words)] for words in sentences]
    return [words for words in plain if WORDS[0] <= len(words) <= WORDS[1]]


def without_stop(words: list[str]) -> list[str]:
    """["Go", "."] -> ["Go"]"""
    return words[:-1] if len(words) > 1 and words[-1] in ".!?" else words


def unscrambled(next_nats: NextNats, sentences: list[list[str]]) -> float:
    """Share of the sentences, 0..1, whose exact order is the likeliest one that a search finds. The search is told which words
    there are and nothing else."""
    found = 0
    for words in sentences:
        best, _ = max(leaves(unscramble(next_nats, words, WIDTH)), key=lambda leaf: leaf[1])
        found += list(best[:-1]) == words
    return found / len(sentences)
