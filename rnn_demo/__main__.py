"""The command line: python -m rnn_demo tag "Chirag worked at Microsoft in India" """

import argparse
import functools
import json
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rnn_demo.edits import WAYS, Edit, EditError, Way, as_json, parse_flag, resolved
from rnn_demo.learn import command as learning
from rnn_demo.lenses import LENSES, Lens, LensError, UnitError, View
from rnn_demo.networks.weight_files import WeightsError
from rnn_demo.page import CLOSED, look, shown
from rnn_demo.reading import Reading
from rnn_demo.tasks import TASKS, Option, Task
from rnn_demo.text import whole_characters


def _word(option: Option) -> Callable[[str], Any]:
    """The option's parser, with its complaint as argparse wants it."""

    def parse(word: str) -> Any:
        try:
            return option.parse(word)
        except ValueError as error:
            raise argparse.ArgumentTypeError(f"{word!r} {error}") from error

    return parse


def _edit(way: Way, word: str) -> Edit:
    try:
        return parse_flag(way, word)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{word!r} {error}") from error


def main(argv: list[str] | None = None) -> int:
    try:
        try:
            return run(sys.argv[1:] if argv is None else argv)
        finally:
            sys.stdout.flush()
    except BrokenPipeError:  # whoever reads has had enough, as `head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python would try once more, and complain
        return 1


def text_last(argv: list[str], flags: set[str]) -> list[str]:
    """A text that begins with dashes, put where argparse takes it for a text. A number, as an option may have it, stays.

    ["--Paris", "--json"] -> ["--json", "--", "--Paris"]
    """
    if "--" in argv:
        return argv
    is_text = lambda word: re.match(r"-+[^-\d.]|---", word) is not None and word.split("=")[0] not in flags
    texts = [word for word in argv if is_text(word)]
    return [word for word in argv if not is_text(word)] + ["--", *texts] if texts else argv


def add_command(commands: Any, task: Task) -> set[str]:
    """The command of a task; its flags."""
    command = commands.add_parser(task.name, help=task.words.question, allow_abbrev=False)
    flags = {"-h", "--help"}

    def add(name: str, **how: Any) -> None:
        flags.add(name)
        command.add_argument(name, **how)

    if task.entry.flag == "text":
        command.add_argument("text", help='text to read, in quotes; "-" reads lines and prints one JSON object per line')
    else:
        add(task.entry.flag, dest="text", default="", help=f"{task.words.controls['text'].title} (default: none)")
    if task.cell.flag == "--cell":
        add("--cell", choices=task.words.cells, default=task.cell.default, help="default: %(default)s")
    else:
        other = next(cell for cell in task.words.cells if cell != task.cell.default)
        words = f"{task.words.controls['cell'].title}: {task.words.cells[other].title}"
        add(task.cell.flag, dest="cell", action="store_const", const=other, default=task.cell.default, help=words)
    for option in task.options:
        if option.widget == "flag":
            add(f"--{option.name}", action="store_true", help=option.help)
        elif option.widget != "text":
            words = f"{option.help} (default: {option.default})"
            add(f"--{option.name}", type=_word(option), default=option.default, help=words)
    for way in WAYS.values():
        parse = functools.partial(_edit, way)
        add(f"--{way.name}", dest="edits", action="append", type=parse, metavar=way.metavar, help=way.help)
    add("--lens", choices=LENSES, help="a closer look at what was read, as JSON, and as figures in the file of --html")
    add("--step", type=int, help="which step the lens looks at, from 1 on (default: the last)")
    add("--unit", default="", help="which hidden unit the lens looks at (default: the one that speaks loudest)")
    add("--json", action="store_true", help="print JSON instead of a table")
    words = "write what was read as one HTML file too, which plays in any browser, without a server or a network"
    add("--html", type=Path, metavar="FILE", help=words)
    return flags


