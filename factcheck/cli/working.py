"""Articles in, claims in, and finding both again."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from factcheck.cli.acting import tell
from factcheck.cli.common import FILE, as_json, bars, encoder_of, opened, people_on_file
from factcheck.cli.printing import claim_line, past_line, statement_line
from factcheck.records import Article, CheckedDraft
from factcheck.rows import article_row, draft_row, past_row, statement_row
from factcheck.settings import read_settings


@click.command()
@click.argument("file", type=FILE)
@click.option("--published", metavar="ISO", help="When the article was published, for example 2024-11-08.")
@as_json
def extract(file: Path, published: str | None, as_json: bool) -> None:
    """Print the statements in a text, HTML or subtitle file with their speakers. Nothing is stored."""
    import db
    from factcheck import articles, people, statements
    from factcheck.extraction import judging

    settings = read_settings()
    article = articles.from_file(file.name, file.read_bytes(), published_at=published)
    on_file = list(people.public_figures())
    if db.is_there(settings.store):
        with opened(settings) as store:
            on_file = store.people.all() or on_file
    _tell_quality(article)
    encoder = encoder_of(settings)
    for statement in judging.judge(statements.extract(article, on_file, encoder), article.language, encoder):
        row = statement_row(statement, article.language)
        click.echo(json.dumps(row, ensure_ascii=False) if as_json else statement_line(statement))


def _tell_quality(article: Article) -> None:
    """On standard error, so that it stands beside JSON too."""
    from factcheck.language import quality

    if quality(article.language) == "unknown":
        code = f" ({article.language})" if article.language else ""
        click.echo(
            f"Note: the text is not clearly German or English{code}. How well statements are found in it is unknown.", err=True
        )


@click.command()
@click.argument("file", metavar="FILE|URL")
@click.option("--url", help="Where the text of a file is from.")
@click.option("--title")
@click.option("--published", metavar="ISO", help="When the article was published, for example 2024-11-08.")
@click.option("--source", help="The publisher or channel.")
@as_json
def ingest(file: str, url: str | None, title: str | None, published: str | None, source: str | None, as_json: bool) -> None:
    """Add an article (a file, a web address, or - for standard input): its statements are stored and matched to claims."""
    from factcheck import articles, fetch, pipeline

    settings = read_settings()
    given: dict[str, Any] = {"url": url, "title": title or "", "published_at": published, "source": source or ""}
    path = Path(file)
    if file == "-":
        article = articles.from_file("standard-input.txt", sys.stdin.buffer.read(), **given)
    elif file.startswith(("http://", "https://")):
        del given["url"]
        article = articles.from_page(fetch.get(articles.normalise_url(file), allow=settings.outgoing_allow), **given)
    elif path.is_file():
        article = articles.from_file(path.name, path.read_bytes(), **given)
    else:
        raise click.BadParameter(f"There is no file {file!r}.", param_hint="FILE|URL")
    _tell_quality(article)
    with opened(settings) as store:
        people_on_file(store)
        encoder = encoder_of(settings)
        stored, is_new = pipeline.add_article(store, article)
        if is_new or stored.state != "ready":
            pipeline.process(store, encoder, stored.id)
        made = store.articles.statements(stored.id)
        if as_json:
            click.echo(json.dumps(article_row(stored, is_new, made), ensure_ascii=False))
        else:
            click.echo(f"Article {stored.id}: {'added' if is_new else 'already on file'}, {len(made)} statements.")
            for statement in made:
                click.echo(statement_line(statement))


@click.command()
@click.argument("file", type=FILE)
@click.option("--title")
@click.option("--published", metavar="ISO", help="The day the text is about to appear; today's date where it is left out.")
@as_json
def draft(file: Path, title: str | None, published: str | None, as_json: bool) -> None:
    """Check a draft: its statements, each with the claims and past statements on file that come near. Nothing is stored."""
    from datetime import date

    from factcheck import articles, drafting

    settings = read_settings()
    article = articles.from_file(file.name, file.read_bytes(), title=title or "", published_at=published or date.today().isoformat())
    _tell_quality(article)
    with opened(settings) as store, bars() as report:
        people_on_file(store)
        checked = drafting.check(store, encoder_of(settings), article, lambda done, total: report("statements", done, total))
    tell_checked(checked, as_json)


def tell_checked(checked: CheckedDraft, as_json: bool) -> None:
    """A checked draft as one line of JSON, or its statements one after the other."""
    if as_json:
        click.echo(json.dumps(draft_row(checked), ensure_ascii=False))
        return
    for found in checked.statements:
        click.echo(f"[{found.standing}] {statement_line(found.statement)}")
        for hit in found.claims:
            click.echo(f"    claim {claim_line(hit)}")
        for hit in found.past:
            click.echo(f"    said before {past_line(hit)}")


@click.command()
@click.argument("text")
@click.option("-k", "k", type=click.IntRange(1, 100), default=10, show_default=True, help="How many statements.")
@as_json
def similar(text: str, k: int, as_json: bool) -> None:
    """Find past statements like a text, best first: who said it, when, in which article."""
    from factcheck import searching

    settings = read_settings()
    with opened(settings) as store:
        hits = searching.search_statements(store, encoder_of(settings), text, k=k)
        for hit in hits:
            click.echo(json.dumps(past_row(hit), ensure_ascii=False) if as_json else past_line(hit))
        if not hits and not as_json:
            click.echo("Nothing found." if store.articles.count() else "There are no articles on file. Add one: claimtrail ingest FILE")


@click.command("backfill")
@as_json
def backfill_(as_json: bool) -> None:
    """Match statements on file again with the claims and reviews that are new or changed, without a server. Can be stopped and run again."""
    from factcheck import backfill, pipeline

    settings = read_settings()
    with opened(settings) as store, bars("statements") as report:
        encoder, matched, most, before = encoder_of(settings), 0, 0, store.backlog.unmatched()
        pipeline.catch_up(store, encoder)
        while backfill.step(store, encoder):
            left = store.backlog.unmatched()
            matched, most, before = matched + max(0, before - left), max(most, left), left
            report("matched again", most - left, most)
        tell(as_json, {"matched": matched}, f"{matched:,} statements were matched again.")
