"""A reading as one HTML file, and a layer of somebody's own. That the file plays is tested in test_browser_share.py."""

import html
import json
import re
import tomllib

import numpy as np
import pytest
import torch
from conftest import ROOT, load, read
from torch import nn

import rnn_demo
from rnn_demo import page
from rnn_demo.__main__ import main
from rnn_demo.edits import parse_link, resolved
from rnn_demo.lenses import LENSES, View
from rnn_demo.networks.layers import LayerError
from rnn_demo.records import inline
from rnn_demo.tasks import TASKS
from rnn_demo.view import Visit, payload

HOSTILE = 'Olga </script><script>alert(1)</script> <img src=x onerror=alert(1)> & "quoted" \u2028'


def data_of(file: str) -> dict:
    data = json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', file, re.S)[1])
    fields = data["tokens"] or {"text": []}
    return data | {"tokens": [dict(zip(fields, values, strict=True)) for values in zip(*fields.values(), strict=True)]}


@pytest.mark.parametrize("task", TASKS)
def test_the_page_of_every_task_is_small_and_holds_the_reading(task):
    record = TASKS[task]
    file = rnn_demo.read(task, record.entry.seed).html
    assert len(file.encode()) < (150_000 if task == next(iter(TASKS)) else 180_000)
    assert [token["text"] for token in data_of(file)["tokens"]] == [
        column.token.text for column in read(task, record.cell.default, record.entry.seed).columns
    ]
    assert html.escape(record.words.question) in file


def test_what_a_visitor_typed_stands_in_the_page_as_data_alone():
    file = rnn_demo.read("tag", HOSTILE).html
    assert data_of(file)["text"] == HOSTILE
    assert file.count("<script") == 2 and "<img" not in file and "onerror=alert(1)>" in file
    outside = re.sub(r'(<script type="application/json" id="data">).*?(</script>)', "", file, flags=re.S)
    assert "Olga" not in outside and "alert" not in outside


def lens_file(lens: str, text: str = "Olga sings in Rome", task: str = "tag", edits: str = "cut:2") -> str:
    """The file with a lens open on an edited reading, and all that it shows on request."""
    record, network = TASKS[task], load(task, TASKS[task].cell.default)
    before = read(task, record.cell.default, text)
    reading = record.read(network, text, before.asked.options, before, resolved(parse_link(edits), before, None))
    view = View(record, network, reading, len(reading.columns), "", lambda cell: load(task, cell), before, {})
    return page.shown(record, reading, before, page.look(LENSES[lens], view, True, lambda i: True)).html


# What a lens leaves in the file, counted: walks, formulas, still figures, tables, code.
IN_THE_FILE = {
    "step": {},
    "inside": {"walking": 1, "<ul class=\"walk\"": 1, "<math": 12, "<svg viewBox": 3, "<pre": 1},
    "memory": {"<svg viewBox": 2, "<pre": 1},
    "whatif": {"<svg viewBox": 1, "<table": 1},
    "compare": {"<table": 1, "<tr data-step": 4},
    "figures": {"<svg viewBox": 3},
}


@pytest.mark.parametrize("lens", LENSES)
def test_the_file_has_the_scissors_marks_and_what_the_open_lens_shows(lens):
    file = lens_file(lens)
    data, section = data_of(file), "".join(re.findall(r'<section class="closer">.*?</section>', file, re.S))
    assert data["edits"] and data["lens"]["name"] == lens and not data["lens"]["opens"]
    assert [token["was"] for token in data["tokens"]] == [token["was"] for token in wanted_tokens()]
    for part, count in IN_THE_FILE[lens].items():
        assert section.count(part) == count, part
    assert bool(section) == bool(IN_THE_FILE[lens]) and (not section or html.escape(LENSES[lens].question) in section)
    assert bool(data["lens"]["trail"]) == bool(data["lens"]["backward"]) == (LENSES[lens].shows is not None)
    assert "](" not in section and "**" not in section  # no Markdown is left


def wanted_tokens() -> list[dict]:
    before, network = read("tag", "lstm", "Olga sings in Rome"), load("tag", "lstm")
    edited = TASKS["tag"].read(network, "Olga sings in Rome", {}, before, resolved(parse_link("cut:2"), before, None))
    return payload(edited, page.frame(TASKS["tag"]), Visit(), before)["tokens"]


