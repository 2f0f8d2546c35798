"""The command line on corrections: what comes out, and what reading an article again leaves alone."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from db import open_store
from factcheck import correcting, pipeline
from factcheck.cli import cli
from factcheck.evaluation.labelled_articles import read_articles
from factcheck.records import Article, Kind, Mark, Role, User

TEXT = "„Das Bad öffnet im Mai“, sagte Hanna Brückner. Der Bademeister lachte: Das wird nie etwas."
OPENS, NEVER = "„Das Bad öffnet im Mai“", "Das wird nie etwas"


@pytest.fixture
def home(tmp_path, fake_encoder):
    """A home with two articles: in one an editor took up a statement, the other is as it was found."""
    store = open_store(tmp_path / "claimtrail.db")
    for text in (TEXT, "Das Wetter bleibt schön."):
        pipeline.process(store, fake_encoder, pipeline.add_article(store, Article(0, text, "de"))[0].id)
    anna = User(store.users.create("anna", "x", Role.EDITOR).id, "anna", Role.EDITOR)
    start = TEXT.index(NEVER)
    correcting.add(store, fake_encoder, 1, Mark(start, start + len(NEVER), Kind.DIRECT, mention="Der Bademeister"), anna)
    store.close()
    return tmp_path, anna


@pytest.fixture
def run(home, model_cache):
    runner = CliRunner(env={"CLAIMTRAIL_HOME": str(home[0]), "CLAIMTRAIL_CACHE": str(model_cache)})

    def call(*arguments, code=0):
        result = runner.invoke(cli, [str(a) for a in arguments])
        assert result.exit_code == code, result.output
        return result

    return call


def test_corrected_articles_come_out_in_the_form_the_measure_reads(home, run, tmp_path):
    out = tmp_path / "gold.jsonl"
    assert "1 articles, 0 of them checked completely" in run("export", "corrections", out).stderr
    [article] = read_articles(out)
    assert (article.id, article.text) == ("article-1", TEXT)
    assert [TEXT[a.quote[0][0] : a.quote[0][1]] for a in article.annotations] == [OPENS, NEVER]
    assert [TEXT[slice(*a.speaker[0])] for a in article.annotations] == ["Hanna Brückner", "Der Bademeister"]
    [row] = map(json.loads, run("export", "corrections").stdout.splitlines())
    assert row == json.loads(out.read_text(encoding="utf-8")) and row["complete"] is False
    assert run("export", "corrections", "--complete").stdout == ""


def test_a_checked_article_is_complete(home, run, fake_encoder):
    store = open_store(home[0] / "claimtrail.db")
    correcting.check(store, 2, home[1], correcting.all_seen(store.articles.statements(2)))
    store.close()
    [row] = map(json.loads, run("export", "corrections", "--complete").stdout.splitlines())
    assert (row["id"], row["annotations"], row["complete"]) == ("article-2", [], True)


def test_reading_again_keeps_what_an_editor_did(home, run):
    [told] = map(json.loads, run("reread", 1, "--json").stdout.splitlines())
    assert told == {"article": 1, "statements": 2, "new": 0, "gone": 0}
    assert run("reread", "--all").stdout.splitlines()[-1] == "Article 2: 0 statements, 0 new, 0 gone."


def test_bad_use_is_said_in_one_line(run, tmp_path):
    assert "give --all" in run("reread", code=2).output
    assert "give --all" in run("reread", 1, "--all", code=2).output
    assert "There is no article 9. Nothing was read." in run("reread", 1, 9, code=1).output
    assert "cannot be written" in run("export", "corrections", tmp_path / "no" / "such.jsonl", code=1).output
