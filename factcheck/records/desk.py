"""Who works here and how they get in: users as administrators see them, sessions, invitations, tokens, notes, the log."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from factcheck.records.people import Role, User


class Scope(StrEnum):
    """What a token may be used for, whatever else its owner may do. None of them includes another."""

    READ = "read"  # search, claims, people, articles
    DRAFTS = "drafts"  # check a draft against what is on file
    WRITE = "write"  # add articles, claims and notes
    DECIDE = "decide"  # decide and correct, as in the queue
    ADMIN = "admin"  # users, settings, the log

    @property
    def role(self) -> Role:
        """The role its owner needs to have."""
        return _ROLES[self]


_ROLES = {
    Scope.READ: Role.READER,
    Scope.DRAFTS: Role.JOURNALIST,
    Scope.WRITE: Role.JOURNALIST,
    Scope.DECIDE: Role.EDITOR,
    Scope.ADMIN: Role.ADMINISTRATOR,
}


@dataclass(frozen=True)
class Colleague:
    """A user as administrators see them; ``seen_at`` is of the newest session still on file."""

    user: User
    created_at: str
    seen_at: str | None = None
    sessions: int = 0
    tokens: int = 0


@dataclass(frozen=True)
class Session:
    """``id`` names it to its owner without being what signs in; ``agent`` is the browser in words, "Firefox, Linux"."""

    id: str
    agent: str
    address: str
    created_at: str
    seen_at: str
    expires_at: str


@dataclass(frozen=True)
class Invitation:
    id: int
    role: Role
    email: str
    by: str
    created_at: str
    expires_at: str


@dataclass(frozen=True)
class ApiToken:
    """``expires_at`` and ``used_at`` are ISO times; the token itself is known to its owner only."""

    id: int
    user_id: int
    name: str
    scopes: frozenset[Scope]
    created_at: str
    expires_at: str | None
    used_at: str | None = None


@dataclass(frozen=True)
class Note:
    """What a journalist wrote on something; seen by its writer alone unless shared with the desk."""

    id: int
    user_id: int
    user_name: str
    object_type: str  # "claim", "statement", "person", "article", "draft"
    object_id: int
    text: str
    is_shared: bool
    at: str
    changed_at: str | None = None


@dataclass(frozen=True)
class LogFilter:
    """Which entries of the log; "" leaves nothing out. ``since`` and ``until`` are moments (ISO, UTC), the first included."""

    user: str = ""
    action: str = ""
    object_type: str = ""
    object_id: int | None = None
    since: str = ""
    until: str = ""
    without: tuple[str, ...] = ()  # kinds of objects that the reader may not see


@dataclass(frozen=True)
class Entry:
    """A line of the log of changes. ``before`` and ``after`` are what JSON can hold."""

    id: int
    at: str
    user_name: str
    action: str
    object_type: str
    object_id: int
    before: Any = None
    after: Any = None
