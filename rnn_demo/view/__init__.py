"""The live view: a Reading as plain data in (payload.py), the unrolled network out, drawn and played in the browser."""

from rnn_demo.view.payload import Frame, Visit, payload

__all__ = ["Frame", "Visit", "payload"]
