"""The live view: plain data in, an unrolled network out, drawn and played by six scripts without a round trip.

payload     traces and answers -> the JSON that the browser draws (numpy only, so tests can read it)
trace_view  puts it on the page: dom textbox player columns inspect trace_view .js, joined to one script, and .html, .css
"""

import base64
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from rnn_demo.colors import NEGATIVE, POSITIVE
from rnn_demo.trace import Trace


class UnitGroup(NamedTuple):
    """Neighbouring units that speak for the same answer. UnitGroup("PER", 40)"""

    name: str
    size: int


class Chain(NamedTuple):
    """How one trace is drawn: a block a token. `time` says at which step of the playback each token is read, 1..T;
    `says` (H, K) what each unit at +1 adds to each answer's score, in nats, None where no such number is; `order` which unit
    stands in which row, `groups` which rows belong together; `first` how many columns stand before its own."""

    trace: Trace
    time: list[int]
    says: np.ndarray | None
    order: list[int]
    groups: list[UnitGroup]
    first: int = 0


class Answers(NamedTuple):
    """What is read off above each token, and how it is put in words. T columns: those of all chains that stand side by side.

    names, probs   (T, K) probabilities of K answers       labels  the answer at each token, one of names; "" for none
    time       at which step it is known                 shown   how the answer is written; small  what stands under it
    words      how each token is written below its block    marks   how entities run on: "B", "I" or ""
    tints      the colour of each token's underline, and how strong it is, 0..1
    said       a sentence about each token for the line that is read aloud
    verdict    what came out in the end, heading and remark; "" and "" for nothing
    faces      how each of names is written; None: as it is
    under      what stands below each word; None for nothing
    so_far     the verdict's heading as far as it is known once each answer is; None where it comes at the end only
    language   in which the answers are written, "fr"; "" for that of the page
    titles     what is said of a word that stands for something, where it is pointed at
    attention  (T - S, S) how much each of the last columns looked at each of the first S; None where none does

    Example: names ("O", "PER"), labels ["PER", "O"], shown ["PER", "O"], small ["75 %", "99 %"], time [1, 2], marks ["B", ""]
    """

    names: tuple[str, ...]
    probs: np.ndarray
    labels: list[str]
    time: list[int]
    shown: list[str]
    small: list[str]
    words: list[str]
    marks: list[str]
    tints: list[tuple[str, float]]
    said: list[str]
    verdict: tuple[str, str]
    faces: list[str] | None = None
    under: list[str] | None = None
    attention: np.ndarray | None = None
    so_far: list[str] | None = None
    language: str = ""
    titles: dict[str, str] = {}


class Setting(NamedTuple):
    """What stands around the drawing.

    task, flags      which page it is, and how its answers leave the network, as Shape.flags: they become classes
    cell, weights    the block's name, and how many numbers it uses again at every step
    parts            what x is made of: (name, size) each       about  token -> a remark on how it became numbers
    meanings         what each answer means, in words           colors  one each
    note             a line to the reader, "" for none
    start, autoplay  the step to open at (None: the last), and whether to play once until touched
    query            the share link's query, without the step
    settle           whether the page wants to hear when typing has come to rest
    box              the text box as controls.text_box has it, None where there is none
    choose           what a click on another answer does, "" where it does nothing
    wait             ms for which typing must rest before it is read
    """

    task: str
    flags: list[str]
    cell: str
    weights: int
    parts: tuple[tuple[str, int], ...]
    about: Callable[[str], str]
    meanings: dict[str, str]
    colors: dict[str, str]
    note: str
    start: int | None
    autoplay: bool
    query: str
    settle: bool
    box: dict | None
    choose: str
    wait: int


def _int8(array: np.ndarray, largest: float) -> str:
    """Numbers in -largest..largest as base64 bytes -127..127: a quarter of float32, and finer than the eye."""
    scaled = np.clip(np.rint(array / largest * 127), -127, 127).astype(np.int8)
    return base64.b64encode(scaled.tobytes()).decode()


def _scaled(array: np.ndarray) -> dict:
    largest = max(float(np.abs(array).max(initial=0)), 1e-6)
    return {"largest": round(largest, 4), "values": _int8(array, largest)}


