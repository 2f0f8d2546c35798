"""Operations that look things up."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any

from flask import g, url_for

from factcheck import articles, finding, foundrows, pipeline, review
from factcheck.errors import BadInput, NotFound
from factcheck.records import (
    Article,
    Claim,
    PromiseFilters,
    PromiseOrder,
    PromiseStatus,
    Role,
    Scope,
    SourceHealth,
    Statement,
)
from factcheck.wanted import Wanted
from factcheck.web import services
from factcheck.web.api import rows, shapes
from factcheck.web.api.operations import operation

READ = Scope.READ


@operation("GET", "/me", scope=None, answer=shapes.Me, section="You")
def me() -> dict[str, Any]:
    """Whose token this is and what it may do."""
    return {
        "name": g.user.name,
        "role": str(g.user.role),
        "token": {"name": g.token.name, "scopes": sorted(g.token.scopes), "expires": g.token.expires_at},
    }


@operation("GET", "/search", scope=READ, query=shapes.Search, answer=shapes.Found, section="Search")
def search(given: shapes.Search) -> dict[str, Any]:
    """Find claims and past statements by meaning, exact words and filters, best match first."""
    wanted = Wanted.from_args({name: [str(v) for v in value] if isinstance(value, list) else str(value) for name, value in given.model_dump().items()})
    found = finding.find(services().store, services().encoder, wanted)
    told = foundrows.answer(found, _address)
    return {name: told[name] for name in shapes.Found.model_fields}


@operation("GET", "/statements:similar", scope=READ, query=shapes.Similar, answer=shapes.Found, section="Search")
def similar(given: shapes.Similar) -> dict[str, Any]:
    """Find what was said before that is like a text."""
    args = {"q": given.text, "kind": "statement", "speaker": given.speaker, "size": str(given.size), "exact": "0"}
    told = foundrows.answer(finding.find(services().store, services().encoder, Wanted.from_args(args)), _address)
    return {name: told[name] for name in shapes.Found.model_fields}


@operation("GET", "/claims/<int:claim_id>", scope=READ, answer=shapes.Claim, failures=(404,), section="Claims")
def claim(claim_id: int) -> dict[str, Any]:
    """A claim with its reviews and, for a promise, its history."""
    return rows.claim(claim_on_file(claim_id))


@operation("GET", "/claims/<int:claim_id>/occurrences", scope=READ, answer=shapes.Occurrences, failures=(404,), section="Claims")
def occurrences(claim_id: int) -> dict[str, Any]:
    """When, where and by whom a claim was made, oldest first."""
    return {"items": [rows.occurrence(o) for o in services().store.claims.occurrences(claim_on_file(claim_id).id)]}


@operation("GET", "/promises", scope=READ, query=shapes.PromiseList, answer=shapes.Promises, section="Claims")
def promises(given: shapes.PromiseList) -> dict[str, Any]:
    """Promises, those with the next deadline first."""
    filters = PromiseFilters(
        status=PromiseStatus(given.status) if given.status else None, person_id=given.person or None, government_id=given.government or None,
        topic=given.topic, year=given.year,
    )  # fmt: skip
    now = datetime.now(UTC).isoformat(timespec="seconds")
    found, following = services().store.promises.page(filters, PromiseOrder.DUE, now, limit=given.size, after=place_of(given.cursor))
    return {"items": [rows.claim(c) for c in found], "cursor": cursor_of(following) if following else ""}


@operation("GET", "/articles", scope=READ, query=shapes.Page, answer=shapes.Articles, section="Articles")
def article_list(given: shapes.Page) -> dict[str, Any]:
    """Articles, the newest first."""
    found = services().store.articles.newest(given.size + 1, before(given.cursor))
    return {"items": [rows.article(a) for a in found[: given.size]], "cursor": str(found[given.size - 1].id) if len(found) > given.size else ""}


@operation("GET", "/articles/<int:article_id>", scope=READ, answer=shapes.ArticleInFull, failures=(404,), section="Articles")
def article(article_id: int) -> dict[str, Any]:
    """An article with its text."""
    found = _article(article_id)
    places = [rows.appearance(a) for a in services().store.appearances.of_article(article_id)]
    return rows.article(found) | {"text": found.text, "appearances": places}


@operation("GET", "/articles/<int:article_id>/statements", scope=READ, answer=shapes.Statements, failures=(404,), section="Articles")
def statements(article_id: int) -> dict[str, Any]:
    """The statements of an article, in the order of its text."""
    found = services().store.articles.statements(_article(article_id).id)
    waiting = services().store.queue.open_among([s.id for s in found])
    return {"items": [rows.statement(s, s.id in waiting) for s in found]}


@operation("GET", "/statements/<int:statement_id>", scope=READ, answer=shapes.Statement, failures=(404,), section="Statements")
def statement(statement_id: int) -> dict[str, Any]:
    """One statement."""
    return rows.statement(_statement(statement_id), services().store.decisions.is_open(statement_id))


@operation("GET", "/statements/<int:statement_id>/candidates", scope=READ, answer=shapes.Candidates, failures=(404,), section="Statements")
def candidates(statement_id: int) -> dict[str, Any]:
    """The claims that may be the one a statement makes, best first, without those an editor rejected."""
    found = _statement(statement_id)
    pipeline.match_again_if_stale(services().store, services().encoder, found)
    return {"items": [rows.candidate(hit) for hit in review.hits(services().store, statement_id)]}


@operation("GET", "/statements/<int:statement_id>/decisions", scope=READ, answer=shapes.Decisions, failures=(404,), section="Statements")
def decisions(statement_id: int) -> dict[str, Any]:
    """What editors decided about a statement, as far as it is in force."""
    return {"items": [rows.decision(d) for d in services().store.decisions.of_statement(_statement(statement_id).id)]}


@operation("GET", "/people", scope=READ, query=shapes.ByName, answer=shapes.People, section="People")
def people(given: shapes.ByName) -> dict[str, Any]:
    """People in whose name or other name a word begins as asked."""
    return {"items": [rows.person(p) for p in services().store.people.search(given.name, given.size)]}


@operation("GET", "/people/<int:person_id>", scope=READ, answer=shapes.PersonInFull, failures=(404,), section="People")
def person(person_id: int) -> dict[str, Any]:
    """A person with the claims made most often and how claims were rated."""
    store = services().store
    found = store.people.get(store.people.root(person_id))
    if found is None:
        raise NotFound("This person is not on file.", key="no_such_person")
    ratings = {str(rating): n for rating, n in store.claims.ratings_of_person(found.id).items()}
    return rows.person(found) | {"ratings": ratings, "claims": [rows.claim(c) for c in store.claims.of_person(found.id, 50)]}


@operation("GET", "/sources", scope=READ, role=Role.EDITOR, answer=shapes.Sources, section="Sources")
def source_list() -> dict[str, Any]:
    """The feeds that are watched, by name, and how they do."""
    store = services().store
    health = store.sources.health(datetime.now(UTC))
    return {"items": [rows.source(s, health.get(s.id, SourceHealth())) for s in store.sources.all()]}


@operation("GET", "/jobs", scope=READ, role=Role.EDITOR, query=shapes.Page, answer=shapes.Jobs, section="Work")
def job_list(given: shapes.Page) -> dict[str, Any]:
    """Long work in the background, the newest first."""
    found = services().store.jobs.listing(given.size + 1, before(given.cursor))
    return {"items": [rows.job(j) for j in found[: given.size]], "cursor": str(found[given.size - 1].id) if len(found) > given.size else ""}


@operation("GET", "/jobs/<int:job_id>", scope=READ, role=Role.EDITOR, answer=shapes.Job, failures=(404,), section="Work")
def job(job_id: int) -> dict[str, Any]:
    """How far a job has come."""
    found = services().store.jobs.get(job_id)
    if found is None:
        raise NotFound(f"There is no job {job_id}.")
    return rows.job(found)


def read_text(given: shapes.DraftText | shapes.NewText) -> Article:
    """What was sent, as an article. Raises as ``articles.from_text`` does."""
    about: dict[str, Any] = {"title": given.title, "url": given.url or None, "published_at": given.published_at or None}
    if isinstance(given, shapes.NewText):
        about |= {"source": given.source, "author": given.author}
    if given.html:
        return articles.from_html(given.html.encode("utf-8", "replace"), **about)
    return articles.from_text(given.text, **about)


def claim_on_file(claim_id: int) -> Claim:
    store = services().store
    found = store.claims.get(store.claims.root(claim_id))
    if found is None:
        raise NotFound("There is no such claim on file.", key="no_such_claim")
    return found


def _article(article_id: int) -> Article:
    found = services().store.articles.get(article_id)
    if found is None:
        raise NotFound("This article is not on file.", key="no_such_article")
    return found


def _statement(statement_id: int) -> Statement:
    found = services().store.articles.statement(statement_id)
    if found is None:
        raise NotFound(f"There is no statement {statement_id}.")
    return found


def before(cursor: str) -> int | None:
    if not cursor:
        return None
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 17):
        raise BadInput("This cursor is none of ours. Begin again without one.", key="api_cursor")
    return int(cursor)


def _address(row: finding.FoundRow) -> str:
    if row.kind == "claim":
        return url_for("claims.claim", claim_id=row.id, _external=True)
    assert row.article is not None
    return url_for("articles.article", article_id=row.article.id, _anchor=f"s{row.id}", _external=True)


def cursor_of(place: tuple[Any, int]) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def place_of(cursor: str) -> tuple[Any, int] | None:
    """Where a list goes on. Raises BadInput for what ``cursor_of`` did not make."""
    if not cursor:
        return None
    try:
        key, number = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, TypeError, RecursionError):
        key, number = None, None
    if not isinstance(key, str | int | float) or not isinstance(number, int) or not 0 <= number < 2**63:
        raise BadInput("This cursor is none of ours. Begin again without one.", key="api_cursor")
    return key, number
