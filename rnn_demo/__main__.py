"""The command line: python -m rnn_demo tag "Chirag worked at Microsoft in India" """

import argparse
import json
import sys

from rnn_demo.tasks import TASKS


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m rnn_demo", description="Watch a recurrent neural network read, in the terminal."
    )
    commands = parser.add_subparsers(dest="task", required=True, metavar="task")
    for task in TASKS.values():
        command = commands.add_parser(task.name, help=task.question)
        command.add_argument("text", help='what to read, in quotes; "-" reads lines and answers one JSON object a line')
        command.add_argument("--cell", choices=task.cells, default=task.default_cell, help="default: %(default)s")
        command.add_argument("--json", action="store_true", help="print JSON instead of a table")
    args = parser.parse_args(argv)

    task = TASKS[args.task]
    if not args.json and args.text != "-" and not args.text.strip():
        parser.error(f'there is nothing to read. Try: python -m rnn_demo {task.name} "{task.seed_text}"')
    sys.stdout.reconfigure(encoding="utf-8")  # whatever the terminal speaks

    import torch  # not at the top: a wrong word should not wait for it

    from rnn_demo.checkpoints import WeightsError, load

    torch.set_num_threads(1)  # one step is too small to share out

    try:
        model = load(task.name, args.cell)
    except WeightsError as error:
        print(f"python -m rnn_demo: {error}", file=sys.stderr)
        return 1

    def answer(text: str) -> str:
        found = {"task": task.name, "cell": args.cell, **task.as_json(text, model.trace(text))}
        return json.dumps(found, ensure_ascii=False)

    if args.text == "-":
        sys.stdin.reconfigure(encoding="utf-8", errors="replace")  # a line that is not UTF-8 must not stop the others
        for line in sys.stdin:
            print(answer(line.rstrip("\r\n")), flush=True)
    elif args.json:
        print(answer(args.text))
    else:
        rows = task.as_table(model.trace(args.text))
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    return 0


if __name__ == "__main__":
    sys.exit(main())
