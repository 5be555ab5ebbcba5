"""Figures as still pictures, judged by an XML parser and by Pillow, and by places that were reckoned by hand."""

import base64
import io
import xml.etree.ElementTree as ElementTree

import numpy as np
import plotly.graph_objects as go
import pytest
from conftest import MODELS, load, read
from PIL import Image

from rnn_demo.edits import parse_link, resolved
from rnn_demo.figures import label
from rnn_demo.lenses import LENSES, View
from rnn_demo.still import Axis, svg, words_of
from rnn_demo.tasks import TASKS

LAYOUT = {"height": 200, "margin": {"l": 50, "r": 50, "t": 20, "b": 24}}


def drawn(*traces, width=300, **layout) -> ElementTree.Element:
    return ElementTree.fromstring(svg(go.Figure(list(traces), go.Layout(**LAYOUT | layout)), "What is seen.", width))


def pixels(image: ElementTree.Element) -> np.ndarray:
    data = image.get("href").removeprefix("data:image/png;base64,")
    return np.array(Image.open(io.BytesIO(base64.b64decode(data))).convert("RGBA"))


def test_an_axis_leads_from_numbers_to_pixels():
    assert Axis(0, 10, 100, 200).at(5) == 150
    assert Axis(0, 10, 200, 100).at(2.5) == 175
    assert Axis(-2, 2, 0, 400, log=True).at(10) == pytest.approx(300)


@pytest.mark.parametrize(("reverse", "first_row"), [(False, [0.5, np.nan]), (True, [0.0, 1.0])])
def test_a_heat_map_has_a_pixel_for_each_number_and_none_for_what_is_none(reverse, first_row):
    scale = [[0, "#000000"], [0.5, "rgba(255, 128, 0, 0)"], [1, "#ffffff"]]
    heat = go.Heatmap(z=[[0.0, 1.0], [0.5, np.nan]], x=[1, 2], y=[0, 1], zmin=0, zmax=1, colorscale=scale)
    picture = drawn(heat, yaxis={"autorange": "reversed"} if reverse else {})
    image, bar = picture.findall("image")
    colors = {0.0: [0, 0, 0, 255], 1.0: [255, 255, 255, 255], 0.5: [255, 128, 0, 0]}
    (left, right) = pixels(image)[0].tolist()
    assert left == colors[first_row[0]]
    assert right[3] == 0 if np.isnan(first_row[1]) else right == colors[first_row[1]]
    assert pixels(bar)[0, 0].tolist() == colors[1.0] and pixels(bar)[-1, 0].tolist() == colors[0.0]


def test_bars_stand_side_by_side_and_are_as_high_as_their_numbers():
    one = go.Bar(x=[1, 2], y=[2.0, -1.0], name="one", offsetgroup="a", marker={"color": ["#111111", "#222222"]})
    other = go.Bar(x=[1, 2], y=[1.0, np.nan], name="other", offsetgroup="b", marker={"color": "#333333"})
    picture = drawn(one, other, xaxis={"tickvals": [1, 2], "ticktext": ["a", "b"]})
    bars = [{name: each.get(name) for name in ("x", "width", "height", "fill")} for each in picture.findall("rect")]
    assert [bar["fill"] for bar in bars] == ["#111111", "#222222", "#333333"]
    high = [float(bar["height"]) for bar in bars]
    assert high == pytest.approx([high[0], high[0] / 2, high[0] / 2], abs=0.1)
    wide = (300 - 50 - 50) / 2 * 0.8 / 2  # of two steps' room, each with two bars
    assert [float(bar["x"]) for bar in bars] == pytest.approx([100 - wide, 200 - wide, 100], abs=0.1)
    assert {"a", "b", "one", "other"} <= {each.text for each in picture.iter("text")}


def test_a_line_goes_through_its_points_on_a_logarithmic_axis_too():
    line = go.Scatter(x=[0, 1, 2], y=[1, 0.1, 0.01], mode="lines+markers", line={"color": "#0072b2", "dash": "dash"})
    picture = drawn(line, yaxis={"type": "log"})
    (way,) = picture.findall("polyline")
    heights = [float(point.split(",")[1]) for point in way.get("points").split()]
    assert heights[1] - heights[0] == pytest.approx(heights[2] - heights[1], abs=0.1) and heights[0] < heights[1]
    assert way.get("stroke-dasharray") and len(picture.findall("circle")) == 3
    assert {"1", "1e-1", "1e-2"} <= {each.text for each in picture.iter("text")}


def test_what_stands_in_a_figure_is_shown_as_it_is():
    typed = '<b>x</b> </text><script>alert(1)</script> &lt; "'
    heat = go.Heatmap(z=[[0.0]], x=[1], y=[0], zmin=0, zmax=1, colorscale=[[0, "#000000"], [1, "#ffffff"]])
    written = svg(go.Figure(heat, go.Layout(**LAYOUT, xaxis={"tickvals": [1], "ticktext": [label(typed)]})), typed)
    picture = ElementTree.fromstring(written)
    assert typed in {each.text for each in picture.iter("text")} and picture.get("aria-label") == typed
    assert "<script" not in written
    assert words_of("<b>5.1 bits</b><br>ten") == "5.1 bits ten"


def test_what_cannot_be_drawn_is_refused_with_what_can():
    with pytest.raises(ValueError, match="pie cannot be drawn; there are bar, heatmap, scatter"):
        svg(go.Figure(go.Scatter(x=[1], y=[1]), go.Layout(**LAYOUT)).add_trace(go.Pie(values=[1])), "")


@pytest.mark.parametrize(("task", "cell"), MODELS)
def test_every_figure_of_every_lens_is_drawn(task, cell):
    """With what is shown only on request, and an arrow cut."""
    record, network = TASKS[task], load(task, cell)
    before = read(task, cell, record.entry.seed)
    reading = record.read(network, before.asked.text, before.asked.options, before, resolved(parse_link("cut:2"), before, None))
    for lens in LENSES.values():
        view = View(record, network, reading, len(reading.columns), "", lambda other: load(task, other), before, {})
        for panel in lens.panels(view):
            panel = panel.made() if panel.asked else panel
            if isinstance(panel.figure, go.Figure):
                picture = ElementTree.fromstring(svg(panel.figure, panel.alt))
                assert picture.get("aria-label") == panel.alt != ""
                assert len(list(picture.iter("image"))) + len(list(picture.iter("rect"))) + len(list(picture.iter("polyline"))) > 0
