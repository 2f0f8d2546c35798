"""When the rating of a claim may be out of date, and why."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from factcheck import timeline
from factcheck.records import Occurrence, Rating, Review

# A fact check describes the world of its day. Two years is when we ask somebody to look again: our own choice, as is the year below.
OLD = timedelta(days=730)
SAID_SINCE = timedelta(days=365)  # said again so long after the newest check, the claim may rest on something newer


def may_be_outdated(reviews: Iterable[Review], occurrences: Iterable[Occurrence], today: date) -> str:
    """Why the newest rating may be out of date: "rated outdated", "old", "said since", or "" when nothing says so."""
    rated = [r for r in reviews if r.rating is not Rating.NOT_RATED]
    if not rated:
        return ""
    newest = max(rated, key=lambda r: (r.published_at or "", r.id))
    if newest.rating is Rating.OUTDATED:
        return "rated outdated"
    checked = timeline.days(newest.published_at)
    if checked is None:
        return ""
    said = timeline.newest_day(occurrences)
    if said and date.fromisoformat(said) - checked[1] > SAID_SINCE:
        return "said since"
    return "old" if today - checked[1] > OLD else ""
