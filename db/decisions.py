"""Editors' decisions, and the candidates they decide on."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace

from db.articles import Articles
from db.clock import now
from db.connection import Connection
from factcheck.records import Candidate, Decision, Evidence, Outcome, Relation, Statement, User


class Decisions:
    def __init__(self, connection: Connection):
        self._c = connection

    def get(self, decision_id: int) -> Decision | None:
        return next(iter(self._read("WHERE id = ?", [decision_id])), None)

    def of_statement(self, statement_id: int) -> list[Decision]:
        """Decisions in force on a statement, oldest first."""
        return self._read("WHERE statement_id = ? AND undone_at IS NULL ORDER BY id", [statement_id])

    def history(self, statement_id: int, limit: int = 8) -> list[Decision]:
        """Decisions on a statement, undone ones too, newest first."""
        return self._read("WHERE statement_id = ? ORDER BY id DESC LIMIT ?", [statement_id, limit])

    def of_batch(self, batch: str) -> list[Decision]:
        """Decisions made in one go that are in force, in order."""
        return self._read("WHERE batch = ? AND batch <> '' AND undone_at IS NULL ORDER BY id", [batch])

    def of_claim(self, claim_id: int) -> list[Decision]:
        """All decisions on a claim and those merged into it, undone ones too, newest first."""
        return self._read("WHERE claim_id IN (SELECT id FROM claims WHERE id = ?1 OR merged_into = ?1) ORDER BY id DESC", [claim_id])

    def links(self, statement_ids: Iterable[int]) -> dict[int, int]:
        """Statement id -> id of the claim it is confirmed to make (the one that stands for it, if merged), for those that are."""
        wanted = list(statement_ids)
        rows = self._c.db.execute(
            "SELECT d.statement_id, coalesce(c.merged_into, c.id) AS claim_id FROM decisions d JOIN claims c ON c.id = d.claim_id "
            f"WHERE d.statement_id IN ({','.join('?' * len(wanted))}) AND d.relation = 'same' AND d.undone_at IS NULL",
            wanted,
        )
        return {r["statement_id"]: r["claim_id"] for r in rows}

    def last_of(self, user_id: int) -> Decision | None:
        """The user's last decision still in force: what "undo" takes back. What a split of claims decided is undone with the split."""
        mine = "WHERE user_id = ? AND undone_at IS NULL AND note NOT LIKE 'split off claim %' ORDER BY id DESC LIMIT 1"
        return next(iter(self._read(mine, [user_id])), None)

    def since(self, user_id: int, moment: str) -> list[str]:
        """Times of the user's decisions in force since a moment (ISO), oldest first."""
        rows = self._c.db.execute(
            "SELECT at FROM decisions WHERE user_id = ? AND at >= ? AND undone_at IS NULL ORDER BY id", [user_id, moment]
        )
        return [r["at"] for r in rows]

    def count(self) -> int:
        return self._c.db.execute("SELECT count(*) FROM decisions WHERE undone_at IS NULL").fetchone()[0]

    def add(
        self,
        statement_id: int,
        claim_id: int | None,
        relation: Relation,
        user: User,
        *,
        note: str = "",
        probability: float | None = None,
        made_claim: bool = False,
        batch: str = "",
    ) -> Decision:
        with self._c.write() as db:
            decision_id = db.execute(
                """
                INSERT INTO decisions (statement_id, claim_id, relation, user_id, user_name, at, note, probability, made_claim, batch)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [statement_id, claim_id, str(relation), user.id, user.name, now(), note, probability, int(made_claim), batch],
            ).lastrowid
        stored = self.get(decision_id)
        assert stored is not None
        return stored

    def undo(self, decision_id: int, user: User) -> None:
        with self._c.write() as db:
            db.execute(
                "UPDATE decisions SET undone_at = ?, undone_by = ? WHERE id = ? AND undone_at IS NULL",
                [now(), user.name, decision_id],
            )

    def forget_claim(self, decision_id: int) -> None:
        """Take the claim out of an undone decision, so that a claim made by mistake can be taken back."""
        with self._c.write() as db:
            db.execute("UPDATE decisions SET claim_id = NULL WHERE id = ? AND undone_at IS NOT NULL", [decision_id])

    def outcomes(self) -> list[Outcome]:
        """Every decision in force on a candidate that was shown with a probability, oldest first."""
        rows = self._c.db.execute(
            """
            SELECT d.probability, d.relation, d.at, a.language, d.claim_id FROM decisions d
            JOIN statements s ON s.id = d.statement_id JOIN articles a ON a.id = s.article_id
            WHERE d.undone_at IS NULL AND d.probability IS NOT NULL AND d.claim_id IS NOT NULL ORDER BY d.id
            """
        )
        return [Outcome(**{**dict(r), "relation": Relation(r["relation"])}) for r in rows]

    def labelled(self) -> list[tuple[Statement, int, Relation]]:
        """(statement, claim id, relation) of every decision in force that names a claim, oldest first: training material."""
        rows = self._c.db.execute(
            "SELECT statement_id, claim_id, relation FROM decisions WHERE undone_at IS NULL AND claim_id IS NOT NULL ORDER BY id"
        ).fetchall()
        statements = Articles(self._c).statements_by_id({r["statement_id"] for r in rows})
        return [(statements[r["statement_id"]], r["claim_id"], Relation(r["relation"])) for r in rows]

    # Whether a statement waits

    def waiting(self) -> int:
        """How many statements wait for a decision."""
        return self._c.db.execute("SELECT count(*) FROM statements WHERE is_open = 1").fetchone()[0]

    def is_open(self, statement_id: int) -> bool:
        row = self._c.db.execute("SELECT is_open FROM statements WHERE id = ?", [statement_id]).fetchone()
        return bool(row and row["is_open"])

    # Candidates, derived

    def candidates(self, statement_id: int) -> list[Candidate]:
        """The candidates stored for a statement, best first. One that was merged into another claim since is that claim.

        Its evidence then tells of other words than the claim's own: what was aligned is left out, to be found anew.
        """
        rows = self._c.db.execute(
            "SELECT c.*, coalesce(cl.merged_into, cl.id) AS root FROM candidates c JOIN claims cl ON cl.id = c.claim_id "
            "WHERE c.statement_id = ? ORDER BY c.rank",
            [statement_id],
        )
        found: dict[int, Candidate] = {}
        for r in rows:
            evidence = _evidence(r["evidence"])
            if r["root"] != r["claim_id"]:
                evidence = replace(evidence, aligned=(), differences=())
            if r["root"] not in found:
                found[r["root"]] = Candidate(
                    claim_id=r["root"],
                    score=r["score"],
                    probability=r["probability"],
                    relation=Relation(r["relation"]),
                    evidence=evidence,
                    statement_id=statement_id,
                )
        return list(found.values())

    def suggestions(self, probability: float) -> list[tuple[int, int]]:
        """(statement id, claim id) of every candidate stored with at least this probability."""
        rows = self._c.db.execute("SELECT statement_id, claim_id FROM candidates WHERE probability >= ? ORDER BY 1, 2", [probability])
        return [(r["statement_id"], r["claim_id"]) for r in rows]

    def with_candidate(self, claim_ids: Iterable[int]) -> set[int]:
        """Ids of the statements that any of these claims is a candidate of."""
        wanted = list(claim_ids)
        rows = self._c.db.execute(
            f"SELECT DISTINCT statement_id FROM candidates WHERE claim_id IN ({','.join('?' * len(wanted))})", wanted
        )
        return {r["statement_id"] for r in rows}

    def matched_at(self, statement_id: int) -> tuple[int, str]:
        """(newest claim vector seen, model) when the candidates were made."""
        row = self._c.db.execute("SELECT matched_seq, matched_model FROM statements WHERE id = ?", [statement_id]).fetchone()
        return (row["matched_seq"], row["matched_model"]) if row else (-1, "")

    def put_candidates(self, statement_id: int, candidates: Sequence[Candidate], *, seq: int, model_id: str) -> None:
        """Replace a statement's candidates and note what they were made from: the newest claim vector seen, and the model.

        When the background has looked through newer claims meanwhile and may have counted on these candidates, the statement is left
        to be matched again.
        """
        with self._c.write() as db:
            db.execute("DELETE FROM candidates WHERE statement_id = ?", [statement_id])
            for rank, c in enumerate(candidates, 1):
                db.execute(
                    "INSERT INTO candidates (statement_id, claim_id, rank, score, probability, relation, evidence) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?)",
                    [
                        statement_id, c.claim_id, rank, c.score, c.probability, str(c.relation),
                        json.dumps(vars(c.evidence), ensure_ascii=False),  # tuples of plain values: ``asdict`` would copy them all first
                    ],
                )  # fmt: skip
            db.execute(
                "UPDATE statements SET matched_seq = CASE WHEN ? < (SELECT coalesce(max(CAST(value AS INTEGER)), -1) FROM newsroom "
                "WHERE name = 'matched_seq') THEN -1 ELSE ? END, matched_model = ? WHERE id = ?",
                [seq, seq, model_id, statement_id],
            )

    def _read(self, where: str, values: list) -> list[Decision]:
        return [
            Decision(
                id=r["id"],
                statement_id=r["statement_id"],
                claim_id=r["claim_id"],
                relation=Relation(r["relation"]),
                user_id=r["user_id"],
                user=r["user_name"],
                at=r["at"],
                note=r["note"],
                made_claim=bool(r["made_claim"]),
                undone_at=r["undone_at"],
                undone_by=r["undone_by"],
                batch=r["batch"],
            )
            for r in self._c.db.execute(f"SELECT * FROM decisions {where}", values)
        ]


def _evidence(text: str) -> Evidence:
    found = json.loads(text)
    return Evidence(
        **{
            key: tuple(tuple(v) if isinstance(v, list) else v for v in value) if isinstance(value, list) else value
            for key, value in found.items()
        }
    )
