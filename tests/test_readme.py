"""The README names only what exists, and its numbers are those of the weight files."""

import re
import subprocess
import sys

import pytest
from conftest import MODELS, ROOT

from rnn_demo import load
from rnn_demo.tasks import TASKS

README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README, re.S)


@pytest.mark.parametrize("path", sorted(set(re.findall(r"(?:rnn_demo|tests|pretrained|\.streamlit)/[\w./-]*", README))))
def test_every_path_exists(path):
    assert (ROOT / path).exists()


def test_the_picture_is_there():
    assert all((ROOT / path).is_file() for path in re.findall(r"!\[.*?\]\((.*?)\)", README))


@pytest.mark.parametrize("console", [code for kind, code in BLOCKS if kind == "console"])
def test_the_terminal_shows_what_the_readme_shows(console):
    command, shown = console.split("\n", 1)
    words = command.removeprefix("$ .venv/bin/").replace("python", sys.executable, 1)
    answer = subprocess.run(["bash", "-c", words], cwd=ROOT, capture_output=True, text=True, check=True)
    assert [line.split() for line in answer.stdout.splitlines()] == [line.split() for line in shown.splitlines()]


def test_the_python_example_gives_what_it_says():
    code = next(code for kind, code in BLOCKS if kind == "python")
    names: dict = {}
    for line in code.splitlines():
        expression, _, comment = line.partition("#")
        if comment and "=" not in expression:
            value = eval(expression, names)
            said = comment.split(":")[0].strip()
            assert said in (str(value), str(getattr(value, "shape", ""))), line
        else:
            exec(line, names)


def test_every_flag_exists():
    for module, arguments in re.findall(r"python -m (rnn_demo[\w.]*)((?: (?!#)\S+)*)", README):
        task = arguments.split()[:1] if module == "rnn_demo" else []
        usage = subprocess.run([sys.executable, "-m", module, *task, "--help"], cwd=ROOT, capture_output=True, text=True).stdout
        for flag in re.findall(r"--[\w-]+", arguments):
            assert flag in usage, (module, flag)


@pytest.mark.parametrize(("task", "cell"), MODELS)
def test_the_score_tables_are_those_of_the_weight_files(task, cell):
    heading, *rows = TASKS[task].prints.scores(load(task, cell).header)
    assert rows and f"| cell | {' | '.join(heading)} |" in README
    for row in rows:
        assert f"| {cell} | {' | '.join(row)} |" in README


@pytest.mark.parametrize(("task", "cell"), MODELS)
def test_every_source_and_failure_is_named(task, cell):
    header = load(task, cell).header
    for source, licence in header["sources"]:
        assert f"| {source} | {licence} |" in README
    plain = " ".join(README.split())
    assert all(failure in plain for failure in header["failures"])
