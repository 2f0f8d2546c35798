"""The command line keeps its contract: fields, exit codes, help, and errors that say what to do. With the real model."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from sqlite_utils.utils import sqlite3

from db import open_store
from factcheck import review
from factcheck.cli import cli
from factcheck.records import Relation, Role

ROOT = Path(__file__).parent.parent
TEXT = """Im Rathaus von Seltenbach wurde gestritten.

Bürgermeisterin Hanna Brückner versprach am Dienstag, sie werde das Freibad innerhalb von 30 Tagen wieder öffnen.

„Wir haben dafür 400.000 Euro zurückgelegt, und dieses Geld reicht“, sagte Brückner.
"""
CLAIMS = [
    {"id": "pool", "text": "The outdoor pool will reopen within 30 days.", "speaker": "Hanna Brückner", "language": "en"},
    {"id": "ponds", "text": "The town has 400 ponds.", "publisher": "Claimtrail demo desk", "rating": "half-true", "language": "en"},
    {"id": "frogs", "text": "Frösche singen am Mittag.", "language": "de"},
]


@pytest.fixture(scope="module")
def run(tmp_path_factory, model_cache):
    """Run a command in one home that all tests of this module share."""
    home = tmp_path_factory.mktemp("cli") / "instance"
    runner = CliRunner(env={"CLAIMTRAIL_HOME": str(home), "CLAIMTRAIL_CACHE": str(model_cache)})

    def call(*arguments, code=0, input=None):
        result = runner.invoke(cli, [str(a) for a in arguments], input=input)
        assert result.exit_code == code, result.output
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    call.home = home
    return call


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    (folder / "article.txt").write_text(TEXT, encoding="utf-8")
    (folder / "claims.jsonl").write_text("".join(json.dumps(c) + "\n" for c in CLAIMS), encoding="utf-8")
    (folder / "queries.jsonl").write_text(
        json.dumps({"id": "q1", "text": "Das Freibad öffnet in 30 Tagen wieder.", "claim_ids": ["pool"]}) + "\n"
        + json.dumps({"id": "q2", "text": "Frogs sing at noon", "claim_id": "frogs"}) + "\n",
        encoding="utf-8",
    )  # fmt: skip
    return folder


@pytest.fixture(scope="module")
def filled(run, files):
    run("import", files / "claims.jsonl")
    run("ingest", files / "article.txt", "--published", "2024-05-16", "--title", "Freibad", "--source", "Seltenbacher Bote")
    return run


def rows(result):
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_extract_prints_one_object_a_statement_and_stores_nothing(run, files):
    found = rows(run("extract", files / "article.txt", "--published", "2024-05-16", "--json"))
    fields = "text start end kind speaker mention cue said_at check_worthy is_promise deadline".split()
    assert all(list(row)[: len(fields)] == fields for row in found)
    assert all(TEXT[row["start"] : row["end"]] == row["text"] for row in found)
    promise = next(row for row in found if row["is_promise"])
    assert (promise["speaker"], promise["kind"], promise["said_at"]) == ("Hanna Brückner", "indirect", "2024-05-14")
    assert "30 Tagen" in promise["deadline"] and promise["deadline_hours"] == 720
    assert not (run.home / "claimtrail.db").exists()


@pytest.mark.parametrize(
    ("text", "quality"),
    [
        ("Mira Holm sagte: „Wir haben am Montag die neue Brücke eröffnet.“", "measured"),
        ("Mira Holm said: “We opened the new bridge in town on Monday.”", "measured"),
        ("Mira Holm a déclaré: «Nous avons ouvert le nouveau pont de la ville lundi matin.»", "unknown"),
        ("Mira Holm powiedziała: „W poniedziałek otworzyliśmy nowy most w naszym mieście.”", "unknown"),
    ],
)
def test_the_quality_in_other_languages_is_said_to_be_unknown(run, tmp_path, text, quality):
    (tmp_path / "text.txt").write_text(text, encoding="utf-8")
    said = run("extract", tmp_path / "text.txt", "--json")
    assert [row["quality"] for row in rows(said)] == [quality]
    assert ("is unknown" in said.stderr) == (quality == "unknown")


def test_subtitles_are_read_with_their_voices(run, tmp_path):
    (tmp_path / "duel.vtt").write_text("WEBVTT\n\n00:01.000 --> 00:03.000\n<v Mira Holm>Die Brücke ist offen.", encoding="utf-8")
    [row] = rows(run("extract", tmp_path / "duel.vtt", "--json"))
    assert (row["speaker"], row["text"]) == ("Mira Holm", "Die Brücke ist offen.")


def test_ingest_stores_once_and_reads_standard_input(filled, files):
    again = rows(filled("ingest", files / "article.txt", "--json"))
    assert [(r["new"], r["title"], len(r["statements"])) for r in again] == [(False, "Freibad", 2)]
    [piped] = rows(filled("ingest", "-", "--json", input="Brückner sagte: „Das Wasser im Becken ist jetzt wirklich sauber.“"))
    assert piped["new"] and [s["text"] for s in piped["statements"]] == ["„Das Wasser im Becken ist jetzt wirklich sauber.“"]


def test_search_prints_one_object_a_claim(filled):
    hit, *_ = rows(filled("search", "Das Freibad öffnet innerhalb von 30 Tagen", "-k", 2, "--json"))
    assert list(hit) == "claim_id text speaker score probability relation evidence reviews".split()
    assert (hit["claim_id"], hit["speaker"]) == ("pool", "Hanna Brückner")
    assert hit["evidence"]["shared_numbers"] == ["30"] and 0 <= hit["probability"] <= 1
    [german] = rows(filled("search", "outdoor pool", "--language", "DE", "--json"))
    assert german["claim_id"] == "frogs"
    reviewed = rows(filled("search", "400 ponds", "-k", 1, "--json"))[0]["reviews"]
    assert [(r["rating"], r["rating_text"]) for r in reviewed] == [("mixed", "half-true")]


def test_similar_finds_past_statements(filled):
    first, *_ = rows(filled("similar", "the pool reopens in 30 days", "-k", 1, "--json"))
    assert "innerhalb von 30 Tagen" in first["text"]
    assert (first["speaker"], first["source"], first["said_at"]) == ("Hanna Brückner", "Seltenbacher Bote", "2024-05-14")


def test_importing_again_changes_nothing_and_bad_lines_are_named(filled, files, tmp_path):
    [report] = rows(filled("import", files / "claims.jsonl", "--json"))
    assert report == {"new": 0, "changed": 0, "unchanged": 3, "embedded": 0, "people": 0, "bad": []}
    (tmp_path / "bad.jsonl").write_text("{oops\n")
    result = filled("import", tmp_path / "bad.jsonl")
    assert "bad.jsonl, line 1: not valid JSON; skipped" in result.stderr


def test_eval_matching_measures_and_writes_a_run(filled, files, tmp_path):
    out = tmp_path / "run.tsv"
    [figures] = rows(filled("eval", "matching", "--claims", files / "claims.jsonl", "--queries", files / "queries.jsonl", "--run", out, "--json"))
    ranked = {"queries": 2, "map_at_5": 1.0, "mrr": 1.0, "p_at_1": 1.0, "success_at_10": 1.0}
    assert {name: figures[name] for name in ranked} == ranked
    assert set(figures) == {*ranked, "calibration_error", "likely_precision", "likely_recall"}
    lines = [line.split("\t") for line in out.read_text().splitlines()]
    assert [line[:3] for line in lines if line[2] == "1"] == [["q1", "pool", "1"], ["q2", "frogs", "1"]]
    assert len(lines) == 6 and all(float(a[3]) >= float(b[3]) for a, b in zip(lines, lines[1:]) if a[0] == b[0])


def test_eval_takes_several_claim_files_behind_one_option(filled, files, tmp_path):
    (tmp_path / "more.jsonl").write_text(json.dumps({"id": "more", "text": "Something else."}) + "\n")
    args = ("--claims", files / "claims.jsonl", tmp_path / "more.jsonl", "--queries", files / "queries.jsonl", "--json")
    assert rows(filled("eval", "matching", *args))[0]["map_at_5"] == 1.0


def test_check_says_what_to_do_and_init_gives_a_password_once(filled):
    assert "Create the first administrator: claimtrail init" in filled("check", code=1).output
    assert "one-time password: " in filled("init").stdout
    assert "one-time password" not in filled("init").stdout
    assert "Everything is sound." in filled("check").stdout
    [report] = rows(filled("check", "--json"))
    assert report["counts"]["claims"] == 3 and report["problems"] == []
    assert (report["adapter"], report["reading"]) == ("shipped", "shipped")


@pytest.mark.file_only
def test_check_finds_a_damaged_word_index_and_missing_vectors(filled, model_cache, tmp_path):
    home = tmp_path / "instance"
    home.mkdir()
    with sqlite3.connect(filled.home / "claimtrail.db") as source, sqlite3.connect(home / "claimtrail.db") as copy:
        source.backup(copy)
        copy.execute("DELETE FROM claims_words WHERE rowid = 1")
        copy.execute("DELETE FROM vectors WHERE kind = 'claim' AND object_id = 1")
    source.close()
    copy.close()
    result = CliRunner(env={"CLAIMTRAIL_HOME": str(home), "CLAIMTRAIL_CACHE": str(model_cache)}).invoke(cli, ["check"])
    assert result.exit_code == 1
    assert "claims_words holds 2 of 3 rows" in result.output
    assert "1 claim vectors are missing" in result.output


def commands(group=cli, path=()):
    for name, command in group.commands.items():
        yield (*path, name)
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


@pytest.mark.parametrize("path", list(commands()), ids=" ".join)
def test_every_command_explains_itself(run, path):
    assert "Usage:" in run(*path, "--help").stdout


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("search",), 2, "Missing argument 'TEXT'"),
        (("nonsense",), 2, "No such command"),
        (("search", "x", "-k", "0"), 2, "1<=x<=100"),
        (("search", "…"), 1, "nothing to search for"),
        (("extract", "no-such-file.txt"), 2, "does not exist"),
        (("import", "no-such-file.jsonl"), 2, "does not exist"),
        (("users", "password", "nobody"), 1, "claimtrail users add nobody"),
    ],
)
def test_bad_use_is_said_in_one_line(run, arguments, code, says):
    result = run(*arguments, code=code)
    assert says in result.output and "Traceback" not in result.output


def test_a_file_of_another_kind_or_a_bad_date_is_refused_clearly(run, tmp_path):
    (tmp_path / "a.xyz").write_bytes(b"\x00\x01")
    assert ".txt" in run("extract", tmp_path / "a.xyz", code=1).output
    (tmp_path / "a.txt").write_text("Text")
    assert "ISO" in run("extract", tmp_path / "a.txt", "--published", "yesterday", code=1).output
    (tmp_path / "e.txt").write_text("  \n")
    assert run("ingest", tmp_path / "e.txt", code=1).output


@pytest.mark.parametrize(("name", "value"), [("PORT", "99999"), ("PORT", "x"), ("CLAIMTRAIL_OPEN_READING", "maybe")])
def test_a_bad_setting_is_named(tmp_path, name, value):
    result = CliRunner(env={"CLAIMTRAIL_HOME": str(tmp_path), name: value}).invoke(cli, ["check"])
    assert result.exit_code == 2 and name in result.output


def test_the_script_and_the_module_are_the_same_program():
    module = subprocess.run([sys.executable, "-m", "factcheck", "--help"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert module.stdout.startswith("Usage: claimtrail")


PAIRS = [
    {"id": "p1", "statement": "The pool reopens in 30 days.", "claim": "The outdoor pool will reopen within 30 days.", "relation": "same"},
    {"id": "p2", "statement": "The pool will not reopen.", "claim": "The outdoor pool will reopen.", "relation": "contradicts"},
]


def test_eval_relations_writes_predictions_and_a_confusion_table(run, tmp_path):
    pairs, out = tmp_path / "pairs.jsonl", tmp_path / "out.jsonl"
    pairs.write_text("".join(json.dumps(p) + "\n" for p in PAIRS))
    [found] = rows(run("eval", "relations", pairs, "--predictions", out, "--json"))
    assert found["pairs"] == 2 and set(found) == {"pairs", "macro_f1", "f1", "confusion"}
    assert sum(sum(row.values()) for row in found["confusion"].values()) == 2
    assert [json.loads(line)["id"] for line in out.read_text().splitlines()] == ["p1", "p2"]
    assert "macro F1" in run("eval", "relations", pairs).stdout
    pairs.write_text('{"id": "x"}\n')
    assert "line 1: not a pair" in run("eval", "relations", pairs, code=1).output


def test_eval_matching_on_the_newsrooms_own_links(filled):
    assert "linked to a claim yet" in filled("eval", "matching", "--from-decisions", code=1).output
    assert "--from-decisions alone" in filled("eval", "matching", "--from-decisions", "--queries", __file__, code=2).output
    store = open_store(filled.home / "claimtrail.db")
    pool = store.claims.by_key("pool")
    said = next(s for s in store.articles.statements(1) if s.is_promise)
    user = store.users.by_name("ed") or store.users.create("ed", "hash", Role.EDITOR)
    review.decide(store, said.id, pool.id, Relation.SAME, user)
    [figures] = rows(filled("eval", "matching", "--from-decisions", "--json"))
    review.undo(store, user)
    store.close()
    assert (figures["queries"], figures["map_at_5"]) == (1, 1.0)
