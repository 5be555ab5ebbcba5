"""How good a tagger is: entity F1 and calibration; and how scores are written into a weight file."""

import numpy as np

from rnn_demo.text import bio2_spans


def span_f1(gold: list[list[str]], found: list[list[str]], types: tuple[str, ...]) -> dict[str, float]:
    """Entity precision, recall and F1 over sentences of BIO2 tags: an entity counts if both ends and its type are right.

    Only entities of `types` count. gold [["B-PER", "I-PER"]], found [["B-PER", "O"]] -> f1 0.0
    """
    n_gold = n_found = n_right = 0
    for gold_tags, found_tags in zip(gold, found, strict=True):
        a, b = ({span for span in bio2_spans(tags) if span[2] in types} for tags in (gold_tags, found_tags))
        n_gold, n_found, n_right = n_gold + len(a), n_found + len(b), n_right + len(a & b)
    precision, recall = n_right / max(n_found, 1), n_right / max(n_gold, 1)
    return {"f1": 2 * n_right / max(n_gold + n_found, 1), "precision": precision, "recall": recall, "entities": n_gold}


def calibration_error(confidence: np.ndarray, right: np.ndarray, bins: int = 15) -> float:
    """Expected calibration error (Naeini 2015; Guo 2017), 0..1: how far a stated probability is from how often it holds.

    confidence (N,) in 0..1, right (N,) of 0/1. All at 0.9 and nine of ten right -> 0.0; all at 0.9 and all right -> 0.1
    """
    which = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = [abs(np.sum(confidence[which == b] - right[which == b])) for b in range(bins)]
    return float(sum(gaps) / max(len(confidence), 1))


def rounded(scores: dict) -> dict:
    """All numbers to four places. {"real": {"sex": 0.81234}} -> {"real": {"sex": 0.8123}}"""
    return {key: rounded(value) if isinstance(value, dict) else round(value, 4) for key, value in scores.items()}
