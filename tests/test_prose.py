"""The prose of the tasks: every key is known, and none is missing."""

import pytest

from rnn_demo.tasks import TASKS
from rnn_demo.tasks.base import read_words

PROSE = """
title = "T"
question = "Q?"
story = "S."
lessons = ["in", "on", "out"]

[controls]
text = { title = "Your text", help = "Type" }
cell = { title = "Cell" }
memory = { title = "Memory", help = "Watch it." }
beam = { title = "Beam" }

[cells.rnn]
title = "plain RNN"
note = "N."

[meanings]
O = "other"

[[examples]]
name = "E"
text = "e"
point = "P."

[panels.search]
words = "It keeps {width}."

[scores]
note = "N."
"""


def read(folder, prose: str):
    (folder / "toy.toml").write_text(prose, "utf-8")
    return read_words("toy", ("beam",), ("search",), folder)


def test_prose_becomes_records_with_facts_filled_in(tmp_path):
    words = read(tmp_path, PROSE)
    assert words.cells["rnn"].title == "plain RNN" and words.examples[0].options == {} and words.scores.files == {}
    assert words.panel("search", None, width=4).words == "It keeps 4."
    assert words.option("beam", int, 4, "pick").title == "Beam"


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ('title = "T"', "", "toy.toml: key title is missing"),
        ('story = "S."', 'storey = "S."', "toy.toml: unknown key storey"),
        ('title = "plain RNN"\n', "", r"\[cells.rnn\]: key title is missing"),
        ('note = "N."\n\n[meanings]', 'note = "N."\nnotes = ""\n\n[meanings]', r"\[cells.rnn\]: unknown key notes"),
        ('point = "P."', "", r"\[examples\]: key point is missing"),
        ('point = "P."', 'point = "P."\noption = {}', r"\[examples\]: unknown key option;"),
        ("beam = ", "beams = ", r"\[controls\]: unknown key beams"),
        ('beam = { title = "Beam" }', "", r"\[controls\]: key beam is missing"),
        ('memory = { title = "Memory", help = "Watch it." }', "", r"\[controls\]: key memory is missing"),
        (', help = "Watch it."', "", r"\[controls.memory\]: key help is missing"),
        ("[panels.search]", "[panels.tree]", r"\[panels\]: unknown key tree"),
        ('words = "It keeps {width}."', "", r"\[panels.search\]: key words is missing"),
        ('title = "Beam"', 'name = "Beam"', r"\[controls.beam\]: unknown key name"),
        ('[scores]\nnote = "N."', "[scores]", r"\[scores\]: key note is missing"),
        ("[scores]", "[scores]\nfile = {}", r"\[scores\]: unknown key file;"),
    ],
)
def test_a_key_that_is_unknown_or_missing_is_named(right, wrong, said, tmp_path):
    assert PROSE.count(right) == 1
    with pytest.raises(ValueError, match=said):
        read(tmp_path, PROSE.replace(right, wrong))


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
def test_examples_set_what_the_task_has_and_every_answer_has_its_colour(task):
    assert all(task.options_of(example) is not None for example in task.words.examples)
    assert set(task.words.meanings) <= set(task.colors) and task.cell.default in task.words.cells
