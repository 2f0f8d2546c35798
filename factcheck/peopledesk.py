"""Keeping the people on file in order: names, offices, two who are one. Every change is written to the log in its own transaction."""

from __future__ import annotations

import calendar
import hashlib
import re
from dataclasses import asdict, replace
from datetime import date

from db import Store
from factcheck import duplicates
from factcheck.errors import AlreadyCorrected, BadInput, NotAllowed, NotFound, NothingToUndo
from factcheck.records import Office, Person, PersonMerge, Role, User
from factcheck.words import fold

LONGEST_NAME = 120  # characters
LONGEST_TITLE = 200
GENDERS = ("", "f", "m")
_DAY = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?")


def seen(person: Person) -> str:
    """A mark of the person as somebody saw it, to be handed back with a change: another one means that it was changed meanwhile."""
    told = (person.name, person.aliases, [(o.id, o.title, o.since, o.until) for o in person.offices], person.gender, person.organisation)
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]


def change(store: Store, person_id: int, user: User, saw: str, *, name: str, gender: str, organisation: bool) -> Person:
    """Give a person another name, gender or kind; the old name stays as an alias. Raises AlreadyCorrected, BadInput, NotAllowed, NotFound."""
    _may_edit(user)
    name = _named(name)
    if gender not in GENDERS:
        raise BadInput("Gender is f, m or nothing.", key="person_gender")
    with store.write():
        person = _standing(store, person_id)
        if saw != seen(person):
            raise _changed(store, person)
        new = replace(person, name=name, gender="" if organisation else gender, organisation=organisation)
        if new == person:
            return person
        other = next((p for p in store.people.all_by_name(name) if fold(p.name) == fold(name) and p.id != person.id), None)
        if other:
            raise BadInput(f"{other.name} is on file already. Merge the two instead.", key="person_name_taken", name=other.name)
        store.people.change(new)
        if fold(name) != fold(person.name):
            store.people.forget(person.id, name)
            store.people.add_alias(person.id, person.name)
        store.audit.add(user.name, "changed a person", "person", person.id, before=_about(person), after=_about(new))
    return _standing(store, person_id)


def add_alias(store: Store, person_id: int, alias: str, user: User) -> Person:
    """Note another name; claims on file under it that belong to nobody yet become the person's. Raises as ``change``."""
    _may_edit(user)
    alias = _named(alias)
    with store.write():
        person = _standing(store, person_id)
        if fold(alias) in {fold(n) for n in (person.name, *person.aliases)}:
            raise BadInput(f"{person.name} is known as {alias} already.", key="alias_known", name=person.name, alias=alias)
        other = next((p for p in store.people.all_by_name(alias) if fold(p.name) == fold(alias)), None)
        if other:
            raise BadInput(f"{other.name} is on file as somebody else. If the two are one, merge them.", key="alias_is_person", name=other.name)
        store.people.add_alias(person.id, alias)
        named = _standing(store, person_id)
        store.claims.adopt(named)
        store.audit.add(user.name, "added an alias", "person", person.id, after={"alias": alias})
    return named


def remove_alias(store: Store, person_id: int, alias: str, user: User) -> Person:
    """Take an alias away. Raises NothingToUndo when somebody else has done so already, else as ``change``."""
    _may_edit(user)
    with store.write():
        person = _standing(store, person_id)
        known = next((a for a in person.aliases if fold(a) == fold(alias)), None)
        if known is None:
            raise NothingToUndo("This alias is no longer there.", key="alias_gone")
        store.people.forget(person.id, known)
        store.audit.add(user.name, "removed an alias", "person", person.id, before={"alias": known})
    return _standing(store, person_id)


def add_office(store: Store, person_id: int, title: str, since: str, until: str, user: User) -> Person:
    """Note an office; ``since`` and ``until`` are a year, a month or a day, or "". Raises as ``change``."""
    _may_edit(user)
    office = _office(title, since, until)
    with store.write():
        person = _standing(store, person_id)
        if office in person.offices:
            raise BadInput("This office with these dates is on file already.", key="office_known")
        office_id = store.people.put(replace(person, aliases=(), offices=(office,))).offices[-1].id
        store.audit.add(user.name, "added an office", "person", person.id, after=_told(replace(office, id=office_id)))
    return _standing(store, person_id)


