"""What the networks that write names are asked: bits per letter beside a 5-gram model's, and what a plain classifier finds in
the names that they write.

bits_a_letter    how surprising held-out names are        letter_counts   the 5-gram model with the same conditions
Judge, Judges    logistic regression over letter n-grams   written_scores  what they find
"""

import collections
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor, nn

from rnn_demo.names import ALPHABET, END, SEXES, Seed
from rnn_demo.networks.names import NameModel
from rnn_demo.train.counts import Ngrams, events
from rnn_demo.train.name_data import Examples, Row

LABELS = (*ALPHABET, END)
# The 5-gram model's contexts, the first of which is forgotten first: the letters 4, 3, 2, 1 places back and the two conditions.
CONTEXTS = [("decade", "sex", 4, 3, 2, 1), (4, 3, 2, 1, "decade", "sex")]
ASKED = [Seed(sex, decade) for sex in SEXES for decade in (1890, 2010)]  # for the names that the classifier judges
JUDGED = 500  # names for each of them
LONG = 12  # letters
LONGEST_GRAM = 3  # letters
SELDOM = 3  # n-grams of fewer names are left out
PULL = 3e-6  # how strongly its weights are held near 0 (L2); of a few values the best on the dev names
ROUNDS = 60


def bits_a_letter(nats: list[np.ndarray], held_out: Examples) -> float:
    """What each letter and the end of each name cost, as log-probabilities, to bits per letter, each name counted once.

    "a", its letter and its end at -0.693 nats each -> 1.0
    """
    n_letters = np.array([len(letters) for letters in nats])
    total = np.array([letters.sum() for letters in nats])
    return float(-(held_out.once @ total) / (held_out.once @ n_letters) / np.log(2))


def network_bits(model: NameModel, held_out: Examples) -> float:
    return bits_a_letter(model.letter_logprobs(*map(list, zip(*held_out, strict=True))), held_out)


def conditioned(name: str, seed: Seed, places: tuple) -> Iterator[tuple[tuple, str]]:
    """The letters of a name and its end, each with a context as one of CONTEXTS orders it.

    "al", Seed("male", 1900), ("sex", 2, 1) -> (("male", "<s>"), "a"), (("male", "<s>", "a"), "l"), (("male", "a", "l"), "end")
    """
    order = 1 + max(place for place in places if isinstance(place, int))
    for before, symbol in events((*name, END), order):
        found = {"sex": seed.sex, "decade": seed.decade, **dict(enumerate(reversed(before), start=1))}
        yield tuple(found[place] for place in places if place in found), symbol


def letter_counts(rows: list[Row], dev: Examples) -> Ngrams:
    """The 5-gram letter model with the same conditions: a weighted mean of Kneser-Ney models, the weights fitted on dev names.

    Where sex and decade stand in a context says which letters are forgotten before them. No place is best for every letter, so
    models with each of CONTEXTS are mixed; and each both for names counted once, for their commoner sex in the decade of most
    births, and for names counted once in every decade in which they were given.
    """
    peaks = {row.name: Seed(row.sex, row.peak) for row in sorted(rows, key=lambda row: sum(row.births))}
    view = lambda places: lambda example: conditioned(*example, places)
    grams = Ngrams(LABELS, [(view(places), counted) for counted in (peaks.items(), Examples(rows)) for places in CONTEXTS])
    grams.weigh(list(dev), dev.once)
    return grams


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
        # Not set(...), whose order, and so the last digits of every sum, differ from process to process.
        count = collections.Counter(gram for name in sorted(spellings) for gram in dict.fromkeys(grams(name)))
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


class Judges:
    """The two classifiers, fitted on the real training names, drawn as the networks' are; each asks one thing of a name."""

    def __init__(self, train: Examples):
        self.female = Judge(train.names, train.sexes == "female", train.drawn)
        few = np.isin(train.decades, [seed.decade for seed in ASKED])
        self.late = Judge(train.names[few], train.decades[few] == ASKED[-1].decade, train.drawn[few])

    def found(self, names: dict[Seed, tuple[list[str], np.ndarray]]) -> dict[str, float]:
        """Share, 0..1, of names in which the judges find the sex and the decade that they are of. Names, with their weights, for
        each of ASKED; all of these count the same."""
        right = {"sex": [], "decade": []}
        for seed, (written, weights) in names.items():
            right["sex"].append(np.average(self.female(written) == (seed.sex == "female"), weights=weights))
            right["decade"].append(np.average(self.late(written) == (seed.decade == ASKED[-1].decade), weights=weights))
        return {what: float(np.mean(shares)) for what, shares in right.items()}


def written_scores(model: NameModel, judges: Judges, temperature: float, known: dict) -> dict:
    """What the judges find in 500 names for each of ASKED; the share of inventions, and of names over 12 letters, among them."""
    names = {seed: model.write(seed, JUDGED, temperature, number) for number, seed in enumerate(ASKED)}
    every = [name for written in names.values() for name in written]
    return judges.found({seed: (written, np.ones(len(written))) for seed, written in names.items()}) | {
        "inventions": sum(name not in known for name in every) / len(every),
        "long": sum(len(name) > LONG for name in every) / len(every),
    }
