"""Subwords: any text in pieces of a fixed vocabulary, frequent words whole and rare ones cut. Needs no torch.

english      a text as the translator reads it           unread  what of a text it does not read
cut          a text -> the subwords it is read in, with their places
words        subwords -> the words they make up          word_attention  the same for a decoder's attention
"""

import functools
import itertools
import re
import unicodedata
from pathlib import Path
from typing import NamedTuple

import numpy as np
from sentencepiece import SentencePieceProcessor

from rnn_demo.text import END, START, Plain, Token, normal
from rnn_demo.trace import Trace

SUBWORDS = Path(__file__).parents[2] / "pretrained" / "translate-subwords.model"


@functools.cache
def load_subwords(path: Path) -> SentencePieceProcessor:
    """The subword model, read once and shared. A missing file raises FileNotFoundError."""
    return SentencePieceProcessor(model_proto=path.read_bytes())


# Signs that the training sentences do not have, as those that they have in their place.
_SIGNS = tuple(
    (re.compile(pattern), new)
    for pattern, new in (
        ("…", "..."),
        (r"(?<=\w)–(?=\w)", "-"),  # Paris–Rome
        (r"(?<=[\w'\")?!])(?: ?(?:—|-{2,}) ?| [–-] )(?=[\w'\"(])", ", "),  # a dash between two parts of a sentence is a pause
        ("[–—]", "-"),
    )
)


@functools.cache
def _is_strange(subwords: SentencePieceProcessor, sign: str) -> bool:
    """Whether a character is none of English text: a letter or digit of another script, a picture, a rare sign. Accented Latin
    letters and the signs of currencies are read, if need be in bytes."""
    if sign.isascii() or unicodedata.category(sign) == "Sc" or unicodedata.name(sign, "").startswith("LATIN "):
        return False
    return sign == "▁" or subwords.piece_to_id(sign) == subwords.unk_id()


def _signs_known(text: str) -> Plain:
    plain = normal(text)
    for pattern, new in _SIGNS:
        plain = plain.sub(pattern, new)
    return plain


def _strange(subwords: SentencePieceProcessor, text: str) -> re.Pattern:
    """Runs of characters that are none of English text."""
    found = "".join(sorted(sign for sign in set(text) if _is_strange(subwords, sign)))
    return re.compile(f"[{found}]+" if found else "(?!)")  # no need to escape any: they are not ASCII


def unread(subwords: SentencePieceProcessor, text: str) -> list[str]:
    """What of a text is not read, since it is no English. "Well done 👍" -> ["👍"]"""
    plain = _signs_known(text).text
    return _strange(subwords, plain).findall(plain)


def english(subwords: SentencePieceProcessor, text: str) -> Plain:
    """A text as the translator reads it: see text.normal; signs as its training sentences write them; without what is no
    English; in lower case where all letters of a sentence are capitals, since those sentences have hardly any such words.

    "It is cold—VERY cold." -> "It is cold, VERY cold.", "I LOVE IT 👍" -> "i love it  "
    """
    plain = _signs_known(text)
    plain = plain.sub(_strange(subwords, plain.text), " ")
    shouts = plain.text.isupper()  # then one word, as NASA, is lowered too

    def calm(match: re.Match) -> str:
        sentence = match[0]
        if not sentence.isupper() or sum(map(str.isalpha, sentence)) < 2 or not shouts and len(sentence.split()) < 2:
            return sentence
        return "".join(letter.lower()[0] for letter in sentence)  # the small form of İ is two characters

    return plain.sub(re.compile("[^.!?]+"), calm)


def cut(subwords: SentencePieceProcessor, text: str) -> list[Token]:
    """The subwords in which a text is read, and their places in the text itself. "▁" begins a word; what no subword covers is
    spelt in bytes of UTF-8.

    "Chirag ran" -> [("▁Chi", 0, 3), ("rag", 3, 6), ("▁ran", 7, 10)], if these are subwords
    """
    plain = english(subwords, text)
    if not plain.text.strip():
        return []
    found = subwords.encode(plain.text, return_type="offset_mapping")
    tokens = []
    for piece, (start, end) in zip(found["pieces"], without_spaces(plain.text, found["offsets"]), strict=True):
        if start == end:  # a space, or some bytes of a character
            start = end = plain.places[end - 1][1] if end else 0
        else:
            _, start, end = plain.token(start, end)
        ((start, end),) = without_spaces(text, [(start, end)])  # the comma for " – "
        tokens.append(Token(piece, start, start + len(text[start:end].rstrip())))
    return tokens


def without_spaces(text: str, places: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Places without the spaces that they begin with. "a b", [(0, 1), (1, 3)] -> [(0, 1), (2, 3)]"""
    return [(end - len(text[start:end].lstrip()), end) for start, end in places]


class Word(NamedTuple):
    """A word and which subwords it is made of, end exclusive. Word("Chirag", 0, 2)."""

    text: str
    first: int
    last: int


def words(subwords: SentencePieceProcessor, pieces: tuple[str, ...]) -> list[Word]:
    """Subwords joined to words; a sign stands alone, but for apostrophes and hyphens, which stay inside their word.

    ["▁Chir", "ag", "▁ran", "."] -> [("Chirag", 0, 2), ("ran", 2, 3), (".", 3, 4)]
    """
    sign = lambda piece: len(piece) == 1 and not piece.isalnum() and piece not in "▁'-"
    alone = lambda piece: piece in (START, END) or sign(piece)
    parted = lambda left, right: right[0] == "▁" or left != "▁" and (alone(left) or alone(right))
    begins = [i for i in range(len(pieces)) if i == 0 or parted(pieces[i - 1], pieces[i])]
    found = []
    for first, last in itertools.pairwise([*begins, len(pieces)]):
        text = pieces[first] if pieces[first] in (START, END) else subwords.decode(list(pieces[first:last]))
        found.append(Word(text.strip(), first, last))
    return found


def word_attention(subwords: SentencePieceProcessor, source: Trace, decoder: Trace) -> tuple[list[Word], list[Word], np.ndarray]:
    """Which English words each French word looked at: words written (N), words read (M), weights (N, M), each row sums to 1.

    Over the subwords of a word read, weights are summed; over those of a word written, averaged. Row t of a decoder's
    attention goes with the subword written at step t, and so does Word.first; the last word is the end mark. Without attention
    all weights are 0.
    """
    written, read = words(subwords, (*decoder.tokens[1:], END)), words(subwords, source.tokens)
    if not decoder.tokens:
        return [], [], np.zeros((0, 0), dtype=np.float32)
    if decoder.attention is None:
        return written, read, np.zeros((len(written), len(read)), dtype=np.float32)
    rows = np.stack([decoder.attention[word.first : word.last].mean(0) for word in written])
    return written, read, np.stack([rows[:, word.first : word.last].sum(1) for word in read], axis=1)
