"""Unrolled: watch a recurrent neural network read, one token at a time.

    import rnn_demo
    model = rnn_demo.load("tag", "gru")
    trace = model.trace("Chirag worked at Microsoft in India")[0]
    trace.best    # ["B-PER", "O", "O", "B-ORG", "O", "B-LOC"]
    trace.h       # (6, H) hidden states
"""


def load(task: str, cell: str):
    """The pretrained model of a task with a cell, e.g. load("tag", "gru"). See checkpoints.load."""
    from rnn_demo.networks.checkpoints import load  # not at the top: the figures and the view do without torch

    return load(task, cell)
