"""Whatever is typed, sent, linked to or brought as a file: nothing raises. An exception inside a page takes the visitor's box away.

A few of each kind in every run; more by hand, and others: pytest tests/test_hostile.py --hostile 10000 --hostile-seed 8
"""

import csv
import io
import itertools
import json
import re
import time
from urllib.parse import parse_qsl

import hostile
import numpy as np
import pytest
from conftest import load
from starlette.responses import JSONResponse
from streamlit.testing.v1 import AppTest

from rnn_demo import page
from rnn_demo.app import keystrokes
from rnn_demo.app.controls import unread
from rnn_demo.app.qr import qr_code
from rnn_demo.edits import EditError, parse_link, resolved, write_link
from rnn_demo.export import trace_csv, trace_json
from rnn_demo.learn import JOBS, files, setup
from rnn_demo.learn.base import InputError
from rnn_demo.lenses import LENSES, View
from rnn_demo.links import fields, read_link
from rnn_demo.links import write_link as written_link
from rnn_demo.story import STOPS, Path, PathError, numbered, read_path, unpacked
from rnn_demo.tasks import TASKS
from rnn_demo.text import tokenize, whole_characters
from rnn_demo.view import Visit, payload

SEEN = ("", "hello", "no no no", "Stop!", "?")  # texts over which a page has fallen
SLOWEST_S = 30  # of the server, for one text: far more than any takes, and far less than an expression that explodes
PATIENCE_S = 900  # for a run of a page, while others have the processor: what is asked here is not how fast it is


