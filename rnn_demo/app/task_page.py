"""The one page that serves every task: ask, guard, compute, draw."""

from collections.abc import Callable
from functools import partial
from html import escape

import streamlit as st

from rnn_demo import figures, page
from rnn_demo.app import controls
from rnn_demo.app.comparison import compared
from rnn_demo.app.component import trace_view
from rnn_demo.app.feed_forward import feed_forward
from rnn_demo.app.headline import headline
from rnn_demo.app.records import markdown_table, show
from rnn_demo.app.trying import widgets
from rnn_demo.export import trace_csv, trace_json
from rnn_demo.lenses import LENSES, View
from rnn_demo.links import write_link
from rnn_demo.networks.weight_files import WeightsError
from rnn_demo.reading import Reading
from rnn_demo.story import linked
from rnn_demo.tasks import Panel, Task
from rnn_demo.text import whole_characters
from rnn_demo.view import Scene, Visit, framed, picture
from rnn_demo.words import trust

CORNERS = {"feed-forward": feed_forward}  # what a task may have below the rest, see Extras.corner


def task_page(task: Task, story: object = None) -> None:
    """`story` is Streamlit's page of it, to which a line leads."""
    controls.stand()
    problems = controls.arrive(task)
    bare = bool(st.context.is_embedded)
    if not bare:
        headline(task.words.question, task.name, story)
    for problem in problems:
        st.warning(problem)
    if not bare:
        with st.container(key="choices", horizontal=True):
            controls.example_picker(task)
            controls.cell_picker(task)
            controls.option_pickers(task)
    st.session_state[controls.key(task, "rests")] = True  # a keystroke runs the workbench alone
    with st.container(key="work"):
        workbench(task, bare)
    if not bare and not st.session_state["waits"]:
        with st.container(key="below"):
            below(task)


def below(task: Task) -> None:
    """What stands under the picture: the lens, figures and story, downloads, and what there is to say of the model."""
    try:
        before, _ = read(task)
        network = controls.network(task)
    except WeightsError as error:
        if controls.first_picture(task, text_read(task)[0]):  # else the workbench has said so
            st.error(str(error))
        return
    reading, _ = controls.changed(task, before)
    look_closer(task, reading, before)
    studied = reading.knowing(task.extras.study(network, reading))
    if task.extras.opening:
        compared(task.extras.opening(studied))
    st.markdown(linked(task.words.story))
    for column, words in zip(st.columns(3), task.words.lessons, strict=True):
        column.markdown(linked(words))
    if task.extras.panels:
        draw(task, "panel", task.extras.panels(studied))
    if task.extras.corner:
        CORNERS[task.extras.corner]()
    about(task, network)


@st.fragment
def workbench(task: Task, bare: bool) -> None:
    """What is typed, and the view of it. A keystroke reruns this much and no more: every element here costs milliseconds."""
    bench(task, bare)


def bench(task: Task, bare: bool, scene: Scene | None = None, link: str = "") -> None:
    """The text box and the view; in the story with its scene, without lenses, and `link` the beginning of a link to it."""
    if controls.brought(task) or controls.turned(task):
        st.rerun()
    controls.catch_up(task)
    text, note = text_read(task)
    rests = st.session_state.pop(controls.key(task, "rests"), False)
    drawn, problem, saved = None if scene else controls.first_picture(task, text), "", ""
    closer, waits = controls.closer(task, None), controls.waits(drawn)
    if not drawn:
        try:
            before = controls.read(task, text)
        except WeightsError as error:
            st.error(str(error))
            return
        reading, problem = controls.changed(task, before)
        drawn, closer = picture(reading, before if reading is not before else None), controls.closer(task, reading, rests)
        saved = shown_page(task, reading, before).html if controls.saves(task) else ""
    now, extras = controls.chosen(task), task.extras
    visit = Visit(
        note=problem or controls.refusal(task) or note or hint(task, len(drawn["tokens"]), now, controls.asked_step(task)),
        start=controls.asked_step(task),
        autoplay=controls.first_visit(task),
        query=link + write_link(now | {"text": text}),
        settle=closer.trail is not None
        or (not bare and (scene.away if scene else extras.panels is not None or closer.name != next(iter(LENSES)))),
        box=None if bare and st.query_params.get("box") != "true" else controls.text_box(task) | ({"rows": 1} if scene else {}),
        waits=waits,
        lens=closer,
        lenses=() if bare or scene else tuple((lens.name, lens.title, lens.question) for lens in LENSES.values()),
    )
    frame = page.frame(task)._replace(scene=scene and scene.drawn)
    data = framed(drawn, frame, visit) | controls.answered() | {"page": saved}
    way_back(visit.query)
    if trace_view(data, controls.key(task, "view"), partial(controls.heard, task)):
        st.rerun()  # typing has come to rest, or the first picture is seen: what stands below is drawn with the page


