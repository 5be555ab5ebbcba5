"""Inside: what the block of one step computes, stage by stage, for one unit with its real numbers."""

from collections.abc import Callable

import numpy as np

from rnn_demo import figures
from rnn_demo.lenses.base import Code, Equations, Lens, Level, Stage, View, Walk, chains_at, number, plain, spoken
from rnn_demo.lenses.opened import Opened, opened
from rnn_demo.reading import Chain
from rnn_demo.tasks.base import Panel
from rnn_demo.words import percent

MOST = 5  # contributions to a sum that are shown
IN = 3  # numbers of the word that are shown as it comes in
GATES = {  # a gate, what it is called, and what its number means: letters as PyTorch has them
    "r": ("Reset gate r", "Look at {} of what the old memory says."),
    "z": ("Update gate z", "Keep {} of the old."),
    "i": ("Input gate i", "Write {} of the new."),
    "f": ("Forget gate f", "Keep {} of the old."),
    "o": ("Output gate o", "Show {} of the memory."),
}
# The gate that says how much is written, and whether it does so by falling or by rising.
WRITES = {"gru": ("z", -1, "the share of the old memory that they keep"), "lstm": ("i", 1, "the share of the new that they write")}
CONVENTIONS = {
    "rnn": "This is the plain network of Elman (1990): no gates, so every word rewrites the whole memory.",
    "gru": "PyTorch’s GRU applies the reset gate r *after* the old memory has been multiplied by its weights, and its z says how "
    "much of the *old* stays. Papers differ: some reset before the multiplication, and some let z say how much is new.",
    "lstm": "This is PyTorch’s LSTM: three gates, a cell state c that is kept beside h, and no direct line from c to the gates "
    "(“peepholes”), which some papers have.",
}
UNIT_LAYERS = {"rnn": "RNNCell", "gru": "GRUCell", "lstm": "LSTMCell"}


def numbers(view: View) -> dict:
    """{"step", "chain", "unit", "token", "h_before", "h", "gates": {letter: value}, "terms": {letter: {"x", "h"}}}, of an LSTM also
    "c_before" and "c"; see Opened.numbers."""
    step = opened(view)
    token = view.reading.columns[view.step - 1].token.text
    return {"step": view.step, "chain": step.chain.trace.name, "unit": step.unit, "token": token, **step.numbers()}


def panels(view: View) -> list[Panel]:
    if not view.reading.columns:
        return []
    step, token = opened(view), view.reading.columns[view.step - 1].token.text
    several = len(chains_at(view.reading, view.step)) > 1
    title = f"unit {step.unit}" + (f" of the {step.chain.trace.name} chain" if several else "")
    found = step.numbers()
    found_panels = [
        Panel(_heading(view, step, title, plain(token)), walk(view, step, found), wide=True),
        Panel("**The block in symbols.** " + CONVENTIONS[step.kind], Equations(_symbols(step.kind))),
        Panel(f"**The same with the numbers of {title} at “{plain(token)}”.**", Equations(with_numbers(step.kind, found))),
        Panel(
            f"**All {len(step.old[0])} units at this step**, in the order of the live view: the old memory, "
            + ("each gate, " if step.gates else "")
            + f"the new memory. The line marks {title}.",
            figures.unit_strips(_strips(step), step.chain.order, step.chain.groups, step.unit),
            f"Heat map of the units’ old memory, gates and new memory at step {view.step}.",
            wide=True,
        ),
        Panel(_speakers(step, token), Walk(largest(step, view.reading.block.parts), ordered=False), wide=True),
    ]
    if step.kind in WRITES:
        found_panels += _over_the_text(view, step)
    return [
        *found_panels,
        Panel(
            "**Prove it.** PyTorch’s own cell, with one unit, and the numbers from above: paste it into Python. "
            "It ends in `True` if this page computes what PyTorch does.",
            Code(proof(step.kind, found, f"{title}, step {view.step}, {token!r}")),
            wide=True,
        ),
    ]


