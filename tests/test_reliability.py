"""Of all answers that were given about so much, how many were right? Held to answers counted by hand, and to the weight files."""

import gzip

import numpy as np
import pytest
from conftest import MODELS

from rnn_demo.networks import checkpoints
from rnn_demo.networks.weight_files import PRETRAINED, read_header
from rnn_demo.tasks import TASKS
from rnn_demo.train import reliability
from rnn_demo.words import trust


def test_answers_are_put_together_by_how_sure_they_were():
    confidence = np.array([0.9, 0.9, 0.92, 0.88, 0.1, 1.0])
    right = np.array([True, True, True, False, False, True])
    assert reliability.bins(confidence, right, 10) == [
        {"confidence": 0.1, "right": 0.0, "count": 1},
        {"confidence": 0.88, "right": 0.0, "count": 1},
        {"confidence": 0.93, "right": 1.0, "count": 4},
    ]


def test_the_sentence_tells_of_most_answers():
    rows = [{"confidence": 0.3, "right": 0.5, "count": 2}, {"confidence": 0.842, "right": 0.81, "count": 900}]
    assert trust(rows, "ratings") == "Of 100 ratings given about 84 %, 81 were right."
    assert trust([], "ratings") == ""


@pytest.mark.parametrize(("task", "cell"), MODELS)
def test_every_weight_file_that_answers_right_or_wrong_says_how_often(task, cell):
    rows = read_header(PRETRAINED / f"{task}-{cell}.safetensors").get("reliability", [])
    assert bool(rows) == (task in reliability.ANSWERS) == (TASKS[task].words.scores.answers != "answers")
    assert all(0 <= row[key] <= 1 for row in rows for key in ("confidence", "right")) and len(rows) <= reliability.N_BINS
    assert [row["confidence"] for row in rows] == sorted(row["confidence"] for row in rows)


def test_writing_keeps_the_weights_and_the_rest_of_the_header(tmp_path, monkeypatch):
    name = "rate-gru.safetensors"
    (tmp_path / name).write_bytes((PRETRAINED / name).read_bytes())
    monkeypatch.setitem(reliability.ANSWERS, "rate", lambda model, data: (np.array([0.5, 0.5]), np.array([True, False])))
    reliability.write("rate", ["gru"], tmp_path, tmp_path)
    (before, old), (after, new) = (checkpoints.read(folder / name) for folder in (PRETRAINED, tmp_path))
    assert all((before[key] == after[key]).all() and before[key].dtype == after[key].dtype for key in before)
    assert new == old | {"reliability": [{"confidence": 0.5, "right": 0.5, "count": 2}]}


NER = "Chirag\tB-PER\nworked\tO\nat\tO\nMicrosoft\tB-ORG\nin\tO\nIndia\tB-ORG\n"  # the last label is wrong
FILES = {  # made-up test files of each task: name -> text; and how many answers they ask for, and how many of them must be right
    "tag": ({f"ner_{name}_test.tsv.gz": NER for name in ("ewt", "gum", "crossner", "gmb", "litbank")}, 15, range(10, 11)),
    "rate": ({"sst5_test.tsv.gz": "4\ta wonderful film\n0\tit is terrible and dull\n2\tterrible\n"}, 3, range(3)),
    "order": ({f"lm_{part}_test.txt.gz": "I am .\n" for part in ("tatoeba_en", "dialogue_en", "web_news_en")}, 12, range(3, 13)),
    "translate": ({"mt_enfr_test.tsv.gz": "The car is red.\tLa voiture est rouge.\n"}, 6, range(5, 7)),
}


@pytest.mark.parametrize("task", reliability.ANSWERS)
def test_answers_are_judged_by_the_test_files(task, tmp_path):
    files, count, right_ones = FILES[task]
    for name, text in files.items():
        (tmp_path / name).write_bytes(gzip.compress(text.encode()))
    confidence, right = reliability.ANSWERS[task](checkpoints.load(task, TASKS[task].cell.default), tmp_path)
    assert confidence.shape == right.shape == (count,) and right.dtype == bool and right.sum() in right_ones
    assert (confidence > 0).all() and (confidence < 1.0001).all()
