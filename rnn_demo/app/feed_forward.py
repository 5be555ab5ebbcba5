"""Why not a feed-forward network? Two sliders that count weights, and a real layer that refuses a sixth word."""

import html

import streamlit as st

from rnn_demo import figures
from rnn_demo.networks.sizes import weights_feed_forward, weights_recurrent

NEURONS = 10
SENTENCES = ("Sachin Tendulkar legend of cricket", "He is great", "Sachin Tendulkar great legend of cricket")
WORDS = tuple(dict.fromkeys(" ".join(SENTENCES).lower().split()))
SIZES = (100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000)


@st.cache_resource(show_spinner=False)
def five_words():
    from rnn_demo.networks.feed_forward import FiveWords  # here, since it needs torch, and the server starts without

    return FiveWords(WORDS)


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


def slots(sentence: str) -> str:
    """The five places of the layer with a sentence put into them, and what the layer says to it."""
    layer = five_words()
    words = layer.padded(sentence.lower().split())
    spelled = [*sentence.split(), *["padding"] * (layer.PLACES - len(sentence.split()))]
    try:
        out = layer.read(words)
        remark = "fits: ten numbers come out, " + ", ".join(f"{value:+.2f}" for value in out[:3].tolist()) + " …"
        if None in words:
            remark = f"is too short: {words.count(None)} places must be filled with zeros. Then it {remark}"
    except RuntimeError as error:
        remark = f"is refused, since there is no sixth place. PyTorch says: “{error}”. Only a new, larger layer could read it."
    boxes = ""
    for i, (word, shown) in enumerate(zip(words, spelled, strict=True)):
        kind = "dashed;opacity:.65" if word is None or i >= layer.PLACES else "solid"
        boxes += (
            '<span style="display:inline-block;border-radius:7px;padding:2px 8px;margin:2px;border:1.5px currentColor;border-style:'
            f'{kind}">{html.escape(shown)}</span>'
        )
    said = f"<b>{html.escape(sentence)}</b> {html.escape(remark)}"
    return f'<div style="font-size:15px">{boxes}<p style="margin:.4rem 0 0">{said}</p></div>'
