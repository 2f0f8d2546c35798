"""When something goes out: at once, with the digest of the morning, or after a try that failed. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from factcheck import timezones
from factcheck.records import Pace

MORNING = time(7)  # in the reader's own time
TRIES = 7
FIRST_WAIT = timedelta(minutes=1)  # before the second try; each one after waits four times as long: 1, 4, 16, 64 minutes, 4 and 12 hours
LONGEST_WAIT = timedelta(hours=12)
JITTER = 0.2  # of the wait, to either side, so that what failed together does not come back together


def due_at(pace: Pace, now: datetime, zone: str) -> str:
    """When a notice of ``now`` is due (UTC, ISO 8601), "" at once: the next morning, or that of the next Monday, in a time zone.

    The morning is taken from the zone's own calendar, so it is seven o'clock on days of 23 and 25 hours too.
    """
    if pace is Pace.AT_ONCE:
        return ""
    place = timezones.zone(zone)
    day = now.astimezone(place).date()
    while True:
        morning = datetime.combine(day, MORNING, place).astimezone(UTC)
        if morning > now and (pace is Pace.DAILY or day.weekday() == 0):
            return morning.isoformat(timespec="seconds")
        day += timedelta(days=1)


def retry_at(tries: int, now: datetime, chance: float) -> datetime | None:
    """When to try again after so many tries, None when that was the last. ``chance`` is random, 0..1."""
    if tries >= TRIES:
        return None
    wait = min(FIRST_WAIT * 4 ** (tries - 1), LONGEST_WAIT)
    return now + wait * (1 + JITTER * (2 * chance - 1))
