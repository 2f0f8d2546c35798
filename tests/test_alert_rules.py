"""Which events concern whom, and when it is told: the tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from factcheck import following, pacing
from factcheck.records import About, Alert, Event, EventKind, Facts, Pace

K, A = EventKind, About


def alert(about: About, object_id: int | None = None, query: str = "") -> Alert:
    return Alert(1, "x", about, object_id, query)


def event(kind: EventKind, before: str = "", after: str = "") -> Event:
    return Event(1, "2026-01-01T00:00:00+00:00", kind, "thing", claim_id=3, before=before, after=after)


FACTS = Facts(claim_id=3, statement_id=7, people=frozenset({5, 6}), topics=frozenset({8}), rating="false", status="broken")


@pytest.mark.parametrize(
    ("what", "hears"),
    [
        (A.CLAIM, "new review, rating changed, promise status changed, deadline passed, new candidate, said again, taken back, claims merged"),
        (A.PERSON, "new claim, new review, rating changed, promise status changed, deadline passed, new statement, said again, taken back"),
        (A.TOPIC, "new claim, new review, rating changed, promise status changed, deadline passed, new statement, said again, taken back"),
        (A.SEARCH, "new claim, new review, rating changed, promise status changed, deadline passed, new statement, taken back"),
        (A.PROMISE_STATUS, "promise status changed, deadline passed, new claim"),
        (A.RATING, "rating changed, new claim"),
    ],
)
def test_who_follows_hears_of_these_kinds_and_no_others(what, hears):
    mine = {A.CLAIM: 3, A.PERSON: 5, A.TOPIC: 8}.get(what)
    heard = {k for k in K if following.concerns(alert(what, mine, "false" if what is A.RATING else ""), event(k, after="false"), FACTS, found=True)}
    wanted = {K(kind) for kind in hears.split(", ")}
    assert heard == wanted


@pytest.mark.parametrize(
    ("followed", "happened", "facts", "hears"),
    [
        (alert(A.CLAIM, 3), event(K.SAID_AGAIN), FACTS, True),
        (alert(A.CLAIM, 4), event(K.SAID_AGAIN), FACTS, False),
        (alert(A.PERSON, 6), event(K.NEW_STATEMENT), FACTS, True),
        (alert(A.PERSON, 7), event(K.NEW_STATEMENT), FACTS, False),
        (alert(A.TOPIC, 8), event(K.NEW_CLAIM), FACTS, True),
        (alert(A.TOPIC, 5), event(K.NEW_CLAIM), FACTS, False),
        (alert(A.RATING, query="false"), event(K.RATING_CHANGED, "mixed", "false"), FACTS, True),
        (alert(A.RATING, query="mixed"), event(K.RATING_CHANGED, "mixed", "false"), FACTS, False),
        (alert(A.RATING, query=""), event(K.RATING_CHANGED, "mixed", "true"), FACTS, True),
        (alert(A.RATING, query=""), event(K.NEW_CLAIM), FACTS, False),
        (alert(A.RATING, query="false"), event(K.NEW_CLAIM), FACTS, True),
        (alert(A.PROMISE_STATUS, query="broken"), event(K.STATUS_CHANGED, "stalled", "broken"), FACTS, True),
        (alert(A.PROMISE_STATUS, query="stalled"), event(K.STATUS_CHANGED, "stalled", "broken"), FACTS, False),
        (alert(A.PROMISE_STATUS, query="kept"), event(K.STATUS_CHANGED, "stalled", "kept"), FACTS, True),  # as it was reached
        (alert(A.PROMISE_STATUS, 5, "broken"), event(K.STATUS_CHANGED, "stalled", "broken"), FACTS, True),
        (alert(A.PROMISE_STATUS, 9, "broken"), event(K.STATUS_CHANGED, "stalled", "broken"), FACTS, False),
        (alert(A.PROMISE_STATUS, 5), event(K.STATUS_CHANGED, "stalled", "kept"), FACTS, True),
        (alert(A.PROMISE_STATUS, query="broken"), event(K.DEADLINE_PASSED), FACTS, True),
        (alert(A.PROMISE_STATUS), event(K.NEW_CLAIM), Facts(claim_id=3), False),  # no promise
    ],
)
def test_what_is_followed_decides(followed, happened, facts, hears):
    assert following.concerns(followed, happened, facts) is hears


def test_a_search_hears_of_what_it_finds_only():
    assert following.concerns(alert(A.SEARCH, query="q=x"), event(K.NEW_CLAIM), FACTS, found=True)
    assert not following.concerns(alert(A.SEARCH, query="q=x"), event(K.NEW_CLAIM), FACTS, found=False)


def test_a_review_that_brought_a_new_rating_is_told_once():
    review, rating = event(K.NEW_REVIEW, after="false"), event(K.RATING_CHANGED, "mixed", "false")
    assert following.without_doubles([rating, review]) == [rating]
    other = event(K.NEW_REVIEW, after="mixed")
    assert following.without_doubles([rating, other]) == [rating, other]
    assert following.without_doubles([review]) == [review]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("pace", "zone", "now", "due"),
    [
        (Pace.AT_ONCE, "Europe/Berlin", "2026-03-27T12:00", ""),
        (Pace.DAILY, "Europe/Berlin", "2026-03-27T05:59:59", "2026-03-27T06:00:00+00:00"),
        (Pace.DAILY, "Europe/Berlin", "2026-03-27T06:00", "2026-03-28T06:00:00+00:00"),
        (Pace.DAILY, "Europe/Berlin", "2026-03-28T12:00", "2026-03-29T05:00:00+00:00"),  # clocks go forward: 7:00 is an hour earlier
        (Pace.DAILY, "Europe/Berlin", "2026-10-24T12:00", "2026-10-25T06:00:00+00:00"),  # and back
        (Pace.DAILY, "America/New_York", "2026-03-07T23:00", "2026-03-08T11:00:00+00:00"),
        (Pace.DAILY, "Pacific/Auckland", "2026-04-04T12:00", "2026-04-04T19:00:00+00:00"),
        (Pace.DAILY, "Asia/Kathmandu", "2026-05-01T00:00", "2026-05-01T01:15:00+00:00"),
        (Pace.DAILY, "UTC", "2026-12-31T08:00", "2027-01-01T07:00:00+00:00"),
        (Pace.WEEKLY, "Europe/Berlin", "2026-03-23T05:00", "2026-03-23T06:00:00+00:00"),  # Monday, before seven
        (Pace.WEEKLY, "Europe/Berlin", "2026-03-23T07:00", "2026-03-30T05:00:00+00:00"),  # over the change of the clocks
        (Pace.WEEKLY, "Europe/Berlin", "2026-10-25T12:00", "2026-10-26T06:00:00+00:00"),
        (Pace.WEEKLY, "Pacific/Kiritimati", "2026-11-22T12:00", "2026-11-22T17:00:00+00:00"),  # already Monday there
    ],
)
def test_digests_come_at_seven_of_the_readers_morning(pace, zone, now, due):
    assert pacing.due_at(pace, at(now), zone) == due


def test_every_hour_of_a_year_is_followed_by_a_morning_within_a_day_and_an_hour():
    now = at("2026-01-01T00:30")
    for _ in range(24 * 365):
        due = datetime.fromisoformat(pacing.due_at(Pace.DAILY, now, "Europe/Berlin"))
        assert timedelta(0) < due - now <= timedelta(hours=25)
        now += timedelta(hours=1)


def test_a_failed_try_waits_longer_each_time_and_the_seventh_is_the_last():
    now = at("2026-03-28T12:00")
    waits = [pacing.retry_at(n, now, 0.5) - now for n in range(1, pacing.TRIES)]
    assert waits == [timedelta(minutes=m) for m in (1, 4, 16, 64, 256, 720)]
    assert pacing.retry_at(pacing.TRIES, now, 0.5) is None
    assert pacing.retry_at(1, now, 0.0) == now + timedelta(seconds=48)
    assert pacing.retry_at(1, now, 1.0) == now + timedelta(seconds=72)
