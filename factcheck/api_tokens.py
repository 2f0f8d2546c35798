"""Tokens for programs: made for a purpose and a time, shown once, kept as hashes."""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, date, datetime, time, timedelta

from db import Store
from factcheck.errors import BadInput, NotFound
from factcheck.records import ApiToken, Scope, User

PREFIX = "clt_"  # so that scanners for leaked secrets know one when they see it
MOST = 20  # tokens a user
LONGEST = 366  # days until a token expires, at most
DAYS = (30, 90, 365)  # what is offered


def hashed(token: str) -> str:
    """What is stored of a token. It is random and long, so that a plain hash gives nothing away."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def make(store: Store, user: User, name: str, scopes: list[str], until: str) -> tuple[str, ApiToken]:
    """A new token and what is kept of it; the token is never to be seen again.

    ``until`` is a number of days or the last day (ISO). Raises BadInput for no name, a scope the owner's role does not reach, and
    a day that is past or more than a year off.
    """
    name = " ".join(name.split())
    if not name or len(name) > 60 or not name.isprintable():
        raise BadInput("A token needs a name of 1 to 60 characters, such as what will use it.", key="token_name")
    wanted = frozenset(s for s in Scope if s in scopes)
    if not wanted or not all(user.role.includes(s.role) for s in wanted):
        raise BadInput("Choose at least one thing the token may do, of those you may do yourself.", key="token_scopes")
    expires = _end(until)
    with store.write():
        if len(store.tokens.of(user.id)) >= MOST:
            raise BadInput(f"There are {MOST} tokens already. Revoke one first.", key="token_too_many", most=MOST)
        token = PREFIX + secrets.token_urlsafe(32)
        kept = store.tokens.add(user.id, name, hashed(token), wanted, expires)
        store.audit.add(user.name, "made a token", "token", kept.id, after=_told(kept))
    return token, kept


def revoke(store: Store, user: User, token_id: int) -> ApiToken:
    """End one of the user's own tokens at once. Raises NotFound."""
    with store.write():
        gone = store.tokens.revoke(user.id, token_id)
        if gone is None:
            raise NotFound("There is no such token.", key="no_such_token")
        store.audit.add(user.name, "revoked a token", "token", gone.id, before=_told(gone))
    return gone


def owner(store: Store, token: str) -> tuple[User, ApiToken] | None:
    """Whom a token in force belongs to, and what it may do; None for any other text."""
    return store.tokens.owner(hashed(token)) if token.startswith(PREFIX) else None


def _end(until: str) -> str:
    """The moment a token ends: that many days from now, or with the end of that day (UTC)."""
    now = datetime.now(UTC)
    try:
        if until.isascii() and until.isdigit() and len(until) <= 3:
            end = now + timedelta(days=int(until))
        else:
            end = datetime.combine(date.fromisoformat(until), time(23, 59, 59), UTC)
    except ValueError:
        raise BadInput("Choose how long the token is good, or give its last day as 2027-03-31.", key="token_until") from None
    if not now < end <= now + timedelta(days=LONGEST):
        raise BadInput("The token’s last day lies between today and a year from now.", key="token_until_range")
    return end.isoformat(timespec="seconds")


def _told(token: ApiToken) -> dict:
    return {"name": token.name, "scopes": sorted(token.scopes), "until": token.expires_at}
