"""What a notice says: the same words in the app, in feeds, in mails and to webhooks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from db import Store
from factcheck.records import Article, Claim, Event, EventKind, Notice, Statement
from factcheck.wording import Words


@dataclass(frozen=True)
class Told:
    """A notice in a reader's words. ``text`` is what was said or claimed, in its own language; ``path`` is the page about it."""

    notice_id: int
    kind: EventKind
    headline: str
    text: str
    language: str
    speaker: str
    path: str
    at: str
    is_paraphrase: bool = False
    because: str = ""
    alert_name: str = ""
    before: str = ""
    after: str = ""
    claim: Claim | None = None
    is_read: bool = False


def tell(store: Store, notices: Sequence[Notice], words: Words) -> list[Told]:
    """Notices in words, in the order given. What is gone meanwhile is left out."""
    claims = store.claims.many({n.event.claim_id for n in notices if n.event.claim_id})
    statements = store.articles.statements_by_id({n.event.statement_id for n in notices if n.event.statement_id})
    articles = store.articles.many({s.article_id for s in statements.values()})
    told = (
        _told(n, claims.get(n.event.claim_id or 0), statements.get(n.event.statement_id or 0), articles, words)
        for n in notices
    )
    return [t for t in told if t is not None]


def _told(
    notice: Notice, claim: Claim | None, statement: Statement | None, articles: dict[int, Article], words: Words
) -> Told | None:
    event = notice.event
    if claim is None and statement is None:
        return None
    about_statement = statement is not None and event.kind in (EventKind.NEW_STATEMENT, EventKind.TAKEN_BACK, EventKind.NEW_CANDIDATE)
    article = articles.get(statement.article_id) if statement else None
    shown = statement if about_statement or claim is None else None
    speaker = (statement.speaker if statement else "") or (claim.speaker if claim else "")
    if claim is not None:
        path = f"/claims/{claim.id}"
    else:
        assert statement is not None
        path = f"/articles/{statement.article_id}#s{statement.id}"
    return Told(
        notice_id=notice.id,
        kind=event.kind,
        headline=headline(event, claim, speaker, article.source if article else "", words),
        text=shown.text if shown else claim.text if claim else "",
        language=(article.language if article else "") if shown else claim.language if claim else "",
        speaker=speaker,
        path=path,
        at=event.at,
        is_paraphrase=bool(shown and shown.kind == "reported"),
        because="" if notice.because == "follows" else words(f"news.because.{notice.because}"),
        alert_name=notice.alert_name,
        before=event.before,
        after=event.after,
        claim=claim,
        is_read=notice.read_at is not None,
    )


def headline(event: Event, claim: Claim | None, speaker: str, source: str, words: Words) -> str:
    """What happened, in one line: "Rating changed: Mixed → False"."""
    key = str(event.kind).replace(" ", "_")
    match event.kind:
        case EventKind.RATING_CHANGED:
            change = f"{_value('rating', event.before, words)} → {_value('rating', event.after, words)}"
            return words("news.rating_changed", change=change)
        case EventKind.STATUS_CHANGED:
            change = f"{_value('status', event.before, words)} → {_value('status', event.after, words)}"
            return words("news.promise_status_changed", change=change)
        case EventKind.NEW_REVIEW:
            return words("news.new_review", publisher=_publisher(event, claim, words), rating=_value("rating", event.after, words))
        case EventKind.DEADLINE_PASSED:
            return words("news.deadline_passed", status=_value("status", event.after, words))
        case EventKind.NEW_STATEMENT | EventKind.SAID_AGAIN:
            who = speaker or words("statement.no_speaker")
            return words(f"news.{key}_in", who=who, source=source) if source else words(f"news.{key}", who=who)
        case _:
            return words(f"news.{key}")


def _value(scale: str, value: str, words: Words) -> str:
    """A rating or status in words; as it stands when it is neither."""
    key = f"{scale}.{value.replace(' ', '_')}"
    return words(key) if words.has(key) else value


def _publisher(event: Event, claim: Claim | None, words: Words) -> str:
    """Who published the review an event tells of: the one its address or publisher is named by, else the newest."""
    reviews = claim.reviews if claim else ()
    named = [r for r in reviews if r.url and event.thing.endswith(r.url)] or [r for r in reviews if r.publisher in event.thing]
    newest = max(named or reviews, key=lambda r: (r.published_at or "", r.id), default=None)
    return newest.publisher if newest else words("news.somebody")
