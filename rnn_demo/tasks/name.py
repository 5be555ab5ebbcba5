"""Name: a seed becomes a name, one input to many outputs."""

import functools
import math

import numpy as np

from rnn_demo import figures
from rnn_demo.colors import LETTER_COLORS
from rnn_demo.edits import Edit
from rnn_demo.names import ALPHABET, DECADES, END, LONGEST, SEXES, Seed, brief, describe, known_names
from rnn_demo.reading import Answer, Chain, Column, Reading
from rnn_demo.search import beam, joined, leaves
from rnn_demo.shapes import ONE_TO_MANY
from rnn_demo.tasks.base import CellChoice, Entry, Extras, Panel, Prints, Task, drawn, read_words, reading_of
from rnn_demo.tasks.parse import one_of, positive, whole
from rnn_demo.text import normal
from rnn_demo.trace import Trace, softmax
from rnn_demo.view.bands import bands
from rnn_demo.words import END_ALOUD, END_SIGN, percent, times

WORDS = read_words("name", ("choose", "sex", "decade", "temperature", "seed", "count"), ("tree", "more", "compared", "closer"))
MOST_LETTERS = 12  # of a beginning that a visitor gives
STOP = "."  # after first letters: the name ends here
WIDTH = 12  # names in the tree
CLASSES = {"vowel": "aeiouy", "consonant": "bcdfghjklmnpqrstvwxz", "end": (END,)}
OLD_AND_NEW = (1890, 2010)


def reads(text: str) -> tuple[str, str]:
    """The first letters in lower case, as far as the network knows them, and a message where that is not all.

    "Má" -> ("m", "“á” is not one of the letters a to z ...")
    """
    typed = normal(text).text.strip()
    stop = typed.endswith(STOP)
    first = typed.removesuffix(STOP).lower()
    wrong = next((sign for sign in first if sign not in ALPHABET), "")
    if wrong:
        kept = first[: first.index(wrong)][:MOST_LETTERS]
        on = f"goes on after “{kept.capitalize()}”" if kept else "chooses the first letter itself"
        return kept, (
            f"“{wrong}” is not one of the letters a to z, which are all that this network knows: it {on}. Your text is still in "
            "the box."
        )
    if len(first) > MOST_LETTERS:
        return first[:MOST_LETTERS], (
            f"At most {MOST_LETTERS} first letters can be given: the network goes on after “{first[:MOST_LETTERS].capitalize()}”. "
            "Your text is still in the box."
        )
    return first + STOP * (stop and first != ""), ""


def refuses(text: str) -> str:
    """What is wrong with the first letters on the command line, "" for nothing."""
    text = normal(text).text
    wrong = next((sign for sign in text if sign.lower() not in ALPHABET), "")
    if wrong:
        return f"argument --start: {wrong!r} is not one of the letters a to z. Try: python -m rnn_demo name --start Ma"
    if len(text) > MOST_LETTERS:
        return f"argument --start: at most {MOST_LETTERS} letters, not {len(text)}. Try: python -m rnn_demo name --start Ma"
    return ""


def seed_of(reading_text: str, options: dict) -> Seed:
    return Seed(options["sex"], options["decade"], normal(reading_text).text.removesuffix(STOP))


def read(network, text: str, options: dict, before: Reading | None, edits: tuple[Edit, ...] = ()) -> Reading:
    """What is written at each step, and how likely that was at this temperature. A name is written anew each time: it is short."""
    seed = seed_of(text, options)
    ends_there = text.endswith(STOP)
    if ends_there:
        (trace,) = network.trace_name(seed.start, seed, edits)
    else:
        (trace,) = network.trace(seed, options["temperature"], options["seed"], edits)
    name = "".join(trace.tokens[1:])
    probs = softmax(trace.logits.astype(float) / options["temperature"])
    columns = []
    shown = [*name.capitalize(), END_SIGN]
    rows = zip(trace.placed, [trace.tokens[0], *shown[:-1]], [*name, END], shown, probs, strict=True)
    for t, (token, word, letter, face, row) in enumerate(rows, start=1):
        sure = percent(row[trace.labels.index(letter)])
        columns.append(
            Column(
                token=token._replace(text=word),
                time=t,
                answer=letter,
                shown=face,
                note=sure,
                aloud=f"{END_ALOUD if letter == END else face} is written, {sure}",
                so_far=name[:t].capitalize(),
                about=network.about(token.text),
            )
        )
    answers = tuple(Answer(label, END_SIGN if label == END else label) for label in trace.labels)
    (chain,) = drawn([trace], [_units(network)])
    chain = chain._replace(rows={"the seed": kept(network, trace, chain, seed)})
    more = {"verdict": (name.capitalize(), told(name)), "facts": {"name": name, "seed": seed}}
    return reading_of("name", network, text, options, [chain], columns, answers, probs, edits, **more)


