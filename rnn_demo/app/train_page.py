"""The Train page: a small network learns before the visitor's eyes. Ask, guard, let it learn, draw."""

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import streamlit as st

from rnn_demo import page
from rnn_demo.app import controls
from rnn_demo.app.component import learn_view, trace_view
from rnn_demo.app.headline import headline
from rnn_demo.app.task_page import look_closer, shown_page, way_back
from rnn_demo.learn import JOBS
from rnn_demo.learn.base import CHARS, InputError, Setup
from rnn_demo.learn.curve import DRAWN, SHIPPED, brief
from rnn_demo.learn.examples import EXAMPLES
from rnn_demo.learn.files import code, command, file_of, fitting, from_bytes, to_bytes
from rnn_demo.learn.picture import Now, picture
from rnn_demo.learn.reading import CELLS, NAME, task_of
from rnn_demo.learn.setup import DIALS, checked, linked, read_link, sound, with_cell, write_link
from rnn_demo.learn.workers import Run, WorkerLost, Workshop, reach
from rnn_demo.lenses import LENSES
from rnn_demo.lenses.base import plain
from rnn_demo.view import Visit, payload

QUESTION = "How does a network learn?"
POLL = 0.3  # seconds from one picture to the next; learn_view.js fills the time between
SPEEDS = {"10": ("10 steps/s", 10), "60": ("60 steps/s", 60), "full": ("full speed", math.inf)}
LONGEST = 20_000  # steps of a run
RACE = 800  # steps of a race
OWN, PAD = "your own numbers", "drawn by you"
RACES = f"A plain RNN, a GRU and an LSTM learn the same, {RACE} steps each."
RACED = "The race is over. Below stands what each of them came to."
FIRST = "It began with random weights. Every step looks at a few rows and changes each weight a little."
FADES = "It does not learn this: hardly anything of an error reaches the beginning of a row, so what stands there teaches nothing. "
FADED, LITTLE = 1e-3, 0.2  # of the gradient at the answer; of what lies between the rival and being always right
SOON = 100  # steps, as long as which that is said


@st.cache_resource(show_spinner=False)
def workshop() -> Workshop:
    """The workers, shared by all visitors."""
    return Workshop()


@functools.lru_cache(maxsize=64)
def begun(setup: Setup) -> Any:
    """A network of this setup before its first step, as a moment; and the network, whose data and rival are known."""
    import torch

    from rnn_demo.learn.learning import Learning

    torch.set_num_threads(1)
    learning = Learning(setup)
    return learning.moment(), learning.network


def place(name: str) -> str:
    """The session's key of a dial."""
    return f"learn_{name}"


def put(setup: Setup) -> None:
    """Set every dial as a setup has it."""
    for name, value in setup._asdict().items():
        st.session_state[place(name)] = value
    st.session_state["learn_own"] = "" if brief(setup.text) else setup.text


def state() -> dict:
    """What this visitor's page keeps: {"run", "until": the step up to which it learns, "shown": a step or None, "speed", "race",
    "racing": whether that goes on, "problems", "point", "pad": whether it is open, "drawn": the curve that was drawn last}."""
    if "learn" not in st.session_state:
        setup, problems = read_link(st.query_params)
        put(setup)
        keeps = {"run": None, "until": 0, "shown": None, "speed": "full", "race": [], "problems": problems, "point": ""}
        keeps |= {"racing": False, "pad": False, "drawn": setup.text if setup.text.startswith(DRAWN) else ""}
        st.session_state["learn"] = keeps
        workshop().warm()
        for name in ("unit", "edits", "text", "cell", "lens"):
            st.session_state.setdefault(f"{NAME}_{name}", None)
        st.session_state[f"{NAME}_arrived"] = {"step": None}
    return st.session_state["learn"]


def chosen() -> Setup:
    """The setup as the dials have it. InputError where nothing can be learnt from its text."""
    now = Setup(**{name: st.session_state[place(name)] for name in Setup._fields})
    return checked(sound(now))[0]


