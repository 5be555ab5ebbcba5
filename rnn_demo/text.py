"""Words and characters: cutting a text into tokens, and BIO2 tags <-> entity spans. Standard library only.

tokenize   a text -> Token(text, start, end), cut as the Penn Treebank does: "don't" -> "do" "n't"
whole_characters   a text without halves of surrogate pairs
fold       how a word is looked up in the vector table
letters    a word as character numbers            pattern   how a word is capitalised
START, END, UNKNOWN   the marks of networks that write
bio2_spans BIO2 tags -> entities                  span_bio2 entities -> BIO2 tags
"""

import re
import unicodedata
from typing import NamedTuple

START, END, UNKNOWN = "<s>", "</s>", "<unk>"  # what is read before the first word, written after the last; any rare word


class Token(NamedTuple):
    """A piece of a text with its place, in code points, end exclusive. Token("India", 29, 34)."""

    text: str
    start: int
    end: int


# Python's \w knows no combining marks, so "é" typed as e + accent, or any Hindi or Arabic vowel, would break a word.
# The two joiners are invisible but belong to words (Persian, Indic) and to family emoji.
_MARKS = "".join(chr(c) for c in range(0x300, 0x1E950) if unicodedata.category(chr(c))[0] == "M") + "\u200c\u200d"
_WORD = rf"[^\W_](?:[\w{_MARKS}])*"
_TOKEN = re.compile(
    rf"""
    (?:https?://|www\.)[^\s<>"]+[\w/]             # a link
  | [\w.+-]+@\w[\w-]*(?:\.[\w-]+)+                # an e-mail address
  | [@\#]\w[\w{_MARKS}]*                          # @somebody, #topic
  | (?:[^\W\d_]\.){{2,}}                          # U.S.  J.K.  a.m.
  | (?:Mr|Mrs|Ms|Dr|Prof|St|Jr|Sr|Inc|Ltd|Corp|Co|Gen|Sen|Rep|Gov|Lt|Col|Capt|vs|etc|No)\.(?=\s|$)
  | [A-Z]\.(?=\s+[A-Z])                           # an initial: John F. Kennedy
  | [+-]?\d+(?:[.,:/]\d+)*(?:st|nd|rd|th|s|k|m|am|pm)?(?!\w)
  | {_WORD}(?:[-.'’&]{_WORD})*                    # Coca-Cola, O'Brien, AT&T, spotify.com
  | (?<=\w)['’](?:s|m|d|re|ve|ll)(?!\w)         # 2024's
  | \.{{2,}} | -{{2,}} | _+
  | [\U0001F1E6-\U0001F1FF]{{2}}                  # a flag is two letters
  | [^\w\s{_MARKS}](?:[{_MARKS}\U0001F3FB-\U0001F3FF]|(?<=\u200d)[^\w\s])*   # one sign, or one emoji with its modifiers
    """,
    re.VERBOSE,
)
_CLITIC = re.compile(r"(?<=\w)(n['’]t|['’](?:s|m|d|re|ve|ll))$", re.IGNORECASE)
_QUOTES = str.maketrans("‘’ʼ“”–—", "'''\"\"--")


def tokenize(text: str) -> list[Token]:
    """Words, signs and clitics of a text, with their places. Control and other invisible characters part words.

    "Chirag's at Microsoft." -> [("Chirag", 0, 6), ("'s", 6, 8), ("at", 9, 11), ("Microsoft", 12, 21), (".", 21, 22)]
    """
    tokens = []
    # Same length, so places stay true: whatever has no shape on the screen becomes a space.
    visible = "".join(" " if unicodedata.category(c) in _INVISIBLE and c not in "\u200c\u200d" else c for c in text)
    for match in _TOKEN.finditer(visible):
        start, end = match.span()
        clitic = _CLITIC.search(match[0])
        cut = start + clitic.start() if clitic else end
        tokens += [Token(text[a:b], a, b) for a, b in ((start, cut), (cut, end)) if a < b]
    return tokens


_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn"}


def whole_characters(text: str) -> str:
    """Half a surrogate pair, which a browser may send and no file or link can hold, becomes "\ufffd"; every place stays.

    "a\ud83d" -> "a\ufffd"
    """
    return re.sub(r"[\ud800-\udfff]", "\ufffd", text)


def fold(word: str) -> str:
    """The spelling under which a word is looked up: lower case, straight quotes, digits as 0. "2024’s" -> "0000's" """
    return re.sub(r"\d", "0", word.translate(_QUOTES).lower())


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
    plain = without_accents(word.translate(_QUOTES)) or word
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
