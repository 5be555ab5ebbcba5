"""Memory: which words does an answer rest on, and how fast is a word forgotten?"""

import math
from typing import Any, NamedTuple

import numpy as np

from rnn_demo.edits import write_link
from rnn_demo.lenses import memory_figures as figures
from rnn_demo.lenses.base import Code, Lens, LensError, Shows, View, chains_at, plain, shown
from rnn_demo.reading import Reading
from rnn_demo.tasks.base import Panel

CELLS = 3600  # of the triangle, at most: of a long text every second or third answer is shown
LONG = 80  # words; of a longer text only the MOST_ERASED with the largest slopes are erased
MOST_ERASED = 40
SAMPLE = 12  # answers of each cell over which its forgetting is averaged
DISAGREE = 0.25  # of the larger of the two, and SMALL nats, from which slope and erasing are said to disagree
SMALL = 0.1
FEWEST = 3  # answers that a point of a forgetting curve rests on
SHORT = 5  # words that it takes to see something fade


def labels_of(reading: Reading, name: str) -> tuple[str, ...]:
    """The labels of the network that make up an answer. "PER" -> ("B-PER", "I-PER")"""
    return next(answer.labels or (answer.name,) for answer in reading.answers if answer.name == name)


def answering(reading: Reading) -> list[int]:
    """The steps at which something is answered. Of an encoder and a decoder, those of the decoder."""
    return [step for step, column in enumerate(reading.columns, start=1) if column.answer]


def looked_at(view: View) -> str:
    """The answer that is looked at. LensError where nothing is answered."""
    reading, step, steps = view.reading, view.step, answering(view.reading)
    if step not in steps:
        has = f"choose a step from {steps[0]} to {steps[-1]}" if steps else "there is nothing to read"
        raise LensError(f"nothing is answered at step {step}; {has}")
    return shown(reading, step)