def kept(network, trace: Trace, chain: Chain, seed: Seed) -> np.ndarray:
    """(T,) how much of the seed is left in the memory: had it named the other sex, how different would the state be after the same
    letters? The mean over all units of |difference of h| times what a unit adds to the answer that it speaks for, in nats."""
    other = Seed(SEXES[1 - SEXES.index(seed.sex)], seed.decade)
    (read,) = network.trace_name("".join(trace.tokens[1:]), other)
    adds = np.concatenate([group.adds for group in chain.groups])
    return (np.abs(trace.h - read.h)[:, chain.order] * adds).mean(-1)


def told(name: str) -> str:
    """What the list says of a name, as the end of a sentence beginning with it."""
    if name in known_names():
        return f"is {describe(name)}."
    return "is the network’s own invention: it is not in the list of real names."


@functools.cache
def _units(model) -> tuple:
    """(H, 27) how much a unit at +1 adds to the score of each letter, over what it adds to all; the units' order, and their
    groups: those that speak for vowels, for consonants, and for the end."""
    weights = model.says(model.labels)
    says = weights - weights.mean(-1, keepdims=True)
    of_class = [says[:, [model.labels.index(letter) for letter in letters]].mean(-1) for letters in CLASSES.values()]
    return says, *bands(np.stack(of_class, -1), tuple(CLASSES))


def choose(reading: Reading, step: int, letter: str) -> dict[str, str]:
    """First letters that lead to another letter at a step. "mary", step 3, "g" -> {"box": "Mag"}"""
    return {"box": (reading.facts["name"][: step - 1] + (STOP if letter == END else letter)).capitalize()}


def more_names(network, reading: Reading) -> dict:
    """As many names as were asked for: {"names": [{"name": "Mary", "probability": 0.0123, "known": True}]}. The probability is
    that of writing this name with these settings, after the letters that were given."""
    seed, options = reading.facts["seed"], reading.asked.options
    edits = reading.asked.edits
    found = network.write(seed, options["count"], options["temperature"], options["seed"], edits)
    nats = network.letter_logprobs(found, [seed] * len(found), options["temperature"], edits)
    return {
        "names": [
            {
                "name": written.capitalize(),
                "probability": float(f"{math.exp(row[len(seed.start) :].sum()):.5g}"),
                "known": written in known_names(),
            }
            for written, row in zip(found, nats, strict=True)
        ]
    }


def study(network, reading: Reading) -> dict:
    """More names, the tree of the likeliest ones, and the same letters from both sexes and from two decades.

    {"names": ..., "tree": Branch, "pairs": [{"female 1890s": nats of each letter and the end, "male 1890s": ...}, ...]}
    """
    name, seed = reading.facts["name"], reading.facts["seed"]
    other = Seed(SEXES[1 - SEXES.index(seed.sex)], seed.decade, seed.start)
    then = Seed(seed.sex, seed.decade or OLD_AND_NEW[0], seed.start)
    now = then._replace(decade=OLD_AND_NEW[then.decade < 1950])
    return {
        **more_names(network, reading),
        "tree": beam(functools.partial(turns, network, seed), network.labels, END, WIDTH, LONGEST - 1, tuple(seed.start)),
        "pairs": [
            {one.words: row for one, row in zip(pair, network.letter_logprobs([name, name], list(pair)), strict=True)}
            for pair in ((seed, other), (then, now))
        ],
    }


def as_json(reading: Reading) -> dict:
    return {"names": reading.facts["names"]}


def as_table(reading: Reading) -> list[tuple[str, ...]]:
    rows = [(n["name"], odds(n["probability"]), "real" if n["known"] else "invented") for n in reading.facts["names"]]
    return [("name", "probability", "in the list"), *rows]


