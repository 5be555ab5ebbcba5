import random

import numpy as np
import pytest
import sacrebleu
from seqeval.metrics import f1_score

from rnn_demo.train.scores import bleu, bootstrap, calibration_error, rounded, span_f1

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


def test_bleu_is_sacrebleus():
    found = ["le chat est sur le tapis .", "il pleut"]
    answers = [["le chat est sur le tapis rouge .", "un chat est sur le tapis ."], ["il pleut"]]
    score, signature = bleu(found, answers)
    # By hand: 9 of 9 words (le twice in the first answer), 7 of 7 pairs but "tapis ." from the second, 5 of 5, 4 of 4.
    assert score == pytest.approx(sacrebleu.corpus_bleu(found, [[a[0] for a in answers], [a[-1] for a in answers]]).score)
    assert score == pytest.approx(100.0) and "nrefs:" in signature and "version:" in signature
    worse, _ = bleu(["le chien est sur le tapis .", "il pleut"], answers)
    # "chien" spoils one word of 9, two pairs of 7, two triples of 5, two fours of 4; as long as the closest answers.
    assert worse == pytest.approx(100 * (8 / 9 * 5 / 7 * 3 / 5 * 2 / 4) ** 0.25, abs=0.01)


def test_the_interval_holds_the_score_and_narrows_with_more_sentences():
    found = ["a b c d e", "a b c d x", "a b x d e f", "q r s t"] * 3
    answers = [["a b c d e"], ["a b c d e"], ["a b c d e f"], ["a r s t u"]] * 3
    low, high = bootstrap(found, answers, seed=0)
    assert low < bleu(found, answers)[0] < high
    low_more, high_more = bootstrap(found * 20, answers * 20, seed=0)
    assert high_more - low_more < (high - low) / 2
    assert bootstrap(["a b c d"] * 3, [["a b c d"]] * 3, seed=0) == pytest.approx((100, 100))


def test_numbers_are_rounded_however_deep():
    assert rounded({"a": [{"b": 0.123456}], "n": 7, "s": "x"}) == {"a": [{"b": 0.1235}], "n": 7, "s": "x"}
