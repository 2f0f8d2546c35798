"""What hangs on a claim, on the command line: reports and occurrences that the newsroom entered, put right."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import click

from factcheck.cli.acting import acting, by_user, tell
from factcheck.cli.claims import claims, day
from factcheck.cli.common import as_json, opened
from factcheck.settings import read_settings


@claims.command("change-report")
@click.argument("report", type=int)
@click.option("--title")
@click.option("--url")
@click.option("--publisher")
@click.option("--published", metavar="DATE")
@click.option("--language")
@by_user
@as_json
def claims_change_report(report: int, published: str | None, by: str, as_json: bool, **given: str | None) -> None:
    """Put REPORT right, by its number. What is not given stays."""
    from factcheck import editing

    asked = _asked(given, "published_at", published)
    with opened(read_settings()) as store:
        found = editing.part(store, "coverage", report)
        editing.put_coverage(store, replace(found, **asked), acting(store, by))
        tell(as_json, {"id": report, "claim": found.claim_id}, f"Report {report} is changed.")


@claims.command("change-said")
@click.argument("occurrence", type=int)
@click.option("--quote")
@click.option("--speaker")
@click.option("--at", metavar="DATE", help="When: a day, a month or a year.")
@click.option("--place")
@click.option("--source", help="The outlet that tells of it.")
@click.option("--url")
@by_user
@as_json
def claims_change_said(occurrence: int, at: str | None, by: str, as_json: bool, **given: str | None) -> None:
    """Put OCCURRENCE right, by its number. What is not given stays."""
    from factcheck import editing

    asked = _asked(given, "said_at", at)
    with opened(read_settings()) as store:
        found = editing.part(store, "occurrence", occurrence)
        editing.put_occurrence(store, replace(found, **asked), acting(store, by))
        tell(as_json, {"id": occurrence, "claim": found.claim_id}, f"Occurrence {occurrence} is changed.")


def _asked(given: dict[str, str | None], dated: str, date: str | None) -> dict[str, Any]:
    asked: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    asked |= {dated: day(date)} if date is not None else {}
    if not asked:
        raise click.UsageError("Say what is to change, for example --url.")
    return asked
