"""What a stop of the story shows where the network itself is not what is to be seen. Every number is computed from the text, or
measured and kept beside the weights; only `uses` tells of networks elsewhere. What a visitor typed is escaped."""

import inspect
from collections.abc import Callable
from html import escape

import numpy as np
import streamlit as st

from rnn_demo import figures
from rnn_demo.app import controls
from rnn_demo.app.feed_forward import NEURONS, five_words, slots, two_codes, vector_table
from rnn_demo.app.records import show
from rnn_demo.colors import POSITIVE
from rnn_demo.lenses import LENSES, View
from rnn_demo.lenses.memory import fadings, in_words
from rnn_demo.networks.sizes import wasted, weights_feed_forward, weights_recurrent
from rnn_demo.reading import Reading
from rnn_demo.tasks import Task
from rnn_demo.words import percent, trust

STYLE = f"""<style>
.st-key-way {{ gap: .6rem !important; flex-wrap: nowrap !important; }}
.st-key-page:has(.st-key-card) .st-key-work {{ min-height: 0; }}
.stMainBlockContainer:has(.st-key-card) {{ padding-bottom: 0; }}
.st-key-way .stSelectbox {{ min-width: 0; }}
.st-key-way .stButton button {{ white-space: nowrap; }}
.st-key-story_next button:not(:disabled) {{ border: 2px solid currentColor; }} .st-key-story_next p {{ font-weight: 600; }}
.st-key-card {{ border-left: 4px solid var(--primary-color, #0b63b0); padding: .1rem 0 .1rem 1rem; }}
.st-key-card p {{ line-height: 1.45; }}
:is(.st-key-try, .st-key-done) {{
  border-radius: 10px; padding: .5rem .8rem; border: 1px solid color-mix(in srgb, currentColor 22%, transparent);
}}
.st-key-done {{ border-color: #007a59; box-shadow: inset 4px 0 #007a59; }}
.st-key-shown {{ padding-top: .4rem; }}
.seen {{ border-collapse: collapse; font-size: 15px; font-variant-numeric: tabular-nums; }}
.seen :is(td, th) {{ padding: 7px 12px; text-align: center; font-weight: 400; border: 2px solid transparent; }}
.seen th[scope=row] {{ text-align: left; font-weight: 600; white-space: nowrap; }}
.seen thead th {{ font-size: 13px; }}
.seen td {{ background: color-mix(in srgb, {POSITIVE} calc(70% * var(--v, 0)), transparent); }}
.wide {{ overflow-x: auto; }}
.bars {{ display: flex; align-items: flex-end; gap: 4px; margin: 0; padding: 0; list-style: none; }}
.bars li {{ flex: 1 1 0; min-width: 44px; white-space: nowrap; margin: 0;
  display: flex; flex-direction: column; text-align: center; font-size: 13px; }}
.bars i {{ background: {POSITIVE}; height: calc(200px * var(--v)); min-height: 1px; border-radius: 3px 3px 0 0; }}
.bars bdi {{ overflow: hidden; text-overflow: ellipsis; white-space: nowrap; border-top: 1px solid; }}
.cards {{ display: grid; grid-template-columns: repeat(auto-fill, minmax(250px, 1fr)); gap: 10px; }}
.cards div {{ border: 1px solid color-mix(in srgb, currentColor 22%, transparent); border-radius: 10px; padding: 8px 12px;
  font-size: 14px; line-height: 1.4; }}
.cards b {{ display: block; font-size: 15px; }}
.large {{ font-size: 1.05rem; }}
@media (max-width: 700px) {{
  :has(> .st-key-shown) {{ order: 4; }}
  .stMainBlockContainer:has(.st-key-card) .uv > .uv-box {{ align-self: stretch; width: 100%; }}
  .st-key-way {{ flex-wrap: wrap !important; }}
  .st-key-way > :has(.stSelectbox) {{ order: -1; flex: 1 0 100%; }}
}}
</style>"""

LATER = (0, 1, 2, 5, 10)  # words later


