"""The vector index: exact while small, by sketches and a file when large, and never behind the database."""

from __future__ import annotations

import numpy as np
import pytest

from db import Store, derivedfile, open_store, vectorfile, vectorindex

DIMENSIONS, MODEL = 256, "model-a"


def unit(rows: np.ndarray) -> np.ndarray:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def like_texts(n: int, seed: int) -> np.ndarray:
    """Vectors as encoders make them: around 40 directions of falling strength, with noise."""
    chance = np.random.default_rng(seed)
    directions = np.random.default_rng(1).standard_normal((40, DIMENSIONS)) / np.arange(1, 41)[:, None] ** 0.5
    return unit(chance.standard_normal((n, 40)) @ directions + 0.03 * chance.standard_normal((n, DIMENSIONS)))


@pytest.fixture
def large(tmp_path, monkeypatch) -> Store:
    """3,000 vectors, where 500 are many."""
    monkeypatch.setattr(vectorindex, "SMALL", 500)
    monkeypatch.setattr(vectorindex, "FEW", 40)
    monkeypatch.setattr(vectorfile, "FIRST", 60)
    monkeypatch.setattr(vectorfile, "MOST", 400)
    store = open_store(tmp_path / "store.db")
    put(store, range(1, 3001), like_texts(3000, 2))
    yield store
    store.close()


def put(store: Store, ids: range, vectors: np.ndarray) -> None:
    store.vectors.put("claim", MODEL, [(i, f"h{i}") for i in ids], vectors)


def exactly(store: Store, query: np.ndarray, k: int, allowed: set[int] | None = None) -> list[int]:
    """What comparing everything that the database holds finds."""
    with store.write() as db:
        rows = db.execute("SELECT object_id, vector FROM vectors WHERE kind = 'claim' AND model_id = ?", [MODEL]).fetchall()
    near = [(-float(np.frombuffer(r["vector"], "<f2").astype(np.float32) @ query), r["object_id"]) for r in rows]
    return [i for _, i in sorted(near) if allowed is None or i in allowed][:k]


def take_away(store: Store, ids: list[int]) -> None:
    with store.write() as db:
        for i in ids:
            db.execute("DELETE FROM vectors WHERE kind = 'claim' AND object_id = ?", [i])
            db.execute("INSERT INTO vector_deletions (kind, object_id) VALUES ('claim', ?)", [i])


def shared(store: Store, queries: np.ndarray, allowed: set[int] | None = None) -> float:
    """The share of the ten nearest that the index finds."""
    index = store.vectors.index("claim", MODEL)
    found = [len({i for i, _ in index.search(q, 10, allowed)} & set(exactly(store, q, 10, allowed))) for q in queries]
    return sum(found) / sum(min(10, len(exactly(store, q, 10, allowed))) for q in queries)


def test_sketches_find_what_comparing_everything_finds(large):
    assert shared(large, like_texts(40, 3)) >= 0.99
    assert large.vectors.index("claim", MODEL).in_file == 3000


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5])
def test_a_narrowed_search_finds_the_nearest_of_what_passes(large, share):
    allowed = set(np.random.default_rng(5).choice(np.arange(1, 3001), int(3000 * share), replace=False).tolist())
    assert shared(large, like_texts(20, 4), allowed) >= 0.99


def test_cosines_are_those_of_the_stored_vectors_also_from_the_file(large):
    index, query = large.vectors.index("claim", MODEL), like_texts(1, 9)[0]
    best = index.search(query, 5)
    assert index.cosines(query, [i for i, _ in best] + [99_999]) == pytest.approx(dict(best), abs=1e-6)
    assert index.get(best[0][0]) @ query == pytest.approx(best[0][1], abs=1e-6) and index.get(99_999) is None
    assert [i for i, _ in best] == exactly(large, query, 5)


def test_several_queries_at_once_find_what_each_finds_alone(large):
    index, queries = large.vectors.index("claim", MODEL), like_texts(4, 6)
    together = index.search_many(queries, 7)
    assert [[i for i, _ in found] for found in together] == [[i for i, _ in index.search(q, 7)] for q in queries]


def test_more_is_read_only_where_a_sketch_foretells_too_little(large):
    index, queries = large.vectors.index("claim", MODEL), like_texts(3, 12)
    index.search(queries[0], 1)
    rows, cosines = index._base.nearest(queries, 5)
    assert (np.diff(rows) > 0).all() and np.allclose(cosines, queries @ index._base.vectors(rows).T, atol=1e-6)
    few = np.zeros(3000, dtype=bool)
    few[[7, 8, 2999]] = True
    assert index._base.nearest(queries[:1], 5, few)[0].tolist() == [7, 8, 2999]

    foretold, noise = np.arange(1000, 0, -1), np.random.default_rng(3).normal(0, 1, 1000)
    for error, least, most in ((0.0, 0, 0), (0.01, 0, 60), (0.2, 300, 900)):
        cosines = foretold / 1000 + error * noise
        more = vectorfile._may_reach(foretold, 1.0, np.arange(1000), cosines[:100], cosines[:100], 20)
        assert least <= more.sum() <= most, (error, more.sum())
        missed = set(np.argsort(-cosines)[:20].tolist()) - set(range(100)) - set((100 + np.flatnonzero(more)).tolist())
        assert not missed


