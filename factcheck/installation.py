"""The installation's secret: a file beside the database, from which the keys of webhooks and the addresses in mails are made.

It is not in the database, so that a copy of that alone signs nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from base64 import urlsafe_b64encode
from functools import lru_cache
from pathlib import Path

from factcheck.errors import StoreUnavailable

FILE = "secret.key"
LENGTH = 32  # bytes


def derived(home: Path, purpose: str) -> str:
    """A key for one purpose, as 43 characters that may stand in an address. The same as long as the secret's file is."""
    made = hmac.new(_secret(home / FILE), purpose.encode(), hashlib.sha256).digest()
    return urlsafe_b64encode(made).decode().rstrip("=")


@lru_cache(maxsize=8)
def _secret(path: Path) -> bytes:
    """The secret, made at first use: written whole to a file of its own and then named, so that two processes end with one."""
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            fresh = path.with_name(f"{FILE}.{secrets.token_hex(8)}")
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(secrets.token_bytes(LENGTH))
                file.flush()
                os.fsync(file.fileno())
            try:
                os.link(fresh, path)  # fails when another process was first: its secret stands
            except FileExistsError:
                pass
            finally:
                fresh.unlink()
        found = path.read_bytes()
    except OSError as error:
        raise StoreUnavailable(f"The secret {path} cannot be read or made ({error.strerror}). Check the folder's permissions.") from error
    if len(found) < LENGTH:
        raise StoreUnavailable(f"The secret {path} is damaged. Restore it from a backup, or remove it: webhooks then get new keys.")
    return found
