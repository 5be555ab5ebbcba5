"""The story: stops that lead through the app, as data; the words it explains; and a reader's own path of stops."""

from rnn_demo.story.glossary import GLOSSARY, linked
from rnn_demo.story.paths import Path, PathError, added, numbered, read_path, unpacked
from rnn_demo.story.stops import STOPS, Stop, in_order, read_stops

__all__ = [
    "GLOSSARY", "STOPS", "Path", "PathError", "Stop", "added", "in_order", "linked", "numbered", "read_path", "read_stops",
    "unpacked",
]  # fmt: skip
