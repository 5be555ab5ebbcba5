"""How fast the page is: python tests/bench/page.py [start] [keys] [playback] [typists] [lines] [translate]

Starts the app itself and prints a line a figure. Run it while nothing else runs: two cores are shared by server and browser.
"""

import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]

from conftest import ROOT, SEED, open_browser, start_app  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402

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


def start(browser, log: Path) -> None:
    first, answered, again = [], [], []
    for _ in range(5):
        began = time.perf_counter()
        process, address = start_app(log)
        page = browser.new_page()
        page.goto(address)
        page.wait_for_selector(".uv-column[data-label]")
        first.append(time.perf_counter() - began)
        page.locator(".uv textarea").fill("Olga sings")
        page.wait_for_selector(".uv[data-text='Olga sings']")
        answered.append(time.perf_counter() - began)
        began = time.perf_counter()
        other = browser.new_page()
        other.goto(address)
        other.wait_for_selector(".uv-column[data-label]")
        again.append(time.perf_counter() - began)
        other.close()
        page.close()
        process.terminate()
        process.wait()
    for name, seconds in (("first picture", first), ("first answer", answered), ("later visit", again)):
        print(f"start to {name}: median {statistics.median(seconds):.2f} s, worst {max(seconds):.2f} s ({len(seconds)} starts)")


REVIEW = ("It starts well, with a good cast, but after the first hour the story drags and nobody seems to care. " * 7).strip()
TYPED = (  # page, what stands in the box already, what is typed after it
    ("tag", "", TEXT),
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


async def typist(address: str, n_keys: int, pause: float, delay: float) -> list[float]:
    """One visitor without a browser: speaks Streamlit's protocol, types, and waits for each answer to arrive."""
    from streamlit.proto.BackMsg_pb2 import BackMsg
    from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
    from websockets.asyncio.client import connect

    await asyncio.sleep(delay)
    times, view, fragment, script = [], "", "", ""
    async with connect(address.replace("http", "ws") + "/_stcore/stream", max_size=None) as socket:
        ask = BackMsg()
        ask.rerun_script.query_string = ""
        await socket.send(ask.SerializeToString())
        for n in range(n_keys + 1):
            began = time.perf_counter()
            text = TEXT[:n]
            if n:
                ask = BackMsg()
                ask.rerun_script.fragment_id = fragment
                ask.rerun_script.page_script_hash = script
                event = json.dumps([{"event": "typed", "value": {"text": text}}])
                ask.rerun_script.widget_states.widgets.add(id=view, json_value="{}")
                ask.rerun_script.widget_states.widgets.add(id=f"$$STREAMLIT_INTERNAL_KEY_{view}__events", json_trigger_value=event)
                await socket.send(ask.SerializeToString())
            shown = ""
            while True:
                answer = ForwardMsg.FromString(await socket.recv())
                kind = answer.WhichOneof("type")
                if kind == "new_session":
                    script = answer.new_session.page_script_hash
                elif kind == "delta" and answer.delta.new_element.WhichOneof("type") == "bidi_component":
                    component = answer.delta.new_element.bidi_component
                    view, fragment, shown = component.id, answer.delta.fragment_id, json.loads(component.json)["text"]
                elif kind == "script_finished":
                    break
            assert shown == (text if n else SEED), (shown, text)
            if n:
                times.append(1000 * (time.perf_counter() - began))
                await asyncio.sleep(max(0, pause - (time.perf_counter() - began)))
    return times


def typists(address: str, count: int = 50, per_second: float = 3.0) -> None:
    async def all_of_them() -> list[list[float]]:
        spread = [i / count / per_second * 7 for i in range(count)]
        return await asyncio.gather(*(typist(address, 60, 1 / per_second, delay) for delay in spread))

    times = asyncio.run(all_of_them())
    show(f"{count} typists at {per_second:.0f} keys a second, key to answer", [t for each in times for t in each[5:]])


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
        print(f"memory of the server with all models: {memory(process):.0f} MB")
        if "keys" in wanted:
            keys(browser, address)
        if "playback" in wanted:
            playback(browser, address)
        browser.close()
    if "typists" in wanted:
        typists(address)
        print(f"memory of the server after that: {memory(process):.0f} MB")
    process.terminate()
    if "lines" in wanted:
        lines()
    if "translate" in wanted:
        translate()


if __name__ == "__main__":
    main(sys.argv[1:] or ["start", "keys", "playback", "typists", "lines", "translate"])
