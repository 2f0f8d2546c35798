"""Vectors: float16 in the database are the only truth; ``vectorindex`` searches them and keeps up with what changes, or a server does
(``db.postgres.vectors``).

Vectors of two models never meet: every look-up names the model.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence

import numpy as np

from db.connection import Connection
from db.vectorindex import VectorIndex

SERVER_INDEX = "The server's index of vectors"  # how problems begin that are mended by making it anew
_SOURCES = {"claim": "claims", "statement": "statements"}


class Vectors:
    def __init__(self, connection: Connection):
        self._c = connection
        self._lock = threading.Lock()
        self._indexes: dict[tuple[str, str], VectorIndex] = {}

    def index(self, kind: str, model_id: str) -> VectorIndex:
        """The index over "claim" or "statement" vectors of one model, shared by the process's threads."""
        with self._lock:
            key = (kind, model_id)
            if key not in self._indexes:
                self._indexes[key] = self._c.vectors(kind, model_id)
            return self._indexes[key]

    def newest(self) -> int:
        """A number no smaller than that of any vector ever stored, and which grows with every change."""
        return self._c.newest_vector()

    def changed(self, kind: str, model_id: str, after: int, limit: int) -> list[tuple[int, int]]:
        """(number of the change, id) of the vectors made after one, in order, at most ``limit``."""
        rows = self._c.db.execute(
            "SELECT seq, object_id FROM vectors WHERE kind = ? AND model_id = ? AND seq > ? ORDER BY seq LIMIT ?",
            [kind, model_id, after, limit],
        )
        return [(r["seq"], r["object_id"]) for r in rows]

    def missing(self, kind: str, model_id: str) -> int:
        """How many rows have no vector of this model, or one of an older text."""
        return self._c.db.execute(f"SELECT count(*) {self._missing(kind)}", [kind, model_id]).fetchone()[0]

    def take_missing(self, kind: str, model_id: str, limit: int, only: Sequence[int] | None = None, *, after: int = 0) -> list[tuple[int, str]]:
        """(id, content hash) of rows above ``after`` that lack a vector, at most ``limit``, in order; ``only`` narrows to these ids."""
        narrowed, values = "AND o.id > ?", [kind, model_id, after]
        if only is not None:
            narrowed += f" AND o.id IN ({','.join('?' * len(only))})"
            values += list(only)
        rows = self._c.db.execute(
            f"SELECT o.id, o.content_hash {self._missing(kind)} {narrowed} ORDER BY o.id LIMIT ?", [*values, limit]
        )
        return [(r["id"], r["content_hash"]) for r in rows]

    def put(self, kind: str, model_id: str, rows: Sequence[tuple[int, str]], vectors: np.ndarray) -> None:
        """Store unit vectors (n, dimensions) for (id, content hash) rows in one transaction."""
        packed = np.ascontiguousarray(vectors, dtype="<f2")
        with self._c.write() as db:
            gone = "DELETE FROM vectors WHERE kind = ? AND model_id = ? AND object_id IN (SELECT value FROM json_each(?))"
            db.execute(gone, [kind, model_id, json.dumps([i for i, _ in rows])])
            db.conn.executemany(
                "INSERT INTO vectors (kind, object_id, model_id, content_hash, vector) VALUES (?, ?, ?, ?, ?)",
                [(kind, i, model_id, digest, v.tobytes()) for (i, digest), v in zip(rows, packed, strict=True)],
            )

    def models(self) -> Iterator[tuple[str, str, int]]:
        """(kind, model id, rows) of everything stored."""
        for r in self._c.db.execute("SELECT kind, model_id, count(*) AS n FROM vectors GROUP BY kind, model_id ORDER BY 1, 2"):
            yield r["kind"], r["model_id"], r["n"]

    @staticmethod
    def _missing(kind: str) -> str:
        return (
            f"FROM {_SOURCES[kind]} o LEFT JOIN vectors v ON v.kind = ? AND v.object_id = o.id AND v.model_id = ? "
            f"WHERE (v.seq IS NULL OR v.content_hash <> o.content_hash) {'AND o.is_gone = 0' if kind == 'statement' else ''}"
        )
