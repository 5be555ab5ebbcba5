"""The live view as a Streamlit component, and the picture of a training; their code is sent once, and their data at every key."""

from collections.abc import Callable
from functools import cache

import streamlit as st

from rnn_demo.view import code, loader, styles

_component = cache(lambda name, **files: st.components.v2.component(name, isolate_styles=False, **files))


def views() -> None:
    """The scripts, markup and rules of all views, once for a run of the whole page: a key sends none of it."""
    _component("code", css=styles(), js=code())(key="code")


def learn_view(data: dict, key: str, heard: Callable[[], None]) -> None:
    """Draw a picture of learn/picture.py. `heard` is called before the run in which a button was pressed; then
    st.session_state[key].does holds {"do", "value"}."""
    _component("learn_view", js=loader("learn_view"))(data=data, key=key, on_does_change=heard)


def trace_view(data: dict, key: str, heard: Callable[[], None]) -> bool:
    """Draw a payload. True in the one run after typing came to rest, if the payload asked for it.

    `heard` is called before the run in which the visitor typed or chose something; st.session_state[key] then holds
    typed, as controls.heard takes it, and chosen: {"step", "name"} where it was an answer, {"lens"} where it was a lens,
    {"look"} where it was a step for the open lens, {"edits"} where the network itself was changed,
    {"learn"} where the way back through time is to be shown.
    """
    events = {"on_typed_change": heard, "on_chosen_change": heard, "on_settled_change": lambda: None}
    # In a list, because Streamlit would look in each value of a dict for a table, and import pandas for that.
    return bool(_component("trace_view", js=loader("trace_view"))(data=[data], key=key, **events).settled)
