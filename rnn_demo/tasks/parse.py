"""Words of a link or a command line as values; what is wrong with a word is said in the ValueError, behind the word itself."""

import math
from collections.abc import Callable, Sequence


def one_of(choices: Sequence[str]) -> Callable[[str], str]:
    """one_of(("female", "male"))("x") -> ValueError "is not one of female, male" """

    def parse(word: str) -> str:
        if word not in choices:
            raise ValueError(f"is not one of {', '.join(choices)}")
        return word

    return parse


def whole(low: int, high: int) -> Callable[[str], int]:
    """whole(1, 5)("6") -> ValueError "is not a whole number from 1 to 5" """

    def parse(word: str) -> int:
        if not (word.isascii() and word.isdigit() and len(word) <= 12 and low <= int(word) <= high):
            raise ValueError(f"is not a whole number from {low} to {high:,}")
        return int(word)

    return parse


def positive(word: str) -> float:
    """positive("0.8") -> 0.8"""
    try:
        value = float(word)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise ValueError("is not a positive number, as 0.8")
    return value
