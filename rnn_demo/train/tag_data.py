"""The tagger's data: reading the files, what is unsure in them, and the changes that make more of them.

Sentence   tokens with a target distribution each
read_ner   a file of BIO2 sentences          read_taught  sentences with a teacher's probabilities
vary       one random variation: other names, no capitals, no final stop, cut short
"""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from rnn_demo.text import bio2_spans, span_bio2
from rnn_demo.train.data import read_blocks, read_rows, words_of
from rnn_demo.words import kind_of

TYPES = ("PER", "ORG", "LOC", "MISC")
LABELS = ("O", *(f"{prefix}-{kind}" for kind in TYPES for prefix in "BI"))
_ID = {label: i for i, label in enumerate(LABELS)}

# Sets that leave things of type MISC as O, all or some of them (see the data's README): a capitalised O there may be MISC, and
# where a sentence has no capitals at all, any O that is no small word.
NO_MISC = (
    *("ewt", "ewt_udtrain", "pud", "btc", "litbank", "gum", "wnut17", "tweebank"),
    *("restaurant8k", "hwu64", "slurp", "snips", "sgd"),
)


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


def read_ner(data: Path, name: str, part: str = "") -> list[Sentence]:
    """Sentences of ner_<name>_<part>.tsv.gz, or ner_<name>.tsv.gz where a set has only one part: a token, a tab and a tag a
    line, an empty line after each sentence."""
    sentences = []
    for block in read_blocks(data / f"ner_{name}{part and '_'}{part}.tsv.gz"):
        words, tags = map(list, zip(*(line.split("\t") for line in block), strict=True))
        sentences.append(Sentence(words, tags, _unsure(words, tags) if name in NO_MISC else [False] * len(words)))
    return sentences


def _unsure(words: list[str], tags: list[str]) -> list[bool]:
    """Which O may be a MISC that was not annotated."""
    capitals = any(word[0].isupper() for word in words)
    may_be = (lambda word: word[0].isupper()) if capitals else (lambda word: kind_of(word) == "other word")
    return [tag == "O" and may_be(word) for word, tag in zip(words, tags, strict=True)]


def read_taught(data: Path, held_out: set[str], rng: random.Random, nameless: float) -> list[Sentence]:
    """The sentences of teacher_mpnet_ner_*.tsv.gz with the teacher's probabilities as soft targets, none that is in `held_out`,
    and of those without any name in them only this share.

    A token, a tab and "O:12 B-PER:88" a line, percentages; "# tatoeba" before a sentence says where it is from.
    """
    sentences = []
    for _, *lines in (block for part in (0, 1) for block in read_blocks(data / f"teacher_mpnet_ner_{part}.tsv.gz")):
        words, rows = zip(*(line.split("\t") for line in lines), strict=True)
        if _spelling(words) in held_out:
            continue
        soft = np.zeros((len(words), len(LABELS)), dtype=np.float32)
        for row, said in zip(soft, rows, strict=True):
            for tag, percent in (pair.rsplit(":", 1) for pair in said.split(" ")):
                row[_ID[tag]] = float(percent)
        soft /= soft.sum(-1, keepdims=True)
        tags = [LABELS[k] for k in soft.argmax(-1)]
        if any(tag != "O" for tag in tags) or rng.random() < nameless:
            sentences.append(Sentence(list(words), tags, [False] * len(words), soft))
    return sentences


def _spelling(words: Sequence[str]) -> str:
    return " ".join(re.findall(r"\w+", " ".join(words).lower()))


def held_out_sentences(data: Path) -> set[str]:
    """All dev and test sentences of four tokens or more, without case and signs. The taught ones share sources with them."""
    names = (path.name.removesuffix(".tsv.gz").split("_")[1:] for path in sorted(data.glob("ner_*_*.tsv.gz")))
    held_out = (sentence.words for name, part in names if part in ("dev", "test") for sentence in read_ner(data, name, part))
    return {_spelling(words) for words in held_out if len(words) > 3}


