"""Names of days, months and seasons in German and English, and how they stand in a text."""

from __future__ import annotations

import re

WEEKDAYS = {
    "montag": 0, "dienstag": 1, "mittwoch": 2, "donnerstag": 3, "freitag": 4, "samstag": 5, "sonnabend": 5, "sonntag": 6,
    "monday": 0, "tuesday": 1, "wednesday": 2, "thursday": 3, "friday": 4, "saturday": 5, "sunday": 6,
}  # fmt: skip
MONTHS = {
    "januar": 1, "jänner": 1, "februar": 2, "märz": 3, "april": 4, "mai": 5, "juni": 6, "juli": 7, "august": 8, "september": 9,
    "oktober": 10, "november": 11, "dezember": 12, "january": 1, "february": 2, "march": 3, "may": 5, "june": 6, "july": 7,
    "october": 10, "december": 12, "jan": 1, "feb": 2, "aug": 8, "sept": 9, "oct": 10, "nov": 11, "dec": 12,
}  # fmt: skip
_NUMBERS = {
    "einem": 1, "einer": 1, "zwei": 2, "drei": 3, "vier": 4, "fünf": 5, "sechs": 6, "sieben": 7, "acht": 8, "neun": 9, "zehn": 10,
    "elf": 11, "zwölf": 12, "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12,
}  # fmt: skip

_GERMAN_DAYS = r"Montag|Dienstag|Mittwoch|Donnerstag|Freitag|Samstag|Sonnabend|Sonntag"
_ENGLISH_DAYS = r"Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday"
_GERMAN_MONTHS = r"Januar|Jänner|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember"
_ENGLISH_MONTHS = (
    r"January|February|March|April|May|June|July|August|September|October|November|December|Jan\.?|Feb\.?|Aug\.?|Sept?\.?|Oct\.?|Nov\.?|Dec\.?"
)
_YEAR = r"(?:19|20)\d\d"
# Words before a time that make it a limit, a plan or a habit instead of the time of speaking.
_NOT_GERMAN = (
    r"(?P<not_then>\b(?:bis|seit|ab|von|für|jeden|jeder|nächste[nmr]?|kommende[nmr]?|(?<!Nacht )zum|(?<!Nacht )auf|vor dem|nach dem)"
    r"\s+(?:zum\s+|zu\s+|dem\s+|den\s+|in\s+den\s+|Ende\s+|Anfang\s+|Mitte\s+)?(?:kommende[nm]\s+|nächste[nm]\s+)?|\b(?:am|im)\s+(?:kommenden|nächsten)\s+)?"
)
_NOT_ENGLISH = (
    r"(?P<not_then>\b(?:[Uu]ntil|till|by|[Ss]ince|next|every|each|[Ff]rom|[Bb]efore|[Aa]fter|starting|beginning|through|for|coming)\s+"
    r"(?:on\s+|next\s+|the\s+|late\s+|early\s+|mid-)?(?:end\s+of\s+)?)?"
)

