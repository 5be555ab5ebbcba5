import json
import subprocess
import sys

import numpy as np
import pytest
from conftest import ROOT, SEED

from rnn_demo import checkpoints
from rnn_demo.__main__ import main
from rnn_demo.tasks import Reading
from rnn_demo.tasks.tag import TASK
from rnn_demo.trace import Trace


def run(*words: str, stdin: bytes | None = None) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "-m", "rnn_demo", *words], cwd=ROOT, input=stdin, capture_output=True)


def test_the_table(capsys):
    assert main(["tag", SEED]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert rows[0] == ["token", "label", "probability"]
    assert [row[0] for row in rows[1:]] == SEED.split()
    assert [row[1] for row in rows[1:]] == ["PER", "O", "O", "ORG", "O", "LOC"]
    assert all(row[2].endswith("%") for row in rows[1:])


@pytest.mark.parametrize("cell", ["gru", "bilstm"])
def test_json(capsys, cell):
    text = "Zoë Müller visited 🇮🇳 New York"
    assert main(["tag", text, "--cell", cell, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found) == ["task", "cell", "tokens", "entities"] and found["cell"] == cell
    assert list(found["tokens"][0]) == ["text", "start", "end", "label", "probs"]
    for token in found["tokens"]:
        assert text[token["start"] : token["end"]] == token["text"]
        assert sum(token["probs"].values()) == pytest.approx(1, abs=1e-4)
        assert list(token["probs"]) == ["O", "PER", "ORG", "LOC", "MISC"]
    assert {"text": "New York", "start": 22, "end": 30, "label": "LOC"} in found["entities"]


def test_entities_that_touch_stay_two():
    labels = ("O", "B-PER", "I-PER")
    logits = np.eye(3)[[1, 2, 1]]
    trace = Trace("forward", ("Al", "Bo", "Cy"), np.array([[0, 2], [3, 5], [6, 8]]), np.zeros((3, 1)), np.zeros((3, 1)),
                  labels=labels, logits=logits)  # fmt: skip
    found = TASK.as_json(Reading(None, "Al Bo Cy", {}, [trace]))
    assert found["entities"] == [
        {"text": "Al Bo", "start": 0, "end": 5, "label": "PER"},
        {"text": "Cy", "start": 6, "end": 8, "label": "PER"},
    ]


def test_lines_from_standard_input_get_one_json_line_each():
    lines = "Olga sings\n\nNöël\r\n<b>\x00</b>\n".encode() + b"\xff\xfe broken\n" + ("word " * 250).encode()
    answer = run("tag", "-", stdin=lines)
    found = [json.loads(line) for line in answer.stdout.decode().splitlines()]
    assert answer.returncode == 0 and len(found) == 6
    assert [token["text"] for token in found[0]["tokens"]] == ["Olga", "sings"]
    assert found[1]["tokens"] == [] and found[1]["entities"] == []
    assert found[2]["tokens"][0]["end"] == 4
    assert len(found[5]["tokens"]) == 250


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "required: task"),
        (["sing", "x"], "invalid choice: 'sing'"),
        (["tag"], "required: text"),
        (["tag", "x", "--cell", "gpt"], "choose from rnn, gru, lstm, bilstm"),
        (["tag", "  "], "nothing to read. Try: python -m rnn_demo tag"),
    ],
)
def test_wrong_use_says_what_to_do_and_exits_with_2(words, message):
    answer = run(*words)
    assert answer.returncode == 2 and answer.stdout == b""
    assert message in answer.stderr.decode().replace("'rnn', 'gru', 'lstm', 'bilstm'", "rnn, gru, lstm, bilstm")


def test_a_missing_weight_file_is_named_with_its_cure(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(checkpoints.load, "__defaults__", (tmp_path,))
    assert main(["tag", "Olga"]) == 1
    assert "tag-gru.safetensors: the file is missing. Bring it back with: git restore" in capsys.readouterr().err
