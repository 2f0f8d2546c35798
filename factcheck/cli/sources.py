"""Sources on the command line: which feeds are watched, how they do, adding, pausing, looking."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from factcheck.cli.acting import acting, by_user, tell
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


@sources.command("change")
@SOURCE
@click.option("--name", help="As the outlet is called.")
@click.option("--language", help="Of all its texts, such as de or en; \"\" lets each text tell.")
@click.option("--licence", help="Under which its texts may be used.")
@click.option("--minutes", type=int, help="Between two looks.")
@by_user
@as_json
def change(source_id: int, by: str, as_json: bool, **given: str | int | None) -> None:
    """Say otherwise what a source is; it holds for what is read from then on. What is not given stays."""
    from factcheck import sourcesdesk

    with opened(read_settings()) as store:
        found = sourcesdesk.get(store, source_id)
        asked = {name: getattr(found, name) if value is None else value for name, value in given.items()}
        _print(sourcesdesk.change(store, acting(store, by).name, source_id, **asked), as_json)


@sources.command("remove")
@SOURCE
@by_user
@as_json
def remove(source_id: int, by: str, as_json: bool) -> None:
    """Watch a source no more; the articles read from it stay."""
    from factcheck import sourcesdesk

    with opened(read_settings()) as store:
        sourcesdesk.remove(store, acting(store, by).name, source_id)
        tell(as_json, {"id": source_id}, f"Source {source_id} is watched no more.")


@sources.command("items")
@SOURCE
@click.option("--most", type=click.IntRange(1, 10_000), default=20, show_default=True, help="How many.")
@as_json
def items(source_id: int, most: int, as_json: bool) -> None:
    """Print what was seen in a source and what became of it, the last first."""
    from factcheck import sourcesdesk

    with opened(read_settings()) as store:
        sourcesdesk.get(store, source_id)
        for item in store.sources.items(source_id, most):
            problem = item.problem.message if item.problem else ""
            row = {k: v for k, v in asdict(item).items() if k not in ("html", "content_hash")} | {"problem": problem}
            became = f"article {item.article_id}" if item.article_id else problem
            tell(as_json, row, f"{item.id:>6}  {item.state} · {item.title or item.link} · {became}")


@sources.command("again")
@click.argument("item", type=int)
@by_user
@as_json
def again(item: int, by: str, as_json: bool) -> None:
    """Have an item read that failed or was left aside, by its number."""
    from factcheck import sourcesdesk

    with opened(read_settings()) as store:
        source_id = sourcesdesk.try_again(store, acting(store, by).name, item)
        tell(as_json, {"id": item, "source_id": source_id}, f"Item {item} is read again.")


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
