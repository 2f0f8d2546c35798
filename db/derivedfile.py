"""Files that are derived from the database: arrays one after the other, checked when opened, replaced as a whole, mapped into memory.

A file that lies in its place is never written to. A new one is put there with one rename; who has the last one open keeps it.
"""

from __future__ import annotations

import json
import os
import tempfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

HEADER = 4096  # bytes: what the file holds and where
_READ_AT_ONCE = 2**22


class Writer:
    """What ``writing`` gives: arrays go in one after the other, what is to be remembered of them into ``told`` (JSON, a few kB)."""

    def __init__(self, out: Any, path: Path):
        self._out, self.path = out, path
        self._checked = 0
        self._sections: dict[str, tuple[int, str, tuple[int, ...]]] = {}
        self.told: dict[str, Any] = {}
        out.write(b" " * HEADER)

    def add(self, name: str, kind: str, parts: Iterable[bytes], width: int = 0) -> np.ndarray:
        """Write an array of a numpy type (with ``width`` a table of so many columns), given as bytes; what was written, mapped."""
        at = self._out.tell()
        self._out.write(b" " * (-at % 64))
        at = self._out.tell()
        for part in parts:
            self._checked = zlib.crc32(part, self._checked)
            self._out.write(part)
        self._out.flush()
        n = (self._out.tell() - at) // np.dtype(kind).itemsize
        shape = (n // width, width) if width else (n,)
        self._sections[name] = (at, kind, shape)
        return np.memmap(self.path, dtype=kind, mode="r", offset=at, shape=shape) if n else np.empty(shape, kind)

    def begin(self, name: str) -> int:
        """Where an array begins in the file."""
        return self._sections[name][0]

    def finish(self, magic: str) -> None:
        header = {"magic": magic, "size": self._out.tell(), "crc32": self._checked, "sections": self._sections, "told": self.told}
        self._out.seek(0)
        self._out.write(json.dumps(header).encode().ljust(HEADER))
        self._out.flush()
        os.fsync(self._out.fileno())


@contextmanager
def writing(file: Path, magic: str) -> Iterator[Writer]:
    """Write a file beside ``file`` and put it in its place at the end; nothing is left of it when anything fails. Raises OSError."""
    file.parent.mkdir(parents=True, exist_ok=True)
    _clear(file)
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}-{os.getpid()}-")
    try:
        with os.fdopen(handle, "w+b") as out:
            writer = Writer(out, Path(name))
            yield writer
            writer.finish(magic)
        os.replace(name, file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _clear(file: Path) -> None:
    """Remove what processes left that were killed while they wrote: as large as the file itself."""
    for draft in file.parent.glob(f".{file.name}-*"):
        writer = draft.name.removeprefix(f".{file.name}-").partition("-")[0]
        if writer.isdigit() and not Path(f"/proc/{writer}").exists() and Path("/proc/self").exists():
            draft.unlink(missing_ok=True)


def read(file: Path, magic: str) -> tuple[dict[str, Any], dict[str, np.ndarray]] | None:
    """(what was told, arrays by name); None for a file that is missing, cut off, damaged or of another version."""
    try:
        with file.open("rb") as source:
            header = json.loads(source.read(HEADER))
            if header["magic"] != magic or file.stat().st_size != header["size"]:
                return None
            whole = np.memmap(file, dtype=np.uint8, mode="r")
            checked = 0
            for at, kind, shape in header["sections"].values():
                source.seek(at)
                left = int(np.dtype(kind).itemsize * np.prod(shape))
                while left and (part := source.read(min(left, _READ_AT_ONCE))):
                    checked = zlib.crc32(part, checked)
                    left -= len(part)
        if checked != header["crc32"]:
            return None
        whole = np.asarray(whole)  # a plain array over the mapped file: slices of it cost less
        arrays = {
            name: whole[at : at + int(np.dtype(kind).itemsize * np.prod(shape))].view(kind).reshape(shape)
            for name, (at, kind, shape) in header["sections"].items()
        }
        return header["told"], arrays
    except (OSError, ValueError, KeyError, TypeError):
        return None


def highest(values: np.ndarray, wanted: int, least: float) -> np.ndarray:
    """Places of at least the ``wanted`` highest values above ``least``, in no order and a few more where that is cheaper, all of a tie with
    the last. The cut is guessed from every so many-th value, so that not all have to be put in order."""
    n = len(values)
    if wanted < 1:
        return np.empty(0, dtype=np.int64)
    step = max(1, n // 16_384)
    if step > 1 and wanted < n // 4:
        sample = values[::step]
        place = min(len(sample), int(wanted / step * 1.2) + 16)
        cut = np.partition(sample, len(sample) - place)[len(sample) - place]
        places = np.flatnonzero(values >= cut) if cut > least else np.flatnonzero(values > least)
        if len(places) < wanted:
            places = np.flatnonzero(values > least)
    else:
        places = np.flatnonzero(values > least)
    if len(places) > 2 * wanted:
        found = values[places]
        places = places[found >= np.partition(found, len(found) - wanted)[len(found) - wanted]]
    return places
