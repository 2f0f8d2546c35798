"""Alerts on the command line: what is followed, and sending what is due."""

from __future__ import annotations

import json

import click

from factcheck.cli.acting import acting, by_user, tell
from factcheck.cli.common import as_json, encoder_of, opened
from factcheck.records import About, Alert, Pace
from factcheck.settings import read_settings

ALERT = click.argument("alert", type=int)


@click.group()
def alerts() -> None:
    """What people follow, and sending what is due."""


@alerts.command("send")
@as_json
def send(as_json: bool) -> None:
    """Read what happened, write notices, send what is due by mail and webhook, and end."""
    from factcheck import alerting

    settings = read_settings()
    with opened(settings) as store:
        before = store.deliveries.counts()
        alerting.run(store, encoder_of(settings), settings)
        after = store.deliveries.counts()
    sent, failed = (after.get(state, 0) - before.get(state, 0) for state in ("sent", "failed"))
    row = {"sent": sent, "failed": failed, "waiting": after.get("waiting", 0)}
    tell(as_json, row, f"{sent:,} sent, {failed:,} given up, {row['waiting']:,} waiting for another try.")


@alerts.command("list")
@as_json
def list_(as_json: bool) -> None:
    """List what is followed and by whom, and count what was sent, waits or was given up."""
    with opened(read_settings()) as store:
        found = store.alerts.all()
        names = store.alerts.recipients(a.user_id for a in found)
        told = store.notices.told(a.id for a in found)
        counts = store.deliveries.counts()
    for a in found:
        ways = [way for way, on in (("app", a.in_app), ("feed", a.has_feed), ("mail", a.by_mail), ("webhook", a.webhook_id)) if on]
        row = {
            "id": a.id, "user": names[a.user_id].name, "about": str(a.about), "name": a.name, "object": a.object_id, "query": a.query,
            "ways": ways, "pace": str(a.pace), "told": told[a.id][0] if a.id in told else 0,
        }  # fmt: skip
        if as_json:
            click.echo(json.dumps(row, ensure_ascii=False))
        else:
            click.echo(f"{a.id:>6}  {row['user']}  {row['about']}: {a.name}  [{', '.join(ways) or 'nothing'}; {a.pace}; told {row['told']}]")
    if not as_json:
        click.echo(f"{len(found):,} followed. " + ", ".join(f"{counts.get(s, 0):,} {s}" for s in ("sent", "waiting", "failed")) + ".")


@alerts.command("follow")
@click.argument("about", type=click.Choice([str(a) for a in About]))
@click.option("--number", type=int, help="Of the claim, person or topic.")
@click.option("--query", default="", help="Of a search as its address has it, for example \"q=bridge&rating=false\"; the status or rating that is meant.")
@click.option("--name", default="", help="What it is to be called.")
@by_user
@as_json
def follow(about: str, number: int | None, query: str, name: str, by: str, as_json: bool) -> None:
    """Save a search, or follow a claim, person, topic, promise status or rating: what is new is told to its user."""
    from factcheck import alertdesk

    with opened(read_settings()) as store:
        _tell(alertdesk.follow(store, acting(store, by), about, object_id=number, query=query, name=name), as_json)


@alerts.command("change")
@ALERT
@click.option("--name", help="What it is to be called.")
@click.option("--app/--no-app", "in_app", default=None, help="Tell it in the app.")
@click.option("--mail/--no-mail", "by_mail", default=None, help="Tell it by mail.")
@click.option("--webhook", type=int, help="Post it to this webhook, by its number; 0 for none.")
@click.option("--pace", type=click.Choice([str(p) for p in Pace]))
@click.option("--query", help="Search for this instead.")
@by_user
@as_json
def change(
    alert: int, name: str | None, in_app: bool | None, by_mail: bool | None, webhook: int | None, pace: str | None, query: str | None, by: str, as_json: bool
) -> None:
    """Say how and how often one hears of it. What is not given stays."""
    from factcheck import alertdesk

    with opened(read_settings()) as store:
        user = acting(store, by)
        found = alertdesk.own(store, user, alert)
        made = alertdesk.change(
            store, user, alert, name=found.name if name is None else name, in_app=found.in_app if in_app is None else in_app,
            by_mail=found.by_mail if by_mail is None else by_mail, webhook_id=found.webhook_id if webhook is None else webhook or None,
            pace=str(found.pace) if pace is None else pace, query=query,
        )  # fmt: skip
        _tell(made, as_json)


