"""What a key costs: python tests/bench/wire.py [line] [payload]

line     starts the app, types as a browser does, and prints the bytes that a key sends (`POST read`) and gets, those that come by
         the WebSocket once typing rests, and the server's processor time for both
payload  bytes of the answer to a key by part, for the seed of each page and a review of 160 tokens
"""

import asyncio
import gzip
import json
import os
import sys
import tempfile
from collections import Counter
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]

from conftest import start_app  # noqa: E402
from page import TEXT, Typist  # noqa: E402
from starlette.responses import JSONResponse  # noqa: E402

from rnn_demo.app import keystrokes  # noqa: E402
from rnn_demo.tasks import TASKS  # noqa: E402

REVIEW = ("It starts well, with a good cast, but after the first hour the story drags and nobody seems to care. " * 7).strip()
CASES = [(task.name, task.cell.default, task.entry.seed) for task in TASKS.values()] + [("rate", "gru", REVIEW)]
ROUNDS = 5  # of the same text
RESTS = 50


def cpu_s(pid: int) -> float:
    """Processor time of a process so far (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def typed(address: str, pid: int) -> None:
    """One visitor who waits for each answer before the next key."""
    async with Typist(address) as typist:
        print(f"the page: {told(typist.sizes)}")
        texts = [TEXT[: n + 1] for _ in range(ROUNDS) for n in range(len(TEXT))]
        for number, text in enumerate(texts, start=1):
            if number == len(TEXT):  # the first round only warms up
                typist.sizes.clear()
                began = cpu_s(pid)
            await typist.ask(text)
        keys = len(texts) - len(TEXT)
        print(f"a key, of {keys} on average: {told(typist.sizes, keys)}; {1000 * (cpu_s(pid) - began) / keys:.2f} ms of the server")
        typist.sizes.clear()
        began = cpu_s(pid)
        for number in range(1, RESTS + 1):
            await typist.rest(TEXT[: len(TEXT) - number % 2], number)
        each = 1000 * (cpu_s(pid) - began) / RESTS
        print(f"when typing rests, of {RESTS} on average: {told(typist.sizes, RESTS)}; {each:.2f} ms of the server")


def told(sizes: Counter, times: int = 1) -> str:
    """Bytes by kind, for one of so many times."""
    return ", ".join(f"{name} {size / times:,.0f}" for name, size in sizes.most_common(5)) + " bytes"


def line() -> None:
    process, address = start_app(Path(tempfile.mkdtemp()) / "log.txt")
    asyncio.run(typed(address, process.pid))
    process.terminate()
    process.wait()


def parts(data: dict) -> dict[str, str]:
    """The fields of a payload as they are written; those of chains and tokens by themselves. {"colors": '"colors": {...}, '}"""
    found = {}
    for name, value in data.items():
        if name in ("chains", "tokens"):
            for each in value:
                for field, inner in each.items():
                    found[f"{name}.{field}"] = found.get(f"{name}.{field}", "") + f'"{field}": {json.dumps(inner)}, '
        else:
            found[name] = f'"{name}": {json.dumps(value)}, '
    return found


def by_part() -> None:
    for name, cell, text in CASES:
        now, after = (keystrokes.answer(name, typed, f"cell={cell}", "bench") for typed in (text[:-1], text))
        before, written = parts(now), parts(after)
        same = {part for part, words in written.items() if before.get(part) == words}
        whole = JSONResponse(after).body
        print(
            f"{name}, {cell}, {len(after['tokens'])} steps: {len(whole):,} bytes, {len(gzip.compress(whole)):,} of them packed; "
            f"{sum(len(written[part]) for part in same):,} as at the key before"
        )
        for part, words in sorted(written.items(), key=lambda pair: -len(pair[1]))[:12]:
            print(f"    {len(words):8,}  {part}{'  (the same)' if part in same else ''}")


def main(wanted: list[str]) -> None:
    for name in wanted:
        {"line": line, "payload": by_part}[name]()


if __name__ == "__main__":
    main(sys.argv[1:] or ["line", "payload"])
