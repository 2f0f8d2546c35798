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

    Of a rating they hold the normalised rating and the review's own words, "false|Falsch"; ``review_id`` then names the review,
    ``statement_id`` the statement of a wrong link.
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

    @property
    def ratings(self) -> tuple[tuple[str, str], tuple[str, str]]:
        """Of a rating: (normalised, words) before and after."""
        (one, _, words), (other, _, new_words) = self.before.partition("|"), self.after.partition("|")
        return (one, words), (other, new_words)

    @property
    def plain(self) -> tuple[str, str]:
        """What stood there and what stands there now as programs read it; of a rating "Falsch (false)"."""
        if self.what is not ErratumKind.RATING:
            return self.before, self.after
        was, now = (f"{words} ({rating})" if words else rating for rating, words in self.ratings)
        return was, now


@dataclass(frozen=True)
class ResetWish:
    """Somebody asked for a link to this address, known or not."""

    email: str
    language: str
    at: str
