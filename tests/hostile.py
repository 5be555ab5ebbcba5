"""Whatever somebody might send who means no good, drawn by a seed: texts, links, events, files."""

import functools
import json
import random
import struct
from collections.abc import Iterator
from urllib.parse import quote_plus

# Words that mean something to HTML, Markdown, Plotly, Streamlit, LaTeX, a spreadsheet, a shell, a log, JSON or a tokeniser.
PIECES = (
    *("Stop!", "no", "hello", "I like it. She is late.", "Tom's", "don't", "U.S.", "No.", "2021-05-12", "7-Eleven", "...", "--"),
    *("<b>bold</b>", "<script>alert(1)</script>", "</script>", "<!--", "]]>", "&amp;", "$x$", r"\frac{1}{0}", ":red[x]"),
    *(":material/home:", "**", "`", "|", "# ", "[a](javascript:alert(1))", '" onload="x', "{{7*7}}"),
    *("%s", "%n", "{0}", "\\", "${x}"),
    *("=1+1", "@SUM(A1)", "'; DROP TABLE t;--", "../../etc/passwd", "\x00", "\r\n", "\x1b[31m", "\t", "\u200b", "\u00ad", "\u202e"),
    *("\ufeff", "\u2011", "\u2028", "e\u0301", "\u0301", "\ud83d", "\udc4d", "👍🏽", "👨‍👩‍👧", "🇫🇷", "李明", "नमस्ते"),
    *("مرحبا Microsoft", "ﬁ", "Ａ", "\U000e0041", "\U0010ffff", "x" * 300, "a@b.co", "null", "NaN", "__proto__", "constructor"),
    *("None", "True", "<unk>", "</s>", "<s>", "▁", "0000", "-0", "1e999"),
    *("９", "٣", "²", "ß", "İ", "ı", "ǅ", "ﷺ", "\u1100\u1161\u11a8", "·"),
)
# What makes an expression with nested repeats slow, if one has them.
SLOW = ("a", "a.", "1-", "1,", "-'", "@", "a@", "a-b.", "'s", "n't", "e\u0301", "\u0301", "\u200d", "🇫", "www.", "_", " ", "A. ")
NUMBERS = ("", "0", "-1", "1", "3", "60", "61", "9" * 20, "9" * 5000, "1.5", "nan", "inf", "-inf", "1e5", "0x10")
NUMBERS += ("٣", "²", " 1", "+1", "1_0")
EDITS = ("cut", "swap", "hold", "clamp", "graft", "", "paste", "CUT")
WORDS = (*NUMBERS, "PER", "z", "r", "n", "i", "f", "g", "o", "e", "a%2Cb", "%", "%ff", "%00", "a:b", ":", ",", "x" * 5000)


class Case(random.Random):
    """A generator by its own name, and what was `made` with it: the texts, links, files and paths. Case("7 31")"""

    def __init__(self, name: str):
        super().__init__(name)
        self.name, self.made = name, []


def remembered(make):
    """The same, and the case knows what it made."""

    @functools.wraps(make)
    def remembers(rng: Case, *given):
        made = make(rng, *given)
        rng.made.append(made)
        return made

    return remembers


@remembered
def text(rng: Case) -> str:
    """Pieces, any characters, or one thing again and again."""
    kind = rng.random()
    if kind < 0.5:
        return rng.choice((" ", "", "\n")).join(rng.choices(PIECES, k=rng.randrange(8)))
    if kind < 0.9:
        last = rng.choice((0x7F, 0x2FF, 0xFFFF, 0x10FFFF))
        return "".join(chr(rng.randint(0, last)) for _ in range(rng.randrange(80)))
    return rng.choice(PIECES + SLOW) * rng.choice((2, 50, 3000)) + rng.choice(PIECES)


@remembered
def edits(rng: Case) -> str:
    """The field of a link, mostly nearly right."""
    if rng.random() < 0.1:
        return text(rng)
    count = rng.choice((1, 1, 2, 3, 12, 13))
    parts = (":".join((rng.choice(EDITS), *rng.choices(WORDS, k=rng.randrange(4)))) for _ in range(count))
    return ",".join(parts)


@remembered
def query(rng: Case, names: list[str], known: dict[str, list[str]]) -> dict[str, str]:
    """Fields of a link. `known`: values that a field may have, of which some are taken as they are."""

    def value(name: str) -> str:
        kind = rng.random()
        if kind < 0.3 and known.get(name):
            return rng.choice(known[name])
        if name == "edits" and kind < 0.9:
            return edits(rng)
        return rng.choice(WORDS) if kind < 0.6 else text(rng)

    return {name: value(name) for name in rng.sample(names, rng.randrange(1, len(names) + 1))}


def written(query: dict[str, str]) -> str:
    """As somebody types it into the address, now and then with signs that are no address."""
    return "&".join(f"{name}={quote_plus(value, errors='replace')}" for name, value in query.items())


def anything(rng: Case, depth: int = 0) -> object:
    """Any value of JSON."""
    plain = (None, True, False, 0, -1, 1, 3, 2**53, 10**30, 0.5, -1e308, "", "end", "step", text(rng), rng.choice(WORDS))
    if depth == 2 or rng.random() < 0.8:
        return rng.choice(plain)
    inner = [anything(rng, depth + 1) for _ in range(rng.randrange(4))]
    return inner if rng.random() < 0.5 else {str(i): value for i, value in enumerate(inner)}


@remembered
def event(rng: Case, fields: dict[str, list]) -> object:
    """What a component sends: mostly fields that are known, each with a value that it may have or any other."""
    if rng.random() < 0.1:
        return anything(rng)
    names = rng.sample(list(fields), rng.randrange(1, min(6, len(fields)) + 1))
    return {name: rng.choice(fields[name]) if fields[name] and rng.random() < 0.6 else anything(rng) for name in names}


@remembered
def spoilt(rng: Case, data: bytes) -> bytes:
    """A file with some bytes changed, cut out or put in; or one that promises more than it holds."""
    kind = rng.random()
    if kind < 0.1:
        return rng.randbytes(rng.randrange(200))
    if kind < 0.2:
        return struct.pack("<Q", rng.choice((0, 1, 2**31, 2**63, len(data)))) + data[8:]
    found = bytearray(data)
    for _ in range(rng.randrange(1, 4)):
        at, size = rng.randrange(len(found)), rng.choice((1, 1, 4, 200))
        found[at : at + rng.choice((0, size))] = rng.randbytes(size) if rng.random() < 0.7 else b""
        found = found or bytearray(b"{")
    return bytes(found)


@remembered
def paths(rng: Case, file: str) -> str:
    """A lecture path of which something is something else."""
    if rng.random() < 0.3:
        return spoilt(rng, file.encode()).decode(errors="replace")
    table = json.loads(file)
    spot = rng.choice((table, *table["stops"], *(stop["link"] for stop in table["stops"])))
    spot[rng.choice((*spot, "more"))] = anything(rng)
    return json.dumps(table)


def drawn(seed: int, count: int) -> Iterator[Case]:
    """So many cases, each of its own number, so that one that fails can be had again by itself."""
    return (Case(f"{seed} {number}") for number in range(count))
