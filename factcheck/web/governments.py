"""Governments: the list, naming and dating them, and who belongs to them. Their promises are on the tracker."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, g, redirect, render_template, request, url_for

from factcheck import governments
from factcheck.errors import BadInput
from factcheck.web import services
from factcheck.web.promises import government_on_file

blueprint = Blueprint("governments", __name__)


@blueprint.get("/governments")
def listing():
    return _listing({})


def _listing(given: Mapping[str, str], problem: BadInput | None = None) -> str:
    return render_template("pages/governments.html", governments=services().store.governments.all(), given=given, problem=problem)


@blueprint.post("/governments")
def make():
    form = request.form
    try:
        made = governments.save(services().store, form.get("name", ""), form.get("since", ""), form.get("until", ""), g.user)
    except BadInput as problem:
        return _listing(form, problem), problem.status
    return redirect(url_for("governments.edit", government_id=made.id), 303)


@blueprint.get("/governments/<int:government_id>")
def edit(government_id: int):
    found = government_on_file(government_id)
    return _page(government_id, {"name": found.name, "since": found.since or "", "until": found.until or ""})


@blueprint.post("/governments/<int:government_id>")
def save(government_id: int):
    form = request.form
    try:
        governments.save(services().store, form.get("name", ""), form.get("since", ""), form.get("until", ""), g.user, government_id)
    except BadInput as problem:
        return _page(government_id, form, problem), problem.status
    return redirect(url_for("promises.of_government", government_id=government_id), 303)


@blueprint.post("/governments/<int:government_id>/members")
def add_member(government_id: int):
    try:
        governments.add_member(services().store, government_id, request.form.get("member", ""), g.user)
    except BadInput as problem:
        found = government_on_file(government_id)
        given = {"name": found.name, "since": found.since or "", "until": found.until or "", "member": request.form.get("member", "")}
        return _page(government_id, given, problem, of_member=True), problem.status
    return redirect(url_for("governments.edit", government_id=government_id, _anchor="members"), 303)


@blueprint.post("/governments/<int:government_id>/members/<int:person_id>/remove")
def remove_member(government_id: int, person_id: int):
    governments.remove_member(services().store, government_id, person_id, g.user)
    return redirect(url_for("governments.edit", government_id=government_id, _anchor="members"), 303)


def _page(government_id: int, given: Mapping[str, str], problem: BadInput | None = None, *, of_member: bool = False) -> str:
    return render_template(
        "pages/government.html", government=government_on_file(government_id), given=given,
        problem=None if of_member else problem, member_problem=problem if of_member else None,
    )  # fmt: skip
