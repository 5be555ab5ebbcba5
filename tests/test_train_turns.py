"""Turns of phrase: what the raters learn, and what they are asked."""

import collections
import random
import re

import pytest

from rnn_demo.text import tokenize
from rnn_demo.train import turns

HOW = {"good": [["warm"], ["very", "warm"]], "bad": [["dull"]]}


def test_a_phrase_can_say_how_something_is_if_each_of_its_words_can():
    phrases = [
        (["very", "dull"], 1), (["dull"], 1), (["warm"], 3), (["so", "warm"], 4), (["warm", "and", "witty"], 4), (["witty"], 4),
        (["truly", "witty"], 3), (["the", "dull"], 1), (["film"], 2), (["so", "film"], 2), (["warm", "and"], 3),
    ]  # fmt: skip
    found = turns.says_how(phrases)
    assert found["bad"] == [["very", "dull"], ["dull"]]
    assert found["good"] == [["warm"], ["so", "warm"], ["warm", "and", "witty"], ["witty"], ["truly", "witty"]]


@pytest.mark.parametrize("pattern", turns.read_patterns(), ids=lambda pattern: pattern.text)
def test_every_pattern_can_be_filled_in(pattern):
    assert 1 < pattern.stars < 5
    for seed in range(5):
        words = " ".join(turns.make(pattern, HOW, random.Random(seed)))
        assert not set("{}|_") & set(words)


def test_a_pattern_by_hand():
    pattern = turns.Pattern("denied", 3.9, "{not {bad} at all|hardly {bad}}")
    made = {" ".join(turns.make(pattern, HOW, random.Random(seed))).lower() for seed in range(300)}
    assert {"not dull at all", "not dull at all .", "hardly dull", "hardly dull ."} <= made
    assert any(words.startswith("not dull at all , ") for words in made) and any(words.startswith("well , ") for words in made)
    assert all(("not dull at all" in words) != ("hardly dull" in words) for words in made)


def test_no_pattern_makes_a_phrase_that_the_raters_are_asked_about():
    """Whatever a short phrase may be, one to three words."""
    plain = lambda words: " ".join(token.text for token in tokenize(words)).lower().rstrip(" .!?")

    gap = lambda found: short if found[1] in HOW else f"(?:{turns.LISTS.get(found[1], found[1]).lower()})"
    short = r"\S+(?: \S+)?(?: \S+)?"

    def form(pattern: str) -> str:
        while "{" in pattern:
            pattern = turns.GAP.sub(gap, pattern)
        return pattern

    made = [form(pattern.text.lower().rstrip(" ?")) for pattern in turns.read_patterns()]
    asked = [plain(turn.text) for half in ("choose", "report") for turn in turns.read_turns(half)]
    assert [(words, each) for words in asked for each in made if re.fullmatch(each, words)] == []


def test_sixty_phrases_half_of_each_kind_to_choose_by_and_half_to_report():
    halves = [turns.read_turns(half) for half in ("choose", "report")]
    for half in halves:
        assert set(collections.Counter(turn.kind for turn in half).values()) == {3} and len(half) == 30
    assert len({turn.text for half in halves for turn in half}) == 60
    kinds = {turn.kind for turn in halves[0]}
    assert kinds == {turn.kind for turn in halves[1]} and {p.kind for p in turns.read_patterns()} <= kinds | {turns.DENIED}
