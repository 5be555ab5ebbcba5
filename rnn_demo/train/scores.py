"""What is measured of the networks, and how scores are written into a weight file.

span_f1             entities                        bleu, bootstrap   translations, counted by sacrebleu
calibration_error   whether probabilities are true  temperature, calibrate   making them so
read_all            many texts -> logits            rounded           scores as they are written down
"""

import numpy as np
import torch
from sacrebleu.metrics import BLEU
from torch import nn

from rnn_demo.text import bio2_spans
from rnn_demo.train.data import by_length


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


@torch.inference_mode()
def read_all(model: nn.Module, texts: list[list[str]]) -> list[np.ndarray]:
    """What a tagger or a rater answers to each of N texts, none empty, in their order: logits (T, K), or (K,)."""
    model.eval()
    found: list = [None] * len(texts)
    for group in by_length(list(enumerate(texts)), lambda pair: len(pair[1]), 128):
        for (i, _), logits in zip(group, model([words for _, words in group]).numpy(), strict=True):
            found[i] = logits
    return found


def temperature(logits: np.ndarray, allowed: np.ndarray) -> float:
    """The number by which to divide all logits, so that probabilities mean what they say: least nats on dev (Guo et al. 2017).

    logits (N, K), allowed (N, K) of 0/1: any answer that is allowed is right. From 0.5 to 3, in steps of 0.02.
    """
    logits, allowed = torch.from_numpy(logits), torch.from_numpy(allowed)
    grid = torch.linspace(0.5, 3.0, 126)
    nats = [-((logits / t).log_softmax(-1) + allowed.log()).logsumexp(-1).mean() for t in grid]
    return grid[int(torch.stack(nats).argmin())].item()


def calibrate(readout: nn.Linear, heat: float) -> None:
    """Fold a temperature into a readout, so that logits are calibrated wherever they are read."""
    with torch.no_grad():
        readout.weight.div_(heat)
        readout.bias.div_(heat)


def columns(references: list[list[str]]) -> list[list[str]]:
    """The references of N sentences as sacrebleu takes them, one list for each rank; who has fewer repeats the first ones.

    [["a"], ["b", "c"]] -> [["a", "b"], ["a", "c"]]. A repeated reference changes nothing: n-grams count once.
    """
    most = max(map(len, references), default=0)
    return [[refs[rank % len(refs)] for refs in references] for rank in range(most)]


def bleu(found: list[str], references: list[list[str]]) -> tuple[float, str]:
    """Corpus BLEU (Papineni 2002), 0..100, and the signature that says how sacrebleu counted."""
    metric = BLEU()
    score = metric.corpus_score(found, columns(references)).score
    return score, str(metric.get_signature())


def bootstrap(found: list[str], references: list[list[str]], seed: int, draws: int = 1000) -> tuple[float, float]:
    """The interval that BLEU falls into in 95 of 100 draws of as many sentences, with replacement (Koehn 2004)."""
    metric = BLEU(effective_order=True)
    scores = [metric.sentence_score(text, refs) for text, refs in zip(found, references, strict=True)]
    counts = np.array([(*score.counts, *score.totals, score.sys_len, score.ref_len) for score in scores])
    rng = np.random.default_rng(seed)
    sums = (counts[rng.integers(len(counts), size=len(counts))].sum(0).tolist() for _ in range(draws))
    drawn = [BLEU.compute_bleu(s[:4], s[4:8], s[8], s[9], smooth_method="exp").score for s in sums]
    low, high = np.percentile(drawn, [2.5, 97.5])
    return float(low), float(high)


def rounded(scores):
    """All numbers to four places, however deep. {"real": {"sex": 0.81234}} -> {"real": {"sex": 0.8123}}"""
    if isinstance(scores, dict):
        return {key: rounded(value) for key, value in scores.items()}
    if isinstance(scores, list):
        return [rounded(value) for value in scores]
    return round(scores, 4) if isinstance(scores, float) else scores
