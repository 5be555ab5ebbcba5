"""Translate: one network reads English to its end, another one writes French from what is left."""

import functools

import numpy as np

from rnn_demo import figures
from rnn_demo.colors import WORD_COLORS
from rnn_demo.networks.subwords import SUBWORDS, load_subwords, word_attention
from rnn_demo.networks.weight_files import PRETRAINED, WeightsError, read_header
from rnn_demo.shapes import ENCODER_DECODER
from rnn_demo.tasks.base import Panel, Reading, Task, beginning, read_words
from rnn_demo.text import END
from rnn_demo.trace import Trace
from rnn_demo.view import Answers, Chain, UnitGroup, bands
from rnn_demo.words import ALOUD, END_SIGN, FACES, KINDS, kind_of, percent

WORDS = read_words("translate", ("choose", "beam", "begin", "freely"), ("alignment", "length", "search", "closer"))
DRAWN = 8  # next subwords of each step that are sent to the page
DEFAULT_BEAM = 4
PART = "◌"  # stands for what is no sign of its own


def face(piece: str) -> str:
    """How a subword is written: "▁voiture" -> "voiture"; one that goes on with a word "·ture"; a byte or a bare space "◌"."""
    if piece in FACES:
        return FACES[piece]
    if piece.startswith("<0x"):
        return PART
    if piece.startswith("▁"):
        return piece[1:] or PART
    return piece if kind_of(piece) == "sign or end" else f"·{piece}"


def faces(pieces: tuple[str, ...]) -> list[str]:
    """How subwords in a row are written: the last byte of a sign is the sign. ("<0xC3>", "<0x86>") -> ["◌", "Æ"]"""
    found, bytes_ = [], b""
    for piece in pieces:
        bytes_ = bytes_ + bytes([int(piece[3:-1], 16)]) if piece.startswith("<0x") else b""
        try:
            sign = bytes_.decode()
        except UnicodeDecodeError:  # a part of a sign only
            sign = ""
        found.append(sign or face(piece))
        bytes_ = b"" if sign or len(bytes_) == 4 else bytes_
    return found


def glosses(reading: Reading) -> list[str]:
    """Under the last subword of each French word, the English word that the decoder looked at most while it wrote it; for each
    subword that goes into the decoder. ["", "I", "love"]; without attention ""."""
    decoder = reading.traces[-1]
    found = [""] * len(decoder.tokens)
    if decoder.attention is None or not decoder.tokens:
        return found
    french, english, weights = word_table(reading)
    for word, row in zip(french[:-1], weights[:-1], strict=True):
        if kind_of(word.text) != "sign or end":
            found[word.last] = english[int(row.argmax())].text
    return found


@functools.lru_cache(64)
def searched(model, text: str, width: int, begin: tuple[str, ...]):
    """The beam search, which both the picture and the tree below it show."""
    return model.search(text, width, begin)


def trace(model, text: str, options: dict, after: list[Trace] | None) -> list[Trace]:
    """Read and write, at every step. A translation is written anew each time: a word more in English may change every word."""
    found = searched(model, text, options["beam"], tuple((options["begin"] or "").split()))
    return model.show(text, found.finished[0])


def written(reading: Reading) -> tuple[str, ...]:
    """What the decoder wrote, subword for subword, the end mark too. ("▁Va", "▁!", "</s>")"""
    decoder = reading.traces[-1]
    return (*decoder.tokens[1:], END) if decoder.tokens else ()


def translation(reading: Reading) -> str:
    model = reading.model
    return model.text(model.ids(list(written(reading))))


def chains(reading: Reading) -> list[Chain]:
    """The encoder's chains first, then the decoder's in columns of its own. Unit for unit, the encoder's last state is the
    decoder's first: so a unit has the same place in both."""
    *encoders, decoder = reading.traces
    steps = list(range(1, len(encoders[0].tokens) + 1))
    order, groups = _units(reading.model)
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


def answers(reading: Reading) -> Answers:
    """Nothing while the encoder reads; then, at every step, the likeliest next subwords and the one that was written."""
    source, decoder, pieces = reading.traces[0], reading.traces[-1], written(reading)
    labels = decoder.labels
    probs = decoder.probs
    ids = (
        sorted({*np.argpartition(-probs, DRAWN, axis=-1)[:, :DRAWN].flatten().tolist(), *map(labels.index, pieces)})
        if pieces
        else []
    )
    n_read, n_written = len(source.tokens), len(pieces)
    sure = [percent(row[labels.index(piece)]) for row, piece in zip(probs, pieces, strict=True)]
    begun = len((reading.options["begin"] or "").split())
    return Answers(
        names=tuple(labels[k] for k in ids),
        probs=np.vstack([np.zeros((n_read, len(ids)), dtype=probs.dtype), probs[:, ids]]),
        labels=[""] * n_read + list(pieces),
        time=list(range(1, n_read + n_written + 1)),
        shown=[""] * n_read + faces(pieces),
        small=[""] * n_read + [f"{p}, chosen by you" if t < begun else p for t, p in enumerate(sure)],
        words=faces((*source.tokens, *decoder.tokens)),
        marks=["I" if face(piece).startswith("·") else "" for piece in (*source.tokens, *decoder.tokens)],
        tints=[("transparent", 0.0)] * (n_read + n_written),
        said=["The encoder only reads: nothing comes out yet."] * n_read
        + [f"{ALOUD.get(piece, sign)} is written, {p}" for piece, sign, p in zip(pieces, faces(pieces), sure, strict=True)],
        verdict=_verdict(reading) if pieces else ("", ""),
        faces=[face(labels[k]) for k in ids],
        attention=decoder.attention,
        under=[""] * n_read + glosses(reading),
        so_far=[""] * n_read + [_so_far(reading, pieces[:t]) for t in range(1, n_written + 1)],
        language="fr",
        titles={PART: "a part of a rare sign, which is spelt in several bytes, or a space"},
    )


