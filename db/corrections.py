"""What editors did to the statements of articles: added to, never changed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from db.clock import now
from db.connection import Connection
from factcheck.records import Act, Correction, Kind, Mark, Spans, User


class Corrections:
    def __init__(self, connection: Connection):
        self._c = connection

    def get(self, correction_id: int) -> Correction | None:
        return next(iter(self._read("WHERE id = ?", [correction_id])), None)

    def of_article(self, article_id: int) -> list[Correction]:
        """Everything done to an article's statements, oldest first, with what was taken back and the takings back."""
        return self._read("WHERE article_id = ? ORDER BY id", [article_id])

    def articles(self) -> list[int]:
        """Ids of the articles with a correction that was not taken back, in order."""
        rows = self._c.db.execute(
            "SELECT DISTINCT article_id FROM corrections c WHERE act <> 'undone' "
            "AND NOT EXISTS (SELECT 1 FROM corrections u WHERE u.undoes = c.id) ORDER BY article_id"
        )
        return [r["article_id"] for r in rows]

    def add(
        self,
        article_id: int,
        act: Act,
        user: User,
        *,
        statement_id: int | None = None,
        before: Mark | None = None,
        after: Mark | None = None,
        checked: Sequence[tuple[int, Mark]] = (),
        undoes: int | None = None,
    ) -> Correction:
        """Note what was done, in the transaction of doing it."""
        with self._c.write() as db:
            correction_id = db.execute(
                """
                INSERT INTO corrections (article_id, statement_id, act, before, after, checked, undoes, user_id, user_name, at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    article_id, statement_id, str(act), _json(before), _json(after),
                    json.dumps([[i, asdict(m)] for i, m in checked], ensure_ascii=False) if act is Act.CHECKED else None,
                    undoes, user.id, user.name, now(),
                ],
            ).lastrowid  # fmt: skip
        stored = self.get(correction_id)
        assert stored is not None
        return stored

    def _read(self, where: str, values: list) -> list[Correction]:
        return [
            Correction(
                id=r["id"],
                article_id=r["article_id"],
                statement_id=r["statement_id"],
                act=Act(r["act"]),
                before=_mark(json.loads(r["before"] or "null")),
                after=_mark(json.loads(r["after"] or "null")),
                user_id=r["user_id"],
                user=r["user_name"],
                at=r["at"],
                checked=tuple((i, mark) for i, m in json.loads(r["checked"] or "[]") if (mark := _mark(m))),
                undoes=r["undoes"],
            )
            for r in self._c.db.execute(f"SELECT * FROM corrections {where}", values)
        ]


def spans(found: list[list[int]]) -> Spans:
    """Spans as they are kept in JSON."""
    return tuple((start, end) for start, end in found)


def _json(mark: Mark | None) -> str | None:
    return json.dumps(asdict(mark), ensure_ascii=False) if mark else None


def _mark(found: dict[str, Any] | None) -> Mark | None:
    if found is None:
        return None
    return Mark(**{**found, "kind": Kind(found["kind"]), "mention_at": spans(found["mention_at"]), "cue_at": spans(found["cue_at"])})
