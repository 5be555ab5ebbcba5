"""What a Panel may hold besides a figure, drawn by Streamlit: a table, formulas, code; a walk and a grid as records.py has them."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from rnn_demo import records
from rnn_demo.lenses.base import Code, Equations, Grid, Walk


def show(figure: Any, key: str, alt: str) -> None:
    """A figure or a record, as the table below says; whatever it does not name is a plotly figure."""
    if type(figure) in SHOWS:
        SHOWS[type(figure)](figure)
    else:
        st.plotly_chart(figure, key=key, alt=alt)


def markdown_table(rows: list[tuple[str, ...]]) -> str:
    head, *body = (" | ".join(row) for row in rows)
    return "\n".join([head, " | ".join("---" for _ in rows[0]), *body])


def _equations(equations: Equations) -> None:
    for line in equations.lines:
        st.latex(line)


def _html(words: str) -> None:
    st.html(f"<style>{records.STYLE}</style>{words}")


SHOWS: dict[type, Callable[[Any], Any]] = {
    list: lambda rows: st.markdown(markdown_table(rows)),
    Equations: _equations,
    # Without the colours of a language, which are too pale for some eyes.
    Code: lambda code: st.code(code.text, language=None, wrap_lines=True),
    Walk: lambda walk: _html(records.walk(walk)),
    Grid: lambda grid: _html(records.grid(grid)),
}
