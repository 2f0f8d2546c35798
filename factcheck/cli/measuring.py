"""``eval``: how good the product is on labelled data."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from factcheck.cli.common import FILE, as_json, bars, encoder_of, opened
from factcheck.settings import read_settings

if TYPE_CHECKING:
    from factcheck.evaluation.statements import StatementFigures


def _writable(ctx: click.Context, param: click.Parameter, file: Path | None) -> Path | None:
    """Said before the work begins, not after it."""
    if file and not file.resolve().parent.is_dir():
        raise click.BadParameter(f"there is no folder {file.parent}")
    return file


predictions = click.option(
    "--predictions",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    callback=_writable,
    help="Write what the product says of each row here, as JSON Lines.",
)


@click.group("eval")
def evaluate() -> None:
    """Measure quality on labelled data."""


@evaluate.command("matching")
@click.option("--claims", type=FILE, multiple=True, help="A claim file; may be given several times.")
@click.option("--queries", type=FILE, help="Statements with the ids of their claims, as JSON Lines.")
@click.option("--from-decisions", is_flag=True, help="Measure on this newsroom's own links and claims instead.")
@click.option("--run", "run_file", type=click.Path(dir_okay=False, path_type=Path), help="Write query, claim, rank, score here.")
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
@predictions
@click.option("--split", help="Only the pairs of this split, for example test.")
@as_json
def eval_relations(file: Path, predictions: Path | None, split: str | None, as_json: bool) -> None:
    """Tell same, related and contradicts apart for pairs of statement and claim."""
    from factcheck.evaluation import relations
    from factcheck.evaluation.rows import write_rows

    pairs = [p for p in relations.read_pairs(file) if not split or p.split == split]
    if not pairs:
        raise click.UsageError(f"{file} holds no pairs of the split {split}.")
    guesses = relations.predict(encoder_of(read_settings()), pairs)
    if predictions:
        write_rows(predictions, ({"id": p.id, "predicted": guess} for p, guess in zip(pairs, guesses, strict=True)))
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


@evaluate.command("statements")
@click.argument("gold", type=FILE)
@predictions
@as_json
def eval_statements(gold: Path, predictions: Path | None, as_json: bool) -> None:
    """Find who said what in labelled articles, and compare quotes, roles and both with the labels.

    GOLD holds rows of id, text, annotations and, where there are, tokens.
    """
    from factcheck.evaluation import labelled_articles
    from factcheck.evaluation.rows import write_rows

    articles = labelled_articles.read_articles(gold)
    with bars("articles") as report:
        found = labelled_articles.find(articles, labelled_articles.product(encoder_of(read_settings())), report)
    if predictions:
        write_rows(predictions, labelled_articles.prediction_rows(articles, found))
    if articles[0].annotations is None:
        _nothing_to_measure("annotations", predictions)
        return
    figures = labelled_articles.figures(articles, found)
    click.echo(json.dumps(asdict(figures)) if as_json else _statement_table(figures))


@evaluate.command("checkworthy")
@click.argument("file", type=FILE)
@predictions
@as_json
def eval_checkworthy(file: Path, predictions: Path | None, as_json: bool) -> None:
    """Score how much each sentence calls for a check, and compare with the labels.

    FILE holds debate lines (debate, line, speaker, text, check_worthy), sentences (id, text, check_worthy) or comments (id, text,
    fact_claiming).
    """
    from factcheck.evaluation import checkworthy
    from factcheck.evaluation.rows import write_rows

    rows = checkworthy.read_worthy(file)
    guesses = checkworthy.predict(rows, checkworthy.product(encoder_of(read_settings())))
    if predictions:
        write_rows(predictions, map(vars, guesses))
    if not rows.labelled:
        _nothing_to_measure("labels", predictions)
        return
    figures = checkworthy.figures(rows, guesses)
    if as_json:
        click.echo(json.dumps(asdict(figures)))
        return
    click.echo(f"{figures.set}: {figures.rows} rows, {figures.positive} of them positive")
    for name, value in figures.measures.items():
        click.echo(f"{'MAP' if name == 'map' else name.replace('_', ' ').replace('f1', 'F1'):>20}  {value:.4f}")
    for name, value in figures.by_debate.items():
        click.echo(f"{value:>28.4f}  {name}")


@evaluate.command("promises")
@click.argument("file", type=FILE)
@predictions
@as_json
def eval_promises(file: Path, predictions: Path | None, as_json: bool) -> None:
    """Tell promises from other sentences, and compare with the labels.

    FILE holds rows of id, text, language, is_promise.
    """
    from factcheck.evaluation import promises
    from factcheck.evaluation.rows import write_rows

    rows = promises.read_promises(file)
    guesses = promises.predict(rows, promises.product(encoder_of(read_settings())))
    if predictions:
        write_rows(predictions, map(vars, guesses))
    if not rows.labelled:
        _nothing_to_measure("labels", predictions)
        return
    figures = promises.figures(rows, guesses)
    if as_json:
        click.echo(json.dumps(asdict(figures)))
        return
    click.echo(f"{figures.rows} rows, {figures.promises} of them promises\n{'':>12}  precision    recall        F1")
    for name, found in (("all", figures.overall), *figures.languages.items()):
        click.echo(f"{name or 'unknown':>12}  {found.precision:>9.4f} {found.recall:>9.4f} {found.f1:>9.4f}")


@evaluate.command("people")
@click.argument("file", type=FILE)
@click.option("--split", help="Only the texts of this split, for example test.")
@predictions
@as_json
def eval_people(file: Path, split: str | None, predictions: Path | None, as_json: bool) -> None:
    """Tell whom mentions in news texts mean, and compare with the labels.

    FILE holds texts with id, language, published_at, text, mentions (start, end, kind, person; null where it cannot be known) and,
    where wanted, people on file.
    """
    from factcheck.evaluation import people
    from factcheck.evaluation.rows import write_rows

    texts = [t for t in people.read_mentions(file) if not split or t.split == split]
    if not texts:
        raise click.UsageError(f"{file} holds no texts of the split {split}.")
    guesses = people.understand(texts)
    if predictions:
        write_rows(predictions, map(people.prediction, guesses))
    found = people.report(guesses, {t.id: t.article.language for t in texts})
    if as_json:
        click.echo(json.dumps(found))
        return
    click.echo(f"{'':>18}  mentions  accuracy  wrong names  unsure  suggested")
    for name, f in (("all", found), *found["by_language"].items(), *found["by_kind"].items()):
        suggested = "–" if f["suggested"] is None else f"{f['suggested']:.4f}"
        click.echo(f"{name:>18}  {f['mentions']:>8}  {f['accuracy']:>8.4f}  {f['wrong_names']:>11.4f}  {f['unsure']:>6.4f}  {suggested:>9}")


def _nothing_to_measure(what: str, predictions: Path | None) -> None:
    written = "the predictions are written" if predictions else "give --predictions FILE to keep what was found"
    click.echo(f"The rows have no {what}, so nothing was measured; {written}.", err=True)


def _statement_table(figures: StatementFigures) -> str:
    scores = {
        "message": figures.message, "roles": figures.roles, "joint": figures.joint,
        "quote and speaker": figures.quote_and_speaker, **figures.by_role, **figures.types,
    }  # fmt: skip
    lines = [
        f"{figures.articles} articles, {figures.matched} quotes matched; percent",
        f"{'':>22}  precision  recall      F1  labelled   found",
    ]
    for name, s in scores.items():
        lines.append(f"{name:>22}  {s.precision:>9.2f} {s.recall:>7.2f} {s.f1:>7.2f} {s.labelled:>9} {s.predicted:>7}")
    return "\n".join(lines)
