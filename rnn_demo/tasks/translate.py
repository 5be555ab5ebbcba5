"""Translate: one network reads English to its end, another one writes French from what is left."""

import functools

import numpy as np

from rnn_demo import figures
from rnn_demo.colors import WORD_COLORS
from rnn_demo.edits import Edit
from rnn_demo.networks.subwords import SUBWORDS, load_subwords, word_attention
from rnn_demo.networks.weight_files import PRETRAINED, WeightsError, read_header
from rnn_demo.reading import Answer, Chain, Column, Mark, Reading, UnitGroup
from rnn_demo.shapes import ENCODER_DECODER
from rnn_demo.tasks.base import CellChoice, Entry, Extras, Panel, Prints, Task, beginning, read_words, reading_of
from rnn_demo.tasks.parse import whole
from rnn_demo.tasks.pieces import PART, face, faces, greeting, not_english
from rnn_demo.text import END, Token
from rnn_demo.trace import Trace
from rnn_demo.view.bands import bands
from rnn_demo.words import ALOUD, END_SIGN, FACES, KINDS, kind_of, percent

WORDS = read_words("translate", ("choose", "beam", "begin", "freely"), ("alignment", "length", "search", "closer"))
DRAWN = 8  # next subwords of each step that are sent to the page
DEFAULT_BEAM = 4
SEED = "I love the red car."


def begins(model, text: str, options: dict) -> tuple[str, ...]:
    """The subwords with which the translation has to begin: those that the visitor chose, else those of a greeting."""
    return tuple(options["begin"].split()) if options["begin"] else greeting(model.subwords, text)


def reads(text: str) -> tuple[str, str]:
    """What the page reads of a text, and a remark on what it does not; as Entry.reads."""
    read, note = beginning(300, 40)(text)
    return read, f"{note} {not_english(read)}".strip()


def refuses(text: str) -> str:
    """What is wrong with a text on the command line, "" for nothing."""
    remark = not_english(text)
    return f"{remark} Try: python -m rnn_demo translate {SEED!r}" if remark.startswith("There is no") else ""


@functools.lru_cache(64)
def searched(model, text: str, width: int, begin: tuple[str, ...], edits: tuple[Edit, ...] = ()):
    """The beam search, which both the picture and the tree below it show."""
    return model.search(text, width, begin, edits)


def read(network, text: str, options: dict, before: Reading | None, edits: tuple[Edit, ...] = ()) -> Reading:
    """Nothing while the encoder reads; then, at every step, the likeliest next subwords and the one that was written. A translation
    is written anew each time: a word more in English may change every word."""
    begun = begins(network, text, options)
    traces = network.show(text, searched(network, text, options["beam"], begun, edits).finished[0], edits)
    source, decoder = traces[0], traces[-1]
    pieces = (*decoder.tokens[1:], END) if decoder.tokens else ()
    labels, probs = decoder.labels, decoder.probs
    likeliest = np.argpartition(-probs, DRAWN, axis=-1)[:, :DRAWN].flatten().tolist() if pieces else []
    ids = sorted({*likeliest, *map(labels.index, pieces)})
    written, sources, weights = word_attention(network.subwords, source, decoder)
    # A sign of which only some bytes are written is not shown yet.
    so_far = [network.text(network.ids(list(pieces[:t]))).replace("\ufffd", "") for t in range(len(pieces) + 1)]
    words, signs = faces((*source.tokens, *decoder.tokens)), faces(pieces)
    columns = [
        _column(network, token, word, t, "", aloud="The encoder only reads: nothing comes out yet.")
        for t, (token, word) in enumerate(zip(source.placed, words, strict=False), start=1)
    ]
    n_read = len(columns)
    glosses = _glosses(decoder, written, sources, weights)
    whence = "chosen by you" if options["begin"] else "from the list of greetings"
    rows = zip(decoder.placed, words[n_read:], pieces, signs, probs, glosses, strict=True)
    for t, (token, word, piece, sign, row, gloss) in enumerate(rows):
        sure = percent(row[labels.index(piece)])
        columns.append(
            _column(
                network,
                token,
                word,
                n_read + t + 1,
                piece,
                shown=sign,
                note=f"{sure}, {whence}" if t < len(begun) else sure,
                aloud=f"{ALOUD.get(piece, sign)} is written, {sure}",
                under=gloss,
                so_far=so_far[t + 1],
            )
        )
    if options["begin"]:
        remark = "begins as you chose; the decoder went on from there."
    elif begun:
        listed = network.text(network.ids(list(begun)))
        remark = f"“{listed}” comes from a short list of greetings: the network met hardly any when it learnt."
    else:
        remark = "is what the decoder wrote."
    nats = np.log(np.maximum(probs[range(len(pieces)), list(map(labels.index, pieces))], 1e-30))
    return reading_of(
        "translate",
        network,
        text,
        options,
        _chains(network, traces),
        columns,
        tuple(Answer(labels[k], face(labels[k])) for k in ids),
        np.vstack([np.zeros((n_read, len(ids)), dtype=probs.dtype), probs[:, ids]]),
        edits=edits,
        verdict=(so_far[-1], remark) if pieces else ("", ""),
        attention=decoder.attention,
        facts={
            "written": pieces,
            "source": [word.text for word in sources],
            "target": [word.text for word in written],
            "weights": weights,
            "score": float(nats.sum()),
        },
    )


