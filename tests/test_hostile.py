"""No text of any kind may raise on any page: an exception inside a page takes the visitor's text box away."""

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from rnn_demo.tasks import TASKS

# Words that mean something to HTML, Markdown, Plotly, Streamlit, a spreadsheet, a shell or a tokeniser.
PIECES = (
    *("Stop!", "no", "hello", "I like it. She is late.", "Tom's", "don't", "U.S.", "No.", "2021-05-12", "7-Eleven", "...", "--"),
    *("<b>bold</b>", "<script>alert(1)</script>", "&amp;", "$x$", ":red[x]", ":material/home:", "**", "`", "|", "# ", "[a](b)"),
    *("=1+1", "%s", "{0}", "\\", "\x00", "\r\n", "\t", "\u200b", "\u00ad", "\u202e", "\ufeff", "\u2011", "e\u0301", "\u0301"),
    *("\ud83d", "👍🏽", "👨‍👩‍👧", "🇫🇷", "李明", "नमस्ते", "مرحبا Microsoft", "ﬁ", "Ａ", "\U000e0041", "x" * 300, "a@b.co"),
)
texts = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=6).map(" ".join),
    st.lists(st.sampled_from(PIECES), max_size=6).map("".join),
    st.text(st.characters(), max_size=60),
)


def show(name):
    from rnn_demo.app.task_page import task_page
    from rnn_demo.tasks import TASKS

    task_page(TASKS[name])


@pytest.fixture(scope="module", params=TASKS)
def app(request):
    app = AppTest.from_function(show, args=(request.param,), default_timeout=60)
    app.query_params["lens"] = "figures"
    app.run()
    assert not app.exception
    return request.param, app


@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts)
@example("")
@example("hello")
@example("no no no")
@example("Stop!")
@example("?")
def test_no_text_raises_on_any_page(app, text):
    task, page = app
    page.session_state[f"{task}_text"] = text
    page.run()
    assert not page.exception and not page.error
    assert page.session_state[f"{task}_text"] == text


@pytest.mark.parametrize("text", ["", "hello", "no no no", "Stop!"])
@pytest.mark.parametrize("task", TASKS)
def test_a_link_may_bring_any_text(task, text):
    app = AppTest.from_function(show, args=(task,), default_timeout=60)
    app.query_params["text"] = text
    app.run()
    assert not app.exception and not app.error


def test_where_there_is_no_second_order_the_page_says_what_it_needs():
    app = AppTest.from_function(show, args=("order",), default_timeout=60)
    app.query_params["text"] = "no no no"
    app.run()
    assert any("Type two different words" in element.proto.body for element in app.get("html"))