def train_page(story: object = None) -> None:
    """`story` is Streamlit's page of it, to which a line leads."""
    controls.stand()
    keeps = state()
    bare = bool(st.context.is_embedded)
    if not bare:
        headline(QUESTION, "train", story)
        for problem in keeps["problems"]:
            st.warning(plain(problem))
        dials()
    try:
        start(chosen())
    except InputError as error:
        st.warning(plain(str(error)))  # it quotes the visitor's text, or a link's
        keeps["until"] = 0  # what has been learnt so far stays
    if keeps["run"] is None:
        return
    with st.container(key="work"):
        st.fragment(workbench, run_every=POLL if learning() else None)()
    if not bare:
        with st.container(key="below"):
            below()


def dials() -> None:
    """Job, examples, and how the network is built."""

    def take_job():
        put(JOBS[st.session_state[place("job")]].usual)
        state().update(point="", pad=False)

    def take_example():
        for example in EXAMPLES:
            if example.name == st.session_state["learn_example"]:
                put(example.setup)
                state().update(point=example.point, pad=False)
        st.session_state["learn_example"] = None

    run = state()["run"]
    if run and run.setup.job == st.session_state[place("job")] and run.setup.rate == st.session_state[place("rate")]:
        # Another cell was taken, and nothing else: with it goes its usual rate.
        st.session_state[place("rate")] = with_cell(run.setup, st.session_state[place("cell")]).rate
    with st.container(key="choices", horizontal=True):
        jobs = {name: job.title for name, job in JOBS.items()}
        st.segmented_control(
            "Learn to",
            list(jobs),
            format_func=jobs.get,
            key=place("job"),
            on_change=take_job,
            persist_state="session",
            required=True,
        )
        st.pills("Try", [example.name for example in EXAMPLES], key="learn_example", on_change=take_example)
        job = JOBS[st.session_state[place("job")]]
        if job.reads:
            own_text(job)
    with st.container(key="dials", horizontal=True):
        if of_curves(job):
            curve_picker()
        for dial in DIALS:
            controls.WIDGETS[dial.widget](dial, place(dial.name))


def of_curves(job: Any) -> bool:
    """Whether curves can be chosen or drawn for a job."""
    return job.usual.text in SHIPPED


def curve_picker() -> None:
    """What is learnt from: a curve of the program's, or one that the visitor draws or has pasted."""
    text, keeps = place("text"), state()

    def take():
        name = st.session_state["learn_curve"]
        keeps.update(pad=name == PAD, point="")
        st.session_state[text] = name if name in SHIPPED else keeps["drawn"] or st.session_state[text]

    now = st.session_state[text]
    drawn = keeps["pad"] or now.startswith(DRAWN)
    st.session_state["learn_curve"] = PAD if drawn else now if now in SHIPPED else OWN
    names = [*SHIPPED, PAD, *([OWN] if st.session_state["learn_curve"] == OWN else [])]
    named = lambda name: SHIPPED.get(name, name)
    st.selectbox("Curve", names, format_func=named, key="learn_curve", width=200, on_change=take)


def own_text(job: Any) -> None:
    """The visitor's own text to learn from."""
    title, what = job.box
    text = place("text")

    def take():
        st.session_state[text] = st.session_state["learn_own"] or job.usual.text
        state().update(pad=False, point="")

    # Set at every run: a popover that is opened for the first time shows what the last run has set, and nothing older.
    there = "" if brief(st.session_state[text]) else st.session_state[text]
    st.session_state["learn_own"] = st.session_state.get("learn_own", there)
    with st.popover(title):
        # The browser keeps to max_chars, the server to CHARS: a reads of a job takes no more.
        st.text_area(f"{title}: {what}", key="learn_own", max_chars=2 * CHARS, height=300, on_change=take, placeholder=what)
        try:
            _, note = job.reads(st.session_state[text])
        except InputError as error:
            note = str(error)
        if note:
            st.caption(plain(note))


def start(setup: Setup) -> None:
    """A new run, where the setup is another one than that of the run that is there."""
    keeps = state()
    if keeps["run"] is None or keeps["run"].setup != setup:
        moment, _ = begun(setup)
        problems = [] if keeps["run"] else keeps["problems"]  # of the link, as long as nothing else is chosen
        keeps |= {"run": Run(setup, moment), "until": 0, "shown": None, "race": [], "problems": problems}
        st.session_state[f"{NAME}_edits"] = None  # they belonged to the steps of another row


