"""Share links: one table of fields, read when a visitor arrives and written when they share. Standard library only."""

from collections.abc import Callable, Mapping
from typing import NamedTuple
from urllib.parse import urlencode

from rnn_demo.tasks.base import Task
from rnn_demo.text import tokenize


class Field(NamedTuple):
    """name in the link; parse turns the word into a value or raises ValueError saying what is wrong with it."""

    name: str
    parse: Callable[[Task, str], object]
    default: Callable[[Task], object]


def _text(task: Task, word: str) -> str:
    if len(word) > task.read_chars:
        raise ValueError(f"is longer than {task.read_chars} characters")
    return word


def _cell(task: Task, word: str) -> str:
    if word not in task.cells:
        raise ValueError(f"is not one of {', '.join(task.cells)}")
    return word


def _step(task: Task, word: str) -> int:
    if not (word.isascii() and word.isdigit() and len(word) <= 3 and int(word) <= task.read_tokens):
        raise ValueError(f"is not a whole number from 0 to {task.read_tokens}")
    return int(word)


FIELDS = (
    Field("text", _text, lambda task: task.seed_text),
    Field("cell", _cell, lambda task: task.default_cell),
    Field("step", _step, lambda task: None),  # None: everything has been read
)


def read_link(task: Task, params: Mapping[str, str]) -> tuple[dict[str, object], list[str]]:
    """The value of every field, and a sentence for each that was unusable and fell back to its default.

    {"cell": "gpt"} -> ({"text": ..., "cell": "gru", "step": None}, ["The link's cell is not one of rnn, ...])
    """
    values, problems = {}, []
    for field in FIELDS:
        values[field.name] = field.default(task)
        if field.name in params:
            try:
                values[field.name] = field.parse(task, params[field.name])
            except ValueError as error:
                problems.append(f"The link’s {field.name} {error}; the usual one is shown instead.")
    length = len(tokenize(values["text"]))
    if values["step"] is not None and values["step"] > length:
        problems.append(f"The link’s step is {values['step']}, and its text has {length} tokens; all of it is shown instead.")
        values["step"] = None
    return values, problems


def write_link(values: dict[str, object]) -> str:
    """The query of a link. {"text": "Zoë", "cell": "gru"} -> "text=Zo%C3%AB&cell=gru" """
    return urlencode({name: value for name, value in values.items() if value is not None})
