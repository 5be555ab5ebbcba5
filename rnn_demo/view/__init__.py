"""The live view: the unrolled network, drawn and played in the browser."""

from rnn_demo.view.bands import bands
from rnn_demo.view.trace_view import Answers, Chain, Setting, UnitGroup, n_columns, payload, trace_view

__all__ = ["Answers", "Chain", "Setting", "UnitGroup", "bands", "n_columns", "payload", "trace_view"]
