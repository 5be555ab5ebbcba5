"""What a page keeps: widget keys, the values a link brought, loaded models. The only writer of st.session_state."""

import contextlib
import functools
import gc
import secrets
import sys
import threading
from bisect import bisect_left
from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qsl

import streamlit as st

from rnn_demo import seeds
from rnn_demo.app import keystrokes
from rnn_demo.app.qr import qr_code
from rnn_demo.edits import MOST, Edit, EditError, parse_link, resolved
from rnn_demo.edits import write_link as write_edits
from rnn_demo.learn.base import InputError
from rnn_demo.lenses import LENSES, Lens, View
from rnn_demo.lenses.base import plain, units_at
from rnn_demo.lenses.examples import EXPERIMENTS
from rnn_demo.links import fields, read_link, write_link
from rnn_demo.networks.weight_files import WeightsError
from rnn_demo.reading import Asked, Reading
from rnn_demo.story import Path, PathError, added, read_path
from rnn_demo.tasks import TASKS, Button, Option, Task
from rnn_demo.text import whole_characters
from rnn_demo.view import Closer

LOUDEST = "the loudest"  # of the units, whichever that is
BOX_CHARS = 20_000  # far more than a page reads; the browser keeps the rest of a larger paste to itself


def stand(place: str = "") -> None:
    """Where the visitor is: "" on the pages of the tasks, or a stop of the story, which keeps what is chosen there to itself."""
    st.session_state["place"] = place


def key(task: Task, name: str) -> str:
    return f"{st.session_state.get('place', '')}{task.name}_{name}"


def arrive(task: Task, usual: Mapping[str, str] = MappingProxyType({})) -> list[str]:
    """Seed what can be chosen from the link, once a session and place; sentences on what the link had wrong, until something is
    chosen. What the link does not say is as in `usual`, which is written like a link."""
    state = st.session_state
    state.setdefault("visit", secrets.token_hex(8))
    if key(task, "arrived") not in state:
        values, problems = read_link(task, {**usual, **st.query_params.to_dict()})
        came_by_link = any(name in st.query_params for name in values)
        step = values.pop("step")
        _choose(task, values)
        for name, value in (("turn", 0), ("keeps", False), ("heard", 0)):
            state[key(task, name)] = value
        state[key(task, "arrived")] = {"problems": problems, "seeds": values, "step": step, "by_link": came_by_link}
    _choose(task, state.pop(key(task, "brought"), {}))
    arrived = state[key(task, "arrived")]
    return arrived["problems"] if chosen(task) == arrived["seeds"] else []


def _choose(task: Task, values: dict[str, object]) -> None:
    for name, value in values.items():
        st.session_state[key(task, name)] = value


def asked_step(task: Task) -> int | None:
    """The step at which the link wants the view to open; None for the last."""
    return st.session_state[key(task, "arrived")]["step"]


def first_visit(task: Task) -> bool:
    """Whether somebody just came, without a link: then the view plays by itself until it is touched."""
    return not st.session_state[key(task, "arrived")]["by_link"]


def chosen(task: Task) -> dict:
    """Everything that can be chosen, as it stands now: {"text", "cell", and the task's options by name}."""
    return {field.name: st.session_state[key(task, field.name)] for field in fields(task) if field.name != "step"}


def text(task: Task) -> str:
    """What stands in the box, as far as it was sent."""
    return st.session_state[key(task, "text")]


def put_text(task: Task, text: str, keeps: bool = False) -> None:
    """Write into the text box. The turn tells the browser that this is not an echo of what was typed there; if it `keeps`,
    what the browser has not sent, of a longer text, stays behind it."""
    take_text(task, text)
    st.session_state[key(task, "turn")] += 1
    st.session_state[key(task, "keeps")] = keeps


def replace_read(task: Task, text: str) -> None:
    """Write in place of the part of the text that was read. What stands behind it, not read, stays."""
    put_text(task, text + unread(task, st.session_state[key(task, "text")]), keeps=True)


def take_text(task: Task, text: str) -> None:
    """Read this text from now on. What belonged to the one before is forgotten."""
    st.session_state[key(task, "text")] = whole_characters(text[:BOX_CHARS])
    for name in ("looked", "learning"):
        st.session_state.pop(key(task, name), None)
    for option in task.options:
        if option.widget == "text":
            st.session_state[key(task, option.name)] = option.default


