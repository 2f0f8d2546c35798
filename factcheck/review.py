"""The review queue: what waits, what an editor decides, and taking it back."""

from __future__ import annotations

import hashlib
import json
from uuid import uuid4

from db import Store
from factcheck import explaining, pipeline
from factcheck.embed import Encoder
from factcheck.errors import AlreadyDecided, BadInput, ChangedMeanwhile, NotAllowed, NotFound, NothingToUndo
from factcheck.extraction.criteria import criterion
from factcheck.records import (
    Claim,
    ClaimHit,
    Decision,
    DeskActKind,
    EventKind,
    Promise,
    QueueFilters,
    QueueItem,
    Relation,
    Role,
    Statement,
    User,
)

SHOWN = 5  # candidates beside a statement
SETTLING = (Relation.SAME, Relation.RELATED, Relation.OPPOSITE)
ALL = QueueFilters()


def next_item(
    store: Store, encoder: Encoder, *, after: int | None = None, filters: QueueFilters = ALL, user_id: int | None = None
) -> QueueItem | None:
    """The statement to decide next: the most urgent one, or the one behind ``after``; None when nothing waits.

    ``filters`` and ``user_id`` say which are looked at; without a user it is the queue of the whole desk.
    """
    while True:
        look = (filters, user_id, store.newsroom.cutoffs())
        following = store.queue.neighbour(after, *look) if after else None
        statement_id = following or store.queue.first(*look)
        if statement_id is None:
            return None
        found = item(store, encoder, statement_id, filters=filters, user_id=user_id)
        if store.decisions.is_open(statement_id):
            return found
        # Matched anew against claims added since, it turned out to wait for nobody any more.


def previous_item(
    store: Store, encoder: Encoder, *, before: int, filters: QueueFilters = ALL, user_id: int | None = None
) -> QueueItem | None:
    """The waiting statement before this one, None at the start of the queue."""
    statement_id = store.queue.neighbour(before, filters, user_id, store.newsroom.cutoffs(), forward=False)
    return item(store, encoder, statement_id, filters=filters, user_id=user_id) if statement_id else None


def item(
    store: Store, encoder: Encoder, statement_id: int, *, filters: QueueFilters = ALL, user_id: int | None = None
) -> QueueItem:
    """A statement with its article, candidates not yet rejected (best first), and decisions. Raises NotFound."""
    statement = _statement(store, statement_id)
    pipeline.match_again_if_stale(store, encoder, statement)
    article = store.articles.get(statement.article_id)
    assert article is not None
    made = tuple(store.decisions.of_statement(statement_id))
    position, total = store.queue.place(statement_id, filters, user_id, store.newsroom.cutoffs())
    return QueueItem(
        statement=statement,
        article=article,
        hits=tuple(explaining.explain_claims(encoder, statement.text, hits(store, statement_id, made))),
        position=position,
        total=total,
        decisions=made,
        saw=version(statement, made),
        assigned=store.queue.assigned([statement_id]).get(statement_id),
        put_away_until=store.queue.put_away_until(statement_id, user_id) if user_id else None,
    )


def seen(store: Store, statement_id: int) -> str:
    """What an editor sees of a statement now, in short: a decision carries it, so that none is made on something else. Raises NotFound."""
    return version(_statement(store, statement_id), store.decisions.of_statement(statement_id))


def version(statement: Statement, made: tuple[Decision, ...] | list[Decision]) -> str:
    """A short text that changes with the statement's words, kind, speaker and the decisions in force on it."""
    content = [statement.text, str(statement.kind), statement.speaker, statement.person_id, sorted(d.id for d in made)]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()[:16]


def hits(store: Store, statement_id: int, made: tuple[Decision, ...] | None = None) -> tuple[ClaimHit, ...]:
    """The stored candidates of a statement with their claims, without the rejected ones."""
    if made is None:
        made = tuple(store.decisions.of_statement(statement_id))
    rejected = set(store.claims.roots(d.claim_id for d in made if d.relation is Relation.NOT_A_MATCH and d.claim_id).values())
    kept = [c for c in store.decisions.candidates(statement_id) if c.claim_id not in rejected][:SHOWN]
    claims = store.claims.many(c.claim_id for c in kept)
    return tuple(ClaimHit(claims[c.claim_id], c) for c in kept if c.claim_id in claims)


