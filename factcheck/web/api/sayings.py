"""Operations on what a person said and claimed, a page at a time."""

from __future__ import annotations

from typing import Any

from factcheck.errors import NotFound
from factcheck.records import Scope
from factcheck.web import services
from factcheck.web.api import rows, shapes
from factcheck.web.api.operations import operation
from factcheck.web.api.reading import before


@operation("GET", "/people/<int:person_id>/claims", scope=Scope.READ, query=shapes.Page, answer=shapes.Promises, failures=(404,), section="People")
def claims_of_person(person_id: int, given: shapes.Page) -> dict[str, Any]:
    """Every claim of a person, the newest first, those without a day last."""
    store, start = services().store, before(given.cursor) or 0
    found = store.sayings.claims(_person(person_id), given.size + 1, start)
    return {"items": [rows.claim(c) for c in found[: given.size]], "cursor": str(start + given.size) if len(found) > given.size else ""}


@operation("GET", "/people/<int:person_id>/statements", scope=Scope.READ, query=shapes.Page, answer=shapes.StatementPage, failures=(404,), section="People")
def statements_of_person(person_id: int, given: shapes.Page) -> dict[str, Any]:
    """Everything a person said that is on file, the newest first."""
    store, start = services().store, before(given.cursor) or 0
    found = [s for s, _ in store.sayings.statements(_person(person_id), given.size + 1, start)]
    waiting = store.queue.open_among([s.id for s in found])
    items = [rows.statement(s, s.id in waiting) for s in found[: given.size]]
    return {"items": items, "cursor": str(start + given.size) if len(found) > given.size else ""}


def _person(person_id: int) -> int:
    """The number of who the person is now."""
    store = services().store
    if store.people.get(person_id) is None:
        raise NotFound("This person is not on file.", key="no_such_person")
    return store.people.root(person_id)