def unread(task: Task, text: str) -> str:
    """What stands in a text behind the part that the page reads. "Zoë" on Name -> "ë" """
    read, _ = task.entry.reads(text)
    if text.startswith(read):
        return text[len(read) :]
    # What is read is not spelt as it was typed: it is the shortest beginning that is read alike.
    return text[bisect_left(range(len(text)), True, key=lambda n: task.entry.reads(text[:n])[0] == read) :]


def unread_count(task: Task, text: str) -> int:
    """Characters behind the part that the page reads, 0 where they are spaces alone. "Zoë" on Name -> 1"""
    rest = unread(task, text)
    return len(rest) if rest.strip() else 0


def text_box(task: Task) -> dict:
    """What the view must know to draw the box: {"label", "placeholder", "rows", "page", "text", "turn", "keeps", "visit",
    "heard", "unread", "asks"}, "unread" as a number of characters. What the others are for is said in textbox.js."""
    state = st.session_state
    label, placeholder = task.words.controls["text"]
    told = {name: state[key(task, name)] for name in ("text", "turn", "keeps", "heard")}
    box = {"label": label, "placeholder": placeholder, "rows": task.entry.rows, "visit": state["visit"]}
    box["page"] = key(task, "box")
    box["asks"] = keystrokes.PATH if task.name in TASKS and not state.get("place") else ""
    return box | told | {"unread": unread_count(task, told["text"])}


# What the view sends, and what of it the pages take. Anybody can send anything: what has another type is not listened to.
TYPED = {"text": str, "number": int, "visit": str, "turn": int, "lost": str | None, "path": str | None}
CHOSEN = {"step": int, "name": str}
LENS = {"lens": str}
LOOK = {"look": int}
EDITS = {"edits": str}
LEARN = {"learn": int}
ADD = {"add": int}
QR = {"qr": str}
SAVE = {"save": int}
LONGEST_LINK = 8000  # characters, as the view has it
LONGEST_LOST = 100_000  # far more than the longest text of a page makes, each sign written as four bytes
LARGEST = 2**53  # what a browser can count to


def _taken(event: object, kinds: dict) -> dict | None:
    """The values of an event, None where one of them is of another kind, or a number that no browser sends; what may be None may be
    missing, too.

    _taken({"lens": "step", "more": 1}, LENS) -> {"lens": "step"}; _taken({"lens": ["step"]}, LENS) -> None
    """
    if not isinstance(event, dict):
        return None
    values = {name: event.get(name) for name in kinds}
    fits = all(isinstance(value, kinds[name]) and not isinstance(value, bool) for name, value in values.items())
    fits = fits and all(abs(value) < LARGEST for value in values.values() if isinstance(value, int))
    return values if fits else None


def heard(task: Task) -> None:
    """Take over what was typed or chosen in the view.

    typed: {"text", "number" of the change, "visit" and "turn" in which it was made, "lost", "path"}. The last two are a link's
    query and a path's file, where the browser remembers what was chosen, and which stops were collected, in a session that this
    server no longer has; None elsewhere.
    chosen: {"step", "name"} of an answer, {"lens"}, {"look"} or {"edits"}, as a link has them; {"learn"}: 1 where the way back is
    to be shown, else 0; {"save"} where the page as a file is asked for.
    """
    event = st.session_state[key(task, "view")]
    if lens := _taken(event.chosen, LENS):
        _hear_lens(task, **lens)
    elif look := _taken(event.chosen, LOOK):
        _hear_look(task, **look)
    elif learn := _taken(event.chosen, LEARN):
        st.session_state[key(task, "learning")] = bool(learn["learn"])
    elif (changed := _taken(event.chosen, EDITS)) is not None:
        _hear_edits(task, **changed)
    elif added := _taken(event.chosen, ADD):
        _hear_add(task, **added)
    elif _taken(event.chosen, SAVE):
        st.session_state[key(task, "saves")] = True
    elif asked := _taken(event.chosen, QR):
        st.session_state["qr"] = asked["qr"][:LONGEST_LINK]
    elif chosen := _taken(event.chosen, CHOSEN):
        _hear_chosen(task, **chosen)
    elif typed := _taken(event.typed, TYPED):
        _hear_typed(task, **typed)


def _hear_lens(task: Task, lens: str) -> None:
    if lens in LENSES:
        st.session_state[key(task, "lens")] = lens
        st.session_state.pop(key(task, "learning"), None)
        st.session_state[key(task, "turned")] = True


