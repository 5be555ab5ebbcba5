"""A plain classifier that judges names by their letters: logistic regression over letter n-grams."""

import collections

import numpy as np
import torch
from torch import Tensor, nn

LONGEST_GRAM = 3  # letters
SELDOM = 3  # n-grams of fewer names are left out
PULL = 3e-6  # how strongly its weights are held near 0 (L2); of a few values the best on the dev names
ROUNDS = 60


def grams(name: str) -> list[str]:
    """All pieces of up to three letters, the ends of the name marked. "a" -> ["^", "a", "$", "^a", "a$", "^a$"]"""
    marked = f"^{name}$"
    return [marked[i : i + n] for n in range(1, LONGEST_GRAM + 1) for i in range(len(marked) - n + 1)]


class Judge:
    """Tells two kinds of names apart. Judge(["ann", "bob"], [True, False], [1.0, 1.0])(["ann"]) -> [True]

    names, kinds, weights   N examples; a name may stand there several times, and as both kinds. The kinds weigh the same in all.
    """

    def __init__(self, names: list[str], kinds: np.ndarray, weights: np.ndarray):
        total = collections.Counter()
        for name, kind, weight in zip(names, kinds, weights, strict=True):
            total[name, bool(kind)] += weight
        spellings = {name for name, _ in total}
        count = collections.Counter(gram for name in sorted(spellings) for gram in set(grams(name)))
        self.place = {gram: i for i, gram in enumerate((g for g, n in count.items() if n >= SELDOM), start=1)}
        self.scores = torch.zeros(1 + len(self.place), requires_grad=True)  # the first counts for every name

        target = torch.tensor([float(kind) for _, kind in total])
        share = torch.tensor(list(total.values()), dtype=torch.float32)
        for kind in (0, 1):
            share[target == kind] /= 2 * share[target == kind].sum()
        owner, ids = self._grams([name for name, _ in total])
        optimizer = torch.optim.LBFGS([self.scores], max_iter=ROUNDS, line_search_fn="strong_wolfe")

        def loss() -> Tensor:
            optimizer.zero_grad()
            logits = torch.zeros(len(total)).index_add(0, owner, self.scores[ids])
            nats = nn.functional.binary_cross_entropy_with_logits(logits, target, share, reduction="sum")
            nats = nats + PULL * (self.scores**2).sum()
            nats.backward()
            return nats

        optimizer.step(loss)

    def _grams(self, names: list[str]) -> tuple[Tensor, Tensor]:
        """Every n-gram of every name: the place of the name in the list, and the number of the n-gram."""
        found = [[0, *(self.place[gram] for gram in grams(name) if gram in self.place)] for name in names]
        owner = [i for i, ids in enumerate(found) for _ in ids]
        return torch.tensor(owner), torch.tensor([i for ids in found for i in ids])

    def __call__(self, names: list[str]) -> np.ndarray:
        """(N,) booleans: which names are rather of the second kind."""
        owner, ids = self._grams(names)
        return (torch.zeros(len(names)).index_add(0, owner, self.scores.detach()[ids]) > 0).numpy()
