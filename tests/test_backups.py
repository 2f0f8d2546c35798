"""What is backed up comes back row by row; a backup that is not whole changes nothing; old ones go, enough stay."""

from __future__ import annotations

import json
import os
import shutil
import threading
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from db import Store, open_store
from factcheck import backups, installation, pipeline, review, setting_up, tenancy
from factcheck.cli import cli
from factcheck.errors import BadInput, ClaimtrailError, StoreUnavailable
from factcheck.records import Article, Claim, Relation
from factcheck.settings import Settings

TEXT = "Bürgermeisterin Hanna Brückner versprach am Dienstag, sie werde das Freibad innerhalb von 30 Tagen wieder öffnen."


@pytest.fixture
def home(settings) -> Settings:
    settings.home.mkdir()
    return settings


@pytest.fixture
def store(home, fake_encoder) -> Iterator[Store]:
    """A newsroom at work: the demo, an article, decisions made and taken back, the log of it all."""
    store = open_store(home.database)
    setting_up.first_run(store, fake_encoder, demo=True)
    installation.derived(home.home, "a test")
    editor = store.users.by_name("admin")
    article, _ = pipeline.add_article(store, Article(0, TEXT, "de", published_at="2024-05-16"))
    pipeline.process(store, fake_encoder, article.id)
    claim = store.claims.get(1)
    for statement in store.articles.statements(article.id) + store.articles.statements(1)[:2]:
        review.decide(store, statement.id, claim.id, Relation.SAME, editor)
    review.undo(store, editor)
    yield store
    store.close()


