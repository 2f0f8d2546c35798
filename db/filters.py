"""What a search may be narrowed to. The same record serves claims and statements; a filter one of them lacks finds none there."""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True)
class Filters:
    """Several values of one filter widen it, several filters narrow each other. A single value may be given as a string.

    ``language`` ISO 639-1; ``speaker`` any spelling of a full name; ``publisher`` of a review; ``source`` of an article; ``rating``
    normalised; ``topic`` ids of topics; ``status`` of a promise; ``form`` direct, indirect, reported; ``nature`` of a statement. Dates are
    ISO, as exact as need be ("2024", "2024-03"), inclusive. ``worth`` is the least check-worthiness, 0..1. A statement has the rating, the
    publishers and the promise status of the claim it was confirmed to make; a claim has the outlets, the dates and the highest
    check-worthiness of what was linked to it. Undated claims go by their reviews' dates.
    """

    language: tuple[str, ...] = ()
    speaker: tuple[str, ...] = ()
    publisher: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    rating: tuple[str, ...] = ()
    topic: tuple[int, ...] = ()
    status: tuple[str, ...] = ()
    form: tuple[str, ...] = ()
    nature: tuple[str, ...] = ()
    person_id: int | None = None
    since: str = ""
    until: str = ""
    promises: bool = False
    worth: float | None = None

    def __post_init__(self) -> None:
        for name in LISTED:
            given = getattr(self, name)
            values = (given,) if isinstance(given, str | int) else tuple(dict.fromkeys(given))
            object.__setattr__(self, name, tuple(v for v in values if v != ""))

    def __bool__(self) -> bool:
        return self != Filters()


LISTED = ("language", "speaker", "publisher", "source", "rating", "topic", "status", "form", "nature")
assert set(LISTED) < {f.name for f in fields(Filters)}
