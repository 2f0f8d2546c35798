"""The records that cross boundaries: what a newsroom talks about, as frozen dataclasses.

Standard library only, so that every layer may import this module. Times are ISO 8601 strings as they are stored and shown
(``2024-11-07`` when only the day is known, ``2024-11-07T18:30:00+00:00`` when the moment is), because a missing time of day
must not turn into midnight on the way. ``id`` is 0 for a record that has not been stored yet.
"""

from factcheck.records.claims import (
    Claim,
    Coverage,
    Occurrence,
    Promise,
    PromiseStatus,
    Rating,
    Review,
    StatusChange,
)
from factcheck.records.dates import Spans, date_precision
from factcheck.records.desk import ApiToken, Colleague, Entry, Invitation, Note, Scope, Session
from factcheck.records.drafts import CheckedDraft, CheckedStatement, Draft, Standing
from factcheck.records.events import Event, EventKind
from factcheck.records.matching import (
    Candidate,
    ClaimHit,
    Cutoffs,
    Decision,
    Evidence,
    Outcome,
    QueueItem,
    Relation,
    StatementHit,
)
from factcheck.records.people import Office, Person, PersonMerge, Role, Suggestion, User
from factcheck.records.promises import (
    DeadlineState,
    Government,
    PromiseFilters,
    PromiseOrder,
    StatusNews,
    Walkback,
    WalkbackKind,
    WalkbackState,
)
from factcheck.records.rearranging import ClaimRelation, Moved, Rearrangement
from factcheck.records.texts import (
    Act,
    Article,
    Confirmation,
    Correction,
    Deadline,
    Kind,
    Mark,
    Statement,
)

__all__ = [
    "Act",
    "ApiToken",
    "Article",
    "Candidate",
    "CheckedDraft",
    "CheckedStatement",
    "Claim",
    "ClaimHit",
    "ClaimRelation",
    "Colleague",
    "Confirmation",
    "Correction",
    "Coverage",
    "Cutoffs",
    "Deadline",
    "Decision",
    "Draft",
    "Entry",
    "Event",
    "EventKind",
    "Evidence",
    "Invitation",
    "Kind",
    "Mark",
    "Note",
    "Moved",
    "Occurrence",
    "Office",
    "Outcome",
    "Person",
    "PersonMerge",
    "Promise",
    "PromiseStatus",
    "QueueItem",
    "Rearrangement",
    "Rating",
    "Relation",
    "Review",
    "Role",
    "Scope",
    "Session",
    "Spans",
    "Standing",
    "Statement",
    "StatementHit",
    "StatusChange",
    "Suggestion",
    "User",
    "DeadlineState",
    "Government",
    "PromiseFilters",
    "PromiseOrder",
    "StatusNews",
    "Walkback",
    "WalkbackKind",
    "WalkbackState",
    "date_precision",
]
