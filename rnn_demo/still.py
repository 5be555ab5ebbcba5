"""A Plotly figure as a still picture: one SVG that needs no script, for a file that plays without a server or a network.

Draws bars, heat maps and lines on one or two pairs of axes, which is all that our figures are made of; letters have the colour of
the text around them.
"""

import base64
import re
import struct
import zlib
from collections.abc import Callable
from html import escape, unescape
from typing import Any, NamedTuple

import numpy as np

WIDTH = 1000  # of a picture as wide as the page, in its own pixels
LETTER = 6.3  # pixels, on average
BAR_SHARE = 0.8  # of the room of a step that its bars fill
CLOSE = 13  # pixels between two names on an axis, at least
LEVELS = 255  # of a scale of colours
SCALE = 54  # pixels for a scale of colours beside a heat map
DASHES = {"dash": "7 5", "dot": "2 4"}
WITH_TITLE, WITHOUT = 42, 24  # pixels below an axis whose names stand upright
LIGHT_LINE = "rgba(128,128,128,.35)"


class Axis(NamedTuple):
    """From numbers to pixels: `low` is drawn at `start`, `high` at `end`; of a logarithmic axis the two are powers of ten.

    Axis(0.0, 10.0, 100.0, 200.0, False).at(5) -> 150.0
    """

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def at(self, value: float) -> float:
        value = float(np.log10(max(float(value), 1e-30))) if self.log else float(value)
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


class Field(NamedTuple):
    """Where a trace is drawn."""

    x: Axis
    y: Axis


def svg(figure: Any, alt: str, width: int = WIDTH) -> str:
    """The picture of a Plotly figure; `alt` says what is seen in it. Whatever stands in the figure is escaped."""
    layout, traces = figure.layout, figure.data
    if unknown := {trace.type for trace in traces} - MARKS.keys():
        raise ValueError(f"A still picture of {', '.join(sorted(unknown))} cannot be drawn; there are {', '.join(MARKS)}")
    named = [trace for trace in traces if trace.type != "heatmap" and trace.name and trace.showlegend is not False]
    margin, height = layout.margin, layout.height
    top = max(margin.t, 34) if len(named) > 1 else margin.t
    scales = any(trace.type == "heatmap" for trace in traces)
    right = width - margin.r - (SCALE if scales else 0)
    box = (margin.l, top, right, height - margin.b)
    if not _turned([words_of(word) for word in layout.xaxis.ticktext or ()], right - margin.l):
        height -= margin.b - (WITH_TITLE if layout.xaxis.title.text else WITHOUT)
    fields = {name: _field(figure, name, box) for name in ("y", "y2") if any((trace.yaxis or "y") == name for trace in traces)}
    parts = []
    for name, field in fields.items():
        parts += _rulers(layout, name, field, first=name == "y")
    for trace in traces:
        name = trace.yaxis or "y"
        beside = list(dict.fromkeys(one.offsetgroup for one in traces if one.type == "bar" and (one.yaxis or "y") == name))
        parts += MARKS[trace.type](trace, fields[name], beside)
    for shape in layout.shapes:
        parts.append(_line(shape, fields["y"], box))
    if len(named) > 1:
        parts += _legend(named, box[0], top - 14)
    return (
        f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{escape(alt)}" font-size="12" fill="currentColor">'
        f"{''.join(parts)}</svg>"
    )


def words_of(text: Any) -> str:
    """What Plotly shows of a text that it reads as HTML, without what is bold. "<b>&lt;s&gt;</b><br>ten" -> "<s> ten" """
    return unescape(re.sub(r"</?b>", "", str(text).replace("<br>", " ")))


