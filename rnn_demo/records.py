"""What a Panel may hold, as HTML: a table, formulas, code, a walk, a grid, a figure as a still picture; and the sentence above it.
The page shows walks and grids that way, and a file that plays without a server all of it. What a visitor typed is escaped.
"""

import re
from collections.abc import Callable
from html import escape
from typing import Any

from rnn_demo.colors import NEGATIVE, POSITIVE
from rnn_demo.lenses.base import Code, Equations, Grid, GridCell, Level, Stage, Walk, number
from rnn_demo.still import svg
from rnn_demo.tasks.base import Panel

BAR_PX = 15  # of a full bar in a grid
# Of walks and grids: view/below.js sets them in motion.
STYLE = f"""
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
.grid th[scope=row] {{ min-width: 5.5em; }}
.grid thead th {{ font-weight: 600; }}
.grid tr.grid-to-come > td {{ visibility: hidden; }}
.grid tr.grid-now > * {{ background: color-mix(in srgb, currentColor 7%, transparent); }}
.bars {{ display: inline-flex; align-items: flex-end; gap: 1px; height: {BAR_PX}px; margin-right: 8px; vertical-align: -3px;
  border-bottom: 1px solid color-mix(in srgb, currentColor 25%, transparent); }}
.bars i {{ width: 5px; background: var(--label); }}
{"".join(f".bars .v{px}{{height:{px}px}}" for px in range(1, BAR_PX + 1))}
.grid td.differs {{ font-weight: 600; box-shadow: inset 3px 0 {POSITIVE}; padding-left: 9px; }}
"""

# Of all else, for a file.
FILE_STYLE = """
.closer { margin-top: 20px; border-top: 1px solid color-mix(in srgb, currentColor 25%, transparent); }
.closer h2 { font-size: 1.2rem; margin: 12px 0 4px; }
.panels { display: grid; grid-template-columns: 1fr 1fr; gap: 4px 24px; }
.panel { min-width: 0; } .panel.wide { grid-column: 1 / -1; }
.panel p { margin: 10px 0 6px; line-height: 1.45; max-width: 110ch; }
.panel .scrolls { overflow-x: auto; } .panel svg { display: block; min-width: 560px; width: 100%; height: auto; }
.panel pre { margin: 0; padding: 10px 12px; border-radius: 8px; white-space: pre-wrap; overflow-wrap: anywhere; font-size: 13px;
  background: var(--st-secondary-background-color); }
.panel math { margin: 6px 0; font-size: 1.05rem; text-align: left; overflow-x: auto; }
.panel table { border-collapse: collapse; } .panel :is(td, th) { padding: 3px 14px 3px 4px; text-align: left;
  border-bottom: 1px solid color-mix(in srgb, currentColor 15%, transparent); overflow-wrap: anywhere; }
@media (max-width: 800px) { .panels { grid-template-columns: minmax(0, 1fr); } }
"""

# The buttons of a walk: what they do, what they are called, what stands on them.
WALKS = (("back", "One stage back", "Back"), ("play", "Play the stages", "Play"), ("forward", "One stage forward", "Next"))
SAVED = "This page has been saved: nothing can be changed in it, and its figures stand still."
HALF = 620  # pixels of a figure that stands beside another one

# A sign that stands for itself, words in bold, words that lean, code.
_MARKED = re.compile(r"\\([!-/:-@\[-`{-~])|\*\*((?:\\.|[^\\])+?)\*\*|\*((?:\\.|[^\\])+?)\*|`([^`]+)`", re.S)


def section(question: str, words: str, panels: list[Panel]) -> str:
    """A lens as a part of a file; "" where it has nothing to show there."""
    if not panels:
        return ""
    inside = "".join(map(_panel, panels))
    return (
        f'<section class="closer"><h2>{escape(question)}</h2><p>{inline(words)} <small>{SAVED}</small></p>'
        f'<div class="panels">{inside}</div></section>'
    )


def _panel(panel: Panel) -> str:
    words = f"<p>{inline(panel.words)}</p>" if panel.words else ""
    figure = ""
    if type(panel.figure) in SHOWS:
        figure = SHOWS[type(panel.figure)](panel.figure)
    elif panel.figure is not None:
        figure = f'<div class="scrolls">{svg(panel.figure, panel.alt, *(() if panel.wide else (HALF,)))}</div>'
    return f'<div class="panel{" wide" if panel.wide else ""}">{words}{figure}</div>'


