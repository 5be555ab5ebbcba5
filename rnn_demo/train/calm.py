"""A memory that can be read: a small price on hidden states that are large, or that change for no reason."""

from collections.abc import Iterable

import numpy as np
import torch
from torch import Tensor

SIZE, CHANGE = 0.06, 0.1  # the prices of mean |h| and of the mean squared change a step, in nats a token


def calm(h: Tensor, size: float = SIZE, change: float = CHANGE, read: Tensor | None = None) -> Tensor:
    """What to add to a loss, so that a unit stays near zero until it has something to say, and then keeps it: Merity 2017's
    activation regularisation, with an absolute value so that idle units come to rest at zero itself, and his temporal one.

    h     (B, T, H) hidden states, in token order, without dropout
    read  (B, T) booleans, False where a shorter text of the batch is filled up; None where nothing is

    h [[[0.0], [0.5]]] -> 0.06 * 0.25 + 0.1 * 0.25 = 0.04
    """
    if read is None:
        read = h.new_ones(h.shape[:2], dtype=torch.bool)
    steps = (h[:, 1:] - h[:, :-1])[read[:, 1:]]
    moved = steps.square().mean() if len(steps) else h.new_zeros(())  # a text of one token has no step
    return size * h[read].abs().mean() + change * moved


def loud_share(h: Tensor) -> float:
    """Share of the numbers of a hidden state that lie beyond +-0.5: how far from calm. [0.0, 0.6, -0.7, 0.2] -> 0.5"""
    return (h.abs() > 0.5).float().mean().item()


def memory(states: Iterable[np.ndarray]) -> dict[str, float]:
    """How calm the hidden states (T, H) of many texts are: the share that is loud, the mean of |h|, how many units never leave
    +-0.05, and of how many. [[0.6, 0.0], [0.2, 0.0]] -> {"loud": 0.25, "mean": 0.2, "dead": 1, "units": 2}"""
    h = torch.from_numpy(np.concatenate(list(states)))
    dead = int((h.abs().amax(0) < 0.05).sum())
    return {"loud": loud_share(h), "mean": h.abs().mean().item(), "dead": dead, "units": h.shape[1]}
