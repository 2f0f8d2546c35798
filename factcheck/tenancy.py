"""Who is in the house: every process that opens the database is a tenant, and a restore waits for nobody to be in.

A lock on a file in the home, given back by the system however a process ends.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from factcheck.errors import ClaimtrailError, StoreUnavailable

FILE = "in-use.lock"


@contextmanager
def tenant(home: Path) -> Iterator[None]:
    """While this lasts, nobody else is ``alone``. Raises ClaimtrailError while somebody is."""
    try:
        file = _file(home)
    except OSError:  # a folder that cannot be written to is told by whatever is to be written
        yield
        return
    with file:
        if not _locked(file, fcntl.LOCK_SH):
            raise ClaimtrailError("A backup is being restored here. Wait until that is done, then try again.")
        yield


@contextmanager
def alone(home: Path) -> Iterator[None]:
    """While this lasts, there is no tenant. Raises ClaimtrailError when there is one, StoreUnavailable when the home cannot be written to."""
    try:
        file = _file(home)
    except OSError as error:
        raise StoreUnavailable(f"{home} cannot be written to ({error.strerror}). Check its permissions, then try again.") from None
    with file:
        if not _locked(file, fcntl.LOCK_EX):
            raise ClaimtrailError(f"A server or a command is using {home}. Stop it, then try again.")
        yield


def _file(home: Path) -> IO[str]:
    home.mkdir(parents=True, exist_ok=True)
    return (home / FILE).open("a")


def _locked(file: IO[str], how: int) -> bool:
    try:
        fcntl.flock(file, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
