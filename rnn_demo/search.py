"""Which whole sequences are the likeliest: beam search, as a tree. Needs numpy only; any network can be behind it.

Branch  a piece of the tree         beam    searches, and grows the tree
leaves  the complete sequences      joined  the same tree with only children drawn into one branch
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

Prefix = tuple[str, ...]


class Branch(NamedTuple):
    """What is written next, and all that may follow. Branch(("a",), -0.7, (Branch(("end",), -0.1, ()),)).

    text      the outputs written on the way from the parent to here; at the root, what was given
    logprob   nats, how likely they are where the parent ends; 0 at the root
    children  the likeliest first; none if this is the end of a complete sequence
    """

    text: Prefix
    logprob: float
    children: tuple["Branch", ...]


def beam(
    next_logprobs: Callable[[list[Prefix]], np.ndarray],
    labels: tuple[str, ...],
    end: str,
    width: int,
    longest: int,
    start: Prefix = (),
) -> Branch:
    """The `width` likeliest sequences that go on from `start`, as a tree in which what they share is one branch.

    Of all beginnings of one length only the `width` likeliest are pursued, so a sequence with an unlikely beginning can
    be missed, as in any beam search. A complete sequence ends with `end`; what has `longest` outputs before it is dropped.

    next_logprobs  N beginnings of the same length -> (N, K) nats, what comes next by `labels`; the start is part of them
    """
    open_ends: list[tuple[float, Prefix]] = [(0.0, tuple(start))]
    edges: dict[Prefix, float] = {tuple(start): 0.0}
    complete: list[tuple[float, Prefix]] = []
    while open_ends:
        grown = []
        for (total, prefix), row in zip(open_ends, next_logprobs([prefix for _, prefix in open_ends]), strict=True):
            for label, logprob in zip(labels, row.tolist(), strict=True):
                edges[*prefix, label] = logprob
                if logprob > -np.inf:
                    grown.append((total + logprob, (*prefix, label)))
        best_first = lambda pair: (-pair[0], pair[1])  # equally likely ones by the alphabet
        complete += [pair for pair in grown if pair[1][-1] == end]
        complete = sorted(complete, key=best_first)[:width]
        # A sequence only gets less likely as it grows: what is below the last of `width` complete ones need not be pursued.
        floor = complete[-1][0] if len(complete) == width else -np.inf
        goes_on = [(total, prefix) for total, prefix in grown if prefix[-1] != end and len(prefix) <= longest and total > floor]
        open_ends = sorted(goes_on, key=best_first)[:width]

    def tree(place: Prefix, found: list[Prefix]) -> Branch:
        deeper = list(dict.fromkeys(prefix[: len(place) + 1] for prefix in found if len(prefix) > len(place)))
        children = [tree(child, [prefix for prefix in found if prefix[: len(child)] == child]) for child in deeper]
        text = place[-1:] if len(place) > len(start) else place
        return Branch(text, edges[place], tuple(sorted(children, key=lambda child: -child.logprob)))

    return tree(tuple(start), [prefix for _, prefix in complete])


def leaves(branch: Branch, before: Prefix = (), logprob: float = 0.0) -> Iterator[tuple[Prefix, float]]:
    """Every complete sequence below a root, its end mark too, with its log-probability in nats. (("a", "n", "n", "end"), -4.1)"""
    before, logprob = before + branch.text, logprob + branch.logprob
    if not branch.children:
        yield before, logprob
    for child in branch.children:
        yield from leaves(child, before, logprob)


def joined(branch: Branch) -> Branch:
    """The same tree with fewer branches: wherever there is one way on only, it is written at once. The root stays by itself.

    m - a - (r - y - end, x - end) -> m - a - (r y end, x end), where the branch from the root reads ("m", "a")
    """

    def chain(branch: Branch) -> Branch:
        while len(branch.children) == 1:
            (child,) = branch.children
            branch = Branch(branch.text + child.text, branch.logprob + child.logprob, child.children)
        return branch._replace(children=tuple(map(chain, branch.children)))

    return branch._replace(children=tuple(map(chain, branch.children)))
