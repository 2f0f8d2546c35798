"""The trained low-rank adapter: which one is in use, its file, and how another one is installed and taken back.

The shipped one lies in ``factcheck/models``; one that a newsroom trained itself lies in its home and goes before the shipped one.

File: safetensors; for a matrix W named as in Hugging Face's ``BertModel`` (``encoder.layer.0.attention.self.query.weight``) the
two parts ``<name>.up`` (out, rank) and ``<name>.down`` (rank, in), float16, scale included: W + up @ down is the trained
matrix (LoRA, arXiv 2106.09685).
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from factcheck.errors import ModelUnavailable, NothingToUndo

FILE = Path(__file__).resolve().parent / "models" / "matching.safetensors"
READING = FILE.with_name("statements.safetensors")  # the trained reading of articles (``extraction/tagging/trained.py``)
FOLDER = "models"  # in the newsroom's home
PREVIOUS = "matching.previous.safetensors"  # what the installed one took the place of
UNDONE = "matching.undone.safetensors"  # what was taken back last

Adapter = dict[str, tuple[np.ndarray, np.ndarray]]  # name of the matrix -> (up, down), float32


@dataclass(frozen=True)
class AdapterFile:
    """An adapter's file, read once: whatever is installed meanwhile, its name and its weights belong together."""

    path: Path
    content: bytes = field(repr=False)

    @cached_property
    def fingerprint(self) -> str:
        """Ten hexadecimal digits that name the content; vectors made under different ones must not be compared."""
        return hashlib.sha256(self.content).hexdigest()[:10]

    def parts(self) -> Adapter:
        """Raises ModelUnavailable when the file is damaged."""
        from safetensors import SafetensorError
        from safetensors.numpy import load

        try:
            parts = load(self.content)
            return {
                name.removesuffix(".up"): (up.astype(np.float32), parts[name.removesuffix(".up") + ".down"].astype(np.float32))
                for name, up in parts.items()
                if name.endswith(".up")
            }
        except (SafetensorError, KeyError, ValueError) as error:
            raise unusable(self.path, type(error).__name__) from None


def in_use(home: Path) -> Path | None:
    """The adapter a newsroom works with: its own, else the shipped one, else none."""
    return next((path for path in (installed(home), FILE) if path.exists()), None)


def reading_in_use(home: Path) -> Path:
    """The trained reading of articles a newsroom works with: its own, else the shipped one."""
    own = home / FOLDER / READING.name
    return own if own.exists() else READING


def installed(home: Path) -> Path:
    """Where the newsroom's own adapter lies, if it has one."""
    return home / FOLDER / FILE.name


def describe(home: Path) -> str:
    """Which adapter is in use, in words: "shipped", "trained here" with its place, or "none"."""
    path = in_use(home)
    return "none" if path is None else "shipped" if path == FILE else f"trained here, {path}"


def open_file(path: Path) -> AdapterFile:
    """Read a file whole. Raises ModelUnavailable when it is not there or may not be read."""
    try:
        return AdapterFile(path, path.read_bytes())
    except OSError as error:
        raise unusable(path, type(error).__name__) from None


def read(path: Path) -> Adapter:
    """The adapter in a file. Raises ModelUnavailable when it is missing or damaged."""
    return open_file(path).parts()


def unusable(path: Path, why: str) -> ModelUnavailable:
    """The error for an adapter that cannot be used, with what to do: it differs for a newsroom's own and the shipped one."""
    repair = f"Restore {path} from the release." if path == FILE else "Take it back with: claimtrail train matching --undo"
    return ModelUnavailable(f"The trained adapter {path} is missing, damaged or made for another model ({why}). {repair}")


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


def install(trained: Path, home: Path) -> Path:
    """Put a trained file in use and keep the newsroom's earlier one beside it; where it lies now.

    At every moment the adapter in use is whole: either the earlier or the new one. A running server goes on with what it has read.
    """
    place = installed(home)
    place.parent.mkdir(parents=True, exist_ok=True)
    previous = place.with_name(PREVIOUS)
    if place.exists():
        _copy(place, previous)
    else:
        previous.unlink(missing_ok=True)  # the shipped one is what is gone back to
    _copy(trained, place)
    return place


def undo(home: Path) -> Path | None:
    """Go back to the adapter before the installed one, or to the shipped one; which is in use now.

    What was taken back is kept beside it. Raises NothingToUndo when the shipped one is in use already.
    """
    place = installed(home)
    if not place.exists():
        raise NothingToUndo("The adapter that came with Claimtrail is in use already; there is none to go back to.")
    previous = place.with_name(PREVIOUS)
    _copy(place, place.with_name(UNDONE))
    if previous.exists():
        os.replace(previous, place)
    else:
        place.unlink()
    return in_use(home)


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


def of_rank(adapter: Adapter, rank: int) -> Adapter:
    """The nearest change of at most this rank (truncated singular value decomposition), so that training on and on does not let
    the file grow without end."""
    found = {}
    for name, (up, down) in adapter.items():
        if up.shape[1] > rank:
            left, upper = np.linalg.qr(up)
            right, lower = np.linalg.qr(down.T)
            u, s, v = np.linalg.svd(upper @ lower.T)
            root = np.sqrt(s[:rank])
            up, down = left @ (u[:, :rank] * root), (root[:, None] * v[:rank]) @ right.T
        found[name] = (up, down)
    return found


def _copy(source: Path, target: Path) -> None:
    """Copy whole or not at all."""
    number, draft = tempfile.mkstemp(prefix=f".{target.name}-", dir=target.parent)
    os.close(number)
    try:
        shutil.copyfile(source, draft)
        os.chmod(draft, 0o644)
        os.replace(draft, target)
    finally:
        Path(draft).unlink(missing_ok=True)
