"""How exactly a date is known, and places in a text."""

from __future__ import annotations

from calendar import monthrange
from datetime import date


def date_precision(iso: str | None) -> str:
    """How exactly a stored date is known, which its form tells: "day", "week", "month", "year", or "" for none."""
    if not iso:
        return ""
    return "week" if "/" in iso else {4: "year", 7: "month"}.get(len(iso), "day")


def day_range(iso: str | None) -> tuple[int, int] | None:
    """The first and the last day (``date.toordinal``) that a stored date may mean; None where it tells no date."""
    try:
        first, _, last = (iso or "").partition("/")
        if last:
            return date.fromisoformat(first[:10]).toordinal(), date.fromisoformat(last[:10]).toordinal()
        if len(first) == 4:
            return date(int(first), 1, 1).toordinal(), date(int(first), 12, 31).toordinal()
        if len(first) == 7:
            year, month = int(first[:4]), int(first[5:])
            return date(year, month, 1).toordinal(), date(year, month, monthrange(year, month)[1]).toordinal()
        day = date.fromisoformat(first[:10]).toordinal()
        return day, day
    except ValueError:
        return None


Spans = tuple[tuple[int, int], ...]  # (start, end) in code points of an article's text
