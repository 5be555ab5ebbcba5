"""What a key costs: python tests/bench/wire.py [line] [payload]

line     starts the app, types as a browser does, and prints the bytes of what the server sends a key, and its processor time
payload  bytes of the view's data by part, for the seed of each page and a review of 160 tokens
"""

import asyncio
import json
import os
import sys
import tempfile
import zlib
from collections import Counter
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]

from conftest import load, start_app  # noqa: E402
from page import TEXT, Typist  # noqa: E402

from rnn_demo import page  # noqa: E402
from rnn_demo.lenses import LENSES  # noqa: E402
from rnn_demo.tasks import TASKS  # noqa: E402
from rnn_demo.view import Visit, payload  # noqa: E402

REVIEW = ("It starts well, with a good cast, but after the first hour the story drags and nobody seems to care. " * 7).strip()
CASES = [(task.name, task.cell.default, task.entry.seed) for task in TASKS.values()] + [("rate", "gru", REVIEW)]
BOX = {"label": "", "placeholder": "", "rows": 1, "page": "", "text": "", "visit": "0" * 16, "turn": 0, "keeps": False, "heard": 0}
ROUNDS = 5  # of the same text


def cpu_s(pid: int) -> float:
    """Processor time of a process so far (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def typed(address: str, pid: int) -> None:
    """One visitor who waits for each answer before the next key."""
    async with Typist(address) as typist:
        sizes = typist.sizes
        print(f"the page: {sum(sizes.values()):,} bytes; {told(sizes)}")
        texts = [TEXT[: n + 1] for _ in range(ROUNDS) for n in range(len(TEXT))]
        for number, text in enumerate(texts, start=1):
            if number == len(TEXT):  # the first round only warms up
                sizes.clear()
                began = cpu_s(pid)
            await typist.ask(text)
        keys = len(texts) - len(TEXT)
        print(f"a key: {sum(sizes.values()) / keys:,.0f} bytes; {told(Counter({n: s // keys for n, s in sizes.items()}))}")
        print(f"a key: {1000 * (cpu_s(pid) - began) / keys:.2f} ms of the server's processor time ({keys} keys)")


def told(sizes: Counter) -> str:
    return ", ".join(f"{name} {size:,}" for name, size in sizes.most_common(5))


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


def sent(name: str, cell: str, text: str) -> dict:
    task = TASKS[name]
    text, _ = task.entry.reads(text)
    reading = task.read(load(name, cell), text, {option.name: option.default for option in task.options}, None)
    lenses = tuple((lens.name, lens.title, lens.question) for lens in LENSES.values())
    return payload(reading, page.frame(task), Visit(box=BOX | {"text": text}, lenses=lenses, lens="step", query=text))


def by_part() -> None:
    for name, cell, text in CASES:
        now, next_key = sent(name, cell, text[:-2]), sent(name, cell, text)
        before, after = parts(now), parts(next_key)
        same = {part for part, words in after.items() if before.get(part) == words}
        whole = json.dumps([next_key]).encode()  # as Streamlit writes it
        # Two keys through one compressor, as a WebSocket with permessage-deflate does it.
        press = zlib.compressobj(6, wbits=-15)
        press.compress(json.dumps([now]).encode()) + press.flush(zlib.Z_SYNC_FLUSH)
        pressed = len(press.compress(whole) + press.flush(zlib.Z_SYNC_FLUSH))
        print(
            f"{name}, {cell}, {len(next_key['tokens'])} steps: {len(whole):,} bytes, "
            f"{sum(len(after[part]) for part in same):,} of them as at the key before; {pressed:,} where the line compresses"
        )
        for part, words in sorted(after.items(), key=lambda pair: -len(pair[1]))[:12]:
            print(f"    {len(words):8,}  {part}{'  (the same)' if part in same else ''}")


def main(wanted: list[str]) -> None:
    for name in wanted:
        {"line": line, "payload": by_part}[name]()


if __name__ == "__main__":
    main(sys.argv[1:] or ["line", "payload"])
