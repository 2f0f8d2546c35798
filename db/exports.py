"""Everything on file, a few hundred rows at a time, for exports."""

from __future__ import annotations

from collections.abc import Iterator

from db.claimparts import review
from db.connection import Connection
from factcheck.records import Review

_AT_ONCE = 500
_LICENCE = "(SELECT group_concat(licence, '; ') FROM (SELECT DISTINCT licence FROM appearances WHERE article_id = {} AND licence <> '' ORDER BY 1)) AS licence"
_CLAIM = "c.key AS claim_id, c.text, c.speaker, c.language"
# What there is to export -> its columns and tables; ``t`` is the table whose ids are read in order.
_ROWS = {
    "claims": "SELECT t.id, t.key AS claim_id, t.text, t.speaker, t.language, t.title, t.topics, t.first_said_at, t.rating, t.occurrence_count AS times_said, "
    "t.is_promise, t.origin, t.created_at, (SELECT key FROM claims m WHERE m.id = t.merged_into) AS merged_into FROM claims t WHERE",
    "reviews": f"SELECT t.id, {_CLAIM}, c.first_said_at, t.publisher, t.rating_text, t.rating, t.url, t.title, t.summary, t.published_at, "
    "t.language AS review_language, t.added_at FROM reviews t JOIN claims c ON c.id = t.claim_id WHERE",
    "statements": "SELECT t.id, t.article_id, t.start, t.\"end\", t.text, t.kind, t.speaker, p.name AS person, t.mention, t.said_at, t.nature, t.check_worthy, "
    "t.is_promise, a.title AS article_title, a.url AS article_url, a.source, a.language, a.published_at, " + _LICENCE.format("t.article_id") + " FROM statements t "
    "JOIN articles a ON a.id = t.article_id LEFT JOIN people p ON p.id = t.person_id WHERE t.is_gone = 0 AND",
    "articles": "SELECT t.id, t.url, t.title, t.author, t.source, t.language, t.published_at, t.added_at, t.state, " + _LICENCE.format("t.id") + ", "
    "(SELECT group_concat(outlet, '; ') FROM (SELECT DISTINCT outlet FROM appearances WHERE article_id = t.id ORDER BY 1)) AS outlets, t.text FROM articles t WHERE",
    "people": "SELECT t.id, t.name, (SELECT group_concat(alias, '; ') FROM (SELECT alias FROM person_aliases WHERE person_id = t.id ORDER BY alias)) AS aliases, "
    "(SELECT group_concat(title, '; ') FROM (SELECT title FROM person_offices WHERE person_id = t.id ORDER BY id)) AS offices, t.organisation, "
    "t.statement_count, t.claim_count, t.merged_into FROM people t WHERE",
    "decisions": "SELECT t.id, t.statement_id, s.text AS statement, c.key AS claim_id, c.text AS claim, t.relation, t.user_name, t.at, t.note, t.probability, "
    "t.undone_at, t.undone_by FROM decisions t JOIN statements s ON s.id = t.statement_id LEFT JOIN claims c ON c.id = t.claim_id WHERE",
    "promises": "SELECT t.id, t.key AS claim_id, t.text, t.speaker, t.language, t.first_said_at, t.criterion, t.deadline, t.deadline_text, t.deadline_from, "
    "t.promise_status AS status, (SELECT max(at) FROM status_changes h WHERE h.claim_id = t.id AND h.undone_at IS NULL) AS status_since "
    "FROM claims t WHERE t.is_promise = 1 AND t.merged_into IS NULL AND",
}


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

    def columns(self, kind: str) -> list[str]:
        return [c[0] for c in self._c.db.execute(f"{_ROWS[kind]} t.id < 0").description]

    def rows(self, kind: str) -> Iterator[dict[str, object]]:
        """Every row of one kind (the names of ``_ROWS``), by ascending id."""
        last = 0
        while found := self._c.db.execute(f"{_ROWS[kind]} t.id > ? ORDER BY t.id LIMIT ?", [last, _AT_ONCE]).fetchall():
            yield from (dict(row) for row in found)
            last = found[-1]["id"]

    def newest_reviews(self, limit: int, *, own: bool) -> list[Review]:
        """The newest reviews, by when they were added here, imported ones by when they were published."""
        where = "WHERE added_at <> ''" if own else ""
        rows = self._c.db.execute(
            f"SELECT * FROM reviews {where} ORDER BY CASE added_at WHEN '' THEN coalesce(published_at, '') ELSE added_at END DESC, id DESC LIMIT ?", [limit]
        )
        return [review(r) for r in rows]
