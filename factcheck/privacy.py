"""Personal data: handing it over, erasing it, and letting go of it when its time is over. ``docs/privacy.md`` says what is kept and why.

The log stays whole: lines are never taken away, only names in them become a pseudonym. Nothing keeps the two together afterwards.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from db import Store
from factcheck.errors import BadInput, NotAllowed, NotFound
from factcheck.records import Person, Role, User
from factcheck.settings import Keep, Settings


def export_user(store: Store, user_id: int) -> dict[str, Any]:
    """Everything kept of a user, by table. Raises NotFound."""
    user = _user(store, user_id)
    return {"user": user.name, "made": _now(), "data": store.personal_data.of_user(user.id, user.name)}


def erase_user(store: Store, by: str, user_id: int) -> str:
    """Erase an account with everything that is the user's own: sessions, tokens, drafts, notes, saved searches, notices, webhooks.

    Decisions and the log stay, under the pseudonym this returns. Raises NotFound, NotAllowed for the last administrator.
    """
    with store.write():
        user = _user(store, user_id)
        if user.role is Role.ADMINISTRATOR and not user.is_disabled and store.users.administrators() == 1:
            raise NotAllowed("This is the last administrator. Make somebody else one first.", key="last_administrator")
        pseudonym = f"former user {user.id}"
        with store.erasures.of_name(user.name, pseudonym):
            gone = store.erasures.user(user.id, user.name, pseudonym)
            store.audit.add(pseudonym if by == user.name else by, "erased an account", "user", user.id, before=gone, after={"name": pseudonym})
    return pseudonym


def export_person(store: Store, person_id: int) -> dict[str, Any]:
    """Everything kept of a person on file and of those merged into it. Raises NotFound."""
    person, group = _person(store, person_id)
    return {"person": person.name, "made": _now(), "data": store.personal_data.of_person(group)}


def erase_person(store: Store, by: User, person_id: int) -> str:
    """Take a person's names off what is on file; the pseudonym that stands in their place. Texts stay as they were published.

    Raises NotFound, NotAllowed for all but administrators.
    """
    if by.role is not Role.ADMINISTRATOR:
        raise NotAllowed("Only administrators erase a person on file.", key="only_administrators_erase")
    with store.write():
        person, group = _person(store, person_id)
        pseudonym = f"Person {person.id}"
        people = [p for i in group if (p := store.people.get(i))]
        names = sorted({n for p in people for n in (p.name, *p.aliases)})
        with store.erasures.of_name(person.name, pseudonym):
            changed = store.erasures.person(group, names, pseudonym)
            for p in people:
                name = pseudonym if p.id == person.id else f"Person {p.id}"
                store.people.change(replace(p, name=name, aliases=(), offices=(), gender="", organisation=False))
            store.audit.add(by.name, "erased a person", "person", person.id, before=changed, after={"name": pseudonym})
    return pseudonym


def let_go(store: Store, keep: Keep, now: datetime | None = None) -> dict[str, int]:
    """Let go of what has been kept long enough, each kind by its setting; how many of each. What went is said in the log."""
    moment = now or datetime.now(UTC)

    def before(days: int) -> str:
        return (moment - timedelta(days=days)).isoformat(timespec="seconds")

    gone = {"accounts": 0}
    if keep.accounts:
        for user_id in store.personal_data.disabled_before(before(keep.accounts)):
            erase_user(store, "", user_id)
            gone["accounts"] += 1
    with store.write():
        if keep.sign_ins:
            gone["sign-ins"] = store.erasures.forget_sign_ins(before(keep.sign_ins)) + store.erasures.blank_sign_ins(before(keep.sign_ins))
        if keep.notices:
            gone["notices"] = store.erasures.forget_notices(before(keep.notices))
        if keep.uploads:
            gone["uploads"] = store.erasures.forget_uploads(before(keep.uploads))
        if keep.drafts:
            gone["drafts"] = store.erasures.forget_drafts(before(keep.drafts))
        gone = {kind: n for kind, n in gone.items() if n}
        if gone:
            store.audit.add("", "let go of old data", "newsroom", 0, after=gone)
    return gone


def tick(store: Store, settings: Settings) -> bool:
    """Let go of what is old; never asks to be called again at once."""
    let_go(store, settings.keep)
    return False


def confirm(typed: str, name: str) -> None:
    """Raises BadInput unless the name was typed as it is: what is erased does not come back."""
    if " ".join(typed.split()).casefold() != " ".join(name.split()).casefold():
        raise BadInput(f"To erase it, type the name: {name}", key="erase_confirm", name=name)


def _user(store: Store, user_id: int) -> User:
    user = store.users.get(user_id)
    if user is None or user.is_erased:
        raise NotFound("There is no such user.", key="no_such_user")
    return user


def _person(store: Store, person_id: int) -> tuple[Person, list[int]]:
    """The one that stands for a person, and the ids of all that are behind it."""
    person = store.people.get(store.people.root(person_id))
    if person is None:
        raise NotFound("This person is not on file.", key="no_such_person")
    return person, store.personal_data.group_of_person(person.id)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