def _so_far(reading: Reading, pieces: tuple[str, ...]) -> str:
    """The translation up to a subword, without a sign of which only some bytes are written."""
    return reading.model.text(reading.model.ids(list(pieces))).replace("\ufffd", "")


def _verdict(reading: Reading) -> tuple[str, str]:
    begun = reading.options["begin"]
    remark = "begins as you chose; the decoder went on from there." if begun else "is what the decoder wrote."
    return translation(reading), remark


def choose(reading: Reading, step: int, piece: str) -> dict[str, str]:
    """A translation that begins as this one does up to a step, and has another subword there. The decoder goes on from it."""
    place = step - 1 - len(reading.traces[0].tokens)
    return {"begin": " ".join((*written(reading)[:place], piece))} if place >= 0 else {}


def _begin(word: str) -> str:
    """The subwords that a link begins the translation with."""
    subwords = load_subwords(SUBWORDS)
    pieces = word.split()
    if not pieces or len(pieces) > 60 or any(subwords.id_to_piece(subwords.piece_to_id(piece)) != piece for piece in pieces):
        raise ValueError("is not made of subwords that the network can write")
    return " ".join(pieces)


def _beam(word: str) -> int:
    if word not in ("1", "2", "3", "4", "5"):
        raise ValueError("is not a whole number from 1 to 5")
    return int(word)


def word_table(reading: Reading) -> tuple[list, list, np.ndarray]:
    """French words (N, the end too), English words (M), and how much each looked at each (N, M); see translator.word_attention."""
    return word_attention(reading.model.subwords, reading.traces[0], reading.traces[-1])


def panels(reading: Reading) -> list[Panel]:
    """The alignment, what length does to both variants, and the beam's tree."""
    decoder = reading.traces[-1]
    found = []
    if decoder.attention is not None and decoder.tokens:
        french, english, weights = word_table(reading)
        heat = figures.alignment([_ended(word.text) for word in french], [word.text for word in english], weights)
        found.append(WORDS.panel("alignment", heat))
    if curves := _curves(reading.model):
        found.append(WORDS.panel("length", figures.length_curve(curves)))
    return [*found, _search_panel(reading)] if decoder.tokens else found


def _search_panel(reading: Reading) -> Panel:
    model, width = reading.model, reading.options["beam"]
    beam = searched(model, reading.text, width, tuple((reading.options["begin"] or "").split()))
    best = tuple(model.labels[i] for i in beam.finished[0].ids)
    kept = "Only the likeliest subword is kept" if width == 1 else f"The {width} likeliest beginnings are kept"
    tree = figures.word_tree(model.tree(beam), best, functools.partial(spell, model))
    return WORDS.panel("search", tree, wide=True, kept=kept, translation=translation(reading))


def spell(model, pieces: tuple[str, ...]) -> str:
    """Subwords on a branch of the tree, the end mark as a square. ("▁v", "oiture", "</s>") -> "voiture ■" """
    text = model.subwords.decode([piece for piece in pieces if piece != END])
    return f"{text} {END_SIGN}".strip() if END in pieces else text


def _ended(piece: str) -> str:
    return FACES.get(piece, piece)


def _curves(model) -> dict[str, list[dict]]:
    """The curve of each variant that has been scored. The other one's comes from its weight file."""
    found = {}
    for cell, (name, _) in WORDS.cells.items():
        try:
            header = model.header if cell == model.cell else read_header(PRETRAINED / f"translate-{cell}.safetensors")
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
    french, english, weights = word_table(reading)
    decoder = reading.traces[-1]
    nats = np.log(np.maximum(decoder.probs[range(len(decoder.tokens)), list(map(decoder.labels.index, written(reading)))], 1e-30))
    attention = None if decoder.attention is None else np.round(weights.astype(float), 4).tolist()
    return {
        "source": [word.text for word in english],
        "target": [word.text for word in french],
        "translation": translation(reading) if decoder.tokens else "",
        "score": round(float(nats.sum()), 4),
        "attention": attention,
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
    default_cell="attention",
    cell_flag="--no-attention",
    seed_text="I love the red car.",
    colors=WORD_COLORS,
    reads=beginning(300, 40),
    max_chars=300,
    max_tokens=250,
    trace=trace,
    chains=chains,
    answers=answers,
    as_json=as_json,
    as_table=as_table,
    choose=choose,
    panels=panels,
    closer=closer,
    options=(
        WORDS.option("beam", _beam, DEFAULT_BEAM, "pick", {1: "1 greedy", 2: "2", 3: "3", 4: "4", 5: "5"}),
        WORDS.option("begin", _begin, None, "text"),
    ),
    buttons=(WORDS.button("freely", ":material/restart_alt:", lambda reading: reading.text),),
    wait=350,
    score_rows=score_rows,
)
