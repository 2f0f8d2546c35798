"""Passwords: argon2 hashes, one-time passwords, and the few rules a new one has to meet."""

from __future__ import annotations

import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from factcheck.words import fold

LEAST = 10  # characters
MOST = 1000  # characters; a longer one is only work for the server
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # without those that look alike: i l o 0 1
_hasher = PasswordHasher()  # argon2id with the library's current defaults (RFC 9106, low-memory profile)

# What people type when told to use ten characters; compared folded and without anything but letters and digits.
_COMMON = frozenset(
    """
    1234567890 12345678910 123456789012 0123456789 0987654321 1111111111 0000000000 1q2w3e4r5t 1q2w3e4r5t6y qwertyuiop qwertzuiop
    asdfghjkl1 qwerty1234 qwertz1234 qwerty12345 qwerty123456 abcdefghij abc1234567 abcd123456 iloveyou12 iloveyou123 ichliebedich
    password12 password123 password1234 password12345 passw0rd12 passw0rd123 passwort12 passwort123 passwort1234 passwort12345
    meinpasswort neuespasswort altespasswort geheim1234 geheim12345 geheimnis1 geheimnis123 hallo12345 hallohallo hallowelt1
    hallowelt123 willkommen willkommen1 willkommen123 welcome123 welcome1234 letmein123 letmein1234 changeme12 changeme123
    changeme1234 administrator administrator1 admin12345 admin123456 adminadmin redaktion1 redaktion123 newsroom12 newsroom123
    claimtrail claimtrail1 claimtrail12 claimtrail123 factcheck1 factcheck123 faktencheck faktencheck1 football12 football123
    baseball12 sunshine12 sunshine123 princess12 princess123 superman12 superman123 trustno1234 monkey1234 dragon1234
    """.split()
)


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
    if bare in _COMMON or len(set(bare)) < 4:
        return "common"
    return None
