"""A lecturer's own path of stops: what was collected in this visit, to be named and ordered, and shared as a link or a file."""

from contextlib import suppress
from urllib.parse import urlsplit

import streamlit as st

from rnn_demo.lenses.base import plain
from rnn_demo.story import Path, PathError, numbered, read_path
from rnn_demo.story.paths import MOST_CHARS

MOST_READ = 200_000  # bytes that are looked at; read_path says where it is too much


def own_path(shown: Path) -> None:
    """`shown` is the path that is open; one without stops is the story."""
    state = st.session_state
    path = state.setdefault("path", Path())
    title = f"Your path: {len(path.stops)}" if path.stops else "Your path"
    with st.popover(title, icon=":material/route:", width="content"):
        st.markdown(
            "A path is shown as the story is. On any page, set up the network as you want it, press **Share**, then **Add this "
            "view to my path**. Nothing is kept on the server, and a reload of the page forgets it: share the link, or keep the "
            "file."
        )
        if path.stops:
            _written(path)
        _brought(shown)


def _written(path: Path) -> None:
    state = st.session_state
    state.setdefault("path_name", path.name)
    state["path"] = path = path._replace(name=st.text_input("Name", key="path_name", max_chars=MOST_CHARS).strip() or Path().name)
    for i, stop in enumerate(path.stops):
        with st.container(horizontal=True, vertical_alignment="center"):
            place = f"path_{i}_{stop.title}"
            label = f"Title of stop {i + 1}"
            title = st.text_input(label, stop.title, key=place, max_chars=MOST_CHARS, label_visibility="collapsed")
            st.button("Up", key=f"path_up_{i}", disabled=not i, on_click=_move, args=(i, -1))
            st.button("Down", key=f"path_down_{i}", disabled=i == len(path.stops) - 1, on_click=_move, args=(i, 1))
            st.button("Remove", key=f"path_off_{i}", on_click=_move, args=(i, 0))
        if title.strip() and title != stop.title:
            stops = [*path.stops[:i], stop._replace(title=title), *path.stops[i + 1 :]]
            state["path"] = path = path._replace(stops=numbered(stops))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button("Download", path.file, "unrolled-path.json", "application/json", on_click="ignore")
        st.button("Open it here", on_click=_open, args=(path,))
    try:
        address = urlsplit(st.context.url or "")
        st.code(f"{address.scheme}://{address.netloc}{address.path}?path={path.link}", language=None, wrap_lines=True)
    except PathError as error:
        st.info(str(error))


def _move(i: int, by: int) -> None:
    """A stop one place up or down; 0 takes it out."""
    stops = list(st.session_state["path"].stops)
    stop = stops.pop(i)
    if by:
        stops.insert(i + by, stop)
    st.session_state["path"] = st.session_state["path"]._replace(stops=numbered(stops))


def _open(path: Path | None) -> None:
    """This path in place of the story; None for the story. In the link, where it is short enough, it outlives the session."""
    st.session_state["opened"] = path or Path("", ())
    st.query_params.clear()
    if path:
        with suppress(PathError):
            st.query_params["path"] = path.link
    st.session_state.pop("story_at", None)


def _brought(shown: Path) -> None:
    file = st.file_uploader("Open a path from a file", type="json", key="path_file")
    if file:
        try:
            brought = read_path(file.getvalue()[:MOST_READ].decode("utf-8", errors="replace"))
        except PathError as error:
            st.warning(plain(str(error)))
        else:
            st.button(f"Open “{plain(brought.name)}”, {len(brought.stops)} stops", on_click=_open, args=(brought,))
    if shown.stops:
        st.button("Back to the story of the app", on_click=_open, args=(None,))
