"""Batches: waiting statements that say the same as the one shown and have the same best candidate, decided in one go."""

from __future__ import annotations

from collections.abc import Sequence

from db import Store
from factcheck import differences, pipeline, ranking, review
from factcheck.embed import Encoder
from factcheck.errors import AlreadyDecided, BadInput, ChangedMeanwhile, NotFound
from factcheck.records import Alike, DeskAct, DeskActKind, Relation, Statement, User
from factcheck.words import fold

# Cosine from which two statements are taken to say the same, when nothing they state differs. Among 1,394 statements of debates, posts and
# articles 13 pairs lie at or above; of eleven that were read ten make the same claim, of six between 0.7 and 0.8 four do.
SAME_WORDS = 0.8
LOOKED_AT = 60  # nearest statements
LISTED = 12  # beside the one shown


def alike(store: Store, encoder: Encoder, statement: Statement, user_id: int | None = None) -> tuple[Alike, ...]:
    """Other waiting statements that say the same and whose best candidate is the same, the nearest first, at most ``LISTED``.

    The same words, or a cosine of at least ``SAME_WORDS`` without a difference in number, unit, date, place, name or yes and no; and
    nobody else speaking, as far as both name a speaker. What is put away or assigned to somebody else is left out.
    """
    index = store.vectors.index("statement", encoder.model_id)
    own = index.get(statement.id)
    if own is None or not pipeline.is_fresh(store, encoder, statement.id):
        return ()
    near = {i: cosine for i, cosine in index.search(own, LOOKED_AT) if cosine >= SAME_WORDS and i != statement.id}
    waiting = store.queue.open_among(near)
    if user_id is not None:
        assigned = store.queue.assigned(waiting)
        waiting = {i for i in waiting if assigned.get(i, (user_id, ""))[0] == user_id and not store.queue.put_away_until(i, user_id)}
    best = _best(store, statement.id)
    found = []
    others = store.articles.statements_by_id(waiting)
    for i in sorted(others, key=lambda i: (-near[i], i)):
        other = others[i]
        if says_the_same(statement, other) and pipeline.is_fresh(store, encoder, i) and _best(store, i) == best:
            found.append(other)
    found = found[:LISTED]
    articles = store.articles.many({s.article_id for s in found})
    return tuple(Alike(s, articles[s.article_id], review.seen(store, s.id)) for s in found)


def says_the_same(one: Statement, other: Statement) -> bool:
    """What both state does not differ, as far as words tell, and nobody else says it. Nearness is not looked at."""
    speakers = one.speaker and other.speaker
    if speakers and one.speaker != other.speaker and (one.person_id is None or one.person_id != other.person_id):
        return False
    if _bare(one.text) == _bare(other.text):
        return True
    return (
        set(ranking.numbers(one.text)) == set(ranking.numbers(other.text))
        and ranking.is_negated(one.text) == ranking.is_negated(other.text)
        and not differences.differences(one.text, other.text)
    )


def decide_all(
    store: Store,
    statement_id: int,
    claim_id: int | None,
    relation: Relation,
    others: Sequence[tuple[int, str]],
    user: User,
    *,
    saw: str,
) -> DeskAct:
    """Decide a statement and ``others`` (id, what was seen of it) the same way, as one act that is undone in one go.

    One of the others that somebody decided, or that changed, meanwhile is left as it is; the act's ``left`` says which and why. When the
    first is not as it was seen any more nothing is written. Raises as ``review.decide`` does.
    """
    if not others:
        raise BadInput("Tick at least one of the others.", key="nothing_ticked")
    with store.write():
        act_id = store.desk.add(DeskActKind.DECIDED, user, {})
        review.decide(store, statement_id, claim_id, relation, user, saw=saw, act_id=act_id)
        decided, left = [statement_id], []
        for other_id, other_saw in others:
            try:
                review.decide(store, other_id, claim_id, relation, user, saw=other_saw, act_id=act_id)
                decided.append(other_id)
            except (AlreadyDecided, ChangedMeanwhile, NotFound):
                made = store.decisions.of_statement(other_id)
                left.append({"statement": other_id, "by": made[-1].user if made else ""})
        store.desk.set_content(act_id, {"statements": decided, "left": left})
    act = store.desk.get(act_id)
    assert act is not None
    return act


def _best(store: Store, statement_id: int) -> int | None:
    """The candidate offered first that was not rejected; None when none is offered."""
    offered = store.newsroom.cutoffs().possible
    return next((h.claim.id for h in review.hits(store, statement_id) if h.candidate.probability >= offered), None)


def _bare(text: str) -> str:
    """The words alone, without case, marks and quotation."""
    return " ".join("".join(c if c.isalnum() else " " for c in fold(text)).split())
