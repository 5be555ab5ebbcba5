"""A reading as a file: JSON with everything in it, CSV with a row a token.

Of a vocabulary, each step has the MOST likeliest answers only, and no logits: all of them would be some 20 MB a sentence.
"""

import csv
import io
import json

import numpy as np

from rnn_demo.reading import Chain, Reading

MOST = 50  # answers a step


def _numbers(array) -> list:
    return [[round(float(value), 6) for value in row] for row in array]


def _answers(reading: Reading, chain: Chain, written: bool) -> list[tuple[str, dict]]:
    """For each token its label and the probability of every label, or of the MOST likeliest and of the label itself; ("", {}) for
    a chain without a readout. A label is the likeliest one, or, where what comes out goes in again, what was `written`."""
    trace = chain.trace
    if trace.logits is None:
        return [("", {})] * len(trace.tokens)
    found = []
    for column, best, row in zip(reading.columns[chain.first :], trace.best, trace.probs, strict=False):
        label = column.answer if written else best
        kept = range(len(row)) if len(row) <= MOST else np.argsort(-row, kind="stable")[:MOST].tolist()
        if (own := trace.labels.index(label)) not in kept:
            kept.append(own)
        found.append((label, {trace.labels[k]: round(float(row[k]), 6) for k in kept}))
    return found


def trace_json(reading: Reading, written: bool = False) -> str:
    """{"text", "cell", "chains": [{"name", "labels", "steps": [
    {"token", "start", "end", "label", "probs", "x", "h", "c", "i", ..., "logits"}]}]}"""
    chains = []
    for chain in reading.chains:
        trace = chain.trace
        logits = trace.logits if len(trace.labels) <= MOST else None
        columns = {"x": trace.x, "h": trace.h, "c": trace.c, **trace.gates, "logits": logits, "attention": trace.attention}
        columns = {name: _numbers(array) for name, array in columns.items() if array is not None}
        steps = []
        for t, (token, (label, probs)) in enumerate(zip(trace.placed, _answers(reading, chain, written), strict=True)):
            answer = {"label": label, "probs": probs} if label else {}
            numbers = {name: rows[t] for name, rows in columns.items()}
            steps.append({"token": token.text, "start": token.start, "end": token.end, **answer, **numbers})
        labels = trace.labels if len(trace.labels) <= MOST else []
        chains.append({"name": trace.name, "labels": labels, "steps": steps})
    return json.dumps({"text": reading.text, "cell": reading.asked.cell, "chains": chains}, ensure_ascii=False)


def trace_csv(reading: Reading, written: bool = False) -> bytes:
    """A heading, then a row a token of each chain: chain, step, token, start, end, label, each label's probability (of a
    vocabulary, that of the label alone), each unit. In UTF-8 with a byte order mark, by which Excel knows that it is."""
    out = io.StringIO()
    writer = csv.writer(out)
    labels = next((trace.labels for trace in reading.traces if trace.logits is not None), ())
    few = len(labels) <= MOST
    units = (f"h{i}" for i in range(max(trace.h.shape[1] for trace in reading.traces)))
    odds = [f"p({k})" for k in labels] if few else ["p(label)"]
    writer.writerow(["chain", "step", "token", "start", "end", "label", *odds, *units])
    for chain in reading.chains:
        rows = zip(chain.trace.placed, _numbers(chain.trace.h), _answers(reading, chain, written), strict=True)
        for t, (token, h, (label, probs)) in enumerate(rows, start=1):
            numbers = [probs.get(k, "") for k in (labels if few else [label])]
            words = _no_formula(token.text), token.start, token.end, _no_formula(label)
            writer.writerow([chain.trace.name, t, *words, *numbers, *h])
    return out.getvalue().encode("utf-8-sig")


def _no_formula(text: str) -> str:
    """A cell that begins with one of these would run as a formula when a spreadsheet opens the file. "=1" -> "'=1" """
    return f"'{text}" if text[:1] and text[0] in "=+-@" else text
