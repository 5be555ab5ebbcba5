"""The Task record: everything that differs between the pages and the commands of two tasks."""

import tomllib
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from rnn_demo import prose
from rnn_demo.edits import Edit
from rnn_demo.reading import Answer, Asked, Block, Chain, Column, Reading
from rnn_demo.shapes import Shape
from rnn_demo.text import readable_part, tokenize
from rnn_demo.trace import Trace


class Example(NamedTuple):
    """A text one click away, and the one point it makes; `options` that it sets, by name, each as a link has it:
    the task's own, and "cell", where the point holds for one cell only.

    Example("Greedy", "", "Always the likeliest letter ...", {"temperature": "0.01"})
    """

    name: str
    text: str
    point: str
    options: dict[str, str] = {}


class Control(NamedTuple):
    """What something is called that can be chosen, typed into or pressed, and a remark on it: in a text box, what stands in it
    while it is empty. Control("Beam", "how many beginnings the search keeps, 1 to 5")"""

    title: str = ""
    help: str = ""


class Cell(NamedTuple):
    """How a cell is called, and what to look for when it is chosen. Cell("plain RNN", "The whole memory is ...")"""

    title: str
    note: str


class PanelWords(NamedTuple):
    """The sentence above a figure or table, and the words that stand for a figure where it cannot be seen; "{width}" and the like
    are filled in. PanelWords("**The search.** {kept} at every step ...", "A tree of translations; the best is {translation}.")"""

    words: str
    alt: str = ""


class Scores(NamedTuple):
    """How to read the scores, the names of data sets in words, and what is meant by answers in "of 100 answers, 84 were right".

    Scores("An entity is right if ...", {"gmb": "GMB, news"}, "name labels")
    """

    note: str
    files: dict[str, str] = {}
    answers: str = "answers"


class Option(NamedTuple):
    """A choice besides text and cell. One line gives a widget on the page, a field of the link and a flag of the command.

    parse     a word of a link or a command line -> the value; raises ValueError that says what is wrong with the word
    widget    "pick", "slide" or "roll" (see controls.WIDGETS); "" where the page has none; "flag": a switch of the command line,
              False by itself, that the page and its links do not know; "text": it belongs to the text that is in the box,
              and is forgotten with it; the command line does not know it
    choices   value -> how the page names it, for "pick" and "slide"

    Example: Option("sex", "Seed", parse, "female", "pick", {"female": "female", "male": "male"}, "whose name it is to be")
    """

    name: str
    title: str
    parse: Callable[[str], Any]
    default: Any
    widget: str
    choices: dict[Any, str]
    help: str


class Button(NamedTuple):
    """A button that puts another text into the box. press: the network, and what it reads now -> the text.

    Button("Shuffle", ":material/shuffle:", press, "the same words in another order")
    """

    title: str
    icon: str
    press: Callable[[Any, Reading], str]
    help: str


class Panel(NamedTuple):
    """A plotly figure, a table (rows of strings, the heading first), one of the records of lenses/base.py, or None for none of
    these, with the sentence above it and the words that stand for a figure where it cannot be seen. A wide one has the whole width
    of the page. One that is `asked` for, by a switch of that name, has a function that makes the figure, or a Panel."""

    words: str
    figure: Any
    alt: str = ""
    wide: bool = False
    asked: str = ""

    def made(self) -> "Panel":
        """One that has been asked for."""
        found = self.figure()
        return found if isinstance(found, Panel) else self._replace(figure=found, asked="")


@dataclass(frozen=True)
class Words:
    """All prose of a task: tasks/<task>.toml as records. read_words("tag").question -> "How can a network remember ...?"

    title      stands in the navigation
    question, story   the page's heading, and what answers it
    lessons    the three short texts under the picture: what goes in, what is carried on, what comes out
    controls   "text", "cell", "memory" (what to watch in it), "choose" (what a click on an answer does), and the task's options
               and buttons
    cells      key -> name and note; the first is not special, Task.cell says which is chosen
    meanings   of every answer
    """

    title: str
    question: str
    story: str
    lessons: tuple[str, str, str]
    controls: dict[str, Control]
    cells: dict[str, Cell]
    meanings: dict[str, str]
    examples: tuple[Example, ...]
    panels: dict[str, PanelWords]
    scores: Scores

    def option(self, name: str, parse: Callable[[str], Any], default: Any, widget: str, choices: dict[Any, str] | None = None):
        """An Option with its words."""
        title, remark = self.controls[name]
        return Option(name, title, parse, default, widget, choices or {}, remark)

    def button(self, name: str, icon: str, press: Callable[[Any, Reading], str]) -> Button:
        """A Button with its words."""
        title, remark = self.controls[name]
        return Button(title, icon, press, remark)

    def panel(self, name: str, figure: Any, /, *, wide: bool = False, **facts: Any) -> Panel:
        """A Panel with its words, into which the facts are filled."""
        words, alt = self.panels[name]
        return Panel(words.format(**facts), figure, alt.format(**facts), wide)


