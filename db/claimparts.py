"""The parts of a claim between record and row: reviews, coverage, promise, and what an import is compared by."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace

from factcheck.records import Claim, Coverage, Promise, PromiseStatus, Rating, Review, StatusChange

EDITABLE = ("text", "title", "language", "speaker", "first_said_at")  # what editors may change of an imported claim
TERMS = {  # of a promise: column -> field of the record
    "criterion": "criterion",
    "deadline": "deadline",
    "deadline_text": "deadline_text",
    "deadline_hours": "hours",
    "deadline_from": "runs_from",
    "deadline_zone": "zone",
}


def insert(db, table: str, columns: dict[str, object]) -> int:
    names = ", ".join(f'"{c}"' for c in columns)
    return db.execute(
        f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(columns))})", list(columns.values())
    ).lastrowid


def review_columns(claim_id: int, review: Review) -> dict[str, object]:
    return {
        "claim_id": claim_id,
        "publisher": review.publisher,
        "url": review.url,
        "title": review.title,
        "summary": review.summary,
        "rating_text": review.rating_text,
        "rating": str(review.rating),
        "published_at": review.published_at,
        "language": review.language,
        "raw": review.raw,
    }


def review(row) -> Review:
    return Review(**{**dict(row), "rating": Rating(row["rating"])})


def promise_of(row, changes: list) -> Promise:
    return Promise(
        criterion=row["criterion"],
        deadline=row["deadline"],
        deadline_text=row["deadline_text"],
        status=PromiseStatus(row["promise_status"]),
        history=tuple(status_change(c) for c in changes if c["undone_at"] is None),
        hours=row["deadline_hours"],
        runs_from=row["deadline_from"],
        zone=row["deadline_zone"],
    )


def status_change(row) -> StatusChange:
    return StatusChange(**{**{k: row[k] for k in row.keys() if k != "claim_id"}, "status": PromiseStatus(row["status"])})


# What the newsroom says of a promise stands before what an import says; the import's word is kept beside it.


def as_given(claim: Claim, row) -> Claim:
    """The claim with its promise as the import has it. ``row`` is that of the claim."""
    promise = claim.promise
    if promise and row["given_terms"] is not None:
        given = json.loads(row["given_terms"])
        promise = None if given is None else replace(promise, **{TERMS[column]: value for column, value in given.items()})
    if promise and row["given_status"] is not None:
        promise = replace(promise, status=PromiseStatus(row["given_status"]))
    return replace(claim, promise=promise)


def keep_own_promise(columns: dict[str, object], row) -> None:
    """Of the ``columns`` an import would write, move those aside for which the newsroom has its own word."""
    if row["given_status"] is not None:
        columns["given_status"] = columns.pop("promise_status")
    if row["given_terms"] is not None:
        terms = {name: columns.pop(name) for name in TERMS}
        columns["given_terms"] = json.dumps(terms if columns.pop("is_promise") else None, ensure_ascii=False)


def restate(db, claim_id: int) -> None:
    """Bring a promise's status to what its history says: the change of the newest date that stands, the later entry for one day;
    without any of the newsroom's own, what the import says."""
    db.execute(
        """
        UPDATE claims SET promise_status = CASE
          WHEN EXISTS (SELECT 1 FROM status_changes WHERE claim_id = ?1 AND added_at <> '' AND undone_at IS NULL)
          THEN (SELECT status FROM status_changes WHERE claim_id = ?1 AND undone_at IS NULL ORDER BY substr(at, 1, 10) DESC, added_at DESC, id DESC LIMIT 1)
          ELSE coalesce(given_status, promise_status) END
        WHERE id = ?1
        """,
        [claim_id],
    )


def comparable(claim: Claim) -> Claim:
    """The claim as an import knows it, without what the store or the newsroom knows better, in a fixed order: two can be compared."""
    return replace(
        claim,
        id=0,
        person_id=None,
        occurrence_count=0,
        created_at="",
        changed_at="",
        merged_into=None,
        reviews=_imported(claim.reviews),
        coverage=_imported(claim.coverage),
        promise=claim.promise and replace(claim.promise, history=_imported(claim.promise.history)),
    )


def _imported(parts: Iterable) -> tuple:
    kept = [replace(p, id=0) for p in parts if not p.added_at]
    return tuple(sorted((replace(p, claim_id=0) if hasattr(p, "claim_id") else p for p in kept), key=repr))


def same_part(part: Review | Coverage) -> tuple[str, ...]:
    """What tells that a review or a report is the same one, though its words were corrected."""
    return (type(part).__name__, part.url) if part.url else (type(part).__name__, part.publisher, part.title, part.published_at or "")
