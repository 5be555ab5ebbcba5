"""A link as a QR code: how a room gets from the screen to its phones. A code holds nothing of the link but its squares."""

import functools
from typing import NamedTuple

import segno

LARGEST = 20  # version: 97 squares a side. Of more, phones on the last row no longer tell one square from the next.
QUIET = 4  # squares of white around it, as the standard wants it


class Code(NamedTuple):
    """A code as one SVG path in a square, the white around it included. Code(33, "M4 4.5h7m1 0h1...")

    The view draws it black on white in both themes, or phones do not find it.
    """

    size: int
    path: str


@functools.lru_cache(256)
def qr_code(link: str) -> Code:
    """The code of a link. ValueError where it would have more squares than a phone can tell apart across a room."""
    try:
        code = segno.make(link, error="l", micro=False)  # the fewest squares; segno mends more errors where that costs none
    except segno.DataOverflowError:
        code = None
    if code is None or code.version > LARGEST:
        raise ValueError("The link is too long for a code that phones can read across a room. Share the link itself, or a file.")
    rows = (f"M{QUIET} {y}.5{_dashes(row)}" for y, row in enumerate(code.matrix, start=QUIET))
    return Code(len(code.matrix) + 2 * QUIET, "".join(rows))


def _dashes(row: bytearray) -> str:
    """A row of squares as strokes and gaps. [1, 1, 0, 1] -> "h2m1 0h1" """
    runs, start = [], 0
    for x in range(1, len(row) + 1):
        if x == len(row) or row[x] != row[start]:
            runs.append(f"h{x - start}" if row[start] else f"m{x - start} 0")
            start = x
    return "".join(runs)
