"""Small networks that learn: jobs and their rivals, the loop, gradients by distance, links, files, bad input, the command line."""

import json
import math
import subprocess
import sys
from urllib.parse import parse_qsl

import numpy as np
import pytest
import torch
from conftest import ROOT

from rnn_demo.__main__ import main
from rnn_demo.cells import CELLS, unroll
from rnn_demo.learn import JOBS, brackets, curve, labels, names
from rnn_demo.learn.base import Batch, InputError, Setup
from rnn_demo.learn.files import code, command, fitting, from_bytes, to_bytes
from rnn_demo.learn.learning import Learning, gradient, learn, logp, solved
from rnn_demo.learn.network import fresh
from rnn_demo.learn.reading import task_of
from rnn_demo.learn.setup import LINK_CHARS, checked, linked, read_link, set_up, sound, usual, write_link
from rnn_demo.lenses import LENSES, View

SMALL = {"hidden": 6, "length": 6, "batch": 4}


def small(job: str, **given) -> Setup:
    return set_up(job, **SMALL | given)


def ended(setup: Setup, steps: int):
    """The last moment of a training."""
    (moment,) = [moment for moment in learn(setup, steps, often=steps) if moment.step]
    return moment


@pytest.mark.parametrize("job", JOBS)
@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("layers", [1, 2])
def test_every_job_learns_with_every_cell_and_can_be_looked_at_through_every_lens(job, cell, layers):
    setup = small(job, cell=cell, layers=layers)
    first, last = learn(setup, 3, often=3)
    assert (first.step, last.step, len(last.losses)) == (0, 3, 3)
    assert all(math.isfinite(value) for value in (first.loss, last.loss, last.accuracy, *last.gradient))
    assert any((first.weights[name] != last.weights[name]).any() for name in first.weights)
    network = fresh(setup)
    fitting(network, last.weights)
    task = task_of(network)
    reading = task.read(network, network.data.example, {}, None)
    np.testing.assert_array_equal(reading.probs, last.example.probs)
    for lens in LENSES.values():
        view = View(task, network.eval().requires_grad_(False), reading, len(reading.columns), "", lambda cell: network)
        assert json.dumps(lens.numbers(view))
        lens.panels(view)


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("cell", CELLS)
def test_a_trace_is_what_pytorchs_own_layer_does(cell, layers):
    network = fresh(small("parity", cell=cell, layers=layers))
    (trace,) = network.trace("01101")
    x = torch.nn.functional.one_hot(torch.tensor([0, 1, 1, 0, 1]), 2).float()
    np.testing.assert_allclose(trace.h, network.layer(x)[0].detach(), atol=1e-6)
    np.testing.assert_allclose(trace.logits, network(x[None])[0].detach(), atol=1e-6)


def test_the_same_setup_learns_the_same_curve_also_when_it_is_put_away_in_between():
    setup = small("brackets")
    whole = ended(setup, 12)
    learning = Learning(setup)
    list(learning.steps(5))
    list((again := Learning(setup, learning.state)).steps(7))
    for name, weight in whole.weights.items():
        np.testing.assert_array_equal(weight, again.weights[name])
    assert whole.losses[5:] == tuple(again.losses)
    assert ended(setup._replace(seed=2), 12).loss != whole.loss


@pytest.mark.parametrize("cell", CELLS)
def test_the_gradient_by_distance_is_that_of_autograd_and_of_a_tiny_step(cell):
    """Autograd through the steps of cells.py, and a difference of two losses, neither of which knows PyTorch's layer."""
    network = fresh(small("first", cell=cell)).double()
    network.inputs = lambda x: torch.nn.functional.one_hot(x, 8).double()
    held = network.data.held_out
    row = Batch(held.x[:1], held.y[:1])
    found = gradient(network, row)
    xs = network.inputs(torch.from_numpy(row.x[0])).requires_grad_()

    def nats(xs):
        (h, *_), _ = unroll(cell, network.layer.all_weights[0], xs)
        return -network.readout(h[-1]).log_softmax(-1)[int(row.x[0, 0])]

    (slope,) = torch.autograd.grad(nats(xs), xs)
    np.testing.assert_allclose(found, slope.norm(dim=-1).numpy()[::-1], rtol=1e-5)
    step = 1e-6 * slope[0] / slope[0].norm()
    along = torch.zeros_like(slope)
    along[0] = step
    with torch.no_grad():
        difference = (nats(xs + along) - nats(xs - along)) / 2e-6
    assert found[-1] == pytest.approx(difference.item(), rel=1e-4)


