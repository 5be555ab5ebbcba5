"""What a weight file tells of itself, read without torch: the pages print scores, sources and failures from there."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open

PRETRAINED = Path(__file__).parents[2] / "pretrained"


class WeightsError(Exception):
    """A weight file is missing or damaged. The message names the file, what is wrong, and the command that mends it."""

    def __init__(self, path: Path, problem: str):
        super().__init__(f"{path.name}: {problem}. Bring it back with: git restore {path.parent.name}/{path.name}")


def read_header(path: Path) -> dict:
    """The header of a weight file, e.g. {"task": "tag", "cell": "gru", ...}. WeightsError if it is missing or damaged."""
    return opened(path, "np", lambda file: {})[1]


def opened(path: Path, framework: str, take: Callable[[Any], dict]) -> tuple[dict, dict]:
    """What `take` makes of an open file, and its header. `framework`: "np" or "pt", whose arrays it holds."""
    try:
        with safe_open(path, framework) as file:
            return take(file), json.loads(file.metadata()["rnn_demo"])
    except FileNotFoundError as error:
        raise WeightsError(path, "the file is missing") from error
    except (SafetensorError, OSError, TypeError, KeyError, ValueError) as error:
        raise WeightsError(path, f"the file is damaged ({error})") from error
