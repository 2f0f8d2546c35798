"""What is proposed for a statement, why, and what an editor decides."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from factcheck.records.claims import Claim
from factcheck.records.texts import Article, Statement


class Relation(StrEnum):
    """An editor's verdict on a statement and a claim. Only SAME makes the statement an occurrence of the claim."""

    SAME = "same"
    RELATED = "related"
    OPPOSITE = "opposite"
    NOT_A_MATCH = "not a match"


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
    batch: str = ""  # the same for decisions made in one go


@dataclass(frozen=True)
class Alike:
    """Another waiting statement that says the same as the one shown; ``saw`` as in ``QueueItem``."""

    statement: Statement
    article: Article
    saw: str


@dataclass(frozen=True)
class QueueItem:
    """One statement waiting for a decision, with everything the page shows beside it."""

    statement: Statement
    article: Article
    hits: tuple[ClaimHit, ...]
    position: int = 0
    total: int = 0
    decisions: tuple[Decision, ...] = field(default=())
    saw: str = ""  # what is seen of it, in short: a decision carries it
    assigned: tuple[int, str] | None = None  # id and name of the user it is assigned to
    put_away_until: str | None = None  # by the reader, ISO
    alike: tuple[Alike, ...] = ()
