"""The pages as small drawings at the top of every page: the tasks by their shapes, each leading to its page."""

import base64
from typing import NamedTuple

import streamlit as st

from rnn_demo.shapes import STEPS, Shape
from rnn_demo.tasks import Task

X, Y = [16 + 28 * i for i in STEPS], (8, 26, 44)  # of the columns; of what comes out, the blocks, what goes in


# A way with stops, for the story.
WAY = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 116 52" fill="none" stroke="#000" stroke-width="1.8">'
    '<path stroke-dasharray="4 3" d="M12 40C40 40 30 12 58 12S78 40 104 40"/>'
    + "".join(f'<circle cx="{x}" cy="{y}" r="6" fill="#000"/>' for x, y in ((12, 40), (37, 25), (58, 12), (79, 27), (104, 40)))
    + "</svg>"
)
# A loss that falls, for the network that learns.
FALLS = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 116 52" fill="none" stroke="#000" stroke-width="3">'
    '<path d="M8 4V46H112" stroke-width="1.8"/><path d="M14 10l6 6 5-4 7 14 6-3 8 9 9-2 8 5 12 0 9 3 24 1"/></svg>'
)


class Tab(NamedTuple):
    """name as the page's own path has it, title and caption, a drawing as SVG in black, and Streamlit's page."""

    name: str
    title: str
    caption: str
    picture: str
    page: object


def tab_of(task: Task, page: object) -> Tab:
    return Tab(task.name, task.words.title, task.shape.caption, drawing(task.shape), page)


def drawing(shape: Shape) -> str:
    """Four blocks in a row as SVG: dots below are what goes in, dots above what comes out."""
    comes_out = shape.answers
    goes_round = comes_out[:-1] if shape.feeds_back or shape.guesses else ()
    out, block, inside = Y
    marks = [f'<path d="M{left + 8} {block}H{right - 8}"/>' for left, right in zip(X, X[1:], strict=False)]
    marks += [f'<rect x="{x - 8}" y="{block - 8}" width="16" height="16" rx="4" fill="#000"/>' for x in X]
    marks += [
        f'<circle cx="{X[i]}" cy="{inside}" r="3.5" fill="#000"/><path d="M{X[i]} {inside - 4}V{block + 8}"/>' for i in shape.reads
    ]
    marks += [f'<circle cx="{X[i]}" cy="{out}" r="3.5" fill="#000"/><path d="M{X[i]} {out + 4}V{block - 8}"/>' for i in comes_out]
    way = 14 if shape.guesses else 10  # as far as the dot of the next input, where there is one
    marks += [f'<path stroke-dasharray="3 2" d="M{X[i] + 4} {out}h10V{inside}h{way}"/>' for i in goes_round]
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 116 52" fill="none" stroke="#000" stroke-width="1.8">'
        f"{''.join(marks)}</svg>"
    )


def _style(tabs: list[Tab]) -> str:
    """The drawings as masks, so that they have the colour of the text in both themes."""
    rules = [
        f'.st-key-shape_{tab.name} a::before {{ mask-image: url("data:image/svg+xml;base64,'
        f'{base64.b64encode(tab.picture.encode()).decode()}"); }}'
        for tab in tabs
    ]
    # Never div after [class*=...]: the browser would look at the style of all that lies below an element whose class changes, and
    # Streamlit changes that of every component before and after each run.
    return f"""<style>
    .st-key-shapes {{ gap: .4rem; align-items: stretch; flex-wrap: nowrap !important; }}
    .st-key-shapes > * {{ flex: 1 1 auto; min-width: 0; width: auto !important; }}
    .st-key-shapes > .stElementContainer {{ flex: 0 0 auto !important; width: auto !important; align-self: center; }}
    .st-key-shapes .stVerticalBlock, .st-key-shapes .stVerticalBlock div,
    .st-key-shapes a {{ width: 100% !important; height: 100%; }}
    .unrolled-brand {{ margin: 0; font-size: .78rem; line-height: 1.25; opacity: .85; white-space: nowrap; }}
    .unrolled-brand b {{ font-size: 1.05rem; letter-spacing: .04em; }}
    .st-key-shapes a, .st-key-shapes a:visited {{
      color: inherit; justify-content: center; align-items: center; gap: 8px; padding: 4px 6px; min-height: 44px;
      border: 1px solid color-mix(in srgb, currentColor 16%, transparent); border-radius: 10px;
    }}
    .st-key-shapes a:hover {{ border-color: currentColor; }}
    .st-key-shapes a[aria-current] {{ border-color: var(--primary-color, currentColor); box-shadow: inset 0 -2px 0 currentColor; }}
    .st-key-shapes a::before {{
      content: ""; flex: 0 0 64px; height: 30px; background: currentColor;
      mask-repeat: no-repeat; mask-position: center; mask-size: contain;
    }}
    .st-key-shapes a > * {{ width: auto !important; height: auto; }}
    .st-key-shapes a div {{ width: auto !important; height: auto; }}
    .st-key-shapes a p {{ font-size: .8rem; font-weight: 400; white-space: nowrap; line-height: 1.2; }}
    .st-key-shapes a strong {{ display: block; }}
    @media (max-width: 2200px) {{ .st-key-shapes a p {{ font-size: 0; }} .st-key-shapes a strong {{ font-size: .9rem; }} }}
    @media (max-width: 1180px) {{
      .st-key-shapes > * {{ flex: 1 1 0; }}
      .st-key-shapes {{ flex-wrap: wrap !important; }} .st-key-shapes > .stElementContainer {{ flex: 1 0 100% !important; }}
      .st-key-shapes .unrolled-brand br {{ display: none; }}
      .st-key-shapes a, .st-key-shapes a:visited {{ flex-direction: column; gap: 2px; padding: 5px 1px; min-height: 54px; }}
      .st-key-shapes a::before {{ flex-basis: 24px; width: 56px; }}
      .st-key-shapes a p {{ font-size: 0; text-align: center; }} .st-key-shapes a strong {{ font-size: .75rem; }}
    }}
    @media (min-width: 701px) and (max-width: 1180px) and (max-height: 800px) {{
      .st-key-shapes > .stElementContainer, .st-key-shapes a::before {{ display: none; }}
      .st-key-shapes a, .st-key-shapes a:visited {{ min-height: 34px; }}
    }}
    @media (max-width: 480px) {{
      .st-key-shapes {{ gap: .15rem; }} .st-key-shapes > * {{ flex: 1 1 auto; }}
      .st-key-shapes a::before {{ width: 36px; }} .st-key-shapes a strong {{ font-size: .72rem; }}
    }}
    {"".join(rules)}
    </style>"""


def shapes(tabs: list[Tab]) -> None:
    """The row of drawings."""
    st.html(_style(tabs))
    with st.container(horizontal=True, key="shapes"):
        st.html('<p class="unrolled-brand"><b>Unrolled</b> <br>watch a recurrent network read</p>')
        for tab in tabs:
            with st.container(key=f"shape_{tab.name}"):
                st.page_link(tab.page, label=f"**{tab.title}** {tab.caption}")
