"""Tokens that programs sign in with, kept as hashes."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from db.clock import now
from db.connection import Connection
from db.sessions import SEEN_EVERY, stamp
from db.users import user_of
from factcheck.records import ApiToken, Scope, User

_OPEN = "revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?)"


class Tokens:
    def __init__(self, connection: Connection):
        self._c = connection

    def add(self, user_id: int, name: str, token_hash: str, scopes: frozenset[Scope], expires_at: str) -> ApiToken:
        with self._c.write() as db:
            row = db.execute(
                "INSERT INTO api_tokens (user_id, name, token_hash, scopes, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?) RETURNING *",
                [user_id, name, token_hash, json.dumps(sorted(scopes)), now(), expires_at],
            ).fetchone()
        return _token(row)

    def owner(self, token_hash: str) -> tuple[User, ApiToken] | None:
        """Whom a token in force belongs to; None for a wrong, expired or revoked one and for a disabled user's."""
        row = self._c.db.execute(
            f"SELECT api_tokens.* FROM api_tokens JOIN users ON users.id = user_id "
            f"WHERE token_hash = ? AND {_OPEN} AND disabled_at IS NULL",
            [token_hash, now()],
        ).fetchone()
        if row is None:
            return None
        user = self._c.db.execute("SELECT * FROM users WHERE id = ?", [row["user_id"]]).fetchone()
        if not row["used_at"] or row["used_at"] < stamp(datetime.now(UTC) - SEEN_EVERY):
            with self._c.write() as db:
                db.execute("UPDATE api_tokens SET used_at = ? WHERE id = ?", [now(), row["id"]])
        return user_of(user), _token(row)

    def of(self, user_id: int) -> list[ApiToken]:
        """A user's tokens that are not revoked, the newest first; expired ones too, so that their owner sees why a program stopped."""
        rows = self._c.db.execute("SELECT * FROM api_tokens WHERE user_id = ? AND revoked_at IS NULL ORDER BY id DESC", [user_id])
        return [_token(r) for r in rows]

    def revoke_all(self, user_id: int) -> int:
        """Revoke every token of a user; how many were in force."""
        moment = now()
        with self._c.write() as db:
            open_ones = db.execute(f"SELECT count(*) FROM api_tokens WHERE user_id = ? AND {_OPEN}", [user_id, moment]).fetchone()[0]
            db.execute("UPDATE api_tokens SET revoked_at = ? WHERE user_id = ? AND revoked_at IS NULL", [moment, user_id])
        return open_ones

    def revoke(self, user_id: int, token_id: int) -> ApiToken | None:
        """Revoke one of a user's tokens; None when there is none to revoke."""
        with self._c.write() as db:
            row = db.execute(
                "UPDATE api_tokens SET revoked_at = ? WHERE id = ? AND user_id = ? AND revoked_at IS NULL RETURNING *",
                [now(), token_id, user_id],
            ).fetchone()
        return _token(row) if row else None


def _token(row: Any) -> ApiToken:
    return ApiToken(
        id=row["id"],
        user_id=row["user_id"],
        name=row["name"],
        scopes=frozenset(Scope(s) for s in json.loads(row["scopes"])),
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        used_at=row["used_at"],
    )
