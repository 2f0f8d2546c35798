"""Second factors: what their secrets are made from, which codes were used, and sign-ins that wait for a code."""

from __future__ import annotations

from collections.abc import Sequence

from db.clock import now
from db.connection import Connection
from db.users import user_of
from factcheck.records import User


class Factors:
    def __init__(self, connection: Connection):
        self._c = connection

    def salt(self, user_id: int) -> str:
        """What the user's secret is made from, "" without a second factor."""
        row = self._c.db.execute("SELECT factor_salt FROM users WHERE id = ?", [user_id]).fetchone()
        return row[0] if row else ""

    def set(self, user_id: int, salt: str, step: int, code_hashes: Sequence[str]) -> None:
        """Turn the second factor on, with fresh recovery codes; those of before are void."""
        with self._c.write() as db:
            db.execute("UPDATE users SET factor_salt = ?, factor_step = ? WHERE id = ?", [salt, step, user_id])
            self.set_codes(user_id, code_hashes)

    def set_codes(self, user_id: int, code_hashes: Sequence[str]) -> None:
        with self._c.write() as db:
            db.execute("DELETE FROM recovery_codes WHERE user_id = ?", [user_id])
            for code_hash in code_hashes:
                db.execute("INSERT INTO recovery_codes (user_id, code_hash) VALUES (?, ?)", [user_id, code_hash])

    def clear(self, user_id: int) -> None:
        with self._c.write() as db:
            db.execute("UPDATE users SET factor_salt = '', factor_step = 0 WHERE id = ?", [user_id])
            db.execute("DELETE FROM recovery_codes WHERE user_id = ?", [user_id])

    def use_step(self, user_id: int, step: int) -> bool:
        """Take a code's time step; False when it, or a later one, was taken before. Two at once: one of them is told False."""
        with self._c.write() as db:
            return db.execute("UPDATE users SET factor_step = ? WHERE id = ? AND factor_step < ?", [step, user_id, step]).rowcount == 1

    def use_code(self, user_id: int, code_hash: str) -> bool:
        """Take a recovery code; False when there is none such or it was used."""
        with self._c.write() as db:
            return (
                db.execute(
                    "UPDATE recovery_codes SET used_at = ? WHERE user_id = ? AND code_hash = ? AND used_at IS NULL", [now(), user_id, code_hash]
                ).rowcount
                == 1
            )

    def codes_left(self, user_id: int) -> int:
        return self._c.db.execute("SELECT count(*) FROM recovery_codes WHERE user_id = ? AND used_at IS NULL", [user_id]).fetchone()[0]

    def begin(self, token_hash: str, user_id: int, expires_at: str) -> None:
        """Keep that somebody gave the right password and still has to give a code."""
        with self._c.write() as db:
            db.execute("DELETE FROM half_sign_ins WHERE expires_at <= ?", [now()])
            db.execute("INSERT INTO half_sign_ins (token_hash, user_id, expires_at) VALUES (?, ?, ?)", [token_hash, user_id, expires_at])

    def half_signed_in(self, token_hash: str) -> User | None:
        row = self._c.db.execute(
            "SELECT users.* FROM half_sign_ins JOIN users ON users.id = user_id WHERE token_hash = ? AND expires_at > ? AND disabled_at IS NULL",
            [token_hash, now()],
        ).fetchone()
        return user_of(row) if row else None

    def finish(self, token_hash: str) -> None:
        with self._c.write() as db:
            db.execute("DELETE FROM half_sign_ins WHERE token_hash = ?", [token_hash])
