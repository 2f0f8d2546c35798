"""The parts of a claim between record and row: reviews, coverage, promise, and what an import is compared by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from factcheck.records import Claim, Promise, PromiseStatus, Rating, Review, StatusChange


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
        history=tuple(_change(c) for c in changes if c["undone_at"] is None),
    )


def _change(row) -> StatusChange:
    return StatusChange(**{**{k: row[k] for k in row.keys() if k != "claim_id"}, "status": PromiseStatus(row["status"])})


def comparable(claim: Claim) -> Claim:
    """The claim as an import knows it, without what the store or the newsroom knows better, in a fixed order: two can be compared."""
    return replace(
        claim,
        id=0,
        person_id=None,
        occurrence_count=0,
        created_at="",
        reviews=_imported(claim.reviews),
        coverage=_imported(claim.coverage),
        promise=claim.promise and replace(claim.promise, history=_imported(claim.promise.history)),
    )


def _imported(parts: Iterable) -> tuple:
    kept = [replace(p, id=0) for p in parts if not p.added_at]
    return tuple(sorted((replace(p, claim_id=0) if hasattr(p, "claim_id") else p for p in kept), key=repr))
