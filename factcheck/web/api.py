"""The API for programs: a token in every request, JSON in every answer."""

from __future__ import annotations

from flask import Blueprint, g

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")


@blueprint.get("/me")
def me():
    """Whose token this is and what it may do."""
    return {
        "name": g.user.name,
        "role": str(g.user.role),
        "token": {"name": g.token.name, "scopes": sorted(g.token.scopes), "expires": g.token.expires_at},
    }
