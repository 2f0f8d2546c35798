"""When something was said: the words of time beside the act of speaking -> as much of a date as they tell.

Own small rules: general date parsers read German "mit" as Wednesday, and only words next to the act of speaking may count,
since a date inside a statement is what the statement is about. Nothing is ever counted from today: relative words are counted
from the publication date, and without one they tell nothing.

Dates are ISO 8601, cut where knowledge ends: "2024-11-07" (day), "2024-11-04/2024-11-10" (some day of that week), "2024-03"
(month), "2019" (year); ``records.date_precision`` names which.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

from factcheck.extraction.calendar import (
    ENGLISH_DATE,
    ENGLISH_DAY,
    ENGLISH_MONTH,
    ENGLISH_YEAR,
    GERMAN_DATE,
    GERMAN_DAY,
    GERMAN_MONTH,
    GERMAN_YEAR,
    MONTHS,
    NUMERIC_DATE,
    SEASON,
    SEASONS,
    WEEKDAYS,
    amount,
)

_DAYS_BACK = (
    (re.compile(r"\bvorgestern\b|\bthe day before yesterday\b", re.I), 2),
    (re.compile(r"\bgestern\b|\bgestrige[nrsm]?\b|\byesterday\b|\blast night\b", re.I), 1),
    (re.compile(r"\bheute\b|\bheutige[nrsm]?\b|\btoday\b|\btonight\b|\b(?:earlier )?this (?:morning|afternoon|evening)\b", re.I), 0),
)
_DAY_BEFORE = re.compile(
    r"\b(?:am Vortag|am Vorabend|am (?:Tag|Abend) (?:zuvor|davor)|tags zuvor|einen Tag (?:zuvor|früher|vorher)"
    r"|(?:a|one) day (?:earlier|before)|the (?:day|night|evening) before|the previous (?:day|night|evening))\b"
    r"(?!\s+(?:der|des|von|of|the|yesterday)\b)",
    re.I,
)
_DAY_AFTER = re.compile(
    r"\b(?:am (?:Tag danach|nächsten Tag|Folgetag|folgenden Tag)|tags darauf|einen Tag (?:später|darauf)"
    r"|(?:a|one) day later|the (?:next|following) (?:day|morning))\b",
    re.I,
)
_AGO = re.compile(
    r"\bvor (?:rund |etwa |knapp |gut |genau |fast )?(?P<de>\w+) (?P<unit>Tag(?:en)?|Wochen?|Monat(?:en)?|Jahr(?:en)?)\b"
    r"|\b(?:about |almost |nearly |some )?(?P<en>\w+) (?P<unit2>days?|weeks?|months?|years?) ago\b",
    re.I,
)
_LAST = r"(?:vergangene[nsr]?|letzte[nsr]?|vorige[nsr]?|verwichene[nsr]?)"
_THIS = r"(?:diese[nrsm]?|laufenden?|die)"
_LAST_WEEK = re.compile(rf"\b{_LAST} Woche\b|\b(?:last|the previous|the past) week\b(?!end)|\bvorwoche\b", re.I)
_THIS_WEEK = re.compile(
    rf"\b(?:{_THIS}r?|der) Woche\b|\bzu Wochenbeginn\b|\bthis week\b(?!end)|\b(?:earlier|later) in the week\b", re.I
)
_WEEKEND = re.compile(
    r"\bam (?:vergangenen |letzten |vorigen )?Wochenende\b|\b(?:over|at|on|during) the (?:past |last )?weekend\b|\b(?:last|this past) weekend\b",
    re.I,
)
_LAST_MONTH = re.compile(rf"\b{_LAST} Monats?\b|\bVormonat\b|\b(?:last|the previous) month\b", re.I)
_THIS_MONTH = re.compile(r"\b(?:diese[nms]|des) Monats?\b|\bthis month\b|\bin the month\b", re.I)
_YEAR_BEFORE_LAST = re.compile(r"\bvorletzte[ns]? Jahr\b|\bthe year before last\b", re.I)
_LAST_YEAR = re.compile(rf"\b{_LAST} Jahre?s?\b|\bim Vorjahr\b|\b(?:last|the previous) year\b", re.I)
_THIS_YEAR = re.compile(r"\b(?:diese[ms]|des) Jahre?s?\b|\bzu(?:m)? Jahresbeginn\b|\bheuer\b|\bthis year\b", re.I)
_RELATIVE_CLAUSE = re.compile(
    r",\s+(?:in |an |mit |von |zu |bei |unter |to |of )?(?:der|die|das|dem|den|dessen|deren|who|whose|which|whom)\s[^,…]*(?:,|$|…)"
)


def said_at(words: str, published_at: str | None, language: str, anchor: str | None = None) -> str | None:
    """The time of the act of speaking that ``words`` tell of, as exactly as they do; None when they tell none.

    ``anchor`` is the day the article last spoke of, which "a day earlier" is counted from; the publication date without one.
    Weekdays, dates without a year and months without one are the latest up to publication; the future is no time of speaking.
    """
    published = _day(published_at)
    for reading in (_exact, _near, _weekday, _ago, _week, _month, _year):
        told = words if reading in (_exact, _near, _weekday) else _RELATIVE_CLAUSE.sub(" … ", words)
        try:
            found = reading(told, published, language == "de")
            if found is None and reading is _near:
                found = _beside(words, _day(anchor), published)
        except OverflowError:  # a day before the first or after the last that a calendar has
            return None
        if found:
            return found
    return None


def _day(iso: str | None) -> date | None:
    try:
        return date.fromisoformat(iso[:10]) if iso else None
    except ValueError:
        return None


def _not_later(found: date, published: date | None) -> str | None:
    """A day's grace, since it may still be yesterday elsewhere."""
    return found.isoformat() if published is None or found <= published + timedelta(days=1) else None


