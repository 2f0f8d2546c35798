"""The file of the trained reading: the change to the encoder's matrices (``adapter.py`` says the form) and the heads, both float16."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from factcheck.adapter import Adapter, unusable
from factcheck.extraction.tagging.network import Heads

_ENCODER, _HEADS = "encoder/", "heads/"


def write(path: Path, change: Adapter, heads: Heads, about: dict[str, str]) -> None:
    """``about`` goes into the file's metadata."""
    from safetensors.numpy import save_file

    parts = {f"{_HEADS}{name}": np.ascontiguousarray(value.numpy(), np.float16) for name, value in heads.state_dict().items()}
    for name, (up, down) in sorted(change.items()):
        parts[f"{_ENCODER}{name}.up"] = np.ascontiguousarray(up, np.float16)
        parts[f"{_ENCODER}{name}.down"] = np.ascontiguousarray(down, np.float16)
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(parts, path, about)
    path.chmod(0o644)  # the library writes for the owner alone


def read(path: Path) -> tuple[Adapter, Heads]:
    """Raises ModelUnavailable when the file is missing or damaged."""
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        parts = load_file(path)
        change = {
            name.removeprefix(_ENCODER).removesuffix(".up"): (up.astype(np.float32), parts[name.removesuffix(".up") + ".down"].astype(np.float32))
            for name, up in parts.items()
            if name.startswith(_ENCODER) and name.endswith(".up")
        }
        heads = Heads()
        heads.load_state_dict({name.removeprefix(_HEADS): torch.from_numpy(v.astype(np.float32)) for name, v in parts.items() if name.startswith(_HEADS)})
    except (OSError, SafetensorError, KeyError, RuntimeError) as error:
        raise unusable(path, type(error).__name__) from None
    return change, heads.eval()