def _column(network, token: Token, word: str, time: int, answer: str, aloud: str, shown="", note="", under="", so_far="") -> Column:
    joins = "I" if face(token.text).startswith("·") else ""
    about = network.about(token.text)
    return Column(token._replace(text=word), time, answer, shown, note, aloud, under, so_far, Mark(joins=joins), about)


def _glosses(decoder: Trace, written: list, read: list, weights: np.ndarray) -> list[str]:
    """Under the last subword of each French word, the English word that the decoder looked at most while it wrote it; for each
    subword that goes into the decoder. ["", "I", "love"]; without attention ""."""
    found = [""] * len(decoder.tokens)
    if decoder.attention is not None:
        for word, row in zip(written[:-1], weights[:-1], strict=True):
            if kind_of(word.text) != "sign or end":
                found[word.last] = read[int(row.argmax())].text
    return found


def _chains(network, traces: list[Trace]) -> list[Chain]:
    """The encoder's chains first, then the decoder's in columns of its own. Unit for unit, the encoder's last state is the
    decoder's first: so a unit has the same place in both."""
    *encoders, decoder = traces
    steps = list(range(1, len(encoders[0].tokens) + 1))
    order, groups = _units(network)
    found, first = [], 0
    for encoder, time, own in zip(encoders, (steps, steps[::-1]), groups, strict=False):
        size = encoder.h.shape[1]
        found.append(Chain(encoder, time, None, [unit - first for unit in order[first : first + size]], own))
        first += size
    written_at = [len(steps) + t for t in range(1, len(decoder.tokens) + 1)]
    return [*found, Chain(decoder, written_at, None, order, sum(groups, []), len(steps))]


@functools.cache
def _units(model) -> tuple[list[int], list[list[UnitGroup]]]:
    """The order of the decoder's units, and their groups, for each chain of the encoder: units that speak for small words, for
    other words, and for signs and the end. The readout bends what it reads (tanh), so this is its slope at zero."""
    slope, kinds = model.slope(), [kind_of(label.lstrip("▁")) for label in model.labels]
    rows = [slope[:, [kind == wanted for kind in kinds]].mean(-1) for wanted in KINDS]
    says = np.stack(rows, -1) - slope.mean(-1, keepdims=True)
    order, groups = [], []
    size = model.encoder.hidden_size
    for first in range(0, len(says), size):
        own, bands_of = bands(says[first : first + size], KINDS)
        order += [first + unit for unit in own]
        groups.append(bands_of)
    return order, groups


def choose(reading: Reading, step: int, piece: str) -> dict[str, str]:
    """A translation that begins as this one does up to a step, and has another subword there. The decoder goes on from it."""
    place = step - 1 - len(reading.traces[0].tokens)
    return {"begin": " ".join((*reading.facts["written"][:place], piece))} if place >= 0 else {}


def _begin(word: str) -> str:
    """The subwords that a link begins the translation with."""
    subwords = load_subwords(SUBWORDS)
    pieces = word.split()
    if not pieces or len(pieces) > 60 or any(subwords.id_to_piece(subwords.piece_to_id(piece)) != piece for piece in pieces):
        raise ValueError("is not made of subwords that the network can write")
    return " ".join(pieces)


def study(network, reading: Reading) -> dict:
    """The search as a tree, and what length does to both variants.

    {"tree": Branch, "spell": {the outputs on each branch: how they are written}, "best": the outputs of the translation,
     "curves": {"with attention": points, see figures.length_curve}}
    """
    begun = begins(network, reading.text, reading.asked.options)
    beam = searched(network, reading.text, reading.asked.options["beam"], begun, reading.asked.edits)
    return {
        "tree": network.tree(beam),
        "best": tuple(network.labels[i] for i in beam.finished[0].ids),
        "curves": _curves(network),
    }


