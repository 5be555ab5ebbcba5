"""Order: what comes next? One guess a word, and how surprised the network is by what really came."""

import functools
import math
from collections import Counter

import numpy as np

from rnn_demo import figures
from rnn_demo.colors import SURPRISE, WORD_COLORS
from rnn_demo.edits import Edit
from rnn_demo.reading import Answer, Column, Mark, Reading
from rnn_demo.search import Prefix, leaves
from rnn_demo.shapes import NEXT_WORD
from rnn_demo.tasks.base import CellChoice, Comparison, Entry, Extras, Panel, Prints, Task, beginning, drawn, read_words, reading_of
from rnn_demo.text import END, UNKNOWN, tokenize
from rnn_demo.trace import Trace
from rnn_demo.view.bands import bands
from rnn_demo.word_order import another_order, replaced, unscramble, written
from rnn_demo.words import ALOUD, END_SIGN, FACES, KINDS, kind_of, percent, times

WORDS = read_words("order", ("choose", "shuffle", "likeliest", "unscramble"), ("search", "closer"))
GUESSES = 5  # next words that are told
DRAWN = 8  # of each step are sent to the page
MOST_WORDS = 12  # in the search for the likeliest order
WIDTH = 40  # beginnings that the search keeps
STRONGEST = 16  # bits; the underline grows no stronger
PAIR = ("I love to go to the gym", "love I go to the gym to")  # the same words


def face(label: str) -> str:
    """How an output is written: "</s>" -> "■", "0000" -> "0000" """
    return FACES.get(label, label)


def bits(network, trace: Trace) -> np.ndarray:
    """(T,) how surprised the network was by each word and by the end, in bits: T is the number of words and 1 more."""
    ids = network.targets(list(trace.tokens[1:]))
    return -trace.logits[np.arange(len(ids)), ids].astype(float) / math.log(2)


def read(network, text: str, options: dict, before: Reading | None, edits: tuple[Edit, ...] = ()) -> Reading:
    """The likeliest next words after each word, and what each word cost."""
    text = network.swapped(text, edits)
    (trace,) = network.resumed(text, before.traces if before else None, edits)
    cost, came = bits(network, trace), network.targets(list(trace.tokens[1:]))
    # Of 21,000 outputs those are drawn that are likeliest at some step, and those that came; a further word adds some at the end.
    ids = [*dict.fromkeys(k for likely, word in zip(network.likeliest(trace, DRAWN), came, strict=True) for k in (*likely, word))]
    probs = np.exp(trace.logits[:, ids])  # they are log-probabilities already
    names = [trace.labels[k] for k in ids]
    columns = []
    for t, (token, row) in enumerate(zip(trace.placed, probs, strict=True), start=1):
        first, last = t == 1, t == len(trace.tokens)
        best, sure = names[row.argmax()], percent(row.max())
        surprise = "" if first else f"{cost[t - 2]:.1f} bits"
        told = f"the likeliest next is {ALOUD.get(best, best)}, {sure}"
        columns.append(
            Column(
                token=token._replace(text=face(token.text)) if first else token,
                time=t,
                answer=best if last else trace.labels[came[t - 1]],
                shown=face(best),
                note=sure,
                aloud=told if first else f"{told}; {surprise}",
                under=surprise,
                so_far="" if first else f"{cost[: t - 1].sum():.0f} bits",
                mark=Mark(SURPRISE, 0.0 if first else min(1.0, cost[t - 2] / STRONGEST)),
                about=network.about(token.text),
            )
        )
    chains = drawn([trace], [(network.says(names), *_order(network))])
    answers = tuple(Answer(name, face(name)) for name in names)
    more = {"verdict": _verdict(trace, cost), "facts": {"bits": cost}}
    return reading_of("order", network, text, options, chains, columns, answers, probs, edits, **more)


def _verdict(trace: Trace, cost: np.ndarray) -> tuple[str, str]:
    if len(cost) < 2:
        return "", ""
    most = int(cost[:-1].argmax())
    return f"{cost.sum():.0f} bits", (
        f"of surprise in total, {cost[-1]:.1f} of them for the end of the sentence. The most surprising word is "
        f"“{trace.tokens[most + 1]}”."
    )


@functools.cache
def _order(model) -> tuple:
    """The units' order, and their groups: those that speak for small words, for other words, and for signs and the end."""
    frequent = model.labels[: model.readout.cutoffs[0]]
    says, kinds = model.says(frequent), [kind_of(label) for label in frequent]
    return bands(np.stack([says[:, [kind == wanted for kind in kinds]].mean(-1) for wanted in KINDS], -1), KINDS)


def choose(reading: Reading, step: int, label: str) -> dict[str, str]:
    """The text with this word after a step: in place of what stands there, or, after the last word, as one more.

    "I love", step 3, "to" -> {"text": "I love to"}; an end or a rare word is nothing to write.
    """
    (trace,) = reading.traces
    if label in (END, UNKNOWN):
        return {}
    start, end = trace.spans[step].tolist() if step < len(trace.tokens) else (len(reading.text.rstrip()),) * 2
    return {"text": replaced(reading.text, start, end, label)}


