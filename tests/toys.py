"""Toy data for every training: a few made-up lines in the layout of each task's files, and sizes that train in seconds.

A new task is a function that writes its files, and a line in TOYS.
"""

import gzip
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from rnn_demo.networks import checkpoints, translator, weight_files
from rnn_demo.train.recipe import load_recipe
from rnn_demo.train.run import Plan

PEOPLE, PLACES = ["Aba", "Ebo", "Ila", "Oko", "Uma"], ["Tarn", "Vosk", "Wend", "Yolt", "Zirk"]
GOOD, BAD = ["warm", "sharp", "lovely", "witty"], ["dull", "flat", "ugly", "weak"]
GIRLS, BOYS = ["aba", "alba", "lala", "balla"], ["obo", "olbo", "lolo", "bollo"]
NOUNS = {"cat": "le chat", "dog": "le chien", "bird": "l'oiseau", "horse": "le cheval", "wolf": "le loup", "bear": "l'ours"}
VERBS = {"eats": "mange", "runs": "court", "sleeps": "dort", "sings": "chante", "falls": "tombe", "waits": "attend"}
PAIRS = [(f"The {noun} {verb}.", f"{NOUNS[noun].capitalize()} {VERBS[verb]}.") for noun in NOUNS for verb in VERBS]
PAIRS += [(f"Tom and the {noun} go.", f"Tom et {NOUNS[noun]} partent.") for noun in NOUNS]
LINES = {
    "tatoeba_en": ["I go to bed.", "I go home.", "We go to bed now.", "She likes the gym."],
    "dialogue_en": ["Book a table.", "Book the gym for 7 people."],
    "web_news_en": ["The gym is closed today, they said."],
}
PARTS = ("train", "dev", "test")


def write(path: Path, lines: list[str]) -> None:
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


def births(**of_decades: int) -> tuple[int, ...]:
    """births(d1890=5) -> fifteen numbers, all 0 but the second."""
    return tuple(of_decades.get(f"d{decade}", 0) for decade in range(1880, 2030, 10))


def tag(folder: Path) -> None:
    """Two kinds of made-up names, and one organisation."""
    rng = random.Random(0)
    for name in ("ewt", "gum", "crossner", "btc", "wnut17", "gmb", "litbank"):
        for part in PARTS:
            lines = []
            for _ in range(40):
                lines += [f"{rng.choice(PEOPLE)}\tB-PER", "went\tO", "to\tO", f"{rng.choice(PLACES)}\tB-LOC", ".\tO", ""]
                lines += ["Brolly\tB-ORG", "Corp\tI-ORG", "pays\tO", ""]
            write(folder / f"ner_{name}_{part}.tsv.gz", lines[:-1])
    for name in ("ewt_udtrain", "pud", "redocred", "tweebank", "restaurant8k", "hwu64", "slurp", "snips", "sgd"):
        write(folder / f"ner_{name}.tsv.gz", lines[:-1])
    for part in (0, 1):
        taught = [f"# tatoeba\n{p}\tO:1 B-PER:98\nliked\tO:100\n{q}\tB-LOC:60 O:40\n" for p in PEOPLE for q in PLACES[part::2]]
        write(folder / f"teacher_mpnet_ner_{part}.tsv.gz", taught)
    write(folder / "names_us_train.tsv.gz", ["name\tsex\ttotal\t1880", *(f"{p.lower()}\tF\t30\t30" for p in PEOPLE)])
    write(folder / "surnames_train.tsv.gz", [f"{p}son\tGreek" for p in PEOPLE])
    write(folder / "gazetteer_cities.tsv.gz", [f"{p}\t{p}\t{p}" for p in PLACES])
    write(folder / "gazetteer_companies.tsv.gz", ["Brolly Corp\tIndustrials"])
    write(folder / "gazetteer_names_world.tsv.gz", [f"{p}\t{part}\tXX" for p in PEOPLE for part in ("first", "last")])
    write(folder / "gazetteer_people.tsv.gz", [f"{p} {p}son\tactor\tcorpora" for p in PEOPLE])
    write(folder / "gazetteer_places_more.tsv.gz", [f"{p}\ttown\tcorpora" for p in PLACES])
    organisations = [f"Brolly Corp\t{kind}\tnsi\ten" for kind in ("brands:bank", "university:XX", "team")]
    write(folder / "gazetteer_orgs.tsv.gz", organisations)
    kinds = ("PER:last", "PER:athlete", "PER:politician", "ORG:team", "ORG:newspaper", "ORG:agency", "ORG:league", "ORG:tv")
    names = {"PER": "Uma", "ORG": "Brolly Corp"}
    write(folder / "gazetteer_freebase.tsv.gz", [f"{names[kind[:3]]}\t{kind}" for kind in kinds])


