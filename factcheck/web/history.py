"""Entries of the log in words: what was done to what, and what differs between before and after."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import current_app, g, url_for

from factcheck.puttingback import can_put_back  # noqa: F401 - the template of the log asks it
from factcheck.records import Entry, Role, User
from factcheck.web import services

OF_ADMINISTRATORS = ("user", "token", "invitation", "webhook", "alert")  # who works here and how they get in
LONGEST = 600  # characters of a value that are shown

# Where the thing itself is seen: (endpoint, name of its number in the address).
_PLACES = {
    "claim": ("claims.claim", "claim_id"),
    "article": ("articles.article", "article_id"),
    "person": ("people.person", "person_id"),
    "user": ("users.user", "user_id"),
    "topic": ("topics.topic", "topic_id"),
    "source": ("sources.source", "source_id"),
}
# Fields whose values have words of their own in the interface.
_VALUES = {"role": "role", "rating": "rating", "status": "status", "relation": "relation", "kind": "kind"}
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\+00:00|Z)$")


@dataclass(frozen=True)
class Change:
    """One field; ``before`` is "" for what was added, ``after`` for what was taken away."""

    field: str
    before: str
    after: str


def may_see(user: User | None) -> bool:
    """The log of a single object is for those who work on it."""
    return bool(user and not user.must_change_password and user.role.includes(Role.JOURNALIST))


def history_of(**objects: int | list[int]) -> list[Entry]:
    """``history_of(article=3, statement=[7, 8])``: the newest entries on any of them, for a page; none for who may not see them."""
    if not may_see(g.get("user")):
        return []
    return services().store.audit.history({kind: [ids] if isinstance(ids, int) else ids for kind, ids in objects.items() if ids != []})


def place(entry: Entry) -> str:
    """The address of what an entry is about, "" when it has no page."""
    if entry.object_type == "statement":
        return statement_place(entry.object_id)
    endpoint, name = _PLACES.get(entry.object_type, ("", ""))
    if endpoint not in current_app.view_functions or not entry.object_id:
        return ""
    return url_for(endpoint, **{name: entry.object_id})


def statement_place(statement_id: int) -> str:
    """Where a statement stands in its article, "" when it is gone."""
    found = services().store.articles.statement(statement_id)
    return url_for("articles.article", article_id=found.article_id, _anchor=f"s{statement_id}") if found else ""


def action(entry: Entry) -> str:
    """What was done, in the reader's language where the words are known."""
    return action_name(entry.action)


def action_name(name: str) -> str:
    key = _key(name)
    return g.words(f"audit.action.{key}") if g.words.has(f"audit.action.{key}") else name


def object_name(object_type: str) -> str:
    key = _key(object_type)
    return g.words(f"audit.object.{key}") if g.words.has(f"audit.object.{key}") else object_type


def changes(entry: Entry) -> list[Change]:
    """What differs between before and after, field by field in their order; what stayed the same is left out."""
    before, after = _flat(entry.before), _flat(entry.after)
    return [
        Change(_field(name), _value(name, before.get(name)), _value(name, after.get(name)))
        for name in dict.fromkeys((*before, *after))
        if before.get(name) != after.get(name)
    ]


def _flat(value: Any) -> dict[str, Any]:
    if value is None:
        return {}
    return dict(value) if isinstance(value, Mapping) else {"": value}


def _field(name: str) -> str:
    key = _key(name)
    return g.words(f"audit.field.{key}") if g.words.has(f"audit.field.{key}") else name.replace("_", " ")


def _value(name: str, value: Any) -> str:
    if value is None or value == "" or value == [] or value == {}:
        return ""
    if isinstance(value, bool):
        return g.words("audit.yes") if value else g.words("audit.no")
    if isinstance(value, int | float):
        return f"{value:g}" if isinstance(value, float) else str(value)
    if isinstance(value, Mapping):
        return "; ".join(f"{_field(str(k))}: {shown}" for k, v in value.items() if (shown := _value(str(k), v)))
    if isinstance(value, list | tuple):
        return ", ".join(shown for v in value if (shown := _value(name, v)))
    text = str(value)
    if name == "scopes" and g.words.has(f"scope.{text}"):
        return g.words(f"scope.{text}")
    kind = _VALUES.get(name)
    if kind and g.words.has(f"{kind}.{_key(text)}"):
        return g.words(f"{kind}.{_key(text)}")
    if _MOMENT.match(text):
        return g.words.moment(text)
    return text if len(text) <= LONGEST else text[:LONGEST].rsplit(" ", 1)[0] + " …"


def _key(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_") or "value"
