"""Unrolled: streamlit run streamlit_app.py"""

from functools import partial

import streamlit as st

from rnn_demo.app.controls import warm_up
from rnn_demo.app.shapes_row import shapes
from rnn_demo.app.task_page import task_page
from rnn_demo.tasks import TASKS

st.set_page_config("Unrolled: watch a recurrent network read", layout="wide")
warm_up()
st.html(
    """<style>
    .stMainBlockContainer { padding: 4rem clamp(1rem, 4vw, 3.5rem) 3rem; max-width: 1360px; }
    .stMainBlockContainer h1 { padding: 0 0 .2rem; }
    @media (max-width: 700px) { /* a phone shows the picture before the choices */
      .stMainBlockContainer { padding-top: 3.6rem; } .stMainBlockContainer h1 { font-size: 1.4rem; }
      :has(> .st-key-work) { order: 1; } :has(> .st-key-choices) { order: 2; } :has(> .st-key-below) { order: 3; }
    }
    .stMainBlockContainer [data-testid="stVerticalBlock"] { gap: .7rem; }
    [data-testid="InputInstructions"] { display: none; }
    .unrolled-brand { margin: 0; font-size: .85rem; opacity: .8; }
    .unrolled-brand b { letter-spacing: .04em; }
    </style>
    <p class="unrolled-brand"><b>Unrolled</b> · watch a recurrent network read</p>"""
)
pages = {task.name: st.Page(partial(task_page, task), title=task.words.title, url_path=task.name) for task in TASKS.values()}
# The first page stands at the bare address, where Streamlit ignores a url_path: so it has a page of its own there, too.
first = next(iter(TASKS.values()))
home = st.Page(partial(task_page, first), title=first.words.title, url_path="", default=True)
page = st.navigation([home, *pages.values()], position="hidden")
if not st.context.is_embedded:
    shapes(pages | {first.name: home})
page.run()


@st.fragment(run_every=86_400)
def comes_back() -> None:
    """Nothing. But a page that has a timer asks for a new run as soon as a lost connection is back, and others wait for a click."""


comes_back()
