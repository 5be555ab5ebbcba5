"""How fast the page is: python tests/bench/page.py [start] [keys] [playback] [typists] [flood] [sessions] [lines] [translate]

Starts the app itself and prints a line a figure. Run it while nothing else runs: two cores are shared by server and browser.
"""

import asyncio
import bisect
import gzip
import itertools
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]

from conftest import ROOT, SEED, changed, open_browser, start_app  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402

from rnn_demo.app.keystrokes import PATH  # noqa: E402

TEXT = "Yesterday Amina Diallo flew from Dakar to New York and met Kenji Tanaka of the World Bank. "

# From the key to the frame that shows its text: the view says what it shows, and a frame later it is on the screen.
WATCH = """() => {
  window.times = [];
  document.addEventListener('input', e => { window.typed = [performance.now(), e.target.value]; }, true);
  const view = document.querySelector('.uv');
  new MutationObserver(() => {
    const [at, text] = window.typed ?? [];
    if (view.dataset.text.toLowerCase() !== text?.toLowerCase()) return;
    window.typed = null;
    requestAnimationFrame(() => { const c = new MessageChannel();
      c.port1.onmessage = () => window.times.push(performance.now() - at); c.port2.postMessage(0); });
  }).observe(view, { attributes: true, attributeFilter: ['data-text'] });
}"""


def show(name: str, times_ms: list[float]) -> None:
    cuts = statistics.quantiles(times_ms, n=100)
    print(f"{name}: p50 {cuts[49]:.0f} ms, p95 {cuts[94]:.0f} ms ({len(times_ms)} measured)", flush=True)


def memory(process: subprocess.Popen) -> float:
    """Resident megabytes of the server (Linux)."""
    lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


BARE = "import streamlit as st\nst.html('<p class=bare>Nothing but a line.</p>')\n"


def start(browser, log: Path) -> None:
    """By turns with a page of one line, which is what Streamlit itself takes."""
    bare = log.parent / "bare.py"
    bare.write_text(BARE)
    times: dict[str, list[float]] = {}

    def took(what: str, began: float) -> None:
        times.setdefault(what, []).append(time.perf_counter() - began)

    for _ in range(5):
        for script, seen, whose in (str(bare), ".bare", "a page of one line, "), ("streamlit_app.py", ".uv-column[data-label]", ""):
            began = time.perf_counter()
            process, address = start_app(log, script=script)
            page = browser.new_page()
            page.goto(address)
            page.wait_for_selector(seen)
            took(f"{whose}start to first picture", began)
            if not whose:
                page.locator(".uv textarea").fill("Olga sings")
                page.wait_for_selector(".uv[data-text='Olga sings']")
                took("start to first answer", began)
            began = time.perf_counter()
            other = browser.new_page()
            other.goto(address)
            other.wait_for_selector(seen)
            took(f"{whose}later visit", began)
            other.close()
            page.close()
            process.terminate()
            process.wait()
    for what, seconds in times.items():
        print(f"{what}: median {statistics.median(seconds):.2f} s, worst {max(seconds):.2f} s ({len(seconds)} starts)")


REVIEW = ("It starts well, with a good cast, but after the first hour the story drags and nobody seems to care. " * 7).strip()
TYPED = (  # page, what stands in the box already, what is typed after it
    ("tag", "", TEXT),
    *((f"?lens={lens}", "", TEXT) for lens in ("inside", "memory", "whatif&edits=cut:2", "compare", "figures")),
    ("rate", "", "A slow start, but then it is warm and funny and never dull, and I cried. "),
    ("rate?cell=bilstm", "", "A slow start, but then it is warm and funny and never dull, and I cried. "),
    ("rate", REVIEW, " And the end is wonderful."),
    ("name", "", "Alexandr"),
    ("order", "", "Yesterday I wanted to go to the gym with a friend, but it was closed. "),
)


def keys(browser, address: str) -> None:
    for where, before, text in TYPED:
        page = browser.new_page()
        page.goto(f"{address}/{where}" if where != "tag" else address)
        page.wait_for_selector(".uv-column[data-label]")
        for name, delay in (("4 keys a second", 250), ("10 keys a second", 100)):
            typed = page.locator(".uv textarea")
            typed.fill(before)
            page.wait_for_function("text => document.querySelector('.uv').dataset.text === text.toLowerCase() || "
                "document.querySelector('.uv').dataset.text === text", arg=before)  # fmt: skip
            page.evaluate(WATCH)
            typed.press("End")
            typed.press_sequentially(text, delay=delay)
            page.wait_for_function("text => document.querySelector('.uv').dataset.text.toLowerCase() === text.toLowerCase()",
                arg=before + text)  # fmt: skip
            times = page.evaluate("window.times")
            there = f", {len(before)} characters before it" if before else ""
            show(f"{where}: keystroke to painted answer, {name}{there}", times)
            print(f"  {len(text) - len(times)} of {len(text)} keys were overtaken by the next one")
        page.close()


