"""What stands above an example is true of what the page then shows, with every cell that it is shown for."""

import functools
import math

import conftest
import numpy as np
import pytest
from conftest import MODELS, load

from rnn_demo.names import known_names
from rnn_demo.reading import Reading
from rnn_demo.tasks import TASKS, order, rate


@functools.cache
def _read(task: str, cell: str, text: str, options: tuple) -> Reading:
    kept, problem = TASKS[task].entry.reads(text)
    assert not problem
    return conftest.read(task, cell, kept, **dict(options))


def read(task: str, cell: str, text: str, **options) -> Reading:
    return _read(task, cell, text, tuple(options.items()))


def again(reading: Reading, task: str, text: str | None = None, **options) -> Reading:
    """The same network with another text or option."""
    return read(task, reading.asked.cell, reading.text if text is None else text, **(reading.asked.options | options))


def network(reading: Reading):
    return load(reading.asked.task, reading.asked.cell)


# ---- what a page shows, in the words of the claims --------------------------------------------------------------------


def label(reading: Reading, word: str, which: int = 0) -> str:
    """The label of the nth such word."""
    return [column.answer for column in reading.columns if column.token.text == word][which]


def moved(reading: Reading, word: str, which: int = 0) -> float:
    """By how many stars the nth such word moved the rating."""
    changes = zip(reading.traces[0].tokens, reading.facts["changes"], strict=True)
    return [float(change) for token, change in changes if token == word][which]


def stars(reading: Reading) -> float:
    return float(rate.expected(reading.traces[0].probs[-1]))


def cost(reading: Reading, word: str) -> float:
    """The surprise of the last such word, in bits."""
    found = dict(zip(reading.traces[0].tokens[1:], reading.facts["bits"], strict=False))
    return float(found[word])


def total(reading: Reading) -> float:
    return float(reading.facts["bits"].sum())


def rolls(reading: Reading, count: int, **options) -> list[str]:
    """The names of the first so many rolls."""
    return [again(reading, "name", seed=seed, **options).facts["name"] for seed in range(count)]


def girls(name: str) -> float:
    """The share of girls among the children who were given a name."""
    births = {sex: known.births for sex, known in known_names()[name].items()}
    return births.get("female", 0) / sum(births.values())


def first_letters(reading: Reading) -> np.ndarray:
    """(27,) the probability of each first letter."""
    return reading.traces[0].probs[0]


def last_letter(reading: Reading) -> str:
    """What comes likeliest after the letters that were given."""
    trace = reading.traces[0]
    return trace.labels[int(trace.logits[len(reading.text)].argmax())]


def looked_at(reading: Reading) -> dict[str, str]:
    """French word -> the English word that it looked at most."""
    facts = reading.facts
    return {word: facts["source"][int(row.argmax())] for word, row in zip(facts["target"], facts["weights"], strict=True)}


def later_guesses(reading: Reading) -> list[int]:
    """The rank, 0 for the likeliest, that each word but the first had among the guesses, and the end."""
    (trace,) = reading.traces
    ids = network(reading).targets(list(trace.tokens[1:]))
    return [int((row > row[k]).sum()) for row, k in zip(trace.logits, ids, strict=True)][1:]


def scrambled(reading: Reading) -> bool:
    good = again(reading, "order", order.other_order(network(reading), reading))
    return total(good) + 10 < total(reading) and order.unscrambled(network(reading), reading) == good.text == order.PAIR[0]


# ---- the claims: task, example -> whether the point that it makes holds --------------------------------------------------

