"""When, where and by whom claims were made: entered by hand or imported, and from confirmed links."""

from __future__ import annotations

from collections.abc import Sequence

from db.claimparts import insert
from db.connection import Connection
from factcheck.records import Kind, Occurrence

_COLUMNS = ("claim_id", "quote", "said_at", "speaker", "place", "source", "url", "kind", "person_id", "added_at", "added_by")


class Occurrences:
    def __init__(self, connection: Connection):
        self._c = connection

    def of(self, claim_ids: Sequence[int]) -> list[Occurrence]:
        """The occurrences of these claims, oldest first, undated last."""
        marks = ",".join("?" * len(claim_ids))
        rows = self._c.db.execute(
            f"""
            SELECT * FROM (SELECT claim_id, quote, said_at, speaker, place, source, url, kind, id, person_id,
                   NULL AS statement_id, NULL AS article_id, '' AS article_title, added_at, added_by, 0 AS dated_by_article
            FROM occurrences WHERE claim_id IN ({marks})
            UNION ALL
            SELECT d.claim_id, s.text, coalesce(s.said_at, a.published_at), s.speaker, '', a.source, coalesce(a.url, ''), s.kind,
                   0, s.person_id, s.id, a.id, a.title, d.at, d.user_name, CASE WHEN s.said_at IS NULL THEN 1 ELSE 0 END
            FROM decisions d JOIN statements s ON s.id = d.statement_id JOIN articles a ON a.id = s.article_id
            WHERE d.claim_id IN ({marks}) AND d.relation = 'same' AND d.undone_at IS NULL)
            ORDER BY said_at IS NULL, said_at
            """,
            [*claim_ids, *claim_ids],
        )
        return [Occurrence(**{**dict(r), "kind": Kind(r["kind"]), "dated_by_article": bool(r["dated_by_article"])}) for r in rows]

    def get(self, occurrence_id: int) -> Occurrence | None:
        """One that was entered by hand or imported."""
        row = self._c.db.execute("SELECT * FROM occurrences WHERE id = ?", [occurrence_id]).fetchone()
        return Occurrence(**{**dict(row), "kind": Kind(row["kind"])}) if row else None

    def add(self, occurrence: Occurrence) -> int:
        with self._c.write() as db:
            return insert(db, "occurrences", _columns(occurrence))


def _columns(occurrence: Occurrence) -> dict[str, object]:
    return {name: str(v) if isinstance(v := getattr(occurrence, name), Kind) else v for name in _COLUMNS}
