"""How any network of this project is trained and scored.

Recipe      what a task brings: its data, loss, scores; the module rnn_demo/train/<task>.py, as a record
Failure     something that a network gets wrong, and how that is seen
train       a recipe, a cell -> a weight file          evaluate   weight files -> scores in their headers, and the model card
fresh       a header -> a network with fresh weights        half_products   for losses of large networks
"""

import importlib
from collections.abc import Callable, Iterable
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from rnn_demo.networks import checkpoints
from rnn_demo.tasks import TASKS
from rnn_demo.train.card import write_card
from rnn_demo.train.run import Onward, Plan, train_epochs
from rnn_demo.train.scores import rounded

SEED = 1
FAST_HALF = torch.cpu.get_capabilities().get("amx_bf16", False)  # elsewhere products in 16 bits are slow, or an LSTM has none


class Failure(NamedTuple):
    """What networks get wrong, in a sentence for the page, and whether one of them does: asked of every cell when it has been
    scored, so that no page tells the failures of another cell, or of earlier weights.

    Failure("Sex is guessed from habit: ...", lambda model: "infirmière" in translated(model, "Her brother is a nurse."))
    """

    words: str
    seen: Callable[[nn.Module], bool] = lambda model: True


class Recipe(NamedTuple):
    """What differs from task to task, each part defined in the task's module under the name that it has here, three of them as
    Data, PLAN and FAILURES. The model card prints, besides, what stands under the first line of the module's docstring, and what
    its `remarks` make of all headers. D is whatever record of data a task likes; its fields are best read when first asked for.

    data      (folder of data files, folder of weight files) -> D
    header    (D, cell) -> the header of the weight file: config, labels, vocabularies, sources, training["sentences"]
    network   (header, D) -> a network with fresh weights and the noise of training: dropout, hidden words
    batches   (D, random numbers, steps) -> one epoch: so many batches, or more
    loss      (network, batch) -> what is to fall, a Tensor of no dimensions
    dev       (network, D) -> the score that chooses the epoch, the larger the better; and its parts, to be shown
    plan      cell -> how long and how fast
    finish    (network, D, header, dev score) -> None; what is fitted on the dev files at last, and written into the header
    scores    (network, D) -> what is measured on the test files, for the header
    failures  what any of the networks may get wrong
    """

    data: Callable[[Path, Path], Any]
    header: Callable[[Any, str], dict]
    network: Callable[[dict, Any], nn.Module]
    batches: Callable[[Any, Random, int], Iterable]
    loss: Callable[[nn.Module, Any], Tensor]
    dev: Callable[[nn.Module, Any], tuple[float, dict[str, float]]]
    plan: dict[str, Plan]
    finish: Callable[[nn.Module, Any, dict, float], None]
    scores: Callable[[nn.Module, Any], dict]
    failures: tuple[Failure, ...]


def load_recipe(task: str) -> Recipe:
    """The recipe of a task. Its module is imported only now: some need packages that others do not."""
    module = importlib.import_module(f"rnn_demo.train.{task}")
    as_there = {"data": "Data", "plan": "PLAN", "failures": "FAILURES"}  # the others are functions
    return Recipe(*(getattr(module, as_there.get(part, part)) for part in Recipe._fields))


def fresh(header: dict) -> nn.Module:
    """A network with fresh weights, as the header describes it."""
    model = checkpoints.MODELS[header["task"]].from_header(header, checkpoints.load_vectors)
    if isinstance(model.layer, nn.RNN):  # without gates the weights themselves must carry the state: start by carrying it (Le 2015)
        model.layer.weight_hh_l0.data = 0.7 * torch.eye(model.layer.hidden_size)
    return model


def half_products() -> torch.autocast:
    """Under it, products are taken in 16 bits where the processor is several times as fast at these; their sums stay in 32."""
    return torch.autocast("cpu", dtype=torch.bfloat16, enabled=FAST_HALF)


def train(recipe: Recipe, task: str, cell: str, folder: Path, out: Path, onward: Onward | None = None) -> None:
    """Make <task>-<cell>.safetensors in `out` from the files in `folder`, from nothing or onward from earlier weights. An
    interrupted run goes on after its last epoch."""
    data = recipe.data(folder, out)
    header = {
        "task": task,
        "cell": cell,
        **recipe.header(data, cell),
        "failures": [],
        "command": f"python -m rnn_demo.train {task} --cell {cell} --data ../shared/data",
    }
    if onward:
        onward.take_over(header)
    torch.manual_seed(SEED)
    model = recipe.network(header, data)
    plan = onward.begin(model, header, recipe.plan[cell]) if onward else recipe.plan[cell]
    run = train_epochs(
        model=model,
        path=out / f"{task}-{cell}.resume.safetensors",
        plan=plan,
        seed=SEED,
        batches=lambda rng: recipe.batches(data, rng, plan.steps),
        loss=recipe.loss,
        dev=lambda best: recipe.dev(best, data),
    )
    header["training"] |= {"seed": SEED, "epochs": plan.epochs, "best_epoch": run.best_epoch}
    recipe.finish(model.eval(), data, header, run.best_score)
    checkpoints.save(out / f"{task}-{cell}.safetensors", model, header)
    run.path.unlink(missing_ok=True)


def evaluate(recipe: Recipe, task: str, cells: list[str], folder: Path, out: Path) -> None:
    """Score the weight files on the test files, into their headers; print what the page shows of it, and write the model card."""
    data = recipe.data(folder, out)
    for cell in cells:
        model = checkpoints.load(task, cell, out)
        before = dict(model.header)
        model.header["scores"] = rounded(recipe.scores(model, data))
        model.header["failures"] = [failure.words for failure in recipe.failures if failure.seen(model)]
        if model.header != before:
            checkpoints.save(out / f"{task}-{cell}.safetensors", model, model.header)
        for row in TASKS[task].prints.scores(model.header):
            print(cell.ljust(10), " | ".join(row))
    write_card(out)
