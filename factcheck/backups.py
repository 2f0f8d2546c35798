"""Backups: everything that cannot be made again, as it was at one moment, in one file that says what it holds.

A ZIP archive with the database, the trained files of the newsroom's own, the secret unless that is kept elsewhere, and ``manifest.json``,
which names the program's version, the schema, the rows of each table and a checksum of each file. It is read through before it counts as
made, gets its name when it is whole, and takes the place of what is there only when all of it has been checked.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import Any

from db import Store, copying, open_store
from factcheck import __version__, adapter, installation, tenancy
from factcheck.errors import BadInput, ClaimtrailError, StoreUnavailable
from factcheck.settings import Settings

FORM = "Claimtrail backup"
DATABASE = "claimtrail.db"
WEEKS = 4  # of each of the last weeks the newest backup is kept beside the newest ones
_MANIFEST = "manifest.json"
_NAME = re.compile(r"claimtrail-(\d{8}T\d{6})Z(?:-\d+)?\.zip")
_BLOCK = 1 << 20


@dataclass(frozen=True)
class Backup:
    """A backup on file, by its name: when it was made (UTC) and how many bytes it takes."""

    file: Path
    made_at: datetime
    size: int


@dataclass(frozen=True)
class Content:
    """What a backup says of itself, and what was found to be true."""

    program: str
    made_at: str
    rows: dict[str, int]
    files: tuple[str, ...]

    @property
    def holds_secret(self) -> bool:
        return installation.FILE in self.files


def make(store: Store, settings: Settings, folder: Path | None = None) -> Backup:
    """Make a backup while others go on; it has been read through when this returns. Raises StoreUnavailable, ClaimtrailError."""
    folder = folder or settings.backups
    try:
        with _one_at_a_time(folder), _draft(folder, ".backup-") as draft:
            store.copy_to(draft / DATABASE)
            held = copying.look(draft / DATABASE)
            if held.problems:
                raise StoreUnavailable(
                    f"The database is damaged ({held.problems[0]}), so no backup was made of it. Restore the newest backup: claimtrail restore"
                )
            made_at = datetime.now(UTC)
            part = draft / "whole.zip"
            _pack(part, settings, draft / DATABASE, held, made_at)
            target = _name(folder, made_at)
            os.replace(part, target)
            _fsync(folder)
    except OSError as error:
        raise ClaimtrailError(f"The backup could not be written to {folder} ({error.strerror}). Free some space there or name another folder.") from None
    return Backup(target, made_at, target.stat().st_size)


def listing(folder: Path) -> list[Backup]:
    """The backups in a folder, the newest first."""
    found = []
    for file in folder.glob("claimtrail-*.zip"):
        if match := _NAME.fullmatch(file.name):
            made_at = datetime.strptime(match[1], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
            found.append(Backup(file, made_at, file.stat().st_size))
    return sorted(found, key=lambda b: (b.made_at, b.file.name), reverse=True)


def check(file: Path) -> Content:
    """Read a backup through, and the database in it. Raises BadInput when anything is not as it says."""
    with tempfile.TemporaryDirectory(prefix="claimtrail-") as scratch:
        return _unpacked(file, Path(scratch))


def restore(settings: Settings, file: Path) -> tuple[Content, Path | None]:
    """Put a backup in the place of what is there; what it held, and the file the earlier database is kept in.

    All is checked, and the database brought to this program's version, before anything is replaced. Raises BadInput for a backup that is
    damaged or of a newer program, ClaimtrailError while a server or command uses the home.
    """
    with tenancy.alone(settings.home):
        try:
            with _draft(settings.home, ".restore-") as draft:
                content = _unpacked(file, draft)
                open_store(draft / DATABASE).close()
                _settle(draft / DATABASE)
                moment = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
                had = settings.database.exists()
                kept = settings.database.with_name(f"{DATABASE}.before-{moment}")
                for name in content.files:
                    if name != DATABASE:
                        _take_over(draft / name, settings.home / name, moment)
                shutil.rmtree(settings.home / "index", ignore_errors=True)  # of vectors; made anew from the database
                copying.put_in_place(draft / DATABASE, settings.database, kept)
        except OSError as error:
            raise ClaimtrailError(f"{settings.home} cannot be written to ({error.strerror}). Free some space, then restore again.") from None
    return content, kept if had else None


def step(store: Store, settings: Settings) -> bool:
    """Make a backup when one is due, and let go of old ones; True when there was something to do."""
    if not is_due(store, settings, datetime.now(UTC)):
        return False
    make(store, settings)
    prune(settings.backups, settings.backup_keep)
    return True


def is_due(store: Store, settings: Settings, now: datetime) -> bool:
    """True when the newest backup, or without one the database itself, is older than the settings want it.

    One from the future, as after a clock was set back, counts for nothing. A database on a server is backed up there.
    """
    if not settings.backup_hours or settings.database_url:
        return False
    past = [b.made_at for b in listing(settings.backups) if b.made_at <= now + timedelta(minutes=5)]
    return now - max(past, default=store.began_at()) >= timedelta(hours=settings.backup_hours)


def prune(folder: Path, keep: int) -> list[Path]:
    """Remove all but the newest ``keep`` backups and the newest of each of the last weeks; the files removed."""
    found = listing(folder)
    kept = set(b.file for b in found[:keep])
    weeks: dict[tuple[int, int], Path] = {}
    for backup in found:
        weeks.setdefault(backup.made_at.isocalendar()[:2], backup.file)
    kept |= set(list(weeks.values())[:WEEKS])
    gone = [b.file for b in found if b.file not in kept]
    for file in gone:
        file.unlink(missing_ok=True)
    return gone


# Packing


def _pack(part: Path, settings: Settings, database: Path, held: copying.Copy, made_at: datetime) -> None:
    files = {DATABASE: database, **_beside(settings)}
    told = {}
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, path in files.items():
            told[name] = _put(archive, name, path)
        manifest = {
            "form": FORM, "program": __version__, "schema": list(held.schema), "made_at": made_at.isoformat(timespec="seconds"),
            "rows": held.rows, "files": told,
        }  # fmt: skip
        archive.writestr(_MANIFEST, json.dumps(manifest, indent=1))
    os.chmod(part, 0o600)
    _fsync(part)


def _beside(settings: Settings) -> dict[str, Path]:
    """What belongs to the newsroom beside its database: what it trained, and the secret unless that is kept elsewhere."""
    found = {f"{adapter.FOLDER}/{p.name}": p for p in sorted((settings.home / adapter.FOLDER).glob("*.safetensors"))}
    secret = settings.home / installation.FILE
    if settings.backup_secret and secret.exists():
        found[installation.FILE] = secret
    return found


def _put(archive: zipfile.ZipFile, name: str, path: Path) -> dict[str, Any]:
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as source, archive.open(name, "w", force_zip64=True) as out:
        while block := source.read(_BLOCK):
            digest.update(block)
            size += len(block)
            out.write(block)
    return {"bytes": size, "sha256": digest.hexdigest()}


def _name(folder: Path, made_at: datetime) -> Path:
    stem = f"claimtrail-{made_at:%Y%m%dT%H%M%SZ}"
    names = [f"{stem}.zip", *(f"{stem}-{n}.zip" for n in range(2, 1000))]
    return next(folder / name for name in names if not (folder / name).exists())


# Unpacking


def _unpacked(file: Path, draft: Path) -> Content:
    """Unpack a backup into an empty folder and check everything it says. Raises BadInput."""
    try:
        with zipfile.ZipFile(file) as archive:
            manifest = json.loads(archive.read(_MANIFEST))
            if manifest["form"] != FORM:
                raise ValueError("its manifest names another form")
            schema, rows, files = manifest["schema"], manifest["rows"], manifest["files"]
            if copying.is_newer(schema):
                raise BadInput(f"The backup was made by a newer Claimtrail ({manifest['program']}). Update the program, then restore it.")
            if DATABASE not in files or set(files) | {_MANIFEST} != set(archive.namelist()):
                raise ValueError("its files are not those it names")
            for name, told in files.items():
                _take_out(archive, name, told, draft)
    except FileNotFoundError:
        raise BadInput(f"There is no file {file}. claimtrail backup --list names the backups.") from None
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError, AttributeError, EOFError, NotImplementedError, RuntimeError) as error:
        raise BadInput(f"{file.name} is no backup, or it is damaged ({error}). Take another one; nothing was changed.") from None
    try:
        held = copying.look(draft / DATABASE)
    except StoreUnavailable as error:
        raise BadInput(f"{file.name}: {error} Nothing was changed.") from None
    if held.problems or held.rows != rows or list(held.schema) != schema:
        said = held.problems[0] if held.problems else "it does not hold the rows it names"
        raise BadInput(f"The database in {file.name} is not sound ({said}). Take another backup; nothing was changed.")
    return Content(manifest["program"], manifest["made_at"], rows, tuple(files))


def _take_out(archive: zipfile.ZipFile, name: str, told: dict[str, Any], draft: Path) -> None:
    if name not in (DATABASE, installation.FILE) and not re.fullmatch(rf"{adapter.FOLDER}/[a-z.]+\.safetensors", name):
        raise ValueError(f"it holds {name!r}")
    target = draft / PurePosixPath(name)
    target.parent.mkdir(exist_ok=True)
    digest, left = hashlib.sha256(), told["bytes"]
    with archive.open(name) as source, target.open("wb") as out:
        while block := source.read(_BLOCK):
            digest.update(block)
            left -= len(block)
            if left < 0:  # more than it says: a bomb, or another file
                break
            out.write(block)
        out.flush()
        os.fsync(out.fileno())
    if left or digest.hexdigest() != told["sha256"]:
        raise ValueError(f"the checksum of {name} is wrong")


def _take_over(fresh: Path, target: Path, moment: str) -> None:
    """Put a file beside the database in its place; another one that was there stays under a name of its own."""
    target.parent.mkdir(exist_ok=True)
    if target.exists() and target.read_bytes() != fresh.read_bytes():
        shutil.copy2(target, target.with_name(f"{target.name}.before-{moment}"))
    os.chmod(fresh, 0o600 if target.name == installation.FILE else 0o644)
    os.replace(fresh, target)


def _settle(database: Path) -> None:
    """A database that was closed has nothing beside it; what is left would belong to no one."""
    for ending in copying.ASIDE:
        if database.with_name(database.name + ending).exists():
            raise StoreUnavailable(f"{database.name} was not closed. Restore again.")


# Folders


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    """Hold the folder's lock, and clear what a backup left behind that was stopped."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "backup.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ClaimtrailError("Another backup is being made. Wait until it is done.") from None
        yield


@contextmanager
def _draft(folder: Path, prefix: str) -> Iterator[Path]:
    """A folder to work in, gone at the end; so are those that stopped processes left. Called under a lock."""
    folder.mkdir(parents=True, exist_ok=True)
    for left_over in folder.glob(f"{prefix}*"):
        shutil.rmtree(left_over, ignore_errors=True)
    draft = Path(tempfile.mkdtemp(prefix=prefix, dir=folder))
    try:
        yield draft
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _fsync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
