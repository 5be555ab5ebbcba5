"""One training run: epoch after epoch, going on where it was interrupted, and keeping the weights that are best on dev files."""

import collections
import json
import math
import random
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from tqdm import tqdm

from rnn_demo.fit import fit
from rnn_demo.networks import checkpoints
from rnn_demo.trace import Progress


class Plan(NamedTuple):
    """How long and how fast. Example: Plan(1500, 12, 2e-3, 500, 0.999).

    steps    steps an epoch         epochs   after each the dev files are asked
    rate     the largest step size: it grows over `warm_up` steps, then falls along a cosine to a fiftieth
    average  the weights that are kept are a running average with this decay (Polyak & Juditsky 1992)
    """

    steps: int
    epochs: int
    rate: float
    warm_up: int
    average: float


class Onward(NamedTuple):
    """A training that begins at the weights of an earlier one: their folder, and how long and how fast it goes on.

    Onward(Path("earlier"), 3, 1e-3)
    """

    folder: Path
    epochs: int
    rate: float

    def earlier(self, header: dict) -> tuple[dict[str, Tensor], dict]:
        """Tensors and header of the weights of the same task and cell."""
        return checkpoints.read(self.folder / f"{header['task']}-{header['cell']}.safetensors")

    def take_over(self, header: dict) -> None:
        """Put into a header the sizes, labels and words of the earlier weights, and where they are from."""
        _, earlier = self.earlier(header)
        header |= {part: earlier[part] for part in ("config", "labels", "extra_words", "moved_words") if part in earlier}
        header["command"] += f" --from {self.folder} --epochs {self.epochs} --rate {self.rate:g}"
        header["training"]["from"] = {"command": earlier["command"], **earlier["training"]}

    def begin(self, model: nn.Module, header: dict, plan: Plan) -> Plan:
        """Put the earlier weights into a model that was made from such a header; the plan to go on by."""
        tensors, _ = self.earlier(header)
        model.load_state_dict(tensors)
        return plan._replace(epochs=self.epochs, rate=self.rate)


class Run:
    """What an interrupted training must remember: weights, their running average, the best so far, the optimiser.

    Written after every epoch, so that a killed run loses one at most; random numbers are seeded by the epoch.
    """

    def __init__(self, model: nn.Module, path: Path, plan: Plan):
        self.model, self.path, self.plan = model, path, plan
        running = torch.optim.swa_utils.get_ema_multi_avg_fn(plan.average)
        self.average = torch.optim.swa_utils.AveragedModel(model, multi_avg_fn=running)
        self.optimizer = torch.optim.AdamW(model.parameters(), lr=plan.rate, weight_decay=0.01, fused=True)
        self.total = plan.steps * plan.epochs
        cosine = lambda step: 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(1, step / self.total)))
        grows = lambda step: min(1, step / plan.warm_up)
        self.schedule = torch.optim.lr_scheduler.LambdaLR(self.optimizer, lambda step: grows(step) * cosine(step))
        self.epoch, self.best_epoch, self.best_score, self.best = 0, 0, -math.inf, {}
        self.smooth_loss = 0.0
        if path.exists():
            self._resume()

    def one_epoch(self, loss: Callable, batches: Iterable) -> Iterator[Progress]:
        def loss_now(model: nn.Module, batch: object) -> Tensor:
            model.trained = (self.schedule.last_epoch + 1) / self.total  # some losses change on the way
            return loss(model, batch)

        for progress in fit(self.model, loss_now, batches, self.plan.steps, self.optimizer, self.schedule):
            self.average.update_parameters(self.model)
            self.smooth_loss = progress.loss if not self.smooth_loss else 0.98 * self.smooth_loss + 0.02 * progress.loss
            yield progress

    def close_epoch(self, score: float) -> None:
        self.epoch += 1
        if score > self.best_score:
            self.best_score, self.best_epoch = score, self.epoch
            self.best = {name: tensor.clone() for name, tensor in self.average.module.state_dict().items()}
        tensors = {f"model/{k}": v for k, v in self.model.state_dict().items()}
        tensors |= {f"average/{k}": v for k, v in self.average.state_dict().items()}
        tensors |= {f"best/{k}": v for k, v in self.best.items()}
        for i, state in self.optimizer.state_dict()["state"].items():
            tensors |= {f"optimizer/{i}/{k}": v for k, v in state.items()}
        marks = {k: getattr(self, k) for k in ("epoch", "best_epoch", "best_score", "smooth_loss")}
        marks["steps"] = self.schedule.last_epoch
        partial = self.path.with_suffix(".partial")
        save_file({k: v.contiguous().clone() for k, v in tensors.items()}, partial, {"rnn_demo": json.dumps(marks)})
        partial.rename(self.path)

    def _resume(self) -> None:
        tensors, marks = checkpoints.read(self.path)
        part = lambda name: {k.split("/", 1)[1]: v for k, v in tensors.items() if k.startswith(f"{name}/")}
        self.model.load_state_dict(part("model"))
        self.average.load_state_dict(part("average"))
        self.best = part("best")
        state = collections.defaultdict(dict)
        for key, value in part("optimizer").items():
            i, name = key.split("/")
            state[int(i)][name] = value
        self.optimizer.load_state_dict(self.optimizer.state_dict() | {"state": dict(state)})
        self.schedule.last_epoch = marks.pop("steps")
        for group, part in zip(self.optimizer.param_groups, self.schedule.lr_lambdas, strict=True):
            group["lr"] = group["initial_lr"] * part(self.schedule.last_epoch)
        for name, value in marks.items():
            setattr(self, name, value)
        print(f"Going on after epoch {self.epoch}.", file=sys.stderr)


def train_epochs(
    model: nn.Module,
    path: Path,
    plan: Plan,
    seed: int,
    batches: Callable[[random.Random], Iterable],
    loss: Callable[[nn.Module, object], Tensor],
    dev: Callable[[nn.Module], tuple[float, dict[str, float]]],
) -> Run:
    """Train, and leave in `model` the weights of the epoch with the largest dev score; the Run says which that was.

    path       where the run is kept while it lasts, e.g. pretrained/tag-gru.resume.safetensors
    batches, loss, dev   as in a Recipe, with the data at hand
    """
    run = Run(model, path, plan)
    name = path.name.split(".")[0]
    while run.epoch < plan.epochs:
        torch.manual_seed(seed * 1000 + run.epoch)
        steps = run.one_epoch(loss, batches(random.Random(seed * 1000 + run.epoch)))
        bar = tqdm(steps, f"{name} epoch {run.epoch + 1}/{plan.epochs}", plan.steps, unit="step", mininterval=1)
        for _ in bar:
            bar.set_postfix_str(f"loss {run.smooth_loss:.4f}", refresh=False)
        score, parts = dev(run.average.module.eval())
        run.close_epoch(score)
        shown = ", ".join(f"{part} {value:.3f}" for part, value in parts.items())
        print(f"{name} epoch {run.epoch}: dev {score:.4f} (best {run.best_score:.4f}) {shown}", file=sys.stderr, flush=True)
    model.load_state_dict(run.best)
    return run  # whoever has saved the model removes run.path
