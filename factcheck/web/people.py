"""People: what they said and claimed, promised and how it was rated."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from factcheck.errors import NotFound
from factcheck.web import services

blueprint = Blueprint("people", __name__)


@blueprint.get("/people")
def listing():
    people = services().store.people
    name = " ".join(request.args.get("name", "").split())
    counted = people.counts(limit=300)
    if name:
        wanted = {p.id for p in people.search(name, 300)}
        known = {p.id for p, _, _ in counted}
        counted = [row for row in counted if row[0].id in wanted]
        counted += [(p, 0, 0) for p in people.search(name, 50) if p.id not in known]
    return render_template("pages/people.html", people=counted, name=name)


@blueprint.get("/people/<int:person_id>")
def person(person_id: int):
    store = services().store
    found = store.people.get(person_id)
    if found is None:
        raise NotFound("This person is not on file.")
    claims = store.claims.of_person(person_id, 200)
    statements = store.articles.of_person(person_id, 30)
    return render_template(
        "pages/person.html",
        person=found,
        claims=claims,
        ratings=store.claims.ratings_of_person(person_id),
        promises=[c for c in claims if c.promise],
        repeated=[c for c in claims if c.occurrence_count > 1][:5],
        statements=statements,
        articles=store.articles.many({s.article_id for s in statements}),
    )
