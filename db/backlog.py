"""How far the background has come in matching statements with what changed since they were matched.

A statement is fresh when its candidates are what matching it now would give: it was matched by this model (``matched_seq`` is not
negative) and either it or the background has seen the newest claim vector. ``reached`` is the newest claim vector the background has
looked through: every statement near a claim up to there was marked to be matched again (``matched_seq`` = -1), the others need not be.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from db.connection import Connection

_MOST_BOUND = 500  # values bound to one statement


@dataclass(frozen=True)
class Reached:
    """``seq`` of the newest claim vector and number of the newest ``event`` looked through."""

    seq: int
    event: int


class Backlog:
    def __init__(self, connection: Connection):
        self._c = connection

    def reached(self, model_id: str) -> Reached | None:
        """How far claims were looked through; None when another model was in use then, or it never began."""
        rows = {r["name"]: r["value"] for r in self._c.db.execute("SELECT name, value FROM newsroom WHERE name LIKE 'matched_%'")}
        if rows.get("matched_model") != model_id:
            return None
        return Reached(int(rows["matched_seq"]), int(rows["matched_event"]))

    def begin(self, model_id: str, seq: int) -> int:
        """Begin with this model: what another one matched is marked to be matched again, how many; ``seq`` is the newest claim vector.

        Claims newer than the oldest match are looked through from there.
        """
        with self._c.write() as db:
            marked = db.execute(
                "UPDATE statements SET matched_seq = -1 WHERE matched_seq >= 0 AND matched_model <> ? AND is_gone = 0", [model_id]
            ).rowcount
            oldest = db.execute("SELECT min(matched_seq) FROM statements WHERE matched_seq >= 0 AND is_gone = 0").fetchone()[0]
            event = db.execute("SELECT coalesce(max(id), 0) FROM events").fetchone()[0]
            self._note("matched_model", model_id)
            self.set_reached(Reached(seq if oldest is None else min(seq, oldest), event))
        return marked

    def set_reached(self, reached: Reached) -> None:
        with self._c.write():
            self._note("matched_seq", str(reached.seq))
            self._note("matched_event", str(reached.event))

    def mark(self, statement_ids: Iterable[int]) -> int:
        """Have statements matched again; how many were not waiting for it already."""
        wanted, marked = list(statement_ids), 0
        with self._c.write() as db:
            for chunk in (wanted[i : i + _MOST_BOUND] for i in range(0, len(wanted), _MOST_BOUND)):
                marked += db.execute(
                    f"UPDATE statements SET matched_seq = -1 WHERE matched_seq >= 0 AND is_gone = 0 AND id IN ({','.join('?' * len(chunk))})",
                    chunk,
                ).rowcount
        return marked

    def unmatched(self) -> int:
        """How many statements wait to be matched; those of an article that is still being read are not counted."""
        return self._c.db.execute(f"SELECT count(*) {_UNMATCHED}").fetchone()[0]

    def take(self, limit: int, beginning: int = 0) -> list[int]:
        """Ids of statements to match, from id ``beginning`` on and then from the first, so that processes need not get the same ones."""
        found: list[int] = []
        for part in ("s.id >= ?", "s.id < ?"):
            rows = self._c.db.execute(f"SELECT s.id {_UNMATCHED} AND {part} ORDER BY s.id LIMIT ?", [beginning, limit - len(found)])
            found += [r["id"] for r in rows]
        return found

    def is_unmatched(self, statement_id: int) -> bool:
        row = self._c.db.execute("SELECT matched_seq FROM statements WHERE id = ? AND is_gone = 0", [statement_id]).fetchone()
        return bool(row and row["matched_seq"] < 0)

    def newest_statement(self) -> int:
        """The highest id in use, 0 when there is none."""
        return self._c.db.execute("SELECT coalesce(max(id), 0) FROM statements").fetchone()[0]

    # Settling anew, without matching

    def settle_after(self) -> int | None:
        """Statements with a higher id are still to be settled anew; None when all are."""
        row = self._c.db.execute("SELECT value FROM newsroom WHERE name = 'settle_after'").fetchone()
        return int(row["value"]) if row else None

    def set_settle_after(self, statement_id: int | None) -> None:
        with self._c.write() as db:
            if statement_id is None:
                db.execute("DELETE FROM newsroom WHERE name = 'settle_after'")
            else:
                self._note("settle_after", str(statement_id))

    def take_to_settle(self, after: int, limit: int) -> list[int]:
        """Ids of the next statements, in order."""
        rows = self._c.db.execute("SELECT id FROM statements WHERE id > ? AND is_gone = 0 ORDER BY id LIMIT ?", [after, limit])
        return [r["id"] for r in rows]

    def _note(self, name: str, value: str) -> None:
        with self._c.write() as db:
            db.execute(
                "INSERT INTO newsroom (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", [name, value]
            )


_UNMATCHED = (
    "FROM statements s JOIN articles a ON a.id = s.article_id WHERE s.matched_seq < 0 AND s.is_gone = 0 AND a.state = 'ready'"
)
