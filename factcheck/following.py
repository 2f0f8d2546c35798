"""Which events concern whom: the one table of it, and nothing else. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from factcheck.records import About, Alert, Event, EventKind, Facts

K = EventKind

# What somebody hears of who follows ... A saved search tells what is new among its results and what changed in them; a confirmed link
# is left out there, since its statement was told when it was found. Only who follows a claim itself hears of what may come near it.
HEARS: Mapping[About, frozenset[EventKind]] = {
    About.CLAIM: frozenset(
        {K.NEW_REVIEW, K.RATING_CHANGED, K.STATUS_CHANGED, K.DEADLINE_PASSED, K.NEW_CANDIDATE, K.SAID_AGAIN, K.TAKEN_BACK, K.MERGED}
    ),
    About.PERSON: frozenset(
        {K.NEW_CLAIM, K.NEW_REVIEW, K.RATING_CHANGED, K.STATUS_CHANGED, K.DEADLINE_PASSED, K.NEW_STATEMENT, K.SAID_AGAIN, K.TAKEN_BACK}
    ),
    About.TOPIC: frozenset(
        {K.NEW_CLAIM, K.NEW_REVIEW, K.RATING_CHANGED, K.STATUS_CHANGED, K.DEADLINE_PASSED, K.NEW_STATEMENT, K.SAID_AGAIN, K.TAKEN_BACK}
    ),
    About.SEARCH: frozenset(
        {K.NEW_CLAIM, K.NEW_REVIEW, K.RATING_CHANGED, K.STATUS_CHANGED, K.DEADLINE_PASSED, K.NEW_STATEMENT, K.TAKEN_BACK}
    ),
    About.PROMISE_STATUS: frozenset({K.STATUS_CHANGED, K.DEADLINE_PASSED, K.NEW_CLAIM}),
    About.RATING: frozenset({K.RATING_CHANGED, K.NEW_CLAIM}),
}


def concerns(alert: Alert, event: Event, facts: Facts, found: bool = False) -> bool:
    """True when who follows what ``alert`` is about is to hear of an event; ``found`` says that a search finds what it is about."""
    if event.kind not in HEARS[alert.about]:
        return False
    match alert.about:
        case About.CLAIM:
            return alert.object_id == facts.claim_id
        case About.PERSON:
            return alert.object_id in facts.people
        case About.TOPIC:
            return alert.object_id in facts.topics
        case About.SEARCH:
            return found
        case About.RATING:
            reached = event.after if event.kind is K.RATING_CHANGED else facts.rating
            return reached == alert.query or (not alert.query and event.kind is K.RATING_CHANGED)
        case About.PROMISE_STATUS:
            return _promise(alert, event, facts)


def _promise(alert: Alert, event: Event, facts: Facts) -> bool:
    """A new status counts as it was reached; for a deadline and a new promise the one it has now."""
    if not facts.status or (alert.object_id is not None and alert.object_id not in facts.people):
        return False
    return not alert.query or alert.query == (event.after if event.kind is K.STATUS_CHANGED else facts.status)


def without_doubles(events: Sequence[Event]) -> list[Event]:
    """Events that concern somebody, without a review that is told by the rating it brought about."""
    brought = {(e.claim_id, e.after, e.at, e.by) for e in events if e.kind is K.RATING_CHANGED}
    return [e for e in events if e.kind is not K.NEW_REVIEW or (e.claim_id, e.after, e.at, e.by) not in brought]