CLAIMS = {
    ("tag", "A title"): lambda r: (label(r, "Lagos"), label(r, "Lagos", 1)) == ("PER", "LOC"),
    ("tag", "Person or place"): lambda r: (label(r, "Washington"), label(r, "Washington", 1)) == ("PER", "LOC"),
    ("tag", "Several words"): lambda r: {label(r, word) for word in ("Bank", "of", "England")} == {"ORG"}
    and label(again(r, "tag", "of"), "of") == "O",
    ("tag", "no capitals"): lambda r: (label(r, "anna"), label(r, "paris")) == ("PER", "LOC"),
    ("tag", "A new name"): lambda r: all(
        label(r, name) != "O" and network(r).reader.table.row(name) < 0 for name in ("Xiulan", "Nokuthula", "Ísafjörður")
    ),
    ("tag", "A mistake"): lambda r: label(r, "Hope") == "O",
    ("rate", "Praise"): lambda r: moved(r, "warm") > moved(r, "funny") > moved(r, "wonderful") > moved(r, "loved"),
    ("rate", "The same word twice"): lambda r: moved(r, "good") < 0 < moved(r, "good", 1)
    and moved(again(r, "rate", r.text.replace("not ", "")), "good") > 0 and moved(read("rate", "rnn", r.text), "good") > 0,
    ("rate", "It turns half way"): lambda r: moved(r, "but") < -0.3,
    ("rate", "A long one"): lambda r: len(r.traces[0].tokens) > 110,
    ("rate", "Irony"): lambda r: moved(r, "best") > 0.4 and stars(r) > 4,
    ("rate", "A mistake"): lambda r: stars(r) < 2.95 and moved(r, "terrible") < -0.5,
    ("name", "Greedy"): lambda r: len(set(rolls(r, 12))) == 1
    and sum(known.births for known in known_names()[r.facts["name"]].values()) > 100_000,
    ("name", "Wild"): lambda r: sum(name in known_names() for name in rolls(r, 30)) < 15,
    ("name", "Grandmother"): lambda r: abs(first_letters(r) - first_letters(again(r, "name", decade=2010))).sum() > 0.4,
    ("name", "Robert, a girl"): lambda r: last_letter(r) == "a" and last_letter(again(r, "name", sex="male")) == "end",
    ("name", "A hard start"): lambda r: not any(name.startswith("xq") for name in known_names()),
    ("name", "A mistake"): lambda r: girls("isabel") > 0.95 and r.facts["name"] == "isabel",
    ("order", "A slip"): lambda r: cost(r, "agree") == r.facts["bits"].max()
    and total(again(r, "order", "I agree with you.")) + 5 < total(r),
    ("order", "Scrambled"): scrambled,
    ("order", "No surprise"): lambda r: max(later_guesses(r)) < 8,
    ("order", "Garden path"): lambda r: min(cost(r, "the"), cost(r, "boat")) > 8,
    ("order", "Not the nearest"): lambda r: cost(r, "is") + 1 < cost(again(r, "order", r.text.replace(" is ", " are ")), "are"),
    ("order", "A mistake"): lambda r: cost(r, "are") > cost(again(r, "order", r.text.replace(" are ", " is ")), "is") + 1,
    ("translate", "Word order"): lambda r: looked_at(r)["voiture"] == "car" and looked_at(r)["rouge"] == "red"
    and r.verdict[0].index("voiture") < r.verdict[0].index("rouge"),
    ("translate", "Agreement"): lambda r: {"vieille", "vieil"} <= set(r.verdict[0].split()),
    ("translate", "Two-part not"): lambda r: looked_at(r)["ne"] == looked_at(r)["pas"] == "not",
    ("translate", "A new name"): lambda r: {"Chirag", "Zainab"} <= set(r.verdict[0].split())
    and all(any(map(str.isalpha, piece)) and len(piece) < 5 for piece in r.facts["written"][:4]),
    ("translate", "Long"): lambda r: not {"petite", "rivière"} & set(r.verdict[0].split())
    and {"petite", "rivière"} <= set(read("translate", "attention", r.text).verdict[0].split()),
    ("translate", "A mistake"): lambda r: "banque" in r.verdict[0],
}  # fmt: skip


def cases() -> list[tuple[str, str, str]]:
    """(task, cell, example) for every cell that the point of an example is shown for."""
    return [
        (task, cell, example.name)
        for task, cell in MODELS
        for example in TASKS[task].words.examples
        if example.options.get("cell", cell) == cell
    ]


@pytest.mark.parametrize(("task", "cell", "name"), cases())
def test_the_point_of_every_example_is_true(task, cell, name):
    example = next(example for example in TASKS[task].words.examples if example.name == name)
    options = {key: value for key, value in TASKS[task].options_of(example).items() if key != "cell"}
    assert CLAIMS[task, name](read(task, cell, example.text, **options)), example.point


def test_a_claim_can_be_false():
    assert not CLAIMS["rate", "Irony"](read("rate", "gru", "It is not the best."))
    assert not CLAIMS["order", "A slip"](read("order", "gru", "I agree with you."))
    assert not CLAIMS["tag", "A mistake"](read("tag", "gru", "Mr. Hope met Grace in Reading"))


@pytest.mark.parametrize("cell", TASKS["order"].words.cells)
@pytest.mark.parametrize("text", ["the boat sank", "go home please", "red the is car fast", "like I it"])
def test_beside_a_text_stands_a_better_order_if_there_is_one(cell, text):
    reading = read("order", cell, text)
    other = order.other_order(network(reading), reading)
    best = order.unscrambled(network(reading), reading)
    assert sorted(other.split()) == sorted(text.split()) and other != text
    assert other == best or text == best
    assert math.isclose(total(again(reading, "order", best)), min(total(again(reading, "order", t)) for t in (text, other, best)))
