import numpy as np
import pytest
import torch
from conftest import CELLS, SEED, load

from rnn_demo.cells import CHAINS
from rnn_demo.tasks.tag import TASK
from rnn_demo.text import tokenize
from rnn_demo.trace import Trace, best_labels, joined_labels

SENTENCES = [
    "Yesterday Mr. Suzuki met Amina Diallo at the University of Oslo in New York, didn’t he?",
    "i think taylor swift lives in LONDON 🎸 zzzxq " * 5,
]


@pytest.mark.parametrize("cell", CELLS)
def test_the_seed_sentence(cell):
    assert load("tag", cell).trace(SEED)[0].best == ["B-PER", "O", "O", "B-ORG", "O", "B-LOC"]


@pytest.mark.parametrize("cell", [cell for cell, chain in CHAINS.items() if not chain.both_ways])
@pytest.mark.parametrize("text", SENTENCES)
def test_words_that_follow_never_change_what_a_causal_cell_said(cell, text):
    model = load("tag", cell)
    words = [token.text for token in tokenize(text)]
    whole = model.trace(words)[0]
    for n in range(len(words)):
        part = model.trace(words[:n])[0]
        assert part.best == whole.best[:n]
        np.testing.assert_allclose(part.h, whole.h[:n], atol=1e-5)


@pytest.mark.parametrize("cell", CELLS)
def test_the_trace_says_what_pytorch_computes(cell):
    model = load("tag", cell)
    traces = model.trace(SENTENCES[0])
    words = [token.text for token in tokenize(SENTENCES[0])]
    torch.testing.assert_close(torch.tensor(traces[0].logits), model([words])[0], atol=1e-4, rtol=0)
    assert [trace.name for trace in traces] == ["forward", "backward"][: len(traces)]
    assert all(not array.flags.writeable for trace in traces for array in (trace.h, trace.x, trace.spans))


@pytest.mark.parametrize("cell", CELLS)
def test_a_rating_on_the_way_is_what_pytorch_says_of_a_review_that_stops_there(cell):
    model = load("rate", cell)
    words = [token.text for token in tokenize(SENTENCES[0])]
    trace = model.trace(SENTENCES[0])[0]
    with torch.inference_mode():
        stops = model([words[: t + 1] for t in range(len(words))])
    torch.testing.assert_close(torch.tensor(trace.logits), stops, atol=1e-4, rtol=0)
    assert model.before().sum() == pytest.approx(1) and model.before().shape == (5,)


@pytest.mark.parametrize("task", ["tag", "rate"])
@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("before", ["", "Yesterday Mr.", SENTENCES[0] + " And more.", "Something else", SENTENCES[0]])
def test_going_on_from_an_earlier_text_gives_the_same(task, cell, before):
    model = load(task, cell)
    for ours, fresh in zip(model.resumed(SENTENCES[0], model.trace(before)), model.trace(SENTENCES[0]), strict=True):
        assert ours.tokens == fresh.tokens and ours.spans.tolist() == fresh.spans.tolist()
        for name in ("x", "h", "c", "logits"):
            if getattr(fresh, name) is not None:
                np.testing.assert_allclose(getattr(ours, name), getattr(fresh, name), atol=1e-5)
        for letter, gate in fresh.gates.items():
            np.testing.assert_allclose(ours.gates[letter], gate, atol=1e-5)


def test_given_tokens_are_taken_as_they_are():
    trace = load("tag", "gru").trace(["New York", "is", "big"])[0]
    assert trace.tokens == ("New York", "is", "big")
    assert trace.spans.tolist() == [[0, 8], [9, 11], [12, 15]]
    for wrong in (["a", ""], ["a", 3]):
        with pytest.raises(TypeError, match="not empty"):
            load("tag", "gru").trace(wrong)


@pytest.mark.parametrize("cell", CELLS)
def test_nothing_and_much_can_be_read(cell):
    model = load("tag", cell)
    assert model.trace("")[0].logits.shape == (0, 9)
    assert len(model.trace("Olga sings . " * 100)[0].best) == 300


