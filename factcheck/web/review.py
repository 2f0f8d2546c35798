"""The review queue: one statement at a time, its candidates, one key for each decision, and undo."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for

from db import Store
from factcheck import backfill, batches, confirming, queuedesk, review, timezones
from factcheck.errors import AlreadyDecided, BadInput, ChangedMeanwhile, NothingToUndo
from factcheck.records import DeskAct, DeskActKind, QueueFilters, QueueItem, Relation, Role
from factcheck.web import narrowed, services
from factcheck.web.given import number

blueprint = Blueprint("review", __name__)

BREAK = timedelta(minutes=20)  # a longer pause between two decisions begins a new sitting
ENOUGH = 3  # decisions in a sitting before the time left is foretold from them
LONGEST_NOTE = 1000  # characters
LATER = ("morning", "hours", "week")


@blueprint.get("/review")
def queue():
    store, encoder, look = services().store, services().encoder, _look()
    before, after = request.args.get("before", type=int), request.args.get("after", type=int)
    found = review.previous_item(store, encoder, before=before, **look) if before else None
    return _page(found or review.next_item(store, encoder, after=after, **look))


@blueprint.get("/review/<int:statement_id>")
def statement(statement_id: int):
    return _page(review.item(services().store, services().encoder, statement_id, **_look()))


@blueprint.get("/review/ahead")
def ahead():
    """Make the next statement ready, so that it stands there at once after the decision; nothing to show."""
    store, encoder, look = services().store, services().encoder, _look()
    found = review.next_item(store, encoder, after=request.args.get("after", type=int), **look)
    if found:
        batches.alike(store, encoder, found.statement, g.user.id)
    return "", 204


@blueprint.post("/review/<int:statement_id>/decide")
def decide(statement_id: int):
    relation, claim_id = request.form.get("relation", ""), request.form.get("claim", type=int)
    if relation not in set(Relation) or claim_id is None:
        raise BadInput("Choose a claim and one of: same, related, opposite, not a match.", key="choose_relation")
    note = request.form.get("note", "")[:LONGEST_NOTE]
    try:
        review.decide(services().store, statement_id, claim_id, Relation(relation), g.user, note, saw=_saw())
    except (AlreadyDecided, ChangedMeanwhile) as conflict:
        return _conflict(statement_id, conflict)
    return _onwards(statement_id)


@blueprint.post("/review/<int:statement_id>/no-match")
def no_match(statement_id: int):
    try:
        review.no_match(services().store, statement_id, g.user, request.form.get("note", "")[:LONGEST_NOTE], saw=_saw())
    except (AlreadyDecided, ChangedMeanwhile) as conflict:
        return _conflict(statement_id, conflict)
    return _onwards(statement_id)


@blueprint.post("/review/<int:statement_id>/new-claim")
def new_claim(statement_id: int):
    try:
        review.new_claim(services().store, services().encoder, statement_id, g.user, request.form.get("text"), saw=_saw())
    except (AlreadyDecided, ChangedMeanwhile) as conflict:
        return _conflict(statement_id, conflict)
    services().wake()  # what is on file is matched with the claim
    return _onwards(statement_id)


@blueprint.post("/review/<int:statement_id>/together")
def together(statement_id: int):
    """Decide the statement and the ticked ones that say the same in one go."""
    relation, claim_id = request.form.get("relation", ""), request.form.get("claim", type=int)
    if relation not in set(Relation) or (claim_id is None and relation != Relation.NOT_A_MATCH):
        raise BadInput("Choose a claim and one of: same, related, opposite, not a match.", key="choose_relation")
    others = [(number(ticked.partition(":")[0]), ticked.partition(":")[2]) for ticked in request.form.getlist("other")]
    ticked = [(i, saw) for i, saw in others if i and i != statement_id]
    try:
        batches.decide_all(services().store, statement_id, claim_id, Relation(relation), ticked, g.user, saw=_saw() or "")
    except (AlreadyDecided, ChangedMeanwhile) as conflict:
        return _conflict(statement_id, conflict)
    return _onwards(statement_id)


@blueprint.post("/review/<int:statement_id>/later")
def later(statement_id: int):
    """Put the statement away for the reader until tomorrow morning, for three hours, or for a week."""
    when = request.form.get("when", LATER[0])
    if when not in LATER:
        raise BadInput("Choose one of: tomorrow morning, in three hours, in a week.", key="later_when")
    now = datetime.now(UTC)
    morning = queuedesk.tomorrow_morning(now, timezones.zone(g.user.time_zone or "UTC"))
    until = {"morning": morning, "hours": now + timedelta(hours=3), "week": morning + timedelta(days=6)}[when]
    queuedesk.later(services().store, statement_id, g.user, until)
    return redirect(url_for("review.queue", after=statement_id, **_address()), 303)


@blueprint.post("/review/<int:statement_id>/assign")
def assign(statement_id: int):
    """Give this statement, or all that are looked at, to an editor or to nobody."""
    store = services().store
    wanted = request.form.get("to", "")
    to = store.users.get(number(wanted) or 0) if wanted else None
    if wanted and to is None:
        raise BadInput("There is no such user.", key="no_such_editor")
    ids = [statement_id]
    if request.form.get("all") == "1":
        look = _look()
        ids = store.queue.ids(look["filters"], look["user_id"], store.newsroom.cutoffs(), queuedesk.MOST_ASSIGNED)
    queuedesk.assign(store, ids, to, g.user)
    return redirect(url_for("review.queue", after=statement_id, **_address()), 303)


@blueprint.post("/review/undo")
def undo():
    """Take back one decision, whoever made it, or the reader's own last act of whatever kind."""
    store, decision_id = services().store, request.form.get("decision", type=int)
    try:
        if decision_id:
            back_to = review.undo(store, g.user, decision_id).statement_id
        else:
            act = queuedesk.undo(store, services().encoder, g.user, request.form.get("act", type=int))
            back_to = act.content["statements"][0] if act.content.get("statements") else None
    except NothingToUndo:
        back_to = None
    if back_to is None or store.articles.statement(back_to) is None:
        return redirect(url_for("review.queue", **_address()), 303)
    return redirect(url_for("review.statement", statement_id=back_to, **_address()), 303)


