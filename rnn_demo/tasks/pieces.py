"""What goes into the translator and how its subwords are shown: greetings, what is no English, bytes as signs."""

import re

from rnn_demo.networks.subwords import SUBWORDS, english, load_subwords, unread
from rnn_demo.text import END
from rnn_demo.words import FACES, kind_of

PART = "◌"  # stands for what is no sign of its own

# Greetings are what many type first, and of the 111,504 training sentences 35 are one: the network cannot know them.
# So they come from this list, and the page says so; what follows a greeting is translated by the network.
GREETINGS = {
    "hello": "Bonjour",
    "hello there": "Bonjour",
    "hello world": "Bonjour le monde",
    "hello everybody": "Bonjour à tous",
    "hello everyone": "Bonjour à tous",
    "hi": "Salut",
    "hi there": "Salut",
    "hey": "Salut",
    "good morning": "Bonjour",
    "good afternoon": "Bonjour",
    "good evening": "Bonsoir",
    "good night": "Bonne nuit",
    "goodbye": "Au revoir",
    "bye": "Au revoir",
    "bye bye": "Au revoir",
    "see you": "À bientôt",
    "see you soon": "À bientôt",
    "see you later": "À plus tard",
    "welcome": "Bienvenue",
    "well done": "Bien joué",
    "congratulations": "Félicitations",
    "happy birthday": "Joyeux anniversaire",
    "merry christmas": "Joyeux Noël",
    "happy new year": "Bonne année",
    "cheers": "Santé",
    "nice to meet you": "Enchanté",
}
_GREETING = re.compile(
    rf"\s*({'|'.join(sorted(GREETINGS, key=len, reverse=True))})\b(?=\s*(?:$|[.!?,])|\s+(?-i:[A-Z]))", re.IGNORECASE
)
_FRENCH_MARKS = {"!": " !", "?": " ?"}  # anything else becomes a full stop


def greeting(subwords, text: str) -> tuple[str, ...]:
    """The subwords of a greeting with which a translation has to begin, () for none; with the end mark if it is all there is.

    "Hello!" -> ("▁Bonjour", "▁!", "</s>"), "Hello, I am Tom." -> ("▁Bonjour",), if these are subwords
    """
    plain = english(subwords, text).text
    found = _GREETING.match(plain)
    if not found:
        return ()
    french, rest = GREETINGS[found[1].lower()], plain[found.end() :].strip()
    if any(map(str.isalnum, rest)):
        return tuple(subwords.encode(french, out_type=str))
    return (*subwords.encode(french + _FRENCH_MARKS.get(rest[:1], "."), out_type=str), END)


def not_english(text: str) -> str:
    """A remark on what of a text is left out, "" for nothing."""
    if not SUBWORDS.exists():  # whoever loads the network says so
        return ""
    subwords = load_subwords(SUBWORDS)
    left = list(dict.fromkeys(unread(subwords, text)))
    if not left:
        return ""
    if not english(subwords, text).text.strip():
        return "There is no English in this text: this network reads nothing else, so it leaves it alone."
    return f"Left out, since this network reads English words and signs only: {' '.join(left)[:40]}"


def face(piece: str) -> str:
    """How a subword is written: "▁voiture" -> "voiture"; one that goes on with a word "·ture"; a byte or a bare space "◌"."""
    if piece in FACES:
        return FACES[piece]
    if piece.startswith("<0x"):
        return PART
    if piece.startswith("▁"):
        return piece[1:] or PART
    return piece if kind_of(piece) == "sign or end" else f"·{piece}"


def faces(pieces: tuple[str, ...]) -> list[str]:
    """How subwords in a row are written: the last byte of a sign is the sign. ("<0xC3>", "<0x86>") -> ["◌", "Æ"]"""
    found, bytes_ = [], b""
    for piece in pieces:
        bytes_ = bytes_ + bytes([int(piece[3:-1], 16)]) if piece.startswith("<0x") else b""
        try:
            sign = bytes_.decode()
        except UnicodeDecodeError:  # a part of a sign only
            sign = ""
        found.append(sign or face(piece))
        bytes_ = b"" if sign or len(bytes_) == 4 else bytes_
    return found