def sizes(task: Task, reading: Reading, network) -> None:
    """The typed sentence in a layer of five places, and what places cost."""
    words = tuple(dict.fromkeys(reading.text.lower().split()))
    st.markdown("**A real layer with five places**, built from the words that you type. Each place has a cell for every word.")
    st.html(slots(reading.text, five_words(words)) if words else "")
    vocabulary, places = 10_000, 10
    count = min(len(reading.text.split()), places)
    rows = [
        ("one place", vocabulary * NEURONS), ("ten places", weights_feed_forward(vocabulary, places, NEURONS)),
        (f"of them spent on padding, at {count} words", wasted(vocabulary, places, count, NEURONS)),
        ("a recurrent network, any number of words", weights_recurrent(vocabulary, NEURONS)),
    ]  # fmt: skip
    most = max(number for _, number in rows)
    cells = "".join(
        f'<tr><th scope="row">{name}</th><td style="--v:1;padding:0;height:22px;width:360px;background:none">'
        f'<div style="background:{POSITIVE};height:18px;width:{100 * number / most:.1f}%"></div></td><td>{number:,}</td></tr>'
        for name, number in rows
    )
    st.html(
        "<p><b>How many weights?</b> 10,000 words and 10 neurons; a multiplication each.</p>"
        '<div class="wide" tabindex="0" role="region" aria-label="How many weights">'
        f'<table class="seen"><tbody>{cells}</tbody></table></div>'
    )


def vectors(task: Task, reading: Reading, network) -> None:
    """Up to three typed words as one-hot rows and as vectors, compared with the first."""
    table = vector_table()
    known = [word for word in dict.fromkeys(reading.text.lower().split()) if 0 <= table.row(word) < 10_000][:3]
    if not known:
        st.info("None of these words is among the 10,000 commonest: type others.")
    for column, word in zip(st.columns(3), known, strict=False):
        with column:
            st.html(two_codes(table, word, known[0]))


def _seen(task: Task, reading: Reading, network) -> View:
    return View(task, network, reading, len(reading.columns), "", lambda cell: controls.model(task.name, cell))


def fades(task: Task, reading: Reading, network) -> None:
    """For each cell, how much a word still counts some words later."""
    found = fadings(_seen(task, reading, network))
    if not found:
        st.info("Type more words: it takes five to see something fade.")
        return
    head = "".join(f'<th scope="col">{"at once" if d == 0 else "next word" if d == 1 else f"{d} words later"}</th>' for d in LATER)
    rows = ""
    for cell in found:
        parts = [f"{cell.influence[d]:.0%}" if d < len(cell.influence) else "" for d in LATER]
        cells = "".join(f'<td style="--v:{min(1.0, float(part.rstrip("%") or 0) / 100):.2f}">{part}</td>' for part in parts)
        rows += f'<tr><th scope="row">{escape(cell.title)}</th>{cells}<td style="background:none">{in_words(cell.half)}</td></tr>'
    st.html(
        '<div class="wide" tabindex="0" role="region" aria-label="What fades"><table class="seen large"><thead>'
        f'<tr><td></td>{head}<th scope="col">halves after</th></tr></thead><tbody>{rows}</tbody></table></div>'
        "<p>How strongly an answer depends on a word, against how strongly the answer just after that word did: the mean "
        "over this text, from the slope of the answer.</p>"
    )


def gates(task: Task, reading: Reading, network) -> None:
    """The unit that speaks loudest at the last word, stage by stage, as the lens Inside has it."""
    if reading.columns:
        first = LENSES["inside"].panels(_seen(task, reading, network))[0]
        st.markdown(first.words)
        show(first.figure, controls.key(task, "gates"), first.alt)


def learns(task: Task, reading: Reading, network) -> None:
    """How much of the gradient at the end reaches each word, a bar a word; the largest is full."""
    if not reading.columns:
        return
    row = np.array(LENSES["memory"].numbers(_seen(task, reading, network))["gradient"])
    shares = row / row.sum()
    bars = "".join(
        f'<li>{percent(float(share))}<i style="--v:{share / shares.max():.3f}"></i><bdi>{escape(column.token.text)}</bdi></li>'
        for share, column in zip(shares, reading.columns, strict=False)
    )
    first = float(shares[:5].sum())
    st.html(
        f'<p class="large"><b>{escape(network.title)}</b>: how much of the gradient of the last answer reaches each word, on its '
        f'way back from right to left. <b>{percent(first)}</b> of it reaches the first five words.</p>'
        f'<div class="wide" tabindex="0" role="region" aria-label="Gradient at each word"><ol class="bars">{bars}</ol></div>'
    )


