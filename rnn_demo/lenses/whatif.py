"""What if: the same text read by the network with edits in it, beside the reading without them."""

import itertools

import numpy as np

from rnn_demo.lenses import memory_figures as figures
from rnn_demo.lenses.base import Lens, View, plain
from rnn_demo.reading import Reading, was
from rnn_demo.tasks.base import Panel

MET = 0.05  # of the largest difference: below it two memories are said to have met again


def differences(one: Reading, other: Reading) -> np.ndarray:
    """How far the hidden states of two readings lie apart at each step that both have, over all chains in its column: (T,)."""
    found = np.zeros(min(len(one.columns), len(other.columns)))
    for a, b in zip(one.chains, other.chains, strict=True):
        if a.first == b.first:
            steps = min(len(a.time), len(b.time), len(found) - a.first)
            found[a.first : a.first + steps] += ((a.trace.h[:steps] - b.trace.h[:steps]).astype(float) ** 2).sum(-1)
    return np.sqrt(found)


def met_again(difference: np.ndarray) -> int | None:
    """The first step, from 1 on, after the largest difference from which on all lie below MET of it; None where they have not.

    [0, 2, 0.5, 0.05, 0.01] -> 4
    """
    if not difference.any():
        return None
    apart = np.flatnonzero(difference >= MET * difference.max())[-1] + 1
    return int(apart) + 1 if apart < len(difference) else None


def rows(view: View) -> list[dict]:
    """[{"step", "token", "answer", "was"}], for every step of either reading; "was" is None where nothing changed."""
    found = []
    for step, (now, old) in enumerate(itertools.zip_longest(view.reading.columns, view.before.columns), start=1):
        answer, token = (now.shown, now.token.text) if now else ("", "")
        found.append({"step": step, "token": token, "answer": answer, "was": was(now, old)})
    return found


def numbers(view: View) -> dict:
    """{"steps": as rows has them, "difference": [of h, a number a step], "met": the step at which the two have met again or None};
    without edits nothing has changed."""
    before = view.before or view.reading
    apart = differences(view.reading, before)
    return {
        "steps": rows(view._replace(before=before)),
        "difference": [float(f"{value:.6g}") for value in apart],
        "met": met_again(apart),
    }


def panels(view: View) -> list[Panel]:
    """The steps with what changed, and how far the two memories lie apart."""
    if view.before is None or not view.reading.columns:
        return []
    found, apart = rows(view), differences(view.reading, view.before)
    changed = [row for row in found if row["was"] is not None]
    told = f"{len(changed)} of {len(found)} answers changed." if changed else "No answer has changed."
    table = [("step", "word", "answer", "without the change")]
    for row, column in zip(found, [*view.reading.columns, *[None] * len(found)], strict=False):
        if row["answer"] or row["was"]:
            note = f" ({column.note})" if column and column.note else ""
            old = "" if row["was"] is None else f"**was {plain(row['was'])}**" if row["was"] else "**nothing**"
            table.append((str(row["step"]), plain(row["token"]), f"{plain(row['answer'])}{note}" if row["answer"] else "", old))
    steps = Panel(f"**What is answered now.** {told}", table, "")
    words = [column.token.text for column in view.reading.columns][: len(apart)]
    met = met_again(apart)
    if not apart.any():
        end = "The two are the same at every step."
    elif met:
        there = f"step {met}, “{plain(words[met - 1])}”"
        end = f"They have met again at {there}: from there on they stay below the dotted line, 5 % of the most."
    else:
        end = "They have not met again by the end of this text: the last bar still stands above the dotted line, 5 % of the most."
    memories = Panel(
        "**How far the two memories lie apart.** After each word, the distance between the hidden state with the change and "
        f"the one without it. {end}",
        figures.parted(words, apart, MET * apart.max(initial=0)),
        f"Bars for {len(words)} steps. {end}",
    )
    return [memories, steps]


LENS = Lens(
    "whatif",
    "What if",
    "And if the memory were cut here, a word were another, a gate were held open?",
    panels,
    numbers,
    "Change something in the network, here or with the scissors below an arrow: what comes before stays as it was, the rest is "
    "read again, and each answer that changed is marked.",
    tries=True,
)
