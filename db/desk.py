"""What each did at the queue, in order: the last thing still in force is what "undo" takes back."""

from __future__ import annotations

import json
from typing import Any

from db.clock import now
from db.connection import Connection
from factcheck.records import DeskAct, DeskActKind, User

# An act may have been taken back by another way: a decision on the claim's page, a speaker in the article.
_IN_FORCE = """
    undone_at IS NULL AND CASE act
      WHEN 'decided' THEN EXISTS (SELECT 1 FROM decisions d WHERE d.batch = CAST(desk_acts.id AS TEXT) AND d.batch <> '' AND d.undone_at IS NULL)
      WHEN 'confirmed' THEN EXISTS
        (SELECT 1 FROM confirmations c WHERE c.id = CAST(json_extract(desk_acts.content, '$.confirmation') AS INTEGER) AND c.undone_at IS NULL)
      ELSE 1 = 1 END
"""


class Desk:
    def __init__(self, connection: Connection):
        self._c = connection

    def add(self, act: DeskActKind, user: User, content: dict[str, Any]) -> int:
        """Note an act in its own transaction; its id, which decisions carry as their batch."""
        with self._c.write() as db:
            return db.execute(
                "INSERT INTO desk_acts (user_id, user_name, act, content, at) VALUES (?, ?, ?, ?, ?)",
                [user.id, user.name, str(act), json.dumps(content, ensure_ascii=False), now()],
            ).lastrowid

    def get(self, act_id: int) -> DeskAct | None:
        return self._one("SELECT * FROM desk_acts WHERE id = ?", [act_id])

    def last_of(self, user_id: int) -> DeskAct | None:
        """The last thing a user did that is still in force."""
        return self._one(f"SELECT * FROM desk_acts WHERE user_id = ? AND {_IN_FORCE} ORDER BY id DESC LIMIT 1", [user_id])

    def is_in_force(self, act_id: int) -> bool:
        return self._one(f"SELECT * FROM desk_acts WHERE id = ? AND {_IN_FORCE}", [act_id]) is not None

    def set_content(self, act_id: int, content: dict[str, Any]) -> None:
        """Complete what an act tells, in the transaction that made it."""
        with self._c.write() as db:
            db.execute("UPDATE desk_acts SET content = ? WHERE id = ?", [json.dumps(content, ensure_ascii=False), act_id])

    def undo(self, act_id: int) -> None:
        with self._c.write() as db:
            db.execute("UPDATE desk_acts SET undone_at = ? WHERE id = ? AND undone_at IS NULL", [now(), act_id])

    def _one(self, sql: str, values: list) -> DeskAct | None:
        row = self._c.db.execute(sql, values).fetchone()
        if row is None:
            return None
        return DeskAct(
            id=row["id"],
            act=DeskActKind(row["act"]),
            user_id=row["user_id"],
            user=row["user_name"],
            at=row["at"],
            content=json.loads(row["content"]),
            undone_at=row["undone_at"],
        )
