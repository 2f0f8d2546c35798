"""Who works here: inviting, roles, shutting an account and opening it again. Every step stands in the log."""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime, timedelta

from db import Store
from factcheck import passwords
from factcheck.errors import BadInput, NotAllowed, NotFound
from factcheck.records import Invitation, Role, User

INVITED_FOR = timedelta(days=7)
LONGEST_ADDRESS = 254  # characters, RFC 5321


def invite(store: Store, by: str, role: Role, email: str = "") -> tuple[str, Invitation]:
    """An invitation and the secret part of its link, which is shown once. Raises BadInput for what is no e-mail address."""
    email = mail_address(email)
    token = secrets.token_urlsafe(32)
    until = (datetime.now(UTC) + INVITED_FOR).isoformat(timespec="seconds")
    with store.write():
        made = store.invitations.add(_hashed(token), role, email, by, until)
        store.audit.add(by, "invited somebody", "invitation", made.id, after={"role": str(role), "until": until})
    return token, made


def revoke_invitation(store: Store, by: str, invitation_id: int) -> None:
    """Take an invitation back: its link leads nowhere from now on. Raises NotFound."""
    with store.write():
        gone = store.invitations.revoke(invitation_id)
        if gone is None:
            raise NotFound("This invitation was accepted or taken back already.", key="no_such_invitation")
        store.audit.add(by, "took back an invitation", "invitation", gone.id, before={"role": str(gone.role)})


def invitation(store: Store, token: str) -> Invitation:
    """The invitation a link belongs to. Raises NotFound once it is used, taken back or over a week old."""
    found = store.invitations.by_token(_hashed(token))
    if found is None:
        raise NotFound("This invitation is used, taken back or too old. Ask for a new one.", key="invitation_over")
    return found


def accept(store: Store, token: str, name: str, password: str) -> User:
    """Make the invited user. The caller has looked at the password's strength. Raises NotFound, BadInput (the name)."""
    password_hash = passwords.hash_password(password)  # before the transaction: it takes a moment
    with store.write():
        found = invitation(store, token)
        user = store.users.create(name, password_hash, found.role, email=found.email)
        store.invitations.use(found.id, user.id)
        store.audit.add(user.name, "accepted an invitation", "invitation", found.id, after={"name": user.name})
        store.audit.add(user.name, "joined", "user", user.id, after={"name": user.name, "role": str(user.role), "invited by": found.by})
    return user


def change_role(store: Store, by: str, user_id: int, role: Role) -> User:
    """Give a user another role, at once in every session. Raises NotFound, NotAllowed for the last administrator."""
    with store.write():
        user = _user(store, user_id)
        if role == user.role:
            return user
        if role is not Role.ADMINISTRATOR:
            _keep_an_administrator(store, user)
        store.users.set_role(user.id, role)
        store.audit.add(by, "changed a role", "user", user.id, before={"role": str(user.role)}, after={"role": str(role)})
    return _user(store, user_id)


def disable(store: Store, by: str, user_id: int) -> None:
    """Shut an account: its sessions and tokens end at once. Raises NotFound, NotAllowed for the last administrator."""
    with store.write():
        user = _user(store, user_id)
        if user.is_disabled:
            return
        _keep_an_administrator(store, user)
        store.users.disable(user.id)
        store.audit.add(by, "disabled an account", "user", user.id, before={"disabled": False}, after={"disabled": True})


def enable(store: Store, by: str, user_id: int) -> None:
    """Let a user sign in again with the old password. Raises NotFound."""
    with store.write():
        user = _user(store, user_id)
        if user.is_disabled:
            store.users.enable(user.id)
            store.audit.add(by, "enabled an account", "user", user.id, before={"disabled": True}, after={"disabled": False})


def reset_password(store: Store, by: str, user_id: int) -> str:
    """A new one-time password to hand over; the user's sessions and tokens end, since nobody knows who had the old one. Raises NotFound."""
    password = passwords.make_password()
    password_hash = passwords.hash_password(password)
    with store.write():
        user = _user(store, user_id)
        store.users.set_password(user.id, password_hash, must_change=True)
        tokens = store.tokens.revoke_all(user.id)
        store.audit.add(by, "reset a password", "user", user.id, **_ended(tokens))
    return password


def change_password(store: Store, user: User, password_hash: str, action: str = "changed the password", *, end_tokens: bool = False) -> None:
    """Set the password somebody chose; the user's sessions end, and with ``end_tokens`` the API tokens too."""
    with store.write():
        store.users.set_password(user.id, password_hash)
        tokens = store.tokens.revoke_all(user.id) if end_tokens else 0
        store.audit.add(user.name, action, "user", user.id, **_ended(tokens))


def _ended(tokens: int) -> dict[str, dict[str, int]]:
    return {"before": {"tokens": tokens}, "after": {"tokens": 0}} if tokens else {}


def end_sessions(store: Store, by: str, user_id: int) -> int:
    """Sign a user out everywhere; how many sessions ended. Raises NotFound."""
    with store.write():
        user = _user(store, user_id)
        ended = store.sessions.end_all(user.id)
        store.audit.add(by, "ended all sessions", "user", user.id, before={"sessions": ended}, after={"sessions": 0})
    return ended


def mail_address(text: str) -> str:
    """An e-mail address without blanks around it, "" for none. Raises BadInput for what cannot be one."""
    address = text.strip()
    if not address:
        return ""
    name, at, host = address.rpartition("@")
    plain = address.isascii() and address.isprintable() and not set(address) & set(' "(),:;<>[\\]')
    if not (plain and name and at and "." in host.strip(".") and len(address) <= LONGEST_ADDRESS) or "@" in name:
        raise BadInput("This is no e-mail address. Type one such as anna@example.org, or leave it out.", key="email")
    return address


def _keep_an_administrator(store: Store, user: User) -> None:
    if user.role is Role.ADMINISTRATOR and not user.is_disabled and store.users.administrators() == 1:
        raise NotAllowed("This is the last administrator. Make somebody else one first.", key="last_administrator")


def _user(store: Store, user_id: int) -> User:
    user = store.users.get(user_id)
    if user is None or user.is_erased:
        raise NotFound("There is no such user.", key="no_such_user")
    return user


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
