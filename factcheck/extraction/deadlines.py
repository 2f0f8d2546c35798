"""By when a promise is to be kept, in its own words and as dates where they allow it."""

from __future__ import annotations

import re
from datetime import date, timedelta

from factcheck.records import Deadline

_NUMBERS = {
    "ein": 1, "eine": 1, "einer": 1, "eines": 1, "einem": 1, "einen": 1, "zwei": 2, "drei": 3, "vier": 4, "fünf": 5,
    "sechs": 6, "sieben": 7,
    "acht": 8, "neun": 9, "zehn": 10, "zwölf": 12, "vierundzwanzig": 24, "hundert": 100, "a": 1, "an": 1, "one": 1, "two": 2,
    "three": 3,
    "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "twelve": 12, "twenty-four": 24, "hundred": 100,
}  # fmt: skip
_HOURS = {
    "stunde": 1, "tag": 24, "woche": 168, "monat": 730.5, "jahr": 8766, "hour": 1, "day": 24, "week": 168, "month": 730.5,
    "year": 8766,
}  # fmt: skip
_MONTHS = {
    "januar": 1, "februar": 2, "märz": 3, "april": 4, "mai": 5, "juni": 6, "juli": 7, "august": 8, "september": 9, "oktober": 10,
    "november": 11, "dezember": 12, "january": 1, "february": 2, "march": 3, "may": 5, "june": 6, "july": 7, "october": 10,
    "december": 12,
}  # fmt: skip
_QUANTITY = (
    r"(?:der\s+|den\s+|the\s+)?(?:ersten\s+|nächsten\s+|kommenden\s+|first\s+|next\s+)?(?P<number>\d{1,6}|"
    + "|".join(_NUMBERS)
    + r")"
)
_GERMAN_SPAN = re.compile(
    rf"\b(?:innerhalb(?:\s+von)?|binnen|in\s+weniger\s+als|in)\s+{_QUANTITY}\s+(?:kurzen\s+)?(?P<unit>Stunde|Tag|Woche|Monat"
    rf"|Jahr)(?:en|es|e|s|n)?\b",
    re.IGNORECASE,
)
_ENGLISH_SPAN = re.compile(
    rf"\b(?:within|in\s+less\s+than|in\s+under|in)\s+{_QUANTITY}[\s-]+(?P<unit>hour|day|week|month|year)s?\b", re.IGNORECASE
)
_DAY_ONE = re.compile(
    r"\b(?:on\s+(?:the\s+)?(?:very\s+)?(?:day\s+one|first\s+day(?:\s+in\s+office)?|day\s+1)|am\s+ersten\s+(?:Amts)?tag)\b",
    re.IGNORECASE,
)
_BY_DATE = re.compile(
    r"\b(?:bis(?:\s+(?:spätestens|zum|Ende|Anfang|Mitte))*|spätestens(?:\s+(?:bis|zum|am))*|by(?:\s+the\s+end\s+of"
    r"|\s+the\s+start\s+of)?|before|until"
    r"|no\s+later\s+than|vor)\s+(?:(?P<d>\d{1,2})\.\s*)?(?:(?P<month>[A-ZÄ][a-zäö]+)\s+)?"
    r"(?:(?P<d2>\d{1,2}),?\s+)?(?P<year>20\d\d)\b"
)
_END_OF_YEAR = re.compile(
    r"\b(?:bis\s+(?:zum\s+)?(?:Jahresende|Ende\s+des\s+Jahres)|noch\s+in\s+diesem\s+Jahr|by\s+the\s+end\s+of\s+(?:the"
    r"|this)\s+year|this\s+year)\b",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"\b(?:zwischen|between|von|from)\s+(?P<first>20\d\d)\s+(?:und|and|bis|to)\s+(?P<last>20\d\d)\b", re.IGNORECASE)
