"""Requests that came with a key of their own: done once, and answered the same when they are sent again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from db.clock import now
from db.connection import Connection
from factcheck.errors import BadInput, KeyInUse

KEPT = timedelta(hours=24)
WAITED = timedelta(minutes=5)  # a request that has not ended by then was broken off


class Requests:
    def __init__(self, connection: Connection):
        self._c = connection

    def begin(self, user_id: int, key: str, asked: str) -> tuple[int, str] | None:
        """Take a key for a request; (status, answer) when it was done before.

        ``asked`` tells requests apart. Raises BadInput for another request with the key, KeyInUse while the first is under way.
        """
        moment = datetime.now(UTC)
        with self._c.write() as db:
            db.execute("DELETE FROM keyed_requests WHERE at < ?", [(moment - KEPT).isoformat(timespec="seconds")])
            row = db.execute("SELECT * FROM keyed_requests WHERE user_id = ? AND key = ?", [user_id, key]).fetchone()
            if row and row["asked"] != asked:
                raise BadInput("This Idempotency-Key came with another request before. Use a new one.", key="key_reused")
            since, until = ((moment + shift).isoformat(timespec="seconds") for shift in (-WAITED, WAITED))  # later: the clock was set back
            if row and row["status"] is None and since < row["at"] <= until:
                raise KeyInUse("The first request with this Idempotency-Key is still under way. Ask again in a moment.", key="key_in_use")
            if row and row["status"] is not None:
                return row["status"], row["answer"]
            db.execute(
                "INSERT INTO keyed_requests (user_id, key, asked, at) VALUES (?, ?, ?, ?) ON CONFLICT (user_id, key) DO UPDATE SET at = excluded.at",
                [user_id, key, asked, now()],
            )
        return None

    def keep(self, user_id: int, key: str, status: int, answer: str) -> None:
        with self._c.write() as db:
            db.execute("UPDATE keyed_requests SET status = ?, answer = ? WHERE user_id = ? AND key = ?", [status, answer, user_id, key])

    def forget(self, user_id: int, key: str) -> None:
        """The request failed: it may be sent again with the key."""
        with self._c.write() as db:
            db.execute("DELETE FROM keyed_requests WHERE user_id = ? AND key = ? AND status IS NULL", [user_id, key])
