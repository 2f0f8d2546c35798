"""PostgreSQL beside SQLite: the same tables, statements translated, everything copied there and back, and several processes on one server."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from click.testing import CliRunner

from db import is_there, open_store
from db.postgres import schema
from db.postgres.dialect import translated
from db.store import connect
from factcheck import setting_up
from factcheck.cli import cli
from factcheck.embed import FakeEncoder
from factcheck.errors import BadInput, StoreUnavailable
from factcheck.records import Article, Claim, Role
from factcheck.settings import Settings, read_settings
from tests.postgres import Server

ROOT = Path(__file__).parent.parent


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
        ("SELECT a AS some FROM t INDEXED BY i WHERE a = 'b' COLLATE NOCASE", "SELECT a AS \"some\" FROM t  WHERE a :: citext = 'b' :: citext"),
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
                for words in ("claim_words", "statement_words"):
                    assert {i for i, _ in getattr(store, words).words(query, 20)} == {i for i, _ in getattr(first, words).words(query, 20)}
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


def test_the_log_cannot_be_emptied_at_once_either(database):
    store = open_store(database)
    store.audit.add("ed", "did", "claim", 1)
    with pytest.raises(store.errors, match="append-only"), store.write() as db:
        db.execute("TRUNCATE audit CASCADE")
    assert len(store.audit.of("claim", 1)) == 1
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


# Several processes, each with a home of its own, as on machines of their own


@pytest.fixture
def house(database: str, tmp_path: Path) -> Iterator[Callable[[str], tuple[subprocess.Popen, str]]]:
    """``house("web")`` starts another process on the database: (process, its address)."""
    started: list[subprocess.Popen] = []

    def start(role: str) -> tuple[subprocess.Popen, str]:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        home = tmp_path / f"machine {len(started)}"
        arguments = [sys.executable, "-m", "tests.one_of_several", role, database, str(home), str(port)]
        process = subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        started.append(process)
        assert process.stdout and process.stdout.readline() == "ready\n"
        return process, f"http://127.0.0.1:{port}"

    yield start
    for process in started:
        process.kill()
        process.wait()


def test_two_web_and_two_worker_processes_share_one_server(database, house):
    store = open_store(database)
    store.users.create("ed", PasswordHasher(1, 64, 1).hash("quiet river stone"), Role.EDITOR)
    webs, workers = [house("web") for _ in range(2)], [house("worker") for _ in range(2)]
    jar = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(), urllib.request.ProxyHandler({}))

    def send(address: str, **fields: str) -> str:
        request = urllib.request.Request(address, urllib.parse.urlencode(fields).encode() if fields else None, {"Sec-Fetch-Site": "same-origin"})
        with jar.open(request, timeout=60) as answer:
            return answer.read().decode()

    send(f"{webs[0][1]}/sign-in", name="ed", password="quiet river stone")
    for n in range(16):
        send(f"{webs[n % 2][1]}/articles/new", title=f"Text {n}", language="en", text=f"Mayor Ann Smith said: “The bridge number {n} will be open again by the end of May, and it is safe.”")
    until = time.monotonic() + 120
    while {a.state for a in store.articles.newest(20)} != {"ready"} and time.monotonic() < until:
        time.sleep(0.1)
    assert [a.state for a in store.articles.newest(20)] == ["ready"] * 16
    for process, _ in workers:
        process.terminate()
    took = [[int(line.split()[1]) for line in process.communicate()[0].splitlines()] for process, _ in workers]
    assert sorted(took[0] + took[1]) == sorted(store.articles.ids()) and all(took), "each article was read once, and both read some"
    assert store.articles.count_statements() == 16
    webs[0][0].kill()  # one machine is gone; the other shows what was entered there, to whom was signed in there
    assert "Text 0" in send(f"{webs[1][1]}/articles") and store.problems() == []
    store.close()


def test_what_is_taken_off_a_queue_is_passed_over_by_others_and_waits_for_no_writer(database):
    store = open_store(database)
    first, second = (store.articles.add(Article(0, f"Text {n}", "en"), f"hash {n}").id for n in range(2))
    inside, done = threading.Event(), threading.Event()
    taken: list[int | None] = []

    def hold() -> None:
        other = open_store(database)
        with other._connection.taking():
            taken.append(other.articles.claim_next("other"))
            inside.set()
            done.wait(20)
        other.close()

    holder = threading.Thread(target=hold)
    holder.start()
    assert inside.wait(20)
    with store.write():  # whoever writes is not in the way either
        pass
    taken.append(store.articles.claim_next("this one"))
    done.set()
    holder.join(20)
    assert taken == [first, second] and store.articles.claim_next("this one") is None
    store.close()


def test_what_runs_on_one_store_only_is_listed_with_its_reason():
    """Every other file in tests/ runs on both; what asks no store names none."""
    listed = [line.split(None, 1) for line in (ROOT / "tests" / "on_one_store.txt").read_text().splitlines() if line and not line.startswith("#")]
    assert all(len(line) == 2 for line in listed) and len({name for name, _ in listed}) == len(listed)
    for name, reason in listed:
        text = (ROOT / "tests" / f"{name}.py").read_text(encoding="utf-8")
        asked = re.search(r"^(from db import .*open_store|from app import)|^def test_\w+\([^)]*\b(store|site|desk|client|newsroom)\b", text, re.M)
        assert reason != "no store" or asked is None, (name, asked)
