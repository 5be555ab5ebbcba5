"""In which order hidden units are drawn, so that the hidden state does not look like noise; and how strongly each group is on."""

import math

import numpy as np

from rnn_demo.reading import Chain, UnitGroup

STEPS = (1, 1.5, 2, 3, 5, 7, 10)  # a full bar is one of these times a power of ten


def bands(weights: np.ndarray, names: tuple[str, ...]) -> tuple[list[int], list[UnitGroup]]:
    """Units grouped by the answer that they speak for most, the loudest first.

    weights (H, K): how much each unit, when it is at +1, adds to each answer's score, in nats.
    Example: weights [[0, 1], [1, 0], [0, 2]], names ("O", "PER") -> ([1, 2, 0], [UnitGroup("O", (1,)), UnitGroup("PER", (2, 1))])
    """
    speaks_for = weights.argmax(-1)
    order, groups = [], []
    for k, name in enumerate(names):
        units = np.flatnonzero(speaks_for == k)
        units = units[np.argsort(-weights[units, k], kind="stable")]
        order += units.tolist()
        if len(units):
            groups.append(UnitGroup(name, tuple(weights[units, k].tolist())))
    return order, groups


def group_levels(chain: Chain) -> np.ndarray:
    """(T, G) how strongly each group of units speaks for its answer at each step: the mean over its units of h times what a unit
    adds to that answer, in nats a unit. Below 0 they speak against it.

    A group of two units that add 2 and 1, with h = 0.5 and -0.2 -> (1.0 - 0.2) / 2 = 0.4
    """
    adds, first = np.zeros((len(chain.order), len(chain.groups))), 0
    for g, group in enumerate(chain.groups):
        adds[first : first + group.size, g] = np.divide(group.adds, group.size)
        first += group.size
    return chain.trace.h[:, chain.order] @ adds


def memory_rows(chain: Chain) -> tuple[list[str], np.ndarray]:
    """The few rows in which a chain's memory is shown first, R names and (T, R): those of its groups, and its own others."""
    names = [*(group.name for group in chain.groups), *chain.rows]
    return names, np.column_stack([group_levels(chain), *chain.rows.values()])


def full_bar(levels: list[np.ndarray]) -> float:
    """How much fills a bar: the next round number, so that bars seldom change their scale while somebody types. 0.0213 -> 0.03"""
    largest = max((float(np.abs(rows).max(initial=0)) for rows in levels), default=0.0)
    power = 10.0 ** math.floor(math.log10(max(largest, 1e-6)))
    return round(next(step * power for step in STEPS if step * power >= largest), 9)
