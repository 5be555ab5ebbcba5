import numpy as np
import pytest
import torch
from conftest import load

from rnn_demo.names import LONGEST, Seed, brief, describe, known_names, write_names
from rnn_demo.networks.names import NameModel, letter_ids, pick, seed_ids, tempered
from rnn_demo.search import beam, leaves

CELLS = NameModel.CELLS
RUTHS = Seed("female", 1910, "Ru")


@pytest.fixture(scope="module", params=CELLS)
def model(request):
    return load("name", request.param)


def test_the_trace_says_what_pytorch_computes(model):
    trace = model.trace_name("Dorothy", Seed("female", 1920))[0]
    seeds, ids = torch.tensor([seed_ids(Seed("female", 1920))]), torch.tensor([letter_ids("dorothy")])
    h, _ = model.layer(model.inputs(seeds, ids))
    torch.testing.assert_close(torch.tensor(trace.h), h[0], atol=1e-5, rtol=0)
    torch.testing.assert_close(torch.tensor(trace.logits), model(seeds, ids)[0], atol=1e-4, rtol=0)
    assert trace.tokens == ("female 1920s", *"dorothy")
    assert trace.spans.tolist() == [[0, 0], *([i, i + 1] for i in range(7))]
    assert trace.labels == (*"abcdefghijklmnopqrstuvwxyz", "end") and trace.name == "forward"


def test_the_seed_is_read_once_and_each_letter_is_the_next_input(model):
    trace = model.trace_name("anna", Seed("male", 1950))[0]
    same = model.trace_name("anna", Seed("female", 2010))[0]
    np.testing.assert_array_equal(trace.x[1:], same.x[1:])  # after the first step both networks see the same
    np.testing.assert_array_equal(trace.x[1], trace.x[4])  # the two a
    assert np.abs(trace.logits[-1] - same.logits[-1]).max() > 0.1  # and yet the state tells them apart


@pytest.mark.parametrize("temperature", [0.01, 0.7, 1.5])
def test_the_trace_and_the_list_write_the_same_name(model, temperature):
    for number in range(5):
        written = model.write(RUTHS, 1, temperature, number)[0]
        trace = model.trace(RUTHS, temperature, number)[0]
        assert trace.tokens == ("female 1910s", *written)
        assert written.startswith("ru")


def test_a_name_does_not_rest_on_how_many_are_asked_for(model):
    many = model.write(Seed("male"), 1205, number=3)
    assert model.write(Seed("male"), 1, number=3) == many[:1]
    assert model.write(Seed("male"), 17, number=3) == many[:17]
    assert len(set(many)) > 700 and many != model.write(Seed("male"), 1205, number=4)


def test_the_same_seed_gives_the_same_names_on_every_machine():
    names = load("name", "gru").write(Seed("female", 1920, "Ma"), 5, 0.8, 7)
    assert names == ["margaret", "margaritte", "maudelle", "mary", "mary"]


def test_giving_the_letters_that_would_have_come_anyway_changes_nothing(model):
    for name in model.write(Seed("female", 1980), 30, number=9)[:1]:
        for n in range(len(name) + 1):
            assert model.write(Seed("female", 1980, name[:n]), 1, number=9) == [name]


def test_greedy_takes_the_likeliest_letter_every_time(model):
    for seed in (Seed("male", 1900), Seed("female", None, "q")):
        trace = model.trace(seed, 1e-9)[0]
        chosen = (*trace.tokens[1 + len(seed.start) :], "end")
        assert tuple(trace.best[len(seed.start) :]) == chosen
        assert model.write(seed, 3, 1e-9, 5) == ["".join(trace.tokens[1:])] * 3
        assert model.write(seed, 1, 5e-324) == ["".join(trace.tokens[1:])]


def test_names_come_as_often_as_their_probability_says():
    """Against PyTorch's softmax: the first letters of 10,000 names, within four standard deviations."""
    model, seed = load("name", "gru"), Seed("male", 1990)
    for temperature in (0.5, 1.0, 1.5):
        expected = (torch.tensor(model.trace_name("", seed)[0].logits[0]) / temperature).softmax(-1).numpy()
        first = [name[:1] for name in model.write(seed, 10_000, temperature)]
        counts = np.array([first.count(label if label != "end" else "") for label in model.labels])
        assert (np.abs(counts - 10_000 * expected) <= 4 * np.sqrt(10_000 * expected) + 1).all()


