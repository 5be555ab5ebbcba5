import pytest

from rnn_demo.app.controls import unread
from rnn_demo.tasks import TASKS


@pytest.mark.parametrize(
    ("task", "text", "rest"),
    [
        ("tag", "Olga sings", ""),
        ("tag", "", ""),
        ("tag", "Olga " * 61, " Olga "),
        ("order", "We went home. " * 20, None),
        ("name", "Mary", ""),
        ("name", "Zoë", "ë"),
        ("name", "  Zoë  ", "ë  "),
        ("name", "Ann.", ""),
        ("name", "Alexandrinaabbb", "bbb"),
        ("name", "李", "李"),
    ],
)
def test_what_stands_behind_the_part_that_is_read(task, text, rest):
    found = unread(TASKS[task], text)
    if rest is None:  # as the page's own reader cuts it
        read, note = TASKS[task].entry.reads(text)
        assert note and read + found == text and found
    else:
        assert found == rest
    assert text.endswith(found)
    before = text[: len(text) - len(found)]
    assert TASKS[task].entry.reads(before)[0] == TASKS[task].entry.reads(text)[0]  # the part before it is read as the whole is
