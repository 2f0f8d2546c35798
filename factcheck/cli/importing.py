"""Claims and reviews in: files of any form, the Fact Check Tools API, a full export."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from factcheck.cli.common import as_json, bars, encoder_of, opened, people_on_file
from factcheck.errors import BadInput, ClaimtrailError, NotFound, QuotaSpent
from factcheck.settings import read_settings

if TYPE_CHECKING:
    from factcheck.importing import Report

PREVIEWED = 10  # entries


class _Files(click.Group):
    """``import FILES`` beside ``import google``: what is no command is a file."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            args = ["files", *args]
        return super().parse_args(ctx, args)


@click.group("import", cls=_Files)
def import_() -> None:
    """Import claims and reviews from files, an API or a full export. FILES alone are read in whatever form they are."""


@import_.command()
@click.argument("files", type=click.Path(exists=True, dir_okay=False, path_type=Path), nargs=-1, required=True)
@click.option("--map", "columns", multiple=True, metavar="COLUMN=FIELD", help="Which column of a table holds what; COLUMN= leaves one out.")
@click.option("--preview", is_flag=True, help="Show what would become of the first entries; nothing is stored.")
@as_json
def files(files: tuple[Path, ...], columns: tuple[str, ...], preview: bool, as_json: bool) -> None:
    """Import files: ClaimReview as JSON, JSON Lines or in web pages, DataFeeds, answers of the Fact Check Tools API, tables (CSV).

    The form is recognised by what a file holds. Can be stopped and run again: it goes on where it stopped.
    """
    from factcheck import importing

    settings, given = read_settings(), _columns(columns)
    with opened(settings) as store:
        if preview:
            _preview(store, files, given, as_json)
            return
        people_on_file(store)
        try:
            with bars() as report:
                result = importing.import_claims(store, encoder_of(settings), list(files), report, given)
        except KeyboardInterrupt:
            raise ClaimtrailError("Stopped. What was imported is kept; run the same command again to go on.") from None
    _tell(result, as_json)


def _preview(store, files: tuple[Path, ...], columns: Mapping[str, str], as_json: bool) -> None:
    from itertools import islice

    from factcheck import claimforms, claimtables, importing

    for file in files:
        with file.open("rb") as source:
            if claimforms.form_of(source) == claimforms.TABLE and not as_json:
                names = claimtables.columns(claimtables.decoded(source.read()))
                fields = claimtables.mapping(names, columns)
                click.echo(f"{file.name}: " + ", ".join(f"{n} = {fields.get(n, '(left out)')}" for n in names), err=True)
            found = islice(claimforms.entries(source, file.name, columns, store.rating_words.table()), PREVIEWED)
            for entry in importing.preview(store, file.name, found):
                claim = entry.claim
                if as_json:
                    row = {"place": entry.place, "outcome": entry.outcome, "reason": entry.reason, "text": claim.text if claim else ""}
                    click.echo(json.dumps({"file": file.name, **row}, ensure_ascii=False))
                elif claim:
                    rated = "; ".join(f"{r.publisher}: {r.rating_text or r.title} ({r.rating})" for r in claim.reviews)
                    click.echo(f"{entry.place}: {entry.outcome}: {claim.speaker + ': ' if claim.speaker else ''}{claim.text} [{rated}]")
                else:
                    click.echo(f"{entry.place}: bad: {entry.reason}")


def _columns(given: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for pair in given:
        column, equals, name = pair.rpartition("=")
        if not equals or not column:
            raise click.BadParameter(f"{pair!r} is not of the form COLUMN=FIELD.", param_hint="--map")
        found[column.strip()] = name.strip()
    return found


def _tell(result: Report, as_json: bool) -> None:
    from factcheck.importing import REPORTED

    for name, number, reason in result.bad[:REPORTED]:
        click.echo(f"{name}, line {number}: {reason}; skipped", err=True)
    if len(result.bad) > REPORTED:
        click.echo(f"... and {len(result.bad) - REPORTED} more lines skipped", err=True)
    if as_json:
        bad = [{"file": name, "line": number, "reason": reason} for name, number, reason in result.bad]
        click.echo(json.dumps({**{k: v for k, v in vars(result).items() if k != "bad"}, "bad": bad}, ensure_ascii=False))
    else:
        click.echo(
            f"{result.new:,} new, {result.changed:,} changed, {result.unchanged:,} unchanged, {len(result.bad):,} bad lines; "
            f"{result.embedded:,} vectors made{f', {result.people:,} people put on file' if result.people else ''}."
        )


@import_.command()
@click.option("--query", default="", help="Words to search for.")
@click.option("--publisher", default="", metavar="SITE", help="Only reviews of this site, for example example.org.")
@click.option("--language", default="", metavar="CODE", help="Only reviews in this language, for example de.")
@click.option("--key-file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=True, help="A file that holds the key of the API.")
@click.option("--from", "token", default="", metavar="TOKEN", help="Go on from a page an earlier run stopped at.")
@click.option("--address", default="", help="Another service of the same form than Google's.")
@as_json
def google(query: str, publisher: str, language: str, key_file: Path, token: str, address: str, as_json: bool) -> None:
    """Import reviews from the Fact Check Tools API, page by page. At the end of the quota it says how to go on."""
    from factcheck import factchecktools, importing, pipeline

    settings = read_settings()
    key = key_file.read_text(encoding="utf-8").strip()
    if not key:
        raise BadInput(f"{key_file} is empty. Put the key of the Fact Check Tools API in it.")
    asked = factchecktools.Asked(query, publisher, language)
    report, batch, stopped = importing.Report(), importing.Batch(factchecktools.NAME), None
    with opened(settings) as store:
        people_on_file(store)
        own = store.rating_words.table()
        try:
            for page in factchecktools.pages(asked, key, token, address=address or factchecktools.ADDRESS, allow=settings.outgoing_allow):
                found = factchecktools.entries(page, own)
                batch.crowded |= importing.survey(found)[1]
                with store.write():
                    importing.put(store, batch, found, report)
                token = page.next_token
        except QuotaSpent as error:
            stopped = error
        except KeyboardInterrupt:
            stopped = ClaimtrailError(f"Stopped. To go on: the same command with --from {token}" if token else "Stopped.")
        importing.note(store, "command line", [factchecktools.NAME], report)
        with bars() as bar:
            report.embedded = pipeline.embed_claims(store, encoder_of(settings), progress=lambda made, of: bar("vectors", made, of))
    _tell(report, as_json)
    if stopped:
        raise stopped


@import_.command("all")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@as_json
def everything(file: Path, as_json: bool) -> None:
    """Import a full export into a new, empty database: everything is as it was where it was exported."""
    from factcheck import wholeexport

    if not file.is_file():
        raise NotFound(f"There is no file {file}.")
    settings = read_settings()
    with opened(settings) as store, bars() as report:
        done = wholeexport.read_all(store, encoder_of(settings), file, report)
    if as_json:
        click.echo(json.dumps({"rows": done.rows, "tables": done.tables, "with_users": done.with_users}))
        return
    click.echo(f"{done.rows:,} rows in {done.tables} tables are in. Sign-ins: " + (
        "as they were." if done.with_users else "give everybody a password with: claimtrail users password NAME"
    ))