def playback(browser, address: str) -> None:
    words = "+".join(f"word{i}" for i in range(30))
    for where, steps in ((f"?step=0&text={words}", 30), (f"rate?step=0&text={'+'.join(['good'] * 200)}", 200)):
        page = browser.new_page()
        page.goto(f"{address}/{where}")
        page.wait_for_selector(".uv[data-current='0']")
        for name in ("Normal speed", "Double speed"):
            page.get_by_role("button", name=name).click()
            page.get_by_role("button", name="To the start").click()
            page.get_by_role("button", name="Play", exact=True).click()
            frames = page.evaluate("""() => new Promise(done => { const times = []; const view = document.querySelector('.uv');
                const tick = t => { times.push(t); +view.dataset.current >= 30 ? done(times) : requestAnimationFrame(tick); };
                requestAnimationFrame(tick); })""")
            gaps = [b - a for a, b in zip(frames, frames[1:], strict=False)]
            rate = 1000 * len(gaps) / (frames[-1] - frames[0])
            print(f"playback, 30 of {steps} tokens, {name.lower()}: {rate:.1f} frames a second, longest frame {max(gaps):.0f} ms")
            page.get_by_role("button", name="To the end").click()
        page.close()


KEYS_A_SECOND, KEYS = 3.0, 60  # of each typist
CROWDS = (10, 20, 30, 40, 50, 60, 80, 100)  # typists at a time
WARM_UP = 5  # first keys of each typist, not counted: the page has just been opened
SLOWEST = 150.0  # ms: what the 95th percentile may be while the page still counts as live


class Typist:
    """One visitor without a browser, who asks what a key changes as the view does, and tells Streamlit when typing rests. `sizes`
    counts the bytes that came, by kind of message; and those that were sent to ask for a key, "question", of which a browser's own
    head has some 500 more.

    async with Typist(address) as typist: data = await typist.ask("Olga"); data = await typist.rest("Olga", 1)
    """

    def __init__(self, address: str):
        from websockets.asyncio.client import connect

        self.place = urlsplit(address)
        self.connected = connect(address.replace("http", "ws") + "/_stcore/stream", max_size=None)
        self.seen: dict[str, str] = {}
        self.sizes: Counter = Counter()

    async def __aenter__(self):
        from streamlit.proto.BackMsg_pb2 import BackMsg

        self.socket = await self.connected.__aenter__()
        ask = BackMsg()
        ask.rerun_script.query_string = ""
        await self.socket.send(ask.SerializeToString())
        first = await self.next_view()
        assert first["text"] == SEED
        self.box, self.query, self.holds = first["box"], first["query"], {"name": "", "whole": {}}
        cookies = self.socket.response.headers.get_all("Set-Cookie")  # of the balancer: a browser stays with its copy
        self.cookie = "; ".join(cookie.split(";")[0] for cookie in cookies)
        self.line = None  # opened with the first key: the balancer hangs up on who says nothing
        return self

    async def __aexit__(self, *why):
        if self.line:
            self.line[1].close()
        await self.connected.__aexit__(*why)

    async def ask(self, text: str) -> dict:
        """What a key changes, after which `text` stands in the box."""
        key = {"visit": self.box["visit"], "number": len(text), "turn": self.box["turn"], "holds": self.holds["name"]}
        body = json.dumps({"task": "tag", "text": text, "query": self.query, **key}).encode()
        headers = {"Host": self.place.netloc, "Cookie": self.cookie, "Accept-Encoding": "gzip", "Content-Length": len(body)}
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items() if value)
        self.line = self.line or await asyncio.open_connection(self.place.hostname, self.place.port)
        reader, writer = self.line
        writer.write(question := f"POST /{PATH} HTTP/1.1\r\n{lines}\r\n".encode() + body)
        self.sizes["question"] += len(question)
        head = await reader.readuntil(b"\r\n\r\n")
        status, *lines = head.decode().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines if line)
        data = await reader.readexactly(int(headers.get("content-length", 0)))
        self.sizes["answer"] += len(head) + len(data)
        if " 204 " in status or " 429 " in status:
            return {}  # a later question has been asked, or too many
        assert " 200 " in status, status
        data = gzip.decompress(data) if headers.get("content-encoding") == "gzip" else data
        self.sizes["answer, unpacked"] += len(data)
        told = json.loads(data)
        whole = changed(self.holds["whole"], told["change"]) if "change" in told else told["whole"]
        self.holds = {"name": told["name"], "whole": whole}
        return self.holds["whole"]

    async def next_view(self) -> dict:
        """What the next run of the page draws."""
        from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

        data = {}
        while True:
            message = await self.socket.recv()
            answer = ForwardMsg.FromString(message)
            kind = answer.WhichOneof("type")
            element = answer.delta.new_element.WhichOneof("type") if kind == "delta" else None
            self.sizes[element or kind] += len(message)
            if kind == "new_session":
                self.seen["script"] = answer.new_session.page_script_hash
            elif element == "bidi_component" and answer.delta.new_element.bidi_component.component_name == "trace_view":
                component = answer.delta.new_element.bidi_component
                self.seen.update(view=component.id, fragment=answer.delta.fragment_id)
                (data,) = json.loads(component.json)
            elif kind == "script_finished" and data:
                return data

    async def rest(self, text: str, number: int) -> dict:
        """Typing rests, `text` stands in the box after so many changes: what the page draws then."""
        from streamlit.proto.BackMsg_pb2 import BackMsg

        typed = {"text": text, "number": number, "visit": self.box["visit"], "turn": self.box["turn"], "lost": None}
        ask = BackMsg()
        ask.rerun_script.fragment_id = self.seen["fragment"]
        ask.rerun_script.page_script_hash = self.seen["script"]
        states = ask.rerun_script.widget_states.widgets
        states.add(id=self.seen["view"], json_value="{}")
        events = json.dumps([{"event": "typed", "value": typed}])
        states.add(id=f"$$STREAMLIT_INTERNAL_KEY_{self.seen['view']}__events", json_trigger_value=events)
        await self.socket.send(ask.SerializeToString())
        return await self.next_view()