@pytest.fixture
def cases(request):
    """cases(divisor) -> so many generators, each with its own seed: a share of what --hostile asks for. Of a test that fails pytest
    shows the seed of its last case, and all that was drawn for it."""
    asked, drawn = request.config.getoption, []

    def cases(divisor: int):
        for case in hostile.drawn(asked("--hostile-seed"), max(1, asked("--hostile") // divisor)):
            drawn[:] = [case]
            yield case

    yield cases
    for case in drawn:
        print(f"The last case, hostile.Case({case.name!r}), drew: {str(case.made)[:5000]}")


def known(task) -> dict[str, list[str]]:
    """Values of a link's fields that are right."""
    choices = {option.name: [str(choice) for choice in option.choices] for option in task.options}
    texts = [*SEEN, *(example.text for example in task.words.examples)]
    return choices | {"cell": list(task.words.cells), "lens": list(LENSES), "text": texts, "step": ["0", "1", "3"]}


def what_is_shown(task, reading, before, rng) -> None:
    """Everything that is made of a reading: plain JSON, in which no tag begins, and, now and then, files that can be read back."""
    data = payload(reading, page.frame(task), Visit(query="x"), before if reading is not before else None)
    assert "<" not in page.as_script(data)
    assert json.loads(json.dumps(data, allow_nan=False)) == json.loads(page.as_script(data))
    assert all(token["start"] <= token["end"] for token in data["tokens"])
    if rng.random() < 0.1:
        json.loads(trace_json(reading, task.shape.feeds_back))
        rows = list(csv.reader(io.StringIO(trace_csv(reading, task.shape.feeds_back).decode("utf-8-sig"), newline="")))
        assert len(rows) >= len(reading.columns)


@pytest.mark.parametrize("name", TASKS)
def test_any_text_is_read_or_refused_and_is_shown_as_text(name, cases):
    task = TASKS[name]
    usual = {option.name: option.default for option in task.options}
    for rng in cases(len(TASKS)):
        typed = whole_characters(hostile.text(rng))
        began = time.process_time()
        text, note = task.entry.reads(typed)
        assert isinstance(note, str) and len(text) <= max(task.entry.chars, len(task.entry.seed))
        assert typed.endswith(unread(task, typed))
        for token in tokenize(text):
            assert 0 <= token.start < token.end <= len(text)
        cell = rng.choice(list(task.words.cells))
        reading = task.read(load(name, cell), text, usual, None)
        what_is_shown(task, reading, reading, rng)
        link = written_link({"text": text, "cell": cell})
        values, problems = read_link(task, dict(parse_qsl(link, keep_blank_values=True)))
        assert not problems and values["text"] == text
        assert time.process_time() - began < SLOWEST_S, typed


@pytest.mark.parametrize("name", TASKS)
def test_any_link_is_read_and_any_edits_in_it_are_tried_or_refused(name, cases):
    task = TASKS[name]
    names = [field.name for field in fields(task)] + ["more"]
    for rng in cases(2 * len(TASKS)):
        query = hostile.query(rng, names, known(task))
        link = dict(parse_qsl(hostile.written(query), keep_blank_values=True))
        values, problems = read_link(task, link)
        assert len(problems) <= len(query)
        again, _ = read_link(task, dict(parse_qsl(written_link(values), keep_blank_values=True)))
        assert again == values  # what is taken makes a link
        setup.read_link(link)
        text, _ = task.entry.reads(values["text"])
        network = load(name, values["cell"])
        options = {option.name: values.get(option.name, option.default) for option in task.options}
        before = reading = task.read(network, text, options, None)
        if values["edits"] and before.columns:
            try:
                other = lambda text, network=network, options=options: task.read(network, text, options, None)
                reading = task.read(network, text, options, before, resolved(parse_link(values["edits"]), before, other))
            except EditError:
                reading = before
        what_is_shown(task, reading, before, rng)
        lens = LENSES[values["lens"] or "step"]
        if reading.columns:
            step = min(values["step"] or len(reading.columns), len(reading.columns))
            lens.panels(View(task, network, reading, max(1, step), "", lambda cell: load(name, cell), before))


@pytest.mark.parametrize("name", TASKS)
def test_whatever_the_view_asks_is_answered_as_json(name, cases):
    """One visitor, whose readings go on from each other; half pairs and control signs stand in the query, too."""
    task = TASKS[name]
    names = [field.name for field in fields(task)] + ["more"]
    for rng in cases(4 * len(TASKS)):
        query = hostile.query(rng, names, known(task))
        asked = hostile.written(query) if rng.random() < 0.5 else "&".join(map("=".join, query.items()))
        found = keystrokes.answer(name, hostile.text(rng), asked, "visitor")
        assert json.loads(JSONResponse(found).body)["tokens"] == json.loads(json.dumps(found["tokens"]))


def show(name):
    from rnn_demo.app.task_page import task_page
    from rnn_demo.tasks import TASKS

    task_page(TASKS[name])


def story():
    from rnn_demo.app.story_page import story_page

    story_page()


def train():
    from rnn_demo.app.train_page import train_page

    train_page()


@pytest.fixture(scope="module", params=TASKS)
def app(request):
    app = AppTest.from_function(show, args=(request.param,), default_timeout=PATIENCE_S)
    app.query_params["lens"] = "figures"
    app.run()
    assert not app.exception
    return request.param, app


def test_no_text_raises_on_any_page(app, cases):
    task, page = app
    for text in itertools.chain(SEEN, map(hostile.text, cases(2 * len(TASKS)))):
        page.session_state[f"{task}_text"] = whole_characters(text)
        page.run()
        assert not page.exception and not page.error, text
        assert page.session_state[f"{task}_text"] == whole_characters(text)


def test_no_link_raises_on_any_page(cases):
    pages = [(show, (name,), TASKS[name]) for name in TASKS] + [(story, (), TASKS["tag"]), (train, (), TASKS["tag"])]
    for number, rng in enumerate(cases(10)):
        function, args, task = pages[number % len(pages)]
        more = {"stop": [stop.name for stop in STOPS], "path": ["eJw"], "job": list(JOBS), "hidden": ["4"], "embed": ["true"]}
        names = [*(field.name for field in fields(task)), *more, *(dial.name for dial in setup.DIALS)]
        app = AppTest.from_function(function, args=args, default_timeout=PATIENCE_S)
        link = hostile.written(hostile.query(rng, sorted(set(names)), known(task) | more))
        app.query_params.update(dict(parse_qsl(link, keep_blank_values=True)))
        app.run()
        assert not app.exception and not app.error, link


def test_where_there_is_no_second_order_the_page_says_what_it_needs():
    app = AppTest.from_function(show, args=("order",), default_timeout=PATIENCE_S)
    app.query_params["text"] = "no no no"
    app.run()
    assert any("Type two different words" in element.proto.body for element in app.get("html"))


# ---- edits, codes, paths, files: what has a form of its own -----------------------------------------------------------------


def test_edits_come_back_or_are_refused_at_once(cases):
    for rng in cases(1):
        word = hostile.edits(rng)
        try:
            found = parse_link(word)
        except ValueError as error:
            assert len(str(error)) < 400
            continue
        assert parse_link(write_link(found)) == found


@pytest.mark.parametrize("word", ["cut:2," * 13, "cut:2," * 10**6, "graft:1:" + "a " * 10**6, "swap:2:" + "x" * 201])
def test_edits_that_no_page_writes_cost_nothing(word):
    with pytest.raises(ValueError, match="more than"):
        parse_link(word)


def test_any_link_has_a_code_or_is_too_long_for_one(cases):
    for rng in cases(10):
        link = whole_characters(hostile.text(rng))
        if not link:
            continue
        try:
            assert re.fullmatch(r"[Mmh0-9 .]+", qr_code(link).path)
        except ValueError as error:
            assert "too long" in str(error)


PATH = Path("A lecture", numbered(list(STOPS[:3])))
PATH = PATH._replace(stops=tuple(stop._replace(words="Look.", link=stop.link | {"text": "Olga sings"}) for stop in PATH.stops))


def test_any_path_is_taken_or_refused(cases):
    assert read_path(PATH.file).file == PATH.file
    for rng in cases(4):
        try:
            path = read_path(hostile.paths(rng, PATH.file))
        except PathError as error:
            assert len(str(error)) < 500
            continue
        assert read_path(path.file) == path
    for rng in cases(4):
        word = hostile.spoilt(rng, PATH.link.encode()).decode("latin-1")
        try:
            unpacked(word)
        except PathError as error:
            assert "broken" in str(error) or "path" in str(error)


def test_any_file_of_a_network_is_taken_or_refused(cases):
    first = setup.usual("parity", "gru")._replace(hidden=3)
    weights = {"layer.weight_ih_l0": np.zeros((9, 2), np.float32), "readout.bias": np.ones(2, np.float32)}
    good = files.to_bytes(first, weights, 5)
    assert files.from_bytes(good)[0] == first
    for rng in cases(2):
        try:
            _, tensors, step = files.from_bytes(hostile.spoilt(rng, good))
        except InputError as error:
            assert len(str(error)) < 500
            continue
        assert 0 <= step <= 10**9 and all(tensor.dtype == np.float32 for tensor in tensors.values())


@pytest.mark.parametrize("job", [name for name, job in JOBS.items() if job.reads])
def test_any_text_is_learnt_from_or_refused(job, cases):
    reads = JOBS[job].reads
    for rng in cases(4):
        lines = (rng.choice(("", "a\t", "b\t", "1, ")) + hostile.text(rng) for _ in range(rng.randrange(30)))
        try:
            found, note = reads(whole_characters("\n".join(lines)))
        except InputError as error:
            assert len(str(error)) < 600
            continue
        assert isinstance(note, str) and reads(found)[0] == found  # what is learnt from is read as itself