class NamePool:
    """Names to swap in: first names and surnames of many languages, places, organisations, as token lists.

    Sources: names_us_train (births), surnames_train, the gazetteers, and the organisations, places and persons of the training
    sentences themselves.
    """

    def __init__(self, data: Path, sentences: list[Sentence]):
        self.data = data
        self.seen = {kind: [] for kind in TYPES}
        for sentence in sentences:
            for start, end, kind in bio2_spans(sentence.tags):
                if end - start <= 6 and sentence.words[start][0].isupper():
                    self.seen[kind].append(sentence.words[start:end])

    def _rows(self, name: str) -> list[list[str]]:
        return read_rows(self.data / f"{name}.tsv.gz")

    @cached_property
    def first_names(self) -> tuple[list[str], list[float]]:
        rows = self._rows("names_us_train")[1:]
        # The power keeps the common names common and still lets the tens of thousands of rare ones be seen.
        weights = np.cumsum([int(row[2]) ** 0.4 for row in rows]).tolist()
        return [row[0].capitalize() for row in rows], weights

    @cached_property
    def world(self) -> dict[str, list[list[str]]]:
        """First names and surnames of the world, {"first": [those of a country], "last": ...}: each country as often."""
        found: dict[str, dict[str, list[str]]] = {"first": {}, "last": {}}
        for name, part, country in self._rows("gazetteer_names_world"):
            found[part].setdefault(country, []).append(name)
        return {part: list(countries.values()) for part, countries in found.items()}

    @cached_property
    def surnames(self) -> list[list[str]]:
        languages: dict[str, list[str]] = {}
        for surname, language in self._rows("surnames_train"):
            languages.setdefault(language, []).append(surname)
        return list(languages.values())

    @cached_property
    def freebase(self) -> dict[str, list[str]]:
        """The lists of gazetteer_freebase by their kinds: {"last": ["Lazkano", ...], "team": [...], ...}."""
        kinds: dict[str, list[str]] = {}
        for name, kind in self._rows("gazetteer_freebase"):
            if name[0].isupper():
                kinds.setdefault(kind.split(":")[1], []).append(name)
        return kinds

    @cached_property
    def people(self) -> list[str]:
        """Full names of known people."""
        return [row[0] for row in self._rows("gazetteer_people")] + self.freebase["athlete"] + self.freebase["politician"]

    @cached_property
    def places(self) -> list[list[list[str]]]:
        """Cities, regions and countries, then rivers, seas and towns."""
        rows = self._rows("gazetteer_cities")
        columns = [{row[column].split(",")[0] for row in rows} for column in (0, 1, 2)]
        more = self._rows("gazetteer_places_more")
        columns.append({row[0] for row in more if row[1] not in ("place", "station")})
        return [[words_of(name) for name in sorted(names) if name] for names in columns]

    @cached_property
    def organisations(self) -> list[list[str]]:
        """Lists of names, each list drawn from as often: companies, brands, teams, papers, universities, public bodies."""
        more = [row for row in self._rows("gazetteer_orgs") if row[0][0].isupper()]
        english = [row for row in more if row[3] == "en"]
        kinds = ("team", "newspaper", "agency", "league", "tv")
        return [
            [row[0] for row in self._rows("gazetteer_companies")],
            [row[0] for row in english if row[1].startswith("brands")],
            [row[0] for row in english if row[1].startswith("university")],
            [row[0] for row in more if row[1] in ("team", "company", "website")],
            *([name for name in self.freebase[kind] if len(name.split()) < 6] for kind in kinds),
        ]

    def first(self, rng: random.Random) -> str:
        if rng.random() < 0.4:
            return rng.choice(rng.choice(self.world["first"]))
        names, weights = self.first_names
        return rng.choices(names, cum_weights=weights)[0]

    def surname(self, rng: random.Random) -> str:
        source = rng.random()
        if source < 0.1:
            return self.place_name(rng)
        if source < 0.4:
            return rng.choice(self.freebase["last"])
        return rng.choice(rng.choice(self.world["last"] if source < 0.7 else self.surnames))

    def place_name(self, rng: random.Random) -> str:
        """A surname that is also a place: "London", "Lagos"."""
        while len(place := rng.choice(self.places[0])) > 1:
            pass
        return place[0]

    def draw(self, kind: str, length: int, rng: random.Random) -> list[str] | None:
        """Another name of this kind; persons keep their number of words up to two. None for MISC, which stays."""
        if kind == "PER":
            if length == 1:
                return [self.first(rng) if rng.random() < 0.65 else self.surname(rng)]
            source = rng.random()
            if source < 0.6:
                return [self.first(rng), self.surname(rng)]
            return words_of(rng.choice(self.people)) if source < 0.9 else rng.choice(self.seen["PER"])
        if kind == "LOC":
            if rng.random() < 0.3:
                return rng.choice(self.seen["LOC"])
            return rng.choice(self.places[rng.choices((0, 1, 2, 3), (0.45, 0.1, 0.35, 0.1))[0]])
        if kind == "ORG":
            source = rng.random()
            if source < 0.2:
                return self.made_up_organisation(rng)
            return words_of(rng.choice(rng.choice(self.organisations))) if source < 0.6 else rng.choice(self.seen["ORG"])
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


