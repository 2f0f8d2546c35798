"""Operations on watched feeds: how one does, what was seen in it, pausing, looking, removing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from flask import g
from pydantic import Field

from factcheck import sourcesdesk
from factcheck.records import FeedItem, Role, Scope, Source, SourceHealth
from factcheck.web import services
from factcheck.web.api import rows, shapes
from factcheck.web.api.operations import operation
from factcheck.web.api.reading import before

_EDITING: dict[str, Any] = {"scope": Scope.WRITE, "role": Role.EDITOR, "status": 201, "failures": (404,), "section": "Sources"}


class ChangedSource(shapes.Given):
    """What is left out stays; it holds for what is read from then on."""

    name: Annotated[str, Field(min_length=1, max_length=120)] | None = None
    language: Annotated[str, Field(pattern=r"^([a-z]{2,3})?$")] | None = None
    licence: Annotated[str, Field(max_length=200)] | None = None
    minutes: Annotated[int, Field(ge=5, le=10_080)] | None = None


class Item(shapes.Told):
    """``article_id`` is what it was read as; ``problem`` why it was not."""

    id: int
    link: str
    title: str
    published_at: str | None
    state: Literal["waiting", "done", "failed", "skipped"]
    article_id: int | None
    problem: str
    seen_at: str
    changed_at: str | None


class Items(shapes.Told):
    items: list[Item]
    cursor: str


@operation("GET", "/sources/<int:source_id>", scope=Scope.READ, role=Role.EDITOR, answer=shapes.Source, failures=(404,), section="Sources")
def source(source_id: int) -> dict[str, Any]:
    """A feed that is watched and how it does."""
    return _told(sourcesdesk.get(services().store, source_id))


@operation(
    "GET", "/sources/<int:source_id>/items", scope=Scope.READ, role=Role.EDITOR, query=shapes.Page, answer=Items, failures=(404,), section="Sources"
)
def source_items(source_id: int, given: shapes.Page) -> dict[str, Any]:
    """What was seen in a feed and what became of it, the last first."""
    sourcesdesk.get(services().store, source_id)
    found = services().store.sources.items(source_id, given.size + 1, before(given.cursor))
    return {"items": [_item(i) for i in found[: given.size]], "cursor": str(found[given.size - 1].id) if len(found) > given.size else ""}


@operation("POST", "/sources/<int:source_id>:change", body=ChangedSource, answer=shapes.Source, **_EDITING)
def change_source(source_id: int, given: ChangedSource) -> dict[str, Any]:
    """Say otherwise what a feed is."""
    found = sourcesdesk.get(services().store, source_id)
    asked = {name: getattr(found, name) if value is None else value for name, value in given.model_dump().items()}
    return _told(sourcesdesk.change(services().store, g.user.name, source_id, **asked))


@operation("POST", "/sources/<int:source_id>:pause", answer=shapes.Source, **_EDITING)
def pause_source(source_id: int) -> dict[str, Any]:
    """Do not look at a feed until it is resumed."""
    return _told(sourcesdesk.pause(services().store, g.user.name, source_id, True))


@operation("POST", "/sources/<int:source_id>:resume", answer=shapes.Source, **_EDITING)
def resume_source(source_id: int) -> dict[str, Any]:
    """Look at a paused feed again, at once."""
    made = sourcesdesk.pause(services().store, g.user.name, source_id, False)
    services().wake()
    return _told(made)


@operation("POST", "/sources/<int:source_id>:look", answer=shapes.Source, **_EDITING)
def look_at_source(source_id: int) -> dict[str, Any]:
    """Have a feed looked at now."""
    made = sourcesdesk.look_now(services().store, g.user.name, source_id)
    services().wake()
    return _told(made)


@operation("POST", "/sources/<int:source_id>:remove", answer=shapes.Made, **_EDITING)
def remove_source(source_id: int) -> dict[str, int]:
    """Watch a feed no more; the articles read from it stay."""
    sourcesdesk.remove(services().store, g.user.name, source_id)
    return {"id": source_id}


@operation("POST", "/feed-items/<int:item_id>:again", answer=shapes.Made, **_EDITING)
def read_item_again(item_id: int) -> dict[str, int]:
    """Have an item read that failed or was left aside; the id of its source."""
    made = sourcesdesk.try_again(services().store, g.user.name, item_id)
    services().wake()
    return {"id": made}


def _told(found: Source) -> dict[str, Any]:
    return rows.source(found, services().store.sources.health(datetime.now(UTC)).get(found.id, SourceHealth()))


def _item(i: FeedItem) -> dict[str, Any]:
    about = {name: getattr(i, name) for name in ("id", "link", "title", "published_at", "article_id", "seen_at", "changed_at")}
    return about | {"state": str(i.state), "problem": i.problem.message if i.problem else ""}