def test_every_example_is_read_to_its_end():
    for example in TASK.words.examples:
        assert "".join(load("tag", "gru").trace(example.text)[0].tokens) == example.text.replace(" ", "")


@pytest.mark.parametrize(
    ("probs", "labels"),
    [
        ([[0.4, 0.35, 0.25, 0, 0]], ["B-PER"]),  # PER has 0.6, though O is the largest of all
        ([[0.4, 0.25, 0.35, 0, 0]], ["B-PER"]),  # nothing is open yet that an I- could go on with
        ([[0, 0.9, 0.1, 0, 0], [0.1, 0.3, 0.6, 0, 0], [0.1, 0.6, 0.3, 0, 0]], ["B-PER", "I-PER", "B-PER"]),
        ([[0, 0.9, 0.1, 0, 0], [0, 0, 0.1, 0.2, 0.7]], ["B-PER", "B-ORG"]),
        ([[0.9, 0, 0.1, 0, 0], [0.1, 0.1, 0.8, 0, 0]], ["O", "B-PER"]),
    ],
)
def test_labels_go_by_type_and_never_begin_inside(probs, labels):
    logits = np.log(np.array(probs) + 1e-9)
    assert best_labels(logits, ("O", "B-PER", "I-PER", "B-ORG", "I-ORG")) == labels


@pytest.mark.parametrize(
    ("probs", "tags"),
    [
        # "New York Times": the I- of all types together go on, though O is the largest of all at the third
        ([[0.1, 0, 0, 0.9, 0], [0.1, 0, 0.1, 0.1, 0.7], [0.4, 0, 0.35, 0, 0.25]], ["B-ORG", "I-ORG", "I-PER"]),
        ([[0.1, 0, 0, 0.9, 0], [0.1, 0, 0.6, 0.1, 0.2]], ["B-ORG", "I-PER"]),  # it turns with the newest word
        ([[0.1, 0.9, 0, 0, 0], [0.1, 0.5, 0.4, 0, 0]], ["B-PER", "B-PER"]),  # a new one begins
        ([[0.1, 0.9, 0, 0, 0], [0.4, 0.1, 0.3, 0, 0.2], [0.1, 0, 0.9, 0, 0]], ["B-PER", "I-PER", "I-PER"]),
        ([[0.1, 0.9, 0, 0, 0], [0.6, 0, 0.4, 0, 0], [0.1, 0, 0.9, 0, 0]], ["B-PER", "O", "B-PER"]),  # O ends it
        ([[0.45, 0, 0.3, 0, 0.25]], ["O"]),  # nothing is open that could go on
        ([[0.1, 0.9, 0, 0, 0], [0.45, 0.05, 0.3, 0, 0.2]], ["B-PER", "I-PER"]),
        ([], []),
    ],
)
def test_an_entity_goes_on_while_inside_outweighs_whatever_its_type(probs, tags):
    labels = ("O", "B-PER", "I-PER", "B-ORG", "I-ORG")
    logits = np.log(np.array(probs).reshape(-1, 5) + 1e-9)
    assert joined_labels(logits, labels) == tags
    for n in range(len(tags)):  # and no tag rests on a later word
        assert joined_labels(logits[:n], labels) == tags[:n]


def test_a_trace_with_a_wrong_shape_says_which():
    good = {"name": "x", "tokens": ("a", "b"), "spans": np.zeros((2, 2), int), "x": np.zeros((2, 3)), "h": np.zeros((2, 4))}
    Trace(**good)
    with pytest.raises(ValueError, match=r"Trace.c has shape \(1, 4\); 2 tokens need \(2, 4\)"):
        Trace(**good, c=np.zeros((1, 4)))


def test_unknown_names_list_the_known_ones():
    with pytest.raises(ValueError, match="'gpt'; choose one of rnn, gru, lstm, bilstm"):
        load("tag", "gpt")
    with pytest.raises(ValueError, match="'sing'; choose one of tag, rate, name"):
        load("sing", "gru")
