"""How a PostgreSQL server with pgvector searches vectors, beside an exact comparison and usearch over the same ones.

    python -m bench.postgres_vectors                                  # 20,000 invented claims
    python -m bench.postgres_vectors --store FILE --rows 200000       # those of a store, its statements the queries; more are mixed of them
    python -m bench.postgres_vectors --rows 1000000 --builders 1      # the graph on two cores
    python -m bench.postgres_vectors --ways                           # and the ways that were tried and not taken

Starts a server of its own and takes it away. Queries have gone through the trained adapter, claims have not. Processor time is that of the server's
process and of this one. Prints tables in Markdown.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.measuring import quantile, table  # noqa: E402
from db import Store, open_store, vectorindex  # noqa: E402
from db.postgres import neartable  # noqa: E402
from db.store import connect  # noqa: E402
from tests.postgres import Server  # noqa: E402

MODEL, K, CHUNK = "bench", 100, 10_000  # the product asks for the hundred nearest
SHARES = (0.01, 0.05, 0.1, 0.5)
Find = Callable[[np.ndarray], Sequence[int]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int)
    parser.add_argument("--queries", type=int, default=100)
    parser.add_argument("--store", type=Path, help="A store in a file whose vectors are taken.")
    parser.add_argument("--only-narrowed", action="store_true", help="Leave out the searches of all rows.")
    parser.add_argument("--ways", action="store_true", help="Also other graphs, and sketches of a bit for each dimension.")
    parser.add_argument("--builders", type=int, default=0, help="Further processes that the server makes the graph with; they share up to 2 GB of /dev/shm.")
    given = parser.parse_args()
    claims, queries = of_store(given.store) if given.store else invented(given.rows or 20_000)
    own, rows = len(claims), given.rows or len(claims)
    claims, queries = more(claims, rows), queries[:: max(1, len(queries) // given.queries)][: given.queries]
    print(f"### {rows:,} vectors of {claims.shape[1]} dimensions, {min(own, rows):,} as they were made and the rest mixed of them; {len(queries)} queries\n")
    vectorindex.SMALL = min(vectorindex.SMALL, rows // 2)
    server = Server()
    try:
        server.make()
        server.start(shared_buffers="1GB", maintenance_work_mem="2GB", max_parallel_maintenance_workers=str(given.builders), max_wal_size="8GB")
        server.sql("CREATE EXTENSION vector")
        store = open_store(server.url())
        fill(store, claims)
        if not given.only_narrowed:
            measure(store, claims, queries)
        narrowed(store, claims, queries)
        if given.ways:
            others(store, claims, queries)
        store.close()
    finally:
        server.remove()


def of_store(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """(vectors of claims, vectors of statements) of a store, each of the model that has most."""
    store = Store(connect(path))
    found = []
    for kind in ("claim", "statement"):
        model = max((n, model) for k, model, n in store.vectors.models() if k == kind)[1]
        found.append(store.vectors.index(kind, model).some([i for _, i in store.vectors.changed(kind, model, 0, 10**7)])[1])
    store.close()
    return found[0], found[1]


def invented(rows: int) -> tuple[np.ndarray, np.ndarray]:
    from bench.invented import Inventor
    from factcheck.embed import open_encoder
    from factcheck.settings import read_settings

    made = Inventor(open_encoder(read_settings()))
    at = [made.rng.randrange(len(made.own)) for _ in range(rows)]
    return made.vectors(made.passages, at), made.vectors(made.queries, list(range(0, len(made.own), 7)))


def more(vectors: np.ndarray, rows: int) -> np.ndarray:
    """As float16, with more of them mixed: each moved along the difference of two others."""
    chance, found = np.random.default_rng(0), [vectors[:rows].astype(np.float16)]
    while (left := rows - sum(map(len, found))) > 0:
        at, one, two = chance.integers(0, len(vectors), (3, min(left, CHUNK)))
        made = vectors[at] + chance.uniform(0.14, 0.63, (len(at), 1)).astype(np.float32) * (vectors[one] - vectors[two])
        found.append((made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float16))
    return np.concatenate(found)


def fill(store: Store, claims: np.ndarray) -> None:
    began = time.perf_counter()
    with store.write():
        for start in range(0, len(claims), CHUNK):
            store.vectors.put("claim", MODEL, [(i + 1, f"h{i}") for i in range(start, min(start + CHUNK, len(claims)))], claims[start : start + CHUNK])
    stored, began = time.perf_counter() - began, time.perf_counter()
    with store.write():
        neartable.NearTable(store._connection, "claim", MODEL).make_at_once()
    made = time.perf_counter() - began
    began, more_rows = time.perf_counter(), [(len(claims) + i + 1, "h") for i in range(200)]
    store.vectors.put("claim", MODEL, more_rows, claims[:200])
    one = 1000 * (time.perf_counter() - began) / 200
    with store.write() as db:
        db.execute("DELETE FROM vectors WHERE object_id > ?", [len(claims)])
    name = store.vectors.index("claim", MODEL)._table.name
    sizes = [size(store, n) for n in ("vectors", name, f"{name}_graph")]
    head = ("vectors stored, s", "table and graph made, s", "one more, ms", "vectors, MB", "table, MB", "graph, MB")
    print(table(head, [(f"{stored:.0f}", f"{made:.0f}", f"{one:.1f}", *(f"{s:.0f}" for s in sizes))]), flush=True)


def size(store: Store, name: str) -> float:
    return store._connection.db.ask("SELECT pg_relation_size(%s)", [name]).fetchone()[0] / 1e6


def measure(store: Store, claims: np.ndarray, queries: np.ndarray) -> None:
    """The product's index, numpy and usearch."""
    index = store.vectors.index("claim", MODEL)
    assert index.on_server
    wide = claims.astype(np.float32)
    rows = [
        tell(store, "the server, as the product asks it", queries, wide, lambda q: [i for i, _ in index.search(q, K)]),
        tell(store, "numpy, exactly", queries, wide, lambda q: (np.argsort(-(wide @ q))[:K] + 1).tolist()),
    ]
    rows += usearch(store, claims, queries, wide)
    show("all rows", rows)


