"""Files given to import, from the moment they are looked at until they are in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from db.clock import now
from db.connection import Connection
from factcheck.records import Upload


class Uploads:
    def __init__(self, connection: Connection):
        self._c = connection

    def add(self, name: str, content: bytes, user_id: int, user_name: str) -> int:
        with self._c.write() as db:
            return db.execute(
                "INSERT INTO uploads (name, content, user_id, user_name, at) VALUES (?, ?, ?, ?, ?)", [name, content, user_id, user_name, now()]
            ).lastrowid

    def get(self, upload_id: int) -> Upload | None:
        return self._read("id = ?", upload_id)

    def of_job(self, job_id: int) -> Upload | None:
        return self._read("job_id = ?", job_id)

    def set_columns(self, upload_id: int, columns: Mapping[str, str]) -> None:
        with self._c.write() as db:
            db.execute("UPDATE uploads SET columns = ? WHERE id = ?", [json.dumps(dict(columns), ensure_ascii=False), upload_id])

    def begin(self, upload_id: int, job_id: int) -> None:
        with self._c.write() as db:
            db.execute("UPDATE uploads SET job_id = ? WHERE id = ?", [job_id, upload_id])

    def advance(self, upload_id: int, reached: int, report: Mapping[str, Any]) -> None:
        with self._c.write() as db:
            db.execute("UPDATE uploads SET reached = ?, report = ? WHERE id = ?", [reached, json.dumps(report, ensure_ascii=False), upload_id])

    def remove(self, upload_id: int) -> None:
        with self._c.write() as db:
            db.execute("DELETE FROM uploads WHERE id = ?", [upload_id])

    def forget(self, before: str) -> None:
        """Let go of files that were only looked at, before a moment."""
        with self._c.write() as db:
            db.execute("DELETE FROM uploads WHERE job_id IS NULL AND at < ?", [before])

    def _read(self, where: str, value: int) -> Upload | None:
        row = self._c.db.execute(f"SELECT * FROM uploads WHERE {where}", [value]).fetchone()
        return Upload(**{**dict(row), "columns": json.loads(row["columns"]), "report": json.loads(row["report"])}) if row else None
