"""The live view as a Streamlit component: its scripts joined in order, without a build step."""

from collections.abc import Callable
from functools import cache

import streamlit as st

from rnn_demo.view import script, source, style


@cache
def _component() -> Callable:
    return st.components.v2.component(
        "trace_view", html=source("trace_view.html"), css=style(), js=script(), isolate_styles=False
    )


@cache
def _learning() -> Callable:
    html, css = (source(f"learn_view.{kind}") for kind in ("html", "css"))
    js = "\n".join([source("pad.js"), source("learn_view.js")])
    return st.components.v2.component("learn_view", html=html, css=css, js=js, isolate_styles=False)


def learn_view(data: dict, key: str, heard: Callable[[], None]) -> None:
    """Draw a picture of learn/picture.py. `heard` is called before the run in which a button was pressed; then
    st.session_state[key].does holds {"do", "value"}."""
    _learning()(data=data, key=key, on_does_change=heard)


def trace_view(data: dict, key: str, heard: Callable[[], None]) -> bool:
    """Draw a payload. True in the one run after typing came to rest, if the payload asked for it.

    `heard` is called before the run in which the visitor typed or chose something; st.session_state[key] then holds
    typed, as controls.heard takes it, and chosen: {"step", "name"} where it was an answer, {"lens"} where it was a lens,
    {"look"} where it was a step for the open lens, {"edits"} where the network itself was changed,
    {"learn"} where the way back through time is to be shown.
    """
    events = {"on_typed_change": heard, "on_chosen_change": heard, "on_settled_change": lambda: None}
    # In a list, because Streamlit would look in each value of a dict for a table, and import pandas for that.
    return bool(_component()(data=[data], key=key, **events).settled)
