"""Subwords: any text in pieces of a fixed vocabulary, frequent words whole and rare ones cut. Needs no torch.

cut          a text -> the subwords it is read in, with their places
words        subwords -> the words they make up          word_attention  the same for a decoder's attention
"""

import functools
import itertools
import unicodedata
from pathlib import Path
from typing import NamedTuple

import numpy as np
from sentencepiece import SentencePieceProcessor

from rnn_demo.text import END, START, Token
from rnn_demo.trace import Trace

SUBWORDS = Path(__file__).parents[2] / "pretrained" / "translate-subwords.model"
_QUOTES = str.maketrans("‘’ʼ“”", "'''\"\"")  # as the training sentences write them


@functools.cache
def load_subwords(path: Path) -> SentencePieceProcessor:
    """The subword model, read once and shared. A missing file raises FileNotFoundError."""
    return SentencePieceProcessor(model_proto=path.read_bytes())


def cut(subwords: SentencePieceProcessor, text: str) -> list[Token]:
    """The subwords of a text with their places. "▁" begins a word; what no subword covers is spelt in bytes of UTF-8.

    "Chirag ran" -> [("▁Chi", 0, 3), ("rag", 3, 6), ("▁ran", 7, 10)], if these are subwords
    """
    # Same length, so places stay true: whatever has no shape on the screen, and half a surrogate pair, becomes a space.
    plain = "".join(" " if unicodedata.category(c) in ("Cc", "Cs", "Zs", "Zl", "Zp") else c for c in text.translate(_QUOTES))
    found = subwords.encode(plain, return_type="offset_mapping")
    return [Token(piece, *place) for piece, place in zip(found["pieces"], without_spaces(plain, found["offsets"]), strict=True)]


def without_spaces(text: str, places: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Places without the spaces that they begin with. "a b", [(0, 1), (1, 3)] -> [(0, 1), (2, 3)]"""
    return [(end - len(text[start:end].lstrip()), end) for start, end in places]


class Word(NamedTuple):
    """A word and which subwords it is made of, end exclusive. Word("Chirag", 0, 2)."""

    text: str
    first: int
    last: int


def words(subwords: SentencePieceProcessor, pieces: tuple[str, ...]) -> list[Word]:
    """Subwords joined to words; a sign stands alone, but for apostrophes and hyphens, which stay inside their word.

    ["▁Chir", "ag", "▁ran", "."] -> [("Chirag", 0, 2), ("ran", 2, 3), (".", 3, 4)]
    """
    sign = lambda piece: len(piece) == 1 and not piece.isalnum() and piece not in "▁'-"
    alone = lambda piece: piece in (START, END) or sign(piece)
    parted = lambda left, right: right[0] == "▁" or left != "▁" and (alone(left) or alone(right))
    begins = [i for i in range(len(pieces)) if i == 0 or parted(pieces[i - 1], pieces[i])]
    found = []
    for first, last in itertools.pairwise([*begins, len(pieces)]):
        text = pieces[first] if pieces[first] in (START, END) else subwords.decode(list(pieces[first:last]))
        found.append(Word(text.strip(), first, last))
    return found


def word_attention(subwords: SentencePieceProcessor, source: Trace, decoder: Trace) -> tuple[list[Word], list[Word], np.ndarray]:
    """Which English words each French word looked at: words written (N), words read (M), weights (N, M), each row sums to 1.

    Over the subwords of a word read, weights are summed; over those of a word written, averaged. Row t of a decoder's
    attention goes with the subword written at step t, and so does Word.first; the last word is the end mark. Without attention
    all weights are 0.
    """
    written, read = words(subwords, (*decoder.tokens[1:], END)), words(subwords, source.tokens)
    if not decoder.tokens:
        return [], [], np.zeros((0, 0), dtype=np.float32)
    if decoder.attention is None:
        return written, read, np.zeros((len(written), len(read)), dtype=np.float32)
    rows = np.stack([decoder.attention[word.first : word.last].mean(0) for word in written])
    return written, read, np.stack([rows[:, word.first : word.last].sum(1) for word in read], axis=1)
