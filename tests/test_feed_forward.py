import re

import numpy as np
import pytest
import torch

from rnn_demo.app.feed_forward import THREE, slots, two_codes, vector_table
from rnn_demo.networks.feed_forward import FiveWords
from rnn_demo.networks.sizes import wasted, weights_feed_forward, weights_recurrent


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


def test_padding_is_multiplied_like_any_word():
    layer = FiveWords(("he", "is", "great")).layer
    assert wasted(3, 5, 5, 10) == 0 and wasted(3, 5, 0, 10) == layer.weight.numel()
    assert wasted(3, 5, 3, 10) == layer.weight[:, 9:].numel()  # the columns of the last two places
    assert wasted(10_000, 10, 3, 10) == 700_000


def test_every_word_is_a_single_one_and_padding_has_none():
    ones = slots("He is great").count("background:currentColor")
    assert ones == 3 and slots("He is great").count("background:transparent") == 5 * 8 - ones
    assert "160 of 400 multiplications" in slots("He is great")


def test_words_of_like_meaning_have_like_vectors():
    table = vector_table()
    cosines = [float(re.search(r"\(cosine\): (-?\d.\d+)", two_codes(table, word, THREE[0]))[1]) for word in THREE[1:]]
    coffee, tea = table.vectors([table.row("coffee"), table.row("tea")])
    assert cosines[0] == pytest.approx(coffee @ tea / np.sqrt(coffee @ coffee * (tea @ tea)), abs=0.006)
    assert cosines[0] > 0.7 > 0.3 > cosines[1]
    assert f"cell {table.row('tea') + 1:,} of 10,000" in two_codes(table, "tea", "coffee")
    assert all(table.row(word) < 10_000 for word in THREE)
