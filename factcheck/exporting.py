"""What is on file in forms that other programs read: ClaimReview, DataFeed, rows for CSV and JSON Lines."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from db import Store
from factcheck import claimreview, tables
from factcheck.records import Claim, Erratum, Review

AT_ONCE = 200  # rows read together
Address = Callable[[int], str]  # claim's id -> its page


def no_page(claim_id: int) -> str:
    return ""


# ClaimReview


def claim_reviews(store: Store, *, own: bool = False, address: Address = no_page) -> Iterator[dict[str, Any]]:
    """Every review as ClaimReview, in the order of the claims; ``own`` ones only are those the newsroom added itself."""
    for ids in store.exports.claims_with_reviews(AT_ONCE, own=own):
        for claim_id in ids:
            yield from of_claim(store, claim_id, own=own, address=address)


def data_feed(reviews: Iterator[dict[str, Any]], name: str, address: str) -> Iterator[str]:
    """A schema.org DataFeed of ClaimReviews as JSON, a piece at a time, however many there are."""
    head = claimreview.feed([], name, address, datetime.now(UTC).isoformat(timespec="seconds"))
    before, _, after = json.dumps(head, ensure_ascii=False).rpartition("[]")
    yield before + "["
    comma = ""
    for review in reviews:
        [item] = claimreview.feed([review], "", "", "")["dataFeedElement"]
        yield comma + json.dumps(item)
        comma = ",\n"
    yield "]" + after


def of_claim(store: Store, claim_id: int, *, own: bool = False, together: bool = False, address: Address = no_page) -> list[dict[str, Any]]:
    """The reviews of one claim as ClaimReview, ``together`` with those of the claims merged into it."""
    claim = store.claims.get(claim_id) if together else store.claims.own(claim_id)
    if claim is None:
        return []
    reviews = [r for r in claim.reviews if r.added_at or not own]
    told = store.errata.of_claims(store.claims.group(store.claims.root(claim_id))) if any(r.added_at for r in reviews) else []
    return [claimreview.corrected(_written(store, claim, review, address), _corrections(told, review)) for review in reviews]


def _corrections(told: list[Erratum], review: Review) -> list[Erratum]:
    """Those that belong to a review of the newsroom's own: of its rating, and what was wrong of the claim. Reviews of others say nothing of ours."""
    return [e for e in told if e.review_id in (None, review.id)] if review.added_at else []


def _written(store: Store, claim: Claim, review: Review, address: Address) -> dict[str, Any]:
    holder = claim if review.claim_id == claim.id else store.claims.own(review.claim_id) or claim
    changed = store.claims.imported_words(holder.id)
    return claimreview.as_published(holder, review, changed, address(store.claims.root(holder.id)))


# Rows


def lines(store: Store, kind: str, form: str) -> Iterator[str]:
    """Everything of one kind (claims, reviews, statements, articles, people, decisions, promises) as "csv" or "jsonl", a piece at a time. As JSON Lines reviews are ClaimReviews, and claims hold theirs."""
    if form == "csv":
        head = store.exports.columns(kind)
        yield from tables.lines(head, ([_cell(row[name]) for name in head] for row in _rows(store, kind)), mark=True)
        return
    for row in claim_reviews(store) if kind == "reviews" else _rows(store, kind):
        if kind == "claims":
            row["reviews"] = of_claim(store, row["id"])
        yield json.dumps(row, ensure_ascii=True) + "\n"


def _rows(store: Store, kind: str) -> Iterator[dict[str, Any]]:
    for row in store.exports.rows(kind):
        for name in ("is_promise", "organisation"):
            if name in row:
                row[name] = bool(row[name])
        if "topics" in row:
            row["topics"] = json.loads(row["topics"])
        yield row


def _cell(value: Any) -> Any:
    return "; ".join(value) if isinstance(value, list) else int(value) if isinstance(value, bool) else value
