"""The lens Compare: what each cell makes of the same text, and where they part."""

import json

import pytest
from conftest import SEED, read, studied

from rnn_demo import load
from rnn_demo.__main__ import main
from rnn_demo.lenses import LENSES, View
from rnn_demo.tasks import TASKS

COMPARE = LENSES["compare"]


def look(task: str, text: str | None = None, **options) -> View:
    record = TASKS[task]
    reading = read(task, record.cell.default, record.entry.seed if text is None else text, **options)
    return View(record, load(task, record.cell.default), reading, len(reading.columns), load=lambda cell: load(task, cell))


@pytest.mark.parametrize("task", TASKS)
def test_every_cell_has_what_its_own_json_has(task):
    view = look(task)
    found = COMPARE.numbers(view)["cells"]
    assert list(found) == list(view.task.words.cells)
    for cell, values in found.items():
        assert values == view.task.prints.json(studied(read(task, cell, view.reading.text)))


def test_the_command_line_prints_it(capsys):
    assert main(["tag", SEED, "--lens", "compare", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["lens"] == "compare" and list(found["cells"]) == ["rnn", "gru", "lstm", "bilstm"]
    assert found["cells"]["gru"]["tokens"][3]["label"] == "ORG"