def parts(text: str) -> tuple[list[str], list[str]]:
    """The words of a text, and the final mark that is kept out of all games with their order.

    "Go on." -> (["Go", "on"], ["."])
    """
    words = [token.text for token in tokenize(text)]
    last = len(words) - (len(words) > 1 and words[-1] in (".", "!", "?"))
    return words[:last], words[last:]


def shuffle(network, reading: Reading) -> str:
    """The same words in another order, always the same one for the same text."""
    words, mark = parts(reading.text)
    if len(words) < 2:
        raise ValueError("It takes two words to change their order: type some more.")
    if other := another_order(words, mark, sum(map(ord, reading.text))):
        return other
    raise ValueError("These words have no other order: type a different one.")


@functools.lru_cache(64)
def searched(model, words: tuple[str, ...]):
    """The search for the likeliest order of the words, as a tree."""
    return unscramble(model.next_nats, list(words), WIDTH)


def spelt(order: Prefix, words: list[str]) -> list[str]:
    """Words in lower case in some order, each spelt as it came. ("to", "i"), ["I", "to"] -> ["to", "I"]"""
    left, found = list(words), []
    for word in order:
        place = next(i for i, own in enumerate(left) if own.lower() == word)
        found.append(left.pop(place))
    return found


def unscrambled(network, reading: Reading) -> str:
    """The same words in the likeliest order that can be written, the final mark in its place; as they are, if none can."""
    words, mark = parts(reading.text)
    if not 1 <= len(words) <= MOST_WORDS:
        raise ValueError(f"The search takes 1 to {MOST_WORDS} words; here are {len(words)}.")
    tree = searched(network, tuple(sorted(word.lower() for word in words)))
    for order, _ in sorted(leaves(tree), key=lambda leaf: -leaf[1]):
        try:
            return written([*spelt(order[:-1], words), *mark])
        except ValueError:  # an initial with no name after it
            continue
    return reading.text


def other_order(network, reading: Reading) -> str:
    """The text that the opening puts beside the one that was typed: the same words in another order, "" if there is none.

    It is the likeliest order; beside a text that has this order already, or too many words to search for it, a shuffled one.
    """
    if reading.text == PAIR[0]:
        return PAIR[1]
    words, mark = parts(reading.text)
    shuffled = another_order(words, mark, 1)
    if not shuffled or len(words) > MOST_WORDS:
        return shuffled
    best = unscrambled(network, reading)
    return shuffled if parts(best)[0] == words else best


def study(network, reading: Reading) -> dict:
    """The order experiment and the search for the likeliest order of the words.

    {"orders": [(tokens, their bits, the end's too), ...] of the text and of its words in another order; none if there is no other,
     "bag": the bits that a bag of words gives to both, "tree": the search's Branch, None if there is nothing to search}
    """
    facts = {"orders": [], "bag": None, "tree": None}
    words, _ = parts(reading.text)
    if other := other_order(network, reading):
        tokens = lambda text: [token.text for token in tokenize(text)]
        facts["orders"] = [(tokens(text), bits(network, network.trace(text)[0])) for text in (reading.text, other)]
        facts["bag"] = float(-network.bag_nats(tokens(reading.text)).sum() / math.log(2))
    if len(words) <= MOST_WORDS and len(set(map(str.lower, words))) > 1:
        facts["tree"] = searched(network, tuple(sorted(word.lower() for word in words)))
    return facts


def likeliest(network, reading: Reading) -> dict:
    """What the command line tells of the likeliest order, if it is asked to: {"unscrambled": a text, "unscrambled_bits"}, both None
    where there are too many words, or none."""
    if not reading.asked.options["unscramble"]:
        return {}
    words, _ = parts(reading.text)
    if not 1 <= len(words) <= MOST_WORDS:
        return {"unscrambled": None, "unscrambled_bits": None}
    text = unscrambled(network, reading)
    return {"unscrambled": text, "unscrambled_bits": round(float(bits(network, network.trace(text)[0]).sum()), 3)}


def opening(reading: Reading) -> Comparison:
    """The order experiment: two readings of the same words, and a bag of words, for which they are one."""
    orders, bag = reading.facts["orders"], reading.facts["bag"]
    title = "The same words in two orders."
    if not orders:
        return Comparison(title, "Type two different words or more: here they will stand in two orders, with what each costs.", [])
    (words, cost), (_, other) = orders
    first, second = ("first", "second") if cost.sum() <= other.sum() else ("second", "first")
    far = times(abs(cost.sum() - other.sum()))
    return Comparison(
        title,
        f"Under each word: how surprised the network is by it, in bits. The {first} order is {far} likelier than the {second}.",
        [list(zip([*words, END_SIGN], cost.tolist(), strict=True)) for words, cost in orders],
        Counter(sorted(map(str.lower, words))),
        f"A bag of words only counts: it gives both orders the same {bag:.1f} bits, and cannot tell them apart.",
    )


