"""In which order hidden units are drawn, so that the hidden state does not look like noise."""

import numpy as np

from rnn_demo.view.trace_view import UnitGroup


def bands(weights: np.ndarray, names: tuple[str, ...]) -> tuple[list[int], list[UnitGroup]]:
    """Units grouped by the answer that they speak for most, alike units side by side.

    weights (H, K): how much each unit, when it is at +1, adds to each answer's score, in nats. Within a band, units
    follow the direction in which their weights differ most (the first principal component).
    Example: weights [[0, 1], [1, 0], [0, 2]], names ("O", "PER") -> ([1, 0, 2], [O of 1 unit, PER of 2 units])
    """
    speaks_for = weights.argmax(-1)
    order, groups = [], []
    for k, name in enumerate(names):
        units = np.flatnonzero(speaks_for == k)
        if len(units) > 1:
            centred = weights[units] - weights[units].mean(0)
            direction = np.linalg.svd(centred, full_matrices=False)[2][0]
            direction *= np.sign(direction[k]) or 1.0  # an SVD's sign is arbitrary; the strongest come last
            units = units[np.argsort(centred @ direction, kind="stable")]
        order += units.tolist()
        if len(units):
            groups.append(UnitGroup(name, len(units)))
    return order, groups
