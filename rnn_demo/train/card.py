"""The model card, pretrained/README.md: written from the headers of the weight files and from what the recipes say of themselves.

card   a folder of weight files -> the whole text          table, goals, best_on_dev   what recipes write their remarks with
"""

import importlib
import inspect
from collections.abc import Callable
from pathlib import Path

from rnn_demo.networks import weight_files
from rnn_demo.networks.checkpoints import CASED, VECTORS
from rnn_demo.tasks import TASKS
from rnn_demo.train.data import FILES
from rnn_demo.train.units import WELL

HEAD = """# Model card

How the weight files in this folder were made, how good they are, what they get wrong, and from what data. This text is written by

```bash
.venv/bin/python -m rnn_demo.train tag --evaluate --data ../shared/data
```

from the headers of the files, never by hand; the same command scores the networks of one page (`tag`, `rate`, `name`, `translate`,
`order`) on their test files. Without `--evaluate` it makes them first, from nothing: `--cell gru` one of them, without it all of a
page. An interrupted training goes on after its last finished epoch. Training needs a few packages more:
`.venv/bin/pip install -r tests/requirements.txt`. Test files are only ever read for the scores; whatever was chosen was chosen on
dev files. All times are on one core of an Intel Xeon, unless it says otherwise."""

SHARED = f"""Beside them: `{VECTORS}`, the word vectors that the networks share, and `{CASED}`, those that see
capitals, packed by `.venv/bin/python -m rnn_demo.train.vectors --data ../shared/data`; `names_us.tsv.gz`, the list of real names;
and `translate-subwords.model`, the subwords of the translator."""

DATA = """The data are not in this repository. `--data` names a folder with these files, all gzip, UTF-8:"""

LICENCES = """The code is under the MIT licence, see `LICENSE`. The weights were made from data under many terms: **some of it is
share-alike** (EWT, CrossNER's Wikipedia text, OneStopEnglish, the dialogues) **and some was found without a stated licence** (the
Groningen Meaning Bank, the list of surnames, the sentiment treebank). Whoever redistributes the weights should know that. No
sentence of any data set stands in the app, its tests or its pictures. Every weight file lists its sources in its header, and the
page shows them under "About the model":"""


def table(rows: list[tuple[str, ...]]) -> str:
    """Rows as a Markdown table, the heading first."""
    line = lambda row: f"| {' | '.join(row)} |"
    head, *body = rows
    return "\n".join([line(head), line(("---",) * len(head)), *map(line, body)])


def goals(rows: list[tuple[str, float, float, str]]) -> str:
    """What was asked of the networks before they were trained, and what came of it; of what should be small both are negative.

    [("F1", 0.626, 0.66, ".3f"), ("error", -0.03, -0.06, ".1%")] -> | F1 | at least 0.660 | **missed: 0.626** |
                                                                    | error | at most 6.0% | 3.0% |
    """
    found = [("asked", "for", "reached")]
    for what, value, least, form in rows:
        asked = f"{'at most' if least < 0 else 'at least'} {abs(least):{form}}"
        found.append((what, asked, f"{abs(value):{form}}" if value >= least else f"**missed: {abs(value):{form}}**"))
    return table(found)


def best_on_dev(headers: dict[str, dict], score: Callable[[dict], float]) -> tuple[str, dict]:
    """The cell whose header has the largest dev score, and the header."""
    return max(headers.items(), key=lambda item: score(item[1]))


def read_headers(folder: Path) -> dict[str, dict[str, dict]]:
    """Task -> cell -> header, of the files that are there and have been scored, as the pages order them."""
    found = {}
    for task in TASKS.values():
        paths = {cell: folder / f"{task.name}-{cell}.safetensors" for cell in task.words.cells}
        headers = {cell: weight_files.read_header(path) for cell, path in paths.items() if path.exists()}
        found[task.name] = {cell: header for cell, header in headers.items() if "scores" in header}
    return {task: headers for task, headers in found.items() if headers}


