"""The API under generated requests, good and bad: never an error of its own, never an answer the document does not promise."""

from __future__ import annotations

import os

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from web_site import Site, site  # noqa: F401  (a fixture)

from factcheck import api_tokens
from factcheck.records import Role, Scope
from factcheck.web.api import OPERATIONS, limits
from factcheck.web.api.document import path_of

EXAMPLES = int(os.environ.get("CLAIMTRAIL_FUZZ", "10"))  # of each operation, good and bad
CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance, response_headers_conformance,
    negative_data_rejection,
]  # fmt: skip


@pytest.fixture
def program(site: Site, monkeypatch):
    """The document as the application gives it, and the headers that open everything."""
    monkeypatch.setattr(limits, "limits", limits.Limits(10**9))
    user = site.store.users.by_name(site.names[Role.ADMINISTRATOR])
    token = api_tokens.make(site.store, user, "fuzz", [str(s) for s in Scope], "30")[0]
    headers = {"Authorization": f"Bearer {token}"}
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", site.app, headers=headers), headers


@pytest.mark.parametrize("section", sorted({o.section for o in OPERATIONS}))
def test_every_operation_keeps_what_the_document_promises(program, section):
    """One newsroom for all operations of a section: what one makes, the next meets."""
    for operation in (o for o in OPERATIONS if o.section == section):
        try:
            ask(program, operation, GenerationMode.POSITIVE)
            if operation.query or operation.body or "<" in operation.path:  # else there is nothing to get wrong
                ask(program, operation, GenerationMode.NEGATIVE)
        except Exception as error:
            error.add_note(f"in the operation {operation.name}")
            raise


def ask(program, operation, mode: GenerationMode) -> None:
    document, headers = program
    described = document[path_of(operation.path)][operation.method]

    @settings(max_examples=EXAMPLES, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(case=described.as_strategy(generation_mode=mode))
    def asked(case):
        case.call_and_validate(headers=headers, checks=CHECKS)

    asked()
