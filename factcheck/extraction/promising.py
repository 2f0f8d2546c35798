"""Promises: is a statement one, and by when is it to be kept?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta

from factcheck.extraction.scored import ScoredText
from factcheck.records import Deadline, Kind

PROMISED = 0.5  # from here on a score says "this is a promise"

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
    r"(?:der\s+|den\s+|the\s+)?(?:ersten\s+|nächsten\s+|kommenden\s+|first\s+|next\s+)?(?P<number>\d+|"
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
_OTHER = re.compile(
    r"\b(?:vor\s+(?:der|den)\s+(?:Wahl|Wahlen|Amtsantritt|Sommerpause)|vor\s+Amtsantritt|bis\s+zum\s+(?:Sommer|Winter|Herbst"
    r"|Frühjahr|Frühling)"
    r"|bis\s+zur\s+(?:nächsten\s+)?(?:Wahl|Sommerpause)|before\s+(?:the\s+)?(?:election|inauguration|taking\s+office)"
    r"|by\s+(?:next\s+)?(?:summer|winter|spring|fall|autumn))\b",
    re.IGNORECASE,
)

_HEDGED = re.compile(
    r"\b(?:ich\s+denke|ich\s+glaube|ich\s+hoffe|vielleicht|möglicherweise|vermutlich|wahrscheinlich|i\s+think|i\s+believe"
    r"|i\s+hope|maybe|perhaps|probably|might)\b",
    re.IGNORECASE,
)
_OWN_WILL = re.compile(
    r"\b(?:(?:ich|wir)\s+(?:werden?|verspreche\w*|garantiere\w*|sorge\w*\s+dafür)|(?:werde|verspreche|garantiere)\s+ich"
    r"|(?:werden|versprechen|garantieren)\s+wir"
    r"|(?:i|we)(?:\s+will|\s+shall|[’']ll|(?:\s+am|\s+are|[’']m|[’']re)\s+going\s+to|\s+promise|\s+pledge|\s+vow"
    r"|\s+guarantee|\s+commit)"
    r"|i(?:\s+am|[’']m)\s+gonna|we(?:\s+are|[’']re)\s+gonna)\b",
    re.IGNORECASE,
)
# What people will think, see, know or have is a forecast; so is a negated will to know.
_NOT_ACTING = re.compile(
    r"^\W*(?:\w+\s+){0,2}?(?:see|know|talk|have\s+to|need|be\s+(?:able|happy|glad|sorry|surprised)|find\s+out|never\s+forget"
    r"|say|tell|sehen|wissen|sprechen|müssen)\b",
    re.IGNORECASE,
)
_FUTURE_INDIRECT = re.compile(
    r"\b(?:er|sie|man|es|seine?\s+(?:Regierung|Partei)|ihre?\s+(?:Regierung|Partei)|die\s+(?:Regierung|Partei"
    r"|Stadt))\s+(?:werden?|wolle|wollen|würde)\b|"
    r"\b(?:werde|wolle|würde)\s+(?:er|sie|man)\b|\b(?:he|she|they|it)(?:\s+would|\s+will|[’']d|[’']ll|\s+(?:is|are|was"
    r"|were)\s+going\s+to)\b",
    re.IGNORECASE,
)
_TO_ACT = re.compile(
    r"\bzu\s+\w+n\b|\w+zu\w{2,}en\b|^\W*(?:not\s+)?to\s+\w+|\bwerden?\b|\bwürden?\b|\bwolle\b|\bwill\b|\bwould\b", re.IGNORECASE
)
_THREAT = {"threaten", "drohen", "androhen"}


def is_promise(text: str, kind: Kind, verb: str, commissive: bool) -> bool:
    """Does the speaker commit to do something? ``verb`` is the verb of saying, ``commissive`` whether it alone commits."""
    if verb in _THREAT:
        return False
    if kind is Kind.DIRECT:
        if text.rstrip('”“"«» ').endswith("?"):
            return False
        own = _OWN_WILL.search(text)
        if not own or (_HEDGED.search(text[: own.start()]) and not commissive):
            return False
        acting = not _NOT_ACTING.match(text[own.end() :])
        return acting
    if kind is Kind.INDIRECT:
        if commissive:
            return bool(_TO_ACT.search(text))
        future = _FUTURE_INDIRECT.search(text[:90])
        return bool(
            future
            and verb not in {"", "fragen", "ask", "hoffen", "hope", "glauben", "believe", "think", "denken", "expect", "erwarten"}
            and _acts_soon(text, future)
        )
    return commissive and bool(re.search(r"\bzu\s+\w+en\b|\bto\s+\w+|\bpledg|\bpromis|\bversp|\bgelobt|\bzug", text))


def _acts_soon(text: str, future: re.Match[str]) -> bool:
    """A plain "er werde" is a promise only with a deadline or with words of doing; else it is a forecast."""
    rest = text[future.end() :]
    if re.search(r"\b(?:nicht|kein\w*|never|not)\b", rest[:40]):
        return deadline(text, None) is not None
    return deadline(text, None) is not None or bool(_DOING.search(rest))


_DOING = re.compile(
    r"\b(?:senken|erhöhen|beenden|abschaffen|einführen|bauen|schaffen|stoppen|kürzen|investieren|umsetzen|durchsetzen"
    r"|dafür\s+sorgen|verhindern|sanieren|halbieren"
    r"|verdoppeln|aufheben|unterzeichnen|zurücktreten|schließen|eröffnen|abschieben|ausweisen|bereitstellen|liefern"
    r"|unterstützen|entlasten|cut|raise|end|abolish"
    r"|build|create|stop|reduce|invest|introduce|repeal|replace|fix|restore|deport|lower|double|halve|sign|resign|ban"
    r"|deliver|hire|open|close|protect|bring\s+back)\b",
    re.IGNORECASE,
)


def scores(rows: Sequence[ScoredText]) -> list[float]:
    """How sure each row, read as its speaker's own words, is a promise, 0..1, in order. The rules know only yes and no."""
    return [float(is_promise(row.text, Kind.DIRECT, "", False)) for row in rows]


def deadline(text: str, said_on: str | None) -> Deadline | None:
    """By when, in the statement's own words.

    ``hours`` for a length of time, ``by`` for a date; neither for "before the election". None when it names none.
    """
    for pattern in (_GERMAN_SPAN, _ENGLISH_SPAN):
        match = pattern.search(text)
        if match:
            amount = match["number"].lower()
            number = int(amount) if amount.isdigit() else _NUMBERS[amount]
            hours = float(number * _HOURS[match["unit"].lower()])
            return Deadline(match.group(), hours=hours, by=_after(said_on, hours) if hours > 24 else None)
    match = _DAY_ONE.search(text)
    if match:
        return Deadline(match.group(), hours=24.0)
    match = _BY_DATE.search(text)
    if match:
        return Deadline(match.group(), by=_last_day(match))
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