def _exact(words: str, published: date | None, german: bool) -> str | None:
    for match in NUMERIC_DATE.finditer(words):
        found = _numeric(match, published)
        if found:
            return found
    for match in (GERMAN_DATE if german else ENGLISH_DATE).finditer(words):
        groups = match.groupdict()
        if match["not_then"]:
            continue
        number = MONTHS.get((groups["month"] or groups.get("month2") or "").lower().rstrip("."))
        found = _dated(groups["year"], number, groups["day"] or groups.get("day2"), published)
        if found:
            return found
    return None


def _numeric(match: re.Match[str], published: date | None) -> str | None:
    if match["iso"]:
        found = _day(match["iso"])
        return _not_later(found, published) if found else None
    if match["d"]:
        return _dated(match["y"], int(match["m"]), match["d"], published)
    first, second = int(match["a"]), int(match["b"])
    if min(first, second) > 12 or (max(first, second) <= 12 and first != second):
        return None  # 3/4/2024 is April in London and March in Washington
    return _dated(match["y2"], min(first, second), str(max(first, second)), published)


def _dated(year: str | None, month: int | None, day: str | None, published: date | None) -> str | None:
    if not month or not day or not (year or published):
        return None
    try:
        found = date(int(year) if year else published.year, month, int(day))
        if not year and published and found > published:
            found = found.replace(year=found.year - 1)  # news tells of the latest such day
    except ValueError:
        return None
    return _not_later(found, published)


def _near(words: str, published: date | None, german: bool) -> str | None:
    if published is None:
        return None
    for pattern, days in _DAYS_BACK:
        if pattern.search(words):
            return (published - timedelta(days=days)).isoformat()
    return None


def _beside(words: str, anchor: date | None, published: date | None) -> str | None:
    day = anchor or published
    if day and _DAY_BEFORE.search(words):
        return (day - timedelta(days=1)).isoformat()
    if anchor and _DAY_AFTER.search(words):
        return _not_later(anchor + timedelta(days=1), published)
    return None


