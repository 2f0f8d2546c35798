"""Claims as they are read: one by one, merged ones through the claim that stands for them, and in lists."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace

from db.claimparts import as_given, promise_of, review
from db.connection import Connection
from db.occurrences import Occurrences
from factcheck.records import Claim, Coverage, Occurrence, Rating


@dataclass(frozen=True)
class ClaimWords:
    """What a claim is compared by: its words, and the days on which it was said and reviewed, as they are on file."""

    text: str
    title: str
    body: str
    speaker: str
    dates: tuple[str | None, ...]

    @property
    def passage(self) -> str:
        """What stands for the claim in vector space."""
        return f"{self.text} {self.title}".strip()


class ClaimReading:
    def __init__(self, connection: Connection):
        self._c = connection
        self._occurrences = Occurrences(connection)

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

    def is_referred_to(self, claim_id: int) -> bool:
        """True when the claim was ever merged, split or set in relation to another, taken back by its speaker, or corrected in public: it stays on file."""
        return self._c.db.execute(
            "SELECT EXISTS (SELECT 1 FROM rearrangements WHERE claim_id = ?1 OR other_id = ?1) "
            "OR EXISTS (SELECT 1 FROM claim_relations WHERE claim_id = ?1 OR other_id = ?1) "
            "OR EXISTS (SELECT 1 FROM walkbacks WHERE claim_id = ?1) OR EXISTS (SELECT 1 FROM errata WHERE claim_id = ?1)",
            [claim_id],
        ).fetchone()[0] == 1

    def get(self, claim_id: int) -> Claim | None:
        """The claim with everything that hangs on it but its occurrences."""
        return self.many([claim_id]).get(claim_id)

    def by_key(self, key: str) -> Claim | None:
        row = self._c.db.execute("SELECT id FROM claims WHERE key = ?", [key]).fetchone()
        return self.get(row["id"]) if row else None

    def many(self, ids: Iterable[int]) -> dict[int, Claim]:
        """Claims by id, complete; ids that are not on file are left out.

        One that stands for others comes with their reviews, coverage and promise history; one that was merged with its own.
        """
        return self._read(ids, together=True)

    def words(self, ids: Iterable[int]) -> dict[int, ClaimWords]:
        """What claims are compared by, at a fraction of the time that reading them whole takes. Reviews are those that ``many`` gives."""
        wanted = list(dict.fromkeys(ids))
        marks = ",".join("?" * len(wanted))
        rows = self._c.db.execute(f"SELECT id, text, title, body, speaker, first_said_at FROM claims WHERE id IN ({marks})", wanted).fetchall()
        dates: dict[int, list[str | None]] = {r["id"]: [r["first_said_at"]] for r in rows}
        reviewed = self._c.db.execute(
            f"SELECT claim_id AS id, published_at FROM reviews WHERE claim_id IN ({marks}) UNION ALL "
            f"SELECT c.merged_into, r.published_at FROM claims c JOIN reviews r ON r.claim_id = c.id WHERE c.merged_into IN ({marks})",
            [*wanted, *wanted],
        )
        for r in reviewed:
            if r["id"] in dates:
                dates[r["id"]].append(r["published_at"])
        return {r["id"]: ClaimWords(r["text"], r["title"], r["body"], r["speaker"], tuple(dates[r["id"]])) for r in rows}

    def own(self, claim_id: int) -> Claim | None:
        """The claim with what hangs on itself only, whatever was merged into it: as an import knows it."""
        return self._read([claim_id], together=False).get(claim_id)

    def _read(self, ids: Iterable[int], *, together: bool) -> dict[int, Claim]:
        wanted = list(dict.fromkeys(ids))
        marks = ",".join("?" * len(wanted))
        rows = self._c.db.execute(f"SELECT * FROM claims WHERE id IN ({marks})", wanted).fetchall()
        members = self._c.db.execute(
            f"SELECT id, merged_into FROM claims WHERE merged_into IN ({marks})", wanted if together else [None] * len(wanted)
        )
        through = {r["id"]: r["merged_into"] for r in members}
        reviews = self._grouped("reviews", wanted, through, "published_at DESC NULLS LAST, id DESC")
        coverage = self._grouped("coverage", wanted, through, "published_at DESC NULLS LAST, id DESC")
        changes = self._grouped("status_changes", wanted, through, "substr(at, 1, 10), added_at, id")
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
                changed_at=r["changed_at"],
                merged_into=r["merged_into"],
            )
            for r in rows
        }

    def in_order(self, ids: Iterable[int]) -> list[Claim]:
        wanted = list(ids)
        found = self.many(wanted)
        return [found[i] for i in wanted if i in found]

    def count(self) -> int:
        # Two counts along an index each: asked for those without, SQLite would read every claim.
        return self._c.db.execute(
            "SELECT (SELECT count(*) FROM claims) - (SELECT count(*) FROM claims WHERE merged_into IS NOT NULL) AS n"
        ).fetchone()["n"]

    def publishers_at(self, site: str) -> list[str]:
        """Publishers with a review on a site, named by its host without "www."."""
        beginnings = [f"{scheme}://{www}{site}/" for scheme in ("https", "http") for www in ("", "www.")]
        ranges = " OR ".join("url >= ? AND url < ?" for _ in beginnings)
        values = [value for b in beginnings for value in (b, b[:-1] + "0")]  # "0" comes right after "/"
        rows = self._c.db.execute(f"SELECT DISTINCT publisher FROM reviews WHERE {ranges}", values)
        return [r["publisher"] for r in rows]

    def imported_words(self, claim_id: int) -> dict[str, str | None]:
        """What the import says where an editor changed it: field -> imported value."""
        row = self._c.db.execute("SELECT edited FROM claims WHERE id = ? AND origin <> ''", [claim_id]).fetchone()
        return json.loads(row["edited"]) if row else {}

    def as_imported(self, key: str) -> Claim | None:
        """The claim as imports have made it so far: without what editors changed or added. None when there is none under the key."""
        row = self._c.db.execute("SELECT id, given_status, given_terms, edited FROM claims WHERE key = ?", [key]).fetchone()
        if row is None:
            return None
        stored = self.own(row["id"])
        assert stored is not None
        claim = replace(as_given(stored, row), **json.loads(row["edited"]))
        promise = claim.promise and replace(claim.promise, history=tuple(c for c in claim.promise.history if not c.added_at))
        return replace(
            claim,
            reviews=tuple(r for r in claim.reviews if not r.added_at),
            coverage=tuple(c for c in claim.coverage if not c.added_at),
            promise=promise,
        )

    def reviewed_at(self, url: str) -> list[str]:
        """Keys of the claims with an imported review at this address."""
        rows = self._c.db.execute(
            "SELECT DISTINCT c.key FROM reviews r JOIN claims c ON c.id = r.claim_id WHERE r.url = ? AND r.added_at = '' LIMIT 2", [url]
        )
        return [r["key"] for r in rows]

    def appeared_at(self, claim_id: int, url: str, quote: str) -> bool:
        """True when it is on file that the claim was made there, also when that was moved to another claim."""
        return bool(
            self._c.db.execute(
                "SELECT 1 FROM occurrences WHERE claim_id = ?1 AND url = ?2 UNION ALL "
                "SELECT 1 FROM rearrangements r JOIN occurrences o ON o.claim_id = r.other_id WHERE r.claim_id = ?1 AND o.url = ?2 AND o.quote = ?3 LIMIT 1",
                [claim_id, url, quote],
            ).fetchone()
        )

    def of_person(self, person_id: int, limit: int = 100) -> list[Claim]:
        """A person's claims, most often said first."""
        return self._select(
            "WHERE person_id = ? AND merged_into IS NULL ORDER BY occurrence_count DESC, first_said_at DESC NULLS LAST, id DESC LIMIT ?", [person_id, limit]
        )

    def ratings_of_person(self, person_id: int) -> dict[Rating, int]:
        rows = self._c.db.execute(
            "SELECT rating, count(*) AS n FROM claims WHERE person_id = ? AND merged_into IS NULL GROUP BY rating", [person_id]
        )
        counts = {Rating(r["rating"]): r["n"] for r in rows}
        return {rating: counts[rating] for rating in Rating if rating in counts}

    def repeated(self, limit: int = 5) -> list[Claim]:
        """The claims said most often. (The index is told by its own words, "> 0".)"""
        return self._select("WHERE occurrence_count > 0 AND occurrence_count > 1 AND merged_into IS NULL ORDER BY occurrence_count DESC, id LIMIT ?", [limit])

    def newest(self, limit: int = 10) -> list[Claim]:
        return self._select("WHERE merged_into IS NULL ORDER BY id DESC LIMIT ?", [limit])

    def occurrences(self, claim_id: int) -> list[Occurrence]:
        """When, where and by whom the claim and those merged into it were made, oldest first, undated last."""
        return self._occurrences.of(self.group(claim_id) if self.root(claim_id) == claim_id else [claim_id])

    def _select(self, where: str, values: list) -> list[Claim]:
        return self.in_order(r["id"] for r in self._c.db.execute(f"SELECT id FROM claims {where}", values).fetchall())

    def _grouped(self, table: str, ids: list[int], through: dict[int, int], order: str) -> dict[int, list]:
        """Rows by the claim they are read through; ``through`` says which one that is for merged claims."""
        every = [*ids, *(i for i in through if i not in ids)]
        marks = ",".join("?" * len(every))
        found: dict[int, list] = {}
        asked = set(ids)
        for row in self._c.db.execute(f"SELECT * FROM {table} WHERE claim_id IN ({marks}) ORDER BY {order}", every):
            for reader in {row["claim_id"], through.get(row["claim_id"], row["claim_id"])} & asked:
                found.setdefault(reader, []).append(row)
        return found
