"""Files and answers that hold claims -> claims, whatever their form: it is recognised by what they hold, not by their name.

ClaimReview as JSON-LD (alone, in lists, ``@graph``, a DataFeed), as JSON Lines, or in a web page; an answer of the Fact Check Tools API;
a table (CSV); the JSON Lines of the CheckThat! claim collections.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

from factcheck import claimfiles, claimreview, claimtables
from factcheck.claimreview import Own
from factcheck.errors import BadInput, UnsupportedFile
from factcheck.records import Claim

LINES, JSON, PAGE, TABLE = "json lines", "json", "page", "table"
MOST_BYTES = 1024 * 1024 * 1024  # of a file that has to be read as a whole; JSON Lines have no limit
_HEAD = 65_536


@dataclass(frozen=True)
class Entry:
    """One claim of a file, or what is wrong with it. ``place``: the line, or which entry it is, from 1."""

    place: int
    claim: Claim | None
    reason: str = ""
    appearances: tuple[tuple[str, str], ...] = ()  # (address, name) of where it was made
    whole: bool = False  # says all there is on the claim: what is not in it is taken away


def form_of(source: BinaryIO) -> str:
    """LINES, JSON, PAGE or TABLE. Raises UnsupportedFile for what holds no claims in any form."""
    source.seek(0)
    head = source.read(_HEAD)
    source.seek(0)
    if head.startswith(b"PK\x03\x04"):
        raise UnsupportedFile("This is an archive. A full export is imported with: claimtrail import all FILE.zip", key="import_archive")
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start:
        raise BadInput("The file is empty.", key="import_empty")
    if start.startswith(b"<"):
        return PAGE
    if start[:1] in b"{[":
        source.seek(len(head) - len(start))
        first, rest = source.readline(MOST_BYTES), source.read(_HEAD)
        source.seek(0)
        if _is_json(first):
            return LINES if rest.strip() or first[:1] == b"{" else JSON
        return LINES if _some_line(rest) or (first[:1] == b"{" and len(first) > 2 and not rest.strip()) else JSON
    return TABLE


def entries(source: BinaryIO, origin: str, columns: Mapping[str, str] | None = None, own: Own = None) -> Iterator[Entry]:
    """Every claim of a file. ``columns`` maps columns of a table to fields, before what their names say; ``own`` as in ``ratings.normalise``.

    Raises BadInput when the file as a whole cannot be read; what is wrong with one entry is told in its place.
    """
    form = form_of(source)
    if form == LINES:
        for number, line in enumerate(source, 1):
            if line.strip():
                yield from _of_line(number, line.decode("utf-8", "replace").removeprefix("\ufeff"), origin, own)
        return
    content = source.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise BadInput("The file is larger than 1 GB. Split it, or write it as JSON Lines.", key="import_too_large")
    if form == TABLE:
        text = claimtables.decoded(content)
        fields = claimtables.mapping(claimtables.columns(text), columns or {})
        if "text" not in fields.values():
            raise BadInput("No column is known to hold the claim's text. Say which one: --map COLUMN=text", key="import_no_text")
        for number, found, places in claimtables.rows(text, fields, own):
            yield Entry(number, None, str(found)) if isinstance(found, BadInput) else Entry(number, found, "", tuple(places))
        return
    if form == PAGE:
        found = claimreview.in_page(content)
        if not found:
            raise BadInput("The web page carries no ClaimReview.", key="import_no_claimreview")
        yield from (_of_review(n, review, own) for n, review in enumerate(found, 1))
        return
    try:
        value = json.loads(content.decode("utf-8-sig", "replace"), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise BadInput("The file is not valid JSON.", key="import_bad_json") from error
    place = 0
    for place, entry in enumerate(of_value(value, own), 1):
        yield _at(entry, place)
    if not place:
        raise BadInput("The file holds neither a ClaimReview nor an answer of the Fact Check Tools API.", key="import_nothing")


def of_value(value: Any, own: Own = None) -> Iterator[Entry]:
    """The claims of a JSON value: every ClaimReview in it, else those of an answer of the Fact Check Tools API."""
    none = True
    for review in claimreview.find(value):
        none = False
        yield _of_review(0, review, own)
    if none and isinstance(value, dict):
        answer = {"claims": [value]} if isinstance(value.get("claimReview"), list) else value
        rows = answer.get("claims")
        for row in rows if isinstance(rows, list) else ():
            try:
                found = claimreview.in_answer({"claims": [row]}, own)
            except BadInput as error:
                yield Entry(0, None, str(error))
                continue
            yield Entry(0, found[0]) if found else Entry(0, None, "it does not say what is claimed")


def _of_line(number: int, line: str, origin: str, own: Own) -> Iterator[Entry]:
    try:
        value = json.loads(line, parse_constant=_no_number)
    except (ValueError, RecursionError):
        yield Entry(number, None, "not valid JSON")
        return
    found = list(of_value(value, own)) if isinstance(value, dict | list) else []
    if found:
        yield from (_at(entry, number) for entry in found)
        return
    try:
        yield Entry(number, claimfiles.read_line(line, origin, own), whole=True)
    except BadInput as error:
        yield Entry(number, None, str(error))


def _of_review(place: int, review: dict[str, Any], own: Own) -> Entry:
    try:
        return Entry(place, claimreview.read(review, own), "", tuple(claimreview.appearances(review)))
    except BadInput as error:
        return Entry(place, None, str(error))


def _at(entry: Entry, place: int) -> Entry:
    return Entry(place, entry.claim, entry.reason, entry.appearances, entry.whole)


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


def _some_line(rest: bytes) -> bool:
    """True when any further line is an object by itself, as after a broken first line of JSON Lines."""
    return any(line.startswith(b"{") and _is_json(line) for line in rest.splitlines())


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number")
