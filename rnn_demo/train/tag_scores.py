"""What the taggers are asked: entities and probabilities on held-out sentences, and entities in everyday ones."""

import collections
import re
from dataclasses import replace
from pathlib import Path

import numpy as np

from rnn_demo.networks.words import Tagger
from rnn_demo.tasks.tag import KINDS, by_kind, entities, kind
from rnn_demo.text import joined_spans, span_bio2
from rnn_demo.trace import joined_labels, softmax
from rnn_demo.train.calm import memory
from rnn_demo.train.scores import calibration_error, read_all, span_f1
from rnn_demo.train.tag_data import LABELS, TYPES, Sentence

TEST = ("ewt", "gum", "crossner", "gmb", "litbank")
WITHOUT_MISC = ("ewt", "litbank", "btc", "wnut17")  # sets that leave MISC, or most of it, as O
TITLES = {"ewt": "EWT", "ewt_lower": "EWT in lower case", "gum": "GUM", "crossner": "CrossNER"}
EVERYDAY = ("everyday", "everyday_new")
SCORED = ("PER", "ORG", "LOC")


def found_entities(logits: np.ndarray) -> list[str]:
    """(T, K) logits to BIO2 tags of the entities that the page shows, each of its newest word's type."""
    return span_bio2(joined_spans(joined_labels(logits, LABELS)), len(logits))


def lower_case(sentences: list[Sentence]) -> list[Sentence]:
    return [replace(sentence, words=[word.lower() for word in sentence.words]) for sentence in sentences]


def trust(logits: list[np.ndarray], sentences: list[Sentence], has_misc: bool) -> tuple[np.ndarray, np.ndarray]:
    """(N,) how sure the network was of its label, and (N,) whether it was right, over tokens that are, or are called, an entity.

    Where a set does not annotate MISC, the model's MISC counts as O, its probability too.
    """
    confidence, right = [], []
    for sentence, scores in zip(sentences, logits, strict=True):
        merged = by_kind(softmax(scores), LABELS)
        if not has_misc:
            merged[:, 0] += merged[:, -1]
            merged = merged[:, :-1]
        truth = np.array([KINDS.index(kind(tag)) for tag in sentence.tags])
        best = merged.argmax(-1)
        counts = (truth > 0) | (best > 0)
        confidence.append(merged.max(-1)[counts])
        right.append((best == truth)[counts])
    return np.concatenate(confidence), np.concatenate(right).astype(float)


def set_scores(model: Tagger, sentences: list[Sentence], has_misc: bool) -> dict:
    """F1 with and without MISC, and the calibration over tokens that are, or are called, an entity."""
    logits = read_all(model, [s.words for s in sentences])
    gold = [s.tags for s in sentences]
    found = [found_entities(scores) for scores in logits]
    result = span_f1(gold, found, SCORED)
    if has_misc:
        result["f1_with_misc"] = span_f1(gold, found, TYPES)["f1"]
    result["ece"] = calibration_error(*trust(logits, sentences, has_misc))
    return result


def read_everyday(name: str) -> list[tuple[str, set[tuple[int, int, str]]]]:
    """The sentences of everyday.txt or everyday_new.txt, each with its entities as (start, end, type) in code points.

    "[Olga](PER) left." -> ("Olga left.", {(0, 4, "PER")})
    """
    sentences = []
    for line in (Path(__file__).parent / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        plain, entities, done = "", set(), 0
        for mark in re.finditer(r"\[([^]]+)\]\(([A-Z]+)\)", line):
            plain += line[done : mark.start()]
            entities.add((len(plain), len(plain) + len(mark[1]), mark[2]))
            plain += mark[1]
            done = mark.end()
        sentences.append((plain + line[done:], entities))
    return sentences


def everyday_scores(model: Tagger, name: str) -> dict:
    """Entities of the everyday sentences that are right in both ends and type, out of how many; how many others were found that
    are none; and how many sentences are right from end to end. Read from the plain text, so its cutting into tokens is judged
    as well."""
    counts = collections.Counter()
    for sentence, gold in read_everyday(name):
        found = {(e["start"], e["end"], e["label"]) for e in entities(sentence, model.trace(sentence)[0])}
        counts.update(right=len(gold & found), entities=len(gold), wrong=len(found - gold), sentences=1, whole=gold == found)
    return dict(counts)


def scores(model: Tagger, data) -> dict:
    """Of each test file, of the first one without capitals, of the everyday sentences; and how calm the memory is."""
    tests = data.tests
    sets = {name: set_scores(model, sentences, name not in WITHOUT_MISC) for name, sentences in tests.items()}
    sets["ewt_lower"] = set_scores(model, lower_case(tests["ewt"]), False)
    sets |= {name: everyday_scores(model, name) for name in EVERYDAY}
    return sets | {"memory": memory(trace.h for sentence in tests["ewt"] for trace in model.trace(sentence.words)[:1])}
