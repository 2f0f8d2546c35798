"""Vectors on a PostgreSQL server with pgvector: what it finds is what comparing everything finds, whoever changed it, and without it all goes on."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from db import Store, open_store, vectorindex
from db.moving import move
from db.postgres import neartable
from tests.postgres import Server
from tests.test_vector_index import MODEL, like_texts, put, take_away, unit

ROWS = 1_500


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    made = Server()
    made.make()
    made.start()
    made.sql("CREATE DATABASE plain")
    open_store(made.url("plain")).close()
    made.sql("CREATE DATABASE template_near TEMPLATE plain")
    made.sql("CREATE EXTENSION vector", database="template_near")
    yield made
    made.remove()


@pytest.fixture(autouse=True)
def many(monkeypatch: pytest.MonkeyPatch) -> None:
    """500 are many, and a search narrowed to more than 40 goes through the graph."""
    monkeypatch.setattr(vectorindex, "SMALL", 500)
    monkeypatch.setattr(neartable, "FEW", 40)
    monkeypatch.setattr(neartable, "AT_ONCE", 700)


def fresh(server: Server, request: pytest.FixtureRequest, template: str) -> str:
    name = f"v{abs(hash(request.node.name)) % 10**9}"
    server.sql(f"CREATE DATABASE {name} TEMPLATE {template}")
    request.addfinalizer(lambda: server.sql(f"DROP DATABASE {name} WITH (FORCE)"))
    return server.url(name)


@pytest.fixture
def address(server: Server, request: pytest.FixtureRequest) -> str:
    """The address of an empty newsroom in a database that has the extension."""
    return fresh(server, request, "template_near")


@pytest.fixture
def plain(server: Server, request: pytest.FixtureRequest) -> str:
    """The same in one that does not."""
    return fresh(server, request, "plain")


@pytest.fixture(scope="module")
def filled(server: Server) -> str:
    """A database to be copied: 1,500 vectors that the server searches."""
    server.sql("CREATE DATABASE filled TEMPLATE template_near")
    opened = open_store(server.url("filled"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vectorindex, "SMALL", 500)
        put(opened, range(1, ROWS + 1), like_texts(ROWS, 2))
        assert ready(opened)
    opened.close()
    return "filled"


@pytest.fixture
def store(server: Server, filled: str, request: pytest.FixtureRequest) -> Iterator[Store]:
    opened = open_store(fresh(server, request, filled))
    yield opened
    opened.close()


def ready(store: Store) -> bool:
    """Wait for the server's table, and whether it is in use."""
    index = store.vectors.index("claim", MODEL)
    for _ in range(2):  # the first look may be what makes it
        index.search(like_texts(1, 1)[0], 1)
        index.renewed()
    return index.on_server


def exactly(store: Store, queries: np.ndarray, k: int, allowed: set[int] | None = None) -> list[list[int]]:
    """What comparing everything that the database holds finds, of each query."""
    rows = store._connection.db.execute("SELECT object_id, vector FROM vectors WHERE kind = 'claim' AND model_id = ?", [MODEL]).fetchall()
    rows = [r for r in rows if allowed is None or r["object_id"] in allowed]
    ids = np.array([r["object_id"] for r in rows])
    cosines = queries @ np.frombuffer(b"".join(r["vector"] for r in rows), "<f2").reshape(len(rows), -1).astype(np.float32).T
    return [ids[np.lexsort((ids, -near))[:k]].tolist() for near in cosines]


def shared(store: Store, queries: np.ndarray, allowed: set[int] | None = None) -> float:
    """The share of the ten nearest that the index finds."""
    wanted = exactly(store, queries, 10, allowed)
    found = store.vectors.index("claim", MODEL).search_many(queries, 10, allowed)
    return sum(len({i for i, _ in some} & set(best)) for some, best in zip(found, wanted, strict=True)) / sum(map(len, wanted))


def test_the_server_finds_what_comparing_everything_finds_and_the_process_holds_nothing(store):
    index = store.vectors.index("claim", MODEL)
    assert shared(store, like_texts(40, 3)) >= 0.99
    assert len(index) == ROWS and index.in_file == 0 and index._size == 0
    query = like_texts(1, 9)[0]
    best = index.search(query, 5)
    assert [[i for i, _ in best]] == exactly(store, query[None, :], 5) and index.search(query, 0) == []
    assert index.cosines(query, [i for i, _ in best] + [99_999]) == pytest.approx(dict(best), abs=1e-6)
    assert index.get(best[0][0]) @ query == pytest.approx(best[0][1], abs=1e-6) and index.get(99_999) is None
    several = like_texts(4, 6)
    assert [[i for i, _ in found] for found in index.search_many(several, 7)] == [[i for i, _ in index.search(q, 7)] for q in several]
    ids, rows = index.some(range(1, ROWS + 1))
    cosines = (rows @ several.T).max(axis=1)
    found = index.near(several, 0.5)
    assert {i for i, c in zip(ids, cosines, strict=True) if c > 0.5001} <= found <= {i for i, c in zip(ids, cosines, strict=True) if c > 0.4999} and found


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5])
def test_a_narrowed_search_finds_the_nearest_of_what_passes(store, share):
    allowed = set(np.random.default_rng(5).choice(np.arange(1, ROWS + 1), int(ROWS * share), replace=False).tolist())
    assert shared(store, like_texts(20, 4), allowed) >= 0.99
    index = store.vectors.index("claim", MODEL)
    assert len(index.search(like_texts(1, 4)[0], 500, allowed)) == min(500, len(allowed)) and index.search(like_texts(1, 4)[0], 5, set()) == []
    assert index.search(like_texts(1, 4)[0], 5, {99_999_999}) == []


