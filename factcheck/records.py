"""The records that cross boundaries: what a newsroom talks about, as frozen dataclasses.

Standard library only, so that every layer may import this module. Times are ISO 8601 strings as they are stored and shown
(``2024-11-07`` when only the day is known, ``2024-11-07T18:30:00+00:00`` when the moment is), because a missing time of day
must not turn into midnight on the way. ``id`` is 0 for a record that has not been stored yet.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


def date_precision(iso: str | None) -> str:
    """How exactly a stored date is known, which its form tells: "day", "week", "month", "year", or "" for none."""
    if not iso:
        return ""
    return "week" if "/" in iso else {4: "year", 7: "month"}.get(len(iso), "day")


Spans = tuple[tuple[int, int], ...]  # (start, end) in code points of an article's text


class Kind(StrEnum):
    """How a statement stands in its article."""

    DIRECT = "direct"  # in quotation marks, the speaker's own words
    INDIRECT = "indirect"  # the proposition, in the narrator's grammar: "er werde ...", "that he would ..."
    REPORTED = "reported"  # the act of speaking and its topic: "lobte Trump für dessen Mut"


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


class Relation(StrEnum):
    """An editor's verdict on a statement and a claim. Only SAME makes the statement an occurrence of the claim."""

    SAME = "same"
    RELATED = "related"
    OPPOSITE = "opposite"
    NOT_A_MATCH = "not a match"


class PromiseStatus(StrEnum):
    NOT_YET_RATED = "not yet rated"
    IN_THE_WORKS = "in the works"
    STALLED = "stalled"
    COMPROMISE = "compromise"
    KEPT = "kept"
    BROKEN = "broken"


class Role(StrEnum):
    """What a signed-in user may do, each including the ones before it."""

    READER = "reader"
    JOURNALIST = "journalist"
    EDITOR = "editor"
    ADMINISTRATOR = "administrator"

    def includes(self, other: Role) -> bool:
        order = list(Role)
        return order.index(self) >= order.index(other)


@dataclass(frozen=True)
class Office:
    """An office or description a person goes by in texts, valid for a period.

    ``title`` is the phrase without its article ("Kreml-Herrscher", "Republikaner", "Präsident der Ukraine").
    ``since`` and ``until`` are ISO dates, inclusive; None means open.
    """

    title: str
    since: str | None = None
    until: str | None = None

    def held_on(self, day: str | None) -> bool:
        """True when the office is held on ``day`` (ISO date); with no day given, any office counts."""
        if not day:
            return True
        day = day[:10]
        return (not self.since or self.since <= day) and (not self.until or day <= self.until)


@dataclass(frozen=True)
class Person:
    """Somebody who speaks; ``name`` is the full name shown, ``aliases`` are other spellings of the name."""

    id: int
    name: str
    aliases: tuple[str, ...] = ()
    offices: tuple[Office, ...] = ()
    gender: str = ""  # "f", "m" or "" (unknown); used only to resolve "er", "sie", "he", "she"
    organisation: bool = False


@dataclass(frozen=True)
class Article:
    """One text: news article, transcript, speech or post. ``text`` never changes once stored."""

    id: int
    text: str
    language: str = ""  # ISO 639-1
    title: str = ""
    url: str | None = None
    author: str = ""
    source: str = ""
    published_at: str | None = None
    added_at: str = ""
    added_by: int | None = None
    state: str = "ready"  # "queued", "working", "ready" or "failed"
    error: str = ""


@dataclass(frozen=True)
class Deadline:
    """When a promise is to be fulfilled: the words that say so, and the dates they allow, if any.

    ``text`` is the phrase as it stands ("innerhalb von 24 Stunden"); ``hours`` is the length for relative deadlines;
    ``by`` is an ISO date when the text names one ("bis 2030" gives "2030-12-31"), ``since`` the date before which it cannot be
    kept ("im Jahr 2027" gives "2027-01-01").
    """

    text: str
    hours: float | None = None
    by: str | None = None
    since: str | None = None


