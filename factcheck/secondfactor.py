"""The second factor: six digits from an app, by time. TOTP, RFC 6238 over HOTP, RFC 4226, with SHA-1 and 30 seconds, as every app has it.

The secret is nowhere on file: it is made from a salt in the database and the installation's secret beside it, so that a copy of one of
the two alone makes no codes.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from base64 import b32encode, urlsafe_b64decode
from pathlib import Path
from urllib.parse import quote, urlencode

import segno

from factcheck import installation, passwords

STEP = 30  # seconds
DIGITS = 6
DRIFT = 1  # steps a clock may be off, either way
CODES = 10  # recovery codes
ISSUER = "Claimtrail"


def secret(home: Path, user_id: int, salt: str) -> bytes:
    """A user's secret, 20 bytes (the length RFC 4226 recommends); another for each salt."""
    return urlsafe_b64decode(installation.derived(home, f"second factor {user_id} {salt}") + "=")[:20]


def code(secret: bytes, step: int) -> str:
    """The digits of a time step: RFC 4226, section 5.3."""
    digest = hmac.new(secret, step.to_bytes(8, "big"), hashlib.sha1).digest()
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return str(number % 10**DIGITS).zfill(DIGITS)


def step_of(typed: str, secret: bytes, moment: float | None = None) -> int | None:
    """The time step whose code was typed, blanks aside, if it is that of now or of a neighbour; None for any other text."""
    digits = "".join(typed.split())
    if len(digits) != DIGITS or not (digits.isascii() and digits.isdigit()):
        return None
    now = int(time.time() if moment is None else moment) // STEP
    return next((s for s in range(max(now - DRIFT, 0), now + DRIFT + 1) if hmac.compare_digest(code(secret, s), digits)), None)


def written(secret: bytes) -> str:
    """The secret as it is typed into an app: base32 in groups of four."""
    text = b32encode(secret).decode()
    return " ".join(text[i : i + 4] for i in range(0, len(text), 4))


def address(name: str, secret: bytes) -> str:
    """What the picture holds: the otpauth address that apps read."""
    about = urlencode({"secret": b32encode(secret).decode(), "issuer": ISSUER, "algorithm": "SHA1", "digits": DIGITS, "period": STEP})
    return f"otpauth://totp/{quote(ISSUER)}:{quote(name, safe='')}?{about}"


def picture(text: str) -> str:
    """A QR code as an SVG element, black on white whatever the page's colours are, with a border as readers need it."""
    return segno.make(text, error="m", micro=False).svg_inline(scale=4, border=4, dark="#000", light="#fff", omitsize=True, svgclass="qr", lineclass=None)


def make_codes() -> list[str]:
    """Recovery codes, about 79 bits each."""
    return [passwords.make_password() for _ in range(CODES)]


def hashed(recovery_code: str) -> str:
    """What is stored of a recovery code. Typed with other blanks, hyphens or capitals it is the same."""
    bare = "".join(c for c in recovery_code.lower() if c.isalnum())
    return hashlib.sha256(f"recovery {bare}".encode("utf-8", "surrogatepass")).hexdigest()
