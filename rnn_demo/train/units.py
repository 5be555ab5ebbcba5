"""What each hidden unit is about: python -m rnn_demo.train.units --data ../shared/data

Texts are read, and at every step each property of a fixed list holds or does not: "a, an, the", "after not", "a vowel". A unit
that is higher at the steps where the property holds than at the others tells it. How well is a number, the AUC: how often the unit
is higher at a step where it holds than at one where it does not; 0.5 is chance and 1 is always. A unit that is lower there tells
it as well, which is said with "lower:". Each unit gets the property that it tells best, the first of the list where several are as
good, so simple ones come first. It is kept in the header of the weight file: {"units": {"forward": [["after not", 0.97], ...]}}.
"""

import argparse
import random
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from rnn_demo.names import Seed
from rnn_demo.networks import checkpoints
from rnn_demo.networks.weight_files import PRETRAINED
from rnn_demo.trace import Trace
from rnn_demo.train.data import read_lines, read_rows, words_of
from rnn_demo.train.name_data import read_names
from rnn_demo.words import kind_of

SEED = 1
TEXTS, STEPS = 700, 8000  # that are read at most
LEAST = 0.01  # share of the steps at which a property must hold, and not hold, to be asked about
AS_GOOD = 0.01  # of AUC: so close to the best, a simpler property is preferred
WELL = 0.85  # an AUC that is worth a row of its own
FITS = 0.7  # AUC below which a unit is said to fit nothing


class Step(NamedTuple):
    """A step of a text: all its tokens, which of them this is, and the name tags of its tokens, where they are known.

    Step(["Ann", "slept"], 1, ["B-PER", "O"])
    """

    tokens: list[str]
    at: int
    tags: list[str]

    @property
    def word(self) -> str:
        return self.tokens[self.at].lower()

    def before(self, back: int) -> str:
        """The word so many steps ago; "" before the beginning."""
        return self.tokens[self.at - back].lower() if self.at >= back else ""

    @property
    def tag(self) -> str:
        return self.tags[self.at] if self.tags else "O"


Property = tuple[str, Callable[[Step], bool]]

LISTS = {
    "a, an, the": "a an the",
    "this, that, these, those": "this that these those",
    "my, your, his": "my your his her its our their",
    "I, you, he": "i you he she it we they me him us them",
    "in, at, from, to": "in at on from to of with by for about into over under after before through between without near",
    "is, was, be": "is are was were be been am 's 're 'm being",
    "have, had": "have has had having 've",
    "do, did": "do does did doing done",
    "can, will, would": "can could will would shall should may might must 'll 'd ca wo",
    "not, never, no": "not n't never no nothing nobody none neither nor hardly",
    "and, or, but": "and or but",
    "that, because, if": "that because if when while although though since as than",
    "who, what, where": "who what where when why how which whose",
    "said, told, asked": "said says say told tell asked ask thinks think thought knows know knew",
    "very, so, too": "very so too really quite more most much",
}
GOOD = (
    "good great best love loved wonderful excellent funny nice beautiful perfect amazing enjoyed enjoy fun brilliant fine "
    "recommend delicious friendly fantastic well happy pleased awesome better interesting charming warm moving works"
)
BAD = (
    "bad worst terrible awful boring waste poor disappointed disappointing slow horrible dull stupid worse avoid hate ugly "
    "annoying broken cheap rude bland lame wrong mess problem fails failed weak silly"
)
SIGNS = (
    ("a sign", lambda s: not any(c.isalnum() for c in s.word)),
    ("a stop, ! or ?", lambda s: s.word in (".", "!", "?", "...")),
    ("a comma", lambda s: s.word == ","),
    ("a small word", lambda s: kind_of(s.word) == "small word"),
    ("a number", lambda s: any(c.isdigit() for c in s.word)),
)


def among(words: str) -> Callable[[Step], bool]:
    chosen = set(words.lower().split())
    return lambda s: s.word in chosen


def after(words: str) -> Callable[[Step], bool]:
    chosen = set(words.lower().split())
    return lambda s: s.before(1) in chosen


def lately(words: str, back: int) -> Callable[[Step], bool]:
    chosen = set(words.lower().split())
    return lambda s: any(s.before(k) in chosen for k in range(1, back + 1))


def balance(s: Step) -> int:
    """How many words of praise more than of blame there have been; each counts the other way after a "not"."""
    read = [word.lower() for word in s.tokens[: s.at + 1]]
    signs = [(word in _GOOD) - (word in _BAD) for word in read]
    denied = [bool(_NOT & set(read[max(0, i - 3) : i])) for i in range(len(read))]
    return sum(-sign if no else sign for sign, no in zip(signs, denied, strict=True))


