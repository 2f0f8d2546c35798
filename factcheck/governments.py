"""Governments as editors keep them: named, dated, with the people who belong to them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from db import Store
from factcheck.errors import BadInput, NotAllowed, NotFound
from factcheck.records import Government, Role, User

LONGEST_NAME = 200  # characters


def save(store: Store, name: str, since: str, until: str, user: User, government_id: int = 0) -> Government:
    """Make a government, or name and date one anew; dates are ISO days, "" for open. Raises BadInput, NotFound, NotAllowed."""
    _may_edit(user)
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME:
        raise BadInput(f"A government needs a name of at most {LONGEST_NAME} characters.", key="government_needs_name", n=LONGEST_NAME)
    first, last = _day(since), _day(until)
    if first and last and last < first:
        raise BadInput("It cannot end before it begins. Look at the two dates.", key="government_ends_first")
    with store.write():
        before = on_file(store, government_id) if government_id else None
        other = store.governments.named(name)
        if other and other.id != government_id:
            raise BadInput("There is a government of this name already.", key="government_known")
        made = Government(name, first, last, id=government_id)
        if before and replace(before, members=()) == made:
            return before
        number = store.governments.put(made)
        action = "changed a government" if before else "made a government"
        store.audit.add(user.name, action, "government", number, before=before and _row(before), after=_row(made))
    return on_file(store, number)


def add_member(store: Store, government_id: int, name: str, user: User) -> Government:
    """Count somebody on file among a government's members. Raises BadInput when nobody, or more than one, bears the name."""
    _may_edit(user)
    with store.write():
        government = on_file(store, government_id)
        name = name.strip()[:80]
        person = store.people.by_name(name)
        if person is None:
            raise BadInput(
                f"Nobody on file, or more than one, is called {name!r}. Enter the full name as on the person's page.", key="nobody_of_name", name=name
            )
        if store.governments.add_member(government_id, store.people.root(person.id)):
            store.audit.add(user.name, "added a member", "government", government_id, after={"person": person.id, "name": person.name})
    return on_file(store, government.id)


def remove_member(store: Store, government_id: int, person_id: int, user: User) -> Government:
    """Count somebody no longer among the members; their promises are no longer the government's."""
    _may_edit(user)
    with store.write():
        government = on_file(store, government_id)
        gone = next((p for p in government.members if p.id == person_id), None)
        if store.governments.remove_member(government_id, person_id):
            before = {"person": person_id, "name": gone.name if gone else ""}
            store.audit.add(user.name, "removed a member", "government", government_id, before=before)
    return on_file(store, government.id)


def on_file(store: Store, government_id: int) -> Government:
    """Raises NotFound."""
    found = store.governments.get(government_id)
    if found is None:
        raise NotFound("This government is not on file.", key="no_such_government")
    return found


def _row(government: Government) -> dict[str, str | None]:
    return {"name": government.name, "since": government.since, "until": government.until}


def _day(text: str) -> str | None:
    try:
        return date.fromisoformat(text.strip()).isoformat() if text.strip() else None
    except ValueError:
        raise BadInput(f"{text[:40]!r} is no day. Write it as 2025-01-20.", key="no_day", text=text[:40]) from None


def _may_edit(user: User) -> None:
    if not user.role.includes(Role.EDITOR):
        raise NotAllowed("Only editors decide. Ask an administrator to make you one.", key="only_editors")
