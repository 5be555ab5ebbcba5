"""The language model against torch's own layer and readout."""

import numpy as np
import pytest
import torch

from rnn_demo.networks.checkpoints import load, load_vectors
from rnn_demo.networks.next_word import NextWord
from rnn_demo.text import END, START, UNKNOWN

LABELS = [END, "the", "to", UNKNOWN, "gym", "go", "0000", "i"]
TEXT = "I go to the Gym quickly"


@pytest.fixture(params=NextWord.CELLS)
def model(request):
    torch.manual_seed(3)
    config = {"char_size": 4, "n_filters": 5, "capitals": False, "hidden_size": 6}
    header = {"cell": request.param, "config": config, "labels": LABELS, "extra_words": ["i"], "moved_words": ["gym"]}
    network = NextWord.from_header(header, load_vectors).eval().requires_grad_(False)
    torch.nn.init.normal_(network.start)
    return network


def test_a_trace_is_what_torchs_layer_and_readout_give(model):
    (trace,) = model.trace(TEXT)
    x = torch.cat([model.start[None], model.reader(["i", "go", "to", "the", "gym", "quickly"])])
    states, _ = model.layer(x[None])
    np.testing.assert_allclose(trace.x, x.numpy(), atol=1e-6)
    np.testing.assert_allclose(trace.h, states[0].numpy(), atol=1e-5)
    np.testing.assert_allclose(trace.logits, model.readout.log_prob(states[0]).numpy(), atol=1e-5)
    np.testing.assert_allclose(np.exp(trace.logits).sum(-1), 1, atol=1e-5)  # of all words, frequent and rare
    assert trace.tokens == (START, "I", "go", "to", "the", "Gym", "quickly") and trace.spans[5].tolist() == [12, 15]


def test_going_on_is_the_same_as_reading_anew(model):
    before = model.trace("I go to bed")
    fresh, after = model.trace(TEXT)[0], model.resumed(TEXT, before)[0]
    for name in ("x", "h", "logits"):
        np.testing.assert_allclose(getattr(after, name), getattr(fresh, name), atol=1e-6)


def test_capitals_are_not_seen(model):
    np.testing.assert_array_equal(model.trace("I GO TO")[0].h, model.trace("i go to")[0].h)
    assert model.targets(["The", "GYM", "2024", "xylophone"]) == [1, 4, 6, 3, 0]


def test_nothing_read_still_says_how_sentences_begin(model):
    (trace,) = model.trace("")
    assert trace.tokens == (START,) and trace.probs.shape == (1, len(LABELS))


def test_what_sentences_cost_is_what_the_trace_says(model):
    sentences = [["I", "go"], [], ["go", "to", "the", "gym"], ["The", "zzz"]]
    for words, nats in zip(sentences, model.word_logprobs(sentences), strict=True):
        logits = model.trace(words)[0].logits
        np.testing.assert_allclose(nats, logits[range(len(words) + 1), model.targets(words)], atol=1e-5)


def test_what_comes_next_is_what_the_trace_says(model):
    prefixes, labels = [("i", "go"), ("gym", "to")], ("the", "gym", "zzz", END)
    found = model.next_nats(prefixes, labels)
    for prefix, row in zip(prefixes, found, strict=True):
        last = model.trace(list(prefix))[0].logits[-1]
        np.testing.assert_allclose(row, last[[1, 4, 3, 0]], atol=1e-5)


def test_a_bag_of_words_does_not_know_the_order(model):
    model.unigram.copy_(torch.arange(len(LABELS)) / -10)
    one, other = model.bag_nats(["i", "go", "to"]), model.bag_nats(["to", "i", "go"])
    assert one.sum() == pytest.approx(other.sum()) == pytest.approx(-0.7 - 0.5 - 0.2)


def test_a_cell_that_is_none_is_named():
    with pytest.raises(ValueError, match="'bilstm'; choose one of rnn, gru, lstm"):
        load("order", "bilstm")
