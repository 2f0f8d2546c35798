"""Claims that an editor called related or opposite."""

from __future__ import annotations

from collections.abc import Sequence

from db.claimparts import insert
from db.clock import now
from db.connection import Connection
from factcheck.records import ClaimRelation, Relation, User


class ClaimRelations:
    def __init__(self, connection: Connection):
        self._c = connection

    def get(self, relation_id: int) -> ClaimRelation | None:
        return next(iter(self._read("WHERE id = ?", [relation_id])), None)

    def of(self, claim_ids: Sequence[int]) -> list[ClaimRelation]:
        """The relations in force of these claims with others, oldest first."""
        marks = ",".join("?" * len(claim_ids))
        return self._read(
            f"WHERE undone_at IS NULL AND (claim_id IN ({marks}) OR other_id IN ({marks})) ORDER BY id", [*claim_ids, *claim_ids]
        )

    def add(self, claim_id: int, other_id: int, relation: Relation, user: User) -> ClaimRelation:
        with self._c.write() as db:
            columns = {
                "claim_id": claim_id,
                "other_id": other_id,
                "relation": str(relation),
                "user_id": user.id,
                "user_name": user.name,
                "at": now(),
            }
            stored = self.get(insert(db, "claim_relations", columns))
        assert stored is not None
        return stored

    def undo(self, relation_id: int, user: User) -> None:
        with self._c.write() as db:
            db.execute(
                "UPDATE claim_relations SET undone_at = ?, undone_by = ? WHERE id = ? AND undone_at IS NULL",
                [now(), user.name, relation_id],
            )

    def by_statements(self, claim_ids: Sequence[int]) -> dict[int, tuple[Relation, int]]:
        """What decisions on shared statements suggest: claim that stands for itself -> (related or opposite, number of statements).

        A statement that makes one claim and was called related or opposite to another says so of the two.
        """
        marks = ",".join("?" * len(claim_ids))
        rows = self._c.db.execute(
            f"""
            SELECT coalesce(c.merged_into, c.id) AS other, CASE WHEN a.relation = 'same' THEN b.relation ELSE a.relation END AS relation,
                   count(DISTINCT a.statement_id) AS n
            FROM decisions a JOIN decisions b ON b.statement_id = a.statement_id AND b.undone_at IS NULL JOIN claims c ON c.id = b.claim_id
            WHERE a.undone_at IS NULL AND a.claim_id IN ({marks}) AND b.claim_id NOT IN ({marks})
              AND ((a.relation = 'same' AND b.relation IN ('related', 'opposite')) OR (b.relation = 'same' AND a.relation IN ('related', 'opposite')))
            GROUP BY other, 2 ORDER BY n
            """,
            [*claim_ids, *claim_ids],
        )
        return {r["other"]: (Relation(r["relation"]), r["n"]) for r in rows}

    def _read(self, where: str, values: list) -> list[ClaimRelation]:
        return [
            ClaimRelation(
                id=r["id"], claim_id=r["claim_id"], other_id=r["other_id"], relation=Relation(r["relation"]), user=r["user_name"], at=r["at"],
                undone_at=r["undone_at"], undone_by=r["undone_by"],
            )
            for r in self._c.db.execute(f"SELECT * FROM claim_relations {where}", values).fetchall()
        ]  # fmt: skip
