"""The Task record: everything that differs between the pages and the commands of two tasks."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from rnn_demo.shapes import Shape
from rnn_demo.text import readable_part, tokenize
from rnn_demo.trace import Trace
from rnn_demo.view import Answers, Chain


class Example(NamedTuple):
    """A text one click away, and the one point it makes; `options` that it sets, by name."""

    name: str
    text: str
    point: str
    options: dict[str, Any] = {}


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
    """A button that puts another text into the box. press: what is read now -> the text.

    Button("Shuffle", ":material/shuffle:", press, "the same words in another order")
    """

    title: str
    icon: str
    press: Callable[["Reading"], str]
    help: str


class Reading(NamedTuple):
    """What a model made of a text: all that answers, figures and downloads are made from.

    model    as checkpoints.load gives it        text  what was read of what was typed
    options  the value of every Option by name   traces  as model.trace gives them
    """

    model: Any
    text: str
    options: dict[str, Any]
    traces: list[Trace]


class Panel(NamedTuple):
    """A plotly figure or a table (rows of strings, the heading first) on the page, with the sentence above it and the words
    that stand for a figure where it cannot be seen. A wide one has the whole width of the page."""

    words: str
    figure: Any
    alt: str
    wide: bool = False


class Box(NamedTuple):
    """The text box: what it is called, what stands in it while it is empty, how many lines it has at least.

    Box("Your sentence", "Type a sentence", 1)
    """

    label: str
    placeholder: str
    rows: int


def beginning(chars: int, tokens: int) -> Callable[[str], tuple[str, str]]:
    """What a page reads of a text, and a word to the visitor where that is not all of it; as Task.reads.

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


@dataclass(frozen=True)
class Task:
    """A page and a command. Example: TASKS["tag"].seed_text -> "Chirag worked at Microsoft in India".

    name       the word on the command line and in the address; title stands in the navigation
    shape      how its inputs and answers lie to each other, and so how it is drawn
    question, story   the page's heading, and what answers it
    cells      key -> name; the first is not special, default_cell is. cell_title: what is chosen by them
    cell_flag  how the command line chooses a cell: "--cell" and its key, or a flag that takes the one other cell
    lessons    the three short texts under the picture: what goes in, what is carried on, what comes out
    cell_notes what to look for when a cell is chosen
    box, seed_text   the text box, and what stands in it at first
    text_flag  how the command line takes the text: "text" by its place, or by a flag, "--start"
    refuses    a text of the command line -> what is wrong with it, "" for nothing
    reads      what is typed -> what the page reads of it, and a message, "" for none
    max_chars, max_tokens   of a link's text and step
    meanings, colors   of every answer
    trace      (model, text, options, earlier traces or None) -> traces
    chains     reading -> how each trace is drawn
    answers    reading -> what was answered at each step, and when
    as_json    reading -> what the command line prints, without "task" and "cell"
    as_table   reading -> rows of strings, the heading first
    choose     (reading, step, answer) -> what must be changed to take another answer at a step: {"text": ...}, or an option's
               name and value; None where nobody can
    choose_words   what a click on an answer does, "" where it does nothing
    opening    reading -> HTML that stands before the picture, if anything; what a visitor typed is escaped in it
    buttons    stand beside the options
    wait       ms for which typing must rest before it is read: for what takes longer than a frame or two
    panels     reading -> what stands under the picture, if anything
    closer     reading -> what "Look closer" adds for this task
    files      the names of data sets, in words
    scores_note   how to read the scores
    score_rows header of a weight file -> rows of strings, the heading first
    """

    name: str
    title: str
    shape: Shape
    question: str
    story: str
    cells: dict[str, str]
    default_cell: str
    cell_notes: dict[str, str]
    box: Box
    seed_text: str
    examples: tuple[Example, ...]
    lessons: tuple[str, str, str]
    meanings: dict[str, str]
    colors: dict[str, str]
    reads: Callable[[str], tuple[str, str]]
    max_chars: int
    max_tokens: int
    chains: Callable[[Reading], list[Chain]]
    answers: Callable[[Reading], Answers]
    as_json: Callable[[Reading], dict]
    as_table: Callable[[Reading], list[tuple[str, ...]]]
    closer: Callable[[Reading], list[Panel]]
    files: dict[str, str]
    scores_note: str
    score_rows: Callable[[dict], list[tuple[str, ...]]]
    trace: Callable[..., list[Trace]] = field(default=lambda model, text, options, after: model.trace(text, after))
    options: tuple[Option, ...] = ()
    text_flag: str = "text"
    refuses: Callable[[str], str] = field(default=lambda text: "")
    choose: Callable[[Reading, int, str], dict[str, Any]] | None = None
    choose_words: str = ""
    panels: Callable[[Reading], list[Panel]] | None = None
    cell_title: str = "Cell"
    cell_flag: str = "--cell"
    opening: Callable[[Reading], str] | None = None
    buttons: tuple[Button, ...] = ()
    wait: int = 0
