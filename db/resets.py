"""Links that let somebody choose a new password: wished for by anybody, made by the worker, kept as hashes, good once."""

from __future__ import annotations

from db.clock import now
from db.connection import Connection
from db.users import user_of
from factcheck.records import ResetWish, User


class Resets:
    def __init__(self, connection: Connection):
        self._c = connection

    def wish(self, email: str, language: str) -> None:
        """Note that somebody asked for a link to an address, whether anybody here has it or not."""
        with self._c.write() as db:
            db.execute("INSERT INTO reset_wishes (email, language, at) VALUES (?, ?, ?)", [email, language, now()])

    def next_wish(self) -> ResetWish | None:
        """Take the oldest wish: nobody else gets it, and it is gone."""
        with self._c.write() as db:
            row = db.execute("SELECT id, email, language, at FROM reset_wishes ORDER BY id LIMIT 1").fetchone()
            if row is None:
                return None
            db.execute("DELETE FROM reset_wishes WHERE id = ?", [row["id"]])
        return ResetWish(row["email"], row["language"], row["at"])

    def users_of(self, email: str) -> list[User]:
        """Who has this address and may sign in; upper and lower case are the same."""
        rows = self._c.db.execute(
            "SELECT * FROM users WHERE lower(email) = ? AND email <> '' AND disabled_at IS NULL ORDER BY id", [email.lower()]
        )
        return [user_of(r) for r in rows]

    def add(self, user_id: int, token_hash: str, expires_at: str) -> int:
        """Keep a link; earlier ones of the user are void."""
        with self._c.write() as db:
            db.execute("DELETE FROM password_resets WHERE user_id = ?", [user_id])
            return db.execute(
                "INSERT INTO password_resets (user_id, token_hash, created_at, expires_at) VALUES (?, ?, ?, ?) RETURNING id",
                [user_id, token_hash, now(), expires_at],
            ).fetchone()[0]

    def user(self, token_hash: str) -> User | None:
        """Whom a link still lets choose a password."""
        row = self._c.db.execute(
            "SELECT users.* FROM password_resets JOIN users ON users.id = user_id "
            "WHERE token_hash = ? AND used_at IS NULL AND expires_at > ? AND disabled_at IS NULL",
            [token_hash, now()],
        ).fetchone()
        return user_of(row) if row else None

    def use(self, token_hash: str) -> bool:
        """Use a link up; False when it was used or is over."""
        with self._c.write() as db:
            return (
                db.execute(
                    "UPDATE password_resets SET used_at = ? WHERE token_hash = ? AND used_at IS NULL AND expires_at > ?", [now(), token_hash, now()]
                ).rowcount
                == 1
            )