STAND_INS = ("He", "She", "Tom", "Mary")  # the last two begin every twelfth of the Tatoeba sentences
TITLES = ("Mr.", "Mrs.", "Ms.", "Dr.", "Mr", "Dr", "Professor")
_PAST = """
was had went met saw came took told got lost found made left bought gave thought knew felt heard said could would will can must
should did wrote read sold ate drank ran fell paid sent spent stood sat won kept began slept drove flew grew
"""
PAST = frozenset(_PAST.split())  # verbs that agree with a name as they do with "I"


def gives_way(sentence: Sentence) -> float:
    """How often the first word of a sentence gives way to a name: where it is He, She, I before a past tense, or a name of one
    word; 0 elsewhere, and where no teacher's probabilities tell the rest of the sentence."""
    if sentence.soft is None or len(sentence.words) < 2 or sentence.tags[1].startswith("I-"):
        return 0
    first, second = sentence.words[:2]
    if first in STAND_INS:
        return 0.6
    if first == "I" and (second in PAST or second.endswith("ed")):
        return 0.5
    return 0.3 if sentence.tags[0] == "B-PER" else 0


def begin_with_name(sentence: Sentence, pool: NamePool, rng: random.Random) -> Sentence:
    """A sentence with another name, or a title and a name, in place of its first word: few labelled sentences begin with one, and
    no word before it tells a network that reads from left to right. "He left ." -> "Chinedu left .", "Dr. Lagos left ." """
    titled = rng.random() < 0.25
    name = [pool.place_name(rng) if rng.random() < 0.5 else pool.surname(rng)] if titled else None
    name = name or pool.draw("PER", rng.choice((1, 1, 1, 2)), rng)
    tags = ["B-PER"] + ["I-PER"] * (len(name) - 1)
    if titled:
        name, tags = [rng.choice(TITLES), *name], ["O", *tags]
    rows = np.eye(len(LABELS), dtype=np.float32)[[_ID[tag] for tag in tags]]
    return Sentence(
        name + sentence.words[1:],
        tags + sentence.tags[1:],
        [False] * len(name) + sentence.unsure[1:],
        np.concatenate([rows, sentence.soft[1:]]),
    )


def vary(sentence: Sentence, pool: NamePool, rng: random.Random) -> Sentence:
    """One random variation of a sentence, or the sentence itself; what people type is seldom as tidy as a corpus.

    Names are swapped in one sentence of ten: more often, and what was learnt of real names in real places is lost.
    """
    if rng.random() < gives_way(sentence):
        sentence = begin_with_name(sentence, pool, rng)
    elif rng.random() < 0.1:
        sentence = swap_names(sentence, pool, rng)
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
    if draw < 0.2:
        return replace(sentence, words=[word.lower() for word in sentence.words])
    if draw < 0.22:
        return replace(sentence, words=[word.upper() for word in sentence.words])
    if draw < 0.23:
        return replace(sentence, words=[word[0].upper() + word[1:] for word in sentence.words])
    if draw < 0.25:
        return replace(sentence, words=[sentence.words[0].capitalize(), *sentence.words[1:]])
    return sentence
