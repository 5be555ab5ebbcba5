import random

import numpy as np
import pytest
from seqeval.metrics import f1_score

from rnn_demo.scores import calibration_error, span_f1

TYPES = ("PER", "MISC", "LOC")


def test_seqevals_own_example():
    gold = [["O", "O", "O", "B-MISC", "I-MISC", "I-MISC", "O"], ["B-PER", "I-PER", "O"]]
    found = [["O", "O", "B-MISC", "I-MISC", "I-MISC", "I-MISC", "O"], ["B-PER", "I-PER", "O"]]
    assert span_f1(gold, found, TYPES)["f1"] == 0.5


def test_f1_agrees_with_seqeval_on_any_tags():
    rng = random.Random(0)
    tags = ["O", *(f"{p}-{t}" for p in "BI" for t in TYPES)]
    draw = lambda: [[rng.choice(tags) for _ in range(12)] for _ in range(50)]
    gold, found = draw(), draw()
    for g, f in zip(gold, found, strict=True):
        f[:8] = g[:8]
    assert span_f1(gold, found, TYPES)["f1"] == pytest.approx(f1_score(gold, found))


def test_f1_leaves_out_other_types():
    assert span_f1([["B-PER", "B-MISC"]], [["B-PER", "O"]], ("PER",))["f1"] == 1.0


def test_calibration_error_by_hand():
    ten = np.full(10, 0.9)
    assert calibration_error(ten, np.array([1] * 9 + [0])) == pytest.approx(0.0)
    assert calibration_error(ten, np.ones(10)) == pytest.approx(0.1)
    assert calibration_error(np.array([0.25, 0.75]), np.array([1, 0])) == pytest.approx(0.75)
