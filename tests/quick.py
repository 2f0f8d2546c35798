"""What every test would make anew and is the same for all of a process: made by the first, handed to the others.

Nothing is left out by it: the first to need a page's template compiles it, the first to need an empty database migrates one.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from types import CodeType

import flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

import factcheck  # noqa: F401  before numpy: it says on how many threads that works
import db
import db.store

# Test files whose databases are all migrated, since they are about how a database comes to be.
FROM_SCRATCH = {"test_backups", "test_faults", "test_kills", "test_migrations", "test_power_cut", "test_store"}


class Compiled(BytecodeCache):
    """Templates' code for all applications of a process; a template whose text changed is compiled anew."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], CodeType] = {}  # (template, checksum of its text) -> code

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._codes[bucket.key, bucket.checksum] = bucket.code


class EmptyStores:
    """In place of ``db.open_store``: where a new file is asked for, a copy of the one that was migrated first."""

    def __init__(self) -> None:
        self.copying = True
        self._open = db.store.open_store
        self._folder = tempfile.TemporaryDirectory(prefix="claimtrail-empty-")

    def __call__(self, where: Path | str, **options) -> db.Store:
        if self.copying and isinstance(where, Path) and not where.exists():
            where.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(self._migrated(), where)
        return self._open(where, **options)

    def _migrated(self) -> Path:
        made = Path(self._folder.name) / "claimtrail.db"
        if not made.exists():
            unfinished = made.with_name("unfinished.db")
            self._open(unfinished).close()
            unfinished.rename(made)
        return made


def share_templates() -> None:
    """From now on applications compile a template only if none before them did."""
    flask.Flask.jinja_options = {**flask.Flask.jinja_options, "bytecode_cache": Compiled()}


def share_empty_stores() -> EmptyStores:
    """From now on ``db.open_store`` copies; to be called before others import it."""
    db.open_store = EmptyStores()
    return db.open_store
