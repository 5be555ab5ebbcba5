"""The command line: python -m rnn_demo tag "Chirag worked at Microsoft in India" """

import argparse
import json
import sys
from collections.abc import Callable
from typing import Any

from rnn_demo.networks.weight_files import WeightsError
from rnn_demo.tasks import TASKS, Option, Reading


def _word(option: Option) -> Callable[[str], Any]:
    """The option's parser, with its complaint as argparse wants it."""

    def parse(word: str) -> Any:
        try:
            return option.parse(word)
        except ValueError as error:
            raise argparse.ArgumentTypeError(f"{word!r} {error}") from error

    return parse


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m rnn_demo", description="Watch a recurrent neural network read, in the terminal."
    )
    commands = parser.add_subparsers(dest="task", required=True, metavar="task")
    for task in TASKS.values():
        command = commands.add_parser(task.name, help=task.words.question)
        if task.text_flag == "text":
            command.add_argument("text", help='text to read, in quotes; "-" reads lines and prints one JSON object per line')
        else:
            title = task.words.controls["text"].title
            command.add_argument(task.text_flag, dest="text", default="", help=f"{title} (default: none)")
        if task.cell_flag == "--cell":
            command.add_argument("--cell", choices=task.words.cells, default=task.default_cell, help="default: %(default)s")
        else:
            other = next(cell for cell in task.words.cells if cell != task.default_cell)
            words = f"{task.words.controls['cell'].title}: {task.words.cells[other].title}"
            how = {"action": "store_const", "const": other, "default": task.default_cell, "help": words}
            command.add_argument(task.cell_flag, dest="cell", **how)
        for option in task.options:
            if option.widget == "flag":
                command.add_argument(f"--{option.name}", action="store_true", help=option.help)
            elif option.widget != "text":
                words = f"{option.help} (default: {option.default})"
                command.add_argument(f"--{option.name}", type=_word(option), default=option.default, help=words)
        command.add_argument("--json", action="store_true", help="print JSON instead of a table")
    args = parser.parse_args(argv)

    task = TASKS[args.task]
    options = {option.name: getattr(args, option.name, option.default) for option in task.options}
    lines = args.text == "-" and task.text_flag == "text"
    if not args.json and not lines and task.text_flag == "text" and not args.text.strip():
        parser.error(f'there is nothing to read. Try: python -m rnn_demo {task.name} "{task.seed_text}"')
    if problem := task.refuses(args.text):
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

    def read(text: str) -> Reading:
        return Reading(model, text, options, task.trace(model, text, options, None))

    def answer(text: str) -> str:
        return json.dumps({"task": task.name, "cell": args.cell, **task.as_json(read(text))}, ensure_ascii=False)

    if lines:
        sys.stdin.reconfigure(encoding="utf-8", errors="replace")  # a line that is not UTF-8 must not stop the others
        for line in sys.stdin:
            print(answer(line.rstrip("\r\n")), flush=True)
    elif args.json:
        print(answer(args.text))
    else:
        rows = task.as_table(read(args.text))
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    return 0


if __name__ == "__main__":
    sys.exit(main())