def rate(folder: Path) -> None:
    """Two words of praise make five stars, one makes four."""
    rng = random.Random(0)
    texts = []
    for _ in range(150):
        words = rng.choices(GOOD, k=rng.randint(1, 2)) if rng.random() < 0.5 else rng.choices(BAD, k=rng.randint(1, 2))
        label = 2 + len(words) * (1 if words[0] in GOOD else -1)
        texts.append((label, f"the film is {' and '.join(words)} ."))
    words = [(3 if word in GOOD else 1, how + word) for word in GOOD + BAD for how in ("", "very ")]
    write(folder / "sst5_phrases_train.tsv.gz", [f"{label}\t{text}" for label, text in texts + words])
    for name in ("sst5_train", "sst5_dev", "sst5_test"):
        write(folder / f"{name}.tsv.gz", [f"{label}\t{text}" for label, text in texts])
    write(folder / "sst2_test.tsv.gz", [f"{int(label > 2)}\t{text}" for label, text in texts if label != 2])
    write(folder / "sentiment_uci3000.tsv.gz", [f"{int(label > 2)}\timdb\t{text}" for label, text in texts])


def name(folder: Path) -> None:
    """Girls' names end with a and boys' with o; those of the 2010s begin with z."""
    for part in PARTS:
        lines = ["name\tsex\ttotal\t" + "\t".join(map(str, range(1880, 2030, 10)))]
        for old, sex in [*((n, "F") for n in GIRLS), *((n, "M") for n in BOYS)]:
            for spelling, counts in ((old, births(d1890=30)), ("z" + old, births(d2010=30))):
                lines.append("\t".join([spelling, sex, "30", *map(str, counts)]))
        write(folder / f"names_us_{part}.tsv.gz", lines)


def translate(folder: Path) -> None:
    """A toy English and a toy French."""
    lines = ["\t".join(pair) for pair in PAIRS]
    write(folder / "mt_enfr_train.tsv.gz", lines)
    write(folder / "mt_enfr_dev.tsv.gz", lines[::5])
    write(folder / "mt_enfr_test.tsv.gz", [*lines[::4], "The cat eats.\tLe chat dîne."])
    people = ["mary\tF\t90\t90", "zoya\tF\t30\t30", "amy\tF\t30\t30", "tom\tM\t90\t90", "emeka\tM\t30\t30", "babak\tM\t30\t30"]
    write(folder / "names_us_train.tsv.gz", ["name\tsex\ttotal\t1880", *people])
    write(folder / "gazetteer_cities.tsv.gz", ["Nairobi\tNairobi\tKenya", "La Paz\tLa Paz\tBolivia", "Le Mans\tLe Mans\tFrance"])


def order(folder: Path) -> None:
    for part, lines in LINES.items():
        for kind in PARTS:
            write(folder / f"lm_{part}_{kind}.txt.gz", lines)
    pairs = ["syntax_semantics\tp\tt\tI go to bed.\tBed go to I.", "morphology\tp\tt\tZyx go home.\tZyx go zyx."]
    write(folder / "grammar_blimp_pairs.tsv.gz", pairs)


