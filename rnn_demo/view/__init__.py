"""The live view: a Reading as plain data in (payload.py), the unrolled network out, drawn and played in the browser."""

from rnn_demo.view.payload import Frame, Visit, payload
from rnn_demo.view.scene import PARTS, Guess, Scene

__all__ = ["PARTS", "Frame", "Guess", "Scene", "Visit", "payload"]
