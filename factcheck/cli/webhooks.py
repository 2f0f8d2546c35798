"""Webhooks of a user on the command line: added, tried, switched, looked into."""

from __future__ import annotations

import click

from factcheck.cli.acting import acting, by_user, tell
from factcheck.cli.common import as_json, opened
from factcheck.errors import OutgoingFailed
from factcheck.records import Webhook
from factcheck.settings import read_settings

WEBHOOK = click.argument("webhook", type=int)


@click.group("webhooks")
def webhooks_() -> None:
    """Where a user's alerts are posted to."""


@webhooks_.command("list")
@by_user
@as_json
def webhooks_list(by: str, as_json: bool) -> None:
    """Print a user's webhooks."""
    with opened(read_settings()) as store:
        for found in store.deliveries.webhooks(acting(store, by).id):
            _tell(found, as_json)


@webhooks_.command("add")
@click.argument("url")
@by_user
@as_json
def webhooks_add(url: str, by: str, as_json: bool) -> None:
    """Add a webhook at URL and print its signing key. The key is not shown again."""
    from factcheck import alertdesk

    with opened(settings := read_settings()) as store:
        made, key = alertdesk.add_webhook(store, acting(store, by), url, settings)
        tell(as_json, {**_row(made), "key": key}, f"Webhook {made.id}. Its key: {key}")


@webhooks_.command("key")
@WEBHOOK
@by_user
@as_json
def webhooks_key(webhook: int, by: str, as_json: bool) -> None:
    """Give a webhook another signing key and print it; the one before signs nothing from then on."""
    from factcheck import alertdesk

    with opened(settings := read_settings()) as store:
        made, key = alertdesk.renew_key(store, acting(store, by), webhook, settings)
        tell(as_json, {**_row(made), "key": key}, f"Webhook {made.id}. Its key: {key}")


@webhooks_.command("test")
@WEBHOOK
@by_user
@as_json
def webhooks_test(webhook: int, by: str, as_json: bool) -> None:
    """Post a test now; exits with 1 when the receiver does not take it."""
    from factcheck import alertdesk

    with opened(settings := read_settings()) as store:
        answer, failed = alertdesk.try_webhook(store, acting(store, by), webhook, settings)
    if failed and not as_json:
        raise OutgoingFailed(failed)
    tell(as_json, {"id": webhook, "answer": answer, "failed": failed}, f"The receiver answered {answer}.")
    if failed:
        raise SystemExit(OutgoingFailed.exit_code)


@webhooks_.command("log")
@WEBHOOK
@click.option("--most", type=click.IntRange(1, 1_000), default=20, show_default=True, help="How many.")
@by_user
@as_json
def webhooks_log(webhook: int, most: int, by: str, as_json: bool) -> None:
    """Print what was posted lately and what came back."""
    from factcheck import alertdesk

    with opened(read_settings()) as store:
        alertdesk.own_webhook(store, acting(store, by), webhook)
        for d in store.deliveries.of_webhook(webhook, most):
            tell(as_json, d, f"{d.created_at}  {d.state} · {d.tries} tries · {d.answer}")


@webhooks_.command("switch")
@WEBHOOK
@click.argument("on", type=click.Choice(["on", "off"]))
@by_user
@as_json
def webhooks_switch(webhook: int, on: str, by: str, as_json: bool) -> None:
    """Switch a webhook on or off. What waits while it is off is not sent later."""
    from factcheck import alertdesk

    with opened(read_settings()) as store:
        user = acting(store, by)
        alertdesk.switch_webhook(store, user, webhook, on == "on")
        _tell(alertdesk.own_webhook(store, user, webhook), as_json)


@webhooks_.command("delete")
@WEBHOOK
@by_user
@as_json
def webhooks_delete(webhook: int, by: str, as_json: bool) -> None:
    """Delete a webhook."""
    from factcheck import alertdesk

    with opened(read_settings()) as store:
        alertdesk.delete_webhook(store, acting(store, by), webhook)
        tell(as_json, {"id": webhook}, f"Webhook {webhook} is deleted.")


def _row(webhook: Webhook) -> dict[str, object]:
    """Without what the key is made from."""
    return {"id": webhook.id, "url": webhook.url, "created_at": webhook.created_at, "on": webhook.disabled_at is None}


def _tell(webhook: Webhook, as_json: bool) -> None:
    tell(as_json, _row(webhook), f"{webhook.id:>6}  {webhook.url}  [{'off' if webhook.disabled_at else 'on'}]")