def learning() -> bool:
    """Whether this visitor's network, or a race, is to go on."""
    keeps = state()
    run = keeps["run"]
    racing = not all(ended(one) for one in keeps["race"])
    return (keeps["racing"] and racing) or (run.step < keeps["until"] and not run.over)


def ended(one: Run) -> bool:
    """Whether one of a race has come to its end."""
    return one.step >= RACE or one.over


def heard() -> None:
    """A button of the view."""
    does = st.session_state["learn_view"].does
    if not isinstance(does, dict):
        return
    keeps, run = state(), state()["run"]
    what, value = does.get("do"), does.get("value")
    if what == "play":
        keeps |= {"until": LONGEST, "shown": None} | no_pad()
    elif what == "pause":
        keeps |= {"until": 0, "racing": False}
        for one in (run, *keeps["race"]):
            workshop().rest(one)
    elif what == "step":
        keeps |= {"until": run.step + 1, "shown": None} | no_pad()
    elif what == "restart":
        keeps |= {"run": Run(run.setup, begun(run.setup)[0]), "until": 0, "shown": None, "race": []}
    elif what == "speed" and isinstance(value, str) and value in SPEEDS:
        keeps["speed"] = value
    elif what == "moment" and isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
        keeps |= {"until": 0, "shown": int(value)}
    elif what == "pad":
        keeps |= {"until": 0} | (no_pad() if keeps["pad"] else {"pad": True, "point": ""})
    elif what == "drawn" and isinstance(value, str):
        take_drawn(value)
    keeps["turned"] = what != "speed"


def no_pad() -> dict:
    """What the page keeps once the pad is closed, and what was said of it with it."""
    return {"pad": False, "point": "" if state()["pad"] else state()["point"]}


def take_drawn(text: str) -> None:
    """A curve was drawn on the pad: it is learnt from now on, unless it is none."""
    keeps = state()
    job = JOBS[keeps["run"].setup.job]
    if not (of_curves(job) and text.startswith(DRAWN)):
        return  # no view writes that
    try:
        job.reads(text)
    except InputError as error:
        keeps["point"] = str(error)
        return
    keeps |= {"drawn": text, "pad": True, "point": "Your curve is taken. Press Learn, or draw over it."}
    st.session_state[place("text")], st.session_state["learn_own"] = text, ""


def shown() -> Any:
    """The moment that is looked at: the newest, unless the slider stands on an earlier one."""
    keeps = state()
    moments = keeps["run"].moments
    return next((moment for moment in moments if moment.step == keeps["shown"]), moments[-1])


def workbench() -> None:
    """The network while it learns: as much as is drawn anew a few times a second."""
    keeps = state()
    run, was = keeps["run"], keeps.get("was", False)
    _, network = begun(run.setup)
    places = []  # of this visitor's networks; those of a race wait for each other, and that is no waiting
    if run.step < keeps["until"] and not run.over:
        pace = SPEEDS[keeps["speed"]][1] * POLL
        places.append(workshop().want(run, int(min(keeps["until"], run.step + max(1, pace)))))
    for one in keeps["race"] if keeps["racing"] else ():
        if not ended(one):
            places.append(workshop().want(one, RACE))
    going, task = learning(), network.task
    keeps["was"] = going
    if was != going or keeps.pop("turned", False) or controls.turned(task):
        st.rerun()
    moment = shown()
    note = run.note or next((one.note for one in keeps["race"] if one.note), "") or keeps["point"]
    if going and not run.step and not keeps["race"]:
        note = "A process is being started that learns beside the server. It takes a second or two."
    point = JOBS[run.setup.job].point
    rival = network.data.rival
    told = f"{point} Press Learn." if not run.step else FIRST if moment.step < SOON else why_not(moment, rival) or point
    if keeps["race"]:
        over = all(ended(one) for one in keeps["race"])
        told = RACES if keeps["racing"] and not over else RACED if over and not going else told
    speeds = tuple((name, words) for name, (words, _) in SPEEDS.items())
    drawn = run.setup.text if run.setup.text.startswith(DRAWN) else ""
    now = Now(going, keeps["speed"], speeds, min(places, default=0), note or told, drawn if keeps["pad"] else None)
    way_back(write_link(run.setup))
    learn_view(picture(run, moment, rival, now, keeps["race"]), "learn_view", heard)
    example(task, moment, going)


