"""What editors corrected: out as labelled data; and reading articles again, which keeps it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path

import click

from factcheck.cli.common import as_json, bars, encoder_of, existing, opened
from factcheck.errors import ClaimtrailError, NotFound
from factcheck.settings import Settings, read_settings


@click.group()
def export() -> None:
    """Write what is on file in forms that other programs read."""


@export.command("corrections")
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path), required=False)
@click.option("--complete", is_flag=True, help="Only articles whose statements an editor has all checked.")
def export_corrections(out: Path | None, complete: bool) -> None:
    """Write the articles that editors corrected, with all their statements, as JSON Lines in the form of the quotation sets.

    To OUT, or to standard output. Rows say "complete": true where an editor has checked that all statements are right and none is missing.
    """
    from factcheck import correcting

    settings = _existing()
    with opened(settings) as store:
        rows = [row for row in correcting.training_rows(store) if row["complete"] or not complete]
    _write(out, (json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    if out is None:
        return
    whole = sum(row["complete"] for row in rows)
    click.echo(f"{len(rows):,} articles, {whole:,} of them checked completely: {out}", err=True)


def _kind(kind: str) -> click.Command:
    """``export claims`` and its like: one command for each kind of rows."""

    @click.argument("out", type=click.Path(dir_okay=False, path_type=Path), required=False)
    @click.option("--format", "form", type=click.Choice(["csv", "jsonl"]), default="jsonl", show_default=True)
    def command(out: Path | None, form: str) -> None:
        from factcheck import exporting

        with opened(_existing()) as store:
            _write(out, exporting.lines(store, kind, form))

    return export.command(kind, help=f"Write all {kind} as JSON Lines or CSV, to OUT or to standard output.")(command)


for kind in ("claims", "reviews", "statements", "articles", "people", "decisions", "promises"):
    _kind(kind)


@export.command("feed")
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path), required=False)
@click.option("--all", "every", is_flag=True, help="Also the reviews of others.")
def export_feed(out: Path | None, every: bool) -> None:
    """Write the newsroom's own reviews as a DataFeed of ClaimReviews (schema.org), to OUT or to standard output."""
    from factcheck import exporting

    with opened(settings := _existing()) as store:
        reviews = exporting.claim_reviews(store, own=not every, address=lambda claim_id: f"{settings.address}/claims/{claim_id}")
        _write(out, exporting.data_feed(reviews, "Claimtrail", f"{settings.address}/claimreview.json"))


@export.command("all")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--with-users", is_flag=True, help="Also what lets people and programs in: passwords, tokens, webhooks. Keep such a file secret.")
@as_json
def export_all(file: Path, with_users: bool, as_json: bool) -> None:
    """Write everything into one archive, which "import all" takes into a fresh instance."""
    from factcheck import wholeexport

    with opened(_existing()) as store, bars("tables") as report:
        done = wholeexport.write_all(store, file, with_users=with_users, progress=report)
    if as_json:
        return click.echo(json.dumps({"rows": done.rows, "tables": done.tables, "with_users": done.with_users, "file": str(file)}))
    click.echo(f"{done.rows:,} rows of {done.tables} tables: {file}", err=True)


def _write(out: Path | None, pieces: Iterable[str]) -> None:
    if out is None:
        for piece in pieces:
            sys.stdout.write(piece)
        return
    try:
        with out.open("w", encoding="utf-8", newline="") as target:
            target.writelines(pieces)
    except OSError as error:
        raise ClaimtrailError(f"{out} cannot be written ({error.strerror}). Name another file.") from None


@click.command()
@click.argument("articles", type=int, nargs=-1)
@click.option("--all", "every", is_flag=True, help="Read every article on file again.")
@as_json
def reread(articles: tuple[int, ...], every: bool, as_json: bool) -> None:
    """Read articles on file again, as after an update. What editors corrected or decided stays as it is.

    ARTICLES are the numbers in the articles' addresses.
    """
    from factcheck import pipeline

    if bool(articles) == every:
        raise click.UsageError("Name the articles by their numbers, or give --all.")
    settings = _existing()
    with opened(settings) as store, bars("articles") as report:
        ids = store.articles.ids() if every else list(articles)
        known = store.articles.many(ids)
        if unknown := [i for i in ids if i not in known]:
            raise NotFound(f"There is no article {unknown[0]}. Nothing was read.")
        encoder = encoder_of(settings)
        for done, article_id in enumerate(ids, 1):
            before = store.articles.statements(article_id)
            after = pipeline.process(store, encoder, article_id)
            report("articles", done, len(ids))
            row = {"article": article_id, "statements": len(after), "new": len({s.id for s in after} - {s.id for s in before}),
                   "gone": len({s.id for s in before} - {s.id for s in after})}  # fmt: skip
            told = "Article {article}: {statements} statements, {new} new, {gone} gone.".format(**row)
            click.echo(json.dumps(row) if as_json else told)


def _existing() -> Settings:
    return existing(read_settings())
