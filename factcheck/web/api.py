"""The API for programs: a token in every request, JSON in every answer."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, request

from factcheck import articles, drafting
from factcheck.errors import BadInput
from factcheck.rows import draft_row
from factcheck.web import services

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")


@blueprint.get("/me")
def me():
    """Whose token this is and what it may do."""
    return {
        "name": g.user.name,
        "role": str(g.user.role),
        "token": {"name": g.token.name, "scopes": sorted(g.token.scopes), "expires": g.token.expires_at},
    }


@blueprint.post("/drafts:check")
def check_draft():
    """Every statement of a text with what is on file about it. The text is not stored.

    The body is a JSON object: ``text``, or ``html`` for a page; and, where known, ``title``, ``url`` and ``published_at`` (ISO 8601).
    """
    given = _body("text", "html", "title", "url", "published_at")
    about = {"title": given.get("title", ""), "url": given.get("url") or None, "published_at": given.get("published_at") or None}
    if "html" in given:
        article = articles.from_html(given["html"].encode("utf-8", "replace"), **about)
    else:
        article = articles.from_text(given.get("text", ""), **about)
    return draft_row(drafting.check(services().store, services().encoder, article))


def _body(*names: str) -> dict[str, Any]:
    """The request's JSON object, all of whose fields are strings with one of these names. Raises BadInput."""
    try:
        found = request.get_json(silent=True)
    except RecursionError:  # brackets within brackets within brackets
        found = None
    if not isinstance(found, dict):
        raise BadInput("Send a JSON object with the header Content-Type: application/json.", key="json_object")
    unknown = sorted(set(found) - set(names))
    if unknown:
        raise BadInput(f"There is no field {unknown[0]!r} here. Known are: {', '.join(names)}.", key="json_field", field=unknown[0], fields=", ".join(names))
    for name, value in found.items():
        if not isinstance(value, str):
            raise BadInput(f"The field {name!r} is a text in quotation marks.", key="json_text", field=name)
    return found
