"""Rate: a film review becomes a rating, many words to one answer."""

import functools

import numpy as np

from rnn_demo import figures
from rnn_demo.colors import STAR_COLORS
from rnn_demo.shapes import MANY_TO_ONE
from rnn_demo.tasks.base import Box, Example, Panel, Reading, Task, beginning, drawn
from rnn_demo.trace import Trace
from rnn_demo.view import Answers, Chain, bands
from rnn_demo.words import signed

STARS = np.arange(1, 6)
NAMES = tuple(STAR_COLORS)  # "1 ★" to "5 ★"
FULL_TINT = 0.6  # stars by which a word must move the rating for the strongest underline


def expected(probs: np.ndarray) -> np.ndarray:
    """Probabilities (..., 5) of 1 to 5 stars to the expected number of stars, 1..5. [0, 0, 0, 0.5, 0.5] -> 4.5"""
    return probs @ STARS


def changes(reading: Reading) -> np.ndarray:
    """By how many stars each token moved the expected rating, (T,); the first against the prediction from the zero state."""
    return np.diff(expected(reading.traces[0].probs), prepend=expected(reading.model.before()))


def answers(reading: Reading) -> Answers:
    """The answer of the whole review at its last token; at each one before it, what the answer would be if it stopped there."""
    trace = reading.traces[0]
    stars, moved = expected(trace.probs), changes(reading)
    return Answers(
        names=NAMES,
        probs=trace.probs,
        labels=[NAMES[k] for k in trace.probs.argmax(-1)],
        time=list(range(1, len(trace.tokens) + 1)),
        shown=[f"{value:.1f} ★" for value in stars],
        small=[signed(change) for change in moved],
        words=list(trace.tokens),
        marks=[""] * len(trace.tokens),
        tints=[(STAR_COLORS[NAMES[4 * (change > 0)]], float(min(1, abs(change) / FULL_TINT))) for change in moved],
        said=[f"{value:.1f} stars so far, {signed(change)}" for value, change in zip(stars, moved, strict=True)],
        verdict=verdict(trace, stars, moved),
    )


def verdict(trace: Trace, stars: np.ndarray, moved: np.ndarray) -> tuple[str, str]:
    if not len(moved):
        return "", ""
    most = int(np.abs(moved).argmax())
    return f"{stars[-1]:.1f} of 5 stars", f"The word that moved it most: “{trace.tokens[most]}”, {signed(moved[most])}."


def chains(reading: Reading) -> list[Chain]:
    return drawn(reading.traces, _units(reading.model))


@functools.cache
def _units(model) -> list[tuple]:
    """For each chain, how its units are drawn: (H, 5) how much a unit at +1 adds to the score of each number of stars, over what
    it adds to all of them; their order; their groups."""
    weights = model.readout.weight.numpy().T
    says = np.split(weights - weights.mean(-1, keepdims=True), 1 + model.both_ways)
    return [(part, *bands(part, NAMES)) for part in says]


def as_probs(row: np.ndarray) -> dict[str, float]:
    return {str(star): round(float(p), 6) for star, p in zip(STARS, row, strict=True)}


def as_json(reading: Reading) -> dict:
    trace = reading.traces[0]
    columns = zip(trace.tokens, trace.spans.tolist(), trace.probs, changes(reading), strict=True)
    tokens = [
        {
            "text": token,
            "start": start,
            "end": end,
            "stars": round(float(expected(probs)), 4),
            "probs": as_probs(probs),
            "change": round(float(change), 4),
        }
        for token, (start, end), probs, change in columns
    ]
    last = trace.probs[-1] if tokens else reading.model.before()
    whole = {"stars": round(float(expected(last)), 4), "rating": int(STARS[last.argmax()]), "probs": as_probs(last)}
    return {"tokens": tokens, **whole}


def as_table(reading: Reading) -> list[tuple[str, ...]]:
    found = as_json(reading)
    rows = [(token["text"], f"{token['stars']:.2f}", f"{token['change']:+.2f}") for token in found["tokens"]]
    return [("token", "stars so far", "change"), *rows, ("(all)", f"{found['stars']:.2f}", "")]


def closer(reading: Reading) -> list[Panel]:
    trace = reading.traces[0]
    lines = figures.label_lines(trace, NAMES, trace.probs, STAR_COLORS)
    return [
        Panel(
            "**How likely each rating was, word by word.**",
            lines,
            "The probability of each number of stars after each token.",
        )
    ]


