"""What a name starts from and is made of, and the real names of the United States from 1880 to 2024. Standard library only.

Seed         sex, decade, first letters      letters   a name in lower case, refused if it has other signs than a to z
known_names  name -> what is known of it      describe  the same in words      brief  the same in few
"""

import functools
import gzip
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

SEXES = ("female", "male")
DECADES = tuple(range(1880, 2030, 10))
ALPHABET = "abcdefghijklmnopqrstuvwxyz"
END = "end"  # the mark that closes a name, an output like any letter
LONGEST = 24  # letters; a name that has not ended by then is cut
NAMES = Path(__file__).parent.parent / "pretrained" / "names_us.tsv.gz"
SEX_LETTERS = {"F": "female", "M": "male"}  # as the data files write them
CHILDREN = {"female": "girls", "male": "boys"}


class Seed(NamedTuple):
    """What a name starts from. Seed("female", 1920, "ma"); decade None: of no decade in particular."""

    sex: str
    decade: int | None = None
    start: str = ""

    @property
    def words(self) -> str:
        """As on the first token: "female 1920s", or "female"."""
        return self.sex if self.decade is None else f"{self.sex} {self.decade}s"

    def checked(self) -> "Seed":
        """The same in lower case; ValueError names what is not a sex, a decade or a letter, or says that the start is too long."""
        if self.sex not in SEXES:
            raise ValueError(f"Unknown sex {self.sex!r}; choose one of {', '.join(SEXES)}")
        if self.decade is not None and self.decade not in DECADES:
            raise ValueError(f"Unknown decade {self.decade!r}; choose one of {', '.join(map(str, DECADES))}")
        if len(self.start) > LONGEST:
            raise ValueError(f"A name has at most {LONGEST} letters; the start has {len(self.start)}")
        return self._replace(start=letters(self.start))


def letters(text: str) -> str:
    """A name in lower case, if only the letters a to z are in it; else ValueError names the first that is not. "Ma" -> "ma" """
    for letter in text:
        if letter.lower() not in ALPHABET:
            raise ValueError(f"{letter!r} is not one of the letters a to z")
    return text.lower()


class Known(NamedTuple):
    """Births of one name for one sex in all years, and the decade with the most of them. Known(12345, 1920)."""

    births: int
    peak: int


@functools.cache
def known_names(path: Path = NAMES) -> dict[str, dict[str, Known]]:
    """Every name that 20 children or more of one sex were given, in lower case, the commoner sex first. FileNotFoundError if the
    list is missing.

    known_names()["ruth"] -> {"female": Known(births=834300, peak=1920), "male": Known(births=2780, peak=1920)}
    """
    if not path.exists():
        raise FileNotFoundError(f"No list of names at {path}. Bring it back with: git restore {path.parent.name}/{path.name}")
    names: dict[str, dict[str, Known]] = {}
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            name, sex, peak, births = line.split()
            names.setdefault(name, {})[SEX_LETTERS[sex]] = Known(int(births), int(peak))
    return names


def write_names(path: Path, rows: Iterable[tuple[str, str, int, int]]) -> None:
    """Write the list: a line for each (name, sex, peak decade, births in all), by name and then the commoner sex first.

    Without the time in it, so that the same rows make the same file. ("ruth", "female", 1920, 834300) -> "ruth F 1920 834300"
    """
    letter = {sex: letter for letter, sex in SEX_LETTERS.items()}
    rows = sorted(rows, key=lambda row: (row[0], -row[3], row[1]))
    text = "".join(f"{name}\t{letter[sex]}\t{peak}\t{births}\n" for name, sex, peak, births in rows)
    path.write_bytes(gzip.compress(text.encode(), mtime=0))


def describe(name: str) -> str:
    """What is known of a name, however it is capitalised.

    "Ruth" -> "a real name: 834,300 girls, most in the 1920s; 2,780 boys, most in the 1920s"
    "Zorvane" -> "no real name in the list"
    """
    known = known_names().get(name.lower())
    if not known:
        return "no real name in the list"
    parts = (f"{births:,} {CHILDREN[sex]}, most in the {peak}s" for sex, (births, peak) in known.items())
    return f"a real name: {'; '.join(parts)}"


def brief(name: str) -> str:
    """The best decade of a name and its births, both for its commoner sex; "" for a name that is not in the list.

    "Ruth" -> "1910s, 815 k"
    """
    for births, peak in known_names().get(name.lower(), {}).values():
        size, unit = (1e6, " M") if births >= 1e6 else (1e3, " k") if births >= 1e4 else (1, "")
        return f"{peak}s, {births / size:,.{int(size == 1e6)}f}{unit}"
    return ""
