"""The raters' data: reading the files, and the changes that make more of them.

Review   words and the stars they may get          join   several sentences -> one review          vary   one random variation
"""

import random
from pathlib import Path
from typing import NamedTuple

import numpy as np

from rnn_demo.train import turns
from rnn_demo.train.data import read_rows, words_of


class Review(NamedTuple):
    """words, and how its rating may turn out: (5,) numbers, 1 for each star that is allowed, or shares that sum to 1."""

    words: list[str]
    stars: np.ndarray


def star(label: int) -> np.ndarray:
    return np.eye(5, dtype=np.float32)[label]


def between(value: float) -> np.ndarray:
    """Shares of the two stars around a value 0..4. 3.25 -> [0, 0, 0, 0.75, 0.25]"""
    low = min(int(value), 3)
    return star(low) * (1 - value + low) + star(low + 1) * (value - low)


def read_sst(data: Path, name: str) -> list[Review]:
    return [Review(words.split(), star(int(label))) for label, words in read_rows(data / f"{name}.tsv.gz")]


def read_uci(data: Path) -> tuple[list[Review], list[Review]]:
    """Nine tenths to train on, every tenth for dev."""
    sides = np.array([[1, 1, 0, 0, 0], [0, 0, 0, 1, 1]], dtype=np.float32)
    cut = [Review(words_of(words), sides[int(label)]) for label, _, words in read_rows(data / "sentiment_uci3000.tsv.gz")]
    return [r for i, r in enumerate(cut) if i % 10], cut[::10]


def read_reviews() -> list[tuple[str, bool]]:
    """The 24 reviews of reviews.txt, each with whether it is above three stars."""
    lines = (Path(__file__).parent / "reviews.txt").read_text(encoding="utf-8").splitlines()
    return [(line[2:], line[0] == "+") for line in lines if not line.startswith("#")]


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


class TurnMaker:
    """Turns of phrase to learn, filled with the short clear phrases among the treebank's."""

    def __init__(self, phrases: list[Review]):
        self.how = turns.says_how([(review.words, int(review.stars.argmax())) for review in phrases])
        patterns = turns.read_patterns()
        self.denied = [pattern for pattern in patterns if pattern.kind == turns.DENIED]
        self.others = [pattern for pattern in patterns if pattern.kind != turns.DENIED]

    def draw(self, patterns: list[turns.Pattern], rng: random.Random) -> Review:
        """Review(["Not", "dull", "at", "all"], [0, 0, 0.1, 0.9, 0])"""
        pattern = rng.choice(patterns)
        return Review(turns.make(pattern, self.how, rng), between(pattern.stars - 1))


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
