"""Two orders of the same words as HTML. What a visitor typed is escaped."""

from html import escape

import streamlit as st

from rnn_demo.colors import SURPRISE
from rnn_demo.tasks.base import Comparison

STRONGEST = 16  # bits; the underline grows no stronger

STYLE = f"""<style>
.order-opening {{ font-size: 14px; }}
.order-opening p {{ margin: 0 0 6px; }}
.order-row {{ display: flex; flex-wrap: wrap; gap: 2px 8px; align-items: flex-end; margin-bottom: 8px; }}
.order-row span {{
  display: inline-flex; flex-direction: column; align-items: center; font-size: 18px; line-height: 1.2; border-bottom: 5px solid;
  border-color: color-mix(in srgb, {SURPRISE} calc(100% * var(--cost)), transparent);
}}
.order-opening bdi {{ max-width: min(18em, 70vw); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }}
.order-opening span bdi {{ display: inline-block; vertical-align: bottom; }}
.order-row small {{ font-size: 12px; opacity: .8; font-variant-numeric: tabular-nums; }}
.order-row b {{ margin-left: 10px; font-size: 20px; white-space: nowrap; }}
.order-bag span {{
  display: inline-block; border: 1px solid color-mix(in srgb, currentColor 30%, transparent); border-radius: 8px; padding: 0 7px;
  margin: 1px 2px;
}}
.order-bag i {{ font-style: normal; opacity: .75; }}
</style>"""


def compared(found: Comparison) -> None:
    rows = "".join(map(_row, found.rows))
    chips = "".join(f"<span>{_short(word)} <i>×{count}</i></span>" for word, count in found.counts.items())
    st.html(
        f'<div class="order-opening">{STYLE}<p><b>{escape(found.title)}</b> {escape(found.words)}</p>{rows}'
        f'<div class="order-bag">{chips} {escape(found.remark)}</div></div>'
    )


def _row(words: list[tuple[str, float]]) -> str:
    cells = "".join(
        f'<span style="--cost:{min(1.0, bits / STRONGEST):.2f}">{_short(word)}<small>{bits:.1f}</small></span>'
        for word, bits in words
    )
    return f'<div class="order-row">{cells}<b>{sum(bits for _, bits in words):.1f} bits</b></div>'


def _short(word: str) -> str:
    """A word that is cut off on the screen where it is long: pointed at, it is told whole."""
    return f'<bdi title="{escape(word)}">{escape(word)}</bdi>'
