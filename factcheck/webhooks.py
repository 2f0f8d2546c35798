"""Webhooks: what is posted, how it is signed, and who may be reached.

The signature is HMAC-SHA256 over the moment and the body (``v1``), so that neither can be changed nor an old request be sent again
unnoticed; the header names both: ``Claimtrail-Signature: t=1732284000,v1=5257a8...``. The key is made from the installation's secret
and the webhook's salt, and is shown to its owner once.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from factcheck import installation, outgoing
from factcheck.errors import BadInput, OutgoingFailed
from factcheck.records import Webhook
from factcheck.telling import Told

TIMEOUT = 5.0  # seconds; the receiver takes the message and works on it later
MOST_ANSWER = 2_000  # bytes of an answer that are read
MOST_WEBHOOKS = 10  # of one user
AGENT = "Claimtrail"


def new_salt() -> str:
    return secrets.token_hex(16)


def key_of(home: Path, webhook: Webhook) -> str:
    """The signing key of a webhook, as its owner keeps it."""
    return "whsec_" + installation.derived(home, f"webhook {webhook.salt}")


def signature(key: str, moment: int, body: bytes) -> str:
    """The header's value for a body posted at a moment (seconds since 1970)."""
    made = hmac.new(key.encode(), b"%d." % moment + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={made}"


def check(url: str, allow: Sequence[str] = ()) -> str:
    """The address without blanks around it. Raises BadInput for none, OutgoingRefused for one that is not called, OutgoingFailed for a
    host that does not exist. The same is judged again at each call, since it can change."""
    url = url.strip()
    if not url:
        raise BadInput("Enter the address that is to be called.", key="webhook_address")
    outgoing.judge(url, allow=allow, timeout=TIMEOUT)
    return url


def content(told: Sequence[Told], address: str) -> dict[str, Any]:
    """What is posted about notices."""
    return {"kind": "notices", "notices": [_notice(t, address) for t in told]}


def test_content(name: str, at: datetime) -> dict[str, Any]:
    """What the test button posts."""
    return {"kind": "test", "by": name, "at": at.isoformat(timespec="seconds"), "notices": []}


def post(home: Path, webhook: Webhook, key: str, said: dict[str, Any], now: datetime, allow: Sequence[str] = ()) -> str:
    """Post one delivery; the answer's status. Raises OutgoingRefused and OutgoingFailed, also for an answer that is no success.

    ``key`` names the delivery: it is the same at every try, so that the receiver can tell a second copy of what it has.
    """
    body = json.dumps({"delivery": key, **said}, ensure_ascii=False, separators=(",", ":")).encode()
    headers = {
        "Content-Type": "application/json",
        "User-Agent": AGENT,
        "Claimtrail-Delivery": key,
        "Claimtrail-Signature": signature(key_of(home, webhook), int(now.timestamp()), body),
    }
    answer = outgoing.request("POST", webhook.url, headers, body, allow=allow, timeout=TIMEOUT, most_bytes=MOST_ANSWER)
    if answer.location:
        raise OutgoingFailed(f"{answer.status}: a redirect, which is not followed", key="webhook_redirect", status=answer.status)
    if not 200 <= answer.status < 300:
        raise OutgoingFailed(f"The receiver answered {answer.status}.", key="webhook_status", status=answer.status)
    return str(answer.status)


def _notice(t: Told, address: str) -> dict[str, Any]:
    return {
        "id": t.notice_id,
        "kind": str(t.kind),
        "at": t.at,
        "headline": t.headline,
        "text": t.text,
        "language": t.language,
        "speaker": t.speaker,
        "url": address + t.path,
        "before": t.before,
        "after": t.after,
        "rating": str(t.claim.rating) if t.claim else "",
        "alert": t.alert_name,
    }