def way_back(query: str) -> None:
    """From a frame on another page to the whole of this one, opened by a link's query; nothing elsewhere."""
    if st.context.is_embedded:
        st.html(f'<p class="uv-home"><a href="?{escape(query)}" target="_blank" rel="noopener">Open in Unrolled</a></p>')


def read(task: Task) -> tuple[Reading, str]:
    """What the network makes of what is typed, and a message to the visitor. WeightsError if a weight file is damaged."""
    text, note = text_read(task)
    return controls.read(task, text), note


def text_read(task: Task) -> tuple[str, str]:
    """What is read of what is typed, and a message to the visitor."""
    return task.entry.reads(whole_characters(controls.text(task)))


def hint(task: Task, steps: int, now: dict, step: int | None = None) -> str:
    """The line above the network when nothing is wrong: what the link could not do with its `step`, the example's point, or what
    to look for."""
    if step is not None and step > steps:
        return f"The link’s step is {step}, and there are {steps}; all of them are shown instead."
    for example in task.words.examples:
        if example.text == now["text"] and task.options_of(example).items() <= now.items():
            return example.point
    return task.words.cells[now["cell"]].note


def _asked(own: str) -> str:
    """The key of the switch of a panel."""
    return f"{own}_asked"


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
        with column:
            own = controls.key(task, f"{place}{i}")
            if panel.asked and st.toggle(panel.asked, key=_asked(own)):
                panel = panel.made()
            if panel.words:
                st.markdown(panel.words)
            if panel.figure is not None and not panel.asked:
                show(panel.figure, own, panel.alt)


def shown_page(task: Task, reading: Reading, before: Reading, network=None, load: Callable | None = None) -> page.Shown:
    """The page as a file has it, with the open lens as it stands below; network and load as `look_closer` has them."""
    lens, was = LENSES[controls.lens(task)], before if reading is not before else None
    step, unit = controls.looked(task, len(reading.columns), lens)
    network, load = network or controls.network(task), load or partial(controls.model, task.name)
    view = View(task, network, reading, step, unit, load, was, controls.kept(task, reading, step))
    asked = lambda i: bool(st.session_state.get(_asked(controls.key(task, f"{lens.name}{i}"))))
    return page.shown(task, reading, was, page.look(lens, view, controls.learns(task), asked))


def look_closer(task: Task, reading: Reading, before: Reading, network=None, load: Callable | None = None) -> None:
    """The open lens: its question, what can be chosen in it, its figures and tables, and the numbers as files. `before` is the
    reading without edits, the same one where there are none. The network is the chosen one of the shipped, and others are loaded
    from there, unless they are given."""
    lens = LENSES[controls.lens(task)]
    if lens.words:
        st.header(lens.question, anchor=False)
        st.markdown(linked(lens.words))
        controls.experiment_picker(task)
    step, unit = controls.spot(task, reading, lens.units) if lens.opens else (len(reading.columns), "")
    was = before if reading is not before else None
    network, load = network or controls.network(task), load or partial(controls.model, task.name)
    view = View(task, network, reading, step, unit, load, was, controls.kept(task, reading, step))
    if lens.tries:
        widgets(task, before)
    panels = lens.panels(view)
    if not panels:
        return
    draw(task, lens.name, panels)
    name = f"unrolled-{task.name}-{reading.asked.cell}"
    with st.container(horizontal=True):
        written = task.shape.feeds_back
        # Written when they are asked for: of a long text they take longer than the lens.
        json, csv = (partial(how, reading, written) for how in (trace_json, trace_csv))
        st.download_button("Download JSON", json, f"{name}.json", "application/json", on_click="ignore")
        st.download_button("Download CSV", csv, f"{name}.csv", "text/csv", on_click="ignore")


@st.fragment
def about(task: Task, model) -> None:
    """The scores, data and failures of the chosen model, as its weight file tells them; drawn when it is opened, since its diagram
    alone would make every first visit load a library of 4 MB."""
    header = model.header
    with st.expander("About the model", key=controls.key(task, "about"), on_change="rerun") as opened:
        if not opened.open:
            return
        st.markdown(
            f"**{model.title}**: {model.layer.hidden_size} hidden units per chain, {model.step_weights:,} weights used again at "
            f"every step, {sum(p.numel() for p in model.parameters()):,} trained numbers in total. "
            f"Made by `{header['command']}`."
        )
        st.markdown("**How good it is, on sentences it has never seen.** " + task.words.scores.note)
        st.markdown(markdown_table(task.prints.scores(header)))
        trusted(task, header.get("reliability", []))
        st.markdown("**What it gets wrong.**\n\n" + "\n".join(f"- {failure}" for failure in header["failures"]))
        st.markdown("**What it was trained on.**")
        files = task.words.scores.files
        counts = [(files.get(name, name), f"{count:,}") for name, count in header["training"]["sentences"].items()]
        st.markdown(markdown_table([("training texts", "number"), *counts]))
        st.markdown("**Sources and licences.**")
        st.markdown(markdown_table([("source", "licence"), *map(tuple, header["sources"])]))


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
