"""Editing people, by plain forms: names, offices with dates, and two who are one."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request, url_for

from factcheck import peopledesk
from factcheck.errors import BadInput, ClaimtrailError, NotFound
from factcheck.records import Person
from factcheck.web import services

blueprint = Blueprint("people_desk", __name__)


@blueprint.app_template_global()
def has_office(person: Person, told: dict) -> bool:
    """Does the person have an office as the log tells it?"""
    return any((o.title, o.since, o.until) == (told.get("title"), told.get("since"), told.get("until")) for o in person.offices)


@blueprint.get("/people/<int:person_id>/edit")
def edit(person_id: int):
    """Everything editors can change about a person, who it may be the same as, and what was changed so far."""
    found = services().store.people.get(person_id)
    if found is None:
        raise NotFound("This person is not on file.", key="no_such_person")
    if found.merged_into is not None:
        return redirect(url_for("people_desk.edit", person_id=services().store.people.root(person_id)), 302)
    return _page(found)


@blueprint.post("/people/<int:person_id>/edit")
def change(person_id: int):
    form = request.form
    return _try(
        person_id,
        "about",
        lambda: peopledesk.change(
            services().store, person_id, g.user, form.get("saw", ""),
            name=form.get("name", ""), gender=form.get("gender", ""), organisation=form.get("organisation") == "1",
        ),
    )  # fmt: skip


@blueprint.post("/people/<int:person_id>/aliases")
def alias(person_id: int):
    """Add the alias that was typed, or remove the one whose button was pressed."""
    store, remove = services().store, request.form.get("remove", "")
    if remove:
        return _try(person_id, "aliases", lambda: peopledesk.remove_alias(store, person_id, remove, g.user))
    return _try(person_id, "aliases", lambda: peopledesk.add_alias(store, person_id, request.form.get("alias", ""), g.user))


@blueprint.post("/people/<int:person_id>/offices")
def add_office(person_id: int):
    given = [request.form.get(name, "") for name in ("title", "since", "until")]
    return _try(person_id, "offices", lambda: peopledesk.add_office(services().store, person_id, *given, g.user))


@blueprint.post("/people/<int:person_id>/offices/<int:office_id>")
def office(person_id: int, office_id: int):
    """Change an office, or remove it."""
    store, form = services().store, request.form
    if form.get("remove"):
        return _try(person_id, "offices", lambda: peopledesk.remove_office(store, person_id, office_id, g.user))
    given = [form.get(name, "") for name in ("title", "since", "until")]
    return _try(
        person_id, "offices", lambda: peopledesk.change_office(store, person_id, office_id, *given, g.user, form.get("saw", ""))
    )


@blueprint.get("/people/duplicates")
def duplicates():
    """Pairs who may be one person, for editors to merge or to tell apart."""
    found = peopledesk.all_proposals(services().store)
    said = services().store.people.said({p.id for one, other, _ in found for p in (one, other)})
    return render_template("pages/people_duplicates.html", pairs=found, said=said)


@blueprint.post("/people/<int:person_id>/merge")
def merge(person_id: int):
    """Say that this person is another one."""
    into_id = request.form.get("into", 0, type=int)
    peopledesk.merge(services().store, person_id, into_id, g.user)
    if request.form.get("from") == "duplicates":
        return redirect(url_for("people_desk.duplicates"), 303)
    return redirect(url_for("people_desk.edit", person_id=into_id, _anchor="merges"), 303)


@blueprint.post("/people/merges/<int:merge_id>/undo")
def undo_merge(merge_id: int):
    undone = peopledesk.undo_merge(services().store, merge_id, g.user)
    return redirect(url_for("people_desk.edit", person_id=undone.into_id, _anchor="merges"), 303)


@blueprint.post("/people/<int:person_id>/apart")
def apart(person_id: int):
    """Say that two who look alike are two, or take that back."""
    act = peopledesk.lift_apart if request.form.get("lift") == "1" else peopledesk.keep_apart
    act(services().store, person_id, request.form.get("other", 0, type=int), g.user)
    if request.form.get("from") == "duplicates":
        return redirect(url_for("people_desk.duplicates"), 303)
    return redirect(url_for("people_desk.edit", person_id=person_id, _anchor="merge"), 303)


def _try(person_id: int, part: str, act):
    """Do it and go back to the page; a bad field is told on the page itself, with what was typed still there."""
    try:
        act()
    except BadInput as problem:
        found = services().store.people.get(person_id)
        if found is None or found.merged_into is not None:
            raise
        return _page(found, part, problem), problem.status
    return redirect(url_for("people_desk.edit", person_id=person_id, _anchor=part), 303)


def _page(person: Person, part: str = "", problem: ClaimtrailError | None = None) -> str:
    store = services().store
    name = " ".join(request.args.get("name", "").split())[: peopledesk.LONGEST_NAME]
    merges = store.person_merges.of_person(person.id)
    proposals = peopledesk.proposals(store, person)
    proposed = {other.id for other, _ in proposals}
    searched = [p for p in store.people.search(name, 12) if p.id not in {person.id, *proposed}] if name else []
    return render_template(
        "pages/person_edit.html",
        person=person,
        saw=peopledesk.seen(person),
        part=part,
        problem=g.words.problem(problem) if problem else None,
        given=request.form if problem else {},
        proposals=proposals,
        searched=searched,
        name=name,
        said=store.people.said({person.id, *proposed, *(p.id for p in searched)}),
        apart=peopledesk.apart_from(store, person.id),
        merges=merges,
        people=store.people.many({i for m in merges for i in (m.person_id, m.into_id)}),
        history=[entry for entry in reversed(store.audit.of("person", person.id))],
    )
