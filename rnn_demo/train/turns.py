"""Turns of phrase: those that the raters learn (patterns.txt), and the sixty by which they are judged (turns.txt).

In the treebank "not bad" is rare, and "I want my money back" holds no word of blame. So a part of the training texts is made
here, from patterns whose gaps are filled with short phrases that the treebank's readers called clearly good or bad.
"""

import random
import re
from pathlib import Path
from typing import NamedTuple

from rnn_demo import text

HERE = Path(__file__).parent
LISTS = {
    "it": "it|this|the film|this film|the movie|this movie|the acting|the story|the plot|the script|the ending|the cast|the music|"
    "the dialogue|the pace|the first half|the lead actor|the whole thing",
    "film": "film|movie|sequel|remake|comedy|thriller|love story|war film|horror film|documentary|cartoon",
    "scene": "scene|line|minute|moment|joke|performance|song",
    "hours": "two hours|three hours|an hour|ninety minutes|an afternoon|ten minutes|a whole evening|half an hour|a Sunday|time",
    "time": "two hours|three hours|ninety minutes|evening|afternoon|time|Sunday|money",
    "penny": "penny|cent|minute|second|ticket",
    "like": "like|love|enjoy|admire|care about|be moved by|be charmed by",
    "liked": "liked|loved|enjoyed|admired",
    "dislike": "dislike|hate|resist|find fault with",
    "praise": "praise|recommend|thank them for",
    "let_down": "let down|bored|disappointed|annoyed|lost|tired",
    "charms": "charm|charms|wit|humour|moments|pleasures|rewards|merits|appeal|heart",
    "flaws": "flaws|faults|problems|weaknesses|slow moments|clumsy moments",
    "spoil": "spoil|ruin|waste|lose|throw away",
    "spoiling": "spoiling|ruining|wasting|losing|throwing away",
    "chore": "doing my taxes|waiting for a bus|sitting in traffic|cleaning the oven|reading the phone book|counting sheep|"
    "peeling potatoes|standing in line|watching grass grow|listening to a drill|having a tooth pulled|"
    "staring at a wall|folding laundry|shovelling snow|listening to my neighbour 's drill|sorting socks|filling in forms|"
    "a trip to the dentist|a parking fine|a long night at the airport|being stuck in a lift",
    "hours_lost": "two hours|three hours|hours|ninety minutes|evening|afternoon|money|hour|Sunday|twelve dollars|time",
    "gem": "a masterpiece|a triumph|a gem|a joy|a delight|a treat|a classic|something special|a feast|a wonder",
    "mess": "a mess|a bore|a disaster|a chore|a waste|a flop|a let down|a failure|an ordeal|a disgrace|an insult|a muddle|"
    "a headache|a lecture",
}
TAILS = (
    "if you ask me", "to be honest", "in my opinion", "I must say", "whatever the critics say", "believe me", "for me",
    "from start to end",
)  # fmt: skip
LEADS = ("honestly ,", "well ,", "in short ,", "I mean ,", "and", "sorry ,", "so ,", "to be fair ,", "for me ,", "I must say")
LEAD_RATE, TAIL_RATE, STOP_RATE = 0.08, 0.12, 0.6  # of the made texts: begin or end with such a remark, end with a full stop
GAP = re.compile(r"\{([^{}]*)\}")  # {good}, or what may stand there: {film|book}
DENIED = "denied"  # the kind that most texts are made of
SHORT = 3  # words of a phrase that is filled in, at most


class Pattern(NamedTuple):
    """Its kind, stars 1..5, and a text with gaps. Pattern("denied", 3.9, "{not|hardly} {bad} at all")"""

    kind: str
    stars: float
    text: str


class Turn(NamedTuple):
    """half "choose" or "report", kind, whether it is above three stars, the text."""

    half: str
    kind: str
    good: bool
    text: str


def _lines(name: str) -> list[list[str]]:
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if not line.startswith("#")]


def read_patterns() -> list[Pattern]:
    return [Pattern(kind, float(stars), words) for kind, stars, words in _lines("patterns.txt")]


def read_turns(half: str) -> list[Turn]:
    """Thirty of the sixty: those to "choose" settings by, or those to "report"."""
    return [Turn(part, kind, sign == "+", words) for part, kind, sign, words in _lines("turns.txt") if part == half]


def says_how(phrases: list[tuple[list[str], int]]) -> dict[str, list[list[str]]]:
    """Of labelled phrases (words, 0 very bad to 4 very good), the short ones that can stand after "is": {"good": ..., "bad": ...}.

    A phrase can if each of its words is one that is clear by itself and that the phrases put after "very", "too" or "so", or joins
    or strengthens such words. (["very", "dull"], 1), (["dull"], 1) -> {"good": [], "bad": [["very", "dull"], ["dull"]]}
    """
    before = {"very", "too", "so", "quite", "really", "truly", "deeply"}
    alone = {words[0] for words, label in phrases if len(words) == 1 and label != 2}
    known = {word for words, _ in phrases for word in words}
    adverb = lambda word: word in ("well", "not", "little") or word.endswith("ly") and word[:-2] in known
    strengthened = {b for words, _ in phrases for a, b in zip(words, words[1:], strict=False) if a in before}
    how = {word for word in alone & strengthened if not adverb(word)}
    fits = lambda words: words[0] in how | before and words[-1] in how and all(word in how | before | {"and"} for word in words)
    short = [(words, label) for words, label in phrases if 0 < len(words) <= SHORT and fits(words)]
    return {"good": [words for words, label in short if label > 2], "bad": [words for words, label in short if label < 2]}


def make(pattern: Pattern, how: dict[str, list[list[str]]], rng: random.Random) -> list[str]:
    """The words of one text of a pattern. "{not|hardly} {bad} at all", {"bad": [["dull"]]} -> ["Not", "dull", "at", "all", "."]"""

    def fill(gap: re.Match) -> str:
        name = gap[1]
        return " ".join(rng.choice(how[name])) if name in how else rng.choice(LISTS.get(name, name).split("|"))

    filled = pattern.text
    while "{" in filled:  # the innermost first
        filled = GAP.sub(fill, filled)
    if rng.random() < LEAD_RATE:
        filled = f"{rng.choice(LEADS)} {filled}"
    words = [token.text for token in text.tokenize(filled)]
    if words[-1] != "?":
        if rng.random() < TAIL_RATE:
            words += rng.choice([",", ""]).split() + rng.choice(TAILS).split()
        if rng.random() < STOP_RATE:
            words.append(rng.choice("...!"))
    if rng.random() < 0.5:
        words[0] = words[0].capitalize()
    return words
