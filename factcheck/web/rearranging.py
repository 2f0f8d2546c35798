"""Merging and splitting claims, and taking both back."""

from __future__ import annotations

import re

from flask import Blueprint, g, redirect, render_template, request, url_for

from factcheck import merging, searching, timeline
from factcheck.errors import BadInput, ChangedMeanwhile, ClaimtrailError
from factcheck.merging import Chosen
from factcheck.records import Claim
from factcheck.web import services

blueprint = Blueprint("rearranging", __name__)

PROPOSED = 6  # claims offered to merge with, or to split off to
_NUMBER_IN_ADDRESS = re.compile(r"(?:.*/claims/)?(\d+)(?:[?#].*)?$")


@blueprint.get("/claims/<int:claim_id>/merge")
def merge_page(claim_id: int):
    claim = merging.standing(services().store, claim_id)
    other = _other(request.args.get("other", ""), claim)
    return _merge_page(claim, other)


@blueprint.post("/claims/<int:claim_id>/merge")
def merge(claim_id: int):
    store = services().store
    claim = merging.standing(store, claim_id)
    other = _other(request.form.get("other", ""), claim)
    if other is None:
        return _merge_page(claim, None)
    stands = other if request.form.get("stands") == str(other.id) else claim
    ceases = claim if stands is other else other
    try:
        made = merging.merge(
            store, stands.id, ceases.id, g.user, saw=request.form.get("saw", ""), confirmed="confirmed" in request.form
        )
    except (BadInput, ChangedMeanwhile) as error:
        return _merge_page(claim, other, error), error.status
    return redirect(url_for("claims.claim", claim_id=store.claims.root(made.claim_id), merged=made.other_id), 303)


@blueprint.get("/claims/<int:claim_id>/split")
def split_page(claim_id: int):
    return _split_page(merging.standing(services().store, claim_id))


@blueprint.post("/claims/<int:claim_id>/split")
def split(claim_id: int):
    store = services().store
    claim = merging.standing(store, claim_id)
    try:
        into, text = _target(claim)
        made = merging.split(store, services().encoder, claim.id, _chosen(), g.user, saw=request.form.get("saw", ""), into=into, text=text)
    except (BadInput, ChangedMeanwhile) as error:
        return _split_page(claim, error), error.status
    return redirect(url_for("claims.claim", claim_id=made.other_id, _anchor="rearranged"), 303)


@blueprint.post("/claims/rearranged/<int:rearrangement_id>/undo")
def undo(rearrangement_id: int):
    made = merging.undo(services().store, rearrangement_id, g.user)
    back = request.form.get("claim", type=int) or made.claim_id
    return redirect(url_for("claims.claim", claim_id=back, _anchor="rearranged"), 303)


def _merge_page(claim: Claim, other: Claim | None, problem: ClaimtrailError | None = None) -> str:
    store = services().store
    query = request.values.get("q", "").strip()[:1000]
    stands = other if other and other.promise and not claim.promise else claim
    if other and request.method == "POST":
        stands = other if request.form.get("stands") == str(other.id) else claim
    return render_template(
        "pages/claim_merge.html",
        claim=claim,
        other=other,
        stands=stands.id,
        query=query,
        offered=() if other else _offered(claim, query),
        differences=merging.differences(store, claim, other) if other else (),
        saw=merging.state(store, [claim.id, other.id]) if other else "",
        problem=problem,
    )


def _split_page(claim: Claim, problem: ClaimtrailError | None = None) -> str:
    store = services().store
    entries = timeline.entries(store.claims.occurrences(claim.id))
    reports = [r for e in entries for r in e.reports]
    return render_template(
        "pages/claim_split.html",
        claim=claim,
        reports=reports,
        articles=store.articles.many({r.article_id for r in reports if r.article_id}),
        offered=_offered(claim, ""),
        ticked={name: request.form.getlist(name) for name in ("statement", "occurrence", "review", "coverage")},
        target=request.form.get("target", "new"),
        text=request.form.get("text", ""),
        number=request.form.get("number", ""),
        saw=merging.state(store, [claim.id]),
        problem=problem,
    )


def _offered(claim: Claim, query: str) -> list:
    """Claims near to this one, or near to what was asked for."""
    store, encoder = services().store, services().encoder
    if not query:
        return searching.similar_claims(store, encoder, claim, k=PROPOSED)
    return [h for h in searching.search_claims(store, encoder, query, k=PROPOSED + 1) if h.claim.id != claim.id][:PROPOSED]


def _other(named: str, claim: Claim) -> Claim | None:
    """The other claim by its number or its address here. Raises BadInput for one that is not on file or the same."""
    if not named.strip():
        return None
    found = _NUMBER_IN_ADDRESS.match(named.strip())
    other = services().store.claims.get(services().store.claims.root(int(found[1][:18]))) if found else None
    if other is None:
        raise BadInput("There is no claim with this number or address.", key="no_claim_there")
    if other.id == claim.id:
        raise BadInput("These two are one claim already.", key="merge_same")
    return other


def _target(claim: Claim) -> tuple[int | None, str]:
    """(the claim on file that takes what is split off, or None; the wording of a new one)"""
    target = request.form.get("target", "new")
    if target == "new":
        return None, request.form.get("text", "")
    other = _other(request.form.get("number", "") if target == "other" else target, claim)
    if other is None:
        raise BadInput("There is no claim with this number or address.", key="no_claim_there")
    return other.id, ""


def _chosen() -> Chosen:
    def ids(name: str) -> tuple[int, ...]:
        return tuple(int(v) for v in request.form.getlist(name) if v.isascii() and v.isdigit() and len(v) < 19)

    return Chosen(ids("statement"), ids("occurrence"), ids("review"), ids("coverage"))

