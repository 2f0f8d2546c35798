"""Time zones by their IANA names, as people pick and type them."""

from __future__ import annotations

from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from factcheck.errors import BadInput

AREAS = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")


@cache
def names() -> tuple[str, ...]:
    """Every zone named after a place, in order, and UTC first."""
    return ("UTC", *sorted(n for n in available_timezones() if n.partition("/")[0] in AREAS and "/" in n))


def find(text: str) -> str:
    """The zone somebody means: its full name in any case, or its city where only one zone is named after it; "" for nothing.

    Raises BadInput for what is no zone.
    """
    wanted = "_".join(text.split()).casefold()
    if not wanted:
        return ""
    full = [n for n in names() if n.casefold() == wanted]
    found = full or [n for n in names() if n.rpartition("/")[2].casefold() == wanted]
    if len(found) != 1:
        raise BadInput(f"There is no time zone {text[:60]}. Choose one from the list, such as Europe/Berlin.", key="time_zone", name=text[:60])
    return found[0]


@cache
def zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
