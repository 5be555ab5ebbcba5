"""The rooms of the house: which may import which, and which do without torch and Streamlit. See README, "Floor plan"."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

PACKAGE = ROOT / "rnn_demo"
# Each floor stands on those before it; rooms of one floor do not know each other.
FLOORS = (
    {"text", "words", "colors", "trace", "search", "cells", "names", "shapes", "prose"},
    {"reading", "edits", "fit", "networks", "word_order"},
    {"figures", "still", "export", "view"},
    {"tasks"},
    {"lenses", "learn"},
    {"records"},
    {"links", "page", "seeds"},
    {"story"},
    {"app", "__main__", "train"},
)
LEARNS = {"networks", "train", "learn", "cells", "fit"}  # the rooms that may import torch at their top


def room(path: Path) -> str:
    """The room of a module: its folder, or its own name at the top of the package. rnn_demo/tasks/tag.py -> "tasks" """
    inside = path.relative_to(PACKAGE)
    return inside.parts[0] if len(inside.parts) > 1 else inside.stem


def imports(path: Path, anywhere: bool = True) -> set[str]:
    """The modules that a file imports, by their full names; only those at its top unless `anywhere`."""
    tree = ast.parse(path.read_text("utf-8"))
    nodes = ast.walk(tree) if anywhere else tree.body
    found = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{name.name}" for name in node.names}
    return found


def arrows() -> set[tuple[str, str]]:
    """(room, room that it imports), for every import in the package."""
    found = set()
    for path in PACKAGE.rglob("*.py"):
        for module in imports(path):
            parts = module.split(".")
            if parts[0] == "rnn_demo" and (parts[1] if len(parts) > 1 else "") in {room(p) for p in PACKAGE.rglob("*.py")}:
                found.add((room(path), parts[1]))
    return {(a, b) for a, b in found if a != b and "__init__" not in (a, b)}


def test_imports_point_down_from_floor_to_floor():
    floor = {name: level for level, names in enumerate(FLOORS) for name in names}
    wrong = [(a, b) for a, b in sorted(arrows()) if floor[a] < floor[b] or (floor[a] == floor[b] and floor[a] > 1)]
    assert not wrong


def test_the_running_app_never_imports_the_training():
    assert "train" not in {b for a, b in arrows()}


def test_only_the_app_imports_streamlit():
    users = {room(path) for path in PACKAGE.rglob("*.py") if any(name.split(".")[0] == "streamlit" for name in imports(path))}
    assert users <= {"app"}


def test_only_what_learns_imports_torch_at_its_top():
    users = {
        room(path)
        for path in PACKAGE.rglob("*.py")
        if any(name.split(".")[0] in ("torch", "safetensors.torch") for name in imports(path, anywhere=False))
    }
    assert users <= LEARNS


@pytest.mark.parametrize("module", ["", ".__main__", ".links", ".tasks", ".learn.workers", ".app.task_page", ".app.train_page"])
def test_it_imports_where_torch_cannot_be_had(module):
    block = "import sys; sys.modules['torch'] = None; "  # Python's own way to say that a module must not be imported
    subprocess.run([sys.executable, "-c", f"{block}import rnn_demo{module}"], cwd=ROOT, check=True)


def test_help_does_without_torch_and_streamlit():
    block = "import sys; sys.modules['torch'] = sys.modules['streamlit'] = None; "
    run = "from rnn_demo.__main__ import main; main(['--help'])"
    found = subprocess.run([sys.executable, "-c", block + run], cwd=ROOT, capture_output=True, text=True)
    assert found.returncode == 0 and "translate" in found.stdout


def test_no_record_has_more_than_ten_fields():
    """A record is a class whose body is annotated names, as NamedTuple and dataclass have them."""
    sizes = {}
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef):
                sizes[f"{path.stem}.{node.name}"] = sum(isinstance(part, ast.AnnAssign) for part in node.body)
    assert sizes["reading.Column"] == 10
    assert not {name: size for name, size in sizes.items() if size > 10}
