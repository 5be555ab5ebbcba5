"""What a page keeps: widget keys, the values a link brought, loaded models. The only writer of st.session_state."""

import functools
import gc
import sys
import threading

import streamlit as st

from rnn_demo.links import fields, read_link
from rnn_demo.networks.weight_files import WeightsError
from rnn_demo.tasks import TASKS, Button, Option, Reading, Task
from rnn_demo.view import n_columns

BOX_CHARS = 20_000  # far more than a page reads; the browser keeps the rest of a larger paste to itself


def key(task: Task, name: str) -> str:
    return f"{task.name}_{name}"


def arrive(task: Task) -> list[str]:
    """Seed what can be chosen from the link, once a session; sentences on what the link had wrong, until something is chosen."""
    if key(task, "arrived") not in st.session_state:
        values, problems = read_link(task, st.query_params)
        came_by_link = any(name in st.query_params for name in values)
        step = values.pop("step")
        for name, value in values.items():
            st.session_state[key(task, name)] = value
        st.session_state[key(task, "turn")] = 0
        st.session_state[key(task, "arrived")] = {"problems": problems, "seeds": values, "step": step, "by_link": came_by_link}
    arrived = st.session_state[key(task, "arrived")]
    return arrived["problems"] if chosen(task) == arrived["seeds"] else []


def asked_step(task: Task) -> int | None:
    """The step at which the link wants the view to open; None for the last."""
    return st.session_state[key(task, "arrived")]["step"]


def first_visit(task: Task) -> bool:
    """Whether somebody just came, without a link: then the view plays by itself until it is touched."""
    return not st.session_state[key(task, "arrived")]["by_link"]


def chosen(task: Task) -> dict:
    """Everything that can be chosen, as it stands now: {"text", "cell", and the task's options by name}."""
    return {field.name: st.session_state[key(task, field.name)] for field in fields(task) if field.name != "step"}


def put_text(task: Task, text: str) -> None:
    """Write into the text box. The turn tells the browser that this is not an echo of what was typed there."""
    take_text(task, text)
    st.session_state[key(task, "turn")] += 1


def take_text(task: Task, text: str) -> None:
    """Read this text from now on. What belonged to the one before is forgotten."""
    st.session_state[key(task, "text")] = text
    for option in task.options:
        if option.widget == "text":
            st.session_state[key(task, option.name)] = option.default


def text_box(task: Task) -> dict:
    """What the view must know to draw the box."""
    label, placeholder = task.words.controls["text"]
    box = {"label": label, "placeholder": placeholder, "rows": task.box_rows}
    return box | {"text": st.session_state[key(task, "text")], "turn": st.session_state[key(task, "turn")]}


def heard(task: Task) -> None:
    """Take over what was typed or chosen in the view."""
    event = st.session_state[key(task, "view")]
    if event.chosen:
        step, name = event.chosen["step"], str(event.chosen["name"])
        reading = st.session_state[key(task, "read")]
        chains = task.chains(reading)
        if isinstance(step, int) and 1 <= step <= n_columns(chains) and name in chains[-1].trace.labels:
            for what, value in task.choose(reading, step, name).items():
                if what == "text":
                    put_text(task, value)
                else:
                    st.session_state[key(task, what)] = value
    elif event.typed:
        take_text(task, str(event.typed["text"])[:BOX_CHARS])


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
                for option, value in task.options_of(example).items():
                    st.session_state[key(task, option)] = value
        st.session_state[key(task, "example")] = None

    st.pills("Try", [example.name for example in task.words.examples], key=key(task, "example"), on_change=take)


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
            put_text(task, button.press(st.session_state[key(task, "read")]))
        except ValueError as error:
            st.toast(str(error))

    with st.container(horizontal=True, width="content"):
        for button in task.buttons:
            st.button(button.title, on_click=press, args=(button,), key=key(task, button.title), help=button.help, icon=button.icon)


def option_pickers(task: Task) -> None:
    """The widgets of the task's own options, and its buttons."""
    for option in task.options:
        if option.widget in WIDGETS:
            WIDGETS[option.widget](option, key(task, option.name))
    if task.buttons:
        _buttons(task)


def look_closer_switch(task: Task) -> bool:
    return st.toggle("Look closer", key=key(task, "closer"), persist_state="session", help="Figures to zoom into, and downloads")


def looks_closer(task: Task) -> bool:
    return bool(st.session_state.get(key(task, "closer")))


@st.cache_resource(show_spinner=False)
def model(task_name: str, cell: str):
    """A loaded model, shared by all visitors and never changed."""
    import torch

    from rnn_demo.networks.checkpoints import load

    torch.set_num_threads(1)  # one step is too small to share out; threads would only fight over the cores
    return load(task_name, cell)


_ONE_READS = threading.Lock()


def read(task: Task, text: str) -> Reading:
    """What the chosen model makes of a text, going on from what this visitor's last text had in common with it.

    One visitor at a time: every little torch operation gives Python's lock away and must win it back, and fifty who do
    so at once wait for each other ten times as long as their reading takes. WeightsError if a weight file is damaged.
    """
    now = chosen(task)
    options = {option.name: now.get(option.name, option.default) for option in task.options}
    network = model(task.name, now["cell"])
    before = st.session_state.get(key(task, "read"))
    goes_on = before is not None and before.model is network
    if goes_on and (before.text, before.options) == (text, options):
        return before
    with _ONE_READS:
        traces = task.trace(network, text, options, before.traces if goes_on else None)
    st.session_state[key(task, "read")] = Reading(network, text, options, traces)
    return st.session_state[key(task, "read")]


@functools.cache
def warm_up() -> threading.Thread:
    """Load every model in the background, once a server, so that no visitor waits for torch."""

    def load_all():
        for task in TASKS.values():
            for cell in task.words.cells:
                try:
                    model(task.name, cell)
                except WeightsError:
                    continue  # the page that needs it says so
        gc.collect()
        gc.freeze()  # what is loaded stays; later collections need not look at it again

    sys.setswitchinterval(0.0005)  # so that a reader wins it back soon from those who draw
    thread = threading.Thread(target=load_all, daemon=True)
    thread.start()
    return thread
