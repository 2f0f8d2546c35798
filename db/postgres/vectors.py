"""Vectors searched by the server, with pgvector: a large kind is read by no process, and a change is seen by all of them at once.

Up to ``vectorindex.SMALL`` vectors stand in each process's memory, as they do with a file. Of more the server keeps a table with a graph over
it (``neartable``), made in the background the first time. Until it is ready, and where the extension is missing, everything goes on as with a file.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection
from typing import TYPE_CHECKING

import numpy as np
from psycopg import errors

from db import vectorindex
from db.postgres.neartable import OLDEST, OPTIONS, NearTable, extension, is_kept_up
from db.vectorindex import VectorIndex
from db.vectors import SERVER_INDEX

if TYPE_CHECKING:
    from db.postgres.connection import PostgresConnection

__all__ = ["OPTIONS", "ServerVectors", "advice", "make_anew", "problems"]
log = logging.getLogger("claimtrail.vectors")
_LOST = (errors.UndefinedTable, errors.UndefinedColumn, errors.UndefinedObject, errors.UndefinedFunction)


class ServerVectors(VectorIndex):
    """The vectors of one kind and model, unit length. Safe for several threads."""

    _c: PostgresConnection

    def __init__(self, connection: PostgresConnection, kind: str, model_id: str):
        super().__init__(connection, kind, model_id)  # type: ignore[arg-type]  # of the same surface
        self._table = NearTable(connection, kind, model_id)
        self._is_ready = False
        self._making: threading.Thread | None = None

    def search_many(self, queries: np.ndarray, k: int, allowed: Collection[int] | np.ndarray | None = None) -> list[list[tuple[int, float]]]:
        if self.on_server and k > 0 and len(queries):
            try:
                return self._table.nearest(queries, k, allowed)
            except _LOST as error:
                self._leave(error)
        return super().search_many(queries, k, allowed)

    def cosines(self, query: np.ndarray, ids: Collection[int]) -> dict[int, float]:
        if self.on_server:
            try:
                return self._table.cosines(query, ids)
            except _LOST as error:
                self._leave(error)
        return super().cosines(query, ids)

    def some(self, ids: Collection[int]) -> tuple[list[int], np.ndarray]:
        return self._table.some(ids) if self.on_server else super().some(ids)

    def near(self, queries: np.ndarray, cosine: float) -> set[int]:
        if self.on_server and len(queries):
            try:
                return self._table.within(queries, cosine)
            except _LOST as error:
                self._leave(error)
        return super().near(queries, cosine)

    def seq(self) -> int:
        return self._table.newest() if self.on_server else super().seq()

    def renewed(self) -> None:
        """Wait until a file, or the server's table, that is being made in the background is in use."""
        super().renewed()
        if (making := self._making) is not None:
            making.join()

    def __len__(self) -> int:
        return self._table.count() if self.on_server else super().__len__()

    @property
    def on_server(self) -> bool:
        """Whether the server searches. Once its table is ready it does, and what this process held is let go."""
        if not self._is_ready:
            with self._lock:
                if not self._looked or self._size + self.in_file > vectorindex.SMALL:
                    self._ask()
        return self._is_ready

    def _ask(self) -> None:
        """Look whether the server's table is ready, and have it made where that is worth while."""
        if self._renewing is None and self._table.is_ready():
            self._is_ready = self._looked = True
            self._base, self._hidden = None, np.empty(0, dtype=bool)
            self._begin()
            if self._c.path is not None:
                self.file.unlink(missing_ok=True)
        elif self._making is None and self._count() > vectorindex.SMALL and extension(self._c).is_usable:
            self._making = threading.Thread(target=self._make, name="vectors to the server", daemon=True)
            self._making.start()

    def _make(self) -> None:
        try:
            self._table.make()
        except Exception as error:
            log.warning("%s of each %s could not be made (%s). Searching goes on without it.", SERVER_INDEX, self._kind, str(error).strip())
        finally:
            self._c.close()  # this thread's connection

    def _leave(self, error: Exception) -> None:
        """The table went away. Within a transaction, which has failed with that, whoever began it has to begin again."""
        with self._lock:
            self._is_ready = self._looked = False
            self._making = None
        log.warning("%s of each %s is gone; this process reads them itself until it is there again.", SERVER_INDEX, self._kind)
        if self._c.db.in_transaction:
            raise error


def problems(connection: PostgresConnection) -> list[str]:
    """How the server's tables differ from the vectors on file."""
    if not is_kept_up(connection) or not extension(connection).is_usable:
        return []
    found = []
    for kind, model_id in connection.db.ask("SELECT kind, model_id FROM near_tables WHERE is_ready ORDER BY name").fetchall():
        table = NearTable(connection, kind, model_id)
        if not table.is_ready():
            continue
        found += [f"{SERVER_INDEX} of each {kind} ({model_id}) {wrong}." for wrong in table.problems()]
    return found


def advice(connection: PostgresConnection) -> list[str]:
    """What the server's administrator can do for vectors that are too many to be read by each process."""
    found, many = extension(connection), _many(connection)
    if found.is_usable or not many:
        return []
    has = f"pgvector {found.version}" if found.version else "no pgvector"
    return [
        f"The database has {has}, so each process reads all {rows:,} {kind} vectors itself. Let the server's administrator run, with pgvector "
        f"{'.'.join(map(str, OLDEST))} or newer: {'ALTER EXTENSION vector UPDATE' if found.version else 'CREATE EXTENSION vector'}"
        for kind, _, rows in many
    ]


def make_anew(connection: PostgresConnection) -> int:
    """The server's tables anew from the vectors on file, in one transaction; how many vectors they hold."""
    if not extension(connection).is_usable:
        return 0
    with connection.write() as session:
        if is_kept_up(connection):
            for kind, model_id in session.raw.execute("SELECT kind, model_id FROM near_tables").fetchall():
                NearTable(connection, kind, model_id).drop()
        many = _many(connection)
        for kind, model_id, _ in many:
            NearTable(connection, kind, model_id).make_at_once()
    return sum(rows for _, _, rows in many)


def _many(connection: PostgresConnection) -> list[tuple[str, str, int]]:
    """(kind, model, rows) of those too many for each process's memory."""
    asked = "SELECT kind, model_id, count(*) FROM vectors GROUP BY kind, model_id HAVING count(*) > %s ORDER BY kind, model_id"
    return [tuple(row) for row in connection.db.ask(asked, [vectorindex.SMALL]).fetchall()]
