"""find and search on the command line: the filters of the search page, as lines, JSON and CSV."""

from __future__ import annotations

import csv
import io
import json

import pytest
from click.testing import CliRunner

from db import open_store
from factcheck import pipeline
from factcheck.cli import cli, finding
from factcheck.records import Article, Claim, Kind, Rating, Review, Statement


@pytest.fixture
def run(tmp_path, fake_encoder, monkeypatch):
    monkeypatch.setattr(finding, "encoder_of", lambda settings: fake_encoder)
    store = open_store(tmp_path / "claimtrail.db")
    reviews = (Review("Example desk", "No", Rating.FALSE, published_at="2024-02-01"),)
    pipeline.add_claim(store, fake_encoder, Claim(0, "pool", "The pool opens in 30 days.", "en", speaker="Jane Sample", reviews=reviews))
    pipeline.add_claim(store, fake_encoder, Claim(0, "evil", "=1+1 pool", "de"))
    article, _ = pipeline.add_article(store, Article(0, "He said the pool opens soon.", "en", source="Daily Sample", published_at="2024-03-05"))
    store.articles.put_statements(article.id, "en", [Statement("the pool opens soon", 8, 27, Kind.INDIRECT, "Max Muster")])
    pipeline.embed_statements(store, fake_encoder)
    store.close()
    runner = CliRunner(env={"CLAIMTRAIL_HOME": str(tmp_path)})

    def call(*arguments, code=0):
        result = runner.invoke(cli, list(arguments))
        assert result.exit_code == code, result.output
        return result.output

    return call


def objects(text):
    return [json.loads(line) for line in text.splitlines()]


def test_find_lists_claims_and_statements_under_filters(run):
    everything = run("find")
    assert "claim 1 · false · Jane Sample" in everything and "statement 1 · Max Muster · 2024-03-05 · Daily Sample" in everything
    assert everything.endswith("3 found.\n")
    assert [r["kind"] for r in objects(run("find", "pool opens", "--kind", "statement", "--json"))] == ["statement"]
    assert [r["claim_id"] for r in objects(run("find", "--rating", "false", "--rating", "true", "--json"))] == ["pool"]
    assert [r["claim_id"] for r in objects(run("find", '"30 days"', "--publisher", "example desk", "--json"))] == ["pool"]
    assert [r["text"] for r in objects(run("find", "--source", "daily sample", "--since", "2024", "--json"))] == ["the pool opens soon"]
    assert [r["kind"] for r in objects(run("find", "--like", "claim:1", "--kind", "statement", "--json"))] == ["statement"]
    assert "rating cannot be" in run("find", "--rating", "rubbish", code=1)


def test_csv_has_a_head_and_no_formula(run):
    rows = list(csv.DictReader(io.StringIO(run("find", "--kind", "claim", "--csv"))))
    assert {r["claim_id"]: r["text"] for r in rows} == {"pool": "The pool opens in 30 days.", "evil": "'=1+1 pool"}
    assert list(csv.DictReader(io.StringIO(run("search", "pool opens", "-k", "1", "--csv"))))[0]["claim_id"] == "pool"


def test_search_takes_the_filters_too(run):
    assert [r["claim_id"] for r in objects(run("search", "pool", "--speaker", "jane sample", "--json"))] == ["pool"]
    assert [r["claim_id"] for r in objects(run("search", "pool", "--language", "DE", "--json"))] == ["evil"]