def _hear_look(task: Task, look: int) -> None:
    """A step was pinned in the view: the open lens looks there."""
    reading = st.session_state.get(key(task, "shown"))  # none while only the kept picture of a seed is there
    if reading and 1 <= look <= len(reading.columns):
        st.session_state[key(task, "looked")] = look
        st.session_state[key(task, "turned")] = True


def _hear_edits(task: Task, edits: str) -> None:
    """The network was changed in the view: an arrow cut, or a change taken back. All edits that there are now."""
    try:
        put_edits(task, parse_link(edits))
    except ValueError:
        return  # no view writes that
    st.session_state[key(task, "turned")] = True


def _hear_add(task: Task, add: int) -> None:
    """This view, at this step, is to be a stop of the visitor's own path, which leads to the pages of the tasks alone."""
    if task.name not in TASKS:
        return
    now = chosen(task) | {"step": add}
    text, _ = task.entry.reads(whole_characters(now["text"]))
    link = dict(parse_qsl(write_link(now | {"text": text}), keep_blank_values=True))
    if read_link(task, link)[1]:
        return  # what a link cannot hold, no view has shown
    before = st.session_state.get("path", Path())
    st.session_state["path"] = after = added(before, task, link)
    full = f"Not added: your path has {len(before.stops)} stops, and is full. Remove one on the page Story."
    words = full if after == before else "Added. Your path is on the page Story."
    st.session_state["added"] = {"words": words, "count": st.session_state.get("added", {"count": 0})["count"] + 1}


def saves(task: Task) -> bool:
    """Whether the visitor has just asked for the page as a file."""
    return st.session_state.pop(key(task, "saves"), False)


def answered() -> dict:
    """What the view draws of what it has asked for: the code of a link, and what came of a stop for the visitor's path. And the
    path itself, which the browser remembers for a server that starts anew."""
    path = st.session_state.get("path", Path())
    return {"qr": qr(), "added": st.session_state.get("added"), "path": path.file if path.stops else ""}


def qr() -> dict | None:
    """The code of the link for which the view has asked, as it draws it: {"link", "size", "path"}, or {"link", "problem"}."""
    link = st.session_state.get("qr")
    if not link:
        return None
    try:
        return {"link": link} | qr_code(link)._asdict()
    except ValueError as error:
        return {"link": link, "problem": str(error)}


def _hear_chosen(task: Task, step: int, name: str) -> None:
    reading = st.session_state.get(key(task, "shown"))
    if reading and task.extras.choose and 1 <= step <= len(reading.columns) and name in reading.names:
        values = task.extras.choose(reading, step, name)
        write = {"text": replace_read, "box": put_text}
        for what, value in values.items():
            if what in write:
                write[what](task, value)
            else:
                st.session_state[key(task, what)] = value


def _hear_typed(task: Task, text: str, number: int, visit: str, turn: int, lost: str | None, path: str | None) -> None:
    state = st.session_state
    if (visit, turn) != (state["visit"], state[key(task, "turn")]):
        return  # made before the page put another text into the box: what is in the box now is what counts
    state[key(task, "heard")] = number
    if text != state[key(task, "text")]:
        take_text(task, text)
    if lost is not None:
        values, _ = read_link(task, dict(parse_qsl(lost[:LONGEST_LOST], keep_blank_values=True)))
        del values["step"]
        if values.pop("text") != task.entry.reads(state[key(task, "text")])[0]:  # typed since: what belonged to it is forgotten
            for option in task.options:
                if option.widget == "text":
                    del values[option.name]
        state[key(task, "brought")] = values
        if path and not state.get("path", Path()).stops:
            with contextlib.suppress(PathError):  # no view brings such a one
                state["path"] = read_path(path)


def catch_up(task: Task) -> None:
    """Take over what was typed since the page has heard of it last, before anything is done with the text: a button may be pressed
    before typing has come to rest."""
    state = st.session_state
    last = keystrokes.last(state["visit"], task.name)
    if last and not state.get("place") and last.number > state[key(task, "heard")]:
        _hear_typed(task, last.text, last.number, state["visit"], last.turn, None, None)


def brought(task: Task) -> bool:
    """Whether the browser has just brought back what was chosen: the whole page must show it, and arrive() sets it."""
    return key(task, "brought") in st.session_state


