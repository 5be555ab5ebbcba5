"""Every training, in small, with the real command: toys.py makes the data."""

import random

import pytest
import torch
from conftest import MODELS
from toys import TOYS, set_up

from rnn_demo.networks import checkpoints, weight_files
from rnn_demo.tasks import TASKS
from rnn_demo.train import __main__ as command
from rnn_demo.train import recipe as recipes
from rnn_demo.train import run
from rnn_demo.train.recipe import Recipe, load_recipe, train
from rnn_demo.train.run import Plan

# What the loss was at the first three steps of each toy: any change in data, batches, network, noise or loss changes it.
LOSSES = {
    ("tag", "rnn"): [2.46037, 2.43330, 2.38689],
    ("tag", "gru"): [2.36685, 2.37953, 2.50379],
    ("tag", "lstm"): [2.14101, 2.11491, 2.16502],
    ("tag", "bilstm"): [2.17981, 2.21205, 2.14505],
    ("rate", "rnn"): [0.65777, 1.57533, 1.90835],
    ("rate", "gru"): [0.54537, 1.21003, 1.39117],
    ("rate", "lstm"): [0.52340, 1.15347, 1.40808],
    ("rate", "bilstm"): [0.51978, 1.09622, 1.30103],
    ("name", "rnn"): [3.61502, 3.86328, 3.55111],
    ("name", "gru"): [3.51316, 3.40367, 3.57161],
    ("name", "lstm"): [3.43286, 3.40801, 3.47097],
    ("translate", "attention"): [5.76737, 5.73136, 5.75135],
    ("translate", "plain"): [5.76344, 5.80117, 5.73607],
    ("order", "rnn"): [2.68330, 2.09354, 2.42132],
    ("order", "gru"): [2.53194, 2.16212, 2.33682],
    ("order", "lstm"): [2.65152, 2.19459, 2.35497],
}


def weights(out, task: str, cell: str) -> dict[str, torch.Tensor]:
    return checkpoints.read(out / f"{task}-{cell}.safetensors")[0]


@pytest.fixture
def losses(monkeypatch):
    """What fit yields, as it goes."""
    seen = []

    def spying(*words):
        for progress in fit(*words):
            seen.append(progress.loss)
            yield progress

    fit = run.fit
    monkeypatch.setattr(run, "fit", spying)
    return seen


@pytest.mark.parametrize(("task", "cell"), MODELS)
def test_the_first_losses_are_known(task, cell, tmp_path, monkeypatch, losses):
    data, out = set_up(task, tmp_path, monkeypatch, steps=3, epochs=1)
    train(load_recipe(task), task, cell, data, out)
    assert losses[-3:] == pytest.approx(LOSSES[task, cell], rel=1e-3)
    header = checkpoints.load(task, cell, out).header
    assert (header["task"], header["cell"]) == (task, cell)
    assert header["command"] == f"python -m rnn_demo.train {task} --cell {cell} --data ../shared/data"
    assert header["training"].items() >= {"seed": 1, "epochs": 1, "best_epoch": 1}.items()
    shipped = weight_files.read_header(weight_files.PRETRAINED / f"{task}-{cell}.safetensors")
    assert header.keys() | {"scores"} == shipped.keys() - {"reliability", "units"}
    assert header["training"].keys() == shipped["training"].keys() - {"from"}
    assert not list(out.glob("*.resume*"))


@pytest.mark.parametrize("task", TASKS)
def test_the_command_makes_a_network_from_nothing_that_has_learnt(task, tmp_path, monkeypatch, capsys):
    data, out = set_up(task, tmp_path, monkeypatch)
    cell = TASKS[task].cell.default
    words = ["train", task, "--cell", cell, "--data", str(data), "--out", str(out), "--threads", "1"]
    monkeypatch.setattr("sys.argv", words)
    assert command.main() == 0
    printed, header = capsys.readouterr(), checkpoints.load(task, cell, out).header
    assert TOYS[task].learnt(header["scores"])
    epochs = TOYS[task].plan.epochs
    assert f"{task}-{cell} epoch {epochs}/{epochs}: " in printed.err and f"{task}-{cell} epoch {epochs}: dev " in printed.err
    rows = TASKS[task].prints.scores(header)[1:]
    assert rows and all(" | ".join(row) in printed.out for row in rows)
    assert all(" | ".join((cell, *row)) in (out / "README.md").read_text("utf-8") for row in rows)

    first = weights(out, task, cell)
    monkeypatch.setattr("sys.argv", [*words, "--evaluate"])
    assert command.main() == 0
    assert weight_files.read_header(out / f"{task}-{cell}.safetensors") == header
    again = weights(out, task, cell)
    assert all(torch.equal(first[name], again[name]) for name in first)


