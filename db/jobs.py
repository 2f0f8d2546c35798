"""Long work in the background, with its progress, for a page to show."""

from __future__ import annotations

import json
from typing import Any

from db.clock import now
from db.connection import Connection
from factcheck.records import Job


class Jobs:
    def __init__(self, connection: Connection):
        self._c = connection

    def get(self, job_id: int) -> Job | None:
        return next(iter(self._read("WHERE id = ?", [job_id])), None)

    def listing(self, limit: int = 50, before: int | None = None) -> list[Job]:
        """Jobs, the newest first; ``before`` a job's id gives older ones."""
        return self._read("WHERE id < ? ORDER BY id DESC LIMIT ?", [before or 2**62, limit])

    def open_one(self, kind: str) -> Job | None:
        """The job of this kind that is under way, the oldest first."""
        return next(iter(self._read("WHERE kind = ? AND state IN ('waiting', 'working') ORDER BY id LIMIT 1", [kind])), None)

    def begin(self, kind: str, subject: dict[str, Any], *, total: int = 0, by: str = "") -> int:
        """Note work that starts now; its id."""
        with self._c.write() as db:
            moment = now()
            return db.execute(
                "INSERT INTO jobs (kind, subject, state, total, by, created_at, started_at) VALUES (?, ?, 'working', ?, ?, ?, ?)",
                [kind, _json(subject), total, by, moment, moment],
            ).lastrowid

    def progress(
        self, job_id: int, *, done: int, total: int, subject: dict[str, Any] | None = None, result: dict[str, Any] | None = None
    ) -> None:
        """Note how far it has come; ``subject`` and ``result`` replace what was noted of them where given."""
        with self._c.write() as db:
            db.execute("UPDATE jobs SET done = ?, total = ? WHERE id = ?", [done, total, job_id])
            if subject is not None:
                db.execute("UPDATE jobs SET subject = ? WHERE id = ?", [_json(subject), job_id])
            if result is not None:
                db.execute("UPDATE jobs SET result = ? WHERE id = ?", [_json(result), job_id])

    def finish(self, job_id: int, error: str = "") -> None:
        """It is done, or has failed when there is an ``error``, which says what to do."""
        with self._c.write() as db:
            db.execute(
                "UPDATE jobs SET state = ?, error = ?, finished_at = ? WHERE id = ? AND state IN ('waiting', 'working')",
                ["failed" if error else "done", error, now(), job_id],
            )

    def _read(self, where: str, values: list) -> list[Job]:
        rows = self._c.db.execute(f"SELECT * FROM jobs {where}", values)
        return [
            Job(**{**dict(r), "subject": json.loads(r["subject"] or "{}"), "result": json.loads(r["result"] or "{}")}) for r in rows
        ]


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
