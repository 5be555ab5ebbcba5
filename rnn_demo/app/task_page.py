"""The one page that serves every task: ask, guard, compute, draw."""

import contextlib
from functools import partial

import streamlit as st

from rnn_demo import figures
from rnn_demo.app import controls
from rnn_demo.app.feed_forward import feed_forward
from rnn_demo.export import trace_csv, trace_json
from rnn_demo.links import write_link
from rnn_demo.networks.weight_files import WeightsError
from rnn_demo.tasks import Panel, Reading, Task
from rnn_demo.text import whole_characters
from rnn_demo.view import Setting, n_columns, payload, trace_view
from rnn_demo.words import trust

CORNERS = {"order": feed_forward}  # what stands on one page only, below the rest


def task_page(task: Task) -> None:
    problems = controls.arrive(task)
    bare = bool(st.context.is_embedded)
    if not bare:
        st.title(task.words.question, anchor=False)
    for problem in problems:
        st.warning(problem)
    if not bare:
        with st.container(key="choices", horizontal=True):
            controls.example_picker(task)
            controls.cell_picker(task)
            controls.option_pickers(task)
    with st.container(key="work"):
        workbench(task, bare)
    if not bare:
        with st.container(key="below"):
            below(task)


def opening(task: Task) -> None:
    """What stands first under the picture, if the page has something more to show."""
    with contextlib.suppress(WeightsError):  # the workbench says so
        html = task.opening(read(task)[0])
        if html:  # Streamlit raises at an empty one, and an exception on the page takes the visitor's text away
            st.html(html)


def below(task: Task) -> None:
    """What stands under the picture: story, lessons, figures, downloads, and what there is to say of the model."""
    if task.opening:
        opening(task)
    st.markdown(task.words.story)
    for column, words in zip(st.columns(3), task.words.lessons, strict=True):
        column.markdown(words)
    try:
        reading, _ = read(task)
    except WeightsError:
        return  # the workbench has said so
    if task.panels:
        draw(task, "panel", task.panels(reading))
    if task.name in CORNERS:
        CORNERS[task.name]()
    look_closer(task, reading)
    about(task, reading)


@st.fragment
def workbench(task: Task, bare: bool) -> None:
    """What is typed, and the view of it. A keystroke reruns this much and no more: every element here costs milliseconds."""
    if controls.brought(task):
        st.rerun()
    try:
        reading, note = read(task)
    except WeightsError as error:
        st.error(str(error))
        return
    now = controls.chosen(task)
    chains = task.chains(reading)
    data = payload(
        reading.text,
        chains,
        task.answers(reading),
        Setting(
            task=task.name,
            flags=task.shape.flags,
            cell=reading.model.title,
            weights=reading.model.step_weights,
            parts=reading.model.parts,
            about=reading.model.about,
            meanings=task.words.meanings,
            colors=task.colors,
            note=note or hint(task, n_columns(chains), now),
            start=controls.asked_step(task),
            autoplay=controls.first_visit(task),
            query=write_link(now | {"text": reading.text}),
            settle=controls.looks_closer(task) or task.panels is not None,
            box=None if bare else controls.text_box(task),
            choose=task.words.controls["choose"].title if task.choose else "",
            wait=task.wait,
        ),
    )
    if trace_view(data, controls.key(task, "view"), partial(controls.heard, task)):
        st.rerun()  # typing has come to rest: what stands below is redrawn with the page


def read(task: Task) -> tuple[Reading, str]:
    """What the network makes of what is typed, and a message to the visitor. WeightsError if a weight file is damaged."""
    text, note = task.reads(whole_characters(controls.chosen(task)["text"]))
    return controls.read(task, text), note


def hint(task: Task, steps: int, now: dict) -> str:
    """The line above the network when nothing is wrong: what the link could not do, the example's point, or what to look for."""
    step = controls.asked_step(task)
    if step is not None and step > steps:
        return f"The link’s step is {step}, and there are {steps}; all of them are shown instead."
    for example in task.words.examples:
        if example.text == now["text"] and task.options_of(example).items() <= now.items():
            return example.point
    return task.words.cells[now["cell"]].note


