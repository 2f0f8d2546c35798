"""Operations of administrators: who works here, who is invited, what is kept of people, and from when on candidates are offered."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from flask import g
from pydantic import Field

from factcheck import desk, privacy, setting_up
from factcheck.errors import MailFailed, NotFound
from factcheck.records import Cutoffs as Offered
from factcheck.records import Invitation as Invited
from factcheck.records import Role, Scope
from factcheck.web import services
from factcheck.web.api import shapes
from factcheck.web.api.operations import operation
from factcheck.web.users import link_of, mail_invitation

_READING: dict[str, Any] = {"scope": Scope.ADMIN, "role": Role.ADMINISTRATOR, "section": "Administration"}
_CHANGING: dict[str, Any] = _READING | {"status": 201, "failures": (404,)}
Named = Literal["reader", "journalist", "editor", "administrator"]
Share = Annotated[float, Field(gt=0, lt=1)]


class User(shapes.Told):
    """``sessions`` and ``tokens`` count what is in force."""

    id: int
    name: str
    role: Named
    disabled: bool
    created_at: str
    seen_at: str | None
    sessions: int
    tokens: int


class Users(shapes.Told):
    items: list[User]


class Another(shapes.Given):
    role: Named


class Password(shapes.Told):
    id: int
    password: str = Field(description="To be handed over; it works once and is not told again")


class NewInvitation(shapes.Given):
    """With an ``email`` the link is sent there, where the server sends mail."""

    role: Named
    email: Annotated[str, Field(max_length=200)] = ""


class Invitation(shapes.Told):
    id: int
    role: Named
    email: str
    by: str
    created_at: str
    expires_at: str


class MadeInvitation(Invitation):
    address: str = Field(description="Whoever opens it becomes the user; it is not told again")
    mailed: bool


class Invitations(shapes.Told):
    items: list[Invitation]


class Kept(shapes.Told):
    """Everything that is kept of somebody."""

    data: dict[str, Any]


class Confirmed(shapes.Given):
    """The ``name`` of who is erased, as it stands on file: this cannot be undone."""

    name: shapes.Line


class Erased(shapes.Told):
    """In place of the name it says ``pseudonym`` from now on."""

    id: int
    pseudonym: str


class Cutoffs(shapes.Told):
    """From which probability claims are offered as candidates (``possible``) and called likely."""

    possible: float
    likely: float


class NewCutoffs(shapes.Given):
    possible: Share
    likely: Share


@operation("GET", "/users", answer=Users, **_READING)
def user_list() -> dict[str, Any]:
    """Who works here."""
    return {"items": [_user(c) for c in services().store.users.colleagues()]}


@operation("POST", "/users/<int:user_id>:role", body=Another, answer=User, **_CHANGING)
def change_role(user_id: int, given: Another) -> dict[str, Any]:
    """Give a user another role; it counts at once. 403 for the last administrator."""
    desk.change_role(services().store, g.user.name, user_id, Role(given.role))
    return _told(user_id)


@operation("POST", "/users/<int:user_id>:disable", answer=User, **_CHANGING)
def disable_user(user_id: int) -> dict[str, Any]:
    """Shut a user's account: sessions and tokens end at once. What the user did stays. 403 for the last administrator."""
    desk.disable(services().store, g.user.name, user_id)
    return _told(user_id)


@operation("POST", "/users/<int:user_id>:enable", answer=User, **_CHANGING)
def enable_user(user_id: int) -> dict[str, Any]:
    """Let a user sign in again with the old password."""
    desk.enable(services().store, g.user.name, user_id)
    return _told(user_id)


@operation("POST", "/users/<int:user_id>:password", answer=Password, tells_secret=True, **_CHANGING)
def reset_password(user_id: int) -> dict[str, Any]:
    """Give a user a one-time password, told this once; sessions and tokens end at once."""
    return {"id": user_id, "password": desk.reset_password(services().store, g.user.name, user_id)}


@operation("POST", "/users/<int:user_id>:sign-out", answer=User, **_CHANGING)
def end_sessions(user_id: int) -> dict[str, Any]:
    """Sign a user out everywhere; tokens go on working."""
    desk.end_sessions(services().store, g.user.name, user_id)
    return _told(user_id)