def change_office(store: Store, person_id: int, office_id: int, title: str, since: str, until: str, user: User, saw: str) -> Person:
    """Give an office another title or period. Raises as ``change``."""
    _may_edit(user)
    office = _office(title, since, until)
    with store.write():
        person, before = _office_of(store, person_id, office_id)
        if saw != seen(person):
            raise _changed(store, person)
        if office == before:
            return person
        if office in person.offices:
            raise BadInput("This office with these dates is on file already.", key="office_known")
        store.people.change_office(person.id, replace(office, id=office_id))
        store.audit.add(user.name, "changed an office", "person", person.id, before=_told(before), after=_told(replace(office, id=office_id)))
    return _standing(store, person_id)


def remove_office(store: Store, person_id: int, office_id: int, user: User) -> Person:
    """Take an office away. Raises NothingToUndo when somebody else has done so already, else as ``change``."""
    _may_edit(user)
    with store.write():
        person, before = _office_of(store, person_id, office_id)
        store.people.forget(person.id, office_id=office_id)
        store.audit.add(user.name, "removed an office", "person", person.id, before=_told(before))
    return _standing(store, person_id)


def merge(store: Store, person_id: int, into_id: int, user: User) -> PersonMerge:
    """Say that ``person_id`` is ``into_id``: what they said and claimed moves there, the names become aliases, the address leads there.

    Raises AlreadyCorrected when somebody merged either of them meanwhile, BadInput for a person and itself, else as ``change``.
    """
    _may_edit(user)
    with store.write():
        person, into = _standing(store, person_id), _standing(store, into_id)
        if person.id == into.id:
            raise BadInput("Choose two different people.", key="merge_same")
        merge_id = store.person_merges.merge(person, into, user)
        made = store.person_merges.get(merge_id)
        assert made is not None
        told = {"merge": merge_id, "person": person.id, "name": person.name, "into": into.id, "into_name": into.name, **made.moved}
        store.audit.add(user.name, "merged a person", "person", person.id, before=_about(person), after=told)
        store.audit.add(user.name, "merged a person", "person", into.id, before=_about(into), after=told)
    return made


def undo_merge(store: Store, merge_id: int, user: User) -> PersonMerge:
    """Make two of them again, each with what was theirs. Raises NothingToUndo, AlreadyCorrected, NotFound, NotAllowed."""
    _may_edit(user)
    with store.write():
        made = store.person_merges.get(merge_id)
        if made is None:
            raise NotFound("There is no such merge.", key="no_such_merge")
        if made.undone_at:
            raise NothingToUndo(f"{made.undone_by} has taken this merge back already.", key="merge_undone", name=made.undone_by)
        into, person = store.people.get(made.into_id), store.people.get(made.person_id)
        assert into is not None and person is not None
        if into.merged_into is not None:
            later = store.person_merges.in_force(into.id)
            by = later.user if later else ""
            raise AlreadyCorrected(
                f"{by} has merged {into.name} into somebody else since. Take that back first.", key="merged_on", name=by, person=into.name
            )
        if fold(into.name) == fold(person.name):
            raise AlreadyCorrected(f"Both are now called {into.name}. Give this one another name first.", key="merge_same_name", name=into.name)
        store.person_merges.undo(made, user.name)
        told = {"merge": made.id, "person": person.id, "name": person.name, "into": into.id, "into_name": into.name}
        for one in (person.id, into.id):
            store.audit.add(user.name, "took back a merge", "person", one, before=told)
    undone = store.person_merges.get(merge_id)
    assert undone is not None
    return undone


def keep_apart(store: Store, person_id: int, other_id: int, user: User) -> None:
    """Say that two who look alike are two, so that they are not proposed again. Raises as ``change``."""
    _may_edit(user)
    with store.write():
        one, other = _standing(store, person_id), _standing(store, other_id)
        if one.id == other.id:
            raise BadInput("Choose two different people.", key="merge_same")
        if store.people.keep_apart(one.id, other.id, user.name):
            for a, b in ((one, other), (other, one)):
                store.audit.add(user.name, "told two people apart", "person", a.id, after={"person": b.id, "name": b.name})


def lift_apart(store: Store, person_id: int, other_id: int, user: User) -> None:
    """Let two who were told apart be proposed as one again. Raises NothingToUndo when they were not, else as ``change``."""
    _may_edit(user)
    with store.write():
        one, other = _standing(store, person_id), _standing(store, other_id)
        if not store.people.lift_apart(one.id, other.id):
            raise NothingToUndo("Nobody told these two apart, or it was taken back already.", key="not_told_apart")
        for a, b in ((one, other), (other, one)):
            store.audit.add(user.name, "no longer told two people apart", "person", a.id, before={"person": b.id, "name": b.name})