def read_words(
    task: str, controls: Collection[str] = (), panels: Collection[str] = (), folder: Path = Path(__file__).parent
) -> Words:
    """The prose of a task. `controls` and `panels` are those that its page has, besides the text box and the choice of cells.

    A key that is unknown, or one that is missing, raises ValueError that names the file and the key.
    """
    path = folder / f"{task}.toml"
    table = tomllib.loads(path.read_text("utf-8"))

    def checked(part: str, found: Collection[str], needed: Collection[str], known: Collection[str]) -> None:
        prose.checked(f"{path.name}, [{part}]" if part else path.name, found, needed, known)

    def record(kind: Any, part: str, values: dict) -> Any:
        return prose.record(kind, f"{path.name}, [{part}]", values)

    def records(kind: Any, part: str) -> dict[str, Any]:
        return {name: record(kind, f"{part}.{name}", values) for name, values in table[part].items()}

    names = tuple(Words.__dataclass_fields__)
    checked("", table, names, names)
    for part, wanted in (("controls", ("text", "cell", "memory", *controls)), ("panels", panels)):
        checked(part, table[part], wanted, wanted)
    checked("controls.memory", table["controls"]["memory"], Control._fields, Control._fields)
    return Words(
        **{name: table[name] for name in ("title", "question", "story", "meanings")},
        lessons=tuple(table["lessons"]),
        controls=records(Control, "controls"),
        cells=records(Cell, "cells"),
        examples=tuple(record(Example, "examples", values) for values in table["examples"]),
        panels=records(PanelWords, "panels"),
        scores=record(Scores, "scores", table["scores"]),
    )


def beginning(chars: int, tokens: int) -> Callable[[str], tuple[str, str]]:
    """What a page reads of a text, and a word to the visitor where that is not all of it; as Entry.reads.

    beginning(400, 60)("   ") -> ("   ", "There is nothing in this text yet ...")
    """

    def reads(text: str) -> tuple[str, str]:
        if not text.strip():
            return text[:chars], "Type something to watch the network read it, or take one of the examples."
        read = readable_part(text, chars, tokens)
        found = tokenize(read)
        if not found:
            return read, "There is nothing in this text yet that could be read. Type a word, or take one of the examples."
        if len(read) == len(text):
            return read, ""
        return read, (
            f"Reading stopped after token {len(found)}, “{found[-1].text[:40]}”: this page reads {tokens:,} tokens (words and "
            f"signs) or {chars:,} characters. Your whole text is still in the box."
        )

    return reads


def drawn(traces: list[Trace], units: list[tuple]) -> list[Chain]:
    """The forward chain from left to right, the backward one, if there is one, from right to left; `units` as Chain has them."""
    steps = list(range(1, len(traces[0].tokens) + 1))
    return [Chain(trace, time, *how) for trace, time, how in zip(traces, (steps, steps[::-1]), units, strict=False)]


def reading_of(
    task: str,
    network: Any,
    text: str,
    options: dict[str, Any],
    chains: list[Chain],
    columns: list[Column],
    answers: tuple[Answer, ...],
    probs: Any,
    edits: tuple[Edit, ...] = (),
    **more: Any,
) -> Reading:
    """A Reading of a task by a network; `more` are the fields of Reading that have a default."""
    asked = Asked(task, network.cell, text, options, edits)
    block = Block(network.title, network.step_weights, network.parts)
    chains = [chain._replace(tells=network.tells(chain.trace.name)) for chain in chains]
    return Reading(asked, block, chains, columns, answers, probs, **more)