def _look() -> dict[str, Any]:
    """What is looked at, as the queue's functions take it."""
    return {"filters": narrowed.read(services().store, request.args), "user_id": g.user.id}


def _address() -> dict[str, str]:
    return narrowed.address(narrowed.read(services().store, request.args))


def _saw() -> str | None:
    return request.form.get("saw")


def _onwards(statement_id: int):
    """To the next statement, or back to this one when candidates are left to decide."""
    if services().store.decisions.is_open(statement_id):
        return redirect(url_for("review.statement", statement_id=statement_id, **_address()), 303)
    return redirect(url_for("review.queue", after=statement_id, **_address()), 303)


def _conflict(statement_id: int, conflict: AlreadyDecided | ChangedMeanwhile):
    """Somebody was faster: show the statement as it now stands, with what was decided and by whom; nothing was written."""
    store = services().store
    if store.articles.statement(statement_id) is None:
        raise conflict
    found = review.item(store, services().encoder, statement_id, **_look())
    kind = "changed" if isinstance(conflict, ChangedMeanwhile) else "decided"
    return _page(found, conflict=kind), conflict.status


def _page(found: QueueItem | None, *, conflict: str = "") -> str:
    store, look = services().store, _look()
    filters: QueueFilters = look["filters"]
    last = _told(store, store.desk.last_of(g.user.id))
    waiting = found.total if found else store.queue.waiting(filters, g.user.id, store.newsroom.cutoffs())
    done, seconds = _sitting(
        store.decisions.since(g.user.id, (datetime.now(UTC) - timedelta(hours=12)).isoformat(timespec="seconds"))
    )
    is_open = bool(found and store.decisions.is_open(found.statement.id))
    history = store.decisions.history(found.statement.id) if found and (conflict or not is_open) else []
    linked = [d.claim_id for d in history if d.claim_id] + ([last["decision"].claim_id] if last and last.get("decision") else [])
    whole = request.headers.get("HX-Request") != "true"  # a part of the page leaves the filters as they stand
    return render_template(
        "pages/review.html",
        item=found,
        is_open=is_open,
        alike=batches.alike(store, services().encoder, found.statement, g.user.id) if found and is_open else (),
        person=store.people.get(found.statement.person_id) if found and found.statement.person_id else None,
        last=last,
        confirmed=confirming.of_statements(store, found.article.id) if found else {},
        history=history,
        linked=store.claims.many(i for i in linked if i),
        conflict=conflict,
        position=done + (found.position if found else 0),
        total=done + waiting,
        waiting=waiting,
        minutes=max(1, round(seconds * waiting / 60)) if seconds and waiting else None,
        filters=filters,
        look=narrowed.address(filters),
        facets=store.queue.facets(filters, g.user.id, store.newsroom.cutoffs()) if whole else None,
        narrowed_to=_names(store, filters),
        editors=[c.user for c in store.users.colleagues() if c.user.role.includes(Role.EDITOR) and not c.user.is_disabled],
        job=store.jobs.open_one(backfill.JOB),
        later_choices=LATER,
        most_assigned=queuedesk.MOST_ASSIGNED,
    )


def _names(store: Store, filters: QueueFilters) -> dict[str, str]:
    """What ids in the filters stand for."""
    found = {}
    if filters.person is not None and (person := store.people.get(filters.person)):
        found["person"] = person.name
    if filters.article is not None and (article := store.articles.get(filters.article)):
        found["article"] = article.title or article.text[:60]
    if filters.topic is not None and (topic := store.topics.get(filters.topic)):
        found["topic"] = topic.name
    return found


def _told(store: Store, act: DeskAct | None) -> dict[str, Any] | None:
    """What the page says of the reader's last act: the act, its first statement with the article, and what was decided."""
    if act is None:
        return None
    ids = act.content.get("statements", [])
    statement = store.articles.statements_by_id(ids[:1]).get(ids[0]) if ids else None
    told: dict[str, Any] = {
        "act": act,
        "n": len(ids),
        "statement": statement,
        "article": store.articles.get(statement.article_id) if statement else None,
    }
    if act.act is DeskActKind.DECIDED:
        made = store.decisions.of_batch(str(act.id))
        told |= {"decision": made[0], "n": len(made), "left": act.content.get("left", [])}
    elif act.act is DeskActKind.CONFIRMED:
        told["confirmation"] = store.confirmations.get(act.content["confirmation"])
    return told


def _sitting(times: list[str], now: datetime | None = None) -> tuple[int, float | None]:
    """(decisions since the last long break, median seconds for one or None when there are too few to tell)."""
    moments = [datetime.fromisoformat(t) for t in times]
    upto = [*moments, now or datetime.now(UTC)]
    begin = max((i for i in range(1, len(upto)) if upto[i] - upto[i - 1] > BREAK), default=0)
    sitting = moments[begin:]
    gaps = [(later - earlier).total_seconds() for earlier, later in zip(sitting, sitting[1:], strict=False)]
    return len(sitting), max(1.0, median(gaps)) if len(gaps) + 1 >= ENOUGH else None
