"""Notices: what somebody heard of, each thing once, and by which ways it goes out to them."""

from __future__ import annotations

from collections.abc import Iterable

from db.clock import now
from db.connection import Connection
from db.events import _event
from factcheck.records import Because, NewNotice, Notice

COUNTED = 100  # unread notices are counted up to here


class Notices:
    def __init__(self, connection: Connection):
        self._c = connection

    def tell(self, new: Iterable[NewNotice]) -> int:
        """Write notices with the ways they go out; how many were new. What a user has heard of before is not told again:
        only a way it has not gone yet is added."""
        made = 0
        with self._c.write() as db:
            for notice in new:
                known = db.execute(
                    "SELECT id FROM notices WHERE user_id = ? AND thing = ?", [notice.user_id, notice.event.thing]
                ).fetchone()
                if known:
                    notice_id = known["id"]
                    if notice.in_app:
                        db.execute("UPDATE notices SET in_app = 1 WHERE id = ?", [notice_id])
                else:
                    notice_id = db.execute(
                        "INSERT INTO notices (user_id, alert_id, event_id, thing, because, in_app, at) VALUES (?, ?, ?, ?, ?, ?, ?)",
                        [
                            notice.user_id, notice.alert_id, notice.event.id, notice.event.thing, str(notice.because),
                            int(notice.in_app), now(),
                        ],
                    ).lastrowid  # fmt: skip
                    made += 1
                if notice.alert_id:
                    db.execute(
                        "INSERT OR IGNORE INTO notice_alerts (alert_id, notice_id) VALUES (?, ?)", [notice.alert_id, notice_id]
                    )
                for channel, webhook_id, due_at in notice.dispatches:
                    db.execute(
                        "INSERT INTO dispatches (notice_id, channel, webhook_id, user_id, due_at) VALUES (?, ?, ?, ?, ?) "
                        "ON CONFLICT (notice_id, channel, webhook_id) DO UPDATE SET due_at = min(dispatches.due_at, excluded.due_at) "
                        "WHERE dispatches.delivery_id IS NULL",
                        [notice_id, channel, webhook_id, notice.user_id, due_at],
                    )
        return made

    def of_user(self, user_id: int, *, before: int | None = None, limit: int = 50) -> list[Notice]:
        """What a user sees in the app, newest first; ``before`` is the number of the last one seen."""
        return self._read(
            "WHERE n.user_id = ? AND n.in_app = 1 AND n.id < ? ORDER BY n.id DESC LIMIT ?", [user_id, before or 2**62, limit]
        )

    def unread(self, user_id: int) -> int:
        """How many a user has not read, up to ``COUNTED``."""
        sql = "SELECT count(*) FROM (SELECT 1 FROM notices WHERE user_id = ? AND read_at IS NULL AND in_app = 1 LIMIT ?)"
        return self._c.db.execute(sql, [user_id, COUNTED]).fetchone()[0]

    def newest_unread(self, user_id: int, limit: int) -> list[Notice]:
        where = "WHERE n.user_id = ? AND n.read_at IS NULL AND n.in_app = 1 ORDER BY n.id DESC LIMIT ?"
        return self._read(where, [user_id, limit])

    def of_alert(self, alert_id: int, limit: int = 50) -> list[Notice]:
        """What an alert has told, newest first."""
        where = "JOIN notice_alerts m ON m.notice_id = n.id WHERE m.alert_id = ? ORDER BY n.id DESC LIMIT ?"
        return self._read(where, [alert_id, limit])

    def told(self, alert_ids: Iterable[int]) -> dict[int, tuple[int, str]]:
        """Alert id -> (how many notices it gave, when the last)."""
        sql = (
            "SELECT m.alert_id, count(*) AS n, max(x.at) AS at FROM notice_alerts m JOIN notices x ON x.id = m.notice_id "
            "WHERE m.alert_id IN ({}) GROUP BY m.alert_id"
        )
        return {r["alert_id"]: (r["n"], r["at"]) for r in self._c.db.execute(sql.format(",".join(str(int(i)) for i in alert_ids)))}

    def many(self, ids: Iterable[int]) -> list[Notice]:
        """Notices by number, oldest first."""
        wanted = sorted(set(ids))
        found: list[Notice] = []
        for i in range(0, len(wanted), 500):
            part = wanted[i : i + 500]
            found += self._read(f"WHERE n.id IN ({','.join('?' * len(part))}) ORDER BY n.id", part)
        return found

    def read(self, user_id: int, notice_id: int) -> Notice | None:
        """Mark one of the user's notices as read; None when it is not theirs."""
        with self._c.write() as db:
            db.execute("UPDATE notices SET read_at = ? WHERE id = ? AND user_id = ? AND read_at IS NULL", [now(), notice_id, user_id])
        return next(iter(self._read("WHERE n.id = ? AND n.user_id = ?", [notice_id, user_id])), None)

    def read_all(self, user_id: int, up_to: int) -> None:
        """Mark all up to a number as read: what came while the page was looked at stays unread."""
        with self._c.write() as db:
            db.execute(
                "UPDATE notices SET read_at = ? WHERE user_id = ? AND read_at IS NULL AND in_app = 1 AND id <= ?", [now(), user_id, up_to]
            )

    def _read(self, rest: str, values: list) -> list[Notice]:
        rows = self._c.db.execute(
            f"""
            SELECT e.*, n.id AS notice_id, n.user_id, n.because, n.at AS told_at, n.read_at, n.alert_id, coalesce(a.name, '') AS alert_name
            FROM notices n JOIN events e ON e.id = n.event_id LEFT JOIN alerts a ON a.id = n.alert_id {rest}
            """,
            values,
        )
        own = ("notice_id", "user_id", "because", "told_at", "read_at", "alert_id", "alert_name")
        return [
            Notice(
                id=r["notice_id"],
                user_id=r["user_id"],
                event=_event({k: r[k] for k in r.keys() if k not in own}),
                because=Because(r["because"]),
                at=r["told_at"],
                read_at=r["read_at"],
                alert_id=r["alert_id"],
                alert_name=r["alert_name"],
            )
            for r in rows
        ]
