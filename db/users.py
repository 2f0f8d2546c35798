"""Users. Passwords are stored as hashes only; a row is never deleted, since decisions point to it: erasing one leaves a pseudonym."""

from __future__ import annotations

from typing import Any

from db.clock import now
from db.connection import Connection
from factcheck.errors import BadInput
from factcheck.records import Colleague, Role, User


class Users:
    """Who may sign in, and who is."""

    def __init__(self, connection: Connection):
        self._connection = connection

    def create(self, name: str, password_hash: str, role: Role, must_change: bool = False, email: str = "") -> User:
        """Add a user. Raises BadInput when the name is empty, too long or taken (upper and lower case are the same)."""
        name = name.strip()
        if not name or len(name) > 60 or not name.isprintable():
            raise BadInput("A user's name has 1 to 60 printable characters.", key="user_name")
        with self._connection.write() as db:
            if db.execute("SELECT 1 FROM users WHERE name = ?", [name]).fetchone():
                raise BadInput(f"There is already a user named {name}; choose another name.", key="user_name_taken", name=name)
            row = db.execute(
                "INSERT INTO users (name, password_hash, role, must_change_password, email, created_at) "
                "VALUES (?, ?, ?, ?, ?, ?) RETURNING *",
                [name, password_hash, str(role), int(must_change), email, now()],
            ).fetchone()
        return user_of(row)

    def count(self) -> int:
        return self._one("SELECT count(*) FROM users", [])[0]

    def get(self, user_id: int) -> User | None:
        row = self._one("SELECT * FROM users WHERE id = ?", [user_id])
        return user_of(row) if row else None

    def by_name(self, name: str) -> User | None:
        row = self._one("SELECT * FROM users WHERE name = ?", [name.strip()])
        return user_of(row) if row else None

    def colleagues(self, user_id: int | None = None) -> list[Colleague]:
        """Everybody, or one, by name; those who can no longer sign in come last."""
        moment = now()
        rows = self._connection.db.execute(
            "SELECT users.*, (SELECT count(*) FROM sessions WHERE user_id = users.id AND expires_at > ?) AS open_sessions, "
            "(SELECT count(*) FROM api_tokens WHERE user_id = users.id AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?)) AS open_tokens "
            "FROM users WHERE erased_at IS NULL AND (? IS NULL OR users.id = ?) ORDER BY disabled_at IS NOT NULL, name COLLATE NOCASE",
            [moment, moment, user_id, user_id],
        )
        return [Colleague(user_of(r), r["created_at"], r["seen_at"], r["open_sessions"], r["open_tokens"]) for r in rows]

    def administrators(self) -> int:
        """How many can still sign in."""
        return self._one("SELECT count(*) FROM users WHERE role = 'administrator' AND disabled_at IS NULL", [])[0]

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

    def set_role(self, user_id: int, role: Role) -> None:
        with self._connection.write() as db:
            db.execute("UPDATE users SET role = ? WHERE id = ?", [str(role), user_id])

    def disable(self, user_id: int) -> None:
        """Keep a user from signing in: sessions and tokens end at once."""
        with self._connection.write() as db:
            db.execute("UPDATE users SET disabled_at = ? WHERE id = ? AND disabled_at IS NULL", [now(), user_id])
            db.execute("DELETE FROM sessions WHERE user_id = ?", [user_id])
            db.execute("UPDATE api_tokens SET revoked_at = ? WHERE user_id = ? AND revoked_at IS NULL", [now(), user_id])

    def enable(self, user_id: int) -> None:
        """Let a user sign in again; tokens stay revoked."""
        with self._connection.write() as db:
            db.execute("UPDATE users SET disabled_at = NULL WHERE id = ?", [user_id])

    def set_preferences(self, user_id: int, *, language: str, theme: str, keys: bool, time_zone: str = "", email: str = "") -> None:
        """Keep the user's choices; "" as language or theme follows the browser, as time zone the newsroom's."""
        with self._connection.write() as db:
            db.execute(
                "UPDATE users SET language = ?, theme = ?, keys = ?, time_zone = ?, email = ? WHERE id = ?",
                [language, theme, int(keys), time_zone, email, user_id],
            )

    def _one(self, sql: str, values: list[Any]) -> Any:
        return self._connection.db.execute(sql, values).fetchone()


def user_of(row: Any) -> User:
    return User(
        id=row["id"],
        name=row["name"],
        role=Role(row["role"]),
        language=row["language"],
        keys=bool(row["keys"]),
        theme=row["theme"],
        must_change_password=bool(row["must_change_password"]),
        email=row["email"],
        time_zone=row["time_zone"],
        is_disabled=row["disabled_at"] is not None,
        is_erased=row["erased_at"] is not None,
    )
