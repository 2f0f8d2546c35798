"""A user's webhooks: added, tried, looked into, switched off."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request, url_for

from factcheck import alertdesk, pacing, webhooks
from factcheck.errors import ClaimtrailError
from factcheck.records import Webhook
from factcheck.web import services

blueprint = Blueprint("webhooks", __name__)

LOGGED = 20


@blueprint.get("/webhooks")
def listing():
    return _page()


@blueprint.post("/webhooks")
def add():
    try:
        made, key = alertdesk.add_webhook(services().store, g.user, request.form.get("url", ""), services().settings)
    except ClaimtrailError as error:
        if error.status not in (400, 502):
            raise
        return _page(error=error), 422
    return _page(made=made, key=key), 201  # the only page that ever shows the key: no redirect, nothing kept


@blueprint.post("/webhooks/<int:webhook_id>/key")
def renew_key(webhook_id: int):
    webhook, key = alertdesk.renew_key(services().store, g.user, webhook_id, services().settings)
    return _page(made=webhook, key=key), 201


@blueprint.post("/webhooks/<int:webhook_id>/test")
def test(webhook_id: int):
    """Post a test at once; what came back stands in the log like any delivery."""
    alertdesk.try_webhook(services().store, g.user, webhook_id, services().settings)
    return redirect(url_for("webhooks.listing", tested=webhook_id, _anchor=f"w{webhook_id}"), 303)


@blueprint.post("/webhooks/<int:webhook_id>/switch")
def switch(webhook_id: int):
    alertdesk.switch_webhook(services().store, g.user, webhook_id, request.form.get("on") == "1")
    return redirect(url_for("webhooks.listing", _anchor=f"w{webhook_id}"), 303)


@blueprint.post("/webhooks/<int:webhook_id>/delete")
def delete(webhook_id: int):
    alertdesk.delete_webhook(services().store, g.user, webhook_id)
    return redirect(url_for("webhooks.listing", gone=1), 303)


def _page(*, made: Webhook | None = None, key: str = "", error: ClaimtrailError | None = None) -> str:
    store = services().store
    mine = store.deliveries.webhooks(g.user.id)
    used: dict[int, list] = {}
    for alert in store.alerts.of_user(g.user.id):
        if alert.webhook_id:
            used.setdefault(alert.webhook_id, []).append(alert)
    return render_template(
        "pages/webhooks.html",
        webhooks=mine,
        logs={w.id: store.deliveries.of_webhook(w.id, LOGGED) for w in mine},
        used=used,
        made=made,
        key=key,
        error=error,
        given=request.form.get("url", "") if error else "",
        tested=request.args.get("tested", type=int),
        gone="gone" in request.args,
        tries=pacing.TRIES,
        most=webhooks.MOST_WEBHOOKS,
    )
