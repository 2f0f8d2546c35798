"""Opening the SQLite file: one connection a thread, the pragmas, and ``write()``.

sqlite-utils picks up ``pysqlite3`` (a newer SQLite than Python's own) by itself. Every connection in this program comes from
here, because opening one file with both modules in one process would drop the other's locks.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlite_utils import Database
from sqlite_utils.utils import sqlite3

from db.migrations import migrations
from factcheck.errors import StoreUnavailable

BUSY_SECONDS = 30  # how long a writer waits for another one


class Connection:
    """A SQLite file, opened once per thread. ``migrate()`` must have run, in one process, before others use it."""

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
        try:
            raw = sqlite3.connect(str(self.path), timeout=BUSY_SECONDS)
            raw.row_factory = sqlite3.Row
            database = Database(raw)
            for pragma in (
                "journal_mode = wal",
                "foreign_keys = on",
                f"busy_timeout = {BUSY_SECONDS * 1000}",
                "synchronous = full",  # an acknowledged decision survives a power cut
                "cache_size = -32768",
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
        except sqlite3.OperationalError as error:
            raise StoreUnavailable(
                f"The database {self.path} cannot be written to ({error}). Check the disk's space and the file's permissions, then try again."
            ) from error
        try:
            yield database
            database.conn.execute("COMMIT")
        except BaseException:
            if database.conn.in_transaction:
                database.conn.execute("ROLLBACK")
            raise

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
        pending = [m.name for m in migrations.pending(self.db)]
        if pending:
            self.db.execute("PRAGMA foreign_keys = off")  # else a table that is made anew would take what refers to it along
            try:
                migrations.apply(self.db)
            except sqlite3.DatabaseError as error:
                raise StoreUnavailable(
                    f"The database {self.path} could not be brought to this version ({error}) and was left as it was. "
                    "Go back to the program that wrote it, or restore a backup."
                ) from error
            finally:
                self.db.execute("PRAGMA foreign_keys = on")
        return pending
