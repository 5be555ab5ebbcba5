"""Tag: named entities, one label a token."""

import functools

import numpy as np

from rnn_demo import figures
from rnn_demo.colors import LABEL_COLORS
from rnn_demo.shapes import MANY_TO_MANY
from rnn_demo.tasks.base import Box, Example, Panel, Reading, Task, beginning, drawn
from rnn_demo.text import bio2_spans
from rnn_demo.trace import Trace
from rnn_demo.view import Answers, Chain, bands
from rnn_demo.words import percent

KINDS = ("O", "PER", "ORG", "LOC", "MISC")

EXAMPLES = (
    Example(
        "A title",
        "Mr. Lagos flew to Lagos",
        "The same word twice. After “Mr.” the state expects a person, even one with the name of a city.",
    ),
    Example(
        "Person or place",
        "Denzel Washington flew from Washington to Boston",
        "One word, two labels: after a first name it is a surname, after “from” it is a place. The difference is in the state.",
    ),
    Example(
        "Several words",
        "The Bank of England wrote to the University of Cape Town",
        "A name of several words is held together by memory: “of” alone is no name, inside a name it is.",
    ),
    Example(
        "no capitals",
        "my friend anna works at google in paris",
        "Without capitals only meaning, spelling and the words before are left to go by.",
    ),
    Example(
        "A new name",
        "Xiulan and Nokuthula moved to Ísafjörður",
        "None of these names is in the vector table or in the training data: letters, capitals and the words before must do.",
    ),
    Example(
        "A mistake",
        "Hope met Grace in Reading",
        "Names that are everyday words. A causal network must decide at the word itself, before it can know better.",
    ),
)


def kind(tag: str) -> str:
    """A BIO2 tag without its prefix: "B-PER" -> "PER", "O" -> "O"."""
    return tag.split("-")[-1]


def by_kind(rows: np.ndarray, tags: tuple[str, ...]) -> np.ndarray:
    """(..., K tags) to (..., 5 kinds), B- and I- summed."""
    return np.stack([rows[..., [i for i, tag in enumerate(tags) if kind(tag) == k]].sum(-1) for k in KINDS], axis=-1)


def answers(reading: Reading) -> Answers:
    """What is known of each token, and when: at once, or, where a second chain comes back from the end, after both."""
    trace, *others = reading.traces
    steps = len(trace.tokens)
    best = trace.best
    labels, probs = [kind(tag) for tag in best], by_kind(trace.probs, trace.labels)
    sure = [percent(row[KINDS.index(label)]) for row, label in zip(probs, labels, strict=True)]
    return Answers(
        names=KINDS,
        probs=probs,
        labels=labels,
        time=[max(t, steps + 1 - t) if others else t for t in range(1, steps + 1)],
        shown=labels,
        small=sure,
        words=list(trace.tokens),
        marks=[tag[0] if "-" in tag else "" for tag in best],
        tints=[(LABEL_COLORS[label], float(label != "O")) for label in labels],
        said=[f"{label}, {p}" for label, p in zip(labels, sure, strict=True)],
        verdict=("", ""),
    )


def chains(reading: Reading) -> list[Chain]:
    return drawn(reading.traces, _units(reading.model))


@functools.cache
def _units(model) -> list[tuple]:
    """For each chain, how its units are drawn: (H, 5) how much a unit at +1 adds to each kind's score, over what it adds to
    all of them; their order; their groups. The same at every key, so worked out once a model."""
    weights = by_kind(model.readout.weight.numpy().T, model.labels) / [1, 2, 2, 2, 2]  # B- and I- averaged
    says = np.split(weights - weights.mean(-1, keepdims=True), 1 + model.both_ways)
    return [(part, *bands(part, KINDS)) for part in says]


def entities(text: str, trace: Trace) -> list[dict]:
    """[{"text": "Microsoft", "start": 17, "end": 26, "label": "ORG"}], places in code points, end exclusive."""
    places = [
        (int(trace.spans[start, 0]), int(trace.spans[end - 1, 1]), label) for start, end, label in bio2_spans(trace.best)
    ]
    return [{"text": text[start:end], "start": start, "end": end, "label": label} for start, end, label in places]


