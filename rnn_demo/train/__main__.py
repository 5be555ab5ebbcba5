"""python -m rnn_demo.train tag --cell gru --data ../shared/data"""

import argparse
import sys
from pathlib import Path

import torch

from rnn_demo import seeds
from rnn_demo.networks.checkpoints import MODELS
from rnn_demo.networks.weight_files import PRETRAINED, WeightsError
from rnn_demo.train import reliability


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m rnn_demo.train", description="Make the weight files, and score them.")
    parser.add_argument("task", choices=MODELS)
    parser.add_argument("--cell", choices=sorted({cell for model in MODELS.values() for cell in model.CELLS}))
    parser.add_argument("--data", type=Path, required=True, help="folder of data files, see pretrained/README.md")
    parser.add_argument("--out", type=Path, default=PRETRAINED, help="folder for weight files (default: pretrained)")
    words = "score the weight files and write the model card; train nothing"
    parser.add_argument("--evaluate", action="store_true", help=words)
    parser.add_argument("--from", dest="earlier", type=Path, help="go on from the weight files in this folder")
    parser.add_argument("--epochs", type=int, default=2, help="how many to go on for (default: 2)")
    parser.add_argument("--rate", type=float, default=1e-3, help="the largest step size on the way (default: 0.001)")
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    try:  # not at the top: the help should not need what only training needs
        from rnn_demo.train.recipe import evaluate, load_recipe, train
        from rnn_demo.train.run import Onward

        recipe = load_recipe(args.task)
    except ModuleNotFoundError as error:
        print(f"{error}. Install what training needs: pip install -r tests/requirements.txt", file=sys.stderr)
        return 2
    onward = Onward(args.earlier, args.epochs, args.rate) if args.earlier else None
    cells = [args.cell] if args.cell else list(MODELS[args.task].CELLS)
    try:
        for cell in [] if args.evaluate else cells:
            train(recipe, args.task, cell, args.data, args.out, onward)
        evaluate(recipe, args.task, cells, args.data, args.out)
        reliability.write(args.task, cells, args.data, args.out)
        if args.out == PRETRAINED:
            seeds.write(args.out)
    except (FileNotFoundError, WeightsError) as error:
        print(f"{error}\npretrained/README.md lists the files that --data expects.", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
