import itertools

import numpy as np
import pytest

from rnn_demo.search import Branch, beam, joined, leaves

LABELS = ("a", "b", "end")


def next_logprobs(prefixes):
    """A small model made by hand: what comes next rests on the last output and on how many there were."""
    after = {"": [0.6, 0.3, 0.1], "a": [0.1, 0.5, 0.4], "b": [0.45, 0.15, 0.4]}
    rows = np.array([after[prefix[-1] if prefix else ""] for prefix in prefixes])
    rows[:, 2] *= 1 + len(prefixes[0]) / 3  # ends come sooner later on
    return np.log(rows / rows.sum(-1, keepdims=True))


def every_sequence(longest, start=()):
    """All complete sequences that go on from `start`, with their log-probabilities, the likeliest first."""
    found = {}
    for n in range(len(start), longest + 1):
        for body in itertools.product("ab", repeat=n - len(start)):
            whole = (*start, *body, "end")
            rows = [next_logprobs([whole[:i]])[0, LABELS.index(whole[i])] for i in range(len(start), len(whole))]
            found[whole] = sum(rows)
    return sorted(found.items(), key=lambda pair: -pair[1])


@pytest.mark.parametrize("start", [(), ("b",), ("a", "a")])
@pytest.mark.parametrize("width", [1, 3, 8])
def test_a_wide_beam_finds_what_trying_everything_finds(start, width):
    root = beam(next_logprobs, LABELS, "end", 64, 6, start)
    best = sorted(leaves(root, logprob=0.0), key=lambda pair: -pair[1])[:width]
    truth = every_sequence(6, start)[:width]
    assert [text for text, _ in best] == [text for text, _ in truth]
    np.testing.assert_allclose([p for _, p in best], [p for _, p in truth])


def test_the_tree_shares_beginnings_and_its_edges_multiply_to_the_whole():
    root = beam(next_logprobs, LABELS, "end", 8, 6, ("a",))
    assert root.text == ("a",) and root.logprob == 0
    truth = dict(every_sequence(6, ("a",)))
    found = dict(leaves(root))
    assert len(found) == 8
    for text, logprob in found.items():
        assert logprob == pytest.approx(truth[text])

    def check(branch, place):
        texts = [child.text for child in branch.children]
        assert len(set(texts)) == len(texts)  # no beginning stands there twice
        assert sum(np.exp(child.logprob) for child in branch.children) <= 1 + 1e-9
        assert [c.logprob for c in branch.children] == sorted((c.logprob for c in branch.children), reverse=True)
        for child in branch.children:
            assert len(child.text) == 1
            assert child.logprob == pytest.approx(next_logprobs([place])[0, LABELS.index(child.text[0])])
            check(child, place + child.text)

    check(root, ("a",))


def test_what_is_too_long_is_left_out():
    assert {len(text) for text, _ in leaves(beam(next_logprobs, LABELS, "end", 50, 2))} == {1, 2, 3}
    never = lambda prefixes: np.log(np.array([[0.5, 0.5, 1e-300]] * len(prefixes)))
    assert max(len(text) for text, _ in leaves(beam(never, LABELS, "end", 2, 4))) <= 5


def test_a_network_is_asked_for_beginnings_of_one_length_at_a_time():
    asked = []

    def spy(prefixes):
        asked.append({len(prefix) for prefix in prefixes})
        assert len(prefixes) <= 3
        return next_logprobs(prefixes)

    beam(spy, LABELS, "end", 3, 9)
    assert asked == [{n} for n in range(len(asked))]


def test_ways_without_a_choice_are_joined():
    end = lambda p: Branch(("end",), p, ())
    tree = Branch((), 0.0, (Branch(("m",), -1.0, (Branch(("a",), -2.0, (Branch(("x",), -1.0, (end(-0.5),)), end(-0.2))),)),))
    short = joined(tree)
    assert short == Branch((), 0.0, (Branch(("m", "a"), -3.0, (Branch(("x", "end"), -1.5, ()), end(-0.2))),))
    assert dict(leaves(short)) == dict(leaves(tree))
