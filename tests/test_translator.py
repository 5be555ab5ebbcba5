"""The translator, on a network with random weights of its own (so nothing here depends on what was learnt), and as shipped."""

import itertools

import numpy as np
import pytest
import torch
from conftest import load

from rnn_demo.networks import translator
from rnn_demo.networks.subwords import cut, english, load_subwords, unread, word_attention, words
from rnn_demo.networks.translator import Hypothesis, Translator
from rnn_demo.text import END, START

CELLS = Translator.CELLS
SENTENCE = "Chirag’s friend doesn't read the old book."
ODD = ["naïve 🎸 चिराग", "  a\tb\n\nc ", "\ud800 lone", "▁", "\u200d", "<s> </s> <unk>", "Ελλάδα, 日本!", "x" * 40]


@pytest.fixture(scope="module")
def subwords():
    return load_subwords(translator.SUBWORDS)


@pytest.fixture(scope="module", params=CELLS)
def untrained(request, subwords):
    torch.manual_seed(1)
    model = Translator(request.param, subwords, embedding_size=16, hidden_size=24, length_power=1.0).eval().requires_grad_(False)
    model.embedding.weight.mul_(3)  # so that what it writes depends on what it reads
    return model


def test_a_trace_says_what_pytorch_computes(untrained):
    *encoders, decoder = untrained.trace(SENTENCE)
    source = torch.tensor([untrained.ids(list(encoders[0].tokens))])
    states, context = untrained.encode(source)
    torch.testing.assert_close(torch.cat([torch.tensor(trace.h) for trace in encoders], dim=-1), states[0], atol=1e-5, rtol=0)
    written = torch.tensor([untrained.ids(list(decoder.tokens))])
    h, _ = untrained.decoder(untrained.embedding(written), context[None])
    torch.testing.assert_close(torch.tensor(decoder.h), h[0], atol=1e-5, rtol=0)
    logits = untrained.logits(untrained(source, written))
    torch.testing.assert_close(torch.tensor(decoder.logits), logits[0], atol=1e-4, rtol=0)
    assert all(set(trace.gates) == {"r", "z", "n"} for trace in (*encoders, decoder))


def test_the_chains_and_what_goes_into_them(untrained):
    traces = untrained.trace(SENTENCE)
    attends = untrained.cell == "attention"
    assert [trace.name for trace in traces] == ["encoder", "backward encoder", "decoder"] if attends else ["encoder", "decoder"]
    assert all(trace.logits is None and trace.attention is None for trace in traces[:-1])
    assert traces[0].tokens == tuple(token.text for token in cut(untrained.subwords, SENTENCE))
    decoder = traces[-1]
    assert decoder.tokens[0] == START and END not in decoder.tokens and decoder.labels == untrained.labels
    # Greedy: what goes in at a step is what was likeliest after the step before, marks that are never written aside.
    logits = decoder.logits.copy()
    logits[:, untrained.ids(["<unk>", START])] = -np.inf
    assert decoder.tokens[1:] == tuple(untrained.labels[i] for i in logits.argmax(-1))[: len(decoder.tokens) - 1]


def test_attention_is_shared_out_among_the_words_read(untrained):
    *encoders, decoder = untrained.trace(SENTENCE)
    if untrained.cell == "plain":
        assert decoder.attention is None
        return
    assert decoder.attention.shape == (len(decoder.tokens), len(encoders[0].tokens))
    np.testing.assert_allclose(decoder.attention.sum(1), 1, atol=1e-5)
    written, read, weights = word_attention(untrained.subwords, encoders[0], decoder)
    assert [word.text for word in read] == ["Chirag's", "friend", "doesn't", "read", "the", "old", "book", "."]
    assert written[-1].text == END and weights.shape == (len(written), len(read))
    np.testing.assert_allclose(weights.sum(1), 1, atol=1e-5)
    last = read[0].last  # the first word's weight is the sum over its subwords
    np.testing.assert_allclose(weights[-1, 0], decoder.attention[-1, :last].sum(), atol=1e-6)


def test_a_beam_of_one_is_greedy_and_a_wider_one_finds_no_worse(untrained):
    greedy = untrained.search(SENTENCE, 1)
    assert len(greedy.finished) == 1 and all(len(step) == 1 for step in greedy.kept)
    written = tuple(untrained.labels[i] for i in greedy.finished[0].ids)
    assert untrained.trace(SENTENCE)[-1].tokens[1:] == tuple(piece for piece in written if piece != END)
    for width in (2, 3, 4, 5):
        beam = untrained.search(SENTENCE, width)
        assert len(beam.finished) == width and all(len(step) <= width for step in beam.kept)
        ranks = [untrained.rank(hypothesis) for hypothesis in beam.finished]
        assert ranks == sorted(ranks, reverse=True)
        for before, after in itertools.pairwise(beam.kept):  # a tree: everything that was kept grew out of something kept
            assert {hypothesis.ids[:-1] for hypothesis in after} <= {hypothesis.ids for hypothesis in before}


