"""The schema's history, in order. A migration is never edited once released; each is applied with its record in one transaction.

``schema.sql`` is a snapshot for readers of what they add up to; a test keeps it true.
"""

from __future__ import annotations

from pathlib import Path

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

migrations = Migrations("claimtrail")
_FOLDER = Path(__file__).parent


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
