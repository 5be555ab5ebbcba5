"""Several copies of the app behind the shipped HAProxy: who stays where, who is refused, and what happens when a copy is killed."""

import contextlib
import json
import os
import re
import socket
import subprocess
import threading
import urllib.error
import urllib.request
from http.cookies import SimpleCookie

import pytest
from conftest import HAPROXY, ROOT, box, free_port, start_app, view
from playwright.sync_api import expect
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from rnn_demo.app.keystrokes import PATH
from rnn_demo.tasks import TASKS

SECRET = "Wilhelmina"  # typed, and never logged
COPIES = ("127.0.0.1", "127.0.0.2")
LEVELS = ("info", "warning")  # of their logs
BACK_MS = 5_000  # after a copy was killed, until what its visitors typed is read by another one


def name_server(addresses: tuple[str, ...]) -> socket.socket:
    """Docker's name server, as far as HAProxy asks it: whatever the question, the answer is these addresses."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 0))
    record = b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x01\x00\x04"  # of the name asked for, type A, for a second, four bytes
    answers = b"".join(record + socket.inet_aton(address) for address in addresses)

    def answer():
        with contextlib.suppress(OSError):  # closed when the test is over
            while True:
                asked, sender = server.recvfrom(4096)
                question = asked[12 : asked.index(b"\0", 12) + 5]
                counts = b"\x00\x01" + len(addresses).to_bytes(2, "big") + b"\x00\x00\x00\x00"
                server.sendto(asked[:2] + b"\x81\x80" + counts + question + answers, sender)

    threading.Thread(target=answer, daemon=True).start()
    return server


class Hall:
    """Two copies behind the balancer. Its logs are at `logs`; a copy can be killed."""

    def __init__(self, folder):
        port, self.socket, self.logs = free_port(), folder / "haproxy.sock", [folder / f"{name}.log" for name in "abh"]
        self.copies = {}
        # A copy whom a foreign page asks wants to ask the world for its own address; here it does not get so far.
        nowhere = f"http://127.0.0.1:{free_port()}"
        for host, level, log in zip(COPIES, LEVELS, self.logs, strict=False):
            settings = ("--server.address", host, "--logger.level", level)
            self.copies[host], _ = start_app(log, port, *settings, host=host, http_proxy=nowhere, https_proxy=nowhere)
        self.direct = f"{COPIES[0]}:{port}"
        self.names = name_server(COPIES)
        self.at = f"localhost:{free_port()}"
        settings = {
            "BIND": f"127.0.0.1:{self.at.split(':')[1]}",
            "NAME": "app.example",
            "PORT": str(port),
            "DNS": f"127.0.0.1:{self.names.getsockname()[1]}",
            "SOCKET": str(self.socket),
        }
        with self.logs[-1].open("w") as out:
            self.haproxy = subprocess.Popen(
                [HAPROXY, "-f", ROOT / ".deploy" / "haproxy.cfg"],
                env=os.environ | {f"UNROLLED_{name}": value for name, value in settings.items()},
                stdout=out, stderr=subprocess.STDOUT,
            )  # fmt: skip
        while len(self.up()) < len(COPIES):
            if self.haproxy.poll() is not None:
                self.close()
                raise RuntimeError(self.logs[-1].read_text())

    def command(self, words: str) -> str:
        """What the balancer answers to a command, "" while it does not listen yet."""
        with socket.socket(socket.AF_UNIX) as line, contextlib.suppress(OSError):
            line.connect(str(self.socket))
            line.sendall(f"{words}\n".encode())
            return b"".join(iter(lambda: line.recv(65_536), b"")).decode()
        return ""

    def up(self) -> dict[str, str]:
        """The copies that answer: their addresses by their names, {"replica1": "127.0.0.1"}."""
        rows = (line.split(",") for line in self.command("show stat").splitlines())
        found = (row for row in rows if row[0] == "replicas" and row[1].startswith("replica") and row[17].startswith("UP"))
        return {row[1]: row[73].split(":")[0] for row in found}

    def sent_to(self, cookie: str = "") -> str:
        """The cookie that says to which copy a visitor goes; "" where the cookie that they bring is right."""
        asked = urllib.request.Request(f"http://{self.at}/", headers={"Cookie": f"unrolled={cookie}"} if cookie else {})
        with urllib.request.urlopen(asked, timeout=10) as answer:
            cookies = SimpleCookie("; ".join(answer.headers.get_all("Set-Cookie") or []))
        return cookies["unrolled"].value if "unrolled" in cookies else ""

    def answered(self) -> list[str]:
        """Which copy answered each key so far: ["replica1"]."""
        return re.findall(rf"replicas/(\w+) \S+ 200 .* POST /{PATH}$", self.logs[-1].read_text(), re.M)

    def close(self):
        for process in (self.haproxy, *self.copies.values()):
            process.kill()
            process.wait()
        self.names.close()


@pytest.fixture(scope="module")
def hall(tmp_path_factory):
    hall = Hall(tmp_path_factory.mktemp("hall"))
    yield hall
    hall.close()


def opens(at: str, origin: str) -> bool:
    """Whether a page of this origin gets a WebSocket."""
    try:
        with connect(f"ws://{at}/_stcore/stream", origin=origin, open_timeout=10):
            return True
    except InvalidStatus as refused:
        assert refused.response.status_code == 403
        return False


def test_a_page_of_another_site_gets_no_session(hall):
    for at in (hall.direct, hall.at):
        assert opens(at, f"http://{at}") and not opens(at, "https://evil.example") and not opens(at, "null")
        statuses = [pressed(at, "a", origin) for origin in (f"http://{at}", "https://evil.example", "null", f"http://{at}.evil.example")]
        assert statuses == [503, 403, 403, 403]
    assert opens(hall.at, f"https://{hall.at}")  # whoever ends HTTPS in front of it
    assert not opens(hall.at, f"http://{hall.at}.evil.example")


def pressed(at: str, visit: str, origin: str = "") -> int:
    """With which status a key is answered that costs no reading."""
    body = {"task": "nowhere", "text": "a", "query": "", "visit": visit, "number": 1, "turn": 0, "holds": ""}
    asked = urllib.request.Request(f"http://{at}/{PATH}", json.dumps(body).encode(), {"Origin": origin} if origin else {})
    try:
        return urllib.request.urlopen(asked, timeout=10).status
    except urllib.error.HTTPError as refused:
        return refused.code


def test_one_visitors_flood_of_keys_is_refused_and_not_the_hall_behind_the_same_address(hall):
    """An answer of 503 comes from the app: it has no such page."""
    assert [pressed(hall.at, "flood") for _ in range(500)] == [503] * 500
    assert 429 in [pressed(hall.at, "flood") for _ in range(20)]
    assert {pressed(hall.at, f"visitor {n}") for n in range(60)} == {503}


def test_visitors_stay_with_their_copy_and_a_drained_one_gets_no_new_ones(hall):
    cookies = {hall.sent_to() for _ in range(8)}
    assert len(cookies) == len(COPIES) and not any(hall.sent_to(cookie) for cookie in cookies)
    hall.command("set server replicas/replica1 state drain")
    (left,) = {hall.sent_to() for _ in range(8)}
    assert not any(hall.sent_to(cookie) for cookie in cookies)  # who is there already is not sent away
    hall.command("set server replicas/replica1 state ready")
    assert left in cookies


def test_a_page_asks_nobody_elsewhere_and_could_not(hall, browser):
    """Every page is drawn under the policy that the balancer sends, with figures and a picture; what breaks it is refused."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce", locale="en-US")
    page, asked, said = context.new_page(), [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    for where in ("?lens=figures", "train", "story", *list(TASKS)[1:]):
        answer = page.goto(f"http://{hall.at}/{where}")
        expect(view(page)).to_have_attribute("data-current", re.compile(r"\d+"), timeout=60_000)
        assert answer.headers["referrer-policy"] == "same-origin" and answer.headers["x-content-type-options"] == "nosniff"
    page.goto(f"http://{hall.at}/?lens=figures")
    expect(page.locator(".js-plotly-plot .main-svg").first).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="Share", exact=True).click()
    for name in ("Save a picture", "Save as a page"):
        with page.expect_download():
            page.get_by_role("button", name=name).click()
    page.get_by_role("button", name="QR code").click()
    expect(page.get_by_role("img", name="QR code of the link to this view")).to_be_visible()
    assert all(url.startswith((f"http://{hall.at}/", f"ws://{hall.at}/", "data:", "blob:")) for url in asked)
    assert not [words for words in said if "Content Security Policy" in words]
    refused = """() => new Promise((done) => {
      document.addEventListener("securitypolicyviolation", (event) => done(event.effectiveDirective), { once: true });
      fetch("https://elsewhere.example/").catch(() => {});
    })"""
    assert page.evaluate(refused) == "connect-src"
    context.close()


