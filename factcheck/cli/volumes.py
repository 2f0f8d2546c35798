"""Volumes of statements, on a server: what there are, and taking an old one off."""

from __future__ import annotations

import dataclasses
import json

import click

from factcheck.cli.acting import tell
from factcheck.cli.common import as_json, existing, opened
from factcheck.settings import read_settings


@click.group(invoke_without_command=True)
@as_json
@click.pass_context
def volumes(ctx: click.Context, as_json: bool) -> None:
    """List the volumes that statements are kept in by the time they came in (PostgreSQL only)."""
    if ctx.invoked_subcommand is not None:
        return
    settings = read_settings()
    existing(settings)
    with opened(settings) as store:
        found = store.volumes.all()
    if as_json:
        click.echo(json.dumps([dataclasses.asdict(v) for v in found]))
        return
    if not found:
        click.echo("The database is a file: it keeps all statements together.")
    for v in found:
        state = "made ahead" if not v.opened_at else f"from {v.opened_at[:10]}{', what is new goes here' if v.is_present else ''}"
        click.echo(f"{v.number:>3}  {v.statements:>12,} statements  {v.bytes:>15,} bytes  {state}")


@volumes.command("take-off")
@click.argument("number", type=int)
@as_json
def take_off(number: int, as_json: bool) -> None:
    """Take the statements of a closed volume out of the newsroom, into a table that can be saved and dropped.

    What was decided on, corrected, noted, assigned or sorted by hand stays. Others wait while it is done.
    """
    settings = read_settings()
    existing(settings)
    with opened(settings) as store:
        table, went, stayed = store.volumes.take_off(number)
    told = f"{went:,} statements of volume {number} lie in the table {table} now, {stayed:,} stay because somebody worked with them."
    tell(as_json, {"table": table, "taken_off": went, "stayed": stayed}, told)