def turned(task: Task) -> bool:
    """Whether another lens has just been taken: what stands below the view must follow."""
    return st.session_state.pop(key(task, "turned"), False)


def cell_picker(task: Task) -> None:
    st.segmented_control(
        task.words.controls["cell"].title,
        list(task.words.cells),
        format_func=lambda cell: task.words.cells[cell].title,
        key=key(task, "cell"),
        persist_state="session",
        required=True,
    )


def example_picker(task: Task) -> None:
    """One click puts an example into the box. Nothing stays picked: the box is what counts."""

    def take():
        name = st.session_state[key(task, "example")]
        for example in task.words.examples:
            if example.name == name:  # none, where a second click takes the first one back
                put_text(task, example.text)
                put_edits(task, ())  # they belonged to the steps of another text
                for option, value in task.options_of(example).items():
                    st.session_state[key(task, option)] = value
        st.session_state[key(task, "example")] = None

    st.pills("Try", [example.name for example in task.words.examples], key=key(task, "example"), on_change=take)


def experiment_picker(task: Task) -> None:
    """The examples of the open lens on this page, one click away; and the point of the one that is shown."""
    experiments = [one for one in EXPERIMENTS.get(lens(task), ()) if one.task == task.name]

    def take():
        name = st.session_state[key(task, "experiment")]
        for one in experiments:
            if one.name == name:
                put_text(task, one.text)
                put_edits(task, parse_link(one.edits))
                _choose(task, {"cell": one.cell} | ({"looked": one.step} if one.step else {}))
        st.session_state[key(task, "experiment")] = None

    if experiments:
        st.pills("Try", [one.name for one in experiments], key=key(task, "experiment"), on_change=take)
    now = chosen(task)
    for one in experiments:
        if (one.text, one.cell, one.edits) == (now["text"], now["cell"], now["edits"] or ""):
            st.markdown(one.point)


def _pick(option: Option, place: str) -> None:
    st.segmented_control(
        option.title, list(option.choices), format_func=option.choices.get, key=place, persist_state="session", required=True
    )


def _slide(option: Option, place: str) -> None:
    values = list(option.choices)
    if st.session_state[place] not in values:  # a link may bring one that lies between them
        values = sorted([*values, st.session_state[place]])
    words = lambda value: option.choices.get(value, str(value))
    st.select_slider(option.title, values, format_func=words, key=place, persist_state="session", help=option.help, width=190)


def _roll(option: Option, place: str) -> None:
    def roll():
        st.session_state[place] += 1

    words = f"{option.title} · {st.session_state[place]}"
    st.button(words, on_click=roll, key=f"{place}_roll", help=option.help, icon=":material/casino:")


WIDGETS = {"pick": _pick, "slide": _slide, "roll": _roll}


def _buttons(task: Task) -> None:

    def press(button: Button):
        try:
            catch_up(task)
            now, _ = task.entry.reads(st.session_state[key(task, "text")])
            replace_read(task, button.press(network(task), read(task, now)))
            put_edits(task, ())
        except ValueError as error:
            st.session_state[key(task, "refused")] = (st.session_state[key(task, "text")], str(error))

    with st.container(horizontal=True, width="content"):
        for button in task.extras.buttons:
            st.button(button.title, on_click=press, args=(button,), key=key(task, button.title), help=button.help, icon=button.icon)


def refusal(task: Task) -> str:
    """Why the button that was pressed last did nothing, as long as the text is the one for which that was so; "" for nothing."""
    text, why = st.session_state.get(key(task, "refused"), ("", ""))
    return why if text == st.session_state[key(task, "text")] else ""


def option_pickers(task: Task) -> None:
    """The widgets of the task's own options, and its buttons."""
    for option in task.options:
        if option.widget in WIDGETS:
            WIDGETS[option.widget](option, key(task, option.name))
    if task.extras.buttons:
        _buttons(task)


def few_pickers(task: Task, names: Collection[str]) -> None:
    """The choice of cells and the widgets of the task's options, those that are named."""
    if "cell" in names:
        cell_picker(task)
    for option in task.options:
        if option.name in names and option.widget in WIDGETS:
            WIDGETS[option.widget](option, key(task, option.name))


def lens(task: Task) -> str:
    """The name of the lens that is open: a key of LENSES."""
    return st.session_state[key(task, "lens")] or next(iter(LENSES))


