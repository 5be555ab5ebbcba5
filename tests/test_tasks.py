"""What the pages say of a reading: ratings, changes, letters; held to hand-made answers."""

import numpy as np
import pytest
from conftest import MODELS, Reader, load, read, studied

from rnn_demo.reading import Reading
from rnn_demo.tasks import TASKS, translate
from rnn_demo.tasks import name as names
from rnn_demo.tasks import rate as rates
from rnn_demo.tasks import tag as tags
from rnn_demo.trace import Trace


class Rater(Reader):
    """A rater that thinks every rating equally likely before it has read anything."""

    def before(self):
        return np.full(5, 0.2)


def rated(*rows: list[float]) -> Reading:
    tokens = tuple(f"w{i}" for i in range(len(rows)))
    spans = np.array([(3 * i, 3 * i + 2) for i in range(len(rows))]).reshape(-1, 2)
    logits = np.log(np.array(rows, dtype=float).reshape(-1, 5) + 1e-12)
    empty = np.zeros((len(rows), 1))
    trace = Trace("forward", tokens, spans, empty, empty.copy(), labels=("1", "2", "3", "4", "5"), logits=logits)
    return rates.read(Rater(trace), " ".join(tokens), {}, None)


def test_changes_start_from_what_was_expected_before_the_first_word():
    np.testing.assert_allclose(rated([0, 0, 0, 0.5, 0.5], [1, 0, 0, 0, 0]).facts["changes"], [1.5, -3.5], atol=1e-6)


def test_the_verdict_names_the_word_that_moved_it_most():
    found = rated([0.1, 0.1, 0.1, 0.3, 0.4], [0.8, 0.1, 0.04, 0.03, 0.03])
    assert found.verdict == ("1.4 of 5 stars", "The word that moved it most: “w1”, −2.4.")
    first, last = found.columns
    assert (first.shown, first.note, first.answer, first.so_far) == ("3.8 ★", "+0.8", "5 ★", "3.8 of 5 stars")
    assert (last.shown, last.note, last.answer) == ("1.4 ★", "−2.4", "1 ★")
    assert first.mark.color != last.mark.color and last.mark.strength == 1


def test_nothing_read_has_the_rating_of_the_zero_state():
    found = rates.as_json(rated())
    assert found["tokens"] == [] and found["stars"] == 3 and found["probs"]["1"] == 0.2
    assert rated().verdict == ("", "")


@pytest.mark.parametrize(
    ("text", "kept", "said"),
    [
        ("Ma", "ma", ""),
        ("", "", ""),
        ("  Ma ", "ma", ""),
        ("Mar.", "mar.", ""),
        (".", "", ""),
        ("Zoë", "zo", "“ë” is not one of the letters a to z"),
        ("Ma ry", "ma", "“ ” is not"),
        ("x" * 13, "x" * 12, "At most 12 first letters"),
    ],
)
def test_first_letters_are_read_as_far_as_they_are_known(text, kept, said):
    found, message = names.reads(text)
    assert found == kept and said in message and bool(said) == bool(message)


def test_another_letter_makes_another_beginning():
    found = read("name", "lstm", "mary.")
    assert names.choose(found, 3, "g") == {"box": "Mag"} and names.choose(found, 1, "x") == {"box": "X"}
    assert names.choose(found, 4, "end") == {"box": "Mar."}
    assert read("name", "lstm", "mar.").traces[0].tokens[1:] == ("m", "a", "r")


def test_the_bars_are_those_of_the_temperature():
    cold, warm = (read("name", "lstm", "mary.", temperature=t) for t in (0.3, 2.0))
    logits = cold.traces[0].logits.astype(float)
    np.testing.assert_allclose(warm.probs, np.exp(logits / 2) / np.exp(logits / 2).sum(-1, keepdims=True), atol=1e-6)
    assert (cold.probs.max(-1) > warm.probs.max(-1)).all()


def test_a_name_is_told_to_be_real_or_invented():
    name, remark = read("name", "lstm", "mary.").verdict
    assert name == "Mary" and "real name" in remark
    assert "own invention" in read("name", "lstm", "mxqry.").verdict[1]


def test_the_tree_holds_no_name_without_letters():
    tree = names.panels(studied(read("name", "lstm", "")))[0]
    assert len(tree.figure.data[-1].text) > 5 and not any("<b></b>" in text for text in tree.figure.data[-1].text)


@pytest.mark.parametrize(("task", "cell"), MODELS)
def test_every_task_draws_and_prints_what_it_has_read(task, cell):
    record = TASKS[task]
    for text in (record.entry.seed, "", *(example.text for example in record.words.examples)):
        found = read(task, cell, record.entry.reads(text)[0])
        steps, times = len(found.columns), [column.time for column in found.columns]
        assert found.probs.shape == (steps, len(found.answers)) and len(set(found.names)) == len(found.names)
        assert {column.answer for column in found.columns} - {""} <= set(found.names)
        assert all(record.colors[name] for name in found.names)
        assert sorted(times) == list(range(1, steps + 1)) or len(found.chains) > 1
        assert steps == max(chain.first + len(chain.time) for chain in found.chains)
        for chain in found.chains:
            hidden = chain.trace.h.shape[1]
            assert sorted(chain.order) == list(range(hidden)) and sum(group.size for group in chain.groups) == hidden
            assert {group.name for group in chain.groups} <= set(record.colors)
            assert chain.says is None or chain.says.shape == (hidden, len(found.answers))
        rows = record.prints.table(studied(found))
        assert len({len(row) for row in rows}) == 1


