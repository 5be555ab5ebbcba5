"""The page through Streamlit's own AppTest: quick, but without a browser."""

import json
import re
import shutil

import pytest
from conftest import CELLS, MODELS, ROOT, SEED
from streamlit.testing.v1 import AppTest

from rnn_demo.app import controls
from rnn_demo.lenses import LENSES
from rnn_demo.networks import weight_files
from rnn_demo.tasks import TASKS
from rnn_demo.view import script, source, style


def page(**link: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "rnn_demo/app/pages.py"), default_timeout=60)
    app.query_params.update(link)
    app.run()
    assert not app.exception
    return app


def test_the_page_opens_on_the_seed_sentence():
    app = page()
    assert app.session_state["tag_text"] == SEED
    assert app.title[0].value.endswith("?")
    assert not app.error and not app.warning


def with_code(name):
    from rnn_demo.app.component import views
    from rnn_demo.app.task_page import task_page
    from rnn_demo.app.train_page import train_page
    from rnn_demo.tasks import TASKS

    views()
    task_page(TASKS[name]) if name in TASKS else train_page()


@pytest.mark.parametrize(("name", "views"), [("tag", ["trace_view"]), ("train", ["learn_view", "trace_view"])])
def test_the_code_of_the_views_comes_once_and_a_key_sends_data_alone(name, views):
    """A component sends its script, markup and rules with each change of its data: of those that change there are next to none."""
    app = AppTest.from_function(with_code, args=(name,), default_timeout=60).run()
    code, *drawn = (element.proto for element in app.get("bidi_component"))
    assert [view.component_name for view in drawn] == views
    for view in drawn:
        assert not (view.html_content or view.css_content) and len(view.js_content) < 400
        (version,) = re.findall(r'unrolled\?\.\["(\w+)"\]', view.js_content)
        assert f'"{version}": {{' in code.js_content and f"\n{view.component_name}: (" in code.js_content
    for part in (style(), source("learn_view.css")):
        assert part.strip() in code.css_content
    for part in (*script().splitlines(), *source("learn_view.js").splitlines()):
        assert part.replace("export default", "const start =").strip() in code.js_content
    for name in ("trace_view", "learn_view"):
        assert json.dumps(source(f"{name}.html")) in code.js_content


@pytest.mark.parametrize("cell", CELLS)
def test_a_link_sets_text_and_cell(cell):
    app = page(text="Olga sings", cell=cell)
    assert app.session_state["tag_text"] == "Olga sings"
    assert app.session_state["tag_cell"] == cell


@pytest.mark.parametrize(("task", "cell"), MODELS)
def test_every_page_opens_with_every_cell_and_with_figures(task, cell):
    app = AppTest.from_function(show, args=(task,), default_timeout=60)
    app.query_params["cell"], app.query_params["lens"] = cell, "figures"
    app.run()
    assert not app.exception and not app.error and not app.warning
    assert app.title[0].value == TASKS[task].words.question
    assert app.session_state[f"{task}_cell"] == cell
    assert len(app.get("plotly_chart")) >= 3


def show(name):
    from rnn_demo.app.task_page import task_page
    from rnn_demo.tasks import TASKS

    task_page(TASKS[name])


@pytest.mark.parametrize("text", ["", "no", "Stop! $x$ :red[<b>] `*` | \\ no"])
@pytest.mark.parametrize("task", TASKS)
def test_every_lens_opens_on_any_text(task, text):
    app = AppTest.from_function(show, args=(task,), default_timeout=60)
    app.query_params["text"] = text
    for lens in LENSES:
        app.session_state[f"{task}_lens"] = lens
        app.run()
        assert not app.exception and not app.error
        assert any(LENSES[lens].question in element.value for element in app.header) or not LENSES[lens].words


def test_a_link_sets_the_unit_and_one_that_is_not_there_gives_way_to_the_loudest():
    link = {"lens": "inside", "step": "4", "unit": "7"}
    assert any("Unit 7 at “Microsoft”" in element.value for element in page(**link).markdown)
    app = page(**link | {"unit": "9999"})
    assert any("more than any other unit does" in element.value for element in app.markdown)
    sliders = {slider.label.split(",")[0]: slider for slider in app.select_slider}
    sliders["Unit"].set_value("31").run()
    assert app.session_state["tag_unit"] == "31" and not app.exception
    app.session_state["tag_cell"] = "bilstm"
    app.run()
    assert app.session_state["tag_unit"] is None and not app.exception


def saved(app: AppTest) -> str:
    """The file that the page hands to a view that has asked for it."""
    (view,) = (element.proto for element in app.get("bidi_component") if element.proto.component_name == "trace_view")
    return json.loads(view.json)[0]["page"]


