"""Who speaks, and who works here."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    """What a signed-in user may do, each including the ones before it."""

    READER = "reader"
    JOURNALIST = "journalist"
    EDITOR = "editor"
    ADMINISTRATOR = "administrator"

    def includes(self, other: Role) -> bool:
        order = list(Role)
        return order.index(self) >= order.index(other)


@dataclass(frozen=True)
class Office:
    """An office or description a person goes by in texts, valid for a period.

    ``title`` is the phrase without its article ("Kreml-Herrscher", "Republikaner", "Präsident der Ukraine").
    ``since`` and ``until`` are ISO dates, inclusive; None means open.
    """

    title: str
    since: str | None = None
    until: str | None = None
    id: int = field(default=0, compare=False)  # of the entry on file; two entries that say the same are the same

    def held_on(self, day: str | None) -> bool:
        """True when the office is held on ``day`` (ISO date); with no day given, any office counts."""
        if not day:
            return True
        day = day[:10]
        return (not self.since or self.since <= day) and (not self.until or day <= self.until)


@dataclass(frozen=True)
class Person:
    """Somebody who speaks; ``name`` is the full name shown, ``aliases`` are other spellings of the name."""

    id: int
    name: str
    aliases: tuple[str, ...] = ()
    offices: tuple[Office, ...] = ()
    gender: str = ""  # "f", "m" or "" (unknown); used only to resolve "er", "sie", "he", "she"
    organisation: bool = False
    merged_into: int | None = None  # the person this one turned out to be


@dataclass(frozen=True)
class PersonMerge:
    """One person joined to another. ``moved`` is how many statements, claims and occurrences went along, by kind."""

    id: int
    person_id: int
    into_id: int
    moved: dict[str, int]
    user_id: int | None
    user: str
    at: str
    undone_at: str | None = None
    undone_by: str = ""


@dataclass(frozen=True)
class Suggestion:
    """Whom an unsure mention may mean, for an editor to confirm.

    ``reason`` says why, as a key that pages and command line put into words ("only man named before"), see
    ``factcheck.extraction.identity.REASONS``. ``likelihood`` is 0..1 and orders the suggestions for one mention.
    """

    name: str
    reason: str
    likelihood: float


@dataclass(frozen=True)
class User:
    id: int
    name: str
    role: Role
    language: str = ""  # "" follows the browser
    keys: bool = True  # keyboard shortcuts in the queue
    theme: str = ""  # "", "light" or "dark"; "" follows the system
    must_change_password: bool = False
    email: str = ""  # where alerts go
    time_zone: str = ""  # IANA name; "" is the newsroom's own
    is_disabled: bool = False
    is_erased: bool = False  # its name is a pseudonym; it stays for what points to it
