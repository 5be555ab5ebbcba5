"""How a small network learns, moment by moment, on the one training loop.

learn      a Setup -> a Moment now and then            Learning   a network on its way, which can be put away and taken up again
gradient   how much of an answer's error reaches each step back from it         solved   up to which length a network is right
"""

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from rnn_demo.fit import fit
from rnn_demo.learn import JOBS
from rnn_demo.learn.base import Batch, Setup, rounded
from rnn_demo.learn.network import Learner, fresh
from rnn_demo.learn.reading import task_of
from rnn_demo.reading import Reading

KEPT = 30  # moments of a run, about
ROWS = 16  # held-out rows whose gradient is followed back
LONGER = (2, 3, 5, 8, 10, 15, 20, 25, 30, 40, 50, 60, 80, 100, 150, 200)
SOLVED = 0.95  # of the answers right: so much counts as solved


class Moment(NamedTuple):
    """A network at one moment of its training.

    step      how many steps it has taken
    loss      nats an answer, on held-out rows; NaN once it has exploded
    accuracy  the job's score there, 1 at best          rival   the same of what needs no network
    gradient  by distance: how large the slope of the loss of one answer is at what went in 0, 1, ... steps before it
    example   what it makes of a row that it never learnt from
    weights   by their names in PyTorch, float32
    losses    nats an answer on the rows it learnt from, of each step since the moment before
    """

    step: int
    loss: float
    accuracy: float
    rival: float
    gradient: tuple[float, ...]
    example: Reading
    weights: dict[str, np.ndarray]
    losses: tuple[float, ...]

    def as_json(self) -> dict:
        """A line of --json. What has exploded is null, since JSON has no word for it."""
        found = {name: rounded(getattr(self, name), 6) for name in ("loss", "accuracy", "rival")}
        return {"step": self.step, **found, "gradient": [rounded(value, 6) for value in self.gradient]}


class State(NamedTuple):
    """A training, put away: after which step, the weights, and Adam's memory of each of them in order."""

    step: int
    weights: dict[str, np.ndarray]
    adam: list[dict[str, np.ndarray]]


