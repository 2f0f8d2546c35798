"""Operations on a user's webhooks: where alerts are posted to."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from flask import g
from pydantic import Field

from factcheck import alertdesk
from factcheck.errors import BadInput, OutgoingFailed
from factcheck.records import Role, Scope
from factcheck.records import Webhook as Receiver
from factcheck.web import services
from factcheck.web.api import shapes
from factcheck.web.api.operations import operation
from factcheck.web.api.reading import before

_OWN: dict[str, Any] = {"scope": Scope.WRITE, "role": Role.JOURNALIST, "status": 201, "failures": (404,), "section": "Webhooks"}


class Webhook(shapes.Told):
    id: int
    url: str
    on: bool
    created_at: str


class Webhooks(shapes.Told):
    items: list[Webhook]


class NewWebhook(shapes.Given):
    url: Annotated[str, Field(min_length=1, max_length=2_000)]


class MadeWebhook(Webhook):
    key: str = Field(description="Signs what is posted; it is not told again")


class Tried(shapes.Told):
    """``answer`` is the receiver's status, ``failed`` why it was not taken; one of them is ""."""

    answer: str
    failed: str


class Switch(shapes.Given):
    on: bool


class Delivery(shapes.Told):
    """``answer`` is what came back of the last of the ``tries``."""

    id: int
    state: Literal["waiting", "sent", "failed"]
    tries: int
    answer: str
    created_at: str
    sent_at: str | None
    content: dict[str, Any]


class Deliveries(shapes.Told):
    items: list[Delivery]
    cursor: str


@operation("GET", "/webhooks", scope=Scope.READ, role=Role.JOURNALIST, answer=Webhooks, section="Webhooks")
def webhook_list() -> dict[str, Any]:
    """Where one's alerts are posted to."""
    return {"items": [_webhook(w) for w in services().store.deliveries.webhooks(g.user.id)]}


@operation("POST", "/webhooks", body=NewWebhook, answer=MadeWebhook, tells_secret=True, **_OWN)
def add_webhook(given: NewWebhook) -> dict[str, Any]:
    """Add a webhook. Its signing key is told this once."""
    try:
        made, key = alertdesk.add_webhook(services().store, g.user, given.url, services().settings)
    except OutgoingFailed as error:  # what was sent leads nowhere
        raise BadInput(str(error), key=error.key, **error.values) from error
    return _webhook(made) | {"key": key}


@operation("POST", "/webhooks/<int:webhook_id>:renew-key", answer=MadeWebhook, tells_secret=True, **_OWN)
def renew_key(webhook_id: int) -> dict[str, Any]:
    """Give a webhook another signing key, told this once; the one before signs nothing from then on."""
    made, key = alertdesk.renew_key(services().store, g.user, webhook_id, services().settings)
    return _webhook(made) | {"key": key}


@operation("POST", "/webhooks/<int:webhook_id>:switch", body=Switch, answer=Webhook, **_OWN)
def switch_webhook(webhook_id: int, given: Switch) -> dict[str, Any]:
    """Switch a webhook on or off. What waits while it is off is not sent later."""
    alertdesk.switch_webhook(services().store, g.user, webhook_id, given.on)
    return _webhook(alertdesk.own_webhook(services().store, g.user, webhook_id))


@operation(
    "GET", "/webhooks/<int:webhook_id>/deliveries", scope=Scope.READ, role=Role.JOURNALIST, query=shapes.Page, answer=Deliveries, failures=(404,),
    section="Webhooks",
)  # fmt: skip
def delivery_list(webhook_id: int, given: shapes.Page) -> dict[str, Any]:
    """What was posted and what came back, the newest first."""
    webhook = alertdesk.own_webhook(services().store, g.user, webhook_id)
    found = services().store.deliveries.of_webhook(webhook.id, given.size + 1, before=before(given.cursor))
    names = ("id", "state", "tries", "answer", "created_at", "sent_at", "content")
    items = [{name: getattr(d, name) for name in names} for d in found[: given.size]]
    return {"items": items, "cursor": str(found[given.size - 1].id) if len(found) > given.size else ""}


@operation("POST", "/webhooks/<int:webhook_id>:test", answer=Tried, **_OWN)
def try_webhook(webhook_id: int) -> dict[str, str]:
    """Post a test now, and tell what the receiver said, or why it was not taken."""
    answer, failed = alertdesk.try_webhook(services().store, g.user, webhook_id, services().settings)
    return {"answer": answer, "failed": failed}


@operation("POST", "/webhooks/<int:webhook_id>:delete", answer=shapes.Made, **_OWN)
def delete_webhook(webhook_id: int) -> dict[str, int]:
    """Delete a webhook."""
    alertdesk.delete_webhook(services().store, g.user, webhook_id)
    return {"id": webhook_id}


def _webhook(w: Receiver) -> dict[str, Any]:
    return {"id": w.id, "url": w.url, "on": w.disabled_at is None, "created_at": w.created_at}
