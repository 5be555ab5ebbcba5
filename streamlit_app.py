"""Unrolled: streamlit run streamlit_app.py"""

from importlib import import_module
from threading import Thread

import streamlit as st

from rnn_demo.app.keystrokes import ROUTES

app = st.App("rnn_demo/app/pages.py", routes=ROUTES)
# While the first visitor's browser loads Streamlit's scripts, the server loads what the first page is made of.
Thread(target=import_module, args=["rnn_demo.app.task_page"], daemon=True).start()