def run(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m rnn_demo", description="Watch a recurrent neural network read, in the terminal."
    )
    commands = parser.add_subparsers(dest="task", required=True, metavar="task")
    for task in TASKS.values():
        flags = add_command(commands, task)
        if argv[:1] == [task.name] and task.entry.flag == "text":
            argv = [task.name, *text_last(argv[1:], flags)]
    learning.add_command(commands)
    args = parser.parse_args(argv)
    if args.task == "learn":
        return learning.run(args, parser.error)
    lens = LENSES.get(args.lens)

    task = TASKS[args.task]
    args.text = whole_characters(args.text)
    options = {option.name: getattr(args, option.name, option.default) for option in task.options}
    lines = args.text == "-" and task.entry.flag == "text"
    if not args.json and not lines and task.entry.flag == "text" and not args.text.strip():
        parser.error(f'there is nothing to read. Try: python -m rnn_demo {task.name} "{task.entry.seed}"')
    if lines and args.html:
        parser.error('argument --html: a file holds one text, and "-" reads many')
    if problem := task.entry.refuses(args.text):
        parser.error(problem)
    sys.stdout.reconfigure(encoding="utf-8")  # whatever the terminal speaks

    import torch  # not at the top: a wrong word should not wait for it

    from rnn_demo.networks.checkpoints import load

    torch.set_num_threads(1)  # one step is too small to share out

    try:
        model = load(task.name, args.cell)
    except WeightsError as error:
        print(f"python -m rnn_demo: {error}", file=sys.stderr)
        return 1

    def studied(reading: Reading) -> Reading:
        return reading.knowing(task.prints.study(model, reading))

    def read(text: str) -> tuple[Reading, Reading | None]:
        """What is read, and, where there are edits, what was read without them."""
        before = task.read(model, text, options, None)
        if not args.edits:
            return studied(before), None
        try:
            fit = resolved(args.edits, before, lambda other: task.read(model, other, options, None))
            edited = task.read(model, text, options, before, fit)
        except EditError as error:
            parser.error(str(error))
        return studied(edited), studied(before)

    def closer(shows: Callable[[Lens, View], Any], reading: Reading, before: Reading | None) -> Any:
        """What the lens shows of a reading."""
        steps = len(reading.columns)
        if not steps:
            parser.error("argument --lens: there is no step in this text that a lens could look at")
        if not 1 <= (args.step if args.step is not None else steps) <= steps:
            parser.error(f"argument --step: this text has {steps} steps; choose one from 1 to {steps}")
        view = View(task, model, reading, args.step or steps, args.unit, functools.partial(load, task.name), before)
        try:
            return shows(lens, view)
        except UnitError as error:
            parser.error(f"argument --unit: {error}")
        except LensError as error:
            parser.error(f"argument --step: {error}")

    def answer(text: str) -> str:
        reading, before = read(text)
        found = {"task": task.name, "cell": args.cell}
        if before:
            found["edits"] = as_json(args.edits)
        if lens:
            found |= {"lens": lens.name, **closer(lambda lens, view: lens.numbers(view), reading, before)}
        else:
            found |= task.prints.json(reading)
        if before:
            found["before"] = task.prints.json(before)
        return json.dumps(found, ensure_ascii=False)

    if args.html:
        reading, before = read(args.text)
        file = shown(task, reading, before, closer(look, reading, before) if lens else CLOSED)
        try:
            args.html.write_text(file.html, "utf-8")
        except OSError as error:
            parser.error(f"argument --html: {args.html} cannot be written ({error.strerror})")
    if lines:
        # A line that is not UTF-8 must not stop the others, and a byte order mark is none of the first.
        sys.stdin.reconfigure(encoding="utf-8-sig", errors="replace")
        for line in sys.stdin:
            print(answer(line.rstrip("\r\n")), flush=True)
    elif args.json or lens:
        print(answer(args.text))
    else:
        rows = task.prints.table(read(args.text)[0])
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    return 0


if __name__ == "__main__":
    sys.exit(main())