def test_log_probabilities_are_those_of_the_network(untrained):
    hypothesis = untrained.search("Go.", 3).finished[0]
    fed = torch.tensor([[untrained.subwords.bos_id(), *hypothesis.ids[:-1]]])
    source = torch.tensor([untrained.ids([token.text for token in cut(untrained.subwords, "Go.")])])
    logp = untrained.logits(untrained(source, fed))[0].log_softmax(-1)
    expected = logp[range(len(hypothesis.ids)), list(hypothesis.ids)]
    np.testing.assert_allclose(hypothesis.logps, expected.numpy(), atol=1e-4)
    assert untrained.rank(hypothesis) == pytest.approx(expected.sum().item() / len(hypothesis.ids), abs=1e-4)


@pytest.mark.parametrize("width", [1, 4])
def test_a_beginning_is_kept_and_gone_on_from(untrained, width):
    beginning = ("▁La", "▁Terre", "<0xC3>")
    decoder = untrained.trace(SENTENCE, width, beginning)[-1]
    assert decoder.tokens[: len(beginning) + 1] == (START, *beginning) and len(decoder.tokens) > len(beginning) + 1
    free = untrained.trace(SENTENCE)[-1].tokens
    assert untrained.trace(SENTENCE, 1, free[1:4])[-1].tokens == free  # what it would have written anyway changes nothing
    assert untrained.trace(SENTENCE, 1, ("▁La", END))[-1].tokens == (START, "▁La")
    with pytest.raises(ValueError, match="'▁qzx' is not one of the"):
        untrained.trace(SENTENCE, 1, ("▁qzx",))


@pytest.mark.parametrize("text", ["", "  \n"])
def test_nothing_to_read_is_nothing_to_write(untrained, text):
    traces = untrained.trace(text, 4)
    assert all(trace.tokens == () and trace.h.shape[0] == 0 for trace in traces)
    assert traces[-1].logits.shape == (0, len(untrained.labels))
    assert untrained.text(untrained.search(text).finished[0].ids) == ""
    if untrained.cell == "attention":
        assert word_attention(untrained.subwords, traces[0], traces[-1])[:2] == ([], [])


@pytest.mark.parametrize("text", ODD)
def test_any_text_can_be_read(untrained, text):
    traces = untrained.trace(text)
    assert "<unk>" not in traces[0].tokens
    assert all(0 <= start <= end <= len(text) for start, end in traces[0].spans)
    written = untrained.text(untrained.search(text).finished[0].ids)
    assert traces[-1].spans.max(initial=0) <= len(written)


@pytest.mark.parametrize(
    ("text", "read", "left"),
    [
        ("It is cold—very cold.", "It is cold, very cold.", []),
        ("It is cold – very cold -- very.", "It is cold, very cold, very.", []),
        ("the Paris–Rome train, 3–4 hours…", "the Paris-Rome train, 3-4 hours...", []),
        ("I LOVE THE RED CAR.", "i love the red car.", []),
        ("STOP!", "stop!", []),
        ("I see. I AM LATE! NASA. Tom is OK.", "I see. i am late! NASA. Tom is OK.", []),
        ("İZMİR IS BIG", "izmir is big", []),
        ("I.", "I.", []),
        ("Well done 👍🏽!", "Well done  !", ["👍🏽"]),
        ("日本語です。", " ", ["日本語です。"]),
        ("I love 日本 and Ελλάδα ½ £5", "I love   and     £5", ["日本", "Ελλάδα", "½"]),
    ],
)
def test_what_is_read_as_english(subwords, text, read, left):
    assert english(subwords, text).text == read and unread(subwords, text) == left


@pytest.mark.parametrize("text", ["Chirag’s gym isn't naïve!", "C'est vrai : 2024 ?", "Ayşe went to İzmir.", '"Oui", dit-il.'])
def test_subwords_join_to_the_text(subwords, text):
    pieces = cut(subwords, text)
    plain = text.replace("’", "'")
    assert subwords.decode([piece.text for piece in pieces]) == plain
    assert "".join(plain[piece.start : piece.end] for piece in pieces) == plain.replace(" ", "")
    joined = words(subwords, tuple(piece.text for piece in pieces))
    assert "".join(word.text for word in joined) == plain.replace(" ", "")
    assert all(word.text for word in joined)


def test_a_name_in_pieces_is_one_word(subwords):
    assert [word.text for word in words(subwords, ("▁C", "hi", "ra", "g", "▁run", "."))] == ["Chirag", "run", "."]
    assert words(subwords, ("▁C", "hi", "▁", "g", "y", "m", END)) == [("Chi", 0, 2), ("gym", 2, 6), (END, 6, 7)]
    assert words(subwords, ()) == []


def test_unknown_variants_list_the_known_ones(subwords):
    with pytest.raises(ValueError, match="'gru'; choose one of attention, plain"):
        Translator("gru", subwords, 4, 4, 1.0)


def test_shown_is_what_was_found(untrained):
    beam = untrained.search("Go.", 3)
    for hypothesis in beam.finished:
        assert isinstance(hypothesis, Hypothesis)
        tokens = untrained.show("Go.", hypothesis)[-1].tokens
        assert tokens[1:] == tuple(untrained.labels[i] for i in hypothesis.ids if untrained.labels[i] != END)


@pytest.mark.parametrize("cell", CELLS)
def test_the_shipped_weights_translate(cell):
    model = load("translate", cell)
    assert model.title == "GRU" and model.step_weights == sum(p.numel() for p in model.parameters())
    assert model.text(model.search("I am happy.").finished[0].ids) in ("Je suis heureux.", "Je suis heureuse.", "Je suis content.")
    assert all(parameter.dtype == torch.float32 for parameter in model.parameters())
