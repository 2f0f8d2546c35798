"""Full and read-only disks, a clock set back, a database that is locked, damaged indexes and models: what was promised for each happens."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from web_site import PASSWORD, SAME_ORIGIN, Site, site  # noqa: F401  (a fixture)

from app import create_app
from db import Store, open_store, vectorindex
from db.connection import Connection
from factcheck import backups, inspecting, installation, model_folder, pipeline, review, setting_up
from factcheck.cli import cli
from factcheck.errors import AlreadyDecided, StoreUnavailable
from factcheck.records import Claim, Relation, Role

ROOT = Path(__file__).resolve().parent.parent


def run(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=300)


def limit(store: Store, pages: int | None) -> None:
    """Leave the database no more room than it takes, or as much as it wants again."""
    db = store._connection.db
    db.execute(f"PRAGMA max_page_count = {pages or 2**30}").fetchall()


# A full disk


def test_on_a_full_disk_nothing_is_half_stored_reading_goes_on_and_room_is_all_that_is_needed(site, fake_encoder):
    limit(site.store, 1)  # as many pages as there are
    before = site.store.claims.count()
    with pytest.raises(StoreUnavailable, match="The disk is full: nothing was stored"):
        for n in range(2000):
            site.store.claims.put(Claim(0, f"k{n}", f"Claim number {n} with some words. " * 20, "en", body="words " * 500))
    stored = site.store.claims.count()
    editor = site.client(Role.EDITOR)
    answer = editor.post("/articles/new", data={"text": "“The bridge is closed,” said Erika Beispiel on Monday. " * 3000}, headers=SAME_ORIGIN)
    assert answer.status_code == 503 and "disk is full" in answer.text and "Traceback" not in answer.text
    assert editor.get("/").status_code == 200 and editor.get(f"/claims/{site.claim}").status_code == 200
    assert site.store.problems() == [] and site.store.claims.count() == stored >= before

    limit(site.store, None)
    assert editor.post("/articles/new", data={"text": "“The bridge is closed,” said Erika Beispiel on Monday."}, headers=SAME_ORIGIN).status_code == 303
    assert site.store.problems() == []


WRITING = """
import resource, signal, sys
from pathlib import Path
from types import SimpleNamespace
from db import open_store
from factcheck.errors import StoreUnavailable
from factcheck.records import Claim
path = Path(sys.argv[1])
store = open_store(path)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 600_000, -1))
n = 0
try:
    while True:
        store.claims.put(Claim(0, f"k{n}", f"Claim number {n}. " * 60, "en"))
        n += 1
except StoreUnavailable as error:
    print(n, error)
"""


def test_when_the_system_refuses_to_write_what_was_acknowledged_is_there(tmp_path):
    path = tmp_path / "claimtrail.db"
    open_store(path).close()
    told = run(WRITING, str(path))
    assert told.returncode == 0, told.stderr
    acknowledged, _, said = told.stdout.partition(" ")
    assert "nothing was stored" in said and int(acknowledged) > 3
    store = open_store(path)
    assert store.problems() == [] and store.claims.count() == int(acknowledged)
    store.close()


BACKING_UP = """
import resource, signal, sys
from pathlib import Path
from types import SimpleNamespace
from db import open_store
from factcheck import backups
from factcheck.errors import ClaimtrailError
from factcheck.settings import Settings
settings = Settings(home=Path(sys.argv[1]))
store = open_store(settings.database)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, -1))
try:
    backups.make(store, settings)
except ClaimtrailError as error:
    print(error)
"""


def test_a_backup_that_finds_no_room_says_so_and_leaves_nothing(settings, fake_encoder):
    store = open_store(settings.database)
    setting_up.first_run(store, fake_encoder, demo=True)
    store.close()
    told = run(BACKING_UP, str(settings.home))
    assert told.returncode == 0 and "Free some space" in told.stdout, told.stderr
    assert [p.name for p in settings.backups.iterdir()] == ["backup.lock"]


def test_check_tells_of_a_disk_that_is_nearly_full(settings, monkeypatch):
    store = open_store(settings.database)
    assert inspecting.surroundings(settings, store) == []
    monkeypatch.setattr(inspecting.shutil, "disk_usage", lambda path: SimpleNamespace(free=5 * 2**20))
    (problem,) = inspecting.surroundings(settings, store)
    assert "Only 5 MB are free" in problem and "Free some" in problem
    store.close()


# A read-only disk

READ_ONLY = """
import os, sys
from pathlib import Path
from types import SimpleNamespace
from db import open_store
from factcheck.errors import StoreUnavailable
from factcheck.records import Claim
path = Path(sys.argv[1])
open_store(Path(sys.argv[2])).close()  # everything is loaded while it may be read
if os.getuid() == 0:
    os.setegid(65534)
    os.seteuid(65534)
