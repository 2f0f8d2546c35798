"""The review queue at a desk of several: what is looked at, what each did last, work in the background."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


@dataclass(frozen=True)
class QueueFilters:
    """Which waiting statements are looked at. ``likelihood`` is "likely", "possible" or "none", by the best candidate.

    ``assigned`` is "" (to the reader or to nobody), "me", "nobody", "others" or "all"; ``since`` an ISO date, inclusive, of when it was
    said, else published, else added; ``later`` those the reader put away, which are left out otherwise.
    """

    person: int | None = None
    source: str = ""
    language: str = ""
    topic: int | None = None
    kind: str = ""
    likelihood: str = ""
    promises: bool = False
    article: int | None = None
    assigned: str = ""
    since: str = ""
    later: bool = False

    def __bool__(self) -> bool:
        return self != QueueFilters()


@dataclass(frozen=True)
class Facet:
    """One value a queue can be narrowed to, with how many wait there; ``label`` is its name where the value is an id."""

    value: str
    count: int
    label: str = ""


class DeskActKind(StrEnum):
    DECIDED = "decided"
    LATER = "later"
    ASSIGNED = "assigned"
    CONFIRMED = "confirmed"  # whom a mention means


@dataclass(frozen=True)
class DeskAct:
    """One thing a user did at the queue. ``content`` holds what the page tells of it and what undoing needs."""

    id: int
    act: DeskActKind
    user_id: int | None
    user: str
    at: str
    content: dict[str, Any] = field(default_factory=dict)
    undone_at: str | None = None


@dataclass(frozen=True)
class Upload:
    """A file given to import. ``columns`` maps columns of a table to fields, ``reached`` is how many entries are in."""

    id: int
    name: str
    content: bytes
    columns: dict[str, str]
    user_id: int | None
    user_name: str
    at: str
    job_id: int | None  # None while it is only looked at
    reached: int
    report: dict[str, Any]


@dataclass(frozen=True)
class Job:
    """Long work with its progress. ``subject`` says what it is about, ``result`` what came of it."""

    id: int
    kind: str
    state: str  # "waiting", "working", "done" or "failed"
    done: int
    total: int
    subject: dict[str, Any]
    result: dict[str, Any]
    error: str
    by: str
    created_at: str
    started_at: str | None
    finished_at: str | None

    @property
    def is_open(self) -> bool:
        return self.state in ("waiting", "working")
