"""Claims as they are written: by imports, by editors, and what is kept with them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import replace

from db.claimparts import (
    EDITABLE,
    as_given,
    comparable,
    insert,
    keep_own_promise,
    restate,
    review_columns,
    same_part,
)
from db.claimreading import ClaimReading
from db.clock import now
from db.connection import Connection
from db.events import Events
from db.rearrangements import moved_away
from db.wordindex import WordIndex
from factcheck import timeline
from factcheck.records import Claim, EventKind, Occurrence, Person, Promise, Rating, Review
from factcheck.words import fold


def claim_hash(claim: Claim) -> str:
    """What a claim's vector and word index depend on."""
    return hashlib.sha256("\0".join((claim.text, claim.title, claim.body, claim.speaker)).encode()).hexdigest()[:32]


class Claims(ClaimReading):
    def __init__(self, connection: Connection):
        super().__init__(connection)
        self._words = WordIndex(connection, "claims")
        self._events = Events(connection)

    def put(self, claim: Claim, *, created_by: int | None = None) -> tuple[int, str]:
        """Store a claim under its key with its reviews, coverage and promise; (id, "new" | "changed" | "unchanged").

        A claim already on file under the key is brought to what ``claim`` says; reviews and coverage are replaced when they
        differ. Occurrences and decisions are never touched.
        """
        with self._c.write() as db:
            row = db.execute(
                "SELECT id, content_hash, given_status, given_terms, edited FROM claims WHERE key = ?", [claim.key]
            ).fetchone()
            edited: dict[str, object] = {}
            if row:
                stored = self.own(row["id"])
                assert stored is not None
                claim = self._without_moved(db, row["id"], claim)
                edited = json.loads(row["edited"])
                if comparable(replace(as_given(stored, row), **edited)) == comparable(claim):
                    if stored.person_id is None and claim.person_id is not None:  # the speaker has come on file meanwhile
                        self.set_person(row["id"], claim.person_id)
                    return row["id"], "unchanged"
                edited = {f: getattr(claim, f) for f in edited}
                claim = replace(claim, **{f: getattr(stored, f) for f in edited})  # an editor's word stands
            digest = claim_hash(claim)
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
                "deadline_hours": promise.hours,
                "deadline_from": promise.runs_from,
                "deadline_zone": promise.zone,
                "promise_status": str(promise.status),
                "edited": json.dumps(edited, ensure_ascii=False),
                "origin": claim.origin,
                "content_hash": digest,
            }
            if row:
                claim_id = row["id"]
                columns["person_id"] = stored.person_id if "speaker" in edited else claim.person_id or stored.person_id
                keep_own_promise(columns, row)
                sets = ", ".join(f"{c} = ?" for c in columns)
                db.execute(f"UPDATE claims SET {sets} WHERE id = ?", [*columns.values(), claim_id])
                for table in ("reviews", "coverage", "status_changes"):  # what the newsroom added itself stays
                    db.execute(f"DELETE FROM {table} WHERE claim_id = ? AND added_at = ''", [claim_id])
            else:
                reviewed = [r.published_at for r in claim.reviews if r.published_at]
                columns |= {"created_at": now(), "changed_at": now(), "created_by": created_by, "rating": str(claim.rating)}
                columns |= {"newest_review_at": max(reviewed, default=None)}
                claim_id = db.execute(
                    f"INSERT INTO claims ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})", list(columns.values())
                ).lastrowid
            if not row or row["content_hash"] != digest:
                self._words.put(claim_id, claim.language, _indexed(claim), is_new=not row)
            self._put_parts(db, claim_id, claim, promise)
            if row:
                restate(db, claim_id)
                self.refresh(claim_id)
                known = {(r.url, r.publisher, r.published_at) for r in stored.reviews}
                for item in claim.reviews:
                    if (item.url, item.publisher, item.published_at) not in known:
                        self.tell_review(claim_id, item)
            else:
                by = self._name_of(db, created_by)
                self._events.add(
                    EventKind.NEW_CLAIM, f"claim {claim_id}", claim_id=claim_id, person_id=claim.person_id, after=str(claim.rating), by=by
                )
        return claim_id, "changed" if row else "new"

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

    def add_occurrence(self, occurrence: Occurrence) -> int:
        with self._c.write():
            occurrence_id = self._occurrences.add(occurrence)
            self.recount(occurrence.claim_id)
        return occurrence_id

    def begin_with(self, occurrence: Occurrence) -> int:
        """As ``add_occurrence``, for a claim that came on file just now and was never said yet: nothing has to be read for it."""
        with self._c.write() as db:
            occurrence_id = self._occurrences.add(occurrence)
            db.execute("UPDATE claims SET occurrence_count = ? WHERE id = ?", [timeline.times_said([occurrence]), occurrence.claim_id])
        return occurrence_id

    def change(self, claim: Claim) -> None:
        """Store what an editor changed of a claim: text, title, language, speaker, date. What the import says is kept aside, and the
        next import changes that only."""
        stored = self.own(claim.id)
        assert stored is not None
        changed = {f: getattr(stored, f) for f in EDITABLE if getattr(stored, f) != getattr(claim, f)}
        with self._c.write() as db:
            row = db.execute("SELECT edited FROM claims WHERE id = ?", [claim.id]).fetchone()
            columns = {f: getattr(claim, f) for f in EDITABLE} | {
                "speaker_folded": fold(claim.speaker),
                "person_id": claim.person_id,
                "content_hash": claim_hash(claim),
                "edited": json.dumps(changed | json.loads(row["edited"]), ensure_ascii=False),
            }
            sets = ", ".join(f"{c} = ?" for c in columns)
            db.execute(f"UPDATE claims SET {sets} WHERE id = ?", [*columns.values(), claim.id])
            self._words.put(claim.id, claim.language, _indexed(claim), is_new=False)
            self.refresh(claim.id)

    def recount(self, claim_id: int) -> None:
        """Bring ``occurrence_count`` to what occurrences and confirmed links say, of the claim and of the one that stands for it."""
        with self._c.write() as db:
            for holder in {claim_id, self.root(claim_id)}:
                n = timeline.times_said(self.occurrences(holder))
                db.execute("UPDATE claims SET occurrence_count = ? WHERE id = ?", [n, holder])

    def refresh(self, claim_id: int, *, by: str = "") -> None:
        """Bring everything that is kept with a claim, and with the one that stands for it, to what its parts say: how often it was said,
        its rating, its newest review. A rating that changes is told; ``by`` is the user's name."""
        with self._c.write() as db:
            self.recount(claim_id)
            root = self.root(claim_id)
            for holder in {claim_id, root}:
                group = self.group(root) if holder == root else [holder]
                before, after = self._ratings(db, holder, group)
                db.execute(
                    "UPDATE claims SET rating = ?, changed_at = ?, newest_review_at = "
                    f"(SELECT max(published_at) FROM reviews WHERE claim_id IN ({','.join('?' * len(group))})) WHERE id = ?",
                    [after, now(), *group, holder],
                )
                if before != after and holder == root:
                    thing = f"rating of claim {root}: {before} to {after}, {now()}"
                    self._events.add(EventKind.RATING_CHANGED, thing, claim_id=root, before=before, after=after, by=by)

    def tell_review(self, claim_id: int, review: Review, *, by: str = "") -> None:
        """Note that a claim was reviewed; the same review is the same news however often it is imported."""
        root = self.root(claim_id)
        thing = f"review of claim {root}: {review.url or f'{review.publisher}, {review.published_at}'}"
        self._events.add(EventKind.NEW_REVIEW, thing, claim_id=root, after=str(review.rating), by=by)

    def note_export(self, user_id: int, claim_ids: Iterable[int]) -> None:
        """Note who took claims out of the house, to tell them when a rating changes."""
        with self._c.write() as db:
            for claim_id in claim_ids:
                db.execute(
                    "INSERT INTO exported_claims (user_id, claim_id, at) VALUES (?, ?, ?) "
                    "ON CONFLICT (claim_id, user_id) DO UPDATE SET at = excluded.at",
                    [user_id, claim_id, now()],
                )

    def delete(self, claim_id: int) -> None:
        """Take back a claim that was made by a decision now undone. Refused by the database while a decision names it."""
        with self._c.write() as db:
            self._words.delete([claim_id])
            db.execute("DELETE FROM walkbacks WHERE claim_id = ?", [claim_id])
            db.execute("DELETE FROM vectors WHERE kind = 'claim' AND object_id = ?", [claim_id])
            db.execute("INSERT INTO vector_deletions (kind, object_id) VALUES ('claim', ?)", [claim_id])
            db.execute("DELETE FROM claims WHERE id = ?", [claim_id])

    def _ratings(self, db, holder: int, group: list[int]) -> tuple[str, str]:
        """(the rating kept with the claim, the one its group's newest rated review gives)"""
        kept = db.execute("SELECT rating FROM claims WHERE id = ?", [holder]).fetchone()
        found = db.execute(
            f"SELECT rating FROM reviews WHERE claim_id IN ({','.join('?' * len(group))}) AND rating <> ? "
            "ORDER BY coalesce(published_at, '') DESC, id DESC LIMIT 1",
            [*group, str(Rating.NOT_RATED)],
        ).fetchone()
        return kept["rating"] if kept else "", found["rating"] if found else str(Rating.NOT_RATED)

    def _without_moved(self, db, claim_id: int, claim: Claim) -> Claim:
        """The claim as an import brings it, without the reviews and coverage that an editor moved to another claim; those are brought
        up to date where they are."""
        reviews, coverage = moved_away(db, claim_id)
        if not reviews and not coverage:
            return claim
        gone = {same_part(r): r for r in reviews} | {same_part(c): c for c in coverage}
        for item in claim.reviews:
            if there := gone.get(same_part(item)):
                columns = review_columns(there.claim_id, item)
                db.execute(
                    f"UPDATE reviews SET {', '.join(f'{c} = ?' for c in columns)} WHERE id = ?", [*columns.values(), there.id]
                )
                self.refresh(there.claim_id)
        return replace(
            claim,
            reviews=tuple(r for r in claim.reviews if same_part(r) not in gone),
            coverage=tuple(c for c in claim.coverage if same_part(c) not in gone),
        )

    def _name_of(self, db, user_id: int | None) -> str:
        row = db.execute("SELECT name FROM users WHERE id = ?", [user_id]).fetchone()
        return row["name"] if row else ""

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


def _indexed(claim: Claim) -> dict[str, str]:
    return {"text": claim.text, "title": claim.title, "body": claim.body}
