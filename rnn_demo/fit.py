"""The one training loop. A script prints what it yields; a page could draw it."""

from collections.abc import Iterable, Iterator

import torch

from rnn_demo.trace import Progress


def fit(model, batches: Iterable, steps: int, optimizer, schedule) -> Iterator[Progress]:
    """Take `steps` steps down model.loss(batch), yielding where it stands after each. Gradients are clipped at norm 1:
    a recurrent network multiplies by the same weights again and again, and now and then that explodes.
    """
    model.train()
    for step, batch in zip(range(1, steps + 1), batches, strict=False):
        loss = model.loss(batch)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        yield Progress(step, steps, loss.item())