def triangle_steps(view: View) -> list[int]:
    """The answers that the triangle shows: of a long text every second, or third; a second chain takes as long again."""
    side_by_side = len(chains_at(view.reading, view.step))
    return thinned(answering(view.reading), max(CELLS // (len(view.reading.columns) * side_by_side), 1))


def slopes(view: View) -> dict[int, tuple[float, np.ndarray, np.ndarray]]:
    """{step: log-probability, |d log p / d x_s| (S,), x_s times that slope (S,)}, of the answers of the triangle and of the one
    that is looked at; by one backward pass."""
    steps = sorted({*triangle_steps(view), view.step})
    return dict(zip(steps, zip(*slopes_of(view.network, view.reading, steps), strict=True), strict=True))


def erasing(view: View) -> np.ndarray:
    """(S,) how the log-probability of the answer changes without one word or the other. Of a long text only the words with the
    largest slopes are erased: NaN for the others."""
    from rnn_demo.networks.influence import erased, rest  # not at the top: it needs torch

    reading, network, step = view.reading, view.network, view.step
    places = None
    if (words := rest(network, reading.traces, step)) > LONG:
        _, slope, _ = view.once(slopes)[step]
        places = np.argsort(-slope[:words], kind="stable")[:MOST_ERASED].tolist()
    return erased(network, reading.traces, step, _ids(network, reading, step), reading.asked.edits, places)


def trail(view: View) -> dict:
    """What the view draws under the words: {"step": whose answer it is, "said": on what it rests, in a sentence, "adds": [what each
    word adds to the answer's log-probability, in nats: minus `erased`]}; None for a word on which it does not rest, or that was not
    erased. Where nothing is answered, "said" tells where there is something, and "adds" is []."""
    reading, step = view.reading, view.step
    try:
        name = looked_at(view)
    except LensError as error:
        return {"step": step, "said": f"{str(error).capitalize()}.", "adds": []}
    gone = view.once(erasing)
    words = [column.token.text for column in reading.columns]
    face = next(answer.face for answer in reading.answers if answer.name == name)
    return {
        "step": step,
        "said": without(f"“{face}” at step {step}", words, -gone),
        "adds": [None if np.isnan(value) else float(f"{-value:.4g}") for value in gone],
    }


def without(answer: str, words: list[str], adds: np.ndarray) -> str:
    """What an answer would be without the words that speak loudest for it, and against it; a word that comes twice has its step.

    "PER at step 2", ["Mr.", "Lagos"], [2.3, 0.7] ->
    "PER at step 2: without “Mr.” it would be 10 times less likely; without “Lagos”, 2.0 times less."
    """
    order = np.argsort(-np.nan_to_num(adds), kind="stable").tolist()
    loud = [k for k in order[:2] if adds[k] >= SMALL] + [k for k in order[-1:] if adds[k] <= -SMALL]
    if not loud:
        return f"{answer} hardly rests on any single word."
    comma = [" it would be", *[","] * len(loud)]
    told = [
        f"without {which(words, k)}{after} {times(adds[k])} {'less' if adds[k] > 0 else 'more'}"
        for k, after in zip(loud, comma, strict=False)
    ]
    told[0] += " likely"
    return f"{answer}: {'; '.join(told)}."


def which(words: list[str], k: int) -> str:
    """A word, in quotes; of one that comes twice, which. ["to", "Lagos", "to"], 2 -> "“to” (step 3)" """
    return f"“{words[k]}”" + (f" (step {k + 1})" if words.count(words[k]) > 1 else "")


def times(nats: float) -> str:
    """By what a probability is multiplied or divided. 2.303 -> "10 times"; -0.69 -> "2.0 times" """
    factor = math.exp(min(abs(nats), 7))
    return "over 1,000 times" if factor > 1000 else f"{factor:.0f} times" if factor >= 9.95 else f"{factor:.1f} times"


def found(view: View) -> tuple[str, Any]:
    """The answer that is looked at, and networks.influence.Influence of it. LensError where nothing is answered."""
    from rnn_demo.networks.influence import influence  # not at the top: it needs torch

    name, reading = looked_at(view), view.reading
    return name, influence(view.network, reading.traces, view.step, labels_of(reading, name), reading.asked.edits)


def all_at_once(view: View) -> tuple[Any, np.ndarray]:
    """Influence of the answer that is looked at, and the slopes of the answers of the triangle, a row each. Of a long text some
    words are not erased: NaN."""
    from rnn_demo.networks.influence import Influence, rest

    found, words = view.once(slopes), rest(view.network, view.reading.traces, view.step)
    logp, slope, product = found[view.step]
    chosen = Influence(float(logp), slope[:words], product[:words], view.once(erasing))
    return chosen, np.stack([found[step][1] for step in triangle_steps(view)])


def numbers(view: View) -> dict:
    """{"step", "answer", "log_prob", "gradient": [a number a word], "product": [...], "erased": [...]}, as Influence has them; for
    the words up to the step, and, where a second chain comes back from the end, for all words."""
    name, result = found(view)
    rows = {key: [float(f"{value:.6g}") for value in getattr(result, key)] for key in ("gradient", "product", "erased")}
    return {"step": view.step, "answer": name, "log_prob": float(f"{result.log_prob:.6g}"), **rows}


def _ids(network: Any, reading: Reading, step: int) -> list[int]:
    from rnn_demo.networks.influence import label_ids

    return label_ids(network, reading.traces, step, labels_of(reading, shown(reading, step)))


def slopes_of(network: Any, reading: Reading, steps: list[int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of the answers shown at these steps: their log-probabilities, |d log p / d x_s| (len(steps), S), and x_s times that slope; 0
    where an answer does not rest on a word."""
    from rnn_demo.networks.influence import gradients

    ids = [_ids(network, reading, step) for step in steps]
    return gradients(network, reading.traces, steps, ids, reading.asked.edits)


def way_back(view: View) -> list[dict]:
    """What the view plays from right to left, of the answers up to the one that is looked at: for each chain {"own": [a number a
    step], "carried": [...], "last": [...]}, as networks.influence has Errors. Where only the last answer is what the network is
    trained for, the others have no error."""
    from rnn_demo.networks.influence import errors

    reading, steps = view.reading, answering(view.reading)
    steps = [step for step in steps if step <= view.step] or steps
    if "answers-last" in view.task.shape.flags:
        steps = steps[-1:]
    if not steps:
        return []
    ids = [_ids(view.network, reading, step) for step in steps]
    short = lambda row: [float(f"{value:.3g}") for value in row]
    return [
        {name: short(values) for name, values in chain._asdict().items()}
        for chain in errors(view.network, reading.traces, steps, ids, reading.asked.edits)
    ]


def thinned(steps: list[int], most: int) -> list[int]:
    """At most so many of the steps, evenly from the last one back. [1, 2, 3, 4, 5], 3 -> [1, 3, 5]"""
    return steps[::-1][:: math.ceil(len(steps) / most) or 1][::-1] if steps else []


class Fading(NamedTuple):
    """How a cell forgets one text: influence (D,) of a word on the answer d = 0, 1, ... words later, 1 at d = 0, the geometric mean
    over its answers; `kept` (D,) what its gates let through, None where it has none; `half` how many words halve it."""

    title: str
    influence: np.ndarray
    kept: np.ndarray | None
    half: float


def half_life(influence: np.ndarray) -> float:
    """Words in which it halves: of the straight line through its logarithm; infinite where it does not fall.

    [1, 0.5, 0.25] -> 1.0
    """
    slope = np.polyfit(np.arange(len(influence)), np.log2(np.maximum(influence, 1e-30)), 1)[0]
    return float(-1 / slope) if slope < -1e-6 else math.inf


def fading(network: Any, reading: Reading, title: str) -> Fading:
    """Of a chain that reads one way."""
    steps = thinned(answering(reading), SAMPLE)
    _, rows, _ = slopes_of(network, reading, steps)
    distances = [d for d in range(rows.shape[1]) if sum(step > d for step in steps) >= FEWEST]
    logs = [[np.log(max(row[step - 1 - d], 1e-30)) for step, row in zip(steps, rows, strict=True) if step > d] for d in distances]
    means = np.exp([np.mean(column) for column in logs])
    gate = next((reading.traces[0].gates[letter] for letter in ("z", "f") if letter in reading.traces[0].gates), None)
    kept = None
    if gate is not None:  # what is left of a word's state d words later: the gates of those d words, multiplied unit by unit
        sums = np.cumsum(np.log(np.maximum(np.vstack([np.ones_like(gate[:1]), gate]), 1e-30)), axis=0)
        left = [[np.exp(sums[step] - sums[step - d]).mean() for step in steps if step > d] for d in distances]
        kept = np.array([np.mean(column) for column in left])
    return Fading(title, means / means[0], kept, half_life(means / means[0]))


def fadings(view: View) -> list[Fading]:
    """All cells of the task that read one way, on this text; the edits are those of its own cell alone."""
    found, asked = [], view.reading.asked
    for cell, (title, _) in view.task.words.cells.items():
        network = view.network if cell == asked.cell else view.load(cell)
        if len(network.sides(view.reading.traces)) > 1 or getattr(network, "both_ways", False):
            continue
        reading = view.reading
        if cell != asked.cell:
            reading = view.task.read(network, asked.text, asked.options, None)
        if len(reading.columns) >= SHORT:
            found.append(fading(network, reading, title))
    return found


def in_words(half: float) -> str:
    """4.25 -> "4.3 words" """
    return "does not fade" if half == math.inf else f"{half:.1f} words" if half < 100 else "over 100 words"


def panels(view: View) -> list[Panel]:
    """What the answer rests on; all answers; how fast each cell forgets; and the proof."""
    try:
        name = looked_at(view)
    except LensError as error:
        return [Panel(str(error).capitalize() + ".", None, "")] if view.reading.columns else []
    if view.kept is None:  # bars and triangle need the same
        view = view._replace(kept={})
    reading, step = view.reading, view.step
    column, words = reading.columns[step - 1], [column.token.text for column in reading.columns]
    face = next(answer.face for answer in reading.answers if answer.name == name)
    steps = triangle_steps(view)
    result, triangle = all_at_once(view)
    some = "" if len(steps) == len(answering(reading)) else f" Of this long text {len(steps)} answers are shown, evenly spaced."
    rests = Panel(
        f"**Why “{plain(face)}” at step {step}, after “{plain(column.token.text)}”?** The upper bars: how strongly the answer "
        "reacts to a small change of each word’s numbers (the exact slope). The lower bars: what a word adds to the answer’s "
        "log-probability, once judged by that slope, once by setting the word’s numbers to zero and reading again. "
        + disagreement(words, result)
        + (f" Of this long text, only the {MOST_ERASED} words with the largest slopes are erased." if len(words) > LONG else ""),
        figures.rests_on(words[: len(result.gradient)], result, step),
        f"Bars for every word: the strongest slope is at step {int(result.gradient.argmax()) + 1}; erasing costs most at step "
        f"{int(np.nanargmin(result.erased)) + 1}.",
        wide=True,
    )
    all_answers = Panel(
        "**Every answer and every word, on one scale.** A row is an answer, a column a word; each colour step is the same factor "
        "everywhere, so what has vanished is seen as vanished. Rows that stay coloured far to the left still remember the "
        f"beginning.{some}",
        figures.triangle([(step, words[step - 1]) for step in steps], words[: triangle.shape[1]], triangle),
        f"Heat map of {len(steps)} answers by {triangle.shape[1]} words, slopes on a logarithmic scale.",
    )
    return [rests, all_answers, *forgetting(view), proof(view, name, result)]


def disagreement(words: list[str], result: Any) -> str:
    """Where slope and erasing disagree most, and why."""
    by_slope, by_erasing = result.product, -result.erased
    gap = np.nan_to_num(np.abs(by_slope - by_erasing))
    k = int(gap.argmax())
    if gap[k] < SMALL or gap[k] < DISAGREE * max(abs(by_slope[k]), abs(by_erasing[k])):
        return "Here the two agree."
    where = which(list(map(plain, words)), k)
    return (
        f"They disagree most at {where}: {by_slope[k]:+.2f} nats by its slope, {by_erasing[k]:+.2f} by erasing. "
        "A slope looks only a hair’s breadth around; where a gate or a probability is nearly 0 or 1 it is flat (saturation), "
        "although taking the whole word away moves it."
    )


def forgetting(view: View) -> list[Panel]:
    """How fast each cell forgets this text, on request, since every cell must read it; nothing where a text is short, or no cell
    reads one way."""
    two_networks = len(view.network.sides(view.reading.traces)) > 1
    if view.load is None or len(view.reading.columns) < SHORT or two_networks:
        return []
    return [Panel("", lambda: _forgetting(view), "", asked="How fast does each cell forget?")]


def _forgetting(view: View) -> Panel:
    cells = fadings(view)
    if not cells:
        return Panel("No cell makes enough of this text to see something fade.", None)
    halves = ", ".join(f"{cell.title} {in_words(cell.half)}" for cell in cells)
    words = (
        f"**How fast does it forget?** Influence of a word on later answers, against the distance. It halves in: {halves}. "
        "Dashed: what the gates that keep (z of a GRU, f of an LSTM) leave of a word’s own state. Each line is the mean of up to "
        f"{SAMPLE} answers of this one text."
    )
    return Panel(words, figures.fading(cells), f"Lines on a logarithmic scale. Influence halves in: {halves}.")


def proof(view: View, name: str, result: Any) -> Panel:
    """The same numbers by PyTorch's own layer, to paste."""
    by = "the steps of cells.py, with the same changes," if view.reading.asked.edits else "PyTorch’s own layer"
    words = f"**Prove it.** Paste this: autograd through {by} and a finite difference give the same numbers."
    return Panel(words, Code(proof_of(view, name, result)), "", wide=True)


def proof_of(view: View, name: str, result: Any) -> str:
    from rnn_demo.networks.influence import label_ids

    reading, task = view.reading, view.reading.asked.task
    ids = label_ids(view.network, reading.traces, view.step, labels_of(reading, name))
    edits = [edit for edit in reading.asked.edits if edit.step <= len(reading.columns)]
    sizes = [len(side) for side in view.network.sides(reading.traces)]
    if edits:  # PyTorch's layer cannot be changed on its way: the very steps that the page takes
        formula = (
            f"    seen = network.replay(list(x[:, None].split({sizes})), torch.tensor([{view.step}]), edits)\n"
            f"    return network.nats(seen, [{ids}])[0]"
        )
    else:
        formula = view.network.formula(view.step, ids, sizes)
    page = ", ".join(f"{value:.6g}" for value in result.gradient)
    loaded, reads = view.network.python(task)
    read = f"{reads}(network, {reading.text!r}, {reading.asked.options!r}, None"
    imports = "from rnn_demo.edits import parse_link, resolved\n" if edits else ""
    other = f"lambda text: TASKS[{task!r}].read(network, text, {reading.asked.options!r}, None)"
    edited = f"edits = resolved(parse_link({write_link(edits)!r}), {read}), {other})\n" if edits else ""
    return f"""import numpy as np
import rnn_demo
import torch
{imports}from rnn_demo.tasks import TASKS

network = {loaded}
{edited}reading = {read}{', edits' if edits else ''})
network = network.double()
x = torch.tensor(np.concatenate(network.sides(reading.traces)), dtype=torch.float64, requires_grad=True)


def log_p(x):
{formula}


(slope,) = torch.autograd.grad(log_p(x), x)
page = torch.tensor([{page}], dtype=torch.float64)
assert torch.allclose(slope.norm(dim=-1)[: len(page)], page, rtol=1e-3, atol=1e-5 * page.max())

along = torch.zeros_like(x)  # a tiny step of the word that matters most, along its slope
most = slope.norm(dim=-1).argmax()
along[most] = 1e-4 * slope[most] / slope[most].norm()
difference = (log_p(x + along) - log_p(x - along)) / 2e-4
assert torch.allclose(difference, slope[most].norm(), rtol=1e-4)
"""


LENS = Lens(
    "memory",
    "Memory",
    "Which words does this answer rest on, and how fast are they forgotten?",
    panels,
    numbers,
    "How strongly one answer reacts to each word that was read, and how fast the words before it fade.",
    opens=True,
    shows=Shows(way_back, trail),
)
