"""Who is signed in, and the attempts to get in. Tokens, and the names that were typed, are stored as hashes only."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

from db.clock import now
from db.connection import Connection
from db.users import user_of
from factcheck.records import Session, User

SEEN_EVERY = timedelta(minutes=5)  # how exactly ``seen_at`` is kept: reading a page must not cost a write each time
ID_LETTERS = 16  # of the hash; enough to name a session among one user's, useless for signing in


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")


class Sessions:
    def __init__(self, connection: Connection):
        self._c = connection

    def start(self, user_id: int, token_hash: str, lasts: timedelta, *, agent: str = "", address: str = "") -> None:
        """Store a session; those that have expired, of anybody, go."""
        with self._c.write() as db:
            db.execute("DELETE FROM sessions WHERE expires_at <= ?", [now()])
            db.execute(
                "INSERT INTO sessions (token_hash, user_id, created_at, seen_at, expires_at, agent, address) VALUES (?, ?, ?, ?, ?, ?, ?)",
                [token_hash, user_id, now(), now(), stamp(datetime.now(UTC) + lasts), agent, address],
            )
            db.execute("UPDATE users SET seen_at = ? WHERE id = ?", [now(), user_id])

    def user(self, token_hash: str, idle: timedelta | None = None) -> User | None:
        """The user a running session belongs to; None once the user is disabled, or the session was not used for ``idle``."""
        since = stamp(datetime.now(UTC) - idle) if idle else ""
        row = self._c.db.execute(
            "SELECT users.*, sessions.seen_at AS session_seen_at FROM sessions JOIN users ON users.id = user_id "
            "WHERE token_hash = ? AND expires_at > ? AND sessions.seen_at > ? AND disabled_at IS NULL",
            [token_hash, now(), since],
        ).fetchone()
        if row is None:
            return None
        if row["session_seen_at"] < stamp(datetime.now(UTC) - SEEN_EVERY):
            with self._c.write() as db:
                db.execute("UPDATE sessions SET seen_at = ? WHERE token_hash = ?", [now(), token_hash])
                db.execute("UPDATE users SET seen_at = ? WHERE id = ?", [now(), row["id"]])
        return user_of(row)

    def of(self, user_id: int) -> list[Session]:
        """A user's running sessions, the one seen last first."""
        rows = self._c.db.execute(
            f"SELECT substr(token_hash, 1, {ID_LETTERS}) AS id, agent, address, created_at, seen_at, expires_at FROM sessions "
            "WHERE user_id = ? AND expires_at > ? ORDER BY seen_at DESC, created_at DESC",
            [user_id, now()],
        )
        return [Session(**dict(r)) for r in rows]

    def end(self, token_hash: str) -> None:
        with self._c.write() as db:
            db.execute("DELETE FROM sessions WHERE token_hash = ?", [token_hash])

    def end_one(self, user_id: int, session_id: str) -> bool:
        """End one of a user's own sessions; False when there is no such one."""
        with self._c.write() as db:
            return (
                db.execute(
                    f"DELETE FROM sessions WHERE user_id = ? AND substr(token_hash, 1, {ID_LETTERS}) = ?", [user_id, session_id]
                ).rowcount
                > 0
            )

    def end_all(self, user_id: int, *, but: str = "") -> int:
        """End a user's sessions, all but the one with the given token hash; how many ended."""
        with self._c.write() as db:
            return db.execute("DELETE FROM sessions WHERE user_id = ? AND token_hash <> ?", [user_id, but]).rowcount


class Attempts:
    """Attempts to sign in, by name and by address, so that guessing is slowed down."""

    def __init__(self, connection: Connection):
        self._c = connection

    def note(self, name: str, address: str, *, by_name: int, by_address: int, within: timedelta) -> int:
        """Note an attempt before the password is looked at, so that parallel ones count too.

        Returns 0 when it may go on, else the seconds to wait; a refused attempt is not noted and does not lengthen the wait.
        """
        moment = datetime.now(UTC)
        name = _folded(name)
        with self._c.write() as db:
            # Those from the future were noted before the clock was set back: else nobody could sign in until it has caught up.
            db.execute("DELETE FROM sign_in_attempts WHERE at <= ? OR at > ?", [stamp(moment - within), stamp(moment + timedelta(minutes=1))])
            for column, value, limit in (("name", name, by_name), ("address", address, by_address)):
                row = db.execute(
                    f"SELECT at FROM sign_in_attempts WHERE {column} = ? ORDER BY at DESC LIMIT 1 OFFSET ?", [value, limit - 1]
                ).fetchone()
                if row:
                    return max(1, int((datetime.fromisoformat(row[0]) + within - moment).total_seconds()) + 1)
            db.execute("INSERT INTO sign_in_attempts (name, address, at) VALUES (?, ?, ?)", [name, address, stamp(moment)])
        return 0

    def forget(self, name: str) -> None:
        """After a sign-in that worked: the attempts before it were the user's own typing errors."""
        with self._c.write() as db:
            db.execute("DELETE FROM sign_in_attempts WHERE name = ?", [_folded(name)])


def _folded(name: str) -> str:
    """What is noted of a name. Passwords end up in that field, too, so the text itself is not kept."""
    return hashlib.sha256(name.strip().casefold()[:100].encode("utf-8", "surrogatepass")).hexdigest()[:32]
