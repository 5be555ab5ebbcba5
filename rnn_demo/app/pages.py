"""All pages of the app: what Streamlit runs for every visitor."""

from functools import partial

import streamlit as st

from rnn_demo.app.component import views
from rnn_demo.app.controls import warm_up
from rnn_demo.app.frame import STYLE
from rnn_demo.app.glossary import glossary
from rnn_demo.app.shapes_row import FALLS, WAY, Tab, shapes, tab_of
from rnn_demo.app.story_page import story_page
from rnn_demo.app.task_page import task_page
from rnn_demo.app.train_page import QUESTION, train_page
from rnn_demo.story import in_order
from rnn_demo.tasks import TASKS

train = st.Page(lambda: train_page(story), title="Train", url_path="train")
watch = {"learns": (train, "Watch a small network learn, on the page Train")}
story = st.Page(partial(story_page, watch), title="Story", url_path="story")
pages = {
    task.name: st.Page(partial(task_page, task, story), title=task.words.title, url_path=task.name) for task in TASKS.values()
}
# The first task's page stands at the bare address, where Streamlit ignores a url_path: so it has a page of its own there, too.
first = next(iter(TASKS.values()))
home = st.Page(partial(task_page, first, story), title=first.words.title, url_path="", default=True)
page = st.navigation([home, story, *pages.values(), train], position="hidden")
questions = {pages[task.name]: task.words.question for task in TASKS.values()}
questions |= {home: first.words.question, story: "RNNs from the start", train: QUESTION}
st.set_page_config(f"{page.title}: {questions[page]} · Unrolled")
st.html(STYLE)
views()
with st.container(key="page", height=1, border=False):  # one pixel, until the style has come and says how it looks
    if not st.context.is_embedded:
        tabs = [tab_of(TASKS[name], home if name == first.name else pages[name]) for name in in_order(TASKS)]
        learns = Tab("train", "Train", "watch it learn", FALLS, train)
        shapes([Tab("story", "Story", "start here", WAY, story), *tabs, learns])
    page.run()
    glossary()
if not st.session_state.get("waits"):
    warm_up()


@st.fragment(run_every=86_400)
def comes_back() -> None:
    """Nothing. But a page that has a timer asks for a new run as soon as a lost connection is back, and others wait for a click."""


comes_back()
