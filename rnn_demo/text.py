"""Words and characters: cutting a text into tokens, and BIO2 tags <-> entity spans. Standard library only.

normal     a text as every network reads it, with the place of each character in what was typed: Plain(text, places)
tokenize   a text -> Token(text, start, end), cut as the Penn Treebank does: "don't" -> "do" "n't"
whole_characters   a text without halves of surrogate pairs
fold       how a word is looked up in the vector table
letters    a word as character numbers            pattern   how a word is capitalised
START, END, UNKNOWN   the marks of networks that write
bio2_spans BIO2 tags -> entities                  span_bio2 entities -> BIO2 tags
joined_spans  tags of which an I- goes on whatever its type -> entities
"""

import functools
import re
import unicodedata
from collections.abc import Callable, Iterable
from typing import NamedTuple

START, END, UNKNOWN = "<s>", "</s>", "<unk>"  # what is read before the first word, written after the last; any rare word


class Token(NamedTuple):
    """A piece of a text as the network reads it, and its place in what was typed, in code points, end exclusive.

    Token("India", 29, 34); of a "don’t" that begins a text Token("n't", 2, 5).
    """

    text: str
    start: int
    end: int


class Plain(NamedTuple):
    """A text as it is read, and where each of its characters stands in what was typed: (start, end), end exclusive.

    "e" and an accent and "!" -> Plain("é!", ((0, 2), (2, 3)))
    """

    text: str
    places: tuple[tuple[int, int], ...]

    def token(self, start: int, end: int) -> Token:
        """The piece from start to end, end exclusive and not empty, with its place in what was typed."""
        return Token(self.text[start:end], self.places[start][0], self.places[end - 1][1])

    def sub(self, pattern: re.Pattern, new: str | Callable[[re.Match], str]) -> "Plain":
        """re.sub that keeps places. A piece that changes its length stands, each character of it, where the old piece stood."""
        pieces, places, done = [], [], 0
        for match in pattern.finditer(self.text):
            first, last = match.span()
            piece = new if isinstance(new, str) else new(match)
            pieces += (self.text[done:first], piece)
            old = self.places[first:last]
            places += self.places[done:first]
            places += old if len(piece) == len(old) else [(old[0][0], old[-1][1])] * len(piece)
            done = last
        if not done:
            return self
        return Plain("".join((*pieces, self.text[done:])), (*places, *self.places[done:]))


# Python's \w knows no combining marks, so that any Hindi or Arabic vowel would break a word.
# The two joiners are invisible but belong to words (Persian, Indic) and to family emoji.
_JOINERS = "\u200c\u200d"


def _ranges(numbers: Iterable[int]) -> str:
    """Characters by their numbers, in order, as in a regular expression's brackets. [97, 98, 99, 120] -> "a-cx" """
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][1] == number - 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return "".join(chr(first) if first == last else f"{chr(first)}-{chr(last)}" for first, last in runs)


_MARKS = _ranges(c for c in range(0x300, 0x1E950) if unicodedata.category(chr(c))[0] == "M") + _JOINERS


def _composed(match: re.Match) -> str:
    """A letter and its accents as one character, where Unicode has one. "e" and an accent -> "é" """
    return unicodedata.normalize("NFC", match[0])


_LETTER = rf"(?s).[{_MARKS}\u1161-\u11ff]*"  # with its accents, or the parts of a Korean syllable

# What looks alike is one character to a network; see `normal`. The order counts.
_LOOK_ALIKES: tuple[tuple[re.Pattern, str | Callable[[re.Match], str]], ...] = tuple(
    (re.compile(pattern), new)
    for pattern, new in (
        # White space of all kinds, control characters, and what has no shape: halves of surrogate pairs, private use, fillers.
        (
            "[\x00-\x1f\x7f-\xa0\u115f\u1160\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u2800\u3000\u3164\ud800-\uf8ff"
            "\ufdd0-\ufdef\uffa0\ufffc-\uffff\U000f0000-\U0010ffff]",
            " ",
        ),
        # What nobody sees: soft hyphens, zero-width spaces, marks of direction and of byte order, tags.
        (
            "[\u00ad\u034f\u061c\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff0-\ufffb"
            "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]",
            "",
        ),
        ("[\uff01-\uff5e\ufb00-\ufb06]", lambda match: unicodedata.normalize("NFKD", match[0])),  # wide letters, ligatures
        (_LETTER, _composed),
        ("[‘’‛′ʹʻʼʽ՚ꞌ]", "'"),
        ("[“”„‟″〝〞〟]", '"'),
        ("[\u2010\u2011\u2212\ufe63]", "-"),
        ("[\u2015\u2e3a\u2e3b\ufe58]", "—"),
        # Joiners, and the choice of a picture for a sign, say nothing after a Latin letter, a digit or a space.
        (f"(?:^|(?<=[\x00-\u024f\u0300-\u036f\u1e00-\u1eff]))[{_JOINERS}\ufe00-\ufe0f]+", ""),
        (_LETTER, _composed),
        (r"(?<=[^\W\d_])[`´](?=[^\W\d_])", "'"),
        (r"(?<=\d)[\u2012-\u2014](?=\d)", "-"),  # 3–4
    )
)


