"""Searching vectors: exact over what is small or new, by sketches and then exactly over what is large. Kept up with what changes.

The database stays the only truth. Up to ``SMALL`` vectors stand in memory and are compared one and all. More lie in a derived file
(``vectorfile``); what came after it stands in memory until it is worth a new file, which is made in the background while searches go on.
"""

from __future__ import annotations

import hashlib
import logging
import tempfile
import threading
from collections.abc import Collection, Iterator, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np

from db import vectorfile
from db.connection import Connection
from db.vectorfile import VectorFile

log = logging.getLogger("claimtrail.vectors")
SMALL = 50_000  # vectors in memory, 77 MB of 384 dimensions
ROWS_AT_ONCE = 8192  # rows compared with a block of queries at once: 4 MB of cosines with 128 queries
TOGETHER = 16  # queries whose sketches are compared at once: 64 MB of products with a million rows
FEW = 4_000  # rows that are compared exactly when a search is narrowed to so many; more are read faster as sketches


class VectorIndex:
    """The vectors of one kind and model, unit length. Safe for several threads."""

    def __init__(self, connection: Connection, kind: str, model_id: str):
        self._c = connection
        self._kind, self._model_id = kind, model_id
        self._lock = threading.Lock()
        self._begin()
        self._base: VectorFile | None = None
        self._hidden = np.empty(0, dtype=bool)  # rows of the file that changed since, or are gone
        self._looked = False  # for a file that another process, or this one in an earlier life, made
        self._renewing: threading.Thread | None = None

    def search(self, query: np.ndarray, k: int, allowed: Collection[int] | np.ndarray | None = None) -> list[tuple[int, float]]:
        """(id, cosine) of the ``k`` nearest rows, best first; ``allowed`` narrows to these ids."""
        return self.search_many(query[None, :], k, allowed)[0]

    def search_many(self, queries: np.ndarray, k: int, allowed: Collection[int] | np.ndarray | None = None) -> list[list[tuple[int, float]]]:
        """The same for each of several queries (m, dimensions) at once, which takes little longer than for one."""
        if k < 1:
            return [[] for _ in queries]
        queries = queries.astype(np.float32)
        with self._lock:
            self._catch_up()
            base, hidden = self._base, self._hidden
            ids, matrix = self._ids[: self._size], self._matrix[: self._size]
        among = None if allowed is None else _as_ids(allowed)
        if among is not None and len(ids):
            rows = np.flatnonzero(np.isin(ids, among))
            ids, matrix = ids[rows], matrix[rows]
        # This way round the rows are read as they lie; the other way they are put in order first, which takes twice as long for a few queries.
        cosines = (matrix @ np.ascontiguousarray(queries.T)).T if len(ids) else np.empty((len(queries), 0), np.float32)
        found = _in_file(base, hidden, queries, k, among) if base is not None else [(np.empty(0, np.int64), np.empty(0, np.float32))] * len(queries)
        return [_best(np.concatenate([ids, more]), np.concatenate([near, theirs]), k) for near, (more, theirs) in zip(cosines, found, strict=True)]

    def cosines(self, query: np.ndarray, ids: Collection[int]) -> dict[int, float]:
        """Cosines of the query with some rows, by id; rows without a vector are left out."""
        known, rows = self.some(ids)
        return dict(zip(known, (rows @ query.astype(np.float32)).tolist(), strict=True)) if known else {}

    def some(self, ids: Collection[int]) -> tuple[list[int], np.ndarray]:
        """(those of the ids that have a vector, in order and each once; their vectors (n, dimensions) float32)."""
        wanted = list(dict.fromkeys(ids))
        with self._lock:
            self._catch_up()
            base, hidden = self._base, self._hidden
            new = [self._row_of.get(i, -1) for i in wanted]
            matrix = self._matrix
        in_memory = np.array(new, dtype=np.int64)
        in_file = np.full(len(wanted), -1) if base is None else base.rows(np.array(wanted, dtype=np.int64))
        if base is not None and len(wanted):
            in_file = np.where((in_file >= 0) & ~hidden[np.maximum(in_file, 0)] & (in_memory < 0), in_file, -1)
        known = np.flatnonzero((in_memory >= 0) | (in_file >= 0))
        found = np.empty((len(known), base.matrix.shape[1] if base is not None else matrix.shape[1]), np.float32)
        new_ones = in_memory[known] >= 0
        if new_ones.any():
            found[new_ones] = matrix[in_memory[known][new_ones]]
        if base is not None:
            found[~new_ones] = base.vectors(in_file[known][~new_ones])
        return [wanted[i] for i in known], found

    def get(self, object_id: int) -> np.ndarray | None:
        """One vector (dimensions,), or None when it has not been made yet."""
        known, rows = self.some([object_id])
        return rows[0] if known else None

    def near(self, queries: np.ndarray, cosine: float) -> set[int]:
        """Ids of all rows that come at least this near to any of the queries (n, dimensions); exact, a slice of rows at a time."""
        with self._lock:
            self._catch_up()
            base, hidden = self._base, self._hidden
            ids, matrix = self._ids[: self._size], self._matrix[: self._size]
        found: set[int] = set()
        turned = queries.astype(np.float32).T

        def look(ids: np.ndarray, matrix: np.ndarray) -> None:
            for start in range(0, len(ids), ROWS_AT_ONCE):
                best = (matrix[start : start + ROWS_AT_ONCE].astype(np.float32) @ turned).max(axis=1)
                found.update(ids[start : start + ROWS_AT_ONCE][best >= cosine].tolist())

        if base is not None:
            look(base.ids, base.matrix)
            found -= set(base.ids[hidden].tolist())
        look(ids, matrix)
        return found

    def seq(self) -> int:
        """The newest change this index holds."""
        with self._lock:
            self._catch_up()
            return self._seq

    def renewed(self) -> None:
        """Wait until a file that is being made in the background is in use."""
        renewing = self._renewing
        if renewing is not None:
            renewing.join()

    @property
    def in_file(self) -> int:
        """How many rows are looked up in the file."""
        return 0 if self._base is None else len(self._base.ids)

    def __len__(self) -> int:
        with self._lock:
            self._catch_up()
            return self._size + (0 if self._base is None else len(self._base.ids) - int(self._hidden.sum()))

    # Keeping up

    def _begin(self) -> None:
        """With nothing in memory."""
        self._seq = self._deletions = self._size = 0
        self._ids, self._seqs = np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
        self._matrix = np.empty((0, 0), dtype=np.float32)
        self._row_of: dict[int, int] = {}

    def _catch_up(self) -> None:
        if not self._looked:
            self._looked = True
            self._deletions = self._newest_deletion()
            if self._count() > SMALL:
                self._use(self._opened() or self._made())
        gone = self._gone()
        if gone:
            self._forget(gone)
        while self._read_on():
            if self._size > SMALL and self._base is None:  # as many at once as only a first import brings
                self._use(self._made())
        if self._base is not None and self._size > max(SMALL, len(self._base.ids) // 8) and self._renewing is None:
            self._renewing = threading.Thread(target=self._renew, name="vectors renewed", daemon=True)
            self._renewing.start()

    def _read_on(self) -> bool:
        """Take what was made since into memory, at most ``SMALL`` rows; True when there may be more."""
        rows = self._c.db.execute(
            "SELECT seq, object_id, vector FROM vectors WHERE kind = ? AND model_id = ? AND seq > ? ORDER BY seq LIMIT ?",
            [self._kind, self._model_id, self._seq, SMALL + 1],
        ).fetchall()
        if not rows:
            return False
        fresh = np.frombuffer(b"".join(r["vector"] for r in rows), dtype="<f2").reshape(len(rows), -1).astype(np.float32)
        self._put([r["object_id"] for r in rows], [r["seq"] for r in rows], fresh)
        self._seq = rows[-1]["seq"]
        return len(rows) > SMALL

    def _put(self, ids: Sequence[int], seqs: Sequence[int], fresh: np.ndarray) -> None:
        self._hide(ids)
        self._reserve(self._size + len(ids), fresh.shape[1])
        for object_id, seq, vector in zip(ids, seqs, fresh, strict=True):
            place = self._row_of.get(object_id)
            if place is None:
                place = self._row_of[object_id] = self._size
                self._ids[place] = object_id
                self._size += 1
            self._seqs[place] = seq
            self._matrix[place] = vector

    def _hide(self, ids: Sequence[int]) -> None:
        if self._base is not None:
            rows = self._base.rows(np.array(ids, dtype=np.int64))
            self._hidden = self._hidden.copy()  # a search that runs meanwhile keeps the one it took
            self._hidden[rows[rows >= 0]] = True

    def _newest_deletion(self) -> int:
        return self._c.db.execute("SELECT coalesce(max(seq), 0) FROM vector_deletions").fetchone()[0]

    def _gone(self) -> list[int]:
        """Ids whose vectors were taken away since."""
        newest = self._newest_deletion()
        if newest == self._deletions:
            return []
        rows = self._c.db.execute("SELECT object_id FROM vector_deletions WHERE kind = ? AND seq > ? AND seq <= ?", [self._kind, self._deletions, newest])
        self._deletions = newest
        return [r["object_id"] for r in rows]

    def _forget(self, gone: Sequence[int]) -> None:
        """Leave rows out, and take them in again where they have a vector after all."""
        self._hide(gone)
        stay = ~np.isin(self._ids[: self._size], np.array(gone, dtype=np.int64))
        if not stay.all():
            self._keep(stay)
        for start in range(0, len(gone), 500):
            some = list(dict.fromkeys(gone[start : start + 500]))
            rows = self._c.db.execute(
                f"SELECT seq, object_id, vector FROM vectors WHERE kind = ? AND model_id = ? AND seq <= ? AND object_id IN ({','.join('?' * len(some))})",
                [self._kind, self._model_id, self._seq, *some],
            ).fetchall()
            if rows:
                fresh = np.frombuffer(b"".join(r["vector"] for r in rows), dtype="<f2").reshape(len(rows), -1).astype(np.float32)
                self._put([r["object_id"] for r in rows], [r["seq"] for r in rows], fresh)

    def _keep(self, stay: np.ndarray) -> None:
        """Only these rows of those in memory, in new arrays: a search that runs meanwhile keeps the ones it took."""
        size = self._size
        self._ids, self._seqs, self._matrix = self._ids[:size][stay], self._seqs[:size][stay], self._matrix[:size][stay]
        self._size = len(self._ids)
        self._row_of = dict(zip(self._ids.tolist(), range(self._size), strict=True))

    def _reserve(self, rows: int, dimensions: int) -> None:
        """Grow to hold ``rows``: by a quarter more than needed, so that single additions do not copy everything each time.

        A search that runs meanwhile keeps the arrays it took; its rows are never moved.
        """
        if rows <= len(self._ids) and self._matrix.shape[1] == dimensions:
            return
        capacity = rows if not self._size else rows + rows // 4
        ids, seqs = np.empty(capacity, dtype=np.int64), np.empty(capacity, dtype=np.int64)
        matrix = np.empty((capacity, dimensions), dtype=np.float32)
        if self._size:
            ids[: self._size], seqs[: self._size] = self._ids[: self._size], self._seqs[: self._size]
            matrix[: self._size] = self._matrix[: self._size]
        self._ids, self._seqs, self._matrix = ids, seqs, matrix

    # The file

    @cached_property
    def file(self) -> Path:
        """Where the file lies: beside the database; in a folder of its own where that is no file."""
        path = getattr(self._c, "path", None)
        folder = Path(path).parent / "index" if path else Path(tempfile.mkdtemp(prefix="claimtrail-"))
        return folder / f"{self._kind}-{hashlib.blake2b(self._model_id.encode(), digest_size=6).hexdigest()}.vectors"

    def _count(self) -> int:
        """How many vectors there are, counted no further than is needed."""
        return self._c.db.execute(
            "SELECT count(*) FROM (SELECT 1 FROM vectors WHERE kind = ? AND model_id = ? LIMIT ?) AS several", [self._kind, self._model_id, SMALL + 1]
        ).fetchone()[0]

    def _opened(self) -> VectorFile | None:
        """The file as it lies there, if it is whole and was made from this database as it was once."""
        found = vectorfile.read(self.file)
        if found is None:
            if self.file.exists():
                log.warning("The vector index %s is damaged or of another version and is made anew.", self.file.name)
            return None
        newest = self._c.db.execute("SELECT coalesce(max(seq), 0) AS n FROM vectors").fetchone()["n"]
        asked = [seq for seq, _ in found.witnesses]
        rows = self._c.db.execute(f"SELECT seq, object_id FROM vectors WHERE seq IN ({','.join('?' * len(asked))})", asked)
        now = {r["seq"]: r["object_id"] for r in rows}
        if newest < found.seq or any(now.get(seq, i) != i for seq, i in found.witnesses):
            log.warning("The vector index %s was made from another database and is made anew.", self.file.name)
            return None
        return found

    def _made(self) -> VectorFile | None:
        """A new file from what the database holds now; None when it cannot be written, and then everything stands in memory."""
        deletions = self._newest_deletion()
        try:
            dimensions = len(self._c.db.execute("SELECT vector FROM vectors WHERE kind = ? AND model_id = ? LIMIT 1", [self._kind, self._model_id]).fetchone()[0]) // 2
            vectorfile.write(self.file, self._all(), dimensions, deletions)
        except OSError as error:
            log.warning("The vector index %s cannot be written (%s). Searching goes on without it, slower and with more memory.", self.file, error)
            return None
        return vectorfile.read(self.file)

    def _all(self) -> Iterator[tuple[list[int], list[int], bytes]]:
        cursor = self._c.db.execute(
            "SELECT seq, object_id, vector FROM vectors WHERE kind = ? AND model_id = ? ORDER BY seq", [self._kind, self._model_id]
        )
        while rows := cursor.fetchmany(ROWS_AT_ONCE):
            yield [r["seq"] for r in rows], [r["object_id"] for r in rows], b"".join(r["vector"] for r in rows)

    def _use(self, base: VectorFile | None) -> None:
        """Look things up in this file from now on, and keep in memory what came after it."""
        if base is None:
            return
        self._base, self._hidden = base, np.zeros(len(base.ids), dtype=bool)
        later = self._seqs[: self._size] > base.seq
        self._keep(later) if self._size else None
        self._hide(self._ids[: self._size].tolist())
        self._seq, self._deletions = max(self._seq, base.seq), base.deletions

    def _renew(self) -> None:
        try:
            made = self._made()
            with self._lock:
                self._use(made)
        finally:
            self._renewing = None
            self._c.close()  # this thread's connection


def _in_file(base: VectorFile, hidden: np.ndarray, queries: np.ndarray, k: int, among: np.ndarray | None) -> list[tuple[np.ndarray, np.ndarray]]:
    """Of each query (ids, cosines) of rows of the file that hold its ``k`` nearest."""
    passing = ~hidden if hidden.any() else None
    if among is not None:
        rows = base.rows(among)
        rows = rows[rows >= 0]
        rows = rows[~hidden[rows]]
        if len(rows) <= FEW:
            rows = np.sort(rows)
            cosines = queries @ base.vectors(rows).T
            return [(base.ids[rows], near) for near in cosines]
        passing = np.zeros(len(base.ids), dtype=bool)
        passing[rows] = True
    found = []
    for start in range(0, len(queries), TOGETHER):
        rows, cosines = base.nearest(queries[start : start + TOGETHER], k, passing)
        found += [(base.ids[rows], near) for near in cosines]
    return found


def _best(ids: np.ndarray, cosines: np.ndarray, k: int) -> list[tuple[int, float]]:
    if not len(ids):
        return []
    top = np.argpartition(-cosines, min(k, len(ids)) - 1)[:k]
    top = top[np.lexsort((ids[top], -cosines[top]))]
    return list(zip(ids[top].tolist(), cosines[top].tolist(), strict=True))


def _as_ids(allowed: Collection[int] | np.ndarray) -> np.ndarray:
    return allowed if isinstance(allowed, np.ndarray) else np.fromiter(allowed, dtype=np.int64, count=len(allowed))
