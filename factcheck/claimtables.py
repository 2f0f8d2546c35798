"""Claims and reviews in tables (CSV): columns are known by their usual names in English and German, or by a mapping.

Every row is a claim with one review of it at most; rows that say the same words by the same person are one claim.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from urllib.parse import urlsplit

from factcheck import plaintext
from factcheck.claimreview import LONGEST, key_of
from factcheck.errors import BadInput
from factcheck.ratings import normalise
from factcheck.records import Claim, Rating, Review
from factcheck.words import fold

# Field -> the names of columns it is known by, the surest first, folded and with blanks for hyphens and underscores.
NAMES: dict[str, tuple[str, ...]] = {
    "id": ("claim id", "key", "id", "kennung"),
    "text": ("text", "claim", "claim text", "claim reviewed", "claimreviewed", "behauptung", "aussage"),
    "speaker": ("speaker", "claimant", "person", "said by", "sprecher", "urheber"),
    "said": ("said", "said at", "first said at", "claim date", "claimdate", "gesagt am"),
    "language": ("language", "lang", "language code", "languagecode", "inlanguage", "sprache"),
    "publisher": ("publisher", "reviewer", "checked by", "author", "medium", "herausgeber", "redaktion"),
    "rating": ("rating text", "textual rating", "textualrating", "rating", "verdict", "bewertung", "urteil"),
    "url": ("url", "link", "review url", "address", "adresse"),
    "title": ("title", "headline", "titel", "uberschrift"),
    "summary": ("summary", "review body", "description", "zusammenfassung"),
    "published": ("published", "published at", "date", "date published", "datepublished", "review date", "reviewdate", "datum", "veroffentlicht"),
    "appearance": ("appearance", "first appearance", "appearance url", "seen at", "fundstelle"),
}
FIELDS = tuple(NAMES)
_KNOWN = {name: field for field, names in NAMES.items() for name in names}
_DELIMITERS = ",;\t|"
_GERMAN_DAY = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
_ISO_DAY = re.compile(r"\d{4}(-\d{2}(-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?)?)?")


def decoded(content: bytes) -> str:
    """The text of a table: UTF-8, UTF-16 by its mark, else as Western European spreadsheets write it."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def columns(text: str) -> list[str]:
    """The names of a table's columns, in their order. Raises BadInput for what is no table."""
    head = next(_reader(text), [])
    names = [" ".join(name.split()) for name in head]
    if len([n for n in names if n]) < 2 and not (names and _field(names[0])):
        raise BadInput("This file is none that claims are read from: JSON, JSON Lines, a web page, or a table (CSV).", key="import_unknown")
    if len(set(filter(None, names))) < len([n for n in names if n]):
        raise BadInput("Two columns of the table bear the same name. Rename one of them.", key="import_same_columns")
    return names


def guessed(names: list[str]) -> dict[str, str]:
    """Column -> field, for the columns whose names are known; each field once, from the column whose name is surest."""
    by_name = {_folded(name): name for name in reversed(names)}
    found = {by_name[known]: field for field, all_names in NAMES.items() if (known := next((n for n in all_names if n in by_name), None))}
    return {name: found[name] for name in names if name in found}


def mapping(names: list[str], given: Mapping[str, str]) -> dict[str, str]:
    """The guess with what was ``given`` before it; "" leaves a column out. Raises BadInput for a column or field there is none of."""
    for column, field in given.items():
        if column not in names:
            raise BadInput(f"The table has no column {column}. It has: {', '.join(names)}.", key="import_no_column", column=column)
        if field and field not in FIELDS:
            raise BadInput(f"There is no field {field}. Fields are: {', '.join(FIELDS)}.", key="import_no_field", field=field)
    chosen = {column: field for column, field in given.items() if field}
    if len(set(chosen.values())) < len(chosen):
        raise BadInput("Two columns cannot be the same field.", key="import_field_twice")
    rest = {c: f for c, f in guessed(names).items() if c not in given and f not in chosen.values()}
    return {c: (chosen | rest)[c] for c in names if c in chosen or c in rest}


