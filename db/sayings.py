"""What a person claimed, promised and said, counted and page by page. Merged claims are left out: the ones that stand for them count."""

from __future__ import annotations

from collections.abc import Iterator

from db.articles import Articles
from db.claims import Claims
from db.connection import Connection
from factcheck.records import Article, Claim, PromiseStatus, Rating, Statement

_STANDS = "merged_into IS NULL"
AT_ONCE = 500  # rows read together for a file


class Sayings:
    def __init__(self, connection: Connection):
        self._c = connection
        self._claims = Claims(connection)
        self._articles = Articles(connection)

    def ratings_by_year(self, person_id: int) -> list[tuple[str, Rating, int]]:
        """(year of the claim, rating, claims), years ascending; "" is the year of claims whose day nobody knows, and comes last."""
        rows = self._c.db.execute(
            f"""
            SELECT coalesce(substr(first_said_at, 1, 4), '') AS year, rating, count(*) AS n FROM claims
            WHERE person_id = ? AND {_STANDS} GROUP BY 1, 2 ORDER BY min(CASE WHEN first_said_at IS NULL THEN 1 ELSE 0 END), 1
            """,
            [person_id],
        )
        return [(r["year"], Rating(r["rating"]), r["n"]) for r in rows]

    def promises(self, person_id: int) -> dict[PromiseStatus, int]:
        """Promise status -> how many promises of this person stand so; those that have none are left out."""
        rows = self._c.db.execute(
            f"""
            SELECT promise_status AS status, count(*) AS n FROM claims
            WHERE person_id = ? AND is_promise = 1 AND {_STANDS} GROUP BY status
            """,
            [person_id],
        )
        counts = {PromiseStatus(r["status"]): r["n"] for r in rows}
        return {status: counts[status] for status in PromiseStatus if status in counts}

    def repeated(self, person_id: int, limit: int = 5) -> list[Claim]:
        """The claims said more than once, most often first."""
        return self._of(person_id, "AND occurrence_count > 1 ORDER BY occurrence_count DESC, id LIMIT ?", [limit])

    def claims(self, person_id: int, limit: int, offset: int = 0) -> list[Claim]:
        """A page of the person's claims, the newest first, those without a day last."""
        return self._of(person_id, "ORDER BY first_said_at IS NULL, first_said_at DESC, id DESC LIMIT ? OFFSET ?", [limit, offset])

    def count_claims(self, person_id: int) -> int:
        return self._c.db.execute(f"SELECT count(*) FROM claims WHERE person_id = ? AND {_STANDS}", [person_id]).fetchone()[0]

    def statements(self, person_id: int, limit: int, offset: int = 0) -> list[tuple[Statement, Article]]:
        """A page of what the person said, the newest first."""
        ids = [
            r["id"]
            for r in self._c.db.execute(
                "SELECT id FROM statements WHERE person_id = ? AND is_gone = 0 ORDER BY said_at DESC NULLS LAST, id DESC LIMIT ? OFFSET ?",
                [person_id, limit, offset],
            )
        ]
        found = self._articles.statements_by_id(ids)
        articles = self._articles.many({s.article_id for s in found.values()})
        return [(found[i], articles[found[i].article_id]) for i in ids]

    def count_statements(self, person_id: int) -> int:
        return self._c.db.execute("SELECT count(*) FROM statements WHERE person_id = ? AND is_gone = 0", [person_id]).fetchone()[0]

    def every_claim(self, person_id: int) -> Iterator[Claim]:
        """All claims of the person in the order of ``claims``, read a few hundred at a time."""
        offset = 0
        while page := self.claims(person_id, AT_ONCE, offset):
            yield from page
            offset += AT_ONCE

    def every_statement(self, person_id: int) -> Iterator[tuple[Statement, Article]]:
        """All statements of the person in the order of ``statements``, read a few hundred at a time."""
        offset = 0
        while page := self.statements(person_id, AT_ONCE, offset):
            yield from page
            offset += AT_ONCE

    def _of(self, person_id: int, rest: str, values: list) -> list[Claim]:
        rows = self._c.db.execute(f"SELECT id FROM claims WHERE person_id = ? AND {_STANDS} {rest}", [person_id, *values]).fetchall()
        return self._claims.in_order(r["id"] for r in rows)
