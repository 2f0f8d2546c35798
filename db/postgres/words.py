"""The rows of a word index on PostgreSQL: tsvector for stems, pg_trgm for words inside others; the same answers as ``db.fts5``.

PostgreSQL has no BM25. Its parts are here: how rare a word is among all rows, ``ts_rank`` of the single word (which grows ever less with
each time it stands there, and knows the columns' weights), and the row's length against the mean.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from math import log
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from db.postgres.connection import PostgresConnection

LONGEST_WORD = 500  # letters; PostgreSQL takes 2046 bytes
MOST_BYTES = 900_000  # of one row; PostgreSQL takes a megabyte
LAST_PLACE = 16_383
MOST_COUNTED = 20_000  # rows that hold a word are counted up to here; a word in more of them weighs as little as one in so many
_FURTHER = 20  # places between two columns: no phrase goes across
_LENGTH = "2.2 / (1.3 + 0.9 * length / {mean})"  # BM25 of one occurrence with k1 = 1.2 and b = 0.75


class Tsvectors:
    """The rows over "claims" or "statements"."""

    def __init__(self, connection: PostgresConnection, table: str):
        self._c = connection
        self._table = table

    def put(self, object_id: int, columns: Sequence[str], folded: str, *, is_new: bool) -> None:
        """``columns`` hold stems separated by blanks."""
        if not is_new:
            self.delete(object_id)
        vector, length = _vector(columns)
        run = self._c.db.raw.execute
        folded = folded.replace("\0", " ")
        run(f"INSERT INTO {self._table}_words VALUES (%s, %s, %s)", [object_id, vector, length])
        run(f"INSERT INTO {self._table}_trigrams VALUES (%s, %s)", [object_id, folded])
        self._count("words", 1, length)
        self._count("trigrams", 1, len(folded))

    def delete(self, object_id: int) -> None:
        run = self._c.db.raw.execute
        if row := run(f"DELETE FROM {self._table}_words WHERE id = %s RETURNING length", [object_id]).fetchone():
            self._count("words", -1, -row[0])
        if row := run(f"DELETE FROM {self._table}_trigrams WHERE id = %s RETURNING length(text)", [object_id]).fetchone():
            self._count("trigrams", -1, -row[0])

    def ranked(self, stems: Sequence[str], weights: Sequence[float], limit: int, among: Collection[int] | None) -> list[tuple[int, float]]:
        """(id, rank) of rows that hold any of the stems, best first."""
        terms = [_quoted(s) for s in stems]
        counts = self._c.db.raw.execute(
            f"SELECT (SELECT count(*) FROM (SELECT 1 FROM {self._table}_words WHERE words @@ term::tsquery LIMIT {MOST_COUNTED}) found) "
            "FROM unnest(%s::text[]) WITH ORDINALITY asked(term, place) ORDER BY place",
            [terms],
        ).fetchall()
        rows, mean = self._totals("words")
        known = [(term, _rarity(rows, n)) for term, (n,) in zip(terms, counts, strict=True) if n]
        if not known:
            return []
        by_weight = "{0," + ",".join(str(w) for w in reversed([*weights, 0.0][:3])) + "}"
        parts = " + ".join(f"{rarity:.9f} * ts_rank(%s::float4[], words, %s::tsquery)" for _, rarity in known)
        values = [v for term, _ in known for v in (by_weight, term)]
        narrowed, ids = _narrowed(among)
        found = self._c.db.raw.execute(
            f"SELECT id, ({parts}) * {_LENGTH.format(mean=mean)} AS rank FROM {self._table}_words WHERE words @@ %s::tsquery {narrowed} "
            "ORDER BY rank DESC, id LIMIT %s",
            [*values, " | ".join(term for term, _ in known), *ids, limit],
        )
        return [(r[0], float(r[1])) for r in found]

    def ranked_parts(self, parts: Sequence[str], limit: int, among: Collection[int] | None) -> list[tuple[int, float]]:
        """(id, rank) of rows in whose text any of these stands, best first."""
        wanted = [(p, _pattern(p)) for p in parts]
        rows, mean = self._totals("trigrams")
        weighed = []
        for part, pattern in wanted:
            n = self._c.db.raw.execute(
                f"SELECT count(*) FROM (SELECT 1 FROM {self._table}_trigrams WHERE text LIKE %s LIMIT {MOST_COUNTED}) found", [pattern]
            ).fetchone()[0]
            if n:
                weighed.append((part, pattern, _rarity(rows, n)))
        if not weighed:
            return []
        times = "(length(text) - length(replace(text, %s, '')))::float8 / %s"
        score = " + ".join(f"{rarity:.9f} * 2.2 * {times} / ({times} + 1.2 * (0.25 + 0.75 * length(text) / {mean}))" for _, _, rarity in weighed)
        values = [v for part, _, _ in weighed for v in (part, len(part)) * 2]
        narrowed, ids = _narrowed(among)
        found = self._c.db.raw.execute(
            f"SELECT id, {score} AS rank FROM {self._table}_trigrams WHERE text LIKE ANY (%s) {narrowed} ORDER BY rank DESC, id LIMIT %s",
            [*values, [pattern for _, pattern, _ in weighed], *ids, limit],
        )
        return [(r[0], float(r[1])) for r in found]

    def holding(self, groups: Iterable[Iterable[str]], columns: Sequence[int], limit: int | None, among: Collection[int] | None, *, every: bool) -> list[int]:
        """Ids of rows that hold a stem of each group (of any, unless ``every``) in these columns, newest first."""
        marks = "".join("ABC"[c] for c in columns)
        each = [f"({' | '.join(f'{_quoted(s)}:{marks}' for s in sorted(group))})" for group in groups]
        return self._ids("words", "words @@ %s::tsquery", (" & " if every else " | ").join(each), limit, among)

    def phrases(self, phrases: Iterable[str], columns: Sequence[int], limit: int, among: Collection[int] | None) -> list[int]:
        """Ids of rows that hold the stems of one of the phrases one after the other, newest first."""
        marks = "".join("ABC"[c] for c in columns)
        each = [" <-> ".join(f"{_quoted(s)}:{marks}" for s in phrase.split()) for phrase in sorted(phrases)]
        return self._ids("words", "words @@ %s::tsquery", " | ".join(f"({p})" for p in each), limit, among)

    def within(self, folded: str, limit: int, among: Collection[int] | None) -> list[int]:
        """Ids of rows in whose text this stands, newest first."""
        return self._ids("trigrams", "text LIKE %s", _pattern(folded), limit, among)

    def is_sound(self) -> bool:
        """The server sees to its own indexes."""
        return True

    def clear(self) -> None:
        """Forget all rows."""
        run = self._c.db.raw.execute
        for index in ("words", "trigrams"):
            run(f"TRUNCATE {self._table}_{index}")
            run("UPDATE word_totals SET rows = 0, length = 0 WHERE name = %s", [f"{self._table}_{index}"])

    def sizes(self) -> dict[str, int]:
        """Index -> the rows it holds."""
        names = (f"{self._table}_words", f"{self._table}_trigrams")
        return {name: self._c.db.raw.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in names}

    def _ids(self, index: str, condition: str, value: str, limit: int | None, among: Collection[int] | None) -> list[int]:
        narrowed, ids = _narrowed(among)
        rows = self._c.db.raw.execute(
            f"SELECT id FROM {self._table}_{index} WHERE {condition} {narrowed} ORDER BY id DESC LIMIT %s", [value, *ids, limit]
        )
        return [r[0] for r in rows]

    def _count(self, index: str, rows: int, length: int) -> None:
        self._c.db.raw.execute(
            "UPDATE word_totals SET rows = rows + %s, length = length + %s WHERE name = %s", [rows, length, f"{self._table}_{index}"]
        )

    def _totals(self, index: str) -> tuple[int, float]:
        """(rows, their mean length)"""
        rows, length = self._c.db.raw.execute("SELECT rows, length FROM word_totals WHERE name = %s", [f"{self._table}_{index}"]).fetchone()
        return rows, max(length / max(rows, 1), 1.0)


def _vector(columns: Sequence[str]) -> tuple[str, int]:
    """(the text of a tsvector, how many words it holds)"""
    places: dict[str, list[str]] = {}
    place, length, size = 0, 0, 0
    for mark, text in zip("ABC", columns, strict=False):
        for word in text.split():
            place, length = min(place + 1, LAST_PLACE), length + 1
            size += 4 + (0 if word in places else 4 * len(word))
            if size < MOST_BYTES:
                places.setdefault(word, []).append(f"{place}{mark}")
        place = min(place + _FURTHER, LAST_PLACE)
    return " ".join(f"{_quoted(word)}:{','.join(found)}" for word, found in places.items()), length


def _quoted(word: str) -> str:
    """A word as tsvector and tsquery take it literally."""
    word = word[:LONGEST_WORD].replace("\0", " ").replace("\\", "\\\\").replace("'", "''")
    return f"'{word}'"


def _pattern(text: str) -> str:
    text = text.replace("\0", " ").replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{text}%"


def _rarity(rows: int, n: int) -> float:
    """As FTS5 weighs a word that stands in ``n`` of the rows; never nothing."""
    return max(log((rows - n + 0.5) / (n + 0.5)), 1e-6) if rows > n else 1e-6


def _narrowed(among: Collection[int] | None) -> tuple[str, list[list[int]]]:
    return ("", []) if among is None else ("AND id = ANY (%s::bigint[])", [[int(i) for i in among]])