def _field(figure: Any, name: str, box: tuple) -> Field:
    """The axes of the traces whose y is `name`, in a box of left, top, right, bottom."""
    left, top, right, bottom = box
    layout = figure.layout
    ours = [trace for trace in figure.data if (trace.yaxis or "y") == name]
    ruler = layout[name.replace("y", "yaxis", 1)]
    share = ruler.domain or (0, 1)
    ends = bottom - share[0] * (bottom - top), bottom - share[1] * (bottom - top)
    x_low, x_high = _range(layout.xaxis, ours, "x")
    y_low, y_high = _range(ruler, ours, "y")
    if ruler.scaleanchor:  # one unit is as long on both axes
        pixels = max((x_high - x_low) / (right - left), (y_high - y_low) / (ends[0] - ends[1])) / 2
        x_mid, y_mid = (x_low + x_high) / 2, (y_low + y_high) / 2
        x_low, x_high = x_mid - pixels * (right - left), x_mid + pixels * (right - left)
        y_low, y_high = y_mid - pixels * (ends[0] - ends[1]), y_mid + pixels * (ends[0] - ends[1])
    reverse = slice(None, None, -1) if ruler.autorange == "reversed" else slice(None)
    return Field(Axis(x_low, x_high, left, right), Axis(y_low, y_high, *ends[reverse], log=ruler.type == "log"))


def _range(ruler: Any, traces: list, which: str) -> tuple[float, float]:
    """The numbers at both ends of an axis."""
    if ruler.range:
        return tuple(map(float, ruler.range))
    values = np.concatenate([np.asarray(trace[which], float) for trace in traces])
    values = values[np.isfinite(values)]
    values = np.log10(np.maximum(values, 1e-30)) if ruler.type == "log" else values
    low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 1.0)
    kinds = {trace.type for trace in traces}
    if kinds == {"heatmap"} or ("bar" in kinds and which == "x"):
        return low - 0.5, high + 0.5  # a step is as wide as the way to the next
    if "bar" in kinds or ruler.rangemode == "tozero":
        low, high = min(low, 0.0), max(high, 0.0)
    room = 0.06 * (high - low) or 0.5
    return (low if low == 0 else low - room), high + room


def _rulers(layout: Any, name: str, field: Field, first: bool) -> list[str]:
    """The names and numbers along both axes of a field, its lines, and what the axes are called; those below the `first` alone."""
    x, y = field
    ruler = layout[name.replace("y", "yaxis", 1)]
    parts = []
    for value, word in _ticks(ruler, y, CLOSE):
        at = y.at(value)
        if ruler.showgrid is not False:
            parts.append(_stroke(x.start, at, x.end, at, LIGHT_LINE))
        size = f' font-size="{ruler.tickfont.size}"' if ruler.tickfont.size else ""
        parts.append(f'<text x="{x.start - 6}" y="{at + 4:.1f}" text-anchor="end"{size}>{escape(word)}</text>')
    if ruler.zeroline or (ruler.zeroline is None and y.low <= 0 <= y.high and not y.log):
        parts.append(_stroke(x.start, y.at(0), x.end, y.at(0), "currentColor"))
    if title := ruler.title.text:
        turned = f'transform="translate(14 {(y.start + y.end) / 2:.1f}) rotate(-90)"'
        parts.append(f'<text {turned} text-anchor="middle">{escape(words_of(title))}</text>')
    if not first:
        return parts
    bottom = max(y.start, y.end)
    ticks = _ticks(layout.xaxis, x, CLOSE)
    turned = _turned([word for _, word in ticks], x.end - x.start)
    for value, word in ticks:
        at = f"translate({x.at(value):.1f} {bottom + 14:.1f})"
        how = f'transform="{at} rotate(-40)" text-anchor="end"' if turned else f'transform="{at}" text-anchor="middle"'
        parts.append(f"<text {how}>{escape(word)}</text>")
    if title := layout.xaxis.title.text:
        place = bottom + (layout.margin.b if turned else WITH_TITLE) - 6
        parts.append(f'<text x="{(x.start + x.end) / 2:.1f}" y="{place:.1f}" text-anchor="middle">{escape(words_of(title))}</text>')
    return parts


