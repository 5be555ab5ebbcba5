"""What the taggers are asked: entities and probabilities on held-out sentences, and entities in everyday ones."""

import re
from pathlib import Path

import numpy as np

from rnn_demo.networks.words import Tagger
from rnn_demo.tasks.tag import KINDS, by_kind, entities, kind
from rnn_demo.trace import best_labels, softmax
from rnn_demo.train.scores import calibration_error, read_all, span_f1
from rnn_demo.train.tag_data import LABELS, TYPES, Sentence

TEST = ("ewt", "gum", "crossner", "gmb", "litbank")
SCORED = ("PER", "ORG", "LOC")


def set_scores(model: Tagger, sentences: list[Sentence], has_misc: bool) -> dict:
    """F1 with and without MISC, and the calibration over tokens that are, or are called, an entity.

    Where a set does not annotate MISC, the model's MISC counts as O, its probability too.
    """
    logits = read_all(model, [s.words for s in sentences])
    gold = [s.tags for s in sentences]
    found = [best_labels(scores, LABELS) for scores in logits]
    result = span_f1(gold, found, SCORED)
    if has_misc:
        result["f1_with_misc"] = span_f1(gold, found, TYPES)["f1"]
    confidence, right = [], []
    for tags, scores in zip(gold, logits, strict=True):
        merged = by_kind(softmax(scores), LABELS)
        if not has_misc:
            merged[:, 0] += merged[:, -1]
            merged = merged[:, :-1]
        truth = np.array([KINDS.index(kind(tag)) for tag in tags])
        best = merged.argmax(-1)
        counts = (truth > 0) | (best > 0)
        confidence.append(merged.max(-1)[counts])
        right.append((best == truth)[counts])
    result["ece"] = calibration_error(np.concatenate(confidence), np.concatenate(right).astype(float))
    return result


def read_everyday() -> list[tuple[str, set[tuple[int, int, str]]]]:
    """The sixty sentences of everyday.txt, each with its entities as (start, end, type) in code points.

    "[Olga](PER) left." -> ("Olga left.", {(0, 4, "PER")})
    """
    sentences = []
    for line in (Path(__file__).parent / "everyday.txt").read_text(encoding="utf-8").splitlines():
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


def everyday_scores(model: Tagger) -> dict:
    """Entities of the sixty everyday sentences that are right in both ends and type, out of how many; and how many others
    were found that are none. Read from the plain text, so the cutting into tokens is judged as well."""
    right = total = wrong = 0
    for sentence, gold in read_everyday():
        found = {(e["start"], e["end"], e["label"]) for e in entities(sentence, model.trace(sentence)[0])}
        right, total, wrong = right + len(gold & found), total + len(gold), wrong + len(found - gold)
    return {"right": right, "entities": total, "wrong": wrong}


def scores(model: Tagger, data) -> dict:
    """Of each test file, and of the everyday sentences."""
    misc = lambda name: name not in ("ewt", "litbank")  # where it is annotated, or at least some of it
    sets = {name: set_scores(model, sentences, misc(name)) for name, sentences in data.tests.items()}
    return sets | {"everyday": everyday_scores(model)}