_IN_YEAR = re.compile(r"\b(?:im\s+Jahre?|in(?:\s+the\s+year)?|im\s+Laufe\s+(?:von|des\s+Jahres))\s+(?P<year>20\d\d)\b", re.IGNORECASE)
_NEXT_YEAR = re.compile(
    r"\b(?:(?:im|in\s+dem)\s+(?:nächsten|kommenden)\s+Jahr|nächstes\s+Jahr|kommendes\s+Jahr|next\s+year)\b(?!\s*\w*['’]s)", re.IGNORECASE
)
_FIRST = re.compile(
    r"\b(?:in\s+(?:meiner|seiner|ihrer|unserer|der)\s+ersten\s+(?P<week>Woche)|(?:im|in\s+(?:meinem|seinem|ihrem|unserem))\s+ersten\s+(?:Amts)?(?P<year>jahr)"
    r"|in\s+(?:my|his|her|our|its|their|the)\s+first\s+(?:(?P<week2>week)|(?P<year2>year)))\b",
    re.IGNORECASE,
)
_CHRISTMAS = re.compile(r"\b(?:bis|vor|by|before)\s+(?:Weihnachten|Christmas)\b", re.IGNORECASE)
_WEEKDAYS = "Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag Monday Tuesday Wednesday Thursday Friday Saturday Sunday"
_BY_DAY = re.compile(r"\b(?:bis(?:\s+spätestens)?|spätestens(?:\s+am)?|by|before)\s+(?P<day>" + _WEEKDAYS.replace(" ", "|") + r")\b")
_OTHER = re.compile(
    r"\b(?:(?:bis\s+)?(?:zum|am)\s+Ende\s+(?:meiner|seiner|ihrer|unserer|der|dieser)\s+(?:Amtszeit|Wahlperiode|Legislatur\w*)"
    r"|by\s+the\s+end\s+of\s+(?:my|his|her|our|their|the|this)\s+(?:first\s+)?(?:term|parliament|decade)|(?:right\s+|straight\s+)?after\s+the\s+election"
    r"|(?:sofort\s+)?nach\s+der\s+Wahl|bis\s+(?:zu\s+)?Ostern|(?:by|before)\s+(?:Easter|Labor\s+Day|Thanksgiving|the\s+(?:midterms|primary|primaries|summer\s+recess)))\b|"
    r"\b(?:vor\s+(?:der|den)\s+(?:Wahl|Wahlen|Amtsantritt|Sommerpause)|vor\s+Amtsantritt|bis\s+zum\s+(?:Sommer|Winter|Herbst"
    r"|Frühjahr|Frühling)"
    r"|bis\s+zur\s+(?:nächsten\s+)?(?:Wahl|Sommerpause)|before\s+(?:the\s+)?(?:election|inauguration|taking\s+office)"
    r"|by\s+(?:next\s+)?(?:summer|winter|spring|fall|autumn))\b",
    re.IGNORECASE,
)


def deadline(text: str, said_on: str | None) -> Deadline | None:
    """By when, in the statement's own words.

    ``hours`` for a length of time, ``since`` and ``by`` for dates; none of them for "before the election". None when it names none.
    """
    for pattern in (_GERMAN_SPAN, _ENGLISH_SPAN):
        match = pattern.search(text)
        if match:
            amount = match["number"].lower()
            number = int(amount) if amount.isdecimal() else _NUMBERS[amount]
            hours = float(number * _HOURS[match["unit"].lower()])
            return Deadline(match.group(), hours=hours, by=_after(said_on, hours) if hours > 24 else None)
    match = _DAY_ONE.search(text)
    if match:
        return Deadline(match.group(), hours=24.0)
    match = _FIRST.search(text)
    if match:
        hours = float(_HOURS["week"] if match["week"] or match["week2"] else _HOURS["year"])
        return Deadline(match.group(), hours=hours)
    match = _BETWEEN.search(text)
    if match:
        return Deadline(match.group(), since=f"{match['first']}-01-01", by=f"{match['last']}-12-31")
    match = _BY_DATE.search(text)
    if match:
        return Deadline(match.group(), by=_last_day(match))
    match = _IN_YEAR.search(text)
    if match:
        return Deadline(match.group(), since=f"{match['year']}-01-01", by=f"{match['year']}-12-31")
    match = _NEXT_YEAR.search(text)
    if match:
        year = int(said_on[:4]) + 1 if said_on else None
        return Deadline(match.group(), since=f"{year}-01-01" if year else None, by=f"{year}-12-31" if year else None)
    match = _CHRISTMAS.search(text)
    if match:
        return Deadline(match.group(), by=f"{said_on[:4]}-12-24" if said_on else None)
    match = _BY_DAY.search(text)
    if match:
        return Deadline(match.group(), by=_next(match["day"], said_on))
    match = _END_OF_YEAR.search(text)
    if match:
        return Deadline(match.group(), by=f"{said_on[:4]}-12-31" if said_on else None)
    match = _OTHER.search(text)
    return Deadline(match.group()) if match else None


def _after(said_on: str | None, hours: float) -> str | None:
    """The date a length of time after the statement, when its day is known."""
    try:
        return (date.fromisoformat(said_on[:10]) + timedelta(hours=hours)).isoformat() if said_on else None
    except (ValueError, OverflowError):
        return None


def _next(weekday: str, said_on: str | None) -> str | None:
    """The date of the first such weekday after the statement."""
    try:
        said = date.fromisoformat(said_on[:10]) if said_on else None
        return (said + timedelta(days=(_WEEKDAYS.split().index(weekday) % 7 - said.weekday() - 1) % 7 + 1)).isoformat() if said else None
    except (ValueError, OverflowError):
        return None


def _last_day(match: re.Match[str]) -> str:
    """ "bis 2030" is the year's last day, "bis März 2030" the month's, "before 2030" the day before the year begins."""
    year, month = int(match["year"]), _MONTHS.get((match["month"] or "").lower())
    before = re.match(r"before|vor\b", match.group(), re.IGNORECASE)
    start = re.search(r"Anfang|start of", match.group())
    day = match["d"] or match["d2"]
    try:
        if month and day:
            return (date(year, month, int(day)) - timedelta(days=1 if before else 0)).isoformat()
        first = date(year, month or 1, 1)
    except ValueError:
        return f"{year}-12-31"
    if before:
        return (first - timedelta(days=1)).isoformat()
    if start:
        return first.isoformat()
    following = date(year + (1 if not month or month == 12 else 0), (month or 12) % 12 + 1, 1)
    return (following - timedelta(days=1)).isoformat()
