"""The trained low-rank adapter: which one is in use, its file, and how another one is installed and taken back.

The shipped one lies in ``factcheck/models``; one that a newsroom trained itself lies in its home and goes before the shipped one.
The trained reading of articles is installed and taken back in the same way; functions that serve both take the shipped file.

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
COMMANDS = {FILE.name: "claimtrail train matching", READING.name: "claimtrail train statements"}  # that make a file of one's own

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


def in_use(home: Path, shipped: Path = FILE) -> Path | None:
    """The file a newsroom works with: its own, else the shipped one, else none."""
    return next((path for path in (installed(home, shipped), shipped) if path.exists()), None)


def reading_in_use(home: Path) -> Path:
    """The trained reading of articles a newsroom works with: its own, else the shipped one."""
    return in_use(home, READING) or READING


def installed(home: Path, shipped: Path = FILE) -> Path:
    """Where the newsroom's own file lies, if it has one."""
    return home / FOLDER / shipped.name


def beside(place: Path, what: str) -> Path:
    """Where a file's "previous" one lies, which it took the place of, the one "undone" last, or the one "rejected" last."""
    return place.with_name(f"{place.stem}.{what}{place.suffix}")


def describe(home: Path, shipped: Path = FILE) -> str:
    """Which file is in use, in words: "shipped", "trained here" with its place, or "none"."""
    path = in_use(home, shipped)
    return "none" if path is None else "shipped" if path == shipped else f"trained here, {path}"


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
    """The error for a trained file that cannot be used, with what to do: it differs for a newsroom's own and the shipped one."""
    shipped = path in (FILE, READING)
    repair = f"Restore {path} from the release." if shipped else f"Take it back with: {COMMANDS.get(path.name, COMMANDS[FILE.name])} --undo"
    what = "reading" if path.name == READING.name else "adapter"
    return ModelUnavailable(f"The trained {what} {path} is missing, damaged or made for another model ({why}). {repair}")


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


def install(trained: Path, home: Path, shipped: Path = FILE) -> Path:
    """Put a trained file in use and keep the newsroom's earlier one beside it; where it lies now.

    At every moment the file in use is whole: either the earlier or the new one. A running server goes on with what it has read.
    """
    place = installed(home, shipped)
    place.parent.mkdir(parents=True, exist_ok=True)
    previous = beside(place, "previous")
    if place.exists():
        _copy(place, previous)
    else:
        previous.unlink(missing_ok=True)  # the shipped one is what is gone back to
    _copy(trained, place)
    return place


def undo(home: Path, shipped: Path = FILE) -> Path | None:
    """Go back to the file before the installed one, or to the shipped one; which is in use now.

    What was taken back is kept beside it. Raises NothingToUndo when the shipped one is in use already.
    """
    place = installed(home, shipped)
    if not place.exists():
        what = "reading of articles" if shipped == READING else "adapter"
        raise NothingToUndo(f"The {what} that came with Claimtrail is in use already; there is none to go back to.")
    previous = beside(place, "previous")
    _copy(place, beside(place, "undone"))
    if previous.exists():
        os.replace(previous, place)
    else:
        place.unlink()
    return in_use(home, shipped)


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
