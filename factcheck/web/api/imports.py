"""Operations on claim files that are imported: sent, looked at, their columns named, then imported in the background."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from flask import g
from pydantic import Field

from factcheck import claimtables, importjobs
from factcheck.importing import Foreseen as WouldBe
from factcheck.records import Role, Scope, Upload
from factcheck.web import services
from factcheck.web.api import rows, shapes
from factcheck.web.api.operations import operation

_IMPORTING: dict[str, Any] = {"scope": Scope.WRITE, "role": Role.EDITOR, "status": 201, "failures": (404,), "section": "Import"}
Column = Annotated[str, Field(max_length=1_000)]


class FileName(shapes.Given):
    """``name`` is what the file is called in the log and in the claims' origin."""

    name: Annotated[str, Field(min_length=1, max_length=120)]


class ForeseenReview(shapes.Told):
    publisher: str
    rating: shapes.Rating
    rating_text: str
    title: str
    url: str


class Foreseen(shapes.Told):
    """What would become of an entry; ``place`` is its line, or which entry it is, from 1. A bad one has a ``reason``."""

    place: int
    outcome: Literal["new", "changed", "unchanged", "bad"]
    reason: str
    text: str
    speaker: str
    reviews: list[ForeseenReview]


class Import(shapes.Told):
    """A file as it would be imported. ``problem`` says why it cannot be read yet, "" when it can; ``job_id`` is there once it began."""

    id: int
    name: str
    form: Literal["json lines", "json", "page", "table"]
    columns: dict[str, str] = Field(description="Of a table: what each column is taken for, empty for nothing")
    total: int
    bad: int
    entries: list[Foreseen] = Field(description="The first ones")
    problem: str
    job_id: int | None


class Columns(shapes.Given):
    """Column -> field, "" for none; a column that is left out is taken for what its name says."""

    columns: dict[Column, Literal[("", *claimtables.FIELDS)]]


@operation("POST", "/imports", query=FileName, takes_file=True, answer=Import, **_IMPORTING | {"failures": ()})
def send_import(given: FileName, content: bytes) -> dict[str, Any]:
    """Send a file of claims to look at, 12 MB at most; nothing is imported yet.

    ClaimReview as JSON or in a web page, JSON Lines, a DataFeed, an answer of the Fact Check Tools API, or a table (CSV): the form is
    recognised by what the file holds.
    """
    upload_id = importjobs.take(services().store, given.name, content, g.user)
    return _told(importjobs.of(services().store, upload_id, g.user))


@operation("GET", "/imports/<int:import_id>", scope=Scope.READ, role=Role.EDITOR, answer=Import, failures=(404,), section="Import")
def import_preview(import_id: int) -> dict[str, Any]:
    """What would become of a file that one sent; nothing is stored. 404 once it is in."""
    return _told(importjobs.of(services().store, import_id, g.user))


@operation("POST", "/imports/<int:import_id>:columns", body=Columns, answer=Import, **_IMPORTING)
def choose_columns(import_id: int, given: Columns) -> dict[str, Any]:
    """Say which column of a table holds what."""
    store = services().store
    importjobs.choose(store, importjobs.of(store, import_id, g.user), dict(given.columns), g.user)
    return _told(importjobs.of(store, import_id, g.user))


@operation("POST", "/imports/<int:import_id>:start", answer=shapes.Job, **_IMPORTING)
def start_import(import_id: int) -> dict[str, Any]:
    """Begin an import in the background, once however often it is asked for; follow the job it answers."""
    store = services().store
    job = store.jobs.get(importjobs.start(store, importjobs.of(store, import_id, g.user), g.user))
    assert job is not None
    services().wake()
    return rows.job(job)


def _told(upload: Upload) -> dict[str, Any]:
    found = importjobs.look(services().store, upload)
    return {
        "id": upload.id, "name": upload.name, "form": found.form, "columns": found.columns, "total": found.total, "bad": found.bad,
        "entries": [_entry(e) for e in found.entries], "problem": str(found.problem or ""), "job_id": upload.job_id,
    }  # fmt: skip


def _entry(e: WouldBe) -> dict[str, Any]:
    names = ("publisher", "rating_text", "title", "url")
    reviews = [{n: getattr(r, n) for n in names} | {"rating": str(r.rating)} for r in (e.claim.reviews if e.claim else ())]
    claim = {"text": e.claim.text if e.claim else "", "speaker": e.claim.speaker if e.claim else ""}
    return {"place": e.place, "outcome": e.outcome, "reason": e.reason, "reviews": reviews} | claim
