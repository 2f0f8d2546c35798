"""A newsroom on a server comes to the newest schema where it lies, and keeps its statements in volumes by the time they came in."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner
from sqlite_utils import Database

from db import migrations as history
from db import open_store
from db.filters import Filters
from db.moving import move
from db.postgres import migrating, schema, volumes
from db.store import Store, connect
from factcheck import pipeline, review
from factcheck.cli import cli
from factcheck.errors import BadInput, StoreUnavailable
from factcheck.records import Article, Kind, Relation, Statement
from tests.postgres import Server
from tests.test_migrations import MOMENTARY, SCHEMAS, database_of

ROOT = Path(__file__).resolve().parent.parent
RELEASED = sorted(p.stem for p in (SCHEMAS / "postgres").glob("*.sql"))  # from m003 on: before, there were no servers


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    made = Server()
    made.make()
    made.start()
    made.sql("CREATE DATABASE fresh")
    store = open_store(made.url("fresh"))
    store.close()
    yield made
    made.remove()


@pytest.fixture
def address(server: Server, request: pytest.FixtureRequest) -> Iterator[Callable[..., str]]:
    """Makes databases: empty ones, or each like another."""
    made: list[str] = []

    def make(like: str = "template1") -> str:
        made.append(f"s{len(made)}_{abs(hash(request.node.name)) % 10**9}")
        server.sql(f"CREATE DATABASE {made[-1]} TEMPLATE {like}")
        return server.url(made[-1])

    yield make
    for name in made:
        server.sql(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def store(address: Callable[..., str]) -> Iterator[Store]:
    opened = open_store(address("fresh"))
    yield opened
    opened.close()


@pytest.fixture(scope="module", params=RELEASED)
def early(request: pytest.FixtureRequest, server: Server, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """(a database on the server as the program of a released schema left it, the file it has the same rows as)"""
    path = database_of(request.param, tmp_path_factory.mktemp("early") / "claimtrail.db")
    name = f"early_{request.param}"
    server.sql(f"CREATE DATABASE {name}")
    file = Database(str(path))
    with psycopg.connect(server.url(name)) as there:
        there.execute("CREATE SCHEMA claimtrail")
        for extension in ("citext", "pg_trgm"):
            there.execute(f"CREATE EXTENSION {extension} SCHEMA public")
        there.execute("SET search_path = claimtrail, public")
        there.execute((SCHEMAS / "postgres" / f"{request.param}.sql").read_text(encoding="utf-8"))
        there.execute("SET session_replication_role = replica")  # rows as they are, triggers and keys aside
        tables = [r[0] for r in there.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'claimtrail'").fetchall()]
        for table in tables:
            if not file[table].exists() or table in volumes.TABLES and table.endswith(("_words", "_trigrams")) or table.startswith("claims_"):
                continue
            there.execute(f"DELETE FROM {table}")
            columns = [c.name for c in file[table].columns]
            marks = f"""INSERT INTO {table} ({", ".join(f'"{c}"' for c in columns)}) VALUES ({", ".join(["%s"] * len(columns))})"""
            for row in file.execute(f'SELECT * FROM "{table}"').fetchall():
                there.execute(marks, tuple(row))
        numbered = "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'claimtrail' AND is_identity = 'YES'"
        for table, column in there.execute(numbered).fetchall():
            there.execute(f"SELECT setval(pg_get_serial_sequence('{table}', '{column}'), greatest(max({column}), 1)) FROM {table}")
        for applied in history.migrations.applied(file):
            there.execute("INSERT INTO migrations VALUES (%s, %s)", [applied.name, applied.applied_at])
    file.close()
    return name, path


def definitions(url: str) -> dict[str, set]:
    """Everything the schema consists of, partitions aside."""
    ours = "relnamespace = 'claimtrail'::regnamespace AND NOT relispartition"
    with psycopg.connect(url, options="-c search_path=claimtrail,public") as there:
        return {
            name: set(there.execute(sql).fetchall())
            for name, sql in {
                "columns": f"SELECT relname, attname, format_type(atttypid, atttypmod), attcollation, attnotnull, attidentity, attnum FROM pg_attribute a "
                f"JOIN pg_class c ON c.oid = attrelid WHERE {ours} AND relkind IN ('r', 'p') AND attnum > 0 AND NOT attisdropped",
                "keys": f"SELECT relname, pg_get_constraintdef(k.oid) FROM pg_constraint k JOIN pg_class c ON c.oid = conrelid WHERE {ours} AND conparentid = 0",
                "indexes": "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'claimtrail' AND tablename !~ '_(v[0-9]+|rest)$'",
                "triggers": f"SELECT relname, pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid WHERE {ours} AND NOT tgisinternal",
                "functions": "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'claimtrail'::regnamespace",
                "partitions": "SELECT c.relname, pg_get_expr(relpartbound, c.oid) FROM pg_class c WHERE relispartition AND relkind = 'r' "
                "AND relnamespace = 'claimtrail'::regnamespace",
            }.items()
        }


def fingerprint(url: str) -> str:
    """Of everything in the database, the schema included."""
    told = repr(sorted((n, sorted(map(repr, found))) for n, found in definitions(url).items()))
    with psycopg.connect(url, options="-c search_path=claimtrail,public") as there:
        for (table,) in there.execute("SELECT relname FROM pg_class WHERE relnamespace = 'claimtrail'::regnamespace AND relkind = 'r' ORDER BY 1").fetchall():
            told += f"\n{table}\n" + "\n".join(sorted(repr(r) for r in there.execute(f'SELECT * FROM "{table}"').fetchall()))
    return hashlib.sha256(told.encode()).hexdigest()


# Migrating in place


def test_a_newsroom_of_each_released_schema_comes_to_the_newest_with_all_that_is_in_it(early, address, server, fake_encoder, tmp_path):
    name, path = early
    url = address(name)
    store = open_store(url)
    try:
        assert definitions(url) == definitions(server.url("fresh"))
        assert store._connection.applied() == [m.name for m in history.migrations._migrations]
        file = connect(path)
        for table in sorted(set(file.tables()) - MOMENTARY):
            columns = ", ".join(f'"{c}"' for c in file.columns(table))
            had = sorted(repr(tuple(r)) for r in file.db.execute(f'SELECT {columns} FROM "{table}"').fetchall())
            assert had and sorted(repr(tuple(r)) for r in store._connection.db.execute(f'SELECT {columns} FROM "{table}"').fetchall()) == had, table
        file.close()

        # The word index was made anew, numbers go on, and it is worked with.
        assert store.problems() == [] and [i for i, _ in store.claim_words.words("trees", 5)] == [1]
        ada = store.users.by_name("ada")
        pipeline.embed_claims(store, fake_encoder)
        pipeline.embed_statements(store, fake_encoder)
        statement = next(s for s in store.articles.statements(1) if "bridge" in s.text)
        made = review.decide(store, statement.id, 2, Relation.RELATED, ada)
        assert review.undo(store, ada).id == made.id
        assert store.volumes.all()[0].statements == 4
        assert add(store, "A new one.") == 5

        # It goes into a file from here.
        assert move(url, tmp_path / "back.db")["statements"] == 5
    finally:
        store.close()


def later(database: Database) -> None:
    """A migration with everything one may do to a schema."""
    for statement in (
        "ALTER TABLE claims ADD COLUMN seen_by INTEGER REFERENCES users(id) ON DELETE SET NULL",
        "ALTER TABLE statements ADD COLUMN weight REAL NOT NULL DEFAULT 0.5",
        "CREATE TABLE shelves (id INTEGER PRIMARY KEY, name TEXT NOT NULL COLLATE NOCASE UNIQUE, person_id INTEGER REFERENCES people(id), note TEXT) STRICT",
        "CREATE INDEX shelves_person ON shelves(person_id, id DESC) WHERE person_id IS NOT NULL",
        "CREATE TRIGGER shelves_kept BEFORE DELETE ON shelves BEGIN SELECT RAISE(ABORT, 'shelves are kept'); END",
        "DROP TRIGGER statements_card_new",
        "CREATE TRIGGER statements_card_new AFTER INSERT ON statements WHEN new.weight > 0 BEGIN "
        "INSERT INTO card_changes (kind, object_id) VALUES ('statement', new.id); END",
        "UPDATE claims SET seen_by = (SELECT min(id) FROM users), body = 'x' || body",
        "DROP INDEX statements_worth",
    ):
        database.execute(statement)
    database.conn.executemany("INSERT INTO shelves (name, person_id) VALUES (?, ?)", [("One", None), ("Two", None)])
    database.execute("UPDATE shelves SET person_id = (SELECT min(id) FROM people) WHERE name = ?", ["one"])
    assert database.execute("PRAGMA foreign_key_check").fetchall() == []


@pytest.fixture
def with_later(monkeypatch) -> Iterator[Callable]:
    """Adds one more migration to the history."""

    def add_one(function: Callable) -> None:
        longer = history.Migrations("claimtrail")
        longer._migrations = list(history.migrations._migrations)
        longer(name="m999")(function)
        monkeypatch.setattr(history.migrations, "_migrations", longer._migrations)
        schema._model.cache_clear()

    yield add_one
    monkeypatch.undo()
    schema._model.cache_clear()


def test_a_later_migration_does_the_same_to_a_file_and_to_a_server(early, address, tmp_path, with_later):
    name, path = early
    with_later(later)
    copied = tmp_path / "claimtrail.db"
    copied.write_bytes(path.read_bytes())
    file, there = connect(copied), connect(address(name))
    try:
        assert file.migrate() == ["m999"] and there.migrate() == ["p001", "m999"] and there.migrate() == []
        assert file.applied() == there.applied()
        for table in file.tables():
            assert file.columns(table) == there.columns(table) and file.key(table) == there.key(table), table
        for table in ("claims", "shelves"):
            rows = [
                sorted(repr(tuple(r)) for r in c.db.execute(f"SELECT {', '.join(c.columns(table))} FROM {table}").fetchall()) for c in (file, there)
            ]
            assert rows[0] == rows[1] and rows[0]
        for one in (file, there):
            with pytest.raises(one.errors, match="shelves are kept"), one.write() as db:
                db.execute("DELETE FROM shelves")
            with pytest.raises(one.errors), one.write() as db:
                db.execute("INSERT INTO shelves (name) VALUES ('two')")
            with one.write() as db:
                assert db.execute("INSERT INTO shelves (name) VALUES ('Three')").lastrowid > 2
    finally:
        file.close()
        there.close()
    made = connect(address())  # made at once, it is the same
    made.migrate()
    made.close()
    one, two = definitions(made.url), definitions(there.url)
    same = lambda found: {(r[0], r[1].partition(" EXECUTE")[0]) for r in found}  # noqa: E731
    for kind in ("keys", "indexes", "triggers"):
        assert same(one[kind]) == same(two[kind]), kind
    assert {r[:5] for r in one["columns"]} == {r[:5] for r in two["columns"]}


def fails_in_sql(database: Database) -> None:
    database.execute("CREATE TABLE half (x INTEGER)")
    database.execute("UPDATE claims SET text = 'gone'")
    database.execute("UPDATE claims SET nothing_such = 1")


def fails_in_code(database: Database) -> None:
    database.execute("UPDATE claims SET text = 'gone'")
    raise ZeroDivisionError


def renames(database: Database) -> None:  # SQLite changes what triggers say, PostgreSQL does not
    database.execute("UPDATE claims SET text = 'gone'")
    database.execute("ALTER TABLE claims RENAME COLUMN body TO running_text")


def needs_its_own_way(database: Database) -> None:
    database.execute("DROP TABLE reviews")
    database.execute("CREATE VIRTUAL TABLE more USING fts5(text)")


@pytest.mark.parametrize("failing", [fails_in_sql, fails_in_code, renames, needs_its_own_way])
def test_a_migration_that_fails_leaves_the_state_that_was(early, address, with_later, failing):
    url = address(early[0])
    before = fingerprint(url)
    with_later(failing)
    there = connect(url)
    with pytest.raises((StoreUnavailable, ZeroDivisionError)) as told:
        there.migrate()
    there.close()
    if failing is not fails_in_code:
        assert "was left as it was" in str(told.value)
    assert fingerprint(url) == before


def test_a_word_index_that_a_migration_leaves_behind_is_made_anew(early, address, with_later):
    def empties(database) -> None:
        database.execute("DELETE FROM claims_words")

    url = address(early[0])
    connect(url).migrate()
    with_later(empties)
    store = open_store(url)
    assert store.problems() == [] and [i for i, _ in store.claim_words.words("trees", 5)] == [1]
    store.close()


def test_a_newsroom_of_a_newer_program_is_refused(address):
    there = connect(address("fresh"))
    with there.write() as db:
        db.raw.execute("INSERT INTO migrations VALUES ('m998', '2030-01-01')")
    with pytest.raises(StoreUnavailable, match=r"newer Claimtrail \(it holds m998\)"):
        there.migrate()
    there.close()


OPENING = """
import sys
from db.store import connect
sys.stdin.readline()
print(len(connect(sys.argv[1]).migrate()))
"""


def test_of_several_processes_that_start_at_once_one_migrates(early, address):
    url = address(early[0])
    started = [
        subprocess.Popen([sys.executable, "-c", OPENING, url], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    for process in started:
        process.stdin.write("go\n")
        process.stdin.flush()
    said = [process.communicate(timeout=120) for process in started]
    assert [problems for _, problems in said] == ["", "", ""]
    assert sorted(int(out) for out, _ in said) == [0, 0, len(migrating.names()) - migrating.names().index(early[0].removeprefix("early_")) - 1]


# Volumes


def add(store: Store, text: str, day: str = "2026-11-02") -> int:
    """A statement in an article of its own; its number."""
    article = store.articles.add(Article(0, f"{text} ({day})", "en", published_at=day), hashlib.sha256(f"{text}{day}".encode()).hexdigest())
    return store.articles.put_statements(article.id, "en", [Statement(text, 0, len(text), Kind.DIRECT, said_at=day)])[0].id


def turned(store: Store, month: str = "2024-03") -> int | None:
    """What a worker does when the present volume was opened in an earlier month."""
    with store.write() as db:
        db.raw.execute("UPDATE volumes SET opened_at = %s WHERE number = (SELECT max(number) FROM volumes WHERE opened_at IS NOT NULL)", [f"{month}-01T00:00:00+00:00"])
    return store.volumes.turn(worth=1)


def test_a_new_volume_is_opened_at_the_turn_of_a_month_once_the_present_one_is_worth_it(store):
    assert turned(store) is None  # nothing in it
    first = add(store, "The ferry is late.")
    assert store.volumes.turn(worth=2) is None and turned(store) == 2 and store.volumes.turn(worth=1) is None
    second = add(store, "The ferry is early.")
    assert (first, second) == (1, volumes.ROOM)
    found = store.volumes.all()
    assert [(v.number, v.statements, v.is_present, bool(v.opened_at)) for v in found] == [(1, 1, False, True), (2, 1, True, True), (3, 0, False, False)]
    assert set(store.articles.statements_by_id([first, second])) == {first, second} and store.problems() == []


def test_a_full_volume_goes_on_in_the_one_made_ahead(store):
    with store.write() as db:
        db.raw.execute("SELECT setval(pg_get_serial_sequence('statements', 'id'), %s, true)", [volumes.ROOM - 2])
    numbers = [add(store, f"Claim {n}.") for n in range(2)]
    assert numbers == [volumes.ROOM - 1, volumes.ROOM]
    assert store.volumes.turn() == 2 and store.volumes.turn() is None
    assert [v.statements for v in store.volumes.all()] == [1, 1, 0]
    with store.write() as db:  # no worker ran for long
        db.raw.execute("SELECT setval(pg_get_serial_sequence('statements', 'id'), %s, true)", [volumes.ROOM * 5])
    assert add(store, "Claim of later.") == volumes.ROOM * 5 + 1  # in none of them
    assert [store.volumes.turn() for _ in range(3)] == [3, 4, None]
    assert add(store, "Claim of now.") == volumes.ROOM * 6 and store.problems() == []
    assert [v.statements for v in store.volumes.all()] == [1, 1, 0, 1, 0]


def test_a_place_in_a_text_is_one_statements_across_volumes(store):
    first = add(store, "The ferry is late.")
    assert turned(store) == 2
    copied = "INSERT INTO statements (article_id, start, \"end\", text, kind, content_hash) SELECT article_id, start, \"end\", text, kind, content_hash FROM statements WHERE id = ?"
    with pytest.raises(store.errors, match="stands where another one does"), store.write() as db:
        db.execute(copied, [first])
    with store.write() as db:
        db.execute("UPDATE statements SET is_gone = 1 WHERE id = ?", [first])
        db.execute(copied, [first])
    with pytest.raises(store.errors), store.write() as db:
        db.execute("UPDATE statements SET is_gone = 0 WHERE id = ?", [first])


def test_a_search_by_date_looks_into_the_volumes_of_that_time_only(store, monkeypatch):
    for n in range(3):
        add(store, f"The ferry number {n} is late.", "2024-03-05")
    assert turned(store) == 2
    for n in range(3):
        add(store, f"The ferry number {n} is late.", "2026-11-05")
    asked = []
    plain = psycopg.Connection.execute

    def noted(self, query, values=None, **options):
        asked.append((query, values))
        return plain(self, query, values, **options)

    ids = store.ids("statements", Filters(since="2026-11-01", until="2026-11-30"))
    assert len(ids) == 3 and min(ids) >= volumes.ROOM
    with monkeypatch.context() as patch:
        patch.setattr(psycopg.Connection, "execute", noted)
        found = store.statement_words.words("ferry", 10, among=ids)
        inside = store.articles.statements_by_id([i for i, _ in found])
    assert sorted(inside) == sorted(ids)
    raw = store._connection.db.raw
    plans = ["\n".join(r[0] for r in raw.execute(f"EXPLAIN {q}", v).fetchall()) for q, v in asked if "statements" in q and "ANY" in q or "statements WHERE id IN" in q]
    assert len(plans) >= 2
    for plan in plans:
        assert "_v2" in plan and "_v1" not in plan and "_rest" not in plan, plan
    everywhere = "\n".join(r[0] for r in raw.execute("EXPLAIN SELECT * FROM statements WHERE said_at > '2026'").fetchall())
    assert "_v1" in everywhere and "_v2" in everywhere


def test_an_old_volume_is_taken_off_and_what_somebody_worked_with_stays(address, server, fake_encoder, monkeypatch):
    url = address("fresh")
    monkeypatch.setenv("CLAIMTRAIL_DATABASE", url)
    store = open_store(url)
    try:
        from factcheck.setting_up import first_run

        first_run(store, fake_encoder, demo=True)
        ada = store.users.by_name("admin")
        decided, going = add(store, "We will plant 5,000 trees."), add(store, "The harbour bridge is closed.")
        pipeline.embed_statements(store, fake_encoder)
        review.decide(store, decided, 1, Relation.NOT_A_MATCH, ada)
        assert turned(store) == 2
        new = add(store, "The harbour bridge is open.")
        before = store.volumes.all()[0].statements
        assert "made ahead" in CliRunner().invoke(cli, ["volumes"]).output
        for wrong in ("2", "3", "9"):
            refused = CliRunner().invoke(cli, ["volumes", "take-off", wrong])
            assert refused.exit_code == 1 and "cannot be taken off" in refused.output
        done = CliRunner().invoke(cli, ["volumes", "take-off", "1", "--json"])
        assert done.exit_code == 0 and '"table": "taken_off_1"' in done.output, done.output
        held = store._connection.db.raw.execute("SELECT count(*) FROM taken_off_1").fetchone()[0]
        left = store.volumes.all()[0].statements
        assert held + left == before and left >= 1 and held >= 1
        there = store.articles.statements_by_id([decided, going, new])
        assert set(there) == {decided, new} and store.problems() == []
        assert going not in {i for i, _ in store.statement_words.words("bridge", 10)} and new in {i for i, _ in store.statement_words.words("bridge", 10)}
        assert going not in store.ids("statements", Filters()) and new in store.ids("statements", Filters())
        counted = "SELECT p.id, p.statement_count, (SELECT count(*) FROM statements s WHERE s.person_id = p.id AND s.is_gone = 0) FROM people p WHERE merged_into IS NULL"
        assert all(r[1] == r[2] for r in store._connection.db.execute(counted).fetchall())
        assert {k for k in definitions(url)["keys"] if k[0] != "taken_off_1"} == definitions(server.url("fresh"))["keys"]

        # What was taken off is put back with one statement and the word index made anew.
        with store.write() as db:
            db.raw.execute("INSERT INTO statements SELECT * FROM taken_off_1")
        assert store.index_words_anew() and store.problems() == []
        assert going in {i for i, _ in store.statement_words.words("bridge", 10)} and store.volumes.all()[0].statements == before
    finally:
        store.close()


def test_a_file_has_no_volumes(tmp_path, monkeypatch):
    store = open_store(tmp_path / "claimtrail.db")
    assert store.volumes.all() == [] and store.volumes.turn() is None
    with pytest.raises(BadInput, match="PostgreSQL"):
        store.volumes.take_off(1)
    store.close()
