"""Alerts: what somebody follows, what they hear of it, and how it reaches them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from factcheck.records.events import Event
from factcheck.records.people import Role


class About(StrEnum):
    """What can be followed."""

    SEARCH = "search"
    CLAIM = "claim"
    PERSON = "person"
    TOPIC = "topic"
    PROMISE_STATUS = "promise status"
    RATING = "rating"


class Pace(StrEnum):
    AT_ONCE = "at once"
    DAILY = "daily"
    WEEKLY = "weekly"


class Because(StrEnum):
    """Why somebody hears of something."""

    FOLLOWS = "follows"
    LINKED = "linked"  # linked a statement to the claim
    EXPORTED = "exported"  # took the claim out of the house


@dataclass(frozen=True)
class Facts:
    """What an event is about, as it stands now: numbers of what stands for it, if it was merged. ``status`` is "" for no promise."""

    claim_id: int | None = None
    statement_id: int | None = None
    people: frozenset[int] = frozenset()
    topics: frozenset[int] = frozenset()
    rating: str = ""
    status: str = ""


@dataclass(frozen=True)
class Recipient:
    """Whom a notice goes to. ``is_active`` is False for one who may not sign in any more."""

    user_id: int
    name: str
    role: Role
    email: str = ""
    language: str = ""  # "" leaves it to the browser
    time_zone: str = ""  # IANA name; "" is the newsroom's own
    is_active: bool = True


@dataclass(frozen=True)
class Alert:
    """Something somebody follows. ``query`` is a search's query string, or the name of a promise status or rating ("" for any).

    ``object_id`` is the claim, person or topic; of a promise status the person whose promises are meant, None for everybody's.
    """

    user_id: int
    name: str
    about: About
    object_id: int | None = None
    query: str = ""
    in_app: bool = True
    by_mail: bool = False
    webhook_id: int | None = None
    pace: Pace = Pace.AT_ONCE
    language: str = ""
    has_feed: bool = False
    after_event: int = 0
    created_at: str = ""
    id: int = 0


@dataclass(frozen=True)
class NewNotice:
    """A notice about to be written. ``due_at`` by channel: (channel, webhook's number or 0 for mail, when it is due, "" at once)."""

    user_id: int
    event: Event
    because: Because
    in_app: bool
    alert_id: int | None = None
    dispatches: tuple[tuple[str, int, str], ...] = ()


@dataclass(frozen=True)
class Notice:
    id: int
    user_id: int
    event: Event
    because: Because
    at: str
    read_at: str | None = None
    alert_id: int | None = None
    alert_name: str = ""


@dataclass(frozen=True)
class Webhook:
    """``salt`` and the installation's secret make its signing key."""

    id: int
    user_id: int
    url: str
    salt: str = field(repr=False)
    created_at: str = ""
    disabled_at: str | None = None


@dataclass(frozen=True)
class Delivery:
    """One mail or one request to a webhook. ``content`` is what is sent, the same at every try; ``answer`` is that of the last one."""

    id: int
    channel: str  # "mail" or "webhook"
    key: str
    content: dict[str, Any]
    state: str  # "waiting", "sent", "failed"
    tries: int
    next_at: str
    answer: str
    created_at: str
    user_id: int | None = None
    webhook_id: int | None = None
    sent_at: str | None = None


@dataclass(frozen=True)
class Parcel:
    """Notices that go to one place together."""

    channel: str
    user_id: int
    webhook_id: int
    notice_ids: tuple[int, ...]
