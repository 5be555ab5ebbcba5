"""A trace as a file: JSON with everything in it, CSV with a row a token."""

import csv
import io
import json

from rnn_demo.trace import Trace


def _numbers(array) -> list:
    return [[round(float(value), 6) for value in row] for row in array]


def trace_json(text: str, cell: str, traces: list[Trace]) -> str:
    """{"text", "cell", "chains": [{"name", "labels", "steps": [{"token", "start", "end", "x", "h", "c", "i", ..., "logits"}]}]}"""
    chains = []
    for trace in traces:
        columns = {"x": trace.x, "h": trace.h, "c": trace.c, **trace.gates, "logits": trace.logits}
        columns = {name: _numbers(array) for name, array in columns.items() if array is not None}
        steps = [
            {"token": token, "start": int(start), "end": int(end), **{name: rows[t] for name, rows in columns.items()}}
            for t, (token, (start, end)) in enumerate(zip(trace.tokens, trace.spans, strict=True))
        ]
        chains.append({"name": trace.name, "labels": trace.labels, "steps": steps})
    return json.dumps({"text": text, "cell": cell, "chains": chains}, ensure_ascii=False)


def trace_csv(traces: list[Trace]) -> str:
    """A heading, then a row a token of each chain: chain, step, token, start, end, each label's probability, each unit."""
    out = io.StringIO()
    writer = csv.writer(out)
    hidden = traces[0].h.shape[1]
    labels = traces[0].labels
    writer.writerow(["chain", "step", "token", "start", "end", *(f"p({k})" for k in labels), *(f"h{i}" for i in range(hidden))])
    for trace in traces:
        probs = _numbers(trace.probs) if trace.logits is not None else [[""] * len(labels)] * len(trace.tokens)
        for t, h in enumerate(_numbers(trace.h)):
            # A cell that begins with one of these runs as a formula when a spreadsheet opens the file.
            token = trace.tokens[t]
            token = f"'{token}" if token[0] in "=+-@" else token
            writer.writerow([trace.name, t + 1, token, *trace.spans[t].tolist(), *probs[t], *h])
    return out.getvalue()
