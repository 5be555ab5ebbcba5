"""The question of a page, and beside it the line that leads to its place in the story."""

import streamlit as st

from rnn_demo.story import STOPS

# Where the story comes to a page first, with its network: the stop's number, and the stop. Training has a stop without a task.
NUMBERED = list(enumerate(STOPS, start=1))
PLACES = {stop.page: (number, stop) for number, stop in reversed(NUMBERED) if not stop.figure}
PLACES["train"] = next(place for place in NUMBERED if place[1].figure == "learns")


def headline(question: str, page: str, story: object) -> None:
    """`page` by its own path; `story` is Streamlit's page of it, None where there is none to lead to."""
    with st.container(key="headline", horizontal=True, vertical_alignment="center"):
        st.title(question, anchor=False, width="content")
        if story and page in PLACES:
            number, stop = PLACES[page]
            words = f"In the story: {number} of {len(STOPS)}, {stop.title}"
            st.page_link(story, label=words, icon=":material/menu_book:", query_params={"stop": stop.name})
