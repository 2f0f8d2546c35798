"""A database of every released version comes to the newest with all that is in it; one that cannot be brought there stays as it was."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlite_utils import Database
from sqlite_utils.utils import sqlite3

from db import open_store
from db import migrations as history
from db.connection import Connection
from factcheck import backups, pipeline, review, setting_up
from factcheck.errors import StoreUnavailable
from factcheck.records import Relation

ROOT = Path(__file__).resolve().parent.parent
SCHEMAS = ROOT / "tests" / "schemas"
NAMES = [m.name for m in history.migrations._migrations]
RELEASED = ["m001", "m002", "m003"]  # a newer one is written on until it is released, and joins them with its database
MOMENTARY = {"erasing"}  # holds rows within a transaction only
REWRITTEN = {  # column -> why it is not what it was
    ("claims", "occurrence_count"): "m003: several reports of one event count as one time",
}


def database_of(schema: str, path: Path) -> Path:
    """The database that the program of this schema left."""
    database = Database(str(path))
    newer = [name for name in NAMES if name > schema]
    history.migrations.apply(database, stop_before=newer)
    database.execute("PRAGMA foreign_keys = off")
    database.conn.executescript((SCHEMAS / f"{schema}.sql").read_text(encoding="utf-8"))
    database.close()
    return path


def content(path: Path) -> dict[str, list[dict]]:
    """The rows of all tables but those of the word indexes, which are asked instead."""
    database = sqlite3.connect(str(path))
    database.row_factory = sqlite3.Row
    names = [
        r[0]
        for r in database.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'")
        if not r[1].startswith("CREATE VIRTUAL") and "_words_" not in r[0] and "_trigrams_" not in r[0] and r[0] != "_sqlite_migrations"
    ]
    found = {name: [dict(r) for r in database.execute(f'SELECT * FROM "{name}"')] for name in names}
    database.close()
    return found


def fingerprint(path: Path) -> str:
    """Of everything in the file, the schema included."""
    database = sqlite3.connect(str(path))
    told = "\n".join(repr(tuple(r)) for r in database.execute("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name"))
    for name, rows in sorted(content(path).items()):
        told += f"\n{name}\n" + "\n".join(sorted(repr(r) for r in rows))
    told += repr(database.execute("SELECT name FROM _sqlite_migrations ORDER BY id").fetchall())
    database.close()
    return hashlib.sha256(told.encode()).hexdigest()


def test_every_released_schema_has_its_database_kept():
    assert sorted(p.stem for p in SCHEMAS.glob("*.sql")) == RELEASED == NAMES[: len(RELEASED)]


@pytest.mark.parametrize("schema", RELEASED)
def test_a_database_of_each_released_schema_keeps_all_that_is_in_it(tmp_path, fake_encoder, schema):
    path = database_of(schema, tmp_path / "claimtrail.db")
    before = content(path)
    assert not (empty := {n for n, rows in before.items() if not rows} - MOMENTARY), f"empty in {schema}.sql: {empty}"
    store = open_store(path)
    after = content(path)
    for table, rows in before.items():
        if table in {"sqlite_sequence", *MOMENTARY}:
            continue
        columns = [c for c in rows[0] if (table, c) not in REWRITTEN]
        had = sorted(repr([row[c] for c in columns]) for row in rows)
        assert all(c in after[table][0] for c in columns), table
        has = [repr([row[c] for c in columns]) for row in after[table]]
        assert [row for row in had if row not in has] == [], table
        if table != "newsroom":  # new settings come with new things to set
            assert len(has) == len(had), table

    # And it is worked with: it is searched, decided on, taken back, backed up.
    assert store.problems() == []
    assert store.claims.by_key("c-1").occurrence_count == 2, "a quote two papers report is one time, the statement in an article another"
    assert [i for i, _ in store.claim_words.words("trees", 5)] == [1]
    admin = store.users.by_name("ada")
    pipeline.embed_claims(store, fake_encoder)
    pipeline.embed_statements(store, fake_encoder)
    statement = next(s for s in store.articles.statements(1) if "bridge" in s.text)
    made = review.decide(store, statement.id, 2, Relation.RELATED, admin)
    assert review.undo(store, admin).id == made.id
    assert not [p for p in setting_up.check(store, fake_encoder).problems if "vectors" not in p]
    store.close()


def fails_in_sql(database: Database) -> None:
    database.execute("CREATE TABLE half (x INTEGER)")
    database.execute("UPDATE claims SET text = 'gone', nothing_such = 1")


def fails_in_code(database: Database) -> None:
    database.execute("UPDATE claims SET text = 'gone'")
    raise ZeroDivisionError


def finds_broken_rows(database: Database) -> None:
    database.execute("DROP TABLE reviews")
    raise StoreUnavailable("Rows refer to nothing.")


@pytest.mark.parametrize("schema", RELEASED)
@pytest.mark.parametrize("failing", [fails_in_sql, fails_in_code, finds_broken_rows])
def test_a_migration_that_fails_leaves_the_state_that_was(tmp_path, monkeypatch, schema, failing):
    path = database_of(schema, tmp_path / "claimtrail.db")
    before = fingerprint(path)
    broken = history.Migrations("claimtrail")
    broken._migrations = list(history.migrations._migrations)
    broken(name="m999")(failing)
    monkeypatch.setattr("db.connection.migrations", broken)
    connection = Connection(path)
    with pytest.raises((StoreUnavailable, ZeroDivisionError)) as told:
        connection.migrate()
    connection.close()
    if failing is not fails_in_code:  # an error of the program's own is told as one
        assert "was left as it was" in str(told.value)
    assert fingerprint(path) == before
    monkeypatch.undo()
    open_store(path).close()
    assert (fingerprint(path) == before) == (schema == NAMES[-1])


OPENING = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from db.connection import Connection
sys.stdin.readline()
print(len(Connection(Path(sys.argv[1])).migrate()))
"""


def test_of_several_processes_that_start_at_once_one_migrates(tmp_path):
    path = database_of("m001", tmp_path / "claimtrail.db")
    started = [
        subprocess.Popen([sys.executable, "-c", OPENING, str(path)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    said = []
    for process in started:
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in started:
        out, problems = process.communicate(timeout=120)
        assert problems == ""
        said.append(int(out))
    assert sorted(said) == [0, 0, len(NAMES) - 1]
    store = open_store(path)
    assert store.problems() == []
    store.close()


@pytest.mark.parametrize("schema", RELEASED)
def test_a_backup_of_an_earlier_version_is_restored_and_brought_to_this_one(tmp_path, settings, monkeypatch, schema):
    settings.home.mkdir()
    database_of(schema, settings.database)
    early = Connection(settings.database)
    target = settings.home / "copy.db"
    backups.copying.copy(early, target)
    held = backups.copying.look(target)
    assert held.schema == tuple(NAMES[: NAMES.index(schema) + 1]) and not held.problems
    part = settings.home / "claimtrail-20260101T000000Z.zip"
    backups._pack(part, settings, target, held, datetime(2026, 1, 1, tzinfo=UTC))
    early.close()
    settings.database.unlink()
    backups.restore(settings, part)
    store = open_store(settings.database)
    assert store.claims.by_key("c-1") and store.problems() == []
    store.close()
