"""Figures for looking closer: a Trace in, a plotly Figure out. They know no torch and no Streamlit.

Whatever a visitor typed or a network wrote passes `label` on its way into a figure, since plotly reads labels as HTML.

Colours come from colors.py; backgrounds are clear, so that the page's theme shows through.
"""

from __future__ import annotations

import html
import itertools
import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from rnn_demo.colors import LETTER_COLORS, NEGATIVE, POSITIVE
from rnn_demo.reading import UnitGroup
from rnn_demo.search import Branch, Prefix, joined
from rnn_demo.search import leaves as leaves_of
from rnn_demo.trace import Trace
from rnn_demo.words import END_SIGN, FACES, percent


class _GraphObjects:
    """plotly.graph_objects, imported when the first figure is drawn: a command's --help should not wait for it."""

    def __getattr__(self, name: str):
        import plotly.graph_objects

        return getattr(plotly.graph_objects, name)


go = _GraphObjects()
_LAYOUT = {
    "margin": {"l": 56, "r": 16, "t": 24, "b": 56},
    "paper_bgcolor": "rgba(0,0,0,0)",
    "plot_bgcolor": "rgba(0,0,0,0)",
    "height": 380,
}


LONGEST_LABEL = 14  # characters, on an axis


def label(text: str) -> str:
    """A text as plotly shows it, sign for sign: left alone, plotly would take "<b>" for bold and "&lt;" for "<". Marks get their
    signs. "<b>" -> "&lt;b&gt;", "</s>" -> "■" """
    return html.escape(FACES.get(text, text), quote=False)


def _short(text: str) -> str:
    """The same, cut where it is too long for an axis."""
    return label(text if len(text) <= LONGEST_LABEL else f"{text[: LONGEST_LABEL - 1]}…")


