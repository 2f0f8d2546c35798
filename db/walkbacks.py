"""Later statements that take a claim back or soften it: proposed, then confirmed or rejected by an editor."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from db.articles import Articles
from db.clock import now
from db.connection import Connection
from factcheck.records import User, Walkback, WalkbackKind, WalkbackState

# Everybody who is the same person by now; bound as :person.
_SAME_PERSON = (
    "(SELECT id FROM people WHERE coalesce(merged_into, id) = (SELECT coalesce(merged_into, id) FROM people WHERE id = :person))"
)
_SAID_AT = "coalesce(s.said_at, a.published_at)"
_NOT_REJECTED = "AND w.state <> 'rejected'"


class Walkbacks:
    def __init__(self, connection: Connection, articles: Articles):
        self._c = connection
        self._articles = articles

    # Reading

    def get(self, walkback_id: int) -> Walkback | None:
        return next(iter(self._read("w.id = :id", {"id": walkback_id})), None)

    def of_claims(self, ids: Iterable[int], *, rejected: bool = False) -> list[Walkback]:
        """What takes any of these claims back, in the order it was said; those rejected only when asked for."""
        wanted = list(ids)
        names = ", ".join(f":id{i}" for i in range(len(wanted)))
        values = {f"id{i}": claim_id for i, claim_id in enumerate(wanted)}
        return self._read(f"w.claim_id IN ({names}) {'' if rejected else _NOT_REJECTED}", values, f"{_SAID_AT} NULLS FIRST, w.id")

    def of_person(self, person_id: int, *, rejected: bool = False, limit: int = 50) -> list[Walkback]:
        """What a person took back, the newest statement first."""
        where = f"s.person_id IN {_SAME_PERSON} {'' if rejected else _NOT_REJECTED}"
        return self._read(where, {"person": person_id, "limit": limit}, f"{_SAID_AT} DESC NULLS LAST, w.id DESC LIMIT :limit")

    def listing(
        self, state: WalkbackState, *, after: tuple[float, int] | None = None, limit: int = 30
    ) -> list[Walkback]:
        """Those in a state, the likeliest first; ``after`` is the probability and id of the last one of the page before."""
        where, values = "w.state = :state", {"state": str(state), "limit": limit}
        if after:
            where += " AND (-w.probability, w.id) > (:after, :after_id)"
            values |= {"after": -after[0], "after_id": after[1]}
        return self._read(where, values, "-w.probability, w.id LIMIT :limit")

    def counts(self) -> dict[WalkbackState, int]:
        rows = self._c.db.execute(
            "SELECT w.state, count(*) AS n FROM walkbacks w JOIN statements s ON s.id = w.statement_id "
            "WHERE w.state <> 'proposed' OR s.is_gone = 0 GROUP BY w.state"
        )
        counts = {r["state"]: r["n"] for r in rows}
        return {state: counts.get(str(state), 0) for state in WalkbackState}

    def claims_before(self, person_id: int, among: Iterable[int]) -> dict[int, str]:
        """Claim -> when the person first made it, of those ``among`` (claims that stand) that are known to be theirs and dated. A claim
        without a date was made by the time of its first review."""
        wanted = list(among)
        names = ", ".join(f":id{i}" for i in range(len(wanted)))
        these = f"(c.id IN ({names}) OR c.merged_into IN ({names}))"
        rows = self._c.db.execute(
            f"""
            SELECT claim_id, min(at) AS at FROM (
              SELECT coalesce(c.merged_into, c.id) AS claim_id, coalesce(c.first_said_at,
                (SELECT min(r.published_at) FROM reviews r WHERE r.claim_id = c.id)) AS at FROM claims c WHERE {these} AND c.person_id IN {_SAME_PERSON}
              UNION ALL SELECT coalesce(c.merged_into, c.id), o.said_at FROM claims c JOIN occurrences o ON o.claim_id = c.id
                WHERE {these} AND o.person_id IN {_SAME_PERSON}
              UNION ALL SELECT coalesce(c.merged_into, c.id), {_SAID_AT} FROM claims c JOIN decisions d ON d.claim_id = c.id
                JOIN statements s ON s.id = d.statement_id JOIN articles a ON a.id = s.article_id
                WHERE {these} AND s.person_id IN {_SAME_PERSON} AND d.relation = 'same' AND d.undone_at IS NULL)
            GROUP BY claim_id HAVING min(at) IS NOT NULL
            """,
            {"person": person_id} | {f"id{i}": claim_id for i, claim_id in enumerate(wanted)},
        )
        return {r["claim_id"]: r["at"] for r in rows}

    def has_claims(self, person_id: int) -> bool:
        """Whether any claim on file may be the person's, dated or not."""
        return bool(
            self._c.db.execute(
                f"""
                SELECT EXISTS (SELECT 1 FROM claims WHERE person_id IN {_SAME_PERSON}) OR EXISTS (SELECT 1 FROM occurrences WHERE person_id IN {_SAME_PERSON})
                  OR EXISTS (SELECT 1 FROM statements s JOIN decisions d ON d.statement_id = s.id
                    WHERE s.person_id IN {_SAME_PERSON} AND d.relation = 'same' AND d.undone_at IS NULL)
                """,
                {"person": person_id},
            ).fetchone()[0]
        )

    def speakers(self, claim_id: int) -> list[int]:
        """Who made a claim, as far as they are on file, each once under the name that stands."""
        rows = self._c.db.execute(
            """
            SELECT DISTINCT coalesce(p.merged_into, p.id) AS id FROM people p WHERE p.id IN (
              SELECT person_id FROM claims WHERE ?1 IN (id, merged_into)
              UNION SELECT o.person_id FROM occurrences o JOIN claims c ON c.id = o.claim_id WHERE ?1 IN (c.id, c.merged_into)
              UNION SELECT s.person_id FROM decisions d JOIN claims c ON c.id = d.claim_id JOIN statements s ON s.id = d.statement_id
                WHERE ?1 IN (c.id, c.merged_into) AND d.relation = 'same' AND d.undone_at IS NULL)
            """,
            [claim_id],
        )
        return [r["id"] for r in rows]

    def said_after(self, person_id: int, at: str) -> list[int]:
        """Statements of a person that were said after an ISO time, which is as exact as it is known."""
        rows = self._c.db.execute(
            f"SELECT s.id FROM statements s JOIN articles a ON a.id = s.article_id WHERE s.person_id IN {_SAME_PERSON} AND s.is_gone = 0 "
            f"AND substr({_SAID_AT}, 1, :n) > :at",
            {"person": person_id, "at": at, "n": len(at)},
        )
        return [r["id"] for r in rows]

    def settled_pairs(self, statement_id: int) -> set[int]:
        """The claims an editor already told how this statement stands to: as making it, as no match, or as a walk-back or none."""
        rows = self._c.db.execute(
            """
            SELECT coalesce(c.merged_into, c.id) AS claim_id FROM decisions d JOIN claims c ON c.id = d.claim_id
            WHERE d.statement_id = ?1 AND d.undone_at IS NULL AND d.relation IN ('same', 'not a match')
            UNION SELECT claim_id FROM walkbacks WHERE statement_id = ?1 AND state <> 'proposed'
            """,
            [statement_id],
        )
        return {r["claim_id"] for r in rows}

    def is_confirmed(self, statement_id: int) -> bool:
        """True when an editor said that the statement takes a claim back."""
        row = self._c.db.execute("SELECT 1 FROM walkbacks WHERE statement_id = ? AND state = 'confirmed'", [statement_id]).fetchone()
        return row is not None

    # Writing

    def propose(self, statement_id: int, claim_id: int, kind: WalkbackKind, probability: float, reason: str) -> bool:
        """Put a proposal on file or bring one up to date; True when it is new. What an editor decided stays."""
        with self._c.write() as db:
            known = db.execute(
                "SELECT id FROM walkbacks WHERE claim_id = ? AND statement_id = ?", [claim_id, statement_id]
            ).fetchone()
            if known:
                db.execute(
                    "UPDATE walkbacks SET kind = ?, probability = ?, reason = ? WHERE id = ? AND state = 'proposed'",
                    [str(kind), probability, reason, known["id"]],
                )
            else:
                db.execute(
                    "INSERT INTO walkbacks (claim_id, statement_id, kind, probability, reason, at) VALUES (?, ?, ?, ?, ?, ?)",
                    [claim_id, statement_id, str(kind), probability, reason, now()],
                )
        return not known

    def withdraw(self, statement_id: int, claims: Sequence[int]) -> None:
        """Take the proposals for a statement and these claims off file; nobody has decided on them."""
        with self._c.write() as db:
            marks = ",".join("?" * len(claims))
            db.execute(
                f"DELETE FROM walkbacks WHERE state = 'proposed' AND statement_id = ? AND claim_id IN ({marks})", [statement_id, *claims]
            )

    def proposed_for(self, statement_id: int) -> list[int]:
        """The claims a statement is proposed to take back."""
        rows = self._c.db.execute("SELECT claim_id FROM walkbacks WHERE statement_id = ? AND state = 'proposed'", [statement_id])
        return [r["claim_id"] for r in rows]

    def decide(self, walkback_id: int, state: WalkbackState, kind: WalkbackKind, user: User, note: str) -> None:
        with self._c.write() as db:
            by = (None, "") if state is WalkbackState.PROPOSED else (user.id or None, user.name)
            db.execute(
                "UPDATE walkbacks SET state = ?, kind = ?, note = ?, user_id = ?, user_name = ?, at = ? WHERE id = ?",
                [str(state), str(kind), note, *by, now(), walkback_id],
            )

    def _read(self, where: str, values: dict, order: str = "w.id") -> list[Walkback]:
        rows = self._c.db.execute(
            f"SELECT w.* FROM walkbacks w JOIN statements s ON s.id = w.statement_id JOIN articles a ON a.id = s.article_id "
            f"WHERE {where} AND (w.state <> 'proposed' OR s.is_gone = 0) ORDER BY {order}",
            values,
        ).fetchall()
        statements = self._articles.statements_by_id({r["statement_id"] for r in rows})
        articles = self._articles.many({s.article_id for s in statements.values()})
        return [
            Walkback(
                id=r["id"],
                claim_id=r["claim_id"],
                kind=WalkbackKind(r["kind"]),
                probability=r["probability"],
                reason=r["reason"],
                state=WalkbackState(r["state"]),
                statement=statements[r["statement_id"]],
                article=articles[statements[r["statement_id"]].article_id],
                note=r["note"],
                user=r["user_name"],
                at=r["at"],
            )
            for r in rows
        ]