def _heading(view: View, step: Opened, title: str, token: str) -> str:
    """Which unit is followed, and why."""
    where = f"**{title[0].upper()}{title[1:]} at “{token}”**"
    answer = view.reading.columns[view.step - 1].answer
    adds = {(view.reading.chains[k].trace.name, unit): add for k, unit, _, add in spoken(view.reading, view.step)}
    if (add := adds.get((step.chain.trace.name, step.unit))) is not None:
        face = plain(view.reading.answers[view.reading.names.index(answer)].face)
        loudest = ", more than any other unit does" if add == max(adds.values()) else ""
        sign = "+" if add > 0 else ""
        told = f"{where}: it adds {sign}{number(add)} to the score of “{face}”{loudest}. Each bar fills as the block computes it."
    else:
        why = "" if view.unit else " The unit that this step changes most."
        told = f"{where}.{why} Each bar fills as the block computes it."
    if step.changed.cut:
        told += " The arrow to this block is cut: its old memory is zero, and all that this says is its bias."
    return told


def walk(view: View, step: Opened, found: dict) -> Walk:
    """The stages of the block, between what comes in and what comes out."""
    token = view.reading.columns[view.step - 1].token.text
    return Walk(stages(step.kind, found, token), comes_in=comes_in(view, step, token), comes_out=comes_out(view, step))


def comes_in(view: View, step: Opened, token: str) -> Stage:
    """The largest numbers of the word, and what the unit has kept so far."""
    names = [f"{name.split(' ')[-1]} {i}" for name, size in view.reading.block.parts for i in range(size)]
    top = np.argsort(-np.abs(step.x), kind="stable")[:IN].tolist()
    old = {f"old {name}": float(state[step.unit]) for name, state in zip("hc", step.old, strict=False)}
    size = max(1.0, *np.abs(step.x[top]), *map(abs, old.values()))
    levels = [Level(name, value, -size, size) for name, value in [*((names[k], float(step.x[k])) for k in top), *old.items()]]
    few = f", of which these {IN} are the largest" if len(names) > IN else ""
    words = f"“{token}” comes as {len(names)} numbers{few}; and from the step before comes what the unit remembers."
    return Stage("What comes in", words, tuple(levels))


def comes_out(view: View, step: Opened) -> Stage:
    """What the unit adds to the answer, and what all units together answer."""
    column, h = view.reading.columns[view.step - 1], float(step.new[0][step.unit])
    adds = {(view.reading.chains[k].trace.name, unit): add for k, unit, _, add in spoken(view.reading, view.step)}
    add = adds.get((step.chain.trace.name, step.unit))
    if not column.answer:
        return Stage("What goes on", f"Nothing is answered here: {number(h)} goes on to the next step.", ())
    at = view.reading.names.index(column.answer)
    face, p = view.reading.answers[at].face, float(view.reading.probs[view.step - 1][at])
    together = f"All units together make “{face}” {percent(p)} likely."
    if add is None:
        return Stage("What comes out", f"{number(h)} goes on to the next step, and up to the answer. {together}", ())
    size = max(1.0, abs(h), abs(add))
    words = f"Its weight turns {number(h)} into {number(add)} for the score of “{face}”. {together}"
    return Stage("What comes out", words, (Level("adds", add, -size, size),))


def stages(kind: str, found: dict, token: str) -> tuple[Stage, ...]:
    """The walk through a block: one stage for a plain RNN, four for a GRU, six for an LSTM. `found` as Opened.numbers has it."""
    return STAGES[kind](found, f"“{token}” says {{}}, the old memory says {{}}")


def _gate(found: dict, letter: str, says: str) -> Stage:
    title, means = GATES[letter]
    x, h, value = found["terms"][letter]["x"], found["terms"][letter]["h"], found["gates"][letter]
    if letter in held(found):
        return Stage(title, f"{_held(value)} {means.format(number(value))}", (Level(letter, value, 0.0),))
    words = f"{says.format(number(x), number(h))}: together {number(x + h)}, squashed into 0 to 1. {means.format(number(value))}"
    return Stage(title, words, (Level(letter, value, 0.0),))


def held(found: dict) -> dict[str, float]:
    """The gates that an edit holds, and at what."""
    return found.get("changed", {}).get("held", {})


def _held(value: float) -> str:
    return f"Held at {number(value)} by the change, whatever the word and the old memory say."


