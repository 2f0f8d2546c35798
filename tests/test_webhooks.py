"""Webhooks: what is posted and how it is signed; the example in the documentation checks it; the installation's secret."""

from __future__ import annotations

import json
import re
import stat
import subprocess
import sys
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from receivers import HookServer

from db import open_store
from factcheck import alertdesk, installation, webhooks
from factcheck.errors import BadInput, NotFound, OutgoingFailed, OutgoingRefused, StoreUnavailable
from factcheck.records import Role, Webhook

ROOT = Path(__file__).parent.parent
NOW = datetime.now(UTC).replace(microsecond=0)
HERE = ("127.0.0.1",)
HOOK = Webhook(1, 1, "", "5a17")


@pytest.fixture
def hook():
    server = HookServer()
    yield server
    server.stop()


@pytest.fixture
def home(tmp_path):
    return tmp_path / "instance"


def documented():
    """The function that the documentation gives to receivers, as it stands there."""
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?def is_from_claimtrail.*?)```", text, re.DOTALL)
    names: dict = {}
    exec(code, names)
    return names["is_from_claimtrail"]


def test_the_documented_check_takes_what_is_posted_and_nothing_changed_or_old(hook, home):
    webhook, now = replace(HOOK, url=hook.url), datetime.now(UTC)  # the check refuses what is older than five minutes
    assert webhooks.post(home, webhook, "d1", {"kind": "test", "by": "ännä"}, now, HERE) == "200"
    (path, headers, body) = hook.heard[0]
    key, given = webhooks.key_of(home, webhook), headers["claimtrail-signature"]
    check = documented()
    assert check(key, given, body)
    assert not check(key, given, body.replace(b"test", b"tesT"))
    assert not check("whsec_other", given, body)
    moved = re.sub(r"t=(\d+)", lambda m: f"t={int(m[1]) + 1}", given)
    assert not check(key, moved, body)
    old = webhooks.signature(key, int(now.timestamp()) - 3600, body)
    assert not check(key, old, body)
    for nonsense in ("", "t=1", "v1=ab", "t=x,v1=y", given.replace("v1", "v2")):
        assert not check(key, nonsense, body)
    assert json.loads(body) == {"delivery": "d1", "kind": "test", "by": "ännä"}
    assert (path, headers["claimtrail-delivery"], headers["content-type"]) == ("/hook", "d1", "application/json")


def test_a_signature_is_what_it_has_always_been():
    """A change of how it is made would break every receiver."""
    assert webhooks.signature("whsec_key", 1_732_284_000, b'{"a":1}') == (
        "t=1732284000,v1=10c0186a693a742f30d5af345e9d258a7a9a94071ad55a2169babcb6c2e136b9"
    )


@pytest.mark.parametrize("status", [301, 302, 307, 308, 400, 401, 404, 410, 429, 500, 503])
def test_an_answer_that_is_no_success_fails_and_is_not_followed(hook, home, status):
    hook.answer = lambda n: status
    with pytest.raises(OutgoingFailed) as failed:
        webhooks.post(home, replace(HOOK, url=hook.url), "d1", {}, NOW, HERE)
    assert failed.value.values["status"] == status and len(hook.heard) == 1


def test_a_receiver_that_does_not_answer_is_given_up(hook, home, monkeypatch):
    held = threading.Event()
    hook.answer = lambda n: held.wait(10) and 200
    monkeypatch.setattr(webhooks, "TIMEOUT", 0.4)
    begun = time.monotonic()
    with pytest.raises(OutgoingFailed) as failed:
        webhooks.post(home, replace(HOOK, url=hook.url), "d1", {}, NOW, HERE)
    held.set()
    assert failed.value.key == "outgoing_timeout" and time.monotonic() - begun < 5


def test_nothing_inside_the_house_is_called(hook, home):
    with pytest.raises(OutgoingRefused):
        webhooks.post(home, replace(HOOK, url=hook.url), "d1", {}, NOW)
    assert hook.heard == []


# The secret


def test_the_secret_is_made_once_for_its_owner_only_and_keys_differ(home):
    first, second = webhooks.key_of(home, HOOK), webhooks.key_of(home, replace(HOOK, salt="other"))
    assert first != second and first == webhooks.key_of(home, HOOK)
    file = home / installation.FILE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600 and len(file.read_bytes()) == 32
    assert [p.name for p in home.iterdir()] == [installation.FILE]
    installation._secret.cache_clear()
    assert webhooks.key_of(home, HOOK) == first


def test_processes_that_start_together_end_with_one_secret(home):
    code = f"from pathlib import Path; from factcheck import installation; print(installation.derived(Path({str(home)!r}), 'x'))"
    running = [subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(6)]
    assert len({p.communicate(timeout=60)[0] for p in running}) == 1


def test_a_damaged_secret_is_told_and_not_used(home):
    home.mkdir()
    (home / installation.FILE).write_bytes(b"short")
    installation._secret.cache_clear()
    with pytest.raises(StoreUnavailable):
        webhooks.key_of(home, HOOK)


# At the desk


@pytest.fixture
def desk(settings):
    store = open_store(settings.database)
    store.anna = store.users.create("anna", "hash", Role.JOURNALIST)
    store.ben = store.users.create("ben", "hash", Role.JOURNALIST)
    yield store
    store.close()


@pytest.mark.parametrize(
    ("url", "refused"),
    [
        ("", BadInput), ("chat.example.org", OutgoingRefused), ("ftp://example.org", OutgoingRefused), ("http://127.0.0.1/x", OutgoingRefused),
        ("http://[::1]/x", OutgoingRefused), ("https://u:p@example.org/x", OutgoingRefused), ("http://169.254.169.254/latest", OutgoingRefused),
    ],
)  # fmt: skip
def test_an_address_that_cannot_be_called_is_not_taken(desk, settings, url, refused):
    with pytest.raises(refused):
        alertdesk.add_webhook(desk, desk.anna, url, settings)
    assert desk.deliveries.webhooks(desk.anna.id) == []


def test_a_webhook_belongs_to_its_owner_and_its_changes_are_logged_without_the_key(desk, settings, hook):
    settings = replace(settings, outgoing_allow=HERE)
    made, key = alertdesk.add_webhook(desk, desk.anna, f" {hook.url} ", settings)
    assert made.url == hook.url and key.startswith("whsec_") and key not in repr(made)
    for act in (
        lambda: alertdesk.renew_key(desk, desk.ben, made.id, settings),
        lambda: alertdesk.switch_webhook(desk, desk.ben, made.id, False),
        lambda: alertdesk.delete_webhook(desk, desk.ben, made.id),
    ):
        with pytest.raises(NotFound):
            act()
    _, renewed = alertdesk.renew_key(desk, desk.anna, made.id, settings)
    alertdesk.switch_webhook(desk, desk.anna, made.id, False)
    alertdesk.switch_webhook(desk, desk.anna, made.id, True)
    alertdesk.delete_webhook(desk, desk.anna, made.id)
    log = desk.audit.of("webhook", made.id)
    assert [e["action"] for e in log] == ["added a webhook", "renewed the key", "switched off", "switched on", "deleted a webhook"]
    assert renewed != key and key not in json.dumps(log) and renewed not in json.dumps(log)
    assert all(key.removeprefix("whsec_").encode() not in f.read_bytes() for f in settings.home.iterdir())


def test_nobody_has_more_webhooks_than_can_be_overlooked(desk, settings, hook):
    settings = replace(settings, outgoing_allow=HERE)
    for _ in range(webhooks.MOST_WEBHOOKS):
        alertdesk.add_webhook(desk, desk.anna, hook.url, settings)
    with pytest.raises(BadInput):
        alertdesk.add_webhook(desk, desk.anna, hook.url, settings)
