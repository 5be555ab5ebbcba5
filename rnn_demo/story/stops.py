"""A stop of the story: one thing to see, one to do, and often one to guess, at a place in the app that a link leads to."""

import re
import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

from rnn_demo import prose
from rnn_demo.links import read_link
from rnn_demo.tasks import TASKS, Task
from rnn_demo.view import PARTS, Guess, Scene

MOST_WORDS = 60  # of a stop: read in twenty seconds, which leaves as many to look and to try
# That a stop may show in place of the network, see app/story_figures.py.
FIGURES = ("sizes", "vectors", "fades", "gates", "learns", "trust", "uses", "further")
STORY = Path(__file__).with_name("story.toml")


class Act(NamedTuple):
    """One thing to try, and how it is known to be done: every named field of the link has a value that the pattern finds, the text
    is another one than the stop's. Then `after` is said.

    Act("Take the “not” out.", {"text": "^(?!.*not)"}, "The first “good” now raises the rating.")
    """

    words: str
    done: dict[str, str]
    after: str


class Stop(NamedTuple):
    """name        in the link, `stop=bag`
    title, words  what is to be seen, in at most MOST_WORDS words
    page, link    the task whose network is shown, and the fields of the link to it
    act, guess    what to try, and what to guess first; None for nothing
    light, dim    parts of the view that are marked, and those that are taken away, as view.PARTS has them
    figure        one of FIGURES in place of the network, "" for the network
    """

    name: str
    title: str
    words: str
    page: str
    link: dict[str, str] = {}
    act: Act | None = None
    guess: Guess | None = None
    light: tuple[str, ...] = ()
    dim: tuple[str, ...] = ()
    figure: str = ""

    @property
    def task(self) -> Task:
        return TASKS[self.page]

    @property
    def query(self) -> str:
        """As a link to the task's own page has it. "text=Olga+sings&cell=gru" """
        return urlencode(self.link)

    @property
    def scene(self) -> Scene:
        return Scene(self.light, self.dim, self.guess, bool(self.figure))

    def is_done(self, now: Mapping[str, Any]) -> bool:
        """Whether what is chosen now, by the names of the link's fields, is what the stop asked for."""
        if self.act is None:
            return False
        text = str(now.get("text", ""))
        if "text" in self.act.done and text.split() == self.link.get("text", self.task.entry.seed).split():
            return False
        return all(re.search(pattern, str(now.get(name) or ""), re.IGNORECASE) for name, pattern in self.act.done.items())


def count_words(text: str) -> int:
    """Words of a text, its marks aside. count_words("The **state** is zero.") -> 4"""
    return len([word for word in text.split() if any(map(str.isalnum, word))])


def stop_of(values: dict, where: str) -> Stop:
    """A table as a stop. ValueError names what is wrong with it: a key, the number of words, the link, a part of the view."""
    values = dict(values)
    for name, kind in (("act", Act), ("guess", Guess)):
        if name in values:
            values[name] = prose.record(kind, f"{where}, {name}", values[name])
    stop = prose.record(Stop, where, values)
    stop = stop._replace(light=tuple(stop.light), dim=tuple(stop.dim))
    if stop.page not in TASKS:
        raise ValueError(f"{where}: page {stop.page!r} is not one of {', '.join(TASKS)}")
    if (count := count_words(stop.words)) > MOST_WORDS:
        raise ValueError(f"{where}: {count} words, at most {MOST_WORDS} are read")
    known, problems = read_link(stop.task, stop.link)
    if problems or set(stop.link) - set(known):
        raise ValueError(f"{where}: {' '.join(problems) or f'the link has unknown fields: {set(stop.link) - set(known)}'}")
    if unknown := [part for part in (*stop.light, *stop.dim) if part not in PARTS]:
        raise ValueError(f"{where}: {unknown} is not one of {', '.join(PARTS)}")
    if stop.figure and stop.figure not in FIGURES:
        raise ValueError(f"{where}: figure {stop.figure!r} is not one of {', '.join(FIGURES)}")
    return stop


def read_stops(path: Path = STORY) -> tuple[Stop, ...]:
    """The stops of a file in their order."""
    table = tomllib.loads(path.read_text("utf-8"))
    prose.checked(path.name, table, ["stops"], ["stops"])
    stops = tuple(stop_of(values, f"{path.name}, stop {i}") for i, values in enumerate(table["stops"], start=1))
    if len({stop.name for stop in stops}) < len(stops):
        raise ValueError(f"{path.name}: two stops have the same name")
    return stops


STOPS = read_stops()


def in_order(pages: Collection[str]) -> list[str]:
    """Pages in the order in which the story comes to them; those it never comes to stand last."""
    told = list(dict.fromkeys(stop.page for stop in STOPS))
    return sorted(pages, key=lambda page: told.index(page) if page in told else len(told))