def trusted(task: Task, reading: Reading, network) -> None:
    """What was said, how sure, and how far that can be trusted."""
    rows = network.header.get("reliability", [])
    left, right = st.columns(2)
    with left:
        cells = "".join(
            f'<tr><th scope="row"><bdi>{escape(column.token.text)}</bdi></th><td style="background:none">'
            f'{escape(column.shown)}</td><td style="--v:{float(row.max()):.2f}">{percent(float(row.max()))}</td></tr>'
            for column, row in zip(reading.columns[:8], reading.probs, strict=False)
        )
        st.html(f'<table class="seen"><tbody>{cells}</tbody></table>')
    if rows:
        with right:
            sentence = trust(rows, task.words.scores.answers)
            st.markdown(f"**{sum(row['count'] for row in rows):,} answers on texts it had never seen.** {sentence}")
            figure = figures.reliability_diagram(rows).update_layout(height=290)
            st.plotly_chart(figure, key=controls.key(task, "trust"), alt=f"Share of right answers against probability. {sentence}")


def _paper(words: str, number: str) -> str:
    """A link to what says so. "in 2018", "1811.03604" -> '<a href="https://arxiv.org/abs/1811.03604">in 2018</a>' """
    return f'<a href="https://arxiv.org/abs/{number}" target="_blank" rel="noopener">{words}</a>'


# What, what was done with an RNN and how large it was, and what does it today.
USES = (
    ("Keyboards", f"Next-word guesses on phones: {_paper('in 2018', '1811.03604')} an LSTM with coupled gates, 1.4 million "
     "weights, 10,000 words.",
     "still a good fit: small, and it never has to look back."),
    ("Speech", "Sound in slices of 10 ms. In 2018 an RNN that runs wholly on the phone wrote down what it heard.",
     "recurrent parts are still in use on devices; large servers use Transformers."),
    ("Series", "Sensors, demand, weather: the last values in, the next one out.",
     "small LSTMs hold their own where there are few data."),
    ("Captions", f"A picture’s vector is the seed, words come out of an LSTM: {_paper('2014', '1411.4555')}.",
     "replaced by Transformers."),
    ("Translation", f"{_paper('From 2016', '1609.08144')}, an encoder and a decoder of eight LSTM layers each.",
     "replaced by Transformers, from 2017 on."),
    ("Summaries", "A long text in, a short one out: encoder, decoder and attention, 2015.", "replaced by Transformers."),
    ("Grammar", "A word that surprises may be a slip: try “I am agree with you.” on the page Order.", "replaced by Transformers."),
    ("Endless data", "Logs, heartbeats, control: one state, of the same size after a million steps.",
     "RNNs, and their new relatives, the state-space models of 2023."),
)  # fmt: skip


def uses(task: Task, reading: Reading, network) -> None:
    """What recurrent networks were used for, and what does it today: a card each."""
    cards = "".join(f"<div><b>{what}</b>{then}<br><em>Today:</em> {today}</div>" for what, then, today in USES)
    st.html(f'<div class="cards">{cards}</div>')


WAYS_ON = """
| year or place | what to read |
| --- | --- |
| 1990 | [Finding structure in time](https://doi.org/10.1207/s15516709cog1402_1), Elman: the plain RNN |
| 1997 | [Long short-term memory](https://doi.org/10.1162/neco.1997.9.8.1735), Hochreiter and Schmidhuber |
| 2014 | [RNN encoder-decoder](https://arxiv.org/abs/1406.1078), Cho and others: the GRU |
| 2014 | [Sequence to sequence learning](https://arxiv.org/abs/1409.3215), Sutskever and others |
| 2014 | [Learning to align and translate](https://arxiv.org/abs/1409.0473), Bahdanau and others: attention |
| 2017 | [Attention is all you need](https://arxiv.org/abs/1706.03762), Vaswani and others: the Transformer |
| PyTorch | [nn.LSTM](https://docs.pytorch.org/docs/stable/generated/torch.nn.LSTM.html), its equations and weights |
| Book | [Dive into deep learning](https://d2l.ai/chapter_recurrent-neural-networks/), chapters 9 and 10 |
"""


def further(task: Task, reading: Reading, network) -> None:
    """The step of the LSTM as it stands in the code, and where to read on."""
    from rnn_demo.cells import lstm_step  # here, since it needs torch

    left, right = st.columns([6, 5])
    with left:
        st.code(inspect.getsource(lstm_step), language=None, wrap_lines=True)
    right.markdown(WAYS_ON)


FIGURES: dict[str, Callable[[Task, Reading, object], None]] = {
    "sizes": sizes, "vectors": vectors, "fades": fades, "gates": gates, "learns": learns, "trust": trusted, "uses": uses,
    "further": further,
}  # fmt: skip
