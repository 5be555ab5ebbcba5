"""Name: a seed becomes a name, one input to many outputs."""

import functools
import math

import numpy as np

from rnn_demo import figures
from rnn_demo.colors import LETTER_COLORS
from rnn_demo.names import ALPHABET, DECADES, END, LONGEST, SEXES, Seed, brief, describe, known_names
from rnn_demo.search import beam, joined, leaves
from rnn_demo.shapes import ONE_TO_MANY
from rnn_demo.tasks.base import Panel, Reading, Task, drawn, read_words
from rnn_demo.text import normal
from rnn_demo.trace import Trace, softmax
from rnn_demo.view import Answers, Chain, bands
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


def trace(model, text: str, options: dict, after: list[Trace] | None) -> list[Trace]:
    """Every step of one name. The name is written anew each time: it is short."""
    seed = seed_of(text, options)
    if text.endswith(STOP):
        return model.trace_name(seed.start, seed)
    return model.trace(seed, options["temperature"], options["seed"])


def name_of(reading: Reading) -> str:
    """The name that was written, in lower case."""
    return "".join(reading.traces[0].tokens[1:])


def answers(reading: Reading) -> Answers:
    """What was written at each step, and how likely it was at this temperature."""
    name = name_of(reading)
    written = [*name, END]
    warmed = softmax(reading.traces[0].logits.astype(float) / reading.options["temperature"])
    sure = [percent(row[reading.traces[0].labels.index(label)]) for row, label in zip(warmed, written, strict=True)]
    shown = [*name.capitalize(), END_SIGN]
    return Answers(
        names=reading.traces[0].labels,
        probs=warmed,
        labels=written,
        time=list(range(1, len(written) + 1)),
        shown=shown,
        small=sure,
        words=[reading.traces[0].tokens[0], *name.capitalize()],
        marks=[""] * len(written),
        tints=[("transparent", 0.0)] * len(written),
        said=[f"{letter} is written, {p}" for letter, p in zip([*name.capitalize(), END_ALOUD], sure, strict=True)],
        faces=[END_SIGN if label == END else label for label in reading.traces[0].labels],
        verdict=(name.capitalize(), told(name)),
        so_far=[name[:t].capitalize() for t in range(1, len(written) + 1)],
    )


def told(name: str) -> str:
    """What the list says of a name, as the end of a sentence beginning with it."""
    if name in known_names():
        return f"is {describe(name)}."
    return "is the network’s own invention: it is not in the list of real names."


def chains(reading: Reading) -> list[Chain]:
    return drawn(reading.traces, [_units(reading.model)])


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
    return {"box": (name_of(reading)[: step - 1] + (STOP if letter == END else letter)).capitalize()}


def names(reading: Reading) -> list[dict]:
    """As many names as were asked for: [{"name": "Mary", "probability": 0.0123, "known": True}]. The probability is that of
    writing this name with these settings, after the letters that were given."""
    options = reading.options
    seed = seed_of(reading.text, options)
    found = reading.model.write(seed, options["count"], options["temperature"], options["seed"])
    nats = reading.model.letter_logprobs(found, [seed] * len(found), options["temperature"])
    return [
        {
            "name": name.capitalize(),
            "probability": float(f"{math.exp(row[len(seed.start) :].sum()):.5g}"),
            "known": name in known_names(),
        }
        for name, row in zip(found, nats, strict=True)
    ]


def as_json(reading: Reading) -> dict:
    return {"names": names(reading)}


def as_table(reading: Reading) -> list[tuple[str, ...]]:
    rows = [(n["name"], odds(n["probability"]), "real" if n["known"] else "invented") for n in names(reading)]
    return [("name", "probability", "in the list"), *rows]


def odds(p: float) -> str:
    """0.17 -> "17.0%", 0.0004 -> "1 in 2,500" """
    return f"{p:.1%}" if p >= 0.01 else f"1 in {1 / p:,.0f}" if p > 1e-8 else "under 1 in 100,000,000"


