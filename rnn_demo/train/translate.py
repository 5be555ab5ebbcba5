"""How the translators were made: python -m rnn_demo.train translate --cell attention --data ../shared/data

Both variants learn from the same pairs: varied (other names, no capitals, no stop), some of the English cut into subwords at
random among the likely ways to cut it (Kudo 2018), one in ten two or three pairs joined, so that long texts are known. Dev
sentences choose the epoch, and then the beam's length power; test sentences are only ever read by `evaluate`.
"""

import collections
import random
import re
from collections.abc import Iterator
from pathlib import Path

import sentencepiece
import torch
from torch import Tensor, nn

from rnn_demo.networks import checkpoints, translator
from rnn_demo.networks.subwords import cut
from rnn_demo.networks.translator import Translator
from rnn_demo.train import translate_data
from rnn_demo.train.bleu import bleu, bootstrap
from rnn_demo.train.run import Plan, train_epochs
from rnn_demo.train.translate_data import Pair, join, read_pairs, references

SEED = 1
N_SUBWORDS = 6000
CONFIG = {"embedding_size": 256, "hidden_size": 512, "length_power": 1.0, "half": True}
STEPS = 950  # an epoch, which is about all pairs once
TOKENS = 1600  # French subwords a step
EPOCHS = 9
RATE, WARM_UP, AVERAGE = 1.5e-3, 500, 0.998  # see Plan
DROPOUT, SMOOTHING = 0.2, 0.1
SAMPLED = 0.3  # of the English texts are cut at random. Of the French none: a decoder that knows many ways to spell a word doubts
SAMPLING = 0.5  # of the ways to cut a text, p ** SAMPLING says how often each is taken; a large power takes the likeliest only
JOINED = 0.1  # examples of two or three pairs, for each example of one
LONGEST = 70  # subwords of a side; longer examples are left out
POWERS = (0.0, 0.5, 0.8, 1.0, 1.2, 1.5)
WIDTH = 4  # of the beam that is scored beside greedy search
BINS = ((1, 5), (6, 10), (11, 15), (16, 20), (21, 25), (26, 30))  # English words
BIN_SIZE = 500  # texts a bin

SOURCES = [
    ["English-French sentence pairs of Tatoeba (tatoeba.org), through ManyThings (manythings.org/anki)", "CC BY 2.0 FR"],
    ["US baby names (Social Security Administration)", "public domain"],
    ["Cities (GeoNames)", "CC BY 4.0"],
]
FAILURES = [
    "Sayings are taken word by word: “He kicked the bucket.” becomes something about a pail.",
    "Of two meanings it takes the commoner one: the bank of a river becomes one that keeps money.",
    "Nouns that it has not met are spelt from pieces that look French and mean nothing: try “photosynthesis”.",
    "A rare name can lose letters on the way: “Zainab” may come out as “Zarob”.",
    "Sex is guessed from habit: “her brother is a nurse” becomes “infirmière”, a woman.",
    "Of a long sentence something is dropped or put together wrongly, with attention too.",
]


class TranslateTrainer(Translator):
    """A Translator with its loss. A batch is (source ids (B, S), what goes in (B, T), what should come out (B, T) or -100)."""

    def loss(self, batch: tuple[Tensor, Tensor, Tensor]) -> Tensor:
        """Mean nats a subword, the targets smoothed (Szegedy 2016)."""
        source, written, targets = batch
        # Products in 16 bits are several times as fast where the processor has them (AMX), and the sums stay in 32.
        with torch.autocast("cpu", dtype=torch.bfloat16):
            seen = self.dropout(self(source, written))
            logits = self.logits(seen[targets >= 0])
        return nn.functional.cross_entropy(logits, targets[targets >= 0], label_smoothing=SMOOTHING).float()


def padded(rows: list[list[int]], filler: int) -> Tensor:
    """[[1, 2], [3]], 0 -> [[1, 2], [3, 0]]"""
    width = max(map(len, rows))
    return torch.tensor([row + [filler] * (width - len(row)) for row in rows])


