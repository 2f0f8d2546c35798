"""The card index: what claims and statements are narrowed, counted and sorted by, in memory as columns.

Exact counts under any filters take milliseconds at a million rows, where SQL would take seconds. The database stays the only truth: its
triggers name every row that changed (``card_changes``), and each look reads those anew. A look-up works on one unchanging ``Cards``.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from db.connection import Connection
from db.shelves import NONE, Days, Shelf, Vocabulary, joined, merged, minutes, within
from factcheck.words import fold

SINGLE = ("language", "speaker", "rating", "status", "source", "form", "nature")  # columns with one value a row
MANY = 200_000  # rows from which on a page is shown as things stood ``LATELY`` seconds ago
LATELY = 2.0
AT_ONCE = 20_000  # changed rows; more are read as a whole
_CLAIMS = """
SELECT c.id, c.language, coalesce(r.name, p.name, c.speaker) AS speaker, c.rating, '' AS source, '' AS form, '' AS nature, c.person_id,
  CASE c.is_promise WHEN 1 THEN c.promise_status ELSE '' END AS status, c.is_promise AS promise, coalesce(c.merged_into, c.id) AS root,
  c.first_said_at AS said, c.occurrence_count AS times, NULL AS worth, c.created_at AS added
FROM claims c LEFT JOIN people p ON p.id = c.person_id LEFT JOIN people r ON r.id = p.merged_into
"""
_STATEMENTS = """
SELECT s.id, a.language, coalesce(r.name, p.name, s.speaker) AS speaker, '' AS rating, a.source, s.kind AS form, s.nature, s.person_id,
  '' AS status, s.is_promise AS promise,
  coalesce((SELECT d.claim_id FROM decisions d WHERE d.statement_id = s.id AND d.undone_at IS NULL AND d.relation = 'same' ORDER BY d.id LIMIT 1), 0) AS root,
  coalesce(s.said_at, a.published_at) AS said, 0 AS times, s.check_worthy AS worth, a.added_at AS added