@pytest.mark.parametrize(
    ("name", "cell", "text"),
    [("order", "gru", "We met at the end of the start ."), ("translate", "attention", "It is the end."), ("name", "gru", "mary.")],
)
def test_the_end_mark_looks_like_no_word(name, cell, text):
    found = read(name, cell, text)
    marks = [answer.face for answer in found.answers if answer.name in ("</s>", *["end"] * (name == "name"))]
    assert marks == ["■"] and [answer.face for answer in found.answers].count("■") == 1
    words = [column.token.text for column in found.columns]
    assert "■" not in words and (name != "order" or words[0] == "start ▷" and "end" in words)
    assert not any("■" in column.aloud for column in found.columns)
    assert name == "order" or "the end mark is written" in found.columns[-1].aloud
    table = TASKS[name].prints.table(studied(found))
    assert name == "name" or [row[0] for row in table].count("■") == 1


@pytest.mark.parametrize("cell", TASKS["translate"].words.cells)
@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Hello", "Bonjour."),
        ("hello!", "Bonjour !"),
        ("HELLO", "Bonjour."),
        (" Hi there.", "Salut."),
        ("Well done 👍", "Bien joué."),
        ("Good night!", "Bonne nuit !"),
        ("hello world", "Bonjour le monde."),
        ("Hello, my name is Tom.", "Bonjour"),
        ("Good morning, Mary!", "Bonjour"),
        ("Goodbye, my friends.", "Au revoir"),
        ("", ""),
        ("日本語です。", ""),
        ("👍", ""),
    ],
)
def test_likely_first_inputs_are_translated_or_left_alone(cell, text, written):
    found = read("translate", cell, text)
    translated = found.verdict[0]
    assert translated == written if written[-1:] in ".!" else translated.startswith(written)
    if written:
        assert "list of greetings" in found.verdict[1]
        assert "as you chose" in read("translate", cell, text, begin="▁On").verdict[1]


@pytest.mark.parametrize("text", ["I am happy.", "Himalaya", "The hello", "hey jude", "High", "well done meat"])
def test_what_is_no_greeting_is_left_to_the_network(text):
    assert translate.greeting(load("translate", "plain").subwords, text) == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("I love the red car.", ""),
        ("naïve café — “yes” £5", ""),
        ("Well done 👍", "Left out, since this network reads English words and signs only: 👍"),
        ("日本語です。", "There is no English in this text"),
        ("word " * 50 + "👍", "Reading stopped after token 40"),
    ],
)
def test_what_is_not_english_is_said_to_be_left_out(text, said):
    kept, remark = TASKS["translate"].entry.reads(text)
    assert text.startswith(kept) and remark.startswith(said) and bool(said) == bool(remark)
    assert bool(translate.refuses(text)) == ("no English" in said)


def test_capitals_of_a_whole_sentence_are_read_as_small_letters():
    model = load("translate", "attention")
    loud, low = (model.text(model.search(text).finished[0].ids) for text in ("I LOVE THE RED CAR.", "i love the red car."))
    assert loud == low and "voiture rouge" in loud
    dash = model.text(model.search("It is cold\u2014very cold.").finished[0].ids)
    assert dash.count("froid") == 2 and "très" in dash


def tagged(text: str, *rows: list[float]) -> Reading:
    """A reading of words and their probabilities of O, B-LOC, I-LOC, B-ORG, I-ORG."""
    words, spans, start = tuple(text.split()), [], 0
    for word in words:
        spans.append((start, start + len(word)))
        start += len(word) + 1
    empty, labels = np.zeros((len(words), 1)), ("O", "B-LOC", "I-LOC", "B-ORG", "I-ORG")
    trace = Trace("forward", words, np.array(spans), empty, empty.copy(), labels=labels, logits=np.log(np.array(rows) + 1e-9))
    return tags.read(Reader(trace), text, {}, None)


def test_a_name_takes_the_type_of_its_newest_word_and_its_words_keep_their_labels():
    new, york, times = [0.1, 0.7, 0.1, 0.1, 0], [0, 0, 0.8, 0, 0.2], [0, 0, 0.3, 0, 0.7]
    found = tagged("New York Times", new, york, times)
    assert [column.answer for column in found.columns] == ["LOC", "LOC", "ORG"]
    assert [column.mark.joins for column in found.columns] == ["B", "I", "I"]
    assert found.facts["entities"] == [{"text": "New York Times", "start": 0, "end": 14, "label": "ORG"}]
    assert tagged("New York", new, york).facts["entities"] == [{"text": "New York", "start": 0, "end": 8, "label": "LOC"}]