@pytest.mark.parametrize("lens", LENSES)
def test_what_a_visitor_typed_stands_in_a_lens_as_text_and_a_long_text_fits(lens):
    file = lens_file(lens, HOSTILE)
    assert file.count("<script") == 2 and "<img" not in file and "onerror=" in file
    assert not set(re.findall(r"https?://[\w./]+", file)) - {"http://www.w3.org/2000/svg", "http://www.w3.org/1998/Math/MathML"}
    assert not re.search(r'(src|href)="(?!data:)', file)
    assert len(lens_file(lens, "Good, but long and loud. " * 33, "rate").encode()) < 500_000


def test_the_page_asks_nobody_for_anything():
    file = rnn_demo.read("tag", "Olga sings").html
    assert "default-src 'none'" in file
    assert not re.search(r'(src|href)="(?!data:)', file) and "@import" not in file and "url(" not in file.split("<script", 1)[0]
    assert not set(re.findall(r"https?://[\w.]+", file)) - {"http://www.w3.org"}  # the name of SVG


def test_the_page_has_the_colours_of_the_app():
    theme = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))["theme"]
    named = {"primary": "primaryColor", "background": "backgroundColor", "secondary-background": "secondaryBackgroundColor"}
    named["text"] = "textColor"
    for ours, theirs in ((page.LIGHT, theme["light"]), (page.DARK, theme["dark"])):
        assert ours == {name: theirs[key] for name, key in named.items()}
    assert theme["font"] == page.FONT


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("**A** *b* `c < d`", "<b>A</b> <i>b</i> <code>c &lt; d</code>"),
        (r"**was \*x\*** \<b\>", "<b>was *x*</b> &lt;b&gt;"),
        (r"“\*\*no\*\*” & 2 * 3", "“**no**” &amp; 2 * 3"),
        ("<script>", "&lt;script&gt;"),
    ],
)
def test_our_sentences_are_set_as_the_page_sets_them(words, wanted):
    assert inline(words) == wanted


def test_a_notebook_shows_a_reading_in_a_frame_of_its_own():
    shown = rnn_demo.read("tag", HOSTILE)
    (held,) = re.findall(r'^<iframe title="Tag" srcdoc="([^"]*)" style="[^"]*"></iframe>$', shown._repr_html_(), re.S)
    assert html.unescape(held) == shown.html


@pytest.mark.parametrize("asked", [("tagg", {}), ("tag", {"seed": 3}), ("name", {"sexx": "male"})])
def test_a_reading_of_what_is_not_there_names_what_is(asked):
    task, options = asked
    with pytest.raises(ValueError, match="tag, rate, name" if task == "tagg" else "has"):
        rnn_demo.read(task, "Olga", **options)


def test_the_command_line_writes_the_page(tmp_path, capsys):
    path = tmp_path / "out.html"
    assert main(["tag", "Olga sings", "--cell", "gru", "--html", str(path)]) == 0
    assert "Olga" in capsys.readouterr().out
    assert path.read_text("utf-8") == rnn_demo.read("tag", "Olga sings", "gru").html
    assert main(["tag", "Olga sings", "--cell", "gru", "--lens", "inside", "--step", "2", "--unit", "7", "--html", str(path)]) == 0
    assert json.loads(capsys.readouterr().out)["unit"] == 7
    assert "<b>Unit 7 at “sings”</b>" in path.read_text("utf-8")
    for arguments, problem in (
        (["Olga", "--lens", "inside", "--unit", "9999", "--html", str(path)], "no unit '9999'"),
        (["Olga", "--lens", "memory", "--step", "4", "--html", str(path)], "choose one from 1 to 1"),
        (["Olga", "--html", str(tmp_path / "no" / "out.html")], "cannot be written"),
        (["-", "--html", str(path)], "a file holds one text"),
    ):
        with pytest.raises(SystemExit):
            main(["tag", *arguments])
        assert problem in capsys.readouterr().err


LAYERS = [nn.RNN, nn.GRU, nn.LSTM]


