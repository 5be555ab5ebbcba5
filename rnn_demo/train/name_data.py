"""The names that were given in the United States, and how often each is drawn.

Row        a name's births for one sex, by decade          Examples   every name, sex and decade, with what each counts
"""

import collections
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from rnn_demo.names import DECADES, SEX_LETTERS, SEXES, Seed
from rnn_demo.train.data import read_rows

BY_BIRTHS = 0.1  # of the names, drawn by births; the others as if all were equally common
EVENED_OUT = 0.25  # power


class Row(NamedTuple):
    """A line of a data file: a name's births for one sex, a number for each of DECADES. Row("mary", "female", (91668, ...))."""

    name: str
    sex: str
    births: tuple[int, ...]

    @property
    def peak(self) -> int:
        """The decade with the most births, the earliest of several."""
        return DECADES[self.births.index(max(self.births))]


def read_names(data: Path, part: str) -> list[Row]:
    """The lines of names_us_<part>.tsv.gz but its heading."""
    _, *rows = read_rows(data / f"names_us_{part}.tsv.gz")
    return [Row(name, SEX_LETTERS[sex], tuple(map(int, births))) for name, sex, _, *births in rows]


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
