"""What somebody looks for: a text or none, filters, an order. It stands in the address of a page and in a saved search alike."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any
from urllib.parse import parse_qs, urlencode

from db import Filters
from db.filters import LISTED
from factcheck.errors import BadInput
from factcheck.querying import CHOICES, Understood, is_value, understand

SORTS = ("best", "said", "reviewed", "often", "worth", "added")
SIZE = 20  # rows of a page
MOST_ROWS = 1_000  # of one answer
_LIKE = re.compile(r"(claim|statement):([1-9]\d{0,17})")


@dataclass(frozen=True)
class Wanted:
    """``q`` is what was typed; ``like`` asks for more like "claim:12" or "statement:7"; ``kind`` "claim", "statement" or "" for both.

    ``exact`` says how quotation marks are meant, None leaves it to ``querying.understand``. ``sort`` "" is by best match where there is
    something to match, else by when it was said. ``cursor`` goes on after a page; it is no part of what is looked for.
    """

    q: str = ""
    like: str = ""
    exact: bool | None = None
    kind: str = ""
    filters: Filters = field(default_factory=Filters)
    sort: str = ""
    size: int = SIZE
    cursor: str = ""

    @classmethod
    def from_args(cls, given: str | Mapping[str, Any]) -> Wanted:
        """Read an address's query: a string, or a mapping of names to values or lists of them. Names it does not know are left alone.

        Raises BadInput for a value that a filter cannot have.
        """
        args = _lists(given)
        one = {name: values[-1].strip() for name, values in args.items() if values}
        filters: dict[str, Any] = {name: [v.strip() for v in args.get(name, []) if v.strip()] for name in LISTED}
        for name in ("kind", "since", "until", *LISTED):
            for value in filters.get(name, [one.get(name, "")]):
                if value and not (value.isdecimal() and len(value) < 19 if name == "topic" else is_value(name, value)):
                    raise _unusable(name, value)
        filters["topic"] = [int(v) for v in filters["topic"]]
        filters |= {"since": one.get("since", ""), "until": one.get("until", ""), "promises": one.get("promise", "") == "1"}
        filters |= {"worth": _share(one.get("worth", "")), "person_id": _number("person", one.get("person", ""))}
        for name, known in (("sort", SORTS), ("exact", ("0", "1"))):
            if one.get(name) and one[name] not in known:
                raise _unusable(name, one[name], known)
        like = one.get("like", "")
        if like and not _LIKE.fullmatch(like):
            raise _unusable("like", like, ("claim:12", "statement:7"))
        return cls(
            q=" ".join(one.get("q", "").replace("\0", " ").split()),
            like=like,
            exact={"0": False, "1": True}.get(one.get("exact", "")),
            kind=one.get("kind", ""),
            filters=Filters(**filters),
            sort=one.get("sort", ""),
            size=min(_number("size", one.get("size", "")) or SIZE, MOST_ROWS),
            cursor=one.get("cursor", ""),
        )

    def to_args(self) -> list[tuple[str, str]]:
        """(name, value) of everything that is set, in one order; ``from_args`` reads it back. The cursor is left out."""
        f = self.filters
        found = [("q", self.q), ("like", self.like), ("exact", "" if self.exact is None else str(int(self.exact))), ("kind", self.kind)]
        found += [(name, str(value)) for name in LISTED for value in getattr(f, name)]
        found += [("person", str(f.person_id or "")), ("since", f.since), ("until", f.until), ("promise", "1" if f.promises else "")]
        found += [("worth", "" if f.worth is None else f"{f.worth:g}"), ("sort", self.sort), ("size", "" if self.size == SIZE else str(self.size))]
        return [(name, value) for name, value in found if value]

    def to_query(self) -> str:
        """The query of an address."""
        return urlencode(self.to_args())

    def understood(self) -> Understood:
        return understand(self.q, self.exact)

    def read(self) -> tuple[Understood, Wanted]:
        """The query as it is understood, and this with the fields that were typed into it moved to its filters."""
        meant = self.understood()
        added: dict[str, Any] = {}
        kind = self.kind
        for name, value in meant.fields:
            if name == "kind":
                kind = value
            elif name in ("since", "until"):
                added[name] = value
            else:
                added[name] = (*added.get(name, getattr(self.filters, name)), value)
        return meant, replace(self, q=meant.typed, kind=kind, filters=replace(self.filters, **added))

    @property
    def about(self) -> tuple[str, int] | None:
        """("claim" or "statement", id) of what more is wanted like."""
        found = _LIKE.fullmatch(self.like)
        return (found[1], int(found[2])) if found else None

    @property
    def is_narrowed(self) -> bool:
        return bool(self.filters) or bool(self.kind)

    def without(self, name: str, value: object = None) -> Wanted:
        """This without a filter, or without one of its values; the first page of it."""
        return self._changed(name, lambda values: tuple(v for v in values if value is not None and v != value))

    def with_(self, name: str, value: Any) -> Wanted:
        """This with one more value of a filter; the first page of it."""
        return self._changed(name, lambda values: (*values, value), value)

    def _changed(self, name: str, change, value: Any = None) -> Wanted:
        first = replace(self, cursor="")
        if name in LISTED:
            return replace(first, filters=replace(self.filters, **{name: change(getattr(self.filters, name))}))
        if name in {f.name for f in fields(Filters)}:
            empty = getattr(Filters(), name)
            return replace(first, filters=replace(self.filters, **{name: empty if value is None else value}))
        return replace(first, **{name: value if value is not None else getattr(Wanted(), name)})


def _lists(given: str | Mapping[str, Any]) -> dict[str, list[str]]:
    if isinstance(given, str):
        return parse_qs(given.removeprefix("?"), keep_blank_values=True)
    if hasattr(given, "getlist"):
        return {name: given.getlist(name) for name in given}
    return {name: list(map(str, value)) if isinstance(value, Sequence) and not isinstance(value, str) else [str(value)] for name, value in given.items()}


def _unusable(name: str, value: str, known: Sequence[str] = ()) -> BadInput:
    known = known or CHOICES.get(name, ())
    if known:
        choices = ", ".join(known)
        return BadInput(f"{name} cannot be {value!r}. It takes: {choices}.", key="filter_choice", name=name, value=value, choices=choices)
    return BadInput(f"{name} cannot be {value!r}.", key="filter_value", name=name, value=value)


def _share(text: str) -> float | None:
    if not text:
        return None
    try:
        found = float(text)
    except ValueError:
        raise _unusable("worth", text) from None
    if not 0 <= found <= 1:
        raise _unusable("worth", text)
    return float(f"{found:g}")


def _number(name: str, text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise _unusable(name, text)
    return int(text)
