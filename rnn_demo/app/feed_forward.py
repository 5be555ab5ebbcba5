"""Why not a feed-forward network? Two sliders that count weights, and a real layer that refuses a sixth word."""

import html

import numpy as np
import streamlit as st

from rnn_demo import figures
from rnn_demo.colors import NEGATIVE, POSITIVE
from rnn_demo.networks.sizes import wasted, weights_feed_forward, weights_recurrent

NEURONS = 10
SHORT = 3  # words of the sentence that is padded
THREE = ("coffee", "tea", "doctor")  # two that mean the like, and one that does not
GRID = 100  # cells a side of the square that stands for a one-hot row of 10,000
SENTENCES = ("Sachin Tendulkar legend of cricket", "He is great", "Sachin Tendulkar great legend of cricket")
WORDS = tuple(dict.fromkeys(" ".join(SENTENCES).lower().split()))
SIZES = (100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000)


@st.cache_resource(show_spinner=False, max_entries=100)
def five_words(words: tuple[str, ...] = WORDS):
    from rnn_demo.networks.feed_forward import FiveWords  # here, since it needs torch, and the server starts without

    return FiveWords(words)


@st.cache_resource(show_spinner=False)
def vector_table():
    from rnn_demo.networks.checkpoints import load_vectors  # here, since it needs torch

    return load_vectors()


@st.fragment
def feed_forward() -> None:
    """The figure and the layer; a slider reruns this much and no more."""
    st.subheader("Why not a feed-forward network?", anchor=False)
    st.markdown(
        "A plain network takes all words at once. Each word is a row with a single 1 (one-hot), and **every place in the sentence "
        "needs weights of its own** for every word. A recurrent network uses the same weights at every place."
    )
    left, right = st.columns(2)
    with left:
        vocabulary = st.select_slider("Vocabulary size, in words", SIZES, 10_000, format_func="{:,}".format, key="order_vocabulary")
        longest = st.slider("Longest sentence, in words", 1, 60, 10, key="order_longest")
        plain, recurrent = weights_feed_forward(vocabulary, longest, NEURONS), weights_recurrent(vocabulary, NEURONS)
        st.markdown(
            f"Feed-forward: {vocabulary:,} words × {longest} places × {NEURONS} neurons = **{plain:,} weights**.  \n"
            f"Recurrent: {vocabulary:,} × {NEURONS} + {NEURONS} × {NEURONS} = **{recurrent:,} weights**, whatever the length."
        )
        if longest > SHORT:
            lost = wasted(vocabulary, longest, SHORT, NEURONS)
            st.markdown(
                f"A sentence of {SHORT} words leaves {longest - SHORT} of {longest} places empty. They are filled with zeros "
                f"(padding) and multiplied all the same: **{lost:,} of {plain:,} multiplications, {lost / plain:.0%}, are wasted**."
            )
    with right:
        counts = [(weights_feed_forward(vocabulary, n, NEURONS), weights_recurrent(vocabulary, NEURONS)) for n in range(1, 61)]
        st.plotly_chart(
            figures.weight_counts(counts, longest),
            key="order_weights",
            alt=f"Weights against sentence length: {plain:,} feed-forward and {recurrent:,} recurrent at {longest} words.",
        )
    st.markdown("**A real layer, built for five words.** It can read sentences of exactly five words, and nothing else.")
    for column, sentence in zip(st.columns(3), SENTENCES, strict=True):
        with column:
            st.html(slots(sentence))
    table = vector_table()
    st.markdown(
        "**One-hot, or a word vector?** A one-hot row has a single 1 among 10,000 cells, drawn here as 100 rows of 100: its place "
        f"says nothing about the meaning. A **word vector** has {table.size} numbers, and words with similar meanings have similar "
        "numbers."
    )
    for column, word in zip(st.columns(3), THREE, strict=True):
        with column:
            st.html(two_codes(table, word, THREE[0]))


def slots(sentence: str, layer=None) -> str:
    """The five places of a layer with a sentence put into them, and what the layer says to it."""
    layer = layer or five_words()
    words = layer.padded(sentence.lower().split())
    spelled = [*sentence.split(), *["padding"] * (layer.PLACES - len(sentence.split()))]
    try:
        out = layer.read(words)
        remark = "fits: ten numbers come out, " + ", ".join(f"{value:+.2f}" for value in out[:3].tolist()) + " …"
        if None in words:
            empty = words.count(None)
            lost, spent = (wasted(len(layer.vocabulary), layer.PLACES, n, NEURONS) for n in (layer.PLACES - empty, 0))
            remark = (
                f"is too short: {empty} places must be filled with zeros, and {lost} of {spent} multiplications go into them. "
                f"Then it {remark}"
            )
    except RuntimeError as error:
        remark = f"is refused, since there is no sixth place. PyTorch says: “{error}”. Only a new, larger layer could read it."
    boxes = ""
    for i, (word, shown) in enumerate(zip(words, spelled, strict=True)):
        kind = "dashed;opacity:.65" if word is None or i >= layer.PLACES else "solid"
        cells = "".join(_cell(9, "currentColor" if known == word else "transparent") for known in layer.vocabulary)
        boxes += (
            '<span style="display:inline-block;border-radius:7px;padding:2px 6px;margin:2px;border:1.5px currentColor;border-style:'
            f'{kind}">{html.escape(shown)}<br><span style="display:inline-flex">{cells}</span></span>'
        )
    said = f"<b>{html.escape(sentence)}</b> {html.escape(remark)}"
    return f'<div style="font-size:15px">{boxes}<p style="margin:.4rem 0 0">{said}</p></div>'


def _cell(size: float, color: str) -> str:
    return f'<i style="width:{size}px;height:9px;border:.5px solid rgba(128,128,128,.6);background:{color}"></i>'


def two_codes(table, word: str, first: str) -> str:
    """A word as a square of 10,000 cells with a single 1, and under it as the numbers of its vector, with its similarity to
    `first`, the cosine of the two vectors. The grid has a line every ten cells."""
    place = table.row(word)
    vector, other = table.vectors([place, table.row(first)])
    alike = float(vector @ other / np.linalg.norm(vector) / np.linalg.norm(other))
    top, left = (100 * part / GRID for part in divmod(place, GRID))
    largest = float(abs(vector).max())
    strip = "".join(
        f'<i style="flex:1;background:color-mix(in srgb, {POSITIVE if value > 0 else NEGATIVE} {100 * abs(value) / largest:.0f}%, '
        'transparent)"></i>'
        for value in vector
    )
    remark = "" if word == first else f"; similarity to {html.escape(first)} (cosine): {alike:.2f}, of the one-hot rows: 0"
    return (
        f'<div style="font-size:15px"><b>{html.escape(word)}</b>, one-hot: the 1 is cell {place + 1:,} of {GRID * GRID:,}'
        '<div style="position:relative;width:150px;height:150px;margin:4px 0 8px;border:1px solid rgba(128,128,128,.6);background:'
        "repeating-linear-gradient(rgba(128,128,128,.3) 0 1px, transparent 1px 15px),"
        'repeating-linear-gradient(90deg, rgba(128,128,128,.3) 0 1px, transparent 1px 15px)">'
        f'<i style="position:absolute;top:{top}%;left:{left}%;width:6px;height:6px;margin:-2px;background:{POSITIVE}"></i></div>'
        f"as a vector of {len(vector)} numbers{remark}"
        f'<div style="display:flex;height:26px;margin-top:4px;border:1px solid rgba(128,128,128,.6)">{strip}</div></div>'
    )
