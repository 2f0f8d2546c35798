"""The review queue: what waits, what an editor decides, and taking it back."""

from __future__ import annotations

from uuid import uuid4

from db import Store
from factcheck import explaining, pipeline
from factcheck.embed import Encoder
from factcheck.errors import AlreadyDecided, BadInput, NotAllowed, NotFound, NothingToUndo
from factcheck.extraction.criteria import criterion
from factcheck.records import (
    Claim,
    ClaimHit,
    Decision,
    Promise,
    QueueItem,
    Relation,
    Role,
    Statement,
    User,
)

SHOWN = 5  # candidates beside a statement
SETTLING = (Relation.SAME, Relation.RELATED, Relation.OPPOSITE)


def next_item(store: Store, encoder: Encoder, *, after: int | None = None) -> QueueItem | None:
    """The statement to decide next: the most urgent one, or the one behind ``after``; None when nothing waits."""
    while True:
        following = store.decisions.neighbour(after) if after else None
        statement_id = following or next(iter(store.decisions.queue(1)), None)
        if statement_id is None:
            return None
        found = item(store, encoder, statement_id)
        if store.decisions.is_open(statement_id):
            return found
        # Matched anew against claims added since, it turned out to wait for nobody any more.


def previous_item(store: Store, encoder: Encoder, *, before: int) -> QueueItem | None:
    """The waiting statement before this one, None at the start of the queue."""
    statement_id = store.decisions.neighbour(before, forward=False)
    return item(store, encoder, statement_id) if statement_id else None


def item(store: Store, encoder: Encoder, statement_id: int) -> QueueItem:
    """A statement with its article, candidates not yet rejected (best first), and decisions. Raises NotFound."""
    statement = _statement(store, statement_id)
    pipeline.match_again_if_stale(store, encoder, statement)
    article = store.articles.get(statement.article_id)
    assert article is not None
    made = tuple(store.decisions.of_statement(statement_id))
    return QueueItem(
        statement=statement,
        article=article,
        hits=tuple(explaining.explain_claims(encoder, statement.text, hits(store, statement_id, made))),
        position=store.decisions.position(statement_id),
        total=store.decisions.waiting(),
        decisions=made,
    )


def hits(store: Store, statement_id: int, made: tuple[Decision, ...] | None = None) -> tuple[ClaimHit, ...]:
    """The stored candidates of a statement with their claims, without the rejected ones."""
    if made is None:
        made = tuple(store.decisions.of_statement(statement_id))
    rejected = {d.claim_id for d in made if d.relation is Relation.NOT_A_MATCH}
    kept = [c for c in store.decisions.candidates(statement_id) if c.claim_id not in rejected][:SHOWN]
    claims = store.claims.many(c.claim_id for c in kept)
    return tuple(ClaimHit(claims[c.claim_id], c) for c in kept if c.claim_id in claims)


def decide(store: Store, statement_id: int, claim_id: int, relation: Relation, user: User, note: str = "") -> Decision:
    """Record an editor's verdict on a statement and a claim.

    Same, related and opposite settle the statement; "not a match" rejects this claim only, and settles it when no possible
    candidate is left. Raises AlreadyDecided when somebody settled the statement meanwhile, NotFound, NotAllowed.
    """
    _may_decide(user)
    with store.write():
        statement = _statement(store, statement_id)
        claim = store.claims.get(claim_id)
        if claim is None:
            raise NotFound("This claim is no longer on file. Reload the page.", key="claim_gone")
        made = store.decisions.of_statement(statement_id)
        _refuse_if_settled(store, made, claim_id)
        shown = {c.claim_id: c.probability for c in store.decisions.candidates(statement_id)}
        decision = store.decisions.add(statement_id, claim_id, relation, user, note=note.strip(), probability=shown.get(claim_id))
        _after(store, statement, decision, user, "decided")
    return decision


def no_match(store: Store, statement_id: int, user: User, note: str = "") -> Decision:
    """Record that none of the claims on file matches; settles the statement."""
    _may_decide(user)
    with store.write():
        statement = _statement(store, statement_id)
        _refuse_if_settled(store, store.decisions.of_statement(statement_id), None)
        decision = store.decisions.add(statement_id, None, Relation.NOT_A_MATCH, user, note=note.strip())
        _after(store, statement, decision, user, "decided")
    return decision


def new_claim(store: Store, encoder: Encoder, statement_id: int, user: User, text: str | None = None) -> Claim:
    """Make a claim from a statement (worded as ``text``, or as the statement stands) and link it as its first occurrence."""
    _may_decide(user)
    with store.write():
        statement = _statement(store, statement_id)
        _refuse_if_settled(store, store.decisions.of_statement(statement_id), None)
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
            )
            if statement.is_promise
            else None,
        )
        claim_id, _ = store.claims.put(claim, created_by=user.id)
        store.audit.add(user.name, "made a claim", "claim", claim_id, after={"text": wording, "statement": statement_id})
        decision = store.decisions.add(statement_id, claim_id, Relation.SAME, user, made_claim=True)
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
        statement = _statement(store, decision.statement_id)
        store.decisions.undo(decision.id, user)
        _after(store, statement, decision, user, "undid")
        if decision.made_claim and not any(d.undone_at is None for d in store.decisions.of_claim(decision.claim_id)):
            _take_back_claim(store, decision, user)
    undone = store.decisions.get(decision.id)
    assert undone is not None
    return undone


def _take_back_claim(store: Store, decision: Decision, user: User) -> None:
    claim = store.claims.get(decision.claim_id)
    if claim is None or claim.reviews or claim.occurrence_count:
        return  # it has grown a life of its own
    for other in store.decisions.of_claim(claim.id):
        store.decisions.forget_claim(other.id)
    store.audit.add(user.name, "took back a claim", "claim", claim.id, before={"text": claim.text, "key": claim.key})
    store.claims.delete(claim.id)


def _after(store: Store, statement: Statement, decision: Decision, user: User, action: str) -> None:
    """What every decision and its undoing bring about, in the same transaction."""
    if decision.claim_id is not None:
        store.claims.recount(decision.claim_id)
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
    for d in made:
        same_pair = d.claim_id == claim_id
        if d.relation in SETTLING or d.claim_id is None or same_pair:
            claim = store.claims.get(d.claim_id) if d.claim_id else None
            about = f" ({claim.text[:80]})" if claim else ""
            raise AlreadyDecided(f"{d.user} already decided this: {d.relation}{about}. Undo that decision first to change it.")


def _may_decide(user: User) -> None:
    if not user.role.includes(Role.EDITOR):
        raise NotAllowed("Only editors decide. Ask an administrator to make you one.", key="only_editors")
