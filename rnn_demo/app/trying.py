"""What if: the widgets with which a visitor changes the network. The changes stand as chips in the live view."""

from collections.abc import Callable
from typing import NamedTuple

import streamlit as st

from rnn_demo.app import controls
from rnn_demo.edits import MOST, MOST_CHARS, SIGNED, Clamp, Cut, Edit, Graft, Hold, Swap
from rnn_demo.reading import Reading
from rnn_demo.tasks import Task
from rnn_demo.text import whole_characters

ONE_UNIT = "one unit, by its number"


class Way(NamedTuple):
    """One kind of change: its name on the page; what it means; the widgets, which return the edit once there is one."""

    title: str
    help: str
    ask: Callable[[Task, Reading, int], Edit | None]


def _pick(task: Task, name: str, title: str, options: list) -> str:
    """A choice that falls back to the first one when what was chosen is no longer there."""
    place = controls.key(task, f"try_{name}")
    controls.keep_known(place, options)
    return st.selectbox(title, options, key=place)


def _value(task: Task, name: str, title: str, low: float, first: float) -> float:
    return st.slider(title, low, 1.0, first, 0.05, key=controls.key(task, f"try_{name}"), width=220)


def _text(task: Task, name: str, title: str, placeholder: str) -> str:
    typed = st.text_input(title, key=controls.key(task, f"try_{name}"), max_chars=MOST_CHARS, placeholder=placeholder)
    return whole_characters(typed[:MOST_CHARS]).strip()  # only a browser keeps to max_chars


def _cut(task: Task, reading: Reading, step: int) -> Edit | None:
    return Cut(step)


def _swap(task: Task, reading: Reading, step: int) -> Edit | None:
    word = _text(task, "word", "by", "another word")
    return Swap(step, word) if word else None


def _hold(task: Task, reading: Reading, step: int) -> Edit | None:
    gate = _pick(task, "gate", "gate", list(reading.chains[0].trace.gates))
    low = -1.0 if gate in SIGNED else 0.0
    return Hold(gate, _value(task, f"value_{low:g}", "held at: 0 is shut, 1 is open", low, 1.0), step)


def _clamp(task: Task, reading: Reading, step: int) -> Edit | None:
    groups = dict.fromkeys(group.name for chain in reading.chains for group in chain.groups)
    which: int | str = _pick(task, "group", "units that speak for", [*groups, ONE_UNIT])
    if which == ONE_UNIT:
        last = min(chain.trace.h.shape[1] for chain in reading.chains) - 1
        which = int(st.number_input("unit", 0, last, key=controls.key(task, "try_unit"), width=120))
    return Clamp(which, _value(task, "level", "held at: 0 is silent", -1.0, 0.0), step)


def _graft(task: Task, reading: Reading, step: int) -> Edit | None:
    text = _text(task, "text", "of the text", "another text")
    return Graft(step, text) if text else None


WAYS = (
    Way("Cut the memory", "before this step the network forgets all that came before", _cut),
    Way("Swap a word", "another word stands at this step", _swap),
    Way("Hold a gate", "from this step on it has one value for all units", _hold),
    Way("Silence units", "from this step on they are held at one value", _clamp),
    Way("Transplant a memory", "before this step the network has read another text, and goes on with this one", _graft),
)


def widgets(task: Task, reading: Reading) -> None:
    """Draw what can be chosen to change in the network; `reading` is the one without edits."""
    columns, edits = reading.columns, controls.edits(task)
    if not columns:
        return
    ways = {way.title: way for way in WAYS if way.ask is not _hold or reading.chains[0].trace.gates}
    with st.container(horizontal=True, vertical_alignment="bottom", key=controls.key(task, "trying")):
        way = ways[_pick(task, "way", "change", list(ways))]
        words = [f"{t} {column.token.text}" for t, column in enumerate(columns, start=1)]
        step = int(_pick(task, "step", "at step", words[1:] if way.ask is _cut and len(words) > 1 else words).split(" ")[0])
        edit = way.ask(task, reading, step)
        st.button(
            "Try it", key=controls.key(task, "try"), help=way.help, disabled=edit is None or len(edits) >= MOST,
            on_click=controls.put_edits, args=(task, (*edits, edit)),
        )  # fmt: skip
