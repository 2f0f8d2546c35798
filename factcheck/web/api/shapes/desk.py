"""Whose token it is, sources, and work in the background."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from factcheck.web.api.shapes.common import Given, Told


class Token(Told):
    name: str
    scopes: list[str]
    expires: str | None


class Me(Told):
    """Whose token this is, and what it may do."""

    name: str
    role: Literal["reader", "journalist", "editor", "administrator"]
    token: Token


class Source(Told):
    """A feed that is watched. ``problem`` says why it does not work, "" when it does; ``next_at`` is "" for a look at once."""

    id: int
    name: str
    url: str
    language: str
    licence: str
    minutes: int
    state: Literal["active", "paused"]
    looked_at: str | None
    next_at: str
    failures: int
    problem: str
    last_item_at: str | None
    items_a_day: float
    waiting: int
    failed: int
    address: str


class Sources(Told):
    items: list[Source]


class NewSource(Given):
    """``url`` is a feed's, a news sitemap's, or that of a page that names one feed."""

    url: Annotated[str, Field(min_length=1, max_length=2_000)]
    name: Annotated[str, Field(max_length=120)] = ""
    language: Annotated[str, Field(pattern=r"^([a-z]{2,3})?$")] = ""
    licence: Annotated[str, Field(max_length=200)] = ""
    minutes: Annotated[int, Field(ge=5, le=10_080)] = 30


class Job(Told):
    """``subject`` says what it is about, ``result`` what has come of it so far: of an import, how many are new, changed, unchanged, bad."""

    id: int
    kind: str
    state: Literal["waiting", "working", "done", "failed"]
    done: int
    total: int
    error: str
    by: str
    created_at: str
    finished_at: str | None
    subject: dict[str, Any]
    result: dict[str, Any]


class Jobs(Told):
    items: list[Job]
    cursor: str