try:
    store = open_store(path)
    print("read", store.claims.count())
    store.claims.put(Claim(0, "new", "A new claim.", "en"))
    print("written")
except StoreUnavailable as error:
    print("refused:", error)
"""


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that a process without rights of its own can look into."""
    import shutil
    import tempfile

    folder = Path(tempfile.mkdtemp(prefix="claimtrail-"))
    folder.chmod(0o755)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


def test_on_a_read_only_disk_it_says_what_is_wrong(open_folder, tmp_path):
    path = open_folder / "claimtrail.db"
    open_store(path).close()
    path.chmod(0o444)
    open_folder.chmod(0o555)
    told = run(READ_ONLY, str(path), str(tmp_path / "other.db"))
    assert told.returncode == 0 and "written" not in told.stdout.splitlines(), told.stderr
    assert "refused: " in told.stdout and ("permissions" in told.stdout or "read-only" in told.stdout or "can be written" in told.stdout)


def test_a_database_that_becomes_read_only_is_read_on(site, settings, fake_encoder):
    client = create_app(settings, store=site.store, encoder=fake_encoder).test_client()
    site.store._connection.db.execute("PRAGMA query_only = on")
    assert client.get(f"/claims/{site.claim}").status_code == 200
    signing_in = {"data": {"name": site.names[Role.EDITOR], "password": PASSWORD}, "headers": SAME_ORIGIN}
    refused = client.post("/sign-in", **signing_in)
    assert refused.status_code == 503 and "cannot be written to" in refused.text
    site.store._connection.db.execute("PRAGMA query_only = off")
    assert client.post("/sign-in", **signing_in).status_code == 303


# A clock that is set back


@contextmanager
def clock_set_back(monkeypatch, by: timedelta) -> Iterator[None]:
    class Back(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) - by

    with monkeypatch.context() as patch:
        for module in ("db.clock", "db.sessions", "db.requests", "factcheck.backups", "factcheck.promises", "factcheck.watching", "factcheck.alerting"):
            patch.setattr(f"{module}.datetime", Back)
        yield


def test_a_clock_set_back_neither_loses_nor_locks_anything(site, fake_encoder, monkeypatch):
    store, editor = site.store, site.store.users.by_name(site.names[Role.EDITOR])
    first, second = site.statements
    one = review.decide(store, first.id, site.claim, Relation.SAME, editor)
    client = site.client(Role.EDITOR)
    for _ in range(10):
        site.anonymous.post("/sign-in", data={"name": site.names[Role.READER], "password": "wrong"}, headers=SAME_ORIGIN)
    assert store.requests.begin(editor.id, "key", "asked") is None
    with clock_set_back(monkeypatch, timedelta(days=2)):
        two = review.decide(store, second.id, site.claim, Relation.RELATED, editor)
        assert two.at < one.at, "the clock is back"
        assert review.undo(store, editor).id == two.id, "what was done last is undone first, whatever the clock says"
        assert [e["action"] for e in store.audit.of("statement", second.id)] in (["decided", "undid"], ["undid", "decided"])
        assert client.get("/review").status_code in (200, 303), "who was signed in stays signed in"
        assert site.client(Role.READER), "wrong passwords before do not lock anybody out for two days"
        assert store.requests.begin(editor.id, "key", "asked") is None, "a request broken off may be sent again"
    assert store.problems() == []


# A locked database


def test_readers_read_on_while_another_process_writes_and_a_writer_that_waits_too_long_is_told(site, settings, fake_encoder):
    client = create_app(settings, store=site.store, encoder=fake_encoder).test_client()
    other = Connection(site.store._connection.path)
    with other.write() as db:
        db.execute("UPDATE newsroom SET value = value")
        site.store._connection.db.execute("PRAGMA busy_timeout = 50").fetchall()
        assert client.get(f"/claims/{site.claim}").status_code == 200
        refused = client.post("/sign-in", data={"name": "x", "password": "y"}, headers=SAME_ORIGIN)
        assert refused.status_code == 503 and "busy" in refused.text
    other.close()
    assert site.client(Role.EDITOR)


def test_of_two_editors_who_decide_at_once_one_is_told(site):
    outcomes: list[str] = []
    gate = threading.Barrier(2)

    def decide(role: Role) -> None:
        user = site.store.users.by_name(site.names[role])
        gate.wait()
        try:
            review.decide(site.store, site.statements[0].id, site.claim, Relation.SAME, user)
            outcomes.append("decided")
        except AlreadyDecided:
            outcomes.append("told")
        finally:
            site.store.close()

    deciding = [threading.Thread(target=decide, args=[role]) for role in (Role.EDITOR, Role.ADMINISTRATOR)]
    for thread in deciding:
        thread.start()
    for thread in deciding:
        thread.join(60)
    assert sorted(outcomes) == ["decided", "told"]


