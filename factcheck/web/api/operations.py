"""One definition for each operation: from it come the route, who may call it, the check of what is sent, and the OpenAPI document."""

from __future__ import annotations

import hashlib
import inspect
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from flask import Blueprint, Response, g, jsonify, request
from pydantic import BaseModel, ValidationError

from factcheck.errors import BadInput, KeyInUse
from factcheck.plaintext import usable_value
from factcheck.records import Role, Scope
from factcheck.web import access, services

VERSION = "v1"
blueprint = Blueprint("api", __name__, url_prefix=f"{access.API}{VERSION}")
KEY = "Idempotency-Key"
LONGEST_KEY = 100


@dataclass(frozen=True)
class Operation:
    """``path`` is a route of Flask's below the version; ``query`` and ``body`` are models of what is sent, ``answer`` of what comes back.

    ``takes_file``: the body is a file, as it is. ``files`` are the forms of an answer that is a file itself, and then ``answer`` is None.
    ``tells_secret``: what it answers is told once, so that nothing of it is kept for a request that is sent again.
    """

    method: str
    path: str
    name: str
    what: str
    scope: Scope | None  # None: whatever the token is good for
    role: Role
    answer: type[BaseModel] | None
    query: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    status: int = 200
    failures: tuple[int, ...] = ()
    section: str = ""
    takes_file: bool = False
    files: tuple[str, ...] = ()
    tells_secret: bool = False

    @property
    def is_write(self) -> bool:
        """It changes something, so it may be sent with a key that keeps it from being done twice."""
        return self.method == "POST" and self.status == 201


OPERATIONS: list[Operation] = []


def operation(
    method: str,
    path: str,
    *,
    scope: Scope | None,
    answer: type[BaseModel] | None = None,
    role: Role = Role.READER,
    query: type[BaseModel] | None = None,
    body: type[BaseModel] | None = None,
    status: int = 200,
    failures: tuple[int, ...] = (),
    section: str = "",
    takes_file: bool = False,
    files: tuple[str, ...] = (),
    tells_secret: bool = False,
) -> Callable:
    """Make a function an operation. It is given its path's values, then ``query`` or ``body`` as read and the ``content`` of a file, and
    returns what ``answer`` checks, or the response with a file."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        what = inspect.getdoc(function) or ""
        defined = Operation(method, path, function.__name__, what, scope, role, answer, query, body, status, failures, section, takes_file, files, tells_secret)
        OPERATIONS.append(defined)
        endpoint = f"{blueprint.name}.{function.__name__}"
        access.RULES[endpoint] = (role, access.NOBODY_EVER) if method == "GET" else (access.NOBODY_EVER, role)
        access.SCOPES[endpoint] = scope or access.ANY_SCOPE

        @wraps(function)
        def answered(**path_values: Any) -> Response:
            _only_ids(path_values)
            given = path_values
            if query:
                given = given | {"given": _query(query)}
            if body:
                given = given | {"given": _body(body)}
            if takes_file:
                given = given | {"content": _content()}
            if answer is None:
                return function(**given)
            if defined.is_write and KEY in request.headers:
                return _once(defined, lambda: _told(function(**given), answer, status))
            return _told(function(**given), answer, status)

        # Any number leads here, so that one that no column holds is refused in the shape of all failures.
        blueprint.add_url_rule(path.replace("<int:", "<int(max=None):"), function.__name__, answered, methods=[method])
        return function

    return register


def _only_ids(values: dict[str, Any]) -> None:
    for value in values.values():
        if isinstance(value, int) and not 1 <= value <= 2**53:
            raise BadInput("An id is a whole number from 1 to 9007199254740992.", key="api_id")


def _told(found: Any, answer: type[BaseModel], status: int) -> Response:
    """The answer, held against its model: what the document promises is what is sent."""
    model = found if isinstance(found, answer) else answer.model_validate(found)
    response = jsonify(model.model_dump(mode="json"))
    response.status_code = status
    if request.method == "GET":
        response.add_etag()
        response.make_conditional(request)
    return response


def _query(model: type[BaseModel]) -> BaseModel:
    lists = {name for name, field in model.model_fields.items() if getattr(field.annotation, "__origin__", None) is list}
    given = {name: (values if name in lists else values[-1]) for name, values in request.args.lists()}
    return _validated(model, given)


def _body(model: type[BaseModel]) -> BaseModel:
    given = found = None
    try:
        given = request.get_json(silent=True)
        found = usable_value(given)
    except RecursionError:  # brackets within brackets within brackets
        pass
    if not isinstance(found, dict):
        raise BadInput("Send a JSON object with the header Content-Type: application/json.", key="json_object")
    made = _validated(model, found)
    if found != given and _is_too_long(model, given):  # what was taken out counts: a length is that of what was sent
        return _validated(model, given)
    return made


def _content() -> bytes:
    """The file that was sent. Raises BadInput for none, and for one within a form."""
    if request.mimetype.startswith("multipart/"):
        raise BadInput("Send the file itself as the body, not within a form: curl --data-binary @FILE", key="api_file_itself")
    content = request.get_data()
    if not content:
        raise BadInput("The body is empty. Send the file itself as the body: curl --data-binary @FILE", key="api_file_itself")
    return content


def _is_too_long(model: type[BaseModel], given: dict[str, Any]) -> bool:
    try:
        model.model_validate(given)
    except ValidationError as error:
        return any(problem["type"] == "string_too_long" for problem in error.errors(include_url=False, include_input=False))
    return False


def _validated(model: type[BaseModel], given: dict[str, Any]) -> BaseModel:
    try:
        return model.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(map(str, first["loc"])) or "?"
        if first["type"] == "extra_forbidden":
            names = ", ".join(model.model_fields)
            raise BadInput(f"There is no field {field!r} here. Known are: {names}.", key="json_field", field=field, fields=names) from None
        raise BadInput(f"The field {field!r} cannot be used: {first['msg']}.", key="json_value", field=field, problem=first["msg"]) from None
    except RecursionError:
        raise BadInput("Send a JSON object with the header Content-Type: application/json.", key="json_object") from None


def _once(defined: Operation, act: Callable[[], Response]) -> Response:
    """Do it once for each key of a user: the same request sent again gets the same answer, another one with the key is refused."""
    key = request.headers[KEY]
    if not re.fullmatch(r"[!-~]{1,100}", key):
        raise BadInput(f"{KEY} is 1 to {LONGEST_KEY} characters without blanks.", key="key_form")
    asked = hashlib.sha256(f"{request.method} {request.full_path.rstrip('?')}\n".encode() + request.get_data(cache=True)).hexdigest()
    kept = services().store.requests.begin(g.user.id, key, asked)
    if kept and defined.tells_secret:
        raise KeyInUse("This was done with the first request of this Idempotency-Key. What it answered is told once only.", key="api_told_once")
    if kept:
        response = jsonify(json.loads(kept[1]))
        response.status_code = kept[0]
        response.headers["Idempotent-Replayed"] = "true"
        return response
    try:
        response = act()
    except BaseException:
        services().store.requests.forget(g.user.id, key)
        raise
    answer = "{}" if defined.tells_secret else response.get_data(as_text=True)
    services().store.requests.keep(g.user.id, key, response.status_code, answer)
    return response
