"""Examples of the lenses, one click away: experiments.toml as records."""

import tomllib
from pathlib import Path
from typing import NamedTuple


class Experiment(NamedTuple):
    """A text that a lens looks at, and the one point that it makes there.

    task, text, cell   what is read, and by which network     step    where the lens looks, 0 for the last
    edits              as a link has them, "" for none

    Experiment("A title, cut off", "tag", "gru", "Mr. Lagos flew to Lagos", "Without the memory ...", "cut:2")
    """

    name: str
    task: str
    cell: str
    text: str
    point: str
    edits: str = ""
    step: int = 0


_TABLE = tomllib.loads(Path(__file__).with_name("experiments.toml").read_text("utf-8"))
# Those of each lens, by its name. A key that is unknown, or one that is missing, raises TypeError.
EXPERIMENTS = {lens: tuple(Experiment(**values) for values in found) for lens, found in _TABLE.items()}
