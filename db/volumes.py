"""Statements are kept in volumes by the time they came in, where the store is on a server; a file is one volume."""

from __future__ import annotations

from dataclasses import dataclass

from factcheck.errors import BadInput


@dataclass(frozen=True)
class Volume:
    """Statements ``first`` to ``end`` (not in it any more); ``opened_at`` is ISO, "" for one made ahead that nothing is put into yet."""

    number: int
    first: int
    end: int
    opened_at: str
    statements: int
    bytes: int
    is_present: bool  # what is new goes into it


class OneVolume:
    """What a file has in place of volumes."""

    def all(self) -> list[Volume]:
        return []

    def turn(self) -> int | None:
        return None

    def take_off(self, number: int) -> tuple[str, int, int]:
        raise BadInput("A file keeps all statements together; it is on PostgreSQL that they are kept in volumes.")
