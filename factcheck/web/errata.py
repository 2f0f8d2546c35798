"""Corrections in public: the log of the whole site as a page and as feeds, and the form by which an editor makes one."""

from __future__ import annotations

from flask import Blueprint, Response, g, redirect, render_template, request, url_for

from factcheck import errata, feeds, merging
from factcheck.errors import BadInput, ClaimtrailError
from factcheck.records import Erratum, ErratumKind, Rating
from factcheck.web import services

blueprint = Blueprint("errata", __name__)

A_PAGE = 50
IN_FEED = 50


@blueprint.get("/corrections")
def listing():
    store = services().store
    found = store.errata.newest(before=request.args.get("before", type=int), limit=A_PAGE + 1)
    shown = found[:A_PAGE]
    return render_template(
        "pages/errata.html",
        told=shown,
        claims=_claims(shown),
        older=shown[-1].id if len(found) > A_PAGE else None,
        is_first="before" not in request.args,
    )


@blueprint.get("/corrections.rss")
def rss():
    return Response(feeds.rss(_feed("errata.rss")), content_type=feeds.RSS_TYPE)


@blueprint.get("/corrections.atom")
def atom():
    return Response(feeds.atom(_feed("errata.atom")), content_type=feeds.ATOM_TYPE)


@blueprint.route("/claims/<int:claim_id>/correction", methods=["GET", "POST"])
def correct(claim_id: int):
    store = services().store
    claim = merging.standing(store, claim_id)
    form = request.form
    problem: ClaimtrailError | None = None
    if request.method == "POST":
        try:
            made = _made(claim.id)
            return redirect(url_for("claims.claim", claim_id=claim.id, _anchor=f"correction-{made.id}"), 303)
        except ClaimtrailError as error:
            if error.status not in (400, 404, 409):
                raise
            problem = error
    page = render_template(
        "pages/erratum.html", claim=claim, reviews=errata.own_reviews(claim), statements=errata.linked(store, claim.id), given=form, problem=problem,
        most=errata.LONGEST,
    )  # fmt: skip
    return page, problem.status if problem else 200


@blueprint.app_template_global()
def errata_of(claim_id: int) -> list[Erratum]:
    return errata.of_claim(services().store, claim_id)


@blueprint.app_template_global()
def erratum_words(told: Erratum) -> tuple[str, str]:
    """(what stood there, what stands there now) in the reader's words."""
    if told.what is not ErratumKind.RATING:
        return told.before, told.after
    was, now = (_both(words, _rating(rating)) for rating, words in told.ratings)
    return was, now


def _both(words: str, rating: str) -> str:
    """A review's own words with the rating they stand for, unless the two are the same."""
    return rating if words.casefold() in ("", rating.casefold()) else f"{words} ({rating})"


def line(told: Erratum) -> str:
    """A correction in a line, for feeds."""
    was, now = erratum_words(told)
    return g.words("errata.line", was=was, now=now, reason=told.reason) if now else g.words("errata.line_gone", was=was, reason=told.reason)


def _made(claim_id: int) -> Erratum:
    store, form = services().store, request.form
    what, reason = form.get("what", ""), form.get("reason", "")
    if what == ErratumKind.RATING:
        given = form.get("rating", "")
        rating = Rating(given) if given in set(Rating) else None
        return errata.correct_rating(store, claim_id, form.get("review", 0, type=int), rating, form.get("rating_text", ""), reason, g.user)
    if what == ErratumKind.LINK:
        return errata.correct_link(store, claim_id, form.get("statement", 0, type=int), reason, g.user)
    if what == ErratumKind.TEXT:
        return errata.correct_text(store, claim_id, form.get("before", ""), form.get("after", ""), reason, g.user)
    raise BadInput("Say what was wrong: the rating, a link, or words.", key="erratum_what")


def _claims(told: list[Erratum]) -> dict[int, object]:
    """Claim of a correction -> the claim that stands for it."""
    store = services().store
    roots = store.claims.roots(e.claim_id for e in told)
    found = store.claims.many(roots.values())
    return {given: found[root] for given, root in roots.items()}


def _feed(endpoint: str) -> feeds.Feed:
    told, home = services().store.errata.newest(limit=IN_FEED), services().settings.address
    claims = _claims(told)
    entries = [
        feeds.Entry(
            id=f"{home}{url_for('errata.listing')}#correction-{e.id}",
            title=g.words("errata.feed_title", claim=claims[e.claim_id].text),
            link=f"{home}{url_for('claims.claim', claim_id=claims[e.claim_id].id)}#correction-{e.id}",
            at=e.at,
            text=line(e),
        )
        for e in told
    ]
    return feeds.Feed(
        title=g.words("errata.feed"), link=home + url_for("errata.listing"), address=home + url_for(endpoint), language=g.words.language, entries=entries
    )


def _rating(rating: str) -> str:
    return g.words(f"rating.{rating.replace(' ', '_')}")
