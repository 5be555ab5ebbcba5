"""The tagger's data: reading the files, what is unsure in them, and the changes that make more of them.

Sentence   tokens with a target distribution each
read_ner   a file of BIO2 sentences          read_plain  a file of sentences without labels
vary       one random variation: other names, no capitals, no final stop, cut short
"""

import random
import re
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from rnn_demo.text import bio2_spans, span_bio2
from rnn_demo.train.data import read_lines, read_rows, words_of

TYPES = ("PER", "ORG", "LOC", "MISC")
LABELS = ("O", *(f"{prefix}-{kind}" for kind in TYPES for prefix in "BI"))
_ID = {label: i for i, label in enumerate(LABELS)}

# Sets that leave things of type MISC as O, all or some of them (see the data's README): a capitalised O there may be MISC.
NO_MISC = ("ewt", "btc", "litbank", "gum", "wnut17")


@dataclass(frozen=True)
class Sentence:
    """words T strings, tags T BIO2 strings, unsure T booleans (this O may be MISC), soft (T, K) a teacher's
    probabilities, which then take the place of the tags where the words are still the teacher's."""

    words: list[str]
    tags: list[str]
    unsure: list[bool]
    soft: np.ndarray | None = None

    def targets(self) -> np.ndarray:
        """(T, K): rows of 0 and 1 mark the allowed labels; a teacher's rows sum to 1."""
        if self.soft is not None:
            return self.soft
        rows = np.zeros((len(self.words), len(LABELS)), dtype=np.float32)
        rows[np.arange(len(self.tags)), [_ID[tag] for tag in self.tags]] = 1
        rows[np.ix_(np.array(self.unsure, dtype=bool), [_ID["B-MISC"], _ID["I-MISC"]])] = 1
        return rows


def read_ner(data: Path, name: str, part: str) -> list[Sentence]:
    """Sentences of ner_<name>_<part>.tsv.gz: a token, a tab and a tag a line, an empty line after each sentence."""
    blocks = "\n".join(read_lines(data / f"ner_{name}_{part}.tsv.gz")).strip().split("\n\n")
    sentences = []
    for block in blocks:
        words, tags = zip(*(line.split("\t") for line in block.split("\n")), strict=True)
        unsure = [name in NO_MISC and tag == "O" and word[0].isupper() for word, tag in zip(words, tags, strict=True)]
        sentences.append(Sentence(list(words), list(tags), unsure))
    return sentences


def _spelling(words: list[str]) -> str:
    return " ".join(re.findall(r"\w+", " ".join(words).lower()))


def read_plain(data: Path, name: str, held_out: set[str]) -> list[list[str]]:
    """Token lists of lm_<name>_train.txt.gz, 4 to 40 tokens long, without any sentence that is in `held_out`."""
    cut = map(words_of, read_lines(data / f"lm_{name}_train.txt.gz"))
    return [words for words in cut if 4 <= len(words) <= 40 and _spelling(words) not in held_out]


def held_out_sentences(data: Path) -> set[str]:
    """All dev and test sentences, without case and signs. The plain text shares sources (EWT, GUM) with them."""
    names = sorted(path.name.removesuffix(".tsv.gz") for path in data.glob("ner_*_*.tsv.gz"))
    parts = (name.split("_")[1:] for name in names if not name.endswith("train"))
    return {_spelling(sentence.words) for name, part in parts for sentence in read_ner(data, name, part)}


