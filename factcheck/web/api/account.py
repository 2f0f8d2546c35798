"""Operations on one's own account: the tokens of one's programs, and what is kept of oneself."""

from __future__ import annotations

from typing import Any

from flask import g
from pydantic import Field

from factcheck import api_tokens, privacy
from factcheck.errors import NotAllowed
from factcheck.records import ApiToken, Scope
from factcheck.web import services
from factcheck.web.api import shapes
from factcheck.web.api.operations import operation


class OwnToken(shapes.Told):
    """``this`` is the one that asks."""

    id: int
    name: str
    scopes: list[str]
    created_at: str
    expires_at: str | None
    used_at: str | None
    this: bool


class OwnTokens(shapes.Told):
    items: list[OwnToken]


class KeptOfOne(shapes.Told):
    data: dict[str, Any] = Field(description="By table; drafts are in it for a token that is good for drafts")


@operation("GET", "/me/data", scope=Scope.READ, answer=KeptOfOne, section="You")
def own_data() -> dict[str, Any]:
    """Everything that is kept of oneself."""
    found = privacy.export_user(services().store, g.user.id)
    if Scope.DRAFTS not in g.token.scopes:
        found["data"].pop("drafts", None)
    return {"data": found}


@operation("GET", "/tokens", scope=Scope.READ, answer=OwnTokens, section="You")
def token_list() -> dict[str, Any]:
    """One's tokens: what they are for, what they may do, until when. New ones are made on the page or the command line alone."""
    return {"items": [_told(t) for t in services().store.tokens.of(g.user.id)]}


@operation("POST", "/tokens/<int:token_id>:revoke", scope=None, answer=OwnToken, status=201, failures=(404,), section="You")
def revoke_token(token_id: int) -> dict[str, Any]:
    """End a token at once: the one that asks, or, where that is good for writing, another one of one's own."""
    if token_id != g.token.id and Scope.WRITE not in g.token.scopes:
        raise NotAllowed(f"This needs a token with the scope {Scope.WRITE}.", key="token_scope", scope=str(Scope.WRITE))
    return _told(api_tokens.revoke(services().store, g.user, token_id))


def _told(t: ApiToken) -> dict[str, Any]:
    about = {name: getattr(t, name) for name in ("id", "name", "created_at", "expires_at", "used_at")}
    return about | {"scopes": sorted(t.scopes), "this": t.id == g.token.id}
