"""How far the probabilities on a page can be trusted: of all answers that were given about so much, how many were right?

bins      probabilities and whether each answer was right -> the rows of a reliability diagram (Murphy & Winkler 1977)
ANSWERS   task -> what a network answered on its test files, and how sure it was
write     puts the rows into the headers of the weight files, where the page finds them

A written name has no right and wrong answers, so Name has no rows.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from rnn_demo.networks import checkpoints

N_BINS = 15
Judged = tuple[np.ndarray, np.ndarray]  # N probabilities 0..1, and N booleans: was the answer right?


def bins(confidence: np.ndarray, right: np.ndarray, count: int = N_BINS) -> list[dict[str, float]]:
    """Answers put together that were given alike probabilities; a row a bin of equal width, without the empty ones.

    Four answers at 0.9, three of them right -> [{"confidence": 0.9, "right": 0.75, "count": 4}]
    """
    which = np.minimum((confidence * count).astype(int), count - 1)
    found = []
    for b in np.unique(which):
        means = {"confidence": confidence[which == b].mean(), "right": right[which == b].mean()}
        found.append({name: round(float(value), 4) for name, value in means.items()} | {"count": int((which == b).sum())})
    return found


def tag(model, data: Path) -> Judged:
    """Every token of the test files that is called part of a name. Where a file does not annotate MISC, MISC counts as no name."""
    from rnn_demo.tasks.tag import KINDS, by_kind, kind
    from rnn_demo.trace import softmax
    from rnn_demo.train.scores import read_all
    from rnn_demo.train.tag_data import LABELS, read_ner
    from rnn_demo.train.tag_scores import TEST

    confidence, right = [], []
    for name in TEST:
        sentences = read_ner(data, name, "test")
        for sentence, logits in zip(sentences, read_all(model, [s.words for s in sentences]), strict=True):
            probs = by_kind(softmax(logits), LABELS)
            if name in ("ewt", "litbank"):
                probs[:, 0] += probs[:, -1]
                probs = probs[:, :-1]
            best = probs.argmax(-1)
            names = best > 0
            truth = np.array([KINDS.index(kind(tag)) for tag in sentence.tags])
            confidence.append(probs.max(-1)[names])
            right.append((best == truth)[names])
    return np.concatenate(confidence), np.concatenate(right)


def rate(model, data: Path) -> Judged:
    """The rating of every test sentence: right where it has as many stars as its readers gave."""
    from rnn_demo.trace import softmax
    from rnn_demo.train.rate_data import read_sst
    from rnn_demo.train.scores import read_all

    reviews = read_sst(data, "sst5_test")
    probs = softmax(np.stack(read_all(model, [review.words for review in reviews])))
    return probs.max(-1), probs.argmax(-1) == np.array([review.stars.argmax() for review in reviews])


@torch.inference_mode()
def order(model, data: Path) -> Judged:
    """The likeliest next word at every place of the test sentences: right where it is the one that came."""
    from rnn_demo.train.data import by_length, read_lines, words_of
    from rnn_demo.train.order import PARTS

    sentences = [words_of(line) for part in PARTS for line in read_lines(data / f"lm_{part}_test.txt.gz")]
    confidence, right = [], []
    for group in by_length(sentences, len, 64):
        nats, best = model.readout.log_prob(model(group).flatten(0, 1)).max(-1)
        confidence.append(nats.exp().numpy())
        right.append((best == torch.tensor([model.targets(words) for words in group]).flatten()).numpy())
    return np.concatenate(confidence), np.concatenate(right)


@torch.inference_mode()
def translate(model, data: Path) -> Judged:
    """The likeliest next subword after every beginning of the human translations: right where they go on with it."""
    from rnn_demo.train.data import by_length
    from rnn_demo.train.translate import padded
    from rnn_demo.train.translate_data import read_pairs

    start, end = model.subwords.bos_id(), model.subwords.eos_id()
    pairs = [(model.subwords.encode(english), model.subwords.encode(french)) for english, french in read_pairs(data, "test")]
    confidence, right = [], []
    for group in by_length(pairs, lambda pair: len(pair[0]), 64):
        targets = padded([[*french, end] for _, french in group], -1)
        written = padded([[start, *french] for _, french in group], end)
        probs, best = model.logits(model(torch.tensor([english for english, _ in group]), written)).softmax(-1).max(-1)
        confidence.append(probs[targets >= 0].numpy())
        right.append((best == targets)[targets >= 0].numpy())
    return np.concatenate(confidence), np.concatenate(right)


ANSWERS: dict[str, Callable[..., Judged]] = {"tag": tag, "rate": rate, "order": order, "translate": translate}


def write(task: str, cells: list[str], data: Path, out: Path) -> None:
    """Measure the weight files, print the rows, and write them into their headers; the weights stay as they are."""
    for cell in cells if task in ANSWERS else []:
        model = checkpoints.load(task, cell, out)
        rows = bins(*ANSWERS[task](model, data))
        for row in rows:
            print(f"{cell:10}{row['confidence']:8.1%} sure: {row['right']:6.1%} right of {row['count']:,}")
        if model.header.get("reliability") != rows:
            model.header["reliability"] = rows
            checkpoints.save(out / f"{task}-{cell}.safetensors", model, model.header)