@dataclass(frozen=True)
class Suggestion:
    """Whom an unsure mention may mean, for an editor to confirm.

    ``reason`` says why, as a key that pages and command line put into words ("only man named before"), see
    ``factcheck.extraction.identity.REASONS``. ``likelihood`` is 0..1 and orders the suggestions for one mention.
    """

    name: str
    reason: str
    likelihood: float


@dataclass(frozen=True)
class Statement:
    """One utterance in an article: ``article.text[start:end] == text``, always.

    ``start`` and ``end`` are code-point offsets. ``mention`` is the speaker as the article puts it ("Der Republikaner"),
    "" when it names none; ``speaker`` is the resolved full name, "" when unsure, and ``suggestions`` then tell whom the
    mention may mean, best first; ``person_id`` is set once the person is on file. ``check_worthy`` is a score in 0..1;
    ``nature`` is "fact", "opinion", "prediction" or "promise", "" where nothing can tell.
    ``said_at`` is as much of an ISO 8601 date as the text tells: a day, "2024-03" for a month, "2019" for a year,
    "2024-11-04/2024-11-10" for the days of a week; None when it tells nothing.
    """

    text: str
    start: int
    end: int
    kind: Kind
    speaker: str = ""
    mention: str = ""
    cue: str = ""
    said_at: str | None = None
    check_worthy: float = 0.0
    is_promise: bool = False
    deadline: Deadline | None = None
    id: int = 0
    article_id: int = 0
    person_id: int | None = None
    before: str = ""  # the sentence before, as context for the reader and for matching
    after: str = ""
    suggestions: tuple[Suggestion, ...] = ()
    mention_at: Spans = ()  # where mention and cue stand in the article, as far as that is known
    cue_at: Spans = ()
    nature: str = ""

    @property
    def said_at_precision(self) -> str:
        """How exactly the time of speaking is known: "day", "week", "month", "year" or "" (not at all)."""
        return date_precision(self.said_at)


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


@dataclass(frozen=True)
class StatusChange:
    """One step in the history of a promise."""

    status: PromiseStatus
    at: str
    note: str = ""
    source_url: str = ""
    by: str = ""


@dataclass(frozen=True)
class Promise:
    """What makes a claim a promise: how its fulfilment is judged and by when."""

    criterion: str = ""
    deadline: str | None = None
    deadline_text: str = ""
    status: PromiseStatus = PromiseStatus.NOT_YET_RATED
    history: tuple[StatusChange, ...] = ()


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

    @property
    def rating(self) -> Rating:
        """The rating shown for the claim: that of the newest rated review; NOT_RATED when there is none."""
        rated = [r for r in self.reviews if r.rating is not Rating.NOT_RATED]
        if not rated:
            return Rating.NOT_RATED
        return max(rated, key=lambda r: (r.published_at or "", r.id)).rating


@dataclass(frozen=True)
class Evidence:
    """Why a claim or statement was proposed. Ranks start at 1; None means the signal did not find it."""

    cosine: float | None = None  # -1..1
    keyword: float | None = None  # BM25, higher is better, comparable within one query only
    vector_rank: int | None = None
    keyword_rank: int | None = None
    overlap: float = 0.0  # share of the query's weighted words found in the candidate, 0..1
    shared_words: tuple[str, ...] = ()
    number_conflicts: tuple[tuple[str, str], ...] = ()  # (in the query, in the candidate)
    shared_numbers: tuple[str, ...] = ()
    shared_names: tuple[str, ...] = ()
    negation_conflict: bool = False
    same_speaker: bool | None = None  # None when one side names none
    checked_after: int | None = None  # days from the statement to the first review of the claim after it; None when unknown or before
    # (start, end) in the query's text and (start, end) in the candidate's text of words that say the same, in the query's order
    aligned: tuple[tuple[int, int, int, int], ...] = ()
    # (number, unit, date, place, name or negation; the words in the query; in the candidate), "" where one side has none
    differences: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True)
