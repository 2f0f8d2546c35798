"""PostgreSQL beside SQLite: the same tables, statements translated, everything copied there and back, and several processes on one server."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from db import is_there, open_store
from db.postgres import schema
from db.postgres.dialect import translated
from db.store import connect
from factcheck import setting_up
from factcheck.cli import cli
from factcheck.embed import FakeEncoder
from factcheck.errors import BadInput, StoreUnavailable
from factcheck.records import Claim
from factcheck.settings import Settings, read_settings
from tests.postgres import Server


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    made = Server()
    made.make()
    made.start()
    yield made
    made.remove()


@pytest.fixture
def database(server: Server, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of an empty database."""
    name = f"d{abs(hash(request.node.name)) % 10**9}"
    server.sql(f"CREATE DATABASE {name}")
    yield server.url(name)
    server.sql(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def demo(tmp_path: Path) -> Path:
    """A file with the demo in it."""
    path = tmp_path / "claimtrail.db"
    store = open_store(path)
    setting_up.first_run(store, FakeEncoder(), demo=True)
    store.claims.put(Claim(0, "odd", "A zero \0 and “quotes”, 100 % sure? \\ '';--", "en"))
    store.close()
    return path


@pytest.mark.parametrize(
    ("sqlite", "postgres"),
    [
        ("SELECT 1 FROM t WHERE a = ? AND b LIKE 'x%'", "SELECT 1 FROM t WHERE a = %s AND b ILIKE 'x%%'"),
        ("SELECT a FROM t WHERE a = ?1 OR b = ?1", "SELECT a FROM t WHERE a = %(p1)s OR b = %(p1)s"),
        ("SELECT a FROM t WHERE a = :name AND b = '?:x'", "SELECT a FROM t WHERE a = %(name)s AND b = '?:x'"),
        ("SELECT a FROM t WHERE a IS ? AND b IS NULL AND c IS NOT d", "SELECT a FROM t WHERE a IS NOT DISTINCT FROM %s AND b IS NULL AND c IS DISTINCT FROM d"),
        ("SELECT a FROM t WHERE a IN (SELECT value FROM json_each(?))", "SELECT a FROM t WHERE a = ANY (each_number(%s))"),
        ("SELECT a FROM t WHERE a IN () OR b NOT IN ()", "SELECT a FROM t WHERE a = ANY ('{}') OR b <> ALL ('{}')"),
        ("INSERT OR IGNORE INTO t VALUES (?)", "INSERT  INTO t VALUES (%s) ON CONFLICT DO NOTHING"),
        ("SELECT a AS some FROM t INDEXED BY i WHERE a = 'b' COLLATE NOCASE", "SELECT a AS \"some\" FROM t  WHERE a = 'b' :: citext"),
    ],
)
def test_a_statement_is_said_as_postgresql_takes_it(sqlite, postgres):
    assert " ".join(translated(sqlite).split()) == " ".join(postgres.split())


def test_both_schemas_hold_the_same_tables_columns_indexes_and_triggers(database, tmp_path):
    one, two = connect(tmp_path / "s.db"), connect(database)
    one.migrate()
    two.migrate()
    assert one.tables() == two.tables() == sorted(schema.tables())
    found = two.db.raw.execute("SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'claimtrail' ORDER BY ordinal_position")
    columns: dict[str, list[str]] = {}
    for table, column in found:
        columns.setdefault(table, []).append(column)
    for table in one.tables():
        assert columns[table] == one.columns(table) and one.key(table) == two.key(table), table
    for kind, sql in (
        ("index", "SELECT indexname FROM pg_indexes WHERE schemaname = 'claimtrail'"),
        ("trigger", "SELECT tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT tgisinternal"),
    ):
        wanted = {r[0] for r in one.db.execute("SELECT name FROM sqlite_master WHERE type = ? AND sql IS NOT NULL AND name NOT LIKE 'idx__sqlite%'", [kind])}
        assert wanted and wanted <= {r[0] for r in two.db.raw.execute(sql)}
    two.close()


def test_everything_goes_to_the_server_and_back_row_by_row(demo, database, tmp_path):
    back = tmp_path / "back" / "claimtrail.db"
    there = CliRunner().invoke(cli, ["copy", str(demo), database])
    assert there.exit_code == 0 and "Copied and checked" in there.output, there.output
    again = CliRunner().invoke(cli, ["copy", database, str(back)])
    assert again.exit_code == 0, again.output
    first, server, last = open_store(demo), open_store(database), open_store(back)
    try:
        assert first.claims.count() == server.claims.count() == last.claims.count() > 5
        for store in (server, last):
            assert store.problems() == []
            assert store.claims.by_key("odd").text == "A zero \ufffd and “quotes”, 100 % sure? \\ '';--"
            for query in ("bridge", "Brücke", "children free lunch"):
                assert {i for i, _ in store.claim_words.words(query, 20)} == {i for i, _ in first.claim_words.words(query, 20)}
            new, _ = store.claims.put(Claim(0, "new", "One more claim.", "en"))
            assert new > max(r[0] for r in first._connection.db.execute("SELECT max(id) FROM claims"))
    finally:
        for store in (first, server, last):
            store.close()
    refused = CliRunner().invoke(cli, ["copy", str(demo), database])
    assert refused.exit_code == 1 and "not empty" in refused.output


def test_a_copy_that_fails_leaves_nothing_behind(demo, database, monkeypatch):
    from db import moving

    def broken(*_):
        raise BadInput("A row came out differently.")

    monkeypatch.setattr(moving, "_compare", broken)
    with pytest.raises(BadInput):
        moving.move(demo, database)
    store = open_store(database)
    assert store.claims.count() == 0 and store.whole.filled() == []
    store.close()


def test_newsrooms_on_one_server_see_nothing_of_one_another(database):
    one, two = (open_store(f"{database}&schema={name}") for name in ("north", "south"))
    one.claims.put(Claim(0, "k", "The ferry is late.", "en"))
    assert (one.claims.count(), two.claims.count()) == (1, 0)
    assert two.claim_words.words("ferry", 5) == [] and is_there(f"{database}&schema=south") and not is_there(f"{database}&schema=west")
    two.claims.put(Claim(0, "k", "The bus is late.", "en"))
    assert one.claims.by_key("k").text == "The ferry is late."
    one.close()
    two.close()


@pytest.mark.parametrize(
    ("value", "said"), [("mysql://host/name", "CLAIMTRAIL_DATABASE"), ("postgresql://host", "CLAIMTRAIL_DATABASE"), ("postgresql://h/d?schema=pg_x", "schema")]
)
def test_an_address_that_cannot_be_used_is_told_without_its_password(value, said, tmp_path):
    secret = value.replace("://", "://me:hush@")
    with pytest.raises(Exception, match=said) as caught:
        open_store(read_settings({"CLAIMTRAIL_HOME": str(tmp_path), "CLAIMTRAIL_DATABASE": secret}).store)
    assert "hush" not in str(caught.value)


def test_a_server_that_is_not_there_is_a_clear_error(tmp_path):
    with pytest.raises(StoreUnavailable, match="cannot be reached") as caught:
        open_store(f"postgresql://me:hush@/name?host={tmp_path}")
    assert "hush" not in str(caught.value)


def test_what_belongs_to_a_file_says_what_to_do_on_a_server(database, tmp_path):
    environment = {"CLAIMTRAIL_HOME": str(tmp_path), "CLAIMTRAIL_DATABASE": database}
    open_store(database).close()
    said = CliRunner().invoke(cli, ["backup"], env=environment)
    assert said.exit_code == 1 and "pg_dump" in said.output, said.output
    assert read_settings(environment).backup_hours == 0 and isinstance(Settings(home=tmp_path).store, Path)
    assert os.fspath(tmp_path) not in read_settings(environment).shown_store
