"""Notes of those who work here. Every reading names the reader: a private note is given to its writer only."""

from __future__ import annotations

from typing import Any

from db.clock import now
from db.connection import Connection
from factcheck.records import Note, User

_SEEN = "(is_shared = 1 OR user_id = ?)"


class Notes:
    def __init__(self, connection: Connection):
        self._c = connection

    def add(self, user: User, object_type: str, object_id: int, text: str, is_shared: bool) -> Note:
        with self._c.write() as db:
            row = db.execute(
                "INSERT INTO notes (user_id, user_name, object_type, object_id, text, is_shared, at) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING *",
                [user.id, user.name, object_type, object_id, text, int(is_shared), now()],
            ).fetchone()
        return _note(row)

    def on(self, object_type: str, object_id: int, reader_id: int) -> list[Note]:
        """What a reader may see on one object, oldest first."""
        rows = self._c.db.execute(
            f"SELECT * FROM notes WHERE object_type = ? AND object_id = ? AND {_SEEN} ORDER BY id", [object_type, object_id, reader_id]
        )
        return [_note(r) for r in rows]

    def by(self, user_id: int, *, before: int | None = None, limit: int = 50) -> list[Note]:
        """A user's own notes, the newest first, from the one before ``before`` on."""
        rows = self._c.db.execute(
            "SELECT * FROM notes WHERE user_id = ? AND id < ? ORDER BY id DESC LIMIT ?", [user_id, before or 2**62, limit]
        )
        return [_note(r) for r in rows]

    def own(self, note_id: int, user_id: int) -> Note | None:
        """One of a user's own notes; None for another's, as if there were none."""
        row = self._c.db.execute("SELECT * FROM notes WHERE id = ? AND user_id = ?", [note_id, user_id]).fetchone()
        return _note(row) if row else None

    def change(self, note_id: int, user_id: int, text: str, is_shared: bool) -> None:
        with self._c.write() as db:
            db.execute(
                "UPDATE notes SET text = ?, is_shared = ?, changed_at = ? WHERE id = ? AND user_id = ?",
                [text, int(is_shared), now(), note_id, user_id],
            )

    def delete(self, note_id: int, user_id: int) -> None:
        with self._c.write() as db:
            db.execute("DELETE FROM notes WHERE id = ? AND user_id = ?", [note_id, user_id])


def _note(row: Any) -> Note:
    return Note(**{**dict(row), "is_shared": bool(row["is_shared"])})
