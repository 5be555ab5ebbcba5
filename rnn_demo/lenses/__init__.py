"""Lenses: closer looks at what has been read. A new one is a file here and its name in LENSES."""

from rnn_demo.lenses import compare, inside, memory, numbers, step, whatif
from rnn_demo.lenses.base import Lens, LensError, UnitError, View

__all__ = ["LENSES", "Lens", "LensError", "UnitError", "View"]

LENSES: dict[str, Lens] = {module.LENS.name: module.LENS for module in (step, inside, memory, whatif, compare, numbers)}
