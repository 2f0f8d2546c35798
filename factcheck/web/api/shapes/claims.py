"""Claims, their reviews and promises."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from factcheck.web.api.shapes.common import (
    Day,
    Given,
    Kind,
    Line,
    Page,
    PromiseStatus,
    Rating,
    Told,
    Words,
)


class Review(Told):
    """A published fact check: the publisher's own words, and the normalised rating."""

    id: int
    publisher: str
    url: str
    title: str
    rating: Rating
    rating_text: str
    published_at: str | None
    language: str


class Change(Told):
    """A step in the history of a promise."""

    id: int
    status: PromiseStatus
    at: str
    source_url: str
    note: str
    by: str


class Promise(Told):
    criterion: str
    deadline: str | None
    deadline_text: str
    status: PromiseStatus
    history: list[Change]


class Claim(Told):
    """A claim with its reviews; ``key`` is the identifier it was imported with. One that was merged is answered as the one it is now."""

    id: int
    key: str
    text: str
    language: str
    title: str
    speaker: str
    person_id: int | None
    first_said_at: str | None
    times_said: int
    rating: Rating
    promise: Promise | None
    reviews: list[Review]
    address: str


class Occurrence(Told):
    """One time the claim was made; what was linked by a decision has a ``statement_id`` and no ``id`` of its own."""

    id: int | None
    quote: str
    said_at: str | None
    speaker: str
    kind: Kind
    place: str
    source: str
    url: str
    statement_id: int | None
    article_id: int | None


class Occurrences(Told):
    items: list[Occurrence]


class Promises(Told):
    items: list[Claim]
    cursor: str


class PromiseList(Page):
    status: Literal["", "not yet rated", "in the works", "stalled", "compromise", "kept", "broken"] = ""
    person: Annotated[int, Field(ge=0, le=2**53)] = 0
    government: Annotated[int, Field(ge=0, le=2**53)] = 0
    topic: Line = ""
    year: Annotated[str, Field(pattern=r"^(\d{4})?$", description="In which it was first made")] = ""


class NewClaim(Given):
    text: Annotated[str, Field(min_length=1, max_length=2_000)]
    title: Line = ""
    language: Annotated[str, Field(max_length=3)] = ""
    speaker: Line = ""
    first_said_at: Day = ""


class NewReview(Given):
    publisher: Line
    rating: Rating
    rating_text: Line = ""
    title: Line = ""
    url: Annotated[str, Field(max_length=2_000)] = ""
    published_at: Day = ""
    summary: Words = ""
    language: Annotated[str, Field(max_length=3)] = ""


class NewStatus(Given):
    status: PromiseStatus
    source_url: Annotated[str, Field(max_length=2_000)]
    note: Line = ""
    at: Day = ""