def _ticks(ruler: Any, axis: Axis, close: float) -> list[tuple[float, str]]:
    """(number, what stands there), as many as there is room for."""
    if ruler.showticklabels is False:
        return []
    if ruler.ticktext is not None:
        found = [(float(value), words_of(word)) for value, word in zip(ruler.tickvals, ruler.ticktext, strict=False)]
        every = int(np.ceil(close * len(found) / max(abs(axis.end - axis.start), 1))) or 1
        return found[::every]
    if axis.log:
        return [(10.0**power, f"1e{power}" if power else "1") for power in range(int(np.ceil(axis.low)), int(axis.high) + 1)]
    rough = (axis.high - axis.low) / 5
    step = 10.0 ** np.floor(np.log10(rough))
    step = next(step * times for times in (1, 2, 5, 10) if step * times >= rough)
    values = np.arange(np.ceil(axis.low / step), np.floor(axis.high / step) + 1) * step
    percent = (ruler.tickformat or "").endswith("%")
    written = lambda value: f"{100 * value:.0f} %" if percent else f"{value:.4g}".replace("-", "−")
    return [(float(value), written(value + 0.0)) for value in values]


def _turned(words: list[str], room: float) -> bool:
    """Whether names below an axis must lean, since side by side they are too long."""
    return max(map(len, words), default=0) * LETTER * len(words) > room


def _bars(trace: Any, field: Field, beside: list) -> list[str]:
    x, y = field
    wide = BAR_SHARE * (x.at(1) - x.at(0)) / len(beside)
    first = (beside.index(trace.offsetgroup) - len(beside) / 2) * wide
    colors = _each(trace.marker.color, len(trace.x))
    found = []
    for place, value, color in zip(trace.x, trace.y, colors, strict=True):
        if np.isfinite(value):
            top, foot = sorted((y.at(value), y.at(0)))
            box = f'x="{x.at(place) + first:.1f}" y="{top:.1f}" width="{wide:.1f}" height="{max(foot - top, 0.5):.1f}"'
            found.append(f'<rect {box} fill="{color}"/>')
    return found


def _heat(trace: Any, field: Field, beside: list) -> list[str]:
    """One pixel a number, stretched to its place; and the scale of its colours."""
    x, y = field
    values = (np.asarray(trace.z, float) - trace.zmin) / (trace.zmax - trace.zmin)
    rows = values if y.start < y.end else values[::-1]
    left, right, top, foot = x.start, x.end, min(y.start, y.end), max(y.start, y.end)
    scale = trace.colorscale
    parts = [_image(rows, scale, left, top, right - left, foot - top)]
    bar, beside_it = trace.colorbar, right + 14
    parts.append(_image(np.linspace(1, 0, 64)[:, None], scale, beside_it, top, 10, foot - top))
    ends = [(trace.zmin, f"{trace.zmin:.3g}"), (trace.zmax, f"{trace.zmax:.3g}")]
    marks = zip(bar.tickvals, bar.ticktext, strict=True) if bar.tickvals else ends
    own = Axis(trace.zmin, trace.zmax, foot, top)
    parts += [
        f'<text x="{beside_it + 14}" y="{own.at(value) + 4:.1f}">{escape(words_of(word).replace("-", "−"))}</text>'
        for value, word in marks
    ]
    if bar.title.text:
        parts.append(f'<text x="{beside_it}" y="{top - 8:.1f}">{escape(words_of(bar.title.text))}</text>')
    return parts


