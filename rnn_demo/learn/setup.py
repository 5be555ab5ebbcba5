"""How a training is set up: the dials of the page, the fields of a link and the flags of the command line, in one table.

DIALS      whatever can be set besides job and text        read_link, write_link   a Setup as a query
"""

import math
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote_plus, urlencode

from rnn_demo.learn import JOBS
from rnn_demo.learn.base import CHARS, InputError, Setup
from rnn_demo.learn.reading import CELLS
from rnn_demo.tasks.base import Option

GENTLE = {"rnn": 0.003}  # rates at most, at first: without gates larger steps throw a network about
LINK_CHARS = 7500  # of a text as a link has it: longer ones are cut by some mail programs and proxies


def _whole(low: int, high: int) -> Callable[[str], int]:
    def parse(word: str) -> int:
        if not (word.isascii() and word.isdigit() and len(word) <= 9 and low <= int(word) <= high):
            raise ValueError(f"is not a whole number from {low} to {high}")
        return int(word)

    return parse


def _rate(word: str) -> float:
    try:
        value = float(word)
    except ValueError:
        value = math.nan
    if not 1e-5 <= value <= 10:
        raise ValueError("is not a number from 0.00001 to 10")
    return value


def _among(names: Mapping[str, Any]) -> Callable[[str], str]:
    def parse(word: str) -> str:
        if word not in names:
            raise ValueError(f"is not one of {', '.join(names)}")
        return word

    return parse


def _switch(word: str) -> bool:
    if word not in ("on", "off"):
        raise ValueError("is not one of on, off")
    return word == "on"


def _of(values: tuple) -> dict:
    return {value: f"{value:g}" for value in values}


# The default of each hangs on the job: see Job.usual.
UNITS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64)
LENGTHS = (2, 5, 10, 15, 20, 30, 40, 50, 60, 80, 100)
RATES = (0.0003, 0.001, 0.003, 0.005, 0.01, 0.03, 0.1, 0.3, 1.0)
LAYERS = "1, or 2: the states of the first are what the second reads"
SEED = "weights and rows are drawn by it; the same seed gives the same curve"
DIALS = (
    Option("cell", "Cell", _among(CELLS), None, "pick", CELLS, "what the block is"),
    Option("hidden", "Hidden units", _whole(1, 64), None, "slide", _of(UNITS), "numbers in the state, 1 to 64"),
    Option("layers", "Layers", _whole(1, 2), None, "pick", _of((1, 2)), LAYERS),
    Option("length", "Length", _whole(2, 100), None, "slide", _of(LENGTHS), "steps of a row, 2 to 100"),
    Option("batch", "Batch", _whole(1, 128), None, "slide", _of((1, 4, 8, 16, 32, 64, 128)), "rows a step, 1 to 128"),
    Option("rate", "Learning rate", _rate, None, "slide", _of(RATES), "how far a step goes"),
    Option("clip", "Clipping", _switch, None, "pick", {True: "on", False: "off"}, "whether gradients longer than 1 are cut to 1"),
    Option("seed", "Seed", _whole(0, 999_999_999), None, "roll", {}, SEED),
)


def checked(setup: Setup) -> tuple[Setup, str]:
    """The setup with the part of its text that is learnt from, and a remark; InputError where nothing can be learnt from it."""
    job = JOBS[setup.job]
    if job.reads is None:
        return setup._replace(text=""), ""
    text, note = job.reads(setup.text)
    return setup._replace(text=text), note


def usual(job: str, cell: str) -> Setup:
    """What is set up at first for a cell. usual("first", "rnn").rate -> 0.003"""
    found = JOBS[job].usual
    return found._replace(cell=cell, rate=min(found.rate, GENTLE.get(cell, found.rate)))


def set_up(job: str, **given: Any) -> Setup:
    """The usual setup of a job and cell with something else in it. set_up("first", cell="rnn").cell -> "rnn" """
    return usual(job, given.get("cell", JOBS[job].usual.cell))._replace(**given)


def with_cell(setup: Setup, cell: str) -> Setup:
    """The same with another cell, and with that one's usual rate where the rate was the usual one."""
    rate = usual(setup.job, cell).rate if setup.rate == usual(setup.job, setup.cell).rate else setup.rate
    return setup._replace(cell=cell, rate=rate)


def sound(setup: Setup) -> Setup:
    """The same with as usual what no dial can be set to: a browser may send anything. Setup(..., hidden=10**6, ...).hidden -> 32"""
    first = usual(setup.job, JOBS[setup.job].usual.cell)
    for dial in DIALS:
        try:
            dial.parse(written(getattr(setup, dial.name)))
        except ValueError:
            setup = setup._replace(**{dial.name: getattr(first, dial.name)})
    return setup


def written(value: Any) -> str:
    """As a link and a flag have it. True -> "on"; 0.01 -> "0.01" """
    return (
        {True: "on", False: "off"}[value] if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)
    )


def unusual(setup: Setup) -> dict[str, Any]:
    """The dials that stand elsewhere than at first, by name. {"cell": "rnn", "length": 50}"""
    first = usual(setup.job, setup.cell)._replace(cell=JOBS[setup.job].usual.cell)
    found = {dial.name: getattr(setup, dial.name) for dial in DIALS}
    return {name: value for name, value in found.items() if value != getattr(first, name)}


def write_link(setup: Setup) -> str:
    """The query of a link that learns the same curve again; what is as usual is left out, and so is a text that is too long: see
    `linked`."""
    found = {"job": setup.job} | {name: written(value) for name, value in unusual(setup).items()}
    if setup.text != JOBS[setup.job].usual.text and linked(setup):
        found["text"] = setup.text
    return urlencode(found, errors="replace")


def linked(setup: Setup) -> bool:
    """Whether its text has room in a link."""
    return len(quote_plus(setup.text, errors="replace")) <= LINK_CHARS


def read_link(params: Mapping[str, str]) -> tuple[Setup, list[str]]:
    """The setup of a link, and a sentence for each field that was unusable and is as usual.

    {"job": "parity", "hidden": "0"} -> (Setup("parity", "gru", 16, ...), ["The link's hidden is not ..."])
    """
    problems: list[str] = []
    complain = lambda name, what: problems.append(f"The link’s {name} {what}; the usual one is taken instead.")
    job = params.get("job", next(iter(JOBS)))
    if job not in JOBS:
        complain("job", f"is not one of {', '.join(JOBS)}")
        job = next(iter(JOBS))
    values: dict[str, Any] = {}
    for dial in DIALS:
        if dial.name in params:
            try:
                values[dial.name] = dial.parse(params[dial.name])
            except ValueError as error:
                complain(dial.name, str(error))
    if JOBS[job].reads and (text := params.get("text")) is not None:
        try:
            learnt, _ = JOBS[job].reads(text)
            values["text"] = text if len(text) <= CHARS else learnt
        except InputError as error:
            complain("text", f"cannot be learnt from: {error}")
    return set_up(job, **values), problems