def test_the_graph_alone_finds_nearly_all(store):
    """These few rows might be read one and all: here the server may not."""
    for way in ("seqscan", "bitmapscan", "sort"):
        store._connection.db.raw.execute(f"SET enable_{way} = off")
    plan = store._connection.db.raw.execute(
        f"EXPLAIN SELECT object_id FROM {store.vectors.index('claim', MODEL)._table.name} ORDER BY near <#> '{[1] * 256}' LIMIT 10"
    ).fetchall()
    assert "_graph" in str(plan)
    assert shared(store, like_texts(40, 3)) >= 0.99
    assert shared(store, like_texts(20, 4), set(range(1, ROWS + 1, 10))) >= 0.99


def test_new_changed_and_deleted_vectors_count_at_once_and_what_is_undone_does_not(store):
    index, (query, other) = store.vectors.index("claim", MODEL), like_texts(2, 11)
    first, seq = index.search(query, 1)[0][0], index.seq()
    put(store, range(5000, 5001), query[None, :])
    assert index.search(query, 1)[0][0] == 5000 and index.seq() > seq
    put(store, range(first, first + 1), other[None, :])
    assert first not in [i for i, _ in index.search(query, 3)] and index.search(other, 1)[0][0] == first
    take_away(store, [first, 5000])
    assert index.search(query, 10) and not {first, 5000} & {i for i, _ in index.search(query, 50)}
    assert index.get(first) is None and len(index) == ROWS - 1
    put(store, range(first, first + 1), query[None, :])
    assert index.search(query, 1)[0][0] == first and len(index) == ROWS
    with pytest.raises(RuntimeError), store.write():
        put(store, range(6000, 6001), query[None, :])
        assert 6000 in [i for i, _ in index.search(query, 2)]
        raise RuntimeError
    assert 6000 not in [i for i, _ in index.search(query, 5)] and store.problems() == []
    with store.write() as db:
        db.execute("UPDATE vectors SET object_id = 7000 WHERE object_id = ?", [first])
    assert index.search(query, 1)[0][0] == 7000 and store.problems() == []
    with store.write() as db:
        db.execute("TRUNCATE vectors")
    assert index.search(query, 5) == [] and len(index) == 0


OTHER = """
import sys
import numpy as np
from db import open_store, vectorindex
from tests.test_vector_index import MODEL, like_texts, put
vectorindex.SMALL = 500
store = open_store(sys.argv[1])
index = store.vectors.index("claim", MODEL)
print(*(i for i, _ in index.search(like_texts(1, 21)[0], 3)), flush=True)
put(store, range(8000, 8001), like_texts(1, 22))
print(index.on_server, index._size, flush=True)
sys.stdin.readline()
print(index.search(like_texts(1, 23)[0], 1)[0][0], flush=True)
"""


