"""Write like these: letter by letter, from up to 500 names or words of the visitor's own."""

import numpy as np

from rnn_demo.learn.base import (
    HELD_OUT,
    Answers,
    Batch,
    Data,
    InputError,
    Job,
    Setup,
    fifth,
    looked_up,
    right,
    table,
    whole_lines,
)
from rnn_demo.shapes import NEXT_WORD
from rnn_demo.text import Token

MOST, FEWEST = 500, 6  # lines
LONGEST = 30  # letters of a line
SIGNS = 60  # different letters
START, END = "▸", "■"
KINDS = {"vowel": "vowels", "other": "other letters and signs", "end": "■ the end"}
BOX = "names or words, one a line"
# Names of birds and trees, as everybody knows them.
USUAL = """albatross avocet barbet bittern blackbird bluebird bluethroat bullfinch bunting bustard buzzard canary capercaillie
cassowary chaffinch chickadee chough condor coot cormorant crane crossbill crow cuckoo curlew dipper dotterel dove dunlin
dunnock eagle egret eider falcon fieldfare finch flamingo flycatcher fulmar gannet godwit goldcrest goldfinch goose goshawk
grebe greenfinch grouse guillemot gull harrier hawfinch hawk heron hobby hoopoe hornbill ibis jackdaw jay kestrel kingfisher
kite kittiwake knot lapwing lark linnet loon magpie mallard martin merlin moorhen nightingale nightjar nuthatch oriole
osprey ostrich ouzel owl oystercatcher parrot partridge peacock pelican penguin peregrine petrel phalarope pheasant pigeon
pintail pipit plover pochard ptarmigan puffin quail raven razorbill redpoll redshank redstart redwing robin roller rook ruff
sanderling sandpiper serin shearwater shelduck shoveler shrike siskin skua skylark snipe sparrow spoonbill starling stilt
stint stonechat stork swallow swan swift teal tern thrush tit toucan treecreeper turnstone twite vulture wagtail warbler
waxwing wheatear whimbrel whinchat whitethroat wigeon woodcock woodlark woodpecker wren wryneck yellowhammer acacia alder
almond apple ash aspen bamboo banyan baobab beech birch blackthorn boxwood buckthorn cedar cherry chestnut cypress dogwood
ebony elder elm eucalyptus fir ginkgo hawthorn hazel hemlock hickory holly hornbeam juniper laburnum larch laurel lime
linden magnolia mahogany mango maple medlar mulberry myrtle oak olive palm pear pine plane plum poplar quince redwood
rosewood rowan sandalwood sequoia spruce sycamore tamarind tamarisk teak walnut wellingtonia willow yew"""


def words_of(text: str) -> tuple[list[str], str]:
    """The words to learn from, in small letters, each once; and a remark. InputError where there are too few."""
    lines, note = whole_lines(text, MOST, BOX)
    # What is learnt from is what it was learnt from once it is read again: nothing is left to strip where a word was cut off.
    words = [line.lower().replace(START, "").replace(END, "").strip()[:LONGEST].strip() for line in lines]
    words = [word for word in dict.fromkeys(words) if word]
    if len(words) < FEWEST:
        raise InputError(f"{len(words)} different words are too few to learn from. Paste at least {FEWEST}, one a line.")
    if len(set("".join(words))) > SIGNS:
        raise InputError(f"There are more than {SIGNS} different signs in these words. Take words of one script.")
    return words, note


def reads(text: str) -> tuple[str, str]:
    """What is learnt from, a word a line in small letters, and a remark."""
    words, note = words_of(text)
    return "\n".join(words), note


def data(setup: Setup) -> Data:
    """Letters of words: each is asked for after those before it, and the end after the last."""
    words, _ = words_of(setup.text)
    kept = np.random.default_rng(HELD_BACK).permutation(len(words))  # the list may be in order of the alphabet
    learnt, asked = fifth([words[i] for i in kept])
    letters = sorted(set("".join(words)))
    signs, labels = (START, *letters), (*letters, END)
    numbers, places = looked_up(signs), looked_up(labels)

    def rows(words: list[str], longest: int) -> Batch:
        words = [word[: longest - 1] for word in words]
        steps = 1 + max(map(len, words))
        x, y = np.zeros((len(words), steps), dtype=np.int64), np.full((len(words), steps), np.nan, dtype=np.float32)
        for i, word in enumerate(words):
            x[i, 1 : len(word) + 1] = numbers(word)
            y[i, : len(word) + 1] = places([*word, END])
        return Batch(x, y)

    def batch(rng: np.random.Generator, count: int, longest: int) -> Batch:
        return rows([learnt[i] for i in rng.integers(0, len(learnt), count)], longest)

    asked_rows = rows(asked[:HELD_OUT], max(setup.length, 2))
    groups = tuple("end" if label == END else "vowel" if label in "aeiouyäöüáéíóúàèìòùâêîôûå" else "other" for label in labels)
    return Data(
        signs=signs,
        answers=Answers(labels, groups, KINDS),
        batch=batch,
        held_out=asked_rows,
        rival=table("letter pairs", rows(learnt, LONGEST), asked_rows, len(signs), len(labels)),
        example=asked[0],
        pieces=lambda text: [Token(START, 0, 0), *(Token(sign, i, i + 1) for i, sign in enumerate(text))],
        numbers=numbers,
        targets=lambda tokens: places([*tokens[1:], END]).astype(np.float32),
        score=right,
    )


def samples(network, count: int, seed: int) -> list[str]:
    """Words that a network writes, each letter drawn by chance from its own probabilities.

    samples(network, 2, 1) -> ["thrin", "larlow"]
    """
    draws = np.random.default_rng(seed).random((LONGEST, count))
    labels, written, done = network.labels, [""] * count, [False] * count
    state, x = None, np.zeros((count, 1), dtype=np.int64)
    for step in range(LONGEST):
        probs, state = network.last(x, state)
        for i in range(count):
            k = min(int((probs[i].cumsum() < draws[step, i]).sum()), len(labels) - 1)
            done[i] |= labels[k] == END
            if not done[i]:
                written[i] += labels[k]
                x[i, 0] = k + 1  # a label stands in the signs after the one to begin
        if all(done):
            break
    return written


HELD_BACK = 1_000_005

JOB = Job(
    name="names",
    title="Write like these",
    point="Letter by letter it guesses how a word goes on. Draw letters from its guesses, and it writes words that nobody gave it.",
    shape=NEXT_WORD,
    data=data,
    usual=Setup("names", "lstm", 32, 1, 16, 32, 0.003, True, 1, "\n".join(USUAL.split())),
    reads=reads,
    box=("Learn from these", BOX),
    facts=lambda network, text: {"samples": samples(network, 8, 1)},
)
