"""Opening the SQLite file: one connection a thread, the pragmas, and ``write()``.

sqlite-utils picks up ``pysqlite3`` (a newer SQLite than Python's own) by itself. Every connection in this program comes from
here, because opening one file with both modules in one process would drop the other's locks.
"""

from __future__ import annotations

import fcntl
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from sqlite_utils import Database
from sqlite_utils.utils import sqlite3

from db.failures import explained
from db.fts5 import Fts5
from db.migrations import migrations
from db.volumes import OneVolume
from factcheck.errors import BadInput, StoreUnavailable

if TYPE_CHECKING:
    from db.vectorindex import VectorIndex

OLDEST = (3, 43, 0)  # the first SQLite whose word index can forget a row without keeping its text
BUSY_SECONDS = 30  # how long a writer waits for another one


class Connection:
    """A SQLite file, opened once per thread. ``migrate()`` must have run, in one process, before others use it.

    ``db.postgres.connection`` has the same surface.
    """

    errors = (sqlite3.Error,)
    one_at_a_time = ""  # nothing else is taken off a queue meanwhile: there is one writer

    def __init__(self, path: Path):
        self.path = path
        self._local = threading.local()

    @property
    def db(self) -> Database:
        """This thread's connection. Raises StoreUnavailable when the file cannot be opened."""
        found = getattr(self._local, "db", None)
        if found is None:
            found = self._local.db = self._open()
        return found

    def _open(self) -> Database:
        if sqlite3.sqlite_version_info < OLDEST:  # where pysqlite3, which brings a newer one, has no file for this kind of machine
            raise StoreUnavailable(
                f"This Python brings SQLite {sqlite3.sqlite_version}; Claimtrail needs {'.'.join(map(str, OLDEST))} or newer. Use a Python with a newer one, "
                "such as that of Debian 13 or Ubuntu 24.04."
            )
        try:
            raw = sqlite3.connect(str(self.path), timeout=BUSY_SECONDS)
            raw.row_factory = sqlite3.Row
            database = Database(raw)
            for pragma in (
                "journal_mode = wal",
                "foreign_keys = on",
                f"busy_timeout = {BUSY_SECONDS * 1000}",
                "synchronous = full",  # an acknowledged decision survives a power cut
                "cache_size = -4096",  # 4 MB for each thread, which each fills in time; what it has not comes from the memory of the system
            ):
                database.execute(f"PRAGMA {pragma}").fetchall()
        except sqlite3.DatabaseError as error:
            raise StoreUnavailable(
                f"The database {self.path} cannot be opened ({error}). Check that the folder can be written to and the file is a "
                "Claimtrail database, or set CLAIMTRAIL_HOME to another folder."
            ) from error
        return database

    def close(self) -> None:
        """Close this thread's connection."""
        found = getattr(self._local, "db", None)
        if found is not None:
            found.close()
            self._local.db = None

    @contextmanager
    def write(self) -> Iterator[Database]:
        """A transaction that takes the write lock at once.

        ``BEGIN IMMEDIATE``: a plain ``BEGIN`` that reads and then writes fails with "database is locked" under several
        writers whatever the timeout. Nested calls join the outer transaction.
        """
        database = self.db
        if database.conn.in_transaction:
            yield database
            return
        try:
            database.conn.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            raise explained(error) or error
        try:
            yield database
            database.conn.execute("COMMIT")
        except BaseException as error:
            if database.conn.in_transaction:
                with suppress(sqlite3.Error):  # a disk that fails may refuse this too; what was not committed counts for nothing
                    database.conn.execute("ROLLBACK")
            if failure := explained(error):
                raise failure from error
            raise

    def reading(self) -> AbstractContextManager[None]:
        """What is read within may come from a replica; a file has none."""
        return nullcontext()

    def taking(self) -> AbstractContextManager[Database]:
        """A transaction that only takes something off a queue."""
        return self.write()

    @contextmanager
    def unchanging(self) -> Iterator[None]:
        """Everything is read as it is at one moment, whatever others write meanwhile."""
        self.db.conn.execute("BEGIN")
        try:
            yield
        finally:
            self.db.conn.execute("ROLLBACK")

    # What is asked of each engine in its own way

    def words(self, table: str) -> Fts5:
        """What holds the words of "claims" or "statements"."""
        return Fts5(self, table)

    def volumes(self) -> OneVolume:
        """How statements are kept apart by the time they came in."""
        return OneVolume()

    def vectors(self, kind: str, model_id: str) -> VectorIndex:
        """What finds the nearest of a kind's vectors of one model."""
        from db.vectorindex import VectorIndex  # which needs this module

        return VectorIndex(self, kind, model_id)

    def index_vectors_anew(self) -> int:
        """The index lies beside the file, and is made anew where it is missing."""
        return 0

    def advice(self) -> list[str]:
        """What whoever runs a server can do for it; a file has none."""
        return []

    def newest_vector(self) -> int:
        """A number that no vector stored from now on will have or stay below."""
        row = self.db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'vectors'").fetchone()
        return row["seq"] if row else 0

    def applied(self) -> list[str]:
        """The migrations this database has been through."""
        return [m.name for m in migrations.applied(self.db)]

    def tables(self) -> list[str]:
        """The newsroom's tables, by name; those of the word indexes aside."""
        rows = self.db.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '%_sqlite_migrations%' AND name NOT LIKE 'sqlite_%' "
            "AND name NOT GLOB '*_words_*' AND name NOT GLOB '*_trigrams_*' AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name"
        )
        return [r["name"] for r in rows]

    def columns(self, table: str) -> list[str]:
        return [r["name"] for r in self.db.execute(f'PRAGMA table_info("{table}")')]

    def key(self, table: str) -> list[str]:
        """The columns of a table's primary key."""
        rows = self.db.execute(f'PRAGMA table_info("{table}")')
        return [name for _, name in sorted((r["pk"], r["name"]) for r in rows if r["pk"])]

    @contextmanager
    def loading(self) -> Iterator[None]:
        """Within a transaction: rows come in as they are, whatever their order, with what triggers keep among them."""
        db = self.db
        db.execute("PRAGMA defer_foreign_keys = on")
        triggers = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for trigger in triggers:
            db.execute(f'DROP TRIGGER "{trigger["name"]}"')
        yield
        for trigger in triggers:
            db.execute(trigger["sql"])
        if broken := db.execute("PRAGMA foreign_key_check").fetchone():
            raise BadInput(f"A row of {broken[0]} in what comes in refers to a missing row of {broken[2]}. Nothing was imported.")

    def problems(self) -> list[str]:
        """What SQLite itself finds wrong with the file."""
        found = [r[0] for r in self.db.execute("PRAGMA integrity_check(20)").fetchall() if r[0] != "ok"]
        broken = self.db.execute("PRAGMA foreign_key_check").fetchmany(20)
        return found + [f"A row of {r[0]} points to a missing row of {r[2]}." for r in broken]

    def size(self) -> int:
        """Bytes it takes, what is not yet taken over from the log included."""
        return sum(file.stat().st_size for file in (self.path, self.path.with_name(f"{self.path.name}-wal")) if file.exists())

    def began_at(self) -> str:
        """When this database was made."""
        return migrations.applied(self.db)[0].applied_at

    def migrate(self) -> list[str]:
        """Bring the schema to the newest version; names of the migrations applied now, in order.

        Raises StoreUnavailable when the file was written by a newer program.
        """
        known = set(m.name for m in migrations.pending(Database(memory=True)))
        unknown = [m.name for m in migrations.applied(self.db) if m.name not in known]
        if unknown:
            raise StoreUnavailable(
                f"The database {self.path} was written by a newer Claimtrail (it holds {', '.join(unknown)}). Update the program; "
                "an older one must not touch it."
            )
        if not migrations.pending(self.db):
            return []
        with self._alone():
            pending = [m.name for m in migrations.pending(self.db)]  # another process may have been first
            self.db.execute("PRAGMA foreign_keys = off")  # else a table that is made anew would take what refers to it along
            try:
                with self.write() as database:  # all of them or none: what fails leaves the file to the program that wrote it
                    migrations.apply(database)
            except (sqlite3.DatabaseError, StoreUnavailable) as error:
                raise StoreUnavailable(
                    f"The database {self.path} could not be brought to this version ({error}) and was left as it was. "
                    "Go back to the program that wrote it, or restore a backup."
                ) from error
            finally:
                self.db.execute("PRAGMA foreign_keys = on")
        return pending

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One process at a time migrates; a process that ends gives the lock back, however it ends."""
        try:
            with self.path.with_name(f"{self.path.name}.migrating").open("w") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                yield
        except OSError as error:
            raise StoreUnavailable(
                f"The database {self.path} cannot be brought to this version ({error.strerror}). Check that its folder can be written to."
            ) from error
