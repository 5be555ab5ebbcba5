"""A lecture hall on one link: python tests/bench/hall.py [visitors] [typists] [flood]

visitors   200 people who open the page within 30 seconds, one copy of the app and two behind the shipped balancer: from the moment
           they come until the server has sent the first picture
typists    more and more typists on the two copies, as page.py has them on one
flood      what ten typists on the two copies feel of one client's flood of keys

Run it while nothing else runs: the cores are shared by the copies, the balancer and those who ask. Needs HAProxy.
"""

import asyncio
import contextlib
import sys
import tempfile
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]

from conftest import start_app  # noqa: E402
from page import TEXT, Typist, flood, show, typists  # noqa: E402
from test_browser_hosted import COPIES, Hall  # noqa: E402

VISITORS, WITHIN_S = 200, 30


async def come(address: str) -> list[float]:
    """ms until each of VISITORS has the first picture, counted from when they were to come; all of them stay."""
    begins, stay = time.perf_counter() + 0.1, asyncio.Event()
    seen: list[float] = []

    async def visit(n: int) -> None:
        due = begins + n * WITHIN_S / VISITORS
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        async with Typist(address):
            seen.append(1000 * (time.perf_counter() - due))
            await stay.wait()

    visits = [asyncio.create_task(visit(n)) for n in range(VISITORS)]
    while len(seen) < VISITORS:
        await asyncio.sleep(0.1)
    stay.set()
    await asyncio.gather(*visits)
    return seen


async def wake(address: str, copies: int) -> None:
    """Have every copy read once, for which it loads what it needs: the balancer gives the next visitor to who has fewest."""
    async with contextlib.AsyncExitStack() as stack:
        visitors = [await stack.enter_async_context(Typist(address)) for _ in range(2 * copies)]
        for visitor in visitors:
            await visitor.ask(TEXT)
            await visitor.rest(TEXT, len(TEXT))


def main(wanted: list[str]) -> None:
    folder = Path(tempfile.mkdtemp())
    if "visitors" in wanted:
        process, address = start_app(folder / "one.log")
        asyncio.run(wake(address, 1))
        show(f"{VISITORS} visitors within {WITHIN_S} s, one copy: first picture", asyncio.run(come(address)))
        process.terminate()
        process.wait()
    hall = Hall(folder)
    try:
        address = f"http://{hall.at}"
        asyncio.run(wake(address, len(COPIES)))
        if "visitors" in wanted:
            show(f"{VISITORS} visitors within {WITHIN_S} s, two copies: first picture", asyncio.run(come(address)))
        if "typists" in wanted:
            typists(address)
        if "flood" in wanted:
            flood(address)
    finally:
        hall.close()


if __name__ == "__main__":
    main(sys.argv[1:] or ["visitors", "typists", "flood"])
