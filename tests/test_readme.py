"""README and model card name only what exists, and the card's numbers are those of the weight files."""

import re
import subprocess
import sys

import pytest
from conftest import MODELS, ROOT, load
from toys import TOYS

from rnn_demo.networks.weight_files import PRETRAINED
from rnn_demo.tasks import TASKS
from rnn_demo.train.card import card, goals
from rnn_demo.train.data import FILES

README, CARD = ((ROOT / path).read_text("utf-8") for path in ("README.md", "pretrained/README.md"))
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README, re.S)


ROOMS = r"(?:rnn_demo|tests|pretrained|\.streamlit|\.deploy)/[\w./-]*"


@pytest.mark.parametrize("path", sorted(set(re.findall(ROOMS, README + CARD))))
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
    usages = {}
    for module, arguments in re.findall(r"python -m (rnn_demo[\w.]*)((?: (?!#)[^\s`]+)*)", README + CARD):
        task = arguments.split()[:1] if module == "rnn_demo" else []
        asked = [sys.executable, "-m", module, *task, "--help"]
        if (module, *task) not in usages:
            usages[module, *task] = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True).stdout
        for flag in re.findall(r"--[\w-]+", arguments):
            assert flag in usages[module, *task], (module, flag)


def test_the_model_card_is_what_the_weight_files_and_the_recipes_say():
    """Never edit it by hand: python -m rnn_demo.train tag --evaluate --data ../shared/data writes it."""
    assert card(PRETRAINED) == CARD


def test_a_missed_goal_is_said_to_be_missed():
    rows = goals([("F1", 0.626, 0.66, ".3f"), ("error", -0.03, -0.06, ".1%"), ("error", -0.07, -0.06, ".1%")]).splitlines()[2:]
    assert rows == [
        "| F1 | at least 0.660 | **missed: 0.626** |",
        "| error | at most 6.0% | 3.0% |",
        "| error | at most 6.0% | **missed: 7.0%** |",
    ]


@pytest.mark.parametrize(("task", "cell"), MODELS)
def test_the_card_has_the_scores_sources_and_failures_of_every_weight_file(task, cell):
    header = load(task, cell).header
    heading, *rows = TASKS[task].prints.scores(header)
    wanted = [("cell", *heading), *((cell, *row) for row in rows), *header["sources"]]
    assert rows and all(f"| {' | '.join(row)} |" in CARD for row in wanted)
    assert all(f"- {failure}" in CARD for failure in header["failures"])


def test_the_card_names_every_kind_of_data_file_that_training_reads(tmp_path):
    """The toys write what each training needs; a name or a part that stands in braces or brackets may be any of several."""
    for toy in TOYS.values():
        toy.write(tmp_path)
    names = [name for files, _, _ in FILES for name in re.findall(r"`(.*?)`", files)]
    patterns = [re.sub(r"<\w+>|\{[\w,]+\}", r"\\w+", re.sub(r"\.", r"\.", name)) for name in names]
    for path in tmp_path.iterdir():
        assert any(re.fullmatch(pattern, path.name) for pattern in patterns), path.name