def as_json(reading: Reading) -> dict:
    trace = reading.traces[0]
    tokens = [
        {
            "text": token,
            "start": int(start),
            "end": int(end),
            "label": kind(tag),
            "probs": {name: round(float(p), 6) for name, p in zip(KINDS, probs, strict=True)},
        }
        for token, (start, end), tag, probs in zip(
            trace.tokens, trace.spans, trace.best, by_kind(trace.probs, trace.labels), strict=True
        )
    ]
    return {"tokens": tokens, "entities": entities(reading.text, trace)}


def as_table(reading: Reading) -> list[tuple[str, ...]]:
    found = answers(reading)
    rows = [
        (token, label, f"{probs[KINDS.index(label)]:.1%}")
        for token, label, probs in zip(found.words, found.labels, found.probs, strict=True)
    ]
    return [("token", "label", "probability"), *rows]


def closer(reading: Reading) -> list[Panel]:
    found = answers(reading)
    lines = figures.label_lines(reading.traces[0], found.names, found.probs, LABEL_COLORS)
    return [Panel("**How sure it was of each label, step by step.**", lines, "Each label's probability at each token.")]


FILES = {
    "ewt": "EWT, web text",
    "gum": "GUM, interviews, news, travel",
    "crossner": "CrossNER, encyclopedia",
    "gmb": "GMB, news",
    "litbank": "LitBank, old novels",
    "btc": "Broad Twitter Corpus, tweets",
    "wnut17": "WNUT-17, posts on the web",
}


def score_rows(header: dict) -> list[tuple[str, ...]]:
    """The held-out scores of a weight file; "" where a file does not annotate MISC."""
    rows = [("held-out file", "entities", "F1", "precision", "recall", "F1 with MISC", "calibration error")]
    for name, score in header.get("scores", {}).items():  # none before the first --evaluate
        if name in FILES:
            with_misc = f"{score['f1_with_misc']:.3f}" if "f1_with_misc" in score else ""
            numbers = (f"{score[key]:.3f}" for key in ("f1", "precision", "recall"))
            rows.append((FILES[name], f"{score['entities']:,}", *numbers, with_misc, f"{score['ece']:.1%}"))
    return rows


TASK = Task(
    name="tag",
    title="Tag",
    shape=MANY_TO_MANY,
    question="How can a network remember what it has read?",
    story=(
        "It reads one word at a time and keeps what matters in a row of numbers, its **hidden state**, which it reads together "
        "with the next word. Type a sentence: this one marks the names of people, organisations and places as they come."
    ),
    cells={"rnn": "plain RNN", "gru": "GRU", "lstm": "LSTM", "bilstm": "BiLSTM"},
    default_cell="gru",
    cell_notes={
        "rnn": "Plain RNN: the whole memory is mixed anew with every word, so what was read a few words ago fades fast.",
        "gru": "GRU: two gates, numbers between 0 and 1, decide how much of the old memory stays and how much is new.",
        "lstm": "LSTM: three gates, and a second row of numbers, the cell state, that is kept beside the hidden state.",
        "bilstm": (
            "BiLSTM: a second chain reads from right to left, and a label rests on both. So a label may still change "
            "when a later word arrives, which can never happen with the other three."
        ),
    },
    box=Box("Your sentence", "Type a sentence", 1),
    seed_text="Chirag worked at Microsoft in India",
    examples=EXAMPLES,
    lessons=(
        "**What goes in.** One word, as a row of numbers: what it means (its word vector), how it is spelled, "
        "how it is capitalised.",
        "**What is carried on.** The hidden state: all that the network keeps of the words so far. It starts at zero and is "
        "handed from block to block.",
        "**What comes out.** After each word a label, read off the hidden state alone. So it rests on every word before it "
        "and, unless a second chain reads backwards, on none after it.",
    ),
    meanings={
        "PER": "person",
        "ORG": "organisation",
        "LOC": "place",
        "MISC": "other name (Japanese, World Cup)",
        "O": "not a name",
    },
    colors=LABEL_COLORS,
    reads=beginning(400, 60),
    max_chars=400,
    max_tokens=60,
    chains=chains,
    answers=answers,
    as_json=as_json,
    as_table=as_table,
    closer=closer,
    files=FILES,
    scores_note=(
        "An entity counts if both its ends and its type are right; F1 balances how many were found with how many of the found "
        "are right. Calibration error: how far a stated probability is from how often it holds."
    ),
    score_rows=score_rows,
)
