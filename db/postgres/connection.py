"""A database on a PostgreSQL server, with the surface of ``db.connection.Connection``: one connection a thread, ``write()``.

A newsroom is a schema (``?schema=`` in the address), so that several share a server and see nothing of one another. Writers of one newsroom
take turns by an advisory lock, as they do in SQLite's file: what is numbered in order is also seen in order, and what was read in a
transaction still holds when it writes. What is taken off a queue needs no turn (``taking()``).
"""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import psycopg

from db.postgres import migrating, schema
from db.postgres import vectors as pgvector
from db.postgres.session import Session, Truth, Whole, rows_by_name
from db.postgres.volumes import Volumes
from db.postgres.words import Tsvectors
from factcheck.errors import BadInput, StoreUnavailable

log = logging.getLogger("claimtrail.postgres")
PATIENCE = 30.0  # seconds in which another server may take the place of one that is gone
AWAY = 30  # seconds for which a replica that cannot be reached is not asked again
LOCK_SECONDS = 30  # how long a writer waits for another one
MIGRATING_SECONDS = 3600  # how long a process that starts waits for another one that migrates
SCHEMA = "claimtrail"


class PostgresConnection:
    """A newsroom on a server. ``url`` is libpq's, with ``schema`` as one more option."""

    errors = (psycopg.Error,)
    one_at_a_time = "FOR UPDATE SKIP LOCKED"  # what is being taken by somebody else is passed over

    def __init__(self, url: str, folder: Path | None = None, read: str = ""):
        self.url, self.schema = _parted(url)
        self._read_url = _parted(read)[0] if read else ""
        self.path = folder / "database" if folder else None  # beside it stands what is derived of the database on this machine
        self.shown = _shown(self.url)
        self._local = threading.local()
        self._numbered: dict[str, str] = {}
        self._was_there = False
        self._written: str | None = None  # how far the server's log was when this process last wrote
        self._away_until = 0.0  # the replica is not asked before

    # Connecting

    @property
    def db(self) -> Session:
        """This thread's connection, a new one when the last was lost. Raises StoreUnavailable."""
        replica = getattr(self._local, "replica", None)
        if replica is not None and not getattr(self._local, "inside", False):
            return replica
        return self._primary()

    def _primary(self) -> Session:
        found = getattr(self._local, "db", None)
        if found is None or found.raw.closed:
            if getattr(self._local, "inside", False):  # nothing goes on by itself what was to be done together
                raise StoreUnavailable(f"The connection to the database at {self.shown} was lost: nothing was stored. Try again.", key="store_away")
            found = self._local.db = Session(self._open, self._numbered)
        return found

    def _open(self) -> psycopg.Connection:
        """A connection to the server that takes writes; while another one takes its place, it is waited for."""
        until = time.monotonic() + (PATIENCE if self._was_there else 0)
        while True:
            try:
                raw = self._connected(self.url)
                self._was_there = True
                return raw
            except psycopg.Error as error:
                if time.monotonic() >= until:
                    raise StoreUnavailable(
                        f"The database at {self.shown} cannot be reached ({_first_line(error)}). Check that the server runs and what CLAIMTRAIL_DATABASE says.",
                        key="store_away",
                    ) from error
            time.sleep(0.2)

    def _connected(self, url: str) -> psycopg.Connection:
        raw = psycopg.connect(
            url, autocommit=True, cursor_factory=psycopg.ClientCursor, row_factory=rows_by_name, connect_timeout=10, application_name="claimtrail",
            options=f"-c search_path={self.schema},public -c lock_timeout={LOCK_SECONDS}s -c timezone=UTC -c standard_conforming_strings=on "
            + pgvector.OPTIONS,
        )  # fmt: skip
        for name in ("numeric", "bool"):
            raw.adapters.register_loader(name, Whole)
        raw.adapters.register_dumper(bool, Truth)
        return raw

    @contextmanager
    def reading(self) -> Iterator[None]:
        """The thread reads from the replica meanwhile, if it has everything this process wrote; else from the server that is written to."""
        if not self._read_url or getattr(self._local, "replica", None) is not None:
            yield
            return
        self._local.replica = self._replica()
        try:
            yield
        finally:
            self._local.replica = None

    def _replica(self) -> Session | None:
        if time.monotonic() < self._away_until:
            return None
        try:
            found = getattr(self._local, "read", None)
            if found is None or found.raw.closed:
                self._local.read = None
                found = Session(self._open_replica, self._numbered)
                self._local.read = found
            if self._written is not None:
                asked, row = self._written, found.raw.execute(
                    "SELECT NOT pg_is_in_recovery() OR pg_last_wal_replay_lsn() >= %s::pg_lsn", [self._written]
                ).fetchone()
                if not row[0]:
                    return None
                if self._written == asked:
                    self._written = None
            return found
        except psycopg.Error as error:
            self._note_away(error)
            return None

    def _open_replica(self) -> psycopg.Connection:
        """A connection to the replica; to the database itself when the replica went away while it was read."""
        try:
            return self._connected(self._read_url)
        except psycopg.Error as error:
            if getattr(self._local, "read", None) is None:
                raise
            self._local.read = None
            self._note_away(error)
            return self._open()

    def _note_away(self, error: Exception) -> None:
        log.warning("The replica cannot be read from (%s); everything is read from the database itself for %d seconds.", _first_line(error), AWAY)
        self._away_until = time.monotonic() + AWAY

    def close(self) -> None:
        """Close this thread's connection."""
        for name in ("db", "read"):
            found = getattr(self._local, name, None)
            if found is not None:
                found.raw.close()
                setattr(self._local, name, None)

    # Transactions

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction of the newsroom's one writer. Nested calls join the outer transaction."""
        with self._transaction(f"BEGIN; {self._turn()}") as session:
            yield session

    def _turn(self) -> str:
        """Waits until no other writer is at work."""
        return f"SELECT pg_advisory_xact_lock(hashtextextended('{self.schema}', 20))"

    @contextmanager
    def taking(self) -> Iterator[Session]:
        """A transaction that only takes something off a queue, beside whoever writes or takes something else."""
        with self._transaction("BEGIN") as session:
            yield session

    @contextmanager
    def unchanging(self) -> Iterator[None]:
        """Everything is read as it is at one moment, whatever others write meanwhile."""
        with self._transaction("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY") as session:
            streamed, session.streams = session.streams, True
            try:
                yield
            finally:
                session.streams = streamed

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[Session]:
        session = self._primary()
        if getattr(self._local, "inside", False):
            yield session
            return
        self._begin(session, begin)
        self._local.inside = True
        try:
            yield session
            session.raw.execute("COMMIT")
            if self._read_url:
                self._written = session.raw.execute("SELECT pg_current_wal_insert_lsn()::text").fetchone()[0]
        except BaseException as error:
            if session.in_transaction:
                self._undo(session)
            if isinstance(error, psycopg.OperationalError) and session.raw.closed:
                raise StoreUnavailable(
                    f"The connection to the database at {self.shown} was lost. Look whether the change was made, and make it again if not.", key="store_away"
                ) from error
            raise
        finally:
            self._local.inside = False

    @staticmethod
    def _undo(session: Session) -> None:
        try:
            session.raw.execute("ROLLBACK")
        except psycopg.Error:  # interrupted while it waited: the server undoes what is left of a connection that ends
            session.raw.close()

    def _begin(self, session: Session, begin: str) -> None:
        try:
            session.raw.execute(begin)
        except psycopg.OperationalError as error:
            if not session.raw.closed:
                session.raw.execute("ROLLBACK")
                raise StoreUnavailable(f"The database at {self.shown} is busy ({_first_line(error)}). Try again.", key="store_busy") from error
            session.raw = self._open()  # the server was restarted, or another one has taken its place
            session.raw.execute(begin)

    # The schema

    def migrate(self) -> list[str]:
        """Make the schema where there is none, else bring it to the newest version; names of the migrations applied now, in order.

        All of them or none: what fails leaves the newsroom to the program that wrote it. Of several processes that start at once one does it.
        Raises StoreUnavailable, also when a newer program wrote it.
        """
        known, pending = migrating.names(), []
        applied = self._applied()
        if applied is None or set(known) - set(applied):
            try:
                with self._transaction(f"BEGIN; SET LOCAL lock_timeout = '{MIGRATING_SECONDS}s'; {self._turn()}") as session:
                    applied = self._applied()  # another process may have been first
                    pending = [name for name in known if name not in (applied or ())]
                    if applied is None:
                        migrating.make(self, session)
                    elif pending and set(applied) <= set(known):
                        migrating.advance(self, session, pending)
            except (psycopg.Error, ValueError) as error:
                raise StoreUnavailable(self._not_prepared(applied, error)) from error
        if unknown := [name for name in applied or () if name not in known]:
            raise StoreUnavailable(
                f"The database at {self.shown} was written by a newer Claimtrail (it holds {', '.join(unknown)}). Update the program; "
                "an older one must not touch it."
            )
        self._numbered.update(self._numbers())
        return pending

    def _not_prepared(self, applied: list[str] | None, error: Exception) -> str:
        if applied is None:
            return (
                f"The database at {self.shown} could not be prepared ({_first_line(error)}). The user needs the right to create a schema in it, and the "
                f"extensions {' and '.join(migrating.EXTENSIONS)}."
            )
        return (
            f"The database at {self.shown} could not be brought to this version ({_first_line(error)}) and was left as it was. "
            "Go back to the program that wrote it."
        )

    def is_made(self) -> bool:
        """True when there is a newsroom here."""
        return self._applied() is not None

    def _applied(self) -> list[str] | None:
        found = self.db.raw.execute("SELECT to_regclass(%s)", [f"{self.schema}.migrations"]).fetchone()
        if found is None or found[0] is None:
            return None
        return [r[0] for r in self.db.raw.execute("SELECT name FROM migrations ORDER BY name").fetchall()]

    def _numbers(self) -> dict[str, str]:
        """Table -> the column that is numbered by the database."""
        rows = self.db.raw.execute(
            "SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid WHERE c.relnamespace = %s::regnamespace "
            "AND a.attidentity <> '' AND NOT c.relispartition",
            [self.schema],
        ).fetchall()
        return {r[0]: r[1] for r in rows}

    def tables(self) -> list[str]:
        """The newsroom's tables, by name; those of the word indexes aside."""
        return sorted(schema.tables())

    def columns(self, table: str) -> list[str]:
        return schema.tables()[table]

    def key(self, table: str) -> list[str]:
        """The columns of a table's primary key."""
        rows = self.db.raw.execute(
            "SELECT a.attname FROM pg_index i, unnest(i.indkey) WITH ORDINALITY k(n, place) JOIN pg_attribute a ON a.attnum = k.n "
            "WHERE i.indrelid = %s::regclass AND a.attrelid = i.indrelid AND i.indisprimary ORDER BY k.place",
            [f"{self.schema}.{table}"],
        )
        return [r[0] for r in rows]

    @contextmanager
    def loading(self) -> Iterator[None]:
        """Within a transaction: rows come in as they are, whatever their order, with what triggers keep among them."""
        run = self.db.raw.execute
        run("SET CONSTRAINTS ALL DEFERRED")
        for table in self.tables():
            run(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield
        try:
            run("SET CONSTRAINTS ALL IMMEDIATE")
        except psycopg.IntegrityError as error:
            raise BadInput(f"What comes in refers to a row that is missing ({_first_line(error)}). Nothing was imported.") from error
        for table in self.tables():
            run(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        self.renumber()
        pgvector.make_anew(self)

    def renumber(self) -> None:
        """Let every table go on behind its highest number, after rows came in with theirs."""
        for table, column in self._numbers().items():
            self.db.raw.execute(
                f"SELECT setval(pg_get_serial_sequence('{self.schema}.{table}', '{column}'), greatest(max({column}), 1), max({column}) IS NOT NULL) FROM {table}"
            )

    # What is asked of each engine in its own way

    def words(self, table: str) -> Tsvectors:
        return Tsvectors(self, table)

    def volumes(self) -> Volumes:
        return Volumes(self)

    def vectors(self, kind: str, model_id: str) -> pgvector.ServerVectors:
        """What finds the nearest of a kind's vectors of one model."""
        return pgvector.ServerVectors(self, kind, model_id)

    def index_vectors_anew(self) -> int:
        """Make anew what the server searches vectors with; how many it holds."""
        return pgvector.make_anew(self)

    def advice(self) -> list[str]:
        """What whoever runs the server can do for it."""
        return pgvector.advice(self)

    def applied(self) -> list[str]:
        """The migrations this newsroom has been through that a file goes through as well."""
        return migrating.shared(self._applied() or [])

    def problems(self) -> list[str]:
        """The vectors' index alone: the server refuses rows that point to nothing, and checks its pages as it reads them."""
        return pgvector.problems(self)

    def size(self) -> int:
        """Bytes the whole database takes on the server."""
        return self.db.raw.execute("SELECT pg_database_size(current_database())").fetchone()[0]

    def began_at(self) -> str:
        return self.db.raw.execute("SELECT min(applied_at) FROM migrations").fetchone()[0]

    def newest_vector(self) -> int:
        """A number that no vector stored from now on will have or stay below."""
        return self.db.execute("SELECT coalesce(max(seq), 0) FROM vectors").fetchone()[0]


def _parted(url: str) -> tuple[str, str]:
    """(the address without the schema, the schema)"""
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    name = options.pop("schema", SCHEMA)
    if not re.fullmatch(r"[a-z_][a-z0-9_]{0,50}", name) or name in ("public", "information_schema") or name.startswith("pg_"):
        raise StoreUnavailable(f"CLAIMTRAIL_DATABASE names the schema {name!r}; use small letters, digits and _, and not public.")
    return urlunsplit(parts._replace(query=urlencode(options))), name


def _shown(url: str) -> str:
    """The address without its password."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query=""))


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
