"""The append-only log of changes; triggers in the database refuse to change or delete its rows."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from db.clock import now
from db.connection import Connection
from factcheck.records import Entry, LogFilter


class Audit:
    def __init__(self, connection: Connection):
        self._c = connection

    def add(
        self, user_name: str, action: str, object_type: str, object_id: int, *, before: Any = None, after: Any = None
    ) -> None:
        """Note a change, in the transaction of the change itself."""
        with self._c.write() as db:
            db.execute(
                "INSERT INTO audit (at, user_name, action, object_type, object_id, before, after) VALUES (?, ?, ?, ?, ?, ?, ?)",
                [now(), user_name, action, object_type, object_id, _json(before), _json(after)],
            )

    def get(self, entry_id: int) -> Entry | None:
        row = self._c.db.execute("SELECT * FROM audit WHERE id = ?", [entry_id]).fetchone()
        return _entry(row) if row else None

    def of(self, object_type: str, object_id: int) -> list[dict[str, Any]]:
        """The entries on one object, oldest first: keys at, user_name, action, before, after."""
        rows = self._c.db.execute(
            "SELECT at, user_name, action, before, after FROM audit WHERE object_type = ? AND object_id = ? ORDER BY id",
            [object_type, object_id],
        )
        return [
            {**dict(r), "before": json.loads(r["before"] or "null"), "after": json.loads(r["after"] or "null")} for r in rows
        ]

    def history(self, objects: Mapping[str, Sequence[int]], limit: int = 50) -> list[Entry]:
        """The newest entries on any of some objects, ``{"article": [3], "statement": [7, 8]}``, the newest first."""
        each = " UNION ALL ".join(
            "SELECT * FROM (SELECT audit.* FROM audit WHERE object_type = ? AND object_id IN (SELECT value FROM json_each(?)) ORDER BY id DESC LIMIT ?)"
            for _ in objects
        )
        if not each:
            return []
        values = [v for kind, ids in objects.items() for v in (kind, json.dumps(list(ids)), limit)]
        return [_entry(r) for r in self._c.db.execute(f"SELECT * FROM ({each}) ORDER BY id DESC LIMIT ?", [*values, limit])]

    def newest(self, wanted: LogFilter, *, before: int | None = None, limit: int = 50) -> list[Entry]:
        """Entries the newest first, from the one before ``before`` on: a page holds however many come in meanwhile."""
        where, values = _condition(wanted)
        rows = self._c.db.execute(
            f"SELECT * FROM audit WHERE {where} AND id < ? ORDER BY id DESC LIMIT ?", [*values, before or 2**62, limit]
        )
        return [_entry(r) for r in rows]

    def every(self, wanted: LogFilter, batch: int = 500) -> Iterator[Entry]:
        """All entries, the newest first, read as they are asked for."""
        before = None
        while page := self.newest(wanted, before=before, limit=batch):
            yield from page
            before = page[-1].id

    def choices(self, column: str) -> list[str]:
        """What stands in "user_name", "action" or "object_type", each once, in order; by steps through the index, so quick in a long log."""
        assert column in ("user_name", "action", "object_type")
        rows = self._c.db.execute(
            f"WITH RECURSIVE each(value) AS (SELECT min({column}) FROM audit UNION ALL "
            f"SELECT (SELECT min({column}) FROM audit WHERE {column} > value) FROM each WHERE value IS NOT NULL) "
            "SELECT value FROM each WHERE value IS NOT NULL"
        )
        return [r[0] for r in rows]


def _condition(wanted: LogFilter) -> tuple[str, list[Any]]:
    parts, values = ["1 = 1"], []
    for column in ("user", "action", "object_type", "object_id"):
        value = getattr(wanted, column)
        if value not in ("", None):
            parts.append(f"{'user_name' if column == 'user' else column} = ?")
            values.append(value)
    for sign, value in ((">=", wanted.since), ("<", wanted.until)):
        if value:
            parts.append(f"at {sign} ?")
            values.append(value)
    if wanted.without:
        parts.append(f"object_type NOT IN ({', '.join('?' for _ in wanted.without)})")
        values += wanted.without
    return " AND ".join(parts), values


def _entry(row: Any) -> Entry:
    return Entry(
        **{**dict(row), "before": json.loads(row["before"] or "null"), "after": json.loads(row["after"] or "null")}
    )


def _json(value: Any) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True)
