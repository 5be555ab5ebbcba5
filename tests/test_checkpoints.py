import json
import shutil

import numpy as np
import pytest
from conftest import MODELS
from safetensors.torch import load_file, save_file

from rnn_demo.networks.checkpoints import load, load_vectors, read
from rnn_demo.networks.weight_files import PRETRAINED, WeightsError
from rnn_demo.tasks import TASKS
from rnn_demo.text import fold
from rnn_demo.train.vectors import nearest


@pytest.fixture
def folder(tmp_path):
    shutil.copy(PRETRAINED / "tag-gru.safetensors", tmp_path)
    return tmp_path


def test_a_missing_file_names_itself_and_the_cure(tmp_path):
    with pytest.raises(WeightsError, match=r"tag-gru.safetensors: the file is missing.*git restore .*/tag-gru.safetensors"):
        load("tag", "gru", tmp_path)


@pytest.mark.parametrize("keep", [0, 7, 1000, 500_000])
def test_a_damaged_file_names_itself_and_the_cure(folder, keep):
    path = folder / "tag-gru.safetensors"
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(WeightsError, match="tag-gru.safetensors: the file is damaged.*git restore"):
        load("tag", "gru", folder)


def test_tensors_of_another_shape_are_refused(folder):
    path = folder / "tag-gru.safetensors"
    tensors, (_, header) = load_file(path), read(path)
    header["config"]["hidden_size"] += 1
    save_file(tensors, path, {"rnn_demo": json.dumps(header)})
    with pytest.raises(WeightsError, match="do not fit"):
        load("tag", "gru", folder)


@pytest.mark.parametrize(("task", "cell"), MODELS)
def test_every_weight_file_explains_itself(task, cell):
    header = load(task, cell).header
    assert header["command"].startswith(f"python -m rnn_demo.train {task} --cell {cell} --data ../shared/data")
    assert header["sources"] and header["failures"] and header["training"]
    assert len(TASKS[task].prints.scores(header)) > 1


@pytest.mark.parametrize(("task", "megabytes"), [("tag", 12.4), ("rate", 8), ("name", 2), ("translate", 25), ("order", 15)])
def test_weights_stay_small(task, megabytes):
    sizes = [(PRETRAINED / f"{task}-{cell}.safetensors").stat().st_size for cell in TASKS[task].words.cells]
    assert sum(sizes) <= megabytes * 1e6


def test_what_pages_share_stays_small():
    assert (PRETRAINED / "glove100d.safetensors").stat().st_size <= 8_000_000
    assert (PRETRAINED / "names_us.tsv.gz").stat().st_size <= 600_000


def test_the_nearest_words_are_those_with_the_largest_cosine():
    table = load_vectors()
    rows = [table.row(word) for word in ("microsoft", "india", "anna", "the")]
    vectors = table.vectors(np.arange(len(table.words)))
    for row in rows:
        cosine = vectors @ vectors[row] / np.linalg.norm(vectors, axis=1)
        best = np.argsort(-cosine)[1:6]
        assert sorted(table.near[row].tolist()) == sorted(best.tolist())
    assert table.nearest("Microsoft")[0] == "google" and table.nearest("xqzzt") == ()
    assert nearest(np.array([[1.0, 0], [1, 0.1], [0, 1]], dtype=np.float32), 1).tolist() == [[1], [0], [1]]


def test_words_are_found_however_they_are_written():
    table = load_vectors()
    assert table.row("India") == table.row("INDIA") >= 0
    assert table.row("Café") >= 0
    assert fold("2024’s") == "0000's"
