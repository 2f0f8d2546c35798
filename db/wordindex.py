"""The keyword index (FTS5): stems for words, trigrams for words inside compounds. Derived, always rebuildable.

``rank`` is BM25 turned round: higher is better, comparable within one query only.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence

from db.connection import Connection
from factcheck.words import content_words, fold, holds, index_text, query_stems, stem, tokens, trigram_words

# BM25 weights by column; a claim's title repeats its text in other words, the body mentions much besides.
_WEIGHTS = {"claims": (1.0, 0.8, 0.25), "statements": (1.0, 0.3)}
_COLUMNS = {"claims": ("text", "title", "body"), "statements": ("text", "speaker")}
_SAID = {"claims": "{text title}", "statements": "{text speaker}"}  # where a row's words are its own; a body mentions much
_READ = {"claims": "{text title body}", "statements": "{text}"}  # where exact words and exclusions are looked for
MOST_FOUND = 50_000  # rows that hold all words of a query, the newest; more are not told apart
MOST_READ = 10_000  # rows whose text is read for exact words, the newest
MOST_TOGETHER = 12  # content words that must all stand in a row; a longer query is a sentence, not a list of words
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

    def words(self, text: str, limit: int, among: Collection[int] | None = None) -> list[tuple[int, float]]:
        """(id, BM25 rank) of rows that hold any content word of ``text``, best first; ``among`` narrows to these ids."""
        stems = list(dict.fromkeys(s for group in query_stems(text).values() for s in sorted(group)))[:MOST_TERMS]
        weights = ", ".join(str(w) for w in _WEIGHTS[self._table])
        return self._match(f"{self._table}_words", f"bm25({self._table}_words, {weights})", stems, limit, among)

    def parts(self, text: str, limit: int, among: Collection[int] | None = None) -> list[tuple[int, float]]:
        """(id, BM25 rank) of rows in which a long word of ``text`` stands, also inside another word, best first."""
        return self._match(
            f"{self._table}_trigrams", f"bm25({self._table}_trigrams)", trigram_words(text)[:MOST_TERMS], limit, among
        )

    def holding_all(self, text: str, among: Collection[int] | None = None) -> list[int]:
        """Ids of rows that hold every content word of ``text`` in some form, newest first, at most ``MOST_FOUND``; none for a sentence."""
        groups = [_any(forms) for forms in query_stems(text).values()]
        if not 0 < len(groups) <= MOST_TOGETHER or not content_words(text):
            return []
        return self._ids(f"{_SAID[self._table]} : ({' AND '.join(groups)})", MOST_FOUND, among)

    def holding_any(self, words: Iterable[str]) -> list[int]:
        """Ids of all rows that hold one of these words in some form, wherever it stands."""
        groups = [_any({stem(m.group(), "de"), stem(m.group(), "en")}) for word in words for m in tokens(word)]
        return self._ids(f"{_READ[self._table]} : ({' OR '.join(groups)})", -1) if groups else []

    def holding_phrase(self, phrase: str, among: Collection[int] | None = None) -> tuple[list[int], bool]:
        """Ids of rows that hold exactly these words in this order, newest first; whether all were read.

        The indexes propose, stems and trigrams together, and the texts themselves decide: case, accents and punctuation do not matter.
        """
        stems = {f'"{index_text(phrase, language)}"' for language in ("de", "en")} if index_text(phrase, "en") else set()
        found = set(self._ids(f"{_READ[self._table]} : ({' OR '.join(sorted(stems))})", MOST_READ, among)) if stems else set()
        if len(fold(phrase)) >= 3:
            found |= set(self._ids(_quoted(fold(phrase)), MOST_READ, among, "trigrams"))
        wanted = sorted(found, reverse=True)[:MOST_READ]
        columns = "text, title, body" if self._table == "claims" else "text"
        rows = self._c.db.conn.execute(
            f"SELECT id, {columns} FROM {self._table} WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id DESC", [json.dumps(wanted)]
        )
        return [r["id"] for r in rows if holds(tuple(r)[1:], phrase)], len(found) < MOST_READ

    def _ids(self, match: str, limit: int, among: Collection[int] | None = None, index: str = "words") -> list[int]:
        table = f"{self._table}_{index}"
        narrowed, values = _narrowed(among)
        cursor = self._c.db.conn.cursor()
        cursor.row_factory = None
        rows = cursor.execute(
            f"SELECT rowid FROM {table} WHERE {table} MATCH ? {narrowed} ORDER BY rowid DESC LIMIT ?", [match, *values, limit]
        )
        return [r[0] for r in rows]

    def _match(
        self, table: str, rank: str, terms: Sequence[str], limit: int, among: Collection[int] | None
    ) -> list[tuple[int, float]]:
        quoted = [_quoted(t) for t in terms if t.strip("\0")]
        if not quoted:
            return []
        narrowed, values = _narrowed(among)
        rows = self._c.db.execute(
            f"SELECT rowid, {rank} AS rank FROM {table} WHERE {table} MATCH ? {narrowed} ORDER BY rank, rowid LIMIT ?",
            [" OR ".join(quoted), *values, limit],
        )
        return [(r["rowid"], -r["rank"]) for r in rows]


def _narrowed(among: Collection[int] | None) -> tuple[str, list[str]]:
    """Narrows to ids; the "+" keeps SQLite from asking the word index once for each of them."""
    return ("", []) if among is None else ("AND +rowid IN (SELECT value FROM json_each(?))", [json.dumps(list(among))])


def _any(forms: Iterable[str]) -> str:
    return f"({' OR '.join(_quoted(form) for form in sorted(forms))})"


def _quoted(term: str) -> str:
    """A term as FTS5 takes it literally."""
    term = term.replace("\0", " ").replace(chr(34), " ")
    return f'"{term}"'