class Candidate:
    """A proposed pair: a query text or stored statement, and a claim. ``probability`` of "same claim" is 0..1."""

    claim_id: int
    score: float  # what the order goes by; higher first, comparable within one query only
    probability: float
    relation: Relation  # what the evidence suggests; an editor decides
    evidence: Evidence
    statement_id: int | None = None


@dataclass(frozen=True)
class Cutoffs:
    """From which probability a candidate is offered for a decision at all, and from which it is called likely, 0..1."""

    possible: float = 0.1
    likely: float = 0.5


@dataclass(frozen=True)
class Outcome:
    """A decided candidate: what was shown, and what the editor made of it."""

    probability: float
    relation: Relation
    at: str
    language: str  # of the article
    claim_id: int


@dataclass(frozen=True)
class ClaimHit:
    """A claim in a result list, with the candidate that put it there."""

    claim: Claim
    candidate: Candidate


@dataclass(frozen=True)
class StatementHit:
    """A past statement in a result list."""

    statement: Statement
    article: Article
    score: float
    probability: float
    evidence: Evidence


@dataclass(frozen=True)
class Decision:
    """An editor's verdict. Undone decisions stay on record."""

    id: int
    statement_id: int
    claim_id: int
    relation: Relation
    user_id: int | None
    user: str
    at: str
    note: str = ""
    made_claim: bool = False  # the claim was created by this decision
    undone_at: str | None = None
    undone_by: str = ""


@dataclass(frozen=True)
class User:
    id: int
    name: str
    role: Role
    language: str = ""  # "" follows the browser
    keys: bool = True  # keyboard shortcuts in the queue
    theme: str = ""  # "", "light" or "dark"; "" follows the system
    must_change_password: bool = False


@dataclass(frozen=True)
class QueueItem:
    """One statement waiting for a decision, with everything the page shows beside it."""

    statement: Statement
    article: Article
    hits: tuple[ClaimHit, ...]
    position: int = 0
    total: int = 0
    decisions: tuple[Decision, ...] = field(default=())


class Act(StrEnum):
    """What an editor did to the statements of an article."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"
    CONFIRMED = "confirmed"  # looked at and left as it was
    CHECKED = "checked"  # of the whole article: all its statements are right and none is missing
    UNDONE = "undone"


@dataclass(frozen=True)
class Mark:
    """A statement as an editor marks it: its place, kind and speaker. The fields are those of ``Statement``."""

    start: int
    end: int
    kind: Kind
    speaker: str = ""
    mention: str = ""
    mention_at: Spans = ()
    cue: str = ""
    cue_at: Spans = ()


@dataclass(frozen=True)
class Correction:
    """One thing an editor did to an article's statements; never changed afterwards, but it can be taken back by another one.

    ``before`` is None for what was added, ``after`` for what was removed. ``checked`` are the statements of an article that was
    checked, as they then stood: (id, mark). ``undoes`` is the id of the correction that this one takes back.
    """

    id: int
    article_id: int
    statement_id: int | None
    act: Act
    before: Mark | None
    after: Mark | None
    user_id: int | None
    user: str
    at: str
    checked: tuple[tuple[int, Mark], ...] = ()
    undoes: int | None = None


@dataclass(frozen=True)
class Confirmation:
    """An editor's word on whom a mention means, in the ``statements`` of one article where it means the same.

    ``corrections`` hold what was changed. ``alias`` or the office ``office_id`` is what was remembered of it for other articles,
    "" and None when nothing was.
    """

    id: int
    article_id: int
    mention: str
    name: str
    person_id: int | None
    statements: tuple[int, ...]
    corrections: tuple[int, ...]
    alias: str
    office_id: int | None
    user_id: int | None
    user: str
    at: str
    undone_at: str | None = None
    undone_by: str = ""

    @property
    def remembered(self) -> bool:
        return bool(self.alias or self.office_id)