_GOOD, _BAD, _NOT = set(GOOD.split()), set(BAD.split()), set(LISTS["not, never, no"].split())

WORDS: tuple[Property, ...] = (
    ("the beginning", lambda s: s.at == 0),
    *SIGNS,
    *((title, among(words)) for title, words in LISTS.items()),
    ("a capital", lambda s: s.tokens[s.at][:1].isupper()),
    ("a long word", lambda s: len(s.word) > 7),
    ("a word in -ing", lambda s: len(s.word) > 4 and s.word.endswith("ing")),
    ("a word in -ed", lambda s: len(s.word) > 3 and s.word.endswith("ed")),
    ("a word in -ly", lambda s: len(s.word) > 3 and s.word.endswith("ly")),
    ("a word in -s", lambda s: len(s.word) > 3 and s.word.endswith("s")),
    *((f"after {title}", after(words)) for title, words in LISTS.items()),
    ("after a comma", after(",")),
    ("after a capital", lambda s: s.at > 0 and s.tokens[s.at - 1][:1].isupper()),
    ("two or three after not, never, no", lately(LISTS["not, never, no"], 3)),
    ("the second or third word", lambda s: s.at in (1, 2)),
    ("the tenth word or later", lambda s: s.at > 8),
    ("near the end", lambda s: s.at >= len(s.tokens) - 2),
    ("in a question", lambda s: s.tokens[0].lower() in LISTS["who, what, where"].split() or s.tokens[-1] == "?"),
)
NAMES: tuple[Property, ...] = (
    ("in a name", lambda s: s.tag != "O"),
    ("in a person's name", lambda s: s.tag.endswith("PER")),
    ("in a place's name", lambda s: s.tag.endswith("LOC")),
    ("in an organisation's name", lambda s: s.tag.endswith("ORG")),
    ("in another name", lambda s: s.tag.endswith("MISC")),
    ("a name's second word or later", lambda s: s.tag.startswith("I-")),
    ("after a name", lambda s: s.at > 0 and bool(s.tags) and s.tags[s.at - 1] != "O" and s.tag == "O"),
)
PRAISE: tuple[Property, ...] = (
    ("a word of praise", among(GOOD)),
    ("a word of blame", among(BAD)),
    ("after a word of praise", lately(GOOD, 3)),
    ("after a word of blame", lately(BAD, 3)),
    ("more praise than blame so far", lambda s: balance(s) > 0),
    ("more blame than praise so far", lambda s: balance(s) < 0),
)
_VOWELS = set("aeiou")
LETTERS: tuple[Property, ...] = (
    ("the seed", lambda s: s.at == 0),
    ("a vowel", lambda s: s.word in _VOWELS),
    ("a consonant", lambda s: s.at > 0 and s.word not in _VOWELS),
    ("a girl's name", lambda s: s.tokens[0].startswith("female")),
    ("a decade before 1950", lambda s: s.tokens[0].split()[-1] < "1950"),
    ("the first letter", lambda s: s.at == 1),
    ("the second letter", lambda s: s.at == 2),
    ("the third letter", lambda s: s.at == 3),
    ("the fourth letter or later", lambda s: s.at > 3),
    ("the sixth letter or later", lambda s: s.at > 5),
    ("near the end", lambda s: s.at >= len(s.tokens) - 2),
    ("the last letter", lambda s: s.at == len(s.tokens) - 1),
    *((f"the letter {letter}", among(letter)) for letter in "aeioulnrsthydmckj"),
    ("l, m, n or r", among("l m n r")),
    ("after a vowel", lambda s: s.at > 1 and s.before(1) in _VOWELS),
    ("after a consonant", lambda s: s.at > 1 and s.before(1) not in _VOWELS),
    ("the second of two vowels", lambda s: s.at > 1 and s.word in _VOWELS and s.before(1) in _VOWELS),
    ("the second of two consonants", lambda s: s.at > 1 and s.word not in _VOWELS and s.before(1) not in _VOWELS),
    *((f"after the letter {letter}", after(letter)) for letter in "aeioulnrs"),
)


def auc(values: np.ndarray, holds: np.ndarray) -> np.ndarray:
    """How often a value is higher where a property holds than where not: (N, H) and booleans (N, P) to (P, H); ties count half.

    [[1], [2], [3]], [[False], [True], [True]] -> [[1.0]]
    """
    ranks = np.empty(values.shape)
    for unit, column in enumerate(values.T):
        _, place, count = np.unique(column, return_inverse=True, return_counts=True)
        ranks[:, unit] = (count.cumsum() - (count - 1) / 2)[place]
    n = holds.sum(0)[:, None].astype(float)
    return (holds.T.astype(float) @ ranks - n * (n + 1) / 2) / (n * (len(values) - n))