class Entry(NamedTuple):
    """How a text gets in.

    seed           what stands in the box at first
    reads          what is typed -> what the page reads of it, and a message to the visitor, "" for none
    chars, tokens  at most, of a link's text and step
    rows           how many lines the box has at least
    wait           ms for which typing must rest before it is read: for what takes longer than a frame or two
    flag           how the command line takes the text: "text" by its place, or by a flag, "--start"
    refuses        a text of the command line -> what is wrong with it, "" for nothing

    Entry("Chirag worked at Microsoft in India", beginning(400, 60), 400, 60)
    """

    seed: str
    reads: Callable[[str], tuple[str, str]]
    chars: int
    tokens: int
    rows: int = 1
    wait: int = 0
    flag: str = "text"
    refuses: Callable[[str], str] = lambda text: ""


class CellChoice(NamedTuple):
    """Which of words.cells is chosen at first, and how the command line chooses: "--cell" and its key, or a flag that takes the
    one other cell. CellChoice("gru")"""

    default: str
    flag: str = "--cell"


Study = Callable[[Any, Reading], dict[str, Any]]  # (network, reading) -> more facts, which take too long for every key


class Prints(NamedTuple):
    """A reading as the command line prints it, "task" and "cell" apart: as JSON, and as rows of strings, the heading first; the
    scores in the header of a weight file as such rows; and what must be studied for the first two."""

    json: Callable[[Reading], dict]
    table: Callable[[Reading], list[tuple[str, ...]]]
    scores: Callable[[dict], list[tuple[str, ...]]]
    study: Study = lambda network, reading: {}


class Comparison(NamedTuple):
    """The same words in two orders, with what each word costs in bits: (word, bits) each; how often each word stands there, and
    what a bag of words makes of that.

    Comparison("Two orders.", "...", [[("I", 3.2), ("go", 5.1)], [("go", 9.0), ("I", 7.7)]], {"go": 1, "i": 1}, "...")
    """

    title: str
    words: str
    rows: list[list[tuple[str, float]]]
    counts: dict[str, int] = {}
    remark: str = ""


class Extras(NamedTuple):
    """What a page has besides the picture.

    study     what must be known for panels and opening
    panels    a studied reading -> what stands under the picture
    opening   a studied reading -> a Comparison that stands first under the picture
    closer    a reading -> what the lens "Figures" adds
    choose    (reading, step, answer) -> what must be changed to take another answer at a step: {"text": ...} in place of what
              was read, {"box": ...} in place of all that stands in the box, or an option's name and value
    buttons   stand beside the options
    language  in which the answers are written, "" for that of the page
    titles    what is said of a sign that stands for something, where it is pointed at
    corner    what stands below the rest, as app/task_page.CORNERS names it; "" for nothing
    """

    study: Study = lambda network, reading: {}
    panels: Callable[[Reading], list[Panel]] | None = None
    opening: Callable[[Reading], Comparison] | None = None
    closer: Callable[[Reading], list[Panel]] = lambda reading: []
    choose: Callable[[Reading, int, str], dict[str, Any]] | None = None
    buttons: tuple[Button, ...] = ()
    language: str = ""
    titles: dict[str, str] = {}
    corner: str = ""


@dataclass(frozen=True)
class Task:
    """A page and a command. Example: TASKS["tag"].entry.seed -> "Chirag worked at Microsoft in India".

    name     the word on the command line and in the address
    shape    how its inputs and answers lie to each other, and so how it is drawn
    words    all its prose
    entry    how a text gets in            cell     which cell is chosen at first
    colors   of every answer               options  what can be chosen besides text and cell
    read     (network, text, options, an earlier Reading by the same network without edits or None, edits) -> Reading
    prints   as JSON and as a table        extras   what the page has besides the picture
    """

    name: str
    shape: Shape
    words: Words
    entry: Entry
    cell: CellChoice
    colors: dict[str, str]
    read: Callable[..., Reading]
    prints: Prints
    extras: Extras = Extras()
    options: tuple[Option, ...] = ()

    def options_of(self, example: Example) -> dict[str, Any]:
        """The values that an example sets, read as a link's are. {"decade": "1950"} -> {"decade": 1950}"""
        parse = {"cell": str} | {option.name: option.parse for option in self.options}
        return {name: parse[name](word) for name, word in example.options.items()}

