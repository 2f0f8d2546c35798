"""Records -> the shapes of the API's answers."""

from __future__ import annotations

from typing import Any

from flask import url_for

from factcheck.records import (
    Appearance,
    Article,
    Claim,
    ClaimHit,
    Decision,
    Job,
    Occurrence,
    Person,
    Promise,
    Review,
    Source,
    SourceHealth,
    Statement,
)


def claim(found: Claim) -> dict[str, Any]:
    return {
        "id": found.id, "key": found.key, "text": found.text, "language": found.language, "title": found.title, "speaker": found.speaker,
        "person_id": found.person_id, "first_said_at": found.first_said_at, "times_said": found.occurrence_count,
        "rating": str(found.rating), "promise": promise(found.promise), "reviews": [review(r) for r in found.reviews],
        "address": url_for("claims.claim", claim_id=found.id, _external=True),
    }  # fmt: skip


def promise(found: Promise | None) -> dict[str, Any] | None:
    if found is None:
        return None
    history = [{"id": c.id, "status": str(c.status), "at": c.at, "source_url": c.source_url, "note": c.note, "by": c.by} for c in found.history]
    return {
        "criterion": found.criterion, "deadline": found.deadline, "deadline_text": found.deadline_text, "status": str(found.status), "history": history,
    }  # fmt: skip


def review(found: Review) -> dict[str, Any]:
    names = ("id", "publisher", "url", "title", "rating_text", "published_at", "language")
    return {name: getattr(found, name) for name in names} | {"rating": str(found.rating)}


def occurrence(found: Occurrence) -> dict[str, Any]:
    names = ("quote", "said_at", "speaker", "place", "source", "url", "statement_id", "article_id")
    return {name: getattr(found, name) for name in names} | {"id": found.id or None, "kind": str(found.kind)}


def article(found: Article) -> dict[str, Any]:
    names = ("id", "title", "url", "source", "author", "language", "published_at", "added_at", "state", "error")
    return {name: getattr(found, name) for name in names} | {"address": url_for("articles.article", article_id=found.id, _external=True)}


def appearance(found: Appearance) -> dict[str, Any]:
    return {name: getattr(found, name) for name in ("outlet", "url", "title", "published_at", "licence")}


def source(found: Source, health: SourceHealth) -> dict[str, Any]:
    names = ("id", "name", "url", "language", "licence", "minutes", "state", "looked_at", "next_at", "failures")
    return {name: getattr(found, name) for name in names} | {
        "problem": found.problem.message if found.problem else "", "last_item_at": health.last_item_at, "items_a_day": health.a_day,
        "waiting": health.waiting, "failed": health.failed, "address": url_for("sources.source", source_id=found.id, _external=True),
    }  # fmt: skip


def statement(found: Statement, waits: bool) -> dict[str, Any]:
    names = ("id", "article_id", "text", "start", "end", "speaker", "mention", "person_id", "said_at", "check_worthy", "nature", "is_promise")
    deadline = found.deadline.text if found.deadline else None
    return {name: getattr(found, name) for name in names} | {"kind": str(found.kind), "deadline": deadline, "waits": waits}


def candidate(hit: ClaimHit) -> dict[str, Any]:
    evidence = hit.candidate.evidence
    differences = [{"what": what, "here": here, "there": there} for what, here, there in evidence.differences]
    return {
        "claim": claim(hit.claim), "probability": hit.candidate.probability, "relation": str(hit.candidate.relation), "differences": differences,
    }  # fmt: skip


def decision(found: Decision) -> dict[str, Any]:
    names = ("id", "statement_id", "claim_id", "at", "note", "undone_at")
    return {name: getattr(found, name) for name in names} | {"relation": str(found.relation), "by": found.user}


def person(found: Person) -> dict[str, Any]:
    offices = [{"id": o.id, "title": o.title, "since": o.since, "until": o.until} for o in found.offices]
    return {
        "id": found.id, "name": found.name, "aliases": list(found.aliases), "offices": offices, "organisation": found.organisation,
        "address": url_for("people.person", person_id=found.id, _external=True),
    }  # fmt: skip


def job(found: Job) -> dict[str, Any]:
    names = ("id", "kind", "state", "done", "total", "error", "by", "created_at", "finished_at", "subject", "result")
    return {name: getattr(found, name) for name in names}
