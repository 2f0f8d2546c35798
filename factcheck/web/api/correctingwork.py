"""Operations on what was found in an article: put right by an editor, whose word stands also when the article is read again."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Literal

from flask import g
from pydantic import Field

from factcheck import correcting, marks
from factcheck.errors import NotFound
from factcheck.records import Correction as Corrected
from factcheck.records import Kind, Mark, Role, Scope
from factcheck.web import services
from factcheck.web.api import shapes
from factcheck.web.api.operations import operation

_CORRECTING: dict[str, Any] = {"scope": Scope.DECIDE, "role": Role.EDITOR, "status": 201, "failures": (404, 409), "section": "Statements"}
Place = Annotated[int, Field(ge=0, le=2**31)]


class CorrectedStatement(shapes.Given):
    """What is left out stays; with nothing given, the statement is confirmed as it stands. ``start`` and ``end`` count code points."""

    start: Place | None = None
    end: Place | None = None
    kind: shapes.Kind | None = None
    speaker: shapes.Line | None = None
    mention: shapes.Line | None = None


class NewStatement(shapes.Given):
    start: Place
    end: Place
    kind: shapes.Kind
    speaker: shapes.Line = ""
    mention: shapes.Line = ""


class Correction(shapes.Told):
    """``statement_id`` is null where the article as a whole was checked."""

    id: int
    article_id: int
    statement_id: int | None
    act: Literal["changed", "added", "removed", "confirmed", "checked", "undone"]
    by: str
    at: str


@operation("POST", "/statements/<int:statement_id>:correct", body=CorrectedStatement, answer=Correction, **_CORRECTING)
def correct_statement(statement_id: int, given: CorrectedStatement) -> dict[str, Any]:
    """Give a statement another place, kind or speaker, or confirm it; its decisions and links stay."""
    store = services().store
    found = store.articles.statement(statement_id)
    if found is None:
        raise NotFound("There is no such statement.", key="no_such_statement")
    asked = {name: value for name, value in given.model_dump().items() if value is not None}
    mark = replace(marks.mark_of(found), **asked | ({"kind": Kind(asked["kind"])} if "kind" in asked else {}))
    return _told(correcting.change(store, services().encoder, statement_id, mark, g.user, correcting.seen(found)))


@operation("POST", "/articles/<int:article_id>/statements", body=NewStatement, answer=Correction, **_CORRECTING)
def add_statement(article_id: int, given: NewStatement) -> dict[str, Any]:
    """Take up a statement that was not found."""
    mark = Mark(given.start, given.end, Kind(given.kind), given.speaker, given.mention)
    return _told(correcting.add(services().store, services().encoder, article_id, mark, g.user))


@operation("POST", "/statements/<int:statement_id>:remove", answer=Correction, **_CORRECTING)
def remove_statement(statement_id: int) -> dict[str, Any]:
    """Take out what is no statement. 409 while it is linked to a claim."""
    found = services().store.articles.statement(statement_id)
    if found is None:
        raise NotFound("There is no such statement.", key="no_such_statement")
    return _told(correcting.remove(services().store, statement_id, g.user, correcting.seen(found)))


@operation("POST", "/articles/<int:article_id>:checked", answer=Correction, **_CORRECTING)
def check_article(article_id: int) -> dict[str, Any]:
    """Say that an article's statements are all right and none is missing."""
    saw = correcting.all_seen(services().store.articles.statements(article_id))
    return _told(correcting.check(services().store, article_id, g.user, saw))


@operation("POST", "/statement-corrections/<int:correction_id>:undo", answer=Correction, **_CORRECTING)
def undo_correction(correction_id: int) -> dict[str, Any]:
    """Take a correction back."""
    return _told(correcting.undo(services().store, services().encoder, correction_id, g.user))


def _told(c: Corrected) -> dict[str, Any]:
    return {"id": c.id, "article_id": c.article_id, "statement_id": c.statement_id, "act": str(c.act), "by": c.user, "at": c.at}
