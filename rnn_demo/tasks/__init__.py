"""What the visitor sees of each task: wording, examples and readouts. A new task is a file here and a line in TASKS."""

from rnn_demo.tasks.base import Option, Panel, Reading, Task
from rnn_demo.tasks.tag import TASK as tag

__all__ = ["TASKS", "Option", "Panel", "Reading", "Task"]

TASKS: dict[str, Task] = {task.name: task for task in (tag,)}
