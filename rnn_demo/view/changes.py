"""What is sent where nearly all of it has been sent before: of an answer to a key, what is new since the last key."""

from bisect import bisect_left
from typing import Any

LEAST = 8  # signs or things that two beginnings must share, to be told apart from the rest


def change(old: Any, new: Any) -> list:
    """What makes `new` of `old`, both as JSON has them, for `changed` in dom.js. One of

    [0, new]                       what stood there goes, whatever it was
    [1, {key or place: change}]    some of its values become others
    [2, n, rest]                   its first n signs or things stay, and `rest` follows them

    change({"a": 1, "b": "same"}, {"a": 2, "b": "same"}) -> [1, {"a": [0, 2]}]
    change("one, two, three", "one, two, four") -> [2, 10, "four"]
    """
    if isinstance(old, dict) and isinstance(new, dict) and old.keys() == new.keys():
        return [1, {key: change(old[key], value) for key, value in new.items() if old[key] != value}]
    if not isinstance(new, str | list | tuple) or type(old) is not type(new):
        return [0, new]
    if isinstance(old, str) and not old.isascii():
        return [0, new]  # JavaScript counts the signs of such a text differently
    if len(old) == len(new) and all(isinstance(value, dict) for value in (*old, *new)):
        return [1, {place: change(a, b) for place, (a, b) in enumerate(zip(old, new, strict=True)) if a != b}]
    shared = bisect_left(range(1, min(len(old), len(new)) + 1), True, key=lambda n: old[:n] != new[:n])
    return [2, shared, new[shared:]] if shared >= LEAST or shared == len(old) > 0 else [0, new]
