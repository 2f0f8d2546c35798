"""The word index of a large store: a derived file, and in memory what changed since. Answers as the database's own word index does, faster.

``ready`` is False for a store of fewer than ``LARGE`` rows, and while a file is being made; then the database's own index is asked.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np

from db import wordfile
from db.connection import Connection
from db.derivedfile import highest
from db.wordfile import RowWords, WordFile, bm25, rarity, row_words

log = logging.getLogger("claimtrail.words")
LARGE = 5_000  # rows; below, the database's own index is as fast. It reads every row that holds a common word: 15 ms a sentence with 14,000 claims
NEW = 1_000  # changed rows, at least, that are worth a new file; of many rows a fiftieth
MOST_NEW = 50_000  # changed rows in memory; with more the database's own index is asked until there is a new file
REST = 10  # times as long as making a file took, until the next is made
AT_ONCE = 2_000
_SQL = {
    "claims": "SELECT id, language, text, title, body FROM claims WHERE id > ? AND {wanted} ORDER BY id LIMIT ?",
    "statements": """
        SELECT s.id, a.language, s.text, s.speaker FROM statements s JOIN articles a ON a.id = s.article_id
        WHERE s.is_gone = 0 AND s.id > ? AND {wanted} ORDER BY s.id LIMIT ?
        """,
}


class _Fresh:
    """Rows that changed since the file was made, by id, and where their words stand: so that a search costs as much as it finds."""

    def __init__(self, rows: dict[int, RowWords]) -> None:
        self.rows = rows

    @cached_property
    def mean_length(self) -> float:
        return max(sum(words.length for words in self.rows.values()) / max(len(self.rows), 1), 1.0)

    @cached_property
    def _stems(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for object_id, words in self.rows.items():
            for stem in words.stems:
                found.setdefault(stem, []).append(object_id)
        return found

    @cached_property
    def _chunks(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for object_id, words in self.rows.items():
            for chunk in words.chunks:
                found.setdefault(chunk, []).append(object_id)
        return found

    @cached_property
    def _letters(self) -> str:
        """All different chunks, each between line breaks."""
        return "\n".join(("", *self._chunks, ""))

    def holding(self, stem: str) -> list[int]:
        return self._stems.get(stem, [])

    def holding_part(self, part: str) -> dict[int, int]:
        """Id -> in how many of its chunks, each as often as it stands there, a part stands."""
        found: dict[int, int] = {}
        letters = self._letters
        place = letters.find(part)
        while place >= 0:
            end = letters.index("\n", place)
            chunk = letters[letters.rindex("\n", 0, place) + 1 : end]
            for object_id in self._chunks[chunk]:
                found[object_id] = found.get(object_id, 0) + self.rows[object_id].chunks[chunk]
            place = letters.find(part, end)
        return found


class WordColumns:
    """The words of "claims" or "statements", shared by the process's threads."""

    def __init__(self, connection: Connection, table: str, weights: Sequence[float]):
        self._c = connection
        self._table, self._kind, self._weights = table, table.removesuffix("s"), weights
        self._lock = threading.Lock()
        self._file: WordFile | None = None
        self._looked = self._counted = -1  # the change at which it was last seen whether there is a file, whether there are many rows
        self._new = _Fresh({})  # rows that changed since the file was made, as they are now
        self._changed: set[int] = set()  # the same and those that are gone
        self._hidden = np.empty(0, dtype=np.int64)  # their rows in the file
        self._seq = 0
        self._making: threading.Thread | None = None
        self._rested = 0.0

    def ready(self) -> bool:
        """True when the file answers. Brings what changed into memory, and has a file made where one is wanted."""
        with self._lock:
            newest = self._c.db.execute("SELECT coalesce(max(seq), 0) AS n FROM card_changes").fetchone()["n"]
            if self._file is None and not self._found(newest):
                return False
            if newest != self._seq and not self._catch_up(newest):
                return False
            if len(self._changed) > max(NEW, len(self._file.ids) // 50):
                self._make()
            return True

    def made(self) -> None:
        """Wait until a file that is being made in the background is in use."""
        making = self._making
        if making is not None:
            making.join()

    def ranked(self, stems: Sequence[str], limit: int, among: Collection[int] | None) -> list[tuple[int, float]]:
        """(id, BM25) of rows that hold any of the stems, best first."""
        file, hidden, new = self._now()
        more: dict[int, float] = {}
        for stem in stems if new.rows else ():
            held = new.holding(stem)
            rare = rarity(len(file.ids), len(file.holding([stem], 255))) if held else 0.0
            for i in held:
                words = new.rows[i]
                more[i] = more.get(i, 0.0) + float(bm25(np.float32(words.stems[stem][0]), np.float32(words.length), new.mean_length)) * rare
        return self._best(file, file.score_stems(stems), hidden, more, limit, among)

    def ranked_parts(self, parts: Sequence[str], limit: int, among: Collection[int] | None) -> list[tuple[int, float]]:
        """(id, BM25) of rows in whose text any of these stands, best first."""
        file, hidden, new = self._now()
        more: dict[int, float] = {}
        for part in parts if new.rows else ():
            held = new.holding_part(part)
            rare = rarity(len(file.ids), len(file._holding_part(part)[0])) if held else 0.0
            for i, times in held.items():
                more[i] = more.get(i, 0.0) + float(bm25(np.float32(times), np.float32(new.rows[i].letters), file.mean_letters)) * rare
        return self._best(file, file.score_parts(parts), hidden, more, limit, among)

    def holding(self, groups: Iterable[Iterable[str]], columns: Sequence[int], limit: int | None, among: Collection[int] | None, *, every: bool) -> list[int]:
        """Ids of rows that hold a stem of each group (of any, unless ``every``) in these columns, newest first."""
        file, hidden, new = self._now()
        groups = [list(group) for group in groups]
        bits = sum(1 << column for column in columns)
        found = [file.holding(group, bits) for group in groups]
        rows = found[0] if found else np.empty(0, dtype=np.int32)
        for more in sorted(found, key=len) if every else found[1:]:
            rows = np.intersect1d(rows, more, assume_unique=True) if every else np.union1d(rows, more)
        rows = rows[~np.isin(rows, hidden)] if len(hidden) else rows
        ids = file.ids[rows]
        whether = all if every else any
        fresh = [i for i, words in new.rows.items() if whether(any(words.stems.get(form, (0, 0))[1] & bits for form in group) for group in groups)]
        ids = np.concatenate([ids, np.array(fresh, dtype=np.int64)])
        if among is not None:
            ids = ids[np.isin(ids, np.asarray(among if isinstance(among, np.ndarray) else list(among), dtype=np.int64))]
        return np.sort(ids)[::-1][:limit].tolist()

    def _now(self) -> tuple[WordFile, np.ndarray, _Fresh]:
        with self._lock:
            assert self._file is not None, "asked before it was ready"
            return self._file, self._hidden, self._new

    @staticmethod
    def _best(
        file: WordFile, scores: np.ndarray, hidden: np.ndarray, new: dict[int, float], limit: int, among: Collection[int] | None
    ) -> list[tuple[int, float]]:
        scores[hidden] = 0
        if among is not None:
            ids = np.asarray(among if isinstance(among, np.ndarray) else list(among), dtype=np.int64)
            left = np.zeros_like(scores)
            rows = file.rows(ids)
            left[rows] = scores[rows]
            scores = left
            passing = set(ids.tolist()) if new else set()
            new = {i: score for i, score in new.items() if i in passing}
        rows = highest(scores, limit, 0.0)
        found = list(zip(file.ids[rows].tolist(), scores[rows].tolist(), strict=True)) + [(i, score) for i, score in new.items() if score > 0]
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))[:limit]

    # Keeping up

    @property
    def _path(self) -> Path | None:
        path = getattr(self._c, "path", None)
        return Path(path).parent / "index" / f"{self._table}.words" if path else None

    def _found(self, newest: int) -> bool:
        """Whether a file could be opened; if not, one is made where there are rows enough. Looked for again after some changes only."""
        if self._path is None or self._making is not None or (self._counted >= 0 and newest < self._counted + NEW):
            return False
        self._counted = newest
        counted = f"SELECT count(*) AS n FROM (SELECT 1 FROM {self._table} LIMIT ?) AS some"
        if self._c.db.execute(counted, [LARGE + 1]).fetchone()["n"] <= LARGE:
            return False
        file = wordfile.read(self._path)
        if file is None or file.seq > newest or not self._fits(file):
            self._make()
            return False
        self._use(file)
        return True

    def _fits(self, file: WordFile) -> bool:
        """Whether the file was made from this database: a few rows that did not change since must have the words it holds."""
        some = file.ids[:: max(1, len(file.ids) // 16)][-17:].tolist()
        changed = self._since(file.seq, len(file.ids))
        for object_id, words in self._read(lambda _: (f"{self._id} IN (SELECT value FROM json_each(?))", [json.dumps(some)])):
            row = file.rows(np.array([object_id]))
            if object_id not in changed and words.stems and not np.isin(row, file.holding(list(words.stems)[:1], 255)).all():
                return False
        return True

    @property
    def _id(self) -> str:
        return "id" if self._kind == "claim" else "s.id"

    def _since(self, seq: int, most: int) -> set[int]:
        rows = self._c.db.execute("SELECT object_id FROM card_changes WHERE kind = ? AND seq > ? LIMIT ?", [self._kind, seq, most])
        return {r["object_id"] for r in rows}

    def _catch_up(self, newest: int) -> bool:
        """Read what changed; False when that is too much."""
        changed = self._since(self._seq, MOST_NEW + 1)
        if len(changed | self._changed) > MOST_NEW:
            self._make()
            return False
        if changed:
            read = dict(self._read(lambda _: (f"{self._id} IN (SELECT value FROM json_each(?))", [json.dumps(sorted(changed))])))
            self._new = _Fresh({i: words for i, words in self._new.rows.items() if i not in changed} | read)  # another one: a search may read the last
            self._changed |= changed
            self._hidden = self._file.rows(np.array(sorted(self._changed), dtype=np.int64))
        self._seq = newest
        return True

    def _read(self, wanted: Callable[[int], tuple[str, list[str]]]) -> Iterator[tuple[int, RowWords]]:
        """Rows by ascending id with their words."""
        last = 0
        narrowed, values = wanted(0)
        sql = _SQL[self._table].format(wanted=narrowed)
        while rows := self._c.db.execute(sql, [last, *values, AT_ONCE]).fetchall():
            for row in rows:
                language, *texts = tuple(row)[1:]
                own = f"{texts[0]} {texts[1]}" if self._table == "claims" else f"{texts[0]} "
                yield row["id"], row_words(texts, language, self._weights, own)
            last = rows[-1]["id"]

    def _use(self, file: WordFile) -> None:
        self._file, self._seq, self._new, self._changed, self._hidden = file, file.seq, _Fresh({}), set(), np.empty(0, dtype=np.int64)

    def _make(self) -> None:
        if self._making is None and time.monotonic() >= self._rested:
            self._making = threading.Thread(target=self._renew, name=f"words of {self._table}", daemon=True)
            self._making.start()

    def _renew(self) -> None:
        began = time.monotonic()
        try:
            seq = self._c.db.execute("SELECT coalesce(max(seq), 0) AS n FROM card_changes").fetchone()["n"]
            wordfile.write(self._path, self._read(lambda _: ("1 = 1", [])), seq)  # what changes meanwhile has a higher number
            file = wordfile.read(self._path)
            if file is not None:
                with self._lock:
                    self._use(file)
        except OSError as error:
            log.warning("The word index %s cannot be written (%s). Searching goes on without it, slower.", self._path, error)
        finally:
            self._rested = time.monotonic() + REST * (time.monotonic() - began)
            self._making = None
            self._c.close()  # this thread's connection
