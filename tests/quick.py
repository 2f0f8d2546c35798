"""What makes the tests quick and leaves none of them out.

What every test would make anew and is the same for all of a process is made by the first and handed to the others: the first to need a page's
template compiles it, the first to need an empty database migrates one. Files lie in memory. Of the test files those that take longest come first.
"""

from __future__ import annotations

import os
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

# Files whose tests take longest, the longest first, so that none of them is waited for at the end when nothing is left for the other worker.
FIRST = (
    "test_journeys",  # its archive, minutes where it is not there yet
    "test_every_page", "test_any_text", "test_train_matching", "test_kills", "test_cli_measuring", "test_embed", "test_fifty_decisions", "test_claim_page",
    "test_train_statements", "test_watching_stops", "test_people_desk", "test_access_table",
)  # fmt: skip
LAST = ("test_ranking_quality",)  # what the archive's making left of vectors serves it
MEMORY = Path("/dev/shm")
ROOM = 6 * 2**30  # bytes; what all tests put down at once is a third of it


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


def order() -> dict[str, int]:
    """Name of a test file -> its place: below 0 for those that come first, above 0 for the last."""
    return {name: i - len(FIRST) for i, name in enumerate(FIRST)} | {name: i + 1 for i, name in enumerate(LAST)}


def work_in_memory() -> None:
    """Let temporary files lie in memory, where there is room and nobody said another place: each commit waits for a disk otherwise."""
    if "TMPDIR" not in os.environ and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= ROOM and _free_memory() >= ROOM:
        os.environ["TMPDIR"] = str(MEMORY)
        tempfile.tempdir = None  # it is looked up anew


def _free_memory() -> int:
    """Bytes of the machine's memory that programs can still have."""
    told = dict(line.split(":") for line in Path("/proc/meminfo").read_text().splitlines())
    return int(told["MemAvailable"].split()[0]) * 1024


def share_templates() -> None:
    """From now on applications compile a template only if none before them did."""
    flask.Flask.jinja_options = {**flask.Flask.jinja_options, "bytecode_cache": Compiled()}


def share_empty_stores() -> EmptyStores:
    """From now on ``db.open_store`` copies; to be called before others import it."""
    db.open_store = EmptyStores()
    return db.open_store
