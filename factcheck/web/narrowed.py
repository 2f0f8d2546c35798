"""Which part of the review queue is looked at: read from the address, written back into every address of the page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from db import Store
from factcheck.errors import BadInput
from factcheck.records import Kind, QueueFilters

LIKELIHOODS = ("likely", "possible", "none")
ASSIGNED = ("me", "nobody", "others", "all")
LONGEST = 200  # characters of a source's name


def read(store: Store, given: Mapping[str, str]) -> QueueFilters:
    """The filters an address names; what is no value of a filter does not narrow. Raises BadInput for what is no date."""

    def one_of(name: str, values: tuple[str, ...]) -> str:
        return given.get(name, "") if given.get(name, "") in values else ""

    def number(name: str) -> int | None:
        text = given.get(name, "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None

    person, since = number("person"), given.get("since", "").strip()
    if since:
        try:
            since = date.fromisoformat(since).isoformat()
        except ValueError:
            raise BadInput("Write the day as year, month and day: 2024-11-07.", key="queue_since") from None
    return QueueFilters(
        person=store.people.root(person) if person is not None else None,
        source=given.get("source", "")[:LONGEST],
        language=given.get("language", "")[:12],
        topic=number("topic"),
        kind=one_of("kind", tuple(Kind)),
        likelihood=one_of("likelihood", LIKELIHOODS),
        promises=given.get("promises") == "1",
        article=number("article"),
        assigned=one_of("assigned", ASSIGNED),
        since=since,
        later=given.get("later") == "1",
    )


def address(filters: QueueFilters) -> dict[str, str]:
    """The filters as they stand in an address, in a fixed order; empty for the whole queue."""
    plain = QueueFilters()
    values = {name: getattr(filters, name) for name in QueueFilters.__dataclass_fields__}
    return {n: "1" if v is True else str(v) for n, v in values.items() if v != getattr(plain, n)}