class Toy(NamedTuple):
    """A task's training in small.

    write      folder -> None; the data files
    settings   what is smaller in rnn_demo.train: {"tag.HIDDEN": {"gru": 12, ...}}
    plan       steps, epochs and so on that are enough to learn something
    learnt     the scores of a weight file -> whether it has
    """

    write: Callable[[Path], None]
    settings: dict[str, Any]
    plan: Plan
    learnt: Callable[[dict], bool]


def sizes(hidden: int) -> dict[str, int]:
    return dict.fromkeys(("rnn", "gru", "lstm", "bilstm"), hidden)


TOYS = {
    "tag": Toy(
        tag,
        {
            "tag.CONFIG": {"char_size": 8, "n_filters": 8, "own": [100, 4], "cased": True, "mixed": 16},
            "tag.HIDDEN": sizes(12),
            "tag.BATCH": 32,
            "tag.WEIGHTS": {"ewt": 1.0},
            "tag.WHOLE": {"sgd": 1.0},
        },
        Plan(steps=90, epochs=3, rate=2e-3, warm_up=10, average=0.9),
        lambda scores: scores["ewt"]["entities"] == 120 and scores["ewt"]["f1"] > 0.5,
    ),
    "rate": Toy(
        rate,
        {"rate.CONFIG": {"char_size": 4, "n_filters": 4}, "rate.HIDDEN": sizes(12), "rate.POOL": 300, "rate.TOKENS": 400},
        Plan(steps=120, epochs=2, rate=2e-3, warm_up=10, average=0.9),
        lambda scores: scores["sst2"] == {"texts": 150, "accuracy": 1.0} and scores["reviews"]["texts"] == 24,
    ),
    "name": Toy(
        name,
        {"name.HIDDEN": sizes(24), "name.BATCH": 16, "name.DROPOUT": 0.0},
        Plan(steps=100, epochs=3, rate=3e-3, warm_up=5, average=0.9),
        lambda scores: scores["names"] == 16 and scores["bits"] < 1.2 and scores["written"]["0.5"]["sex"] > 0.9,  # chance: 4.8, 0.5
    ),
    "translate": Toy(
        translate,
        {
            "translate.N_SUBWORDS": 318,  # 256 of them are bytes
            "translate.CONFIG": {"embedding_size": 24, "hidden_size": 32, "length_power": 1.0, "half": True},
            "translate.TOKENS": 200,
            "translate.DROPOUT": 0.0,
            "translate.SMOOTHING": 0.0,
            "translate.SAMPLED": 0.0,  # sentencepiece's random cuts cannot be repeated in one process
            "translate_scores.BINS": ((1, 5), (6, 10)),
            "translate_scores.BIN_SIZE": 20,
        },
        Plan(steps=160, epochs=3, rate=1e-2, warm_up=10, average=0.9),
        lambda scores: scores["sentences"] == 11 and min(scores["bleu"].values()) > 12,  # fresh weights have none
    ),
    "order": Toy(
        order,
        {"order.HIDDEN": sizes(8)},
        Plan(steps=60, epochs=30, rate=1e-2, warm_up=2, average=0.9),
        lambda scores: scores["perplexity"]["tatoeba_en"] < 8 and scores["grammar"]["unknown"] == 0.5,  # chance: about 10
    ),
}


def set_up(task: str, folder: Path, monkeypatch, **plan) -> tuple[Path, Path]:
    """The folders of data and of weights, with the task's recipe made small; `plan` says what is smaller still."""
    toy, data, out = TOYS[task], folder / "data", folder / "out"
    data.mkdir(), out.mkdir()
    toy.write(data)
    (out / checkpoints.VECTORS).symlink_to(weight_files.PRETRAINED / checkpoints.VECTORS)
    monkeypatch.setattr(translator, "SUBWORDS", folder / "subwords.model")
    monkeypatch.setattr("rnn_demo.train.recipe.FAST_HALF", False)  # so that losses are the same on every machine
    for setting, value in toy.settings.items():
        monkeypatch.setattr(f"rnn_demo.train.{setting}", value)
    plans = dict.fromkeys(load_recipe(task).plan, toy.plan._replace(**plan))
    monkeypatch.setattr(f"rnn_demo.train.{task}.PLAN", plans)
    return data, out
