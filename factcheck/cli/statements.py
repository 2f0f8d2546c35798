"""What was found in an article, put right on the command line; it stands also when the article is read again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import click

from factcheck.cli.acting import acting, by_user, tell
from factcheck.cli.common import as_json, encoder_of, opened
from factcheck.errors import NotFound
from factcheck.records import Correction, Kind
from factcheck.settings import read_settings

KIND = click.Choice([str(k) for k in Kind])


@click.group("statements")
def statements_() -> None:
    """Statements in articles; "articles show --json" prints their numbers and places."""


@statements_.command("correct")
@click.argument("statement", type=int)
@click.option("--start", type=int, help="Where it begins in the text, in characters.")
@click.option("--end", type=int, help="Where it ends.")
@click.option("--kind", type=KIND)
@click.option("--speaker", help="Who said it.")
@by_user
@as_json
def correct(statement: int, kind: str | None, by: str, as_json: bool, **given: Any) -> None:
    """Give STATEMENT another place, kind or speaker; with nothing given it is confirmed as it stands."""
    from factcheck import correcting, marks

    asked = {name: value for name, value in given.items() if value is not None} | ({"kind": Kind(kind)} if kind else {})
    with opened(settings := read_settings()) as store:
        found = store.articles.statement(statement)
        if found is None:
            raise NotFound(f"There is no statement {statement}.")
        mark = replace(marks.mark_of(found), **asked)
        _tell(correcting.change(store, encoder_of(settings), statement, mark, acting(store, by), correcting.seen(found)), as_json)


@statements_.command("add")
@click.argument("article", type=int)
@click.argument("start", type=int)
@click.argument("end", type=int)
@click.option("--kind", type=KIND, default=str(Kind.DIRECT), show_default=True)
@click.option("--speaker", default="", help="Who said it.")
@by_user
@as_json
def add(article: int, start: int, end: int, kind: str, speaker: str, by: str, as_json: bool) -> None:
    """Take up a statement in ARTICLE that was not found, from START to END of its text."""
    from factcheck import correcting
    from factcheck.records import Mark

    with opened(settings := read_settings()) as store:
        _tell(correcting.add(store, encoder_of(settings), article, Mark(start, end, Kind(kind), speaker), acting(store, by)), as_json)


@statements_.command("remove")
@click.argument("statement", type=int)
@by_user
@as_json
def remove(statement: int, by: str, as_json: bool) -> None:
    """Take out what is no statement."""
    from factcheck import correcting

    with opened(read_settings()) as store:
        found = store.articles.statement(statement)
        if found is None:
            raise NotFound(f"There is no statement {statement}.")
        _tell(correcting.remove(store, statement, acting(store, by), correcting.seen(found)), as_json)


@statements_.command("checked")
@click.argument("article", type=int)
@by_user
@as_json
def checked(article: int, by: str, as_json: bool) -> None:
    """Say that the statements of ARTICLE are all right and none is missing."""
    from factcheck import correcting

    with opened(read_settings()) as store:
        _tell(correcting.check(store, article, acting(store, by), correcting.all_seen(store.articles.statements(article))), as_json)


@statements_.command("undo")
@click.argument("correction", type=int)
@by_user
@as_json
def undo(correction: int, by: str, as_json: bool) -> None:
    """Take CORRECTION back, by its number."""
    from factcheck import correcting

    with opened(settings := read_settings()) as store:
        _tell(correcting.undo(store, encoder_of(settings), correction, acting(store, by)), as_json)


def _tell(made: Correction, as_json: bool) -> None:
    row = {"id": made.id, "article_id": made.article_id, "statement_id": made.statement_id, "act": str(made.act), "by": made.user, "at": made.at}
    what = f"statement {made.statement_id}" if made.statement_id else f"article {made.article_id}"
    tell(as_json, row, f"Correction {made.id}: {what}, {made.act}.")


@statements_.command("speaker")
@click.argument("statement", type=int)
@click.argument("name", default="")
@click.option("--only-here", is_flag=True, help="Do not remember the words for other texts.")
@click.option("--undo", type=int, metavar="CONFIRMATION", help="Take this one back instead, by the number that it was given.")
@by_user
@as_json
def statements_speaker(statement: int, name: str, only_here: bool, undo: int | None, by: str, as_json: bool) -> None:
    """Print whom the mention in STATEMENT may mean; with NAME confirm that it is that one, wherever in the article it holds."""
    from factcheck import confirming, correcting

    with opened(settings := read_settings()) as store:
        found = store.articles.statement(statement)
        if found is None:
            raise NotFound(f"There is no statement {statement}.")
        if undo is not None:
            done = confirming.undo(store, encoder_of(settings), undo, acting(store, by))
            return tell(as_json, done, f"It is open again who {done.mention} is.")
        if name:
            saw = correcting.seen(found)
            made = confirming.confirm(store, encoder_of(settings), statement, name, acting(store, by), saw, remember=not only_here)
            told = f"Confirmation {made.id}: {made.mention} is {made.name} in {len(made.statements):,} statements."
            return tell(as_json, made, told)
        for s in found.suggestions:
            tell(as_json, s, f"{s.likelihood:.2f}  {s.name} ({s.reason})")
