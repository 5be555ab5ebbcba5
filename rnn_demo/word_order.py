"""Which order of some words is the likeliest? A search with any model of the next word behind it."""

import random
from collections import Counter
from collections.abc import Callable

import numpy as np

from rnn_demo.search import Branch, Prefix, beam
from rnn_demo.text import END

NextNats = Callable[[list[Prefix], tuple[str, ...]], np.ndarray]


def unscramble(next_nats: NextNats, words: list[str], width: int) -> Branch:
    """The likeliest orders of the words, all of them used, each as often as it stands there: a tree, see search.beam.

    next_nats   N beginnings of the same length and K words -> (N, K) nats, what comes next; as NextWord.next_nats
    Example: ["gym", "the", "to"] -> a tree whose likeliest leaf is ("to", "the", "gym", "</s>")
    """
    there = Counter(words)
    labels = (*sorted(there), END)

    def allowed(prefixes: list[Prefix]) -> np.ndarray:
        nats = next_nats(prefixes, labels)
        for row, prefix in zip(nats, prefixes, strict=True):
            used = Counter(prefix)
            row[[used[word] == there[word] for word in labels[:-1]] + [len(prefix) < len(words)]] = -np.inf
        return nats

    return beam(allowed, labels, END, width, len(words))


def shuffled(words: list[str], number: int) -> list[str]:
    """The words in another order, if there is another; `number` settles which. ["a", "b"], 1 -> ["b", "a"]"""
    if len(set(words)) < 2:
        return list(words)
    rng = random.Random(number)
    found = list(words)
    while found == words:
        rng.shuffle(found)
    return found
