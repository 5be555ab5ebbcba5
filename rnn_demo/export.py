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


def _answers(trace: Trace, written: list[str] | None) -> list[tuple[str, dict]]:
    """For each token its label and the probability of every label, or of the MOST likeliest and of the label itself; ("", {}) for
    a chain without a readout."""
    if trace.logits is None:
        return [("", {})] * len(trace.tokens)
    found = []
    for label, row in zip(trace.best if written is None else written, trace.probs, strict=True):
        kept = range(len(row)) if len(row) <= MOST else np.argsort(-row, kind="stable")[:MOST].tolist()
        if (own := trace.labels.index(label)) not in kept:
            kept.append(own)
        found.append((label, {trace.labels[k]: round(float(row[k]), 6) for k in kept}))
    return found


def trace_json(text: str, cell: str, traces: list[Trace], written: list[str] | None = None) -> str:
    """{"text", "cell", "chains": [{"name", "labels", "steps": [
    {"token", "start", "end", "label", "probs", "x", "h", "c", "i", ..., "logits"}]}]}

    A label is the likeliest one, or, where what comes out goes in again, what was written at that step: then `written` tells it.
    """
    chains = []
    for trace in traces:
        logits = trace.logits if len(trace.labels) <= MOST else None
        columns = {"x": trace.x, "h": trace.h, "c": trace.c, **trace.gates, "logits": logits, "attention": trace.attention}
        columns = {name: _numbers(array) for name, array in columns.items() if array is not None}
        steps, answers = [], _answers(trace, written)
        for t, (token, (start, end), (label, probs)) in enumerate(zip(trace.tokens, trace.spans, answers, strict=True)):
            answer = {"label": label, "probs": probs} if label else {}
            numbers = {name: rows[t] for name, rows in columns.items()}
            steps.append({"token": token, "start": int(start), "end": int(end), **answer, **numbers})
        labels = trace.labels if len(trace.labels) <= MOST else []
        chains.append({"name": trace.name, "labels": labels, "steps": steps})
    return json.dumps({"text": text, "cell": cell, "chains": chains}, ensure_ascii=False)


def trace_csv(traces: list[Trace], written: list[str] | None = None) -> bytes:
    """A heading, then a row a token of each chain: chain, step, token, start, end, label, each label's probability (of a
    vocabulary, that of the label alone), each unit. Labels as in trace_json. In UTF-8 with a byte order mark, by which Excel
    knows that it is."""
    out = io.StringIO()
    writer = csv.writer(out)
    labels = next((trace.labels for trace in traces if trace.logits is not None), ())
    few = len(labels) <= MOST
    units = (f"h{i}" for i in range(max(trace.h.shape[1] for trace in traces)))
    odds = [f"p({k})" for k in labels] if few else ["p(label)"]
    writer.writerow(["chain", "step", "token", "start", "end", "label", *odds, *units])
    for trace in traces:
        for t, (h, (label, probs)) in enumerate(zip(_numbers(trace.h), _answers(trace, written), strict=True)):
            numbers = [probs.get(k, "") for k in (labels if few else [label])]
            token, label = _no_formula(trace.tokens[t]), _no_formula(label)
            writer.writerow([trace.name, t + 1, token, *trace.spans[t].tolist(), label, *numbers, *h])
    return out.getvalue().encode("utf-8-sig")


def _no_formula(text: str) -> str:
    """A cell that begins with one of these would run as a formula when a spreadsheet opens the file. "=1" -> "'=1" """
    return f"'{text}" if text[:1] and text[0] in "=+-@" else text