def _steps_axis(trace: Trace) -> dict:
    """Tokens by their place, since the same word may come twice. 1 is the first."""
    return {
        "tickmode": "array",
        "tickvals": list(range(1, len(trace.tokens) + 1)),
        "ticktext": list(map(_short, trace.tokens)),
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
        customdata=np.tile(np.array(order)[:, None], len(steps)),  # numbers: tens of thousands of words would take their time
        hovertemplate="unit %{customdata} after step %{x}: %{z:.3f}<extra></extra>",
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
            name=label(name),
            mode="lines+markers",
            line={"color": colors[name], "width": 2, "dash": "dot" if name == names[0] else "solid"},
            customdata=list(map(label, trace.tokens)),
            hovertemplate="%{fullData.name} at “%{customdata}”: %{y:.1%}<extra></extra>",
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
    steps, rows = list(range(1, len(tokens) + 1)), list(range(len(names)))
    shown = list(map(label, names))
    heat = go.Heatmap(
        z=probs.T,
        x=steps,
        y=rows,  # by place: two answers may look alike, and plotly would take "2021" for a number
        customdata=np.array([[name] * len(steps) for name in shown], dtype=object).reshape(len(rows), len(steps)),
        hovertemplate="%{customdata}: %{z:.1%}<extra></extra>",
        zmin=0,
        zmax=1,
        colorscale=[[0, _clear(POSITIVE)], [1, POSITIVE]],
        colorbar={"title": {"text": "p"}, "thickness": 12},
    )
    xaxis = {"tickmode": "array", "tickvals": steps, "ticktext": list(map(_short, tokens)), "showgrid": False}
    xaxis["title"] = {"text": "what went in"}
    ticks = {"tickmode": "array", "tickvals": rows, "ticktext": shown}
    yaxis = {**ticks, "autorange": "reversed", "showgrid": False, "tickfont": {"size": 9}}
    return go.Figure(heat, go.Layout(**_LAYOUT | {"height": 460}, xaxis=xaxis, yaxis=yaxis))


def two_readings(tokens: list[str], probs: dict[str, np.ndarray]) -> go.Figure:
    """How likely each token (T,) of one sequence was in each of two readings, as bars side by side."""
    steps = list(range(1, len(tokens) + 1))
    bars = [
        go.Bar(
            x=steps,
            y=row,
            name=label(name),
            marker={"color": color},
            hovertemplate="%{fullData.name}: %{y:.1%}<extra></extra>",
        )
        for (name, row), color in zip(probs.items(), (LETTER_COLORS["consonant"], LETTER_COLORS["vowel"]), strict=True)
    ]
    xaxis = {"tickmode": "array", "tickvals": steps, "ticktext": list(map(_short, tokens))}
    yaxis = {"title": {"text": "probability"}, "tickformat": ".0%", "gridcolor": "rgba(128,128,128,.2)"}
    return go.Figure(bars, go.Layout(**_LAYOUT | {"height": 300}, xaxis=xaxis, yaxis=yaxis, legend={"orientation": "h", "y": 1.15}))


class _Edge(NamedTuple):
    """A branch as it is drawn: from (x0, y0) to (x1, y1), what is written on it, how likely it is, and all that is written by
    its end."""

    x0: float
    x1: float
    y0: float
    y1: float
    words: str
    p: float
    text: Prefix
    ends: bool


def _edges(root: Branch, length: Callable[[Prefix], float], spell: Callable[[Prefix], str]) -> list[_Edge]:
    """A tree laid out from left to right: an edge is as long as `length` says of what is written on it, each leaf has a row of
    its own, and a branch stands in the middle of its children."""
    found: list[_Edge] = []

    def place(branch: Branch, x: float, before: Prefix, row: float) -> tuple[float, float]:
        """Draw what is below a branch from a row on; the row of the branch itself, and the first one that is free below it."""
        if not branch.children:
            return row, row + 1
        rows = []
        for child in branch.children:
            at, row = place(child, x + length(child.text), before + child.text, row)
            rows.append((child, at))
        middle = (rows[0][1] + rows[-1][1]) / 2
        for child, at in rows:
            text = before + child.text
            words, p = spell(child.text), math.exp(child.logprob)
            found.append(_Edge(x, x + length(child.text), middle, at, words, p, text, not child.children))
        return middle, row

    place(root, length(root.text), root.text, 0)
    return found


def _tree_figure(edges: list[_Edge], leaves: go.Scatter, strong: Callable[[_Edge], bool], bend: float, x_range: list) -> go.Figure:
    """Edges with what is written on them and how likely it is; the likelier, the wider."""
    lines = [
        go.Scatter(
            x=[edge.x0, edge.x0 + bend, edge.x1],
            y=[edge.y0, edge.y1, edge.y1],
            mode="lines",
            line={"color": LETTER_COLORS["consonant"] if strong(edge) else "rgba(128,128,128,.7)", "width": 1 + 5 * edge.p},
            hoverinfo="skip",
        )
        for edge in edges
    ]
    turns = go.Scatter(
        x=[edge.x0 + bend for edge in edges],
        y=[edge.y1 for edge in edges],
        text=[f"{label(edge.words)} {label(percent(edge.p))}" for edge in edges],
        mode="text",
        textposition="top right",
        textfont={"size": 11},
        hoverinfo="skip",
    )
    hidden = {"showgrid": False, "zeroline": False, "showticklabels": False}
    n_leaves = sum(edge.ends for edge in edges)
    layout = _LAYOUT | {"height": 90 + 30 * n_leaves, "margin": {"l": 8, "r": 8, "t": 24, "b": 8}, "showlegend": False}
    return go.Figure(
        [*lines, turns, leaves],
        go.Layout(**layout, xaxis={**hidden, "range": x_range}, yaxis={**hidden, "range": [n_leaves - 0.4, -0.9]}),
    )


def name_tree(root: Branch, brief: Callable[[str], str], describe: Callable[[str], str]) -> go.Figure:
    """A tree of names, growing to the right, a letter a step; each edge says what is written on it and how likely that is.

    Leaves are complete names. What is known of one is told by `brief` beside it, "" if nothing is: then its mark is hollow; and by
    `describe` when it is pointed at.
    """
    edges = _edges(root, len, lambda text: "".join(letter if len(letter) == 1 else END_SIGN for letter in text))
    ends = [(edge.x1, edge.y1, "".join(edge.text[:-1]).capitalize()) for edge in edges if edge.ends]
    leaves = go.Scatter(
        x=[x + 0.15 for x, _, _ in ends],
        y=[y for _, y, _ in ends],
        text=[f"  <b>{label(name)}</b> {label(brief(name))}".rstrip() for _, _, name in ends],
        customdata=[label(f"{name}: {describe(name)}") for _, _, name in ends],
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
    return _tree_figure(edges, leaves, lambda edge: False, 0.35, [len(root.text) - 0.3, widest + 5])


def word_tree(root: Branch, best: Prefix, spell: Callable[[Prefix], str]) -> go.Figure:
    """A tree of sentences, growing to the right; `spell` writes the outputs of an edge, and the way to `best` stands out.

    Beside each leaf stands what the whole sentence costs, in bits: the fewer, the likelier.
    """
    shown = joined(root)
    edges = _edges(shown, lambda text: len(spell(text)) + 7 if text else 0, spell)
    costs = {text: -nats / math.log(2) for text, nats in leaves_of(root)}
    ends = [edge for edge in edges if edge.ends]
    leaves = go.Scatter(
        x=[edge.x1 + 1 for edge in ends],
        y=[edge.y1 for edge in ends],
        text=[f"<b>{costs[edge.text]:.1f} bits</b>" if edge.text == best else f"{costs[edge.text]:.1f} bits" for edge in ends],
        customdata=[label(spell(edge.text)) for edge in ends],
        mode="text",
        textposition="middle right",
        hovertemplate="%{customdata}<extra></extra>",
    )
    widest = max((edge.x1 for edge in ends), default=1)
    return _tree_figure(edges, leaves, lambda edge: best[: len(edge.text)] == edge.text, 1.5, [-1, widest * 1.02 + 12])


def alignment(written: list[str], read: list[str], weights: np.ndarray) -> go.Figure:
    """How much each of N words written (rows, the first on top) looked at each of M words read (columns), 0 to 1; 0 is clear."""
    rows, columns = list(range(len(written))), list(range(len(read)))
    written, read = list(map(label, written)), list(map(label, read))
    names = np.array([[(french, english) for english in read] for french in written], dtype=object)
    names = names.reshape(len(rows), len(columns), 2)
    heat = go.Heatmap(
        z=weights,
        x=columns,
        y=rows,
        customdata=names,
        hovertemplate="“%{customdata[0]}” looked at “%{customdata[1]}”: %{z:.0%}<extra></extra>",
        zmin=0,
        zmax=1,
        colorscale=[[0, _clear(POSITIVE)], [1, POSITIVE]],
        colorbar={"thickness": 12, "tickformat": ".0%"},
    )
    ticks = lambda places, words: {"tickmode": "array", "tickvals": places, "ticktext": words, "showgrid": False, "zeroline": False}
    xaxis = {**ticks(columns, read), "side": "top"}
    yaxis = {**ticks(rows, written), "autorange": "reversed"}
    layout = _LAYOUT | {"height": 110 + 26 * len(rows), "margin": {"l": 90, "r": 16, "t": 70, "b": 16}}
    return go.Figure(heat, go.Layout(**layout, xaxis=xaxis, yaxis=yaxis))


def length_curve(curves: dict[str, list[dict]]) -> go.Figure:
    """BLEU against the length of the text read, a line a variant, with its 95 % interval.

    Points {"words": [6, 10], "count": 500, "bleu": 40.0, "low": 38.5, "high": 41.6}, all variants with the same bins.
    """
    colors = (LETTER_COLORS["consonant"], LETTER_COLORS["vowel"])
    lines = [
        go.Scatter(
            x=list(range(len(points))),
            y=[point["bleu"] for point in points],
            error_y={
                "type": "data",
                "symmetric": False,
                "array": [point["high"] - point["bleu"] for point in points],
                "arrayminus": [point["bleu"] - point["low"] for point in points],
            },
            name=label(name),
            mode="lines+markers",
            line={"color": color, "width": 2},
            customdata=[(point["low"], point["high"], point["count"]) for point in points],
            hovertemplate="%{fullData.name}: %{y:.1f} (%{customdata[0]:.1f} to %{customdata[1]:.1f}), "
            "%{customdata[2]} texts<extra></extra>",
        )
        for (name, points), color in zip(curves.items(), colors, strict=False)
    ]
    bins = next(iter(curves.values()), [])
    words = [f"{low} to {high}<br>{point['count']} texts" for point in bins for low, high in [point["words"]]]
    xaxis = {
        "tickmode": "array",
        "tickvals": list(range(len(bins))),
        "ticktext": words,
        "title": {"text": "English words"},
        "showgrid": False,
    }
    yaxis = {"title": {"text": "BLEU"}, "rangemode": "tozero", "gridcolor": "rgba(128,128,128,.2)"}
    layout = _LAYOUT | {"margin": {"l": 56, "r": 16, "t": 24, "b": 80}}
    return go.Figure(lines, go.Layout(**layout, xaxis=xaxis, yaxis=yaxis, legend={"orientation": "h", "y": 1.12}))


def reliability_diagram(rows: list[dict]) -> go.Figure:
    """How many answers were right (0..1) against how sure the network was of them, a mark a row; the more answers, the larger.

    Rows {"confidence": 0.9, "right": 0.75, "count": 4}, see train/reliability.py. On the diagonal a probability means what it says.
    """
    most = max(row["count"] for row in rows)
    marks = go.Scatter(
        x=[row["confidence"] for row in rows],
        y=[row["right"] for row in rows],
        mode="lines+markers",
        line={"color": LETTER_COLORS["consonant"], "width": 1.5},
        marker={"size": [6 + 14 * math.sqrt(row["count"] / most) for row in rows]},
        customdata=[row["count"] for row in rows],
        hovertemplate="%{x:.0%} sure: %{y:.0%} right, of %{customdata:,} answers<extra></extra>",
    )
    grey = {"color": "rgba(128,128,128,.8)", "dash": "dash"}
    diagonal = go.Scatter(x=[0, 1], y=[0, 1], mode="lines", line=grey, hoverinfo="skip")
    axis = {"range": [-0.04, 1.04], "tickformat": ".0%", "gridcolor": "rgba(128,128,128,.2)", "zeroline": False}
    xaxis = axis | {"title": {"text": "how sure it was"}}
    yaxis = axis | {"title": {"text": "how many answers were right"}}
    return go.Figure([diagonal, marks], go.Layout(**_LAYOUT | {"height": 340}, showlegend=False, xaxis=xaxis, yaxis=yaxis))


def weight_counts(counts: list[tuple[int, int]], chosen: int) -> go.Figure:
    """How many weights a feed-forward and a recurrent first layer have, for sentences of up to 1, 2, 3 ... words; one length is
    marked."""
    lengths = list(range(1, len(counts) + 1))
    lines = []
    for i, (name, color) in enumerate((("feed-forward", LETTER_COLORS["vowel"]), ("recurrent", LETTER_COLORS["consonant"]))):
        values = [pair[i] for pair in counts]
        hover = f"{name}, %{{x}} words: %{{y:,}} weights<extra></extra>"
        lines.append(
            go.Scatter(x=lengths, y=values, name=name, mode="lines", line={"color": color, "width": 3}, hovertemplate=hover)
        )
        point = {"x": [chosen], "y": [values[chosen - 1]], "mode": "markers", "marker": {"color": color, "size": 12}}
        lines.append(go.Scatter(**point, showlegend=False, hovertemplate=hover))
    xaxis = {"title": {"text": "longest sentence, in words"}, "showgrid": False}
    yaxis = {"title": {"text": "weights"}, "rangemode": "tozero", "gridcolor": "rgba(128,128,128,.2)"}
    return go.Figure(
        lines, go.Layout(**_LAYOUT | {"height": 300}, xaxis=xaxis, yaxis=yaxis, legend={"orientation": "h", "y": 1.15})
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
    names = ["zero state", *trace.tokens]
    path = go.Scatter(
        x=points[:, 0],
        y=points[:, 1],
        mode="lines+markers+text",
        text=list(map(_short, names)),
        textposition="top center",
        line={"color": "rgba(128,128,128,.55)", "width": 1.5},
        marker={"size": 11, "color": ["rgba(128,128,128,.8)", *(colors[label] for label in labels)]},
        customdata=[f"{i}: {label(name)}" for i, name in enumerate(names)],
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


_DIVERGING = [[0, NEGATIVE], [0.5, _clear(NEGATIVE)], [0.5, _clear(POSITIVE)], [1, POSITIVE]]


def unit_strips(rows: dict[str, np.ndarray], order: list[int], groups: list[UnitGroup], unit: int) -> go.Figure:
    """Several numbers of each of H units at one step, a row each {"z": (H,)}, -1 to 1, in the view's order; a line marks a unit."""
    names, places = list(rows), list(range(len(order)))
    ends = np.cumsum([group.size for group in groups])
    heat = go.Heatmap(
        z=np.stack([row[order] for row in rows.values()]).astype(np.float32),
        x=places,
        y=list(range(len(names))),
        customdata=np.tile(np.array(order), (len(names), 1)),
        hovertemplate="unit %{customdata}: %{z:.3f}<extra></extra>",
        zmin=-1,
        zmax=1,
        colorscale=_DIVERGING,
        colorbar={"thickness": 12},
    )
    at = order.index(unit)
    line = {"type": "line", "x0": at, "x1": at, "yref": "paper", "y0": 0, "y1": 1.04}
    line["line"] = {"color": "rgba(128,128,128,.9)"}
    ticks = {"tickvals": [end - group.size / 2 for end, group in zip(ends, groups, strict=True)]}
    xaxis = {**ticks, "ticktext": [label(group.name) for group in groups], "showgrid": False, "zeroline": False}
    yaxis = {"tickvals": list(range(len(names))), "ticktext": names, "autorange": "reversed", "showgrid": False, "zeroline": False}
    layout = _LAYOUT | {"height": 110 + 26 * len(names)}
    return go.Figure(heat, go.Layout(**layout, xaxis=xaxis, yaxis=yaxis, shapes=[line]))


def gate_strips(rows: list[tuple[str, np.ndarray]], words: list[str]) -> go.Figure:
    """Gates over T words, 0 to 1; 0 is clear: rows of (what it is, (T,)), the first on top. Rows with one name share its mark."""
    names = [name for name, _ in rows]
    marks = [i for i, name in enumerate(names) if name not in names[:i]]
    steps = list(range(1, len(words) + 1))
    spelled = list(itertools.product(map(label, names), map(label, words)))
    heat = go.Heatmap(
        z=np.stack([row for _, row in rows]),
        x=steps,
        y=list(range(len(rows))),
        customdata=np.array(spelled, dtype=object).reshape(len(rows), len(steps), 2),
        hovertemplate="%{customdata[0]} at “%{customdata[1]}”: %{z:.2f}<extra></extra>",
        zmin=0,
        zmax=1,
        colorscale=[[0, _clear(POSITIVE)], [1, POSITIVE]],
        colorbar={"thickness": 12},
    )
    xaxis = {"tickmode": "array", "tickvals": steps, "ticktext": list(map(_short, words)), "showgrid": False, "zeroline": False}
    yaxis = {"tickvals": marks, "ticktext": [label(names[i]) for i in marks], "autorange": "reversed", "showgrid": False}
    layout = _LAYOUT | {"height": min(560, 110 + 22 * len(rows)), "margin": {"l": 110, "r": 16, "t": 16, "b": 60}}
    return go.Figure(heat, go.Layout(**layout, xaxis=xaxis, yaxis=yaxis | {"zeroline": False}))