def batches(pairs: list[Pair], pool, subwords, rng: random.Random) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """Batches without end: all pairs once, varied and cut anew, and joined ones among them; then again.

    All texts of a batch have the same number of English subwords, so the encoder needs no padding.
    """
    sentencepiece.set_random_generator_seed(rng.randrange(2**31))
    at_random = lambda text: subwords.encode(text, enable_sampling=True, alpha=SAMPLING, nbest_size=-1)
    start, end = subwords.bos_id(), subwords.eos_id()
    while True:
        drawn = [[pair] for pair in pairs]
        drawn += [rng.choices(pairs, k=rng.choice((2, 3))) for _ in range(int(len(pairs) * JOINED))]
        groups = collections.defaultdict(list)
        for chosen in drawn:
            english, french = translate_data.vary(chosen, pool, rng)
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


def train(cell: str, data: Path, out: Path) -> None:
    """Make translate-<cell>.safetensors in `out` from the files in `data`. An interrupted run goes on at its last epoch.

    The subwords are shared by both variants and stand beside the shipped weights; they are fitted if they are not there.
    """
    pairs, dev = read_pairs(data, "train"), references(read_pairs(data, "dev"))
    pool = translate_data.NamePool(data)
    if not translator.SUBWORDS.exists():
        translate_data.fit_subwords(pairs, N_SUBWORDS, translator.SUBWORDS)
    header = {
        "task": "translate",
        "cell": cell,
        "config": dict(CONFIG),
        "command": f"python -m rnn_demo.train translate --cell {cell} --data ../shared/data",
        "sources": SOURCES,
        "failures": FAILURES,
        "training": {"sentences": {"English-French pairs": len(pairs)}, "seed": SEED},
    }
    torch.manual_seed(SEED)
    model = TranslateTrainer.from_header(header, checkpoints.load_vectors)
    nn.init.normal_(model.embedding.weight, std=CONFIG["embedding_size"] ** -0.5)  # it is the readout too, so logits start small
    model.dropout.p = DROPOUT
    header["config"]["subwords"] = len(model.labels)
    plan = Plan(STEPS, EPOCHS, RATE, WARM_UP, AVERAGE)
    epoch_batches = lambda rng: batches(pairs, pool, model.subwords, rng)
    score = lambda best: bleu(translate_all(best, list(dev)), list(dev.values()))[0]
    run = train_epochs(model, out / f"translate-{cell}.resume.safetensors", plan, SEED, epoch_batches, score)
    header["config"]["length_power"], dev_beam = length_power(model.eval(), dev)
    dev_bleu = {"greedy": round(run.best_score, 2), f"beam {WIDTH}": round(dev_beam, 2)}
    header["training"] |= {"epochs": EPOCHS, "best_epoch": run.best_epoch, "dev_bleu": dev_bleu}
    checkpoints.save(out / f"translate-{cell}.safetensors", model, header)
    run.path.unlink(missing_ok=True)


def n_words(text: str) -> int:
    """English words, without signs. "I don't know." -> 3"""
    return len(re.findall(r"\w+(?:['’-]\w+)*", text))


def by_words(answers: dict[str, list[str]], rng: random.Random) -> dict[tuple[int, int], list[tuple[str, list[str]]]]:
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


def curve(model: Translator, bins: dict[tuple[int, int], list[tuple[str, list[str]]]]) -> list[dict]:
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


def evaluate(cells: list[str], data: Path, out: Path) -> None:
    """Print the scores on the test file and write them into the headers of the weight files, where the page finds them."""
    answers = references(read_pairs(data, "test"))
    bins = by_words(answers, random.Random(SEED))
    for cell in cells:
        model = checkpoints.load("translate", cell, out)
        greedy, signature = bleu(translate_all(model, list(answers)), list(answers.values()))
        best = [model.search(english, WIDTH).finished[0] for english in answers]
        beam, _ = bleu([model.text(hypothesis.ids) for hypothesis in best], list(answers.values()))
        print(f"{cell:10} BLEU {greedy:.2f} greedy, {beam:.2f} with a beam of {WIDTH}; {len(answers):,} sentences; {signature}")
        points = curve(model, bins)
        for point in points:
            low, high = point["words"]
            interval = f"{point['low']:.2f} to {point['high']:.2f}"
            print(f"{cell:10} {low:2} to {high:2} words: {point['bleu']:5.2f} ({interval}), {point['count']} texts")
        bleus = {"greedy": round(greedy, 2), f"beam {WIDTH}": round(beam, 2)}
        scores = {"sentences": len(answers), "bleu": bleus, "signature": signature, "curve": points}
        if model.header.get("scores") != scores:
            model.header["scores"] = scores
            checkpoints.save(out / f"translate-{cell}.safetensors", model, model.header)
