"""python -m rnn_demo learn first --cell lstm --hidden 32: a small network learns in the terminal."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from rnn_demo.learn import JOBS
from rnn_demo.learn.base import InputError
from rnn_demo.learn.curve import SHIPPED
from rnn_demo.learn.setup import DIALS, GENTLE, checked, set_up, written

STEPS = 1000
LESS = {"rate": f"; with a plain RNN at most {GENTLE['rnn']}"}
MOST = 1_000_000


def _parser(parse: Any) -> Any:
    def take(word: str) -> Any:
        try:
            return parse(word)
        except ValueError as error:
            raise argparse.ArgumentTypeError(f"{word!r} {error}") from error

    return take


def add_command(commands: Any) -> None:
    """The command `learn` among the others, with a flag for every dial."""
    command = commands.add_parser("learn", help="How does a network learn? A small one does, here", allow_abbrev=False)
    command.add_argument("job", choices=JOBS, help="; ".join(f"{job.name}: {job.title}" for job in JOBS.values()))
    for dial in DIALS:
        usual = ", ".join(f"{name} {written(getattr(job.usual, dial.name))}" for name, job in JOBS.items())
        command.add_argument(
            f"--{dial.name}", type=_parser(dial.parse), help=f"{dial.help} (default: {usual}{LESS.get(dial.name, '')})"
        )
    command.add_argument(
        "--text", help=f"what is learnt from, or - for standard input; of curve also {', '.join(SHIPPED)}"
    )
    command.add_argument("--steps", type=_steps, default=STEPS, help="how many steps (default: %(default)s)")
    command.add_argument("--json", action="store_true", help="print one line of JSON a moment instead of a bar")
    command.add_argument("--out", type=Path, help="write the trained network here, as safetensors")


def _steps(word: str) -> int:
    if not (word.isascii() and word.isdigit() and len(word) <= 7 and 1 <= int(word) <= MOST):
        raise argparse.ArgumentTypeError(f"{word!r} is not a whole number from 1 to {MOST:,}")
    return int(word)


def run(args: argparse.Namespace, error: Any) -> int:
    """Learn; `error` ends the program with a message, as argparse does."""
    given = {dial.name: value for dial in DIALS if (value := getattr(args, dial.name)) is not None}
    if args.text is not None:
        if JOBS[args.job].reads is None:
            error(f"argument --text: {args.job} makes its rows by itself")
        given["text"] = sys.stdin.buffer.read().decode("utf-8-sig", "replace") if args.text == "-" else args.text
    if args.out and not args.out.parent.is_dir():
        error(f"argument --out: there is no folder {args.out.parent}")
    try:
        setup, note = checked(set_up(args.job, **given))
    except InputError as problem:
        error(f"argument --text: {problem}")
    if note:
        print(note, file=sys.stderr)

    import torch  # not at the top: a wrong word should not wait for it

    from rnn_demo.learn.files import to_bytes
    from rnn_demo.learn.learning import learn

    torch.set_num_threads(1)
    sys.stdout.reconfigure(encoding="utf-8")
    for moment in learn(setup, args.steps):
        if args.json:
            print(json.dumps(moment.as_json()), flush=True)
        else:
            show(moment, args.steps, JOBS[args.job].measure)
    if not args.json:
        print(file=sys.stderr)
        _told(moment, JOBS[args.job].measure)
    if args.out:
        try:
            args.out.write_bytes(to_bytes(setup, moment.weights, moment.step))
        except OSError as problem:
            error(f"argument --out: {args.out} cannot be written ({problem.strerror})")
    return 0


def show(moment: Any, steps: int, measure: str) -> None:
    """A progress bar on the error stream: how far it is, the loss, and the score against the rival's."""
    done = round(30 * moment.step / steps)
    bar = f"\r[{'█' * done}{'·' * (30 - done)}] {moment.step:,}/{steps:,}"
    words = f"{bar}  loss {moment.loss:.3f}  {measure} {moment.accuracy:.1%}  rival {moment.rival:.1%}"
    print(words.ljust(110), end="", file=sys.stderr, flush=True)


def _told(moment: Any, measure: str) -> None:
    print(f"after step {moment.step:,}: loss {moment.loss:.3f}, {measure} {moment.accuracy:.1%}, the rival {moment.rival:.1%}")
    for name, value in moment.example.facts.items():
        if name == "samples":
            print("it writes:", ", ".join(value))
