"""Corrections told in public. They are added and read, never changed and never taken away."""

from __future__ import annotations

from db.clock import now
from db.connection import Connection
from factcheck.records import Erratum, ErratumKind, User


class Errata:
    def __init__(self, connection: Connection):
        self._c = connection

    def add(self, made: Erratum, user: User) -> Erratum:
        with self._c.write() as db:
            row = db.execute(
                "INSERT INTO errata (claim_id, what, review_id, statement_id, before, after, reason, language, user_id, user_name, at) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING *",
                [
                    made.claim_id, str(made.what), made.review_id, made.statement_id, made.before, made.after, made.reason, made.language,
                    user.id, user.name, now(),
                ],
            ).fetchone()  # fmt: skip
        return _erratum(row)

    def newest(self, *, before: int | None = None, limit: int = 50) -> list[Erratum]:
        """Of the whole site, newest first, from the one before ``before`` on."""
        rows = self._c.db.execute("SELECT * FROM errata WHERE id < ? ORDER BY id DESC LIMIT ?", [before or 2**62, limit])
        return [_erratum(r) for r in rows]

    def of_claims(self, claim_ids: list[int]) -> list[Erratum]:
        """Of some claims, newest first."""
        marks = ", ".join("?" * len(claim_ids))
        rows = self._c.db.execute(f"SELECT * FROM errata WHERE claim_id IN ({marks}) ORDER BY id DESC", claim_ids) if claim_ids else []
        return [_erratum(r) for r in rows]

    def of_reviews(self, review_ids: list[int]) -> list[Erratum]:
        """Of the ratings of some reviews, newest first."""
        marks = ", ".join("?" * len(review_ids))
        rows = self._c.db.execute(f"SELECT * FROM errata WHERE review_id IN ({marks}) ORDER BY id DESC", review_ids) if review_ids else []
        return [_erratum(r) for r in rows]

    def count(self) -> int:
        return self._c.db.execute("SELECT count(*) FROM errata").fetchone()[0]


def _erratum(row) -> Erratum:
    return Erratum(
        claim_id=row["claim_id"],
        what=ErratumKind(row["what"]),
        before=row["before"],
        after=row["after"],
        reason=row["reason"],
        language=row["language"],
        review_id=row["review_id"],
        statement_id=row["statement_id"],
        by=row["user_name"],
        at=row["at"],
        id=row["id"],
    )
