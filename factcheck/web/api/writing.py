"""Operations that change something: each does what the pages do, by the same functions, and stands in the log the same way."""

from __future__ import annotations

from typing import Any

from flask import g

from factcheck import articles, editing, fetch, pipeline, promises, review, sourcesdesk
from factcheck.errors import BadInput, FetchFailed, OutgoingFailed
from factcheck.records import (
    Claim,
    PromiseStatus,
    Rating,
    Relation,
    Review,
    Role,
    Scope,
    Source,
    SourceHealth,
)
from factcheck.records.dates import day_range
from factcheck.web import services
from factcheck.web.api import rows, shapes
from factcheck.web.api.operations import operation
from factcheck.web.api.reading import read_text


@operation(
    "POST", "/articles", scope=Scope.WRITE, role=Role.JOURNALIST, body=shapes.NewText, answer=shapes.Added, status=201, failures=(502,), section="Articles"
)
def add_article(given: shapes.NewText) -> dict[str, Any]:
    """Add an article: its text, a page, or an address alone. It is read in the background; ask for its state."""
    if given.url and not given.text.strip() and not given.html.strip():
        about = {"title": given.title, "source": given.source, "author": given.author, "published_at": given.published_at or None}
        article = articles.from_page(fetch.get(articles.normalise_url(given.url), allow=services().settings.outgoing_allow), **about)
    else:
        article = read_text(given)
    stored, is_new = pipeline.add_article(services().store, article, g.user.id)
    services().wake()
    return {"new": is_new, "article": rows.article(stored)}


@operation(
    "POST", "/articles/<int:article_id>:retry", scope=Scope.WRITE, role=Role.JOURNALIST, answer=shapes.Article, status=201, failures=(404,), section="Articles"
)
def retry_article(article_id: int) -> dict[str, Any]:
    """Have an article read again that could not be read."""
    made = pipeline.try_again(services().store, article_id, g.user.name)
    services().wake()
    return rows.article(made)


@operation(
    "POST", "/statements/<int:statement_id>/decisions", scope=Scope.DECIDE, role=Role.EDITOR, body=shapes.Verdict, answer=shapes.Decision, status=201,
    failures=(404, 409), section="Statements",
)  # fmt: skip
def decide(statement_id: int, given: shapes.Verdict) -> dict[str, Any]:
    """Decide whether a statement makes a claim. 409 tells who decided it before."""
    store = services().store
    if given.claim_id is None and given.relation == "not a match":
        return rows.decision(review.no_match(store, statement_id, g.user, given.note))
    return rows.decision(review.decide(store, statement_id, given.claim_id, Relation(given.relation), g.user, given.note))


@operation(
    "POST", "/decisions/<int:decision_id>:undo", scope=Scope.DECIDE, role=Role.EDITOR, answer=shapes.Decision, status=201, failures=(404, 409),
    section="Statements",
)  # fmt: skip
def undo(decision_id: int) -> dict[str, Any]:
    """Take a decision back. It stays on record as undone."""
    return rows.decision(review.undo(services().store, g.user, decision_id))


@operation("POST", "/claims", scope=Scope.WRITE, role=Role.EDITOR, body=shapes.NewClaim, answer=shapes.Claim, status=201, section="Claims")
def make_claim(given: shapes.NewClaim) -> dict[str, Any]:
    """Put a claim on file; it is found and matched at once."""
    said_at = day(given.first_said_at)
    claim = Claim(0, "", given.text, language=given.language, title=given.title, speaker=given.speaker, first_said_at=said_at)
    made = editing.new_claim(services().store, services().encoder, claim, g.user)
    services().wake()
    return rows.claim(made)


@operation(
    "POST", "/claims/<int:claim_id>/reviews", scope=Scope.WRITE, role=Role.EDITOR, body=shapes.NewReview, answer=shapes.Made, status=201, failures=(404,),
    section="Claims",
)  # fmt: skip
def add_review(claim_id: int, given: shapes.NewReview) -> dict[str, int]:
    """Add a review of a claim."""
    fields = given.model_dump() | {"rating": Rating(given.rating), "published_at": day(given.published_at), "claim_id": claim_id}
    return {"id": editing.put_review(services().store, Review(**fields), g.user)}


@operation(
    "POST", "/claims/<int:claim_id>/status-changes", scope=Scope.WRITE, role=Role.EDITOR, body=shapes.NewStatus, answer=shapes.Change, status=201,
    failures=(404, 409), section="Claims",
)  # fmt: skip
def change_status(claim_id: int, given: shapes.NewStatus) -> dict[str, Any]:
    """Note what became of a promise, with its source."""
    made = promises.change_status(
        services().store, claim_id, str(PromiseStatus(given.status)), given.source_url, given.note, given.at, g.user
    )
    return {"id": made.id, "status": str(made.status), "at": made.at, "source_url": made.source_url, "note": made.note, "by": made.by}


@operation("POST", "/sources", scope=Scope.WRITE, role=Role.EDITOR, body=shapes.NewSource, answer=shapes.Source, status=201, section="Sources")
def add_source(given: shapes.NewSource) -> dict[str, Any]:
    """Watch a feed. It is fetched to see whether it can be read, else 400, which lists the feeds of a page that names several."""
    about = given.model_dump()
    try:
        made = sourcesdesk.add(services().store, services().settings, g.user.name, about.pop("url"), **about)
    except (FetchFailed, OutgoingFailed) as error:  # what was sent does not lead to a feed
        raise BadInput(str(error), key=error.key, **error.values) from error
    if not isinstance(made, Source):
        raise BadInput(f"This page names several feeds. Choose one: {', '.join(f.url for f in made)}", key="source_several", urls=", ".join(f.url for f in made))
    services().wake()
    return rows.source(made, SourceHealth())


def day(text: str) -> str | None:
    """A date as exact as it is known, None for none. Raises BadInput for a day that no calendar has."""
    if text and day_range(text) is None:
        raise BadInput(f"No calendar has the day {text}.", key="api_day", day=text)
    return text or None
