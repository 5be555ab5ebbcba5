"""Unrolled: watch a recurrent neural network read, one token at a time.

    import rnn_demo
    from rnn_demo.edits import Cut

    model = rnn_demo.load("tag", "gru")
    traces = model.trace("Chirag worked at Microsoft in India")
    traces[0].best    # ["B-PER", "O", "O", "B-ORG", "O", "B-LOC"]
    traces[0].h       # (6, H) hidden states
    model.trace("Mr. Lagos flew to Lagos", edits=[Cut(2)])          # the same, where the state before step 2 is zero
    rnn_demo.influence(model, traces, 4, ("B-ORG", "I-ORG"))       # what the answer at step 4 rests on
"""


def load(task: str, cell: str):
    """The pretrained model of a task with a cell, e.g. load("tag", "gru"). See checkpoints.load."""
    from rnn_demo.networks.checkpoints import load  # not at the top: the figures and the view do without torch

    return load(task, cell)


def learnt(path):
    """The network of a file from the Train page or of `python -m rnn_demo learn --out`. See learn.files.opened."""
    from pathlib import Path

    from rnn_demo.learn.files import opened

    return opened(Path(path))


def influence(model, trace, step: int, answer=None, edits=()):
    """How much each word matters to an answer. See networks.influence.influence."""
    from rnn_demo.networks.influence import influence  # not at the top, likewise

    return influence(model, trace, step, answer, edits)
