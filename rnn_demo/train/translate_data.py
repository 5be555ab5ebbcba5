"""The translator's data: reading the pairs, the subwords they are written with, and the changes that make more of them.

read_pairs    a file of English and French sentences       references  all French answers to each English sentence
fit_subwords  the pieces that words are cut into            vary        one random variation: other names, no capitals, no stop
"""

import bisect
import io
import random
import re
from pathlib import Path

import numpy as np
import sentencepiece

from rnn_demo.train.data import read_rows

Pair = tuple[str, str]  # English, French

# The people and places of the sentences. One that stands on both sides is the same word there, so another can take its place.
WOMEN = ("Mary", "Alice", "Jane", "Emily", "Lucy", "Nancy", "Anna", "Linda", "Betty", "Susan", "Kate", "Laurie", "Judy")
MEN = ("Tom", "John", "Jim", "Bob", "Ken", "Mike", "George", "Jack", "Bill", "Fred", "Paul", "Dan", "Tony", "Ted")
CITIES = ("Boston", "Tokyo", "Paris", "Berlin", "Kyoto", "Osaka", "Chicago", "Rome", "Madrid", "Oslo")
SWAP, LOWER, NO_STOP = 0.3, 0.1, 0.1  # how often names change, capitals go, the final sign goes
_NAMES = re.compile(rf"\b(?:{'|'.join((*WOMEN, *MEN, *CITIES))})\b")


def read_pairs(data: Path, part: str) -> list[Pair]:
    """Pairs of mt_enfr_<part>.tsv.gz: English, a tab and French a line. [("Go.", "Va !"), ...]"""
    return [(english, french) for english, french in read_rows(data / f"mt_enfr_{part}.tsv.gz")]


def references(pairs: list[Pair]) -> dict[str, list[str]]:
    """Every English sentence with all its French answers. [("Go.", "Va !"), ("Go.", "Allez !")] -> {"Go.": ["Va !", "Allez !"]}"""
    found: dict[str, list[str]] = {}
    for english, french in pairs:
        found.setdefault(english, []).append(french)
    return found


def join(pairs: list[Pair]) -> Pair:
    """Several pairs as one longer one. [("Go.", "Va !"), ("Run.", "Cours !")] -> ("Go. Run.", "Va ! Cours !")"""
    english, french = zip(*pairs, strict=True)
    return " ".join(english), " ".join(french)


def fit_subwords(pairs: list[Pair], size: int, path: Path) -> None:
    """Write the model of `size` pieces, for both languages together, so that a name is cut the same way on both sides.

    A unigram model (Kudo 2018): the pieces that make the training text likeliest. Signs stand alone, apostrophes do not
    ("c'est" may be one piece), digits come one by one, and what no piece covers is spelt in bytes, so nothing is unknown.
    """
    written = io.BytesIO()
    texts = (text for english, french in pairs for text in (english, english.lower(), french))
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=(re.sub(r"( ?[^\w\s'’-])", "\t\\1\t", text) for text in texts),
        pretokenization_delimiter="\t",
        model_writer=written,
        vocab_size=size,
        model_type="unigram",
        byte_fallback=True,
        character_coverage=0.99995,
        normalization_rule_name="identity",
        split_by_unicode_script=False,
        split_digits=True,
        num_threads=1,
        minloglevel=2,
    )
    path.write_bytes(written.getvalue())


class NamePool:
    """Names to swap in: first names of names_us_train (births), cities of gazetteer_cities."""

    def __init__(self, data: Path):
        births: dict[tuple[str, str], int] = {}
        for name, sex, total, *_ in read_rows(data / "names_us_train.tsv.gz")[1:]:
            births[name.capitalize(), sex] = int(total)
        self.pools: dict[tuple[str, bool], tuple[list[str], list[float]]] = {}
        for kind in "FM":
            # A name is a man's or a woman's if nearly all who bear it are: "Mary est fatiguée" must stay true.
            counts = {n: c for (n, sex), c in births.items() if sex == kind and c > 10 * births.get((n, "MF"[kind == "M"]), 0)}
            # The power keeps the common names common and still lets the tens of thousands of rare ones be seen.
            self._add(kind, {name: count**0.4 for name, count in counts.items()})
        cities = sorted({row[0] for row in read_rows(data / "gazetteer_cities.tsv.gz")})
        self._add("city", {name: 1.0 for name in cities if re.fullmatch(r"[A-Z]\w+", name) and name[:2] not in ("Le", "La")})

    def _add(self, kind: str, weights: dict[str, float]) -> None:
        for vowel in (True, False):
            chosen = {name: weight for name, weight in weights.items() if _elides(name) == vowel}
            self.pools[kind, vowel] = list(chosen), np.cumsum(list(chosen.values())).tolist()

    def like(self, name: str, rng: random.Random) -> str:
        """Another name of the same kind, which elides as it does, so that "de Tom" and "d'Alice" stay French."""
        kind = "F" if name in WOMEN else "M" if name in MEN else "city"
        names, sums = self.pools[kind, _elides(name)]
        return names[bisect.bisect(sums, rng.random() * sums[-1])] if names else name


def _elides(name: str) -> bool:
    return name[0] in "AEIOUYHÀÁÂÄÅÉÈÊËÍÎÓÔÖÚÛÜ"


def swap_names(pair: Pair, pool: NamePool, rng: random.Random) -> Pair:
    """Other names wherever both sides have one. ("Tom ran.", "Tom a couru.") -> ("Emeka ran.", "Emeka a couru.")"""
    english, french = pair
    shared = set(_NAMES.findall(english)) & set(_NAMES.findall(french))
    others = {name: pool.like(name, rng) for name in sorted(shared)}
    swap = lambda text: _NAMES.sub(lambda match: others.get(match[0], match[0]), text)
    return swap(english), swap(french)


def vary(pairs: list[Pair], pool: NamePool, rng: random.Random) -> Pair:
    """One or several pairs as one example, varied; the English may lose its capitals and its final sign, as people type."""
    english, french = join([swap_names(pair, pool, rng) if rng.random() < SWAP else pair for pair in pairs])
    if rng.random() < LOWER:
        english = english.lower()
    if rng.random() < NO_STOP:
        english = english.rstrip(".!?") or english
    return english, french
