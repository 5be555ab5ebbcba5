"""Figures of what is remembered: plain arrays in, a plotly Figure out."""

import numpy as np
import plotly.graph_objects as go

from rnn_demo.colors import NEGATIVE, POSITIVE
from rnn_demo.figures import _LAYOUT, _short, label

SLOPE, ERASED = "#6b7280", "#0072b2"
LINES = ("#b84f00", "#0072b2", "#007a59", "#a8478f")
DEEPEST = 8  # powers of ten below the largest that the scale reaches at most


def _axis(words: list[str]) -> dict:
    return {
        "tickmode": "array",
        "tickvals": list(range(1, len(words) + 1)),
        "ticktext": list(map(_short, words)),
        "showgrid": False,
        "zeroline": False,
    }


def rests_on(words: list[str], result, step: int) -> go.Figure:
    """Two rows of bars over the words: |slope|; and what each word adds to log p, by its slope and by erasing."""
    steps, names = list(range(1, len(words) + 1)), list(map(label, words))
    bar = lambda y, name, color, **more: go.Bar(
        x=steps, y=y, name=name, marker={"color": color}, customdata=names,
        hovertemplate=f"{name} of “%{{customdata}}”: %{{y:.4g}}<extra></extra>", **more,
    )  # fmt: skip
    ours = [POSITIVE if s == step else SLOPE for s in steps]
    return go.Figure(
        [
            bar(result.gradient, "slope", ours, yaxis="y2", showlegend=False, offsetgroup="a"),
            bar(result.product, "by the slope", SLOPE, offsetgroup="a"),
            bar(-result.erased, "by erasing", ERASED, offsetgroup="b"),
        ],
        go.Layout(
            **_LAYOUT | {"height": 420},
            barmode="group",
            xaxis=_axis(words),
            yaxis={"title": {"text": "adds, nats"}, "domain": [0, 0.5], "zeroline": True},
            yaxis2={"title": {"text": "slope"}, "domain": [0.6, 1], "anchor": "x", "rangemode": "tozero"},
            legend={"orientation": "h", "y": 0.5, "yanchor": "bottom", "x": 1, "xanchor": "right"},
        ),
    )


def triangle(rows: list[tuple[int, str]], words: list[str], norms: np.ndarray) -> go.Figure:
    """Answers (rows: step and word) by words: log10 of the slopes, one scale for all; nothing where an answer does not rest on a
    word, or rests on it by nothing at all."""
    with np.errstate(divide="ignore"):
        logs = np.log10(norms)
    finite = logs[np.isfinite(logs)]
    top = float(finite.max()) if len(finite) else 0.0
    low = max(float(finite.min()), top - DEEPEST) if len(finite) else top - 1
    ticks = list(range(int(np.ceil(low)), int(np.floor(top)) + 1)) or [top]
    ends = [f"{step} {_short(word)}" for step, word in rows]
    heat = go.Heatmap(
        z=np.where(np.isfinite(logs), logs, np.nan),
        x=list(range(1, len(words) + 1)),
        y=[step for step, _ in rows],
        customdata=norms,
        hovertemplate="answer at step %{y} on word %{x}: %{customdata:.3g}<extra></extra>",
        zmin=low,
        zmax=top,
        colorscale="Cividis",
        hoverongaps=False,
        colorbar={"title": {"text": "slope"}, "thickness": 12, "tickvals": ticks, "ticktext": [f"{10.0**t:g}" for t in ticks]},
    )  # fmt: skip
    every = max(1, len(rows) // 20)
    return go.Figure(
        heat,
        go.Layout(
            **_LAYOUT | {"height": 440, "margin": {"l": 96, "r": 16, "t": 24, "b": 72}},
            xaxis=_axis(words) | {"title": {"text": "word"}},
            yaxis={
                "title": {"text": "answer at"}, "autorange": "reversed", "showgrid": False, "tickmode": "array",
                "tickvals": [step for step, _ in rows[::every]], "ticktext": ends[::every],
            },
        ),
    )  # fmt: skip


def fading(cells: list) -> go.Figure:
    """Influence against distance, a line a cell, on one logarithmic axis; dashed, what its keeping gates leave."""
    lines = []
    for cell, color in zip(cells, LINES, strict=False):
        x = list(range(len(cell.influence)))
        for y, name, dash in ((cell.influence, cell.title, "solid"), (cell.kept, f"{cell.title}: gates", "dash")):
            if y is not None:
                lines.append(
                    go.Scatter(
                        x=x, y=np.maximum(y, 1e-12), name=label(name), mode="lines+markers" if dash == "solid" else "lines",
                        line={"color": color, "dash": dash, "width": 2},
                        hovertemplate="%{fullData.name}, %{x} words later: %{y:.3g}<extra></extra>",
                    )
                )  # fmt: skip
    return go.Figure(
        lines,
        go.Layout(
            **_LAYOUT | {"height": 440},
            xaxis={"title": {"text": "words later"}, "zeroline": False},
            yaxis={"title": {"text": "influence, 1 at once"}, "type": "log", "exponentformat": "power", "dtick": 1},
            legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        ),
    )


def parted(words: list[str], difference: np.ndarray, limit: float) -> go.Figure:
    """How far two memories lie apart at every step, and the height below which they have met."""
    steps = list(range(1, len(words) + 1))
    bars = go.Bar(
        x=steps, y=difference, marker={"color": NEGATIVE}, customdata=list(map(label, words)),
        hovertemplate="after “%{customdata}”: %{y:.3f}<extra></extra>",
    )  # fmt: skip
    return go.Figure(
        bars,
        go.Layout(
            **_LAYOUT | {"height": 300},
            xaxis=_axis(words),
            yaxis={"title": {"text": "distance of h"}, "rangemode": "tozero"},
        ),
    ).add_hline(limit, line={"dash": "dot", "color": SLOPE})
