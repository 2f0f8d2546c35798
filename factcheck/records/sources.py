"""Feeds that are watched, what stands in them, and where else a text on file was published."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from factcheck.errors import ClaimtrailError


def site_of(url: str) -> str:
    """The host of an address, with its port where it names one; "" for none. What one site asks for holds for all its addresses."""
    try:
        return urlsplit(url).netloc.lower()
    except ValueError:
        return ""


class ItemState(StrEnum):
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"  # older than the first look takes, or its site does not want it read


@dataclass(frozen=True)
class Problem:
    """A failure as it is kept: the words of an error, in a form that another language can say too."""

    message: str
    key: str = ""
    values: tuple[tuple[str, str | int], ...] = ()

    @property
    def error(self) -> ClaimtrailError:
        return ClaimtrailError(self.message, key=self.key, **dict(self.values))


@dataclass(frozen=True)
class Source:
    """``url`` is the feed's or sitemap's. Times are ISO 8601 in UTC; "" for ``next_at`` is at once."""

    name: str
    url: str
    language: str = ""  # ISO 639; "" lets each text tell
    licence: str = ""
    minutes: int = 30
    state: str = "active"  # or "paused"
    etag: str = ""
    modified: str = ""
    looked_at: str | None = None
    next_at: str = ""
    failures: int = 0
    problem: Problem | None = None
    added_by: str = ""
    added_at: str = ""
    id: int = 0

    @property
    def is_active(self) -> bool:
        return self.state == "active"

    @property
    def site(self) -> str:
        return site_of(self.url)


@dataclass(frozen=True)
class FeedEntry:
    """What a feed says of one item. ``html`` is its whole text where the feed carries it."""

    guid: str
    link: str = ""
    title: str = ""
    author: str = ""
    published_at: str | None = None
    html: str = ""
    updated: str = ""

    @property
    def site(self) -> str:
        return site_of(self.link)


@dataclass(frozen=True)
class FeedItem:
    """An item as it is kept; ``changed_at`` is when the feed last said something else of it."""

    id: int
    source_id: int
    guid: str
    content_hash: str
    link: str
    site: str
    title: str
    author: str
    published_at: str | None
    html: str
    state: ItemState
    tries: int
    next_at: str
    article_id: int | None
    problem: Problem | None
    seen_at: str
    changed_at: str | None


@dataclass(frozen=True)
class SourceHealth:
    """Counts of a source's items; ``a_day`` is the mean of the last seven days."""

    last_item_at: str | None = None
    a_day: float = 0.0
    waiting: int = 0
    failed: int = 0


@dataclass(frozen=True)
class Appearance:
    """One place where an article's text was published."""

    article_id: int
    outlet: str
    url: str
    title: str = ""
    published_at: str | None = None
    licence: str = ""
    source_id: int | None = None
    seen_at: str = ""
    changed_at: str | None = None
    earlier_id: int | None = None
    id: int = 0
