"""Articles, the statements in them, and what editors correct about those."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from factcheck.records.dates import Spans, date_precision
from factcheck.records.people import Suggestion


class Kind(StrEnum):
    """How a statement stands in its article."""

    DIRECT = "direct"  # in quotation marks, the speaker's own words
    INDIRECT = "indirect"  # the proposition, in the narrator's grammar: "er werde ...", "that he would ..."
    REPORTED = "reported"  # the act of speaking and its topic: "lobte Trump für dessen Mut"


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
