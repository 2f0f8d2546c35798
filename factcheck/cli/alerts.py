"""Alerts on the command line: what is followed, and sending what is due."""

from __future__ import annotations

import json

import click

from factcheck.cli.acting import tell
from factcheck.cli.common import as_json, encoder_of, opened
from factcheck.settings import read_settings


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