async def typist(address: str, start: float) -> tuple[list[float], list[float]]:
    """A typist who presses key n at `start` + n / KEYS_A_SECOND, whether or not the last answer has come. For each key: ms from
    when it was to be pressed until an answer shows it, or a later one; and the time of each answer."""
    due = [start + n / KEYS_A_SECOND for n in range(KEYS)]
    times: list[float] = []
    answers: list[float] = []
    async with Typist(address) as one:
        while len(times) < KEYS:
            await asyncio.sleep(max(0.0, due[len(times)] - time.perf_counter()))
            pressed = bisect.bisect_right(due, time.perf_counter())  # one question at a time, as the view asks them
            shown = await one.ask(TEXT[:pressed])
            now = time.perf_counter()
            assert shown["text"] == TEXT[:pressed], shown["text"]
            answers.append(now)
            times += [1000 * (now - due[n]) for n in range(len(times), pressed)]
        await one.rest(TEXT[:KEYS], KEYS)
    return times, answers


async def crowd(address: str, count: int) -> tuple[list[float], float]:
    """So many typists at once, their keys spread evenly over time: ms for each key, and answers a second."""
    start = time.perf_counter() + 3 + count / 10  # the pages must have been opened by then
    found = await asyncio.gather(*(typist(address, start + i / count / KEYS_A_SECOND) for i in range(count)))
    ends = start + KEYS / KEYS_A_SECOND
    answered = sum(start <= at < ends for _, answers in found for at in answers)
    return [ms for times, _ in found for ms in times[WARM_UP:]], answered / (ends - start)


def typists(address: str) -> None:
    """More and more typists, until it breaks. The knee is the largest crowd that is in time, as all smaller ones are."""
    late = {}
    for count in CROWDS:
        times, answers = asyncio.run(crowd(address, count))
        show(f"{count} typists, {count * KEYS_A_SECOND:.0f} keys a second, {answers:.0f} answers a second; key to answer", times)
        late[count] = statistics.quantiles(times, n=100)[94]
        if late[count] > 40 * SLOWEST:
            break
    in_time = list(itertools.takewhile(lambda count: late[count] <= SLOWEST, late))
    told = lambda count: f"{count} typists, {count * KEYS_A_SECOND:.0f} keys a second, p95 {late[count]:.0f} ms"
    knee = told(in_time[-1]) if in_time else f"below {CROWDS[0]} typists"
    beyond = f"the next crowd: {told(list(late)[len(in_time)])}" if len(in_time) < len(late) else "no larger crowd was tried"
    print(f"THE KNEE (p95 at most {SLOWEST:.0f} ms): {knee}; {beyond}")


