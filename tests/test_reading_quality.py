"""The quality gate of reading: who said what must not be found worse than measured, on our own articles and on a part of the dev sets.

Figures on the whole dev sets are in docs/BENCHMARKS.md.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from factcheck.evaluation import labelled_articles
from factcheck.evaluation.labelled_articles import LabelledArticle
from factcheck.evaluation.statements import StatementFigures
from tests.floors import assert_same_data, floor

OWN = Path(__file__).parent.parent / "factcheck" / "data" / "pinned_articles.jsonl"
MEASURES = ("message", "roles", "joint")


def figures(articles: list[LabelledArticle], encoder) -> StatementFigures:
    found = labelled_articles.find(articles, labelled_articles.product(encoder))
    return labelled_articles.figures(articles, found)


def assert_no_worse(name: str, found: StatementFigures) -> None:
    got = {measure: getattr(found, measure).f1 for measure in MEASURES}
    least = {measure: floor("statements", name, measure) for measure in MEASURES}
    assert all(got[measure] >= least[measure] for measure in MEASURES), f"{got} where at least {least} is asked for"


def test_our_own_articles_are_read_no_worse_than_measured(encoder):
    assert_no_worse("pinned_articles", figures(labelled_articles.read_articles(OWN), encoder))


@pytest.mark.parametrize(("name", "folder", "articles"), [("german-dev-30", "quotes-de", 30), ("english-dev-12", "quotes-en", 12)])
def test_the_research_sets_are_read_no_worse_than_measured(name, folder, articles, shared_data, encoder, tmp_path):
    with (shared_data / folder / "dev.jsonl").open(encoding="utf-8") as file:
        lines = [line for line, _ in zip(file, range(articles), strict=False)]
    assert_same_data("statements", name, hashlib.sha256("".join(lines).encode()).hexdigest())
    part = tmp_path / "part.jsonl"
    part.write_text("".join(lines), encoding="utf-8")
    assert_no_worse(name, figures(labelled_articles.read_articles(part), encoder))
