"""One connection to a PostgreSQL server with the surface of SQLite's: its statements, its rows by place and by name, its ways with values."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import psycopg
from psycopg.adapt import Dumper, Loader

from db.postgres.dialect import inserted_table, translated

AT_ONCE = 500  # rows put in by one statement, or fetched at a time
_ROW_OF_MARKS = re.compile(r"(.*\bVALUES )(\((?:%s, )*%s\))(| ON CONFLICT DO NOTHING)\s*\Z", re.S)


class Row(tuple):
    """Values by place and by name, as SQLite's rows give them."""

    __slots__ = ()
    places: Mapping[str, int] = {}  # in the order of the columns; of two with one name the first counts

    def __getitem__(self, key):
        return tuple.__getitem__(self, self.places[key] if isinstance(key, str) else key)

    def keys(self) -> list[str]:
        return list(self.places)


@lru_cache(maxsize=2048)
def _row_of(names: tuple[str, ...]) -> type[Row]:
    return type("Row", (Row,), {"__slots__": (), "places": {name: names.index(name) for name in names}})


def rows_by_name(cursor: Any) -> Any:
    if cursor.description is None:
        return tuple
    return _row_of(tuple(c.name for c in cursor.description))


class Whole(Loader):
    """Sums come as "numeric", and what is true as 1, as SQLite has them."""

    def load(self, data: Any) -> int | float:
        text = bytes(data).decode()
        return {"t": 1, "f": 0}[text] if text in "tf" else float(text) if set(text) & set(".eN") else int(text)


class Truth(Dumper):
    def dump(self, obj: Any) -> bytes:
        return b"1" if obj else b"0"

    def quote(self, obj: Any) -> bytes:
        return self.dump(obj)


class Cursor:
    """What came of one statement."""

    def __init__(self, raw: Any, lastrowid: int | None = None, *, silent: bool = False):
        self._raw, self.lastrowid = raw, lastrowid
        self._silent = silent or raw.description is None
        self.rowcount = raw.rowcount
        self.description = None if silent else raw.description

    def fetchone(self) -> Any:
        return None if self._silent else self._raw.fetchone()

    def fetchall(self) -> list[Any]:
        return [] if self._silent else self._raw.fetchall()

    def fetchmany(self, size: int) -> list[Any]:
        return [] if self._silent else self._raw.fetchmany(size)

    def __iter__(self) -> Iterator[Any]:
        return iter(()) if self._silent else iter(self._raw)


class Streamed(Cursor):
    """What comes of a statement, fetched from the server as it is asked for; within a transaction."""

    def __init__(self, raw: psycopg.Connection, name: str):
        self._connection, self._name = raw, name
        self.lastrowid, self.rowcount, self._silent, self.description = None, -1, False, None
        self._raw = self

    def fetchmany(self, size: int) -> list[Any]:
        return self._connection.execute(f"FETCH {size} FROM {self._name}").fetchall()

    def fetchall(self) -> list[Any]:
        return self._connection.execute(f"FETCH ALL FROM {self._name}").fetchall()

    def fetchone(self) -> Any:
        return next(iter(self.fetchmany(1)), None)

    def __iter__(self) -> Iterator[Any]:
        while rows := self.fetchmany(AT_ONCE):
            yield from rows


class Session:
    """One connection to the server: ``execute`` and ``executemany`` take SQLite's SQL."""

    def __init__(self, connect: Callable[[], psycopg.Connection], numbered: Mapping[str, str]):
        self._connect, self._numbered = connect, numbered
        self.raw = connect()
        self.row_factory: Any = None  # rows are tuples as well
        self.streams = False
        self._opened = 0
        self.total_changes = 0  # rows put in, changed or taken out

    @property
    def conn(self) -> Session:
        return self

    def cursor(self) -> Session:
        return self

    @property
    def in_transaction(self) -> bool:
        return not self.raw.closed and self.raw.info.transaction_status != psycopg.pq.TransactionStatus.IDLE

    def execute(self, sql: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> Cursor:
        said = translated(sql)
        table = inserted_table(said)
        numbered = self._numbered.get(table) if table else None
        if numbered:
            raw = self._run(f"{said} RETURNING {numbered}", _bound(said, values))
            row = raw.fetchone()
            return Cursor(raw, row[0] if row else None, silent=True)
        if self.streams and said.lstrip().startswith("SELECT"):
            self._opened += 1
            name = f"streamed_{self._opened}"
            self.raw.execute(f"DECLARE {name} NO SCROLL CURSOR FOR {said}", _bound(said, values))
            return Streamed(self.raw, name)
        return Cursor(self._run(said, _bound(said, values)))

    def ask(self, said: str, values: Sequence[Any] | Mapping[str, Any] | None = None) -> Any:
        """What comes of a statement that is PostgreSQL's own already and only reads."""
        return self._run(said, values)

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        said = translated(sql)
        several = _ROW_OF_MARKS.match(said)
        wanted = list(rows)
        if several is None:
            for row in wanted:
                self._run(said, _bound(said, row))
            return
        before, marks, after = several.groups()
        for start in range(0, len(wanted), AT_ONCE):
            part = wanted[start : start + AT_ONCE]
            self._run(f"{before}{', '.join([marks] * len(part))}{after}", tuple(v for row in part for v in row))

    def _run(self, said: str, values: Any) -> Any:
        free = not self.in_transaction
        try:
            done = self.raw.execute(said, values)
            if done.statusmessage and done.statusmessage.startswith(("INSERT", "UPDATE", "DELETE")):
                self.total_changes += done.rowcount
            return done
        except psycopg.OperationalError:
            if not (free and self.raw.closed and said.lstrip().startswith(("SELECT", "WITH"))):
                raise
            self.raw = self._connect()  # the server was restarted, or another one has taken its place
            return self.raw.execute(said, values)
        except psycopg.DataError as error:
            if self.in_transaction and self.raw.info.transaction_status == psycopg.pq.TransactionStatus.INERROR or "NUL" not in str(error):
                raise
            return self.raw.execute(said, _without_nul(values))


def _bound(said: str, values: Any) -> Any:
    if "%(p1)s" in said and not isinstance(values, Mapping):
        return {f"p{i}": v for i, v in enumerate(values, 1)}
    return values if isinstance(values, Mapping) else tuple(values)


def _without_nul(values: Any) -> Any:
    """The one letter that PostgreSQL cannot store, as the sign for what cannot be shown."""
    clean = lambda v: v.replace("\0", "\ufffd") if isinstance(v, str) else v  # noqa: E731
    return {k: clean(v) for k, v in values.items()} if isinstance(values, Mapping) else tuple(map(clean, values))
