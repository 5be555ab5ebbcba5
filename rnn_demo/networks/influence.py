"""What an answer rests on: how much each word that was read matters to it, by its slope and by taking it away.

gradients   the exact slope of many answers at once, by one backward pass over as many copies of the text
erased      what becomes of an answer when one word after the other is taken away
influence   both, of one answer
errors      what each step hears of the answers' errors on the way back: its own, and those of later answers
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from rnn_demo.edits import Edit
from rnn_demo.networks.base import Network, Past
from rnn_demo.networks.edited import Watch


class Influence(NamedTuple):
    """What one answer rests on; arrays (S,), a number for each word of those that it can rest on.

    log_prob   of the answer, in nats          gradient  |d log_prob / d x_s|: how far a small change of the word's numbers reaches
    product    x_s times that slope: what the word adds, as far as the slope can tell
    erased     how log_prob changes when x_s is set to zero and the text is read again
    """

    log_prob: float
    gradient: np.ndarray
    product: np.ndarray
    erased: np.ndarray


def influence(
    network: Network, traces: Past, step: int, answer: str | Sequence[str] | None = None, edits: Sequence[Edit] = ()
) -> Influence:
    """What the answer at a step, 1..T, rests on. `answer` is one of network.labels, or several whose probabilities are summed;
    by itself the likeliest. `edits` are those with which the traces were made.

    network.trace("Chirag worked"), 1, ("B-PER", "I-PER") -> Influence(-0.1, [0.9], [0.3], [-1.2])
    """
    ids = label_ids(network, traces, step, answer)
    logp, gradient, product = gradients(network, traces, [step], [ids], edits)
    return Influence(float(logp[0]), gradient[0], product[0], erased(network, traces, step, ids, edits))


def label_ids(network: Network, traces: Past, step: int, answer: str | Sequence[str] | None = None) -> list[int]:
    """The columns of logits that make up an answer. ValueError lists the steps, or the labels, that there are."""
    first, last = first_answer(network, traces), sum(map(len, network.sides(traces)))
    if not first <= step <= last:
        raise ValueError(f"there is no answer at step {step}; choose a step from {first} to {last}" if last else "nothing was read")
    if answer is None:
        answering = next(trace for trace in traces if trace.logits is not None)
        return [int(answering.logits[step - first].argmax())]
    labels = (answer,) if isinstance(answer, str) else answer
    for label in labels:
        if label not in network.labels:
            some = ", ".join(network.labels[:20]) + (" ..." if len(network.labels) > 20 else "")
            raise ValueError(f"there is no answer {label!r}; choose one of {some}")
    return [network.labels.index(label) for label in labels]


def first_answer(network: Network, traces: Past) -> int:
    """The first step at which the network answers: 1, but for one that reads all before it answers."""
    *before, _ = network.sides(traces)
    return 1 + sum(map(len, before))


def gradients(
    network: Network, traces: Past, steps: Sequence[int], answers: Sequence[list[int]], edits: Sequence[Edit] = ()
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of B answers, each at its step: log-probability (B,), |d log p / d x_s| (B, S) and x_s times that slope (B, S); S is as many
    words as the last of the steps can rest on, and what an answer does not rest on has a 0.

    Every answer has a copy of the text to itself, so one backward pass of the sum of all gives the slopes of each.
    """
    with torch.inference_mode(False), torch.enable_grad():
        sides = [side.requires_grad_() for side in copies(network, traces, max(steps), len(steps))]
        logp = network.nats(network.replay(sides, torch.tensor(steps), edits), answers)
        slopes = torch.autograd.grad(logp.sum(), sides)
        norms = torch.cat([slope.norm(dim=-1) for slope in slopes])
        products = torch.cat([(slope * side).sum(-1) for slope, side in zip(slopes, sides, strict=True)])
    return logp.detach().numpy(), norms.T.numpy(), products.detach().T.numpy()