GERMAN_DAY = re.compile(
    rf"{_NOT_GERMAN}\b(?:(?P<before>vergangenen|letzten|vorigen|gestrigen|heutigen|diesen|diesem)\s+)?(?P<day>{_GERMAN_DAYS})"
    r"(?:morgen|vormittag|mittag|nachmittag|abend|nacht|früh)?\b(?P<week_before>\s+(?:vergangener|letzter|voriger|der vergangenen|der letzten|der vorigen)\s+Woche)?"
)
ENGLISH_DAY = re.compile(
    rf"{_NOT_ENGLISH}\b(?:(?P<before>last|this|late|early)\s+)?(?P<day>{_ENGLISH_DAYS})\b(?P<week_before>\s+(?:of\s+)?last\s+week)?"
)
GERMAN_DATE = re.compile(rf"{_NOT_GERMAN}\b(?P<day>\d{{1,2}})\.\s*(?P<month>{_GERMAN_MONTHS})\b(?:\s+(?P<year>{_YEAR})\b)?")
ENGLISH_DATE = re.compile(
    rf"{_NOT_ENGLISH}(?:\b(?P<month>{_ENGLISH_MONTHS})\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?!\d|,\d{{3}})"
    rf"|\b(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<month2>{_ENGLISH_MONTHS})\b)(?:,?\s+(?P<year>{_YEAR})\b)?"
)
NUMERIC_DATE = re.compile(
    rf"\b(?P<iso>{_YEAR}-\d\d-\d\d)\b"
    rf"|\b(?:(?:[Aa]m|[Vv]om)\s+(?P<d>\d{{1,2}})\.\s?(?P<m>0?[1-9]|1[0-2])\.(?:\s?(?P<y>{_YEAR})\b)?)"
    rf"|\b(?P<a>\d{{1,2}})/(?P<b>\d{{1,2}})/(?P<y2>{_YEAR})\b"
)
_GERMAN_LAST = r"(?:(?P<last>vergangenen|letzten|vorigen)\s+)?"
GERMAN_MONTH = re.compile(
    rf"{_NOT_GERMAN}(?:\b(?:[Ii]m|[Aa]nfang|[Mm]itte|[Ee]nde|[Vv]om|des)\s+{_GERMAN_LAST}(?P<month>{_GERMAN_MONTHS})s?\b(?:\s+(?P<year>{_YEAR})\b)?)"
)
ENGLISH_MONTH = re.compile(
    rf"{_NOT_ENGLISH}(?:\b(?:[Ii]n|[Dd]uring|[Ee]arly|[Ll]ate|[Mm]id-?|[Tt]his|(?P<last>[Ll]ast)|[Oo]f|[Bb]ack in)\s*(?:early\s+|late\s+|mid-)?"
    rf"(?P<month>{_ENGLISH_MONTHS})(?![\w’'])(?!\s+\d{{1,2}}\b)(?:,?\s+(?P<year>{_YEAR})\b)?)"
)
# A year by itself must not be a number of something ("2000 Menschen"): a verb, a full stop or the end comes after it.
GERMAN_YEAR = re.compile(
    rf"{_NOT_GERMAN}(?:\b(?:[Ii]m\s+Jahre?|[Aa]nfang|[Mm]itte|[Ee]nde|[Ii]m\s+(?:Sommer|Herbst|Frühjahr|Frühling|Winter))\s+(?P<year>{_YEAR})\b"
    rf"|\b(?P<year2>{_YEAR})\b(?=\s*(?:[.,;:…)]|$)|\s+[a-zäöü]))"
)
ENGLISH_YEAR = re.compile(
    rf"{_NOT_ENGLISH}(?:\b(?:[Ii]n|[Dd]uring|(?:spring|summer|autumn|fall|winter) of|[Ee]arly|[Ll]ate)\s+(?:early\s+|late\s+|mid-)?(?P<year>{_YEAR})\b(?!-)"
    rf"|\b(?:a|an|the|his|her|their|its)\s+(?P<year2>{_YEAR})\s+(?!people|dollars|votes|jobs)[a-z]+)"
)
SEASON = re.compile(
    r"\b[Ii]m\s+(?:(?P<last>vergangenen|letzten|vorigen)\s+)?(?P<name>Frühjahr|Frühling|Sommer|Herbst)\b"
    r"|\b(?:(?:[Ii]n\s+the|(?P<last2>[Ll]ast)|[Tt]his|[Oo]ver\s+the)\s+)(?P<name2>spring|summer|autumn|fall)\b"
)

# The month each begins with, as weather people count.
SEASONS = {"Frühjahr": 3, "Frühling": 3, "Sommer": 6, "Herbst": 9, "spring": 3, "summer": 6, "autumn": 9, "fall": 9}


def amount(word: str) -> int | None:
    """A small number in figures or words; None for "wenigen", "several" and the like."""
    return int(word) if word.isdecimal() and len(word) <= 6 else _NUMBERS.get(word.lower())
