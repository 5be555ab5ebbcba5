"""The story: one stop at a time, with the network of the task that it leads to, read live."""

import zlib
from collections.abc import Mapping
from types import MappingProxyType

import streamlit as st

from rnn_demo.app import controls
from rnn_demo.app.own_path import own_path
from rnn_demo.app.story_figures import FIGURES, STYLE
from rnn_demo.app.task_page import bench, read
from rnn_demo.lenses.base import plain
from rnn_demo.networks.weight_files import WeightsError
from rnn_demo.story import STOPS, Path, PathError, Stop, linked, unpacked

STAYS = ("lecture", "path")  # of the link, from stop to stop


def story_page(elsewhere: Mapping[str, tuple[object, str]] = MappingProxyType({})) -> None:
    """`elsewhere`: the name of a stop -> another page of the app that shows more of it, and what the link to it says."""
    path, wrong = opened()
    stops = path.stops or STOPS
    at, problem = here(stops)
    stop = stops[at]
    # Another path of the same name, or this one in another order, has stops of its own: nothing typed there is shown here.
    own = f"{zlib.crc32(path.file.encode()):08x}" if path.stops else ""
    controls.stand(f"story{own}_{stop.name}_")
    problems = controls.arrive(stop.task, stop.link)
    with st.container(key="way", horizontal=True, vertical_alignment="center"):
        way(stops, at)
        own_path(path)
    for words in filter(None, [wrong, problem, *problems]):
        st.warning(plain(words))  # a path from elsewhere is quoted in it
    told(stop)
    if stop.name in elsewhere and stop in STOPS:
        page, words = elsewhere[stop.name]
        st.page_link(page, label=words, icon=":material/model_training:")


def opened() -> tuple[Path, str]:
    """The path that the link brings, or the file that was opened in this visit; none is the story itself. And what is wrong."""
    if "path" not in st.query_params:
        return st.session_state.get("opened", Path("", ())), ""
    try:
        return unpacked(st.query_params["path"]), ""
    except PathError as error:
        return Path("", ()), f"{error} This is the story of the app itself."


def here(stops: tuple[Stop, ...]) -> tuple[int, str]:
    """At which stop the reader is: the link's, else where they were, else the first; and a message where the link's is unknown."""
    names = [stop.name for stop in stops]
    asked = st.query_params.get("stop")
    known = asked if asked in names else st.session_state.get("story_at")
    at = names.index(known) if known in names else 0
    st.session_state["story_at"] = names[at]
    wrong = asked is not None and asked not in names
    return at, "The link’s stop is not one of the story’s; it goes on from here instead." if wrong else ""


def go(name: str) -> None:
    """To a stop, which from now on is in the link."""
    st.session_state["story_at"] = name
    kept = {key: st.query_params[key] for key in STAYS if key in st.query_params}
    st.query_params.from_dict({"stop": name} | kept)


def way(stops: tuple[Stop, ...], at: int) -> None:
    """Back, all stops, next."""
    names = [stop.name for stop in stops]
    titles = {stop.name: f"{number} of {len(stops)} · {stop.title}" for number, stop in enumerate(stops, start=1)}
    back, ahead = names[max(at - 1, 0)], names[min(at + 1, len(names) - 1)]
    st.button("Back", key="story_back", icon=":material/arrow_back:", on_click=go, args=(back,), disabled=not at)
    st.session_state["story_stop"] = names[at]
    st.selectbox(
        "Stop", names, format_func=titles.get, key="story_stop", label_visibility="collapsed",
        on_change=lambda: go(st.session_state["story_stop"]),
    )  # fmt: skip
    st.button(
        "Next", key="story_next", icon=":material/arrow_forward:", icon_position="right",
        on_click=go, args=(ahead,), disabled=at == len(stops) - 1,
    )  # fmt: skip


@st.fragment
def told(stop: Stop) -> None:
    """The stop: its words, what to try, and the network or the figure. A keystroke reruns this much and no more."""
    task = stop.task
    st.html(STYLE)
    with st.container(key="card"):
        words, tries = st.columns([3, 2], gap="medium")
        with words:
            own = stop in STOPS  # what comes by a link or a file is shown letter by letter
            st.title(stop.title if own else plain(stop.title), anchor=False)
            st.markdown(linked(stop.words) if own else plain(stop.words))
        with tries:
            tried(stop)
    with st.container(key="work"):
        still = bool(stop.figure) and not stop.act  # nothing hangs on what is typed
        bench(task, still or bool(st.context.is_embedded), stop.scene, f"stop={stop.name}&")
    if stop.figure:
        with st.container(key="shown"):
            try:
                reading, _ = read(task)
                FIGURES[stop.figure](task, reading, controls.network(task))
            except WeightsError:
                return  # the workbench has said so


def tried(stop: Stop) -> None:
    """What to try, with what it takes; and once it is done, what is to be seen then."""
    if not stop.act:
        return
    task, did = stop.task, controls.key(stop.task, "did")
    names = [name for name in stop.act.done if name in controls.chosen(task)]
    done = st.session_state.get(did) or stop.is_done(controls.chosen(task))
    st.session_state[did] = done
    with st.container(key="done" if done else "try"):
        st.markdown(f"**Try it.** {stop.act.words}")
        controls.few_pickers(task, names)
        if done:
            st.markdown(f":material/check_circle: {stop.act.after}")
