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
from factcheck.records import Kind, Occurrence
from factcheck.timeline import times_said

migrations = Migrations("claimtrail")
_FOLDER = Path(__file__).parent
TOPICS = _FOLDER.parent / "factcheck" / "data" / "topics.toml"  # what a newsroom starts with


def _run(database: Database, name: str) -> None:
    """Run a file of SQL one statement at a time: ``executescript`` would commit the migration's transaction."""
    from sqlite_utils.utils import sqlite3

    if not isinstance(database, Database) and database.ran_own(name):  # on a server, which may go another way
        return
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
    _recount(database)
    topics = tomllib.loads(TOPICS.read_text(encoding="utf-8"))["topic"]
    database.conn.executemany(
        "INSERT INTO topics (name, name_de, description, created_at, changed_at) VALUES (?, ?, ?, ?, ?)",
        [(t["name"], t["name_de"], t["description"], now(), now()) for t in topics],
    )


def _recount(database: Database) -> None:
    """From here on several reports of one event count as one time a claim was made."""
    rows = database.execute(
        """
        SELECT claim_id, quote, said_at, speaker, place, kind, person_id, NULL AS article_id FROM occurrences
        UNION ALL
        SELECT d.claim_id, s.text, coalesce(s.said_at, a.published_at), s.speaker, '', s.kind, s.person_id, a.id
        FROM decisions d JOIN statements s ON s.id = d.statement_id JOIN articles a ON a.id = s.article_id
        WHERE d.relation = 'same' AND d.undone_at IS NULL
        """
    )
    names = [column[0] for column in rows.description]
    said: dict[int, list[Occurrence]] = {}
    for values in rows.fetchall():
        row = dict(zip(names, values, strict=True))
        said.setdefault(row["claim_id"], []).append(Occurrence(**{**row, "kind": Kind(row["kind"])}))
    database.conn.executemany(
        "UPDATE claims SET occurrence_count = ? WHERE id = ?",
        [(times_said(found), claim_id) for claim_id, found in said.items() if len(found) > 1],
    )
