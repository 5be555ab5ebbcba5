"""In which order hidden units are drawn, so that the hidden state does not look like noise."""

import numpy as np

from rnn_demo.reading import UnitGroup


def bands(weights: np.ndarray, names: tuple[str, ...]) -> tuple[list[int], list[UnitGroup]]:
    """Units grouped by the answer that they speak for most, the loudest first.

    weights (H, K): how much each unit, when it is at +1, adds to each answer's score, in nats.
    Example: weights [[0, 1], [1, 0], [0, 2]], names ("O", "PER") -> ([1, 2, 0], [O of 1 unit, PER of 2 units])
    """
    speaks_for = weights.argmax(-1)
    order, groups = [], []
    for k, name in enumerate(names):
        units = np.flatnonzero(speaks_for == k)
        order += units[np.argsort(-weights[units, k], kind="stable")].tolist()
        if len(units):
            groups.append(UnitGroup(name, len(units)))
    return order, groups