FLOOD = 200  # keys a second of one client who does not wait for answers
LINES = 20  # over which it sends them


async def flooded(address: str, count: int, floods: bool) -> list[float]:
    """ms for each key of so many typists, beside such a client if it `floods`."""
    ends = asyncio.Event()

    async def flood(line: int) -> None:
        async with Typist(address) as one:
            one.box["visit"] = "flood"  # the same on all lines
            begun = time.perf_counter()
            for n in itertools.count():
                await asyncio.sleep(max(0.0, begun + (n + line / LINES) * LINES / FLOOD - time.perf_counter()))
                if ends.is_set():
                    return
                await one.ask(TEXT[: n % len(TEXT) + 1])

    lines = [asyncio.create_task(flood(line)) for line in range(LINES if floods else 0)]
    times, _ = await crowd(address, count)
    ends.set()
    await asyncio.gather(*lines)
    return times


def flood(address: str) -> None:
    """What others feel of one client's flood, twice by turns."""
    for floods in (False, True, False, True):
        beside = f"{'beside' if floods else 'without'} {FLOOD} keys a second of one client"
        show(f"10 typists, {beside}", asyncio.run(flooded(address, 10, floods)))


SESSIONS = 1_000
AT_ONCE = 20  # of them
FORGOTTEN_S = 5  # after which the server forgets who has gone


def sessions(log: Path) -> None:
    """Memory before and after many sessions that are opened, typed in and closed; the first hundred only fill caches."""
    global KEYS
    process, address = start_app(log, 0, "--server.disconnectedSessionTTL", str(FORGOTTEN_S))
    KEYS, all_keys = 4, KEYS

    def come_and_go(count: int) -> float:
        for _ in range(count // AT_ONCE):
            asyncio.run(crowd(address, AT_ONCE))
        time.sleep(3 * FORGOTTEN_S)
        return memory(process)

    before, after = come_and_go(100), come_and_go(SESSIONS)
    KEYS = all_keys
    print(f"memory before {SESSIONS:,} sessions: {before:.0f} MB, after: {after:.0f} MB ({after / before - 1:+.1%})")
    process.terminate()
    process.wait()


def lines() -> None:
    words = "Amina Diallo flew from Dakar to New York and met a friend there .\n"
    text = words * 3000
    for cell in ("gru", "bilstm"):
        began = time.perf_counter()
        command = [sys.executable, "-m", "rnn_demo", "tag", "-", "--cell", cell]
        subprocess.run(command, cwd=ROOT, input=text.encode(), stdout=subprocess.DEVNULL, check=True)
        seconds = time.perf_counter() - began
        print(f"command line, {cell}: {len(text.split()) / seconds:,.0f} tokens a second, start included")


ENGLISH = "My brother bought a small house near the river last year, but now he wants to sell it again to us."


def translate() -> None:
    import torch

    from rnn_demo import load

    torch.set_num_threads(1)
    for cell in ("attention", "plain"):
        model = load("translate", cell)
        for width in (1, 4, 5):
            times = []
            for _ in range(20):
                began = time.perf_counter()
                model.trace(ENGLISH, width)
                times.append(1000 * (time.perf_counter() - began))
            show(f"translate, {cell}, {len(ENGLISH.split())} words, beam {width}, one core", times)


def main(wanted: list[str]) -> None:
    log = Path(tempfile.mkdtemp()) / "log.txt"
    with sync_playwright() as playwright:
        browser = open_browser(playwright).new_context(locale="en-US")
        browser.set_default_timeout(120_000)
        if "start" in wanted:
            start(browser, log)
        process, address = start_app(log)
        page = browser.new_page()
        page.goto(address)
        page.wait_for_selector(".uv-column[data-label]")
        page.close()
        time.sleep(3)  # the other models are loaded in the background
        print(f"memory of the server with the first network of every page: {memory(process):.0f} MB")
        if "keys" in wanted:
            keys(browser, address)
        if "playback" in wanted:
            playback(browser, address)
        browser.close()
    if "typists" in wanted:
        typists(address)
        print(f"memory of the server after that: {memory(process):.0f} MB")
    if "flood" in wanted:
        flood(address)
    process.terminate()
    if "sessions" in wanted:
        sessions(log)
    if "lines" in wanted:
        lines()
    if "translate" in wanted:
        translate()


if __name__ == "__main__":
    main(sys.argv[1:] or ["start", "keys", "playback", "typists", "flood", "sessions", "lines", "translate"])