@pytest.mark.parametrize("task", TASKS)
def test_training_goes_on_from_earlier_weights_and_says_so(task, tmp_path, monkeypatch):
    data, out = set_up(task, tmp_path, monkeypatch, steps=4, epochs=2)
    cell = TASKS[task].cell.default
    words = ["train", task, "--cell", cell, "--data", str(data), "--out", str(out), "--threads", "1"]
    train(load_recipe(task), task, cell, data, out)
    earlier = out.rename(tmp_path / "earlier")
    before, header = checkpoints.read(earlier / f"{task}-{cell}.safetensors")
    out.mkdir()
    (out / checkpoints.VECTORS).symlink_to(weight_files.PRETRAINED / checkpoints.VECTORS)
    monkeypatch.setattr("sys.argv", [*words, "--from", str(earlier), "--epochs", "1", "--rate", "1e-9"])
    assert command.main() == 0
    after, onward = checkpoints.read(out / f"{task}-{cell}.safetensors")
    moved = [name for name in before if not torch.allclose(before[name].float(), after[name].float(), atol=1e-4)]
    assert all(name.startswith("readout") for name in moved)  # which alone may have been given another temperature
    assert onward["command"] == f"{header['command']} --from {earlier} --epochs 1 --rate 1e-09"
    assert onward["training"]["epochs"] == 1 and onward["training"]["from"]["epochs"] == 2


def test_who_goes_on_keeps_the_words_that_the_earlier_weights_have_rows_for(tmp_path, monkeypatch):
    data, out = set_up("rate", tmp_path, monkeypatch, steps=1, epochs=1)
    train(load_recipe("rate"), "rate", "gru", data, out, run.Onward(weight_files.PRETRAINED, 1, 1e-9))
    shipped = weight_files.read_header(weight_files.PRETRAINED / "rate-gru.safetensors")
    header = weight_files.read_header(out / "rate-gru.safetensors")
    assert [header[part] for part in ("config", "moved_words")] == [shipped[part] for part in ("config", "moved_words")]


class Killed(Exception):
    """Stands for the plug that somebody pulls."""


@pytest.mark.parametrize("task", TASKS)
def test_a_killed_run_goes_on_to_the_same_weights(task, tmp_path, monkeypatch, capsys):
    data, out = set_up(task, tmp_path, monkeypatch, steps=4, epochs=3)
    cell, close = next(iter(TASKS[task].words.cells)), run.Run.close_epoch
    train(load_recipe(task), task, cell, data, out)
    whole = weights(out, task, cell)
    (out / f"{task}-{cell}.safetensors").unlink()

    def die_after_two(self, score):
        close(self, score)
        if self.epoch == 2:
            raise Killed

    monkeypatch.setattr(run.Run, "close_epoch", die_after_two)
    with pytest.raises(Killed):
        train(load_recipe(task), task, cell, data, out)
    monkeypatch.setattr(run.Run, "close_epoch", close)
    capsys.readouterr()
    train(load_recipe(task), task, cell, data, out)
    assert "Going on after epoch 2." in capsys.readouterr().err
    parts = weights(out, task, cell)
    assert all(torch.equal(whole[name], parts[name]) for name in whole)


@pytest.mark.parametrize("task", TASKS)
def test_missing_data_is_named(task, monkeypatch, tmp_path, capsys):
    words = ["train", task, "--cell", TASKS[task].cell.default, "--data", str(tmp_path), "--out", str(tmp_path)]
    monkeypatch.setattr("sys.argv", words)
    assert command.main() == 2
    said = capsys.readouterr().err
    assert f"{tmp_path}/" in said and ".gz" in said and "pretrained/README.md" in said


def test_a_recipe_is_a_small_record_and_every_task_has_one():
    assert len(Recipe._fields) <= 10
    for task in TASKS.values():
        assert set(load_recipe(task.name).plan) >= set(task.words.cells)


@pytest.mark.parametrize(("task", "cell"), MODELS)
def test_a_page_tells_the_failures_of_its_own_cell(task, cell):
    model = checkpoints.load(task, cell)
    assert model.header["failures"] == [failure.words for failure in load_recipe(task).failures if failure.seen(model)]


@pytest.mark.parametrize("kind", ["rnn", "gru"])
def test_only_a_network_without_gates_begins_by_carrying_its_state(kind):
    header = weight_files.read_header(weight_files.PRETRAINED / f"name-{kind}.safetensors")
    weight = recipes.fresh(header).layer.weight_hh_l0
    carried = len(weight) == 224 and torch.equal(weight, 0.7 * torch.eye(224))
    assert carried == (kind == "rnn")


def test_the_step_size_grows_and_then_falls_along_a_cosine(tmp_path):
    model = torch.nn.Linear(1, 1)
    schedule = run.Run(model, tmp_path / "x", Plan(steps=50, epochs=4, rate=0.1, warm_up=10, average=0.9)).schedule
    (rate,) = schedule.lr_lambdas
    assert rate(0) == 0 and rate(5) == pytest.approx(0.5 * rate(10) / 1, rel=0.01)
    assert rate(100) == pytest.approx(0.02 + 0.98 * 0.5) and rate(200) == pytest.approx(0.02)


def test_epochs_draw_their_numbers_from_the_seed_and_their_place(tmp_path, monkeypatch):
    """So an epoch is the same whether or not the run was interrupted before it."""
    drawn = []
    for cell in ("a", "b"):
        batches = lambda rng: drawn.append(rng.random()) or [None] * 2
        plan = Plan(steps=2, epochs=2, rate=0.1, warm_up=1, average=0.9)
        loss = lambda model, batch: model(torch.ones(1)).sum()
        run.train_epochs(torch.nn.Linear(1, 1), tmp_path / cell, plan, 7, batches, loss, lambda best: (0.0, {}))
    assert drawn == [random.Random(7000).random(), random.Random(7001).random()] * 2