def test_when_a_copy_is_killed_all_who_type_go_on_with_another_one(hall, browser):
    """Two visitors, one on each copy: one copy is killed as `kill -9` does while both type, and both texts are there and read. Each
    key is answered by the visitor's own copy, and afterwards by the one that is left; nothing of it is logged."""
    contexts, pages, errors = [], {}, []
    while len(pages) < len(COPIES):
        context = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce", locale="en-US")
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"http://{hall.at}/?text={SECRET}+sang&cell=rnn")
        expect(view(page)).to_have_attribute("data-current", re.compile(r"\d+"), timeout=60_000)
        (cookie,) = [cookie["value"] for cookie in context.cookies() if cookie["name"] == "unrolled"]
        pages[cookie] = page
    asked = []
    for page in pages.values():
        before = len(hall.answered())
        box(page).press("End")
        page.keyboard.type(" in Kyiv")
        expect(view(page)).to_have_attribute("data-text", f"{SECRET} sang in Kyiv")
        asked.append(set(hall.answered()[before:]))
    assert len(set().union(*asked)) == len(asked) == len(COPIES) and all(len(copies) == 1 for copies in asked)
    for page in pages.values():
        page.keyboard.type(" and")
    hall.copies[COPIES[0]].kill()
    before = len(hall.answered())
    for place, page in zip(("Oslo", "Rome"), pages.values(), strict=True):
        page.keyboard.type(f" in {place}")
    for place, page in zip(("Oslo", "Rome"), pages.values(), strict=True):
        text = f"{SECRET} sang in Kyiv and in {place}"
        expect(view(page)).to_have_attribute("data-text", text, timeout=BACK_MS)
        assert box(page).input_value() == text
        expect(view(page)).to_have_attribute("data-cell", "RNN")
        expect(view(page).locator(".uv-cut")).to_be_empty()
    frames = 0
    while len(hall.up()) > 1 and frames < 600:  # the visitors may be quicker than the balancer, which believes two checks
        frames += page.evaluate("new Promise((done) => requestAnimationFrame(() => done(1)))")
    assert list(hall.up().values()) == [COPIES[1]]
    assert {hall.up().get(copy) for copy in hall.answered()[before:]} == {COPIES[1]}  # keys go on beside the page
    for context in contexts:
        context.close()
    assert not errors
    for log in hall.logs:
        assert SECRET not in log.read_text()