def decide(
    store: Store,
    statement_id: int,
    claim_id: int | None,
    relation: Relation,
    user: User,
    note: str = "",
    *,
    saw: str | None = None,
    act_id: int | None = None,
) -> Decision:
    """Record an editor's verdict on a statement and a claim; a claim that was merged meanwhile stands for the one it is now.

    Same, related and opposite settle the statement; "not a match" rejects this claim only, and settles it when no possible
    candidate is left. ``saw`` is what the editor saw of the statement (``seen``), ``act_id`` the act at the desk this is part of, a new
    one without. Raises AlreadyDecided when somebody settled the statement meanwhile, ChangedMeanwhile when anything else about it is not
    as the editor saw it, NotFound, NotAllowed.
    """
    _may_decide(user)
    if claim_id is None and relation is not Relation.NOT_A_MATCH:
        raise BadInput("Choose a claim and one of: same, related, opposite, not a match.", key="choose_relation")
    with store.write():
        statement = _statement(store, statement_id)
        if claim_id is not None:
            claim_id = store.claims.root(claim_id)
            if store.claims.get(claim_id) is None:
                raise NotFound("This claim is no longer on file. Reload the page.", key="claim_gone")
        made = store.decisions.of_statement(statement_id)
        _refuse_if_settled(store, made, claim_id)
        _refuse_if_changed(statement, made, saw)
        shown = {c.claim_id: c.probability for c in store.decisions.candidates(statement_id)}
        decision = store.decisions.add(
            statement_id,
            claim_id,
            relation,
            user,
            note=note.strip(),
            probability=shown.get(claim_id) if claim_id else None,
            batch=str(act_id or store.desk.add(DeskActKind.DECIDED, user, {"statements": [statement_id]})),
        )
        if relation is Relation.SAME:
            _tell_said_again(store, statement, decision)
        _after(store, statement, decision, user, "decided")
    return decision


def no_match(
    store: Store, statement_id: int, user: User, note: str = "", *, saw: str | None = None, act_id: int | None = None
) -> Decision:
    """Record that none of the claims on file matches; settles the statement. Otherwise like ``decide``."""
    return decide(store, statement_id, None, Relation.NOT_A_MATCH, user, note, saw=saw, act_id=act_id)


def new_claim(
    store: Store, encoder: Encoder, statement_id: int, user: User, text: str | None = None, *, saw: str | None = None
) -> Claim:
    """Make a claim from a statement (worded as ``text``, or as the statement stands) and link it as its first occurrence."""
    _may_decide(user)
    with store.write():
        statement = _statement(store, statement_id)
        made = store.decisions.of_statement(statement_id)
        _refuse_if_settled(store, made, None)
        _refuse_if_changed(statement, made, saw)
        article = store.articles.get(statement.article_id)
        assert article is not None
        wording = " ".join((statement.text if text is None else text).split())
        if not wording:
            raise BadInput("A claim needs words. Type what is claimed.", key="claim_needs_words")
        deadline = statement.deadline
        claim = Claim(
            id=0,
            key=f"claim-{uuid4().hex[:12]}",
            text=wording,
            language=article.language,
            speaker=statement.speaker,
            person_id=statement.person_id,
            first_said_at=statement.said_at or article.published_at,
            promise=Promise(
                criterion=criterion(statement, article.language),
                deadline=deadline.by if deadline else None,
                deadline_text=deadline.text if deadline else "",
                hours=deadline.hours if deadline and not deadline.by else None,  # from an event: an editor enters its moment
            )
            if statement.is_promise
            else None,
        )
        claim_id, _ = store.claims.put(claim, created_by=user.id)
        store.audit.add(user.name, "made a claim", "claim", claim_id, after={"text": wording, "statement": statement_id})
        act_id = store.desk.add(DeskActKind.DECIDED, user, {"statements": [statement_id]})
        decision = store.decisions.add(statement_id, claim_id, Relation.SAME, user, made_claim=True, batch=str(act_id))
        _after(store, statement, decision, user, "decided")
    pipeline.embed_claims(store, encoder, [claim_id])
    stored = store.claims.get(claim_id)
    assert stored is not None
    return stored


