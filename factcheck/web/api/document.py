"""The OpenAPI 3.1 document, made from the operations themselves."""

from __future__ import annotations

import re
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from factcheck import __version__
from factcheck.web.api import shapes
from factcheck.web.api.operations import KEY, OPERATIONS, VERSION, Operation, blueprint

_REASONS = {
    200: "What was asked for", 201: "Done", 304: "Nothing has changed since the ETag sent", 400: "Something that was sent cannot be used",
    401: "No token, or one that is wrong, expired or revoked", 403: "The token or its owner may not do this", 404: "Not on file",
    409: "Somebody was faster; the message says what happened", 413: "Too large", 415: "Not in a form that can be read",
    422: "Read and understood, but it cannot be done", 429: "Too many requests; Retry-After says how long to wait", 502: "Another site did not answer",
}  # fmt: skip


def document(address: str) -> dict[str, Any]:
    """The whole document; ``address`` is where the application is served, without a slash at its end."""
    models: set[type[BaseModel]] = {shapes.Error}
    for o in OPERATIONS:
        models |= {m for m in (o.answer, o.body) if m}
    _, schemas = models_json_schema([(m, "validation") for m in sorted(models, key=lambda m: m.__name__)], ref_template="#/components/schemas/{model}")
    paths: dict[str, dict[str, Any]] = {}
    for o in OPERATIONS:
        paths.setdefault(path_of(o.path), {})[o.method.lower()] = _operation(o)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Claimtrail", "version": __version__,
            "description": "Claims, past statements, reviews and promises of a newsroom. Every request carries a token; every failure has one shape.",
        },
        "servers": [{"url": f"{address}{blueprint.url_prefix}"}],
        "security": [{"token": []}],
        "tags": [{"name": section} for section in dict.fromkeys(o.section for o in OPERATIONS)],
        "paths": paths,
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": "Made under API tokens; begins with clt_"}},
        },
    }  # fmt: skip


def path_of(route: str) -> str:
    """A route of Flask's as OpenAPI writes it."""
    return re.sub(r"<int:(\w+)>", r"{\1}", route)


def _operation(o: Operation) -> dict[str, Any]:
    summary, _, more = o.what.partition("\n")
    told: dict[str, Any] = {
        "operationId": o.name,
        "tags": [o.section],
        "summary": summary,
        "description": "\n\n".join(p for p in (more.strip(), f"Scope: {o.scope or 'any'}. Role: {o.role}.") if p),
        "parameters": [*_in_path(o), *_in_query(o), *_in_headers(o)],
        "responses": _responses(o),
    }
    if o.body:
        schema = {"$ref": f"#/components/schemas/{o.body.__name__}"}
        told["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    if o.takes_file:
        told["requestBody"] = {"required": True, "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
    return told


def _in_path(o: Operation) -> list[dict[str, Any]]:
    names = re.findall(r"<int:(\w+)>", o.path)
    return [{"name": n, "in": "path", "required": True, "schema": {"type": "integer", "minimum": 1, "maximum": 2**53}} for n in names]


def _in_query(o: Operation) -> list[dict[str, Any]]:
    if not o.query:
        return []
    schema = o.query.model_json_schema()
    needed = schema.get("required", [])
    found = []
    for name, of in schema["properties"].items():
        of = {key: value for key, value in of.items() if key not in ("title",)}
        found.append({"name": name, "in": "query", "required": name in needed, "schema": of})
        if of.get("type") == "array":
            found[-1] |= {"style": "form", "explode": True}
    return found


def _in_headers(o: Operation) -> list[dict[str, Any]]:
    if not o.is_write:
        return []
    schema = {"type": "string", "minLength": 1, "maxLength": 100, "pattern": "^[!-~]+$"}
    return [{"name": KEY, "in": "header", "required": False, "schema": schema, "description": "The same request sent again with it is done once"}]


def _responses(o: Operation) -> dict[str, Any]:
    error = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    limits = {f"RateLimit-{name}": {"schema": {"type": "integer"}} for name in ("Limit", "Remaining", "Reset")}
    answer: dict[str, Any] = {form: {"schema": {"type": "object" if form.endswith("+json") else "string"}} for form in o.files}
    if o.answer:
        answer["application/json"] = {"schema": {"$ref": f"#/components/schemas/{o.answer.__name__}"}}
    found: dict[str, Any] = {str(o.status): {"description": _REASONS[o.status], "content": answer, "headers": limits}}
    if o.method == "GET" and o.answer:
        found["304"] = {"description": _REASONS[304]}
    extra = (409,) if o.is_write else ()
    for status in sorted({400, 401, 403, 404, 413, 415, 429, *o.failures, *extra}):
        found[str(status)] = {"description": _REASONS[status], "content": error}
    return found


__all__ = ["VERSION", "document"]
