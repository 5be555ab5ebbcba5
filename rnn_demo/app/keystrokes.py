"""The short way of a key: a text goes in, the picture of its reading comes out, beside Streamlit's own runs.

A run of Streamlit's takes 10 ms of the server's time and 30 of the browser's, whatever it draws. So while somebody types, the view
asks here what a key changes. The page itself hears of the text as soon as typing rests or anything else is done, and has the last
word; where nothing answers here, it hears of every key. Nothing is kept but each visitor's last key: the page catches up on it, and
the next reading goes on from it.
"""

import asyncio
import json
import secrets
import time
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

if TYPE_CHECKING:
    from rnn_demo.reading import Reading

PATH = "read"  # beside the pages
LONGEST = 250_000  # bytes of a question: the longest text of a box and the longest link, each sign written as six bytes
KEPT = 100  # visitors whose last key is kept
QUICK, LONGER = 0.02, 100  # seconds that a visitor's last key took, and characters that came since, for one that is quick
ASKED = {"task": str, "text": str, "query": str, "visit": str, "number": int, "turn": int, "holds": str}


class Key(NamedTuple):
    """What stood in the box after a key; the number of the change and the box's turn, as textbox.js counts them; its reading, the
    answer and its name, and how many seconds they took."""

    text: str
    number: int
    turn: int
    reading: "Reading"
    answer: dict
    name: str
    seconds: float


_last: OrderedDict[tuple[str, str], Key] = OrderedDict()
_newest: dict[str, object] = {}  # the question of each visitor who waits
_turn = asyncio.Lock()  # in the order in which they come
_reader = ThreadPoolExecutor(1, "reader")


async def hear(request: Request) -> Response:
    """POST {"task", "text", "query": of a link to all else that is chosen, "visit", "number", "turn", "holds": the name of the last
    answer, "" for none} -> {"name": of this answer, "whole": what `answer` says}, or "change" in place of "whole": what makes it of
    the last one. 204 where the visitor has typed on before it was their turn, so that nobody's flood of keys is read."""
    origin = request.headers.get("origin")
    if origin and urlsplit(origin).netloc != request.headers.get("host"):
        return Response(status_code=403)
    body = b""
    try:
        async for part in request.stream():
            body += part
            if len(body) > LONGEST:
                return Response(status_code=413)
        asked = json.loads(body)
    except (ClientDisconnect, ValueError, RecursionError):
        return Response(status_code=400)
    if not isinstance(asked, dict) or not all(type(asked.get(name)) is kind for name, kind in ASKED.items()):
        return Response(status_code=400)
    _newest[visit := asked["visit"]] = asked
    async with _turn:
        if _newest.get(visit) is not asked:
            return Response(status_code=204)
        del _newest[visit]
        question = [asked[name] for name in ASKED]
        if quick(asked):
            found = reply(*question)
        else:
            found = await asyncio.get_running_loop().run_in_executor(_reader, reply, *question)
    return Response(status_code=503) if found is None else JSONResponse(found)


def quick(asked: dict) -> bool:
    """Whether a question takes so little time that the server answers it on the spot: to hand it to another thread and back costs
    a millisecond, a fifth of the whole. Whoever has pasted a page or chosen a large network is read beside the server."""
    before = last(asked["visit"], asked["task"])
    return bool(before) and before.seconds < QUICK and len(asked["text"]) < len(before.text) + LONGER


def reply(task_name: str, text: str, query: str, visit: str, number: int, turn: int, holds: str) -> dict | None:
    """What is sent of an answer: a key seldom changes more than its last word."""
    from rnn_demo.view.changes import change

    before = last(visit, task_name)
    found = answer(task_name, text, query, visit, number, turn)
    if found is None:
        return None
    name = last(visit, task_name).name
    if before and before.name == holds:
        return {"name": name, "change": change(before.answer, found)}
    return {"name": name, "whole": found}


def answer(task_name: str, text: str, query: str, visit: str, number: int = 0, turn: int = 0) -> dict | None:
    """What of the view's payload a text changes: all of `picture`, "colors", "note", "query", and "unread" of the box. None where
    there is no such page or its network cannot be read: the page says so.

    answer("tag", "Olga sings", "cell=gru", "1f") -> {"text": "Olga sings", "tokens": [...], ...}
    """
    # Streamlit's server is to answer before torch and all the rest are there.
    from rnn_demo import page
    from rnn_demo.app import controls
    from rnn_demo.app.task_page import hint
    from rnn_demo.edits import parse_link
    from rnn_demo.links import read_link, write_link
    from rnn_demo.networks.weight_files import WeightsError
    from rnn_demo.tasks import TASKS
    from rnn_demo.text import whole_characters
    from rnn_demo.view import colored, picture

    if task_name not in TASKS:
        return None
    began = time.thread_time()
    task, typed = TASKS[task_name], whole_characters(text[: controls.BOX_CHARS])
    chosen, _ = read_link(task, dict(parse_qsl(whole_characters(query), keep_blank_values=True)))
    del chosen["step"]
    chosen |= {option.name: option.default for option in task.options if option.widget == "text"}  # it belonged to another text
    read, note = task.entry.reads(typed)
    try:
        network = controls.model(task_name, chosen["cell"])
    except WeightsError:
        return None
    known = last(visit, task_name)
    before = controls.read_anew(task, network, controls.asked_of(task, chosen, read), known and known.reading)
    reading, problem = controls.edited(task, lambda: network, before, parse_link(chosen["edits"] or ""))
    drawn = picture(reading, before if reading is not before else None)
    found = drawn | {
        "colors": colored(drawn, page.frame(task)),
        "note": problem or note or hint(task, len(reading.columns), chosen | {"text": typed}),
        "query": write_link(chosen | {"text": read}),
        "unread": controls.unread_count(task, typed),
    }
    # No other copy of the server gives the same name.
    _last[visit, task_name] = Key(typed, number, turn, before, found, secrets.token_hex(8), time.thread_time() - began)
    _last.move_to_end((visit, task_name))
    while len(_last) > KEPT:
        _last.popitem(last=False)
    return found


def last(visit: str, task_name: str) -> Key | None:
    """A visitor's last key on a page, as long as it is kept."""
    return _last.get((visit, task_name))


ROUTES = [Route(f"/{PATH}", hear, methods=["POST"])]
