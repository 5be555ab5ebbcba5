"""What the visitor sees of each task: wording, examples and readouts. A new task is a file here and a line in TASKS."""

from rnn_demo.tasks import name, order, rate, tag, translate
from rnn_demo.tasks.base import Button, Option, Panel, Task

__all__ = ["TASKS", "Button", "Option", "Panel", "Task"]

TASKS: dict[str, Task] = {module.TASK.name: module.TASK for module in (tag, rate, name, translate, order)}
