"""The keyword index: stems for words, trigrams for words inside compounds. Derived, always rebuildable.

``rank`` is higher for what is better, and comparable within one query only. What holds the words is the engine's own (``db.fts5``,
``db.postgres.words``).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence

import numpy as np

from db.connection import Connection
from db.wordcolumns import WordColumns
from factcheck.words import content_words, fold, holds, index_text, query_stems, stem, tokens, trigram_words

# BM25 weights by column; a claim's title repeats its text in other words, the body mentions much besides.
_WEIGHTS = {"claims": (1.0, 0.8, 0.25), "statements": (1.0, 0.3)}
_COLUMNS = {"claims": ("text", "title", "body"), "statements": ("text", "speaker")}
_SAID = (0, 1)  # columns in which a row's words are its own; a body mentions much
_READ = {"claims": (0, 1, 2), "statements": (0,)}  # columns in which exact words and exclusions are looked for
MOST_FOUND = 50_000  # rows that hold all words of a query, the newest; more are not told apart
MOST_READ = 10_000  # rows whose text is read for exact words, the newest
MOST_TOGETHER = 12  # content words that must all stand in a row; a longer query is a sentence, not a list of words
MOST_TERMS = 64  # of a long query text; the rarest words decide anyway, and the rank sorts out the common ones


class WordIndex:
    """The keyword index over "claims" or "statements"."""

    def __init__(self, connection: Connection, table: str):
        self._c = connection
        self._table = table
        self._rows = connection.words(table)
        self._large = WordColumns(connection, table, _WEIGHTS[table])

    def put(self, object_id: int, language: str, texts: Mapping[str, str], *, is_new: bool = True) -> None:
        """Index one row (``texts`` by column name), replacing what was indexed before."""
        stems = [index_text(texts.get(c, ""), language) for c in _COLUMNS[self._table]]
        # Only what a claim or statement says: trigrams of whole bodies would be the largest thing in the file.
        folded = fold(f"{texts.get('text', '')} {texts.get('title', '')}")
        with self._c.write():
            self._rows.put(object_id, stems, folded, is_new=is_new)

    def delete(self, object_ids: Iterable[int]) -> None:
        with self._c.write():
            for object_id in object_ids:
                self._rows.delete(object_id)

    def words(self, text: str, limit: int, among: Collection[int] | None = None) -> list[tuple[int, float]]:
        """(id, rank) of rows that hold any content word of ``text``, best first; ``among`` narrows to these ids."""
        stems = _asked(dict.fromkeys(s for group in query_stems(text).values() for s in sorted(group)))
        if stems and self._large.ready():
            return self._large.ranked(stems, limit, among)
        return self._rows.ranked(stems, _WEIGHTS[self._table], limit, _listed(among)) if stems else []

    def parts(self, text: str, limit: int, among: Collection[int] | None = None) -> list[tuple[int, float]]:
        """(id, rank) of rows in which a long word of ``text`` stands, also inside another word, best first."""
        parts = _asked(trigram_words(text))
        if parts and self._large.ready():
            return self._large.ranked_parts(parts, limit, among)
        return self._rows.ranked_parts(parts, limit, _listed(among)) if parts else []

    def holding_all(self, text: str, among: Collection[int] | None = None) -> list[int]:
        """Ids of rows that hold every content word of ``text`` in some form, newest first, at most ``MOST_FOUND``; none for a sentence."""
        groups = list(query_stems(text).values())
        if not 0 < len(groups) <= MOST_TOGETHER or not content_words(text):
            return []
        if self._large.ready():
            return self._large.holding(groups, _SAID, MOST_FOUND, among, every=True)
        return self._rows.holding(groups, _SAID, MOST_FOUND, _listed(among), every=True)

    def holding_any(self, words: Iterable[str]) -> list[int]:
        """Ids of all rows that hold one of these words in some form, wherever it stands."""
        groups = [{stem(m.group(), "de"), stem(m.group(), "en")} for word in words for m in tokens(word)]
        if groups and self._large.ready():
            return self._large.holding(groups, _READ[self._table], None, None, every=False)
        return self._rows.holding(groups, _READ[self._table], None, None, every=False) if groups else []

    def holding_phrase(self, phrase: str, among: Collection[int] | None = None) -> tuple[list[int], bool]:
        """Ids of rows that hold exactly these words in this order, newest first; whether all were read.

        The indexes propose, stems and trigrams together, and the texts themselves decide: case, accents and punctuation do not matter.
        """
        groups = [{stem(m.group(), "de"), stem(m.group(), "en")} for m in tokens(phrase)]
        if groups and self._large.ready():
            held = self._large.holding(groups, _READ[self._table], MOST_READ + 1, among, every=True)
            if len(held) <= MOST_READ:
                return self._reading(held, phrase), True
        among = _listed(among)
        stems = {index_text(phrase, language) for language in ("de", "en")} if index_text(phrase, "en") else set()
        found = set(self._rows.phrases(stems, _READ[self._table], MOST_READ, among)) if stems else set()
        if len(fold(phrase)) >= 3:
            found |= set(self._rows.within(fold(phrase), MOST_READ, among))
        wanted = sorted(found, reverse=True)[:MOST_READ]
        return self._reading(wanted, phrase), len(found) < MOST_READ

    def made(self) -> None:
        """Wait until what is being made for a large store is in use."""
        self._large.made()

    def _reading(self, ids: Sequence[int], phrase: str) -> list[int]:
        """Those of the rows in which the phrase stands, newest first."""
        columns = "text, title, body" if self._table == "claims" else "text"
        rows = self._c.db.conn.execute(
            f"SELECT id, {columns} FROM {self._table} WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id DESC", [json.dumps(ids)]
        )
        return [r["id"] for r in rows if holds(tuple(r)[1:], phrase)]


def _listed(among: Collection[int] | np.ndarray | None) -> Collection[int] | None:
    return among.tolist() if isinstance(among, np.ndarray) else among


def _asked(terms: Iterable[str]) -> Sequence[str]:
    return [t for t in list(terms)[:MOST_TERMS] if t.strip("\0")]
