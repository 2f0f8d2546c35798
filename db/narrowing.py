"""Filters over the card index: which rows pass, and how many have which value. Pure functions over columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from db.cards import NONE, CardIndex, Cards
from db.filters import Filters
from factcheck.errors import BadInput
from factcheck.records.dates import day_range
from factcheck.words import fold

COUNTED = ("language", "speaker", "publisher", "source", "rating", "topic", "status", "form", "nature", "year", "promise")
_OF_LINKED_CLAIM = ("rating", "status", "publisher")  # what a statement has from the claim it makes
Rows = Mapping[str, np.ndarray]  # kind ("claim", "statement") -> rows, ascending


@dataclass(frozen=True)
class Wishes:
    """Filters as numbers: name -> codes that pass; dates as ordinals."""

    codes: Mapping[str, np.ndarray]
    person: int | None
    since: int | None
    until: int | None
    promises: bool
    worth: float | None

    @property
    def active(self) -> list[str]:
        """The counted values these narrow, and "person"."""
        names = [name for name in self.codes]
        names += ["person"] * (self.person is not None) + ["year"] * (self.since is not None or self.until is not None)
        return names + ["promise"] * self.promises + ["worth"] * (self.worth is not None)


def resolve(index: CardIndex, filters: Filters) -> Wishes:
    """The filters as the columns know them; a value that no row has passes none. Raises BadInput for what is no date."""
    numbers = {}
    for name in ("language", "rating", "status", "form", "nature", "publisher", "source", "speaker", "topic"):
        given = getattr(filters, name)
        if given:
            numbers[name] = np.array(sorted(codes(index, name, given)), dtype=np.int32)
    since, until = _day(filters.since, 0), _day(filters.until, 1)
    return Wishes(numbers, filters.person_id, since, until, filters.promises, filters.worth)


def codes(index: CardIndex, name: str, given: Sequence) -> set[int]:
    """The numbers that values of a filter have, in any spelling; none for what no row ever had."""
    known = (index.code(name, value) for value in _spellings(index, name, given))
    return {code for code in known if code is not None}


def prepare(cards: Cards) -> None:
    """Work out now what the first look at these cards would have to wait for."""
    _ = cards.standing, cards.root_rows, cards.link_rows, cards.links_back
    for kind in ("claim", "statement"):
        for name in {*cards.shelf(kind).pairs, *(["year"] if kind == "claim" else [])} - {"days"}:
            _by_row(cards, kind, name)


def ids(cards: Cards, kind: str, wishes: Wishes) -> np.ndarray:
    """Ids of everything that passes, of merged claims with the one that stands for them, ascending."""
    shelf = cards.shelf(kind)
    passing = np.zeros(len(shelf.ids), dtype=bool)
    standing = cards.standing[kind]
    passing[standing[fails(cards, kind, standing, wishes)[0] == 0]] = True
    if kind == "claim" and len(shelf.ids):
        passing = passing[cards.root_rows] & shelf.alive
    return shelf.ids[passing]


def fails(cards: Cards, kind: str, rows: np.ndarray, wishes: Wishes) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """(how many filters each row fails, which by filter)."""
    by_name = {name: ~_passes(cards, kind, name, wishes)[rows] for name in wishes.active}
    total = np.zeros(len(rows), dtype=np.int8)
    for failing in by_name.values():
        total += failing
    return total, by_name


def values(cards: Cards, kind: str, name: str, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(places in ``rows``, values) of everything the rows have under a counted name, each pair once; "worth 0.4" counts from there on."""
    shelf = cards.shelf(kind)
    if kind == "statement" and name in _OF_LINKED_CLAIM:
        linked = np.flatnonzero(cards.link_rows[rows] != NONE)
        at, found = values(cards, "claim", name, cards.link_rows[rows[linked]])
        return linked[at], found
    if name == "promise":
        return np.flatnonzero(shelf.promise[rows]), np.zeros(int(shelf.promise[rows].sum()), dtype=np.int64)
    if name.startswith("worth"):
        worthy = np.flatnonzero(shelf.worth[rows] >= np.float32(name.removeprefix("worth ")))
        return worthy, np.zeros(len(worthy), dtype=np.int64)
    if name == "year" and kind == "statement":
        first, last = _years(shelf.first[rows]), _years(shelf.last[rows])
        at = np.flatnonzero(first > 0)
        over = np.flatnonzero((last > first) & (first > 0))
        return np.concatenate([at, over]), np.concatenate([first[at], last[over]])
    if name in shelf.pairs or (name == "year" and kind == "claim"):
        return _values_of_pairs(cards, kind, name, rows) if len(rows) and len(shelf.ids) else (np.empty(0, np.int64), np.empty(0, np.int64))
    codes = shelf.columns[name][rows]
    at = np.flatnonzero(codes != NONE)
    return at, codes[at].astype(np.int64)


