"""The schema's history, in order. A migration is never edited once released; each is applied with its record in one transaction.

``schema.sql`` is a snapshot for readers of what they add up to; a test keeps it true.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from db.clock import now
from factcheck.errors import StoreUnavailable
from factcheck.namekeys import filed_under, surname_key

migrations = Migrations("claimtrail")
_FOLDER = Path(__file__).parent
TOPICS = _FOLDER.parent / "factcheck" / "data" / "topics.toml"  # what a newsroom starts with


def _run(database: Database, name: str) -> None:
    """Run a file of SQL one statement at a time: ``executescript`` would commit the migration's transaction."""
    from sqlite_utils.utils import sqlite3

    statement = ""
    for line in (_FOLDER / name).read_text().splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            database.conn.execute(statement)
            statement = ""


@migrations()
def m001(database: Database) -> None:
    """Everything the first release stores."""
    _run(database, "m001.sql")


@migrations()
def m002(database: Database) -> None:
    """Corrections and confirmations by editors; statements tell nature, suggestions and where their words stand."""
    _run(database, "m002.sql")
    broken = database.execute("PRAGMA foreign_key_check").fetchall()
    if broken:
        raise StoreUnavailable(f"Rows of {broken[0][0]} refer to nothing, so the database was left as it was. Restore it from a backup.")


@migrations()
def m003(database: Database) -> None:
    """The newsroom at work: merging, promises, walk-backs, topics, alerts, drafts, notes, the queue's assignments, tokens, jobs."""
    _run(database, "m003.sql")
    people = database.execute("SELECT id, name, organisation FROM people").fetchall()
    database.conn.executemany(
        "UPDATE people SET filed_under = ?, surname_key = ? WHERE id = ?",
        [(filed_under(name, bool(body)), surname_key(name, bool(body)), person_id) for person_id, name, body in people],
    )
    topics = tomllib.loads(TOPICS.read_text(encoding="utf-8"))["topic"]
    database.conn.executemany(
        "INSERT INTO topics (name, name_de, description, created_at, changed_at) VALUES (?, ?, ?, ?, ?)",
        [(t["name"], t["name_de"], t["description"], now(), now()) for t in topics],
    )
