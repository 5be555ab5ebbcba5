"""What a network that has learnt a job makes of a row, as a Reading; and the job as a Task, so that every lens can look at it."""

import numpy as np

from rnn_demo.edits import Edit
from rnn_demo.learn import JOBS
from rnn_demo.learn.base import Job
from rnn_demo.reading import Answer, Column, Mark, Reading
from rnn_demo.tasks.base import Cell, CellChoice, Control, Entry, Prints, Scores, Task, Words, drawn, reading_of
from rnn_demo.view.bands import bands
from rnn_demo.words import percent

CELLS = {"rnn": "plain RNN", "gru": "GRU", "lstm": "LSTM"}  # what the kinds of cells.CELLS are called; that table needs torch
NAME = "train"  # of the page, in the address


def read(network, text: str, options: dict, before: Reading | None, edits: tuple[Edit, ...] = ()) -> Reading:
    """What it answers at each step, and what was asked for there."""
    text = network.swapped(text, edits)
    (trace,) = network.resumed(text, None, edits)
    data, job = network.data, JOBS[network.setup.job]
    known, probs, labels = data.targets(trace.tokens), trace.probs, network.labels
    last, colors = len(trace.tokens), data.answers.colors
    only_end = job.shape.answers != tuple(range(4))
    columns = []
    for t, (token, row, place) in enumerate(zip(trace.placed, probs, known, strict=True), start=1):
        best = labels[int(row.argmax())]
        asked = "" if np.isnan(place) else labels[int(np.rint(place))]
        right = asked and best == asked
        told = f", and {asked} is right" if asked and not right else ", which is right" if right else ""
        columns.append(
            Column(
                token=token,
                time=t,
                answer=best,
                shown=best,
                note=percent(row.max()),
                aloud=f"{best}, {percent(row.max())}{told}",
                under=("✓" if right else f"{asked}") if asked and not only_end else "",
                mark=Mark(colors[best], float(row.max()), ""),
                about=network.about(token.text),
            )
        )
    chains = drawn([trace], [(network.says(labels), *_units(network))])
    answers = tuple(Answer(label, label) for label in labels)
    more = {"verdict": _verdict(network, columns, known, probs, only_end) if last else ("", ""), "facts": job.facts(network, text)}
    return reading_of(NAME, network, text, options, chains, columns, answers, probs, edits, **more)


def _verdict(network, columns: list[Column], known: np.ndarray, probs: np.ndarray, only_end: bool) -> tuple[str, str]:
    """What came out in the end, and whether it is right. ("c", "is what it says; a would be right: the row began with a")"""
    labels, data = network.labels, network.data
    asked = [(column.answer, labels[int(np.rint(place))]) for column, place in zip(columns, known, strict=True) if place == place]
    if not asked:
        return "", ""
    if only_end:
        (said, right) = asked[-1]
        why = data.answers.meanings[data.answers.groups[labels.index(right)]]
        judged = ", and it is right" if said == right else f"; {right} would be right"
        return said, f"is what it says{judged}: {why}"
    if not data.signs:  # of numbers it counts how near they come
        there = ~np.isnan(known)
        return percent(max(0.0, data.score(probs[there], known[there]))), JOBS[network.setup.job].measure
    count = sum(said == right for said, right in asked)
    return f"{count} of {len(asked)}", "likeliest answers are right"


def _units(network) -> tuple:
    """The units' order, and their groups, by what the readout makes of them now; they change while it learns."""
    answers = network.data.answers
    names = tuple(dict.fromkeys(answers.groups))
    says = network.says(network.labels)
    by_group = np.stack([says[:, [group == name for group in answers.groups]].mean(-1) for name in names], -1)
    return bands(by_group - by_group.mean(-1, keepdims=True), names)


def as_json(reading: Reading) -> dict:
    """{"tokens": [{"text", "answer", "probs": {label: p}}]}"""
    names = reading.names
    tokens = [
        {
            "text": column.token.text,
            "answer": column.answer,
            "probs": {name: round(float(p), 6) for name, p in zip(names, probs, strict=True)},
        }
        for column, probs in zip(reading.columns, reading.probs, strict=True)
    ]
    return {"tokens": tokens}


def as_table(reading: Reading) -> list[tuple[str, ...]]:
    """A row a step: ("a", "c", "34 %")."""
    rows = [(column.token.text, column.answer, column.note) for column in reading.columns]
    return [("sign", "answer", "probability"), *rows]


def words_of(job: Job, meanings: dict[str, str]) -> Words:
    """The prose that view and lenses ask for."""
    return Words(
        title=job.title,
        question=job.point,
        story="",
        lessons=("", "", ""),
        controls={"text": Control(), "cell": Control(), "memory": Control("", "units that speak for an answer, while it learns")},
        cells={cell: Cell(title, "") for cell, title in CELLS.items()},
        meanings=meanings,
        examples=(),
        panels={},
        scores=Scores(""),
    )


def task_of(network, cells: tuple[str, ...] = ()) -> Task:
    """The job that a network learns, as a task whose cells are its own and those that were trained beside it."""
    job, answers = JOBS[network.setup.job], network.data.answers
    words = words_of(job, answers.meanings)
    kept = {cell: words.cells[cell] for cell in CELLS if cell in (*cells, network.cell)}
    example = network.data.example
    return Task(
        name=NAME,
        shape=job.shape,
        words=Words(**{name: getattr(words, name) for name in Words.__dataclass_fields__} | {"cells": kept}),
        entry=Entry(example, lambda text: (text, ""), 400, 200),
        cell=CellChoice(network.cell),
        colors=answers.colors,
        read=read,
        prints=Prints(as_json, as_table, lambda header: []),
    )
