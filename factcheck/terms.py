"""Deadlines as an editor enters them: a day, a moment in a time zone, a length of time from a moment on, or words only.

A day is over at its end; "24 hours after 20 January 2025, 12:00 ET" is 2025-01-21T12:00-05:00, whatever clock the reader has.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo

from factcheck import timezones
from factcheck.errors import BadInput
from factcheck.records import Promise

UNITS = {"hours": 1, "days": 24, "weeks": 168}
LONGEST = 100 * 365 * 24  # hours
# Zones as news texts name them. A name of summer or winter time means the place's own clock on that day.
NAMED_ZONES = {
    "UTC": "UTC", "GMT": "UTC", "ET": "America/New_York", "EST": "America/New_York", "EDT": "America/New_York",
    "CT": "America/Chicago", "MT": "America/Denver", "PT": "America/Los_Angeles", "PST": "America/Los_Angeles", "PDT": "America/Los_Angeles",
    "CET": "Europe/Berlin", "CEST": "Europe/Berlin", "MEZ": "Europe/Berlin", "MESZ": "Europe/Berlin", "BST": "Europe/London",
    "EET": "Europe/Kyiv", "MSK": "Europe/Moscow",
}  # fmt: skip
SUGGESTED_ZONES = ("ET", "CT", "PT", "UTC", "CET", "Europe/Berlin", "Europe/London", "Europe/Kyiv", "Europe/Moscow", "America/New_York")


def on_day(day: str) -> Promise:
    """To be kept by the end of a day (ISO), a month ("2027-03") or a year ("2027")."""
    text = day.strip()
    if re.fullmatch(r"\d{4}(-\d{2})?", text):
        _date(text + "-01-01"[: 10 - len(text)])
        return Promise(deadline=text)
    return Promise(deadline=_date(text).isoformat())


def at_moment(day: str, clock: str, zone: str) -> Promise:
    """To be kept by a time of day ("12:00") on a day, in a zone."""
    return Promise(deadline=moment(day, clock, zone).isoformat(timespec="minutes"), zone=zone.strip())


def after_event(amount: str, unit: str, day: str, clock: str, zone: str) -> Promise:
    """To be kept within a length of time from a moment on. While the day is not known ("") the deadline is open; without a time
    of day it is the day that the length leads to."""
    hours = _length(amount, unit)
    if not day.strip():
        return Promise(hours=hours)
    try:
        if not clock.strip():
            start = _date(day)
            return Promise(deadline=(start + timedelta(hours=hours)).isoformat(), hours=hours, runs_from=start.isoformat())
        begins = moment(day, clock, zone)
        ends = (begins.astimezone(UTC) + timedelta(hours=hours)).astimezone(begins.tzinfo)
    except OverflowError:
        raise BadInput("This length leads beyond the calendar.", key="length_too_long") from None
    return Promise(
        deadline=ends.isoformat(timespec="minutes"), hours=hours, runs_from=begins.isoformat(timespec="minutes"), zone=zone.strip()
    )


def length_of(hours: float) -> tuple[str, str]:
    """(amount, unit) of a length as an editor would enter it: 168 hours are a week, 48 are 48 hours."""
    for unit, size in (("weeks", 168), ("days", 24)):
        if hours > 72 and hours % size == 0:
            return str(int(hours / size)), unit
    return f"{hours:g}", "hours"


def moment(day: str, clock: str, zone: str) -> datetime:
    """A time of day on a day in a zone: "ET", "Europe/Berlin" or "+02:00"."""
    try:
        at = time.fromisoformat(clock.strip())
    except ValueError:
        raise BadInput(f"{clock[:20]!r} is no time of day. Write it as 12:00.", key="no_time", text=clock[:20]) from None
    return datetime.combine(_date(day), at.replace(second=0, microsecond=0, tzinfo=None), _zone(zone))


def _zone(name: str) -> tzinfo:
    name = name.strip()
    offset = re.fullmatch(r"(?:UTC|GMT)?\s*([+\-−])(\d{1,2})(?::?(\d{2}))?", name)
    if offset:
        length = timedelta(hours=int(offset[2]), minutes=int(offset[3] or 0))
        if length <= timedelta(hours=14):
            return timezone(length if offset[1] == "+" else -length)
    found = NAMED_ZONES.get(name.upper()) or timezones.find(name)
    if not found:
        raise BadInput("A time of day needs its time zone, such as ET, Europe/Berlin or +02:00.", key="no_zone")
    return timezones.zone(found)


def _length(amount: str, unit: str) -> float:
    try:
        hours = float(amount.strip().replace(",", ".")) * UNITS[unit]
    except (ValueError, KeyError):
        hours = 0.0
    if not 0 < hours <= LONGEST:
        raise BadInput("Enter a length of time: a number above 0, and hours, days or weeks.", key="no_length")
    return hours


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise BadInput(f"{text[:40]!r} is no day. Write it as 2025-01-20.", key="no_day", text=text[:40]) from None
