"""The rows of a word index in SQLite: FTS5 over stems, and over trigrams for words inside others. ``db.postgres.words`` answers the same."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from db.connection import Connection

_COLUMNS = {"claims": ("text", "title", "body"), "statements": ("text", "speaker")}


class Fts5:
    """The rows over "claims" or "statements"."""

    def __init__(self, connection: Connection, table: str):
        self._c = connection
        self._table = table
        self._columns = _COLUMNS[table]

    def put(self, object_id: int, columns: Sequence[str], folded: str, *, is_new: bool) -> None:
        """``columns`` hold stems separated by blanks."""
        if not is_new:
            self.delete(object_id)
        marks = ", ".join("?" for _ in self._columns)
        self._c.db.execute(
            f"INSERT INTO {self._table}_words (rowid, {', '.join(self._columns)}) VALUES (?, {marks})", [object_id, *columns]
        )
        self._c.db.execute(f"INSERT INTO {self._table}_trigrams (rowid, text) VALUES (?, ?)", [object_id, folded])

    def delete(self, object_id: int) -> None:
        self._c.db.execute(f"DELETE FROM {self._table}_words WHERE rowid = ?", [object_id])
        self._c.db.execute(f"DELETE FROM {self._table}_trigrams WHERE rowid = ?", [object_id])

    def ranked(self, stems: Sequence[str], weights: Sequence[float], limit: int, among: Collection[int] | None) -> list[tuple[int, float]]:
        """(id, BM25) of rows that hold any of the stems, best first."""
        return self._match("words", ", ".join(("", *(str(w) for w in weights))), stems, limit, among)

    def ranked_parts(self, parts: Sequence[str], limit: int, among: Collection[int] | None) -> list[tuple[int, float]]:
        """(id, BM25) of rows in whose text any of these stands, best first."""
        return self._match("trigrams", "", parts, limit, among)

    def holding(self, groups: Iterable[Iterable[str]], columns: Sequence[int], limit: int | None, among: Collection[int] | None, *, every: bool) -> list[int]:
        """Ids of rows that hold a stem of each group (of any, unless ``every``) in these columns, newest first."""
        each = [f"({' OR '.join(_quoted(form) for form in sorted(group))})" for group in groups]
        return self._ids("words", f"{self._named(columns)} : ({(' AND ' if every else ' OR ').join(each)})", limit, among)

    def phrases(self, phrases: Iterable[str], columns: Sequence[int], limit: int, among: Collection[int] | None) -> list[int]:
        """Ids of rows that hold the stems of one of the phrases one after the other, newest first."""
        each = [_quoted(p) for p in sorted(phrases)]
        return self._ids("words", f"{self._named(columns)} : ({' OR '.join(each)})", limit, among)

    def within(self, folded: str, limit: int, among: Collection[int] | None) -> list[int]:
        """Ids of rows in whose text this stands, newest first."""
        return self._ids("trigrams", _quoted(folded), limit, among)

    def clear(self) -> None:
        """Take all rows out, also where the index is damaged."""
        for table in (f"{self._table}_words", f"{self._table}_trigrams"):
            self._c.db.execute(f"INSERT INTO {table} ({table}) VALUES ('delete-all')")

    def is_sound(self) -> bool:
        """Whether the index holds together in itself."""
        try:
            for table in (f"{self._table}_words", f"{self._table}_trigrams"):
                self._c.db.execute(f"INSERT INTO {table} ({table}) VALUES ('integrity-check')")
        except self._c.errors:
            return False
        return True

    def sizes(self) -> dict[str, int]:
        """Index -> the rows it holds."""
        names = (f"{self._table}_words", f"{self._table}_trigrams")
        return {name: self._c.db.execute(f"SELECT count(*) FROM {name}_docsize").fetchone()[0] for name in names}

    def _named(self, columns: Sequence[int]) -> str:
        return "{" + " ".join(self._columns[c] for c in columns) + "}"

    def _ids(self, index: str, match: str, limit: int | None, among: Collection[int] | None) -> list[int]:
        table = f"{self._table}_{index}"
        narrowed, values = _narrowed(among)
        cursor = self._c.db.conn.cursor()
        cursor.row_factory = None
        rows = cursor.execute(
            f"SELECT rowid FROM {table} WHERE {table} MATCH ? {narrowed} ORDER BY rowid DESC LIMIT ?",
            [match, *values, -1 if limit is None else limit],
        )
        return [r[0] for r in rows]

    def _match(self, index: str, weights: str, terms: Sequence[str], limit: int, among: Collection[int] | None) -> list[tuple[int, float]]:
        table = f"{self._table}_{index}"
        narrowed, values = _narrowed(among)
        rows = self._c.db.execute(
            f"SELECT rowid, bm25({table}{weights}) AS rank FROM {table} WHERE {table} MATCH ? {narrowed} ORDER BY rank, rowid LIMIT ?",
            [" OR ".join(_quoted(t) for t in terms), *values, limit],
        )
        return [(r["rowid"], -r["rank"]) for r in rows]


def _narrowed(among: Collection[int] | None) -> tuple[str, list[str]]:
    """Narrows to ids; the "+" keeps SQLite from asking the word index once for each of them."""
    return ("", []) if among is None else ("AND +rowid IN (SELECT value FROM json_each(?))", [json.dumps(list(among))])


def _quoted(term: str) -> str:
    """A term as FTS5 takes it literally."""
    term = term.replace("\0", " ").replace(chr(34), " ")
    return f'"{term}"'
