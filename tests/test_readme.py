"""The README names only what exists, and its numbers are those of the weight files."""

import re
import subprocess
import sys

import pytest
from conftest import CELLS, ROOT

from rnn_demo import load

README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README, re.S)


@pytest.mark.parametrize("path", sorted(set(re.findall(r"(?:rnn_demo|tests|pretrained|\.streamlit)/[\w./-]*", README))))
def test_every_path_exists(path):
    assert (ROOT / path).exists()


def test_the_picture_is_there():
    assert all((ROOT / path).is_file() for path in re.findall(r"!\[.*?\]\((.*?)\)", README))


def test_the_terminal_shows_what_the_readme_shows():
    console = next(code for kind, code in BLOCKS if kind == "console")
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
        command = [sys.executable, "-m", module, *(["tag"] if module == "rnn_demo" else []), "--help"]
        usage = subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout
        for flag in re.findall(r"--[\w-]+", arguments):
            assert flag in usage, (module, flag)


@pytest.mark.parametrize("cell", CELLS)
def test_the_score_table_is_that_of_the_weight_files(cell):
    for name, score in load("tag", cell).header["scores"].items():
        if "f1" in score:
            row = re.search(rf"^\| {cell} \| {name} \|.*$", README, re.M)
            assert row, (cell, name)
            numbers = [cell.strip() for cell in row[0].split("|")[3:-1]]
            assert numbers[:4] == [f"{score['entities']:,}", *(f"{score[key]:.3f}" for key in ("f1", "precision", "recall"))]
            assert numbers[5] == f"{score['ece']:.1%}"


def test_every_source_is_named():
    for cell in CELLS:
        for source, licence in load("tag", cell).header["sources"]:
            assert source in README and licence in README
