"""Share links: one table of fields, read when a visitor arrives and written when they share. Standard library only."""

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple
from urllib.parse import urlencode

from rnn_demo import edits
from rnn_demo.lenses import LENSES
from rnn_demo.tasks.base import Task


class Field(NamedTuple):
    """name in the link; parse turns the word into a value or raises ValueError saying what is wrong with it."""

    name: str
    parse: Callable[[str], object]
    default: object


def fields(task: Task) -> list[Field]:
    """Everything that a link to a task's page may hold: text and cell, the task's own options, the lens, the unit that it looks at,
    the edits and the step.

    [field.name for field in fields(TASKS["tag"])] -> ["text", "cell", "lens", "unit", "edits", "step"]
    """

    def text(word: str) -> str:
        if len(word) > task.entry.chars:
            raise ValueError(f"is longer than {task.entry.chars:,} characters")
        return word

    def cell(word: str) -> str:
        if word not in task.words.cells:
            raise ValueError(f"is not one of {', '.join(task.words.cells)}")
        return word

    def step(word: str) -> int:
        if not (word.isascii() and word.isdigit() and len(word) <= 3 and int(word) <= task.entry.tokens):
            raise ValueError(f"is not a whole number from 0 to {task.entry.tokens}")
        return int(word)

    def lens(word: str) -> str:
        if word not in LENSES:
            raise ValueError(f"is not one of {', '.join(LENSES)}")
        return word

    def unit(word: str) -> str:
        if not re.fullmatch(r"([a-z ]{1,30} )?[0-9]{1,4}", word):
            raise ValueError("is not the number of a hidden unit")
        return word

    def edited(word: str) -> str | None:
        return edits.write_link(edits.parse_link(word)) or None

    own = [Field(option.name, option.parse, option.default) for option in task.options if option.widget != "flag"]
    # The step's default is None: everything has been read; the lens's is the first one.
    return [
        Field("text", text, task.entry.seed),
        Field("cell", cell, task.cell.default),
        *own,
        Field("lens", lens, None),
        Field("unit", unit, None),
        Field("edits", edited, None),
        Field("step", step, None),
    ]


def read_link(task: Task, params: Mapping[str, str]) -> tuple[dict[str, object], list[str]]:
    """The value of every field, and a sentence for each that was unusable and fell back to its default.

    {"cell": "gpt"} -> ({"text": ..., "cell": "gru", "step": None}, ["The link's cell is not one of rnn, ...])
    """
    values, problems = {}, []
    for field in fields(task):
        values[field.name] = field.default
        if field.name in params:
            try:
                values[field.name] = field.parse(params[field.name])
            except ValueError as error:
                problems.append(f"The link’s {field.name} {error}; the usual one is shown instead.")
    return values, problems


def write_link(values: dict[str, object]) -> str:
    """The query of a link. {"text": "Zoë", "cell": "gru"} -> "text=Zo%C3%AB&cell=gru" """
    return urlencode({name: value for name, value in values.items() if value is not None}, errors="replace")