def normal(text: str) -> Plain:
    """A text as every network reads it: one character for all that look alike, none for what cannot be seen, and accents
    joined to their letters (NFC).

    "don’t" -> "don't", "well‑made" (U+2011) -> "well-made", "Micro\u00adsoft" -> "Microsoft"
    """
    plain = Plain(text, tuple((i, i + 1) for i in range(len(text))))
    if text.isascii() and text.isprintable() and "`" not in text:
        return plain  # as most texts are
    for pattern, new in _LOOK_ALIKES:
        if new is not _composed or not unicodedata.is_normalized("NFC", plain.text):  # else it would try every letter
            plain = plain.sub(pattern, new)
    return plain


_WORD = rf"[^\W_](?:[\w{_MARKS}])*"
_TOKEN = re.compile(
    rf"""
    (?:https?://|www\.)[^\s<>"]+[\w/]             # a link
  | [\w.+-]+@\w[\w-]*(?:\.[\w-]+)+                # an e-mail address
  | [@\#]\w[\w{_MARKS}]*                          # @somebody, #topic
  | (?:[^\W\d_]\.){{2,}}                          # U.S.  J.K.  a.m.
  | (?:Mr|Mrs|Ms|Dr|Prof|St|Jr|Sr|Inc|Ltd|Corp|Co|Gen|Sen|Rep|Gov|Lt|Col|Capt|vs|etc)\.(?=[\s,;:)'"]|$)
  | No\.(?=\s*\d) | Ph\.D\.                       # No. 5; a "No." before anything else is a word and a full stop
  | [A-HJ-Z]\.(?=\s+[A-Z])                       # an initial: John F. Kennedy; but "So do I. She ..."
  | \d+(?:[.,-]\d+)*-(?=[^\W\d_]){_WORD}(?:[-.'&]{_WORD})*   # 7-Eleven, 20-year-old
  | (?:(?<!\w)[+-])?\d+(?:[.,:/-]\d+)*(?:st|nd|rd|th|s|k|m|am|pm)?(?!\w|[.,:/-]\d)   # 3.50, 10:30, 2021-05-12, 3-4, 555-0123
  | {_WORD}(?:[-.'&]{_WORD})*                    # Coca-Cola, O'Brien, AT&T, spotify.com
  | (?:(?<=[\w.])|(?<!\S))'(?i:s|m|d|re|ve|ll)(?![\w'])   # 2024's, the U.S.'s; one that stands by itself, too
  | \.{{2,}} | -{{2,}} | _+
  | [\U0001F1E6-\U0001F1FF]{{2}}                  # a flag is two letters
  | [^\w\s{_MARKS}](?:[{_MARKS}\U0001F3FB-\U0001F3FF]|(?<=\u200d)[^\w\s])*   # one sign, or one emoji with its modifiers
    """,
    re.VERBOSE,
)
_CLITIC = re.compile(r"(?<=\w)(n't|'(?:s|m|d|re|ve|ll))$", re.IGNORECASE)
QUOTES = str.maketrans("‘’ʼ“”–—", "'''\"\"--")


def tokenize(text: str) -> list[Token]:
    """Words, signs and clitics of a text, read as `normal` says, with their places in the text itself.

    "Chirag’s at Microsoft." -> [("Chirag", 0, 6), ("'s", 6, 8), ("at", 9, 11), ("Microsoft", 12, 21), (".", 21, 22)]
    """
    return list(_tokens(text))


@functools.lru_cache(20)  # of one key, the same text is asked for by the box, the page and the network
def _tokens(text: str) -> tuple[Token, ...]:
    plain, tokens = normal(text), []
    for match in _TOKEN.finditer(plain.text):
        start, end = match.span()
        clitic = _CLITIC.search(match[0])
        cut = start + clitic.start() if clitic else end
        tokens += [plain.token(a, b) for a, b in ((start, cut), (cut, end)) if a < b]
    return tuple(tokens)


