import unicodedata

import pytest
from conftest import load
from hypothesis import given
from hypothesis import strategies as st

from rnn_demo.networks.subwords import SUBWORDS, cut, load_subwords
from rnn_demo.tasks.name import reads
from rnn_demo.text import bio2_spans, joined_spans, letters, normal, pattern, readable_part, span_bio2, tokenize


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Chirag worked at Microsoft in India", "Chirag worked at Microsoft in India"),
        ("Chirag's at Microsoft.", "Chirag 's at Microsoft ."),
        ("I don’t work in the U.S., do you?", "I do n't work in the U.S. , do you ?"),
        ("J.K. Rowling met John F. Kennedy Jr. at AT&T", "J.K. Rowling met John F. Kennedy Jr. at AT&T"),
        ("Dr. O'Brien paid $3.50 (20%) in 2024's Paris—twice", "Dr. O'Brien paid $ 3.50 ( 20 % ) in 2024 's Paris — twice"),
        ("Coca-Cola mailed a.b@c.com via https://x.y/z?q=1.", "Coca-Cola mailed a.b@c.com via https://x.y/z?q=1 ."),
        ("नमस्ते दुनिया, مرحبا", "नमस्ते दुनिया , مرحبا"),
        ("e\u0301te\u0301", "été"),
        ("👩🏽‍🚀🇮🇳!", "👩🏽‍🚀 🇮🇳 !"),
        ("<script>alert(1)</script>", "< script > alert ( 1 ) < / script >"),
        ("a\x00b\u200bc\ufeff\ud800d", "a bc d"),
        (" \t\n\u3000", ""),
        ("", ""),
    ],
)
def test_tokens_are_cut_as_the_treebank_does(text, tokens):
    assert [token.text for token in tokenize(text)] == tokens.split()


# Typed, and what every network is to read.
LOOK_ALIKES = [
    ("a well\u2011made film, half\u2010baked", "a well-made film, half-baked"),
    ("nai\u0308ve, cliche\u0301d", "naïve, clichéd"),
    ("Micro\u00adsoft", "Microsoft"),
    ("Mi\u200bcro\u2060so\ufeffft", "Microsoft"),
    ("don\u02bct don\u2019t don\u2018t don\u201bt don\u2032t don\uff07t don`t don\u00b4t", " ".join(["don't"] * 8)),
    ("\ufeffParis", "Paris"),
    ("\u202dParis\u202c", "Paris"),
    ("\u201cyes\u201d \u201eyes\u201f \u2033yes\uff02", '"yes" "yes" "yes"'),
    ("New\u00a0York\u2009is\u3000big", "New York is big"),
    ("\u22125 degrees, pages 3\u20134, 1990\u20141995", "-5 degrees, pages 3-4, 1990-1995"),
    ("It is cold\u2014very cold\u2015yes", "It is cold—very cold—yes"),
    ("the \ufb01rst o\ufb03ce", "the first office"),
    ("\uff30\uff41\uff52\uff49\uff53", "Paris"),
    ("\u212bngstr\u00f6m, 5 \u212a", "Ångström, 5 K"),
    ("e\u200d\u0301", "é"),
    ("5`, `code`", "5`, `code`"),
    ("👩🏽\u200d🚀 ❤\ufe0f नमस्\u200dते می\u200cخواهم", "👩🏽\u200d🚀 ❤\ufe0f नमस्\u200dते می\u200cخواهم"),
]


@pytest.mark.parametrize(("typed", "read"), LOOK_ALIKES)
def test_what_looks_alike_is_read_alike(typed, read):
    assert normal(typed).text == read and normal(read).text == read
    assert [token.text for token in tokenize(typed)] == [token.text for token in tokenize(read)]


@pytest.mark.parametrize(
    "typed", ["Zoë’s “café”\r\n\tin  Köln 🇩🇪", "a\x00b don't ﷺ عربي", "x" * 5000, "'s 's", "𝕏 _ __ --- …", "a 🫨 b"]
)
def test_nothing_visible_is_lost(typed):
    covered = {i for token in tokenize(typed) for i in range(token.start, token.end)}
    assert all(i in covered or c.isspace() or not (c.isprintable() or c == "🫨") for i, c in enumerate(typed))


PIECES = st.sampled_from(
    [*"ab1.,!?- '\"’“—…\n\t`é日한ﬁＡ", "e\u0301", "\u0301", "\u00ad", "\u200b", "\u200d", "\ufeff", "\ud800", "don’t", "U.S."]
    + ["\u1112\u1161\u11ab", "नमस्ते", "👍🏽", "👩\u200d🚀", "🇮🇳", "\u2011", "\u2028", "\u3000", "\u1ebf", "e\u0302\u0301", "\u212b"]
    + ["$3.50", "ȺİßΣς", "ﷺ", "<\u0338", "\ufe0f", "2021-05-12", "No.", "'s"]
)
TEXTS = st.one_of(st.lists(PIECES, max_size=30).map("".join), st.text(max_size=30))


@given(TEXTS)
def test_a_text_is_read_alike_however_its_accents_are_typed(text):
    read = normal(text)
    assert normal(read.text).text == read.text and unicodedata.is_normalized("NFC", read.text)
    assert len(read.places) == len(read.text) and all(0 <= start < end <= len(text) for start, end in read.places)
    for form in ("NFC", "NFD"):
        assert normal(unicodedata.normalize(form, text)).text == read.text