class NamePool:
    """Names to swap in: first names and surnames of many languages, places, organisations, as token lists.

    Sources: names_us_train (births), surnames_train, gazetteer_cities, gazetteer_companies, and the organisations,
    places and persons of the training sentences themselves.
    """

    def __init__(self, data: Path, sentences: list[Sentence]):
        self.data = data
        self.seen = {kind: [] for kind in TYPES}
        for sentence in sentences:
            for start, end, kind in bio2_spans(sentence.tags):
                if end - start <= 6 and sentence.words[start][0].isupper():
                    self.seen[kind].append(sentence.words[start:end])

    @cached_property
    def first_names(self) -> tuple[list[str], list[float]]:
        rows = read_rows(self.data / "names_us_train.tsv.gz")[1:]
        # The power keeps the common names common and still lets the tens of thousands of rare ones be seen.
        weights = np.cumsum([int(row[2]) ** 0.4 for row in rows]).tolist()
        return [row[0].capitalize() for row in rows], weights

    @cached_property
    def surnames(self) -> list[list[str]]:
        languages: dict[str, list[str]] = {}
        for surname, language in read_rows(self.data / "surnames_train.tsv.gz"):
            languages.setdefault(language, []).append(surname)
        return list(languages.values())

    @cached_property
    def places(self) -> list[list[list[str]]]:
        rows = read_rows(self.data / "gazetteer_cities.tsv.gz")
        columns = ({row[column].split(",")[0] for row in rows} for column in (0, 1, 2))
        return [[words_of(name) for name in sorted(names) if name] for names in columns]

    @cached_property
    def companies(self) -> list[list[str]]:
        return [words_of(row[0]) for row in read_rows(self.data / "gazetteer_companies.tsv.gz")]

    def first(self, rng: random.Random) -> str:
        names, weights = self.first_names
        return rng.choices(names, cum_weights=weights)[0]

    def surname(self, rng: random.Random) -> str:
        return rng.choice(rng.choice(self.surnames))

    def draw(self, kind: str, length: int, rng: random.Random) -> list[str] | None:
        """Another name of this kind; persons keep their number of words up to two. None for MISC, which stays."""
        if kind == "PER":
            if length == 1:
                return [self.first(rng) if rng.random() < 0.65 else self.surname(rng)]
            return [self.first(rng), self.surname(rng)] if rng.random() < 0.9 else rng.choice(self.seen["PER"])
        if kind == "LOC":
            if rng.random() < 0.3:
                return rng.choice(self.seen["LOC"])
            return rng.choice(self.places[rng.choices((0, 1, 2), (0.5, 0.15, 0.35))[0]])
        if kind == "ORG":
            source = rng.random()
            if source < 0.2:
                return self.made_up_organisation(rng)
            return rng.choice(self.companies if source < 0.5 else self.seen["ORG"])
        return None

    def made_up_organisation(self, rng: random.Random) -> list[str]:
        """A place or a surname in one of the usual patterns: "University of Lyon", "Okafor & Co"."""
        place = lambda: rng.choice(self.places[rng.choices((0, 2), (0.7, 0.3))[0]])
        patterns = (
            lambda: ["University", "of", *place()],
            lambda: [*place(), rng.choice(["University", "Airlines", "Times", "Bank", "College", "Hospital", "Post"])],
            lambda: ["Bank", "of", *place()],
            lambda: [self.surname(rng), rng.choice(["Inc.", "Ltd", "Group", "Motors", "Systems", "Foods", "Brothers", "Labs"])],
            lambda: [self.surname(rng), "&", self.surname(rng)],
        )
        return rng.choice(patterns)()


def swap_names(sentence: Sentence, pool: NamePool, rng: random.Random) -> Sentence:
    """Some entities replaced by others of their type. Words that stay keep their soft targets."""
    words, unsure, rows, spans = [], [], [], []
    done = 0
    for start, end, kind in [*bio2_spans(sentence.tags), (len(sentence.words), len(sentence.words), "")]:
        words += sentence.words[done:start]
        unsure += sentence.unsure[done:start]
        rows += list(range(done, start))
        if not kind:
            break
        new = pool.draw(kind, end - start, rng) if rng.random() < 0.75 else None
        spans.append((len(words), len(words) + len(new or sentence.words[start:end]), kind))
        words += new or sentence.words[start:end]
        unsure += [False] * len(new) if new else sentence.unsure[start:end]
        rows += [-1] * len(new) if new else list(range(start, end))
        done = end
    tags = span_bio2(spans, len(words))
    soft = None
    if sentence.soft is not None:
        soft = np.eye(len(LABELS), dtype=np.float32)[[_ID[tag] for tag in tags]]
        kept = np.array(rows) >= 0
        soft[kept] = sentence.soft[np.array(rows)[kept]]
    return Sentence(words, tags, unsure, soft)


def name_pronoun(sentence: Sentence, pool: NamePool, rng: random.Random) -> Sentence:
    """A sentence of plain text that begins with He or She, begun with a name: few sentences in the labelled sets do, and
    no word before it tells a network that reads from left to right. "He left ." -> "Chinedu left ." """
    name = pool.draw("PER", rng.choice((1, 1, 2)), rng)
    tags = ["B-PER"] + ["I-PER"] * (len(name) - 1)
    rows = np.eye(len(LABELS), dtype=np.float32)[[_ID[tag] for tag in tags]]
    return Sentence(
        name + sentence.words[1:],
        tags + sentence.tags[1:],
        [False] * len(name) + sentence.unsure[1:],
        np.concatenate([rows, sentence.soft[1:]]),
    )


def vary(sentence: Sentence, pool: NamePool, rng: random.Random) -> Sentence:
    """One random variation of a sentence, or the sentence itself; what people type is seldom as tidy as a corpus."""
    if rng.random() < 0.5:
        sentence = swap_names(sentence, pool, rng)
    if sentence.soft is not None and sentence.words[0] in ("He", "She") and rng.random() < 0.5:
        sentence = name_pronoun(sentence, pool, rng)
    end = len(sentence.words)
    if end > 2 and sentence.words[-1] in ".!?" and rng.random() < 0.35:
        end -= 1  # visitors leave out the final stop
    if rng.random() < 0.08:
        end = rng.randint(1, end)  # and a sentence that is being typed has no end yet
    if end < len(sentence.words):
        sentence = replace(
            sentence,
            words=sentence.words[:end],
            tags=sentence.tags[:end],
            unsure=sentence.unsure[:end],
            soft=None if sentence.soft is None else sentence.soft[:end],
        )
    draw = rng.random()
    if draw < 0.14:
        return replace(sentence, words=[word.lower() for word in sentence.words])
    if draw < 0.16:
        return replace(sentence, words=[word.upper() for word in sentence.words])
    if draw < 0.18:
        return replace(sentence, words=[sentence.words[0].capitalize(), *sentence.words[1:]])
    return sentence
