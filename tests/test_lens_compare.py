"""The lens Compare: what each cell makes of the same text, and where they part."""

import json

import pytest
from conftest import SEED, load, read, studied

from rnn_demo.__main__ import main
from rnn_demo.lenses import LENSES, View
from rnn_demo.lenses.compare import where_they_part
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


def test_it_says_where_they_part_and_how_often():
    titles = {"rnn": "plain RNN", "gru": "GRU", "lstm": "LSTM"}
    found = {cell: read("tag", cell, SEED) for cell in titles}
    same = dict.fromkeys(titles, "O")
    rows = {1: same, 2: {**same, "rnn": "PER"}, 3: {**same, "lstm": "LOC"}}
    assert where_they_part(rows, found, titles) == (
        "**They part first at step 2, “worked”** (“PER”: plain RNN; “O”: GRU and LSTM), and differ at 2 of 3 steps."
    )
    assert where_they_part({1: same}, found, titles).startswith("**They agree at every step** (one step")


@pytest.mark.parametrize("task", TASKS)
def test_the_table_has_every_answer_of_every_cell_and_marks_what_differs(task):
    view = look(task)
    (panel,) = COMPARE.panels(view)
    cells = list(view.task.words.cells)
    assert panel.figure.head == ("step", *(view.task.words.cells[cell].title for cell in cells))
    own = view.reading.asked.cell
    for row in panel.figure.rows:
        step = row[0][0].split()[0]
        if not step.isdigit():
            assert [text for text, _ in row[1:]] == [read(task, cell, view.reading.text).verdict[0] for cell in cells]
            continue
        for cell, (text, differs) in zip(cells, row[1:], strict=True):
            columns, mine = (read(task, which, view.reading.text).columns[int(step) - 1 :][:1] for which in (cell, own))
            assert text == (f"{columns[0].shown} {columns[0].note}".strip() if columns else "–")
            assert differs == ([column.answer for column in columns] != [column.answer for column in mine])


def test_an_empty_text_has_nothing_to_compare():
    assert COMPARE.panels(look("rate", "")) == []
