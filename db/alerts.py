"""What users follow, and what the events they may hear of are about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from db.clock import now
from db.connection import Connection
from factcheck.records import About, Alert, Because, Event, Facts, Pace, Recipient, Role

INVOLVED = "involved"  # the bookmark of what tells those who linked or exported a claim

_STANDS_FOR = """CASE WHEN a.about = 'claim' THEN coalesce(c.merged_into, a.object_id)
      WHEN a.about IN ('person', 'promise status') THEN coalesce(p.merged_into, a.object_id) ELSE a.object_id END"""
_ALERT = f"""
    SELECT a.*, {_STANDS_FOR} AS stands_for
    FROM alerts a
    LEFT JOIN claims c ON a.about = 'claim' AND c.id = a.object_id
    LEFT JOIN people p ON a.about IN ('person', 'promise status') AND p.id = a.object_id
"""


class Alerts:
    def __init__(self, connection: Connection):
        self._c = connection

    # What is followed

    def add(self, alert: Alert) -> Alert:
        """Store a new alert; it tells of what happens from now on."""
        with self._c.write() as db:
            newest = db.execute("SELECT coalesce(max(id), 0) FROM events").fetchone()[0]
            row = db.execute(
                "INSERT INTO alerts (user_id, name, about, object_id, query, in_app, by_mail, webhook_id, pace, after_event, language, "
                "created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
                [
                    alert.user_id, alert.name, str(alert.about), alert.object_id, alert.query, int(alert.in_app), int(alert.by_mail),
                    alert.webhook_id, str(alert.pace), newest, alert.language, now(),
                ],
            ).fetchone()  # fmt: skip
        stored = self.get(row["id"])
        assert stored is not None
        return stored

    def change(self, alert: Alert) -> None:
        """Keep an alert's name, query, channels and pace. What waits for a channel it no longer has is not sent."""
        with self._c.write() as db:
            db.execute(
                "UPDATE alerts SET name = ?, query = ?, in_app = ?, by_mail = ?, webhook_id = ?, pace = ? WHERE id = ?",
                [alert.name, alert.query, int(alert.in_app), int(alert.by_mail), alert.webhook_id, str(alert.pace), alert.id],
            )
            self._forget_unwanted(db, alert.user_id)

    def delete(self, alert_id: int) -> None:
        with self._c.write() as db:
            row = db.execute("DELETE FROM alerts WHERE id = ? RETURNING user_id", [alert_id]).fetchone()
            if row:
                self._forget_unwanted(db, row["user_id"])

    def get(self, alert_id: int) -> Alert | None:
        return next(iter(self._read("WHERE a.id = ?", [alert_id])), None)

    def of_user(self, user_id: int) -> list[Alert]:
        """All a user follows, newest first."""
        return self._read("WHERE a.user_id = ? ORDER BY a.id DESC", [user_id])

    def count(self) -> int:
        return self._c.db.execute("SELECT count(*) FROM alerts").fetchone()[0]

    def all(self) -> list[Alert]:
        return self._read("ORDER BY a.user_id, a.id", [])

    def same(self, user_id: int, about: About, object_id: int | None, query: str = "") -> Alert | None:
        """The user's alert on just this, if there is one."""
        where = f"WHERE a.user_id = ? AND a.about = ? AND {_STANDS_FOR} IS ? AND a.query = ? LIMIT 1"
        return next(iter(self._read(where, [user_id, str(about), object_id, query])), None)

    def set_feed(self, alert_id: int, token_hash: str | None) -> None:
        """Give the alert's feed a new address, or none: the one before leads nowhere from then on."""
        with self._c.write() as db:
            db.execute("UPDATE alerts SET feed_hash = ? WHERE id = ?", [token_hash, alert_id])

    def by_feed(self, token_hash: str) -> Alert | None:
        return next(iter(self._read("WHERE a.feed_hash = ?", [token_hash])), None)

    def stop_mail(self, user_id: int) -> None:
        """Send the user no mail any more, neither of alerts nor of claims they linked or exported; what waits is not sent."""
        with self._c.write() as db:
            db.execute("UPDATE alerts SET by_mail = 0 WHERE user_id = ?", [user_id])
            db.execute("UPDATE notice_wishes SET by_mail = 0 WHERE user_id = ?", [user_id])
            db.execute("DELETE FROM dispatches WHERE user_id = ? AND channel = 'mail' AND delivery_id IS NULL", [user_id])

    def wish(self, user_id: int) -> tuple[bool, Pace]:
        """(by mail, pace) of new ratings of claims the user linked or exported."""
        row = self._c.db.execute("SELECT by_mail, pace FROM notice_wishes WHERE user_id = ?", [user_id]).fetchone()
        return (bool(row["by_mail"]), Pace(row["pace"])) if row else (False, Pace.AT_ONCE)

    def set_wish(self, user_id: int, by_mail: bool, pace: Pace) -> None:
        with self._c.write() as db:
            db.execute(
                "INSERT INTO notice_wishes (user_id, by_mail, pace) VALUES (?1, ?2, ?3) "
                "ON CONFLICT (user_id) DO UPDATE SET by_mail = ?2, pace = ?3",
                [user_id, int(by_mail), str(pace)],
            )
            self._forget_unwanted(db, user_id)

    def topic_name(self, topic_id: int) -> str:
        """The name of a topic, "" when there is none."""
        row = self._c.db.execute("SELECT name FROM topics WHERE id = ?", [topic_id]).fetchone()
        return row["name"] if row else ""

    # Reading events

    def places(self, newest: int) -> list[int]:
        """How far alerts have read, for those that have not read up to ``newest``; the furthest behind first."""
        rows = self._c.db.execute("SELECT DISTINCT after_event FROM alerts WHERE after_event < ? ORDER BY after_event", [newest])
        return [r["after_event"] for r in rows]

    def at(self, place: int) -> list[Alert]:
        """The alerts that have read up to an event."""
        return self._read("WHERE a.after_event = ?", [place])

    def advance(self, alert_id: int, place: int, to: int) -> bool:
        """Move an alert on from ``place``; False when somebody else did, whose notices then stand."""
        with self._c.write() as db:
            return db.execute("UPDATE alerts SET after_event = ? WHERE id = ? AND after_event = ?", [to, alert_id, place]).rowcount == 1

    def bookmark(self, name: str) -> int:
        row = self._c.db.execute("SELECT after_event FROM bookmarks WHERE name = ?", [name]).fetchone()
        return row["after_event"] if row else 0

    def move_bookmark(self, name: str, place: int, to: int) -> bool:
        """As ``advance``, for a bookmark."""
        with self._c.write() as db:
            db.execute("INSERT OR IGNORE INTO bookmarks (name, after_event) VALUES (?, 0)", [name])
            done = db.execute("UPDATE bookmarks SET after_event = ? WHERE name = ? AND after_event = ?", [to, name, place])
            return done.rowcount == 1

    def facts(self, events: Sequence[Event]) -> dict[int, Facts]:
        """Event id -> what it is about."""
        db = self._c.db
        claims = _by_id(
            db,
            "SELECT c.id, coalesce(c.merged_into, c.id) AS root, r.person_id, r.rating, r.is_promise, r.promise_status "
            "FROM claims c JOIN claims r ON r.id = coalesce(c.merged_into, c.id) WHERE c.id IN ({})",
            {e.claim_id for e in events if e.claim_id},
        )
        statements = _by_id(
            db, "SELECT id, person_id FROM statements WHERE id IN ({})", {e.statement_id for e in events if e.statement_id}
        )
        mentioned = {row["person_id"] for row in (*claims.values(), *statements.values())} | {e.person_id for e in events}
        people = _by_id(db, "SELECT id, coalesce(merged_into, id) AS root FROM people WHERE id IN ({})", mentioned - {None})
        in_group: dict[int, set[int]] = {}
        for row in self._group_topics({c["root"] for c in claims.values()}):
            in_group.setdefault(row["root"], set()).add(row["topic_id"])
        of_statements: dict[int, set[int]] = {}
        for row in _in(
            db,
            "SELECT object_id, topic_id FROM topic_assignments WHERE kind = 'statement' AND by_hand <> 'removed' AND object_id IN ({})",
            set(statements),
        ):
            of_statements.setdefault(row["object_id"], set()).add(row["topic_id"])

        def facts(event: Event) -> Facts:
            claim = claims.get(event.claim_id) if event.claim_id else None
            statement = statements.get(event.statement_id) if event.statement_id else None
            persons = (event.person_id, claim and claim["person_id"], statement and statement["person_id"])
            return Facts(
                claim_id=claim["root"] if claim else None,
                statement_id=event.statement_id if statement else None,
                people=frozenset(people[p]["root"] for p in persons if p in people),
                topics=frozenset((in_group.get(claim["root"], set()) if claim else set()) | of_statements.get(event.statement_id or 0, set())),
                rating=claim["rating"] if claim else "",
                status=claim["promise_status"] if claim and claim["is_promise"] else "",
            )

        return {e.id: facts(e) for e in events}

    def _group_topics(self, roots: set[int]) -> Iterable[Any]:
        return _in(
            self._c.db,
            "SELECT coalesce(c.merged_into, c.id) AS root, t.topic_id FROM claims c JOIN topic_assignments t "
            "ON t.kind = 'claim' AND t.object_id = c.id AND t.by_hand <> 'removed' WHERE c.id IN ({0}) OR c.merged_into IN ({0})",
            roots,
        )

    def involved(self, claim_id: int) -> list[tuple[int, Because]]:
        """Who linked a statement to a claim (or to one merged into it) or exported it: (user, why), each user once."""
        rows = self._c.db.execute(
            "WITH asked AS (SELECT id FROM claims WHERE id = ?1 OR merged_into = ?1) "
            "SELECT user_id, 'linked' AS why FROM decisions WHERE claim_id IN (SELECT id FROM asked) AND relation = 'same' AND undone_at IS NULL "
            "AND user_id IS NOT NULL UNION ALL SELECT user_id, 'exported' FROM exported_claims WHERE claim_id IN (SELECT id FROM asked)",
            [claim_id],
        )
        found: dict[int, Because] = {}
        for row in rows:
            found.setdefault(row["user_id"], Because(row["why"]))
        return sorted(found.items())

    def recipients(self, user_ids: Iterable[int]) -> dict[int, Recipient]:
        rows = _in(
            self._c.db, "SELECT id, name, role, email, language, time_zone, disabled_at FROM users WHERE id IN ({})", set(user_ids)
        )
        return {
            r["id"]: Recipient(r["id"], r["name"], Role(r["role"]), r["email"], r["language"], r["time_zone"], r["disabled_at"] is None)
            for r in rows
        }

    def without_vector(self, claim_ids: Iterable[int], claim_model: str, statement_ids: Iterable[int], model: str) -> set[tuple[str, int]]:
        """Which of these ("claim" or "statement", id) cannot be found by meaning yet."""
        wanted = [("claim", i, claim_model) for i in claim_ids] + [("statement", i, model) for i in statement_ids]
        sql = "SELECT 1 FROM vectors WHERE kind = ? AND object_id = ? AND model_id = ?"
        return {(kind, i) for kind, i, made_by in wanted if self._c.db.execute(sql, [kind, i, made_by]).fetchone() is None}

    def _read(self, where: str, values: list) -> list[Alert]:
        return [
            Alert(
                id=r["id"],
                user_id=r["user_id"],
                name=r["name"],
                about=About(r["about"]),
                object_id=r["stands_for"],
                query=r["query"],
                in_app=bool(r["in_app"]),
                by_mail=bool(r["by_mail"]),
                webhook_id=r["webhook_id"],
                pace=Pace(r["pace"]),
                language=r["language"],
                has_feed=r["feed_hash"] is not None,
                after_event=r["after_event"],
                created_at=r["created_at"],
            )
            for r in self._c.db.execute(f"{_ALERT} {where}", values)
        ]

    @staticmethod
    def _forget_unwanted(db: Any, user_id: int) -> None:
        """Take back what waits to go a way that no alert of the user asks for any more."""
        db.execute(
            """
            DELETE FROM dispatches WHERE user_id = ?1 AND delivery_id IS NULL AND NOT EXISTS (
              SELECT 1 FROM notice_alerts m JOIN alerts a ON a.id = m.alert_id WHERE m.notice_id = dispatches.notice_id
              AND (dispatches.channel = 'mail' AND a.by_mail = 1 OR dispatches.channel <> 'mail' AND a.webhook_id IS dispatches.webhook_id))
            AND NOT (channel = 'mail' AND EXISTS (SELECT 1 FROM notice_wishes w WHERE w.user_id = ?1 AND w.by_mail = 1)
              AND EXISTS (SELECT 1 FROM notices n WHERE n.id = dispatches.notice_id AND n.because <> 'follows'))
            """,
            [user_id],
        )


def _in(db: Any, sql: str, ids: set[int]) -> list[Any]:
    """Rows of a query with ``{}`` for a list of numbers, asked in parts. Its ``{0}`` may stand in it more than once."""
    rows: list[Any] = []
    wanted = sorted(ids)
    for i in range(0, len(wanted), 500):
        part = ",".join(str(int(w)) for w in wanted[i : i + 500])
        rows += db.execute(sql.format(part)).fetchall()
    return rows


def _by_id(db: Any, sql: str, ids: set) -> dict[int, Any]:
    return {r["id"]: r for r in _in(db, sql, ids)}
