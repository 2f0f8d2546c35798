"""Undoing a change of a claim from its log: what was taken back is there again, what was changed says again what it said before.

The log itself stays as it is; that something was put back is one entry more, and can be undone like any other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from db import Store
from factcheck import editing, merging, promises
from factcheck.embed import Encoder
from factcheck.errors import BadInput, ChangedMeanwhile, NotFound
from factcheck.records import Coverage, Entry, Kind, Occurrence, Promise, Rating, Review, User

_PARTS: dict[str, type] = {"review": Review, "coverage": Coverage, "occurrence": Occurrence}
_NAMED: dict[str, type] = {"rating": Rating, "kind": Kind}
_TERMS = frozenset({"set the terms of a promise", "made a promise of a claim", "no longer a promise"})


def can_put_back(entry: Entry) -> bool:
    verb, _, what = entry.action.partition(": ")
    if entry.object_type != "claim":
        return False
    return entry.action in _TERMS or entry.action == "changed a claim" or (verb in ("added", "changed", "took back") and what in _PARTS)


def put_back(store: Store, encoder: Encoder, entry_id: int, user: User) -> int:
    """Bring a claim back to how it was before an entry of its log; the claim's id.

    Raises NotFound, BadInput for an entry that cannot be undone so, ChangedMeanwhile when what it changed is not as it left it.
    """
    entry = store.audit.get(entry_id)
    if entry is None:
        raise NotFound("There is no such entry in the log.", key="no_such_entry")
    if not can_put_back(entry):
        raise BadInput("This entry cannot be undone from the log. Undo it where it was done.", key="not_from_the_log")
    verb, _, what = entry.action.partition(": ")
    if entry.action == "changed a claim":
        _words(store, encoder, entry, user)
        return store.claims.root(entry.object_id)
    with store.write():
        if entry.action in _TERMS:
            _terms(store, entry, user)
        elif verb == "took back":
            editing.put(store, what, replace(_part(what, entry.before), id=0, claim_id=entry.object_id), user)
        else:
            _undo_part(store, what, entry, user)
    return store.claims.root(entry.object_id)


def _undo_part(store: Store, what: str, entry: Entry, user: User) -> None:
    part_id = int(entry.after["id"])
    stored = store.claim_parts.get(what, part_id)
    now = editing.content(stored) if stored else {}
    if stored is None or any(now.get(name) != value for name, value in entry.after.items()):
        raise _meanwhile()
    if entry.before is None:
        editing.take_back(store, what, part_id, user)
    else:
        editing.put(store, what, replace(_part(what, entry.before), id=part_id, claim_id=stored.claim_id), user)


def _words(store: Store, encoder: Encoder, entry: Entry, user: User) -> None:
    claim = merging.standing(store, entry.object_id)
    if any(getattr(claim, name) != value for name, value in entry.after.items()):
        raise _meanwhile()
    editing.change_claim(store, encoder, replace(claim, **entry.before), user, saw=merging.state(store, [claim.id]))


def _terms(store: Store, entry: Entry, user: User) -> None:
    claim = merging.standing(store, entry.object_id)
    if promises.terms_of(claim.promise) != entry.after:
        raise _meanwhile()
    if entry.before is None:
        promises.no_promise(store, claim.id, user)
    else:
        promises.set_terms(store, claim.id, Promise(**entry.before), user)


def _part(what: str, content: Mapping[str, Any]) -> Review | Coverage | Occurrence:
    """The part as the log tells of it; what it leaves out was empty."""
    kind = _PARTS[what]
    known = {f.name for f in fields(kind)} - {"added_at", "added_by"}
    given = {name: _NAMED[name](value) if name in _NAMED else value for name, value in content.items() if name in known}
    needed = {"claim_id": 0, "quote": "", "publisher": "", "rating_text": "", "rating": Rating.NOT_RATED, "title": "", "kind": Kind.DIRECT}
    return kind(**{f.name: needed[f.name] for f in fields(kind) if f.name in needed} | given)


def _meanwhile() -> ChangedMeanwhile:
    return ChangedMeanwhile("This was changed again since. Undo the newer change first.", key="changed_since")
