"""When something was said: the words of time beside the act of speaking -> an ISO date, counted from the publication date.

Own small rules: general date parsers read German "mit" as Wednesday, and only words next to the act of speaking may count,
since a date inside a statement is what the statement is about.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

_WEEKDAYS = {
    "montag": 0, "dienstag": 1, "mittwoch": 2, "donnerstag": 3, "freitag": 4, "samstag": 5, "sonnabend": 5, "sonntag": 6,
    "monday": 0, "tuesday": 1, "wednesday": 2, "thursday": 3, "friday": 4, "saturday": 5, "sunday": 6,
}  # fmt: skip
_MONTHS = {
    "januar": 1, "jänner": 1, "februar": 2, "märz": 3, "april": 4, "mai": 5, "juni": 6, "juli": 7, "august": 8, "september": 9,
    "oktober": 10, "november": 11, "dezember": 12, "january": 1, "february": 2, "march": 3, "may": 5, "june": 6, "july": 7,
    "october": 10, "december": 12, "jan": 1, "feb": 2, "aug": 8, "sept": 9, "oct": 10, "nov": 11, "dec": 12,
}  # fmt: skip
_PART = r"(?:morgen|vormittag|mittag|nachmittag|abend|nacht|früh)?s?"
_GERMAN_DAY = re.compile(
    rf"\b(?:am|vom|seit|noch am|bis)\s+(?:(?P<last>vergangenen|letzten|vorigen|gestrigen|heutigen)\s+)?"
    rf"(?P<day>Montag|Dienstag|Mittwoch|Donnerstag|Freitag|Samstag|Sonnabend|Sonntag){_PART}\b(?!\s+kommender)"
)
_ENGLISH_DAY = re.compile(
    r"\b(?P<before>(?:on|late|early|last|this|since|next|by|until|and|or)\s+)?(?P<day>Monday|Tuesday|Wednesday|Thursday"
    r"|Friday|Saturday|Sunday)\b"
)
_GERMAN_DATE = re.compile(
    r"\bam\s+(?:\w+,?\s+(?:dem\s+)?)?(?P<day>\d{1,2})\.\s*(?P<month>[A-ZÄ][a-zäö]+|\d{1,2}\.)(?:\s*(?P<year>\d{4}))?"
)
_ENGLISH_DATE = re.compile(
    r"\bon\s+(?:\w+day,?\s+)?(?:(?P<month>[A-Z][a-z]+)\.?\s+(?P<day>\d{1,2})"
    r"|(?P<day2>\d{1,2})\s+(?P<month2>[A-Z][a-z]+))(?:st|nd|rd|th)?(?:,?\s+(?P<year>\d{4}))?\b"
)
_NEAR = {
    "de": {r"\b[Vv]orgestern\b": 2, r"\b[Gg]estern\b|\bgestrige[nr]\b": 1, r"\b[Hh]eute\b": 0},
    "en": {r"\byesterday\b|\blast night\b": 1, r"\btoday\b|\btonight\b|\bthis (?:morning|afternoon|evening)\b": 0},
}


def said_at(frame: str, published_at: str | None, language: str) -> str | None:
    """ISO date of the act of speaking that ``frame`` tells of, None when it tells none.

    Weekdays are the latest up to publication.
    """
    published = _day(published_at)
    found = _dated(frame, published, language)
    if found:
        return found.isoformat()
    if published is None:
        return None
    for pattern, days in _NEAR["de" if language == "de" else "en"].items():
        if re.search(pattern, frame):
            return (published - timedelta(days=days)).isoformat()
    match = (_GERMAN_DAY if language == "de" else _ENGLISH_DAY).search(frame)
    if match is None or (language != "de" and (match["before"] or "").strip() in {"next", "by", "until", "since"}):
        return None
    back = (published.weekday() - _WEEKDAYS[match["day"].lower()]) % 7
    if back == 0 and language == "de" and (match["last"] or "") in {"vergangenen", "letzten", "vorigen"}:
        back = 7
    if back == 0 and language != "de" and (match["before"] or "").strip() == "last":
        back = 7
    return (published - timedelta(days=back)).isoformat()


def _day(published_at: str | None) -> date | None:
    try:
        return date.fromisoformat(published_at[:10]) if published_at else None
    except ValueError:
        return None


def _dated(frame: str, published: date | None, language: str) -> date | None:
    match = (_GERMAN_DATE if language == "de" else _ENGLISH_DATE).search(frame)
    if match is None:
        return None
    groups = match.groupdict()
    day, month = groups.get("day") or groups.get("day2"), groups.get("month") or groups.get("month2") or ""
    number = int(month[:-1]) if month[:-1].isdigit() else _MONTHS.get(month.lower())
    if not day or not number:
        return None
    year = int(groups["year"]) if groups.get("year") else published.year if published else None
    if year is None:
        return None
    try:
        found = date(year, number, int(day))
    except ValueError:
        return None
    if not groups.get("year") and published and found > published:
        try:
            found = found.replace(year=year - 1)  # news tells of the latest such day
        except ValueError:
            return None
    return found
