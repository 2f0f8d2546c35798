"""What keeps a newsroom trusted: public corrections, and the way back in for who forgot the password."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ErratumKind(StrEnum):
    """What was wrong: a rating of the newsroom's own, a statement linked to a claim that it does not make, or words."""

    RATING = "rating"
    LINK = "link"
    TEXT = "text"


@dataclass(frozen=True)
class Erratum:
    """One correction told in public. ``before`` and ``after`` are what readers saw and see; ``after`` is "" when it is gone.

    Of a rating they are normalised ratings; ``review_id`` then names the review, ``statement_id`` the statement of a wrong link.
    """

    claim_id: int
    what: ErratumKind
    reason: str
    before: str = ""
    after: str = ""
    language: str = ""
    review_id: int | None = None
    statement_id: int | None = None
    by: str = ""
    at: str = ""
    id: int = 0


@dataclass(frozen=True)
class ResetWish:
    """Somebody asked for a link to this address, known or not."""

    email: str
    language: str
    at: str
