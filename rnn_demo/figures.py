"""Figures for looking closer: a Trace in, a plotly Figure out. They know no torch and no Streamlit.

Colours come from colors.py; backgrounds are clear, so that the page's theme shows through.
"""

import math
from collections.abc import Callable

import numpy as np
import plotly.graph_objects as go

from rnn_demo.colors import LETTER_COLORS, NEGATIVE, POSITIVE
from rnn_demo.search import Branch
from rnn_demo.trace import Trace
from rnn_demo.words import percent

_LAYOUT = {
    "margin": {"l": 56, "r": 16, "t": 24, "b": 56},
    "paper_bgcolor": "rgba(0,0,0,0)",
    "plot_bgcolor": "rgba(0,0,0,0)",
    "height": 380,
}


def _steps_axis(trace: Trace) -> dict:
    """Tokens by their place, since the same word may come twice. 1 is the first."""
    return {
        "tickmode": "array",
        "tickvals": list(range(1, len(trace.tokens) + 1)),
        "ticktext": [token if len(token) <= 14 else f"{token[:13]}…" for token in trace.tokens],
        "showgrid": False,
        "zeroline": False,
    }


def _clear(color: str) -> str:
    """The same colour, seen through. "#ff0000" -> "rgba(255, 0, 0, 0)" """
    return f"rgba({', '.join(str(int(color[i : i + 2], 16)) for i in (1, 3, 5))}, 0)"


def hidden_heatmap(trace: Trace, order: list[int]) -> go.Figure:
    """Every unit (H rows, in the view's order) at every step (T columns), -1 to 1; 0 is clear, whatever the theme."""
    steps = list(range(1, len(trace.tokens) + 1))
    heat = go.Heatmap(
        z=trace.h.T[order],
        x=steps,
        y=list(range(len(order))),
        customdata=np.stack(
            [np.tile(np.array(trace.tokens, dtype=object), (len(order), 1)), np.tile(np.array(order)[:, None], len(steps))],
            axis=-1,
        ),
        hovertemplate="unit %{customdata[1]} after “%{customdata[0]}”: %{z:.3f}<extra></extra>",
        zmin=-1,
        zmax=1,
        colorscale=[[0, NEGATIVE], [0.5, _clear(NEGATIVE)], [0.5, _clear(POSITIVE)], [1, POSITIVE]],
        colorbar={"title": {"text": "h"}, "thickness": 12},
    )
    return go.Figure(
        heat,
        go.Layout(
            **_LAYOUT,
            xaxis=_steps_axis(trace),
            yaxis={"title": {"text": "hidden unit"}, "showticklabels": False, "autorange": "reversed", "showgrid": False},
        ),
    )


def label_lines(trace: Trace, names: tuple[str, ...], probs: np.ndarray, colors: dict[str, str]) -> go.Figure:
    """Each label's probability (T, K) over the steps, one line a label."""
    steps = list(range(1, len(trace.tokens) + 1))
    lines = [
        go.Scatter(
            x=steps,
            y=probs[:, k],
            name=name,
            mode="lines+markers",
            line={"color": colors[name], "width": 2, "dash": "dot" if name == names[0] else "solid"},
            customdata=list(trace.tokens),
            hovertemplate=f"{name} at “%{{customdata}}”: %{{y:.1%}}<extra></extra>",
        )
        for k, name in enumerate(names)
    ]
    return go.Figure(
        lines,
        go.Layout(
            **_LAYOUT,
            xaxis=_steps_axis(trace),
            yaxis={
                "title": {"text": "probability"},
                "range": [-0.03, 1.03],
                "tickformat": ".0%",
                "gridcolor": "rgba(128,128,128,.2)",
            },
            legend={"orientation": "h", "y": 1.12},
        ),
    )


def answer_heatmap(tokens: list[str], names: tuple[str, ...], probs: np.ndarray) -> go.Figure:
    """The probability of K answers (rows, the first on top) at each of T steps (columns), 0 to 1: K is too many for lines."""
    steps = list(range(1, len(tokens) + 1))
    heat = go.Heatmap(
        z=probs.T,
        x=steps,
        y=list(names),
        hovertemplate="%{y}: %{z:.1%}<extra></extra>",
        zmin=0,
        zmax=1,
        colorscale=[[0, _clear(POSITIVE)], [1, POSITIVE]],
        colorbar={"title": {"text": "p"}, "thickness": 12},
    )
    xaxis = {"tickmode": "array", "tickvals": steps, "ticktext": tokens, "showgrid": False, "title": {"text": "what went in"}}
    yaxis = {"autorange": "reversed", "showgrid": False, "dtick": 1, "tickfont": {"size": 9}}
    return go.Figure(heat, go.Layout(**_LAYOUT | {"height": 460}, xaxis=xaxis, yaxis=yaxis))


def two_readings(tokens: list[str], probs: dict[str, np.ndarray]) -> go.Figure:
    """How likely each token (T,) of one sequence was in each of two readings, as bars side by side."""
    steps = list(range(1, len(tokens) + 1))
    bars = [
        go.Bar(x=steps, y=row, name=name, marker={"color": color}, hovertemplate=f"{name}: %{{y:.1%}}<extra></extra>")
        for (name, row), color in zip(probs.items(), (LETTER_COLORS["consonant"], LETTER_COLORS["vowel"]), strict=True)
    ]
    xaxis = {"tickmode": "array", "tickvals": steps, "ticktext": tokens}
    yaxis = {"title": {"text": "probability"}, "tickformat": ".0%", "gridcolor": "rgba(128,128,128,.2)"}
    return go.Figure(bars, go.Layout(**_LAYOUT | {"height": 300}, xaxis=xaxis, yaxis=yaxis, legend={"orientation": "h", "y": 1.15}))


