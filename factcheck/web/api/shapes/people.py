"""People and their offices."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from factcheck.web.api.shapes.claims import Claim
from factcheck.web.api.shapes.common import Given, Line, Told


class Office(Told):
    id: int
    title: str
    since: str | None
    until: str | None


class Person(Told):
    id: int
    name: str
    aliases: list[str]
    offices: list[Office]
    organisation: bool
    address: str


class PersonInFull(Person):
    ratings: dict[str, int]
    claims: list[Claim] = Field(description="Those said most often, fifty at most")


class People(Told):
    items: list[Person]


class ByName(Given):
    name: Line
    size: Annotated[int, Field(ge=1, le=100)] = 20
