"""The append-only log of changes; triggers in the database refuse to change or delete its rows."""

from __future__ import annotations

import json
from typing import Any

from db.clock import now
from db.connection import Connection


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

    def of(self, object_type: str, object_id: int) -> list[dict[str, Any]]:
        """The entries on one object, oldest first: keys at, user_name, action, before, after."""
        rows = self._c.db.execute(
            "SELECT at, user_name, action, before, after FROM audit WHERE object_type = ? AND object_id = ? ORDER BY id",
            [object_type, object_id],
        )
        return [
            {**dict(r), "before": json.loads(r["before"] or "null"), "after": json.loads(r["after"] or "null")} for r in rows
        ]


def _json(value: Any) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True)
