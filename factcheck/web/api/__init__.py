"""The API for programs: a token in every request, JSON in every answer, one shape for every failure."""

from __future__ import annotations

from typing import Any

from flask import g

from factcheck.records import Role
from factcheck.web import access, services
from factcheck.web.api import (
    account,
    administration,
    claimdesk,
    claimparts,
    correctingwork,
    desk,
    drafts,
    errata,
    exports,
    following,
    governments,
    history,
    imports,
    limits,
    peopledesk,
    quality,
    queuework,
    reading,
    sayings,
    sourcesdesk,
    webhooks,
    wordsdesk,
    writing,
)
from factcheck.web.api.document import document
from factcheck.web.api.operations import OPERATIONS, blueprint

blueprint.before_request(lambda: limits.limits.take(g.token.id) and None)
blueprint.after_request(limits.tell)

access.RULES["api.openapi"] = (Role.READER, access.NOBODY_EVER)
access.SCOPES["api.openapi"] = access.ANY_SCOPE


@blueprint.get("/openapi.json")
def openapi() -> dict[str, Any]:
    """The OpenAPI 3.1 document of all operations."""
    return document(services().settings.address)


__all__ = [
    "OPERATIONS",
    "account",
    "administration",
    "blueprint",
    "claimdesk",
    "claimparts",
    "correctingwork",
    "desk",
    "document",
    "drafts",
    "errata",
    "exports",
    "following",
    "governments",
    "history",
    "imports",
    "peopledesk",
    "quality",
    "queuework",
    "reading",
    "sayings",
    "sourcesdesk",
    "webhooks",
    "wordsdesk",
    "writing",
]
