"""Unrolled: streamlit run streamlit_app.py"""

from functools import partial

import streamlit as st

from rnn_demo.app.controls import warm_up
from rnn_demo.app.frame import STYLE
from rnn_demo.app.shapes_row import shapes
from rnn_demo.app.task_page import task_page
from rnn_demo.tasks import TASKS

warm_up()
pages = {task.name: st.Page(partial(task_page, task), title=task.words.title, url_path=task.name) for task in TASKS.values()}
page = st.navigation(list(pages.values()), position="hidden")
here = next(TASKS[name].words for name, known in pages.items() if known == page)
st.set_page_config(f"{here.title}: {here.question} · Unrolled", layout="wide")
st.html(STYLE)
if not st.context.is_embedded:
    shapes(pages)
page.run()
