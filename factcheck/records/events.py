"""What happened that somebody may want to hear of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class EventKind(StrEnum):
    NEW_CLAIM = "new claim"
    NEW_REVIEW = "new review"
    RATING_CHANGED = "rating changed"
    STATUS_CHANGED = "promise status changed"
    DEADLINE_PASSED = "deadline passed"
    NEW_STATEMENT = "new statement"  # found in an article and matched
    NEW_CANDIDATE = "new candidate"  # an earlier statement turned out to come near a claim
    SAID_AGAIN = "said again"  # a statement was confirmed to make a claim
    TAKEN_BACK = "taken back"  # a walk-back was confirmed
    MERGED = "claims merged"


@dataclass(frozen=True)
class Event:
    """``thing`` names what happened so that nobody hears of the same thing twice: "review 5", "statement 7 is claim 3".

    ``before`` and ``after`` are what changed, such as two ratings; ``by`` is the user's name, "" for an import or the worker.
    """

    id: int
    at: str
    kind: EventKind
    thing: str
    claim_id: int | None = None
    statement_id: int | None = None
    person_id: int | None = None
    before: str = ""
    after: str = ""
    by: str = ""