def panels(reading: Reading) -> list[Panel]:
    """The search for the likeliest order of the words."""
    tree = reading.facts["tree"]
    if tree is None:
        return []
    best = max(leaves(tree), key=lambda leaf: leaf[1])[0]
    figure = figures.word_tree(_few(tree, 5), best, lambda words: " ".join(map(face, words)))
    return [WORDS.panel("search", figure, wide=True, width=WIDTH, order=" ".join(best[:-1]))]


def _few(tree, count: int):
    """The tree with only its `count` likeliest leaves."""
    best = sorted(leaves(tree), key=lambda leaf: -leaf[1])[:count]
    kept = {text[:i] for text, _ in best for i in range(len(text) + 1)}

    def prune(branch, before):
        text = before + branch.text
        children = tuple(prune(child, text) for child in branch.children if text + child.text in kept)
        return branch._replace(children=children)

    return prune(tree, ())


def guesses(trace: Trace, t: int) -> list[tuple[str, float]]:
    """The likeliest next words after token t, with their probabilities. [("to", 0.31), ("you", 0.08), ...]"""
    nats = trace.logits[t].astype(float)
    best = np.argsort(-nats, kind="stable")[:GUESSES]
    total = np.exp(nats).sum()
    return [(trace.labels[k], float(np.exp(nats[k]) / total)) for k in best]


def as_json(reading: Reading) -> dict:
    (trace,), cost = reading.traces, reading.facts["bits"]
    tokens = []
    for i, value in enumerate(cost, start=1):
        ends = i == len(trace.tokens)
        start, end = (len(reading.text),) * 2 if ends else trace.spans[i].tolist()
        follows = [] if ends else [{"text": word, "probability": float(f"{p:.5g}")} for word, p in guesses(trace, i)]
        text = END if ends else reading.text[start:end]
        tokens.append({"text": text, "start": start, "end": end, "bits": round(float(value), 3), "next": follows})
    told = {name: reading.facts[name] for name in ("unscrambled", "unscrambled_bits") if name in reading.facts}
    return {"tokens": tokens, "bits": round(float(cost.sum()), 3), **told}


def as_table(reading: Reading) -> list[tuple[str, ...]]:
    found = as_json(reading)
    rows = [("word", "bits", "likeliest next words")]
    for token in found["tokens"]:
        follows = ", ".join(f"{face(guess['text'])} {percent(guess['probability'])}" for guess in token["next"])
        rows.append((face(token["text"]), f"{token['bits']:.1f}", follows))
    rows.append(("in all", f"{found['bits']:.1f}", ""))
    if "unscrambled" in found:
        cost = "" if found["unscrambled"] is None else f"{found['unscrambled_bits']:.1f}"
        rows.append(("likeliest order", cost, found["unscrambled"] or f"the search takes 1 to {MOST_WORDS} words"))
    return rows


def closer(reading: Reading) -> list[Panel]:
    (trace,) = reading.traces
    probs = trace.probs
    ids = np.sort(np.argsort(-probs.max(0), kind="stable")[:16])
    names = tuple(face(trace.labels[k]) for k in ids)
    tokens = [column.token.text for column in reading.columns]
    return [WORDS.panel("closer", figures.answer_heatmap(tokens, names, probs[:, ids]))]


def score_rows(header: dict) -> list[tuple[str, ...]]:
    """The held-out scores of a weight file."""
    rows = [("test", "texts", "this network", "5-gram model")]
    scores = header.get("scores")
    if not scores:  # before the first --evaluate
        return rows
    gram, texts = scores["ngram"], scores["texts"]
    for part, value in scores["perplexity"].items():
        name = WORDS.scores.files[part]
        rows.append((f"perplexity, {name}", f"{texts[part]:,}", f"{value:.1f}", f"{gram['perplexity'][part]:.1f}"))
    grammar = f"grammar pairs right (BLiMP; {scores['grammar']['unknown']:.0%} hold an unknown word)"
    rows.append((grammar, f"{texts['grammar']:,}", f"{scores['grammar']['all']:.1%}", f"{gram['grammar']['all']:.1%}"))
    back = "exact order found again, three to seven words"
    rows.append((back, f"{texts['unscrambled']:,}", f"{scores['unscrambled']:.1%}", f"{gram['unscrambled']:.1%}"))
    return rows


TASK = Task(
    name="order",
    shape=NEXT_WORD,
    words=WORDS,
    entry=Entry(PAIR[0], beginning(300, 40), 300, 41),
    cell=CellChoice("gru"),
    colors=WORD_COLORS,
    read=read,
    prints=Prints(as_json, as_table, score_rows, likeliest),
    extras=Extras(
        study=study,
        panels=panels,
        opening=opening,
        closer=closer,
        choose=choose,
        buttons=(
            WORDS.button("shuffle", ":material/shuffle:", shuffle),
            WORDS.button("likeliest", ":material/sort:", unscrambled),
        ),
        corner="feed-forward",
    ),
    options=(WORDS.option("unscramble", bool, False, "flag"),),
)
