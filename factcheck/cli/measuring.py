"""``eval``: how good the product is on labelled data."""

from __future__ import annotations

import json
from pathlib import Path

import click

from factcheck.cli.common import FILE, as_json, bars, encoder_of
from factcheck.settings import read_settings


@click.group("eval")
def evaluate() -> None:
    """Measure quality on labelled data."""


@evaluate.command("matching")
@click.option("--claims", "claims", type=FILE, multiple=True, required=True, help="A claim file; may be given several times.")
@click.option("--queries", type=FILE, required=True, help="Statements with the ids of their claims, as JSON Lines.")
@click.option("--run", "run_file", type=click.Path(dir_okay=False, path_type=Path), help="Write query, claim, rank, score lines here.")
@click.option("--fresh", is_flag=True, help="Make all vectors anew instead of using those an earlier evaluation kept.")
@as_json
@click.argument("more_claims", type=FILE, nargs=-1)
def eval_matching(
    claims: tuple[Path, ...], queries: Path, run_file: Path | None, fresh: bool, as_json: bool, more_claims: tuple[Path, ...]
) -> None:
    """Rank the claims for each query with the product's own search, in a throw-away store.

    Claim files may also follow as arguments: --claims A.jsonl B.jsonl --queries Q.jsonl.
    """
    from factcheck import evaluation

    settings = read_settings()
    wanted = evaluation.read_queries(queries)
    kept = evaluation.KeptVectors(encoder_of(settings), settings.cache)
    if fresh:
        kept.forget()
    with bars() as report:
        results = evaluation.run_matching(kept, [*claims, *more_claims], wanted, report)
    kept.keep()
    if run_file:
        run_file.write_text("".join(evaluation.run_lines(results)), encoding="utf-8")
    figures = evaluation.figures_as_dict(evaluation.matching_figures(results))
    if as_json:
        click.echo(json.dumps(figures))
    else:
        for name, value in figures.items():
            click.echo(f"{name.replace('_at_', '@'):>12}  {value}")
