"""A reading as one HTML file that plays anywhere, without a server or a network: the scripts and the style of the live view, and
the data inside; and what the open lens shows of it, its figures as still pictures.

frame    what is the same for every text of a task's page
Look     an open lens, as the file has it; `look` makes it
html     a reading -> the file
Shown    a reading that a notebook shows that way: of a task by `shown`, of a layer of somebody's own by `shown_layer`
"""

import json
from collections.abc import Callable
from html import escape
from typing import Any, NamedTuple

import numpy as np

from rnn_demo import records
from rnn_demo.lenses import Lens, View
from rnn_demo.reading import Asked, Block, Chain, Column, Reading
from rnn_demo.tasks.base import Panel, Task
from rnn_demo.trace import Trace
from rnn_demo.view import Closer, Frame, Visit, begun, payload, script, source, style

# Streamlit's theme, as .streamlit/config.toml has it: the view takes its colours from these variables.
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif"
LIGHT = {"primary": "#0b63b0", "background": "#ffffff", "secondary-background": "#f5f6f8", "text": "#1b1f27"}
DARK = {"primary": "#6cb2f2", "background": "#101318", "secondary-background": "#1a1f27", "text": "#e8eaee"}
HEIGHT = 760  # pixels of a reading in a notebook

# Nothing from elsewhere is loaded, whatever stands in the data: the browser holds the file to that.
POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"


def frame(task: Task) -> Frame:
    """What is the same for every text of a task's page."""
    extras = task.extras
    return Frame(
        flags=task.shape.flags,
        meanings=task.words.meanings,
        colors=task.colors,
        choose=task.words.controls["choose"].title if extras.choose else "",
        wait=task.entry.wait,
        language=extras.language,
        titles=extras.titles,
        watch=task.words.controls["memory"].help,
    )


class Look(NamedTuple):
    """An open lens: its question and a sentence on it, what it draws in the view, and what stands below. Look()"""

    question: str = ""
    words: str = ""
    closer: Closer = Closer()
    panels: list[Panel] = []


CLOSED = Look()  # no lens is open


def look(lens: Lens, view: View, learns: bool = False, asked: Callable[[int], bool] = lambda i: False) -> Look:
    """What a lens shows; with the way back where it `learns`, and panel i that must be asked for where it is."""
    panels = [panel.made() if panel.asked else panel for i, panel in enumerate(lens.panels(view)) if not panel.asked or asked(i)]
    closer = Closer(lens.name, looks=view.step if lens.opens else 0)
    if lens.shows and view.reading.columns:
        backward = view.once(lens.shows.backward) if learns else None
        closer = closer._replace(backward=backward, trail=view.once(lens.shows.trail))
    return Look(lens.question, lens.words, closer, panels)


def html(reading: Reading, frame: Frame, title: str, question: str, before: Reading | None = None, look: Look = CLOSED) -> str:
    """One HTML file of a reading, and of a lens. What a visitor typed stands in it as JSON, in which no "<" is left, and in the
    lens as escaped text. `before` is the reading without edits, where `reading` has some."""
    data = payload(reading, frame._replace(choose="", flags=[*frame.flags, "fixed"]), Visit(lens=look.closer), before)
    if tokens := data["tokens"]:  # by columns: the names of 200 times 15 fields would be a fifth of the data
        data["tokens"] = {name: [token[name] for token in tokens] for name in tokens[0]}
    section = records.section(look.question, look.words, look.panels)
    return f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<title>{escape(title)} · Unrolled</title>
<style>
:root {{ color-scheme: light dark; --st-font: {FONT}; {_variables(LIGHT)} }}
@media (prefers-color-scheme: dark) {{ :root {{ {_variables(DARK)} }} }}
body {{ margin: 0 auto; padding: 12px 16px; max-width: 1360px; font: 14px var(--st-font); }}
body {{ background: var(--st-background-color); color: var(--st-text-color); }}
h1 {{ font-size: 1.4rem; margin: 0 0 8px; }}
.read {{ font-size: 16px; overflow-wrap: anywhere; }}
{_bare(style())}
.uv [data-do="share"] {{ display: none; }}
{_bare(records.STYLE + records.FILE_STYLE) if section else ""}
</style>
<h1>{escape(question)}</h1>
<p class="read" dir="auto"></p>
<div id="view">{source("trace_view.html")}</div>
{section}
<script type="application/json" id="data">{as_script(data)}</script>
<script type="module">
{_bare(begun(script()))}
const data = JSON.parse(document.getElementById("data").textContent);
const fields = Object.entries(data.tokens);
data.tokens = (data.tokens.text ?? []).map((_, i) => Object.fromEntries(fields.map(([name, values]) => [name, values[i]])));
document.querySelector(".read").textContent = data.text;
start({{ data: [data], parentElement: document.getElementById("view"), setTriggerValue: () => {{}} }});
</script>
</html>
"""


def as_script(data: Any) -> str:
    """JSON that may stand in a <script>: no tag can begin or end in it. {"a": "</script>"} -> {"a": "\\u003c/script>"}"""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def _bare(text: str) -> str:
    """Scripts and style without indents, empty lines and the lines that are comments: a quarter of the file."""
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))


def _variables(theme: dict[str, str]) -> str:
    return " ".join(f"--st-{name}-color: {color};" for name, color in theme.items())


class Shown(NamedTuple):
    """A reading, and how it is shown: in a notebook by itself, elsewhere as a file, Path("out.html").write_text(shown.html).

    Shown(reading, frame(TASKS["tag"]), "Tag", "Who and where is it about?"); `before` and `look` as html has them
    """

    reading: Reading
    frame: Frame
    title: str
    question: str
    before: Reading | None = None
    look: Look = CLOSED

    @property
    def traces(self) -> list[Trace]:
        return self.reading.traces

    @property
    def html(self) -> str:
        return html(*self)

    def _repr_html_(self) -> str:
        """In a frame of its own, so that neither the notebook's style nor its scripts and ours meet."""
        style = f"width:100%;height:{HEIGHT}px;border:0"
        return f'<iframe title="{escape(self.title)}" srcdoc="{escape(self.html)}" style="{style}"></iframe>'


def shown(task: Task, reading: Reading, before: Reading | None = None, look: Look = CLOSED) -> Shown:
    """A task's reading, ready for a notebook or a file."""
    return Shown(reading, frame(task), task.words.title, task.words.question, before, look)


def shown_layer(traces: list[Trace], title: str, weights: int) -> Shown:
    """A layer that has been read, without a readout: only its blocks and its memory are seen. `title` as on a block: "BiGRU"; how
    many numbers it has learnt."""
    steps = list(range(1, len(traces[0].tokens) + 1))
    times = (steps, steps[::-1])
    chains = [
        Chain(trace, time, None, list(range(trace.h.shape[1])), []) for trace, time in zip(traces, times, strict=False)
    ]
    columns = [
        Column(token, max(time[t] for time in times[: len(traces)]), "", "", "", "read") for t, token in enumerate(traces[0].placed)
    ]
    kind = title.removeprefix("Bi").lower()
    asked = Asked("layer", kind, " ".join(traces[0].tokens), {})
    block = Block(title, weights, (("x", traces[0].x.shape[1]),))
    reading = Reading(asked, block, chains, columns, (), np.zeros((len(steps), 0)))
    frame = Frame(["no-readout"], {}, {}, watch="every unit at every step: clear at 0, one colour below it and one above.")
    return Shown(reading, frame, title, f"{title}, step by step")
