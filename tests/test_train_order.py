"""The language models' data, scores and training, on a few lines of data."""

import gzip
import math
import random

import numpy as np
import pytest
import torch

from rnn_demo.networks import checkpoints
from rnn_demo.text import END, UNKNOWN
from rnn_demo.train import order as trainer
from rnn_demo.train import order_scores

LINES = {
    "tatoeba_en": ["I go to bed.", "I go home.", "We go to bed now.", "She likes the gym."],
    "dialogue_en": ["Book a table.", "Book the gym for 7 people."],
    "web_news_en": ["The gym is closed today, they said."],
}


@pytest.fixture
def data(tmp_path, monkeypatch):
    for part, lines in LINES.items():
        for kind in ("train", "dev", "test"):
            with gzip.open(tmp_path / f"lm_{part}_{kind}.txt.gz", "wt", encoding="utf-8") as file:
                file.write("\n".join(lines) + "\n")
    with gzip.open(tmp_path / "grammar_blimp_pairs.tsv.gz", "wt", encoding="utf-8") as file:
        file.write("syntax_semantics\tp\tt\tI go to bed.\tBed go to I.\nmorphology\tp\tt\tZyx go home.\tZyx go zyx.\n")
    for name, value in {"STEPS": 3, "EPOCHS": dict.fromkeys(("rnn", "gru", "lstm"), 2)}.items():
        monkeypatch.setattr(trainer, name, value)
    monkeypatch.setattr(trainer, "HIDDEN", dict.fromkeys(("rnn", "gru", "lstm"), 8))
    return tmp_path


def test_the_vocabulary_is_what_was_seen_twice_most_frequent_first(data):
    sentences = trainer.read_sentences(data, "tatoeba_en", "train")
    counts = trainer.vocabulary(sentences)
    assert counts == {END: 4, ".": 4, "go": 3, "i": 2, "to": 2, "bed": 2, UNKNOWN: 7} and list(counts.values())[0] == 7
    assert torch.exp(trainer.frequencies(counts)).sum().item() == pytest.approx(1)
    assert sum(counts.values()) == sum(len(words) + 1 for words in sentences)


def test_every_sentence_comes_once_and_some_without_their_stop(data):
    sentences = [[*"abc", "."], ["a", "?"], [*"abcdefgh", "."], ["."], ["a"]] * 40
    groups = list(trainer.batches(sentences, random.Random(0)))
    assert all(len({len(words) for words in group}) == 1 for group in groups)
    drawn = [words for group in groups for words in group]
    assert len(drawn) == len(sentences)
    without = sum(words == [*"abc"] for words in drawn)
    assert without + sum(words == [*"abc", "."] for words in drawn) == 40 and 0 < without < 40
    assert all(words for words in drawn)  # a sentence that is nothing but a stop keeps it


def test_perplexity_is_the_number_of_equally_likely_words():
    assert order_scores.perplexity([np.log([0.5]), np.log([0.25, 0.125])]) == pytest.approx(4)


def test_ties_are_wrong_and_fields_are_told_apart(data):
    pairs = order_scores.read_pairs(data)
    assert [pair.field for pair in pairs] == ["syntax/semantics", "morphology"]
    found = order_scores.grammar(lambda sentences: [np.array([-2.0 if "Bed" in words else -1.0]) for words in sentences], pairs)
    assert found == {"all": 0.5, "morphology": 0.0, "syntax/semantics": 1.0}
    assert order_scores.unknown_share(pairs, ["i", "go", "to", "bed", ".", "home"]) == 0.5


def test_the_n_gram_model_gives_probabilities_and_knows_what_followed(data):
    sentences = trainer.read_sentences(data, "tatoeba_en", "train")
    labels = list(trainer.vocabulary(sentences))
    gram = order_scores.Ngrams(labels, sentences)
    nats = gram.next_nats([("i", "go"), ("zzz",)], tuple(labels))
    np.testing.assert_allclose(np.exp(nats).sum(-1), 1)
    assert nats[0, labels.index("to")] > nats[0, labels.index("i")]
    (row,) = gram.word_logprobs([["I", "go", "Zyx"]])
    steps = [gram.next_nats([prefix], (word,))[0, 0] for prefix, word in [((), "i"), (("i",), "go"), (("i", "go"), UNKNOWN)]]
    np.testing.assert_allclose(row[:3], steps)


def test_what_is_scrambled_has_no_capitals_and_no_stop_and_a_likely_order_comes_back():
    sentences = [["Go", "to", "bed", "."], ["Go", "."], [*"abcdefgh"], ["I", "do", "n't", "!"]]
    assert order_scores.to_scramble(sentences) == [["go", "to", "bed"], ["i", "do", "n't"]]
    alphabet = lambda prefixes, labels: np.array(
        [[-ord(label[0]) * (10 - len(prefix)) for label in labels] for prefix in prefixes], float
    )
    assert order_scores.unscrambled(alphabet, [["a", "b", "c"], ["b", "a", "c"]]) == 0.5


def test_a_training_run_writes_a_file_that_explains_itself_and_scores(data, tmp_path, capsys):
    out = tmp_path / "out"
    out.mkdir()
    (out / checkpoints.VECTORS).write_bytes((checkpoints.PRETRAINED / checkpoints.VECTORS).read_bytes())
    trainer.train("gru", data, out)
    assert not list(out.glob("*.resume.*"))
    trainer.evaluate(["gru"], data, out)
    header = checkpoints.load("order", "gru", out).header
    assert header["training"]["sentences"] == {"Tatoeba": 4, "dialogues": 2, "web and news": 1}
    scores = header["scores"]
    assert set(scores["perplexity"]) == set(LINES) and scores["grammar"]["unknown"] == 0.5
    assert scores["texts"] == {"tatoeba_en": 4, "dialogue_en": 2, "web_news_en": 1, "grammar": 2, "unscrambled": 4}
    printed = capsys.readouterr().out
    assert f"{scores['perplexity']['tatoeba_en']:.2f}" in printed and "5-gram" in printed
    assert math.isfinite(scores["ngram"]["perplexity"]["web_news_en"]) and 0 <= scores["ngram"]["unscrambled"] <= 1


def test_a_killed_training_goes_on_to_the_same_weights(data, tmp_path, monkeypatch):
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    whole.mkdir(), parts.mkdir()
    trainer.train("rnn", data, whole)

    class Killed(Exception):
        pass

    def first_only(best, dev, calls=[]):  # noqa: B006, the list is what remembers
        calls.append(1)
        if len(calls) == 2:
            raise Killed
        return 0.0

    honest = trainer.dev_score
    monkeypatch.setattr(trainer, "dev_score", lambda best, dev: (first_only(best, dev), honest(best, dev))[1])
    with pytest.raises(Killed):
        trainer.train("rnn", data, parts)
    monkeypatch.setattr(trainer, "dev_score", honest)
    trainer.train("rnn", data, parts)
    one, other = (checkpoints.read(folder / "order-rnn.safetensors")[0] for folder in (whole, parts))
    assert all(torch.equal(one[name], other[name]) for name in one)
