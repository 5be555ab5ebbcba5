"""What a Panel may hold besides a figure, drawn: a table, formulas, code, a walk, a grid. What a visitor typed is escaped."""

from collections.abc import Callable
from html import escape
from typing import Any

import streamlit as st

from rnn_demo.colors import NEGATIVE, POSITIVE
from rnn_demo.lenses.base import Code, Equations, Grid, Level, Stage, Walk, number

STYLE = f"""<style>
.walk.walk {{ display: flex; flex-wrap: wrap; gap: 10px; margin: 0; padding: 0; list-style: none; counter-reset: stage; }}
.walk.walk li {{ flex: 1 1 230px; max-width: 420px; margin: 0; padding: 8px 12px; border-radius: 8px;
  font-size: 14px; line-height: 1.4;
  border: 1px solid color-mix(in srgb, currentColor 25%, transparent); counter-increment: stage; }}
ol.walk b::before {{ content: counter(stage) ". "; }}
.walk p {{ margin: 2px 0 8px; }}
.level {{ display: grid; grid-template-columns: 5em 1fr 3.2em; gap: 6px; align-items: center; font-size: 13px; }}
ul.walk .level {{ grid-template-columns: 8.5em 1fr 3.2em; }}
.level i {{ position: relative; height: 12px; border: 1px solid color-mix(in srgb, currentColor 45%, transparent); }}
.level i::before {{ content: "";
  position: absolute; top: 0; bottom: 0; left: var(--from); width: var(--size);
  background: var(--fill); transform-origin: var(--side); }}
.level i::after {{ content: ""; position: absolute; top: -3px; bottom: -3px; left: var(--zero); border-left: 1px solid; }}
.level span:last-child {{ text-align: right; font-variant-numeric: tabular-nums; }}
@media (prefers-reduced-motion: no-preference) {{
  .level i::before {{ animation: fill .5s calc(.45s * var(--turn)) both ease-out; }}
  @keyframes fill {{ from {{ transform: scaleX(0); }} }}
}}
.grid {{ max-height: 420px; overflow: auto; }}
.grid table {{ border-collapse: collapse; font-size: 14px; font-variant-numeric: tabular-nums; }}
.grid caption {{ position: absolute; clip-path: inset(50%); }}
.grid :is(td, th) {{ padding: 2px 14px 2px 4px; text-align: left; font-weight: 400; max-width: 22em; overflow-wrap: anywhere;
  border-bottom: 1px solid color-mix(in srgb, currentColor 15%, transparent); }}
.grid thead th {{ font-weight: 600; }}
.grid td.differs {{ font-weight: 600; box-shadow: inset 3px 0 {POSITIVE}; padding-left: 9px; }}
</style>"""


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


def _walk(walk: Walk) -> None:
    stages = "".join(_stage(stage, turn if walk.ordered else 0) for turn, stage in enumerate(walk.stages))
    tag = "ol" if walk.ordered else "ul"
    st.html(f'{STYLE}<{tag} class="walk">{stages}</{tag}>')


def _stage(stage: Stage, turn: int) -> str:
    levels = "".join(_level(level, turn) for level in stage.levels)
    return f"<li><b>{escape(stage.title)}</b><p>{escape(stage.words)}</p>{levels}</li>"


def _level(level: Level, turn: int) -> str:
    """A bar that fills from 0 to the value."""
    place = lambda value: 100 * (value - level.low) / (level.high - level.low)
    zero, end = place(0.0), place(min(max(level.value, level.low), level.high))
    style = (
        f"--zero:{zero:.1f}%;--from:{min(zero, end):.1f}%;--size:{abs(end - zero):.1f}%;--turn:{turn};"
        f"--fill:{POSITIVE if level.value > 0 else NEGATIVE};--side:{'left' if level.value > 0 else 'right'}"
    )
    return f'<div class="level"><span>{escape(level.name)}</span><i style="{style}"></i><span>{number(level.value)}</span></div>'


def _grid(grid: Grid) -> None:
    head = "".join(f'<th scope="col">{escape(word)}</th>' for word in grid.head)
    rows = "".join(f"<tr>{_heading(row[0][0])}{''.join(_cell(*cell) for cell in row[1:])}</tr>" for row in grid.rows)
    st.html(
        f'{STYLE}<div class="grid" tabindex="0" role="region" aria-label="{escape(grid.caption)}"><table>'
        f"<caption>{escape(grid.caption)}</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _heading(words: str) -> str:
    return f'<th scope="row"><bdi>{escape(words)}</bdi></th>'


def _cell(words: str, differs: bool) -> str:
    return f'<td class="differs">{escape(words)}</td>' if differs else f"<td>{escape(words)}</td>"


SHOWS: dict[type, Callable[[Any], Any]] = {
    list: lambda rows: st.markdown(markdown_table(rows)),
    Equations: _equations,
    # Without the colours of a language, which are too pale for some eyes.
    Code: lambda code: st.code(code.text, language=None, wrap_lines=True),
    Walk: _walk,
    Grid: _grid,
}
