"""How exactly a date is known, and places in a text."""

from __future__ import annotations


def date_precision(iso: str | None) -> str:
    """How exactly a stored date is known, which its form tells: "day", "week", "month", "year", or "" for none."""
    if not iso:
        return ""
    return "week" if "/" in iso else {4: "year", 7: "month"}.get(len(iso), "day")


Spans = tuple[tuple[int, int], ...]  # (start, end) in code points of an article's text
