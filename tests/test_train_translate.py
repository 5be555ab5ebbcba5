"""The translators' training on a small data set of its own making, with the real command; sacrebleu judges our counting."""

import gzip
import itertools
import random

import pytest
import sacrebleu
import torch

from rnn_demo.networks import checkpoints, translator
from rnn_demo.networks.translator import Translator
from rnn_demo.train import run, translate, translate_data
from rnn_demo.train.__main__ import main
from rnn_demo.train.bleu import bleu, bootstrap

NOUNS = {"cat": "le chat", "dog": "le chien", "bird": "l'oiseau", "horse": "le cheval", "wolf": "le loup", "bear": "l'ours"}
VERBS = {"eats": "mange", "runs": "court", "sleeps": "dort", "sings": "chante", "falls": "tombe", "waits": "attend"}
PAIRS = [(f"The {noun} {verb}.", f"{NOUNS[noun].capitalize()} {VERBS[verb]}.") for noun in NOUNS for verb in VERBS]
PAIRS += [(f"Tom and the {noun} go.", f"Tom et {NOUNS[noun]} partent.") for noun in NOUNS]


def write(path, lines):
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


@pytest.fixture
def data(tmp_path):
    """Files in the layout that the README describes: a toy English and a toy French."""
    lines = ["\t".join(pair) for pair in PAIRS]
    write(tmp_path / "mt_enfr_train.tsv.gz", lines)
    write(tmp_path / "mt_enfr_dev.tsv.gz", lines[::5])
    write(tmp_path / "mt_enfr_test.tsv.gz", [*lines[::4], "The cat eats.\tLe chat dîne."])
    rows = ["Mary\tF\t90\t90", "Zoya\tF\t30\t30", "Amy\tF\t30\t30", "Tom\tM\t90\t90", "Emeka\tM\t30\t30", "Babak\tM\t30\t30"]
    write(
        tmp_path / "names_us_train.tsv.gz",
        ["name\tsex\ttotal\t1880", *(row.lower().replace("\tm\t", "\tM\t").replace("\tf\t", "\tF\t") for row in rows)],
    )
    write(tmp_path / "gazetteer_cities.tsv.gz", ["Nairobi\tNairobi\tKenya", "La Paz\tLa Paz\tBolivia", "Le Mans\tLe Mans\tFrance"])
    return tmp_path


@pytest.fixture
def small(monkeypatch, tmp_path):
    monkeypatch.setattr(translator, "SUBWORDS", tmp_path / "subwords.model")
    monkeypatch.setattr(translate, "N_SUBWORDS", 318)  # 256 of them are bytes
    monkeypatch.setattr(translate, "CONFIG", translate.CONFIG | {"embedding_size": 24, "hidden_size": 32})
    for name, value in {
        "STEPS": 160,
        "EPOCHS": 3,
        "TOKENS": 200,
        "WARM_UP": 10,
        "AVERAGE": 0.9,
        "RATE": 1e-2,
        "DROPOUT": 0.0,
        "SMOOTHING": 0.0,
        "SAMPLED": 0.0,  # sentencepiece's random cuts cannot be repeated in one process
    }.items():
        monkeypatch.setattr(translate, name, value)
    monkeypatch.setattr(translate, "BINS", ((1, 5), (6, 10)))
    monkeypatch.setattr(translate, "BIN_SIZE", 20)


def tensors(path):
    return checkpoints.read(path)[0]


@pytest.mark.parametrize("cell", Translator.CELLS)
def test_the_command_makes_a_model_from_nothing_that_has_learnt(cell, data, small, monkeypatch, tmp_path, capsys):
    out = tmp_path / "out"
    out.mkdir()
    monkeypatch.setattr(
        "sys.argv", ["train", "translate", "--cell", cell, "--data", str(data), "--out", str(out), "--threads", "1"]
    )
    assert main() == 0
    printed = capsys.readouterr()
    assert "epoch 3/3" in printed.err and "nrefs:2|case:mixed" in printed.out and " 6 to 10 words" in printed.out
    assert not list(out.glob("*.resume*"))
    header = checkpoints.load("translate", cell, out).header
    assert min(header["scores"]["bleu"].values()) > 12 and header["scores"]["sentences"] == 11  # fresh weights have none
    assert [(point["words"], point["count"]) for point in header["scores"]["curve"]] == [([1, 5], 11), ([6, 10], 20)]
    assert all(point["low"] <= point["bleu"] <= point["high"] for point in header["scores"]["curve"])
    assert header["config"]["subwords"] == 318 and header["config"]["length_power"] in translate.POWERS
    weights = tensors(out / f"translate-{cell}.safetensors")
    assert all(tensor.dtype == torch.float16 for tensor in weights.values())


def test_a_killed_run_goes_on_after_its_last_epoch(data, small, monkeypatch, tmp_path, capsys):
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    for out in (whole, killed):
        out.mkdir()
    translate.train("plain", data, whole)
    real = run.Run.close_epoch

    def die_after_two(self, score):
        real(self, score)
        if self.epoch == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(run.Run, "close_epoch", die_after_two)
    with pytest.raises(KeyboardInterrupt):
        translate.train("plain", data, killed)
    monkeypatch.setattr(run.Run, "close_epoch", real)
    translate.train("plain", data, killed)
    assert "Going on after epoch 2." in capsys.readouterr().err
    a, b = tensors(whole / "translate-plain.safetensors"), tensors(killed / "translate-plain.safetensors")
    assert all(torch.equal(a[name], b[name]) for name in a)