def apart_from(store: Store, person_id: int) -> list[Person]:
    """Those of whom an editor said that they are not this person, by name. Raises NotFound."""
    if store.people.get(person_id) is None:
        raise NotFound("This person is not on file.", key="no_such_person")
    others = {i for pair in store.people.kept_apart([person_id]) for i in pair} - {person_id}
    if not others:
        return []
    return sorted(store.people.many(others).values(), key=lambda p: (fold(p.name), p.id))


def proposals(store: Store, person: Person, limit: int = 8) -> list[tuple[Person, duplicates.Likeness]]:
    """Who on file may be this person, the likeliest first."""
    return duplicates.proposals(person, store.people.alike(person), store.people.kept_apart([person.id]))[:limit]


def all_proposals(store: Store, limit: int = 100) -> list[tuple[Person, Person, duplicates.Likeness]]:
    """Pairs on file that may be one person, the likeliest first. In each pair the one with less said comes first."""
    groups = store.people.sharing_a_sound()
    apart = store.people.kept_apart(list({p.id for group in groups for p in group}))
    found = duplicates.pairs(groups, apart)[:limit]
    said = store.people.said({p.id for one, other, _ in found for p in (one, other)})
    return [(one, other, like) if said[one.id] <= said[other.id] else (other, one, like) for one, other, like in found]


def _standing(store: Store, person_id: int) -> Person:
    """The person, who is not merged into another. Raises NotFound, AlreadyCorrected."""
    person = store.people.get(person_id)
    if person is None:
        raise NotFound("This person is not on file.", key="no_such_person")
    if person.merged_into is not None:
        made, into = store.person_merges.in_force(person.id), store.people.get(person.merged_into)
        by, other = made.user if made else "", into.name if into else ""
        raise AlreadyCorrected(f"{by} has merged {person.name} into {other} meanwhile.", key="person_merged", name=by, person=person.name, other=other)
    return person


def _office_of(store: Store, person_id: int, office_id: int) -> tuple[Person, Office]:
    person = _standing(store, person_id)
    office = next((o for o in person.offices if o.id == office_id), None)
    if office is None:
        raise NothingToUndo("This office is no longer there.", key="office_gone")
    return person, office


def _changed(store: Store, person: Person) -> AlreadyCorrected:
    by = store.people.last_changed_by(person.id)
    return AlreadyCorrected(
        f"{by or 'Somebody'} has changed {person.name} meanwhile. Look at it as it now stands; what is still wrong can be changed then.",
        key="person_changed", name=by or "Claimtrail", person=person.name,
    )  # fmt: skip


def _named(name: str) -> str:
    name = " ".join(name.split())
    if not any(c.isalpha() for c in name):
        raise BadInput("A name needs letters.", key="name_needs_letters")
    if len(name) > LONGEST_NAME:
        raise BadInput(f"A name has at most {LONGEST_NAME} characters.", key="mark_name_too_long", longest=LONGEST_NAME)
    return name


def _office(title: str, since: str, until: str) -> Office:
    title = " ".join(title.split())
    if not any(c.isalpha() for c in title):
        raise BadInput("An office needs a title.", key="office_needs_title")
    if len(title) > LONGEST_TITLE:
        raise BadInput(f"A title has at most {LONGEST_TITLE} characters.", key="office_too_long", longest=LONGEST_TITLE)
    first, last = _day(since, last=False), _day(until, last=True)
    if first and last and first > last:
        raise BadInput("An office ends after it begins: exchange the two dates.", key="office_order")
    return Office(title, first, last)


def _day(text: str, *, last: bool) -> str | None:
    """The first or last day of a year, a month or a day; None for nothing. Raises BadInput."""
    text = text.strip()
    if not text:
        return None
    found = _DAY.fullmatch(text)
    try:
        if not found:
            raise ValueError
        year, month = int(found[1]), int(found[2] or (12 if last else 1))
        day = int(found[3]) if found[3] else calendar.monthrange(year, month)[1] if last else 1
        return date(year, month, day).isoformat()
    except (ValueError, calendar.IllegalMonthError):
        raise BadInput(f"“{text[:40]}” is no date. Write 2021, 2021-12 or 2021-12-08.", key="office_date", text=text[:40]) from None


def _about(person: Person) -> dict[str, object]:
    return {"name": person.name, "gender": person.gender, "organisation": person.organisation}


def _told(office: Office) -> dict[str, object]:
    return asdict(office)


def _may_edit(user: User) -> None:
    if not user.role.includes(Role.EDITOR):
        raise NotAllowed("Only editors change who is on file. Ask an administrator to make you one.", key="only_editors_people")
