"""The Fact Check Tools API's ``claims:search``: an existing client changes its host and nothing else."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request

from factcheck import claimssearch
from factcheck.errors import BadInput, TooManyTries
from factcheck.records import Scope
from factcheck.web import services, tokens

blueprint = Blueprint("google", __name__)

Answer = tuple[dict[str, Any], int]
_STATUS = {400: "INVALID_ARGUMENT", 403: "PERMISSION_DENIED", 429: "RESOURCE_EXHAUSTED"}


@blueprint.get("/v1alpha1/claims:search")
def search() -> dict[str, Any] | Answer:
    """Open to whoever may read here; else with a token for reading, as ``key`` or in the Authorization header."""
    if not services().settings.open_reading:
        try:
            found = tokens.owner(_sent())
        except TooManyTries as error:
            return _refused(429, str(error))
        if found is None or found[0].must_change_password or Scope.READ not in found[1].scopes:
            return _refused(403, "Give a token for reading as key, or in the header Authorization: Bearer.")
    try:
        return claimssearch.search(services().store, services().encoder, claimssearch.Question.of(request.args.to_dict()))
    except BadInput as error:
        return _refused(400, str(error))


def _sent() -> str:
    """The token that came along, "" for none. Google's clients send it in the address, which is why no address is ever in the log."""
    kind, _, sent = request.headers.get("Authorization", "").partition(" ")
    return sent.strip() if kind.lower() == "bearer" else request.args.get("key", "")


def _refused(status: int, message: str) -> Answer:
    """An error in the form that clients of this API read."""
    return {"error": {"code": status, "message": message, "status": _STATUS[status]}}, status
