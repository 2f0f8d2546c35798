"""What publishers' rating words mean: those no table knows, and the newsroom's own entries."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request, url_for

from factcheck import ratingdesk
from factcheck.errors import BadInput, ClaimtrailError
from factcheck.records import Rating
from factcheck.web import services

blueprint = Blueprint("rating_words", __name__)

SHOWN = 100  # unknown words


@blueprint.get("/ratings")
def page():
    return _page()


@blueprint.post("/ratings")
def understand():
    """Take what was chosen for any of the words on the page, in one go."""
    chosen = [
        (request.form[name], rating)
        for name in request.form
        if name.startswith("words-") and (rating := request.form.get(f"rating-{name.removeprefix('words-')}", "")) and request.form[name].strip()
    ]
    store = services().store
    try:
        if not chosen:
            raise BadInput("Choose what the words mean.", key="rating_needed")
        with store.write():
            changed = sum(ratingdesk.understand(store, words, rating, g.user) for words, rating in chosen)
    except BadInput as problem:
        return _page(problem), problem.status
    return redirect(url_for("rating_words.page", changed=changed), 303)


@blueprint.post("/ratings/take-back")
def take_back():
    changed = ratingdesk.take_back(services().store, request.form.get("key", ""), g.user)
    return redirect(url_for("rating_words.page", changed=changed), 303)


def _page(problem: ClaimtrailError | None = None) -> str:
    store = services().store
    unknown = ratingdesk.unknown(store)
    return render_template(
        "pages/rating_words.html",
        unknown=unknown[:SHOWN],
        left=max(0, len(unknown) - SHOWN),
        claims=store.claims.many(u.claim_id for u in unknown[:SHOWN]),
        entries=store.rating_words.all(),
        choices=list(Rating),
        changed=request.args.get("changed", type=int),
        problem=problem,
    )
