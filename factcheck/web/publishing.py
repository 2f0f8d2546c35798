"""Reviews as others read them: ClaimReview of a claim, a DataFeed of all, RSS and Atom."""

from __future__ import annotations

import json

from flask import Blueprint, Response, g, request, stream_with_context, url_for
from markupsafe import Markup

from factcheck import exporting, feeds
from factcheck.errors import NotAllowed, NotFound
from factcheck.records import Role
from factcheck.web import errata, services

blueprint = Blueprint("publishing", __name__)

IN_FEED = 50  # reviews
JSON_LD = "application/ld+json; charset=utf-8"


@blueprint.get("/claims/<int:claim_id>.json")
def of_claim(claim_id: int):
    """Every review of the claim as ClaimReview, those imported as they were published."""
    store = services().store
    claim = store.claims.get(store.claims.root(claim_id))
    if claim is None:
        raise NotFound("There is no such claim on file.", key="no_such_claim")
    if g.user:
        store.claims.note_export(g.user.id, [claim.id])
    found = exporting.of_claim(store, claim.id, together=True, address=page_of)
    return Response(json.dumps(found, ensure_ascii=False, indent=1), content_type=JSON_LD)


@blueprint.get("/claimreview.json")
def data_feed():
    """The newsroom's own reviews as a DataFeed; with ``all=1`` every review, for editors."""
    reviews = exporting.claim_reviews(services().store, own=not _all(), address=page_of)
    address = services().settings.address + url_for("publishing.data_feed", **_query())
    pieces = exporting.data_feed(reviews, g.words("formats.feed"), address)
    return Response(stream_with_context(pieces), content_type=JSON_LD)


@blueprint.get("/reviews.rss")
def rss():
    return Response(feeds.rss(_feed("publishing.rss")), content_type=feeds.RSS_TYPE)


@blueprint.get("/reviews.atom")
def atom():
    return Response(feeds.atom(_feed("publishing.atom")), content_type=feeds.ATOM_TYPE)


@blueprint.app_template_global()
def json_ld(claim_id: int) -> Markup:
    """The newsroom's own reviews of a claim for the claim's page, "" when there is none. Nothing in it can end the element it stands in."""
    found = exporting.of_claim(services().store, claim_id, own=True, together=True, address=page_of)
    if not found:
        return Markup("")
    text = json.dumps(found[0] if len(found) == 1 else found, ensure_ascii=False)
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))


def page_of(claim_id: int) -> str:
    return services().settings.address + url_for("claims.claim", claim_id=claim_id)


def _all() -> bool:
    if request.args.get("all") != "1":
        return False
    if not (g.user and g.user.role.includes(Role.EDITOR)):
        raise NotAllowed("Only editors take along the reviews of others.", key="only_editors_all")
    return True


def _query() -> dict[str, str]:
    return {"all": "1"} if request.args.get("all") == "1" else {}


def _feed(endpoint: str) -> feeds.Feed:
    store, home = services().store, services().settings.address
    reviews = store.exports.newest_reviews(IN_FEED, own=not _all())
    roots = store.claims.roots(r.claim_id for r in reviews)
    claims = store.claims.many(roots.values())
    corrections = store.errata.of_reviews([r.id for r in reviews])
    entries = []
    for review in reviews:
        claim = claims[roots[review.claim_id]]
        told = [e for e in corrections if e.review_id == review.id and review.added_at]
        rating = review.rating_text or g.words(f"rating.{str(review.rating).replace(' ', '_')}")
        link = page_of(claim.id)
        entries.append(
            feeds.Entry(
                id=f"{link}#review-{review.id}" if review.added_at else review.url or f"{link}#{review.publisher}-{review.published_at}",
                title=f"{rating}: {claim.speaker + ' – ' if claim.speaker else ''}{claim.text}",
                link=review.url or link,
                at=told[0].at if told else review.added_at or review.published_at or "",
                text="\n".join(filter(None, (*(f"{g.words('errata.what.rating')}: {errata.line(e)}" for e in told), review.title, review.summary))),
                author=review.publisher,
            )
        )
    return feeds.Feed(
        title=g.words("formats.feed"), link=home + url_for("pages.home"), address=home + url_for(endpoint, **_query()),
        language=g.words.language, entries=entries,
    )  # fmt: skip
