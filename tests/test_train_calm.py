"""The price on restless hidden states, by hand."""

import numpy as np
import pytest
import torch

from rnn_demo.train.calm import calm, loud_share, memory


def test_the_price_of_size_and_of_change():
    h = torch.tensor([[[0.0, -0.2], [0.5, -0.2]]])
    assert calm(h, 1.0, 0.0).item() == pytest.approx(0.9 / 4)
    assert calm(h, 0.0, 1.0).item() == pytest.approx(0.25 / 2)
    assert calm(torch.tensor([[[0.0], [0.5]]])).item() == pytest.approx(0.04)


def test_what_fills_up_a_shorter_text_costs_nothing():
    h = torch.tensor([[[0.1], [0.3], [9.0]], [[0.2], [0.2], [0.2]]])
    read = torch.tensor([[True, True, False], [True, True, True]])
    assert calm(h, 1.0, 0.0, read).item() == pytest.approx(1.0 / 5)
    assert calm(h, 0.0, 1.0, read).item() == pytest.approx(0.04 / 3)


def test_a_text_of_one_token_has_no_step():
    assert calm(torch.full((2, 1, 3), 0.5), 1.0, 1.0).item() == pytest.approx(0.5)


def test_a_still_memory_is_free_and_a_smaller_one_is_cheaper():
    h = torch.randn(2, 5, 4).tanh()
    assert calm(torch.zeros(2, 5, 4)).item() == 0
    assert calm(h / 2) < calm(h)


def test_the_share_of_loud_units():
    assert loud_share(torch.tensor([0.0, 0.6, -0.7, 0.2])) == 0.5


def test_the_memory_of_two_texts():
    found = memory([np.array([[0.6, 0.0], [0.2, 0.0]], dtype=np.float32), np.array([[-0.6, 0.01]], dtype=np.float32)])
    assert found == {"loud": pytest.approx(1 / 3), "mean": pytest.approx(1.41 / 6), "dead": 1, "units": 2}
