"""The count-based models that the networks must beat: interpolated Kneser-Ney.

KneserNey   which symbol comes next, from counts of what followed the same context, and ever shorter ones
Ngrams      a weighted mean of such models, each of which looks at contexts in a way of its own
events      a sequence -> (context, symbol) pairs, as KneserNey counts them
"""

import collections
import math
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence

import numpy as np

START = "<s>"  # stands before a sequence, so that the first symbols have a context too
Context = tuple[Hashable, ...]
View = Callable[[object], Iterable[tuple[Context, Hashable]]]  # a sequence -> its symbols, each with a context


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


class Ngrams:
    """A weighted mean of Kneser-Ney models of the same sequences.

    symbols   everything that can come next
    counted   for each model how it looks at a sequence, a View such as `events`, and the sequences that it counts
    One model has the weight 1; the weights of several are equal until `weigh` fits them.
    """

    def __init__(self, symbols: Iterable[Hashable], counted: Iterable[tuple[View, Iterable]]):
        symbols = tuple(symbols)
        self.models = [(view, KneserNey(symbols, (event for item in items for event in view(item)))) for view, items in counted]
        self.weights = np.full(len(self.models), 1 / len(self.models))

    def probs(self, sequences: list) -> np.ndarray:
        """(models, symbols of all sequences in a row) what each model gave each symbol."""
        look = lambda view, model: [model.prob(symbol, context) for item in sequences for context, symbol in view(item)]
        return np.array([look(view, model) for view, model in self.models])

    def weigh(self, sequences: list, counts: np.ndarray) -> None:
        """Fit the weights on held-out sequences, each of which counts so much, by expectation maximisation."""
        probs = self.probs(sequences)
        counts = np.repeat(counts, self._lengths(sequences))
        for _ in range(100):  # each model's weight is its share of the credit
            credit = self.weights[:, None] * probs
            self.weights = (credit / credit.sum(0)) @ counts / counts.sum()

    def nats(self, sequences: list) -> list[np.ndarray]:
        """What each symbol of each sequence costs: N arrays (T,) of log-probabilities, at most 0."""
        nats = np.log(self.weights @ self.probs(sequences))
        return np.split(nats, np.cumsum(self._lengths(sequences))[:-1])

    def logprob(self, symbol: Hashable, contexts: Sequence[Context]) -> float:
        """The same for one symbol after a context for each of the models."""
        probs = [model.prob(symbol, context) for (_, model), context in zip(self.models, contexts, strict=True)]
        return math.log(self.weights @ probs)

    def _lengths(self, sequences: list) -> list[int]:
        view, _ = self.models[0]
        return [sum(1 for _ in view(item)) for item in sequences]
