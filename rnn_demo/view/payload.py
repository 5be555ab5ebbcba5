"""A Reading as the JSON that the browser draws and plays."""

import base64
import functools
import itertools
from typing import NamedTuple

import numpy as np

from rnn_demo.colors import NEGATIVE, POSITIVE
from rnn_demo.edits import drawn
from rnn_demo.reading import Chain, Column, Reading, was
from rnn_demo.view.bands import full_bar, memory_rows


class Frame(NamedTuple):
    """What is the same for every text of a page.

    flags     how inputs and answers lie to each other, as Shape.flags: they become classes; "fixed" where nothing reads anew, so
              that nothing can be changed; "no-path" where a path cannot lead; "checks" where what is right stands below the tokens;
              "no-readout" where nothing comes out; "learning" while the same row is read again and again by a network that
              learns
    meanings  what each answer means, in words           colors    one for each answer and group of units
    choose    what a click on another answer does, "" where it does nothing
    wait      ms for which typing must rest before it is read
    language  in which the answers are written, "fr"; "" for that of the page
    titles    what is said of a sign that stands for something, where it is pointed at
    watch     what to look for in the memory, a sentence
    scene     of the story, as Scene.drawn; None elsewhere
    """

    flags: list[str]
    meanings: dict[str, str]
    colors: dict[str, str]
    choose: str = ""
    wait: int = 0
    language: str = ""
    titles: dict[str, str] = {}
    watch: str = ""
    scene: dict | None = None


class Closer(NamedTuple):
    """The lens that is open, and what it draws in the view itself.

    name      as in Visit.lenses; "" for none          opens     whether it wants to hear which step is pinned
    looks     the step that it looks at, 0 for none
    backward  what it plays from right to left, {"own", "carried", "last"} for each chain; [] until it is asked for, None where it
              plays nothing
    trail     what lies under the words, {"step": whose answer rests on them, "said": in a sentence, "adds": [nats or None a word]};
              {} until typing has come to rest, None where it draws none
    """

    name: str = ""
    opens: bool = False
    looks: int = 0
    backward: list[dict] | None = None
    trail: dict | None = None


class Visit(NamedTuple):
    """What changes with the visitor.

    note      a line to the reader, "" for none
    start     the step to open at, None for the last     autoplay  whether to play once until touched
    query     the share link's query, without the step
    settle    whether the page wants to hear when typing has come to rest
    waits     whether it wants to hear when the first picture is seen
    lens      the lens that is open            lenses    all that there are: (name, title, question) each, none where they are off
    box       None where there is no text box, else what textbox.js must know of it:
              {"label", "placeholder", "rows": lines at least, "page": which of all boxes it is, "text": what the page has of it,
               "visit": the server's session, "turn": rises when the page itself has put this text there,
               "keeps": whether what was not sent of a longer text stays behind it,
               "heard": the number of the last change that the page has heard of, "unread": characters behind the part that is read,
               "asks": where the view may ask what a key changes, "" where it must wait for the page}
    """

    note: str = ""
    start: int | None = None
    autoplay: bool = False
    query: str = ""
    settle: bool = False
    waits: bool = False
    box: dict | None = None
    lens: Closer = Closer()
    lenses: tuple[tuple[str, str, str], ...] = ()


def payload(reading: Reading, frame: Frame, visit: Visit, before: Reading | None = None) -> dict:
    """Everything that trace_view.js draws. 60 tokens of 192 units make about 40 kB. `before` is the reading without edits, where
    `reading` has some; text and places are then those of what was typed.

    {"text", "task", "cell": the block's title, "weights", "edits": as edits.drawn has them, "wasVerdict": "" for the same,
     "tokens": [{"text", "start", "end", "probs", "was", "wasText", and the other fields of Column}]: what was shown, and which word
               stood there, without the edits, "" for the same,
     "chains": [{"name", "time", "first", "h": base64 of (T, H) in drawing order, "units": [H numbers],
                 "groups": [[name, size]], "tells": {"names", "units": base64 of (H, 2) in drawing order: the place of
                 what a unit tells among the names, and its AUC in hundredths} or None,
                 "levels": {"names": R names, "largest", "values": base64 of (T, R)}: the rows of the memory,
                 "says": {"largest", "values": base64 of (K, H), of each answer in drawing order} or None}],
     "x": {"parts", "largest", "values": base64 of (T, E)}, "names", "faces", "verdict", "known": the step at which it is,
     "attention", "heat", and the fields of Frame and Visit}
    """
    return framed(picture(reading, before), frame, visit)


