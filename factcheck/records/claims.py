"""Claims with their reviews, coverage, occurrences and promises."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from factcheck.records.texts import Kind


class Rating(StrEnum):
    """Normalised ratings; the publisher's own words are kept beside them in ``Review.rating_text``."""

    TRUE = "true"
    MOSTLY_TRUE = "mostly true"
    MIXED = "mixed"
    MISLEADING = "misleading"
    MOSTLY_FALSE = "mostly false"
    FALSE = "false"
    SATIRE = "satire"
    UNPROVEN = "unproven"
    OUTDATED = "outdated"
    NOT_RATED = "not rated"


class PromiseStatus(StrEnum):
    NOT_YET_RATED = "not yet rated"
    IN_THE_WORKS = "in the works"
    STALLED = "stalled"
    COMPROMISE = "compromise"
    KEPT = "kept"
    BROKEN = "broken"


@dataclass(frozen=True)
class Review:
    """One published fact check. ``raw`` keeps the imported object whole, so that an export gives it back."""

    publisher: str
    rating_text: str
    rating: Rating
    id: int = 0
    claim_id: int = 0
    url: str = ""
    title: str = ""
    summary: str = ""
    published_at: str | None = None
    language: str = ""
    raw: str = ""  # JSON
    added_by: int | None = None  # the user who added it here
    added_at: str = ""  # "" for what was imported, which the next import may replace


@dataclass(frozen=True)
class RatingWord:
    """How the newsroom understands a publisher's rating; ``key`` is ``ratings.key(words)``."""

    key: str
    words: str
    rating: Rating
    by: str
    at: str


@dataclass(frozen=True)
class UnknownRating:
    """Words in which imported reviews rate and which no table knows: how often, with a claim and a publisher as an example."""

    words: str
    times: int
    claim_id: int
    publisher: str


@dataclass(frozen=True)
class Coverage:
    """An article that reports on a claim without rating it."""

    title: str
    url: str = ""
    publisher: str = ""
    published_at: str | None = None
    language: str = ""
    id: int = 0
    claim_id: int = 0
    added_at: str = ""  # as with reviews


@dataclass(frozen=True)
class Occurrence:
    """One time a claim was made: from a confirmed link (``statement_id`` set) or entered by hand."""

    claim_id: int
    quote: str
    said_at: str | None = None
    speaker: str = ""
    place: str = ""
    source: str = ""
    url: str = ""
    kind: Kind = Kind.DIRECT
    id: int = 0
    person_id: int | None = None
    statement_id: int | None = None
    article_id: int | None = None
    article_title: str = ""
    added_at: str = ""  # when it was linked or entered, "" for what was imported
    added_by: str = ""  # the name of who did
    dated_by_article: bool = False  # the text names no day: ``said_at`` is when the article was published


@dataclass(frozen=True)
class StatusChange:
    """One step in the history of a promise."""

    status: PromiseStatus
    at: str
    note: str = ""
    source_url: str = ""
    by: str = ""
    id: int = 0
    added_at: str = ""  # as with reviews
    user_id: int | None = None
    undone_at: str | None = None
    undone_by: str = ""


@dataclass(frozen=True)
class Promise:
    """What makes a claim a promise: how its fulfilment is judged and by when.

    ``deadline`` is a day, with a time of day a moment ("2025-01-21T12:00-05:00"). One that runs from an event has its length in
    ``hours`` and, once it is known, the moment of the event in ``runs_from``. ``zone`` is the zone as the editor named it ("ET").
    """

    criterion: str = ""
    deadline: str | None = None
    deadline_text: str = ""  # in the promise's own words
    status: PromiseStatus = PromiseStatus.NOT_YET_RATED
    history: tuple[StatusChange, ...] = ()
    hours: float | None = None
    runs_from: str | None = None
    zone: str = ""

    @property
    def is_settled(self) -> bool:
        return self.status in (PromiseStatus.KEPT, PromiseStatus.BROKEN)


@dataclass(frozen=True)
class Claim:
    """The canonical proposition that statements are matched to; a promise when ``promise`` is set.

    ``key`` is the identifier it was imported with, or one of our own; it is what the CLI and the API show as ``claim_id``.
    ``speaker`` is the name as imported or the name of the person on file.
    """

    id: int
    key: str
    text: str
    language: str = ""
    title: str = ""
    body: str = ""
    speaker: str = ""
    person_id: int | None = None
    topics: tuple[str, ...] = ()
    first_said_at: str | None = None
    promise: Promise | None = None
    reviews: tuple[Review, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    occurrence_count: int = 0
    origin: str = ""  # "demo", an import file's name, or "" for the newsroom's own
    created_at: str = ""
    changed_at: str = ""
    merged_into: int | None = None  # the claim that stands for this one; reviews and coverage of those merged are among that one's

    @property
    def rating(self) -> Rating:
        """The rating shown for the claim: that of the newest rated review, of one day the one stored last; NOT_RATED when there is none.

        Reviews without ids are stored in their order, so of those the last counts: a claim is rated the same before and after.
        """
        rated = [(r.published_at or "", r.id, n) for n, r in enumerate(self.reviews) if r.rating is not Rating.NOT_RATED]
        return self.reviews[max(rated)[2]].rating if rated else Rating.NOT_RATED