@pytest.fixture
def trainer(data, small):
    def make(cell):
        translate_data.fit_subwords(PAIRS, 318, translator.SUBWORDS)
        torch.manual_seed(0)
        return translate.TranslateTrainer.from_header({"cell": cell, "config": translate.CONFIG}, None).eval()

    return make


@pytest.mark.parametrize("cell", Translator.CELLS)
def test_a_step_down_the_loss_lowers_it(cell, trainer, data):
    model = trainer(cell)
    batch = next(translate.batches(PAIRS, translate_data.NamePool(data), model.subwords, random.Random(0)))
    before = model.loss(batch)
    before.backward()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter -= 0.05 * parameter.grad
    assert model.loss(batch) < before


def test_batches_hold_every_pair_and_longer_ones(trainer, data, monkeypatch):
    monkeypatch.setattr(translate, "SAMPLED", 0.5)
    model = trainer("plain")
    endless = translate.batches(PAIRS, translate_data.NamePool(data), model.subwords, random.Random(0))
    texts, ends = set(), model.subwords.eos_id()
    for source, written, targets in itertools.islice(endless, 60):
        assert written.shape == targets.shape and len(source) == len(written) and targets.numel() <= translate.TOKENS * 1.2
        assert (written[:, 0] == model.subwords.bos_id()).all()
        for row, fed in zip(targets, written, strict=True):
            row = row[row >= 0]
            assert row[-1] == ends and row[:-1].tolist() == fed[1 : len(row)].tolist()
            texts.add(model.text(row.tolist()))
    assert {french for _, french in PAIRS if "Tom" not in french} <= texts
    assert any(text.count(".") == 3 for text in texts)


def test_many_at_once_are_translated_as_one_by_one(trainer):
    model = trainer("attention")
    model.embedding.weight.data.mul_(5)
    texts = ["The cat eats.", "", "Tom and the dog go.", "The bear sleeps.", "A wolf, 2024 🎸?"]
    assert translate.translate_all(model, texts) == [model.text(model.search(text).finished[0].ids) for text in texts]


def test_bleu_is_sacrebleus():
    found = ["le chat est sur le tapis .", "il pleut"]
    answers = [["le chat est sur le tapis rouge .", "un chat est sur le tapis ."], ["il pleut"]]
    score, signature = bleu(found, answers)
    # By hand: 9 of 9 words (le twice in the first answer), 7 of 7 pairs but "tapis ." from the second, 5 of 5, 4 of 4.
    assert score == pytest.approx(sacrebleu.corpus_bleu(found, [[a[0] for a in answers], [a[-1] for a in answers]]).score)
    assert score == pytest.approx(100.0) and "nrefs:" in signature and "version:" in signature
    worse, _ = bleu(["le chien est sur le tapis .", "il pleut"], answers)
    # "chien" spoils one word of 9, two pairs of 7, two triples of 5, two fours of 4; as long as the closest answers.
    assert worse == pytest.approx(100 * (8 / 9 * 5 / 7 * 3 / 5 * 2 / 4) ** 0.25, abs=0.01)


def test_the_interval_holds_the_score_and_narrows_with_more_sentences():
    found = ["a b c d e", "a b c d x", "a b x d e f", "q r s t"] * 3
    answers = [["a b c d e"], ["a b c d e"], ["a b c d e f"], ["a r s t u"]] * 3
    low, high = bootstrap(found, answers, seed=0)
    assert low < bleu(found, answers)[0] < high
    low_more, high_more = bootstrap(found * 20, answers * 20, seed=0)
    assert high_more - low_more < (high - low) / 2
    assert bootstrap(["a b c d"] * 3, [["a b c d"]] * 3, seed=0) == pytest.approx((100, 100))


def test_texts_fall_into_the_bins_of_their_length():
    answers = {f"{'very ' * n}good.": [f"{'très ' * n}bon.", "bon."][: 1 + n % 2] for n in range(5)}
    filled = translate.by_words(answers, random.Random(0))
    assert list(filled) == list(translate.BINS)
    for (low, high), items in filled.items():
        assert len(items) == (5 if low == 1 else translate.BIN_SIZE) or low > 10
        assert all(low <= translate.n_words(text) <= high for text, _ in items)
    text, french = next(item for item in filled[6, 10] if len(item[1]) == 2)
    assert all(answer.count(".") == text.count(".") for answer in french)


def test_swapped_names_are_the_same_on_both_sides_and_elide_alike(data):
    pool, rng = translate_data.NamePool(data), random.Random(0)
    seen = {translate_data.swap_names(("Tom saw Alice in Boston.", "Tom a vu Alice à Boston."), pool, rng) for _ in range(40)}
    assert seen == {(f"{man} saw Amy in Nairobi.", f"{man} a vu Amy à Nairobi.") for man in ("Tom", "Babak")}
    apart = ("Mary left.", "Marie est partie.")
    assert translate_data.swap_names(apart, pool, rng) == apart


def test_varied_pairs_keep_their_french(data):
    pool, rng = translate_data.NamePool(data), random.Random(0)
    seen = {translate_data.vary([("The Cat eats.", "Le chat mange."), ("Go.", "Va !")], pool, rng) for _ in range(200)}
    english = {"The Cat eats. Go.", "the cat eats. go.", "The Cat eats. Go", "the cat eats. go"}
    assert seen == {(text, "Le chat mange. Va !") for text in english}


def test_missing_data_is_named(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr("sys.argv", ["train", "translate", "--cell", "plain", "--data", str(tmp_path)])
    assert main() == 2
    assert "mt_enfr_train.tsv.gz" in capsys.readouterr().err