@alerts.command("feed")
@ALERT
@click.option("--close", is_flag=True, help="Close it: its address leads nowhere from then on.")
@by_user
@as_json
def feed(alert: int, close: bool, by: str, as_json: bool) -> None:
    """Open a feed of what is new under a new address, and print it. It is not shown again."""
    from factcheck import alertdesk

    settings = read_settings()
    with opened(settings) as store:
        user = acting(store, by)
        if close:
            alertdesk.close_feed(store, user, alert)
            return tell(as_json, {"id": alert, "feed": None}, f"The feed of {alert} is closed.")
        address = f"{settings.address}/feeds/{alertdesk.open_feed(store, user, alert)}.atom"
        tell(as_json, {"id": alert, "feed": address}, address)


@alerts.command("unfollow")
@ALERT
@by_user
@as_json
def unfollow(alert: int, by: str, as_json: bool) -> None:
    """Follow something no more."""
    from factcheck import alertdesk

    with opened(read_settings()) as store:
        alertdesk.unfollow(store, acting(store, by), alert)
        tell(as_json, {"id": alert}, f"{alert} is followed no more.")


@alerts.command("wish")
@click.option("--mail/--no-mail", "by_mail", default=None, help="Tell it by mail, too.")
@click.option("--pace", type=click.Choice([str(p) for p in Pace]))
@by_user
@as_json
def wish(by_mail: bool | None, pace: str | None, by: str, as_json: bool) -> None:
    """Print how one hears of new ratings of claims that one linked or took along; or say how. What is not given stays."""
    from factcheck import alertdesk

    with opened(read_settings()) as store:
        user = acting(store, by)
        mail, now = store.alerts.wish(user.id)
        if by_mail is not None or pace is not None:
            alertdesk.set_wish(store, user, mail if by_mail is None else by_mail, str(now) if pace is None else pace)
            mail, now = store.alerts.wish(user.id)
        tell(as_json, {"by_mail": mail, "pace": str(now)}, f"In the app{' and by mail' if mail else ''}; {now}")


@alerts.command("news")
@click.option("--read", is_flag=True, help="Mark all of it as read.")
@click.option("--most", type=click.IntRange(1, 10_000), default=50, show_default=True, help="How many.")
@by_user
@as_json
def news(read: bool, most: int, by: str, as_json: bool) -> None:
    """Print what one was told in the app, the newest first."""
    with opened(read_settings()) as store:
        user = acting(store, by)
        found = store.notices.of_user(user.id, limit=most)
        for n in found:
            e = n.event
            row = {
                "id": n.id, "kind": str(e.kind), "at": n.at, "read_at": n.read_at, "alert": n.alert_name, "claim": e.claim_id,
                "statement": e.statement_id, "person": e.person_id, "before": e.before, "after": e.after,
            }  # fmt: skip
            on = next((f"{what} {row[what]}" for what in ("claim", "statement", "person") if row[what]), "-")
            tell(as_json, row, f"{n.id:>6}  {n.at[:16]}  {n.alert_name or '-'} · {e.kind} · {on}{'' if n.read_at else ' · new'}")
        if read and found:
            store.notices.read_all(user.id, found[0].id)


def _tell(alert: Alert, as_json: bool) -> None:
    ways = [way for way, on in (("app", alert.in_app), ("feed", alert.has_feed), ("mail", alert.by_mail), ("webhook", alert.webhook_id)) if on]
    tell(as_json, alert, f"{alert.id:>6}  {alert.about}: {alert.name}  [{', '.join(ways) or 'nothing'}; {alert.pace}]")
