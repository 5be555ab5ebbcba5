import pytest

from rnn_demo.text import bio2_spans, letters, pattern, readable_part, span_bio2, tokenize


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Chirag worked at Microsoft in India", "Chirag worked at Microsoft in India"),
        ("Chirag's at Microsoft.", "Chirag 's at Microsoft ."),
        ("I don’t work in the U.S., do you?", "I do n’t work in the U.S. , do you ?"),
        ("J.K. Rowling met John F. Kennedy Jr. at AT&T", "J.K. Rowling met John F. Kennedy Jr. at AT&T"),
        ("Dr. O'Brien paid $3.50 (20%) in 2024's Paris—twice", "Dr. O'Brien paid $ 3.50 ( 20 % ) in 2024 's Paris — twice"),
        ("Coca-Cola mailed a.b@c.com via https://x.y/z?q=1.", "Coca-Cola mailed a.b@c.com via https://x.y/z?q=1 ."),
        ("नमस्ते दुनिया, مرحبا", "नमस्ते दुनिया , مرحبا"),
        ("e\u0301te\u0301", "e\u0301te\u0301"),
        ("👩🏽‍🚀🇮🇳!", "👩🏽‍🚀 🇮🇳 !"),
        ("<script>alert(1)</script>", "< script > alert ( 1 ) < / script >"),
        ("a\x00b\u200bc\ufeff\ud800d", "a b c d"),
        (" \t\n\u3000", ""),
        ("", ""),
    ],
)
def test_tokens_are_cut_as_the_treebank_does(text, tokens):
    assert [token.text for token in tokenize(text)] == tokens.split()


@pytest.mark.parametrize("text", ["Zoë’s “café”\r\n\tin  Köln 🇩🇪", "a\x00b don't ﷺ عربي", "x" * 5000, "'s 's", "𝕏 _ __ --- …"])
def test_offsets_are_true_and_nothing_visible_is_lost(text):
    tokens = tokenize(text)
    assert all(text[start:end] == token for token, start, end in tokens)
    assert all(a.end <= b.start for a, b in zip(tokens, tokens[1:], strict=False))
    covered = {i for token in tokens for i in range(token.start, token.end)}
    assert all(i in covered or c.isspace() or not c.isprintable() for i, c in enumerate(text))


def test_bio2_spans_and_back():
    tags = ["B-PER", "I-PER", "B-PER", "O", "B-LOC", "I-LOC"]
    spans = [(0, 2, "PER"), (2, 3, "PER"), (4, 6, "LOC")]
    assert bio2_spans(tags) == spans
    assert span_bio2(spans, 6) == tags
    assert bio2_spans(["I-ORG", "I-ORG", "I-LOC", "O", "I-LOC"]) == [(0, 2, "ORG"), (2, 3, "LOC"), (4, 5, "LOC")]


def test_readable_part_stops_between_words():
    assert readable_part("one two three", 9, 60) == "one two"
    assert readable_part("one two three", 7, 60) == "one two"
    assert readable_part("one two three", 400, 2) == "one two"
    assert readable_part("one two ", 400, 2) == "one two "
    assert readable_part("x" * 1000, 400, 60) == "x" * 400
    assert len(tokenize(readable_part("a " * 10_000, 400, 60))) == 60


def test_letters_and_patterns():
    assert letters("Zoë") == letters("Zoe")
    assert len(letters("x" * 100)) == 20
    assert letters("字") == [1]
    words = {"lower": 0, "Title": 1, "A": 1, "UPPER": 2, "iPhone": 3, "McDonald": 3, "3M": 4, "...": 5, "字": 6}
    assert {word: pattern(word) for word in words} == words
