"""The product in German and English: the catalogues of words, which language a reader gets, dates and numbers in it.

Pages and mails speak with the same words.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from babel import Locale
from babel.dates import format_date, format_datetime, format_interval, get_timezone_name
from babel.numbers import format_decimal, format_percent
from markupsafe import Markup

from factcheck import timezones
from factcheck.errors import ClaimtrailError

LANGUAGES = ("en", "de")  # the first is what a browser that asks for neither gets
_FOLDER = Path(__file__).parent / "web" / "words"


@cache
def catalogue(language: str) -> Mapping[str, str | dict[str, str]]:
    """Dotted key -> text, or a table of plural forms ("one", "other"). Each file holds the words of one part of the product."""
    found: dict[str, str | dict[str, str]] = {}

    def walk(table: dict[str, Any], path: str) -> None:
        for name, value in table.items():
            if isinstance(value, dict) and set(value) != {"one", "other"}:
                walk(value, f"{path}{name}.")
            else:
                found[path + name] = value

    for file in sorted((_FOLDER / language).glob("*.toml")):
        walk(tomllib.loads(file.read_text()), "")
    return found


def choose(accepted: str | None, *preferred: str) -> str:
    """The first preference that is one of ours, else what ``Accept-Language`` (already negotiated) asks for, else English."""
    for wish in (*preferred, accepted or ""):
        if wish in LANGUAGES:
            return wish
    return LANGUAGES[0]


@dataclass(frozen=True)
class Words:
    """Everything that is written in the reader's language, and times as the reader's clock shows them."""

    language: str
    zone: str = "UTC"  # IANA name

    @property
    def locale(self) -> Locale:
        # British order and month names for English: the dates of a German and an English page then read alike.
        return Locale.parse("en_GB" if self.language == "en" else self.language)

    def __call__(self, key: str, **values: object) -> str:
        """The text under ``key`` with its placeholders filled; ``n`` picks the plural form and is written as a number.

        Raises KeyError for a key that is in no catalogue. The result is Markup, its values escaped, when a value is.
        """
        text = catalogue(self.language)[key]
        if isinstance(text, dict):
            n = values["n"]
            text = text["one" if n == 1 else "other"]
        if isinstance(values.get("n"), int):
            values["n"] = self.number(values["n"])
        if any(isinstance(v, Markup) for v in values.values()):
            return Markup.escape(text).format(**values)
        return text.format(**values) if values else text

    def problem(self, error: ClaimtrailError) -> Markup:
        """What went wrong and what to do, in the reader's language; in English, marked as English, where no words are written yet."""
        if error.key and self.has(f"problems.{error.key}"):
            return Markup.escape(self(f"problems.{error.key}", **error.values))
        return Markup('<span lang="en">{}</span>').format(str(error)) if str(error) else Markup("")

    def has(self, key: str) -> bool:
        return key in catalogue(self.language)

    def number(self, value: object, digits: int = 0) -> str:
        return format_decimal(value, format="#,##0" + ("." + "0" * digits if digits else ""), locale=self.locale)

    def percent(self, value: float) -> str:
        """A probability: never "100 %" or "0 %", since no match is that sure."""
        return format_percent(min(max(value, 0.01), 0.99), locale=self.locale)

    def share(self, value: float) -> str:
        """A share that was counted: unlike a probability it may be all or nothing."""
        return format_percent(value, locale=self.locale)

    def date(self, iso: str | None, form: str = "medium") -> str:
        """Years, months, weeks, days and full times as a date, as exactly as they are known; "" for nothing.

        "2024-11" is a month, "2024-11-04/2024-11-10" some day between the two; of a moment, the day it fell on where the reader is. What is no date comes back as it stands: it was imported that way.
        """
        if not iso:
            return ""
        try:
            if len(iso) == 4:
                return str(int(iso))
            if len(iso) == 7:
                return format_date(date.fromisoformat(iso + "-01"), "MMM y" if form != "long" else "MMMM y", locale=self.locale)
            if "/" in iso:
                first, last = (date.fromisoformat(day) for day in iso.split("/"))
                return format_interval(first, last, "yMMMd" if form != "long" else "yMMMMd", locale=self.locale)
            return format_date(self._day(iso), form, locale=self.locale)
        except ValueError:
            return iso

    def moment(self, iso: str) -> str:
        """A stored time with hours and minutes on the reader's clock, and whose clock that is."""
        try:
            then = datetime.fromisoformat(iso).astimezone(timezones.zone(self.zone))
        except ValueError:
            return iso
        # Babel would take the time to UTC unless told the zone a second time.
        shown = format_datetime(then, "medium", tzinfo=timezones.zone(self.zone), locale=self.locale)
        return f"{shown.rsplit(':', 1)[0]} {self._clock(then)}"

    def _clock(self, then: datetime) -> str:
        """The usual short name of a zone, "CET" or "MEZ", and where there is none how far it is from UTC."""
        name = get_timezone_name(then, width="short", locale=self.locale)
        if name.isalpha() and len(name) <= 4:
            return name
        minutes = int(then.utcoffset().total_seconds()) // 60  # type: ignore[union-attr]
        hours, rest = divmod(abs(minutes), 60)
        return f"UTC{'−' if minutes < 0 else '+'}{hours}" + (f":{rest:02}" if rest else "")

    def _day(self, iso: str) -> date:
        if len(iso) > 10:
            then = datetime.fromisoformat(iso)
            # Midnight is what a date without a time turns into on its way through other systems: it stays that day everywhere.
            if then.tzinfo and then.timetuple()[3:6] != (0, 0, 0):
                return then.astimezone(timezones.zone(self.zone)).date()
        return date.fromisoformat(iso[:10])

    def age(self, iso: str | None, today: date | None = None) -> str:
        """How old something is in words: "3 years old", "new"; "" when the date is unknown."""
        try:
            then = date.fromisoformat((iso or "")[:10])
        except ValueError:
            return ""
        now = today or datetime.now(UTC).date()
        months = (now.year - then.year) * 12 + now.month - then.month - (now.day < then.day)
        if months >= 12:
            return self("age.years", n=months // 12)
        return self("age.months", n=months) if months >= 1 else self("age.new")

    def language_name(self, code: str) -> str:
        """The name of a language, "de" -> "German"; the code itself when unknown."""
        return self.locale.languages.get(code, code)


def until(iso: str | None, today: date | None = None) -> int | None:
    """Days from today to an ISO date, negative when it is past; None when there is no such date."""
    try:
        return (date.fromisoformat((iso or "")[:10]) - (today or datetime.now(UTC).date())).days
    except ValueError:
        return None
