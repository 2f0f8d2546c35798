"""Operations that give out what is on file as files, written while they are read, however much there is."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import Any, Literal

from flask import Response, g, stream_with_context, url_for

from factcheck import exporting, wholeexport
from factcheck.errors import NotAllowed
from factcheck.records import Role, Scope
from factcheck.web import services
from factcheck.web.api import shapes
from factcheck.web.api.operations import operation
from factcheck.web.publishing import page_of

CSV, LINES, JSON_LD, ZIP = "text/csv", "application/x-ndjson", "application/ld+json", "application/zip"
_READING: dict[str, Any] = {"scope": Scope.READ, "section": "Export"}


class Rows(shapes.Given):
    """As "jsonl" reviews are ClaimReviews, and claims hold theirs."""

    what: Literal["claims", "reviews", "statements", "articles", "people", "decisions", "promises"]
    form: Literal["csv", "jsonl"] = "jsonl"


class Whose(shapes.Given):
    """``all``: also the reviews of others, for editors; else those that the newsroom added itself."""

    all: bool = False


@operation("GET", "/export", role=Role.EDITOR, query=Rows, files=(CSV, LINES), **_READING)
def export_rows(given: Rows) -> Response:
    """Everything of one kind as CSV or JSON Lines."""
    form = CSV if given.form == "csv" else LINES
    return _file(exporting.lines(services().store, given.what, given.form), form, f"claimtrail-{given.what}.{given.form}")


@operation("GET", "/export:data-feed", query=Whose, files=(JSON_LD,), **_READING)
def export_feed(given: Whose) -> Response:
    """Reviews as a DataFeed of ClaimReviews (schema.org)."""
    if given.all and not g.user.role.includes(Role.EDITOR):
        raise NotAllowed("Only editors take along the reviews of others.", key="only_editors_all")
    reviews = exporting.claim_reviews(services().store, own=not given.all, address=page_of)
    address = services().settings.address + url_for("publishing.data_feed", **({"all": "1"} if given.all else {}))
    return _file(exporting.data_feed(reviews, g.words("formats.feed"), address), JSON_LD, "claimtrail-reviews.json")


@operation("GET", "/export:everything", scope=Scope.ADMIN, role=Role.ADMINISTRATOR, files=(ZIP,), section="Export")
def export_everything() -> Response:
    """A full export, which ``claimtrail import all`` takes into a fresh instance.

    Without what lets people and programs in (passwords, tokens, webhooks): that is exported on the command line alone. A file that was
    broken off has no manifest, and is refused when it is imported.
    """
    return _file(wholeexport.pieces(services().store), ZIP, "claimtrail-all.zip")


def _file(pieces: Iterable[str] | Iterable[bytes], form: str, name: str) -> Response:
    """A download; what goes wrong before its first piece is told as any failure."""
    rest = iter(pieces)
    first = next(rest, "")
    answer = Response(stream_with_context(chain([first], rest)), mimetype=form)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