def _weekday(words: str, published: date | None, german: bool) -> str | None:
    if published is None:
        return None
    for match in (GERMAN_DAY if german else ENGLISH_DAY).finditer(words):
        before = (match["before"] or "").strip().lower()
        if match["not_then"]:
            continue
        weekday = WEEKDAYS[match["day"].lower()]
        if match["week_before"]:
            return (_monday(published) - timedelta(days=7 - weekday)).isoformat()
        back = (published.weekday() - weekday) % 7
        if back == 0 and before in {"vergangenen", "letzten", "vorigen", "last"}:
            back = 7
        return (published - timedelta(days=back)).isoformat()
    return None


def _ago(words: str, published: date | None, german: bool) -> str | None:
    match = _AGO.search(words)
    if match is None or published is None:
        return None
    number, unit = amount(match["de"] or match["en"]), (match["unit"] or match["unit2"]).lower()
    if number is None or number > 200:
        return None
    if unit.startswith(("tag", "day")):
        return (published - timedelta(days=number)).isoformat()
    if unit.startswith(("woche", "week")):
        return _span(_monday(published - timedelta(days=7 * number)), 7)
    if unit.startswith(("monat", "month")):
        return _month_back(published, number)
    return str(published.year - number)


def _week(words: str, published: date | None, german: bool) -> str | None:
    if published is None:
        return None
    monday = _monday(published)
    if _WEEKEND.search(words):
        saturday = monday + timedelta(days=5)
        if published == saturday:
            return saturday.isoformat()
        return _span(saturday if published > saturday else saturday - timedelta(days=7), 2)
    if _LAST_WEEK.search(words):
        return _span(monday - timedelta(days=7), 7)
    if _THIS_WEEK.search(words):
        return _span(monday, (published - monday).days + 1)
    return None


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _span(first: date, days: int) -> str:
    last = first + timedelta(days=days - 1)
    return first.isoformat() if days == 1 else f"{first.isoformat()}/{last.isoformat()}"


def _month(words: str, published: date | None, german: bool) -> str | None:
    for match in (GERMAN_MONTH if german else ENGLISH_MONTH).finditer(words):
        number = MONTHS[match["month"].lower().rstrip(".")]
        if match["not_then"]:
            continue
        found = _named_month(number, match["year"], bool(match["last"]), published)
        if found:
            return found
    if published is None:
        return None
    if _LAST_MONTH.search(words):
        return _month_back(published, 1)
    return f"{published:%Y-%m}" if _THIS_MONTH.search(words) else None


def _named_month(number: int, year: str | None, is_last: bool, published: date | None) -> str | None:
    if year:
        found = f"{year}-{number:02}"
        return found if published is None or found <= f"{published:%Y-%m}" else None
    if published is None:
        return None
    earlier = number > published.month or (is_last and number == published.month)
    return f"{published.year - earlier}-{number:02}"


def _month_back(day: date, months: int) -> str:
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return f"{year:04}-{month + 1:02}"


def _year(words: str, published: date | None, german: bool) -> str | None:
    for year in _named_years(words, german):
        if published is None or int(year) <= published.year:
            return year
    if published is None:
        return None
    season = SEASON.search(words)
    if season:
        begins = SEASONS[season["name"] or season["name2"]]
        within = begins <= published.month < begins + 3
        is_last = bool(season["last"] or season["last2"])
        return str(published.year - (published.month < begins or (within and is_last)))
    for pattern, back in ((_YEAR_BEFORE_LAST, 2), (_LAST_YEAR, 1), (_THIS_YEAR, 0)):
        if pattern.search(words):
            return str(published.year - back)
    return None


def _named_years(words: str, german: bool) -> Iterator[str]:
    for match in (GERMAN_YEAR if german else ENGLISH_YEAR).finditer(words):
        if not match["not_then"]:
            yield next(year for name, year in match.groupdict().items() if year and name.startswith("year"))
