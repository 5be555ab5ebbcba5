"""The words that the story explains: each once, in one sentence with one number, reached from wherever it stands."""

import functools
import re
import tomllib
from pathlib import Path
from typing import NamedTuple

from rnn_demo import prose

TERMS = Path(__file__).with_name("glossary.toml")
ANCHOR = "#term-"  # before the slug, in a link


class Term(NamedTuple):
    """Term("gate", "A number between 0 and 1 that ...", "0.9 × 2.0 = 1.8 passes", ["gates"])"""

    term: str
    meaning: str
    example: str
    also: list[str] = []

    @property
    def slug(self) -> str:
        """"hidden state" -> "hidden-state" """
        return re.sub(r"[^a-z0-9]+", "-", self.term.lower())


def read_terms(path: Path = TERMS) -> tuple[Term, ...]:
    """The terms of a file in their order."""
    table = tomllib.loads(path.read_text("utf-8"))
    prose.checked(path.name, table, ["terms"], ["terms"])
    return tuple(prose.record(Term, f"{path.name}, term {i}", values) for i, values in enumerate(table["terms"], start=1))


GLOSSARY = read_terms()
FORMS = {form.lower(): term for term in GLOSSARY for form in (term.term, *term.also)}  # every way it is written -> the term


@functools.cache
def _pattern() -> re.Pattern:
    """Any form of any term as a word of its own, the longest first; before these what must stay as it is: links, code, formulas."""
    forms = "|".join(map(re.escape, sorted(FORMS, key=len, reverse=True)))
    return re.compile(rf"(?P<kept>\[[^\]]*\]\([^)]*\)|`[^`]*`|\$[^$]*\$)|(?<![\w-])(?P<form>{forms})(?![\w-])", re.IGNORECASE)


@functools.lru_cache(1000)
def linked(markdown: str) -> str:
    """Each term, where it stands first, as a link to its explanation.

    "**Gates** and gates." -> "**[Gates](#term-gate)** and gates."
    """
    seen = set()

    def link(found: re.Match) -> str:
        if found["kept"] or FORMS[found["form"].lower()].slug in seen:
            return found[0]
        slug = FORMS[found["form"].lower()].slug
        seen.add(slug)
        return f"[{found[0]}]({ANCHOR}{slug})"

    return _pattern().sub(link, markdown)


def terms_in(text: str) -> set[str]:
    """The terms that a text uses. "Two gates" -> {"gate"} """
    return {FORMS[found["form"].lower()].term for found in _pattern().finditer(text) if found["form"]}
