"""Unrolled: watch a recurrent neural network read, one token at a time.

    import rnn_demo
    from rnn_demo.edits import Cut

    model = rnn_demo.load("tag", "gru")
    traces = model.trace("Chirag worked at Microsoft in India")
    traces[0].best    # ["B-PER", "O", "O", "B-ORG", "O", "B-LOC"]
    traces[0].h       # (6, H) hidden states
    model.trace("Mr. Lagos flew to Lagos", edits=[Cut(2)])          # the same, where the state before step 2 is zero
    rnn_demo.influence(model, traces, 4, ("B-ORG", "I-ORG"))       # what the answer at step 4 rests on

    rnn_demo.read("tag", "Olga sings in Rome")                     # in a notebook: the network, to play with
    rnn_demo.trace_layer(torch.nn.GRU(3, 4), torch.randn(5, 3))    # the same of a layer of your own
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


def read(task: str, text: str, cell: str = "", **options):
    """What a task's network makes of a text: a page.Shown, which a notebook shows as the live view. An option that is not given is
    the usual one: read("name", "Ma", sex="male").reading.verdict"""
    from rnn_demo.page import shown
    from rnn_demo.tasks import TASKS

    if task not in TASKS:
        raise ValueError(f"Unknown task {task!r}; choose one of {', '.join(TASKS)}")
    record = TASKS[task]
    usual = {option.name: option.default for option in record.options}
    if unknown := options.keys() - usual.keys():
        raise ValueError(f"Unknown option {', '.join(sorted(unknown))}; {task} has {', '.join(usual) or 'none'}")
    return shown(record, record.read(load(task, cell or record.cell.default), text, usual | options, None))


def trace_layer(layer, x, tokens=()):
    """What a one-layer nn.RNN, nn.GRU or nn.LSTM of your own does at every step: a page.Shown, whose `traces` have all gates, one
    for each direction. x as the layer takes it, one text; `tokens` are words for its steps. See networks.layers.trace_layer."""
    from rnn_demo.networks import layers
    from rnn_demo.page import shown_layer

    kind = layers.layer_kind(layer)
    weights = sum(weight.numel() for weight in layer.parameters())
    return shown_layer(layers.trace_layer(layer, x, tokens), "Bi" * layer.bidirectional + kind.upper(), weights)