def everything(store: Store) -> dict[str, list[tuple]]:
    """All rows of all tables, in order."""
    db = store._connection.db
    names = [r[0] for r in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")]
    return {name: sorted((tuple(r) for r in db.execute(f'SELECT * FROM "{name}"')), key=repr) for name in names}


def rebuilt(file: Path, **changed: bytes) -> None:
    """Change members of a backup behind its back; None takes one out."""
    with zipfile.ZipFile(file) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    held |= changed
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in held.items():
            archive.writestr(name, content)


def test_the_drill_after_a_loss_everything_is_back_row_by_row(home, store, fake_encoder):
    before = everything(store)
    assert len(before["decisions"]) >= 2 and len(before["audit"]) >= 5 and any(r[-1] for r in before["decisions"])
    secret = (home.home / installation.FILE).read_bytes()
    made = backups.make(store, home)
    store.close()
    kept_elsewhere = shutil.move(made.file, home.home.parent / "elsewhere.zip")
    shutil.rmtree(home.home)  # the disk is lost

    content, earlier = backups.restore(home, Path(kept_elsewhere))
    assert earlier is None and content.holds_secret
    again = open_store(home.database)
    after = everything(again)
    assert after["decisions"] == before["decisions"] and after["audit"] == before["audit"]
    assert after == before
    assert (home.home / installation.FILE).read_bytes() == secret
    assert (home.home / installation.FILE).stat().st_mode & 0o077 == 0
    assert again.problems() == [] and not setting_up.check(again, fake_encoder).problems
    again.close()


def test_a_backup_taken_while_others_write_is_one_moment(home, store):
    """Each writer's transaction adds two claims; a copy must never hold one without the other."""
    stop, failures, written = threading.Event(), [], [0]

    def write() -> None:
        try:
            while not stop.is_set():
                with store.write():
                    for half in "ab":
                        store.claims.put(Claim(0, f"pair-{written[0]}-{half}", f"Pair {written[0]} {half}", "en"))
                written[0] += 1
        except Exception as error:
            failures.append(error)
        finally:
            store.close()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        counts = []
        for _ in range(3):
            made = backups.make(store, home)
            assert written[0], "nobody wrote meanwhile"
            with zipfile.ZipFile(made.file) as archive:
                rows = json.loads(archive.read("manifest.json"))["rows"]["claims"]
            counts.append(rows)
            assert backups.check(made.file).rows["claims"] == rows
    finally:
        stop.set()
        writer.join(60)
    assert not failures
    began = store.claims.count() - 2 * written[0]
    assert all((n - began) % 2 == 0 for n in counts) and counts == sorted(counts) and counts[-1] > began


def test_what_is_there_stays_beside_what_is_restored(home, store):
    made = backups.make(store, home)
    store.claims.put(Claim(0, "later", "Said after the backup.", "en"))
    store.close()
    _, kept = backups.restore(home, made.file)
    restored, earlier = open_store(home.database), open_store(kept)
    assert restored.claims.by_key("later") is None and earlier.claims.by_key("later")
    restored.close(), earlier.close()


def test_a_damaged_database_is_replaced_too(home, store):
    made = backups.make(store, home)
    before = everything(store)
    store.close()
    with home.database.open("r+b") as file:
        file.seek(0)
        file.write(b"nothing SQLite would read" * 400)
    with pytest.raises(StoreUnavailable):
        open_store(home.database)
    backups.restore(home, made.file)
    again = open_store(home.database)
    assert everything(again) == before
    again.close()


def flip(file: Path) -> None:
    """One bit near the middle that is read as something else: empty pages are packed so that some bits make no difference."""
    whole = file.read_bytes()
    for place in range(len(whole) // 2, len(whole)):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :])
        try:
            with zipfile.ZipFile(file) as archive:
                if archive.testzip():
                    return
        except (zipfile.BadZipFile, zlib.error):
            return


def newer(file: Path) -> None:
    with zipfile.ZipFile(file) as archive:
        manifest = json.loads(archive.read("manifest.json"))
    rebuilt(file, **{"manifest.json": json.dumps({**manifest, "schema": [*manifest["schema"], "m999"], "program": "99.0"}).encode()})


def fewer(file: Path) -> None:
    with zipfile.ZipFile(file) as archive:
        manifest = json.loads(archive.read("manifest.json"))
    manifest["rows"]["decisions"] += 1
    rebuilt(file, **{"manifest.json": json.dumps(manifest).encode()})


DAMAGES = {
    "a bit flipped": (flip, "damaged"),
    "cut short": (lambda f: f.write_bytes(f.read_bytes()[:-500]), "damaged"),
    "not an archive": (lambda f: f.write_bytes(b"hello"), "no backup"),
    "empty": (lambda f: f.write_bytes(b""), "no backup"),
    "of a newer program": (newer, "newer Claimtrail"),
    "rows missing": (fewer, "not sound"),
    "a file changed": (lambda f: rebuilt(f, **{"secret.key": b"x" * 32}), "checksum of secret.key"),
    "a file added": (lambda f: rebuilt(f, **{"../evil": b"x"}), "damaged"),
    "another archive": (lambda f: rebuilt(f, **{"manifest.json": b'{"form": "Claimtrail full export"}'}), "no backup"),
    "no manifest": (lambda f: rebuilt(f, **{"manifest.json": b"[]"}), "no backup"),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_a_backup_that_is_not_whole_is_refused_and_changes_nothing(home, store, name):
    made = backups.make(store, home)
    before = everything(store)
    store.close()
    damage, said = DAMAGES[name]
    damage(made.file)
    with pytest.raises(BadInput, match=said):
        backups.restore(home, made.file)
    with pytest.raises(BadInput, match=said):
        backups.check(made.file)
    again = open_store(home.database)
    assert everything(again) == before
    again.close()
    assert sorted(p.name for p in home.home.iterdir() if p.name.startswith(".")) == [] and not (home.home.parent / "evil").exists()


def test_a_secret_kept_elsewhere_is_not_in_the_backup_and_stays_as_it_is(home, store):
    made = backups.make(store, replace(home, backup_secret=False))
    store.close()
    secret = (home.home / installation.FILE).read_bytes()
    content, _ = backups.restore(home, made.file)
    assert not content.holds_secret and (home.home / installation.FILE).read_bytes() == secret


def test_what_the_newsroom_trained_is_in_the_backup(home, store):
    own = home.home / "models" / "matching.safetensors"
    own.parent.mkdir()
    own.write_bytes(b"trained")
    made = backups.make(store, home)
    store.close()
    own.write_bytes(b"trained since")
    backups.restore(home, made.file)
    assert own.read_bytes() == b"trained"
    (kept,) = own.parent.glob("*.before-*")
    assert kept.read_bytes() == b"trained since"


def test_nobody_restores_under_a_running_server(home, store):
    made = backups.make(store, home)
    with tenancy.tenant(home.home), pytest.raises(ClaimtrailError, match="Stop it"):
        backups.restore(home, made.file)
    with tenancy.alone(home.home), pytest.raises(ClaimtrailError, match="being restored"), tenancy.tenant(home.home):
        pass
    assert backups.restore(home, made.file)


def test_a_damaged_database_gives_no_backup_and_the_old_ones_stay(home, store, monkeypatch):
    first = backups.make(store, home)
    monkeypatch.setattr(backups.copying, "look", lambda path: backups.copying.Copy((), {}, ("page 7 is torn",)))
    with pytest.raises(StoreUnavailable, match="page 7 is torn"):
        backups.make(store, home)
    assert [b.file for b in backups.listing(home.backups)] == [first.file]
    assert sorted(p.name for p in home.backups.iterdir()) == ["backup.lock", first.file.name]


def put(folder: Path, *moments: datetime) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for moment in moments:
        (folder / f"claimtrail-{moment:%Y%m%dT%H%M%SZ}.zip").write_bytes(b"")


def test_the_newest_and_one_of_each_week_stay(tmp_path):
    day = datetime(2026, 3, 29, 2, 30, tzinfo=UTC)
    put(tmp_path, *(day - timedelta(days=n) for n in range(60)))
    (tmp_path / "claimtrail-notes.zip").write_bytes(b"")
    backups.prune(tmp_path, 7)
    ages = [(day - b.made_at).days for b in backups.listing(tmp_path)]
    assert ages == [0, 1, 2, 3, 4, 5, 6, 7, 14, 21]
    assert (tmp_path / "claimtrail-notes.zip").exists()
    assert backups.prune(tmp_path, 7) == []


def test_a_backup_is_due_by_the_age_of_the_newest_also_after_the_clock_was_set_back(home, store):
    began = store.began_at()
    assert not backups.is_due(store, home, began + timedelta(hours=23))
    assert backups.is_due(store, home, began + timedelta(hours=25))
    assert not backups.is_due(store, replace(home, backup_hours=0), began + timedelta(days=900))
    assert not backups.is_due(store, replace(home, database_url="postgresql://db/claims"), began + timedelta(days=900)), "its server sees to it"
    put(home.backups, began + timedelta(hours=20))
    assert not backups.is_due(store, home, began + timedelta(hours=43))
    assert backups.is_due(store, home, began + timedelta(hours=45))
    put(home.backups, began + timedelta(days=400))
    assert backups.is_due(store, home, began + timedelta(hours=45)), "one from the future would stop backups for a year"


def test_the_worker_makes_the_backup_that_is_due_once(home, store, monkeypatch):
    class Later(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) + timedelta(days=2)

    monkeypatch.setattr(backups, "datetime", Later)
    assert backups.step(store, home) is True
    assert backups.step(store, home) is False
    (made,) = backups.listing(home.backups)
    assert backups.check(made.file).rows["claims"] == store.claims.count()
    assert made.file.stat().st_mode & 0o077 == 0


def test_the_commands_make_list_check_and_restore(home, store, monkeypatch):
    store.close()
    monkeypatch.setenv("CLAIMTRAIL_HOME", str(home.home))
    run = CliRunner().invoke
    made = json.loads(run(cli, ["backup", "--json"]).output)
    assert os.path.getsize(made["file"]) == made["bytes"]
    assert json.loads(run(cli, ["backup", "--list", "--json"]).output)["file"] == made["file"]
    assert json.loads(run(cli, ["restore", made["file"], "--check", "--json"]).output)["rows"]["decisions"] >= 2
    assert run(cli, ["restore", made["file"]], input="n\n").exit_code == 1
    told = json.loads(run(cli, ["restore", made["file"], "--yes", "--json"]).output)
    assert Path(told["kept"]).exists() and told["secret"]
    flip(Path(made["file"]))
    refused = run(cli, ["restore", made["file"], "--check"])
    assert refused.exit_code == 1 and "Error: " in refused.output and "Traceback" not in refused.output
