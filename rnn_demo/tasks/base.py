"""The Task record: everything that differs between the pages and the commands of two tasks."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from rnn_demo.trace import Trace
from rnn_demo.view import Answers, Chain


class Example(NamedTuple):
    """A text one click away, and the one point it makes."""

    name: str
    text: str
    point: str


@dataclass(frozen=True)
class Task:
    """A page and a command. Example: TASKS["tag"].seed_text -> "Chirag worked at Microsoft in India".

    name       the word on the command line and in the address; title stands in the navigation
    question, story   the page's heading, and what answers it
    cells      key -> name; the first is not special, default_cell is
    lessons    the three short texts under the picture: what goes in, what is carried on, what comes out
    cell_notes what to look for when a cell is chosen
    meanings, colors   of every answer
    read_chars, read_tokens   how far the page reads; Python and the command line read on
    chains     (model, traces) -> how each trace is drawn
    answers    traces -> what was answered at each step, and when
    as_json    (text, traces) -> what the command line prints, without "task" and "cell"
    as_table   traces -> rows of strings, the heading first
    files      the names of data sets, in words
    scores_note   how to read the scores
    score_rows header of a weight file -> rows of strings, the heading first
    """

    name: str
    title: str
    question: str
    story: str
    cells: dict[str, str]
    default_cell: str
    cell_notes: dict[str, str]
    seed_text: str
    examples: tuple[Example, ...]
    lessons: tuple[str, str, str]
    meanings: dict[str, str]
    colors: dict[str, str]
    read_chars: int
    read_tokens: int
    chains: Callable[..., list[Chain]]
    answers: Callable[[list[Trace]], Answers]
    as_json: Callable[[str, list[Trace]], dict]
    as_table: Callable[[list[Trace]], list[tuple[str, ...]]]
    files: dict[str, str]
    scores_note: str
    score_rows: Callable[[dict], list[tuple[str, ...]]]
