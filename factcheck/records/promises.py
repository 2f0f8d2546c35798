"""Promises on the desk: how the tracker is narrowed and ordered, governments, and what takes a claim back."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from factcheck.records.claims import Claim, PromiseStatus, StatusChange
from factcheck.records.people import Person
from factcheck.records.texts import Article, Statement


class DeadlineState(StrEnum):
    """How a promise stands to its deadline, settled or not."""

    COMING = "coming"
    PASSED = "passed"
    NONE = "none"


class PromiseOrder(StrEnum):
    DUE = "due"  # what is open and falls due next, then what is open and overdue, then what is settled
    CHANGED = "changed"  # by the newest change of status
    SAID = "said"  # by the day the promise was first made, the newest first


@dataclass(frozen=True)
class PromiseFilters:
    """What a list of promises is narrowed to. ``year`` is the one the promise was first made in; ``topic`` the name of one."""

    status: PromiseStatus | None = None
    person_id: int | None = None
    government_id: int | None = None
    topic: str = ""
    deadline: DeadlineState | None = None
    year: str = ""


@dataclass(frozen=True)
class PromiseFigures:
    """The numbers beside a list of promises. Those beside a filter count what there is whatever that filter is set to.

    ``all_counts`` are of the scope alone, without what narrows the list; ``by_year`` is (year, status -> number), in order; ``people`` are
    (id, name, number) and ``topics`` (name, number), most first; ``years`` (year, number), the newest first.
    """

    total: int
    counts: dict[PromiseStatus, int]
    all_counts: dict[PromiseStatus, int]
    by_year: list[tuple[str, dict[PromiseStatus, int]]]
    people: list[tuple[int, str, int]]
    topics: list[tuple[str, int]]
    deadlines: dict[DeadlineState, int]
    years: list[tuple[str, int]]


@dataclass(frozen=True)
class StatusNews:
    """A change of status with the promise it is of."""

    claim: Claim
    change: StatusChange


@dataclass(frozen=True)
class Government:
    """A group whose promises are tracked together. ``since`` and ``until`` are ISO dates, inclusive; None means open."""

    name: str
    since: str | None = None
    until: str | None = None
    members: tuple[Person, ...] = ()
    id: int = 0


class WalkbackKind(StrEnum):
    CONTRADICTS = "contradicts"
    SOFTENS = "softens"
    IN_JEST = "in jest"


class WalkbackState(StrEnum):
    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"


@dataclass(frozen=True)
class Walkback:
    """A later statement by whoever made a claim that takes the claim back or softens it.

    ``probability`` is 0..1; ``reason`` are the words that say so, as they stand in the statement. ``user`` and ``at`` are of the
    decision, of the proposal while there is none.
    """

    id: int
    claim_id: int
    kind: WalkbackKind
    probability: float
    reason: str
    state: WalkbackState
    statement: Statement
    article: Article
    note: str = ""
    user: str = ""
    at: str = ""

    @property
    def said_at(self) -> str | None:
        return self.statement.said_at or self.article.published_at
