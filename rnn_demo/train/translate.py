"""How the translators were made: python -m rnn_demo.train translate --cell attention --data ../shared/data

Both variants, with and without attention, learn from the same pairs of sentences, varied: other names on both sides, no
capitals or no final mark in the English, three tenths of the English cut into subwords at random among the likely ways to cut it
(Kudo 2018), one example in ten two or three pairs joined, so that long texts are known. Dev sentences choose the epoch, and then
the beam's length power. Nine epochs of 950 steps (the shipped runs were planned for twelve and shortened after their fourth and
third, so in those their step size was a little larger than this command's). About an hour a variant on one core. The subwords,
6,000 for both languages together, are fitted by the same command.

The first training of the variant with attention stopped at 35.1 on dev: it cut French, too, at random into subwords, and one
encoder state soon got all of the attention. With French cut one way, and the scores of attention divided by √512, it had 37.0
after four epochs and 41.1 after nine.
"""

import collections
import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import sentencepiece
import torch
from torch import Tensor, nn

from rnn_demo.networks import translator
from rnn_demo.networks.translator import Translator
from rnn_demo.tasks.translate import DEFAULT_BEAM
from rnn_demo.train import translate_data, translate_scores
from rnn_demo.train.card import best_on_dev, goals
from rnn_demo.train.recipe import SEED, Failure, fresh, half_products
from rnn_demo.train.run import Plan
from rnn_demo.train.scores import bleu
from rnn_demo.train.translate_data import Pair, read_pairs, references
from rnn_demo.train.translate_scores import WIDTH, by_words, curve, length_power, translate_all

N_SUBWORDS = 6000
CONFIG = {"embedding_size": 256, "hidden_size": 512, "length_power": 1.0, "half": True}
PLAN = dict.fromkeys(Translator.CELLS, Plan(steps=950, epochs=9, rate=1.5e-3, warm_up=500, average=0.998))  # 950: all pairs once
TOKENS = 1600  # French subwords a step
DROPOUT, SMOOTHING = 0.2, 0.1
SAMPLED = 0.3  # of the English texts are cut at random. Of the French none: a decoder that knows many ways to spell a word doubts
SAMPLING = 0.5  # of the ways to cut a text, p ** SAMPLING says how often each is taken; a large power takes the likeliest only
JOINED = 0.1  # examples of two or three pairs, for each example of one
LONGEST = 70  # subwords of a side; longer examples are left out

SOURCES = [
    ["English-French sentence pairs of Tatoeba (tatoeba.org), through ManyThings (manythings.org/anki)", "CC BY 2.0 FR"],
    ["US baby names (Social Security Administration)", "public domain"],
    ["Cities (GeoNames)", "CC BY 4.0"],
]
LONG = "Yesterday I went to the market with my sister, and we bought bread, cheese and a bottle of wine for the party."
FAILURES = (
    Failure(
        "Sayings are taken word by word: “He kicked the bucket.” becomes something about a pail.",
        lambda model: "seau" in translated(model, "He kicked the bucket."),
    ),
    Failure(
        "Of two meanings it takes the commoner one: the bank of a river becomes one that keeps money.",
        lambda model: "banque" in translated(model, "The bank of the river is steep."),
    ),
    Failure(
        "Nouns that it has not met are lost, or spelt from pieces that look French: try “Plants need photosynthesis.”",
        lambda model: "photosynth" not in translated(model, "Plants need photosynthesis."),
    ),
    Failure(
        "A rare name can lose letters on the way: “Zainab” may come out as “Zanab”.",
        lambda model: "Zanab" in translated(model, "My friend Zainab lives in Lyon."),
    ),
    Failure(
        "Names are often lost: in “My friend Zainab lives in Lyon.”, the city is lost.",
        lambda model: "Lyon" not in translated(model, "My friend Zainab lives in Lyon."),
    ),
    Failure(
        "Sex is guessed from habit: “her brother is a nurse” becomes “infirmière”, a woman.",
        lambda model: "infirmière" in translated(model, "Her brother is a nurse."),
    ),
    Failure(
        "Of a long sentence little is left: all of it must fit into one state.",
        lambda model: "fromage" not in translated(model, LONG),
    ),
    Failure(
        "In a long sentence something may be put together wrongly: “bread, cheese” becomes “du pain, au fromage”.",
        lambda model: "du pain, au fromage" in translated(model, LONG),
    ),
)


@dataclass
class Data:
    """pairs to train on; dev and test: every English sentence with all its French answers; pool: names to swap in."""

    folder: Path
    out: Path

    @cached_property
    def pairs(self) -> list[Pair]:
        return read_pairs(self.folder, "train")

    @cached_property
    def dev(self) -> dict[str, list[str]]:
        return references(read_pairs(self.folder, "dev"))

    @cached_property
    def test(self) -> dict[str, list[str]]:
        return references(read_pairs(self.folder, "test"))

    @cached_property
    def bins(self) -> translate_scores.Bins:
        return by_words(self.test, random.Random(SEED))

    @cached_property
    def pool(self) -> translate_data.NamePool:
        return translate_data.NamePool(self.folder)

    @cached_property
    def subwords(self) -> sentencepiece.SentencePieceProcessor:
        """Shared by both variants; they stand beside the shipped weights, and are fitted if they are not there."""
        if not translator.SUBWORDS.exists():
            translate_data.fit_subwords(self.pairs, N_SUBWORDS, translator.SUBWORDS)
        return translator.load_subwords(translator.SUBWORDS)