def test_another_process_reads_none_of_them_and_both_see_what_the_other_changes(store):
    index = store.vectors.index("claim", MODEL)
    process = subprocess.Popen(
        [sys.executable, "-c", OTHER, store._connection.url], cwd=Path(__file__).parent.parent, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdin and process.stdout
        assert process.stdout.readline().split() == [str(i) for i in exactly(store, like_texts(1, 21), 3)[0]]
        assert process.stdout.readline() == "True 0\n"
        assert index.search(like_texts(1, 22)[0], 1)[0][0] == 8000
        put(store, range(9000, 9001), like_texts(1, 23))
        process.stdin.write("\n")
        process.stdin.flush()
        assert process.stdout.readline() == "9000\n"
    finally:
        process.kill()
        process.communicate()


def test_few_vectors_stand_in_memory_until_they_are_many(address):
    store = open_store(address)
    index = store.vectors.index("claim", MODEL)
    put(store, range(1, 401), like_texts(400, 2))
    assert shared(store, like_texts(5, 3)) == 1 and not ready(store) and len(index) == 400
    put(store, range(401, 801), like_texts(400, 7))
    assert ready(store) and len(index) == 800 and index._size == index.in_file == 0
    assert shared(store, like_texts(10, 3)) >= 0.99
    store.vectors.put("statement", MODEL, [(1, "h")], like_texts(1, 1))  # another kind has an index of its own
    assert not store.vectors.index("statement", MODEL).on_server and len(store.vectors.index("statement", MODEL)) == 1
    assert len(index) == 800
    store.close()


def test_what_is_made_is_gone_on_with_and_what_changes_meanwhile_is_in_it(address, monkeypatch):
    store = open_store(address)
    put(store, range(1, 1501), like_texts(1500, 2))
    table = store.vectors.index("claim", MODEL)._table
    with store.write():
        table._begin()
    assert table._fill() and not table.is_ready()  # and then the process ended
    put(store, range(10, 1501, 700), like_texts(3, 30))
    take_away(store, [5, 1400])
    assert ready(store) and len(store.vectors.index("claim", MODEL)) == 1498
    assert store.problems() == [] and shared(store, like_texts(10, 3)) >= 0.99
    store.close()


def test_without_the_extension_all_goes_on_and_the_check_says_what_to_do(plain, server):
    store = open_store(plain)
    put(store, range(1, 801), like_texts(800, 2))
    assert not ready(store) and shared(store, like_texts(10, 3)) >= 0.99
    assert store.problems() == [] and store.index_vectors_anew() == 0
    said = store.advice()
    assert len(said) == 1 and "CREATE EXTENSION vector" in said[0] and "800 claim vectors" in said[0]
    server.sql("CREATE EXTENSION vector", database=plain.partition("@/")[2].partition("?")[0])  # and from then on
    assert store.advice() == [] and ready(store) and shared(store, like_texts(10, 3)) >= 0.99
    server.sql("DROP EXTENSION vector CASCADE", database=plain.partition("@/")[2].partition("?")[0])  # taken away while it is used
    assert shared(store, like_texts(10, 3)) >= 0.99 and not store.vectors.index("claim", MODEL).on_server
    put(store, range(801, 802), like_texts(1, 44))
    assert store.vectors.index("claim", MODEL).search(like_texts(1, 44)[0], 1)[0][0] == 801 and store.advice()
    store.close()


def test_the_extension_may_lie_in_a_schema_of_its_own(plain, server):
    name = plain.partition("@/")[2].partition("?")[0]
    server.sql("CREATE SCHEMA tools", "CREATE EXTENSION vector SCHEMA tools", database=name)
    store = open_store(plain)
    put(store, range(1, 801), like_texts(800, 2))
    assert ready(store) and shared(store, like_texts(10, 3)) >= 0.99 and store.problems() == []
    assert shared(store, like_texts(5, 3), set(range(1, 400))) >= 0.99 and store.vectors.index("claim", MODEL).near(like_texts(1, 3), 0.3)
    store.close()


def test_what_differs_is_found_and_made_anew(store):
    index = store.vectors.index("claim", MODEL)
    with store.write() as db:
        db.execute(f"DELETE FROM {index._table.name} WHERE object_id IN (3, 4)")
        db.execute(f"UPDATE {index._table.name} SET near = (SELECT near FROM {index._table.name} WHERE object_id = 12) WHERE object_id = 30")
        db.execute(f"DROP INDEX {index._table.name}_graph")
    found = store.problems()
    assert len(found) == 3 and "2 rows" in found[0] and "1 vectors" in found[1] and "no graph" in found[2]
    assert store.index_vectors_anew() == ROWS
    assert store.problems() == [] and index.on_server and shared(store, like_texts(10, 3)) >= 0.99


def test_a_copy_from_a_file_fills_it_and_a_copy_back_holds_what_the_file_held(address, tmp_path):
    file = tmp_path / "store.db"
    source = open_store(file)
    put(source, range(1, 801), like_texts(800, 2))
    source.close()
    move(file, address)
    store = open_store(address)
    index = store.vectors.index("claim", MODEL)
    assert index.on_server and len(index) == 800 and store.problems() == [] and shared(store, like_texts(10, 3)) >= 0.99
    store.close()
    move(address, tmp_path / "back.db")
    back = open_store(tmp_path / "back.db")
    assert len(back.vectors.index("claim", MODEL)) == 800
    back.close()


def test_every_float16_is_taken_over_as_it_is(address):
    """Small and large values, signs and zeros; within what pgvector takes."""
    odd = np.array([0, -0.0, 1, -1, 6e-8, -6e-8, 6.1e-5, 6.0975e-5, 0.1, -0.33333, 2**-14, 1024.5], "<f2")
    halves = np.concatenate([odd, np.frombuffer(np.arange(0, 0x3C01, 61, dtype="<u2").tobytes(), "<f2")])
    store = open_store(address)
    table = store.vectors.index("claim", MODEL)._table
    put(store, range(1, 2), unit(like_texts(1, 1)))
    with store.write():
        table._begin()
    said = store._connection.db.raw.execute("SELECT near_of(%s)::vector::real[]::float8[]", [halves.tobytes()]).fetchone()[0]
    assert said == halves.astype(np.float64).tolist()
    store.close()
