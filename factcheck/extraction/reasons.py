"""Why a statement calls for checking, or does not: few keys that pages put into words."""

from __future__ import annotations

import re

from factcheck.extraction.names import gender_of
from factcheck.extraction.signals import AMOUNT, COMPARISON, NUMBER, PAST

REASONS = ("number", "record", "comparison", "prediction", "promise", "opinion", "fact")
MOST = 2  # reasons shown

_FULL_NAME = re.compile(r"\b([A-ZÄÖÜ][\w'’-]+)\s+(?:[A-Z]\.\s+)?[A-ZÄÖÜ][\w'’-]+")
_TITLED = re.compile(
    r"\b(?:President|Senator|Governor|Secretary|Mayor|Mr\.|Mrs\.|Ms\.|Chancellor|Minister|Präsident(?:in)?|Kanzler(?:in)?|Minister(?:in)?|Herr|Frau"
    r"|Bürgermeister(?:in)?)\s+[A-ZÄÖÜ]\w+|\b(?:my opponent|mein(?:e|em|en)? (?:Gegner(?:in)?|Kontrahent(?:in)?))\b"
)


def reasons(text: str, nature: str, language: str) -> tuple[str, ...]:
    """At most ``MOST`` of ``REASONS``, the strongest first; "fact" only where nothing more can be said.

    What is no fact is named first: nobody can check an opinion, and a prediction not yet.
    """
    found = [nature] if nature in {"prediction", "promise", "opinion"} else []
    if NUMBER.search(text) or AMOUNT.search(text):
        found.append("number")
    if names_person(text) and PAST["de" if language == "de" else "en"].search(text):
        found.append("record")
    if COMPARISON.search(text):
        found.append("comparison")
    if nature == "fact" and not found:
        found.append("fact")
    return tuple(found[:MOST])


def names_person(text: str) -> bool:
    """Is somebody named: first name and surname, title and surname, or as the speaker's opponent?"""
    return bool(_TITLED.search(text)) or any(gender_of(match[1]) for match in _FULL_NAME.finditer(text))