def draw(task: Task, place: str, panels: list[Panel]) -> None:
    """Figures and tables, two side by side, but for wide ones."""
    free = iter(())
    for i, panel in enumerate(panels):
        if panel.wide:
            free, column = iter(()), st.container()
        else:
            column = next(free, None)
            if column is None:
                free = iter(st.columns(2))
                column = next(free)
        column.markdown(panel.words)
        if isinstance(panel.figure, list):
            column.markdown(_markdown_table(panel.figure))
        else:
            column.plotly_chart(panel.figure, key=controls.key(task, f"{place}{i}"), alt=panel.alt)


def look_closer(task: Task, reading: Reading) -> None:
    if not controls.look_closer_switch(task):
        return
    traces = reading.traces
    if not traces[0].tokens:
        st.info("Type something first: there is nothing to draw yet.")
        return
    st.markdown("**Every hidden unit at every step.** Point at a cell for its number; drag to zoom, double-click to go back.")
    chains = task.chains(reading)
    for chain in chains:
        if len(traces) > 1:
            st.caption(f"the {chain.trace.name} chain")
        st.plotly_chart(
            figures.hidden_heatmap(chain.trace, chain.order),
            key=controls.key(task, f"heat_{chain.trace.name}"),
            alt=f"Heat map of {chain.trace.h.shape[1]} hidden units over {len(chain.trace.tokens)} tokens.",
        )
    found = task.answers(reading)
    answering = next(chain for chain in chains if chain.trace.logits is not None)
    labels = found.labels[answering.first :][: len(answering.time)]
    path = Panel(
        "**The hidden state as a walk in the plane.** Words that leave a similar state lie close together.",
        figures.hidden_path(answering.trace, labels, task.colors),
        "The path of the hidden state in its two main directions.",
    )
    draw(task, "closer", [*task.closer(reading), path])
    cell = reading.model.cell
    downloads = (
        ("json", trace_json(reading.text, cell, traces), "application/json"),
        ("csv", trace_csv(traces), "text/csv"),
    )
    with st.container(horizontal=True):
        for name, data, mime in downloads:
            st.download_button(f"Download {name.upper()}", data, f"unrolled-{task.name}-{cell}.{name}", mime, on_click="ignore")


def about(task: Task, reading: Reading) -> None:
    """The scores, data and failures of the chosen model, as its weight file tells them."""
    model, header = reading.model, reading.model.header
    with st.expander("About the model"):
        st.markdown(
            f"**{model.title}**: {model.layer.hidden_size} hidden units per chain, {model.step_weights:,} weights used again at "
            f"every step, {sum(p.numel() for p in model.parameters()):,} trained numbers in total. "
            f"Made by `{header['command']}`."
        )
        st.markdown("**How good it is, on sentences it has never seen.** " + task.words.scores.note)
        st.markdown(_markdown_table(task.score_rows(header)))
        trusted(task, header.get("reliability", []))
        st.markdown("**What it gets wrong.**\n\n" + "\n".join(f"- {failure}" for failure in header["failures"]))
        st.markdown("**What it was trained on.**")
        files = task.words.scores.files
        counts = [(files.get(name, name), f"{count:,}") for name, count in header["training"]["sentences"].items()]
        st.markdown(_markdown_table([("training texts", "number"), *counts]))
        st.markdown("**Sources and licences.**")
        st.markdown(_markdown_table([("source", "licence"), *map(tuple, header["sources"])]))


def trusted(task: Task, rows: list[dict]) -> None:
    """How far the probabilities can be trusted, as measured on held-out texts; nothing where it was not measured."""
    if not rows:
        return
    sentence = trust(rows, task.words.scores.answers)
    counted = sum(row["count"] for row in rows)
    left, right = st.columns(2)
    left.markdown(
        f"**How far to trust a probability.** {sentence} Each mark stands for answers of which it was about equally sure, out of "
        f"{counted:,} on held-out texts. On the dashed line a probability means what it says; below it the network is too sure, "
        "above it too modest. Small marks rest on few answers."
    )
    figure = figures.reliability_diagram(rows)
    right.plotly_chart(figure, key=controls.key(task, "trust"), alt=f"Share of right answers against probability. {sentence}")


def _markdown_table(rows: list[tuple[str, ...]]) -> str:
    head, *body = (" | ".join(row) for row in rows)
    return "\n".join([head, " | ".join("---" for _ in rows[0]), *body])