def panels(reading: Reading) -> list[Panel]:
    """The tree of the likeliest names, the same name from both sexes and from two decades, and more names."""
    seed = seed_of(reading.text, reading.options)
    model, name = reading.model, name_of(reading)
    tree = beam(functools.partial(turns, model, seed), model.labels, END, WIDTH, LONGEST - 1, tuple(seed.start))
    likeliest = ", ".join("".join(text[:-1]).capitalize() for text, _ in leaves(tree))
    other = Seed(SEXES[1 - SEXES.index(seed.sex)], seed.decade, seed.start)
    then = Seed(seed.sex, seed.decade or OLD_AND_NEW[0], seed.start)
    now = then._replace(decade=OLD_AND_NEW[then.decade < 1950])
    more = as_table(reading)
    return [
        WORDS.panel("tree", figures.name_tree(joined(tree), brief, describe), seed=seed.words, width=WIDTH, names=likeliest),
        WORDS.panel("more", more, count=len(more) - 1),
        compared(model, name, seed, other),
        compared(model, name, then, now),
    ]


def turns(model, seed: Seed, prefixes: list[tuple[str, ...]]) -> np.ndarray:
    """What comes after each of N beginnings, (N, 27) nats; a name without any letter is none."""
    nats = model.next_logprobs(seed, prefixes)
    nats[[not prefix for prefix in prefixes], model.labels.index(END)] = -np.inf
    return nats


def compared(model, name: str, seed: Seed, other: Seed) -> Panel:
    """The same letters read from two seeds."""
    of_seed, of_other = model.letter_logprobs([name, name], [seed, other])
    log2 = abs(of_seed.sum() - of_other.sum()) / math.log(2)
    likelier, less = (seed, other) if of_seed.sum() >= of_other.sum() else (other, seed)
    shown = name.capitalize()
    return WORDS.panel(
        "compared",
        figures.two_readings([*shown, END_SIGN], {seed.words: np.exp(of_seed), other.words: np.exp(of_other)}),
        name=shown,
        times=times(log2),
        likelier=likelier.words,
        less=less.words,
    )


def closer(reading: Reading) -> list[Panel]:
    found = answers(reading)
    return [WORDS.panel("closer", figures.answer_heatmap(found.words, found.names, found.probs))]


def _sex(word: str) -> str:
    if word not in SEXES:
        raise ValueError(f"is not one of {', '.join(SEXES)}")
    return word


def _decade(word: str) -> int | None:
    if word == "any":
        return None
    if word not in map(str, DECADES):
        raise ValueError(f"is not a decade from {DECADES[0]} to {DECADES[-1]}, as 1920")
    return int(word)


def _temperature(word: str) -> float:
    try:
        value = float(word)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise ValueError("is not a positive number, as 0.8")
    return value


def _whole(low: int, high: int, word: str) -> int:
    if not (word.isascii() and word.isdigit() and len(word) <= 12 and low <= int(word) <= high):
        raise ValueError(f"is not a whole number from {low} to {high:,}")
    return int(word)


OPTIONS = (
    WORDS.option("sex", _sex, "female", "pick", {sex: sex for sex in SEXES}),
    WORDS.option("decade", _decade, None, "slide", {None: "any", **{d: f"{d}s" for d in DECADES}}),
    WORDS.option(
        "temperature", _temperature, 0.8, "slide",
        {0.01: "0 greedy", 0.3: "0.3", 0.5: "0.5 careful", 0.8: "0.8", 1.0: "1 as learnt", 1.5: "1.5 bold", 2.5: "2.5 wild"},
    ),
    WORDS.option("seed", functools.partial(_whole, 0, 10**9), 5, "roll"),
    WORDS.option("count", functools.partial(_whole, 1, 10_000), 10, ""),
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
    default_cell="lstm",
    seed_text="",
    colors=LETTER_COLORS,
    reads=reads,
    refuses=refuses,
    max_chars=MOST_LETTERS + 1,
    max_tokens=LONGEST + 1,
    trace=trace,
    chains=chains,
    answers=answers,
    as_json=as_json,
    as_table=as_table,
    choose=choose,
    panels=panels,
    closer=closer,
    options=OPTIONS,
    text_flag="--start",
    score_rows=score_rows,
)
