"""Operations at the desk: deciding several at once, naming who speaks, taking back whatever one did last."""

from __future__ import annotations

from typing import Annotated, Any

from flask import g
from pydantic import Field

from factcheck import batches, confirming, correcting, queuedesk, review
from factcheck.errors import NotFound
from factcheck.records import Confirmation as Confirmed
from factcheck.records import Relation, Role, Scope, Statement
from factcheck.web import services
from factcheck.web.api import rows, shapes
from factcheck.web.api.operations import operation

_DECIDING: dict[str, Any] = {"scope": Scope.DECIDE, "role": Role.EDITOR, "status": 201, "failures": (404, 409), "section": "Queue"}


class Suggested(shapes.Told):
    """Whom the mention may mean, and why; the likeliest first."""

    name: str
    reason: str
    likelihood: float


class Suggestions(shapes.Told):
    items: list[Suggested]


class Together(shapes.Given):
    """One decision on the statement and ``others``; ``claim_id`` may be left out of "not a match"."""

    others: Annotated[list[shapes.Id], Field(min_length=1, max_length=100)]
    relation: shapes.Relation
    claim_id: shapes.Id | None = None


class Left(shapes.Told):
    statement: int
    by: str


class DecidedTogether(shapes.Told):
    """``act`` takes all of it back; what somebody decided or changed meanwhile is ``left`` as it was."""

    act: int
    decided: list[int]
    left: list[Left]


class Speaker(shapes.Given):
    """``name`` as it is suggested; ``remember`` keeps the words for other texts, where they are such as can be kept."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    remember: bool = True


class Confirmation(shapes.Told):
    id: int
    article_id: int
    mention: str
    name: str
    person_id: int | None
    statements: list[int]
    by: str
    at: str
    undone_at: str | None


class WhichAct(shapes.Given):
    """``act``, or one's last one still in force."""

    act: shapes.Id | None = None


class Undone(shapes.Told):
    id: int
    act: str
    statements: list[int]


@operation("GET", "/statements/<int:statement_id>/alike", scope=Scope.READ, role=Role.EDITOR, answer=shapes.Statements, failures=(404,), section="Queue")
def alike(statement_id: int) -> dict[str, Any]:
    """Other waiting statements that say the same and have the same best candidate, the nearest first."""
    found = batches.alike(services().store, services().encoder, _statement(statement_id), g.user.id)
    return {"items": [rows.statement(a.statement, True) for a in found]}


@operation("POST", "/statements/<int:statement_id>:decide-together", body=Together, answer=DecidedTogether, **_DECIDING)
def decide_together(statement_id: int, given: Together) -> dict[str, Any]:
    """Decide a statement and others that say the same in one go, as one act."""
    store = services().store
    others = [(i, review.seen(store, i)) for i in dict.fromkeys(given.others) if i != statement_id]
    saw = review.seen(store, statement_id)
    act = batches.decide_all(store, statement_id, given.claim_id, Relation(given.relation), others, g.user, saw=saw)
    return {"act": act.id, "decided": act.content["statements"], "left": act.content["left"]}


@operation("GET", "/statements/<int:statement_id>/speakers", scope=Scope.READ, role=Role.EDITOR, answer=Suggestions, failures=(404,), section="Queue")
def suggested_speakers(statement_id: int) -> dict[str, Any]:
    """Whom a statement's unsure mention may mean."""
    return {"items": [{"name": s.name, "reason": s.reason, "likelihood": s.likelihood} for s in _statement(statement_id).suggestions]}


@operation("POST", "/statements/<int:statement_id>:confirm-speaker", body=Speaker, answer=Confirmation, **_DECIDING)
def confirm_speaker(statement_id: int, given: Speaker) -> dict[str, Any]:
    """Name the speaker as suggested, in every statement of the article that it holds for."""
    saw = correcting.seen(_statement(statement_id))
    return _confirmed(confirming.confirm(services().store, services().encoder, statement_id, given.name, g.user, saw, remember=given.remember))


@operation("POST", "/confirmations/<int:confirmation_id>:undo", answer=Confirmation, **_DECIDING)
def undo_confirmation(confirmation_id: int) -> dict[str, Any]:
    """Take back whom a mention means. A statement that was corrected since stays as it is."""
    return _confirmed(confirming.undo(services().store, services().encoder, confirmation_id, g.user))


@operation("POST", "/queue:undo", body=WhichAct, answer=Undone, **_DECIDING)
def undo_act(given: WhichAct) -> dict[str, Any]:
    """Take back what one did last at the queue, whatever it was, or one act of one's own. What somebody has seen to since stays."""
    act = queuedesk.undo(services().store, services().encoder, g.user, given.act)
    return {"id": act.id, "act": str(act.act), "statements": act.content.get("statements", [])}


def _statement(statement_id: int) -> Statement:
    found = services().store.articles.statement(statement_id)
    if found is None:
        raise NotFound("There is no such statement.", key="no_such_statement")
    return found


def _confirmed(c: Confirmed) -> dict[str, Any]:
    names = ("id", "article_id", "mention", "name", "person_id", "at", "undone_at")
    return {name: getattr(c, name) for name in names} | {"statements": list(c.statements), "by": c.user}