def _values_of_pairs(cards: Cards, kind: str, name: str, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    owners, found, starts = _by_row(cards, kind, name)
    lengths = starts[rows + 1] - starts[rows]
    total = int(lengths.sum())
    if total * 4 > len(owners) and len(rows) == len(np.unique(rows)):  # most of them: all are looked through in order
        place = np.full(len(starts) - 1, NONE)
        place[rows] = np.arange(len(rows))
        at = place[owners]
        kept = at != NONE
        at, codes = at[kept], found[kept]
    else:
        at = np.repeat(np.arange(len(rows)), lengths)
        before = np.concatenate([[0], np.cumsum(lengths)[:-1]]) if len(rows) else lengths
        codes = found[np.repeat(starts[rows] - before, lengths) + np.arange(total)]
    return at, codes


def _by_row(cards: Cards, kind: str, name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(rows, values, where those of each row begin) of everything that rows have any number of, each pair once, by row and value; worked
    out once while nothing changes. Years are told from days."""
    known = cards.remembered.get((_by_row, kind, name))
    if known is None:
        owners, found = _pairs(cards, kind, "days" if name == "year" else name)
        if name == "year":
            first, last = _years(found[:, 0]), _years(found[:, 1])
            over = np.flatnonzero(last > first)
            owners, found = np.concatenate([owners, owners[over]]), np.concatenate([first, last[over]])
        both = np.unique(owners.astype(np.int64) << 32 | found.astype(np.int64))
        rows = (both >> 32).astype(np.int32)
        known = rows, (both & 0xFFFFFFFF).astype(np.int32), np.searchsorted(rows, np.arange(len(cards.shelf(kind).ids) + 1))
        cards.remembered[(_by_row, kind, name)] = known
    return known


def _pairs(cards: Cards, kind: str, name: str) -> tuple[np.ndarray, np.ndarray]:
    """(rows, values); those of merged claims belong to the row that stands for them."""
    known = cards.remembered.get((_pairs, kind, name))
    if known is None:
        shelf = cards.shelf(kind)
        keys, found = shelf.pairs[name]
        rows = shelf.rows(keys)
        there = rows != NONE
        rows, found = rows[there], found[there]
        known = (cards.root_rows[rows] if kind == "claim" and len(rows) else rows).astype(np.int32), found
        cards.remembered[(_pairs, kind, name)] = known
    return known


def _passes(cards: Cards, kind: str, name: str, wishes: Wishes) -> np.ndarray:
    """Of every row on the shelf whether it passes one filter."""
    shelf = cards.shelf(kind)
    if name == "person":
        return shelf.person == wishes.person
    if name == "promise":
        return shelf.promise
    if name == "worth":
        return shelf.worth >= np.float32(wishes.worth)
    if name == "year":
        since, until = wishes.since or 0, wishes.until or 2**30
        if kind == "statement":
            return (shelf.last >= since) & (shelf.first <= until) & (shelf.first != NONE)
        rows, days = _pairs(cards, kind, "days")
        return _marked(len(shelf.ids), rows[(days[:, 1] >= since) & (days[:, 0] <= until)])
    wanted = wishes.codes[name]
    if kind == "statement" and name in _OF_LINKED_CLAIM:
        if not len(cards.claims.ids):
            return np.zeros(len(shelf.ids), dtype=bool)
        return _passes(cards, "claim", name, wishes)[np.maximum(cards.link_rows, 0)] & (cards.link_rows != NONE)
    if name in shelf.pairs:
        rows, found = _pairs(cards, kind, name)
        return _marked(len(shelf.ids), rows[np.isin(found, wanted)])
    return np.isin(shelf.columns[name], wanted)


def _marked(size: int, rows: np.ndarray) -> np.ndarray:
    marked = np.zeros(size, dtype=bool)
    marked[rows] = True
    return marked


_YEAR_STARTS = np.array([date(y, 1, 1).toordinal() for y in range(1, 2201)])


def _years(days: np.ndarray) -> np.ndarray:
    """The years of ordinals; 0 for NONE."""
    return np.searchsorted(_YEAR_STARTS, days, side="right")


def _spellings(index: CardIndex, name: str, given: Sequence) -> list:
    if name == "speaker":
        return [spelling for value in given for spelling in index.persons_named(value)]
    if name == "topic":
        return [topic for value in given for topic in index.topics_named(str(value))]
    return [spelled(name, value) for value in given]


def spelled(name: str, value):
    """A value as the columns know it: names folded."""
    return fold(value) if name in ("speaker", "publisher", "source") else value


def _day(iso: str, end: int) -> int | None:
    if not iso:
        return None
    found = day_range(iso)
    if found is None:
        raise BadInput(f"{iso!r} is no date. Write a day, a month or a year: 2024-03-05, 2024-03 or 2024.", key="no_date", date=iso)
    return found[end]
