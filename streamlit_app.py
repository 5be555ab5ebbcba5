"""Unrolled: streamlit run streamlit_app.py"""

from functools import partial

import streamlit as st

from rnn_demo.app.controls import warm_up
from rnn_demo.app.frame import STYLE
from rnn_demo.app.shapes_row import shapes
from rnn_demo.app.task_page import task_page
from rnn_demo.app.train_page import QUESTION, train_page
from rnn_demo.tasks import TASKS

warm_up()
pages = {task.name: st.Page(partial(task_page, task), title=task.words.title, url_path=task.name) for task in TASKS.values()}
# The first page stands at the bare address, where Streamlit ignores a url_path: so it has a page of its own there, too.
first = next(iter(TASKS.values()))
home = st.Page(partial(task_page, first), title=first.words.title, url_path="", default=True)
pages["train"] = st.Page(train_page, title="Train", url_path="train")
questions = {name: task.words.question for name, task in TASKS.items()} | {"train": QUESTION}
page = st.navigation([home, *pages.values()], position="hidden")
here = next((name for name, known in pages.items() if known == page), first.name)
st.set_page_config(f"{page.title}: {questions[here]} · Unrolled")
st.html(STYLE)
with st.container(key="page", height=1, border=False):  # one pixel, until the style has come and says how it looks
    if not st.context.is_embedded:
        shapes(pages | {first.name: home})
    page.run()


@st.fragment(run_every=86_400)
def comes_back() -> None:
    """Nothing. But a page that has a timer asks for a new run as soon as a lost connection is back, and others wait for a click."""


comes_back()