def own_h(kind: str, found: dict) -> float:
    """What the cell makes of the unit, before an edit clamps it."""
    gates, terms = found["gates"], found["terms"]
    if kind == "rnn":
        return float(np.tanh(terms["h"]["x"] + terms["h"]["h"]))
    if kind == "gru":
        return (1 - gates["z"]) * gates["n"] + gates["z"] * found["h_before"]
    return gates["o"] * float(np.tanh(found["c"]))


def _clamped(found: dict) -> str:
    """What becomes of the new h where an edit holds the unit; "" where none does."""
    value = found.get("changed", {}).get("clamped")
    return "" if value is None else f" Then the change holds the unit at {number(value)}."


def _mixed(keep: float, old: float, write: float, new: float, now: float, names: tuple[str, str]) -> tuple[str, tuple[Level, ...]]:
    """How an old memory and something new become the next memory, in a sentence and as levels."""
    words = (
        f"Keep {number(keep)} of the old {number(old)}, write {number(write)} of the new {number(new)}, so now {number(now)}."
    )
    size = max(1.0, abs(old), abs(now))
    parts = zip((names[0], "kept", "written", names[1]), (old, keep * old, write * new, now), strict=True)
    return words, tuple(Level(name, value, -size, size) for name, value in parts)


def _rnn(found: dict, says: str) -> tuple[Stage, ...]:
    x, h = found["terms"]["h"]["x"], found["terms"]["h"]["h"]
    words = (
        f"{says.format(number(x), number(h))}: together {number(x + h)}, squashed into −1 to 1. "
        f"It was {number(found['h_before'])}, so now {number(own_h('rnn', found))}.{_clamped(found)}"
    )
    return (Stage("New memory h", words, (Level("old h", found["h_before"]), Level("new h", found["h"]))),)


def _gru(found: dict, says: str) -> tuple[Stage, ...]:
    r, z, n = (found["gates"][letter] for letter in "rzn")
    x, h = found["terms"]["n"]["x"], found["terms"]["n"]["h"]
    new = (
        f"{says.format(number(x), number(h))}, of which {number(r)} counts: together {number(x + r * h)}, "
        f"squashed into −1 to 1: {number(n)}."
    )
    if "n" in held(found):
        new = _held(n)
    words, levels = _mixed(z, found["h_before"], 1 - z, n, own_h("gru", found), ("old h", "new h"))
    words += _clamped(found)
    levels = (*levels[:-1], levels[-1]._replace(value=found["h"]))
    return (
        _gate(found, "r", says),
        _gate(found, "z", says),
        Stage("What is new n", new, (Level("n", n),)),
        Stage("New memory h", words, levels),
    )


def _lstm(found: dict, says: str) -> tuple[Stage, ...]:
    i, f, g, o = (found["gates"][letter] for letter in "ifgo")
    x, h = found["terms"]["g"]["x"], found["terms"]["g"]["h"]
    new = f"{says.format(number(x), number(h))}: together {number(x + h)}, squashed into −1 to 1: {number(g)}."
    if "g" in held(found):
        new = _held(g)
    words, levels = _mixed(f, found["c_before"], i, g, found["c"], ("old c", "new c"))
    c = found["c"]
    now = number(own_h("lstm", found))
    shown = f"Show {number(o)} of the cell state {number(c)}, squashed to {number(np.tanh(c))}: so now {now}.{_clamped(found)}"
    return (
        _gate(found, "i", says),
        _gate(found, "f", says),
        Stage("What is new g", new, (Level("g", g),)),
        _gate(found, "o", says),
        Stage("New cell state c", words, levels),
        Stage("New memory h", shown, (Level("tanh c", float(np.tanh(c))), Level("new h", found["h"]))),
    )


STAGES: dict[str, Callable[[dict, str], tuple[Stage, ...]]] = {"rnn": _rnn, "gru": _gru, "lstm": _lstm}


def _symbols(kind: str) -> tuple[str, ...]:
    from rnn_demo.cells import CELLS  # not at the top: it needs torch

    return CELLS[kind].equations


