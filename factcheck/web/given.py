"""What a form or an address gives, made usable before any page sees it (``factcheck.plaintext``): pages need not think of it one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import flask
from werkzeug.datastructures import ImmutableMultiDict, MultiDict
from werkzeug.routing import IntegerConverter, Map

from factcheck.plaintext import usable

LARGEST = 2**53  # the largest id: more than any store will count, and no more than a script or a column can hold


def number(text: str) -> int | None:
    """A whole number from 0 to ``LARGEST`` as it stands in a form or an address, None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 16 and int(text) <= LARGEST else None


class Values(ImmutableMultiDict):
    """Names and values in the order they came, texts made usable; files stay as they are."""

    def __init__(self, mapping: Mapping[str, Any] | Iterable[tuple[str, Any]] | None = None):
        pairs = MultiDict(mapping).items(multi=True) if mapping is not None else ()
        super().__init__([(usable(name), usable(value) if isinstance(value, str) else value) for name, value in pairs])

    def get(self, key: str, default: Any = None, type: Callable[[Any], Any] | None = None) -> Any:
        return super().get(key, default, _bounded if type is int else type)

    def getlist(self, key: str, type: Callable[[Any], Any] | None = None) -> list[Any]:
        return super().getlist(key, _bounded if type is int else type)


def _bounded(text: str) -> int:
    """As ``int``, but a number no column holds counts as none. Raises ValueError."""
    found = int(text) if len(text) < 20 else LARGEST + 1
    if abs(found) > LARGEST:
        raise ValueError("no such number")
    return found


class Id(IntegerConverter):
    """``<int:...>`` in an address: a number no column holds leads to no page."""

    def __init__(self, map: Map, **options: Any):
        super().__init__(map, **{"max": LARGEST, **options})


class Request(flask.Request):
    parameter_storage_class = Values
