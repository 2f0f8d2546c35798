"""The file of the trained reading: the change to the encoder's matrices (``adapter.py`` says the form) and the heads, both float16."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from factcheck.adapter import Adapter, AdapterFile, open_file, unusable

if TYPE_CHECKING:
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


def parts(file: AdapterFile) -> tuple[Adapter, dict[str, np.ndarray]]:
    """The change and the heads' matrices, by their names in ``network.Heads``. Raises ModelUnavailable when the file is damaged."""
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        found = load(file.content)
        change = {
            name.removeprefix(_ENCODER).removesuffix(".up"): (up.astype(np.float32), found[name.removesuffix(".up") + ".down"].astype(np.float32))
            for name, up in found.items()
            if name.startswith(_ENCODER) and name.endswith(".up")
        }
    except (SafetensorError, KeyError, ValueError) as error:
        raise unusable(file.path, type(error).__name__) from None
    return change, {name.removeprefix(_HEADS): value.astype(np.float32) for name, value in found.items() if name.startswith(_HEADS)}


def read(path: Path) -> tuple[Adapter, Heads]:
    """Raises ModelUnavailable when the file is missing or damaged."""
    import torch

    from factcheck.extraction.tagging.network import Heads

    change, matrices = parts(open_file(path))
    heads = Heads()
    try:
        heads.load_state_dict({name: torch.from_numpy(value) for name, value in matrices.items()})
    except RuntimeError as error:  # matrices that this network does not have, or of another shape
        raise unusable(path, type(error).__name__) from None
    return change, heads.eval()
