"""The one page that serves every task: ask, guard, compute, draw."""

import streamlit as st

from rnn_demo import controls, figures
from rnn_demo.checkpoints import WeightsError
from rnn_demo.export import trace_csv, trace_json
from rnn_demo.links import write_link
from rnn_demo.tasks import Task
from rnn_demo.text import readable_part
from rnn_demo.view import Setting, payload, trace_view


def task_page(task: Task) -> None:
    problems = controls.arrive(task)
    bare = bool(st.context.is_embedded)
    if not bare:
        st.title(task.question, anchor=False)
        st.markdown(task.story)
    for problem in problems:
        st.warning(problem)
    if not bare:
        left, right = st.columns([1, 2])
        with left:
            controls.cell_picker(task)
        with right:
            controls.example_picker(task)
    workbench(task, bare)
    if bare:
        return
    for column, words in zip(st.columns(3), task.lessons, strict=True):
        column.markdown(words)
    look_closer(task)
    about(task)


@st.fragment
def workbench(task: Task, bare: bool) -> None:
    """What is typed, and the view of it. A keystroke reruns this much and no more: every element here costs milliseconds."""
    if not bare:
        controls.sentence_box(task)
    text, cell = controls.chosen(task)
    try:
        model, read, traces = reading(task)
    except WeightsError as error:
        st.error(str(error))
        return
    data = payload(
        read,
        task.chains(model, traces),
        task.answers(traces),
        Setting(
            cell=model.title,
            weights=model.step_weights,
            parts=model.reader.parts,
            near=[model.reader.table.nearest(token) for token in traces[0].tokens],
            own=[model.reader.has_own_vector(token) for token in traces[0].tokens],
            meanings=task.meanings,
            colors=task.colors,
            note=note(task, text, read, traces[0].tokens, cell),
            start=controls.asked_step(task),
            autoplay=controls.first_visit(task),
            query=write_link({"text": read, "cell": cell}),
            settle=controls.looks_closer(task),
            box_chars=controls.BOX_CHARS,
        ),
    )
    if trace_view(data, controls.key(task, "view")):
        st.rerun()  # typing has come to rest: the figures below are redrawn with the page


def reading(task: Task) -> tuple:
    """The model that is chosen, what the page reads of the text, and the traces of that. WeightsError if a file is damaged."""
    text, cell = controls.chosen(task)
    model, read = controls.model(task.name, cell), readable_part(text, task.read_chars, task.read_tokens)
    return model, read, controls.read(task, model, read)


def note(task: Task, text: str, read: str, tokens: tuple[str, ...], cell: str) -> str:
    """The line above the network: what to do if nothing can be read, where reading stopped, or what to look for."""
    if not text.strip():
        return "Type a sentence to watch the network read it, or take one of the examples."
    if not tokens:
        return "There is nothing in this text yet that could be read. Type a word, or take one of the examples."
    if len(read) < len(text):
        return (
            f"Reading stopped after token {len(tokens)}, “{tokens[-1][:40]}”: this page reads "
            f"{task.read_tokens} tokens (words and signs) or "
            f"{task.read_chars} characters, and a link holds no more. Your whole text is still in the box."
        )
    example = next((example for example in task.examples if example.text == text), None)
    return example.point if example else task.cell_notes[cell]


def look_closer(task: Task) -> None:
    if not controls.look_closer_switch(task):
        return
    try:
        model, read, traces = reading(task)
    except WeightsError:
        return  # the workbench has said so
    if not traces[0].tokens:
        st.info("Type a sentence first: there is nothing to draw yet.")
        return
    found = task.answers(traces)
    st.markdown("**Every hidden unit at every step.** Point at a cell for its number; drag to zoom, double-click to go back.")
    for chain in task.chains(model, traces):
        if len(traces) > 1:
            st.caption(f"the {chain.trace.name} chain")
        st.plotly_chart(
            figures.hidden_heatmap(chain.trace, chain.order),
            key=controls.key(task, f"heat_{chain.trace.name}"),
            alt=f"Heat map of {chain.trace.h.shape[1]} hidden units over {len(chain.trace.tokens)} tokens.",
        )
    left, right = st.columns(2)
    with left:
        st.markdown("**How sure it was of each label, step by step.**")
        st.plotly_chart(
            figures.label_lines(traces[0], found.names, found.probs, task.colors),
            key=controls.key(task, "lines"),
            alt="Each label's probability at each token.",
        )
    with right:
        st.markdown("**The hidden state as a walk in the plane.** Words that leave alike memories end up close together.")
        st.plotly_chart(
            figures.hidden_path(traces[0], found.labels, task.colors),
            key=controls.key(task, "path"),
            alt="The path of the hidden state in its two main directions.",
        )
    downloads = (("json", trace_json(read, model.cell, traces), "application/json"), ("csv", trace_csv(traces), "text/csv"))
    with st.container(horizontal=True):
        for name, data, mime in downloads:
            file = f"unrolled-{task.name}-{model.cell}.{name}"
            st.download_button(f"Download {name.upper()}", data, file, mime, on_click="ignore")


def about(task: Task) -> None:
    """The scores, data and failures of the chosen model, as its weight file tells them."""
    _, cell = controls.chosen(task)
    try:
        model = controls.model(task.name, cell)
    except WeightsError:
        return  # the workbench has said so
    header = model.header
    with st.expander("About the model"):
        st.markdown(
            f"**{model.title}**: {model.layer.hidden_size} hidden units a chain, {model.step_weights:,} weights used again at "
            f"every step, {sum(p.numel() for p in model.parameters()):,} trained numbers in all. "
            f"Made by `{header['command']}`."
        )
        st.markdown("**How good it is, on sentences it has never seen.** " + task.scores_note)
        st.markdown(_markdown_table(task.score_rows(header)))
        st.markdown("**What it gets wrong.**\n\n" + "\n".join(f"- {failure}" for failure in header["failures"]))
        st.markdown("**What it was trained on.**")
        counts = [(task.files.get(name, name), f"{count:,}") for name, count in header["training"]["sentences"].items()]
        st.markdown(_markdown_table([("training sentences", "number"), *counts]))
        st.markdown("**Sources and licences.**")
        st.markdown(_markdown_table([("source", "licence"), *map(tuple, header["sources"])]))


def _markdown_table(rows: list[tuple[str, ...]]) -> str:
    head, *body = (" | ".join(row) for row in rows)
    return "\n".join([head, " | ".join("---" for _ in rows[0]), *body])
