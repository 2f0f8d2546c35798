"""Personal data: one's own to take along, and for administrators handing over and erasing what is kept of a user or a person on file."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, g, redirect, render_template, request, url_for

from factcheck import privacy
from factcheck.errors import BadInput, NotFound
from factcheck.web import services

blueprint = Blueprint("privacy", __name__)


@blueprint.get("/my-data.json")
def own_data():
    return _file(privacy.export_user(services().store, g.user.id), "my-data")


@blueprint.get("/users/<int:user_id>/data.json")
def user_data(user_id: int):
    return _file(privacy.export_user(services().store, user_id), f"user-{user_id}")


@blueprint.get("/people/<int:person_id>/data.json")
def person_data(person_id: int):
    return _file(privacy.export_person(services().store, person_id), f"person-{person_id}")


@blueprint.route("/users/<int:user_id>/erase", methods=["GET", "POST"])
def erase_user(user_id: int):
    user = services().store.users.get(user_id)
    if user is None or user.is_erased:
        raise NotFound("There is no such user.", key="no_such_user")
    problem = _problem(user.name)
    if request.method == "POST" and not problem:
        privacy.erase_user(services().store, g.user.name, user_id)
        return redirect(url_for("users.listing", done="erased") if user_id != g.user.id else url_for("auth.sign_in"), 303)
    return _page("user", user.name, url_for("users.user", user_id=user_id), url_for("privacy.user_data", user_id=user_id), problem)


@blueprint.route("/people/<int:person_id>/erase", methods=["GET", "POST"])
def erase_person(person_id: int):
    store = services().store
    person = store.people.get(store.people.root(person_id))
    if person is None:
        raise NotFound("This person is not on file.", key="no_such_person")
    problem = _problem(person.name)
    page = url_for("people.person", person_id=person.id)
    if request.method == "POST" and not problem:
        privacy.erase_person(store, g.user, person.id)
        return redirect(page, 303)
    return _page("person", person.name, page, url_for("privacy.person_data", person_id=person.id), problem)


def _problem(name: str) -> BadInput | None:
    if request.method == "POST":
        try:
            privacy.confirm(request.form.get("name", ""), name)
        except BadInput as error:
            return error
    return None


def _page(what: str, name: str, back: str, data: str, problem: BadInput | None) -> tuple[str, int]:
    page = render_template("pages/erase.html", what=what, name=name, back=back, data=data, problem=problem)
    return page, 422 if problem else 200


def _file(found: dict[str, Any], name: str) -> Response:
    answer = Response(json.dumps(found, ensure_ascii=False, indent=1), content_type="application/json; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="claimtrail-{name}.json"'
    return answer
