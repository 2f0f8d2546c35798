"""Operations at the review queue: what waits, making a claim of it, giving it to a colleague, putting it away."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from flask import g
from pydantic import Field

from factcheck import queuedesk, review
from factcheck.errors import BadInput, NotFound
from factcheck.records import QueueFilters, Role, Scope
from factcheck.web import services
from factcheck.web.api import rows, shapes
from factcheck.web.api.operations import operation

_DECIDING: dict[str, Any] = {"scope": Scope.DECIDE, "role": Role.EDITOR, "status": 201, "failures": (404, 409), "section": "Queue"}


class Look(shapes.Given):
    """``assigned``: to whom, "" to oneself or nobody."""

    article: Annotated[int, Field(ge=0, le=2**53)] = 0
    person: Annotated[int, Field(ge=0, le=2**53)] = 0
    assigned: Literal["", "me", "nobody", "others", "all"] = "all"
    likelihood: Literal["", "likely", "possible", "none"] = ""
    size: Annotated[int, Field(ge=1, le=200)] = 50


class Waiting(shapes.Told):
    """``waiting`` is how many there are in all; the most urgent come first."""

    waiting: int
    items: list[shapes.Statement]


class NewOfStatement(shapes.Given):
    """``text`` words the claim; without it, as the statement stands."""

    text: shapes.Words = ""


class Assignment(shapes.Given):
    """``to`` is a user's name, "" for nobody."""

    statements: Annotated[list[shapes.Id], Field(min_length=1, max_length=500)]
    to: shapes.Line = ""


class Away(shapes.Given):
    until: Annotated[str, Field(min_length=1, max_length=40, description="A moment with its zone, for example 2027-01-31T08:00+01:00")]


class Act(shapes.Told):
    id: int
    act: str
    by: str
    at: str


class Assigned(shapes.Told):
    """``statements`` are those that were with somebody else; with none nothing was done, and ``act`` is null."""

    statements: list[int]
    act: Act | None


@operation("GET", "/queue", scope=Scope.READ, role=Role.EDITOR, query=Look, answer=Waiting, section="Queue")
def queue(given: Look) -> dict[str, Any]:
    """Statements that wait for a decision, the most urgent first."""
    store = services().store
    wanted = QueueFilters(article=given.article or None, person=given.person or None, assigned=given.assigned, likelihood=given.likelihood)
    look = (wanted, g.user.id, store.newsroom.cutoffs())
    ids = store.queue.ids(*look, limit=given.size)
    statements = store.articles.statements_by_id(ids)
    return {"waiting": store.queue.waiting(*look), "items": [rows.statement(statements[i], True) for i in ids if i in statements]}


@operation("POST", "/statements/<int:statement_id>/claims", body=NewOfStatement, answer=shapes.Claim, **_DECIDING)
def claim_of_statement(statement_id: int, given: NewOfStatement) -> dict[str, Any]:
    """Make a claim of a statement that makes none on file, and link the two."""
    made = review.new_claim(services().store, services().encoder, statement_id, g.user, given.text or None)
    services().wake()
    return rows.claim(made)


@operation("POST", "/queue:assign", body=Assignment, answer=Assigned, **_DECIDING)
def assign(given: Assignment) -> dict[str, Any]:
    """Give waiting statements to a colleague, or to nobody."""
    store = services().store
    to = store.users.by_name(given.to) if given.to else None
    if given.to and to is None:
        raise NotFound("There is no user of this name.", key="no_such_user")
    made = queuedesk.assign(store, given.statements, to, g.user)
    return {"statements": made.content["statements"] if made else [], "act": _told(made) if made else None}


@operation("POST", "/statements/<int:statement_id>:later", body=Away, answer=Act, **_DECIDING)
def put_away(statement_id: int, given: Away) -> dict[str, Any]:
    """Put a waiting statement away for a while; colleagues still see it."""
    try:
        until = datetime.fromisoformat(given.until)
        until = (until if until.tzinfo else until.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadInput("Give a moment, for example 2027-01-31T08:00+01:00.", key="api_moment") from None
    return _told(queuedesk.later(services().store, statement_id, g.user, until))


def _told(made: Any) -> dict[str, Any]:
    return {"id": made.id, "act": str(made.act), "by": made.user, "at": made.at}
