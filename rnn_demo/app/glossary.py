"""The glossary on the page: each explanation stands there unseen, and the view opens it where its word is tapped (lecture.js)."""

from functools import cache
from html import escape

import streamlit as st

from rnn_demo.story import GLOSSARY

STYLE = """<style>
.glossary > div { border: 1px solid color-mix(in srgb, currentColor 40%, transparent); border-radius: 12px; padding: 14px 20px;
  max-width: min(30rem, 90vw); font-size: 16px; line-height: 1.45; color: inherit; background: var(--glossary, Canvas); }
.glossary > div:not([popover]) { display: none; }
.glossary p { margin: 4px 0 0; } .glossary b { font-size: 18px; }
.glossary i { font-style: normal; display: block; margin-top: 8px; padding: 6px 10px; border-left: 4px solid #d97706; }
.stMarkdown a[href^="#term-"] { color: inherit; text-decoration: underline dotted; text-underline-offset: 3px; cursor: help; }
</style>"""


@cache
def _html() -> str:
    terms = "".join(
        f'<div id="term-{term.slug}"><b>{escape(term.term)}</b><p>{escape(term.meaning)}</p><i>{escape(term.example)}</i></div>'
        for term in GLOSSARY
    )
    return f'{STYLE}<div class="glossary">{terms}</div>'


def glossary() -> None:
    """All explanations, unseen until their word is tapped."""
    st.html(_html())