def describe(values: np.ndarray, steps: list[Step], properties: tuple[Property, ...]) -> list[list]:
    """For each of H units [what it tells best, AUC]; "" where nothing fits. Values (N, H), one row a step.

    [["after not", 0.97], ["lower: a vowel", 0.88], ["", 0.61], ...]
    """
    holds = np.array([[bool(holds(step)) for _, holds in properties] for step in steps])
    asked = [p for p, share in enumerate(holds.mean(0)) if LEAST <= share <= 1 - LEAST]
    found = auc(values, holds[:, asked])
    told = np.maximum(found, 1 - found)
    lines = []
    for unit, best in enumerate(told.max(0)):
        first = int((told[:, unit] >= best - AS_GOOD).argmax())
        name = ("" if found[first, unit] >= 0.5 else "lower: ") + properties[asked[first]][0]
        score = round(float(told[first, unit]), 2)
        lines.append([name if score >= FITS else "", score])
    return lines


def tagged(data: Path) -> list[tuple[list[str], list[str]]]:
    """Sentences that a large tagger has labelled: words, and the likeliest tag of each."""
    sentences, words, tags = [], [], []
    for line in [*read_lines(data / "teacher_mpnet_ner_0.tsv.gz"), ""]:
        if line.startswith("# "):  # what kind of text it is
            continue
        if line:
            word, shares = line.split("\t")
            words.append(word)
            tags.append(max(shares.split(), key=lambda share: int(share.split(":")[1])).split(":")[0])
        elif words:
            sentences.append((words, tags))
            words, tags = [], []
    return sentences


def opinions(data: Path) -> list[tuple[list[str], list[str]]]:
    """Sentences on films, restaurants and products (UCI, CC BY 4.0); no tags."""
    return [(words_of(words), []) for _, _, words in read_rows(data / "sentiment_uci3000.tsv.gz")]


def given_names(data: Path) -> list[tuple[str, Seed]]:
    """Names of the training list, with the sex and the decade in which they were given most."""
    return [(row.name, Seed(row.sex, row.peak)) for row in read_names(data, "train")]


class Source(NamedTuple):
    """Where a task's texts come from (folder -> texts), how a network reads one ((network, text) -> traces and tags), and what is
    asked of the steps."""

    texts: Callable[[Path], list]
    read: Callable
    properties: tuple[Property, ...]


def read_words(model, text: tuple[list[str], list[str]]) -> tuple[list[Trace], list[str]]:
    words, tags = text
    traces = model.trace(words)
    return traces, [*["O"] * (len(traces[0].tokens) - len(tags)), *tags] if tags else []


def read_name(model, text: tuple[str, Seed]) -> tuple[list[Trace], list[str]]:
    return model.trace_name(*text), []


SOURCES = {
    "tag": Source(tagged, read_words, (*WORDS[:21], *NAMES, *WORDS[21:])),
    "rate": Source(opinions, read_words, (*PRAISE[:2], *WORDS, *PRAISE[2:])),
    "order": Source(tagged, read_words, (*WORDS, *NAMES)),
    "name": Source(given_names, read_name, LETTERS),
}


def vocabulary(task: str, model, data: Path) -> dict[str, list[list]]:
    """What each unit of each chain of a network is about: {"forward": [[property, AUC], ...]}"""
    source = SOURCES[task]
    texts = source.texts(data)
    steps, states = [], {}
    for text in random.Random(SEED).sample(texts, min(TEXTS, len(texts))):
        traces, tags = source.read(model, text)
        steps += [Step(list(traces[0].tokens), at, tags) for at in range(len(traces[0].tokens))]
        for trace in traces:
            states.setdefault(trace.name, []).append(trace.h)
        if len(steps) > STEPS:
            break
    return {chain: describe(np.concatenate(h), steps, source.properties) for chain, h in states.items()}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m rnn_demo.train.units", description="Write what each hidden unit tells.")
    parser.add_argument("task", choices=SOURCES, nargs="?", help="all of these, if none is named")
    parser.add_argument("--cell")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=PRETRAINED, help="folder of the weight files (default: pretrained)")
    args = parser.parse_args()
    for task in [args.task] if args.task else SOURCES:
        for cell in [args.cell] if args.cell else checkpoints.MODELS[task].CELLS:
            model = checkpoints.load(task, cell, args.out)
            model.header["units"] = vocabulary(task, model, args.data)
            checkpoints.save(args.out / f"{task}-{cell}.safetensors", model, model.header)
            for chain, lines in model.header["units"].items():
                share = np.mean([score >= WELL for _, score in lines])
                print(f"{task} {cell} {chain}: {share:.0%} of {len(lines)} units tell a property at AUC {WELL} or more")


if __name__ == "__main__":
    sys.exit(main())