def why_not(moment: Any, rival: Any) -> str:
    """Why a network has learnt hardly more than its rival knows, where its gradient says so; "" where it does not."""
    answer, beginning = moment.gradient[0], moment.gradient[-1]
    if moment.accuracy > rival.score + LITTLE * (1 - rival.score) or not beginning < FADED * answer:
        return ""
    gated = len(moment.example.chains[0].trace.gates) > 0
    return FADES + ("Shorter rows are easier." if gated else "The gates of a GRU or an LSTM let it pass.")


def alive(moment: Any) -> bool:
    """Whether there is a network to look at: of one that has exploded no weight is a number any more."""
    return all(np.isfinite(weight).all() for weight in moment.weights.values())


def example(task: Any, moment: Any, going: bool) -> None:
    """A row that it has never learnt from, read by the network as it is now, in the live view. It can be changed while it rests."""
    run, before = state()["run"], moment.example
    fixed = going or not alive(moment)
    network = functools.cache(functools.partial(trained, run, moment))
    reading, problem = (before, "") if fixed else controls.changed(task, before, network)
    st.session_state[f"{NAME}_cell"] = run.setup.cell
    st.session_state[f"{NAME}_text"] = before.text
    flags = {"no-path": True, "fixed": fixed, "learning": going, "checks": any(column.under for column in reading.columns)}
    frame = page.frame(task)._replace(flags=[*task.shape.flags, *(flag for flag, there in flags.items() if there)])
    visit = Visit(
        note=problem or "A row that it has never learnt from, read by the network of this moment:",
        query=write_link(run.setup),
        lens=controls.closer(task, None if fixed else reading, reader=network),
        lenses=() if going else tuple((lens.name, lens.title, lens.question) for lens in LENSES.values()),
    )
    saved = ""
    if controls.saves(task):
        plays = page.shown(task, reading)
        if not fixed:
            task, load = racers(network())
            plays = shown_page(task, reading, before, network(), load)
        saved = plays._replace(frame=frame).html
    data = payload(reading, frame, visit, before if reading is not before else None) | controls.answered()
    data |= {"page": saved, "lacks": "" if linked(run.setup) else "The link has no room for your text. The network’s file has it."}
    trace_view(data, f"{NAME}_view", functools.partial(controls.heard, task))


def trained(run: Run, moment: Any) -> Any:
    """The network of a moment, ready to be looked at."""
    from rnn_demo.learn.network import fresh

    network = fresh(run.setup)
    fitting(network, moment.weights)
    return network.eval().requires_grad_(False)


def below() -> None:
    """While it rests: the open lens, the race, longer rows, the file."""
    keeps = state()
    if learning():
        st.caption("Pause it to look closer, to race the three cells, or to take the network with you.")
        return
    run, moment = keeps["run"], shown()
    if not alive(moment):
        st.info("This network has exploded: there is nothing left to look at. Go back in time, or start again.")
        return
    network = trained(run, moment)
    task, load = racers(network)
    reading, _ = controls.changed(task, moment.example, lambda: network)
    look_closer(task, reading, moment.example, network, load)
    left, middle, right = st.columns(3)
    with left:
        race(run)
    with middle:
        further(run, moment)
    with right:
        take_away(run, moment, network)


def racers(network: Any) -> tuple[Any, Callable[[str], Any]]:
    """The task that the lenses know, which has the cells that have raced, too; and what gives the network of a cell."""
    keeps = state()
    others = {one.setup.cell: one for one in keeps["race"] if alive(one.moments[-1])}
    load = lambda cell: network if cell == keeps["run"].setup.cell else trained(others[cell], others[cell].moments[-1])
    return task_of(network, tuple(others)), load


