"""Text from outside, made harmless before anything else sees it: what cannot be stored, misleads the eye or costs too much is dropped.

Dropped are NUL and other control characters, lone surrogates and characters that Unicode will never give a meaning; the marks that
turn the direction of writing (in German and English they only serve to show a text other than it is; https://trojansource.codes/);
and of a flood of accents on one letter all after the thirtieth, the longest run that Unicode's own Stream-Safe Text Format knows
(UAX #15), since sorting them takes time with the square of their number.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from typing import Any
from urllib.parse import urlsplit

MOST_ACCENTS = 30  # on one letter
LONGEST_ADDRESS = 2_000  # characters


def _accents() -> str:
    """All combining marks, as the inside of a class of characters."""
    ranges: list[list[int]] = []
    for code in range(0x300, sys.maxunicode + 1):
        if unicodedata.combining(chr(code)):
            if ranges and ranges[-1][1] == code - 1:
                ranges[-1][1] = code
            else:
                ranges.append([code, code])
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges)


_UNUSABLE = re.compile("[\x00-\x08\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]")
_MAYBE_FLOOD = re.compile(f"[\u0300-\U0010ffff]{{{MOST_ACCENTS + 1}}}")  # all combining marks lie there; told much faster than by their list
_FLOOD: re.Pattern[str] | None = None  # made when the first text needs it: looking through all of Unicode takes a moment


def usable(text: str) -> str:
    """The text without what is dropped; blanks, tabs and line ends stay."""
    if text.isascii():
        return _UNUSABLE.sub("", text) if not text.isprintable() else text
    return without_floods(_UNUSABLE.sub("", text))


def one_line(text: str) -> str:
    """The same on one line: single blanks, none at the ends."""
    return " ".join(usable(text).split())


def web_address(text: str) -> str:
    """An address of the web as it may be stored and led to, "" for any other text: http or https, with a host, without blanks."""
    try:
        parts = urlsplit(text)
        port = parts.port or 0
    except ValueError:  # brackets that are no address of IPv6, a port that is no number
        return ""
    usual = parts.scheme in ("http", "https") and bool(parts.hostname) and port >= 0 and len(text) <= LONGEST_ADDRESS
    return text if usual and text.isprintable() and not any(c in text for c in ' "<>\\') else ""


def without_floods(text: str) -> str:
    """The text with no more than ``MOST_ACCENTS`` combining marks in a row."""
    global _FLOOD
    if len(text) <= MOST_ACCENTS or text.isascii() or not _MAYBE_FLOOD.search(text):
        return text
    if _FLOOD is None:
        marks = _accents()
        _FLOOD = re.compile(f"([{marks}]{{{MOST_ACCENTS}}})[{marks}]+")
    return _FLOOD.sub(r"\1", text)


def usable_value(value: Any) -> Any:
    """A value as JSON gives it, each text in it made usable, names of fields as well. Raises RecursionError for one too deep to read."""
    if isinstance(value, str):
        return usable(value)
    if isinstance(value, list):
        return [usable_value(item) for item in value]
    if isinstance(value, dict):
        return {usable(name): usable_value(item) for name, item in value.items()}
    return value
