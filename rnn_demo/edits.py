"""Edits: what is changed in a network while it reads, to see what hangs on it. Standard library only.

Cut     the state before a step is zero           Swap   another word in place
Hold    a gate is held at a value from a step on  Clamp  a unit, or a group of units, is held at a value from a step on
Graft   the state before a step is that of another text

One is written as a flag of the command line, `--hold z=1@4`, and as a part of a link's field, `edits=hold:z:1:4`. Steps are those
of the network, from 1 on.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

from rnn_demo.reading import Reading

SIGNED = ("n", "g")  # gates that lie in -1..1; the others in 0..1

# Each edit has `words`, a phrase that names it, and, where it stays on from a step to the end, a `mark` for the blocks.


class EditError(ValueError):
    """An edit that this network or this text has no place for; the message lists what there is."""


class Cut(NamedTuple):
    """The arrow between the words step - 1 and step is cut: what the block hears from there is zero. Where a second chain comes
    back from the end, the same arrow is cut in it, so that its block step - 1 starts from zero. Cut(3)"""

    step: int

    @property
    def words(self) -> str:
        return f"cut before step {self.step}"


class Swap(NamedTuple):
    """Another word stands at a step. Swap(2, "Paris")"""

    step: int
    word: str

    @property
    def words(self) -> str:
        return f"“{self.word}” at step {self.step}"


class Hold(NamedTuple):
    """A gate has the same value for all units at the steps from `step` on. Hold("z", 1.0, 4)"""

    gate: str
    value: float
    step: int = 1

    @property
    def words(self) -> str:
        return f"{self.gate} = {self.value:g} from step {self.step} on"

    @property
    def mark(self) -> str:
        return f"{self.gate} = {self.value:g}"


class Clamp(NamedTuple):
    """A unit of h has the same value after the steps from `step` on: that is read out, and handed on. Beneath it the c of an LSTM
    goes on as it would.

    unit     its number, in every chain; or the name of a group, as Chain.groups has it, whose `members` are then its units in
             each chain (see `resolved`)

    Clamp(7, 0.0, 2); Clamp("PER", 0.0, 1, ((3, 8), (1, 2)))
    """

    unit: int | str
    value: float
    step: int = 1
    members: tuple[tuple[int, ...], ...] = ()

    @property
    def words(self) -> str:
        which = f"unit {self.unit}" if isinstance(self.unit, int) else f"the units for {self.unit}"
        done = "silenced" if self.value == 0 else f"held at {self.value:g}"
        return f"{which} {done} from step {self.step} on"

    @property
    def mark(self) -> str:
        return f"{'unit ' if isinstance(self.unit, int) else ''}{self.unit} = {self.value:g}"


class Graft(NamedTuple):
    """A memory is transplanted: the state before a step is the one that another text has left. A chain that comes back from the end
    keeps its own.

    states   of each chain, its last (h,) or (h, c), None for one that keeps its own; see `resolved`

    Graft(1, "Olga sings")
    """

    step: int
    text: str
    states: tuple = ()

    @property
    def words(self) -> str:
        return f"memory of “{self.text}” before step {self.step}"


Edit = Cut | Swap | Hold | Clamp | Graft


class Way(NamedTuple):
    """How one kind of edit is written.

    name      its flag, and its first word in a link        metavar, help   of the flag
    pattern   of the flag's word, with the record's fields as groups     make   the fields, as text -> the edit
    fields    the edit -> the words between the colons of a link
    """

    name: str
    metavar: str
    help: str
    pattern: str
    make: Callable[..., Edit]
    fields: Callable[[Any], tuple]


def _step(word: str | None) -> int:
    if word is None:
        return 1
    if not (word.isascii() and word.isdigit() and 1 <= len(word) <= 3 and int(word)):
        raise ValueError(f"has {word!r} for a step, which is a whole number from 1 on")
    return int(word)


def _value(word: str) -> float:
    try:
        value = float(word)
    except ValueError:
        value = 2.0
    if not -1 <= value <= 1:
        raise ValueError(f"has {word!r} for a value, which is a number from -1 to 1")
    return value


def _unit(word: str) -> int | str:
    return int(word) if word.isascii() and word.isdigit() and len(word) <= 5 else word


def _number(value: float) -> str:
    return f"{value:g}"


WAYS = {
    Cut: Way(
        "cut", "N", "the state before step N is zero; may be given again", r"(?P<step>[^@=]+)",
        lambda step: Cut(_step(step)), lambda cut: (cut.step,),
    ),
    Swap: Way(
        "swap", "N=WORD", "another word stands at step N; may be given again", r"(?P<step>[^=]+)=(?P<word>.+)",
        lambda step, word: Swap(_step(step), word), lambda swap: (swap.step, swap.word),
    ),
    Hold: Way(
        "hold", "GATE=VALUE@N", "a gate is held at a value from step N on, as z=1@4; may be given again",
        r"(?P<gate>\w+)=(?P<value>[^@]+)(?:@(?P<step>.+))?",
        lambda gate, value, step=None: Hold(gate, _value(value), _step(step)),
        lambda hold: (hold.gate, _number(hold.value), hold.step),
    ),
    Clamp: Way(
        "clamp", "UNIT=VALUE@N",
        "a unit, by its number, or a group, as PER, is held at a value from step N on; may be given again",
        r"(?P<unit>.+?)=(?P<value>[^@]+)(?:@(?P<step>.+))?",
        lambda unit, value, step=None: Clamp(_unit(unit), _value(value), _step(step)),
        lambda clamp: (clamp.unit, _number(clamp.value), clamp.step),
    ),
    Graft: Way(
        "graft", "N=TEXT", "the state before step N is that which another text has left; may be given again",
        r"(?P<step>[^=]+)=(?P<text>.+)", lambda step, text: Graft(_step(step), text), lambda graft: (graft.step, graft.text),
    ),
}  # fmt: skip
_BY_NAME = {way.name: way for way in WAYS.values()}
MOST = 12  # edits in a link
MOST_CHARS = 200  # of a word, a text or a name in it
LONGEST_LINK = 40_000  # characters: so many edits of such texts, each sign written as four bytes


def parse_flag(way: Way, word: str) -> Edit:
    """The word of a flag. WAYS[Hold], "z=1@4" -> Hold("z", 1.0, 4); a wrong one raises ValueError."""
    found = re.fullmatch(way.pattern, word)
    if not found:
        raise ValueError(f"is not {way.metavar}")
    return way.make(**found.groupdict())


def parse_link(word: str) -> tuple[Edit, ...]:
    """A link's field. "cut:3,swap:2:Paris" -> (Cut(3), Swap(2, "Paris")); a wrong one raises ValueError."""
    if len(word) > LONGEST_LINK or len(parts := [part for part in word.split(",") if part]) > MOST:
        raise ValueError(f"has more than {MOST} parts, or too long ones")
    found = []
    for part in parts:
        name, *fields = map(unquote, part.split(":"))
        if name not in _BY_NAME:
            raise ValueError(f"has {name[:20]!r}, which is not one of {', '.join(_BY_NAME)}")
        if any(len(field) > MOST_CHARS for field in fields):
            raise ValueError(f"has {part[:20]!r}… with more than {MOST_CHARS} characters")
        try:
            found.append(_BY_NAME[name].make(*fields))
        except TypeError as error:  # too many fields, or too few
            raise ValueError(f"has {part[:40]!r}, which should be like {EXAMPLES[name]}") from error
    return tuple(found)


