"""Unrolled: streamlit run streamlit_app.py"""

import streamlit as st

from rnn_demo.app.keystrokes import ROUTES

app = st.App("rnn_demo/app/pages.py", routes=ROUTES)
