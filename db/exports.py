"""Everything on file, a few hundred rows at a time, for exports."""

from __future__ import annotations

from collections.abc import Iterator

from db.connection import Connection


class Exports:
    def __init__(self, connection: Connection):
        self._c = connection

    def claims_with_reviews(self, at_once: int, *, own: bool = False) -> Iterator[list[int]]:
        """Ids of the claims that have a review themselves, ascending, in blocks; ``own``: one that the newsroom added."""
        last = 0
        added = "AND added_at <> ''" if own else ""
        while True:
            rows = self._c.db.execute(
                f"SELECT DISTINCT claim_id FROM reviews WHERE claim_id > ? {added} ORDER BY claim_id LIMIT ?", [last, at_once]
            ).fetchall()
            if not rows:
                return
            yield [r["claim_id"] for r in rows]
            last = rows[-1]["claim_id"]
