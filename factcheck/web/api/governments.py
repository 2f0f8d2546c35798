"""Operations on governments: naming and dating them, and who belongs to them."""

from __future__ import annotations

from typing import Annotated, Any

from flask import g
from pydantic import Field

from factcheck import governments
from factcheck.records import Government as OnFile
from factcheck.records import Role, Scope
from factcheck.web import services
from factcheck.web.api import rows, shapes
from factcheck.web.api.operations import operation

_EDITING: dict[str, Any] = {"scope": Scope.WRITE, "role": Role.EDITOR, "status": 201, "section": "Governments"}
WholeDay = Annotated[str, Field(pattern=r"^(\d{4}-\d{2}-\d{2})?$", description="For example 2025-05-06; empty for open")]


class Government(shapes.Told):
    id: int
    name: str
    since: str | None
    until: str | None
    members: list[shapes.Person]


class Governments(shapes.Told):
    items: list[Government]


class NewGovernment(shapes.Given):
    name: Annotated[str, Field(min_length=1, max_length=governments.LONGEST_NAME)]
    since: WholeDay = ""
    until: WholeDay = ""


class ChangedGovernment(shapes.Given):
    """What is left out stays."""

    name: Annotated[str, Field(min_length=1, max_length=governments.LONGEST_NAME)] | None = None
    since: WholeDay | None = None
    until: WholeDay | None = None


class Member(shapes.Given):
    """Somebody on file, by the full name."""

    name: Annotated[str, Field(min_length=1, max_length=80)]


@operation("GET", "/governments", scope=Scope.READ, answer=Governments, section="Governments")
def government_list() -> dict[str, Any]:
    """Governments whose promises are tracked together, with their members, the newest first."""
    return {"items": [_told(f) for f in services().store.governments.all()]}


@operation("GET", "/governments/<int:government_id>", scope=Scope.READ, answer=Government, failures=(404,), section="Governments")
def government(government_id: int) -> dict[str, Any]:
    """A government and its members."""
    return _told(governments.on_file(services().store, government_id))


@operation("POST", "/governments", body=NewGovernment, answer=Government, **_EDITING)
def make_government(given: NewGovernment) -> dict[str, Any]:
    """Put a government on file."""
    return _told(governments.save(services().store, given.name, given.since, given.until, g.user))


@operation("POST", "/governments/<int:government_id>:change", body=ChangedGovernment, answer=Government, failures=(404,), **_EDITING)
def change_government(government_id: int, given: ChangedGovernment) -> dict[str, Any]:
    """Name and date a government anew."""
    found = governments.on_file(services().store, government_id)
    name, since, until = ((getattr(found, n) or "") if getattr(given, n) is None else getattr(given, n) for n in ("name", "since", "until"))
    return _told(governments.save(services().store, name, since, until, g.user, government_id))


@operation("POST", "/governments/<int:government_id>/members", body=Member, answer=Government, failures=(404,), **_EDITING)
def add_member(government_id: int, given: Member) -> dict[str, Any]:
    """Count somebody among the members: their promises are the government's, too."""
    return _told(governments.add_member(services().store, government_id, given.name, g.user))


@operation("POST", "/governments/<int:government_id>/members/<int:person_id>:remove", answer=Government, failures=(404,), **_EDITING)
def remove_member(government_id: int, person_id: int) -> dict[str, Any]:
    """Count somebody no longer among the members."""
    return _told(governments.remove_member(services().store, government_id, person_id, g.user))


def _told(found: OnFile) -> dict[str, Any]:
    return {"id": found.id, "name": found.name, "since": found.since, "until": found.until, "members": [rows.person(p) for p in found.members]}