def name_tree(root: Branch, brief: Callable[[str], str], describe: Callable[[str], str]) -> go.Figure:
    """A tree of names, growing to the right, a letter a step; each edge says what is written on it and how likely that is.

    Leaves are complete names. What is known of one is told by `brief` beside it, "" if nothing is: then its mark is hollow; and by
    `describe` when it is pointed at.
    """
    edges, words, ends = [], [], []

    def place(branch: Branch, before: str, row: float) -> tuple[float, float]:
        """Draw what is below a branch from a row on; the row of the branch itself, and the first one that is free below it."""
        text = before + "".join(letter for letter in branch.text if len(letter) == 1)
        if not branch.children:
            ends.append((len(text) + 1, row, text.capitalize()))  # the end mark takes a step, as a letter does
            return row, row + 1
        rows = []
        for child in branch.children:
            at, row = place(child, text, row)
            rows.append((child, at))
        middle = (rows[0][1] + rows[-1][1]) / 2
        for child, at in rows:
            right = len(text) + len(child.text)
            shown = "".join(letter if len(letter) == 1 else "■" for letter in child.text)
            edges.append(([len(text), len(text) + 0.35, right, None], [middle, at, at, None], math.exp(child.logprob)))
            words.append((len(text) + 0.35, at, f"{shown} {percent(math.exp(child.logprob))}"))
        return middle, row

    place(root, "", 0)
    lines = [
        go.Scatter(x=x, y=y, mode="lines", line={"color": "rgba(128,128,128,.7)", "width": 1 + 5 * p}, hoverinfo="skip")
        for x, y, p in edges
    ]
    turns = go.Scatter(
        x=[x for x, _, _ in words],
        y=[y for _, y, _ in words],
        text=[word for _, _, word in words],
        mode="text",
        textposition="top right",
        textfont={"size": 11},
        hoverinfo="skip",
    )
    leaves = go.Scatter(
        x=[x + 0.15 for x, _, _ in ends],
        y=[y for _, y, _ in ends],
        text=[f"  <b>{name}</b> {brief(name)}".rstrip() for _, _, name in ends],
        customdata=[f"{name}: {describe(name)}" for _, _, name in ends],
        mode="markers+text",
        textposition="middle right",
        hovertemplate="%{customdata}<extra></extra>",
        marker={
            "size": 10,
            "color": LETTER_COLORS["consonant"],
            "symbol": ["circle" if brief(name) else "circle-open" for _, _, name in ends],
            "line": {"width": 2},
        },
    )
    widest = max((x for x, _, _ in ends), default=1)
    hidden = {"showgrid": False, "zeroline": False, "showticklabels": False}
    layout = _LAYOUT | {"height": 90 + 30 * len(ends), "margin": {"l": 8, "r": 8, "t": 24, "b": 8}, "showlegend": False}
    first = len("".join(root.text))
    return go.Figure(
        [*lines, turns, leaves],
        go.Layout(**layout, xaxis={**hidden, "range": [first - 0.3, widest + 5]}, yaxis={**hidden, "autorange": "reversed"}),
    )


def hidden_path(trace: Trace, labels: list[str], colors: dict[str, str]) -> go.Figure:
    """The H numbers of the state as a walk in the plane: the two directions in which this text's states differ most.

    Principal components of (h_0 = 0, h_1 .. h_T); one unit is one unit of h. The share that each direction explains
    stands on its axis: the closer the two sum to 100 %, the less the picture leaves out.
    """
    states = np.vstack([np.zeros_like(trace.h[:1]), trace.h])
    centred = states - states.mean(0)
    left, size, _ = np.linalg.svd(centred, full_matrices=False)
    size = np.pad(size, (0, 2))[:2]
    points = np.pad(left, ((0, 0), (0, 2)))[:, :2] * size
    share = size**2 / max((centred**2).sum(), 1e-9)
    names = ["start", *trace.tokens]
    path = go.Scatter(
        x=points[:, 0],
        y=points[:, 1],
        mode="lines+markers+text",
        text=[name if len(name) <= 14 else f"{name[:13]}…" for name in names],
        textposition="top center",
        line={"color": "rgba(128,128,128,.55)", "width": 1.5},
        marker={"size": 11, "color": ["rgba(128,128,128,.8)", *(colors[label] for label in labels)]},
        customdata=[f"{i}: {name}" for i, name in enumerate(names)],
        hovertemplate="step %{customdata}<extra></extra>",
        cliponaxis=False,
    )
    axis = {"gridcolor": "rgba(128,128,128,.2)", "zeroline": False}
    return go.Figure(
        path,
        go.Layout(
            **_LAYOUT,
            xaxis={**axis, "title": {"text": f"first direction ({share[0]:.0%} of the differences)"}},
            yaxis={**axis, "title": {"text": f"second ({share[1]:.0%})"}, "scaleanchor": "x"},
        ),
    )
