"""Changing what became of a promise, and by what and by when it is judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from flask import Blueprint, g, redirect, render_template, request, url_for

from factcheck import promises, terms, timezones
from factcheck.errors import AlreadyDecided, BadInput, NotFound
from factcheck.records import Claim, Promise
from factcheck.web import services
from factcheck.web.promises import today

blueprint = Blueprint("promise_desk", __name__)


@blueprint.route("/claims/<int:claim_id>/status", methods=["GET", "POST"])
def change(claim_id: int):
    """What became of a promise: a page of its own for the tracker, for whoever was second, and for what was entered wrongly."""
    store = services().store
    if request.method == "GET":
        return _change_page(_promise(claim_id))
    form = request.form
    try:
        promises.change_status(
            store, claim_id, form.get("status", ""), form.get("source", ""), form.get("note", ""), form.get("at", ""), g.user,
            saw=form.get("saw", ""), today=today(),
        )  # fmt: skip
    except AlreadyDecided as conflict:
        return _change_page(_promise(claim_id), form, conflict=True), conflict.status
    except BadInput as problem:
        return _change_page(_promise(claim_id), form, problem=problem), problem.status
    return redirect(_back(claim_id), 303)


def _change_page(claim: Claim, given: Mapping[str, str] | None = None, *, problem: BadInput | None = None, conflict: bool = False) -> str:
    return render_template(
        "pages/promise_change.html", claim=claim, given=given or {}, problem=problem, conflict=conflict, origin=_origin(),
        history=services().store.promises.history(claim.id),
    )  # fmt: skip


@blueprint.post("/promises/changes/<int:change_id>/undo")
def undo(change_id: int):
    found = services().store.promises.change(change_id)
    promises.undo(services().store, change_id, g.user)
    assert found is not None
    return redirect(_back(found[0]), 303)


@blueprint.route("/claims/<int:claim_id>/terms", methods=["GET", "POST"])
def set_terms(claim_id: int):
    """By what and by when a promise is judged."""
    claim = _claim(claim_id)
    if request.method == "GET":
        return _terms_page(claim, _terms_of(claim.promise or Promise()))
    form = request.form
    try:
        promises.set_terms(services().store, claim_id, _terms_in(form), g.user)
    except BadInput as problem:
        return _terms_page(claim, form, problem), problem.status
    return redirect(_back(claim.id), 303)


def _terms_in(form: Mapping[str, str]) -> Promise:
    """A promise's terms as the form gives them. Raises BadInput."""
    kind, day, clock, zone = (form.get(name, "") for name in ("kind", "day", "clock", "zone"))
    if kind == "day":
        made = terms.at_moment(day, clock, zone) if clock.strip() else terms.on_day(day)
    elif kind == "after":
        made = terms.after_event(form.get("amount", ""), form.get("unit", ""), form.get("from_day", ""), form.get("from_clock", ""), form.get("from_zone", ""))
    else:
        made = Promise()
    return replace(made, criterion=form.get("criterion", ""), deadline_text=form.get("words", ""))


def _terms_of(promise: Promise) -> dict[str, str]:
    """The form's fields for a promise as it stands."""
    amount, unit = terms.length_of(promise.hours) if promise.hours else ("", "hours")
    start, end = promise.runs_from or "", promise.deadline or ""
    return {
        "criterion": promise.criterion,
        "words": promise.deadline_text,
        "kind": "after" if promise.hours else "day" if promise.deadline else "none",
        "day": "" if promise.hours else end[:10],
        "clock": "" if promise.hours else end[11:16],
        "zone": "" if promise.hours else promise.zone or (end[16:] if "T" in end else ""),
        "amount": amount,
        "unit": unit,
        "from_day": start[:10],
        "from_clock": start[11:16],
        "from_zone": (promise.zone or start[16:] if "T" in start else "") if promise.hours else "",
    }


def _terms_page(claim: Claim, given: Mapping[str, str], problem: BadInput | None = None) -> str:
    return render_template(
        "pages/promise_terms.html", claim=claim, given=given, problem=problem, origin=_origin(), units=list(terms.UNITS),
        zones=[*terms.SUGGESTED_ZONES, *timezones.names()], may_leave=claim.promise and not services().store.promises.is_imported(claim.id),
    )  # fmt: skip


@blueprint.post("/claims/<int:claim_id>/no-promise")
def no_promise(claim_id: int):
    return redirect(url_for("claims.claim", claim_id=promises.no_promise(services().store, claim_id, g.user).id), 303)


def _origin() -> str:
    """The page a form was opened on, as far as it is one of ours to go back to."""
    value = request.values.get("from", "")
    return value if value.startswith("/promises") and "\\" not in value and "//" not in value.partition("?")[0] else ""


def _back(claim_id: int) -> str:
    return _origin() or url_for("claims.claim", claim_id=services().store.claims.root(claim_id), _anchor="history")


def _claim(claim_id: int) -> Claim:
    store = services().store
    found = store.claims.get(store.claims.root(claim_id))
    if found is None:
        raise NotFound("There is no such claim on file.", key="no_such_claim")
    return found


def _promise(claim_id: int) -> Claim:
    found = _claim(claim_id)
    if found.promise is None:
        raise BadInput("This claim is not tracked as a promise. Set its criterion or deadline first.", key="no_promise")
    return found
