"""Other engines over the same vectors of claims: FAISS flat and HNSW, usearch, sqlite-vec, and txtai's hybrid of words and vectors.

They come from ``bench/requirements.txt``; one that is not installed is left out of the table and named below it.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from bench.measuring import quantile, table
from db import Store
from factcheck import searching
from factcheck.embed import Encoder

ASKED = 100
EQUAL = 0.99  # recall that the approximate ones are set to reach


class Peer:
    """``search`` takes a text and its vector, and gives ids; ``built`` is in seconds, ``size`` in MB."""

    def __init__(self, name: str, search: Callable[[str, np.ndarray], Sequence[int]], built: float, size: float):
        self.name, self.search, self.built, self.size = name, search, built, size


def compare(store: Store, encoder: Encoder, texts: Sequence[str]) -> dict[str, object]:
    """Times from text to the ten nearest, at recall of ``EQUAL`` or more where that can be set."""
    index = store.vectors.index("claim", encoder.passage_id)
    ids = store.cards.now().claims.ids
    known, vectors = index.some(ids.tolist())
    names = np.array(known, dtype=np.int64)
    texts = list(texts)[:ASKED]
    queries = [encoder.encode_queries([text])[0] for text in texts]  # alone, as each is asked: together they come out a little different
    exact = [set(names[np.argsort(-(vectors @ q))[:10]].tolist()) for q in queries]
    rows, told, missing = [], {}, []

    def measured(peer: Peer) -> float:
        taken, shared = [], 0
        for text, query, true in zip(texts, queries, exact, strict=True):
            began = time.perf_counter()
            vector = encoder.encode_queries([text])[0]
            found = set(map(int, peer.search(text, vector)))
            taken.append(time.perf_counter() - began)
            shared += len(found & true)
        recall = shared / (10 * len(texts))
        told[peer.name] = {"p50": quantile(taken, 0.5), "p99": quantile(taken, 0.99), "recall": recall, "built": peer.built, "MB": peer.size}
        rows.append((peer.name, *(f"{1000 * told[peer.name][k]:.1f}" for k in ("p50", "p99")), f"{recall:.3f}", f"{peer.built:.1f}", f"{peer.size:.0f}"))
        return recall

    measured(Peer("Claimtrail, vectors alone", lambda _, v: [i for i, _ in index.search(v, 10)], 0.0, index.file.stat().st_size / 1e6 if index.in_file else vectors.nbytes / 1e6))
    measured(Peer("Claimtrail, ranked and explained", lambda t, _: [h.claim.id for h in searching.search_claims(store, encoder, t, k=10)], 0.0, 0.0))
    for make in (_faiss_flat, _faiss_hnsw, _usearch, _sqlite_vec, _txtai):
        try:
            made = make(names, vectors, store)
        except ImportError as error:
            missing.append(f"{make.__name__.strip('_')} ({error})")
            continue
        for peer in made:
            if measured(peer) >= EQUAL:
                break
            if peer is not made[-1]:
                rows.pop(), told.pop(peer.name)
    print(table(("from a text to ten claims, ms", "p50", "p99", "recall@10", "built in s", "MB"), rows))
    print("The encoding of the text is part of each time. What is ranked by more than the vectors finds others than they do; its recall says how many.")
    print(f"Not installed: {', '.join(missing)}\n" if missing else "")
    return {"peers": told}


def _faiss_flat(ids: np.ndarray, vectors: np.ndarray, _: Store) -> list[Peer]:
    import faiss

    began = time.perf_counter()
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    return [Peer("FAISS flat", lambda _t, v: ids[index.search(v[None, :], 10)[1][0]], time.perf_counter() - began, vectors.nbytes / 1e6)]


def _faiss_hnsw(ids: np.ndarray, vectors: np.ndarray, _: Store) -> list[Peer]:
    import faiss

    began = time.perf_counter()
    index = faiss.IndexHNSWFlat(vectors.shape[1], 32, faiss.METRIC_INNER_PRODUCT)
    index.hnsw.efConstruction = 80
    index.add(vectors)
    built, size = time.perf_counter() - began, (vectors.nbytes + len(ids) * 32 * 2 * 4) / 1e6

    def at(effort: int) -> Peer:
        def search(_: str, vector: np.ndarray) -> Sequence[int]:
            index.hnsw.efSearch = effort
            return ids[index.search(vector[None, :], 10)[1][0]]

        return Peer(f"FAISS HNSW, efSearch {effort}", search, built, size)

    return [at(effort) for effort in (64, 128, 256, 512, 1024, 2048)]


def _usearch(ids: np.ndarray, vectors: np.ndarray, _: Store) -> list[Peer]:
    from usearch.index import Index

    began = time.perf_counter()
    index = Index(ndim=vectors.shape[1], metric="ip", dtype="f16", connectivity=16, expansion_add=128)
    index.add(ids, vectors)
    built = time.perf_counter() - began

    def at(effort: int) -> Peer:
        def search(_: str, vector: np.ndarray) -> Sequence[int]:
            index.expansion_search = effort
            return index.search(vector, 10).keys

        return Peer(f"usearch, expansion {effort}", search, built, index.memory_usage / 1e6)

    return [at(effort) for effort in (64, 128, 256, 512, 1024, 2048)]


def _sqlite_vec(ids: np.ndarray, vectors: np.ndarray, _: Store) -> list[Peer]:
    import sqlite_vec
    from sqlite_utils.utils import sqlite3

    folder = tempfile.TemporaryDirectory(prefix="claimtrail-bench-")
    file = Path(folder.name) / "vec.db"
    db = sqlite3.connect(str(file))
    db.enable_load_extension(True)
    sqlite_vec.load(db)
    began = time.perf_counter()
    db.execute(f"CREATE VIRTUAL TABLE found USING vec0(vector float[{vectors.shape[1]}])")
    with db:
        db.executemany("INSERT INTO found (rowid, vector) VALUES (?, ?)", [(int(i), v.tobytes()) for i, v in zip(ids, vectors, strict=True)])
    built = time.perf_counter() - began

    def search(_: str, vector: np.ndarray, _folder: object = folder) -> Sequence[int]:  # there as long as it is searched
        return [r[0] for r in db.execute("SELECT rowid FROM found WHERE vector MATCH ? AND k = 10 ORDER BY distance", [vector.tobytes()])]

    return [Peer("sqlite-vec", search, built, file.stat().st_size / 1e6)]


def _txtai(ids: np.ndarray, vectors: np.ndarray, store: Store) -> list[Peer]:
    from txtai import Embeddings

    texts = {i: words.passage for start in range(0, len(ids), 5_000) for i, words in store.claims.words(ids[start : start + 5_000].tolist()).items()}
    by_text = {texts[i]: vectors[row] for row, i in enumerate(ids.tolist())}
    asked: dict[str, np.ndarray] = {}

    def transform(some: Sequence[str]) -> np.ndarray:
        return np.stack([asked[t] if t in asked else by_text[t] for t in some])

    began = time.perf_counter()
    embeddings = Embeddings({"method": "external", "transform": transform, "hybrid": True, "dimensions": vectors.shape[1]})
    embeddings.index((i, text, None) for i, text in texts.items())
    built = time.perf_counter() - began

    def search(text: str, vector: np.ndarray) -> Sequence[int]:
        asked[text] = vector
        return [int(i) for i, _ in embeddings.search(text, 10)]

    return [Peer("txtai, hybrid", search, built, 0.0)]