def framed(drawn: dict, frame: Frame, visit: Visit) -> dict:
    """The payload of a picture."""
    return {
        **frame._asdict(),
        **visit._asdict(),
        "lens": visit.lens._asdict(),
        "colors": colored(drawn, frame),
        "heat": {"negative": NEGATIVE, "positive": POSITIVE},
        **drawn,
    }


def colored(drawn: dict, frame: Frame) -> dict[str, str]:
    """The colours of all that has one in a picture. {"PER": "#0072b2", ...}"""
    rows = (name for chain in drawn["chains"] for name in chain["levels"]["names"])
    return {name: frame.colors[name] for name in (*drawn["names"], *frame.meanings, *rows)}


def picture(reading: Reading, before: Reading | None = None) -> dict:
    """What the reading alone gives to the payload."""
    rows = [memory_rows(chain) for chain in reading.chains]
    full = full_bar([values for _, values in rows])  # the same for all chains
    attention = reading.attention
    probs = np.round(np.asarray(reading.probs, dtype=float), 4).tolist()
    return {
        "task": reading.asked.task,
        "text": (before or reading).text,
        "edits": drawn(reading.asked.edits),
        "wasVerdict": before.verdict[0] if before and before.verdict[0] != reading.verdict[0] else "",
        "cell": reading.block.title,
        "weights": reading.block.weights,
        "names": reading.names,
        "faces": [answer.face for answer in reading.answers],
        "tokens": [
            _token(column, row, old, before is not None)
            for column, row, old in itertools.islice(
                itertools.zip_longest(reading.columns, probs, before.columns if before else ()), len(reading.columns)
            )
        ],
        "chains": [_chain(chain, *row, full) for chain, row in zip(reading.chains, rows, strict=True)],
        "x": {"parts": reading.block.parts, **_scaled(np.array(reading.side_by_side("x")))},
        "verdict": reading.verdict,
        "known": max((column.time for column in reading.columns), default=0),
        "attention": None if attention is None else np.round(attention.astype(float), 3).tolist(),
    }


def _token(column: Column, probs: list[float], old: Column | None, edited: bool) -> dict:
    """A column, and what stood there before the edits; `old` is None where nothing did."""
    values = column._asdict() | {"mark": column.mark._asdict(), "probs": probs}
    token = values.pop("token")._asdict()
    values |= {"was": "", "wasText": ""}
    if edited:
        shown = was(column, old)
        values["was"] = "" if shown is None else shown or "nothing"
        if old:
            values["wasText"] = "" if old.token.text == token["text"] else old.token.text
            token |= {"start": old.token.start, "end": old.token.end}
    return token | values


def _chain(chain: Chain, names: list[str], levels: np.ndarray, full: float) -> dict:
    return {
        "name": chain.trace.name,
        "time": chain.time,
        "first": chain.first,
        "h": _int8(chain.trace.h[:, chain.order], 1.0),
        "units": chain.order,
        "groups": [(group.name, group.size) for group in chain.groups],
        "tells": _tells(tuple(chain.tells), tuple(chain.order)),
        "levels": {"names": names, "largest": full, "values": _int8(levels, full)},
        "says": None if chain.says is None else _scaled(chain.says[chain.order].T),
    }


@functools.lru_cache(50)  # of every chain of every network: it is the same at every key
def _tells(tells: tuple[tuple[str, float], ...], order: tuple[int, ...]) -> dict | None:
    """Few names for many units: as pairs they would be a third of all that a key sends. (("ends a name", 0.97),), (0,) -> the name
    once, and the bytes 0, 97."""
    if not tells:
        return None
    units = [tells[unit] for unit in order]
    names = list(dict.fromkeys(what for what, _ in units))
    rows = np.array([(names.index(what), round(100 * auc)) for what, auc in units], np.int8)
    return {"names": names, "units": base64.b64encode(rows.tobytes()).decode()}


def _int8(array: np.ndarray, largest: float) -> str:
    """Numbers in -largest..largest as base64 bytes -127..127: a quarter of float32, and finer than the eye."""
    scaled = np.clip(np.rint(array / largest * 127), -127, 127).astype(np.int8)
    return base64.b64encode(scaled.tobytes()).decode()


def _scaled(array: np.ndarray) -> dict:
    largest = full_bar([array])  # which seldom changes: what is scaled by it is sent again when it does
    return {"largest": largest, "values": _int8(array, largest)}
