import json
import subprocess
import sys

import numpy as np
import pytest
from conftest import ROOT, SEED, Reader, load

from rnn_demo.__main__ import main
from rnn_demo.networks import weight_files
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


@pytest.mark.parametrize("cell", ["rnn", "bilstm"])
def test_json_of_a_rating(capsys, cell):
    text = "Not bad, but I’d rather read the book."
    assert main(["rate", text, "--cell", cell, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found) == ["task", "cell", "tokens", "stars", "rating", "probs"]
    assert list(found["tokens"][0]) == ["text", "start", "end", "stars", "probs", "change"]
    for token in found["tokens"]:
        assert text[token["start"] : token["end"]] == token["text"]
        assert token["stars"] == pytest.approx(sum(int(star) * p for star, p in token["probs"].items()), abs=1e-3)
    steps = [token["stars"] for token in found["tokens"]]
    changes = [token["change"] for token in found["tokens"]]
    np.testing.assert_allclose(np.diff(steps), changes[1:], atol=2e-4)
    assert steps[0] - changes[0] == pytest.approx(load("rate", cell).before() @ [1, 2, 3, 4, 5], abs=2e-4)
    assert found["stars"] == steps[-1] and found["probs"] == found["tokens"][-1]["probs"]
    assert str(found["rating"]) == max(found["probs"], key=found["probs"].get)


def test_names_are_the_same_however_many_are_asked_for(capsys):
    words = ["name", "--sex", "female", "--decade", "1920", "--start", "Ma", "--temperature", "0.8", "--seed", "7", "--json"]
    found = {}
    for count in (1, 10, 400):
        assert main([*words, "--count", str(count)]) == 0
        found[count] = json.loads(capsys.readouterr().out)
        assert list(found[count]) == ["task", "cell", "names"] and len(found[count]["names"]) == count
    names = found[400]["names"]
    for fewer in (found[1]["names"], found[10]["names"]):
        assert [n["name"] for n in fewer] == [n["name"] for n in names[: len(fewer)]]
        np.testing.assert_allclose([n["probability"] for n in fewer], [n["probability"] for n in names[: len(fewer)]], rtol=1e-4)
    assert list(names[0]) == ["name", "probability", "known"]
    assert all(name["name"].startswith("Ma") and 0 < name["probability"] <= 1 for name in names)
    assert {"Mary", "Margaret"} <= {name["name"] for name in names if name["known"]}
    once = {name["name"]: name["probability"] for name in names}
    assert sum(once.values()) <= 1 + 1e-6
    for name in ("Mary", "Marie"):  # how often it came is how likely it was said to be, within four standard deviations
        count = sum(n["name"] == name for n in names)
        assert abs(count - 400 * once[name]) < 4 * (400 * once[name]) ** 0.5


def test_entities_that_touch_stay_two():
    labels = ("O", "B-PER", "I-PER")
    logits = np.eye(3)[[1, 2, 1]]
    trace = Trace("forward", ("Al", "Bo", "Cy"), np.array([[0, 2], [3, 5], [6, 8]]), np.zeros((3, 1)), np.zeros((3, 1)),
                  labels=labels, logits=logits)  # fmt: skip
    found = TASK.prints.json(TASK.read(Reader(trace), "Al Bo Cy", {}, None))
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
        (["name", "--start", "Zoë"], "--start: 'ë' is not one of the letters a to z"),
        (["name", "--start", "a" * 13], "at most 12 letters, not 13"),
        (["name", "--decade", "1925"], "'1925' is not a decade from 1880 to 2020"),
        (["name", "--sex", "both"], "'both' is not one of female, male"),
        (["name", "--temperature", "0"], "'0' is not a positive number"),
        (["name", "--temperature", "inf"], "'inf' is not a positive number"),
        (["name", "--count", "10001"], "'10001' is not a whole number from 1 to 10,000"),
        (["name", "--seed", "-1"], "not a whole number"),
    ],
)
def test_wrong_use_says_what_to_do_and_exits_with_2(words, message):
    answer = run(*words)
    assert answer.returncode == 2 and answer.stdout == b""
    assert message in answer.stderr.decode().replace("'rnn', 'gru', 'lstm', 'bilstm'", "rnn, gru, lstm, bilstm")


def test_a_missing_weight_file_is_named_with_its_cure(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(weight_files, "PRETRAINED", tmp_path)
    assert main(["tag", "Olga"]) == 1
    assert f"tag-{TASK.cell.default}.safetensors: the file is missing. Bring it back with: git restore" in capsys.readouterr().err


@pytest.mark.parametrize("flags", [[], ["--no-attention", "--beam", "1"]])
def test_json_of_a_translation(capsys, flags):
    text = "The old woman doesn't sing."
    assert main(["translate", text, "--json", *flags]) == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found) == ["task", "cell", "source", "target", "translation", "score", "attention"]
    assert found["cell"] == ("plain" if flags else "attention")
    assert found["source"] == ["The", "old", "woman", "doesn't", "sing", "."] and found["target"][-1] == "</s>"
    model = load("translate", found["cell"])
    best = model.search(text, 1 if flags else 4).finished[0]
    assert found["translation"] == model.text(best.ids) and found["score"] == pytest.approx(best.logp, abs=1e-2)
    assert "".join(found["target"][:-1]) == found["translation"].replace(" ", "")
    if flags:
        assert found["attention"] is None
    else:
        weights = np.array(found["attention"])
        assert weights.shape == (len(found["target"]), len(found["source"]))
        np.testing.assert_allclose(weights.sum(1), 1, atol=1e-3)


