"""A journalist's draft, and what is on file about the statements in it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from factcheck.records.matching import ClaimHit, StatementHit
from factcheck.records.texts import Article, Statement


class Standing(StrEnum):
    """Where a statement of a draft stands with what is on file."""

    RATED = "rated"  # a claim that comes near it has a rating, or is a promise whose status is known
    SAID_BEFORE = "said before"  # on file, as a claim nobody rated or as an earlier statement
    NEW = "new"


@dataclass(frozen=True)
class Draft:
    """A text that somebody keeps to check it again; seen by its owner, and by other journalists once it ``is_shared``."""

    id: int
    user_id: int
    owner: str
    title: str
    text: str
    language: str = ""
    published_at: str | None = None
    is_shared: bool = False
    created_at: str = ""
    changed_at: str = ""


@dataclass(frozen=True)
class CheckedStatement:
    """A statement of a draft, ``statement.id`` its number in the text from 1, with what may match it, best first."""

    statement: Statement
    standing: Standing
    claims: tuple[ClaimHit, ...] = ()
    past: tuple[StatementHit, ...] = ()


@dataclass(frozen=True)
class CheckedDraft:
    """``article`` is the draft as it was read; it is not stored."""

    article: Article
    statements: tuple[CheckedStatement, ...]  # in the order of the text

    def of(self, standing: Standing) -> list[CheckedStatement]:
        return [s for s in self.statements if s.standing is standing]
