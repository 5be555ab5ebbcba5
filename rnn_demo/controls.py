"""What a page keeps: widget keys, the values a link brought, loaded models. The only writer of st.session_state."""

import functools
import gc
import sys
import threading

import streamlit as st

from rnn_demo.links import read_link
from rnn_demo.tasks import TASKS, Task
from rnn_demo.trace import Trace

BOX_CHARS = 20_000  # far more than a page reads: a box that is full drops a paste without a word


def key(task: Task, name: str) -> str:
    return f"{task.name}_{name}"


def arrive(task: Task) -> list[str]:
    """Seed the widgets from the link, once a session; sentences on what the link had wrong, until something else is chosen."""
    if key(task, "arrived") not in st.session_state:
        values, problems = read_link(task, st.query_params)
        came_by_link = any(name in st.query_params for name in values)
        seeds = values["text"], values["cell"]
        arrived = {"problems": problems, "seeds": seeds, "step": values["step"], "by_link": came_by_link}
        st.session_state[key(task, "arrived")] = arrived
        st.session_state[key(task, "text")] = values["text"]
        st.session_state[key(task, "cell")] = values["cell"]
    arrived = st.session_state[key(task, "arrived")]
    return arrived["problems"] if chosen(task) == arrived["seeds"] else []


def asked_step(task: Task) -> int | None:
    """The step at which the link wants the view to open; None for the last."""
    return st.session_state[key(task, "arrived")]["step"]


def first_visit(task: Task) -> bool:
    """Whether somebody just came, without a link: then the view plays by itself until it is touched."""
    return not st.session_state[key(task, "arrived")]["by_link"]


def chosen(task: Task) -> tuple[str, str]:
    """Text and cell as they stand now."""
    return st.session_state[key(task, "text")], st.session_state[key(task, "cell")]


def sentence_box(task: Task) -> None:
    """The live text box. Every keystroke reruns the fragment it stands in."""
    st.text_input(
        "Your sentence",
        key=key(task, "text"),
        live="0ms",
        max_chars=BOX_CHARS,
        persist_state="session",
        placeholder=f"Type a sentence, for example: {task.seed_text}",
        label_visibility="collapsed",
    )


def cell_picker(task: Task) -> None:
    st.segmented_control(
        "Cell",
        task.cells,
        format_func=task.cells.get,
        key=key(task, "cell"),
        persist_state="session",
        required=True,
    )


def example_picker(task: Task) -> None:
    """One click puts an example into the box. Nothing stays picked: the box is what counts."""

    def take():
        name = st.session_state[key(task, "example")]
        for example in task.examples:
            if example.name == name:  # none, where a second click takes the first one back
                st.session_state[key(task, "text")] = example.text
        st.session_state[key(task, "example")] = None

    st.pills("Try", [example.name for example in task.examples], key=key(task, "example"), on_change=take)


def look_closer_switch(task: Task) -> bool:
    return st.toggle("Look closer", key=key(task, "closer"), persist_state="session", help="Figures to zoom into, and downloads")


def looks_closer(task: Task) -> bool:
    return bool(st.session_state.get(key(task, "closer")))


@st.cache_resource(show_spinner=False)
def model(task_name: str, cell: str):
    """A loaded model, shared by all visitors and never changed."""
    import torch

    from rnn_demo.checkpoints import load

    torch.set_num_threads(1)  # one step is too small to share out; threads would only fight over the cores
    return load(task_name, cell)


_ONE_READS = threading.Lock()


def read(task: Task, model, text: str) -> list[Trace]:
    """What the model makes of a text, going on from what this visitor's last text had in common with it.

    One visitor at a time: every little torch operation gives Python's lock away and must win it back, and fifty who do
    so at once wait for each other ten times as long as their reading takes.
    """
    before_model, before = st.session_state.get(key(task, "read"), (None, None))
    with _ONE_READS:
        traces = model.trace(text, before if before_model is model else None)
    st.session_state[key(task, "read")] = model, traces
    return traces


@functools.cache
def warm_up() -> threading.Thread:
    """Load every model in the background, once a server, so that no visitor waits for torch."""

    def load_all():
        from rnn_demo.checkpoints import WeightsError

        for task in TASKS.values():
            for cell in task.cells:
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
