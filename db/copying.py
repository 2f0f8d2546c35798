"""Copies of the whole database: made while others write, looked at before they are trusted, and put in its place."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlite_utils import Database
from sqlite_utils.utils import sqlite3

from db.connection import Connection
from db.migrations import migrations
from factcheck.errors import StoreUnavailable

ASIDE = ("-wal", "-shm")  # files SQLite keeps beside a database


@dataclass(frozen=True)
class Copy:
    """What a copy holds: the migrations it has been through, rows by table, and what is wrong with it."""

    schema: tuple[str, ...]
    rows: dict[str, int]
    problems: tuple[str, ...]


def copy(connection: Connection, target: Path) -> None:
    """Write the database as it is at this moment into a new file; writers go on meanwhile (SQLite's online backup).

    Raises StoreUnavailable when it cannot be read or there is no room.
    """
    out = sqlite3.connect(str(target))
    try:
        out.execute("PRAGMA synchronous = full")
        connection.db.conn.backup(out)  # in one go, from one snapshot
        out.execute("PRAGMA journal_mode = delete").fetchall()  # one file, with nothing beside it
    except sqlite3.Error as error:
        raise StoreUnavailable(f"The database could not be copied to {target.parent} ({error}). Free some space, then try again.") from error
    finally:
        out.close()


def look(path: Path) -> Copy:
    """Read a copy through. Raises StoreUnavailable when it is no database."""
    database = Database(str(path))
    try:
        problems = [r[0] for r in database.execute("PRAGMA integrity_check(20)").fetchall() if r[0] != "ok"]
        problems += [f"A row of {r[0]} refers to a missing row of {r[2]}." for r in database.execute("PRAGMA foreign_key_check").fetchmany(20)]
        names = [
            r[0]
            for r in database.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT GLOB '*_words_*' "
                "AND name NOT GLOB '*_trigrams_*' AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name"
            ).fetchall()
        ]
        rows = {name: database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}
        return Copy(tuple(m.name for m in migrations.applied(database)), rows, tuple(problems))
    except sqlite3.Error as error:
        raise StoreUnavailable(f"{path.name} is no sound database ({error}). Take another backup.") from error
    finally:
        database.close()


def known() -> tuple[str, ...]:
    """The migrations this program knows, in order."""
    return tuple(m.name for m in migrations.pending(Database(memory=True)))


def is_newer(schema: Sequence[str]) -> bool:
    """True for a database written by a newer program than this one."""
    return bool(set(schema) - set(known()))


def put_in_place(fresh: Path, path: Path, keep: Path) -> None:
    """Make ``fresh`` the database at ``path``; the one that was there is ``keep`` afterwards. Nobody may have it open.

    There is a database at ``path`` at every moment: the old one keeps its name until the new one takes it.
    """
    if path.exists():
        try:
            old = sqlite3.connect(str(path), timeout=1)
            try:
                old.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()  # what is only in the log goes into the file
            finally:
                old.close()
        except sqlite3.Error:
            pass  # damaged: its files are kept as they are
        keep.unlink(missing_ok=True)
        os.link(path, keep)
    for ending in ASIDE:
        beside = path.with_name(path.name + ending)
        if beside.exists():
            os.replace(beside, keep.with_name(keep.name + ending))
    os.replace(fresh, path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
