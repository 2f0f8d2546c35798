"""Whom editors say mentions mean."""

from __future__ import annotations

import json
from collections.abc import Sequence

from db.clock import now
from db.connection import Connection
from factcheck.records import Confirmation, User


class Confirmations:
    def __init__(self, connection: Connection):
        self._c = connection

    def get(self, confirmation_id: int) -> Confirmation | None:
        return next(iter(self._read("WHERE id = ?", [confirmation_id])), None)

    def of_article(self, article_id: int) -> list[Confirmation]:
        """Those in force in an article, oldest first."""
        return self._read("WHERE article_id = ? AND undone_at IS NULL ORDER BY id", [article_id])

    def last_of(self, user_id: int) -> Confirmation | None:
        """The user's last one in force: what "undo" takes back."""
        return next(iter(self._read("WHERE user_id = ? AND undone_at IS NULL ORDER BY id DESC LIMIT 1", [user_id])), None)

    def add(
        self,
        article_id: int,
        mention: str,
        name: str,
        user: User,
        *,
        person_id: int | None,
        statements: Sequence[int],
        corrections: Sequence[int],
        alias: str = "",
        office_id: int | None = None,
    ) -> Confirmation:
        with self._c.write() as db:
            confirmation_id = db.execute(
                """
                INSERT INTO confirmations (article_id, mention, name, person_id, statements, corrections, alias, office_id, user_id,
                  user_name, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    article_id, mention, name, person_id, json.dumps(list(statements)), json.dumps(list(corrections)), alias, office_id,
                    user.id, user.name, now(),
                ],
            ).lastrowid  # fmt: skip
        stored = self.get(confirmation_id)
        assert stored is not None
        return stored

    def undo(self, confirmation_id: int, user: User) -> None:
        with self._c.write() as db:
            db.execute(
                "UPDATE confirmations SET undone_at = ?, undone_by = ? WHERE id = ? AND undone_at IS NULL",
                [now(), user.name, confirmation_id],
            )

    def _read(self, where: str, values: list) -> list[Confirmation]:
        return [
            Confirmation(
                id=r["id"],
                article_id=r["article_id"],
                mention=r["mention"],
                name=r["name"],
                person_id=r["person_id"],
                statements=tuple(json.loads(r["statements"])),
                corrections=tuple(json.loads(r["corrections"])),
                alias=r["alias"],
                office_id=r["office_id"],
                user_id=r["user_id"],
                user=r["user_name"],
                at=r["at"],
                undone_at=r["undone_at"],
                undone_by=r["undone_by"],
            )
            for r in self._c.db.execute(f"SELECT * FROM confirmations {where}", values)
        ]