def narrowed(store: Store, claims: np.ndarray, queries: np.ndarray) -> None:
    """Narrowed to shares of the rows, as the product does it and with the graph alone."""
    index, wide, chance = store.vectors.index("claim", MODEL), claims.astype(np.float32), np.random.default_rng(1)
    assert index.on_server
    few, rows = neartable.FEW, []
    for share in SHARES:
        ids = np.sort(chance.choice(np.arange(1, len(claims) + 1), int(len(claims) * share), replace=False))
        for name, neartable.FEW in ((f"{share:.0%}, {len(ids):,}", few), ("the same, by the graph alone", 0)):
            rows.append(tell(store, name, queries, wide[ids - 1], lambda q, ids=ids: [i for i, _ in index.search(q, K, ids)], ids))
    neartable.FEW = few
    show("narrowed to", rows)


def show(what: str, rows: Sequence[tuple[str, ...]]) -> None:
    print(table((what, "recall@10", "recall@100", "p50, ms", "p99, ms", "processor, ms"), rows), flush=True)


def usearch(store: Store, claims: np.ndarray, queries: np.ndarray, wide: np.ndarray) -> list[tuple]:
    try:
        from usearch.index import Index
    except ImportError:
        print("usearch is not installed (bench/requirements.txt)\n")
        return []
    began = time.perf_counter()
    graph = Index(ndim=claims.shape[1], metric="ip", dtype="f16", connectivity=neartable.NEIGHBOURS, expansion_add=neartable.EFFORT)
    graph.add(np.arange(1, len(claims) + 1), claims)
    built, rows = time.perf_counter() - began, []
    for effort in (64, 512, 1000):
        graph.expansion_search = effort
        name = f"usearch in this process, effort {effort}, made in {built:.0f} s, {graph.memory_usage / 1e6:.0f} MB"
        rows.append(tell(store, name, queries, wide, lambda q: graph.search(q, K).keys.tolist()))
    return rows


