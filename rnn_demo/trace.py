"""The record everything meets at: models write a `Trace`, the view and the figures read it. Needs numpy only.

Trace     what one chain of cells did at every step of one text
Progress  where a training run stands, one a step
"""

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from rnn_demo.text import Token


@dataclass(frozen=True)
class Trace:
    """One layer's read of a text, in token order. T steps, E inputs, H hidden units, K labels, S source steps.

    name       heading on the page, e.g. "forward"
    tokens     T strings, as read          labels  K strings, naming the columns of logits
    spans      (T, 2) start and end of each token in the text, in code points, end exclusive
    x          (T, E) what went into the cell, no unit
    h          (T, H) hidden states h_1..h_T, each in -1..1; h_0 is not stored (zeros)
    c          (T, H) cell states, LSTM only, unbounded
    gates      {"i": (T, H), ...} in PyTorch's letters; empty for a plain RNN. i f o r z in 0..1, g n in -1..1
    logits     (T, K) scores before softmax, in nats; None for a chain with no readout of its own
    attention  (T, S) weights, decoder only

    Arrays are float32, read-only, without a batch axis. A wrong shape raises ValueError naming the field.
    Example: tokens ("Chirag", "worked"), H = 4 -> h.shape (2, 4), h[0] the state after "Chirag".
    """

    name: str
    tokens: tuple[str, ...]
    spans: np.ndarray
    x: np.ndarray
    h: np.ndarray
    labels: tuple[str, ...] = ()
    c: np.ndarray | None = None
    gates: dict[str, np.ndarray] = field(default_factory=dict)
    logits: np.ndarray | None = None
    attention: np.ndarray | None = None

    def __post_init__(self):
        steps, hidden = len(self.tokens), self.h.shape[-1]
        shapes = {
            "spans": (self.spans, (steps, 2)),
            "x": (self.x, (steps, self.x.shape[-1])),
            "h": (self.h, (steps, hidden)),
            "c": (self.c, (steps, hidden)),
            "logits": (self.logits, (steps, len(self.labels))),
            "attention": (self.attention, (steps, None if self.attention is None else self.attention.shape[-1])),
            **{f"gates[{letter!r}]": (gate, (steps, hidden)) for letter, gate in self.gates.items()},
        }
        for name, (array, shape) in shapes.items():
            if array is None:
                continue
            if array.shape != shape:
                raise ValueError(f"Trace.{name} has shape {array.shape}; {steps} tokens need {shape}")
            array.flags.writeable = False  # a cached trace is shared by every visitor: nobody may change it

    def first(self, steps: int) -> "Trace":
        """What the first steps left behind. The trace of "Chirag worked", 1 -> the trace of "Chirag"."""
        rows = {name: getattr(self, name)[:steps] for name in self._rows()}
        return replace(self, tokens=self.tokens[:steps], gates={k: gate[:steps] for k, gate in self.gates.items()}, **rows)

    def then(self, rest: "Trace") -> "Trace":
        """This trace, and after it what the same chain did next."""
        rows = {name: np.concatenate([getattr(self, name), getattr(rest, name)]) for name in self._rows()}
        gates = {letter: np.concatenate([gate, rest.gates[letter]]) for letter, gate in self.gates.items()}
        return replace(self, tokens=self.tokens + rest.tokens, gates=gates, **rows)

    def _rows(self) -> list[str]:
        """The fields that are there and have a row a step."""
        return [name for name in ("spans", "x", "h", "c", "logits", "attention") if getattr(self, name) is not None]

    @property
    def placed(self) -> list[Token]:
        """The tokens with their places. [Token("India", 29, 34)]"""
        return [Token(text, start, end) for text, (start, end) in zip(self.tokens, self.spans.tolist(), strict=True)]

    @cached_property
    def probs(self) -> np.ndarray:
        """(T, K) label probabilities, the softmax of logits; each row sums to 1."""
        return softmax(self.logits)

    @cached_property
    def best(self) -> list[str]:
        """The likeliest label at every step, e.g. ["B-PER", "O"]. See best_labels."""
        return best_labels(self.logits, self.labels)

    @cached_property
    def entity_tags(self) -> list[str]:
        """How every token goes on with the entity before it, e.g. ["B-LOC", "I-LOC", "I-ORG"]. See joined_labels."""
        return joined_labels(self.logits, self.labels)


def softmax(logits: np.ndarray) -> np.ndarray:
    """(T, K) scores to probabilities; each row sums to 1. [0, 0] -> [0.5, 0.5]"""
    exp = np.exp(logits - logits.max(-1, keepdims=True))
    return exp / exp.sum(-1, keepdims=True)


def best_labels(logits: np.ndarray, labels: tuple[str, ...]) -> list[str]:
    """(T, K) logits to T labels, the likeliest at every step. Of BIO2 labels, B- and I- of a type are weighed together first, and
    an I- only goes on with its own type: so the label agrees with the type's summed probability, and never rests on a later token.

    probabilities [0.4, 0.35, 0.25] of ("O", "B-PER", "I-PER") -> ["B-PER"]
    """
    if not all(label == "O" or label[:2] in ("B-", "I-") for label in labels):
        return [labels[k] for k in logits.argmax(-1)]
    kinds = [label.split("-")[-1] for label in labels]
    of_kind = np.array([[kind == name for kind in kinds] for name in dict.fromkeys(kinds)])  # (types, K)
    inside = np.array([label.startswith("I-") for label in labels])
    probs = softmax(logits)
    found = (probs @ of_kind.T.astype(probs.dtype)).argmax(-1)
    goes_on = np.concatenate([[False], found[1:] == found[:-1]])[: len(found), None]
    allowed = of_kind[found] & (goes_on | ~inside)
    return [labels[k] for k in np.where(allowed, probs, -1).argmax(-1)]


def joined_labels(logits: np.ndarray, labels: tuple[str, ...]) -> list[str]:
    """(T, K) logits to T tags, as text.joined_spans reads them: an I- goes on with the entity before it, whatever its type.

    An entity goes on while the I- labels together outweigh O and the B- labels, or a name while they outweigh the B- labels:
    that a name goes on is often sure long before it is sure what it names. The type is the I- label's own, so it may turn with
    the newest word. Like best_labels, no tag rests on a later token: an entity may grow and turn, and never shrinks.

    "New York Times", its words read as LOC, LOC, ORG -> ["B-LOC", "I-LOC", "I-ORG"]: one entity, of type ORG
    """
    inside = [k for k, label in enumerate(labels) if label.startswith("I-")]
    begins = [k for k, label in enumerate(labels) if label.startswith("B-")]
    probs, best = softmax(logits), best_labels(logits, labels)
    on, anew, outside = probs[:, inside].sum(-1), probs[:, begins].sum(-1), probs[:, labels.index("O")]
    goes_on = (on > anew) & ((on > outside) | np.array([label != "O" for label in best], dtype=bool))
    tags: list[str] = []
    for label, likeliest, more in zip(best, probs[:, inside].argmax(-1), goes_on, strict=True):
        if more and tags and tags[-1] != "O":
            tags.append(labels[inside[likeliest]])
        else:
            tags.append("O" if label == "O" else f"B-{label[2:]}")
    return tags


@dataclass(frozen=True)
class Progress:
    """One training step: `step` of `steps` done, at `loss` (nats a token). Example: Progress(1, 200, 2.1)."""

    step: int
    steps: int
    loss: float
