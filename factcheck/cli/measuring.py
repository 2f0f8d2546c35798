"""``eval``: how good the product is on labelled data."""

from __future__ import annotations

import json
from pathlib import Path

import click

from factcheck.cli.common import FILE, as_json, bars, encoder_of, opened
from factcheck.settings import read_settings


@click.group("eval")
def evaluate() -> None:
    """Measure quality on labelled data."""


@evaluate.command("matching")
@click.option("--claims", type=FILE, multiple=True, help="A claim file; may be given several times.")
@click.option("--queries", type=FILE, help="Statements with the ids of their claims, as JSON Lines.")
@click.option("--from-decisions", is_flag=True, help="Measure on this newsroom's own links and claims instead.")
@click.option("--run", "run_file", type=click.Path(dir_okay=False, path_type=Path), help="Write query, claim, rank, score lines here.")
@click.option("--fresh", is_flag=True, help="Make all vectors anew instead of using those an earlier evaluation kept.")
@as_json
@click.argument("more_claims", type=FILE, nargs=-1)
def eval_matching(
    claims: tuple[Path, ...],
    queries: Path | None,
    from_decisions: bool,
    run_file: Path | None,
    fresh: bool,
    as_json: bool,
    more_claims: tuple[Path, ...],
) -> None:
    """Rank the claims for each query with the product's own search, in a throw-away store.

    Claim files may also follow as arguments: --claims A.jsonl B.jsonl --queries Q.jsonl.
    """
    from factcheck.evaluation import matching

    settings = read_settings()
    files = [*claims, *more_claims]
    if from_decisions == bool(files or queries) or bool(files) != bool(queries):
        raise click.UsageError("Give both --claims and --queries, or --from-decisions alone.")
    if from_decisions:
        with opened(settings) as store, bars() as report:
            results = matching.rank(store, encoder_of(settings), matching.decided_queries(store), report)
    else:
        wanted = matching.read_queries(queries)
        kept = matching.KeptVectors(encoder_of(settings), settings.cache)
        if fresh:
            kept.forget()
        try:
            with bars() as report:
                results = matching.run_matching(kept, files, wanted, report)
        finally:  # an interrupted run is then the quicker the second time
            kept.keep()
    if run_file:
        run_file.write_text("".join(matching.run_lines(results)), encoding="utf-8")
    figures = matching.figures_as_dict(matching.matching_figures(results))
    if as_json:
        click.echo(json.dumps(figures))
    else:
        for name, value in figures.items():
            click.echo(f"{name.replace('_at_', '@').replace('_', ' '):>18}  {'–' if value is None else value}")


@evaluate.command("relations")
@click.argument("file", type=FILE)
@click.option("--predictions", type=click.Path(dir_okay=False, path_type=Path), help="Write rows of id and predicted here.")
@click.option("--split", help="Only the pairs of this split, for example test.")
@as_json
def eval_relations(file: Path, predictions: Path | None, split: str | None, as_json: bool) -> None:
    """Tell same, related and contradicts apart for pairs of statement and claim."""
    from factcheck.evaluation import relations

    pairs = [p for p in relations.read_pairs(file) if not split or p.split == split]
    if not pairs:
        raise click.UsageError(f"{file} holds no pairs of the split {split}.")
    guesses = relations.predict(encoder_of(read_settings()), pairs)
    if predictions:
        rows = [json.dumps({"id": p.id, "predicted": guess}, ensure_ascii=False) for p, guess in zip(pairs, guesses, strict=True)]
        predictions.write_text("\n".join(rows) + "\n", encoding="utf-8")
    if not any(p.relation for p in pairs):
        return
    found = relations.figures(pairs, guesses)
    if as_json:
        click.echo(json.dumps(vars(found)))
        return
    click.echo(f"{'pairs':>12}  {found.pairs}\n{'macro F1':>12}  {found.macro_f1}")
    click.echo(f"{'':>12}  " + "".join(f"{guess:>13}" for guess in found.confusion))
    for gold, row in found.confusion.items():
        click.echo(f"{gold:>12}  " + "".join(f"{n:>13}" for n in row.values()) + f"   F1 {found.f1[gold]}")
