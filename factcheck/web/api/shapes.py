"""What goes in and comes out of the API, as models: requests are checked by them, answers and the OpenAPI document are made from them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

Id = Annotated[int, Field(ge=1, le=2**53)]
Words = Annotated[str, Field(max_length=2_000)]
Line = Annotated[str, Field(max_length=500)]
Day = Annotated[str, Field(pattern=r"^(\d{4}(-\d{2}(-\d{2})?)?)?$", description="As exact as it is known: 2024-05-01, 2024-05 or 2024")]
Rating = Literal["true", "mostly true", "mixed", "misleading", "mostly false", "false", "satire", "unproven", "outdated", "not rated"]
PromiseStatus = Literal["not yet rated", "in the works", "stalled", "compromise", "kept", "broken"]
Relation = Literal["same", "related", "opposite", "not a match"]
Kind = Literal["direct", "indirect", "reported"]


class Given(BaseModel):
    """What is sent here; a field that is not known is refused, so that a slip of the pen does not go unnoticed.

    Blanks around a text are taken off after it was held against its limits, which are those of what is sent.
    """

    model_config = ConfigDict(extra="forbid")

    @field_validator("*", mode="after")
    @classmethod
    def _tidy(cls, value: Any, info: ValidationInfo) -> Any:
        if isinstance(value, list):
            return [v.strip() if type(v) is str else v for v in value]
        if type(value) is not str:
            return value
        limits = cls.model_fields[info.field_name or ""].metadata
        if not value.strip() and any(getattr(limit, "min_length", None) for limit in limits):
            raise ValueError("there is nothing but blanks")
        return value.strip()


class Told(BaseModel):
    """What is answered."""

    model_config = ConfigDict(extra="forbid")


# Answers


class Failure(Told):
    status: int
    kind: str = Field(description="What went wrong, in one word that does not change")
    message: str = Field(description="What went wrong and what to do, in the language asked for")


class Error(Told):
    """Every failure has this shape."""

    error: Failure


class Token(Told):
    name: str
    scopes: list[str]
    expires: str | None


class Me(Told):
    """Whose token this is, and what it may do."""

    name: str
    role: Literal["reader", "journalist", "editor", "administrator"]
    token: Token


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
    """One time the claim was made."""

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


class Office(Told):
    title: str
    since: str | None
    until: str | None


class Person(Told):
    id: int
    name: str
    aliases: list[str]
    offices: list[Office]
    organisation: bool
    address: str


class PersonInFull(Person):
    ratings: dict[str, int]
    claims: list[Claim] = Field(description="Those said most often, fifty at most")


class People(Told):
    items: list[Person]


class Promises(Told):
    items: list[Claim]
    cursor: str


class Job(Told):
    id: int
    kind: str
    state: Literal["waiting", "working", "done", "failed"]
    done: int
    total: int
    error: str
    created_at: str
    finished_at: str | None


class Source(Told):
    """A feed that is watched. ``problem`` says why it does not work, "" when it does; ``next_at`` is "" for a look at once."""

    id: int
    name: str
    url: str
    language: str
    licence: str
    minutes: int
    state: Literal["active", "paused"]
    looked_at: str | None
    next_at: str
    failures: int
    problem: str
    last_item_at: str | None
    items_a_day: float
    waiting: int
    failed: int
    address: str


class Sources(Told):
    items: list[Source]


class Jobs(Told):
    items: list[Job]
    cursor: str


class CheckedDraft(BaseModel):
    """Every statement of the text with its claims and past statements; ``standings`` list them by rated, said before, new."""

    title: str
    language: str
    published_at: str | None
    quality: str
    standings: dict[str, list[int]]
    statements: list[dict[str, Any]]


class Made(Told):
    id: int


# Requests


class Page(Given):
    cursor: Annotated[str, Field(max_length=200)] = ""
    size: Annotated[int, Field(ge=1, le=200)] = 50


class NewText(Given):
    """``text``, or ``html`` for a page, or ``url`` alone for a page that is then fetched."""

    text: Annotated[str, Field(max_length=2 * 2**20)] = ""
    html: Annotated[str, Field(max_length=4 * 2**20)] = ""
    title: Line = ""
    url: Annotated[str, Field(max_length=2_000)] = ""
    source: Line = ""
    author: Line = ""
    published_at: Annotated[str, Field(max_length=40)] = ""


class NewSource(Given):
    """``url`` is a feed's, a news sitemap's, or that of a page that names one feed."""

    url: Annotated[str, Field(min_length=1, max_length=2_000)]
    name: Annotated[str, Field(max_length=120)] = ""
    language: Annotated[str, Field(pattern=r"^([a-z]{2,3})?$")] = ""
    licence: Annotated[str, Field(max_length=200)] = ""
    minutes: Annotated[int, Field(ge=5, le=10_080)] = 30


class DraftText(Given):
    text: Annotated[str, Field(max_length=2 * 2**20)] = ""
    html: Annotated[str, Field(max_length=4 * 2**20)] = ""
    title: Line = ""
    url: Annotated[str, Field(max_length=2_000)] = ""
    published_at: Annotated[str, Field(max_length=40)] = ""


class Similar(Given):
    text: Annotated[str, Field(min_length=1, max_length=2_000)]
    speaker: Line = ""
    size: Annotated[int, Field(ge=1, le=100)] = 10


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


class ByName(Given):
    name: Line
    size: Annotated[int, Field(ge=1, le=100)] = 20


class PromiseList(Page):
    status: Literal["", "not yet rated", "in the works", "stalled", "compromise", "kept", "broken"] = ""
    person: Annotated[int, Field(ge=0, le=2**53)] = 0


class Verdict(Given):
    """``claim_id`` may be left out of "not a match": then no claim on file matches."""

    relation: Relation
    claim_id: Id | None = None
    note: Annotated[str, Field(max_length=1_000)] = ""


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
