"""Your own labels: up to 300 lines of a visitor's own, each a label, a tab and a sentence; the label is asked for at the end."""

import numpy as np

from rnn_demo.learn.base import HELD_OUT, Answers, Batch, Data, InputError, Job, Rival, Setup, fifth, right, whole_lines
from rnn_demo.shapes import MANY_TO_ONE
from rnn_demo.text import tokenize

MOST, FEWEST, KINDS, LONGEST = 300, 10, 8, 40  # lines, at most and at least; labels; words of a line
UNKNOWN = "?"  # a word that was never learnt
ONE = "a label, a tab or a colon, and a sentence"
BOX = f"lines of {ONE}"
THINGS = ("door", "window", "shop", "gate", "kitchen", "bridge", "bank", "garden", "library", "road")
FORMS = {  # the same words in another order
    "question": ("is the {} open", "will the {} open", "can we open the {}"),
    "statement": ("the {} is open", "the {} will open", "we can open the {}"),
    "request": ("open the {} please", "please open the {}", "please let the {} be open"),
}
USUAL = "\n".join(f"{label}\t{form.format(thing)}" for thing in THINGS for label, forms in FORMS.items() for form in forms)


def words_of(sentence: str, most: int = LONGEST) -> list[str]:
    """Its words as they are looked up, so many at most. "Don't go" -> ["do", "n't", "go"]"""
    return [token.text.lower() for token in tokenize(sentence)][: min(most, LONGEST)]


def pairs_of(text: str) -> tuple[list[tuple[str, str]], str]:
    """(label, sentence) of each line, and a remark. "warm\\tso mild a day" -> ("warm", "so mild a day")"""
    lines, note = whole_lines(text, MOST, BOX)
    pairs = []
    for n, line in enumerate(lines, start=1):
        label, between, sentence = line.partition("\t" if "\t" in line else ":")  # in a box of a page a tab cannot be typed
        if not between or not label.strip() or not words_of(sentence):
            raise InputError(f"Line {n}, “{line[:30]}”, is not {ONE}. Mend it, or leave it out.")
        pairs.append((label.strip()[:20].strip(), sentence.strip()))
    labels = {label for label, _ in pairs}
    if len(labels) < 2:
        raise InputError(
            f"All lines have the label “{pairs[0][0]}”, so there is nothing to tell apart. Add lines with another one."
        )
    if len(labels) > KINDS:
        raise InputError(f"There are {len(labels)} labels, and {KINDS} at most can be learnt here. Join some of them.")
    if len(pairs) < FEWEST:
        raise InputError(f"{len(pairs)} lines are too few to learn from and to keep some back. Paste at least {FEWEST}.")
    return pairs, note


def reads(text: str) -> tuple[str, str]:
    """What is learnt from, a label, a tab and a sentence a line, and a remark."""
    pairs, note = pairs_of(text)
    return "\n".join(f"{label}\t{sentence}" for label, sentence in pairs), note


def data(setup: Setup) -> Data:
    """Words of sentences: the label is asked for after the last one."""
    pairs, _ = pairs_of(setup.text)
    order = np.random.default_rng(HELD_BACK).permutation(len(pairs))  # the lines may be in order of their labels
    learnt, asked = fifth([pairs[i] for i in order])
    labels = tuple(sorted({label for label, _ in pairs}))
    signs = (UNKNOWN, *sorted({word for _, sentence in learnt for word in words_of(sentence)} - {UNKNOWN}))
    places = {sign: i for i, sign in enumerate(signs)}
    numbers = lambda words: np.array([places.get(word.lower(), 0) for word in words], dtype=np.int64)
    known = {tuple(words_of(sentence, setup.length)): label for label, sentence in pairs}

    def rows(pairs: list[tuple[str, str]], longest: int) -> Batch:
        pairs = [(label, words_of(sentence, longest)) for label, sentence in pairs]
        steps = max(len(words) for _, words in pairs)
        x, y = np.zeros((len(pairs), steps), dtype=np.int64), np.full((len(pairs), steps), np.nan, dtype=np.float32)
        for i, (label, words) in enumerate(pairs):
            x[i, : len(words)] = numbers(words)
            y[i, len(words) - 1] = labels.index(label)
        return Batch(x, y)

    def batch(rng: np.random.Generator, count: int, longest: int) -> Batch:
        found = rows([learnt[i] for i in rng.integers(0, len(learnt), count)], longest)
        found.x[rng.random(found.x.shape) < HIDDEN] = (
            0  # now and then a word is hidden, so that one that it never saw is no surprise
        )
        return found

    def targets(words) -> np.ndarray:
        y = np.full(len(words), np.nan, dtype=np.float32)
        if (label := known.get(tuple(word.lower() for word in words))) is not None:
            y[-1:] = labels.index(label)
        return y

    share = np.array([sum(label == one for one, _ in learnt) + 0.1 for label in labels])
    share /= share.sum()
    truth = [labels.index(label) for label, _ in asked]
    shown = asked[0][1]
    majority = Rival("the commonest label", float(-np.log(share[truth]).mean()), float(np.mean(np.array(truth) == share.argmax())))
    return Data(
        signs=signs,
        answers=Answers(labels, labels, {label: f"its line has the label {label}" for label in labels}),
        batch=batch,
        held_out=rows(asked[:HELD_OUT], setup.length),
        rival=majority,
        example=shown[: tokenize(shown)[: min(setup.length, LONGEST)][-1].end],
        pieces=tokenize,
        numbers=numbers,
        targets=targets,
        score=right,
    )


HELD_BACK, HIDDEN = 1_000_006, 0.05

JOB = Job(
    name="labels",
    title="Your own labels",
    point="One label a line, asked for at the end. Here the same words in another order mean something else.",
    shape=MANY_TO_ONE,
    data=data,
    usual=Setup("labels", "gru", 32, 1, 20, 16, 0.01, True, 1, USUAL),
    reads=reads,
    box=("Learn from these", BOX),
)
