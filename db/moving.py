"""Everything on file, from one store into another of either kind: row by row, checked row by row, all or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Any

from db.connection import Connection
from db.store import connect
from db.whole import Whole
from factcheck.errors import BadInput

AT_ONCE = 500
Report = Callable[[str, int, int], None]


def move(source: Path | str, target: Path | str, report: Report = lambda step, done, total: None) -> dict[str, int]:
    """Copy the newsroom at ``source`` into the empty or new one at ``target``; rows by table.

    What is read is everything as it is at one moment, while others go on writing. What was written is read again and compared with the
    source before it counts. Raises BadInput when the target holds something or differs, StoreUnavailable when one cannot be reached.
    """
    one, two = connect(source), connect(target)
    try:
        one.migrate()
        two.migrate()
        if filled := Whole(two).filled():
            raise BadInput(f"The database copied to is not empty: it holds {', '.join(filled[:3])}. Name a new one.")
        with one.unchanging():
            total = sum(_count(one, table) for table in one.tables())
            with two.write(), two.loading():
                counts, done = {}, 0
                for table in one.tables():
                    two.db.execute(f'DELETE FROM "{table}"')
                for table in one.tables():
                    counts[table] = 0
                    for rows in _read(one, table):
                        _put(two, table, rows)
                        counts[table] += len(rows)
                        done += len(rows)
                        report("copy", done, total)
                _compare(one, two, lambda n: report("check", n, total))
                Whole(two).index_words()
        return counts
    finally:
        one.close()
        two.close()


def _count(connection: Connection, table: str) -> int:
    return connection.db.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]


def _read(connection: Connection, table: str) -> Iterator[list[tuple]]:
    """The rows of a table in the order of its key, some at a time."""
    names = ", ".join(f'"{n}"' for n in connection.columns(table))
    order = ", ".join(f'"{n}"' for n in connection.key(table)) or "1"
    found = connection.db.execute(f'SELECT {names} FROM "{table}" ORDER BY {order}')
    while rows := found.fetchmany(AT_ONCE):
        yield [tuple(_storable(v) for v in row) for row in rows]


def _put(connection: Connection, table: str, rows: list[tuple]) -> None:
    names = connection.columns(table)
    quoted = ", ".join(f'"{n}"' for n in names)
    connection.db.conn.executemany(f'INSERT INTO "{table}" ({quoted}) VALUES ({", ".join("?" * len(names))})', rows)


def _compare(one: Connection, two: Connection, report: Callable[[int], None]) -> None:
    done = 0
    for table in one.tables():
        theirs = (row for rows in _read(one, table) for row in rows)
        ours = (row for rows in _read(two, table) for row in rows)
        for expected, found in zip_longest(theirs, ours):
            done += 1
            if expected != found:
                raise BadInput(f"A row of {table} came out differently ({_shown(expected)} became {_shown(found)}). Nothing was copied.")
            if done % AT_ONCE == 0:
                report(done)


def _shown(row: tuple | None) -> str:
    return "nothing" if row is None else str(row)[:80]


def _storable(value: Any) -> Any:
    """PostgreSQL cannot keep the letter 0, which no word needs; both stores then hold the sign for what cannot be shown."""
    return value.replace("\0", "\ufffd") if isinstance(value, str) else value
