"""Operations on what a user follows and was told, and those of administrators: who works here, and the log."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from flask import g
from pydantic import Field

from factcheck import alertdesk
from factcheck.errors import BadInput, OutgoingFailed
from factcheck.records import Alert as Followed
from factcheck.records import LogFilter, Role, Scope
from factcheck.records import Webhook as Receiver
from factcheck.web import services
from factcheck.web.api import shapes
from factcheck.web.api.operations import operation
from factcheck.web.api.reading import before

_OWN: dict[str, Any] = {"scope": Scope.WRITE, "role": Role.JOURNALIST, "status": 201, "failures": (404,), "section": "Alerts"}
About = Literal["search", "claim", "person", "topic", "promise status", "rating"]
Pace = Literal["at once", "daily", "weekly"]


class Alert(shapes.Told):
    """``query`` is a search's query string, or the status or rating that is meant."""

    id: int
    name: str
    about: About
    object_id: int | None
    query: str
    in_app: bool
    by_mail: bool
    webhook_id: int | None
    pace: Pace
    has_feed: bool


class Alerts(shapes.Told):
    items: list[Alert]


class NewAlert(shapes.Given):
    about: About
    object_id: shapes.Id | None = None
    query: shapes.Words = ""
    name: Annotated[str, Field(max_length=alertdesk.LONGEST_NAME)] = ""


class ChangedAlert(shapes.Given):
    """What is left out stays; ``webhook_id`` 0 is none."""

    name: Annotated[str, Field(min_length=1, max_length=alertdesk.LONGEST_NAME)] | None = None
    in_app: bool | None = None
    by_mail: bool | None = None
    webhook_id: Annotated[int, Field(ge=0, le=2**53)] | None = None
    pace: Pace | None = None
    query: shapes.Words | None = None


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


class Notice(shapes.Told):
    """``kind`` is what happened; ``claim_id``, ``statement_id`` and ``person_id`` say to what."""

    id: int
    kind: str
    at: str
    read_at: str | None
    alert: str
    claim_id: int | None
    statement_id: int | None
    person_id: int | None
    before: str
    after: str


class Notices(shapes.Told):
    items: list[Notice]
    cursor: str


class User(shapes.Told):
    name: str
    role: Literal["reader", "journalist", "editor", "administrator"]
    disabled: bool
    created_at: str
    seen_at: str | None


class Users(shapes.Told):
    items: list[User]


class Entry(shapes.Told):
    """A line of the log; ``before`` and ``after`` are whatever was noted of the change."""

    id: int
    at: str
    by: str
    action: str
    object_type: str
    object_id: int
    before: Any = None
    after: Any = None


class Log(shapes.Told):
    items: list[Entry]
    cursor: str


@operation("GET", "/alerts", scope=Scope.READ, answer=Alerts, section="Alerts")
def alert_list() -> dict[str, Any]:
    """What one follows."""
    return {"items": [_alert(a) for a in services().store.alerts.of_user(g.user.id)]}


@operation("POST", "/alerts", body=NewAlert, answer=Alert, **_OWN)
def follow(given: NewAlert) -> dict[str, Any]:
    """Save a search, or follow a claim, person, topic, promise status or rating; what is followed already is answered as it is."""
    return _alert(alertdesk.follow(services().store, g.user, given.about, object_id=given.object_id, query=given.query, name=given.name))


@operation("POST", "/alerts/<int:alert_id>:change", body=ChangedAlert, answer=Alert, **_OWN)
def change_alert(alert_id: int, given: ChangedAlert) -> dict[str, Any]:
    """Say how and how often one hears of it."""
    found = alertdesk.own(services().store, g.user, alert_id)
    asked = given.model_dump()
    webhook_id = found.webhook_id if given.webhook_id is None else given.webhook_id or None
    stays = {name: getattr(found, name) if asked[name] is None else asked[name] for name in ("name", "in_app", "by_mail", "pace")}
    return _alert(alertdesk.change(services().store, g.user, alert_id, webhook_id=webhook_id, query=given.query, **stays))


@operation("POST", "/alerts/<int:alert_id>:delete", answer=shapes.Made, **_OWN)
def unfollow(alert_id: int) -> dict[str, int]:
    """Follow something no more."""
    alertdesk.unfollow(services().store, g.user, alert_id)
    return {"id": alert_id}


@operation("GET", "/notices", scope=Scope.READ, query=shapes.Page, answer=Notices, section="Alerts")
def notice_list(given: shapes.Page) -> dict[str, Any]:
    """What one was told in the app, the newest first."""
    found = services().store.notices.of_user(g.user.id, before=before(given.cursor), limit=given.size + 1)
    items = [
        {
            "id": n.id, "kind": str(n.event.kind), "at": n.at, "read_at": n.read_at, "alert": n.alert_name, "claim_id": n.event.claim_id,
            "statement_id": n.event.statement_id, "person_id": n.event.person_id, "before": n.event.before, "after": n.event.after,
        }
        for n in found[: given.size]
    ]  # fmt: skip
    return {"items": items, "cursor": str(found[given.size - 1].id) if len(found) > given.size else ""}


@operation("GET", "/webhooks", scope=Scope.READ, role=Role.JOURNALIST, answer=Webhooks, section="Alerts")
def webhook_list() -> dict[str, Any]:
    """Where one's alerts are posted to."""
    return {"items": [_webhook(w) for w in services().store.deliveries.webhooks(g.user.id)]}


@operation("POST", "/webhooks", body=NewWebhook, answer=MadeWebhook, **_OWN)
def add_webhook(given: NewWebhook) -> dict[str, Any]:
    """Add a webhook. Its signing key is told this once."""
    try:
        made, key = alertdesk.add_webhook(services().store, g.user, given.url, services().settings)
    except OutgoingFailed as error:  # what was sent leads nowhere
        raise BadInput(str(error), key=error.key, **error.values) from error
    return _webhook(made) | {"key": key}


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


@operation("GET", "/users", scope=Scope.ADMIN, role=Role.ADMINISTRATOR, answer=Users, section="Administration")
def user_list() -> dict[str, Any]:
    """Who works here."""
    found = services().store.users.colleagues()
    return {
        "items": [{"name": c.user.name, "role": str(c.user.role), "disabled": c.user.is_disabled, "created_at": c.created_at, "seen_at": c.seen_at} for c in found]
    }


@operation("GET", "/log", scope=Scope.ADMIN, role=Role.ADMINISTRATOR, query=shapes.Page, answer=Log, section="Administration")
def log(given: shapes.Page) -> dict[str, Any]:
    """Who changed what, the newest first."""
    found = services().store.audit.newest(LogFilter(), before=before(given.cursor), limit=given.size + 1)
    items = [
        {
            "id": e.id, "at": e.at, "by": e.user_name, "action": e.action, "object_type": e.object_type, "object_id": e.object_id, "before": e.before,
            "after": e.after,
        }
        for e in found[: given.size]
    ]  # fmt: skip
    return {"items": items, "cursor": str(found[given.size - 1].id) if len(found) > given.size else ""}


def _webhook(w: Receiver) -> dict[str, Any]:
    return {"id": w.id, "url": w.url, "on": w.disabled_at is None, "created_at": w.created_at}


def _alert(a: Followed) -> dict[str, Any]:
    names = ("id", "name", "object_id", "query", "in_app", "by_mail", "webhook_id", "has_feed")
    return {name: getattr(a, name) for name in names} | {"about": str(a.about), "pace": str(a.pace)}