def every(setup: Setup) -> int:
    """Steps from one moment of the page to the next: more where steps are quick. every of length 50 -> 8"""
    return max(2, min(25, 400 // setup.length))


def loss(network: Learner, batch: Batch) -> Tensor:
    """Nats of an answer, the mean over all that are asked."""
    y = torch.from_numpy(batch.y)
    asked = ~y.isnan()
    return -logp(network(network.inputs(torch.from_numpy(batch.x)))[asked], y[asked]).mean()


def logp(logits: Tensor, places: Tensor) -> Tensor:
    """(N, K) logits and N places among the answers to N log-probabilities; a place between two answers asks for both, in parts."""
    low = places.floor().long()
    part = (places - low)[:, None]
    both = torch.stack([low, (low + 1).clamp(max=logits.shape[-1] - 1)], -1)
    return (logits.log_softmax(-1).gather(-1, both) * torch.cat([1 - part, part], -1)).sum(-1)


def gradient(network: Learner, batch: Batch) -> tuple[float, ...]:
    """By distance from the answer: |d loss / d x|, where the loss is that of the last answer of each row, and x what went in so
    many steps before it. The mean over the rows that reach back so far; the first number is the step of the answer itself.
    """
    x = network.inputs(torch.from_numpy(batch.x)).detach().requires_grad_()
    y = torch.from_numpy(batch.y)
    rows = torch.arange(len(y))
    last = torch.where(y.isnan(), -1, torch.arange(y.shape[1])).max(-1).values
    nats = -logp(network(x)[rows, last], y[rows, last])
    (slopes,) = torch.autograd.grad(nats.sum(), x)
    sizes = slopes.norm(dim=-1).numpy()
    found = []
    for distance in range(int(last.max()) + 1):
        there = (last >= distance).numpy()
        found.append(float(sizes[rows[there], (last - distance)[there]].mean()))
    return tuple(found)


class Learning:
    """A network on its way. The rows of a step hang on the seed and the number of the step alone, so that the same setup learns the
    same curve however often it is put away."""

    def __init__(self, setup: Setup, state: State | None = None):
        self.setup, self.job = setup, JOBS[setup.job]
        self.network = fresh(setup)
        self.data = self.network.data
        self.task = task_of(self.network)
        self.step, self.losses, self.last_loss = 0, [], 0.0
        self.example: Reading | None = None
        self.optimizer = torch.optim.Adam(self.network.parameters(), lr=setup.rate)
        self.schedule = torch.optim.lr_scheduler.ConstantLR(self.optimizer, 1.0)
        if state:
            self._take_up(state)

    def _take_up(self, state: State) -> None:
        self.step = state.step
        self.network.load_state_dict({name: torch.tensor(weight) for name, weight in state.weights.items()})
        adam = {i: {name: torch.tensor(value) for name, value in memory.items()} for i, memory in enumerate(state.adam)}
        self.optimizer.load_state_dict(self.optimizer.state_dict() | {"state": adam})

    @property
    def state(self) -> State:
        adam = self.optimizer.state_dict()["state"]
        return State(self.step, self.weights, [{k: v.numpy().copy() for k, v in adam[i].items()} for i in sorted(adam)])

    @property
    def weights(self) -> dict[str, np.ndarray]:
        return {name: weight.numpy().copy() for name, weight in self.network.state_dict().items()}

    @property
    def exploded(self) -> bool:
        """Whether the loss is no number any more, or a weight is none: from there nothing leads back."""
        return not (math.isfinite(self.last_loss) and all(weight.isfinite().all() for weight in self.network.parameters()))

    def batches(self) -> Iterator[Batch]:
        while True:
            rng = np.random.default_rng([self.setup.seed, self.step + 1])
            yield self.data.batch(rng, self.setup.batch, self.setup.length)

    def steps(self, count: int) -> Iterator[int]:
        """Learn; after each step its number. It ends early where the loss is no number any more."""
        clip = 1.0 if self.setup.clip else math.inf
        for progress in fit(self.network, loss, self.batches(), count, self.optimizer, self.schedule, clip):
            self.step += 1
            self.last_loss = progress.loss
            self.losses.append(progress.loss)
            yield self.step
            if self.exploded:
                return

    def moment(self) -> Moment:
        """What the network is like now."""
        held = self.data.held_out
        asked = ~np.isnan(held.y)
        with torch.inference_mode():
            logits = self.network(self.network.inputs(torch.from_numpy(held.x)))[torch.from_numpy(asked)]
            nats = -logp(logits, torch.from_numpy(held.y[asked])).mean().item()
        accuracy = self.data.score(logits.softmax(-1).numpy(), held.y[asked])
        if self.example is None or not self.exploded:  # of what has exploded there is nothing to read: the last reading stays
            network = fresh(self.setup) if self.exploded else self.network
            self.example = self.task.read(network, self.data.example, {}, None)
        losses, self.losses = tuple(self.losses), []
        few = Batch(held.x[:ROWS], held.y[:ROWS])
        slopes = gradient(self.network, few)
        return Moment(self.step, nats, accuracy, self.data.rival.score, slopes, self.example, self.weights, losses)


def learn(setup: Setup, steps: int = 1000, often: int = 0, state: State | None = None) -> Iterator[Moment]:
    """The moments of a training: the first before its first step, then one every `often` steps, by itself about KEPT in all, and
    the last one after `steps`. It ends early where the loss is no number any more.

    learn(Setup("first", ...), 1000) -> Moment(0, 1.41, 0.23, 0.25, ...), Moment(34, ...), ...
    """
    learning = Learning(setup, state)
    often = often or max(1, math.ceil(steps / KEPT))
    if learning.step == 0:
        yield learning.moment()
    for step in learning.steps(steps - learning.step):
        if step % often == 0 or step == steps or learning.exploded:
            yield learning.moment()


def accuracy_at(network: Learner, length: int) -> float:
    """How well a network does on held-out rows of another length than it has learnt from."""
    held = JOBS[network.setup.job].data(network.setup._replace(length=length)).held_out
    asked = ~np.isnan(held.y)
    with torch.inference_mode():
        logits = network(network.inputs(torch.from_numpy(held.x)))[torch.from_numpy(asked)]
    return network.data.score(logits.softmax(-1).numpy(), held.y[asked])


def solved(network: Learner) -> tuple[int, dict[int, float]]:
    """The longest of LONGER rows on which a network is right, 0 for none; and its score at each length. {} for a job whose rows are
    as long as the visitor's text has them.

    -> (30, {2: 1.0, ..., 30: 0.99, 40: 0.71})
    """
    if JOBS[network.setup.job].reads:
        return 0, {}
    scores = {length: accuracy_at(network, length) for length in LONGER}
    return max((length for length in LONGER if scores[length] >= SOLVED), default=0), scores
