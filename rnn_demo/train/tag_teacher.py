"""The taggers' teacher: trained like a cell, and kept beside the weight files, but never shipped. It labels plain text."""

import random
import sys
from pathlib import Path

import numpy as np
from torch import nn

from rnn_demo.networks import checkpoints
from rnn_demo.networks.words import Tagger
from rnn_demo.trace import best_labels, softmax
from rnn_demo.train import tag_data
from rnn_demo.train.recipe import SEED, Recipe, train
from rnn_demo.train.scores import read_all
from rnn_demo.train.tag_data import LABELS, Sentence

CELL = "teacher"
DROPOUT = 0.35  # between its layers
QUIET = 0.4  # of the sentences with no name in them are kept


class Teacher(Tagger):
    """A bidirectional LSTM of two layers, the upper one reading what both directions of the lower one found."""

    def __init__(self, cell: str, labels: list[str], reader, hidden_size: int):
        super().__init__("bilstm", labels, reader, hidden_size)
        self.layer = nn.LSTM(reader.size, hidden_size, 2, bidirectional=True, batch_first=True, dropout=DROPOUT)


def fresh(header: dict) -> Teacher:
    return Teacher.from_header(header, checkpoints.load_vectors)


def label(recipe: Recipe, folder: Path, out: Path, counts: dict[str, int]) -> tuple[list[Sentence], dict]:
    """So many plain sentences of each file, with the teacher's probabilities as soft targets, and the teacher's header.

    A teacher that is not in `out` is trained first, as the recipe says, on the labelled sentences.
    """
    path = out / f"tag-{CELL}.safetensors"
    if not path.exists():
        print("The networks learn from a teacher, which is trained first.", file=sys.stderr)
        train(recipe._replace(data=lambda *folders: untaught(recipe.data(*folders))), "tag", CELL, folder, out)
    tensors, header = checkpoints.read(path)
    teacher = fresh(header)
    teacher.load_state_dict(tensors)

    rng, held_out, chosen, labelled = random.Random(SEED), tag_data.held_out_sentences(folder), [], []
    for name, count in counts.items():
        sentences = tag_data.read_plain(folder, name, held_out)
        chosen += rng.sample(sentences, min(count, len(sentences)))
    for words, logits in zip(chosen, read_all(teacher, chosen), strict=True):
        probs, tags = softmax(logits).astype(np.float32), best_labels(logits, LABELS)
        if any(tag != "O" for tag in tags) or rng.random() < QUIET:
            labelled.append(Sentence(words, tags, [False] * len(words), probs))
    return labelled, header


def untaught(data):
    data.taught = [], {}
    return data
