"""What is on file in forms that other programs read: ClaimReview, DataFeed, rows for CSV and JSON Lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from typing import Any

from db import Store
from factcheck import claimreview
from factcheck.records import Claim, Review

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


def of_claim(store: Store, claim_id: int, *, own: bool = False, together: bool = False, address: Address = no_page) -> list[dict[str, Any]]:
    """The reviews of one claim as ClaimReview, ``together`` with those of the claims merged into it."""
    claim = store.claims.get(claim_id) if together else store.claims.own(claim_id)
    if claim is None:
        return []
    reviews = [r for r in claim.reviews if r.added_at or not own]
    return [_written(store, claim, review, address) for review in reviews]


def _written(store: Store, claim: Claim, review: Review, address: Address) -> dict[str, Any]:
    holder = claim if review.claim_id == claim.id else store.claims.own(review.claim_id) or claim
    changed = store.claims.imported_words(holder.id)
    return claimreview.as_published(holder, review, changed, address(store.claims.root(holder.id)))