def spot(task: Task, reading: Reading, with_unit: bool) -> tuple[int, str]:
    """Which step and which hidden unit a lens looks at, as two sliders have them: at first the step of the link, or the last one,
    and the unit that the link names, or "" for the one that speaks loudest, or where none is asked for. What the text no longer
    has is not asked for."""
    state, steps = st.session_state, len(reading.columns)
    if not steps:
        return 0, ""
    step_key, unit_key = key(task, "looked"), key(task, "unit_of")
    if state.get(step_key) not in range(1, steps + 1):
        state[step_key] = min(asked_step(task) or steps, steps)
    words = {step: f"{step} {plain(column.token.text)}" for step, column in enumerate(reading.columns, start=1)}
    with st.container(horizontal=True):
        if steps > 1:
            st.select_slider("Step", list(words), format_func=words.get, key=step_key, width=320)
        step = state[step_key]
        if not with_unit:
            return step, ""
        units = units_at(reading, step)
        unit = state[key(task, "unit")]
        if unit is not None and unit not in units:
            state[key(task, "unit")] = unit = None
        state[unit_key] = unit or LOUDEST

        def take():
            taken = state[unit_key]
            state[key(task, "unit")] = None if taken == LOUDEST else taken

        st.select_slider("Unit, in the order of the live view", [LOUDEST, *units], key=unit_key, on_change=take, width=320)
    return step, unit or ""


def closer(task: Task, reading: Reading | None, rests: bool = True, reader: Callable[[], Any] | None = None) -> Closer:
    """The open lens and what it draws in the view of a reading: what it plays backwards only where the visitor asks for it, and its
    trail only once typing `rests`. Without a reading nothing is drawn. `reader` as `changed` has it."""
    one = LENSES[lens(task)]
    if not one.opens or not reading or not reading.columns:
        return Closer(one.name, one.opens)
    step, _ = looked(task, len(reading.columns), one)
    if not one.shows:
        return Closer(one.name, one.opens, step)
    known = kept(task, reading, step)
    view = View(task, reader() if reader else network(task), reading, step, kept=known)
    with _ONE_READS:
        backward = view.once(one.shows.backward) if learns(task) else []
        trail = view.once(one.shows.trail) if rests or one.shows.trail in known else {}
    return Closer(one.name, one.opens, step, backward, trail)


def looked(task: Task, steps: int, lens: Lens) -> tuple[int, str]:
    """The step and the unit that a lens looks at, as `spot` has them, of a reading of so many steps."""
    state = st.session_state
    if not lens.opens:
        return steps, ""
    step = min(state.get(key(task, "looked")) or asked_step(task) or steps, steps)
    return step, (state[key(task, "unit")] or "") if lens.units else ""


def learns(task: Task) -> bool:
    """Whether the way back is shown."""
    return bool(st.session_state.get(key(task, "learning")))


def kept(task: Task, reading: Reading, step: int) -> dict:
    """What lenses have made of a reading at a step, for View.kept: a page is drawn more often than it changes."""
    place = key(task, "kept")
    known, at, found = st.session_state.get(place, (None, 0, {}))
    if known is not reading or at != step:
        found = {}
        st.session_state[place] = (reading, step, found)
    return found


def edits(task: Task) -> tuple[Edit, ...]:
    """The edits that were chosen, or came by the link."""
    return parse_link(st.session_state[key(task, "edits")] or "")


def put_edits(task: Task, edits: tuple[Edit, ...]) -> None:
    """Take these edits, and no others; of too many the first."""
    st.session_state[key(task, "edits")] = write_edits(edits[:MOST]) or None


def keep_known(place: str, options: list) -> None:
    """Forget what was chosen in a widget that no longer offers it."""
    if st.session_state.get(place) not in options:
        st.session_state.pop(place, None)


def model(task_name: str, cell: str):
    """A loaded model, shared by all visitors and never changed."""
    which = (task_name, cell)
    if which not in _LOADED:
        with _ONE_LOADS:
            if which not in _LOADED:  # nobody has loaded it meanwhile
                import torch

                from rnn_demo.networks.checkpoints import load

                torch.set_num_threads(1)  # one step is too small to share out; threads would only fight over the cores
                _LOADED[which] = load(task_name, cell)
    return _LOADED[which]


_LOADED: dict[tuple[str, str], Any] = {}  # the networks that need not be waited for; a plain dict, since every key asks it
_ONE_LOADS, _ONE_READS = threading.Lock(), threading.Lock()


