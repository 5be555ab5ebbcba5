"""The live view: a Reading as plain data in (payload.py), the unrolled network out, drawn and played in the browser.

SCRIPTS   its JavaScript, joined in this order        source   a file of the view as text
script    all of it                                   style    all rules
"""

from functools import cache
from pathlib import Path

from rnn_demo.view.payload import Closer, Frame, Visit, framed, payload, picture
from rnn_demo.view.scene import PARTS, Guess, Scene

SCRIPTS = ("dom", "textbox", "share", "player", "columns", "inspect", "edits", "backward", "trail", "below", "story", "lecture")
SCRIPTS += ("trace_view",)  # which puts the others together

__all__ = ["PARTS", "SCRIPTS", "Closer", "Frame", "Guess", "Scene", "Visit"]
__all__ += ["framed", "payload", "picture", "script", "source", "style"]


@cache
def source(name: str) -> str:
    """source("trace_view.css") -> "/* The live view. ..." """
    return Path(__file__).with_name(name).read_text("utf-8")


def script() -> str:
    """All scripts as one, without a build step."""
    return "\n".join(source(f"{name}.js") for name in SCRIPTS)


def style() -> str:
    """All rules as one sheet."""
    return source("trace_view.css") + source("story.css")
