"""Sources: the feeds that are watched, how they do, and what was seen in them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from flask import Blueprint, g, redirect, render_template, request, url_for

from factcheck import sourcesdesk
from factcheck.errors import BadInput, ClaimtrailError, FetchFailed, OutgoingFailed
from factcheck.feedreading import NamedFeed
from factcheck.records import Source
from factcheck.web import services

blueprint = Blueprint("sources", __name__)

ON_A_PAGE = 50
ABOUT = ("name", "language", "licence")


@blueprint.get("/sources")
def listing():
    return _list()


@blueprint.post("/sources")
def add():
    given = {field: request.form.get(field, "") for field in ("url", "minutes", *ABOUT)}
    try:
        about = {field: given[field] for field in ABOUT} | {"minutes": _minutes(given["minutes"])}
        made = sourcesdesk.add(services().store, services().settings, g.user.name, given["url"], **about)
    except (BadInput, FetchFailed, OutgoingFailed) as error:  # the form comes back with everything that was typed
        return _list(given=given, error=error), 422
    if not isinstance(made, Source):
        return _list(given=given, choices=made), 200
    services().wake()
    return redirect(url_for("sources.source", source_id=made.id), 303)


@blueprint.get("/sources/<int:source_id>")
def source(source_id: int):
    return _one(source_id)


@blueprint.post("/sources/<int:source_id>")
def change(source_id: int):
    given = {field: request.form.get(field, "") for field in ("minutes", *ABOUT)}
    try:
        about = {field: given[field] for field in ABOUT} | {"minutes": _minutes(given["minutes"])}
        sourcesdesk.change(services().store, g.user.name, source_id, **about)
    except BadInput as error:
        return _one(source_id, given=given, error=error), 422
    return redirect(url_for("sources.source", source_id=source_id, saved=1), 303)


@blueprint.post("/sources/<int:source_id>/switch")
def switch(source_id: int):
    sourcesdesk.pause(services().store, g.user.name, source_id, request.form.get("on") != "1")
    services().wake()
    return _back(source_id)


@blueprint.post("/sources/<int:source_id>/look")
def look(source_id: int):
    sourcesdesk.look_now(services().store, g.user.name, source_id)
    services().wake()
    return _back(source_id)


@blueprint.post("/sources/<int:source_id>/remove")
def remove(source_id: int):
    sourcesdesk.remove(services().store, g.user.name, source_id)
    return redirect(url_for("sources.listing", gone=1), 303)


@blueprint.post("/sources/items/<int:item_id>/again")
def again(item_id: int):
    source_id = sourcesdesk.try_again(services().store, g.user.name, item_id)
    services().wake()
    return redirect(url_for("sources.source", source_id=source_id, _anchor=f"i{item_id}"), 303)


def _list(*, given: dict[str, str] | None = None, error: ClaimtrailError | None = None, choices: Sequence[NamedFeed] = ()) -> str:
    store = services().store
    return render_template(
        "pages/sources.html",
        sources=store.sources.all(),
        health=store.sources.health(datetime.now(UTC)),
        given=given or {"minutes": str(sourcesdesk.USUAL)},
        error=error,
        choices=choices,
        gone="gone" in request.args,
        limits=sourcesdesk,
    )


def _one(source_id: int, *, given: dict[str, str] | None = None, error: ClaimtrailError | None = None) -> str:
    store = services().store
    found = sourcesdesk.get(store, source_id)
    items = store.sources.items(source_id, ON_A_PAGE + 1, request.args.get("before", type=int))
    return render_template(
        "pages/source.html",
        source=found,
        health=store.sources.health(datetime.now(UTC)).get(source_id),
        items=items[:ON_A_PAGE],
        more=len(items) > ON_A_PAGE,
        articles=store.articles.many(i.article_id for i in items if i.article_id),
        given=given or {"name": found.name, "language": found.language, "licence": found.licence, "minutes": str(found.minutes)},
        error=error,
        saved="saved" in request.args,
        limits=sourcesdesk,
    )


def _back(source_id: int):
    if request.form.get("from") == "list":
        return redirect(url_for("sources.listing", _anchor=f"s{source_id}"), 303)
    return redirect(url_for("sources.source", source_id=source_id), 303)


def _minutes(text: str) -> int:
    """Raises BadInput unless it is a whole number; 0 is refused below as too often."""
    return int(text) if text.strip().isdecimal() and len(text.strip()) < 9 else 0
