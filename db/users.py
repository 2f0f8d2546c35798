"""Users, their sessions and the attempts to sign in. Passwords and tokens are stored as hashes only."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlite_utils.utils import sqlite3

from db.connection import Connection
from factcheck.errors import BadInput
from factcheck.records import Role, User

SEEN_EVERY = timedelta(hours=1)  # how exactly ``seen_at`` is kept: a read page must not cost a write each time


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def _now() -> datetime:
    return datetime.now(UTC)


class Users:
    """Who may sign in, and who is."""

    def __init__(self, connection: Connection):
        self._connection = connection

    def create(self, name: str, password_hash: str, role: Role, must_change: bool = False) -> User:
        """Add a user. Raises BadInput when the name is empty, too long or taken (upper and lower case are the same)."""
        name = name.strip()
        if not name or len(name) > 60 or not name.isprintable():
            raise BadInput("A user's name has 1 to 60 printable characters.")
        try:
            with self._connection.write() as db:
                row = db.execute(
                    "INSERT INTO users (name, password_hash, role, must_change_password, created_at) "
                    "VALUES (?, ?, ?, ?, ?) RETURNING *",
                    [name, password_hash, str(role), int(must_change), _stamp(_now())],
                ).fetchone()
        except sqlite3.IntegrityError:
            raise BadInput(f"There is already a user named {name}; choose another name.") from None
        return _user(row)

    def count(self) -> int:
        return self._one("SELECT count(*) FROM users", [])[0]

    def get(self, user_id: int) -> User | None:
        row = self._one("SELECT * FROM users WHERE id = ?", [user_id])
        return _user(row) if row else None

    def by_name(self, name: str) -> User | None:
        row = self._one("SELECT * FROM users WHERE name = ?", [name.strip()])
        return _user(row) if row else None

    def password_hash(self, user_id: int) -> str | None:
        row = self._one("SELECT password_hash FROM users WHERE id = ?", [user_id])
        return row[0] if row else None

    def set_password(self, user_id: int, password_hash: str, must_change: bool = False) -> None:
        """Change the password and end every session of the user: whoever knew the old one is out."""
        with self._connection.write() as db:
            db.execute(
                "UPDATE users SET password_hash = ?, must_change_password = ? WHERE id = ?",
                [password_hash, int(must_change), user_id],
            )
            db.execute("DELETE FROM sessions WHERE user_id = ?", [user_id])

    def set_preferences(self, user_id: int, *, language: str, theme: str, keys: bool) -> None:
        """Keep the user's choices; "" as language or theme follows the browser."""
        with self._connection.write() as db:
            db.execute("UPDATE users SET language = ?, theme = ?, keys = ? WHERE id = ?", [language, theme, int(keys), user_id])

    # Sessions

    def start_session(self, user_id: int, token_hash: str, lasts: timedelta) -> None:
        """Store a session; those that have expired, of anybody, go."""
        now = _now()
        with self._connection.write() as db:
            db.execute("DELETE FROM sessions WHERE expires_at <= ?", [_stamp(now)])
            db.execute(
                "INSERT INTO sessions (token_hash, user_id, created_at, seen_at, expires_at) VALUES (?, ?, ?, ?, ?)",
                [token_hash, user_id, _stamp(now), _stamp(now), _stamp(now + lasts)],
            )

    def of_session(self, token_hash: str) -> User | None:
        """The user a running session belongs to."""
        now = _now()
        row = self._one(
            "SELECT users.*, sessions.seen_at AS seen_at FROM sessions JOIN users ON users.id = user_id "
            "WHERE token_hash = ? AND expires_at > ?",
            [token_hash, _stamp(now)],
        )
        if row is None:
            return None
        if row["seen_at"] < _stamp(now - SEEN_EVERY):
            with self._connection.write() as db:
                db.execute("UPDATE sessions SET seen_at = ? WHERE token_hash = ?", [_stamp(now), token_hash])
        return _user(row)

    def end_session(self, token_hash: str) -> None:
        with self._connection.write() as db:
            db.execute("DELETE FROM sessions WHERE token_hash = ?", [token_hash])

    # Attempts to sign in

    def attempt(self, name: str, address: str, *, by_name: int, by_address: int, within: timedelta) -> int:
        """Note an attempt before the password is looked at, so that parallel ones count too.

        Returns 0 when it may go on, else the seconds to wait; a refused attempt is not noted and does not lengthen the wait.
        """
        now = _now()
        name = name.strip().casefold()[:100]
        with self._connection.write() as db:
            db.execute("DELETE FROM sign_in_attempts WHERE at <= ?", [_stamp(now - within)])
            for column, value, limit in (("name", name, by_name), ("address", address, by_address)):
                row = db.execute(
                    f"SELECT at FROM sign_in_attempts WHERE {column} = ? ORDER BY at DESC LIMIT 1 OFFSET ?", [value, limit - 1]
                ).fetchone()
                if row:
                    return max(1, int((datetime.fromisoformat(row[0]) + within - now).total_seconds()) + 1)
            db.execute("INSERT INTO sign_in_attempts (name, address, at) VALUES (?, ?, ?)", [name, address, _stamp(now)])
        return 0

    def forget_attempts(self, name: str) -> None:
        """After a sign-in that worked: the attempts before it were the user's own typing errors."""
        with self._connection.write() as db:
            db.execute("DELETE FROM sign_in_attempts WHERE name = ?", [name.strip().casefold()[:100]])

    def _one(self, sql: str, values: list[Any]) -> Any:
        return self._connection.db.execute(sql, values).fetchone()


def _user(row: Any) -> User:
    return User(
        id=row["id"],
        name=row["name"],
        role=Role(row["role"]),
        language=row["language"],
        keys=bool(row["keys"]),
        theme=row["theme"],
        must_change_password=bool(row["must_change_password"]),
    )
