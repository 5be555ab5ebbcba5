"""A trained network as a file to take away and to bring back: safetensors, which can hold no code, with the setup in its header."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import numpy as np
from safetensors import SafetensorError, deserialize
from safetensors.numpy import save

from rnn_demo.learn import JOBS
from rnn_demo.learn.base import InputError, Setup
from rnn_demo.learn.curve import brief
from rnn_demo.learn.setup import checked, read_link, unusual, write_link, written

LARGEST = 1_000_000  # bytes of a file that is brought back
AGAIN = "Bring back a file that was downloaded here."


def file_of(setup: Setup) -> str:
    """What a file is called. "unrolled-first-lstm.safetensors" """
    return f"unrolled-{setup.job}-{setup.cell}.safetensors"


def to_bytes(setup: Setup, weights: dict[str, np.ndarray], step: int) -> bytes:
    """The file: the weights under PyTorch's names, and in the header what was set up and how many steps it has learnt."""
    header = {"setup": write_link(setup), "text": setup.text, "step": step}
    return save({name: np.ascontiguousarray(weight) for name, weight in weights.items()}, {"rnn_demo": json.dumps(header)})


def from_bytes(data: bytes) -> tuple[Setup, dict[str, np.ndarray], int]:
    """What to_bytes has put in. InputError, which says what is wrong, for whatever it would not have written."""
    if len(data) > LARGEST:
        raise InputError(f"This file has {len(data):,} bytes; a network of this page has {LARGEST:,} at most. {AGAIN}")
    try:
        size = int.from_bytes(data[:8], "little")
        meta = json.loads(data[8 : 8 + size])["__metadata__"]
        header = json.loads(meta["rnn_demo"])
        tensors = {name: _array(name, part) for name, part in deserialize(data)}
        link, text, step = header["setup"], header["text"], header["step"]
        fits = isinstance(link, str) and isinstance(text, str) and isinstance(step, int) and 0 <= step <= 10**9
    except (SafetensorError, ValueError, KeyError, TypeError, UnicodeDecodeError, RecursionError, OverflowError) as error:
        raise InputError("This is no network of this page. Bring back a .safetensors file that was downloaded here.") from error
    if not fits:
        raise InputError(f"The header of this file is not one of this page. {AGAIN}")
    setup, problems = read_link(dict(parse_qsl(link)) | ({"text": text} if text else {}))
    if problems:
        raise InputError(f"The file’s setup cannot be used. {problems[0]}")
    setup, _ = checked(setup)
    return setup, tensors, step


def _array(name: str, part: dict) -> np.ndarray:
    if part["dtype"] != "F32":
        raise ValueError(f"{name} is not float32")
    return np.frombuffer(bytes(part["data"]), dtype="<f4").reshape(part["shape"]).copy()


def fitting(network: Any, tensors: dict[str, np.ndarray]) -> None:
    """Put weights into a network. InputError where a name or a shape is not its own, or a number is none."""
    import torch

    own = {name: tuple(weight.shape) for name, weight in network.state_dict().items()}
    for name in own.keys() - tensors.keys():
        raise InputError(f"The file lacks the weights {name}. {AGAIN}")
    for name, tensor in tensors.items():
        if name not in own:
            raise InputError(f"The file has weights {name[:60]!r}, which such a network has not. {AGAIN}")
        if tensor.shape != own[name]:
            raise InputError(f"{name} has the shape {tensor.shape}, and its setup asks for {own[name]}. {AGAIN}")
        if not np.isfinite(tensor).all():
            raise InputError(f"{name} holds numbers that are none: this network had exploded. Bring back one from before that.")
    network.load_state_dict({name: torch.tensor(tensor) for name, tensor in tensors.items()})


def opened(path: Path) -> Any:
    """The network of a file that the page or the command has written, ready to read."""
    from rnn_demo.learn.network import fresh  # not at the top: it needs torch

    setup, tensors, _ = from_bytes(path.read_bytes())
    network = fresh(setup)
    fitting(network, tensors)
    return network.eval().requires_grad_(False)


def code(network: Any, file: str) -> str:
    """The lines of PyTorch that load a network's file, without this program. `network` is the one that was trained."""
    layer, readout = network.layer, network.readout
    lines = [
        "import torch",
        "from safetensors.torch import load_file",
        "",
        f"weights = load_file({file!r})",
        "part = lambda name: {key.removeprefix(name): value for key, value in weights.items() if key.startswith(name)}",
    ]
    x = f"torch.zeros(1, 1, {layer.input_size})  # rows, steps, inputs"
    if network.embedding:
        lines.append(f"embedding = torch.nn.Embedding{network.embedding.num_embeddings, network.embedding.embedding_dim}")
        lines.append('embedding.load_state_dict(part("embedding."))')
        x = "embedding(torch.zeros(1, 1, dtype=torch.long))  # rows, steps: the number of a sign"
    lines += [
        f"layer = torch.nn.{type(layer).__name__}({layer.input_size}, {layer.hidden_size}, num_layers={layer.num_layers}, "
        "batch_first=True)",
        'layer.load_state_dict(part("layer."))',
        f"readout = torch.nn.Linear{readout.in_features, readout.out_features}",
        'readout.load_state_dict(part("readout."))',
        f"labels = {list(network.labels)!r}",
        f"x = {x}",
        "print(readout(layer(x)[0]).softmax(-1))  # the probability of each label",
    ]
    return "\n".join(lines)


def command(setup: Setup) -> str:
    """What learns the same in a terminal; a text of somebody's own is read from a file.

    "python -m rnn_demo learn first --cell gru"; "python -m rnn_demo learn curve --text sunspots"
    """
    flags = [f"--{name} {written(value)}" for name, value in unusual(setup).items()]
    if setup.text != JOBS[setup.job].usual.text:
        flags.append(f"--text {setup.text}" if brief(setup.text) else "--text - < text.txt")
    return " ".join(["python -m rnn_demo learn", setup.job, *flags])
