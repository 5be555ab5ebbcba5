"""What if: the widgets with which a visitor changes the network, and the changes as chips that can be taken back one by one."""

from collections.abc import Callable
from typing import NamedTuple

import streamlit as st

from rnn_demo.app import controls
from rnn_demo.edits import MOST, Clamp, Cut, Edit, EditError, Hold, Swap, resolved
from rnn_demo.lenses import View
from rnn_demo.lenses.memory_figures import plain
from rnn_demo.reading import Reading
from rnn_demo.tasks import Task

VALUES = {"shut (0)": 0.0, "half open (0.5)": 0.5, "open (1)": 1.0}
LEVELS = {"silenced (0)": 0.0, "held at +1": 1.0, "held at −1": -1.0}


class Way(NamedTuple):
    """One kind of change: its name on the page; what it means; the widgets, which return the edit once there is one."""

    title: str
    help: str
    ask: Callable[[Task, View, int], Edit | None]


def _pick(task: Task, name: str, title: str, options: list) -> str:
    """A choice that falls back to the first one when what was chosen is no longer there."""
    place = controls.key(task, f"try_{name}")
    controls.keep_known(place, options)
    return st.selectbox(title, options, key=place)


def _swap(task: Task, view: View, step: int) -> Edit | None:
    word = st.text_input("by", key=controls.key(task, "try_word"), max_chars=40, placeholder="another word").strip()
    return Swap(step, word) if word else None


def _hold(task: Task, view: View, step: int) -> Edit | None:
    gate = _pick(task, "gate", "gate", list(view.reading.chains[0].trace.gates))
    return Hold(gate, VALUES[_pick(task, "value", "held", list(VALUES))], step)


def _clamp(task: Task, view: View, step: int) -> Edit | None:
    groups = list(dict.fromkeys(group.name for chain in view.reading.chains for group in chain.groups))
    group = _pick(task, "group", "units that speak for", groups)
    return Clamp(group, LEVELS[_pick(task, "level", "are", list(LEVELS))], step)


WAYS = (
    Way("Cut the memory", "before this step the network forgets all that came before", lambda task, view, step: Cut(step)),
    Way("Swap a word", "another word stands at this step", _swap),
    Way("Hold a gate", "from this step on it has one value for all units", _hold),
    Way("Silence units", "from this step on those that speak for an answer are held at one value", _clamp),
)


def tried(task: Task, view: View) -> View:
    """Draw chips and widgets; the same view, of the reading with the edits, if there are any that fit."""
    edits = controls.edits(task)
    st.markdown(
        "**What if?** Change something in the network and see which answers follow. Everything before the change stays as it was; "
        "what comes after is read again."
    )
    _widgets(task, view, edits)
    if edits:
        with st.container(horizontal=True):
            for i, edit in enumerate(edits):
                rest = edits[:i] + edits[i + 1 :]
                st.button(
                    f":material/close: {plain(edit.words)}", key=controls.key(task, f"chip{i}"), help="Take this change back",
                    on_click=controls.put_edits, args=(task, rest),
                )  # fmt: skip
    if not edits:
        return view
    try:
        edited = _read(task, view, edits)
    except EditError as error:
        st.warning(f"This cannot be tried on this text: {plain(str(error))}")
        return view
    return view._replace(reading=edited, before=view.reading)


def _read(task: Task, view: View, edits: tuple[Edit, ...]) -> Reading:
    options = view.reading.asked.options
    return task.read(view.network, view.reading.text, options, view.reading, resolved(edits, view.reading))


def _widgets(task: Task, view: View, edits: tuple[Edit, ...]) -> None:
    columns = view.reading.columns
    if not columns:
        return
    ways = {way.title: way for way in WAYS if way.ask is not _hold or view.reading.chains[0].trace.gates}
    with st.container(horizontal=True, vertical_alignment="bottom", key=controls.key(task, "trying")):
        way = ways[_pick(task, "way", "change", list(ways))]
        step = int(_pick(task, "step", "at step", [f"{t} {c.token.text}" for t, c in enumerate(columns, start=1)]).split(" ")[0])
        edit = way.ask(task, view, step)
        st.button(
            "Try it", key=controls.key(task, "try"), help=way.help, type="primary", disabled=edit is None or len(edits) >= MOST,
            on_click=controls.put_edits, args=(task, (*edits, edit)),
        )  # fmt: skip
