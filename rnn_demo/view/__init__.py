"""The live view: a Reading as plain data in (payload.py), the unrolled network out, drawn and played in the browser.

SCRIPTS   its JavaScript, joined in this order        source   a file of the view as text
"""

from functools import cache
from pathlib import Path

from rnn_demo.view.payload import Frame, Visit, payload

SCRIPTS = ("dom", "textbox", "player", "columns", "inspect", "edits", "backward", "below", "trace_view")

__all__ = ["SCRIPTS", "Frame", "Visit", "payload", "script", "source"]


@cache
def source(name: str) -> str:
    """source("trace_view.css") -> "/* The live view. ..." """
    return Path(__file__).with_name(name).read_text("utf-8")


def script() -> str:
    """All scripts as one, without a build step."""
    return "\n".join(source(f"{name}.js") for name in SCRIPTS)