def network(task: Task):
    """The chosen network. WeightsError if its weight file is damaged."""
    return model(task.name, st.session_state[key(task, "cell")])


def asked_of(task: Task, now: dict, text: str) -> Asked:
    """What is asked of a task's network, where `now` is what can be chosen, as `chosen` has it."""
    return Asked(task.name, now["cell"], text, {option.name: now.get(option.name, option.default) for option in task.options})


def first_picture(task: Task, text: str) -> dict | None:
    """The kept picture of a seed, as long as its network has not been loaded and nothing more is asked for; None otherwise."""
    state = st.session_state
    if (task.name, state[key(task, "cell")]) in _LOADED:  # at nearly every key
        return None
    more = state[key(task, "edits")] or state.get(key(task, "saves")) or lens(task) != next(iter(LENSES))
    return None if more else seeds.kept(asked_of(task, chosen(task), text))


def waits(drawn: dict | None) -> bool:
    """Whether all that needs torch has to wait until the first picture is seen: who imports it keeps a server from everything else
    for two seconds. So in the first run of a session, if a kept picture is `drawn` in it."""
    first = "waits" not in st.session_state
    st.session_state["waits"] = first and drawn is not None and "torch" not in sys.modules
    return st.session_state["waits"]


def read(task: Task, text: str) -> Reading:
    """What the chosen network makes of a text. WeightsError if a weight file is damaged."""
    asked = asked_of(task, chosen(task), text)
    before = st.session_state.get(key(task, "read"))
    if before is not None and before.asked == asked:
        return before
    last = keystrokes.last(st.session_state["visit"], task.name)
    known = last and last.reading.asked == asked  # when the last key was pressed
    reading = last.reading if known else read_anew(task, network(task), asked, before)
    for name in ("read", "shown"):
        st.session_state[key(task, name)] = reading
    return reading


def read_anew(task: Task, reader: Any, asked: Asked, before: Reading | None) -> Reading:
    """What a network makes of a text, going on from what this visitor's last one had in common with it.

    One visitor at a time: every little torch operation gives Python's lock away and must win it back, and fifty who do
    so at once wait for each other ten times as long as their reading takes.
    """
    goes_on = before is not None and before.asked.cell == asked.cell
    with _ONE_READS:
        return task.read(reader, asked.text, asked.options, before if goes_on else None)


def changed(task: Task, before: Reading, reader: Callable[[], Any] | None = None) -> tuple[Reading, str]:
    """The same text read with the edits that were chosen, if there are any and they fit; and a message where they do not. `reader`
    gives the network that reads, where it is not the chosen one of the shipped."""
    state, chosen_edits, problem = st.session_state, edits(task), ""
    known, given, reading = state.get(key(task, "changed"), (None, (), before))
    if known is not before or given != chosen_edits:
        reading, problem = edited(task, reader or functools.partial(network, task), before, chosen_edits)
        if not problem:
            state[key(task, "changed")] = (before, chosen_edits, reading)
    state[key(task, "shown")] = reading
    return reading, problem


def edited(task: Task, reader: Callable[[], Any], before: Reading, chosen_edits: tuple[Edit, ...]) -> tuple[Reading, str]:
    """The same text with edits, read by the network that `reader` gives, and ""; where they do not fit it, as it was, and a
    message."""
    if not chosen_edits or not before.columns:
        return before, ""
    asked, network = before.asked, reader()
    try:
        with _ONE_READS:
            fit = resolved(chosen_edits, before, lambda text: task.read(network, text, asked.options, None))
            return task.read(network, asked.text, asked.options, before, fit), ""
    except (EditError, InputError) as error:
        return before, f"This cannot be tried on this text: {error}."


@functools.cache
def warm_up() -> threading.Thread:
    """Load torch and the first network of every page in the background, once a server, so that no visitor waits for them. The
    others, 60 MB together, come when they are asked for: that takes 3 to 50 ms each."""

    def load_first():
        for task in TASKS.values():
            try:
                model(task.name, task.cell.default)
            except WeightsError:
                continue  # the page that needs it says so
        gc.collect()
        gc.freeze()  # what is loaded stays; later collections need not look at it again

    sys.setswitchinterval(0.0005)  # so that a reader wins it back soon from those who draw
    thread = threading.Thread(target=load_first, daemon=True)
    thread.start()
    return thread
