"""A claim with all that is known about it, and the list of promises."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for

from factcheck import searching
from factcheck.errors import NotFound
from factcheck.records import PromiseStatus
from factcheck.web import services, show
from factcheck.web.results import is_found

blueprint = Blueprint("claims", __name__)


@blueprint.get("/claims/<int:claim_id>")
def claim(claim_id: int):
    store, encoder = services().store, services().encoder
    found = store.claims.get(claim_id)
    if found is None:
        return by_key(str(claim_id))
    decisions = store.decisions.of_claim(claim_id)
    statements = store.articles.statements_by_id({d.statement_id for d in decisions})
    similar = searching.similar_claims(store, encoder, found, k=5)
    possible = show.cutoffs().possible
    return render_template(
        "pages/claim.html",
        claim=found,
        person=store.people.get(found.person_id) if found.person_id else None,
        occurrences=store.claims.occurrences(claim_id),
        similar=[h for h in similar if is_found(h.candidate.probability, h.candidate.evidence, possible)],
        decisions=decisions,
        statements=statements,
        articles=store.articles.many({s.article_id for s in statements.values()}),
    )


@blueprint.get("/claims/<path:key>")
def by_key(key: str):
    """The address by the identifier a claim was imported with leads to the claim's own."""
    found = services().store.claims.by_key(key)
    if found is None:
        raise NotFound("There is no such claim on file.", key="no_such_claim")
    return redirect(url_for("claims.claim", claim_id=found.id), 302)


@blueprint.get("/promises")
def promises():
    store = services().store
    wanted = request.args.get("status", "")
    status = PromiseStatus(wanted) if wanted in set(PromiseStatus) else None
    return render_template(
        "pages/promises.html", promises=store.promises.listing(status), counts=store.promises.counts(), status=status
    )