@pytest.mark.parametrize("cut_up", [tokenize, lambda text: cut(load_subwords(SUBWORDS), text)])
@given(TEXTS)
def test_places_point_into_what_was_typed(cut_up, text):
    tokens = cut_up(text)
    assert all(0 <= start <= end <= len(text) for _, start, end in tokens)
    assert all(a.end <= b.end for a, b in zip(tokens, tokens[1:], strict=False))
    assert all(text[start:end] == text[start:end].strip() for _, start, end in tokens)
    if cut_up is tokenize:
        assert all(start < end for _, start, end in tokens)
        covered = "".join(normal(text[start:end]).text for _, start, end in tokens)
        assert sum(map(str.isalnum, covered)) >= sum(map(str.isalnum, normal(text).text))  # no letter is left out


def test_places_of_words_that_were_typed_oddly():
    typed = "\ufeffMicro\u00adsoft’s cafe\u0301 — no"
    assert [(token.text, typed[token.start : token.end]) for token in tokenize(typed)] == [
        ("Microsoft", "Micro\u00adsoft"), ("'s", "’s"), ("café", "cafe\u0301"), ("—", "—"), ("no", "no"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("task", "cell", "text"),
    [
        ("tag", "gru", "Zoë’s naïve friend André works at Micro\u00adsoft"),
        ("rate", "gru", "A naïve, clichéd, well\u2011made film; I don\u02bct like it"),
        ("order", "gru", "The café isn\u2019t well\u2011made"),
    ],
)
def test_labels_do_not_rest_on_how_accents_are_typed(task, cell, text):
    model = load(task, cell)
    composed, decomposed = (model.trace(unicodedata.normalize(form, text))[0] for form in ("NFC", "NFD"))
    assert composed.tokens == decomposed.tokens and composed.best == decomposed.best
    assert composed.spans.tolist() != decomposed.spans.tolist()


def test_first_letters_of_a_name_are_read_as_any_text_is():
    assert reads("\ufeffM\u00ada\u200b ") == ("ma", "") and reads("\uff2d\uff41") == ("ma", "")
    assert "“é”" in reads("Ze\u0301")[1]


def test_bio2_spans_and_back():
    tags = ["B-PER", "I-PER", "B-PER", "O", "B-LOC", "I-LOC"]
    spans = [(0, 2, "PER"), (2, 3, "PER"), (4, 6, "LOC")]
    assert bio2_spans(tags) == spans
    assert span_bio2(spans, 6) == tags
    assert bio2_spans(["I-ORG", "I-ORG", "I-LOC", "O", "I-LOC"]) == [(0, 2, "ORG"), (2, 3, "LOC"), (4, 5, "LOC")]


def test_a_joined_entity_is_what_its_newest_word_says():
    assert joined_spans(["B-LOC", "I-LOC", "I-ORG", "O", "B-PER", "B-PER"]) == [(0, 3, "ORG"), (4, 5, "PER"), (5, 6, "PER")]
    assert joined_spans(["I-ORG", "O", "I-LOC", "I-PER"]) == [(0, 1, "ORG"), (2, 4, "PER")]
    assert joined_spans([]) == joined_spans(["O"]) == []



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


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("on 2021-05-12, or 12.05.2021, or 2021/05/12.", "on 2021-05-12 , or 12.05.2021 , or 2021/05/12 ."),
        ("at 7-Eleven's", "at 7-Eleven 's"),
        ("a 20-year-old, 1.5-litre $3-billion thing", "a 20-year-old , 1.5-litre $ 3-billion thing"),
        ("3-4 km, 3–4 km, 10:30-11:45, 2-1", "3-4 km , 3-4 km , 10:30-11:45 , 2-1"),
        ("call 555-0123 or +1 555-123-4567 at 9am-5pm", "call 555-0123 or +1 555-123-4567 at 9am-5pm"),
        ("-5 C, 5 - 3, x-5, +49, 1.5x, 1,000.50", "-5 C , 5 - 3 , x-5 , +49 , 1.5x , 1,000.50"),
        ("24/7 at 10:30 in the 1990s, on the 3rd", "24/7 at 10:30 in the 1990s , on the 3rd"),
        ("Is it good? No.", "Is it good ? No ."),
        ("No. I do not. No, no.", "No . I do not . No , no ."),
        ("No. 5 and No.5", "No. 5 and No. 5"),
        ("So do I. She met John F. Kennedy.", "So do I . She met John F. Kennedy ."),
        ("Acme Inc., of St. Paul; etc. Main St.", "Acme Inc. , of St. Paul ; etc. Main St."),
        ("e.g. tea, i.e. that, at 5 p.m. Ph.D.", "e.g. tea , i.e. that , at 5 p.m. Ph.D."),
        ("the U.S.'s and 2024's Tom 's car", "the U.S. 's and 2024 's Tom 's car"),
        ("She said 'so' and left", "She said ' so ' and left"),
    ],
)
def test_numbers_and_full_stops(text, tokens):
    assert [token.text for token in tokenize(text)] == tokens.split()