@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("kind", LAYERS)
def test_a_layer_of_ones_own_is_read_as_pytorch_reads_it(kind, bias, batch_first, both):
    torch.manual_seed(1)
    layer = kind(3, 4, bias=bias, batch_first=batch_first, bidirectional=both)
    x = torch.randn(5, 3)
    wanted, last = layer(x)
    for given in (x, x.unsqueeze(0 if batch_first else 1)):
        shown = rnn_demo.trace_layer(layer, given)
        traces = shown.traces
        assert shown.reading.block.weights == sum(weight.numel() for weight in layer.parameters())
        assert len(traces) == 1 + both and [trace.name for trace in traces] == ["forward", "backward"][: 1 + both]
        assert torch.allclose(torch.cat([torch.from_numpy(trace.h.copy()) for trace in traces], -1), wanted, atol=1e-6)
        assert all(set(trace.gates) == {nn.RNN: set(), nn.GRU: set("rzn"), nn.LSTM: set("ifgo")}[kind] for trace in traces)
        if kind is nn.LSTM:
            ends = np.array([traces[0].c[-1], *(trace.c[0] for trace in traces[1:])])
            assert torch.allclose(torch.from_numpy(ends), last[1].view(1 + both, 4), atol=1e-6)


@pytest.mark.parametrize(
    ("layer", "x", "words"),
    [
        (nn.Linear(3, 4), (5, 3), "Linear cannot be read; give one of nn.RNN, nn.GRU, nn.LSTM"),
        (nn.GRU(3, 4, num_layers=2), (5, 3), "a stack of 2"),
        (nn.LSTM(3, 4, proj_size=2), (5, 3), "proj_size=0"),
        (nn.RNN(3, 4, nonlinearity="relu"), (5, 3), "nonlinearity='tanh'"),
        (nn.GRU(3, 4), (5, 2), r"takes \(T, 3\)"),
        (nn.GRU(3, 4), (5, 2, 3), r"the first as x\[:, :1\]"),
        (nn.GRU(3, 4, batch_first=True), (2, 5, 3), r"the first as x\[:1\]"),
        (nn.GRU(3, 4), (0, 3), "no steps"),
        (nn.GRU(3, 4, device="meta"), (5, 3), "no numbers yet"),
        (nn.GRU(3, 4), torch.full((5, 3), torch.nan), "not all finite"),
        (nn.GRU(3, 4), torch.zeros(5, 3, dtype=torch.int64), r"torch.int64; .* embedding\(ids\)"),
        (nn.GRU(3, 4), np.zeros((5, 3)), r"ndarray; .* \(T, 3\): make it one by torch.as_tensor"),
        (nn.GRU(3, 4), nn.utils.rnn.pack_sequence([torch.zeros(5, 3)]), "PackedSequence; .* pad_packed_sequence"),
        (type("Own", (nn.GRU,), {"forward": lambda self, x: x})(3, 4), (5, 3), "Own cannot be read"),
    ],
)
def test_a_layer_that_cannot_be_read_is_refused_with_what_can(layer, x, words):
    with pytest.raises(LayerError, match=words):
        rnn_demo.trace_layer(layer, torch.zeros(x) if type(x) is tuple else x)


@pytest.mark.parametrize(
    "layer",
    [
        nn.GRU(3, 4, dtype=torch.float64),
        nn.utils.parametrizations.weight_norm(nn.LSTM(3, 4, bidirectional=True), "weight_hh_l0"),
        type("Own", (nn.RNN,), {})(3, 4),
    ],
    ids=["float64", "weight norm", "a class of one's own"],
)
def test_a_layer_that_is_a_little_more_is_read_too(layer):
    x = torch.randn(40, 3, dtype=next(layer.parameters()).dtype)
    found = torch.cat([torch.from_numpy(trace.h.copy()) for trace in rnn_demo.trace_layer(layer, x).traces], -1)
    assert torch.allclose(found, layer(x)[0].float(), atol=1e-6)


def test_a_layer_shows_itself_with_words_for_its_steps():
    layer = nn.GRU(3, 4, bidirectional=True)
    shown = rnn_demo.trace_layer(layer, torch.randn(2, 3), ("<b>", "née"))
    data = data_of(shown.html)
    assert data["text"] == "<b> née" and data["cell"] == "BiGRU" and [token["time"] for token in data["tokens"]] == [2, 2]
    assert data["weights"] == sum(p.numel() for p in layer.parameters())
    with pytest.raises(LayerError, match="1 tokens for 2 steps"):
        rnn_demo.trace_layer(layer, torch.randn(2, 3), ("one",))
    with pytest.raises(LayerError, match=r"7 tokens for 2 steps; text.split\(\) makes words"):
        rnn_demo.trace_layer(layer, torch.randn(2, 3), "one two")
