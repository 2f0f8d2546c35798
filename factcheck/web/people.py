"""People: what they said and claimed, promised and how it was rated; and confirming whom a mention means."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request, url_for

from factcheck import confirming
from factcheck.errors import NotFound
from factcheck.records import Confirmation, Person
from factcheck.web import services

blueprint = Blueprint("people", __name__)


Period = tuple[str | None, str | None]


def offices_by_period(person: Person, language: str) -> list[tuple[Period, list[str]]]:
    """((since, until), titles) with the newest period first and undated descriptions last; titles in ``language`` lead."""
    periods: dict[Period, list[str]] = {}
    for office in person.offices:
        periods.setdefault((office.since, office.until), []).append(office.title)
    newest_first = sorted(
        periods.items(), key=lambda pair: (pair[0] != (None, None), pair[0][0] or "0", pair[0][1] or "9999"), reverse=True
    )
    return [
        (period, sorted(dict.fromkeys(titles), key=lambda t: _is_english(t) != (language == "en")))
        for period, titles in newest_first
    ]


def main_office(person: Person, language: str) -> str:
    """The title a person is known by: of the newest period, in ``language`` if there is one."""
    periods = offices_by_period(person, language)
    return periods[0][1][0] if periods else ""


def _is_english(title: str) -> bool:
    """Titles end in a noun, and German writes nouns with a capital letter."""
    return title.split()[-1][:1].islower()


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
    return render_template("pages/people.html", people=counted, name=name, main_office=main_office)


@blueprint.get("/people/<int:person_id>")
def person(person_id: int):
    store = services().store
    found = store.people.get(person_id)
    if found is None:
        raise NotFound("This person is not on file.", key="no_such_person")
    claims = store.claims.of_person(person_id, 200)
    statements = store.articles.of_person(person_id, 30)
    return render_template(
        "pages/person.html",
        person=found,
        periods=offices_by_period(found, g.words.language),
        claims=claims,
        ratings=store.claims.ratings_of_person(person_id),
        promises=[c for c in claims if c.promise],
        repeated=[c for c in claims if c.occurrence_count > 1][:5],
        statements=statements,
        articles=store.articles.many({s.article_id for s in statements}),
    )


@blueprint.post("/statements/<int:statement_id>/speaker")
def confirm(statement_id: int):
    """Name the speaker as suggested."""
    made = confirming.confirm(
        services().store, services().encoder, statement_id, request.form.get("name", ""), g.user, request.form.get("saw", ""),
        remember=request.form.get("remember") == "1",
    )  # fmt: skip
    return _back(made, statement_id)


@blueprint.post("/confirmations/<int:confirmation_id>/undo")
def take_back(confirmation_id: int):
    undone = confirming.undo(services().store, services().encoder, confirmation_id, g.user)
    return _back(undone, undone.statements[0])


def _back(confirmation: Confirmation, statement_id: int):
    """To the page it was sent from."""
    if request.form.get("from") == "review":
        return redirect(url_for("review.statement", statement_id=statement_id), 303)
    return redirect(url_for("articles.article", article_id=confirmation.article_id, _anchor=f"note{statement_id}"), 303)
