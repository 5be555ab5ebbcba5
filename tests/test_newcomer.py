"""What task N+1 costs: a .toml, a file, a line in TASKS. This one comes to tell capitals from small letters."""

import importlib.util
import json
import textwrap

import pytest
from conftest import ROOT
from streamlit.testing.v1 import AppTest

from rnn_demo.__main__ import main
from rnn_demo.app import controls
from rnn_demo.lenses import LENSES
from rnn_demo.links import fields, read_link
from rnn_demo.networks import checkpoints, weight_files
from rnn_demo.networks.words import Tagger
from rnn_demo.tasks import TASKS

TOML = """
title = "Shout"
question = "Is it loud?"
story = "It tells capitals from small letters."
lessons = ["What goes in.", "What is carried on.", "What comes out."]

[controls.text]
title = "Your words"
help = "Type words"
[controls.cell]
title = "Cell"
[controls.memory]
title = "Memory:"
help = "Loud words light up the units for LOUD."
[cells.gru]
title = "GRU"
note = "Two gates."
[meanings]
low = "small letters"
LOUD = "capitals"
[[examples]]
name = "Loud"
text = "HELLO there"
point = "The first word is loud."
[panels]
[scores]
note = "None yet."
answers = "words"
"""

CODE = '''
from pathlib import Path

from rnn_demo.reading import Answer, Column, Reading
from rnn_demo.shapes import MANY_TO_MANY
from rnn_demo.tasks.base import CellChoice, Entry, Prints, Task, beginning, drawn, read_words, reading_of
from rnn_demo.view.bands import bands

WORDS = read_words("shout", folder=Path(__file__).parent)
COLORS = {"low": "#0072b2", "LOUD": "#b84f00"}


def read(network, text, options, before, edits=()):
    traces = network.resumed(network.swapped(text, edits), before.traces if before else None, edits)
    (trace,) = traces
    columns = [
        Column(token, t, label, label, "", f"{token.text} is {label}")
        for t, (token, label) in enumerate(zip(trace.placed, trace.best, strict=True), start=1)
    ]
    says = network.says(network.labels)
    chains = drawn(traces, [(says, *bands(says, network.labels))])
    answers = tuple(Answer(name, name) for name in network.labels)
    return reading_of("shout", network, text, options, chains, columns, answers, trace.probs, edits)


def as_json(reading: Reading) -> dict:
    return {"labels": [column.answer for column in reading.columns]}


def as_table(reading: Reading) -> list:
    return [("token", "label"), *((column.token.text, column.answer) for column in reading.columns)]


TASK = Task(
    name="shout",
    shape=MANY_TO_MANY,
    words=WORDS,
    entry=Entry("HELLO there", beginning(100, 20), 100, 20),
    cell=CellChoice("gru"),
    colors=COLORS,
    read=read,
    prints=Prints(as_json, as_table, lambda header: [("test", "score")]),
)
'''


def show(name):
    from rnn_demo.app.task_page import task_page
    from rnn_demo.tasks import TASKS

    task_page(TASKS[name])


@pytest.fixture
def shout(tmp_path, monkeypatch):
    """The two files, the line, and a weight file that says whose network it holds."""
    (tmp_path / "shout.toml").write_text(TOML)
    (tmp_path / "shout.py").write_text(textwrap.dedent(CODE))
    spec = importlib.util.spec_from_file_location("shout", tmp_path / "shout.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    header = {
        "task": "shout", "network": "tag", "cell": "gru", "config": {"char_size": 4, "n_filters": 4, "hidden_size": 6},
        "labels": ["low", "LOUD"], "extra_words": [], "command": "none", "sources": [], "failures": [],
        "training": {"sentences": {}},
    }  # fmt: skip
    checkpoints.save(tmp_path / "shout-gru.safetensors", Tagger.from_header(header, checkpoints.load_vectors), header)
    monkeypatch.setattr(weight_files, "PRETRAINED", tmp_path)
    monkeypatch.setitem(TASKS, "shout", module.TASK)
    monkeypatch.setattr(controls, "_LOADED", {})
    return module.TASK


def test_it_has_a_command(shout, capsys):
    assert main(["shout", "HELLO there", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["task"] == "shout" and len(found["labels"]) == 2 and set(found["labels"]) <= {"low", "LOUD"}
    assert main(["shout", "HELLO there"]) == 0
    assert capsys.readouterr().out.splitlines()[0].split() == ["token", "label"]


@pytest.mark.parametrize("lens", LENSES)
def test_it_has_every_lens(shout, lens, capsys):
    assert main(["shout", "HELLO there", "--lens", lens, "--step", "1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["lens"] == lens
    app = AppTest.from_function(show, args=("shout",), default_timeout=60)
    app.query_params["lens"] = lens
    app.run()
    assert not app.exception and not app.error
    assert app.title[0].value == "Is it loud?" and app.session_state["shout_text"] == "HELLO there"


def test_it_has_links(shout):
    values, problems = read_link(shout, {"text": "Be QUIET", "cell": "gru", "step": "2"})
    assert not problems and values["text"] == "Be QUIET" and {field.name for field in fields(shout)} >= set(values)


def test_it_has_a_tab():
    """The list of pages is made from TASKS, and no file of the package asks for one of them by name."""
    names = "|".join(TASKS)
    for path in [*ROOT.glob("rnn_demo/**/*.py"), *ROOT.glob("rnn_demo/view/*.js"), ROOT / "streamlit_app.py"]:
        if path.parent.name not in ("tasks", "train"):
            for quote in "\"'":
                assert not any(f"== {quote}{name}{quote}" in path.read_text("utf-8") for name in names.split("|")), path
