"""The same words in another order, and as a text again.

unscramble   which order is the likeliest? A search with any model of the next word behind it
another_order  some other order      written  words -> a text that is read as just these words
"""

import itertools
import random
from collections import Counter
from collections.abc import Callable

import numpy as np

from rnn_demo.search import Branch, Prefix, beam
from rnn_demo.text import END, tokenize

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


def groups(words: list[str]) -> list[tuple[str, ...]]:
    """Words in groups that no order may part: an initial, or a "No.", is one only before what follows it.

    ["John", "F.", "Kennedy", "sings"] -> [("John",), ("F.", "Kennedy"), ("sings",)]
    """
    found: list[tuple[str, ...]] = []
    open_group: tuple[str, ...] = ()
    for word in words:
        open_group += (word,)
        if [token.text for token in tokenize(word)] == [word]:
            found.append(open_group)
            open_group = ()
    return [*found, open_group] if open_group else found


def another_order(words: list[str], mark: list[str], number: int) -> str:
    """The words in another order, and the final mark behind them, as a text; "" if there is none. `number` settles which.

    ["Go", "home"], ["."], 1 -> "home Go."
    """
    parts = groups(words)
    if len({tuple(word.lower() for word in part) for part in parts}) < 2:
        return ""
    for attempt in range(number, number + 50):
        order = [word for part in shuffled(parts, attempt) for word in part]
        if [word.lower() for word in order] != [word.lower() for word in words]:
            try:
                return written([*order, *mark])
            except ValueError:
                continue
    return ""


CLITICS = ("n't", "'s", "'m", "'d", "'re", "'ve", "'ll")


def joins(left: str, right: str) -> bool:
    """Whether no space is written between two words: before a clitic or a closing sign, after an opening bracket."""
    clitic = right.lower() in CLITICS and left[-1].isalnum()
    return clitic or right[0] in ".,;:!?)]}…%" or left in ("(", "[", "{", "$", "£", "€", "#")


def written(words: list[str]) -> str:
    """Words as a text that is read as just these words. ["do", "n't", "go", "."] -> "don't go."

    Where two would run into one, as two full stops, a space parts them. ValueError if there is no such text.
    """
    gaps = ["", *("" if joins(*pair) else " " for pair in itertools.pairwise(words))][: len(words)]
    while True:
        text = "".join(gap + word for gap, word in zip(gaps, words, strict=True))
        found = [token.text for token in tokenize(text)]
        if found == words:
            return text
        wrong = next((i for i, (a, b) in enumerate(zip(found, words, strict=False)) if a != b), len(words) - 1)
        joined = [i for i in (*range(wrong + 1, len(words)), wrong) if i > 0 and not gaps[i]]
        if not joined:
            raise ValueError(f"No text is read as {' '.join(words)}")
        gaps[joined[0]] = " "


def replaced(text: str, start: int, end: int, word: str) -> str:
    """A text with another word from start to end, end exclusive, or, where these are the same, with one word more. Spaces keep it
    apart from its neighbours where it would become one with them.

    "don't go", 2, 5, "really" -> "do really go"
    """
    before, after = text[:start], text[end:]
    wanted = [token.text for part in (before, word, after) for token in tokenize(part)]
    last = next(reversed(tokenize(before)), None)
    gaps = ("", " ") if start < end or last is None or joins(last.text, word) else (" ", "")
    for left, right in itertools.product(gaps, ("", " ")):
        found = before + left + word + right + after
        if [token.text for token in tokenize(found)] == wanted:
            return found
    return f"{before} {word} {after}"
