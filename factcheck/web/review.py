"""The review queue: one statement at a time, its candidates, one key for each decision, and undo."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from statistics import median

from flask import Blueprint, g, redirect, render_template, request, url_for

from factcheck import confirming, review
from factcheck.errors import AlreadyDecided, BadInput, NothingToUndo
from factcheck.records import QueueItem, Relation
from factcheck.web import services

blueprint = Blueprint("review", __name__)

BREAK = timedelta(minutes=20)  # a longer pause between two decisions begins a new sitting
ENOUGH = 3  # decisions in a sitting before the time left is foretold from them


@blueprint.get("/review")
def queue():
    store, encoder = services().store, services().encoder
    before, after = request.args.get("before", type=int), request.args.get("after", type=int)
    found = review.previous_item(store, encoder, before=before) if before else None
    return _page(found or review.next_item(store, encoder, after=after))


@blueprint.get("/review/<int:statement_id>")
def statement(statement_id: int):
    return _page(review.item(services().store, services().encoder, statement_id))


@blueprint.post("/review/<int:statement_id>/decide")
def decide(statement_id: int):
    relation, claim_id = request.form.get("relation", ""), request.form.get("claim", type=int)
    if relation not in set(Relation) or claim_id is None:
        raise BadInput("Choose a claim and one of: same, related, opposite, not a match.", key="choose_relation")
    note = request.form.get("note", "")[:1000]
    try:
        review.decide(services().store, statement_id, claim_id, Relation(relation), g.user, note)
    except AlreadyDecided as conflict:
        return _conflict(statement_id, conflict)
    return _onwards(statement_id)


@blueprint.post("/review/<int:statement_id>/no-match")
def no_match(statement_id: int):
    try:
        review.no_match(services().store, statement_id, g.user, request.form.get("note", "")[:1000])
    except AlreadyDecided as conflict:
        return _conflict(statement_id, conflict)
    return _onwards(statement_id)


@blueprint.post("/review/<int:statement_id>/new-claim")
def new_claim(statement_id: int):
    try:
        review.new_claim(services().store, services().encoder, statement_id, g.user, request.form.get("text"))
    except AlreadyDecided as conflict:
        return _conflict(statement_id, conflict)
    return _onwards(statement_id)


@blueprint.post("/review/undo")
def undo():
    try:
        undone = review.undo(services().store, g.user, request.form.get("decision", type=int))
    except NothingToUndo:
        return redirect(url_for("review.queue"), 303)
    return redirect(url_for("review.statement", statement_id=undone.statement_id), 303)


def _onwards(statement_id: int):
    """To the next statement, or back to this one when candidates are left to decide."""
    if services().store.decisions.is_open(statement_id):
        return redirect(url_for("review.statement", statement_id=statement_id), 303)
    return redirect(url_for("review.queue", after=statement_id), 303)


def _conflict(statement_id: int, conflict: AlreadyDecided):
    """Somebody was faster: show the statement with what was decided and by whom."""
    return _page(review.item(services().store, services().encoder, statement_id), conflict=True), conflict.status


def _page(found: QueueItem | None, *, conflict: bool = False) -> str:
    store = services().store
    last, spoken = store.decisions.last_of(g.user.id), store.confirmations.last_of(g.user.id)
    if last and spoken and spoken.at >= last.at:
        last = None  # "undo" takes back what was done last
    elif last:
        spoken = None
    decisions = [*(found.decisions if found else ()), *([last] if last else [])]
    waiting = store.decisions.waiting()
    done, seconds = _sitting(
        store.decisions.since(g.user.id, (datetime.now(UTC) - timedelta(hours=12)).isoformat(timespec="seconds"))
    )
    return render_template(
        "pages/review.html",
        item=found,
        is_open=bool(found and store.decisions.is_open(found.statement.id)),
        person=store.people.get(found.statement.person_id) if found and found.statement.person_id else None,
        last=last,
        spoken=spoken,
        confirmed=confirming.of_statements(store, found.article.id) if found else {},
        last_statement=(told := store.articles.statement(last.statement_id) if last else None),
        last_article=store.articles.get(told.article_id) if told else None,
        linked=store.claims.many(d.claim_id for d in decisions if d.claim_id),
        conflict=conflict,
        position=done + (found.position if found else 0),
        total=done + waiting,
        minutes=max(1, round(seconds * waiting / 60)) if seconds and waiting else None,
    )


def _sitting(times: list[str], now: datetime | None = None) -> tuple[int, float | None]:
    """(decisions since the last long break, median seconds for one or None when there are too few to tell)."""
    moments = [datetime.fromisoformat(t) for t in times]
    upto = [*moments, now or datetime.now(UTC)]
    begin = max((i for i in range(1, len(upto)) if upto[i] - upto[i - 1] > BREAK), default=0)
    sitting = moments[begin:]
    gaps = [(later - earlier).total_seconds() for earlier, later in zip(sitting, sitting[1:], strict=False)]
    return len(sitting), max(1.0, median(gaps)) if len(gaps) + 1 >= ENOUGH else None