def test_a_place_between_two_answers_asks_for_both():
    logits = torch.tensor([[0.0, 1.0, 3.0]])
    one, two = logits.log_softmax(-1)[0, 1:]
    assert logp(logits, torch.tensor([1.25])).item() == pytest.approx(0.75 * one.item() + 0.25 * two.item())
    assert logp(logits, torch.tensor([2.0])).item() == pytest.approx(two.item())


def test_closing_brackets_worked_by_hand():
    numbers = lambda row: [brackets.SIGNS.index(sign) for sign in row]
    assert [brackets.LABELS[k] for k in brackets.closing(numbers("([]{})("))] == [")", "]", ")", "}", ")", "none", ")"]
    rng = np.random.default_rng(1)
    for _ in range(50):  # what is made fits: taking fitting pairs out leaves brackets that open, and no others
        row = "".join(brackets.SIGNS[k] for k in brackets.row(rng, 20))
        for _ in range(10):
            row = row.replace("()", "").replace("[]", "").replace("{}", "")
        assert set(row) <= set("([{") and len(row) <= brackets.DEEPEST


def test_rivals_by_hand():
    assert JOBS["first"].data(small("first")).rival[1:] == (math.log(8), 1 / 8)
    words = "\n".join(["ab"] * 1 + ["abab", "ba", "bab", "aba", "baba"])
    data = JOBS["names"].data(small("names", text=words, length=10))
    assert data.answers.labels == ("a", "b", names.END) and 0 < data.rival.score < 1
    text = "\n".join([f"yes\tgo {n}" for n in range(15)] + [f"no\tgo {n}" for n in range(5)])
    asked = JOBS["labels"].data(small("labels", text=text))
    kinds = [asked.answers.labels[int(place)] for place in asked.held_out.y[~np.isnan(asked.held_out.y)]]
    assert asked.rival.score == pytest.approx(kinds.count("yes") / len(kinds))
    sine = JOBS["curve"].data(small("curve", length=20))
    middle = np.eye(curve.LEVELS)[[curve.LEVELS // 2]]
    places = sine.held_out.y[~np.isnan(sine.held_out.y)]
    assert sine.score(middle.repeat(len(places), 0), places) == pytest.approx(0, abs=1e-6)  # the rival, "as now"


def test_what_is_held_out_is_never_learnt():
    data = JOBS["names"].data(set_up("names"))
    learnt = {tuple(row) for seed in range(40) for row in data.batch(np.random.default_rng(seed), 64, 30).x.tolist()}
    width = max(map(len, learnt))
    padded = {tuple(row) + (0,) * (width - len(row)) for row in learnt}
    assert not padded & {tuple(row) + (0,) * (width - len(row)) for row in data.held_out.x.tolist()}
    values, first, length = curve.spans(set_up("curve", text="sea"))
    scale = curve.Scale(values)
    newest = scale.x(values[:first])[:, 0].max()
    seen = [JOBS["curve"].data(set_up("curve", text="sea")).batch(np.random.default_rng(n), 64, 50).x[..., 0] for n in range(5)]
    assert max(batch.max() for batch in seen) <= newest + 1e-6


@pytest.mark.parametrize(
    ("job", "text", "says"),
    [
        ("names", "", "Paste names or words"),
        ("names", "one", "too few"),
        ("names", "\x00\x01ELF", "plain text"),
        ("names", "\n".join(chr(0x4E00 + n) for n in range(90)), "60 different signs"),
        ("labels", "", "Paste lines"),
        ("labels", "yes\tgo", "nothing to tell apart"),
        ("labels", "\n".join(f"yes\tgo {n}" for n in range(20)), "nothing to tell apart"),
        ("labels", "yes\tgo\nno go", "Line 2"),
        ("labels", "yes: go\n: go", "Line 2"),
        ("labels", "\n".join(f"{n}\tgo" for n in range(20)), "8 at most"),
        ("labels", "\x00", "plain text"),
        ("curve", "", "at least 60 numbers"),
        ("curve", "1 2 3", "too few"),
        ("curve", "\n".join([*map(str, range(80)), "nan"]), "Value 81, “nan”, is not a number"),
        ("curve", " ".join(["7"] * 80), "never changes"),
        ("curve", "1e400 " * 80, "is not a number"),
        ("curve", "\x00\x01", "plain text"),
        ("curve", "drawn.", "too few|broken"),
        ("curve", "drawn.AAA", "is broken"),
        ("curve", "drawn.A é" * 30, "is broken"),
        ("curve", "drawn." + "AA" * 59, "59 values are too few"),
        ("curve", "drawn." + "AA" * 601, "is broken"),
        ("curve", "drawn." + "AA" * 200, "never changes"),
    ],
)
def test_bad_input_is_told_what_to_do(job, text, says):
    with pytest.raises(InputError, match=says):
        checked(set_up(job, text=text))


@pytest.mark.parametrize(("job", "line"), [("names", "wren {}"), ("labels", "yes\tgo {}"), ("curve", "{}")])
def test_of_a_million_lines_the_first_are_learnt(job, line):
    other = "no\tstop {}" if job == "labels" else line
    text = "\n".join((other if n % 2 else line).format(n % 977) for n in range(1_000_000))
    setup, note = checked(set_up(job, text=text))
    assert ("first" in note or job == "curve") and len(setup.text) < 70_000
    assert ended(setup._replace(**SMALL), 1).step == 1


def test_labels_may_end_with_a_colon_since_no_box_takes_a_tab():
    wanted = [("yes", "go: now"), ("a:b", "c")]
    assert labels.pairs_of("\n".join(["yes: go: now", "a:b\tc"] * 5))[0] == wanted * 5


@pytest.mark.parametrize("between", [" ", "\n", ", "])
def test_of_a_curve_that_is_too_long_no_number_is_cut(between):
    values = [1e6 + n + 0.123456789 for n in range(10_000)]
    found, note = curve.reads(between.join(map(repr, values)))
    kept = len(found.split())
    assert 2000 < kept < 5000 and f"The first {kept:,} values" in note
    assert found.split() == [f"{value:g}" for value in values[:kept]]
    longest = " ".join(["-123456789"] * 2000 + ["-987654321"] * 8000)  # what is learnt from is as long as it was
    assert curve.reads(curve.reads(longest)[0])[0] == curve.reads(longest)[0]


def test_what_no_dial_can_be_set_to_is_as_usual():
    odd = {"cell": "gpt", "hidden": 10**6, "layers": 0, "length": -1, "batch": 10**9, "rate": math.inf, "clip": None, "seed": 10**9}
    assert sound(JOBS["first"].usual._replace(**odd)) == JOBS["first"].usual
    for setup in (usual("first", "rnn"), set_up("curve", rate=0.0123456789), set_up("parity", hidden=7, clip=False)):
        assert sound(setup) == setup


def test_a_text_that_a_link_has_no_room_for_is_left_out_of_it():
    for text, fits in (("x" * LINK_CHARS, True), ("x" * (LINK_CHARS + 1), False), ("语" * (LINK_CHARS // 9 + 1), False)):
        setup = set_up("names", text=text)
        assert linked(setup) == fits == ("text" in dict(parse_qsl(write_link(setup)))) and len(write_link(setup)) < 8000


def test_curves_are_read_in_any_layout():
    values = [float(n % 7) for n in range(80)]
    for text in (
        " ".join(map(str, values)),
        "\n".join(map(str, values)),
        "month,value\n" + "\n".join(f"1749-{n:02},{value}" for n, value in enumerate(values)),
        ", ".join(map(str, values)),
    ):
        assert curve.parse(text) == values


def hand(height, values: int = 200) -> str:
    """A curve as the pad writes it: height(part of the way from left to right) is 0 to 1."""
    found = [round(height(i / (values - 1)) * 4095) for i in range(values)]
    return curve.DRAWN + "".join(curve.HEIGHTS[value >> 6] + curve.HEIGHTS[value & 63] for value in found)


def wave(part: float) -> float:
    """Five waves of changing height, as a hand draws them."""
    return 0.5 + (0.3 + 0.1 * math.sin(7 * part)) * math.sin(10 * math.pi * part)


def test_a_curve_drawn_by_hand_is_learnt_and_short_in_a_link():
    assert curve.parse("drawn.AAgA__") == [0, 0.5001, 1]
    text = hand(wave)
    setup = set_up("curve", text=text)
    assert checked(setup) == (setup, "") and len(write_link(setup)) < 500
    assert read_link(dict(parse_qsl(write_link(setup)))) == (setup, [])
    assert from_bytes(to_bytes(setup, {}, 0))[0] == setup
    assert command(setup).endswith(f"curve --text {text}")
    learning = Learning(setup)
    list(learning.steps(300))
    own, rival = curve.error_ahead(learning.network)
    assert learning.moment().accuracy > 0.5 and own < rival
    assert len(learning.moment().example.facts["alone"]) == curve.AHEAD


def test_links_bring_back_the_setup_and_complain_about_what_is_unusable():
    for setup in (
        set_up("first", cell="rnn", clip=False, rate=0.3),
        set_up("labels", text="a\tb c\nd\te f"),
        set_up("curve", text="sea"),
    ):
        params = dict(parse_qsl(write_link(setup)))
        read, problems = read_link(params)
        if setup.job == "labels":  # two lines are too few
            assert problems and read == JOBS["labels"].usual
        else:
            assert (read, problems) == (setup, [])
    read, problems = read_link(
        {"job": "parity", "hidden": "0", "rate": "nan", "clip": "maybe", "cell": "gpt", "seed": "-1", "length": "9e9"}
    )
    assert read == JOBS["parity"].usual and len(problems) == 6
    assert read_link({"job": "nothing"})[0] == JOBS["first"].usual


def test_a_file_brings_the_network_back_and_pytorch_alone_can_load_it(tmp_path, monkeypatch):
    setup = small("parity", cell="lstm", layers=2)
    moment = ended(setup, 2)
    data = to_bytes(setup, moment.weights, moment.step)
    again, weights, step = from_bytes(data)
    assert (again, step) == (setup, 2)
    fitting(fresh(again), weights)
    (tmp_path / "net.safetensors").write_bytes(data)
    monkeypatch.chdir(tmp_path)
    network = fresh(setup)
    fitting(network, moment.weights)
    found = subprocess.run([sys.executable, "-c", code(network, "net.safetensors")], capture_output=True, text=True, check=True)
    wanted = network(torch.zeros(1, 1, 2)).softmax(-1)[0, 0].tolist()
    assert [float(word) for word in found.stdout.split("[[[")[1].split("]")[0].split(",")] == pytest.approx(wanted, abs=1e-4)


def test_the_lines_of_pytorch_load_every_weight_also_the_learnt_numbers_of_many_words(tmp_path, monkeypatch):
    text = "\n".join(f"{'yes' if n % 2 else 'no'}\tword{n} and{n}" for n in range(60))
    setup = small("labels", text=text)
    network = fresh(setup).eval()
    assert network.embedding
    (tmp_path / "net.safetensors").write_bytes(to_bytes(setup, {name: w.numpy() for name, w in network.state_dict().items()}, 0))
    monkeypatch.chdir(tmp_path)
    found: dict = {}
    exec(code(network, "net.safetensors"), found)
    x = network.inputs(torch.zeros(1, 1, dtype=torch.long))
    torch.testing.assert_close(found["x"], x)
    torch.testing.assert_close(found["readout"](found["layer"](x)[0]), network(x))


def test_files_that_are_not_ours_are_refused():
    setup = small("parity")
    weights = ended(setup, 1).weights
    good = to_bytes(setup, weights, 1)
    for bad in (b"", b"\x80\x04pickle", good[:40], good[:-8], b"\xff" * 100, good.replace(b"F32", b"I32"), bytes(2_000_000)):
        with pytest.raises(InputError):
            fitting(fresh(from_bytes(bad)[0]), from_bytes(bad)[1])
    lacking = {name: weight for name, weight in weights.items() if name != "readout.bias"}
    nan = weights | {"readout.bias": weights["readout.bias"] * np.nan}
    for odd, says in (
        (weights | {"more": np.zeros(1, np.float32)}, "which such a network has not"),
        (weights | {"readout.bias": np.zeros(9, np.float32)}, "its setup asks for"),
        (lacking, "lacks"),
        (nan, "exploded"),
    ):
        with pytest.raises(InputError, match=says):
            fitting(fresh(setup), from_bytes(to_bytes(setup, odd, 1))[1])


def test_how_far_a_network_reaches_is_told_length_by_length():
    network = fresh(small("parity"))
    longest, scores = solved(network)
    assert longest == 0 and all(0.3 < score < 0.7 for length, score in scores.items() if length > 20)
    assert solved(fresh(small("curve", length=20))) == (0, {})


def test_the_command_learns_and_writes_a_line_of_json_a_moment(tmp_path, capsys):
    file = tmp_path / "net.safetensors"
    flags = ["first", "--cell", "rnn", "--hidden", "8", "--length", "4", "--seed", "3", "--steps", "60"]
    run = [sys.executable, "-m", "rnn_demo", "learn", *flags]
    done = subprocess.run([*run, "--json", "--out", str(file)], cwd=ROOT, capture_output=True, text=True, check=True)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["step"] for line in lines] == list(range(0, 61, 2))
    assert all(list(line) == ["step", "loss", "accuracy", "rival", "gradient"] and len(line["gradient"]) == 4 for line in lines)
    wanted = [moment.as_json() for moment in learn(set_up("first", cell="rnn", hidden=8, length=4, seed=3), 60)]
    assert lines == wanted and from_bytes(file.read_bytes())[2] == 60
    for odd in (
        ["first", "--hidden", "0"],
        ["first", "--rate", "nan"],
        ["curve", "--text", ""],
        ["first", "--text", "a"],
        ["first", "--steps", "0"],
    ):
        with pytest.raises(SystemExit) as ended_with:
            main(["learn", *odd])
        assert ended_with.value.code == 2 and "argument --" in capsys.readouterr().err


def test_what_has_exploded_is_null_in_json():
    moment = ended(small("first"), 1)._replace(loss=math.nan, gradient=(math.inf, 0.5))
    assert moment.as_json()["loss"] is None and moment.as_json()["gradient"] == [None, 0.5]


def test_labels_are_told_apart_by_the_order_of_their_words():
    """The usual lines say the same words in three orders: what is learnt cannot be a bag of words."""
    pairs, _ = labels.pairs_of(labels.USUAL)
    bags = {}
    for label, sentence in pairs:
        bags.setdefault(frozenset(labels.words_of(sentence)), set()).add(label)
    assert any(len(kinds) > 1 for kinds in bags.values())
    assert ended(set_up("labels"), 120).accuracy == 1


def test_what_has_exploded_ends_and_its_last_reading_stays():
    learning = Learning(small("first"))
    list(learning.steps(1))
    before = learning.moment()
    with torch.no_grad():
        learning.network.readout.weight.fill_(math.nan)
    assert list(learning.steps(5)) == [2] and learning.exploded
    after = learning.moment()
    assert math.isnan(after.loss) and after.example is before.example and json.dumps(after.as_json())


def test_what_was_learnt_from_is_read_again_as_it_is():
    texts = {"names": f"{'a' * 29} tail\n▸ b\nc\nd\ne\nf", "labels": f"{'l' * 19} x\tdon't go!\n" + "no\tstay here\n" * 9}
    for job, text in texts.items():
        setup, _ = checked(set_up(job, text=text))
        assert checked(setup)[0] == setup
    said = ["I can't. Don't!", "it's 3 p.m. (or 4) in the U.S.", "“so”, he said: 5,000 %"]
    data = JOBS["labels"].data(checked(set_up("labels", text="\n".join(f"{n % 2}\t{said[n % 3]}" for n in range(12))))[0])
    assert data.example in said
    assert [token.text.lower() for token in data.pieces(data.example)] == labels.words_of(data.example)


def test_a_remark_counts_the_lines_that_are_learnt():
    assert names.reads("\n\n".join(f"{i}a" for i in range(400)))[1] == ""
    assert names.reads("\n".join(f"{i}a" for i in range(600)))[1].startswith("Of 600 lines the first 500 ")
    long = "\n".join(f"{i:04}{'b' * 195}" for i in range(400))  # 80,000 characters
    assert names.reads(long)[1].startswith("Of 400 lines the first 300 ")


def test_the_command_learns_from_the_same_text():
    assert command(set_up("curve", text="sunspots")) == "python -m rnn_demo learn curve --text sunspots"
    assert command(set_up("names", text="a\nb")).endswith("names --text - < text.txt")
    assert "--text" not in command(set_up("names", hidden=8))