FROM statements s JOIN articles a ON a.id = s.article_id LEFT JOIN people p ON p.id = s.person_id LEFT JOIN people r ON r.id = p.merged_into
WHERE s.is_gone = 0
"""
_LINKED = "FROM decisions d JOIN statements s ON s.id = d.statement_id JOIN articles a ON a.id = s.article_id WHERE d.relation = 'same' AND d.undone_at IS NULL"


@dataclass(frozen=True)
class Cards:
    """Everything on file as it was at ``seq``."""

    seq: int
    claims: Shelf
    statements: Shelf
    vocabularies: dict[str, Vocabulary]

    def shelf(self, kind: str) -> Shelf:
        return self.claims if kind == "claim" else self.statements

    @cached_property
    def remembered(self) -> dict:
        """What was counted over these rows, for those who ask the same again while nothing changes."""
        return {}

    @cached_property
    def standing(self) -> dict[str, np.ndarray]:
        """Kind -> rows that stand for themselves: claims that are not merged into another, statements that are in sight."""
        own = self.claims.alive & (self.claims.root == self.claims.ids)
        return {"claim": np.flatnonzero(own), "statement": np.flatnonzero(self.statements.alive)}

    @cached_property
    def root_rows(self) -> np.ndarray:
        """Of each row of claims the row of the claim that stands for it."""
        rows = self.claims.rows(self.claims.root)
        return np.where(rows == NONE, np.arange(len(rows)), rows)

    @cached_property
    def link_rows(self) -> np.ndarray:
        """Of each row of statements the row of the claim it makes, the one that stands for it; NONE where none was confirmed."""
        rows = np.full(len(self.statements.ids), NONE)
        linked = np.flatnonzero(self.statements.root > 0)
        found = self.claims.rows(self.statements.root[linked])
        rows[linked] = np.where(found == NONE, NONE, self.root_rows[np.maximum(found, 0)] if len(self.root_rows) else NONE)
        return rows

    @cached_property
    def links_back(self) -> tuple[np.ndarray, np.ndarray]:
        """(rows of claims, rows of statements confirmed to make them)."""
        rows = np.flatnonzero((self.link_rows != NONE) & self.statements.alive)
        return self.link_rows[rows], rows


class CardIndex:
    """The card index of one store, shared by the process's threads."""

    def __init__(self, connection: Connection):
        self._c = connection
        self._lock = threading.Lock()
        self._cards: Cards | None = None
        self._looked = 0.0
        self._renewing = False
        self._vocabularies = {name: Vocabulary() for name in (*SINGLE, "publisher", "topic")}

    def now(self) -> Cards:
        """Everything as it stands now."""
        return self._take()

    def _take(self, prepare: Callable[[Cards], object] | None = None) -> Cards:
        with self._lock:
            before = self._cards
            row = self._c.db.execute("SELECT coalesce(max(seq), 0) FROM card_changes").fetchone()
            if before is not None and before.seq == row[0]:
                return before
            changed = None if before is None else self._changed(before.seq)
            if before is None or changed is None or sum(map(len, changed)) > AT_ONCE:
                cards = Cards(row[0], self._whole("claim"), self._whole("statement"), self._vocabularies)
            else:
                cards = self._renewed(before, row[0], *changed)
            if prepare:
                prepare(cards)
            self._cards, self._looked = cards, time.monotonic()
            return cards

    def lately(self, prepare: Callable[[Cards], object]) -> Cards:
        """Everything as it stands now, or, with ``MANY`` rows, as it stood a few seconds ago: nobody waits while it is brought up to date in
        the background, ``prepare`` included, which works out what a first look would have to."""
        before = self._cards
        if before is None or len(before.claims.ids) + len(before.statements.ids) < MANY:
            return self.now()
        if time.monotonic() > self._looked + LATELY and not self._renewing:
            self._renewing = True
            threading.Thread(target=self._renew, args=(prepare,), name="card index renewed", daemon=True).start()
        return before

    def _renew(self, prepare: Callable[[Cards], object]) -> None:
        try:
            self._take(prepare)
        finally:
            self._looked = time.monotonic()
            self._renewing = False
            self._c.close()  # this thread's connection

    def code(self, name: str, value) -> int | None:
        """The number that a value (folded, where names are) has in the columns; None when no row ever had it."""
        return self._vocabularies[name].known(value)

    def label(self, name: str, code: int):
        """The value as it is shown."""
        return self._vocabularies[name].labels[code]

    def persons_named(self, name: str) -> set[str]:
        """The folded names of everybody who bears a name, as their own or besides."""
        rows = self._c.db.execute(
            "SELECT coalesce(r.name, p.name) AS name FROM people p LEFT JOIN people r ON r.id = p.merged_into WHERE p.folded = ?1 OR p.id IN "
            "(SELECT person_id FROM person_aliases WHERE folded = ?1)",
            [fold(name)],
        )
        return {fold(r["name"]) for r in rows} | {fold(name)}

    def topics_named(self, name: str) -> list[int]:
        """The ids of the topic with this name or number."""
        if name.isdecimal() and len(name) < 19:
            return [int(name)]
        return [r["id"] for r in self._c.db.execute("SELECT id FROM topics WHERE name = ?", [name])]

    def topic_names(self, ids: Iterable[int]) -> dict[int, str]:
        rows = self._c.db.execute("SELECT id, name FROM topics WHERE id IN (SELECT value FROM json_each(?))", [json.dumps(list(ids))])
        return {r["id"]: r["name"] for r in rows}

    def _changed(self, seq: int) -> tuple[list[int], list[int]]:
        rows = self._c.db.execute("SELECT kind, object_id FROM card_changes WHERE seq > ? LIMIT ?", [seq, AT_ONCE + 1]).fetchall()
        return [r["object_id"] for r in rows if r["kind"] == "claim"], [r["object_id"] for r in rows if r["kind"] == "statement"]

    def _renewed(self, before: Cards, seq: int, claims: Sequence[int], statements: Sequence[int]) -> Cards:
        """The cards with some rows read anew; claims also when a statement linked to them changed."""
        fresh = self._read("statement", statements) if statements else None
        linked = {int(i) for shelf in (before.statements, fresh) if shelf is not None for i in _roots(shelf, statements)}
        touched = sorted({*claims, *linked})
        shelves = [before.claims, before.statements]
        for place, (kind, ids) in enumerate((("claim", touched), ("statement", statements))):
            if not ids:
                continue
            part = fresh if kind == "statement" and fresh is not None else self._read(kind, ids)
            renewed = merged(shelves[place], part, np.array(ids, dtype=np.int64))
            shelves[place] = self._whole(kind) if renewed is None else renewed
        return Cards(seq, shelves[0], shelves[1], self._vocabularies)

    def _whole(self, kind: str) -> Shelf:
        """Every row, read ``AT_ONCE`` at a time so that memory holds little more than the columns."""
        table = "claims" if kind == "claim" else "statements"
        parts, last = [], 0
        while (end := self._c.db.execute(f"SELECT max(id) FROM (SELECT id FROM {table} WHERE id > ? ORDER BY id LIMIT ?) AS some", [last, AT_ONCE]).fetchone()[0]) is not None:
            parts.append(self._read(kind, range(last + 1, end + 1)))
            last = end
        return joined(parts) if parts else self._read(kind, [])

    def _read(self, kind: str, ids: Sequence[int]) -> Shelf:
        claims = kind == "claim"
        narrowed, values = within("c.id" if claims else "s.id", ids)
        wanted = f"{'WHERE' if claims else 'AND'} {narrowed}"
        cursor = self._c.db.conn.cursor()
        cursor.row_factory = None
        rows = cursor.execute(
            f"SELECT id, language, speaker, rating, source, form, nature, status, promise, root, said, times, worth, added, person_id FROM "
            f"({_CLAIMS if claims else _STATEMENTS} {wanted}) ORDER BY id",
            values,
        ).fetchall()
        table = list(zip(*rows, strict=True)) if rows else [()] * 15
        words = dict(zip(("language", "speaker", "rating", "source", "form", "nature", "status"), table[1:8], strict=True))
        columns = {name: self._codes(name, words[name]) for name in SINGLE}
        days = Days()
        first, last = days.columns(table[10])
        shelf = Shelf(
            ids=np.array(table[0], dtype=np.int64),
            alive=np.ones(len(rows), dtype=bool),
            root=np.array(table[9], dtype=np.int64),
            promise=np.array(table[8], dtype=bool),
            worth=np.array([NONE if w is None else w for w in table[12]], dtype=np.float32),
            first=first,
            last=last,
            times=np.array(table[11], dtype=np.int32),
            reviewed=np.full(len(rows), NONE, dtype=np.int32),
            added=minutes(table[13]),
            person=np.array([p or 0 for p in table[14]], dtype=np.int64),
            columns=columns,
            pairs={"topic": self._pairs("topic", *self._topics(kind, ids))},
        )
        return self._with_reviews_and_sayings(shelf, ids, days, table[10]) if claims else shelf

    def _with_reviews_and_sayings(self, shelf: Shelf, ids: Sequence[int], days: Days, given: Sequence[str | None]) -> Shelf:
        """A claim's publishers, and outlets and days of what was linked to it or entered by hand."""
        values = within("", ids)[1]
        read = lambda sql: self._c.db.conn.execute(sql, values).fetchall()  # noqa: E731
        reviews = read(f"SELECT claim_id, publisher, published_at FROM reviews WHERE {within('claim_id', ids)[0]}")
        said = read(f"SELECT claim_id, source, said_at, NULL FROM occurrences WHERE {within('claim_id', ids)[0]}")
        said += read(f"SELECT d.claim_id, a.source, coalesce(s.said_at, a.published_at), s.check_worthy {_LINKED} AND {within('d.claim_id', ids)[0]}")
        dated = [(i, text) for i, text in zip(shelf.ids.tolist(), given, strict=True) if text]
        dated += [(r[0], r[2]) for r in said if r[2]]
        known = {i for i, _ in dated}
        checked = [(r[0], r[2]) for r in reviews if r[2] and r[0] not in known]
        first, last = days.columns([text for _, text in (*dated, *checked)])
        at = np.array([i for i, _ in (*dated, *checked)], dtype=np.int64)
        told = first != NONE
        said_itself = told & (np.arange(len(at)) < len(dated))
        worth = shelf.worth.copy()
        linked = [(r[0], r[3]) for r in said if r[3] is not None]
        rows = shelf.rows(np.array([i for i, _ in linked], dtype=np.int64))
        np.maximum.at(worth, rows[rows != NONE], np.array([w for _, w in linked], dtype=np.float32)[rows != NONE])
        newest = np.full(len(shelf.ids), NONE, dtype=np.int32)
        rows = shelf.rows(at[said_itself])
        np.maximum.at(newest, rows[rows != NONE], last[said_itself][rows != NONE])
        reviewed = np.full(len(shelf.ids), NONE, dtype=np.int32)
        _, review_days = days.columns([r[2] for r in reviews])
        rows = shelf.rows(np.array([r[0] for r in reviews], dtype=np.int64))
        np.maximum.at(reviewed, rows[rows != NONE], review_days[rows != NONE])
        pairs = shelf.pairs | {
            "publisher": self._pairs("publisher", [r[0] for r in reviews], [r[1] for r in reviews]),
            "source": self._pairs("source", [r[0] for r in said], [r[1] for r in said]),
            "days": (at[told], np.stack([first[told], last[told]], axis=1)),
        }
        return replace(shelf, worth=worth, last=newest, reviewed=reviewed, pairs=pairs)

    def _topics(self, kind: str, ids: Sequence[int]) -> tuple[list[int], list[int]]:
        narrowed, values = within("object_id", ids)
        rows = self._c.db.conn.execute(
            f"SELECT object_id, topic_id FROM topic_assignments WHERE kind = ? AND by_hand <> 'removed' AND {narrowed}", [kind, *values]
        ).fetchall()
        return [r[0] for r in rows], [r[1] for r in rows]

    def _codes(self, name: str, values: Iterable) -> np.ndarray:
        vocabulary = self._vocabularies[name]
        folded = name in ("speaker", "source", "publisher")
        seen: dict = {}
        codes = []
        for value in values:
            code = seen.get(value)
            if code is None:
                code = seen[value] = vocabulary.code(fold(value), value) if folded else vocabulary.code(value)
            codes.append(code)
        return np.array(codes, dtype=np.int32)

    def _pairs(self, name: str, ids: Sequence[int], values: Sequence) -> tuple[np.ndarray, np.ndarray]:
        """Distinct (id, value) pairs."""
        codes = self._codes(name, values)
        if not len(codes):
            return np.empty(0, dtype=np.int64), codes
        both = np.unique(np.stack([np.array(ids, dtype=np.int64), codes.astype(np.int64)], axis=1)[codes != NONE], axis=0)
        return both[:, 0], both[:, 1].astype(np.int32)


def _roots(shelf: Shelf, ids: Sequence[int]) -> np.ndarray:
    rows = shelf.rows(np.array(ids, dtype=np.int64))
    found = shelf.root[rows[rows != NONE]]
    return found[found > 0]
