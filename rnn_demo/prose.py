"""Tables of TOML as records: a key that is unknown, or one that is missing, is named with its file. Standard library only."""

from collections.abc import Collection
from typing import Any


def checked(where: str, found: Collection[str], needed: Collection[str], known: Collection[str]) -> None:
    """ValueError where a table has a key that is not known, or lacks one that is needed.

    checked("tag.toml", ["title"], ["title", "note"], ["title", "note"]) -> ValueError("tag.toml: key note is missing")
    """
    if unknown := [key for key in found if key not in known]:
        raise ValueError(f"{where}: unknown key {', '.join(unknown)}; it may have {', '.join(known)}")
    if missing := [key for key in needed if key not in found]:
        raise ValueError(f"{where}: key {', '.join(missing)} is missing")


def record(kind: Any, where: str, values: dict) -> Any:
    """A NamedTuple of a table; its fields without a default are needed."""
    checked(where, values, [name for name in kind._fields if name not in kind._field_defaults], kind._fields)
    return kind(**values)