def with_numbers(kind: str, found: dict) -> tuple[str, ...]:
    """The equations of a cell, line by line, with the numbers of one unit; `found` as Opened.numbers has it."""
    f2 = lambda value: f"{value if abs(value) >= 0.005 else 0:.2f}"
    n = lambda value: f2(value) if value > -0.005 else f"({f2(value)})"
    gates = found["gates"]

    clamp = found.get("changed", {}).get("clamped")
    then = "" if clamp is None else rf" \to {f2(clamp)} \text{{ (held)}}"
    own = f2(own_h(kind, found))

    def sum_of(letter: str, squash: str, value: float, counts: str = "") -> str:
        if letter in held(found):
            return rf"{letter}_t = {f2(value)} \text{{ (held)}}"
        x, h = found["terms"][letter]["x"], found["terms"][letter]["h"]
        total = x + h * (gates["r"] if counts else 1)
        return rf"{letter}_t = {squash}({f2(x)} + {counts}{n(h)}) = {squash}({f2(total)}) = {f2(value)}"

    sigma, tanh = r"\sigma", r"\tanh"
    if kind == "rnn":
        return (sum_of("h", tanh, own_h(kind, found)) + then,)
    lines = [sum_of(letter, sigma, gates[letter]) for letter in gates if letter in GATES]
    if kind == "gru":
        z, new = gates["z"], gates["n"]
        lines.append(sum_of("n", tanh, new, rf"{n(gates['r'])} \cdot "))
        lines.append(rf"h_t = {n(1 - z)} \cdot {n(new)} + {n(z)} \cdot {n(found['h_before'])} = {own}{then}")
        return tuple(lines)
    i, f, g, o = (gates[letter] for letter in "ifgo")
    lines.insert(2, sum_of("g", tanh, g))
    lines.append(rf"c_t = {n(f)} \cdot {n(found['c_before'])} + {n(i)} \cdot {n(g)} = {f2(found['c'])}")
    lines.append(rf"h_t = {n(o)} \cdot \tanh({f2(found['c'])}) = {own}{then}")
    return tuple(lines)


def _strips(step: Opened) -> dict[str, np.ndarray]:
    return {"old h": step.old[0], **step.gates, "new h": step.new[0]}


def largest(step: Opened, parts: tuple[tuple[str, int], ...]) -> tuple[Stage, ...]:
    """What adds most to each sum of the chosen unit, a stage a sum: numbers of the word, by the parts that it is made of, and old
    units."""
    names = [f"{name} {i}" for name, size in parts for i in range(size)]
    names += [f"old unit {k}" for k in range(len(step.old[0]))]
    found = []
    for letter in _free(step):
        of_x, of_h = step.terms[letter]
        adds = np.concatenate(step.adds(letter))
        top = np.argsort(-np.abs(adds), kind="stable")[:MOST].tolist()
        size = float(np.abs(adds).max()) or 1.0
        words = f"The word says {number(of_x[step.unit])}, the old memory {number(of_h[step.unit])}. Most of it:"
        found.append(Stage(f"The sum for {letter}", words, tuple(Level(names[k], float(adds[k]), -size, size) for k in top)))
    return tuple(found)


def _free(step: Opened) -> list[str]:
    """The sums that count: not those of a gate that is held."""
    return [letter for letter in step.terms if letter not in step.changed.held]


def _speakers(step: Opened, token: str) -> str:
    """The heading of the contributions, and how much of the sums comes from the word."""
    sizes = {letter: [float(np.abs(part).sum()) for part in step.adds(letter)] for letter in _free(step)}
    share = sum(of_x for of_x, _ in sizes.values()) / max(sum(map(sum, sizes.values())), 1e-9)
    return (
        f"**Who speaks in each sum?** The {MOST} largest parts of each, out of {len(step.x)} numbers of “{plain(token)}” and "
        f"{len(step.old[0])} old units. By size, {100 * share:.0f} % of all that is said here comes from the word, the rest from "
        "memory."
    )


def _over_the_text(view: View, step: Opened) -> list[Panel]:
    """The gates over the whole text: the mean of each answer group, and every unit on request."""
    trace, letters = step.chain.trace, [letter for letter in step.gates if letter in GATES]
    words = [column.token.text for column in view.reading.columns[step.chain.first :][: len(trace.tokens)]]
    means = {letter: group_means(trace.gates[letter], step.chain) for letter in letters}
    groups = group_names(step.chain)
    rows = [(f"{letter}, {name}", row) for letter in letters for name, row in zip(groups, means[letter], strict=True)]
    which = "" if len(view.reading.chains) == 1 else f" of the {trace.name} chain"

    def every():
        """A row a unit, in drawing order."""
        return figures.gate_strips([(letter, row) for letter in letters for row in trace.gates[letter].T[step.chain.order]], words)

    return [
        Panel(
            f"**The gates{which} over the whole text**, the mean of each group of units. {what_to_see(step, means, words)}",
            figures.gate_strips(rows, words),
            f"Heat map of the gates {', '.join(letters)} at each of {len(words)} steps, a row a group of units.",
            wide=True,
        ),
        Panel("", every, "Heat map of the gates of every unit at each step.", wide=True, asked="The gates unit by unit"),
    ]


