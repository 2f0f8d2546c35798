"""Importing a file that was sent to the server: looked at first, then imported in the background, a piece at a time.

Each piece is committed with the point it reached, so that a stopped server goes on where it was.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from io import BytesIO
from itertools import islice

from db import Store
from factcheck import claimforms, claimtables, importing, pipeline
from factcheck.claimforms import Entry
from factcheck.embed import Encoder
from factcheck.errors import BadInput, ClaimtrailError, NotAllowed, NotFound
from factcheck.importing import Foreseen
from factcheck.records import Role, Upload, User

JOB = "import"
AT_ONCE = 50  # entries imported in one go: a second or two with their vectors
COUNTED = ("new", "changed", "unchanged", "people")
SHOWN = 20  # entries of a preview, and bad ones named
TRIED = 200  # entries of which one must be readable
KEPT = timedelta(days=1)  # how long a file that was only looked at stays


@dataclass(frozen=True)
class Look:
    """What a file holds. ``columns`` of a table with the field each is taken for, "" for none; ``problem`` when it cannot be read yet."""

    form: str
    columns: dict[str, str] = field(default_factory=dict)
    entries: list[Foreseen] = field(default_factory=list)
    total: int = 0
    bad: int = 0
    problem: ClaimtrailError | None = None


def take(store: Store, name: str, content: bytes, user: User) -> int:
    """Take a file to look at; its number. Raises BadInput for one that holds no claims in any form, NotAllowed."""
    _may(user)
    form = claimforms.form_of(BytesIO(content))
    if form == claimforms.TABLE:
        claimtables.columns(claimtables.decoded(content))
    else:
        reason = ""
        for entry in islice(claimforms.entries(BytesIO(content), name), TRIED):
            if entry.claim:
                break
            reason = reason or entry.reason
        else:
            raise BadInput(f"Nothing in the file can be read: {reason}.", key="import_nothing_read", reason=reason)
    with store.write():
        store.uploads.forget((datetime.now(UTC) - KEPT).isoformat(timespec="seconds"))
        upload_id = store.uploads.add(name, content, user.id, user.name)
        store.audit.add(user.name, "sent a file to import", "newsroom", 0, after={"files": [name], "bytes": len(content)})
    return upload_id


def look(store: Store, upload: Upload) -> Look:
    """What would become of the file's first entries; nothing is stored."""
    form, columns = claimforms.form_of(BytesIO(upload.content)), {}
    if form == claimforms.TABLE:
        names = claimtables.columns(claimtables.decoded(upload.content))
        fields = claimtables.mapping(names, upload.columns)
        columns = {name: fields.get(name, "") for name in names if name}
    try:
        found, crowded = _read(store, upload)
    except BadInput as problem:
        return Look(form, columns, problem=problem)
    foreseen = importing.preview(store, upload.name, found[:SHOWN], crowded)
    return Look(form, columns, foreseen, len(found), sum(entry.claim is None for entry in found))


def choose(store: Store, upload: Upload, columns: dict[str, str], user: User) -> None:
    """Say which column of a table holds what; "" leaves one out. Raises BadInput."""
    names = claimtables.columns(claimtables.decoded(upload.content))
    claimtables.mapping(names, columns)
    with store.write():
        store.uploads.set_columns(upload.id, columns)
        store.audit.add(user.name, "chose columns to import", "newsroom", 0, after={"files": [upload.name], **columns})


def start(store: Store, upload: Upload, user: User) -> int:
    """Begin the import in the background; the job's number. Begun once, however often it is asked for. Raises BadInput, NotAllowed."""
    _may(user)
    found, _ = _read(store, upload)
    with store.write():
        current = store.uploads.get(upload.id)
        if current is None:
            raise NotFound("The file is in already. See the background work.", key="import_gone")
        if current.job_id:
            return current.job_id
        job_id = store.jobs.begin(JOB, {"file": upload.name}, total=len(found), by=user.name)
        store.uploads.begin(upload.id, job_id)
        store.audit.add(user.name, "began an import", "newsroom", 0, after={"files": [upload.name]})
    return job_id


def of(store: Store, upload_id: int, user: User) -> Upload:
    """A file as the user who sent it sees it. Raises NotFound."""
    upload = store.uploads.get(upload_id)
    if upload is None or upload.user_id != user.id:
        raise NotFound("The file is in already. See the background work.", key="import_gone")
    return upload


def step(store: Store, encoder: Encoder) -> bool:
    """Import a piece of the file that is under way; False when there is none."""
    job = store.jobs.open_one(JOB)
    if job is None:
        return False
    upload = store.uploads.of_job(job.id)
    if upload is None:
        store.jobs.finish(job.id, "The file is gone. Send it again.")
        return True
    try:
        found, crowded = _read(store, upload)
    except BadInput as error:
        with store.write():
            store.jobs.finish(job.id, str(error))
            store.uploads.remove(upload.id)
        return True
    with store.write():
        upload = store.uploads.of_job(job.id)
        if upload is None:
            return True  # another process finished it
        some = found[upload.reached : upload.reached + AT_ONCE]
        report = importing.Report(**{k: upload.report.get(k, 0) for k in COUNTED})
        importing.put(store, importing.Batch(upload.name, crowded), some, report)
        reached = upload.reached + len(some)
        bad = upload.report.get("bad", 0) + len(report.bad)
        named = [*upload.report.get("named", []), *([place, reason] for _, place, reason in report.bad)][:SHOWN]
        result = {k: getattr(report, k) for k in COUNTED} | {"bad": bad, "named": named}
        store.uploads.advance(upload.id, reached, result)
        store.jobs.progress(job.id, done=reached, total=len(found), result=result)
        if reached >= len(found):
            store.jobs.finish(job.id)
            store.uploads.remove(upload.id)
            counts = {k: result[k] for k in COUNTED} | {"bad lines": bad}
            store.audit.add(job.by, "imported claims", "newsroom", 0, after={"files": [upload.name], **counts})
    pipeline.embed_claims(store, encoder)
    return True


def _read(store: Store, upload: Upload) -> tuple[list[Entry], frozenset[int]]:
    own = tuple(sorted(store.rating_words.table().items()))
    return _entries(upload.content, upload.name, tuple(sorted(upload.columns.items())), own)


@lru_cache(maxsize=2)
def _entries(content: bytes, name: str, columns: tuple, own: tuple) -> tuple[list[Entry], frozenset[int]]:
    """The entries of a file: read once for all its pieces."""
    found = list(claimforms.entries(BytesIO(content), name, dict(columns), dict(own)))
    return found, importing.survey(found)[1]


def _may(user: User) -> None:
    if not user.role.includes(Role.EDITOR):
        raise NotAllowed("Only editors import claims.", key="only_editors_import")
