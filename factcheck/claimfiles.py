"""Lines of claim files -> claims: the JSON Lines form of the CheckThat! claim collections.

Every line is an object with at least ``id`` and ``text``. Known besides: ``title``, ``summary``, ``body``, ``speaker``, ``rating``,
``stated`` ("stated on October 22, 2019 in a speech:"), ``publisher``, ``path`` or ``url`` of the fact check, ``date``, ``language``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache

from factcheck import plaintext
from factcheck.errors import BadInput
from factcheck.ratings import normalise
from factcheck.records import Claim, Rating, Review

SITES = {"PolitiFact": "https://www.politifact.com", "Snopes": "https://www.snopes.com"}
LONGEST = 20_000  # characters of any one field; more is a broken file
_STATED = re.compile(r"stated on (?P<day>[A-Z][a-z]+ \d{1,2}, \d{4})(?: (?P<place>.*?))?[.:\s]*$", re.DOTALL)
_PATH_DAY = re.compile(r"/(\d{4})/([a-z]{3})/(\d{1,2})/")
DAYS_KEPT = 16_384  # every line is read twice, and reading a day takes long
_DAY_FORMATS = ("%d %B %Y", "%B %d, %Y", "%Y-%m-%d")


def read_line(line: str, origin: str, own: Mapping[str, Rating] | None = None) -> Claim:
    """One line of a claim file as a claim with its review. Raises BadInput saying what is wrong with the line."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadInput("not valid JSON") from error
    if not isinstance(row, dict):
        raise BadInput("not a JSON object")
    known = {
        name: _text(row, name)
        for name in ("id", "text", "title", "summary", "body", "speaker", "rating", "stated", "publisher", "path", "url", "date", "language")
    }  # fmt: skip
    if not known["id"] or not known["text"]:
        raise BadInput("id or text is missing")
    stated = _STATED.match(known["stated"])
    return Claim(
        id=0,
        key=known["id"],
        text=known["text"],
        language=known["language"],
        title=known["title"],
        body=known["body"] or known["summary"],
        speaker=known["speaker"],
        first_said_at=_day(stated["day"]) if stated else None,
        reviews=(_review(known, line, own),) if known["publisher"] else (),
        origin=origin,
    )


def _review(known: dict[str, str], line: str, own: Mapping[str, Rating] | None) -> Review:
    site = SITES.get(known["publisher"], "")
    url = known["url"] or (site + known["path"] if site and known["path"].startswith("/") else "")
    return Review(
        publisher=known["publisher"],
        rating_text=known["rating"],
        rating=normalise(known["rating"], own),
        url=plaintext.web_address(url),
        title=known["title"],
        summary=known["summary"],
        published_at=_day(known["date"]) or _path_day(known["path"]),
        language=known["language"],
        raw=line.strip(),
    )


def _text(row: dict, name: str) -> str:
    value = row.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadInput(f"{name} is not a text")
    if len(value) > LONGEST:
        raise BadInput(f"{name} is longer than {LONGEST} characters")
    return plaintext.one_line(value)


@lru_cache(maxsize=DAYS_KEPT)
def _day(text: str) -> str | None:
    for form in _DAY_FORMATS:
        try:
            return datetime.strptime(" ".join(text.split()), form).date().isoformat()
        except ValueError:
            continue
    return None


def _path_day(path: str) -> str | None:
    found = _PATH_DAY.search(path)
    return _named_day(*found.groups()) if found else None


@lru_cache(maxsize=DAYS_KEPT)
def _named_day(year: str, month: str, day: str) -> str | None:
    try:
        return datetime.strptime(f"{year} {month} {day}", "%Y %b %d").date().isoformat()
    except ValueError:
        return None
