"""Passwords: argon2 hashes, one-time passwords, and the few rules a new one has to meet."""

from __future__ import annotations

import secrets
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from factcheck.words import fold

LEAST = 10  # characters
MOST = 1000  # characters; a longer one is only work for the server
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # without those that look alike: i l o 0 1
_hasher = PasswordHasher()  # argon2id with the library's current defaults (RFC 9106, low-memory profile)

_LIST = Path(__file__).parent / "data" / "common_passwords.txt"


def make_password() -> str:
    """A one-time password of four groups of four: about 79 bits, easy to type from a terminal."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))


def hash_password(password: str) -> str:
    """The argon2id hash to store."""
    return _hasher.hash(password)


def verify(password_hash: str, password: str) -> bool:
    """True when the password belongs to the hash. A damaged hash is never right."""
    if len(password) > MOST:
        return False
    try:
        return _hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


@cache
def nobodys_hash() -> str:
    """A hash no password belongs to: verified for unknown names, so that an answer takes as long as for known ones."""
    return hash_password(secrets.token_urlsafe(32))


def weakness(password: str, name: str) -> str | None:
    """Why a new password is refused: "short", "long", "name" or "common"; None when it is fine."""
    if len(password) < LEAST:
        return "short"
    if len(password) > MOST:
        return "long"
    bare = "".join(c for c in fold(password) if c.isalnum())
    bare_name = "".join(c for c in fold(name) if c.isalnum())
    if bare_name and bare_name in bare and not bare.replace(bare_name, "").strip("0123456789"):
        return "name"
    whole, words = _common()
    stem = bare.strip("0123456789")
    if not stem or bare in whole or stem in words or stem in whole or len(set(bare)) < 4:
        return "common"
    return None


@cache
def _common() -> tuple[frozenset[str], frozenset[str]]:
    """(passwords, words that are one once digits are added), folded to lower-case letters and digits."""
    lines = [line for line in _LIST.read_text().splitlines() if line and not line.startswith("#")]
    at = lines.index("---")
    return frozenset(lines[:at]), frozenset(lines[at + 1 :])
