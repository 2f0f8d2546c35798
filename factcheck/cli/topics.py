"""Topics on the command line: what there is, and assigning them anew."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from factcheck.cli.acting import tell
from factcheck.cli.common import as_json, bars, encoder_of, opened
from factcheck.settings import read_settings


@click.group("topics")
def topics_() -> None:
    """What claims and statements are about."""


@topics_.command("list")
@as_json
def list_(as_json: bool) -> None:
    """Print every topic with how many claims and statements are about it."""
    with opened(read_settings()) as store:
        counts = store.topics.counts()
        for topic in store.topics.all():
            claims, statements = counts[topic.id]
            if as_json:
                click.echo(json.dumps({**asdict(topic), "claims": claims, "statements": statements}, ensure_ascii=False))
            else:
                click.echo(f"{topic.name}: {claims:,} claims, {statements:,} statements")


@topics_.command()
@as_json
def assign(as_json: bool) -> None:
    """Assign topics to all that waits for it, as after a changed description, without a server. What editors gave or removed stays."""
    from factcheck import topics

    settings = read_settings()
    with opened(settings) as store, bars() as report:
        done = topics.assign_all(store, encoder_of(settings), lambda made, of: report("topics", made, of))
        of = len(store.topics.all())
        tell(as_json, {"compared": done, "topics": of}, f"{done:,} claims and statements were compared with {of} topics.")
