"""A full export: one archive that a fresh instance imports to the same state.

A ZIP archive with a file of JSON Lines for each table and ``manifest.json``, which holds the version of the schema and a checksum of each
file. What can be made anew (vectors, word indexes) is not in it and is made anew on import.
"""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from db import Store
from factcheck import __version__, pipeline
from factcheck.embed import Encoder
from factcheck.errors import BadInput, ClaimtrailError

FORM = "Claimtrail full export"
_MANIFEST = "manifest.json"
BLOCK = 1 << 20
_LONGEST_MANIFEST = 1 << 20  # bytes, unpacked: a line for each of some sixty tables is about ten thousand
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Done:
    tables: int
    rows: int
    with_users: bool


def write_all(store: Store, file: Path, *, with_users: bool = False, progress: Progress = lambda *_: None) -> Done:
    """Write everything as it is at this moment. ``with_users``: also what lets people and programs in. Raises ClaimtrailError."""
    part = file.with_name(file.name + ".part")
    told: dict[str, dict[str, Any]] = {}
    try:
        with part.open("wb") as out:
            out.writelines(pieces(store, told, with_users=with_users, progress=progress))
        os.chmod(part, 0o600)
        part.replace(file)
    except OSError as error:
        raise ClaimtrailError(f"{file} cannot be written ({error.strerror}). Name another file.") from None
    finally:
        part.unlink(missing_ok=True)
    return Done(len(told), sum(t["rows"] for t in told.values()), with_users)


def pieces(
    store: Store, told: dict[str, dict[str, Any]] | None = None, *, with_users: bool = False, progress: Progress = lambda *_: None
) -> Iterator[bytes]:
    """A full export as it is written, everything as it is when the first piece is asked for; ``told`` is filled with what stands in the manifest
    of each table. The manifest comes last: what was broken off has none and is refused."""
    told = {} if told is None else told
    out = _Written()
    with store.whole.unchanging():
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[call-overload]
            tables = store.whole.tables(with_users=with_users)
            for number, table in enumerate(tables, 1):
                digest, rows = hashlib.sha256(), 0
                with archive.open(f"{table}.jsonl", "w", force_zip64=True) as source:
                    for row in store.whole.rows(table, with_users=with_users):
                        line = (json.dumps(row, ensure_ascii=False) + "\n").encode()
                        digest.update(line)
                        source.write(line)
                        rows += 1
                        if out.size > BLOCK:
                            yield out.take()
                told[table] = {"rows": rows, "sha256": digest.hexdigest()}
                progress("tables", number, len(tables))
            manifest = {
                "form": FORM, "program": __version__, "schema": store.whole.version(), "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
                "with_users": with_users, "tables": told,
            }  # fmt: skip
            archive.writestr(_MANIFEST, json.dumps(manifest, indent=1))
        yield out.take()


class _Written:
    """What an archive writes, until it is taken."""

    def __init__(self) -> None:
        self._held: list[bytes] = []
        self.size = 0

    def write(self, piece: bytes) -> int:
        self._held.append(bytes(piece))
        self.size += len(piece)
        return len(piece)

    def flush(self) -> None:
        pass

    def take(self) -> bytes:
        found, self._held, self.size = b"".join(self._held), [], 0
        return found


def read_all(store: Store, encoder: Encoder, file: Path, progress: Progress = lambda *_: None) -> Done:
    """Take a full export into an empty database: all of it or nothing; then make the vectors.

    Raises BadInput when the database holds something, or the archive is damaged or of another version.
    """
    if filled := store.whole.filled():
        raise BadInput(
            f"The database is not empty (it holds {', '.join(filled[:3])}). A full export is imported into a new one: set CLAIMTRAIL_HOME to an "
            "empty folder, and do not run init there."
        )
    try:
        with zipfile.ZipFile(file) as archive:
            manifest = _manifest(archive)
            if manifest["schema"] != store.whole.version():
                raise BadInput(
                    f"The export was made by version {manifest['program']} with another schema. Import it with that version, then update the program."
                )
            tables: dict[str, dict[str, Any]] = manifest["tables"]
            for n, (table, told) in enumerate(tables.items(), 1):
                _check(archive, table, told)
                progress("checksums", n, len(tables))
            with store.write():
                rows = store.whole.load((table, _rows(archive, table)) for table in tables)
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError, AttributeError, EOFError, NotImplementedError, RuntimeError) as error:
        raise BadInput(f"{file.name} is no full export, or it is damaged ({error}). Export it again. Nothing was imported.") from error
    pipeline.embed_claims(store, encoder, progress=lambda made, of: progress("vectors of claims", made, of))
    pipeline.embed_statements(store, encoder)
    store.whole.settle(encoder.model_id)
    return Done(len(tables), rows, bool(manifest["with_users"]))


def _manifest(archive: zipfile.ZipFile) -> dict[str, Any]:
    with archive.open(_MANIFEST) as source:
        text = source.read(_LONGEST_MANIFEST + 1)  # however much is packed in it or promised of it
    if len(text) > _LONGEST_MANIFEST:
        raise ValueError(f"its manifest is longer than {_LONGEST_MANIFEST:,} bytes")
    manifest = json.loads(text)
    if manifest["form"] != FORM:
        raise ValueError("its manifest names another form")
    return manifest


def _check(archive: zipfile.ZipFile, table: str, told: dict[str, Any]) -> None:
    digest = hashlib.sha256()
    with archive.open(f"{table}.jsonl") as source:
        while block := source.read(BLOCK):
            digest.update(block)
    if digest.hexdigest() != told["sha256"]:
        raise BadInput(f"The checksum of {table} in the export is wrong: it was damaged or changed. Export it again. Nothing was imported.")


def _rows(archive: zipfile.ZipFile, table: str) -> Iterator[dict[str, Any]]:
    with archive.open(f"{table}.jsonl") as source:
        for line in TextIOWrapper(source, encoding="utf-8", newline="\n"):
            yield json.loads(line)