def _points(trace: Any, field: Field, beside: list) -> list[str]:
    x, y = field
    places = [(x.at(a), y.at(b)) for a, b in zip(trace.x, trace.y, strict=True)]
    found = []
    if "lines" in trace.mode:
        dash = f' stroke-dasharray="{DASHES[trace.line.dash]}"' if trace.line.dash in DASHES else ""
        way = " ".join(f"{a:.1f},{b:.1f}" for a, b in places)
        line = f'stroke="{trace.line.color or "currentColor"}" stroke-width="{trace.line.width or 2}"{dash}'
        found.append(f'<polyline points="{way}" fill="none" {line}/>')
    if "markers" in trace.mode:
        colors = _each(trace.marker.color or trace.line.color, len(places))
        size = (trace.marker.size or 6) / 2
        dots = zip(places, colors, strict=True)
        found += [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="{size}" fill="{color}"/>' for (a, b), color in dots]
    if "text" in trace.mode:
        for (a, b), word in zip(places, trace.text, strict=True):
            found.append(f'<text x="{a:.1f}" y="{b - 10:.1f}" text-anchor="middle">{escape(words_of(word))}</text>')
    return found


MARKS: dict[str, Callable[[Any, Field, list], list[str]]] = {"bar": _bars, "heatmap": _heat, "scatter": _points}


def _each(color: Any, count: int) -> list[str]:
    return [color] * count if color is None or isinstance(color, str) else list(color)


def _line(shape: Any, field: Field, box: tuple) -> str:
    """A straight line over the picture; an end that lies on no axis is a share of the room, from its left or its foot on."""
    left, top, right, foot = box
    x0, x1 = (field.x.at(v) if shape.xref in (None, "x") else left + v * (right - left) for v in (shape.x0, shape.x1))
    y0, y1 = (field.y.at(v) if shape.yref in (None, "y") else foot - v * (foot - top) for v in (shape.y0, shape.y1))
    return _stroke(x0, y0, x1, y1, shape.line.color or "currentColor", DASHES.get(shape.line.dash, ""))


def _legend(traces: list, left: float, at: float) -> list[str]:
    parts = []
    for trace in traces:
        word = words_of(trace.name)
        is_bar = trace.type == "bar"
        color = _each(trace.marker.color if is_bar else trace.line.color, 1)[0] or "currentColor"
        dash = "" if is_bar else DASHES.get(trace.line.dash, "")
        parts.append(_stroke(left, at - 4, left + 18, at - 4, color, dash, 3))
        parts.append(f'<text x="{left + 23:.0f}" y="{at}">{escape(word)}</text>')
        left += 40 + LETTER * len(word)
    return parts


def _stroke(x0: float, y0: float, x1: float, y1: float, color: str, dash: str = "", wide: float = 1) -> str:
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    ends = f'x1="{x0:.1f}" y1="{y0:.1f}" x2="{x1:.1f}" y2="{y1:.1f}"'
    return f'<line {ends} stroke="{color}" stroke-width="{wide}"{dashed}/>'


def _image(shares: np.ndarray, scale: tuple, x: float, y: float, width: float, height: float) -> str:
    box = f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'
    data = base64.b64encode(png(shares, scale)).decode()
    return f'<image {box} preserveAspectRatio="none" style="image-rendering:pixelated" href="data:image/png;base64,{data}"/>'


def palette(scale: tuple) -> np.ndarray:
    """The colours of a scale ((0, "#000000"), (1, "rgba(0, 0, 0, 0)")) in LEVELS steps, as bytes (LEVELS, 4): red, green, blue and
    how solid."""
    stops = np.array([_rgba(color) for _, color in scale])
    at, places = np.linspace(0, 1, LEVELS), [place for place, _ in scale]
    return np.rint(np.stack([np.interp(at, places, stops[:, i]) for i in range(4)], axis=-1)).astype(np.uint8)


def _rgba(color: str) -> tuple[float, ...]:
    """ "#ff8000" -> (255, 128, 0, 255); "rgba(255, 128, 0, 0.5)" -> (255.0, 128.0, 0.0, 127.5) """
    if color.startswith("#"):
        return (*(int(color[i : i + 2], 16) for i in (1, 3, 5)), 255)
    red, green, blue, solid = map(float, re.findall(r"[\d.]+", color))
    return red, green, blue, 255 * solid


def png(shares: np.ndarray, scale: tuple) -> bytes:
    """Shares (R, C) of a scale as a PNG file, a pixel each; what is no number is clear."""
    rows, columns = shares.shape
    known = np.rint(np.clip(np.nan_to_num(shares), 0, 1) * (LEVELS - 1)).astype(np.uint8)
    known[np.isnan(shares)] = LEVELS  # one more colour, which is none
    colors = np.vstack([palette(scale), np.zeros((1, 4), np.uint8)])

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", columns, rows, 8, 3, 0, 0, 0)  # a byte a pixel: the number of its colour
    lines = np.hstack([np.zeros((rows, 1), np.uint8), known])  # each row as it is
    chunks = ((b"IHDR", head), (b"PLTE", colors[:, :3].tobytes()), (b"tRNS", colors[:, 3].tobytes()))
    chunks += ((b"IDAT", zlib.compress(lines.tobytes(), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*one) for one in chunks)
