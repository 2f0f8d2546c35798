"""Promises: which there are, which fall due, and how many stand where."""

from __future__ import annotations

from db.claims import Claims
from db.connection import Connection
from factcheck.records import Claim, PromiseStatus


class Promises:
    def __init__(self, connection: Connection, claims: Claims):
        self._c = connection
        self._claims = claims

    def listing(self, status: PromiseStatus | None = None, limit: int = 200) -> list[Claim]:
        """Promises by deadline, the next one first, those without a deadline last."""
        narrowed, values = ("AND promise_status = ?", [str(status)]) if status else ("", [])
        return self._select(f"{narrowed} ORDER BY deadline IS NULL, deadline, id LIMIT ?", [*values, limit])

    def due(self, since: str, limit: int = 5) -> list[Claim]:
        """Promises whose deadline lies on or after the ISO date ``since`` and which are not settled, the next one first."""
        return self._select(
            "AND deadline >= ? AND promise_status NOT IN ('kept', 'broken') ORDER BY deadline, id LIMIT ?", [since, limit]
        )

    def counts(self) -> dict[PromiseStatus, int]:
        rows = self._c.db.execute(
            "SELECT promise_status AS s, count(*) AS n FROM claims WHERE is_promise = 1 AND merged_into IS NULL GROUP BY s"
        )
        counts = {r["s"]: r["n"] for r in rows}
        return {status: counts.get(str(status), 0) for status in PromiseStatus}

    def _select(self, narrowed: str, values: list) -> list[Claim]:
        found = self._c.db.execute(f"SELECT id FROM claims WHERE is_promise = 1 AND merged_into IS NULL {narrowed}", values)
        return self._claims.in_order(r["id"] for r in found.fetchall())
