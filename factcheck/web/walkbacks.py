"""Walk-backs: the list of those proposed, confirmed and rejected, and deciding on one from wherever it is shown."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request, url_for

from factcheck import takingback
from factcheck.errors import AlreadyDecided, BadInput
from factcheck.records import WalkbackState
from factcheck.web import services

blueprint = Blueprint("walkbacks", __name__)

SHOWN = 20


@blueprint.get("/walk-backs")
def listing():
    return _listing()


def _listing(conflict: AlreadyDecided | None = None) -> str:
    store, asked = services().store, request.args.get("state", "")
    state = WalkbackState(asked) if asked in set(WalkbackState) else WalkbackState.PROPOSED
    found = store.walkbacks.listing(state, after=_after(), limit=SHOWN + 1)
    more, found = len(found) > SHOWN, found[:SHOWN]
    return render_template(
        "pages/walkbacks.html",
        walkbacks=found,
        claims=store.claims.many(w.claim_id for w in found),
        state=state,
        counts=store.walkbacks.counts(),
        following=f"{found[-1].probability!r}~{found[-1].id}" if more else "",
        conflict=conflict,
    )


@blueprint.post("/walk-backs/<int:walkback_id>")
def decide(walkback_id: int):
    """Confirm or reject, or take either back; whoever is second is told what happened."""
    form = request.form
    try:
        made = takingback.decide(
            services().store, walkback_id, form.get("state", ""), g.user, kind=form.get("kind", ""), note=form.get("note", ""), saw=form.get("saw", "")
        )
    except AlreadyDecided as conflict:
        return _listing(conflict), conflict.status
    return redirect(_back(made.claim_id), 303)


def _back(claim_id: int) -> str:
    """To the page it was sent from, as far as it is one of ours."""
    origin = request.form.get("from", "")
    if origin.startswith(("/walk-backs", "/people/", "/claims/")) and "//" not in origin.partition("?")[0] and "\\" not in origin:
        return origin
    return url_for("claims.claim", claim_id=services().store.claims.root(claim_id), _anchor="walkbacks")


def _after() -> tuple[float, int] | None:
    text = request.args.get("after", "")
    if not text:
        return None
    try:
        probability, _, last = text.partition("~")
        return float(probability), int(last)
    except ValueError:
        raise BadInput("This page of the list does not exist. Begin with its first page.", key="no_such_list_page") from None
