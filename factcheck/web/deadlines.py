"""Deadlines in words: "21 January 2025, 12:00 ET" and "24 hours after 20 January 2025, 12:00 ET"."""

from __future__ import annotations

from datetime import datetime

from flask import g

from factcheck.records import Promise

HOURS_A_DAY, HOURS_A_WEEK = 24, 168
SAID_IN_HOURS = 72  # up to here a length is told in hours: "within 48 hours"


def deadline_words(promise: Promise) -> str:
    """By when, on the clock of the place the deadline belongs to and not the reader's; "" where nothing is known but words."""
    return moment_words(promise.deadline, promise.zone) if promise.deadline else ""


def runs_from_words(promise: Promise) -> str:
    """The length and what it runs from; "" for a deadline that runs from nothing."""
    if not promise.hours:
        return ""
    length = length_words(promise.hours)
    if not promise.runs_from:
        return g.words("promise.after_unknown", length=length)
    return g.words("promise.after", length=length, start=moment_words(promise.runs_from, promise.zone))


def moment_words(iso: str, zone: str) -> str:
    day = g.words.date(iso[:10], "long")
    if "T" not in iso:
        return day
    at = datetime.fromisoformat(iso)
    return g.words("promise.moment", day=day, time=f"{at:%H:%M}", zone=zone or _offset(at))


def length_words(hours: float) -> str:
    if hours > SAID_IN_HOURS and hours % HOURS_A_WEEK == 0:
        return g.words("promise.weeks", n=int(hours / HOURS_A_WEEK))
    if hours > SAID_IN_HOURS and hours % HOURS_A_DAY == 0:
        return g.words("promise.days", n=int(hours / HOURS_A_DAY))
    if hours == int(hours):
        return g.words("promise.hours", n=int(hours))
    return g.words("promise.part_hours", number=g.words.number(hours, 1))


def _offset(at: datetime) -> str:
    minutes = int(at.utcoffset().total_seconds() // 60) if at.utcoffset() is not None else 0  # type: ignore[union-attr]
    hours, rest = divmod(abs(minutes), 60)
    return "UTC" + (f"{'−' if minutes < 0 else '+'}{hours}" + (f":{rest:02}" if rest else "") if minutes else "")