def undo(store: Store, user: User, decision_id: int | None = None) -> Decision:
    """Take back a decision: the given one, or the user's last. A claim it made goes with it unless others are linked to it.

    The decision stays on record as undone. Raises NothingToUndo, NotFound, NotAllowed.
    """
    _may_decide(user)
    with store.write():
        decision = store.decisions.get(decision_id) if decision_id else store.decisions.last_of(user.id)
        if decision is None and decision_id:
            raise NotFound(f"There is no decision {decision_id}.")
        if decision is None or decision.undone_at:
            raise (
                NothingToUndo("There is nothing to undo.", key="nothing_to_undo")
                if decision is None
                else NothingToUndo("This decision was already taken back.", key="already_undone")
            )
        statement = store.articles.statements_by_id([decision.statement_id])[decision.statement_id]
        store.decisions.undo(decision.id, user)
        _after(store, statement, decision, user, "undid")
        if decision.made_claim and not any(d.undone_at is None for d in store.decisions.of_claim(decision.claim_id)):
            _take_back_claim(store, decision, user)
    undone = store.decisions.get(decision.id)
    assert undone is not None
    return undone


def _take_back_claim(store: Store, decision: Decision, user: User) -> None:
    claim = store.claims.get(decision.claim_id)
    if claim is None or claim.reviews or claim.occurrence_count or store.claims.is_referred_to(claim.id):
        return  # it has grown a life of its own
    for other in store.decisions.of_claim(claim.id):
        store.decisions.forget_claim(other.id)
    store.audit.add(user.name, "took back a claim", "claim", claim.id, before={"text": claim.text, "key": claim.key})
    offered_for = store.decisions.with_candidate([claim.id])
    store.claims.delete(claim.id)
    for statement in store.articles.statements_by_id(offered_for).values():
        pipeline.settle(store, statement)


def _tell_said_again(store: Store, statement: Statement, decision: Decision) -> None:
    if not store.events.told(EventKind.SAID_AGAIN, decision.claim_id, statement.id):
        store.events.add(
            EventKind.SAID_AGAIN,
            f"statement {statement.id} is claim {decision.claim_id}",
            claim_id=decision.claim_id,
            statement_id=statement.id,
            person_id=statement.person_id,
            by=decision.user,
        )


def _after(store: Store, statement: Statement, decision: Decision, user: User, action: str) -> None:
    """What every decision and its undoing bring about, in the same transaction."""
    if decision.claim_id is not None:
        store.claims.recount(decision.claim_id)
    if store.articles.statement(statement.id):  # else it is out of sight since
        pipeline.settle(store, statement)
    content = {
        "decision": decision.id,
        "claim": decision.claim_id,
        "relation": str(decision.relation),
        "note": decision.note,
    }
    undone = action == "undid"
    store.audit.add(
        user.name,
        action,
        "statement",
        statement.id,
        before=content if undone else None,
        after=None if undone else content,
    )


def _statement(store: Store, statement_id: int) -> Statement:
    statement = store.articles.statement(statement_id)
    if statement is None:
        raise NotFound(f"There is no statement {statement_id}.")
    return statement


def _refuse_if_settled(store: Store, made: list[Decision], claim_id: int | None) -> None:
    roots = store.claims.roots(d.claim_id for d in made if d.claim_id)
    for d in made:
        same_pair = d.claim_id is not None and roots.get(d.claim_id) == claim_id
        if d.relation in SETTLING or d.claim_id is None or same_pair:
            claim = store.claims.get(d.claim_id) if d.claim_id else None
            about = f" ({claim.text[:80]})" if claim else ""
            raise AlreadyDecided(f"{d.user} already decided this: {d.relation}{about}. Undo that decision first to change it.")


def _refuse_if_changed(statement: Statement, made: list[Decision], saw: str | None) -> None:
    if saw is not None and saw != version(statement, made):
        raise ChangedMeanwhile(
            "This statement, or what was decided on it, is not as you saw it any more. Look at it as it now stands, then decide.",
            key="changed_meanwhile",
        )


def _may_decide(user: User) -> None:
    if not user.role.includes(Role.EDITOR):
        raise NotAllowed("Only editors decide. Ask an administrator to make you one.", key="only_editors")
