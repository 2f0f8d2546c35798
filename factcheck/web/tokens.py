"""Tokens for programs: one's own list of them, and who a request to the API comes from."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import Blueprint, g, redirect, render_template, request, send_file, url_for

from factcheck import api_tokens
from factcheck.errors import BadInput, NotAllowed, NotSignedIn, TooManyTries
from factcheck.records import ApiToken, Scope, User
from factcheck.web import access, services

blueprint = Blueprint("tokens", __name__)

EXTENSION = Path(__file__).parents[2] / "extension"
WITHIN = timedelta(minutes=15)
WRONG_TOKENS = 30  # from one address within that time


def bearer() -> tuple[User, ApiToken]:
    """Who asks through the API, and the token that says so.

    Raises NotSignedIn without a token or with a wrong one, TooManyTries after too many wrong ones.
    """
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        raise NotSignedIn("Send a token: Authorization: Bearer clt_… Make one under API tokens.", key="token_missing")
    found = owner(token.strip())
    if found is None:
        raise NotSignedIn("This token is wrong, has expired or was revoked. Make a new one under API tokens.", key="token_wrong")
    return found


def owner(token: str) -> tuple[User, ApiToken] | None:
    """Whom a token belongs to; None for a wrong one, and for none. Raises TooManyTries after too many wrong ones from the address."""
    found = api_tokens.owner(services().store, token)
    if found is None and token:
        guesser = f"token {request.remote_addr or ''}"
        wait = services().store.attempts.note(guesser, guesser, by_name=WRONG_TOKENS, by_address=WRONG_TOKENS, within=WITHIN)
        if wait:
            raise TooManyTries("Too many wrong tokens from this address. Wait, then try again.", key="token_too_often", wait=wait)
    return found


def check_scope(endpoint: str) -> None:
    """Raises NotAllowed unless the request's token reaches the endpoint; one that is not listed is reached by none."""
    scope = access.SCOPES.get(endpoint)
    if scope != access.ANY_SCOPE and (scope is None or scope not in g.token.scopes):
        raise NotAllowed(f"This needs a token with the scope {scope}.", key="token_scope", scope=str(scope))


@dataclass(frozen=True)
class Row:
    token: ApiToken
    is_over: bool


@blueprint.get("/tokens")
def listing():
    return _page()


@blueprint.post("/tokens")
def make():
    form = request.form
    until = form.get("day", "").strip() if form.get("until") == "day" else form.get("until", "")
    try:
        token, kept = api_tokens.make(services().store, g.user, form.get("name", ""), form.getlist("scopes"), until)
    except BadInput as error:
        return _page(error), 422
    return _page(token=token, made=kept), 201  # the only page that ever shows it: no redirect, nothing kept


@blueprint.post("/tokens/<int:token_id>/revoke")
def revoke(token_id: int):
    api_tokens.revoke(services().store, g.user, token_id)
    return redirect(url_for("tokens.listing", revoked=1), 303)


@blueprint.get("/extension.zip")
def extension():
    """The browser extension as it lies in the folder ``extension/``, to be unpacked and loaded."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(f for f in EXTENSION.rglob("*") if f.is_file()):
            archive.write(file, Path("claimtrail") / file.relative_to(EXTENSION))
    packed.seek(0)
    return send_file(packed, "application/zip", as_attachment=True, download_name="claimtrail-extension.zip")


def _page(error: BadInput | None = None, token: str = "", made: ApiToken | None = None) -> str:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    rows = [Row(t, bool(t.expires_at and t.expires_at <= now)) for t in services().store.tokens.of(g.user.id)]
    return render_template(
        "pages/tokens.html",
        rows=rows,
        error=error,
        token=token,
        made=made,
        revoked="revoked" in request.args,
        scopes=[s for s in Scope if g.user.role.includes(s.role)],
        all_scopes=Scope,
        days=api_tokens.DAYS,
        first_day=now[:10],
        last_day=(datetime.now(UTC) + timedelta(days=365)).date().isoformat(),
        given=request.form if error else {},
    )
