"""The columns that the card index is made of: rows of claims or statements, one after the other and side by side. Pure functions."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from factcheck.records.dates import day_range

NONE = -1  # no value, no date


class Vocabulary:
    """Values as small numbers; only ever added to. ``labels[code]`` is the value as it is shown."""

    def __init__(self) -> None:
        self._codes: dict[object, int] = {}
        self.labels: list = []

    def code(self, value, label=None) -> int:
        """The number of a value, a new one where there is none; NONE for ""."""
        if value == "":
            return NONE
        found = self._codes.get(value)
        if found is None:
            found = self._codes[value] = len(self.labels)
            self.labels.append(value if label is None else label)
        return found

    def known(self, value) -> int | None:
        return self._codes.get(value)


@dataclass(frozen=True)
class Shelf:
    """The rows of claims or of statements, by ascending id. ``columns`` hold one value a row, ``pairs`` (ids, values) any number."""

    ids: np.ndarray
    alive: np.ndarray
    root: np.ndarray  # of a claim the id of the one that stands for it, its own or another's; of a statement its claim's id, 0 for none
    promise: np.ndarray
    worth: np.ndarray  # NONE for nothing
    first: np.ndarray  # day (ordinal) from which it may have been said, NONE for unknown
    last: np.ndarray  # of a claim the newest day on which it was said; its days, also those of its reviews, are among the pairs
    times: np.ndarray
    reviewed: np.ndarray  # day of the newest review, NONE for none
    added: np.ndarray  # minutes since 2000
    person: np.ndarray
    columns: dict[str, np.ndarray]
    pairs: dict[str, tuple[np.ndarray, np.ndarray]]

    def rows(self, ids: np.ndarray) -> np.ndarray:
        """The rows of ids; NONE for those not on the shelf."""
        if not len(self.ids):
            return np.full(len(ids), NONE)
        at = np.minimum(np.searchsorted(self.ids, ids), len(self.ids) - 1)
        return np.where(self.ids[at] == ids, at, NONE)


def joined(parts: Sequence[Shelf]) -> Shelf:
    """Parts that follow each other as one."""
    if len(parts) == 1:
        return parts[0]
    join = lambda name: np.concatenate([getattr(p, name) for p in parts])  # noqa: E731
    pairs = {n: tuple(np.concatenate([p.pairs[n][side] for p in parts]) for side in (0, 1)) for n in parts[0].pairs}
    columns = {n: np.concatenate([p.columns[n] for p in parts]) for n in parts[0].columns}
    names = ("ids", "alive", "root", "promise", "worth", "first", "last", "times", "reviewed", "added", "person")
    return Shelf(columns=columns, pairs=pairs, **{n: join(n) for n in names})


def merged(old: Shelf, new: Shelf, ids: np.ndarray) -> Shelf | None:
    """``old`` with the rows of ``ids`` as ``new`` has them; those that ``new`` lacks are gone. None when the order would break."""
    there = old.rows(new.ids)
    added = new.ids[there == NONE]
    if len(added) and len(old.ids) and added[0] < old.ids[-1]:
        return None
    gone = old.rows(ids)
    gone = gone[gone != NONE]
    kept, fresh = there != NONE, there == NONE

    def column(mine: np.ndarray, theirs: np.ndarray) -> np.ndarray:
        joined = np.concatenate([mine, theirs[fresh]])
        joined[there[kept]] = theirs[kept]
        return joined

    def pairs(name: str) -> tuple[np.ndarray, np.ndarray]:
        keys, values = old.pairs[name]
        more_keys, more = new.pairs[name]
        stay = ~np.isin(keys, ids)
        return np.concatenate([keys[stay], more_keys]), np.concatenate([values[stay], more])

    alive = np.concatenate([old.alive, np.ones(len(added), dtype=bool)])
    alive[gone] = False
    alive[there[kept]] = True
    return Shelf(
        ids=np.concatenate([old.ids, added]),
        alive=alive,
        columns={name: column(values, new.columns[name]) for name, values in old.columns.items()},
        pairs={name: pairs(name) for name in old.pairs},
        **{
            name: column(getattr(old, name), getattr(new, name))
            for name in ("root", "promise", "worth", "first", "last", "times", "reviewed", "added", "person")
        },
    )


def within(column: str, ids: Sequence[int]) -> tuple[str, list]:
    """(SQL that narrows a column to ids, bound values); of a range only the ends are named."""
    if isinstance(ids, range):
        return f"{column} BETWEEN ? AND ?", [ids.start, ids.stop - 1]
    return f"{column} IN (SELECT value FROM json_each(?))", [json.dumps(list(ids))]


class Days:
    """Dates as ordinals, each form worked out once."""

    def __init__(self) -> None:
        self._seen: dict[str | None, tuple[int, int]] = {None: (NONE, NONE), "": (NONE, NONE)}

    def columns(self, texts: Sequence[str | None]) -> tuple[np.ndarray, np.ndarray]:
        """(first, last) day of each."""
        found = np.array([self._seen.get(t) or self._look(t) for t in texts], dtype=np.int32).reshape(len(texts), 2)
        return found[:, 0].copy(), found[:, 1].copy()

    def _look(self, text: str) -> tuple[int, int]:
        found = self._seen[text] = day_range(text) or (NONE, NONE)
        return found


def minutes(moments: Iterable[str]) -> np.ndarray:
    def since_2000(moment: str) -> int:
        try:
            return int((datetime.fromisoformat(moment).replace(tzinfo=None) - datetime(2000, 1, 1)).total_seconds() // 60)
        except ValueError:
            return 0

    seen: dict[str, int] = {}
    return np.array([seen.get(m) or seen.setdefault(m, since_2000(m)) for m in moments], dtype=np.int64)