def test_a_page_is_saved_with_its_lens_as_it_stands_and_once():
    app = page(text="Olga sings in Rome", cell="gru", lens="inside", step="2", unit="7", edits="cut:2")
    assert not saved(app)
    app.session_state["tag_saves"] = True
    few = saved(app.run())
    assert "<b>Unit 7 at “sings”</b>" in few and '"edits":[{' in few and few.count("Heat map") == 2
    (switch,) = (toggle for toggle in app.toggle if toggle.label == "The gates unit by unit")
    switch.set_value(True).run()
    app.session_state["tag_saves"] = True
    assert saved(app.run()).count("Heat map") == 3 and not app.exception
    assert not saved(app.run())


def test_a_link_to_a_name_sets_all_that_it_is_made_from():
    app = AppTest.from_function(show, args=("name",), default_timeout=60)
    link = {"text": "Ma", "sex": "male", "decade": "1950", "temperature": "0.77", "seed": "123", "cell": "lstm"}
    app.query_params.update(link)
    app.run()
    assert not app.exception and not app.warning
    found = {name: app.session_state[f"name_{name}"] for name in link}
    assert found == {"text": "Ma", "sex": "male", "decade": 1950, "temperature": 0.77, "seed": 123, "cell": "lstm"}
    assert app.select_slider("name_temperature").value == 0.77
    app.button("name_seed_roll").click().run()
    assert app.session_state["name_seed"] == 124


def test_a_bad_link_to_a_name_is_named_field_by_field():
    app = AppTest.from_function(show, args=("name",), default_timeout=60)
    app.query_params.update(sex="x", decade="1925", temperature="-1", seed="many", count="0")
    app.run()
    assert not app.exception
    said = [warning.value for warning in app.warning]
    assert len(said) == 5 and all(part in " ".join(said) for part in ("female, male", "1880 to 2020", "positive number"))


@pytest.mark.parametrize("text", ["Zoë", "x" * 5000, "李", "<b>", "   ", "M.", ".", "Ma ry", "\u202e"])
def test_any_first_letters_are_kept_and_break_nothing(text):
    app = AppTest.from_function(show, args=("name",), default_timeout=60)
    app.run()
    app.session_state["name_text"] = text
    app.run()
    assert not app.exception and not app.error
    assert app.session_state["name_text"] == text


def test_a_bad_link_is_named():
    app = page(cell="gpt", step="x")
    assert [warning.value for warning in app.warning] == [
        "The link’s cell is not one of rnn, gru, lstm, bilstm; the usual one is shown instead.",
        "The link’s step is not a whole number from 0 to 60; the usual one is shown instead.",
    ]


def test_what_a_link_had_wrong_is_forgotten_once_something_else_is_chosen():
    app = page(cell="gpt")
    assert app.warning
    app.session_state["tag_cell"] = next(cell for cell in TASKS["tag"].words.cells if cell != TASKS["tag"].cell.default)
    app.run()
    assert not app.warning and not app.exception


@pytest.mark.parametrize("text", ["", "  ", "\u200b", "x" * 20_000, "<script>alert(1)</script>", "a\x00b", "é" * 500])
def test_any_text_is_kept_and_breaks_nothing(text):
    app = page()
    app.session_state["tag_text"] = text
    app.run()
    assert not app.exception and not app.error
    assert app.session_state["tag_text"] == text


def test_missing_weights_are_named_with_their_cure_and_the_page_stays(monkeypatch, tmp_path):
    missing, other = TASKS["tag"].cell.default, "bilstm"
    for path in weight_files.PRETRAINED.iterdir():
        if path.name != f"tag-{missing}.safetensors":
            shutil.copy(path, tmp_path)
    monkeypatch.setattr(weight_files, "PRETRAINED", tmp_path)
    monkeypatch.setattr(controls, "_LOADED", {})
    app = page()
    assert f"tag-{missing}.safetensors: the file is missing" in app.error[0].value and "git restore" in app.error[0].value
    app.session_state["tag_text"] = "Olga"
    app.session_state["tag_cell"] = other
    app.run()
    assert not app.error and app.session_state["tag_text"] == "Olga"


def test_a_damaged_file_is_named_beside_the_picture_that_was_kept_of_it(monkeypatch, tmp_path):
    for path in weight_files.PRETRAINED.iterdir():
        shutil.copy(path, tmp_path)
    damaged = tmp_path / f"tag-{TASKS['tag'].cell.default}.safetensors"
    damaged.write_bytes(damaged.read_bytes()[:5_000])
    monkeypatch.setattr(weight_files, "PRETRAINED", tmp_path)
    monkeypatch.setattr(controls, "_LOADED", {})
    app = page()
    assert f"{damaged.name}: the file is damaged" in app.error[0].value and not app.exception
