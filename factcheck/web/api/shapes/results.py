"""What is searched for, and what is found."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from factcheck.web.api.shapes.common import (
    Day,
    Given,
    Kind,
    Line,
    PromiseStatus,
    Rating,
    Told,
    Words,
)


class Search(Given):
    """The parameters of the search page; filters take several values."""

    q: Words = ""
    like: Annotated[str, Field(max_length=40)] = Field("", description="More like this: claim:12 or statement:7")
    exact: Literal["", "0", "1"] = ""
    kind: Literal["", "claim", "statement"] = ""
    language: list[Line] = []
    speaker: list[Line] = []
    publisher: list[Line] = []
    source: list[Line] = []
    rating: list[Rating] = []
    topic: list[Annotated[str, Field(max_length=18)]] = []
    status: list[PromiseStatus] = []
    form: list[Kind] = []
    nature: list[Literal["fact", "opinion", "prediction", "promise"]] = []
    since: Day = ""
    until: Day = ""
    worth: Annotated[str, Field(max_length=6)] = ""
    promise: Literal["", "1"] = ""
    sort: Literal["", "best", "said", "reviewed", "often", "worth", "added"] = ""
    size: Annotated[int, Field(ge=1, le=200)] = 20
    cursor: Annotated[str, Field(max_length=200)] = ""


class Similar(Given):
    text: Annotated[str, Field(min_length=1, max_length=2_000)]
    speaker: Line = ""
    size: Annotated[int, Field(ge=1, le=100)] = 10


class ResultReview(Told):
    publisher: str
    url: str
    title: str
    rating: Rating
    rating_text: str
    published_at: str | None


class OfClaim(Told):
    """What stands at a claim in a list; ``claim_id`` is the identifier it was imported with."""

    id: int
    claim_id: str
    text: str
    title: str
    speaker: str
    language: str
    said_at: str | None = Field(description="First")
    times_said: int
    rating: Rating
    promise_status: PromiseStatus | None
    reviews: list[ResultReview]


class FoundClaim(OfClaim):
    kind: Literal["claim"]
    address: str
    probability: float | None
    worded: str | None = Field(description="The words of a statement of this claim, where they come nearer than its own")


class FromArticle(Told):
    id: int
    title: str
    url: str | None
    source: str
    published_at: str | None


class FoundStatement(Told):
    """``claim`` is the one that an editor confirmed the statement to make."""

    kind: Literal["statement"]
    id: int
    address: str
    probability: float | None
    text: str
    speaker: str
    mention: str
    said_at: str | None
    statement_kind: Kind
    nature: Literal["", "fact", "opinion", "prediction", "promise"]
    check_worthy: float
    is_promise: bool
    language: str
    article: FromArticle
    claim: OfClaim | None


Result = Annotated[FoundClaim | FoundStatement, Field(discriminator="kind")]


class Counted(Told):
    value: str
    label: str
    n: int


class Found(BaseModel):
    """A page of results; ``counts`` tell, by filter, how many rows each value would leave."""

    total: int
    at_least: bool = Field(description="There may be more than were counted")
    first: int
    results: list[Result]
    nearest: list[Result] = Field(description="The nearest of what was not found")
    counts: dict[str, list[Counted]]
    cursor: str
