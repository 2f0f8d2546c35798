"""Lock files: every library with its version, the machines it is for, and the sha256 of each of its files."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CHOSEN = {"requirements.lock": "requirements.txt", "requirements-test.lock": "requirements-test.txt"}  # lock -> what was asked for
_HEAD = re.compile(r"(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;]+)(?: ; (?P<marker>[^\\]+?))?\s*\\")


@dataclass(frozen=True)
class Locked:
    """A library in the lock. ``name`` is in its plain form; ``marker`` is "" where it is for every machine."""

    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]  # sha256 of each file the registry has of this version, in hexadecimal, sorted
    wanted_by: tuple[str, ...]  # names of libraries, or "-r FILE"

    def lines(self) -> str:
        """The entry as pip reads it."""
        head = f"{self.name}=={self.version}" + (f" ; {self.marker}" if self.marker else "")
        hashes = "".join(f" \\\n    --hash=sha256:{value}" for value in self.hashes)
        return f"{head}{hashes}\n    # for {', '.join(self.wanted_by)}\n"


def plain(name: str) -> str:
    """A library's name as registries compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def read(text: str) -> list[Locked]:
    """The entries of a lock, in their order. Raises ValueError for a line that belongs to none."""
    found: list[Locked] = []
    entry: dict[str, list[str]] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if head := _HEAD.match(line):
            entry = {"hashes": [], "by": []}
            found.append(Locked(plain(head["name"]), head["version"], head["marker"] or "", (), ()))
        elif line.startswith("    --hash=sha256:"):
            entry["hashes"].append(line.split(":", 1)[1].rstrip(" \\"))
        elif line.startswith("    #"):
            entry["by"] += [part.strip() for part in re.sub(r"^    #\s*(via|for)?\s*", "", line).split(",") if part.strip()]
        elif line.strip() and not line.startswith("#"):
            raise ValueError(f"Line {number} of the lock belongs to no library: {line}")
        if found and entry:
            last = found[-1]
            found[-1] = Locked(last.name, last.version, last.marker, tuple(sorted(entry["hashes"])), tuple(entry["by"]))
    return found


def all_locked(names: Iterable[str] = CHOSEN) -> list[Locked]:
    """What the given locks of the project hold."""
    return [entry for name in names for entry in read((ROOT / name).read_text(encoding="utf-8"))]


def asked_for(name: str) -> dict[str, str]:
    """Plain name -> version, of what a requirements file asks for itself."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    pins = (re.split(r"[#;]", line)[0].strip() for line in lines)
    return {plain(pin.partition("==")[0]): pin.partition("==")[2] for pin in pins if "==" in pin}
