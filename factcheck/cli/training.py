"""``train``: what the product learns from the newsroom's own decisions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from factcheck.cli.common import FILE, bars, opened
from factcheck.errors import ClaimtrailError
from factcheck.settings import Settings, read_settings

if TYPE_CHECKING:
    from factcheck.training.matching import Training


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
        _undo(settings, as_json)
        return
    from factcheck.training import matching

    if not settings.database.exists():
        raise ClaimtrailError(f"There is no database at {settings.database}. Create it with: claimtrail init")
    with opened(settings) as store:
        try:
            with bars() as report:
                done = matching.train(store, settings, minutes=minutes, pinned=pinned, dry_run=dry_run, progress=report)
        except KeyboardInterrupt:
            raise ClaimtrailError("Stopped. The adapter in use stays as it was.") from None
    if as_json:
        click.echo(json.dumps(_row(done, dry_run), ensure_ascii=False))
    else:
        click.echo("\n".join(_lines(done, dry_run)))


def _undo(settings: Settings, as_json: bool) -> None:
    from factcheck import adapter
    from factcheck.training import matching

    with opened(settings) as store:
        matching.undo(store, settings)
    in_use = adapter.describe(settings.home)
    click.echo(json.dumps({"adapter": in_use}) if as_json else f"The adapter in use is now: {in_use}\n{RESTART}")


RESTART = "Restart the server, if it runs: it makes the statements' vectors anew in the background."


def _row(done: Training, dry_run: bool) -> dict[str, object]:
    verdict = done.verdict
    return {
        "links": done.links,
        "pairs": done.pairs,
        "watched": done.watched,
        "held_out": done.held_out,
        "sets": [
            {"name": c.name, "queries": c.queries, "before": c.before, "after": c.after, "worse": c.is_worse}
            for c in (verdict.comparisons if verdict else ())
        ],
        "not_worse": verdict is not None and not verdict.worse_on,
        "installed": bool(verdict and verdict.installed),
        "dry_run": dry_run,
        "file": str(verdict.file) if verdict and verdict.file else None,
    }


def _lines(done: Training, dry_run: bool) -> list[str]:
    """What was trained on, the figures as a table, and what was done."""
    lines = [f"{done.links} confirmed links, {done.pairs} pairs to train on; {done.watched} statements watched, {done.held_out} held out."]
    verdict = done.verdict
    if verdict is None:
        return [*lines, "Nothing was learned that is not worse elsewhere. The adapter in use stays."]
    width = max(len(c.name) for c in verdict.comparisons)
    lines.append(f"{'MAP@5 on':{width}}  statements  before   after")
    lines += [
        f"{c.name:{width}}  {c.queries:>10}  {c.before:.4f}  {c.after:.4f}{'  worse' if c.is_worse else ''}" for c in verdict.comparisons
    ]
    if verdict.worse_on:
        lines.append(f"It is worse on: {', '.join(verdict.worse_on)}. The adapter in use stays.")
        return lines + ([f"The new one is kept for a look at {verdict.file}"] if verdict.file else [])
    if dry_run:
        return [*lines, "It is worse on none. Nothing was installed: this was a dry run."]
    return [*lines, f"It is worse on none and was installed: {verdict.file}", RESTART]