def others(store: Store, claims: np.ndarray, queries: np.ndarray) -> None:
    """Exactly on the server, and a bit for each dimension (whether it lies above the mean) with an exact look at the nearest."""
    ask, name = store._connection.db.ask, store.vectors.index("claim", MODEL)._table.name
    wide, width = claims.astype(np.float32), claims.shape[1]
    mean = wide[::37].mean(axis=0)
    near = "near OPERATOR(public.<#>) '{q}'::halfvec"

    def by(sql: str) -> Find:
        def find(query: np.ndarray) -> list[int]:
            bits = "".join("01"[x] for x in (query > mean).tolist())
            return [r[0] for r in ask(sql.format(q=neartable._said(query), b=bits)).fetchall()]

        return find

    rows = []
    for effort in (100, 200, 400, 700):
        store._connection.db.raw.execute(f"SET hnsw.ef_search = {effort}")
        rows.append(tell(store, f"graph, looking {effort} far", queries, wide, by(f"SELECT object_id FROM {name} ORDER BY {near} LIMIT {K}")))
    store._connection.db.raw.execute("SET hnsw.ef_search = 1000")
    store._connection.db.raw.execute("SET enable_indexscan = off")
    rows.append(tell(store, "every row, exactly", queries, wide, by(f"SELECT object_id FROM {name} ORDER BY {near} LIMIT {K}")))
    said = neartable._said(mean)
    run = store._connection.db.raw.execute
    run(f"CREATE TABLE sketches AS SELECT object_id, binary_quantize(near::vector - '{said}'::vector)::bit({width}) AS bits FROM {name}")
    run("ANALYZE sketches")
    for read in (1000, 2000, 4000):
        sql = f"WITH likest AS MATERIALIZED (SELECT object_id FROM sketches ORDER BY bits <~> '{{b}}'::bit({width}) LIMIT {read}) "
        sql += f"SELECT object_id FROM likest JOIN {name} USING (object_id) ORDER BY {near} LIMIT {K}"
        rows.append(tell(store, f"every row's bits, {read:,} exactly", queries, wide, by(sql)))
    run("SET enable_indexscan = on")
    began = time.perf_counter()
    run("CREATE INDEX sketches_graph ON sketches USING hnsw (bits bit_hamming_ops) WITH (m = 16, ef_construction = 128)")
    print(f"the graph of bits: {time.perf_counter() - began:.0f} s, {size(store, 'sketches_graph'):.0f} MB; bits {size(store, 'sketches'):.0f} MB\n")
    rows.append(tell(store, "a graph of bits, 4,000 exactly", queries, wide, by(sql)))
    show("not taken", rows)


def tell(store: Store, name: str, queries: np.ndarray, among: np.ndarray, find: Find, ids: np.ndarray | None = None) -> tuple[str, ...]:
    """A row of the table: ``find`` gives ids from 1 on, of ``among``'s rows or those that ``ids`` names."""
    pid = store._connection.db.raw.info.backend_pid
    taken, shared = [], {10: 0, K: 0}
    find(queries[-1])
    begun = time.process_time() + used(pid)
    found = []
    for query in queries:
        began = time.perf_counter()
        found.append(find(query))
        taken.append(time.perf_counter() - began)
    cpu = (time.process_time() + used(pid) - begun) / len(queries)
    for query, some in zip(queries, found, strict=True):
        best = np.argsort(-(among @ query))[:K]
        best = best + 1 if ids is None else ids[best]
        for k in shared:
            shared[k] += len(set(some[:k]) & set(best[:k].tolist())) / min(k, len(best))
    return (name, *(f"{shared[k] / len(queries):.4f}" for k in (10, K)), *(f"{1000 * quantile(taken, q):.1f}" for q in (0.5, 0.99)), f"{1000 * cpu:.1f}")


def used(pid: int) -> float:
    """Seconds of processor time of another process."""
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