@operation("GET", "/invitations", answer=Invitations, **_READING)
def invitation_list() -> dict[str, Any]:
    """Who is invited and has not come yet."""
    return {"items": [_invitation(i) for i in services().store.invitations.open()]}


@operation("POST", "/invitations", body=NewInvitation, answer=MadeInvitation, tells_secret=True, **_CHANGING)
def invite(given: NewInvitation) -> dict[str, Any]:
    """Invite somebody; the address is told this once."""
    token, made = desk.invite(services().store, g.user.name, Role(given.role), given.email)
    address, mailed = link_of(token), False
    if made.email and services().settings.sends_mail:
        try:
            mail_invitation(made, address)
            mailed = True
        except MailFailed:
            pass  # ``mailed`` says so: the address is there to be handed over in another way
    return _invitation(made) | {"address": address, "mailed": mailed}


@operation("POST", "/invitations/<int:invitation_id>:revoke", answer=shapes.Made, **_CHANGING)
def revoke_invitation(invitation_id: int) -> dict[str, int]:
    """Take an invitation back: its address leads nowhere from now on."""
    desk.revoke_invitation(services().store, g.user.name, invitation_id)
    return {"id": invitation_id}


@operation("GET", "/users/<int:user_id>/data", answer=Kept, failures=(404,), **_READING)
def user_data(user_id: int) -> dict[str, Any]:
    """Everything that is kept of a user."""
    return {"data": privacy.export_user(services().store, user_id)}


@operation("POST", "/users/<int:user_id>:erase", body=Confirmed, answer=Erased, **_CHANGING)
def erase_user(user_id: int, given: Confirmed) -> dict[str, Any]:
    """Erase a user for good: account, notes, drafts, saved searches. Decisions and the log stay under a pseudonym."""
    user = services().store.users.get(user_id)
    if user is None or user.is_erased:
        raise NotFound("There is no such user.", key="no_such_user")
    privacy.confirm(given.name, user.name)
    return {"id": user_id, "pseudonym": privacy.erase_user(services().store, g.user.name, user_id)}


@operation("GET", "/people/<int:person_id>/data", answer=Kept, failures=(404,), **_READING)
def person_data(person_id: int) -> dict[str, Any]:
    """Everything that is kept of a person on file."""
    return {"data": privacy.export_person(services().store, person_id)}


@operation("POST", "/people/<int:person_id>:erase", body=Confirmed, answer=Erased, **_CHANGING)
def erase_person(person_id: int, given: Confirmed) -> dict[str, Any]:
    """Take a person's names off what is on file, for good. What articles and quotes say stays as it was published."""
    store = services().store
    person = store.people.get(store.people.root(person_id))
    if person is None:
        raise NotFound("This person is not on file.", key="no_such_person")
    privacy.confirm(given.name, person.name)
    return {"id": person.id, "pseudonym": privacy.erase_person(store, g.user, person.id)}


@operation("GET", "/cut-offs", scope=Scope.READ, answer=Cutoffs, section="Administration")
def cutoffs() -> dict[str, float]:
    """From which probability claims are offered and called likely."""
    now = services().store.newsroom.cutoffs()
    return {"possible": now.possible, "likely": now.likely}


@operation("POST", "/cut-offs", body=NewCutoffs, answer=Cutoffs, **_CHANGING)
def set_cutoffs(given: NewCutoffs) -> dict[str, float]:
    """Set from which probability claims are offered and called likely."""
    setting_up.set_cutoffs(services().store, Offered(given.possible, given.likely), g.user)
    return cutoffs()


def _told(user_id: int) -> dict[str, Any]:
    return _user(services().store.users.colleagues(user_id)[0])


def _user(c: Any) -> dict[str, Any]:
    about = {name: getattr(c, name) for name in ("created_at", "seen_at", "sessions", "tokens")}
    return about | {"id": c.user.id, "name": c.user.name, "role": str(c.user.role), "disabled": c.user.is_disabled}


def _invitation(i: Invited) -> dict[str, Any]:
    return {name: getattr(i, name) for name in ("id", "email", "by", "created_at", "expires_at")} | {"role": str(i.role)}
