"""Articles, statements, what they may claim, and drafts."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from factcheck.web.api.shapes.claims import Claim
from factcheck.web.api.shapes.common import Given, Id, Kind, Line, Relation, Told


class Article(Told):
    """``state`` is queued, working, ready or failed; statements are there when it is ready."""

    id: int
    title: str
    url: str | None
    source: str
    author: str
    language: str
    published_at: str | None
    added_at: str
    state: Literal["queued", "working", "ready", "failed"]
    error: str
    address: str


class Appearance(Told):
    """A place where the text was published; ``licence`` is what its source says of its texts."""

    outlet: str
    url: str
    title: str
    published_at: str | None
    licence: str


class ArticleInFull(Article):
    text: str
    appearances: list[Appearance] = Field(description="Where feeds that are watched had this text, in the order it was seen")


class Articles(Told):
    items: list[Article]
    cursor: str = Field(description="Send it to get what comes after; empty at the end")


class Added(Told):
    """``new`` is false for a text or address that was on file: the article is that one."""

    new: bool
    article: Article


class NewText(Given):
    """``text``, or ``html`` for a page, or ``url`` alone for a page that is then fetched."""

    text: Annotated[str, Field(max_length=2 * 2**20)] = ""
    html: Annotated[str, Field(max_length=4 * 2**20)] = ""
    title: Line = ""
    url: Annotated[str, Field(max_length=2_000)] = ""
    source: Line = ""
    author: Line = ""
    published_at: Annotated[str, Field(max_length=40)] = ""


class Statement(Told):
    """``article.text[start:end]`` is ``text``, counted in code points."""

    id: int
    article_id: int
    text: str
    start: int
    end: int
    kind: Kind
    speaker: str
    mention: str
    person_id: int | None
    said_at: str | None
    check_worthy: float
    nature: Literal["", "fact", "opinion", "prediction", "promise"]
    is_promise: bool
    deadline: str | None
    waits: bool = Field(description="It stands in the review queue")


class Statements(Told):
    items: list[Statement]


class StatementPage(Told):
    items: list[Statement]
    cursor: str


class Difference(Told):
    what: str
    here: str
    there: str


class Candidate(Told):
    """A claim that may be the one, and why."""

    claim: Claim
    probability: float = Field(ge=0, le=1, description="Of being the same claim")
    relation: Relation
    differences: list[Difference]


class Candidates(Told):
    items: list[Candidate]


class Verdict(Given):
    """``claim_id`` may be left out of "not a match": then no claim on file matches."""

    relation: Relation
    claim_id: Id | None = None
    note: Annotated[str, Field(max_length=1_000)] = ""


class Decision(Told):
    id: int
    statement_id: int
    claim_id: int | None
    relation: Relation
    by: str
    at: str
    note: str
    undone_at: str | None


class Decisions(Told):
    items: list[Decision]


class DraftText(Given):
    text: Annotated[str, Field(max_length=2 * 2**20)] = ""
    html: Annotated[str, Field(max_length=4 * 2**20)] = ""
    title: Line = ""
    url: Annotated[str, Field(max_length=2_000)] = ""
    published_at: Annotated[str, Field(max_length=40)] = ""


class CheckedDraft(BaseModel):
    """Every statement of the text with its claims and past statements; ``standings`` list them by rated, said before, new."""

    title: str
    language: str
    published_at: str | None
    quality: str
    standings: dict[str, list[int]]
    statements: list[dict[str, Any]]
