"""How good translations are: BLEU, counted by sacrebleu, with an interval from resampling."""

import numpy as np
from sacrebleu.metrics import BLEU


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
