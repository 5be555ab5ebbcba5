"""The live view: a Reading as plain data in (payload.py), the unrolled network out, drawn and played in the browser.

SCRIPTS   its JavaScript, joined in this order        source   a file of the view as text
script    all of it                                   style    all rules
styles    those of all views                          code     the scripts and the markup of all views, as one module
loader    what waits for the code, and draws one view with it
"""

import json
import zlib
from functools import cache
from pathlib import Path

from rnn_demo.view.payload import Closer, Frame, Visit, colored, framed, payload, picture
from rnn_demo.view.scene import PARTS, Guess, Scene

SCRIPTS = ("dom", "textbox", "share", "player", "columns", "inspect", "edits", "backward", "trail", "below", "story", "lecture")
SCRIPTS += ("trace_view",)  # which puts the others together

__all__ = ["PARTS", "SCRIPTS", "Closer", "Frame", "Guess", "Scene", "Visit", "begun", "code", "colored", "framed", "loader"]
__all__ += ["payload", "picture", "script", "source", "style", "styles"]


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


def styles() -> str:
    """The rules of all views."""
    return style() + source("learn_view.css")


def begun(script: str) -> str:
    """A script that exports a function by default -> one that calls it `start`."""
    return script.replace("export default function", "const start = function", 1)


# Of each view its script, and its markup, which is put into an element once.
_VIEW = """{name}: (() => {{
{script}
const markup = {markup};
const filled = new WeakSet();
return (component) => {{
  const {{ parentElement }} = component;
  if (!filled.has(parentElement)) {{
    filled.add(parentElement);
    parentElement.append(document.createRange().createContextualFragment(markup));
  }}
  return start(component);
}};
}})(),"""


@cache
def _views() -> str:
    scripts = {"trace_view": script(), "learn_view": source("pad.js") + source("learn_view.js")}
    rows = (
        _VIEW.format(name=name, script=begun(script), markup=json.dumps(source(f"{name}.html"))) for name, script in scripts.items()
    )
    return "{\n" + "\n".join(rows) + "\n}"


@cache
def _version() -> str:
    """Another one for another code: a copy of the server that is newer draws with its own."""
    return f"{zlib.crc32(_views().encode()):08x}"


def code() -> str:
    """A module that keeps the scripts and the markup of all views in the page, 120 kB: a component sends its script with whatever
    it shows, at every key."""
    return f"""globalThis.unrolled = {{ ...globalThis.unrolled, "{_version()}": {_views()} }};
dispatchEvent(new Event("unrolled"));
export default () => {{}};
"""


@cache
def loader(name: str) -> str:
    """The script of a component: it draws with the code that the page keeps, as soon as that has come. loader("trace_view")"""
    return f"""export default async (component) => {{
  const there = () => globalThis.unrolled?.["{_version()}"];
  while (!there()) await new Promise((come) => addEventListener("unrolled", come, {{ once: true }}));
  return there().{name}(component);
}};
"""
