"""A trace as a file: JSON with everything in it, CSV with a row a token."""

import csv
import io
import json

from rnn_demo.trace import Trace


def _numbers(array) -> list:
    return [[round(float(value), 6) for value in row] for row in array]


def _answers(trace: Trace) -> list[tuple[str, dict]]:
    """For each token its label and the probability of every label; ("", {}) for a chain without a readout."""
    if trace.logits is None:
        return [("", {})] * len(trace.tokens)
    return [
        (label, dict(zip(trace.labels, probs, strict=True)))
        for label, probs in zip(trace.best, _numbers(trace.probs), strict=True)
    ]


def trace_json(text: str, cell: str, traces: list[Trace]) -> str:
    """{"text", "cell", "chains": [{"name", "labels", "steps": [
    {"token", "start", "end", "label", "probs", "x", "h", "c", "i", ..., "logits"}]}]}"""
    chains = []
    for trace in traces:
        columns = {"x": trace.x, "h": trace.h, "c": trace.c, **trace.gates, "logits": trace.logits}
        columns = {name: _numbers(array) for name, array in columns.items() if array is not None}
        steps = []
        for t, (token, (start, end), (label, probs)) in enumerate(zip(trace.tokens, trace.spans, _answers(trace), strict=True)):
            answer = {"label": label, "probs": probs} if label else {}
            numbers = {name: rows[t] for name, rows in columns.items()}
            steps.append({"token": token, "start": int(start), "end": int(end), **answer, **numbers})
        chains.append({"name": trace.name, "labels": trace.labels, "steps": steps})
    return json.dumps({"text": text, "cell": cell, "chains": chains}, ensure_ascii=False)


def trace_csv(traces: list[Trace]) -> str:
    """A heading, then a row a token of each chain: chain, step, token, start, end, label, each label's probability, each unit."""
    out = io.StringIO()
    writer = csv.writer(out)
    labels = traces[0].labels
    units = (f"h{i}" for i in range(traces[0].h.shape[1]))
    writer.writerow(["chain", "step", "token", "start", "end", "label", *(f"p({k})" for k in labels), *units])
    for trace in traces:
        for t, (h, (label, probs)) in enumerate(zip(_numbers(trace.h), _answers(trace), strict=True)):
            # A cell that begins with one of these runs as a formula when a spreadsheet opens the file.
            token = trace.tokens[t]
            token = f"'{token}" if token[0] in "=+-@" else token
            numbers = [probs.get(k, "") for k in labels]
            writer.writerow([trace.name, t + 1, token, *trace.spans[t].tolist(), label, *numbers, *h])
    return out.getvalue()
