"""Operations on people that editors do: names, offices, who is whom and who is not."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from flask import g
from pydantic import Field

from factcheck import peopledesk
from factcheck.errors import NotFound
from factcheck.records import Person, PersonMerge, Role, Scope
from factcheck.web import services
from factcheck.web.api import rows, shapes
from factcheck.web.api.operations import operation

_EDITING: dict[str, Any] = {"scope": Scope.WRITE, "role": Role.EDITOR, "status": 201, "failures": (404, 409), "section": "People"}


class ChangedPerson(shapes.Given):
    """What is left out stays; the old name stays as another name. ``gender`` helps with he and she in texts, "" where it is not known."""

    name: shapes.Line | None = None
    gender: Literal["", "f", "m"] | None = None
    organisation: bool | None = None


class Alias(shapes.Given):
    alias: Annotated[str, Field(min_length=1, max_length=200)]


class NewOffice(shapes.Given):
    title: Annotated[str, Field(min_length=1, max_length=200)]
    since: shapes.Day = ""
    until: shapes.Day = ""


class Into(shapes.Given):
    into_id: shapes.Id


class Joined(shapes.Told):
    """``person_id`` is ``into_id`` now; ``moved`` counts what went along, by kind."""

    id: int
    person_id: int
    into_id: int
    moved: dict[str, int]
    by: str
    at: str
    undone_at: str | None


class Pair(shapes.Told):
    """Two who may be one; ``score`` orders pairs and is no probability."""

    one: shapes.Person
    other: shapes.Person
    reason: str
    score: float


class Pairs(shapes.Told):
    items: list[Pair]


class Other(shapes.Given):
    other_id: shapes.Id


@operation("POST", "/people/<int:person_id>:change", body=ChangedPerson, answer=shapes.Person, **_EDITING)
def change_person(person_id: int, given: ChangedPerson) -> dict[str, Any]:
    """Give a person another name, gender or kind."""
    store = services().store
    found = _on_file(person_id)
    asked = {n: getattr(found, n) if value is None else value for n, value in given.model_dump().items()}
    return rows.person(peopledesk.change(store, person_id, g.user, peopledesk.seen(found), **asked))


@operation("POST", "/people/<int:person_id>/aliases", body=Alias, answer=shapes.Person, **_EDITING)
def add_alias(person_id: int, given: Alias) -> dict[str, Any]:
    """Note another name; claims under it that belong to nobody yet become the person's."""
    return rows.person(peopledesk.add_alias(services().store, person_id, given.alias, g.user))


@operation("POST", "/people/<int:person_id>/aliases:remove", body=Alias, answer=shapes.Person, **_EDITING)
def remove_alias(person_id: int, given: Alias) -> dict[str, Any]:
    """Take another name away."""
    return rows.person(peopledesk.remove_alias(services().store, person_id, given.alias, g.user))


@operation("POST", "/people/<int:person_id>/offices", body=NewOffice, answer=shapes.Person, **_EDITING)
def add_office(person_id: int, given: NewOffice) -> dict[str, Any]:
    """Note an office and when it was held; it tells who "the chancellor" is in a text of that time."""
    return rows.person(peopledesk.add_office(services().store, person_id, given.title, given.since, given.until, g.user))


@operation("POST", "/people/<int:person_id>/offices/<int:office_id>:change", body=NewOffice, answer=shapes.Person, **_EDITING)
def change_office(person_id: int, office_id: int, given: NewOffice) -> dict[str, Any]:
    """Word and date an office anew."""
    store = services().store
    saw = peopledesk.seen(_on_file(person_id))
    return rows.person(peopledesk.change_office(store, person_id, office_id, given.title, given.since, given.until, g.user, saw))


@operation("POST", "/people/<int:person_id>/offices/<int:office_id>:remove", answer=shapes.Person, **_EDITING)
def remove_office(person_id: int, office_id: int) -> dict[str, Any]:
    """Take an office away."""
    return rows.person(peopledesk.remove_office(services().store, person_id, office_id, g.user))


@operation("POST", "/people/<int:person_id>:merge", body=Into, answer=Joined, **_EDITING)
def merge_person(person_id: int, given: Into) -> dict[str, Any]:
    """Say that a person is another one: what they said moves there, the names become other names."""
    return _joined(peopledesk.merge(services().store, person_id, given.into_id, g.user))


@operation("POST", "/person-merges/<int:merge_id>:undo", answer=Joined, **_EDITING)
def undo_person_merge(merge_id: int) -> dict[str, Any]:
    """Make two of them again, each with what was theirs."""
    return _joined(peopledesk.undo_merge(services().store, merge_id, g.user))


@operation("GET", "/people:duplicates", scope=Scope.READ, role=Role.EDITOR, answer=Pairs, section="People")
def duplicates() -> dict[str, Any]:
    """Pairs who may be one person, the likeliest first, a hundred at most."""
    found = peopledesk.all_proposals(services().store)
    return {"items": [{"one": rows.person(a), "other": rows.person(b), "reason": why.reason, "score": why.score} for a, b, why in found]}


@operation("GET", "/people/<int:person_id>/apart", scope=Scope.READ, role=Role.EDITOR, answer=shapes.People, failures=(404,), section="People")
def apart(person_id: int) -> dict[str, Any]:
    """Those of whom an editor said that they are not this person."""
    return {"items": [rows.person(p) for p in peopledesk.apart_from(services().store, person_id)]}


@operation("POST", "/people/<int:person_id>/apart", body=Other, answer=shapes.People, **_EDITING)
def keep_apart(person_id: int, given: Other) -> dict[str, Any]:
    """Say that two who look alike are two, so that they are not proposed as one; all who are kept apart from the person."""
    peopledesk.keep_apart(services().store, person_id, given.other_id, g.user)
    return apart(person_id)


@operation("POST", "/people/<int:person_id>/apart:lift", body=Other, answer=shapes.People, **_EDITING)
def lift_apart(person_id: int, given: Other) -> dict[str, Any]:
    """Let two who were told apart be proposed as one again; those who are still kept apart from the person."""
    peopledesk.lift_apart(services().store, person_id, given.other_id, g.user)
    return apart(person_id)


def _on_file(person_id: int) -> Person:
    found = services().store.people.get(person_id)
    if found is None:
        raise NotFound("This person is not on file.", key="no_such_person")
    return found


def _joined(made: PersonMerge) -> dict[str, Any]:
    about = {name: getattr(made, name) for name in ("id", "person_id", "into_id", "moved", "at", "undone_at")}
    return about | {"by": made.user}
