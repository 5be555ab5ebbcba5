"""The one training loop. A script prints what it yields; a page could draw it."""

from collections.abc import Callable, Iterable, Iterator

import torch
from torch import Tensor, nn

from rnn_demo.trace import Progress


def fit(
    model: nn.Module,
    loss: Callable[[nn.Module, object], Tensor],
    batches: Iterable,
    steps: int,
    optimizer,
    schedule,
    clip: float = 1.0,
) -> Iterator[Progress]:
    """Take `steps` steps down loss(model, batch), yielding where it stands after each. Gradients are clipped at norm `clip`:
    a recurrent network multiplies by the same weights again and again, and now and then that explodes.
    """
    model.train()
    for step, batch in zip(range(1, steps + 1), batches, strict=False):
        nats = loss(model, batch)
        optimizer.zero_grad()
        nats.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), clip)
        optimizer.step()
        schedule.step()
        yield Progress(step, steps, nats.item())
