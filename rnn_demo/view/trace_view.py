"""The live view: plain data in, an unrolled network out, drawn and played by trace_view.js without a round trip.

payload     traces and answers -> the JSON that the browser draws (numpy only, so tests can read it)
trace_view  puts it on the page
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
    `says` (H, K) what each unit at +1 adds to each answer's score, in nats; `order` which unit stands in which row,
    `groups` which rows belong together."""

    trace: Trace
    time: list[int]
    says: np.ndarray
    order: list[int]
    groups: list[UnitGroup]


class Answers(NamedTuple):
    """What is read off above each token: probs (T, K) of `names`, the label, when it is known, and how entities run
    on (`marks`: "B", "I" or ""). Example: names ("O", "PER"), labels ["PER", "O"], time [1, 2], marks ["B", ""]."""

    names: tuple[str, ...]
    probs: np.ndarray
    labels: list[str]
    time: list[int]
    marks: list[str]


class Setting(NamedTuple):
    """What stands around the drawing.

    cell, weights    the block's name, and how many numbers it uses again at every step
    parts            what x is made of: (name, size) each       near  for each token its nearest words
    own              for each token whether it lacks a place in the vector table and learnt a vector of its own
    meanings         what each answer means, in words           colors  one each
    note             a line to the reader, "" for none
    start, autoplay  the step to open at (None: the last), and whether to play once until touched
    query            the share link's query, without the step
    settle           whether the page wants to hear when typing has come to rest
    box_chars        how much the text box takes; it drops a larger paste without a word
    """

    cell: str
    weights: int
    parts: tuple[tuple[str, int], ...]
    near: list[tuple[str, ...]]
    own: list[bool]
    meanings: dict[str, str]
    colors: dict[str, str]
    note: str
    start: int | None
    autoplay: bool
    query: str
    settle: bool
    box_chars: int


def _int8(array: np.ndarray, largest: float) -> str:
    """Numbers in -largest..largest as base64 bytes -127..127: a quarter of float32, and finer than the eye."""
    scaled = np.clip(np.rint(array / largest * 127), -127, 127).astype(np.int8)
    return base64.b64encode(scaled.tobytes()).decode()


def _scaled(array: np.ndarray) -> dict:
    largest = max(float(np.abs(array).max(initial=0)), 1e-6)
    return {"largest": round(largest, 4), "values": _int8(array, largest)}


def payload(text: str, chains: list[Chain], answers: Answers, setting: Setting) -> dict:
    """Everything that trace_view.js draws. 60 tokens of 192 units make about 40 kB.

    {"text", "tokens": [{"text", "label", "mark", "time", "probs", "near", "own"}],
     "chains": [{"name", "time", "h": base64 of (T, H) in drawing order, "units": [H numbers], "groups": [[name, size]],
                 "says": {"largest", "values": base64 of (H, K) in drawing order}}],
     "x": {"parts", "largest", "values": base64 of (T, E)}, "names", and the fields of Setting}
    """
    trace = chains[0].trace
    tokens = zip(trace.tokens, answers.labels, answers.marks, answers.time, answers.probs, setting.near, setting.own, strict=True)
    return {
        "text": text,
        "names": answers.names,
        "tokens": [
            {
                "text": token,
                "label": label,
                "mark": mark,
                "time": time,
                "probs": [round(float(p), 4) for p in probs],
                "near": near,
                "own": own,
            }
            for token, label, mark, time, probs, near, own in tokens
        ],
        "chains": [
            {
                "name": chain.trace.name,
                "time": chain.time,
                "h": _int8(chain.trace.h[:, chain.order], 1.0),
                "units": chain.order,
                "groups": chain.groups,
                "says": _scaled(chain.says[chain.order]),
            }
            for chain in chains
        ],
        "x": {"parts": setting.parts, **_scaled(trace.x)},
        "heat": {"negative": NEGATIVE, "positive": POSITIVE},
        **{name: getattr(setting, name) for name in Setting._fields if name not in ("near", "own", "parts")},
    }


@cache
def _component() -> Callable:
    import streamlit as st  # here, so that payloads can be made and tested without a page

    html, css, js = (Path(__file__).with_name(f"trace_view.{kind}").read_text("utf-8") for kind in ("html", "css", "js"))
    return st.components.v2.component("trace_view", html=html, css=css, js=js, isolate_styles=False)


def trace_view(data: dict, key: str) -> bool:
    """Draw a payload. True in the one run after typing came to rest, if the payload asked for it."""
    return bool(_component()(data=data, key=key, on_settled_change=lambda: None).settled)
