"""Operations on what hangs on a claim: changing reviews, reports and occurrences of the newsroom's own; undoing from the claim's log."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from flask import g
from pydantic import Field

from factcheck import editing, exporting, puttingback
from factcheck.errors import NotFound
from factcheck.records import Coverage, Kind, Rating, Role, Scope
from factcheck.web import services
from factcheck.web.api import rows, shapes
from factcheck.web.api.operations import operation
from factcheck.web.api.reading import claim_on_file
from factcheck.web.api.writing import day
from factcheck.web.publishing import page_of

_EDITING: dict[str, Any] = {"scope": Scope.WRITE, "role": Role.EDITOR, "status": 201, "failures": (404, 409), "section": "Claims"}
Address = Annotated[str, Field(max_length=2_000)]
Language = Annotated[str, Field(pattern=r"^([A-Za-z]{2,3})?$")]


class ChangedReview(shapes.Given):
    """What is left out stays."""

    publisher: shapes.Line | None = None
    rating: shapes.Rating | None = None
    rating_text: shapes.Line | None = None
    title: shapes.Line | None = None
    url: Address | None = None
    published_at: shapes.Day | None = None
    summary: shapes.Words | None = None
    language: Language | None = None


class ChangedCoverage(shapes.Given):
    """What is left out stays."""

    title: Annotated[str, Field(min_length=1, max_length=500)] | None = None
    url: Address | None = None
    publisher: shapes.Line | None = None
    published_at: shapes.Day | None = None
    language: Language | None = None


class ChangedOccurrence(shapes.Given):
    """What is left out stays."""

    quote: Annotated[str, Field(min_length=1, max_length=2_000)] | None = None
    said_at: shapes.Day | None = None
    speaker: shapes.Line | None = None
    kind: shapes.Kind | None = None
    place: shapes.Line | None = None
    source: shapes.Line | None = None
    url: Address | None = None


class Report(shapes.Told):
    """An article that reports on the claim without rating it."""

    id: int
    title: str
    url: str
    publisher: str
    published_at: str | None
    language: str


class Reports(shapes.Told):
    items: list[Report]


class ClaimReviews(shapes.Told):
    """Each is a ClaimReview of schema.org as JSON-LD."""

    items: list[dict[str, Any]]


class Key(shapes.Given):
    key: Annotated[str, Field(min_length=1, max_length=500)]


@operation("GET", "/claims:by-key", scope=Scope.READ, query=Key, answer=shapes.Claim, failures=(404,), section="Claims")
def claim_by_key(given: Key) -> dict[str, Any]:
    """A claim by the identifier it was imported with."""
    found = services().store.claims.by_key(given.key)
    if found is None:
        raise NotFound("There is no such claim on file.", key="no_such_claim")
    return rows.claim(claim_on_file(found.id))


@operation("GET", "/claims/<int:claim_id>/coverage", scope=Scope.READ, answer=Reports, failures=(404,), section="Claims")
def coverage(claim_id: int) -> dict[str, Any]:
    """Articles that report on a claim without rating it."""
    return {"items": [_report(c) for c in claim_on_file(claim_id).coverage]}


@operation("GET", "/claims/<int:claim_id>/claimreview", scope=Scope.READ, answer=ClaimReviews, failures=(404,), section="Claims")
def claimreview(claim_id: int) -> dict[str, Any]:
    """The reviews of a claim as ClaimReview, those imported as they were published. Who takes them along is told of a new rating."""
    store, found = services().store, claim_on_file(claim_id)
    store.claims.note_export(g.user.id, [found.id])
    return {"items": exporting.of_claim(store, found.id, together=True, address=page_of)}


@operation("POST", "/reviews/<int:review_id>:change", body=ChangedReview, answer=shapes.Made, **_EDITING)
def change_review(review_id: int, given: ChangedReview) -> dict[str, int]:
    """Change a review of the newsroom's own. Readers are told of a wrong rating by a correction in public instead."""
    asked = _asked(given, "published_at")
    asked |= {"rating": Rating(asked["rating"])} if "rating" in asked else {}
    return {"id": editing.put_review(services().store, replace(editing.part(services().store, "review", review_id), **asked), g.user)}


@operation("POST", "/coverage/<int:coverage_id>:change", body=ChangedCoverage, answer=shapes.Made, **_EDITING)
def change_coverage(coverage_id: int, given: ChangedCoverage) -> dict[str, int]:
    """Change a report that the newsroom added to a claim."""
    asked = _asked(given, "published_at")
    return {"id": editing.put_coverage(services().store, replace(editing.part(services().store, "coverage", coverage_id), **asked), g.user)}


@operation("POST", "/occurrences/<int:occurrence_id>:change", body=ChangedOccurrence, answer=shapes.Made, **_EDITING)
def change_occurrence(occurrence_id: int, given: ChangedOccurrence) -> dict[str, int]:
    """Change a time a claim was made, as the newsroom entered it."""
    asked = _asked(given, "said_at")
    asked |= {"kind": Kind(asked["kind"])} if "kind" in asked else {}
    return {"id": editing.put_occurrence(services().store, replace(editing.part(services().store, "occurrence", occurrence_id), **asked), g.user)}


@operation("POST", "/changes/<int:entry_id>:undo", answer=shapes.Claim, **_EDITING)
def put_back(entry_id: int) -> dict[str, Any]:
    """Bring a claim back to how it was before an entry of its log. 409 when it was changed again since."""
    return rows.claim(claim_on_file(puttingback.put_back(services().store, services().encoder, entry_id, g.user)))


def _asked(given: shapes.Given, dated: str) -> dict[str, Any]:
    asked = {name: value for name, value in given.model_dump().items() if value is not None}
    return asked | ({dated: day(asked[dated])} if dated in asked else {})


def _report(c: Coverage) -> dict[str, Any]:
    return {name: getattr(c, name) for name in ("id", "title", "url", "publisher", "published_at", "language")}
