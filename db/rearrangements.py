"""Claims merged and split: what was done, and what undoing has to put back.

A merge is an edge from the claim that ceases to the one that stands for both. The merges in force form trees, and ``merged_into`` of
every claim is the root of its tree, worked out anew whenever an edge comes or goes: merges can be undone in any order. A split moves
rows from claim to claim and keeps in ``moved`` where each came from.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from db.claimparts import insert, review
from db.clock import now
from db.connection import Connection
from factcheck.records import Coverage, Moved, Rearrangement, Relation, Review, User

SPLIT_NOTE = "split off claim "  # and its number: the note of a decision that a split made
_TABLES = ("occurrences", "reviews", "coverage")


class Rearrangements:
    def __init__(self, connection: Connection):
        self._c = connection

    def get(self, rearrangement_id: int) -> Rearrangement | None:
        return next(iter(self._read("WHERE id = ?", [rearrangement_id])), None)

    def of(self, claim_ids: Iterable[int]) -> list[Rearrangement]:
        """What was merged and split of these claims, undone as well, newest first."""
        ids = list(claim_ids)
        marks = ",".join("?" * len(ids))
        return self._read(f"WHERE claim_id IN ({marks}) OR other_id IN ({marks}) ORDER BY id DESC", [*ids, *ids])

    def merge(self, root: int, other: int, user: User) -> Rearrangement:
        """Let ``root`` stand for ``other`` and everything merged into it. Both stand for themselves until now."""
        with self._c.write() as db:
            made = self._add(db, "merged", root, other, Moved(), user)
            self._settle(db, [root, other])
        return made

    def undo_merge(self, made: Rearrangement, user: User) -> None:
        with self._c.write() as db:
            self._undo(db, made, user)
            self._settle(db, [made.claim_id, made.other_id])

    def split(
        self, claim_id: int, other: int, user: User, *, statements: Iterable[int], parts: dict[str, Iterable[int]]
    ) -> Rearrangement:
        """Move what hangs on ``claim_id`` and the claims merged with it over to ``other``.

        ``statements`` are linked ones: their links end and begin anew at ``other``. ``parts`` names ids by table ("occurrences",
        "reviews", "coverage"). What was imported counts as the newsroom's own from now on, so that no import brings it back twice.
        """
        with self._c.write() as db:
            group = [r["id"] for r in db.execute("SELECT id FROM claims WHERE id = ?1 OR merged_into = ?1", [claim_id])]
            within = f"claim_id IN ({','.join('?' * len(group))})"
            links, rejections = [], []
            for statement_id in statements:
                old = db.execute(
                    f"SELECT id FROM decisions WHERE statement_id = ? AND relation = 'same' AND undone_at IS NULL AND {within}",
                    [statement_id, *group],
                ).fetchone()
                if old is None:
                    continue
                rejected = db.execute(
                    "SELECT id FROM decisions WHERE statement_id = ? AND claim_id = ? AND undone_at IS NULL", [statement_id, other]
                ).fetchone()
                for row in (old, rejected):
                    if row:
                        db.execute(
                            "UPDATE decisions SET undone_at = ?, undone_by = ? WHERE id = ?", [now(), user.name, row["id"]]
                        )
                columns = {
                    "statement_id": statement_id,
                    "claim_id": other,
                    "relation": str(Relation.SAME),
                    "user_id": user.id,
                    "user_name": user.name,
                    "at": now(),
                    "note": f"{SPLIT_NOTE}{claim_id}",
                }
                links.append((old["id"], insert(db, "decisions", columns)))
                rejections += [rejected["id"]] if rejected else []
            moved = {}
            for table in _TABLES:
                rows = [
                    db.execute(f"SELECT id, claim_id, added_at FROM {table} WHERE id = ? AND {within}", [part, *group]).fetchone()
                    for part in dict.fromkeys(parts.get(table, ()))
                ]
                moved[table] = tuple((r["id"], r["claim_id"], r["added_at"]) for r in rows if r)
                for part, _, added_at in moved[table]:
                    db.execute(f"UPDATE {table} SET claim_id = ?, added_at = ? WHERE id = ?", [other, added_at or now(), part])
            return self._add(db, "split", claim_id, other, Moved(links=tuple(links), rejections=tuple(rejections), **moved), user)

    def later_moves(self, made: Rearrangement) -> list[Rearrangement]:
        """Splits in force that moved on what this one had moved: they have to be undone first."""
        links = {new for _, new in made.moved.links}
        parts = {(table, row[0]) for table in _TABLES for row in getattr(made.moved, table)}
        return [
            later
            for later in self._read("WHERE act = 'split' AND undone_at IS NULL AND id > ? ORDER BY id DESC", [made.id])
            if links & {old for old, _ in later.moved.links}
            or parts & {(table, row[0]) for table in _TABLES for row in getattr(later.moved, table)}
        ]

    def undo_split(self, made: Rearrangement, user: User) -> None:
        """Put everything back where it came from, but for what somebody decided otherwise since."""
        with self._c.write() as db:
            for old, new in made.moved.links:
                standing = db.execute("SELECT statement_id FROM decisions WHERE id = ? AND undone_at IS NULL", [new]).fetchone()
                if standing is None:
                    continue  # this link was taken back by itself: that stays so
                db.execute("UPDATE decisions SET undone_at = ?, undone_by = ? WHERE id = ?", [now(), user.name, new])
                restored = [old, *(r for r in made.moved.rejections if self._statement_of(db, r) == standing["statement_id"])]
                for decision in restored:
                    db.execute("UPDATE decisions SET undone_at = NULL, undone_by = '' WHERE id = ?", [decision])
            for table in _TABLES:
                for part, claim_id, added_at in getattr(made.moved, table):
                    db.execute(
                        f"UPDATE {table} SET claim_id = ?, added_at = ? WHERE id = ? AND claim_id = ?",
                        [claim_id, added_at, part, made.other_id],
                    )
            self._undo(db, made, user)

    def _statement_of(self, db, decision_id: int) -> int:
        return db.execute("SELECT statement_id FROM decisions WHERE id = ?", [decision_id]).fetchone()["statement_id"]

    def _add(self, db, act: str, claim_id: int, other: int, moved: Moved, user: User) -> Rearrangement:
        columns = {
            "act": act,
            "claim_id": claim_id,
            "other_id": other,
            "moved": moved.to_json(),
            "user_id": user.id,
            "user_name": user.name,
            "at": now(),
        }
        stored = self.get(insert(db, "rearrangements", columns))
        assert stored is not None
        return stored

    def _undo(self, db, made: Rearrangement, user: User) -> None:
        db.execute("UPDATE rearrangements SET undone_at = ?, undone_by = ? WHERE id = ?", [now(), user.name, made.id])

    def _settle(self, db, claim_ids: list[int]) -> None:
        """Bring ``merged_into`` of every claim that hangs together with these to the root of its tree."""
        edges: dict[int, int] = {}
        seen: set[int] = set()
        around = set(claim_ids)
        while around:
            seen |= around
            marks = ",".join("?" * len(around))
            rows = db.execute(
                "SELECT claim_id, other_id FROM rearrangements WHERE act = 'merged' AND undone_at IS NULL "
                f"AND (claim_id IN ({marks}) OR other_id IN ({marks}))",
                [*around, *around],
            ).fetchall()
            edges |= {r["other_id"]: r["claim_id"] for r in rows}
            around = {i for r in rows for i in (r["claim_id"], r["other_id"])} - seen
        for claim_id in seen:
            root = claim_id
            while root in edges:
                root = edges[root]
            db.execute("UPDATE claims SET merged_into = ? WHERE id = ?", [None if root == claim_id else root, claim_id])
        # What waits in the queue is matched anew when it is next looked at: what it was offered may stand elsewhere now.
        marks = ",".join("?" * len(seen))
        db.execute(
            f"UPDATE statements SET matched_seq = -1 WHERE id IN (SELECT statement_id FROM candidates WHERE claim_id IN ({marks}))",
            list(seen),
        )

    def _read(self, where: str, values: list) -> list[Rearrangement]:
        rows = self._c.db.execute(f"SELECT * FROM rearrangements {where}", values)
        return [Rearrangement(**{**dict(r), "moved": Moved.from_json(r["moved"])}) for r in rows.fetchall()]


def moved_away(db, claim_id: int) -> tuple[list[Review], list[Coverage]]:
    """The imported reviews and coverage that splits in force took from a claim, as they stand where they are now."""
    rows = db.execute(
        "SELECT moved FROM rearrangements WHERE act = 'split' AND undone_at IS NULL AND json_array_length(moved, '$.reviews') "
        "+ json_array_length(moved, '$.coverage') > 0 AND (claim_id = ?1 OR claim_id = (SELECT merged_into FROM claims WHERE id = ?1))",
        [claim_id],
    ).fetchall()
    found = [json.loads(r["moved"]) for r in rows]

    def gone(table: str) -> list:
        ids = [part for m in found for part, source, added_at in m[table] if source == claim_id and not added_at]
        return [db.execute(f"SELECT * FROM {table} WHERE id = ?", [i]).fetchone() for i in ids]

    return [review(r) for r in gone("reviews") if r], [Coverage(**dict(r)) for r in gone("coverage") if r]
