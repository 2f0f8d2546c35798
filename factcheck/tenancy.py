"""Who is in the house: every process that opens the database is a tenant, and a restore waits for nobody to be in.

A lock on a file in the home, given back by the system however a process ends. What a process takes to work on bears its name, so that another
one knows when it has ended.
"""

from __future__ import annotations

import fcntl
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from factcheck.errors import ClaimtrailError, StoreUnavailable

FILE = "in-use.lock"
ELSEWHERE = 3600.0  # seconds after which what a process on another machine took counts as left


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


def name() -> str:
    """This process's name: its machine, number and beginning, and the moment now (seconds since 1970)."""
    return f"{socket.gethostname()} {os.getpid()} {_beginning(os.getpid())} {int(time.time())}"


def has_ended(given: str) -> bool:
    """True when the process of this name runs no more; one on another machine counts as ended after an hour."""
    parts = given.rsplit(" ", 3)
    if len(parts) != 4 or not (parts[1].isdigit() and parts[3].isdigit()):
        return True
    machine, number, beginning, moment = parts
    if machine != socket.gethostname():
        return abs(time.time() - int(moment)) > ELSEWHERE
    return _beginning(int(number)) != beginning if beginning else not _runs(int(number))


def _beginning(number: int) -> str:
    """When a process began, in the system's ticks: two processes with one number, one after the other, differ in it. "" for none."""
    try:
        with open(f"/proc/{number}/stat", encoding="ascii", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""


def _runs(number: int) -> bool:
    """Where the system does not tell when a process began: whether there is one of this number."""
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except OSError:  # somebody else's
        return True
    return True


def _file(home: Path) -> IO[str]:
    home.mkdir(parents=True, exist_ok=True)
    return (home / FILE).open("a")


def _locked(file: IO[str], how: int) -> bool:
    try:
        fcntl.flock(file, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
