"""Drafts that journalists keep."""

from __future__ import annotations

from db.clock import now
from db.connection import Connection
from factcheck.records import Article, Draft, User

_ALL = "SELECT d.*, u.name AS owner FROM drafts d JOIN users u ON u.id = d.user_id"


class Drafts:
    def __init__(self, connection: Connection):
        self._c = connection

    def get(self, draft_id: int) -> Draft | None:
        return next(iter(self._read(f"{_ALL} WHERE d.id = ?", [draft_id])), None)

    def of_user(self, user_id: int, limit: int = 200) -> list[Draft]:
        """A user's own drafts, the last changed first."""
        return self._read(f"{_ALL} WHERE d.user_id = ? ORDER BY d.changed_at DESC, d.id DESC LIMIT ?", [user_id, limit])

    def shared_with(self, user_id: int, limit: int = 200) -> list[Draft]:
        """What others share, the last changed first."""
        return self._read(
            f"{_ALL} WHERE d.is_shared = 1 AND d.user_id <> ? ORDER BY d.changed_at DESC, d.id DESC LIMIT ?", [user_id, limit]
        )

    def seen_by(self, user_id: int, *, own: bool | None = None, after: tuple[str, int] | None = None, limit: int = 50) -> list[Draft]:
        """What a user may see, the last changed first, from the one after ``after`` (changed_at, id) on; ``own`` or others' alone, None for both."""
        whose = {None: "(d.user_id = ? OR d.is_shared = 1)", True: "d.user_id = ?", False: "(d.user_id <> ? AND d.is_shared = 1)"}[own]
        at, number = after or ("9999", 0)
        return self._read(
            f"{_ALL} WHERE {whose} AND (d.changed_at < ? OR d.changed_at = ? AND d.id < ?) ORDER BY d.changed_at DESC, d.id DESC LIMIT ?",
            [user_id, at, at, number, limit],
        )

    def add(self, article: Article, user: User) -> Draft:
        moment = now()
        with self._c.write() as db:
            draft_id = db.execute(
                "INSERT INTO drafts (user_id, title, text, language, published_at, created_at, changed_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
                [user.id, article.title, article.text, article.language, article.published_at, moment, moment],
            ).lastrowid
        stored = self.get(draft_id)
        assert stored is not None
        return stored

    def rewrite(self, draft_id: int, article: Article) -> None:
        with self._c.write() as db:
            db.execute(
                "UPDATE drafts SET title = ?, text = ?, language = ?, published_at = ?, changed_at = ? WHERE id = ?",
                [article.title, article.text, article.language, article.published_at, now(), draft_id],
            )

    def share(self, draft_id: int, is_shared: bool) -> None:
        with self._c.write() as db:
            db.execute("UPDATE drafts SET is_shared = ? WHERE id = ?", [int(is_shared), draft_id])

    def delete(self, draft_id: int) -> None:
        with self._c.write() as db:
            db.execute("DELETE FROM notes WHERE object_type = 'draft' AND object_id = ?", [draft_id])
            db.execute("DELETE FROM drafts WHERE id = ?", [draft_id])

    def _read(self, sql: str, values: list) -> list[Draft]:
        return [Draft(**{**dict(r), "is_shared": bool(r["is_shared"])}) for r in self._c.db.execute(sql, values)]
