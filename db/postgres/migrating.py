"""Bringing a newsroom on a server to this program's schema: made at once where there is none, else migrated with everything in it.

The migrations are those of the file (``db.migrations``), their SQL translated statement by statement. Where PostgreSQL has to go another way,
a file of the same name in this folder stands for the shared one. Between them come steps that only a server needs (``OWN``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from db import migrations as history
from db.clock import now
from db.postgres import schema, volumes
from db.postgres.session import Session
from db.whole import Whole

if TYPE_CHECKING:
    from db.postgres.connection import PostgresConnection

_FOLDER = Path(__file__).parent
EXTENSIONS = ("citext", "pg_trgm")
# What only a server needs: name -> (the shared migration it comes after, what it does).
OWN: dict[str, tuple[str, Callable[[Any], None]]] = {"p001": ("m003", volumes.divide)}


def names() -> list[str]:
    """Everything a newsroom on a server has been through, in order."""
    found = []
    for migration in history.migrations._migrations:
        found.append(migration.name)
        found += [own for own, (after, _) in OWN.items() if after == migration.name]
    return found


def shared(applied: Iterable[str]) -> list[str]:
    """Those of them that a file goes through as well."""
    return [name for name in applied if name not in OWN]


def make(connection: PostgresConnection, session: Session) -> list[str]:
    """Make the schema, within a transaction; the names of what it stands for."""
    run = session.raw.execute
    run(f"CREATE SCHEMA IF NOT EXISTS {connection.schema}")
    for extension in EXTENSIONS:
        run(f"CREATE EXTENSION IF NOT EXISTS {extension} SCHEMA public")
    for statement in schema.statements():
        run(statement)
    for table, columns, rows in schema.first_rows():
        quoted = ", ".join(f'"{c}"' for c in columns)
        session.executemany(f'INSERT INTO "{table}" ({quoted}) VALUES ({", ".join("?" * len(columns))})', rows)
    for _, step in OWN.values():
        step(session.raw)
    _note(session, names())
    connection.renumber()
    return names()


def advance(connection: PostgresConnection, session: Session, pending: Sequence[str]) -> None:
    """Go through the migrations that are still to come, within a transaction, and make anew what is derived from what they changed."""
    shared_ones = {m.name: m.fn for m in history.migrations._migrations}
    for name in pending:
        if name in OWN:
            OWN[name][1](session.raw)
        else:
            shared_ones[name](Translating(session))  # type: ignore[arg-type]  # as much of a Database as a migration uses
    session.raw.execute("SET CONSTRAINTS ALL IMMEDIATE")
    _note(session, pending)
    connection.renumber()
    _index_words(connection, session)


def _note(session: Session, applied: Iterable[str]) -> None:
    for name in applied:
        session.raw.execute("INSERT INTO migrations VALUES (%s, %s)", [name, now()])


def _index_words(connection: PostgresConnection, session: Session) -> None:
    """The word indexes anew, where a migration left them with more or fewer rows than there are."""
    agree = True
    for table, standing in (("claims", ""), ("statements", "WHERE is_gone = 0")):
        rows = session.execute(f"SELECT count(*) FROM {table} {standing}").fetchone()[0]
        agree &= set(connection.words(table).sizes().values()) == {rows}
    if not agree:
        for table in ("claims", "statements"):
            connection.words(table).clear()
        Whole(connection).index_words()  # type: ignore[arg-type]  # of the same surface


class Translating:
    """What a migration of the file's gets in place of SQLite's database: takes its SQL, definitions included."""

    def __init__(self, session: Session):
        self._session = session

    @property
    def conn(self) -> Translating:
        return self

    def execute(self, sql: str, values: Sequence[Any] = ()) -> Any:
        said = schema.definition(sql)
        if said is None:
            return self._session.execute(sql, values)
        for statement in said:
            self._session.raw.execute(statement)
        return _Nothing()

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        self._session.executemany(sql, rows)

    def ran_own(self, name: str) -> bool:
        """Run the file that stands for a shared one here; False where there is none."""
        file = _FOLDER / name
        if not file.exists():
            return False
        for statement in schema.split(file.read_text(encoding="utf-8")):
            self._session.raw.execute(statement)
        return True


class _Nothing:
    """What comes of a definition."""

    rowcount, lastrowid, description = -1, None, None

    def fetchall(self) -> list:
        return []

    def fetchone(self) -> None:
        return None

    def __iter__(self) -> Iterator:
        return iter(())
