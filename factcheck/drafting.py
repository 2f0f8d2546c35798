"""A draft against everything on file: its statements, each with the claims and past statements that come near. Nothing is stored."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from db import Store
from factcheck import explaining, searching, statements
from factcheck.embed import Encoder
from factcheck.errors import BadInput, EmptyText, NotAllowed, NotFound
from factcheck.extraction import judging
from factcheck.records import (
    Article,
    CheckedDraft,
    CheckedStatement,
    Claim,
    ClaimHit,
    Cutoffs,
    Draft,
    PromiseStatus,
    Rating,
    Relation,
    Role,
    Standing,
    Statement,
    StatementHit,
    User,
)

CLAIMS = 3  # shown for a statement
PAST = 2
MOST_STATEMENTS = 400  # of a draft: about three hours of speech; what is longer is an archive, to be added as articles

Progress = Callable[[int, int], None]  # (done, total)


def check(store: Store, encoder: Encoder, article: Article, progress: Progress | None = None) -> CheckedDraft:
    """Find the statements of a text that is not on file, and for each what is. Raises BadInput for more than ``MOST_STATEMENTS``."""
    found = judging.judge(statements.extract(article, store.people.all(), encoder), article.language, encoder)
    if len(found) > MOST_STATEMENTS:
        raise BadInput(
            f"This text holds {len(found)} statements; a draft may hold {MOST_STATEMENTS}. Check it in parts, or add it as an article.",
            key="draft_too_long", statements=len(found), most=MOST_STATEMENTS,
        )  # fmt: skip
    cutoffs = store.newsroom.cutoffs()
    checked = []
    for number, statement in enumerate(found, 1):
        checked.append(_checked(store, encoder, replace(statement, id=number), article, cutoffs))
        if progress:
            progress(number, len(found))
    return CheckedDraft(article, tuple(checked))


def standing(claims: tuple[ClaimHit, ...], past: tuple[StatementHit, ...], likely: float) -> Standing:
    """Where a statement stands, from what was found for it; only what is ``likely`` the same counts, or likely its opposite."""
    near = [h for h in claims if h.candidate.probability >= likely and h.candidate.relation is not Relation.RELATED]
    if any(_is_rated(h.claim) for h in near):
        return Standing.RATED
    return Standing.SAID_BEFORE if near or any(h.probability >= likely for h in past) else Standing.NEW


def _is_rated(claim: Claim) -> bool:
    return claim.rating is not Rating.NOT_RATED or bool(claim.promise and claim.promise.status is not PromiseStatus.NOT_YET_RATED)


def _checked(store: Store, encoder: Encoder, statement: Statement, article: Article, cutoffs: Cutoffs) -> CheckedStatement:
    said_at = statement.said_at or article.published_at
    claims = searching.search_claims(
        store, encoder, statement.text, k=CLAIMS, speaker=statement.speaker, before=statement.before, after=statement.after, said_at=said_at
    )
    possible = [h for h in claims if h.candidate.probability >= cutoffs.possible]
    earlier = searching.search_statements(store, encoder, statement.text, k=PAST, speaker=statement.speaker)
    past = tuple(h for h in earlier if h.probability >= cutoffs.possible)
    explained = tuple(explaining.explain_claims(encoder, statement.text, possible))
    return CheckedStatement(statement, standing(explained, past, cutoffs.likely), explained, past)


# Drafts that somebody chose to keep


def keep(store: Store, article: Article, user: User) -> Draft:
    """Store a draft as its owner's own."""
    _may_have(user)
    with store.write():
        draft = store.drafts.add(article, user)
        # The text stays out of the log, which others read.
        store.audit.add(user.name, "kept a draft", "draft", draft.id, after={"characters": len(draft.text)})
    return draft


def seen_by(store: Store, draft_id: int, user: User | None) -> Draft:
    """The draft. Raises NotFound, also when it is another's who does not share it: nobody learns that it exists."""
    draft = store.drafts.get(draft_id)
    if draft is None or user is None or not (draft.user_id == user.id or draft.is_shared and user.role.includes(Role.JOURNALIST)):
        raise NotFound("There is no such draft, or it is not shared with you.", key="no_such_draft")
    return draft


def share(store: Store, draft_id: int, user: User, *, is_shared: bool) -> None:
    """Let every journalist see a draft, or only its owner again. Raises NotFound, NotAllowed."""
    draft = _own(store, draft_id, user)
    with store.write():
        store.drafts.share(draft_id, is_shared)
        store.audit.add(
            user.name, "shared a draft" if is_shared else "unshared a draft", "draft", draft_id,
            before={"is_shared": draft.is_shared}, after={"is_shared": is_shared},
        )  # fmt: skip


def rewrite(store: Store, draft_id: int, article: Article, user: User) -> Draft:
    """Put a new text in a draft's place. Raises NotFound, NotAllowed."""
    before = _own(store, draft_id, user)
    with store.write():
        store.drafts.rewrite(draft_id, article)
        after = {"characters": len(article.text)}
        store.audit.add(user.name, "rewrote a draft", "draft", draft_id, before={"characters": len(before.text)}, after=after)
        draft = store.drafts.get(draft_id)
    assert draft is not None
    return draft


def delete(store: Store, draft_id: int, user: User) -> None:
    """Throw a draft away for good. Raises NotFound, NotAllowed."""
    draft = _own(store, draft_id, user)
    with store.write():
        store.drafts.delete(draft_id)
        store.audit.add(user.name, "deleted a draft", "draft", draft_id, before={"characters": len(draft.text)})


def as_article(draft: Draft) -> Article:
    """A kept draft as a text to check. Raises EmptyText when nothing is in it."""
    if not draft.text.strip():
        raise EmptyText("The draft holds no text.", key="article_empty")
    return Article(0, draft.text, language=draft.language, title=draft.title, published_at=draft.published_at)


def _own(store: Store, draft_id: int, user: User) -> Draft:
    draft = seen_by(store, draft_id, user)
    if draft.user_id != user.id:
        raise NotAllowed("Only its owner changes a draft.", key="not_your_draft")
    return draft


def _may_have(user: User) -> None:
    if not user.role.includes(Role.JOURNALIST):
        raise NotAllowed("Drafts are for journalists and editors. Ask an administrator.", key="no_drafts")