def rows(text: str, fields: Mapping[str, str], own: Mapping[str, Rating] | None = None) -> Iterator[tuple[int, Claim | BadInput, list[tuple[str, str]]]]:
    """(number of the row's line, the claim or what is wrong with it, where it appeared) for every row that is not empty."""
    reader = _reader(text)
    try:
        names = [" ".join(name.split()) for name in next(reader, [])]
        for cells in reader:
            if any(cell.strip() for cell in cells):
                found, places = _read(names, cells, fields, own)
                yield reader.line_num, found, places
    except csv.Error as error:
        yield reader.line_num, BadInput(f"the table cannot be read from here on ({error})"), []


def _read(
    names: list[str], cells: list[str], fields: Mapping[str, str], own: Mapping[str, Rating] | None
) -> tuple[Claim | BadInput, list[tuple[str, str]]]:
    try:
        if len(cells) > len(names):
            raise BadInput(f"{len(cells)} cells in a table of {len(names)} columns")
        row = {name: _plain(cell) for name, cell in zip(names, cells, strict=False) if name}
        told = {field: _text(row.get(column, ""), column) for column, field in fields.items()}
        claim = _claim(told, row, own)
    except BadInput as error:
        return error, []
    places = [(address, "") for address in told.get("appearance", "").split() if _web(address)]
    return claim, places


def _claim(told: dict[str, str], row: dict[str, str], own: Mapping[str, Rating] | None) -> Claim:
    text, speaker = told.get("text", ""), told.get("speaker", "")
    if not text:
        raise BadInput("the claim's text is missing")
    url = told.get("url", "")
    if url and not _web(url):
        raise BadInput(f"{url[:80]} is no web address")
    language = told.get("language", "").partition("-")[0].lower()
    if language and not re.fullmatch("[a-z]{2,3}", language):
        raise BadInput(f"{language[:80]} is no language code")
    published, said = _day(told.get("published", "")), _day(told.get("said", ""))
    publisher = told.get("publisher", "") or urlsplit(url).netloc.removeprefix("www.")
    words = told.get("rating", "")
    reviews = (
        Review(
            publisher=publisher or "?", rating_text=words, rating=normalise(words, own), url=url, title=told.get("title", ""),
            summary=told.get("summary", ""), published_at=published, language=language, raw=json.dumps(row, ensure_ascii=False),
        ),
    ) if publisher or words else ()  # fmt: skip
    return Claim(
        id=0, key=told.get("id", "") or key_of(text, speaker), text=text, language=language, title=told.get("title", ""), speaker=speaker,
        first_said_at=said, reviews=reviews,
    )  # fmt: skip


def _reader(text: str):
    """A reader of the rows, whose delimiter is the one its head uses most outside quotation marks."""
    head = re.sub(r'"[^"]*"', "", text.lstrip("\r\n").partition("\n")[0])
    delimiter = max(_DELIMITERS, key=head.count)
    return csv.reader(io.StringIO(text.lstrip("\r\n"), newline=""), delimiter=delimiter)


def _field(name: str) -> str:
    return _KNOWN.get(_folded(name), "")


def _folded(name: str) -> str:
    return " ".join(re.sub(r"[-_]", " ", fold(name)).split())


def _plain(cell: str) -> str:
    """Without the apostrophe that keeps spreadsheets from running a cell."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in ("=", "+", "-", "@") else cell


def _text(cell: str, column: str) -> str:
    if len(cell) > LONGEST:
        raise BadInput(f"{column} is longer than {LONGEST} characters")
    return plaintext.one_line(cell)


def _day(text: str) -> str | None:
    if not text:
        return None
    if german := _GERMAN_DAY.fullmatch(text):
        day, month, year = map(int, german.groups())
        text = f"{year:04}-{month:02}-{day:02}"
    try:
        if not _ISO_DAY.fullmatch(text):
            raise ValueError
        date.fromisoformat((text + "-01-01"[len(text) - 4 :])[:10] if len(text) < 10 else text[:10])
    except ValueError:
        raise BadInput(f"{text[:80]} is no day; write 2026-11-22 or 22.11.2026") from None
    return text.replace(" ", "T")


def _web(address: str) -> bool:
    return bool(plaintext.web_address(address))