EXAMPLES = (
    Example(
        "Praise",
        "A warm and funny film with a wonderful cast. I loved every minute of it.",
        "Each kind word moves it less than the one before: what has been said is in the state already, and is kept to the end.",
    ),
    Example(
        "The same word twice",
        "It is bad. It is not bad.",
        "The first “bad” costs more than a star, the second hardly anything: the state remembers that a “not” came before it.",
    ),
    Example(
        "It turns half way",
        "The first hour is brilliant, sharp and beautifully played, but then the story falls apart and the ending is an insult.",
        "Watch “but”: it says nothing about the film, and yet it takes most of a star. The network has learnt what comes after it.",
    ),
    Example(
        "A long one",
        (
            "I went to see this with my brother, who picks a film by its poster. The first half hour did not help: too many "
            "people, too many names, and a song that would not end. Then the old woman finds the letter, and everything turned "
            "out to be there for a reason. The two sisters are played with so much warmth and wit that I forgot I was watching "
            "actors. Not all of it works. The scene on the boat is too long, and the uncle is a cartoon. But the last ten "
            "minutes are as moving as anything I have seen in years, and I left the cinema happy, with wet eyes. A wonderful "
            "film, and one of the best of the year."
        ),
        "A hundred words and more: what stood at the beginning has passed through the same block again and again.",
    ),
    Example(
        "Irony",
        "Oh great, another two hours of people shouting at each other. Just what I needed.",
        "“great” counts as praise, since the network takes what it reads at face value. Only the shouting makes it doubt.",
    ),
    Example(
        "A mistake",
        "The acting was not bad at all.",
        "It should be praise. The network knows that “not” weakens what follows, but two words of blame rarely make praise in "
        "the reviews that it was trained on.",
    ),
)

FILES = {"sst5": "Treebank, five classes", "sst2": "Treebank, good or bad", "reviews": "24 whole reviews, good or bad"}


def score_rows(header: dict) -> list[tuple[str, ...]]:
    """The held-out scores of a weight file; "" where a number means nothing for a file."""
    rows = [("held-out file", "texts", "right", "calibration error")]
    for name, score in header.get("scores", {}).items():  # none before the first --evaluate
        error = f"{score['ece']:.1%}" if "ece" in score else ""
        rows.append((FILES[name], f"{score['texts']:,}", f"{score['accuracy']:.1%}", error))
    return rows


TASK = Task(
    name="rate",
    title="Rate",
    shape=MANY_TO_ONE,
    question="When does a network make up its mind?",
    story=(
        "Some questions can only be answered at the end. This network reads a whole film review, hands its **hidden state** from "
        "word to word, and gives **one answer after the last**: 1 to 5 stars. Faintly, you see what it would say if the review "
        "stopped there."
    ),
    cells={"rnn": "plain RNN", "gru": "GRU", "lstm": "LSTM", "bilstm": "BiLSTM"},
    default_cell="gru",
    cell_notes={
        "rnn": "Plain RNN: the whole memory is mixed anew with every word, so what a long review began with is hard to keep.",
        "gru": "GRU: two gates, numbers between 0 and 1, decide how much of the old memory stays and how much is new.",
        "lstm": "LSTM: three gates, and a second row of numbers, the cell state, that is kept beside the hidden state.",
        "bilstm": (
            "BiLSTM: a second chain reads from right to left. The answer rests on the last state of both: one at the right end, "
            "one at the left. For the faint answers on the way, the second chain begins anew at every word."
        ),
    },
    box=Box("Your review", "Type or paste a film review", 3),
    seed_text="It could have been a dull film, but the cast is wonderful and I laughed a lot.",
    examples=EXAMPLES,
    lessons=(
        "**What goes in.** One word, as a row of numbers: what it means (its word vector), what this network has learnt about it, "
        "how it is spelled and capitalised.",
        "**What is carried on.** The hidden state. Everything that the answer rests on must pass through it, from the first word "
        "to the last: “not” must be kept until it is known what was not.",
        "**What comes out.** One answer, read off the last state only. The underlines show how far each word moved it: blue "
        "towards five stars, "
        "orange towards one.",
    ),
    meanings={"1 ★": "very bad", "2 ★": "bad", "3 ★": "neither", "4 ★": "good", "5 ★": "very good"},
    colors=STAR_COLORS,
    reads=beginning(2000, 200),
    max_chars=2000,
    max_tokens=200,
    chains=chains,
    answers=answers,
    as_json=as_json,
    as_table=as_table,
    closer=closer,
    files={
        "phrases": "Stanford Sentiment Treebank, phrases",
        "sentences": "Stanford Sentiment Treebank, sentences",
        "uci": "UCI, sentences on films, restaurants and products",
    },
    scores_note=(
        "Five classes: how often the likeliest number of stars is the one that readers chose; two: how often good and bad are "
        "told apart. Calibration error: how far a stated probability is from how often it holds."
    ),
    score_rows=score_rows,
)