class Errors(NamedTuple):
    """What reaches the states of one chain on the way back through time, at each of its T steps: the size of the error of the
    step's own answer, of those of all other answers that is carried to it, and of what the last of the answers alone sends.

    Errors([0.1, 0.2], [0.05, 0], [0.05, 0.2])
    """

    own: np.ndarray
    carried: np.ndarray
    last: np.ndarray


def errors(
    network: Network, traces: Past, steps: Sequence[int], answers: Sequence[list[int]], edits: Sequence[Edit] = ()
) -> list[Errors]:
    """For each chain, how large the gradients of -log p are, of answers at these steps, each taken for the right one, by the
    states after each step: |d loss / d (h, c)|, as training would have them."""
    watch = Watch()
    with torch.inference_mode(False), torch.enable_grad():
        sides = [side.requires_grad_() for side in copies(network, traces, max(steps), len(steps))]
        logp = network.nats(network.replay(sides, torch.tensor(steps), (*edits, watch)), answers)
        states = [state for seen in watch.seen.values() for _, rounds, _ in seen for state in rounds]
        slopes = iter(torch.autograd.grad(logp.sum(), states, allow_unused=True))
    lengths = [len(trace.tokens) for trace in traces]
    decoder = len(network.sides(traces)) > 1
    found = []
    for chain, seen in sorted(watch.seen.items()):
        first = sum(map(len, network.sides(traces)[:-1])) if decoder and chain == len(traces) - 1 else 0
        own, carried, last = np.zeros((3, lengths[chain]))
        for at, rounds, rows in seen:
            parts = [slope for slope in (next(slopes) for _ in rounds) if slope is not None]
            if not parts or not len(rows):
                continue
            slope, step = torch.cat(parts, dim=-1), int(at if isinstance(at, int) else at[0])
            mine = torch.tensor([steps[row] == step for row in rows.tolist()])
            own[step - 1 - first] = slope[mine].sum(0).norm()
            carried[step - 1 - first] = slope[~mine].sum(0).norm()
            last[step - 1 - first] = slope[rows == len(steps) - 1].sum(0).norm()
        found.append(Errors(own, carried, last))
    return found


@torch.inference_mode()
def erased(
    network: Network, traces: Past, step: int, answer: list[int], edits: Sequence[Edit] = (), places: Sequence[int] | None = None
) -> np.ndarray:
    """(S,) how the log-probability of an answer changes when the numbers of one word are set to zero and all is read again; of the
    words at other `places`, from 0 on, if some are given, nothing is known: NaN."""
    sides = [side[:, 0] for side in copies(network, traces, step, 1)]
    length = sum(map(len, sides))
    places = list(range(length)) if places is None else sorted(places)
    seen = network.without_each(sides, step, places, edits)
    logp = network.nats(seen, [answer] * len(seen))
    found = np.full(length, np.nan, dtype=np.float32)
    found[places] = (logp[:-1] - logp[-1]).numpy()
    return found


def rest(network: Network, traces: Past, step: int) -> int:
    """How many words an answer can rest on."""
    return network.rests_on(step, sum(map(len, network.sides(traces))))


def copies(network: Network, traces: Past, step: int, count: int) -> list[Tensor]:
    """What goes in up to a step, side by side in so many copies: (T, count, E) for each of the network's sides."""
    left, found = rest(network, traces, step), []
    kind = next(network.parameters()).dtype
    for x in network.sides(traces):
        found.append(torch.tensor(x[:left], dtype=kind)[:, None].repeat(1, count, 1))
        left -= len(found[-1])
    return found


def kept(traces: Past) -> np.ndarray | None:
    """(T,) the mean over units of what is left of each word's state at the last step, by the gates that keep: z or f multiplied
    over the steps that follow. None for a cell without such a gate."""
    gate: Any = next((traces[0].gates[letter] for letter in ("z", "f") if letter in traces[0].gates), None)
    if gate is None:
        return None
    left = np.ones_like(gate)
    left[:-1] = np.cumprod(gate[:0:-1], axis=0)[::-1]
    return left.mean(-1)
