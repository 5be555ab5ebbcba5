"""How fast the page is: python tests/bench/page.py [start] [keys] [playback] [typists] [lines]

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
    if (view.dataset.text !== text) return;
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
        page.get_by_role("textbox", name="Your sentence").fill("Olga sings")
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


def keys(browser, address: str) -> None:
    page = browser.new_page()
    page.goto(address)
    page.wait_for_selector(".uv-column[data-label]")
    for name, delay in (("4 keys a second", 250), ("10 keys a second", 100)):
        typed = page.get_by_role("textbox", name="Your sentence")
        typed.fill("")
        page.wait_for_selector(".uv[data-text='']")
        page.evaluate(WATCH)
        typed.press_sequentially(TEXT, delay=delay)
        page.wait_for_selector(f".uv[data-text='{TEXT}']")
        times = page.evaluate("window.times")
        show(f"keystroke to painted tags, {name}", times)
        print(f"  {len(TEXT) - len(times)} of {len(TEXT)} keys were overtaken by the next one")
    page.close()


def playback(browser, address: str) -> None:
    page = browser.new_page()
    page.goto(f"{address}/?step=0&text=" + "+".join(f"word{i}" for i in range(30)))
    page.wait_for_selector(".uv[data-current='0']")
    for name in ("Normal speed", "Double speed"):
        page.get_by_role("button", name=name).click()
        page.get_by_role("button", name="To the start").click()
        page.get_by_role("button", name="Play", exact=True).click()
        frames = page.evaluate("""() => new Promise(done => { const times = []; const view = document.querySelector('.uv');
            const tick = t => { times.push(t); view.dataset.current === '30' ? done(times) : requestAnimationFrame(tick); };
            requestAnimationFrame(tick); })""")
        gaps = [b - a for a, b in zip(frames, frames[1:], strict=False)]
        rate = 1000 * len(gaps) / (frames[-1] - frames[0])
        print(f"playback of 30 tokens, {name.lower()}: {rate:.1f} frames a second, longest frame {max(gaps):.0f} ms")
    page.close()


async def typist(address: str, n_keys: int, pause: float, delay: float) -> list[float]:
    """One visitor without a browser: speaks Streamlit's protocol, types, and waits for each answer to arrive."""
    from streamlit.proto.BackMsg_pb2 import BackMsg
    from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
    from websockets.asyncio.client import connect

    await asyncio.sleep(delay)
    times, box, fragment, script = [], "", "", ""
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
                ask.rerun_script.widget_states.widgets.add(id=box, string_value=text)
                await socket.send(ask.SerializeToString())
            shown = ""
            while True:
                answer = ForwardMsg.FromString(await socket.recv())
                kind = answer.WhichOneof("type")
                if kind == "new_session":
                    script = answer.new_session.page_script_hash
                elif kind == "delta" and answer.delta.new_element.WhichOneof("type") == "text_input":
                    box, fragment = answer.delta.new_element.text_input.id, answer.delta.fragment_id
                elif kind == "delta" and answer.delta.new_element.WhichOneof("type") == "bidi_component":
                    shown = json.loads(answer.delta.new_element.bidi_component.json)["text"]
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


if __name__ == "__main__":
    main(sys.argv[1:] or ["start", "keys", "playback", "typists", "lines"])
