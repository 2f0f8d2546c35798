"""Corrections told in public: the log of the site, and making one."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from flask import g
from pydantic import Field

from factcheck import errata
from factcheck.records import Erratum, ErratumKind, Rating, Role, Scope
from factcheck.web import services
from factcheck.web.api import shapes
from factcheck.web.api.operations import operation
from factcheck.web.api.reading import before

What = Literal["rating", "link", "text"]


class PublicCorrection(shapes.Told):
    """``before`` and ``after`` are what readers saw and see; ``after`` is "" when it is gone. Of a rating: "Falsch (false)"."""

    id: int
    claim_id: int
    what: What
    before: str
    after: str
    reason: str
    language: str
    review_id: int | None
    statement_id: int | None
    at: str


class PublicCorrections(shapes.Told):
    items: list[PublicCorrection]
    cursor: str


class NewCorrection(shapes.Given):
    """``what`` says which fields count: review_id and rating or rating_text; statement_id; or before and after."""

    what: What
    reason: Annotated[str, Field(min_length=errata.LEAST, max_length=errata.LONGEST)]
    review_id: shapes.Id | None = None
    rating: shapes.Rating | Literal[""] = ""
    rating_text: shapes.Line = ""
    statement_id: shapes.Id | None = None
    before: shapes.Words = ""
    after: shapes.Words = ""


@operation("GET", "/corrections", scope=Scope.READ, query=shapes.Page, answer=PublicCorrections, section="Claims")
def correction_list(given: shapes.Page) -> dict[str, Any]:
    """What the newsroom corrected in public, the newest first."""
    found = services().store.errata.newest(before=before(given.cursor), limit=given.size + 1)
    return {"items": [_row(e) for e in found[: given.size]], "cursor": str(found[given.size - 1].id) if len(found) > given.size else ""}


@operation(
    "POST", "/claims/<int:claim_id>/corrections", scope=Scope.WRITE, role=Role.EDITOR, body=NewCorrection, answer=PublicCorrection, status=201,
    failures=(404, 409), section="Claims",
)  # fmt: skip
def correct_in_public(claim_id: int, given: NewCorrection) -> dict[str, Any]:
    """Correct a claim in public: a rating, a link, or words. It is put right and told at once, and never taken away."""
    store = services().store
    if given.what == ErratumKind.RATING:
        rating = Rating(given.rating) if given.rating else None
        return _row(errata.correct_rating(store, claim_id, given.review_id or 0, rating, given.rating_text, given.reason, g.user))
    if given.what == ErratumKind.LINK:
        return _row(errata.correct_link(store, claim_id, given.statement_id or 0, given.reason, g.user))
    return _row(errata.correct_text(store, claim_id, given.before, given.after, given.reason, g.user))


def _row(e: Erratum) -> dict[str, Any]:
    before, after = e.plain
    return {
        "id": e.id, "claim_id": e.claim_id, "what": str(e.what), "before": before, "after": after, "reason": e.reason, "language": e.language,
        "review_id": e.review_id, "statement_id": e.statement_id, "at": e.at,
    }  # fmt: skip