def card(folder: Path) -> str:
    """The text for the weight files of a folder."""
    every = read_headers(folder)
    files = [("file", "MB", "hidden units", "epochs", "best epoch on dev", "made by")]
    for task, headers in every.items():
        for cell, header in headers.items():
            name, training = f"{task}-{cell}.safetensors", header["training"]
            size = f"{(folder / name).stat().st_size / 1e6:.1f}"
            counts = (str(n) for n in (header["config"]["hidden_size"], training["epochs"], training["best_epoch"]))
            files.append((f"`{name}`", size, *counts, f"`{header['command']}`"))
    parts = [HEAD, table(files), SHARED]
    for task, headers in every.items():
        parts += section(task, headers)
    sources = dict.fromkeys(tuple(row) for headers in every.values() for header in headers.values() for row in header["sources"])
    parts += ["## Data files", DATA, table([("files", "layout", "needed for"), *FILES])]
    parts += ["## Sources and licences", LICENCES, table([("source", "licence"), *sources])]
    return "\n\n".join(parts) + "\n"


def section(task: str, headers: dict[str, dict]) -> list[str]:
    """The paragraphs of one task."""
    module, words = importlib.import_module(f"rnn_demo.train.{task}"), TASKS[task].words
    how = inspect.cleandoc(module.__doc__).split("\n\n", 1)[1]  # what stands under the module's first line
    first = next(iter(headers.values()))
    heading, *_ = TASKS[task].prints.scores(first)
    scores = [(cell, *row) for cell, header in headers.items() for row in TASKS[task].prints.scores(header)[1:]]
    texts = [(words.scores.files.get(name, name), f"{count:,}") for name, count in first["training"]["sentences"].items()]
    return [
        f"## {words.title}",
        how,
        table([("training texts", "number"), *texts]),
        f"### {words.title}: scores",
        table([("cell", *heading), *scores]),
        module.remarks(headers),
        *calmness(headers),
        *told(headers),
        f"### {words.title}: known failures, which the page shows too",
        "\n".join(f"- {failure}" for failure in failures(headers)),
    ]


def calmness(headers: dict[str, dict]) -> list[str]:
    """A paragraph on how calm the hidden state is, see calm.py, where that has been measured."""
    found = [(cell, h["scores"]["memory"]) for cell, h in headers.items() if "memory" in h["scores"]]
    rows = [(cell, f"{m['loud']:.1%}", f"{m['mean']:.2f}", f"{m['dead']} of {m['units']}") for cell, m in found]
    heading = ("cell", "numbers beyond ±0.5", "mean size", "units that never leave ±0.05")
    what = "How calm the hidden state is on held-out texts; of causal cells at most 15% beyond ±0.5 were asked for"
    return [f"{what}:", table([heading, *rows])] if rows else []


def told(headers: dict[str, dict]) -> list[str]:
    """A paragraph on how many units tell a property, where that has been asked."""
    share = lambda lines: f"{sum(score >= WELL for _, score in lines) / len(lines):.0%}"
    rows = [(f"{cell}, {chain}", share(lines)) for cell, h in headers.items() for chain, lines in h.get("units", {}).items()]
    what = f"Hidden units that tell one of a list of properties, such as a word before them, at an AUC of {WELL} or more"
    return [f"{what} (`python -m rnn_demo.train.units --data ../shared/data`):", table([("chain", "units"), *rows])] if rows else []


def failures(headers: dict[str, dict]) -> list[str]:
    """What the networks of a task get wrong; behind what not all of them do stand the cells that do."""
    cells: dict[str, list[str]] = {}
    for cell, header in headers.items():
        for failure in header["failures"]:
            cells.setdefault(failure, []).append(cell)
    return [text if len(of) == len(headers) else f"{text} ({', '.join(of)})" for text, of in cells.items()]


def write_card(folder: Path) -> None:
    (folder / "README.md").write_text(card(folder), encoding="utf-8")
