"""The keyword index (FTS5): stems for words, trigrams for words inside compounds. Derived, always rebuildable.

``rank`` is BM25 turned round: higher is better, comparable within one query only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from db.connection import Connection
from db.filters import Filters
from factcheck.words import fold, index_text, query_stems, trigram_words

# BM25 weights by column; a claim's title repeats its text in other words, the body mentions much besides.
_WEIGHTS = {"claims": (1.0, 0.8, 0.25), "statements": (1.0, 0.3)}
_COLUMNS = {"claims": ("text", "title", "body"), "statements": ("text", "speaker")}
MOST_TERMS = 64  # of a long query text; the rarest words decide anyway, and FTS5 sorts out the common ones by BM25


class WordIndex:
    """The keyword index over "claims" or "statements"."""

    def __init__(self, connection: Connection, table: str):
        self._c = connection
        self._table = table
        self._columns = _COLUMNS[table]

    def put(self, object_id: int, language: str, texts: Mapping[str, str], *, is_new: bool = True) -> None:
        """Index one row (``texts`` by column name), replacing what was indexed before."""
        with self._c.write() as db:
            if not is_new:
                db.execute(f"DELETE FROM {self._table}_words WHERE rowid = ?", [object_id])
                db.execute(f"DELETE FROM {self._table}_trigrams WHERE rowid = ?", [object_id])
            marks = ", ".join("?" for _ in self._columns)
            db.execute(
                f"INSERT INTO {self._table}_words (rowid, {', '.join(self._columns)}) VALUES (?, {marks})",
                [object_id, *(index_text(texts.get(c, ""), language) for c in self._columns)],
            )
            # Only what a claim or statement says: trigrams of whole bodies would be the largest thing in the file.
            db.execute(
                f"INSERT INTO {self._table}_trigrams (rowid, text) VALUES (?, ?)",
                [object_id, fold(f"{texts.get('text', '')} {texts.get('title', '')}")],
            )

    def delete(self, object_ids: Iterable[int]) -> None:
        with self._c.write() as db:
            for object_id in object_ids:
                db.execute(f"DELETE FROM {self._table}_words WHERE rowid = ?", [object_id])
                db.execute(f"DELETE FROM {self._table}_trigrams WHERE rowid = ?", [object_id])

    def words(self, text: str, limit: int, filters: Filters = Filters()) -> list[tuple[int, float]]:
        """(id, BM25 rank) of rows that hold any content word of ``text``, best first."""
        stems = list(dict.fromkeys(s for group in query_stems(text).values() for s in sorted(group)))[:MOST_TERMS]
        weights = ", ".join(str(w) for w in _WEIGHTS[self._table])
        return self._match(f"{self._table}_words", f"bm25({self._table}_words, {weights})", stems, limit, filters)

    def parts(self, text: str, limit: int, filters: Filters = Filters()) -> list[tuple[int, float]]:
        """(id, BM25 rank) of rows in which a long word of ``text`` stands, also inside another word, best first."""
        return self._match(
            f"{self._table}_trigrams", f"bm25({self._table}_trigrams)", trigram_words(text)[:MOST_TERMS], limit, filters
        )

    def _match(self, table: str, rank: str, terms: list[str], limit: int, filters: Filters) -> list[tuple[int, float]]:
        quoted = [f'"{t.replace(chr(34), "")}"' for t in terms if t.replace(chr(34), "").strip("\0")]
        if not quoted:
            return []
        where, values = filters.condition(self._table)
        narrowed = f"AND rowid IN (SELECT id FROM {self._table} WHERE {where})" if where else ""
        rows = self._c.db.execute(
            f"SELECT rowid, {rank} AS rank FROM {table} WHERE {table} MATCH ? {narrowed} ORDER BY rank, rowid LIMIT ?",
            [" OR ".join(quoted), *values, limit],
        )
        return [(r["rowid"], -r["rank"]) for r in rows]