def panels(reading: Reading) -> list[Panel]:
    """The alignment, what length does to both variants, and the beam's tree."""
    facts, width = reading.facts, reading.asked.options["beam"]
    found = []
    if reading.attention is not None and facts["target"]:
        heat = figures.alignment([_ended(word) for word in facts["target"]], facts["source"], facts["weights"])
        found.append(WORDS.panel("alignment", heat))
    if facts["curves"]:
        found.append(WORDS.panel("length", figures.length_curve(facts["curves"])))
    if facts["written"]:
        kept = "Only the likeliest subword is kept" if width == 1 else f"The {width} likeliest beginnings are kept"
        tree = figures.word_tree(facts["tree"], facts["best"], spell)
        found.append(WORDS.panel("search", tree, wide=True, kept=kept, translation=reading.verdict[0]))
    return found


def spell(pieces: tuple[str, ...]) -> str:
    """Subwords on a branch of the tree, the end mark as a square. ("▁v", "oiture", "</s>") -> "voiture ■" """
    text = load_subwords(SUBWORDS).decode([piece for piece in pieces if piece != END])
    return f"{text} {END_SIGN}".strip() if END in pieces else text


def _ended(piece: str) -> str:
    return FACES.get(piece, piece)


def _curves(network) -> dict[str, list[dict]]:
    """The curve of each variant that has been scored. The other one's comes from its weight file."""
    found = {}
    for cell, (name, _) in WORDS.cells.items():
        try:
            header = network.header if cell == network.cell else read_header(PRETRAINED / f"translate-{cell}.safetensors")
        except WeightsError:
            continue
        if "scores" in header:
            found[name] = header["scores"]["curve"]
    return found


def closer(reading: Reading) -> list[Panel]:
    decoder = reading.traces[-1]
    if not decoder.tokens:
        return []
    probs = decoder.probs
    ids = np.sort(np.argsort(-probs.max(0), kind="stable")[:16])
    names = tuple(face(decoder.labels[k]) for k in ids)
    return [WORDS.panel("closer", figures.answer_heatmap([face(t) for t in decoder.tokens], names, probs[:, ids]))]


def as_json(reading: Reading) -> dict:
    """Whole words, read and written. The last one written is the end mark; attention has a row for each word written."""
    facts = reading.facts
    return {
        "source": facts["source"],
        "target": facts["target"],
        "translation": reading.verdict[0],
        "score": round(facts["score"], 4),
        "attention": None if reading.attention is None else np.round(facts["weights"].astype(float), 4).tolist(),
    }


def as_table(reading: Reading) -> list[tuple[str, ...]]:
    found = as_json(reading)
    rows = [("written", "looked most at", "")]
    for i, word in enumerate(found["target"]):
        row = found["attention"][i] if found["attention"] else []
        most = max(range(len(row)), key=row.__getitem__) if row else None
        rows.append((_ended(word), "" if most is None else found["source"][most], "" if most is None else percent(row[most])))
    return [*rows, (found["translation"], "", "")]


def score_rows(header: dict) -> list[tuple[str, ...]]:
    """The held-out scores of a weight file."""
    rows = [("test", "texts", "BLEU")]
    scores = header.get("scores")
    if not scores:  # before the first --evaluate
        return rows
    for how, value in scores["bleu"].items():
        rows.append((f"Tatoeba, {how}", f"{scores['sentences']:,}", f"{value:.1f}"))
    for point in scores["curve"]:
        low, high = point["words"]
        rows.append(
            (
                f"{low} to {high} words, greedy",
                f"{point['count']:,}",
                f"{point['bleu']:.1f} ({point['low']:.1f} to {point['high']:.1f})",
            )
        )
    return rows


TASK = Task(
    name="translate",
    shape=ENCODER_DECODER,
    words=WORDS,
    entry=Entry(SEED, reads, 300, 250, wait=350, refuses=refuses),
    cell=CellChoice("attention", "--no-attention"),
    colors=WORD_COLORS,
    read=read,
    prints=Prints(as_json, as_table, score_rows),
    extras=Extras(
        study=study,
        panels=panels,
        closer=closer,
        choose=choose,
        buttons=(WORDS.button("freely", ":material/restart_alt:", lambda network, reading: reading.text),),
        language="fr",
        titles={PART: "a part of a rare sign, which is spelt in several bytes, or a space"},
    ),
    options=(
        WORDS.option("beam", whole(1, 5), DEFAULT_BEAM, "pick", {width: str(width) for width in range(1, 6)}),
        WORDS.option("begin", _begin, None, "text"),
    ),
)
