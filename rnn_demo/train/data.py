"""Reading the data files, all of them gzip and UTF-8, and sorting what they hold into batches.

read_lines   a file -> its lines          read_rows   a file of columns -> its rows       read_blocks   -> its sentences
FILES        what the files are called, what is in a line of them, and who reads them
"""

import collections
import gzip
from collections.abc import Callable
from pathlib import Path

from rnn_demo.text import tokenize

FILES = [  # names, layout, needed for; the model card prints them
    (
        "`ner_<set>_<part>.tsv.gz`, sets ewt, gum, crossner, gmb, litbank (train, dev, test), btc, wnut17 (train, dev)",
        "a token, a tab, a BIO2 tag a line; an empty line after a sentence",
        "tag: training and scores",
    ),
    (
        "`ner_<set>.tsv.gz`, sets ewt_udtrain, pud, redocred, tweebank, restaurant8k, hwu64, slurp, snips, sgd",
        "the same",
        "tag: training",
    ),
    (
        "`teacher_mpnet_ner_{0,1}.tsv.gz`",
        "where it is from; a token, a tab, tags with their percentages a line; an empty line after a sentence",
        "tag: training",
    ),
    (
        "`lm_<source>_{train,dev,test}.txt.gz`, sources web_news_en, tatoeba_en, dialogue_en",
        "a sentence a line",
        "order: training and scores",
    ),
    ("`grammar_blimp_pairs.tsv.gz`", "field, phenomenon, type, good sentence, bad sentence", "order: scores"),
    (
        "`mt_enfr_{train,dev,test}.tsv.gz`",
        "English, French; several rows with the same English are several answers",
        "translate: training and scores",
    ),
    (
        "`sst5_phrases_train.tsv.gz`, `sst5_{train,dev,test}.tsv.gz`, `sst2_test.tsv.gz`",
        "label 0 to 4 (0 or 1), a text cut into tokens",
        "rate: training and scores",
    ),
    ("`sentiment_uci3000.tsv.gz`", "0 or 1, source, a text", "rate: training; what units tell"),
    ("`teacher_mpnet_ner_0.tsv.gz`", "a word, a tab, tags with percents a line; an empty line after a sentence", "what units tell"),
    (
        "`names_us_{train,dev,test}.tsv.gz`",
        "a heading; name, sex, total, births by decade",
        "name: training and scores; tag and translate: training (train only)",
    ),
    ("`surnames_train.tsv.gz`", "surname, language", "tag: training"),
    (
        "`gazetteer_cities.tsv.gz`, `gazetteer_companies.tsv.gz`",
        "name, region, country; name, sector",
        "tag: training; translate: training (cities)",
    ),
    ("`gazetteer_freebase.tsv.gz`", "name, TYPE:kind", "tag: training"),
    (
        "`gazetteer_orgs.tsv.gz`, `gazetteer_people.tsv.gz`, `gazetteer_places_more.tsv.gz`, `gazetteer_names_world.tsv.gz`",
        "name, kind, source (and `en` where the name is English); of the last: name, first or last, country",
        "tag: training",
    ),
    ("`wordvec_glove100d_top60k_int8.npz`", "arrays q, scale, words", "packing the word vectors"),
    ("`wordvec_spacy_md_300d_int8.npz`", "arrays q, scale, words, row", "packing the word vectors"),
]


def read_lines(path: Path) -> list[str]:
    """The lines of a file without their ends. FileNotFoundError if it is missing."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [line.rstrip("\n") for line in file]


def read_rows(path: Path) -> list[list[str]]:
    """The rows of a file whose columns are parted by tabs. ["mary\\tF", "tom\\tM"] -> [["mary", "F"], ["tom", "M"]]"""
    return [line.split("\t") for line in read_lines(path)]


def read_blocks(path: Path) -> list[list[str]]:
    """The lines of each sentence of a file in which an empty line parts them. ["a", "b", "", "c"] -> [["a", "b"], ["c"]]"""
    return [block.split("\n") for block in "\n".join(read_lines(path)).strip().split("\n\n")]


def words_of(text: str) -> list[str]:
    """A text as a network reads it. "I don't." -> ["I", "do", "n't", "."]"""
    return [token.text for token in tokenize(text)]


def by_length(items: list, length: Callable, size: int) -> list[list]:
    """Batches of at most `size` items of the same length, so that nothing needs padding."""
    groups = collections.defaultdict(list)
    for item in items:
        groups[length(item)].append(item)
    return [group[i : i + size] for group in groups.values() for i in range(0, len(group), size)]
