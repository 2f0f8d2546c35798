"""What waits, as columns: so that a long queue is read once for the counts of all its filters, not once for each.

Up to some thousand statements are read anew at each look. A longer queue's columns are used for ``FRESH`` seconds; the first look after that
still gets them, while they are read anew in the background, so that no page waits for it. Only counts beside filters are made of them.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from db.clock import now
from db.connection import Connection
from factcheck.records import Cutoffs, Facet, QueueFilters

LISTED = 12  # values of a facet that may have many: sources, people, topics
QUICK = 0.05  # seconds; a queue that is read in less is read at each look
FRESH, STALE = 15, 600  # seconds for which columns are used, and after which nobody gets them any more
_ROWS = """
SELECT s.id, s.person_id, a.source, a.language, s.kind, s.is_promise, s.assigned_to, s.article_id, coalesce(s.said_at, a.published_at, a.added_at),
  (SELECT coalesce(max(c.probability), 0) FROM candidates c WHERE c.statement_id = s.id)
FROM statements s JOIN articles a ON a.id = s.article_id WHERE s.is_open = 1
"""
_TOPICS = """
SELECT s.id, g.topic_id FROM statements s JOIN topic_assignments g ON g.kind = 'statement' AND g.object_id = s.id AND g.by_hand <> 'removed'
WHERE s.is_open = 1
"""


@dataclass(frozen=True)
class _Columns:
    """Of each waiting statement what it is narrowed by; numbers are 0 where there are none."""

    ids: np.ndarray
    person: np.ndarray
    source: np.ndarray
    language: np.ndarray
    kind: np.ndarray
    promise: np.ndarray
    assigned: np.ndarray
    article: np.ndarray
    at: np.ndarray
    best: np.ndarray
    topics: tuple[np.ndarray, np.ndarray]  # (places in the columns, ids of topics)


class QueueBoard:
    """The counts of one store's queue, shared by the process's threads."""

    def __init__(self, connection: Connection):
        self._c = connection
        self._lock = threading.Lock()
        self._columns: _Columns | None = None
        self._made = self._took = 0.0
        self._renewing = False

    def facets(self, filters: QueueFilters, user_id: int | None, cutoffs: Cutoffs) -> dict[str, list[Facet]]:
        """Of each filter the values with their numbers while the other filters stay, most first. What nothing waits under is left out."""
        c = self._now()
        away = self._away(c, user_id)
        fails = _fails(c, filters, user_id, cutoffs, away)

        def passing(but: str) -> np.ndarray:
            kept = np.ones(len(c.ids), dtype=bool)
            for name, failing in fails.items():
                if name != but:
                    kept &= ~failing
            return kept

        likelihood = np.where(c.best >= cutoffs.likely, "likely", np.where(c.best >= cutoffs.possible, "possible", "none"))
        seen_to = np.where(c.assigned == 0, "nobody", np.where(c.assigned == (user_id or -1), "me", "others"))
        places, topics = c.topics
        people = _counted(c.person[passing("person")])
        of_topics = _counted(topics[passing("topic")[places]])
        names = self._names("people", [v for v, _ in people]), self._names("topics", [v for v, _ in of_topics])
        put_away = int((passing("later") & away).sum()) if user_id is not None else int(passing("").sum())
        return {
            "likelihood": _facets(_counted(likelihood[passing("likelihood")])),
            "person": _facets(people, names[0]),
            "source": _facets(_counted(c.source[passing("source")])),
            "language": _facets(_counted(c.language[passing("language")])),
            "topic": _facets(of_topics, names[1]),
            "kind": _facets(_counted(c.kind[passing("kind")])),
            "promises": _facets(_counted(c.promise[passing("promises")])),
            "assigned": _facets(_counted(seen_to[passing("assigned")])),
            "later": [Facet("1", put_away)] if put_away else [],
        }

    def _now(self) -> _Columns:
        with self._lock:
            age = time.monotonic() - self._made
            if self._columns is None or self._took < QUICK or age > STALE:
                return self._read()
            if age > FRESH and not self._renewing:
                self._renewing = True
                threading.Thread(target=self._renew, name="queue read anew", daemon=True).start()
            return self._columns

    def _renew(self) -> None:
        try:
            self._read()
        finally:
            self._renewing = False
            self._c.close()  # this thread's connection

    def _read(self) -> _Columns:
        began = time.monotonic()
        cursor = self._c.db.execute(_ROWS)
        table = list(zip(*(tuple(r) for r in cursor.fetchall()), strict=True)) or [()] * 10
        ids = np.array(table[0], dtype=np.int64)
        pairs = np.array([tuple(r) for r in self._c.db.execute(_TOPICS).fetchall()], dtype=np.int64).reshape(-1, 2)
        order = np.argsort(ids)
        at = np.searchsorted(ids[order], pairs[:, 0])
        # A statement that came or was decided between the two looks has topics and no row.
        known = (at < len(ids)) & (np.append(ids[order], -1)[at] == pairs[:, 0])
        pairs, places = pairs[known], order[at[known]]
        numbers = lambda column: np.array([v or 0 for v in column], dtype=np.int64)  # noqa: E731
        words = lambda column: np.array([v or "" for v in column], dtype=np.str_)  # noqa: E731
        columns = _Columns(
            ids=ids, person=numbers(table[1]), source=words(table[2]), language=words(table[3]), kind=words(table[4]), promise=numbers(table[5]),
            assigned=numbers(table[6]), article=numbers(table[7]), at=words(table[8]), best=np.array(table[9], dtype=np.float64), topics=(places, pairs[:, 1]),
        )  # fmt: skip
        self._columns, self._made, self._took = columns, time.monotonic(), time.monotonic() - began
        return columns

    def _away(self, c: _Columns, user_id: int | None) -> np.ndarray:
        rows = self._c.db.execute("SELECT statement_id FROM postponed WHERE user_id = ? AND until > ?", [user_id, now()]).fetchall()
        return np.isin(c.ids, np.array([r["statement_id"] for r in rows], dtype=np.int64))

    def _names(self, table: str, ids: Sequence[int]) -> dict[int, str]:
        rows = self._c.db.execute(f"SELECT id, name FROM {table} WHERE id IN ({','.join('?' * len(ids))})", list(ids))
        return {r["id"]: r["name"] for r in rows}


def _fails(c: _Columns, filters: QueueFilters, user_id: int | None, cutoffs: Cutoffs, away: np.ndarray) -> dict[str, np.ndarray]:
    """Filter -> which statements it leaves out; the same as ``db.queue`` asks the database for."""
    fails: dict[str, np.ndarray] = {}
    if filters.person is not None:
        fails["person"] = c.person != filters.person
    for name in ("source", "language", "kind"):
        if getattr(filters, name):
            fails[name] = getattr(c, name) != getattr(filters, name)
    if filters.topic is not None:
        places, topics = c.topics
        fails["topic"] = ~np.isin(np.arange(len(c.ids)), places[topics == filters.topic])
    if filters.likelihood:
        least = {"likely": cutoffs.likely, "possible": cutoffs.possible, "none": -1.0}[filters.likelihood]
        below = {"likely": 2.0, "possible": cutoffs.likely, "none": cutoffs.possible}[filters.likelihood]
        fails["likelihood"] = (c.best < least) | (c.best >= below)
    if filters.promises:
        fails["promises"] = c.promise == 0
    if filters.article is not None:
        fails["article"] = c.article != filters.article
    if filters.since:
        fails["since"] = c.at < filters.since
    if user_id is None:  # the queue of the whole desk
        return fails
    mine, nobodys = c.assigned == user_id, c.assigned == 0
    seen_to = {"me": mine, "nobody": nobodys, "others": ~mine & ~nobodys, "all": np.ones(len(c.ids), dtype=bool)}
    fails["assigned"] = ~seen_to.get(filters.assigned, mine | nobodys)
    fails["later"] = ~away if filters.later else away
    return fails


def _counted(values: np.ndarray) -> list[tuple[int | str, int]]:
    """(value, how many), most first, at most ``LISTED``; 0 and "" are no values."""
    found, numbers = np.unique(values, return_counts=True)
    pairs = [(v, n) for v, n in zip(found.tolist(), numbers.tolist(), strict=True) if v]
    return sorted(pairs, key=lambda pair: -pair[1])[:LISTED]


def _facets(pairs: list[tuple[int | str, int]], names: dict[int, str] | None = None) -> list[Facet]:
    if names is None:
        return [Facet(str(v), n) for v, n in pairs]
    return [Facet(str(v), n, names[v]) for v, n in pairs if v in names]