def test_halves_are_widened_exactly():
    every = np.arange(65536, dtype=np.uint16).view(np.float16)
    finite = every[np.isfinite(every)]
    assert (vectorfile.widened(finite).view(np.uint32) == finite.astype(np.float32).view(np.uint32)).all()


def test_new_changed_and_deleted_vectors_count_at_once(large):
    index, (query, other) = large.vectors.index("claim", MODEL), like_texts(2, 11)
    first = index.search(query, 1)[0][0]
    put(large, range(5000, 5001), query[None, :])
    assert index.search(query, 1)[0][0] == 5000
    put(large, range(first, first + 1), other[None, :])
    assert first not in [i for i, _ in index.search(query, 3)] and index.search(other, 1)[0][0] == first
    take_away(large, [first, 5000])
    assert index.search(query, 10) and not {first, 5000} & {i for i, _ in index.search(query, 50)}
    assert index.get(first) is None and len(index) == 2999
    put(large, range(first, first + 1), query[None, :])  # a vector that comes back
    assert index.search(query, 1)[0][0] == first and len(index) == 3000


def test_what_grew_is_moved_into_a_new_file_while_searches_go_on(large):
    index = large.vectors.index("claim", MODEL)
    assert len(index) == index.in_file == 3000 and index.search(like_texts(1, 1)[0], 0) == []
    file = index.file.stat().st_ino
    put(large, range(3001, 3701), like_texts(700, 12))
    take_away(large, [17])
    assert len(index) == 3699
    index.renewed()
    assert index.in_file == 3699 and index.file.stat().st_ino != file
    assert shared(large, like_texts(20, 13)) >= 0.99 and index.get(17) is None
    assert not [f for f in index.file.parent.iterdir() if f.name.startswith(".")]


def test_the_next_start_uses_the_file_and_reads_only_what_came_after(large, tmp_path, monkeypatch):
    len(large.vectors.index("claim", MODEL))
    put(large, range(4000, 4003), like_texts(3, 20))
    take_away(large, [4000, 5])
    monkeypatch.setattr(vectorfile, "write", lambda *_: pytest.fail("made anew"))
    again = open_store(tmp_path / "store.db")
    index = again.vectors.index("claim", MODEL)
    assert len(index) == 3001 and index.in_file == 3000 and index.get(4001) is not None and index.get(5) is None and index.get(4000) is None
    again.close()


@pytest.mark.parametrize("harm", ["one bit", "cut off", "another version", "no file"])
def test_a_harmed_file_is_made_anew(large, tmp_path, harm):
    file = large.vectors.index("claim", MODEL).file
    len(large.vectors.index("claim", MODEL))
    data = bytearray(file.read_bytes())
    file.unlink()  # never written to while it may be mapped
    if harm == "one bit":
        data[len(data) // 2] ^= 4
    if harm == "another version":
        data[: derivedfile.HEADER] = data[: derivedfile.HEADER].replace(b"vectors 2", b"vectors 0")
    if harm != "no file":
        file.write_bytes(data[:-100] if harm == "cut off" else data)
    assert vectorfile.read(file) is None
    again = open_store(tmp_path / "store.db")
    assert shared(again, like_texts(10, 21)) >= 0.99
    assert vectorfile.read(file) is not None
    again.close()


def test_a_file_of_another_database_is_not_used(large, tmp_path):
    len(large.vectors.index("claim", MODEL))
    other = open_store(tmp_path / "other" / "store.db")
    put(other, range(10_001, 13_002), like_texts(3001, 30))
    theirs = other.vectors.index("claim", MODEL)
    theirs.file.parent.mkdir()
    theirs.file.write_bytes(large.vectors.index("claim", MODEL).file.read_bytes())
    assert shared(other, like_texts(10, 31)) >= 0.99 and theirs.get(1) is None
    other.close()


def test_without_a_place_for_the_file_everything_is_still_found(large, monkeypatch):
    def full(*_: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(vectorfile, "write", full)
    index = large.vectors.index("claim", MODEL)
    assert len(index) == 3000 and index.in_file == 0 and shared(large, like_texts(5, 40)) == 1


def test_products_without_the_runtime_are_the_same(monkeypatch):
    chance = np.random.default_rng(1)
    left, right = chance.integers(0, 255, (50, 64)).astype(np.uint8), chance.integers(-127, 127, (64, 3)).astype(np.int8)
    exact = left.astype(np.int64) @ right.astype(np.int64)
    assert (vectorfile._products()(left, right) == exact).all()
    vectorfile._products.cache_clear()
    monkeypatch.setitem(__import__("sys").modules, "onnxruntime", None)
    assert (vectorfile._products()(left, right) == exact).all()
    vectorfile._products.cache_clear()
