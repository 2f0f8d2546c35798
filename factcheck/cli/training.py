"""``train``: what the product learns from the newsroom's own decisions."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from factcheck.cli.common import FILE, bars, existing, opened
from factcheck.errors import ClaimtrailError
from factcheck.settings import Settings, read_settings

if TYPE_CHECKING:
    from db import Store
    from factcheck.training.installing import Verdict


@click.group()
def train() -> None:
    """Learn from the newsroom's own decisions."""


@train.command("matching")
@click.option("--minutes", type=click.FloatRange(0, min_open=True), default=20, show_default=True, help="Train for this long at most.")
@click.option(
    "--pinned", type=FILE, nargs=2, multiple=True, metavar="CLAIMS QUERIES",
    help="A claim file and a query file that the new adapter must not be worse on; may be given several times.",
)  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Train and measure, but install nothing.")
@click.option("--undo", is_flag=True, help="Go back to the adapter before the last one installed.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def train_matching(minutes: float, pinned: tuple[tuple[Path, Path], ...], dry_run: bool, undo: bool, as_json: bool) -> None:
    """Train the matching on confirmed links, and install the result if it is not worse than what is in use.

    Measured are the pinned set of Claimtrail, a part of the decisions that is never trained on, and each --pinned pair of files. On
    none of them may MAP@5 be lower than before. A running server uses the new adapter after a restart.
    """
    settings = read_settings()
    if undo:
        if pinned or dry_run:
            raise click.UsageError("--undo goes alone.")
        from factcheck import adapter
        from factcheck.training import matching

        with opened(settings) as store:
            matching.undo(store, settings)
        in_use = adapter.describe(settings.home)
        click.echo(json.dumps({"adapter": in_use}) if as_json else f"The adapter in use is now: {in_use}\n{RESTART}")
        return
    from factcheck.training import matching

    with _stoppable(settings, "The adapter") as (store, report):
        done = matching.train(store, settings, minutes=minutes, pinned=pinned, dry_run=dry_run, progress=report)
    about = {"links": done.links, "pairs": done.pairs, "watched": done.watched, "held_out": done.held_out}
    told = f"{done.links} confirmed links, {done.pairs} pairs to train on; {done.watched} statements watched, {done.held_out} held out."
    if as_json:
        click.echo(json.dumps(about | _row(done.verdict, dry_run, "queries"), ensure_ascii=False))
    else:
        click.echo("\n".join([told, *_lines(done.verdict, dry_run, "adapter", "MAP@5 on", "statements", 4, RESTART)]))


@train.command("statements")
@click.option("--minutes", type=click.FloatRange(0, min_open=True), default=20, show_default=True, help="Train for this long at most.")
@click.option(
    "--pinned", type=FILE, multiple=True, metavar="ARTICLES",
    help="A file of labelled articles that the new reading must not be worse on; may be given several times.",
)  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Train and measure, but install nothing.")
@click.option("--undo", is_flag=True, help="Go back to the reading before the last one installed.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def train_statements(minutes: float, pinned: tuple[Path, ...], dry_run: bool, undo: bool, as_json: bool) -> None:
    """Train the reading of articles on those that editors checked, and install the result if it is not worse than what is in use.

    Measured are the pinned articles of Claimtrail, a part of the checked articles that is never trained on, and each --pinned file. On
    none of them may the joint F1 of "eval statements" be lower than before. A running server uses the new reading after a restart.
    """
    settings = read_settings()
    if undo:
        if pinned or dry_run:
            raise click.UsageError("--undo goes alone.")
        from factcheck import adapter
        from factcheck.training import reading

        with opened(settings) as store:
            reading.undo(store, settings)
        in_use = adapter.describe(settings.home, adapter.READING)
        click.echo(json.dumps({"reading": in_use}) if as_json else f"The reading in use is now: {in_use}\n{READ_AGAIN}")
        return
    from factcheck.training import reading

    with _stoppable(settings, "The reading") as (store, report):
        done = reading.train(store, settings, minutes=minutes, pinned=pinned, dry_run=dry_run, progress=report)
    left = done.left_out
    about = {
        "articles": done.articles, "rehearsed": done.rehearsed, "watched": done.watched, "held_out": done.held_out,
        "left_out": {"unchecked": left.unchecked, "language": left.language, "labelled": left.labelled},
    }  # fmt: skip
    if as_json:
        click.echo(json.dumps(about | _row(done.verdict, dry_run, "articles"), ensure_ascii=False))
        return
    told = (
        f"{done.articles} checked articles to train on, with {done.rehearsed} others as they are read now; {done.watched} watched, "
        f"{done.held_out} held out.\nLeft out: {left.unchecked} corrected but not checked as a whole, {left.language} in other languages, "
        f"{left.labelled} read by their labels."
    )
    click.echo("\n".join([told, *_lines(done.verdict, dry_run, "reading", "Joint F1 on", "articles", 2, READ_AGAIN)]))


@contextmanager
def _stoppable(settings: Settings, what: str) -> Iterator[tuple[Store, Callable[[str, int, int], None]]]:
    """The store and progress bars for a training; Ctrl-C is told of in words."""
    existing(settings)
    with opened(settings) as store:
        try:
            with bars() as report:
                yield store, report
        except KeyboardInterrupt:
            raise ClaimtrailError(f"Stopped. {what} in use stays as it was.") from None


RESTART = "Restart the server, if it runs: it makes the statements' vectors anew in the background."


READ_AGAIN = "Restart the server, if it runs. Articles on file stay as they were read; claimtrail reread --all reads them again."


def _row(verdict: Verdict | None, dry_run: bool, counted: str) -> dict[str, object]:
    return {
        "sets": [
            {"name": c.name, counted: c.queries, "before": c.before, "after": c.after, "worse": c.is_worse}
            for c in (verdict.comparisons if verdict else ())
        ],
        "not_worse": verdict is not None and not verdict.worse_on,
        "installed": bool(verdict and verdict.installed),
        "dry_run": dry_run,
        "file": str(verdict.file) if verdict and verdict.file else None,
    }


def _lines(verdict: Verdict | None, dry_run: bool, what: str, measure: str, counted: str, digits: int, then: str) -> list[str]:
    """The figures as a table, and what was done."""
    if verdict is None:
        return [f"Nothing was learned that is not worse elsewhere. The {what} in use stays."]
    width = max(len(c.name) for c in verdict.comparisons)
    lines = [f"{measure:{width}}  {counted}  before   after"]
    lines += [
        f"{c.name:{width}}  {c.queries:>{len(counted)}}  {c.before:6.{digits}f}  {c.after:6.{digits}f}{'  worse' if c.is_worse else ''}"
        for c in verdict.comparisons
    ]
    if verdict.worse_on:
        lines.append(f"It is worse on: {', '.join(verdict.worse_on)}. The {what} in use stays.")
        return lines + ([f"The new one is kept for a look at {verdict.file}"] if verdict.file else [])
    if dry_run:
        return [*lines, "It is worse on none. Nothing was installed: this was a dry run."]
    return [*lines, f"It is worse on none and was installed: {verdict.file}", then]