def test_scores_are_the_log_probabilities_of_the_trace(model):
    names = ["Mary", "bo", "x", ""]
    seeds = [Seed("female", 1890), Seed("male"), Seed("male", 2020, "ignored"), Seed("female", 1880)]
    for name, seed, nats in zip(names, seeds, model.letter_logprobs(names, seeds), strict=True):
        trace = model.trace_name(name, seed)[0]
        chosen = [trace.labels.index(label) for label in (*name.lower(), "end")]
        np.testing.assert_allclose(nats, np.log(trace.probs[range(len(chosen)), chosen]), atol=1e-4)


def test_the_tree_holds_names_with_their_probabilities(model):
    seed = Seed("female", 1950, "ma")
    root = beam(lambda prefixes: model.next_logprobs(seed, prefixes), model.labels, "end", 8, LONGEST, tuple("ma"))
    found = dict(leaves(root))
    assert len(found) == 8 and root.text == ("m", "a")
    for text, logprob in found.items():
        nats = model.letter_logprobs(["".join(text[:-1])], [seed])[0]
        assert logprob == pytest.approx(float(nats[2:].sum()), abs=1e-3)


def test_what_cannot_be_a_seed_is_named():
    model = load("name", "rnn")
    for seed, message in [
        (Seed("female", 1920, "Zoë"), "'ë' is not one of the letters a to z"),
        (Seed("female", 1920, "a b"), "' ' is not one of"),
        (Seed("other"), "Unknown sex 'other'; choose one of female, male"),
        (Seed("male", 1870), "Unknown decade 1870; choose one of 1880, .*2020"),
        (Seed("male", 1900, "a" * 25), "at most 24 letters; the start has 25"),
    ]:
        with pytest.raises(ValueError, match=message):
            model.write(seed)
        with pytest.raises(ValueError, match=message):
            model.trace(seed)
    for temperature in (0, -1, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="positive number"):
            model.write(Seed("male"), 1, temperature)
    with pytest.raises(ValueError, match="'ß' is not one of"):
        model.letter_logprobs(["Groß"], [Seed("male")])
    assert model.write(Seed("male", 1900, "a" * 24)) == ["a" * 24]
    with pytest.raises(ValueError, match="'gpt'; choose one of rnn, gru, lstm"):
        NameModel("gpt", ["a"], 2, 2)


def test_draws_fall_where_the_probabilities_lie():
    probs = np.array([[0.2, 0.8, 0.0], [0.2, 0.8, 0.0], [0.0, 0.5, 0.5], [0.25, 0.25, 0.5]])
    assert pick(probs, np.array([0.19, 0.2, 0.0, 1 - 1e-16])).tolist() == [0, 1, 1, 2]
    np.testing.assert_allclose(tempered(np.array([[1.0, 3.0]]), 0.5), [[-4.0, 0.0]])


def test_the_cell_that_is_best_on_dev_beats_the_counts_and_invents():
    headers = [load("name", cell).header for cell in CELLS]
    scores = min(headers, key=lambda header: header["training"]["dev_bits"])["scores"]
    assert scores["bits"] < scores["ngram_bits"]
    usual = scores["written"]["1.0"]
    assert abs(usual["sex"] - scores["real"]["sex"]) <= 0.03 and abs(usual["decade"] - scores["real"]["decade"]) <= 0.03
    assert usual["inventions"] >= 0.3 and usual["long"] <= 0.005


def test_what_is_known_of_real_names():
    names = known_names()
    assert len(names) == 67_342
    assert names["mary"]["female"].births == 4_139_160 and names["mary"]["female"].peak == 1920
    assert list(names["ashley"]) == ["female", "male"]
    assert describe("JAYDEN") == "a real name: 249,245 boys, most in the 2010s; 22,001 girls, most in the 2000s"
    assert describe("Zorvane") == "no real name in the list"


def test_the_same_rows_make_the_same_file(tmp_path):
    rows = [("ruth", "male", 1920, 4096), ("abe", "male", 1910, 20), ("ruth", "female", 1910, 8000)]
    write_names(tmp_path / "a.tsv.gz", rows)
    write_names(tmp_path / "b.tsv.gz", rows[::-1])
    assert (tmp_path / "a.tsv.gz").read_bytes() == (tmp_path / "b.tsv.gz").read_bytes()
    found = known_names(tmp_path / "a.tsv.gz")
    assert found == {"abe": {"male": (20, 1910)}, "ruth": {"female": (8000, 1910), "male": (4096, 1920)}}
    with pytest.raises(FileNotFoundError, match="git restore"):
        known_names(tmp_path / "none.tsv.gz")


def test_the_brief_words_go_with_the_list():
    assert brief("Mary") == "1920s, 4.1 M" and brief("zorvane") == ""
    births, peak = known_names()["mary"]["female"]
    assert peak == 1920 and round(births / 1e6, 1) == 4.1
