"""The live view as a Streamlit component: its scripts joined in order, without a build step."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import streamlit as st

from rnn_demo import view

SCRIPTS = ("dom", "textbox", "player", "columns", "inspect", "edits", "backward", "below", "story", "lecture", "trace_view")


@cache
def _component() -> Callable:
    read = lambda name: Path(view.__file__).with_name(name).read_text("utf-8")
    js = "\n".join(read(f"{name}.js") for name in SCRIPTS)
    return st.components.v2.component(
        "trace_view", html=read("trace_view.html"), css=read("trace_view.css") + read("story.css"), js=js, isolate_styles=False
    )


def trace_view(data: dict, key: str, heard: Callable[[], None]) -> bool:
    """Draw a payload. True in the one run after typing came to rest, if the payload asked for it.

    `heard` is called before the run in which the visitor typed or chose something; st.session_state[key] then holds
    typed, as controls.heard takes it, and chosen: {"step", "name"} where it was an answer, {"lens"} where it was a lens,
    {"look"} where it was a step for the open lens, {"edits"} where the network itself was changed,
    {"learn"} where the way back through time is to be shown.
    """
    events = {"on_typed_change": heard, "on_chosen_change": heard, "on_settled_change": lambda: None}
    return bool(_component()(data=data, key=key, **events).settled)