def inline(words: str) -> str:
    """The Markdown of one of our sentences as HTML. "**A \\*** < `b`" -> "<b>A *</b> &lt; <code>b</code>" """
    found, done = [], 0
    for mark in _MARKED.finditer(words):
        found.append(escape(words[done : mark.start()]))
        sign, bold, leans, code = mark.groups()
        if sign:
            found.append(escape(sign))
        elif code:
            found.append(f"<code>{escape(code)}</code>")
        else:
            found.append(f"<b>{inline(bold)}</b>" if bold else f"<i>{inline(leans)}</i>")
        done = mark.end()
    return "".join(found) + escape(words[done:])


def table(rows: list[tuple[str, ...]]) -> str:
    """Rows of Markdown, the heading first."""
    head, *body = rows
    cells = lambda row, tag: "".join(f"<{tag}>{inline(cell)}</{tag}>" for cell in row)
    lines = "".join(f"<tr>{cells(row, 'td')}</tr>" for row in body)
    return f'<div class="scrolls"><table><thead><tr>{cells(head, "th")}</tr></thead><tbody>{lines}</tbody></table></div>'


def formulas(equations: Equations) -> str:
    """MathML, which browsers set by themselves."""
    from latex2mathml.converter import convert  # not at the top: only a file needs it

    return "".join(convert(line, display="block") for line in equations.lines)


def walk(walk: Walk) -> str:
    stages = "".join(_stage(stage, turn if walk.ordered else 0) for turn, stage in enumerate(walk.stages))
    if walk.comes_in and walk.comes_out:
        end = ' class="walk-end"'
        stages = _stage(walk.comes_in, 0, end) + stages + _stage(walk.comes_out, len(walk.stages), end)
    if not walk.ordered:
        return f'<ul class="walk">{stages}</ul>'
    buttons = "".join(f'<button type="button" data-walk="{what}" aria-label="{name}">{face}</button>' for what, name, face in WALKS)
    count = f'<span class="walk-count">stage {len(walk.stages)} of {len(walk.stages)}</span>'
    how = "The block, stage by stage. Arrow keys step, space plays."
    return (
        f'<div class="walking" tabindex="0" role="group" aria-label="{how}">'
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


def grid(grid: Grid) -> str:
    head = "".join(f'<th scope="col">{escape(word)}</th>' for word in grid.head)
    kinds = list(dict.fromkeys((name, color) for row in grid.rows for cell in row.cells for name, _, color in cell.bars))
    colors = "".join(f".bars .b{k}{{--label:{color}}}" for k, (_, color) in enumerate(kinds))
    rows = "".join(
        f'<tr data-step="{row.step}">{_heading(row.name)}{"".join(_cell(cell, kinds) for cell in row.cells)}</tr>'
        for row in grid.rows
    )
    return (
        f'<div class="grid" tabindex="0" role="region" aria-label="{escape(grid.caption)}"><style>{colors}</style><table>'
        f"<caption>{escape(grid.caption)}</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _heading(words: str) -> str:
    return f'<th scope="row"><bdi>{escape(words)}</bdi></th>'


def _cell(cell: GridCell, kinds: list[tuple[str, str]]) -> str:
    bars = "".join(_bar(share, kinds.index((name, color))) for name, share, color in cell.bars)
    levels = f'<span class="bars">{bars}</span>' if bars else ""
    return f'<td class="differs">{levels}{escape(cell.text)}</td>' if cell.differs else f"<td>{levels}{escape(cell.text)}</td>"


def _bar(share: float, kind: int) -> str:
    """Without a word more than it needs: the table of a long text has thousands, half of them empty."""
    high = round(BAR_PX * max(0.0, min(1.0, share)))
    return f'<i class="b{kind} v{high}"></i>' if high else "<i></i>"


SHOWS: dict[type, Callable[[Any], str]] = {
    list: table,
    Equations: formulas,
    Code: lambda code: f"<pre>{escape(code.text)}</pre>",
    Walk: walk,
    Grid: grid,
}
