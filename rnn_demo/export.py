"""A trace as a file: JSON with everything in it, CSV with a row a token.

Of a vocabulary, each step has the MOST likeliest answers only, and no logits: all of them would be some 20 MB a sentence.
"""

import csv
import io
import json

import numpy as np

from rnn_demo.trace import Trace

MOST = 50  # answers a step


def _numbers(array) -> list:
    return [[round(float(value), 6) for value in row] for row in array]


def _answers(trace: Trace) -> list[tuple[str, dict]]:
    """For each token its label and the probability of every label, or of the MOST likeliest; ("", {}) for a chain without a
    readout."""
    if trace.logits is None:
        return [("", {})] * len(trace.tokens)
    found = []
    for label, row in zip(trace.best, trace.probs, strict=True):
        kept = range(len(row)) if len(row) <= MOST else np.argsort(-row, kind="stable")[:MOST]
        found.append((label, {trace.labels[k]: round(float(row[k]), 6) for k in kept}))
    return found


def trace_json(text: str, cell: str, traces: list[Trace]) -> str:
    """{"text", "cell", "chains": [{"name", "labels", "steps": [
    {"token", "start", "end", "label", "probs", "x", "h", "c", "i", ..., "logits"}]}]}"""
    chains = []
    for trace in traces:
        logits = trace.logits if len(trace.labels) <= MOST else None
        columns = {"x": trace.x, "h": trace.h, "c": trace.c, **trace.gates, "logits": logits, "attention": trace.attention}
        columns = {name: _numbers(array) for name, array in columns.items() if array is not None}
        steps = []
        for t, (token, (start, end), (label, probs)) in enumerate(zip(trace.tokens, trace.spans, _answers(trace), strict=True)):
            answer = {"label": label, "probs": probs} if label else {}
            numbers = {name: rows[t] for name, rows in columns.items()}
            steps.append({"token": token, "start": int(start), "end": int(end), **answer, **numbers})
        labels = trace.labels if len(trace.labels) <= MOST else []
        chains.append({"name": trace.name, "labels": labels, "steps": steps})
    return json.dumps({"text": text, "cell": cell, "chains": chains}, ensure_ascii=False)


def trace_csv(traces: list[Trace]) -> str:
    """A heading, then a row a token of each chain: chain, step, token, start, end, label, each label's probability (of a
    vocabulary, that of the label alone), each unit."""
    out = io.StringIO()
    writer = csv.writer(out)
    labels = next((trace.labels for trace in traces if trace.logits is not None), ())
    few = len(labels) <= MOST
    units = (f"h{i}" for i in range(max(trace.h.shape[1] for trace in traces)))
    odds = [f"p({k})" for k in labels] if few else ["p(label)"]
    writer.writerow(["chain", "step", "token", "start", "end", "label", *odds, *units])
    for trace in traces:
        for t, (h, (label, probs)) in enumerate(zip(_numbers(trace.h), _answers(trace), strict=True)):
            # A cell that begins with one of these runs as a formula when a spreadsheet opens the file.
            token = trace.tokens[t]
            token = f"'{token}" if token[0] in "=+-@" else token
            numbers = [probs.get(k, "") for k in (labels if few else [label])]
            writer.writerow([trace.name, t + 1, token, *trace.spans[t].tolist(), label, *numbers, *h])
    return out.getvalue()
