"""Claims with their reviews, coverage, promise history and occurrences."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

from db.claimparts import as_given, comparable, insert, keep_own_promise, promise_of, restate, review, review_columns
from db.clock import now
from db.connection import Connection
from db.wordindex import WordIndex
from factcheck.records import (
    Claim,
    Coverage,
    Kind,
    Occurrence,
    Person,
    Promise,
    Rating,
)
from factcheck.words import fold


def claim_hash(claim: Claim) -> str:
    """What a claim's vector and word index depend on."""
    return hashlib.sha256("\0".join((claim.text, claim.title, claim.body, claim.speaker)).encode()).hexdigest()[:32]


class Claims:
    def __init__(self, connection: Connection):
        self._c = connection
        self._words = WordIndex(connection, "claims")

    # Reading

    def root(self, claim_id: int) -> int:
        """The claim that stands for this one since they were merged; the claim itself when it stands alone or is not on file."""
        return self.roots([claim_id]).get(claim_id, claim_id)

    def roots(self, ids: Iterable[int]) -> dict[int, int]:
        """Claim id -> the claim that stands for it, for those on file."""
        wanted = list(dict.fromkeys(ids))
        rows = self._c.db.execute(
            f"SELECT id, coalesce(merged_into, id) AS root FROM claims WHERE id IN ({','.join('?' * len(wanted))})", wanted
        )
        return {r["id"]: r["root"] for r in rows}

    def group(self, claim_id: int) -> list[int]:
        """Every claim merged with this one, the one that stands for all first, then as they were made."""
        root = self.root(claim_id)
        rows = self._c.db.execute("SELECT id FROM claims WHERE merged_into = ? ORDER BY id", [root])
        return [root, *(r["id"] for r in rows)]

    def get(self, claim_id: int) -> Claim | None:
        """The claim with everything that hangs on it but its occurrences."""
        return self.many([claim_id]).get(claim_id)

    def by_key(self, key: str) -> Claim | None:
        row = self._c.db.execute("SELECT id FROM claims WHERE key = ?", [key]).fetchone()
        return self.get(row["id"]) if row else None

    def many(self, ids: Iterable[int]) -> dict[int, Claim]:
        """Claims by id, complete; ids that are not on file are left out."""
        wanted = list(dict.fromkeys(ids))
        marks = ",".join("?" * len(wanted))
        rows = self._c.db.execute(f"SELECT * FROM claims WHERE id IN ({marks})", wanted).fetchall()
        reviews = self._grouped("reviews", marks, wanted, "published_at DESC, id DESC")
        coverage = self._grouped("coverage", marks, wanted, "published_at DESC, id DESC")
        changes = self._grouped("status_changes", marks, wanted, "substr(at, 1, 10), added_at, id")
        return {
            r["id"]: Claim(
                id=r["id"],
                key=r["key"],
                text=r["text"],
                language=r["language"],
                title=r["title"],
                body=r["body"],
                speaker=r["speaker"],
                person_id=r["person_id"],
                topics=tuple(json.loads(r["topics"])),
                first_said_at=r["first_said_at"],
                promise=promise_of(r, changes.get(r["id"], [])) if r["is_promise"] else None,
                reviews=tuple(review(x) for x in reviews.get(r["id"], [])),
                coverage=tuple(Coverage(**dict(x)) for x in coverage.get(r["id"], [])),
                occurrence_count=r["occurrence_count"],
                origin=r["origin"],
                created_at=r["created_at"],
            )
            for r in rows
        }

    def in_order(self, ids: Iterable[int]) -> list[Claim]:
        wanted = list(ids)
        found = self.many(wanted)
        return [found[i] for i in wanted if i in found]

    def count(self) -> int:
        return self._c.db.execute("SELECT count(*) FROM claims WHERE merged_into IS NULL").fetchone()[0]

    def of_person(self, person_id: int, limit: int = 100) -> list[Claim]:
        """A person's claims, most often said first."""
        return self._select(
            "WHERE person_id = ? AND merged_into IS NULL ORDER BY occurrence_count DESC, first_said_at DESC, id DESC LIMIT ?", [person_id, limit]
        )

    def ratings_of_person(self, person_id: int) -> dict[Rating, int]:
        rows = self._c.db.execute(
            "SELECT rating, count(*) AS n FROM claims WHERE person_id = ? AND merged_into IS NULL GROUP BY rating", [person_id]
        )
        counts = {Rating(r["rating"]): r["n"] for r in rows}
        return {rating: counts[rating] for rating in Rating if rating in counts}

    def repeated(self, limit: int = 5) -> list[Claim]:
        """The claims said most often."""
        return self._select("WHERE occurrence_count > 1 AND merged_into IS NULL ORDER BY occurrence_count DESC, id LIMIT ?", [limit])

    def newest(self, limit: int = 10) -> list[Claim]:
        return self._select("WHERE merged_into IS NULL ORDER BY id DESC LIMIT ?", [limit])

    def occurrences(self, claim_id: int) -> list[Occurrence]:
        """When, where and by whom the claim was made, oldest first, undated last: entered by hand and from confirmed links."""
        rows = self._c.db.execute(
            """
            SELECT * FROM (SELECT claim_id, quote, said_at, speaker, place, source, url, kind, id, person_id,
                   NULL AS statement_id, NULL AS article_id, '' AS article_title, added_at
            FROM occurrences WHERE claim_id = ?1
            UNION ALL
            SELECT d.claim_id, s.text, coalesce(s.said_at, a.published_at), s.speaker, '', a.source, coalesce(a.url, ''), s.kind,
                   0, s.person_id, s.id, a.id, a.title, d.at
            FROM decisions d JOIN statements s ON s.id = d.statement_id JOIN articles a ON a.id = s.article_id
            WHERE d.claim_id = ?1 AND d.relation = 'same' AND d.undone_at IS NULL)
            ORDER BY said_at IS NULL, said_at
            """,
            [claim_id],
        )
        return [Occurrence(**{**dict(r), "kind": Kind(r["kind"])}) for r in rows]

    # Writing

    def put(self, claim: Claim, *, created_by: int | None = None) -> tuple[int, str]:
        """Store a claim under its key with its reviews, coverage and promise; (id, "new" | "changed" | "unchanged").

        A claim already on file under the key is brought to what ``claim`` says; reviews and coverage are replaced when they
        differ. Occurrences and decisions are never touched.
        """
        digest = claim_hash(claim)
        with self._c.write() as db:
            row = db.execute(
                "SELECT id, content_hash, given_status, given_terms FROM claims WHERE key = ?", [claim.key]
            ).fetchone()
            if row:
                stored = self.get(row["id"])
                assert stored is not None
                if comparable(as_given(stored, row)) == comparable(claim):
                    if stored.person_id is None and claim.person_id is not None:  # the speaker has come on file meanwhile
                        self.set_person(row["id"], claim.person_id)
                    return row["id"], "unchanged"
            promise = claim.promise or Promise()
            columns = {
                "key": claim.key,
                "text": claim.text,
                "language": claim.language,
                "title": claim.title,
                "body": claim.body,
                "speaker": claim.speaker,
                "speaker_folded": fold(claim.speaker),
                "person_id": claim.person_id,
                "topics": json.dumps(claim.topics, ensure_ascii=False),
                "first_said_at": claim.first_said_at,
                "is_promise": int(claim.promise is not None),
                "criterion": promise.criterion,
                "deadline": promise.deadline,
                "deadline_text": promise.deadline_text,
                "promise_status": str(promise.status),
                "rating": str(claim.rating),
                "origin": claim.origin,
                "content_hash": digest,
            }
            if row:
                claim_id = row["id"]
                columns["person_id"] = claim.person_id or stored.person_id
                keep_own_promise(columns, row)
                sets = ", ".join(f"{c} = ?" for c in columns)
                db.execute(f"UPDATE claims SET {sets} WHERE id = ?", [*columns.values(), claim_id])
                for table in ("reviews", "coverage", "status_changes"):  # what the newsroom added itself stays
                    db.execute(f"DELETE FROM {table} WHERE claim_id = ? AND added_at = ''", [claim_id])
            else:
                columns |= {"created_at": now(), "created_by": created_by}
                claim_id = db.execute(
                    f"INSERT INTO claims ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})", list(columns.values())
                ).lastrowid
            if not row or row["content_hash"] != digest:
                self._words.put(
                    claim_id, claim.language, {"text": claim.text, "title": claim.title, "body": claim.body}, is_new=not row
                )
            self._put_parts(db, claim_id, claim, promise)
            if row:
                restate(db, claim_id)
        return claim_id, "changed" if row else "new"

    def add_occurrence(self, occurrence: Occurrence) -> int:
        with self._c.write() as db:
            columns = {
                "claim_id": occurrence.claim_id,
                "quote": occurrence.quote,
                "speaker": occurrence.speaker,
                "person_id": occurrence.person_id,
                "said_at": occurrence.said_at,
                "place": occurrence.place,
                "source": occurrence.source,
                "url": occurrence.url,
                "kind": str(occurrence.kind),
            }
            occurrence_id = insert(db, "occurrences", columns)
            self.recount(occurrence.claim_id)
        return occurrence_id

    def adopt(self, person: Person) -> int:
        """Link the claims whose speaker bears a name of this person and was on file as words only; how many."""
        names = [fold(n) for n in (person.name, *person.aliases)]
        with self._c.write() as db:
            return db.execute(
                f"UPDATE claims SET person_id = ? WHERE person_id IS NULL AND speaker_folded IN ({','.join('?' * len(names))})",
                [person.id, *names],
            ).rowcount

    def set_person(self, claim_id: int, person_id: int) -> None:
        with self._c.write() as db:
            db.execute("UPDATE claims SET person_id = ? WHERE id = ?", [person_id, claim_id])

    def recount(self, claim_id: int) -> None:
        """Bring ``occurrence_count`` to what occurrences and confirmed links say."""
        with self._c.write() as db:
            db.execute(
                """
                UPDATE claims SET occurrence_count =
                  (SELECT count(*) FROM occurrences WHERE claim_id = ?1) +
                  (SELECT count(*) FROM decisions WHERE claim_id = ?1 AND relation = 'same' AND undone_at IS NULL)
                WHERE id = ?1
                """,
                [claim_id],
            )

    def delete(self, claim_id: int) -> None:
        """Take back a claim that was made by a decision now undone. Refused by the database while a decision names it."""
        with self._c.write() as db:
            self._words.delete([claim_id])
            db.execute("DELETE FROM vectors WHERE kind = 'claim' AND object_id = ?", [claim_id])
            db.execute("INSERT INTO vector_deletions (kind, object_id) VALUES ('claim', ?)", [claim_id])
            db.execute("DELETE FROM claims WHERE id = ?", [claim_id])

    def _put_parts(self, db, claim_id: int, claim: Claim, promise: Promise) -> None:
        for item in claim.reviews:
            insert(db, "reviews", review_columns(claim_id, item))
        for item in claim.coverage:
            columns = {
                "claim_id": claim_id,
                "title": item.title,
                "url": item.url,
                "publisher": item.publisher,
                "published_at": item.published_at,
                "language": item.language,
            }
            insert(db, "coverage", columns)
        for change in promise.history:
            columns = {
                "claim_id": claim_id,
                "status": str(change.status),
                "at": change.at,
                "note": change.note,
                "source_url": change.source_url,
                "by": change.by,
            }
            insert(db, "status_changes", columns)

    def _select(self, where: str, values: list) -> list[Claim]:
        return self.in_order(r["id"] for r in self._c.db.execute(f"SELECT id FROM claims {where}", values).fetchall())

    def _grouped(self, table: str, marks: str, ids: list[int], order: str) -> dict[int, list]:
        found: dict[int, list] = {}
        for row in self._c.db.execute(f"SELECT * FROM {table} WHERE claim_id IN ({marks}) ORDER BY {order}", ids):
            found.setdefault(row["claim_id"], []).append(row)
        return found
