"""The first picture of every page, drawn before torch is there: it is what the shipped network reads."""

import base64
import subprocess
import sys

import numpy as np
import pytest
from conftest import ROOT

from rnn_demo import seeds
from rnn_demo.networks import weight_files
from rnn_demo.reading import Asked
from rnn_demo.tasks import TASKS

MEND = "the weights have changed since; make the pictures anew with: python -m rnn_demo.seeds"


def like(a, b) -> bool:
    """Whether two pictures look alike: numbers may differ by rounding, bytes by one."""
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(like(a[name], b[name]) for name in a)
    if isinstance(a, list):
        return len(a) == len(b) and all(map(like, a, b))
    if isinstance(a, float):
        return abs(a - b) <= 1e-3 + 1e-3 * abs(b)
    if isinstance(a, str) and a != b and len(a) == len(b) > 40:
        one, two = (np.frombuffer(base64.b64decode(text), np.int8).astype(int) for text in (a, b))
        return bool(np.abs(one - two).max() <= 1)
    return a == b


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
def test_the_kept_picture_is_what_the_network_reads(task):
    assert like(seeds.kept(seeds.seed(task)), seeds.made(task)), MEND


def test_only_a_seed_has_a_picture_and_only_beside_its_weights(monkeypatch, tmp_path):
    asked = seeds.seed(TASKS["tag"])
    for other in (asked._replace(text="Olga"), asked._replace(cell="rnn"), Asked("name", "gru", "", {"seed": 99})):
        assert seeds.kept(other) is None
    monkeypatch.setattr(weight_files, "PRETRAINED", tmp_path)
    assert seeds.kept(asked) is None
    (tmp_path / f"tag-{asked.cell}.safetensors").touch()
    assert seeds.kept(asked) is None  # the weights alone make no picture


def test_pictures_that_differ_do_not_look_alike():
    made = seeds.kept(seeds.seed(TASKS["tag"]))
    assert like(made, made) and not like(made, made | {"verdict": ["x", "y"]})
    h = made["chains"][0]["h"]
    assert not like(h, base64.b64encode(bytes((127 - byte) % 256 for byte in base64.b64decode(h))).decode())


def test_the_first_picture_needs_no_torch():
    """Each page is drawn where torch cannot be had, up to what stands below the network."""
    code = """
import sys
sys.modules["torch"] = None
from streamlit.testing.v1 import AppTest
from rnn_demo.app import task_page
from rnn_demo.tasks import TASKS
task_page.below = lambda task: None
show = "from rnn_demo.app.task_page import task_page; from rnn_demo.tasks import TASKS; task_page(TASKS[{!r}])"
for name in TASKS:
    app = AppTest.from_string(show.format(name), default_timeout=60).run()
    assert not app.exception and not app.error, (name, app.exception)
    assert app.get("bidi_component"), name
assert "pandas" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_torch_comes_when_the_first_picture_has_been_seen():
    """A server that has just been started: what needs torch stands there from the second run on, for which the view asks."""
    code = """
import json, sys
from streamlit.testing.v1 import AppTest
from rnn_demo.app.controls import warm_up
from rnn_demo.app.task_page import linked
from rnn_demo.tasks import TASKS
app = AppTest.from_file("rnn_demo/app/pages.py", default_timeout=60).run()
view = lambda: next(json.loads(v.proto.json)[0] for v in app.get("bidi_component") if v.proto.component_name == "trace_view")
below = lambda: linked(TASKS["tag"].words.story) in [words.value for words in app.markdown]
assert view()["waits"] and view()["tokens"] and not below() and "torch" not in sys.modules
app.run()
assert not view()["waits"] and view()["tokens"] and below() and "torch" in sys.modules
warm_up().join()
"""
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
