"""The server's table of one kind's and model's vectors: made, kept in step by triggers (``vectors.sql``), searched, compared with the truth.

Its vectors are as exact as those it is made from (float16), so what the graph finds is put in order by exact cosines. A search narrowed to few
rows compares all of these; one narrowed to many hands the server a bit for each number and lets it walk on until enough have passed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from db.postgres.connection import PostgresConnection

OLDEST = (0, 8)  # the first pgvector whose graph goes on until enough rows have passed a filter
NEIGHBOURS, EFFORT = 16, 128  # of each row in the graph, and while it is made
# How far a search looks. Queries go through a trained adapter and lie elsewhere than what they look for, so it has to be far.
OPTIONS = "-c hnsw.ef_search=1000 -c hnsw.iterative_scan=relaxed_order -c hnsw.max_scan_tuples=200000 -c hnsw.scan_mem_multiplier=8"
FEW = 10_000  # rows that are compared exactly when a search is narrowed to so many: 20 ms; with more the graph is quicker
AT_ONCE = 2_000  # vectors taken over in one transaction
WITNESSES = 500  # rows whose vectors are compared with the truth when it is checked
_STEPS = "{" + ",".join(repr(sign * 2.0 ** (max(exponent, 1) - 25)) for sign in (1, -1) for exponent in range(32)) + "}"
_SQL = Path(__file__).with_name("vectors.sql")


@dataclass(frozen=True)
class Extension:
    """pgvector as it is in a database: the schema it lies in, and its version; both empty where it is missing."""

    schema: str = ""
    version: str = ""

    @property
    def is_usable(self) -> bool:
        return bool(self.schema) and tuple(int(n) for n in self.version.split(".")[:2]) >= OLDEST


def extension(connection: PostgresConnection) -> Extension:
    """What the database has of pgvector."""
    row = connection.db.ask(
        "SELECT quote_ident(nspname), extversion FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE extname = 'vector'"
    ).fetchone()
    return Extension(*row) if row else Extension()


def is_kept_up(connection: PostgresConnection) -> bool:
    """Whether there is a list of such tables, and triggers that keep them in step."""
    asked = (
        "SELECT to_regclass(%(schema)s || '.near_tables') IS NOT NULL "
        "AND EXISTS (SELECT 1 FROM pg_trigger WHERE tgname = 'vectors_near_put' AND tgrelid = to_regclass(%(schema)s || '.vectors'))"
    )
    return bool(connection.db.ask(asked, {"schema": connection.schema}).fetchone()[0])


class NearTable:
    """The table of one kind and model, which there may be or not."""

    def __init__(self, connection: PostgresConnection, kind: str, model_id: str):
        self._c, self.kind, self._model_id = connection, kind, model_id
        self.name = f"near_{kind}_{hashlib.blake2b(model_id.encode(), digest_size=6).hexdigest()}"
        self._x = ""  # the extension's schema

    # Making

    def is_ready(self) -> bool:
        """Whether it holds everything and can be searched."""
        if not is_kept_up(self._c):
            return False
        found = self._c.db.ask("SELECT is_ready FROM near_tables WHERE name = %s", [self.name]).fetchone()
        if found is None or not found[0]:
            return False
        self._x = extension(self._c).schema
        return bool(self._x)

    def make(self) -> None:
        """Make it while others go on reading and writing, or go on making it; returns at once when another process does."""
        with self._alone() as is_first:
            if not is_first or self.is_ready():
                return
            with self._c.write():
                self._begin()
            while self._fill():
                pass
            run = self._c.db.raw.execute
            run(f"ANALYZE {self.name}")
            run("SET lock_timeout = 0")  # it waits for transactions that began before it
            run(f"DROP INDEX CONCURRENTLY IF EXISTS {self.name}_graph")  # a half-made one
            run(self._graph("CONCURRENTLY"))
            with self._c.write():
                self._finish()

    def make_at_once(self) -> None:
        """Make it anew within the transaction that is under way."""
        self._c.db.raw.execute(f"DROP TABLE IF EXISTS {self.name}")
        self._begin()
        while self._fill():
            pass
        self._c.db.raw.execute(f"ANALYZE {self.name}")
        self._c.db.raw.execute(self._graph())
        self._finish()

    def drop(self) -> None:
        """Take it away, within a transaction."""
        self._c.db.raw.execute(f"DROP TABLE IF EXISTS {self.name}")
        self._c.db.raw.execute("DELETE FROM near_tables WHERE name = %s", [self.name])

    def _begin(self) -> None:
        """Within a transaction: an empty table, from which moment on the triggers put in what is new. One that was begun is gone on with."""
        run = self._c.db.raw.execute
        if not is_kept_up(self._c):
            run(f"DROP TABLE IF EXISTS {self.name}")
        self._x = extension(self._c).schema
        run(_SQL.read_text(encoding="utf-8").replace("{x}", self._x).replace("{steps}", _STEPS))
        if run("SELECT to_regclass(%s) IS NOT NULL", [f"{self._c.schema}.{self.name}"]).fetchone()[0]:
            return
        of_kind = "FROM vectors WHERE kind = %s AND model_id = %s", [self.kind, self._model_id]
        dimensions = run(f"SELECT length(vector) / 2 {of_kind[0]} LIMIT 1", of_kind[1]).fetchone()[0]
        run(f"CREATE TABLE {self.name} (object_id bigint PRIMARY KEY, seq bigint NOT NULL, near {self._x}.halfvec({dimensions}) NOT NULL)")
        run("DELETE FROM near_tables WHERE name = %s", [self.name])
        run("INSERT INTO near_tables (name, kind, model_id, dimensions) VALUES (%s, %s, %s, %s)", [self.name, self.kind, self._model_id, dimensions])

    def _fill(self) -> bool:
        """Take over some more of what was there before; False when nothing is left."""
        with self._c.write() as session:
            row = session.raw.execute(
                "WITH taken AS MATERIALIZED (SELECT seq, object_id, vector FROM vectors WHERE kind = %(kind)s AND model_id = %(model)s "
                "  AND seq > (SELECT reached FROM near_tables WHERE name = %(name)s) ORDER BY seq LIMIT %(limit)s), "
                f"put AS (INSERT INTO {self.name} SELECT object_id, seq, near_of(vector) FROM taken ON CONFLICT DO NOTHING) "
                "UPDATE near_tables SET reached = (SELECT max(seq) FROM taken) WHERE name = %(name)s AND EXISTS (SELECT 1 FROM taken) RETURNING 1",
                {"kind": self.kind, "model": self._model_id, "name": self.name, "limit": AT_ONCE},
            ).fetchone()
            return row is not None

    def _graph(self, how: str = "") -> str:
        return (
            f"CREATE INDEX {how} {self.name}_graph ON {self.name} USING hnsw (near {self._x}.halfvec_ip_ops) "
            f"WITH (m = {NEIGHBOURS}, ef_construction = {EFFORT})"
        )

    def _finish(self) -> None:
        self._c.db.raw.execute("UPDATE near_tables SET is_ready = true WHERE name = %s", [self.name])

    @contextmanager
    def _alone(self) -> Iterator[bool]:
        """Of several processes one makes it: True for that one."""
        run, lock = self._c.db.raw.execute, [f"{self._c.schema}.{self.name}"]
        is_first = bool(run("SELECT pg_try_advisory_lock(hashtextextended(%s, 21))", lock).fetchone()[0])
        try:
            yield is_first
        finally:
            if is_first and not self._c.db.raw.closed:
                self._c.db.raw.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 21))", lock)

    # Searching

    def nearest(self, queries: np.ndarray, k: int, allowed: Collection[int] | np.ndarray | None = None) -> list[list[tuple[int, float]]]:
        """Of each query (m, dimensions) the ``k`` nearest as (id, cosine), best first; ``allowed`` narrows to these ids."""
        among = None if allowed is None else _array(allowed)
        asked = ", ".join(f"({place}, '{_said(query)}'::{self._x}.vector)" for place, query in enumerate(queries))
        begin, source, passing = "", self.name, ""
        if among is not None and len(among) <= FEW:
            source = "few"
            begin = f"few AS MATERIALIZED (SELECT object_id, near FROM {self.name} WHERE object_id = ANY ({_ids(among)})), "
        elif among is not None:
            # "Not 0" instead of "1": the planner then takes most rows to pass, and walks the graph.
            bits, end = _bits(among)
            passing = f"WHERE CASE WHEN object_id < {end} THEN get_bit({bits}, object_id) ELSE 0 END <> 0"
        nearer = f"near OPERATOR({self._x}.<#>) v::{self._x}.halfvec"
        rows = self._c.db.ask(
            f"WITH {begin}asked (place, v) AS (VALUES {asked}) "
            f"SELECT place, object_id, - (near::{self._x}.vector OPERATOR({self._x}.<#>) v) AS cosine "
            f"FROM asked, LATERAL (SELECT object_id, near FROM {source} {passing} ORDER BY {nearer} LIMIT {k}) AS found"
        ).fetchall()
        found: list[list[tuple[int, float]]] = [[] for _ in queries]
        for place, object_id, cosine in rows:
            found[place].append((object_id, cosine))
        return [sorted(some, key=lambda pair: (-pair[1], pair[0])) for some in found]

    def cosines(self, query: np.ndarray, ids: Collection[int]) -> dict[int, float]:
        """Cosines of the query with some rows, by id; rows that are not there are left out."""
        if not len(ids):
            return {}
        rows = self._c.db.ask(
            f"SELECT object_id, - (near::{self._x}.vector OPERATOR({self._x}.<#>) '{_said(query)}'::{self._x}.vector) "
            f"FROM {self.name} WHERE object_id = ANY ({_ids(_array(ids))})"
        ).fetchall()
        found = {object_id: cosine for object_id, cosine in rows}
        return {i: found[i] for i in ids if i in found}

    def within(self, queries: np.ndarray, cosine: float) -> set[int]:
        """Ids of all rows that come at least this near to any of the queries; each is compared."""
        asked = ", ".join(f"('{_said(query)}'::{self._x}.halfvec)" for query in queries)
        rows = self._c.db.ask(
            f"WITH asked (v) AS MATERIALIZED (VALUES {asked}) SELECT object_id FROM {self.name} "
            f"WHERE EXISTS (SELECT 1 FROM asked WHERE near OPERATOR({self._x}.<#>) v <= {-float(cosine)!r})"
        )
        return {r[0] for r in rows}

    def some(self, ids: Collection[int]) -> tuple[list[int], np.ndarray]:
        """(those of the ids that have a vector, in order and each once; their vectors (n, dimensions) float32), from the truth."""
        wanted = list(dict.fromkeys(ids))
        rows = self._c.db.ask(
            f"SELECT object_id, vector FROM vectors WHERE kind = %s AND model_id = %s AND object_id = ANY ({_ids(_array(wanted))})",
            [self.kind, self._model_id],
        ).fetchall()
        found = {object_id: vector for object_id, vector in rows}
        known = [i for i in wanted if i in found]
        packed = np.frombuffer(b"".join(found[i] for i in known), dtype="<f2")
        return known, packed.reshape(len(known), -1).astype(np.float32) if known else np.empty((0, 0), np.float32)

    def newest(self) -> int:
        """The number of the newest change."""
        asked = "SELECT coalesce(max(seq), 0) FROM vectors WHERE kind = %s AND model_id = %s"
        return self._c.db.ask(asked, [self.kind, self._model_id]).fetchone()[0]

    def count(self) -> int:
        return self._c.db.ask(f"SELECT count(*) FROM {self.name}").fetchone()[0]

    def problems(self) -> Iterator[str]:
        """How it differs from the truth: rows that are missing, left over or of an earlier state; of some, the vectors themselves."""
        run = self._c.db.ask
        values = {"kind": self.kind, "model": self._model_id}
        wrong = run(
            f"SELECT count(*) FROM (SELECT object_id, seq FROM vectors WHERE kind = %(kind)s AND model_id = %(model)s) AS v "
            f"FULL JOIN {self.name} AS n USING (object_id, seq) WHERE v.object_id IS NULL OR n.object_id IS NULL",
            values,
        ).fetchone()[0]
        if wrong:
            yield f"differs from the vectors on file in {wrong:,} rows"
        every = max(1, self.count() // WITNESSES)
        other = run(
            f"SELECT count(*) FROM {self.name} n JOIN vectors v ON v.kind = %(kind)s AND v.model_id = %(model)s AND v.object_id = n.object_id "
            f"WHERE n.object_id %% {every} = 0 AND near_of(v.vector)::text <> n.near::text",
            values,
        ).fetchone()[0]
        if other:
            yield f"holds {other:,} vectors, of {WITNESSES} looked at, that are not those on file"
        sound = run("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(%s)", [f"{self._c.schema}.{self.name}_graph"]).fetchone()
        if sound is None or not sound[0]:
            yield "has no graph"


def _said(vector: np.ndarray) -> str:
    """As text that gives the same float32 again."""
    return "[" + ",".join(f"{x:.9g}" for x in np.asarray(vector, dtype=np.float32).tolist()) + "]"


def _array(ids: Collection[int]) -> np.ndarray:
    return ids if isinstance(ids, np.ndarray) else np.fromiter(ids, dtype=np.int64, count=len(ids))


def _ids(ids: np.ndarray) -> str:
    return "'{" + ",".join(map(str, ids.tolist())) + "}'::bigint[]"


def _bits(ids: np.ndarray) -> tuple[str, int]:
    """(a bit for each number below the end, set for the ids; the end)"""
    end = int(ids.max()) // 8 * 8 + 8
    bits = np.zeros(end, dtype=bool)
    bits[ids] = True
    return f"'\\x{np.packbits(bits, bitorder='little').tobytes().hex()}'::bytea", end
