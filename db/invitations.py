"""Invitations to the newsroom; the token in the link is kept as a hash."""

from __future__ import annotations

from typing import Any

from db.clock import now
from db.connection import Connection
from factcheck.records import Invitation, Role

_OPEN = "used_at IS NULL AND revoked_at IS NULL AND expires_at > ?"


class Invitations:
    def __init__(self, connection: Connection):
        self._c = connection

    def add(self, token_hash: str, role: Role, email: str, by: str, expires_at: str) -> Invitation:
        with self._c.write() as db:
            row = db.execute(
                "INSERT INTO invitations (token_hash, role, email, by, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?) RETURNING *",
                [token_hash, str(role), email, by, now(), expires_at],
            ).fetchone()
        return _invitation(row)

    def open(self) -> list[Invitation]:
        """Those that can still be accepted, the newest first."""
        return [_invitation(r) for r in self._c.db.execute(f"SELECT * FROM invitations WHERE {_OPEN} ORDER BY id DESC", [now()])]

    def by_token(self, token_hash: str) -> Invitation | None:
        """One that can still be accepted."""
        row = self._c.db.execute(f"SELECT * FROM invitations WHERE token_hash = ? AND {_OPEN}", [token_hash, now()]).fetchone()
        return _invitation(row) if row else None

    def revoke(self, invitation_id: int) -> Invitation | None:
        """Take back one that was not accepted yet; None when there is none to take back."""
        with self._c.write() as db:
            row = db.execute(
                "UPDATE invitations SET revoked_at = ? WHERE id = ? AND used_at IS NULL AND revoked_at IS NULL RETURNING *",
                [now(), invitation_id],
            ).fetchone()
        return _invitation(row) if row else None

    def use(self, invitation_id: int, user_id: int) -> None:
        with self._c.write() as db:
            db.execute("UPDATE invitations SET used_at = ?, used_by = ? WHERE id = ?", [now(), user_id, invitation_id])


def _invitation(row: Any) -> Invitation:
    return Invitation(row["id"], Role(row["role"]), row["email"], row["by"], row["created_at"], row["expires_at"])