def group_names(chain: Chain) -> list[str]:
    """Each once, though the units of one answer may stand in two places."""
    return list(dict.fromkeys(group.name for group in chain.groups))


def group_means(gate: np.ndarray, chain: Chain) -> np.ndarray:
    """(T, H) to the mean of the units of each name (G, T)."""
    names = np.repeat([group.name for group in chain.groups], [group.size for group in chain.groups])
    return np.stack([gate[:, np.array(chain.order)[names == name]].mean(-1) for name in group_names(chain)])


def what_to_see(step: Opened, means: dict[str, np.ndarray], words: list[str]) -> str:
    """At which word which group writes more than it usually does, in a sentence."""
    letter, sign, meaning = WRITES[step.kind]
    if letter in step.changed.held:
        return f"The change holds {letter} at {number(step.changed.held[letter])}."
    if len(words) < 2:
        return "With a single step there is nothing to compare yet."
    usual = means[letter].mean(-1)
    group, t = np.unravel_index((sign * (means[letter] - usual[:, None])).argmax(), means[letter].shape)
    name, title = group_names(step.chain)[group], GATES[letter][0][:-2].lower()
    return (
        f"At “{plain(words[t])}” the {title} opens most for the units that speak for {plain(name)}: there {letter}, {meaning}, is "
        f"{number(means[letter][group, t])}, and {number(usual[group])} on average."
    )


def proof(kind: str, found: dict, about: str) -> str:
    """Ten lines that let PyTorch's own cell compute the unit. The sums stand where the cell has its inputs and its biases; the
    memory has weight 0, since what it says is in the sums. The sum of a gate that is held is the one that brings it there."""
    letters = tuple(found["terms"])
    terms = found["terms"] | {letter: {"x": _sum_for(letter, value), "h": 0.0} for letter, value in held(found).items()}
    exact = lambda value: repr(float(f"{value:.7g}"))  # as many digits as float32 has, and never a whole number
    row = lambda part: ", ".join(exact(terms[letter][part]) for letter in letters)
    cell, state = UNIT_LAYERS[kind], "h"
    before = f"torch.tensor([[{exact(found['h_before'])}]])"
    if "c" in found:
        state, before = "h, c", f"({before}, torch.tensor([[{exact(found['c_before'])}]]))"
    return "\n".join(
        [
            f"import torch  # {about}",
            f"word = torch.tensor([[{row('x')}]])  # W x + b for {', '.join(letters)}",
            f"memory = torch.tensor([{row('h')}])  # W h + b of the old memory",
            f"before = {before}",
            f"cell = torch.nn.{cell}({len(letters)}, 1).requires_grad_(False)  # PyTorch's own, with a single unit",
            f"cell.weight_ih.copy_(torch.eye({len(letters)}))",
            "_ = cell.weight_hh.zero_(), cell.bias_ih.zero_()",
            "cell.bias_hh.copy_(memory)",
            f"{state} = cell(word, before)",
            f"print(torch.allclose({state[0]}, torch.tensor([[{exact(own_h(kind, found))}]]), atol=1e-5))",
        ]
    )


def _sum_for(letter: str, value: float) -> float:
    """The sum that a gate's curve takes to a value; 40 is as good as infinity. "z", 0.5 -> 0.0"""
    with np.errstate(divide="ignore"):
        found = np.log(value) - np.log1p(-value) if letter in GATES else np.arctanh(value)
    return float(np.clip(found, -40, 40))


LENS = Lens(
    "inside",
    "Inside",
    "What does the block compute?",
    panels,
    numbers,
    "The block of one step, opened: what comes in, each gate in turn, the new memory and what comes out, with real numbers for one "
    "unit.",
    opens=True,
    units=True,
)