def payload(text: str, chains: list[Chain], answers: Answers, setting: Setting) -> dict:
    """Everything that trace_view.js draws. 60 tokens of 192 units make about 40 kB.

    {"text", "tokens": [{"text", "start", "end", "label", "shown", "small", "mark", "tint", "time", "said", "probs", "under",
                         "about", "so_far"}],
     "chains": [{"name", "time", "first", "h": base64 of (T, H) in drawing order, "units": [H numbers],
                 "groups": [[name, size]], "says": {"largest", "values": base64 of (H, K) in drawing order} or None}],
     "x": {"parts", "largest", "values": base64 of (T, E)}, "names", "faces", "verdict", "attention",
     "known": the step at which the verdict is, "language", "titles",
     and the fields of Setting}
    """
    spans = np.array(_side_by_side(chains, "spans")).reshape(-1, 2)
    columns = {
        "text": answers.words,
        "start": spans[:, 0].tolist(),
        "end": spans[:, 1].tolist(),
        "label": answers.labels,
        "shown": answers.shown,
        "small": answers.small,
        "mark": answers.marks,
        "tint": answers.tints,
        "time": answers.time,
        "said": answers.said,
        "probs": np.round(answers.probs.astype(float), 4).tolist(),
        "under": answers.under or [""] * len(answers.words),
        "so_far": answers.so_far or [""] * len(answers.words),
        "about": [setting.about(token) for token in _side_by_side(chains, "tokens")],
    }
    drawn = (*answers.names, *setting.meanings, *(group.name for chain in chains for group in chain.groups))
    return {
        "text": text,
        "names": answers.names,
        "faces": answers.faces or answers.names,
        "attention": None if answers.attention is None else np.round(answers.attention.astype(float), 3).tolist(),
        "verdict": answers.verdict,
        "known": max(answers.time, default=0),
        "language": answers.language,
        "titles": answers.titles,
        "tokens": [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)],
        "chains": [
            {
                "name": chain.trace.name,
                "time": chain.time,
                "first": chain.first,
                "h": _int8(chain.trace.h[:, chain.order], 1.0),
                "units": chain.order,
                "groups": chain.groups,
                "says": None if chain.says is None else _scaled(chain.says[chain.order]),
            }
            for chain in chains
        ],
        "x": {"parts": setting.parts, **_scaled(np.array(_side_by_side(chains, "x")))},
        "heat": {"negative": NEGATIVE, "positive": POSITIVE},
        **{name: getattr(setting, name) for name in Setting._fields if name not in ("about", "parts")},
        "colors": {name: setting.colors[name] for name in drawn},
    }


def n_columns(chains: list[Chain]) -> int:
    """How many columns are drawn, which is also how many steps the playback has."""
    return max(chain.first + len(chain.time) for chain in chains)


def _side_by_side(chains: list[Chain], part: str) -> list:
    """A part of the traces that has a row a column, put together; of chains that share their columns the first one's."""
    found: list = []
    for chain in chains:
        if chain.first >= len(found):
            found += list(getattr(chain.trace, part))
    return found


SCRIPTS = ("dom", "textbox", "player", "columns", "inspect", "trace_view")  # joined in this order


@cache
def _component() -> Callable:
    import streamlit as st  # here, so that payloads can be made and tested without a page

    read = lambda name: Path(__file__).with_name(name).read_text("utf-8")
    js = "\n".join(read(f"{name}.js") for name in SCRIPTS)
    return st.components.v2.component(
        "trace_view", html=read("trace_view.html"), css=read("trace_view.css"), js=js, isolate_styles=False
    )


def trace_view(data: dict, key: str, heard: Callable[[], None]) -> bool:
    """Draw a payload. True in the one run after typing came to rest, if the payload asked for it.

    `heard` is called before the run in which the visitor typed or chose something; st.session_state[key] then holds
    typed, as controls.heard takes it, and chosen: {"step", "name"} where it was an answer.
    """
    events = {"on_typed_change": heard, "on_chosen_change": heard, "on_settled_change": lambda: None}
    return bool(_component()(data=data, key=key, **events).settled)
