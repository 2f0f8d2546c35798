"""Search from the command line: the nearest claims to a text, and everything a search finds, as lines, JSON or CSV."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import click

from factcheck.cli.common import as_json, encoder_of, opened
from factcheck.cli.printing import claim_line
from factcheck.settings import read_settings

if TYPE_CHECKING:
    from factcheck.finding import FoundRow
    from factcheck.wanted import Wanted

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_FILTERS = (
    ("speaker", "Only what this person said."),
    ("publisher", "Only claims that this publisher reviewed."),
    ("source", "Only from this outlet."),
    ("language", "Only in this language, for example de."),
    ("rating", "Only with this rating, for example false."),
    ("topic", "Only on this topic, by name or number."),
    ("status", "Only promises with this status, for example broken."),
)


def filters(command: Callable) -> Callable:
    """The filters of a search as options; each may be given several times."""
    for name, told in reversed(_FILTERS):
        command = click.option(f"--{name}", multiple=True, help=f"{told} May be given several times.")(command)
    command = click.option("--since", metavar="DATE", default="", help="Said on or after a day, month or year.")(command)
    return click.option("--until", metavar="DATE", default="", help="Said on or before it.")(command)


as_csv = click.option("--csv", "as_csv", is_flag=True, help="Print CSV with a header line.")


@click.command()
@click.argument("text")
@click.option("-k", "k", type=click.IntRange(1, 100), default=10, show_default=True, help="How many claims.")
@filters
@as_csv
@as_json
def search(text: str, k: int, as_csv: bool, as_json: bool, **given: Any) -> None:
    """Find the claims nearest to a text, in any language, best first."""
    from factcheck import searching
    from factcheck.finding import FoundRow
    from factcheck.rows import claim_row

    with opened(settings := read_settings()) as store:
        wanted = _wanted(store, given)
        hits = searching.search_claims(store, encoder_of(settings), text, k=k, filters=wanted.filters)
        if as_csv:
            _write_csv(FoundRow("claim", claim=h.claim, hit=h, probability=h.candidate.probability) for h in hits)
            return
        for hit in hits:
            click.echo(json.dumps(claim_row(hit), ensure_ascii=False) if as_json else claim_line(hit))
        if not hits and not as_json:
            click.echo("Nothing found." if store.claims.count() else "There are no claims on file. Import some: claimtrail import FILE")


@click.command()
@click.argument("query", default="")
@click.option("--kind", type=click.Choice(["claim", "statement"]), help="Only claims, or only past statements.")
@click.option("--like", metavar="WHAT", default="", help="More like claim:12 or statement:7.")
@click.option("--sort", type=click.Choice(["best", "said", "reviewed", "often", "worth", "added"]), default=None)
@click.option("--worth", type=click.FloatRange(0, 1), help="Only what is at least this check-worthy, 0 to 1.")
@click.option("--most", type=click.IntRange(1, 1_000_000), default=20, show_default=True, help="How many rows.")
@filters
@as_csv
@as_json
def find(query: str, most: int, as_csv: bool, as_json: bool, **given: Any) -> None:
    """Find claims and past statements as the search page does: "exact words", -without, filters, everything on file without a query."""
    from factcheck import finding, foundrows

    with opened(settings := read_settings()) as store:
        encoder = encoder_of(settings)
        wanted = _wanted(store, given | {"q": query})
        rows = finding.everything(store, encoder, wanted, most)
        if as_csv:
            _write_csv(rows)
            return
        for row in rows:
            click.echo(json.dumps(foundrows.as_json(row, _path), ensure_ascii=False) if as_json else _line(row))
        if not as_json:
            found = finding.find(store, encoder, wanted, counted=False)
            click.echo(f"{found.total:,}{' or more' if found.is_capped else ''} found.")


def _wanted(store: Any, given: dict[str, Any]) -> Wanted:
    from factcheck.wanted import Wanted

    args = {name: [str(v) for v in value] if isinstance(value, tuple) else str(value) for name, value in given.items() if value not in (None, "")}
    if "language" in args:
        args["language"] = [code.lower() for code in args["language"]]
    if "topic" in args:
        args["topic"] = [str(i) for name in args["topic"] for i in store.cards.topics_named(name) or [0]]
    return Wanted.from_args(args)


def _write_csv(rows: Iterable[FoundRow]) -> None:
    from factcheck import foundrows

    writer = csv.writer(sys.stdout)
    writer.writerow(foundrows.CSV_HEAD)
    for row in rows:
        cells = ("" if cell is None else cell for cell in foundrows.cells(row, _path))
        writer.writerow([f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell for cell in cells])


def _path(row: FoundRow) -> str:
    return f"/claims/{row.claim.id}" if row.claim else f"/articles/{row.statement.article_id}#s{row.statement.id}" if row.statement else ""


def _line(row: FoundRow) -> str:
    sure = f"{row.probability:.2f}  " if row.probability is not None else ""
    if row.claim:
        return f"{sure}claim {row.claim.id} · {row.claim.rating} · {row.claim.speaker or '?'}\n    {row.claim.text}"
    assert row.statement is not None and row.article is not None
    s, a = row.statement, row.article
    where = a.source or a.title or f"article {a.id}"
    return f"{sure}statement {s.id} · {s.speaker or s.mention or '?'} · {s.said_at or a.published_at or 'undated'} · {where}\n    {s.text}"
