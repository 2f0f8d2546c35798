"""Operations on what a user follows and how, and was told."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from flask import g, url_for
from pydantic import Field

from factcheck import alertdesk
from factcheck.errors import BadInput, NotFound
from factcheck.records import Alert as Followed
from factcheck.records import Role, Scope
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


class FeedAddress(shapes.Told):
    id: int
    address: str = Field(description="Whoever knows it reads the feed; it is not told again")


class Wish(shapes.Given):
    """How one hears of new ratings of claims that one linked or took along, beside the app."""

    by_mail: bool
    pace: Pace


class Wished(shapes.Told):
    by_mail: bool
    pace: Pace


class Seen(shapes.Given):
    """One notice by its ``id``, or all up to the one ``up_to``."""

    id: shapes.Id | None = None
    up_to: shapes.Id | None = None


class Unread(shapes.Told):
    unread: int


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


@operation("POST", "/alerts/<int:alert_id>/feed", answer=FeedAddress, tells_secret=True, **_OWN)
def open_feed(alert_id: int) -> dict[str, Any]:
    """Give an alert's feed an address, or another one: the one before leads nowhere from then on."""
    token = alertdesk.open_feed(services().store, g.user, alert_id)
    return {"id": alert_id, "address": services().settings.address + url_for("alerts.feed", token=token)}


@operation("POST", "/alerts/<int:alert_id>/feed:close", answer=Alert, **_OWN)
def close_feed(alert_id: int) -> dict[str, Any]:
    """Close an alert's feed: its address leads nowhere from then on."""
    alertdesk.close_feed(services().store, g.user, alert_id)
    return _alert(alertdesk.own(services().store, g.user, alert_id))


@operation("GET", "/alerts:wish", scope=Scope.READ, role=Role.JOURNALIST, answer=Wished, section="Alerts")
def wish() -> dict[str, Any]:
    """How one hears of new ratings of claims that one linked or took along, beside the app."""
    by_mail, pace = services().store.alerts.wish(g.user.id)
    return {"by_mail": by_mail, "pace": str(pace)}


@operation("POST", "/alerts:wish", body=Wish, answer=Wished, **_OWN)
def set_wish(given: Wish) -> dict[str, Any]:
    """Say how one hears of new ratings of such claims."""
    alertdesk.set_wish(services().store, g.user, given.by_mail, given.pace)
    return wish()


@operation("POST", "/notices:read", scope=Scope.READ, body=Seen, answer=Unread, status=201, failures=(404,), section="Alerts")
def read_notices(given: Seen) -> dict[str, int]:
    """Mark notices as read; how many are left unread."""
    notices = services().store.notices
    if (given.id is None) == (given.up_to is None):
        raise BadInput("Name one notice by its id, or all up to one by up_to.", key="api_notices")
    if given.id and notices.read(g.user.id, given.id) is None:
        raise NotFound("There is no such notice.", key="no_such_notice")
    if given.up_to:
        notices.read_all(g.user.id, given.up_to)
    return {"unread": notices.unread(g.user.id)}


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


def _alert(a: Followed) -> dict[str, Any]:
    names = ("id", "name", "object_id", "query", "in_app", "by_mail", "webhook_id", "has_feed")
    return {name: getattr(a, name) for name in names} | {"about": str(a.about), "pace": str(a.pace)}