def race(run: Run) -> None:
    """A button that lets all three cells learn the same, and what came of it."""
    keeps = state()
    st.markdown(
        "**Race.** The same job, seed and number of steps, by a plain RNN, a GRU and an LSTM, each at its usual learning rate "
        "unless you chose another."
    )

    def begin():
        setups = [with_cell(run.setup, cell) for cell in CELLS]
        keeps.update(race=[Run(setup, begun(setup)[0]) for setup in setups], racing=True)

    st.button(f"Race over {RACE} steps", on_click=begin, icon=":material/sports_score:")
    done = [one for one in keeps["race"] if ended(one)]
    if done:
        rows = [(CELLS[one.setup.cell], *came_to(one)) for one in done]
        head = ("cell", JOBS[run.setup.job].measure, *(("longest row solved",) if len(rows[0]) > 2 else ()))
        st.markdown("\n".join(["| " + " | ".join(row) + " |" for row in (head, ("---",) * len(head), *rows)]))


def came_to(run: Run) -> tuple[str, ...]:
    """What a network scores in the end; and the longest row that it solves, where a job makes rows of any length. ("98%", "30")"""
    end, any_length = run.moments[-1], not JOBS[run.setup.job].reads
    if not alive(end):
        return ("it exploded", *(["none"] if any_length else []))
    if not any_length:
        return (f"{end.accuracy:.0%}",)
    found = reached(run, end)
    return f"{end.accuracy:.0%}", str(found[0] or "none") if found else "not known"


def reached(run: Run, moment: Any) -> tuple[int, dict[int, float]] | None:
    """workers.reach of a moment, found once; None where no worker could find it, which is said."""
    if moment.step not in run.reached:
        try:
            run.reached[moment.step] = workshop().compute(reach, run.setup, moment.weights)
        except WorkerLost as lost:
            st.warning(str(lost))
            return None
    return run.reached[moment.step]


def further(run: Run, moment: Any) -> None:
    """How right the network is on rows of other lengths, when that is asked for."""
    st.markdown(f"**And longer rows?** It has learnt on rows of {run.setup.length} steps at most. Here it reads longer ones, too.")
    if JOBS[run.setup.job].reads:
        st.caption("This can be tried where rows are made by chance; those of this job come from a text.")
        return
    if st.toggle("Try other lengths", key="learn_further"):
        found = reached(run, moment)
        trained_on = lambda length: " (trained on)" if length == run.setup.length else ""
        rows = [(f"{length}{trained_on(length)}", f"{score:.0%}") for length, score in found[1].items()] if found else ()
        st.markdown("\n".join(["| length | right |", "| --- | --- |", *(f"| {length} | {score} |" for length, score in rows)]))


def take_away(run: Run, moment: Any, network: Any) -> None:
    """The network as a file, the lines that load it, and the way back from a file."""
    st.markdown("**Take it with you.** The weights as safetensors, and the lines of PyTorch that load them.")
    file = file_of(run.setup)
    data = to_bytes(run.setup, moment.weights, moment.step)
    st.download_button("Download the network", data, file, "application/octet-stream", on_click="ignore")
    with st.popover("The lines of PyTorch"):
        st.code(code(network, file), language=None)
        st.caption(f"In a terminal: `{command(run.setup)}`")

    def bring():
        up = st.session_state["learn_up"]
        if up is None:
            return
        keeps = state()
        try:
            setup, weights, step = from_bytes(up.getvalue())
            put(setup)
            keeps |= {
                "run": brought(setup, weights, step),
                "until": 0,
                "shown": None,
                "race": [],
                "point": f"Brought back: {step:,} steps learnt.",
            }
        except InputError as error:
            keeps["refused"] = str(error)

    with st.popover("Bring one back"):
        st.file_uploader("A .safetensors file that was downloaded here", ["safetensors"], key="learn_up", on_change=bring)
    if refused := state().pop("refused", ""):
        st.warning(plain(refused))


def brought(setup: Setup, weights: dict, step: int) -> Run:
    """A run that goes on from a file. Adam remembers nothing of what was before."""
    from rnn_demo.learn.learning import Learning

    learning = Learning(setup)
    fitting(learning.network, weights)
    learning.step = step
    run = Run(setup, learning.moment())
    run.state = learning.state
    return run
