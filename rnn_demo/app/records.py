"""What a Panel may hold besides a figure, drawn: a table, formulas, code, a walk, a grid. What a visitor typed is escaped."""

from collections.abc import Callable
from html import escape
from typing import Any

import streamlit as st

from rnn_demo.colors import NEGATIVE, POSITIVE
from rnn_demo.lenses.base import Code, Equations, Grid, GridCell, Level, Stage, Walk, number

STYLE = f"""<style>
.walk.walk {{ display: flex; flex-wrap: wrap; gap: 10px; margin: 0; padding: 0; list-style: none; counter-reset: stage; }}
.walk.walk li {{ flex: 1 1 270px; max-width: 420px; margin: 0; padding: 8px 12px; border-radius: 8px;
  font-size: 14px; line-height: 1.4;
  border: 1px solid color-mix(in srgb, currentColor 25%, transparent); counter-increment: stage; }}
ol.walk b::before {{ content: counter(stage) ". "; }}
.walk.walk li.walk-end {{ counter-increment: none; border-style: dashed; }} ol.walk .walk-end b::before {{ content: none; }}
.walking {{ display: grid; gap: 8px; }}
.walk-bar {{ display: flex; gap: 6px; align-items: center; font-size: 14px; }}
.walk-bar button {{ min-width: 38px; height: 32px; padding: 0 10px; font: inherit; color: inherit;
  background: none; cursor: pointer; border: 1px solid color-mix(in srgb, currentColor 40%, transparent); border-radius: 8px; }}
.walk-bar button:hover {{ background: color-mix(in srgb, currentColor 8%, transparent); }}
.walking :focus-visible, .walking:focus-visible {{ outline: 2px solid; outline-offset: 3px; border-radius: 8px; }}
.walk li.walk-to-come > :not(b) {{ visibility: hidden; }}
.walk.walk li.walk-now {{ border-color: {POSITIVE}; box-shadow: 0 0 0 1px {POSITIVE}; }}
.walk-to-come .level i::before {{ animation: none !important; }}
.walking[data-stage] .level i::before {{ animation-delay: 0s !important; }}
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
.grid tr.grid-to-come > td {{ visibility: hidden; }}
.grid tr.grid-now > * {{ background: color-mix(in srgb, currentColor 7%, transparent); }}
.bars {{ display: inline-flex; align-items: flex-end; gap: 1px; height: 16px; margin-right: 8px; vertical-align: -3px;
  border-bottom: 1px solid color-mix(in srgb, currentColor 25%, transparent); }}
.bars i {{ width: 5px; height: calc(100% * var(--v)); background: var(--label); }}
.grid td.differs {{ font-weight: 600; box-shadow: inset 3px 0 {POSITIVE}; padding-left: 9px; }}
</style>"""


# The buttons of a walk, which view/below.js sets in motion: what they do, what they are called, what stands on them.
WALKS = (("back", "One stage back", "Back"), ("play", "Play the stages", "Play"), ("forward", "One stage forward", "Next"))


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
    if walk.comes_in and walk.comes_out:
        end = ' class="walk-end"'
        stages = _stage(walk.comes_in, 0, end) + stages + _stage(walk.comes_out, len(walk.stages), end)
    if not walk.ordered:
        st.html(f'{STYLE}<ul class="walk">{stages}</ul>')
        return
    buttons = "".join(f'<button type="button" data-walk="{what}" aria-label="{name}">{face}</button>' for what, name, face in WALKS)
    count = f'<span class="walk-count">stage {len(walk.stages)} of {len(walk.stages)}</span>'
    how = "The block, stage by stage. Arrow keys step, space plays."
    st.html(
        f'{STYLE}<div class="walking" tabindex="0" role="group" aria-label="{how}">'
        f'<div class="walk-bar">{buttons}{count}</div><ol class="walk">{stages}</ol></div>'
    )


def _stage(stage: Stage, turn: int, kind: str = "") -> str:
    levels = "".join(_level(level, turn) for level in stage.levels)
    return f"<li{kind}><b>{escape(stage.title)}</b><p>{escape(stage.words)}</p>{levels}</li>"


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
    rows = "".join(
        f'<tr data-step="{row.step}">{_heading(row.name)}{"".join(map(_cell, row.cells))}</tr>' for row in grid.rows
    )
    st.html(
        f'{STYLE}<div class="grid" tabindex="0" role="region" aria-label="{escape(grid.caption)}"><table>'
        f"<caption>{escape(grid.caption)}</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _heading(words: str) -> str:
    return f'<th scope="row"><bdi>{escape(words)}</bdi></th>'


def _cell(cell: GridCell) -> str:
    bar = '<i style="--v:{:.2f};--label:{}" title="{}"></i>'
    bars = "".join(bar.format(max(0.0, min(1.0, share)), color, escape(name)) for name, share, color in cell.bars)
    levels = f'<span class="bars" aria-hidden="true">{bars}</span>' if bars else ""
    return f'<td class="differs">{levels}{escape(cell.text)}</td>' if cell.differs else f"<td>{levels}{escape(cell.text)}</td>"


SHOWS: dict[type, Callable[[Any], Any]] = {
    list: lambda rows: st.markdown(markdown_table(rows)),
    Equations: _equations,
    # Without the colours of a language, which are too pale for some eyes.
    Code: lambda code: st.code(code.text, language=None, wrap_lines=True),
    Walk: _walk,
    Grid: _grid,
}
