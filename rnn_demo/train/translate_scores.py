"""What the translators are asked: BLEU by greedy search and with a beam, and on texts of growing length."""

import collections
import random
import re

import torch

from rnn_demo.networks.subwords import cut
from rnn_demo.networks.translator import Translator
from rnn_demo.train.recipe import SEED
from rnn_demo.train.scores import bleu, bootstrap
from rnn_demo.train.translate_data import join

POWERS = (0.0, 0.5, 0.8, 1.0, 1.2, 1.5)
WIDTH = 4  # of the beam that is scored beside greedy search
BINS = ((1, 5), (6, 10), (11, 15), (16, 20), (21, 25), (26, 30))  # English words
BIN_SIZE = 500  # texts a bin

Bins = dict[tuple[int, int], list[tuple[str, list[str]]]]  # fewest and most words -> texts, each with its answers


@torch.inference_mode()
def translate_all(model: Translator, texts: list[str]) -> list[str]:
    """The greedy translations of many texts at once, in their order; what `search` finds one by one."""
    found = [""] * len(texts)
    groups = collections.defaultdict(list)
    for i, text in enumerate(texts):
        source = model.ids([token.text for token in cut(model.subwords, text)])
        if source:
            groups[len(source)].append((i, source))
    start, end = model.subwords.bos_id(), model.subwords.eos_id()
    for length, group in groups.items():
        states, h = model.encode(torch.tensor([source for _, source in group]))
        written = torch.full((len(group), 1), start)
        for _ in range(2 * length + 10):
            h = torch.gru_cell(model.embedding(written[:, -1]), h, *model.decoder.all_weights[0])
            logits = model.logits(model.attend(h[:, None], states)[0][:, 0])
            logits[:, [model.subwords.unk_id(), start]] = -torch.inf
            written = torch.cat([written, logits.argmax(-1, keepdim=True)], dim=1)
            if (written == end).any(1).all():
                break
        for (i, _), row in zip(group, written[:, 1:].tolist(), strict=True):
            found[i] = model.text(row[: row.index(end)] if end in row else row)
    return found


def length_power(model: Translator, answers: dict[str, list[str]]) -> tuple[float, float]:
    """Which of POWERS makes the beam best on `answers`, and the BLEU it reaches there."""
    beams = [model.search(english, WIDTH) for english in answers]
    best = (0.0, -1.0)
    for power in POWERS:
        model.length_power = power
        found = [model.text(max(beam.finished, key=model.rank).ids) for beam in beams]
        score, _ = bleu(found, list(answers.values()))
        best = max(best, (power, score), key=lambda pair: pair[1])
    return best


def n_words(text: str) -> int:
    """English words, without signs. "I don't know." -> 3"""
    return len(re.findall(r"\w+(?:['’-]\w+)*", text))


def by_words(answers: dict[str, list[str]], rng: random.Random) -> Bins:
    """For every bin of lengths, test sentences with their answers: single ones where there are many, else joined ones.

    A joined text has as many answers as its richest part; where another part has fewer, its answers are used in turn.
    """
    filled = {}
    single = list(answers.items())
    for low, high in BINS:
        fitting = [item for item in single if low <= n_words(item[0]) <= high]
        if len(fitting) < BIN_SIZE and low > 5:
            fitting = []
        chosen = rng.sample(fitting, min(BIN_SIZE, len(fitting)))
        for _ in range(100 * BIN_SIZE if low > 5 else 0):  # where too few can be joined to this length, there are fewer
            if len(chosen) == BIN_SIZE:
                break
            parts = rng.sample(single, min(len(single), rng.choice((2, 3, 4))))
            english = " ".join(text for text, _ in parts)
            if low <= n_words(english) <= high:
                most = max(len(french) for _, french in parts)
                joined = [join([("", french[rank % len(french)]) for _, french in parts])[1] for rank in range(most)]
                chosen.append((english, joined))
        filled[low, high] = chosen
    return filled


def curve(model: Translator, bins: Bins) -> list[dict]:
    """Greedy BLEU in every bin of lengths: {"words": [6, 10], "count": 500, "bleu": 45.1, "low": 43.0, "high": 47.2}, low to high
    being the interval of `bootstrap`."""
    points = []
    for (low, high), items in bins.items():
        texts, answers = [text for text, _ in items], [french for _, french in items]
        found = translate_all(model, texts)
        values = (bleu(found, answers)[0], *bootstrap(found, answers, SEED)) if items else (0.0, 0.0, 0.0)
        shown = (round(value, 2) for value in values)
        points.append({"words": [low, high], "count": len(items)} | dict(zip(("bleu", "low", "high"), shown, strict=True)))
    return points
