"""The count-based model that the networks must beat: interpolated Kneser-Ney. Standard library only.

KneserNey   which symbol comes next, from counts of what followed the same context, and ever shorter ones
events      a sequence -> (context, symbol) pairs, as KneserNey counts them
"""

import collections
import math
from collections.abc import Hashable, Iterable, Iterator, Sequence

START = "<s>"  # stands before a sequence, so that the first symbols have a context too
Context = tuple[Hashable, ...]


def events(sequence: Sequence[Hashable], order: int) -> Iterator[tuple[Context, Hashable]]:
    """Every symbol with the up to `order` - 1 symbols before it, the farthest first.

    "ann", 3 -> (("<s>",), "a"), (("<s>", "a"), "n"), (("a", "n"), "n")
    """
    padded = (START, *sequence)
    for i in range(1, len(padded)):
        yield padded[max(0, i - order + 1) : i], padded[i]


class KneserNey:
    """Interpolated Kneser-Ney with three discounts a context length (Kneser & Ney 1995; Chen & Goodman 1999).

    A symbol is counted in its longest context as often as it was seen there. In a context shortened by its first, farthest
    place it counts once for every different symbol that stood there: what has followed many things will follow new ones too.
    A discount D is taken off every count, and what that frees goes to the next shorter context, at last to all symbols alike:

        p(symbol | context) = max(count - D(count), 0) / total + freed / total * p(symbol | context without its first place)

    symbols   everything that can come next; the probabilities of these sum to 1 in any context
    A context may be of any length, and what stands first in it is forgotten first: a condition of the whole sequence is
    put in the place that its weight deserves. A seen symbol that is not one of `symbols` raises ValueError.
    """

    def __init__(self, symbols: Iterable[Hashable], seen: Iterable[tuple[Context, Hashable]]):
        self.symbols = tuple(symbols)
        known = set(self.symbols)
        grams = collections.defaultdict(collections.Counter)  # by length of the context
        for context, symbol in seen:
            if symbol not in known:
                raise ValueError(f"{symbol!r} was seen, but is not one of the {len(known)} symbols that can come next")
            grams[len(context)][context, symbol] += 1
        self.discounts: dict[int, tuple[float, ...]] = {}
        self.followers: dict[Context, dict[Hashable, int]] = collections.defaultdict(dict)
        for length in range(max(grams, default=0), -1, -1):
            for (context, symbol), count in grams[length].items():
                self.followers[context][symbol] = count
                if length:
                    grams[length - 1][context[1:], symbol] += 1
            self.discounts[length] = discounts(grams[length].values())
        self.followers = dict(self.followers)
        self.mass = {  # of each context: all its counts, and what the discounts free of them
            context: (sum(counts.values()), sum(self._discount(len(context), count) for count in counts.values()))
            for context, counts in self.followers.items()
        }

    def _discount(self, length: int, count: int) -> float:
        return self.discounts[length][min(count, 3)]

    def prob(self, symbol: Hashable, context: Context = ()) -> float:
        """The probability, 0..1, that `symbol` comes after `context`, which is as `events` writes it."""
        p = 1 / len(self.symbols)
        for start in range(len(context), -1, -1):  # from the shortest context, which is empty, to the longest
            part = context[start:]
            if part not in self.followers:
                break  # then no longer one was seen either
            count = self.followers[part].get(symbol, 0)
            total, freed = self.mass[part]
            p = (count - self._discount(len(part), count) + freed * p) / total
        return p

    def logprob(self, symbol: Hashable, context: Context = ()) -> float:
        """The same in nats, at most 0."""
        return math.log(self.prob(symbol, context))


def discounts(counts: Iterable[int]) -> tuple[float, ...]:
    """What to take off a count of 0, 1, 2 and 3 or more (Chen & Goodman 1999, equation 26).

    With as many ones as twos, threes and fours: Y = 1/3 -> (0, 1/3, 1, 5/3). Where a kind of count is missing, as in
    small data, the formula has no answer or one that frees nothing; then half of one is taken.
    """
    n = collections.Counter(min(count, 5) for count in counts)
    if not all(n[i] for i in (1, 2, 3, 4)):
        return (0.0, 0.5, 0.5, 0.5)
    y = n[1] / (n[1] + 2 * n[2])
    found = (i - (i + 1) * y * n[i + 1] / n[i] for i in (1, 2, 3))
    return (0.0, *(d if 0 < d < i else 0.5 for i, d in enumerate(found, start=1)))
