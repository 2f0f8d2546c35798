"""Sources on the command line: which feeds are watched, how they do, adding, pausing, looking."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from factcheck.cli.common import as_json, opened
from factcheck.settings import read_settings

if TYPE_CHECKING:
    from factcheck.records import Source, SourceHealth

BY = "command line"
SOURCE = click.argument("source_id", type=int, metavar="SOURCE")


@click.group()
def sources() -> None:
    """Feeds that are watched."""


@sources.command("list")
@as_json
def list_(as_json: bool) -> None:
    """List the feeds that are watched with how they do."""
    from factcheck.records import SourceHealth

    with opened(read_settings()) as store:
        health = store.sources.health(datetime.now(UTC))
        for source in store.sources.all():
            _print(source, as_json, health.get(source.id, SourceHealth()))


@sources.command("add")
@click.argument("url")
@click.option("--name", default="", help="As the outlet is called; the feed's own title if left out.")
@click.option("--language", default="", help="Of all its texts, such as de or en; each text tells if left out.")
@click.option("--licence", default="", help="Under which its texts may be used.")
@click.option("--minutes", default=30, show_default=True, help="Between two looks.")
@as_json
def add(url: str, name: str, language: str, licence: str, minutes: int, as_json: bool) -> None:
    """Watch the feed at URL: RSS, Atom, a news sitemap, or a page that names one feed."""
    from factcheck import sourcesdesk
    from factcheck.errors import BadInput
    from factcheck.records import Source

    settings = read_settings()
    with opened(settings) as store:
        made = sourcesdesk.add(store, settings, BY, url, name=name, language=language, licence=licence, minutes=minutes)
    if not isinstance(made, Source):
        raise BadInput("This page names several feeds. Choose one:\n" + "\n".join(f"{feed.url}  {feed.title}" for feed in made))
    _print(made, as_json)


@sources.command("pause")
@SOURCE
@as_json
def pause(source_id: int, as_json: bool) -> None:
    """Do not look at a source until it is resumed."""
    from factcheck import sourcesdesk

    with opened(read_settings()) as store:
        _print(sourcesdesk.pause(store, BY, source_id, True), as_json)


@sources.command("resume")
@SOURCE
@as_json
def resume(source_id: int, as_json: bool) -> None:
    """Look at a paused source again."""
    from factcheck import sourcesdesk

    with opened(read_settings()) as store:
        _print(sourcesdesk.pause(store, BY, source_id, False), as_json)


@sources.command("look")
@SOURCE
@as_json
def look(source_id: int, as_json: bool) -> None:
    """Look at a source now and say what is new; the running server then reads the new items' pages."""
    from factcheck import sourcesdesk, watching

    settings = read_settings()
    with opened(settings) as store:
        sourcesdesk.look_now(store, BY, source_id)
        found = watching.look(store, settings, datetime.now(UTC), source_id)
    assert found is not None
    source, new = found
    if source.problem:
        raise source.problem.error
    if as_json:
        click.echo(json.dumps({**_row(source), "new": new}, ensure_ascii=False))
    else:
        click.echo(f"{source.name}: {new:,} new or changed items.")


def _row(source: Source) -> dict[str, object]:
    row = asdict(source)
    return {**row, "problem": source.problem.message if source.problem else ""}


def _print(source: Source, as_json: bool, health: SourceHealth | None = None) -> None:
    if as_json:
        click.echo(json.dumps({**_row(source), **(asdict(health) if health else {})}, ensure_ascii=False))
        return
    how = "paused" if not source.is_active else f"failing ({source.problem.message})" if source.problem else "active"
    counts = f"  {health.a_day:.1f} a day, {health.waiting} waiting, {health.failed} failed" if health else ""
    click.echo(f"{source.id:>4}  {source.name}  {source.url}  [{how}]{counts}")
