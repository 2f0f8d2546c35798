"""The trained low-rank adapter: read from its file and added to the encoder's matrices when the model is unpacked.

File: safetensors; for a matrix W named as in Hugging Face's ``BertModel`` (``encoder.layer.0.attention.self.query.weight``) the
two parts ``<name>.up`` (out, rank) and ``<name>.down`` (rank, in), float16, scale included: W + up @ down is the trained
matrix (LoRA, arXiv 2106.09685).
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

from factcheck.errors import ModelUnavailable

FILE = Path(__file__).resolve().parent / "models" / "matching.safetensors"

Adapter = dict[str, tuple[np.ndarray, np.ndarray]]  # name of the matrix -> (up, down), float32


def read(path: Path) -> Adapter:
    """The adapter in a file. Raises ModelUnavailable when it is missing or damaged."""
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        parts = load_file(path)
        return {
            name.removesuffix(".up"): (up.astype(np.float32), parts[name.removesuffix(".up") + ".down"].astype(np.float32))
            for name, up in parts.items()
            if name.endswith(".up")
        }
    except (OSError, SafetensorError, KeyError) as error:
        raise ModelUnavailable(
            f"The trained adapter {path.name} is missing or damaged ({type(error).__name__}). Restore {path} from the release."
        ) from None


def write(path: Path, adapter: Adapter, about: dict[str, str]) -> None:
    """Write an adapter as float16; ``about`` goes into the file's metadata."""
    from safetensors.numpy import save_file

    parts = {}
    for name, (up, down) in sorted(adapter.items()):
        parts[f"{name}.up"] = np.ascontiguousarray(up, np.float16)
        parts[f"{name}.down"] = np.ascontiguousarray(down, np.float16)
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(parts, path, about)
    path.chmod(0o644)  # the library writes for the owner alone


def total(changes: list[Adapter], share: float = 1.0) -> Adapter:
    """The sum of several changes times ``share``, exactly: ranks add up. With a share of one by their number it is their mean
    (weight averaging, arXiv 2203.05482)."""
    return {
        name: (
            np.concatenate([change[name][0] * share for change in changes], axis=1),
            np.concatenate([change[name][1] for change in changes], axis=0),
        )
        for name in changes[0]
    }


def fingerprint(path: Path) -> str:
    """Ten hexadecimal digits that name an adapter file's content; vectors made under different ones must not be compared."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:10]