def test_json_of_an_order(capsys):
    text = "love I go to the gym to"
    assert main(["order", text, "--cell", "gru", "--unscramble", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found) == ["task", "cell", "tokens", "bits", "unscrambled", "unscrambled_bits"] and found["cell"] == "gru"
    assert [token["text"] for token in found["tokens"]] == [*text.split(), "</s>"]
    assert all(list(token) == ["text", "start", "end", "bits", "next"] for token in found["tokens"])
    nats = load("order", "gru").word_logprobs([text.split()])[0]
    np.testing.assert_allclose([token["bits"] for token in found["tokens"]], -nats / np.log(2), atol=2e-3)
    assert found["bits"] == pytest.approx(-nats.sum() / np.log(2), abs=1e-2)
    (trace,) = load("order", "gru").trace(text)
    for token, row in zip(found["tokens"][:-1], trace.probs[1:], strict=True):
        assert [guess["text"] for guess in token["next"]] == [trace.labels[k] for k in np.argsort(-row, kind="stable")[:5]]
        assert token["next"][0]["probability"] == pytest.approx(float(row.max()), rel=1e-3)
    assert found["unscrambled"] == "I love to go to the gym" and found["unscrambled_bits"] < found["bits"]


@pytest.mark.parametrize("task", ["translate", "order"])
def test_lines_of_any_kind_are_answered_one_by_one(task):
    lines = ["Go.", "", "   ", "\u0928\u092e\u0938\u094d\u0924\u0947 \U0001f3b8", "word " * 30]
    flags = ["--unscramble"] if task == "order" else []
    answer = run(task, "-", *flags, stdin="\n".join(lines).encode() + b"\n")
    found = [json.loads(line) for line in answer.stdout.decode().splitlines()]
    assert answer.returncode == 0 and len(found) == len(lines) and answer.stderr == b""
    if task == "order":
        assert found[1]["unscrambled"] is None and found[4]["unscrambled"] is None and found[0]["unscrambled"] == "Go."
    else:
        assert found[1]["translation"] == found[2]["translation"] == "" and found[1]["attention"] in (None, [])


@pytest.mark.parametrize("words", [["--help"], ["tag", "--help"], ["name", "--count", "2000"], ["tag", "-"]])
def test_a_reader_that_has_had_enough_is_no_reason_to_complain(words):
    """As `python -m rnn_demo ... | head -1`, whose pipe is shut after the first line."""
    with subprocess.Popen(
        [sys.executable, "-m", "rnn_demo", *words], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        process.stdout.close()
        _, complaint = process.communicate(b"Olga sings\n" * 50)
    assert complaint == b"" and process.returncode in (0, 1)  # argparse itself forgives a help that nobody reads


@pytest.mark.parametrize("text", ["--Paris", "-Paris", "-hello", "---", "--Paris=1", "-5", "--json is a flag", "\u2014Paris"])
@pytest.mark.parametrize("flags", [["--json"], ["--cell", "rnn", "--json"]])
def test_a_text_that_begins_with_dashes_is_read(capsys, text, flags):
    for words in ([text, *flags], [*flags, text], [*flags, "--", text]):
        assert main(["tag", *words]) == 0
        found = json.loads(capsys.readouterr().out)
        assert "".join(token["text"] for token in found["tokens"]) == text.replace(" ", "")


def test_an_unknown_flag_beside_a_text_is_refused(capsys):
    with pytest.raises(SystemExit):
        main(["tag", "Olga", "--sell", "rnn"])
    complaint = capsys.readouterr().err
    assert "unrecognized arguments" in complaint and "--sell" in complaint


def test_halves_of_surrogate_pairs_and_a_byte_order_mark(capsys):
    assert main(["tag", "a\udce9 Olga", "--json"]) == 0  # as an argument that is not UTF-8 comes
    found = json.loads(capsys.readouterr().out)
    assert [(token["text"], token["start"]) for token in found["tokens"]] == [("a", 0), ("Olga", 3)]
    answer = run("tag", "-", stdin="\ufeffOlga sings\nOlga\n".encode())
    first, second = (json.loads(line)["tokens"] for line in answer.stdout.decode().splitlines())
    assert first[0]["start"] == second[0]["start"] == 0 and first[0]["end"] == 4
