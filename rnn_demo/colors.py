"""The colours of every page: one for each label, and one diverging scale for hidden states. Nothing else may choose.

All hold 3:1 against the white and against the dark page, and white text on a label's colour 4.5:1 (WCAG 2.2 AA);
the label colours are told apart by people with any of the three common kinds of colour blindness.
"""

from rnn_demo.words import kind_of

LABEL_COLORS = {"O": "#6b7280", "PER": "#0072b2", "ORG": "#b84f00", "LOC": "#007a59", "MISC": "#a8478f"}

# From bad to good along orange and blue, which the colour-blind tell apart as well.
STAR_COLORS = {"1 ★": "#b84f00", "2 ★": "#a2683f", "3 ★": "#6b7280", "4 ★": "#4a7799", "5 ★": "#0072b2"}

LETTER_COLORS = {"vowel": "#b84f00", "consonant": "#0072b2", "end": "#6b7280", "the seed": "#007a59"}
LETTER_COLORS |= {letter: LETTER_COLORS["vowel" if letter in "aeiouy" else "consonant"] for letter in "abcdefghijklmnopqrstuvwxyz"}


class _ByKind(dict):
    """Of a vocabulary, a word has the colour of its kind; subwords are looked up without the sign that begins a word."""

    def __missing__(self, word: str) -> str:
        return self[kind_of(word.lstrip("▁"))]


WORD_COLORS = _ByKind({"small word": "#0072b2", "other word": "#007a59", "sign or end": "#6b7280"})
GROUP_COLORS = ("#0072b2", "#b84f00", "#007a59", "#a8478f", "#6b7280")  # of answers that a visitor brings, in their order
SURPRISE = "#b84f00"  # strong where a word was not expected

# -1 and +1; 0 is the colour of the page, so that what is not there is not seen.
NEGATIVE, POSITIVE = "#7b5bb5", "#d97706"