def whole_characters(text: str) -> str:
    """Half a surrogate pair, which a browser may send and no file or link can hold, becomes "\ufffd"; every place stays.

    "a\ud83d" -> "a\ufffd"
    """
    return re.sub(r"[\ud800-\udfff]", "\ufffd", text)


def fold(word: str) -> str:
    """The spelling under which a word is looked up: lower case, straight quotes, digits as 0. "2024’s" -> "0000's" """
    return re.sub(r"\d", "0", word.translate(QUOTES).lower())


def without_accents(word: str) -> str:
    """"Zoë" -> "Zoe". What has no base letter stays as it is."""
    return "".join(c for c in unicodedata.normalize("NFKD", word) if unicodedata.category(c)[0] != "M")


# The characters a network knows; everything else is number 1, and 0 fills up short words.
ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,!?;:'\"-_/&@#$%()+*="
_CHAR_ID = {c: i for i, c in enumerate(ALPHABET, start=2)}
N_CHARS = len(ALPHABET) + 2
LONGEST_WORD = 20  # letters looked at; of a longer word the first 12 and the last 8


def letters(word: str) -> list[int]:
    """A word as 1 to 20 character numbers. "Al" -> [28, 13]"""
    plain = without_accents(word.translate(QUOTES)) or word
    if len(plain) > LONGEST_WORD:
        plain = plain[:12] + plain[-8:]
    return [_CHAR_ID.get(c, 1) for c in plain]


PATTERNS = ("lower", "Title", "UPPER", "miXed", "d1git", "sign", "other")


def pattern(word: str) -> int:
    """How a word is written, as a place in PATTERNS. "India" -> 1"""
    if any(c.isdigit() for c in word):
        return 4
    if not any(c.isalpha() for c in word):
        return 5
    if word.islower():
        return 0
    if word.isupper() and len(word) > 1:
        return 2
    if word[0].isupper():
        return 1 if word[1:].islower() or len(word) == 1 else 3
    return 3 if any(c.isupper() for c in word) else 6


def bio2_spans(tags: list[str]) -> list[tuple[int, int, str]]:
    """Entities as (start, end, type), end exclusive. An I- with no open entity of its type opens one.

    ["B-PER", "I-PER", "O", "B-LOC"] -> [(0, 2, "PER"), (3, 4, "LOC")]
    """
    spans = []
    for i, tag in enumerate(tags):
        if tag == "O":
            continue
        prefix, kind = tag.split("-")
        if prefix == "I" and spans and spans[-1][1:] == (i, kind):
            spans[-1] = (spans[-1][0], i + 1, kind)
        else:
            spans.append((i, i + 1, kind))
    return spans


def joined_spans(tags: list[str]) -> list[tuple[int, int, str]]:
    """Entities as (start, end, type), end exclusive, of tags as trace.joined_labels gives them: an I- goes on with the entity
    before it, and the newest word says of which type that is.

    ["B-LOC", "I-LOC", "I-ORG", "O", "B-PER"] -> [(0, 3, "ORG"), (4, 5, "PER")]
    """
    spans: list[tuple[int, int, str]] = []
    for i, tag in enumerate(tags):
        if tag == "O":
            continue
        prefix, kind = tag.split("-")
        start = spans.pop()[0] if prefix == "I" and spans and spans[-1][1] == i else i
        spans.append((start, i + 1, kind))
    return spans


def span_bio2(spans: list[tuple[int, int, str]], length: int) -> list[str]:
    """The inverse of bio2_spans. [(0, 2, "PER")], 3 -> ["B-PER", "I-PER", "O"]"""
    tags = ["O"] * length
    for start, end, kind in spans:
        tags[start:end] = [f"B-{kind}"] + [f"I-{kind}"] * (end - start - 1)
    return tags


def readable_part(text: str, max_chars: int, max_tokens: int) -> str:
    """The beginning of a text that a page reads: whole words, at most so many code points and tokens.

    "one two three", 9, 60 -> "one two"; a single word that is too long is cut.
    """
    tokens = tokenize(text[: max_chars + 1])
    whole = [token for token in tokens if token.end <= max_chars][:max_tokens]
    if len(whole) == len(tokens) and len(text) <= max_chars:
        return text
    return text[: whole[-1].end] if whole else text[:max_chars]
