import pytest
import torch

from rnn_demo.networks.feed_forward import FiveWords
from rnn_demo.networks.sizes import weights_feed_forward, weights_recurrent


def test_the_counts_of_the_textbooks():
    assert weights_feed_forward(10_000, 10, 10) == 1_000_000
    assert weights_recurrent(10_000, 10) == 100_100
    linear, rnn = torch.nn.Linear(7 * 4, 3, bias=False), torch.nn.RNN(7, 3, bias=False)
    count = lambda layer: sum(p.numel() for p in layer.parameters())
    assert (weights_feed_forward(7, 4, 3), weights_recurrent(7, 3)) == (count(linear), count(rnn))


def test_five_words_fit_three_need_padding_and_six_are_refused():
    network = FiveWords(("he", "is", "great"))
    assert isinstance(network.layer, torch.nn.Linear)
    assert network.read(["he", "is", "great", "is", "he"]).shape == (10,)
    assert network.padded(["he", "is", "great"]) == ["he", "is", "great", None, None]
    columns = network.layer.weight[:, [0, 4, 8]].sum(1) + network.layer.bias  # of the three ones; padding adds nothing
    torch.testing.assert_close(network.read(network.padded(["he", "is", "great"])), columns.detach())
    for words in (["he"] * 6, ["he"] * 3):
        with pytest.raises(RuntimeError, match="cannot be multiplied"):
            network.read(words)
