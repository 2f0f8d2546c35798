"""Webhooks, and what goes out to them and by mail: packed once, tried again, logged."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from db.clock import now
from db.connection import Connection
from factcheck.records import Delivery, Parcel, Webhook

LONGEST_WAIT = timedelta(days=8)  # nothing is due later than in a week: a later time was written by a clock that has been set back
LEASE = timedelta(minutes=5)  # who took a delivery and did not come back in this time has ended


class Deliveries:
    def __init__(self, connection: Connection):
        self._c = connection

    # Webhooks

    def add_webhook(self, user_id: int, url: str, salt: str) -> Webhook:
        with self._c.write() as db:
            row = db.execute(
                "INSERT INTO webhooks (user_id, url, salt, created_at) VALUES (?, ?, ?, ?) RETURNING *", [user_id, url, salt, now()]
            ).fetchone()
        return Webhook(**dict(row))

    def webhook(self, webhook_id: int) -> Webhook | None:
        row = self._c.db.execute("SELECT * FROM webhooks WHERE id = ?", [webhook_id]).fetchone()
        return Webhook(**dict(row)) if row else None

    def webhooks(self, user_id: int) -> list[Webhook]:
        rows = self._c.db.execute("SELECT * FROM webhooks WHERE user_id = ? ORDER BY id", [user_id])
        return [Webhook(**dict(r)) for r in rows]

    def set_salt(self, webhook_id: int, salt: str) -> None:
        """Give a webhook another key."""
        with self._c.write() as db:
            db.execute("UPDATE webhooks SET salt = ? WHERE id = ?", [salt, webhook_id])

    def set_webhook_on(self, webhook_id: int, on: bool) -> None:
        """Switch a webhook on or off. What waits while it is off is not sent later."""
        with self._c.write() as db:
            db.execute("UPDATE webhooks SET disabled_at = ? WHERE id = ?", [None if on else now(), webhook_id])
            if not on:
                self._drop(db, webhook_id)

    def delete_webhook(self, webhook_id: int) -> None:
        with self._c.write() as db:
            self._drop(db, webhook_id)
            db.execute("DELETE FROM webhooks WHERE id = ?", [webhook_id])

    def _drop(self, db: Any, webhook_id: int) -> None:
        db.execute("DELETE FROM dispatches WHERE channel = 'webhook' AND webhook_id = ? AND delivery_id IS NULL", [webhook_id])
        db.execute(
            "UPDATE deliveries SET state = 'failed', answer = 'switched off' WHERE webhook_id = ? AND state = 'waiting'", [webhook_id]
        )

    # Packing

    def due(self, moment: datetime, most: int, quiet: timedelta) -> Parcel | None:
        """Notices that are due and go to one place, at most so many; those that follow a mail of less than ``quiet`` ago wait."""
        at, far = _stamp(moment), _stamp(moment + LONGEST_WAIT)
        first = self._c.db.execute(
            """
            SELECT channel, user_id, webhook_id FROM dispatches d WHERE delivery_id IS NULL AND (due_at <= ?1 OR due_at > ?2)
            AND NOT (channel = 'mail' AND EXISTS (SELECT 1 FROM deliveries x WHERE x.user_id = d.user_id AND x.channel = 'mail'
              AND x.created_at > ?3 AND x.created_at <= ?1))
            ORDER BY notice_id LIMIT 1
            """,
            [at, far, _stamp(moment - quiet)],
        ).fetchone()
        if first is None:
            return None
        rows = self._c.db.execute(
            "SELECT notice_id FROM dispatches WHERE delivery_id IS NULL AND channel = ? AND user_id = ? AND webhook_id = ? "
            "AND (due_at <= ? OR due_at > ?) ORDER BY notice_id LIMIT ?",
            [*first, at, far, most],
        )
        return Parcel(first["channel"], first["user_id"], first["webhook_id"], tuple(r["notice_id"] for r in rows))

    def pack(self, parcel: Parcel, key: str, content: dict[str, Any], moment: datetime) -> bool:
        """Make one delivery of a parcel; False, and nothing, when somebody else packed any of it meanwhile."""
        marks = ",".join(str(int(i)) for i in parcel.notice_ids)
        with self._c.write() as db:
            left = db.execute(
                f"SELECT count(*) FROM dispatches WHERE notice_id IN ({marks}) AND channel = ? AND webhook_id = ? AND delivery_id IS NULL",
                [parcel.channel, parcel.webhook_id],
            ).fetchone()[0]
            if left != len(parcel.notice_ids):
                return False
            delivery_id = self.put(parcel.channel, key, content, moment, user_id=parcel.user_id, webhook_id=parcel.webhook_id or None)
            db.execute(
                f"UPDATE dispatches SET delivery_id = ? WHERE notice_id IN ({marks}) AND channel = ? AND webhook_id = ?",
                [delivery_id, parcel.channel, parcel.webhook_id],
            )
        return True

    def drop(self, parcel: Parcel) -> None:
        """Forget what nobody may or can receive any more."""
        marks = ",".join(str(int(i)) for i in parcel.notice_ids)
        with self._c.write() as db:
            db.execute(
                f"DELETE FROM dispatches WHERE notice_id IN ({marks}) AND channel = ? AND webhook_id = ? AND delivery_id IS NULL",
                [parcel.channel, parcel.webhook_id],
            )

    def put(
        self, channel: str, key: str, content: dict[str, Any], moment: datetime, *, user_id: int, webhook_id: int | None = None
    ) -> int | None:
        """Queue one delivery; its number, None when one with this key is there already."""
        with self._c.write() as db:
            row = db.execute(
                "INSERT INTO deliveries (channel, user_id, webhook_id, key, content, next_at, created_at) VALUES (?, ?, ?, ?, ?, '', ?) "
                "ON CONFLICT (key) DO NOTHING RETURNING id",
                [channel, user_id, webhook_id, key, json.dumps(content, ensure_ascii=False), _stamp(moment)],
            ).fetchone()
        return row["id"] if row else None

    def note_test(self, webhook: Webhook, key: str, content: dict[str, Any], moment: datetime, answer: str, failed: str) -> None:
        """Keep a test that was posted at once in the webhook's log; ``failed`` says why it was not taken, "" when it was."""
        with self._c.write() as db:
            db.execute(
                "INSERT INTO deliveries (channel, user_id, webhook_id, key, content, state, tries, next_at, answer, created_at, sent_at) "
                "VALUES ('webhook', ?, ?, ?, ?, ?, 1, '', ?, ?, ?)",
                [
                    webhook.user_id, webhook.id, key, json.dumps(content, ensure_ascii=False), "failed" if failed else "sent",
                    failed or answer, _stamp(moment), None if failed else _stamp(moment),
                ],
            )  # fmt: skip

    # Sending

    def take(self, moment: datetime) -> Delivery | None:
        """Take the next delivery that is due, oldest first, for one try; nobody else takes it for ``LEASE``.

        One to a webhook waits while an earlier one is being tried or tried again: what is heard there stays in order, and a
        receiver that does not answer costs one wait, not one for each delivery.
        """
        at, far = _stamp(moment), _stamp(moment + LONGEST_WAIT)
        with self._c.write() as db:
            row = db.execute(
                """
                UPDATE deliveries SET tries = tries + 1, next_at = ?3 WHERE id = (
                  SELECT id FROM deliveries d WHERE state = 'waiting' AND (next_at <= ?1 OR next_at > ?2)
                  AND NOT (d.webhook_id IS NOT NULL AND EXISTS (SELECT 1 FROM deliveries e WHERE e.webhook_id = d.webhook_id
                    AND e.state = 'waiting' AND e.id < d.id AND e.next_at > ?1 AND e.next_at <= ?2))
                  ORDER BY id LIMIT 1)
                RETURNING *
                """,
                [at, far, _stamp(moment + LEASE)],
            ).fetchone()
        return _delivery(row) if row else None

    def sent(self, delivery_id: int, answer: str, moment: datetime) -> None:
        """It was taken. Of a mail the text is not kept any longer."""
        kept = "content = CASE channel WHEN 'mail' THEN json_remove(content, '$.text', '$.html') ELSE content END"
        self._end(delivery_id, f"state = 'sent', answer = ?, sent_at = ?, {kept}", [answer, _stamp(moment)])

    def failed(self, delivery_id: int, answer: str) -> None:
        """It is not tried again."""
        self._end(delivery_id, "state = 'failed', answer = ?", [answer])

    def again(self, delivery_id: int, answer: str, at: datetime) -> None:
        """It is tried again at a moment."""
        self._end(delivery_id, "answer = ?, next_at = ?", [answer, _stamp(at)])

    def _end(self, delivery_id: int, change: str, values: list) -> None:
        with self._c.write() as db:
            db.execute(f"UPDATE deliveries SET {change} WHERE id = ? AND state = 'waiting'", [*values, delivery_id])

    def get(self, delivery_id: int) -> Delivery | None:
        row = self._c.db.execute("SELECT * FROM deliveries WHERE id = ?", [delivery_id]).fetchone()
        return _delivery(row) if row else None

    def of_webhook(self, webhook_id: int, limit: int = 20, *, before: int | None = None) -> list[Delivery]:
        """The log of a webhook, newest first, from the one before ``before`` on."""
        rows = self._c.db.execute(
            "SELECT * FROM deliveries WHERE webhook_id = ? AND id < ? ORDER BY id DESC LIMIT ?", [webhook_id, before or 2**62, limit]
        )
        return [_delivery(r) for r in rows]

    def last_mail(self, user_id: int) -> Delivery | None:
        """The newest mail to a user, sent or not."""
        row = self._c.db.execute(
            "SELECT * FROM deliveries WHERE user_id = ? AND channel = 'mail' ORDER BY id DESC LIMIT 1", [user_id]
        ).fetchone()
        return _delivery(row) if row else None

    def counts(self) -> dict[str, int]:
        """How many deliveries there are, by state."""
        rows = self._c.db.execute("SELECT state, count(*) AS n FROM deliveries GROUP BY state")
        return {r["state"]: r["n"] for r in rows}


def _stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def _delivery(row: Any) -> Delivery:
    return Delivery(**{**dict(row), "content": json.loads(row["content"])})
