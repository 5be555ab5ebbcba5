import pytest

from rnn_demo.links import fields, read_link, write_link
from rnn_demo.tasks import TASKS

TASK = TASKS["tag"]


def test_a_link_that_was_written_is_read_back():
    values = {"text": "Zoë & “北京” 🇮🇳 = 100%?\n<b>", "cell": "lstm", "lens": "figures", "unit": "backward 12"}
    values |= {"edits": "cut:3,swap:2:a%2Cb", "step": 3}
    from urllib.parse import parse_qs

    query = {name: words[0] for name, words in parse_qs(write_link(values)).items()}
    assert read_link(TASK, query) == (values, [])


def test_no_link_gives_the_defaults():
    usual = {"text": TASK.entry.seed, "cell": TASK.cell.default, "lens": None, "unit": None, "edits": None, "step": None}
    assert read_link(TASK, {}) == (usual, [])


@pytest.mark.parametrize(
    ("name", "word", "problem"),
    [
        ("edits", "cut:0", "'0' for a step, which is a whole number from 1 on"),
        ("edits", "paste:1", "not one of cut, swap, hold, clamp"),
        ("text", "x" * 401, "longer than 400 characters"),
        ("cell", "GPT", "not one of rnn, gru, lstm, bilstm"),
        ("step", "-1", "not a whole number from 0 to 60"),
        ("step", "61", "not a whole number from 0 to 60"),
        ("step", "9" * 5000, "not a whole number from 0 to 60"),
        ("step", "0000000009999", "not a whole number from 0 to 60"),
        ("step", "٣", "not a whole number from 0 to 60"),
    ],
)
def test_a_bad_field_falls_back_alone_and_is_named(name, word, problem):
    good = {"text": "Olga", "cell": "rnn", "step": "1"}
    values, problems = read_link(TASK, good | {name: word})
    defaults, _ = read_link(TASK, {})
    expected, _ = read_link(TASK, good)
    assert values == expected | {name: defaults[name]}
    assert len(problems) == 1 and f"The link’s {name}" in problems[0] and problem in problems[0]


def test_every_field_is_in_the_table():
    assert [field.name for field in fields(TASK)] == ["text", "cell", "lens", "unit", "edits", "step"]