def header(data: Data, cell: str) -> dict:
    return {
        "config": CONFIG | {"subwords": len(data.subwords)},
        "sources": SOURCES,
        "training": {"sentences": {"English-French pairs": len(data.pairs)}},
    }


def network(header: dict, data: Data) -> Translator:
    model = fresh(header)
    size = header["config"]["embedding_size"]
    nn.init.normal_(model.embedding.weight, std=size**-0.5)  # it is the readout too, so logits start small
    model.dropout.p = DROPOUT
    return model


def padded(rows: list[list[int]], filler: int) -> Tensor:
    """[[1, 2], [3]], 0 -> [[1, 2], [3, 0]]"""
    width = max(map(len, rows))
    return torch.tensor([row + [filler] * (width - len(row)) for row in rows])


Batch = tuple[Tensor, Tensor, Tensor]  # source ids (B, S), what goes in (B, T), what should come out (B, T) or -100


def batches(data: Data, rng: random.Random, steps: int) -> Iterator[Batch]:
    """Batches without end: all pairs once, varied and cut anew, and joined ones among them; then again.

    All texts of a batch have the same number of English subwords, so the encoder needs no padding.
    """
    pairs, subwords = data.pairs, data.subwords
    sentencepiece.set_random_generator_seed(rng.randrange(2**31))
    at_random = lambda text: subwords.encode(text, enable_sampling=True, alpha=SAMPLING, nbest_size=-1)
    start, end = subwords.bos_id(), subwords.eos_id()
    while True:
        drawn = [[pair] for pair in pairs]
        drawn += [rng.choices(pairs, k=rng.choice((2, 3))) for _ in range(int(len(pairs) * JOINED))]
        groups = collections.defaultdict(list)
        for chosen in drawn:
            english, french = translate_data.vary(chosen, data.pool, rng)
            source = at_random(english) if rng.random() < SAMPLED else subwords.encode(english)
            target = [*subwords.encode(french), end]
            if 0 < len(source) <= LONGEST and len(target) <= LONGEST:
                groups[len(source)].append((len(target) + rng.random(), source, target))
        made = []
        for group in groups.values():
            group.sort()
            while group:
                size = max(1, int(TOKENS / group[-1][0]))
                made.append([example[1:] for example in group[-size:]])
                del group[-size:]
        rng.shuffle(made)
        for examples in made:
            sources, targets = zip(*examples, strict=True)
            written = [[start, *target[:-1]] for target in targets]
            yield torch.tensor(sources), padded(written, end), padded(targets, -100)


def loss(model: Translator, batch: Batch) -> Tensor:
    """Mean nats a subword, the targets smoothed (Szegedy 2016)."""
    source, written, targets = batch
    with half_products():
        seen = model.dropout(model(source, written))
        logits = model.logits(seen[targets >= 0])
    return nn.functional.cross_entropy(logits, targets[targets >= 0], label_smoothing=SMOOTHING).float()


def dev(model: Translator, data: Data) -> tuple[float, dict[str, float]]:
    """BLEU of the greedy translations of the dev sentences."""
    return bleu(translate_all(model, list(data.dev)), list(data.dev.values()))[0], {}


def finish(model: Translator, data: Data, header: dict, score: float) -> None:
    header["config"]["length_power"], beam = length_power(model, data.dev)
    header["training"]["dev_bleu"] = {"greedy": round(score, 2), f"beam {WIDTH}": round(beam, 2)}


def translated(model: Translator, text: str) -> str:
    """As the page translates it at first."""
    return model.text(model.search(text, DEFAULT_BEAM).finished[0].ids)


def scores(model: Translator, data: Data) -> dict:
    english, answers = list(data.test), list(data.test.values())
    greedy, signature = bleu(translate_all(model, english), answers)
    beam, _ = bleu([model.text(model.search(text, WIDTH).finished[0].ids) for text in english], answers)
    return {
        "sentences": len(english),
        "bleu": {"greedy": round(greedy, 2), f"beam {WIDTH}": round(beam, 2)},
        "signature": signature,
        "curve": curve(model, data.bins),
    }


def remarks(headers: dict[str, dict]) -> str:
    beam = f"beam {WIDTH}"
    cell, header = best_on_dev(headers, lambda header: header["training"]["dev_bleu"][beam])
    asked = [(f"BLEU on the test sentences ({cell}, best on dev, {beam})", header["scores"]["bleu"][beam], 38, ".1f")]
    return f"""BLEU is counted by sacrebleu (`{header["scores"]["signature"]}`) against all human translations of each
test sentence, and on texts of growing length, the longer ones test sentences joined, with the interval that holds 95 of 100 draws
of as many texts.

{goals(asked)}"""