# Damage


def test_a_damaged_word_index_is_told_and_made_anew_by_a_command(settings, fake_encoder, monkeypatch):
    store = open_store(settings.database)
    setting_up.first_run(store, fake_encoder, demo=True)
    found = store.claim_words.words("bridge tower wall", 5)
    with store.write() as db:
        db.execute("DELETE FROM claims_words_docsize WHERE id IN (1, 2)")
        db.execute("UPDATE claims_trigrams_data SET block = X'00FF00FF' WHERE id = (SELECT max(id) FROM claims_trigrams_data)")
    problems = setting_up.check(store, fake_encoder).problems
    assert len(problems) >= 2 and all("claimtrail repair" in p for p in problems), problems
    store.close()
    monkeypatch.setenv("CLAIMTRAIL_HOME", str(settings.home))
    repaired = CliRunner().invoke(cli, ["repair", "--json"])
    assert repaired.exit_code == 0 and json.loads(repaired.output)["rows"] >= 20
    store = open_store(settings.database)
    assert setting_up.check(store, fake_encoder).problems == [] and store.claim_words.words("bridge tower wall", 5) == found
    store.close()


def test_a_page_of_the_database_that_is_damaged_is_told_and_the_backup_is_named(settings, fake_encoder, monkeypatch):
    store = open_store(settings.database)
    setting_up.first_run(store, fake_encoder, demo=True)
    root = store._connection.db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'claims'").fetchone()[0]
    size = store._connection.db.execute("PRAGMA page_size").fetchone()[0]
    made = backups.make(store, settings)
    store.close()
    with settings.database.open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(os.urandom(size))
    monkeypatch.setenv("CLAIMTRAIL_HOME", str(settings.home))
    told = CliRunner().invoke(cli, ["check"])
    assert told.exit_code == 1 and "restore" in told.output and "Traceback" not in told.output
    assert CliRunner().invoke(cli, ["restore", str(made.file), "--yes"]).exit_code == 0
    store = open_store(settings.database)
    assert store.problems() == []
    store.close()


def test_a_damaged_index_of_vectors_is_made_anew_by_itself(settings, fake_encoder, monkeypatch, caplog):
    monkeypatch.setattr(vectorindex, "SMALL", 5)
    store = open_store(settings.database)
    for n in range(12):
        store.claims.put(Claim(0, f"c{n}", f"The tram line {n} runs every {n} minutes.", "en"))
    pipeline.embed_claims(store, fake_encoder)
    query = fake_encoder.encode_queries(["The tram line 7 runs every 7 minutes."])[0]
    found = store.vectors.index("claim", fake_encoder.passage_id).search(query, 3)
    store.close()
    (file,) = (settings.home / "index").glob("*.vectors")
    content = bytearray(file.read_bytes())
    content[-40] ^= 0xFF
    file.write_bytes(content)
    again = open_store(settings.database)
    assert again.vectors.index("claim", fake_encoder.passage_id).search(query, 3) == found
    assert "damaged" in caplog.text
    again.close()


def test_a_damaged_model_is_unpacked_anew(tmp_path):
    folder = tmp_path / "cache" / "model"
    content = {"a.bin": b"a" * 5000, "b.bin": b"b" * 5000}

    def write(draft: Path) -> None:
        for name, data in content.items():
            (draft / name).write_bytes(data)

    model_folder.made_whole(folder, write)
    for damage in (lambda: (folder / "a.bin").write_bytes(b"x" * 5000), lambda: (folder / "b.bin").unlink(), lambda: (folder / "manifest.json").write_text("{")):
        damage()
        assert not model_folder.is_whole(folder)
        model_folder.made_whole(folder, write)
        assert {n: (folder / n).read_bytes() for n in content} == content and model_folder.is_whole(folder)


def test_check_tells_of_backups_that_are_missing_or_from_the_future_and_of_a_secret_others_may_read(settings):
    store = open_store(settings.database)
    began = store.began_at()
    assert inspecting.surroundings(settings, store, began + timedelta(hours=47)) == []
    (late,) = inspecting.surroundings(settings, store, began + timedelta(hours=50))
    assert "50 hours old" in late and "claimtrail backup" in late
    settings.backups.mkdir()
    (settings.backups / f"claimtrail-{began + timedelta(days=9):%Y%m%dT%H%M%SZ}.zip").write_bytes(b"")
    assert any("from the future" in p for p in inspecting.surroundings(settings, store, began + timedelta(hours=1)))
    installation.derived(settings.home, "x")
    (settings.home / installation.FILE).chmod(0o644)
    assert any("chmod 600" in p for p in inspecting.surroundings(settings, store, began + timedelta(hours=1)))
    store.close()
