"""Weight files that explain themselves: safetensors, with everything else as JSON in their header. No code in them."""

import functools
import json
from pathlib import Path

import torch
from safetensors.torch import save_file

from rnn_demo.networks import weight_files
from rnn_demo.networks.base import Network
from rnn_demo.networks.names import NameModel
from rnn_demo.networks.next_word import NextWord
from rnn_demo.networks.subwords import SUBWORDS
from rnn_demo.networks.translator import Translator
from rnn_demo.networks.vectors import CasedTable, VectorTable
from rnn_demo.networks.weight_files import PRETRAINED, WeightsError, opened
from rnn_demo.networks.words import Rater, Tagger

VECTORS, CASED = "glove100d.safetensors", "cased128d.safetensors"
# The networks by the task that they were made for. A weight file may say in its header that it holds another task's: "network".
MODELS = {"tag": Tagger, "rate": Rater, "name": NameModel, "translate": Translator, "order": NextWord}


def save(path: Path, model: torch.nn.Module, header: dict) -> None:
    """Weights as float32, or float16 where the config says "half"; header as JSON: {"task", "cell", "config", "scores", ...}."""
    kind = torch.float16 if header["config"].get("half") else torch.float32
    tensors = {name: tensor.to(kind).contiguous() for name, tensor in model.state_dict().items()}
    partial = path.with_suffix(".partial")  # so that a killed run never leaves half a file under the real name
    save_file(tensors, partial, {"rnn_demo": json.dumps(header, ensure_ascii=False)})
    partial.rename(path)


def load(task: str, cell: str, folder: Path | None = None) -> Network:
    """The pretrained model of a task, in eval mode. load("tag", "gru").header["scores"] holds its scores.

    Unknown names raise ValueError listing the known ones; a missing or damaged file raises WeightsError. `folder` is that of the
    shipped files, unless another one is given.
    """
    folder = folder or weight_files.PRETRAINED
    path = folder / f"{task}-{cell}.safetensors"
    if task not in MODELS and not [*folder.glob(f"{task}-*.safetensors")]:
        raise ValueError(f"Unknown task {task!r}; choose one of {', '.join(MODELS)}")
    if task in MODELS and cell not in MODELS[task].CELLS:
        raise ValueError(f"Unknown cell {cell!r}; choose one of {', '.join(MODELS[task].CELLS)}")
    tensors, header = read(path)
    try:
        model = MODELS[header.get("network", task)].from_header(header, load_vectors)
        model.load_state_dict(tensors)  # into float32, whatever the file has
    except (KeyError, RuntimeError) as error:
        raise WeightsError(path, f"its tensors do not fit its description ({str(error).splitlines()[0]})") from error
    except FileNotFoundError as error:
        raise WeightsError(SUBWORDS, "the file is missing") from error
    model.header = header
    return model.eval().requires_grad_(False)


def read(path: Path) -> tuple[dict[str, torch.Tensor], dict]:
    """Tensors and header of a weight file. WeightsError if it is missing or damaged."""
    return opened(path, "pt", lambda file: {name: file.get_tensor(name) for name in file.keys()})


@functools.cache
def load_vectors(folder: Path = PRETRAINED) -> VectorTable:
    """The word vectors, read once and shared by all models."""
    tensors, header = read(folder / VECTORS)
    return VectorTable(header["words"], *(tensors[name].numpy() for name in ("q", "scale", "near")), lambda: load_cased(folder))


@functools.cache
def load_cased(folder: Path = PRETRAINED) -> CasedTable:
    """The vectors that see capitals, read once, and only if a model looks words up in them."""
    tensors, _ = read(folder / CASED)
    return CasedTable(*(tensors[name].numpy() for name in ("keys", "rows", "q", "scale")))