def odds(p: float) -> str:
    """0.17 -> "17.0%", 0.0004 -> "1 in 2,500" """
    return f"{p:.1%}" if p >= 0.01 else f"1 in {1 / p:,.0f}" if p > 1e-8 else "under 1 in 100,000,000"


def panels(reading: Reading) -> list[Panel]:
    """The tree of the likeliest names, more names, the same letters from both sexes and from two decades."""
    tree, more, seed = reading.facts["tree"], as_table(reading), reading.facts["seed"]
    likeliest = ", ".join("".join(text[:-1]).capitalize() for text, _ in leaves(tree))
    return [
        WORDS.panel("tree", figures.name_tree(joined(tree), brief, describe), seed=seed.words, width=WIDTH, names=likeliest),
        WORDS.panel("more", more, count=len(more) - 1),
        *(compared(reading.facts["name"].capitalize(), nats) for nats in reading.facts["pairs"]),
    ]


def turns(model, seed: Seed, prefixes: list[tuple[str, ...]]) -> np.ndarray:
    """What comes after each of N beginnings, (N, 27) nats; a name without any letter is none."""
    nats = model.next_logprobs(seed, prefixes)
    nats[[not prefix for prefix in prefixes], model.labels.index(END)] = -np.inf
    return nats


def compared(name: str, nats: dict[str, np.ndarray]) -> Panel:
    """The same letters read from two seeds."""
    less, likelier = sorted(nats, key=lambda seed: nats[seed].sum())
    figure = figures.two_readings([*name, END_SIGN], {seed: np.exp(row) for seed, row in nats.items()})
    log2 = (nats[likelier].sum() - nats[less].sum()) / math.log(2)
    return WORDS.panel("compared", figure, name=name, times=times(log2), likelier=likelier, less=less)


def closer(reading: Reading) -> list[Panel]:
    tokens, faces = [column.token.text for column in reading.columns], tuple(answer.face for answer in reading.answers)
    return [WORDS.panel("closer", figures.answer_heatmap(tokens, faces, reading.probs))]


def _decade(word: str) -> int | None:
    if word == "any":
        return None
    if word not in map(str, DECADES):
        raise ValueError(f"is not a decade from {DECADES[0]} to {DECADES[-1]}, as 1920")
    return int(word)


OPTIONS = (
    WORDS.option("sex", one_of(SEXES), "female", "pick", {sex: sex for sex in SEXES}),
    WORDS.option("decade", _decade, None, "slide", {None: "any", **{d: f"{d}s" for d in DECADES}}),
    WORDS.option(
        "temperature", positive, 0.8, "slide",
        {0.01: "0 greedy", 0.3: "0.3", 0.5: "0.5 careful", 0.8: "0.8", 1.0: "1 as learnt", 1.5: "1.5 bold", 2.5: "2.5 wild"},
    ),
    WORDS.option("seed", whole(0, 10**9), 5, "roll"),
    WORDS.option("count", whole(1, 10_000), 10, ""),
)  # fmt: skip


def score_rows(header: dict) -> list[tuple[str, ...]]:
    """The held-out scores of a weight file."""
    rows = [("names", "sex found", "decade found", "inventions", "over 12 letters", "bits per letter")]
    scores = header.get("scores")
    if not scores:  # before the first --evaluate
        return rows
    share = lambda value: f"{value:.1%}"
    real = scores["real"]
    bits = f"{scores['bits']:.3f} (5-gram model: {scores['ngram_bits']:.3f})"
    rows.append((f"{scores['names']:,} real ones, held out", share(real["sex"]), share(real["decade"]), "", "", bits))
    for temperature, written in scores["written"].items():
        found = (share(written[key]) for key in ("sex", "decade", "inventions"))
        rows.append((f"2,000 written at temperature {temperature}", *found, f"{written['long']:.2%}", ""))
    return rows


TASK = Task(
    name="name",
    shape=ONE_TO_MANY,
    words=WORDS,
    entry=Entry("", reads, MOST_LETTERS + 1, LONGEST + 1, flag="--start", refuses=refuses),
    cell=CellChoice("lstm"),
    colors=LETTER_COLORS,
    read=read,
    prints=Prints(as_json, as_table, score_rows, more_names),
    extras=Extras(study=study, panels=panels, closer=closer, choose=choose),
    options=OPTIONS,
)