EXAMPLES = {"cut": "cut:3", "swap": "swap:2:Paris", "hold": "hold:z:1:4", "clamp": "clamp:PER:0:3", "graft": "graft:1:Olga"}


def write_link(edits: Iterable[Edit]) -> str:
    """The field of a link. (Cut(3), Swap(2, "a,b")) -> "cut:3,swap:2:a%2Cb" """
    ways = [(WAYS[type(edit)], edit) for edit in edits]
    return ",".join(":".join([way.name, *(quote(str(field), safe="") for field in way.fields(edit))]) for way, edit in ways)


def drawn(edits: Iterable[Edit]) -> list[dict]:
    """What the view must know of edits: [{"kind": "hold", "step": 4, "words": "z = 1 from step 4 on", "mark": "z = 1",
    "link": "hold:z:1:4"}]; a mark of "" is none."""
    return [
        {
            "kind": WAYS[type(edit)].name,
            "step": edit.step,
            "words": edit.words,
            "mark": getattr(edit, "mark", ""),
            "link": write_link([edit]),
        }
        for edit in edits
    ]


def as_json(edits: Iterable[Edit]) -> list[dict]:
    """[{"edit": "cut", "step": 3}, {"edit": "clamp", "unit": "PER", "value": 0.0, "step": 1}]"""
    return [
        {"edit": WAYS[type(edit)].name, **{name: value for name, value in edit._asdict().items() if name not in FOUND}}
        for edit in edits
    ]


FOUND = ("members", "states")  # fields that `resolved` fills in


def resolved(edits: Iterable[Edit], reading: Reading, read: Callable[[str], Reading] | None = None) -> tuple[Edit, ...]:
    """The same, where a clamped group has its units, as the reading's chains group them, and a memory that is transplanted its
    numbers, which `read`, a text -> its Reading, finds. EditError names the groups, or the steps, there are."""
    ways: dict[type, Callable[[Any], Edit]] = {
        Clamp: lambda clamp: _with_members(clamp, reading),
        Graft: lambda graft: _with_states(graft, reading, read),
    }
    return tuple(ways.get(type(edit), lambda same: same)(edit) for edit in edits)


def _with_states(graft: Graft, reading: Reading, read: Callable[[str], Reading] | None) -> Graft:
    steps = len(reading.chains[0].trace.tokens)
    if not 1 <= graft.step <= steps:
        raise EditError(f"{graft.words}: no memory can be transplanted there; choose a step from 1 to {steps}")
    other = read(graft.text) if read else None
    if other is None or not other.columns:
        raise EditError(f"{graft.words}: there is nothing to read in that text")
    found: list[tuple | None] = []
    for chain in other.chains:
        keeps = chain.first or chain.time[0] > chain.time[-1]  # a decoder, or one that comes back from the end
        states = (chain.trace.h, chain.trace.c) if chain.trace.c is not None else (chain.trace.h,)
        found.append(None if keeps else tuple(tuple(state[-1].tolist()) for state in states))
    return graft._replace(states=tuple(found))


def _with_members(clamp: Clamp, reading: Reading) -> Clamp:
    if isinstance(clamp.unit, int) or not reading.columns:
        return clamp
    members, names = [], []
    for chain in reading.chains:
        rest, found = list(chain.order), ()
        for group in chain.groups:
            units, rest = tuple(rest[: group.size]), rest[group.size :]
            found += units if group.name == clamp.unit else ()
            names.append(group.name)
        members.append(found)
    if not any(members):
        units = min(chain.trace.h.shape[1] for chain in reading.chains)
        raise EditError(
            f"there is no unit {clamp.unit!r}; choose a number from 0 to {units - 1}, or a group: {', '.join(dict.fromkeys(names))}"
        )
    return clamp._replace(members=tuple(members))
