"""The first picture of every page, kept beside the weights: it is drawn before torch has been imported.

    python -m rnn_demo.seeds

makes pretrained/seeds.json.gz anew, as every training does in the end.
"""

import argparse
import functools
import gzip
import json
from pathlib import Path

from rnn_demo.networks import weight_files
from rnn_demo.reading import Asked
from rnn_demo.tasks import TASKS, Task
from rnn_demo.view import picture

FILE = "seeds.json.gz"


def seed(task: Task) -> Asked:
    """What a page reads when somebody comes without a link. Asked("tag", "lstm", "Chirag worked at Microsoft in India", {})"""
    text, _ = task.entry.reads(task.entry.seed)
    return Asked(task.name, task.cell.default, text, {option.name: option.default for option in task.options})


def made(task: Task) -> dict:
    """The picture of the seed, as the network reads it now."""
    from rnn_demo.networks.checkpoints import load  # not at the top: who reads the file needs no torch

    _, cell, text, options, _ = seed(task)
    return json.loads(json.dumps(picture(task.read(load(task.name, cell), text, options, None))))


def write(folder: Path) -> None:
    """The pictures of all pages into a folder of weight files."""
    pictures = {task.name: made(task) for task in TASKS.values()}
    text = json.dumps(pictures, ensure_ascii=False, separators=(",", ":"))
    # Without the time in its header, so that the same pictures are the same file.
    (folder / FILE).write_bytes(gzip.compress(text.encode(), mtime=0))


def kept(asked: Asked) -> dict | None:
    """The picture of what is asked for, if it is a seed, its picture is there, and so are the weights that it stands for."""
    folder = weight_files.PRETRAINED
    if not (folder / f"{asked.task}-{asked.cell}.safetensors").exists() or asked != seed(TASKS[asked.task]):
        return None
    return _read(folder / FILE).get(asked.task)


@functools.cache
def _read(path: Path) -> dict:
    return json.loads(gzip.decompress(path.read_bytes())) if path.exists() else {}


if __name__ == "__main__":
    argparse.ArgumentParser(prog="python -m rnn_demo.seeds", description="Make the first picture of every page anew.").parse_args()
    write(weight_files.PRETRAINED)
