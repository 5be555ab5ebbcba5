"""The lens Compare: what each cell makes of the same text, and where they part."""

import json

import pytest
from conftest import SEED, load, read, studied

from rnn_demo.__main__ import main
from rnn_demo.edits import Cut, Hold
from rnn_demo.lenses import LENSES, View
from rnn_demo.lenses.compare import where_they_part
from rnn_demo.tasks import TASKS
from rnn_demo.view.bands import memory_rows

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
    found = {cell: read(task, cell, view.reading.text) for cell in cells}
    faces = {answer.face for reading in found.values() for answer in reading.answers}
    for row in panel.figure.rows:
        if not row.step:
            assert [cell.text for cell in row.cells] == [found[cell].verdict[0] for cell in cells]
            continue
        assert row.name.split()[0] == str(row.step)
        for cell, (text, differs, bars) in zip(cells, row.cells, strict=True):
            columns, mine = (found[which].columns[row.step - 1 :][:1] for which in (cell, own))
            if columns:
                here = [chain for chain in found[cell].chains if 0 <= row.step - 1 - chain.first < len(chain.time)]
                assert [name for name, _, _ in bars] == [name for chain in here for name in memory_rows(chain)[0]]
                assert all(0 <= share <= 1 for _, share, _ in bars)
            assert text == (f"{columns[0].shown} {columns[0].note}".strip() if columns else "–")
            # Stars to a tenth are no answer: there it is the likeliest number of stars that counts.
            says = lambda column: column.shown if column.shown in faces else column.answer
            assert differs == (list(map(says, columns)) != list(map(says, mine)))


def test_an_empty_text_has_nothing_to_compare():
    assert COMPARE.panels(look("rate", "")) == []


def test_every_cell_is_compared_with_the_edits_that_it_has_a_place_for():
    view = look("tag", "Mr. Lagos flew to Lagos")
    edits = (Hold("i", 0.5, 2), Cut(2))
    edited = view.task.read(view.network, view.reading.text, {}, view.reading, edits)
    found = COMPARE.numbers(view._replace(reading=edited, before=view.reading))["cells"]
    for cell in found:
        fit = edits if cell in ("lstm", "bilstm") else edits[1:]
        expected = view.task.read(load("tag", cell), view.reading.text, {}, None, fit)
        assert found[cell] == view.task.prints.json(studied(expected))


def test_where_words_are_guessed_it_is_the_guesses_that_are_compared():
    """Not the word that came next, which is the same for all."""
    (panel,) = COMPARE.panels(look("order", "I love to go to the gym"))
    assert "agree at every step" not in panel.words
    marked = [row.name for row in panel.figure.rows if any(cell.differs for cell in row.cells)]
    guesses = {row.name: {cell.text.split()[0] for cell in row.cells} for row in panel.figure.rows}
    assert marked == [name for name, words in guesses.items() if len(words) > 1]
