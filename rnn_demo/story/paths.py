"""A reader's own path of stops: collected from any page, named, ordered, and shared as one link or one small file. A path that
comes from elsewhere is data: every field is checked like a stop of the story, and what does not fit is said."""

import base64
import binascii
import json
import zlib
from typing import NamedTuple

from rnn_demo.story.stops import Stop, stop_of
from rnn_demo.tasks import TASKS, Task

MOST_STOPS = 40
MOST_CHARS = 60  # of a name or a title
MOST_BYTES = 64_000  # of a file
FOR_TITLES = 6 * MOST_CHARS * (MOST_STOPS + 1)  # of these, so that a path to which nothing more can be added can still be renamed
MOST_LINK = 8_000  # characters of a path in a link: some mail programs and proxies cut longer ones
FIELDS = ("title", "words", "page", "link")


class PathError(ValueError):
    """What is wrong with a path that somebody brings; the message says what to do."""


class Path(NamedTuple):
    """Path("My lecture", (Stop("1", "Tag: Olga sings", "", "tag", {"text": "Olga sings"}),))"""

    name: str = "My path"
    stops: tuple[Stop, ...] = ()

    @property
    def file(self) -> str:
        """As JSON, which `read_path` takes back."""
        stops = [{name: getattr(stop, name) for name in FIELDS} for stop in self.stops]
        return json.dumps({"unrolled": 1, "name": self.name, "stops": stops}, ensure_ascii=False, indent=1)

    @property
    def link(self) -> str:
        """As a word of a link, which `unpacked` takes back. PathError where it is longer than a link may be."""
        plain = json.dumps(json.loads(self.file), ensure_ascii=False, separators=(",", ":")).encode()
        word = base64.urlsafe_b64encode(zlib.compress(plain, 9)).decode().rstrip("=")
        if len(word) > MOST_LINK:
            raise PathError("This path is too long for a link. Share it as a file.")
        return word


def added(path: Path, task: Task, link: dict[str, str]) -> Path:
    """The path with one more stop; the same where it is full, so that its file can always be opened again. Its title can be
    changed."""
    title = f"{task.words.title}: {link.get('text', '')}"
    longer = path._replace(stops=numbered([*path.stops, Stop("", title[:MOST_CHARS], "", task.name, link)]))
    fits = len(longer.stops) <= MOST_STOPS and len(longer.file.encode()) <= MOST_BYTES - FOR_TITLES
    return longer if fits else path


def numbered(stops: list[Stop]) -> tuple[Stop, ...]:
    """Each named by its place, as a link has it: "1", "2", ..."""
    return tuple(stop._replace(name=str(number)) for number, stop in enumerate(stops, start=1))


def read_path(text: str) -> Path:
    """A file's text as a path. PathError says what is wrong."""
    if len(text.encode()) > MOST_BYTES:
        raise PathError(f"This file is larger than {MOST_BYTES // 1000} kB: it is no path of this app.")
    try:
        table = json.loads(text)
        json.dumps(table, ensure_ascii=False).encode()  # JSON can write half a character, which no page can show
    except (ValueError, RecursionError) as error:
        raise PathError("This is no path of this app: it is not JSON. Take a file that “Download” has written.") from error
    if not (isinstance(table, dict) and table.get("unrolled") == 1 and isinstance(table.get("stops"), list)):
        raise PathError("This is no path of this app: it has no list of stops. Take a file that “Download” has written.")
    if not 1 <= len(table["stops"]) <= MOST_STOPS:
        raise PathError(f"This path has {len(table['stops'])} stops; it may have 1 to {MOST_STOPS}.")
    stops = [_stop(values, f"Stop {number}") for number, values in enumerate(table["stops"], start=1)]
    return Path(_line(table.get("name"), "The name"), numbered(stops))


def _line(value: object, what: str) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > MOST_CHARS:
        raise PathError(f"{what} should be a text of 1 to {MOST_CHARS} characters.")
    return "".join(sign if sign.isprintable() else " " for sign in value)


def _stop(values: object, where: str) -> Stop:
    if not isinstance(values, dict) or set(values) != set(FIELDS) or not isinstance(values["link"], dict):
        raise PathError(f"{where} should have {', '.join(FIELDS)}, and nothing else.")
    words, link = values["words"], values["link"]
    if not isinstance(words, str) or not all(isinstance(part, str) for part in link.values()):
        raise PathError(f"{where}: words and the fields of the link should be texts.")
    if not isinstance(values["page"], str) or values["page"] not in TASKS:
        raise PathError(f"{where}: there is no page {str(values['page'])[:MOST_CHARS]!r}; there are {', '.join(TASKS)}.")
    try:
        return stop_of(values | {"name": where, "title": _line(values["title"], f"The title of {where.lower()}")}, where)
    except PathError:
        raise
    except ValueError as error:
        raise PathError(str(error)) from error


def unpacked(word: str) -> Path:
    """The word of a link as a path. PathError where it is broken."""
    if len(word) > MOST_LINK:
        raise PathError("The link’s path is longer than a link may be. Ask for the file instead.")
    try:
        packed = base64.urlsafe_b64decode(word + "=" * (-len(word) % 4))
        unzipper = zlib.decompressobj()
        text = unzipper.decompress(packed, MOST_BYTES + 1).decode()  # never more, whatever the word promises
        if unzipper.unused_data or not (unzipper.eof or len(text) > MOST_BYTES):
            raise ValueError("cut off, or with something behind it")
    except (ValueError, binascii.Error, zlib.error) as error:
        raise PathError("The link’s path is broken: part of the link may be missing. Ask for it again.") from error
    return read_path(text)
