"""What happened, in order, for alerts, feeds and the home page to read on from where they were."""

from __future__ import annotations

from db.clock import now
from db.connection import Connection
from factcheck.records import Event, EventKind


class Events:
    def __init__(self, connection: Connection):
        self._c = connection

    def add(
        self,
        kind: EventKind,
        thing: str,
        *,
        claim_id: int | None = None,
        statement_id: int | None = None,
        person_id: int | None = None,
        before: str = "",
        after: str = "",
        by: str = "",
    ) -> None:
        """Note what happened, in the transaction that made it happen."""
        with self._c.write() as db:
            db.execute(
                "INSERT INTO events (at, kind, thing, claim_id, statement_id, person_id, before, after, by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [now(), str(kind), thing, claim_id, statement_id, person_id, before, after, by],
            )

    def told(self, kind: EventKind, claim_id: int, statement_id: int) -> bool:
        """True when this was noted of the two before."""
        return bool(
            self._c.db.execute(
                "SELECT 1 FROM events WHERE claim_id = ? AND statement_id = ? AND kind = ? LIMIT 1", [claim_id, statement_id, str(kind)]
            ).fetchone()
        )

    def newest(self) -> int:
        """The number of the newest event, 0 when there is none."""
        return self._c.db.execute("SELECT coalesce(max(id), 0) FROM events").fetchone()[0]

    def after(self, event_id: int, limit: int = 500) -> list[Event]:
        """Events newer than one, oldest first."""
        rows = self._c.db.execute("SELECT * FROM events WHERE id > ? ORDER BY id LIMIT ?", [event_id, limit])
        return [_event(r) for r in rows]

    def of_claim(self, claim_id: int, limit: int = 200) -> list[Event]:
        """What happened to a claim, newest first."""
        rows = self._c.db.execute("SELECT * FROM events WHERE claim_id = ? ORDER BY id DESC LIMIT ?", [claim_id, limit])
        return [_event(r) for r in rows]

    def said_again_since(self, moment: str, limit: int = 5) -> list[tuple[int, int]]:
        """(claim, or the one that stands for it; how many statements were confirmed since a moment to make it and still are), most first."""
        rows = self._c.db.execute(
            "SELECT coalesce(c.merged_into, c.id) AS root, count(DISTINCT e.thing) AS n, max(e.id) AS last FROM events e "
            "JOIN claims c ON c.id = e.claim_id WHERE e.kind = ? AND e.at >= ? AND EXISTS (SELECT 1 FROM decisions d "
            "WHERE d.statement_id = e.statement_id AND d.relation = 'same' AND d.undone_at IS NULL) "
            "GROUP BY root ORDER BY n DESC, last DESC LIMIT ?",
            [str(EventKind.SAID_AGAIN), moment, limit],
        )
        return [(r["root"], r["n"]) for r in rows]


def _event(row) -> Event:
    return Event(**{**dict(row), "kind": EventKind(row["kind"])})
