"""Who said what as spans of the text: the form in which quotations are labelled, learned, exported and measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from factcheck.errors import BadInput

Spans = tuple[tuple[int, int], ...]

ROLES = ("speaker", "cue", "frame", "addressee")
PARTS = ("quote", *ROLES)


@dataclass(frozen=True)
class Annotation:
    """One quotation with its roles. Each part is a tuple of (start, end) in characters of the text; () when there is none.

    ``type`` is Direct, Indirect, Reported, FreeIndirect or IndirectFreeIndirect, "" where a set tells no types; ``medium`` is the
    set's own word for speech, writing or thought. ``nested`` marks a quotation within another one.
    """

    quote: Spans
    speaker: Spans = ()
    cue: Spans = ()
    frame: Spans = ()
    addressee: Spans = ()
    type: str = ""
    medium: str = ""
    nested: bool = False
    sureness: float = 1.0  # of the network that found it: mean probability of its words' tags, 0..1; not part of the JSON form

    def part(self, name: str) -> Spans:
        """The spans of one of ``PARTS``."""
        return getattr(self, name)


def read_annotation(row: Any, length: int | None = None) -> Annotation:
    """From ``{"type": …, "quote": {"spans": [[start, end], …]}, "speaker": …}``; ``length`` is that of the text, where known.

    Raises BadInput that says which part is wrong.
    """
    if not isinstance(row, Mapping):
        raise BadInput("an annotation is an object with at least quote: {spans: [[start, end], …]}")
    parts = {name: _read_spans(name, row[name], length) for name in PARTS if row.get(name) is not None}
    if not parts.get("quote"):
        raise BadInput("an annotation has no quote with spans")
    return Annotation(**parts, type=_word(row, "type"), medium=_word(row, "medium"), nested=bool(row.get("nested", False)))


def annotation_row(annotation: Annotation, text: str) -> dict[str, Any]:
    """The JSON form, with the words of each span. Roles that are not there are left out."""
    row: dict[str, Any] = {"type": annotation.type, "medium": annotation.medium, "nested": annotation.nested}
    for name in PARTS:
        spans = annotation.part(name)
        if spans:
            row[name] = {"spans": [list(span) for span in spans], "text": " ".join(text[start:end] for start, end in spans)}
    return row


def _word(row: Mapping[str, Any], key: str) -> str:
    value = row.get(key)
    if value is not None and not isinstance(value, str):
        raise BadInput(f"{key} is not a text")
    return value or ""


def _read_spans(name: str, part: Any, length: int | None) -> Spans:
    spans = part.get("spans") if isinstance(part, Mapping) else None
    if not isinstance(spans, list):
        raise BadInput(f"{name} has no list of spans")
    found = []
    for span in spans:
        if not isinstance(span, list | tuple) or len(span) != 2 or not all(type(place) is int for place in span):
            raise BadInput(f"{name}: a span is [start, end] in whole characters, not {span!r}")
        start, end = span
        if not 0 <= start < end or (length is not None and end > length):
            raise BadInput(f"{name}: the span {start} to {end} does not lie in the text")
        found.append((start, end))
    return tuple(sorted(found))
