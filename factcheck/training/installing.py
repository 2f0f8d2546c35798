"""From a trained file to the one in use: a folder to work in, old against new, and the rule that nothing worse is installed."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from db import Store
from factcheck import adapter as adapters
from factcheck.errors import ClaimtrailError

LOCK, DRAFT = ".training.lock", ".training-"


@dataclass(frozen=True)
class Comparison:
    """One set's figure with what is in use and with the new one: MAP@5 of statements, 0..1 with four digits, or joint F1 over
    articles, 0..100 with two. ``queries`` counts the statements or articles."""

    name: str
    queries: int
    before: float
    after: float

    @property
    def is_worse(self) -> bool:
        return self.after < self.before


@dataclass(frozen=True)
class Verdict:
    """What the gate said. ``file`` is where the new file lies now: installed, or put aside; None when it was not kept."""

    comparisons: tuple[Comparison, ...]
    installed: bool
    file: Path | None

    @property
    def worse_on(self) -> tuple[str, ...]:
        return tuple(c.name for c in self.comparisons if c.is_worse)


def settle(trained: Path, home: Path, shipped: Path, comparisons: Sequence[Comparison], *, dry_run: bool) -> Verdict:
    """Install a trained file when it is worse on no set, put it aside when it is; a dry run does neither."""
    verdict = Verdict(tuple(comparisons), installed=False, file=None)
    if dry_run:
        return verdict
    if verdict.worse_on:
        aside = adapters.beside(adapters.installed(home, shipped), "rejected")
        os.replace(trained, aside)
        return Verdict(verdict.comparisons, installed=False, file=aside)
    return Verdict(verdict.comparisons, installed=True, file=adapters.install(trained, home, shipped))


def note(store: Store, action: str, before: str, after: str) -> None:
    """Into the audit log: which model was in use before, and which is now."""
    with store.write():
        store.audit.add("command line", action, "newsroom", 0, before={"model": before}, after={"model": after})


@contextmanager
def workplace(folder: Path) -> Iterator[Path]:
    """A folder of its own inside ``folder``, gone afterwards. Raises ClaimtrailError while another training has one."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # given back when the file is closed, also by a crash
        except OSError:
            raise ClaimtrailError("Another training is running on this data. Wait for it, or stop it with Ctrl-C.") from None
        for left_over in folder.glob(f"{DRAFT}*"):  # from a training that was killed
            shutil.rmtree(left_over, ignore_errors=True)
        with tempfile.TemporaryDirectory(prefix=DRAFT, dir=folder) as draft:
            yield Path(draft)
