"""The desk on the command line: each command does what the pages do, in somebody's name, stands in the log, and prints JSON when asked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date

import click
import pytest
from click.testing import CliRunner
from web_site import Site, site  # noqa: F401  (a fixture)

from factcheck import api_tokens, embed
from factcheck.cli import cli
from factcheck.records import LogFilter, Person, Relation, Role

# Commands without --json, and why
WITHOUT_JSON = {
    "serve": "runs until stopped and prints a log",
    "mcp": "its output is a protocol",
    "completion": "its output is a script",
    "export": "writes what is on file in a form that is chosen, JSON Lines among them",
    "worker": "runs until stopped and prints a log",
    "users export": "prints JSON whether asked or not",
    "people export": "prints JSON whether asked or not",
}


@pytest.fixture
def run(site: Site, settings, fake_encoder, monkeypatch):
    monkeypatch.setattr(embed, "open_encoder", lambda _: fake_encoder)
    runner = CliRunner(env={"CLAIMTRAIL_HOME": str(settings.home)})

    def call(*arguments, code=0):
        result = runner.invoke(cli, [str(a) for a in arguments])
        assert result.exit_code == code, result.output
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    return call


@pytest.fixture
def rows(run):
    """``rows("queue")``: what a command prints with --json."""
    return lambda *arguments: [json.loads(line) for line in run(*arguments, "--json").stdout.splitlines()]


def logged(site: Site) -> tuple[str, str, str]:
    entry = site.store.audit.newest(LogFilter(), limit=1)[0]
    return entry.user_name, entry.action, f"{entry.object_type} {entry.object_id}"


def every_command(command: click.Command = cli, path: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    if not isinstance(command, click.Group):
        yield " ".join(path), command
        return
    for name, inner in command.commands.items():
        yield from every_command(inner, (*path, name))


def test_every_command_prints_json_but_for_a_few_with_a_reason():
    without = {name for name, command in every_command() if not any("--json" in p.opts for p in command.params)}
    explained = {name: reason for name in without for reason in (name, name.split()[0]) if reason in WITHOUT_JSON}
    assert without - set(explained) == set()
    assert set(explained.values()) == set(WITHOUT_JSON)


def test_what_waits_is_listed_with_its_candidates_and_decided_in_a_name(site, run, rows):
    waiting = rows("queue")
    first = next(row for row in waiting if row["id"] == site.statements[0].id)
    assert (first["speaker"], first["candidates"][0]["claim_id"], first["candidates"][0]["rating"]) == ("Erika Beispiel", site.claim, "mostly false")
    assert f"claim {site.claim}" in run("queue").stdout and f"{len(waiting)} wait." in run("queue").stdout

    (made,) = rows("decide", first["id"], "same", site.claim, "--as", "editor-1", "--note", "Wortgleich")
    assert (made["relation"], made["claim_id"], made["user"], made["note"]) == ("same", site.claim, "editor-1", "Wortgleich")
    assert logged(site) == ("editor-1", "decided", f"statement {first['id']}")
    assert first["id"] not in [row["id"] for row in rows("queue")]
    assert "decided" in run("decide", first["id"], "same", site.claim, code=1).output  # somebody else was first

    (undone,) = rows("undo", "--as", "editor-1")
    assert undone["id"] == made["id"] and undone["undone_at"]
    assert first["id"] in [row["id"] for row in rows("queue")]


def test_a_statement_becomes_a_claim_or_matches_none(site, rows):
    one, other = (s.id for s in site.statements)
    (claim,) = rows("decide", other, "new", "--text", "Für die Brücke sind 40 Millionen Euro da.")
    assert site.store.claims.get(claim["id"]).text == "Für die Brücke sind 40 Millionen Euro da."
    assert site.store.decisions.of_statement(other)[0].user == "administrator-1"  # the first administrator, where nobody is named
    (none,) = rows("decide", one, "not a match")
    assert none["claim_id"] is None and site.store.decisions.of_statement(one)[0].relation is Relation.NOT_A_MATCH


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("decide", 1, "same"), 2, "needs CLAIM"),
        (("decide", 1, "new", 1), 2, "claim of its own"),
        (("decide", 1, "related", 1, "--text", "x"), 2, "with new only"),
        (("decide", 1, "same", 99), 1, "no longer on file"),
        (("decide", 99, "same", 1), 1, "statement"),
        (("decide", 1, "same", 1, "--as", "reader-1"), 1, "Only editors decide"),
        (("decide", 1, "same", 1, "--as", "nobody"), 1, "nobody"),
        (("undo",), 1, "nothing to undo"),
        (("articles", "show", 99), 1, "no article 99"),
        (("claims", "show", 99), 1, "no claim 99"),
        (("claims", "add", "Etwas", "--said", "2024-02-31"), 2, "No calendar"),
        (("people", "show", 99), 1, "no person 99"),
        (("tokens", "revoke", 99), 1, "no such token"),
        (("promises", "status", 1, "kept", "--source", "nowhere"), 1, "web address"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(run, arguments, code, said):
    assert said in run(*arguments, code=code).output


def test_articles_and_jobs_are_looked_at(site, run, rows):
    (listed,) = rows("articles", "list")
    assert listed["id"] == site.article and "text" not in listed
    (shown,) = rows("articles", "show", site.article)
    assert [s["id"] for s in shown["statements"]] == [s.id for s in site.statements] and shown["statements"][0]["waits"]
    assert "Erika Beispiel" in run("articles", "show", site.article).stdout
    job = site.store.jobs.begin("backfill", {}, total=4)
    assert [(j["id"], j["total"]) for j in rows("jobs")] == [(job, 4)]


def test_a_claim_is_put_on_file_reviewed_merged_and_parted_again(site, run, rows):
    (made,) = rows("claims", "add", "Die Brücke ist 2030 neu.", "--speaker", "Erika Beispiel", "--said", "2024-03", "--language", "de")
    assert (made["person_id"], made["first_said_at"]) == (site.person, "2024-03")
    (review,) = rows("reviews", "add", made["id"], "--publisher", "Example desk", "--rating", "false", "--rating-text", "Falsch", "--as", "editor-1")
    (shown,) = rows("claims", "show", made["id"])
    assert [(r["id"], r["rating_text"]) for r in shown["reviews"]] == [(review["id"], "Falsch")] and shown["rating"] == "false"

    assert "rating mostly false / false" in run("claims", "merge", site.claim, made["id"], code=1).output
    (merged,) = rows("claims", "merge", site.claim, made["id"], "--confirm", "--as", "editor-1")
    assert site.store.claims.root(made["id"]) == site.claim and logged(site)[:2] == ("editor-1", "merged")
    assert rows("claims", "show", made["id"])[0]["id"] == site.claim
    run("claims", "unmerge", merged["id"])
    assert site.store.claims.root(made["id"]) == made["id"]


def test_what_became_of_a_promise_is_noted_and_taken_back(site, run, rows):
    assert [c["id"] for c in rows("promises", "list", "--status", "stalled")] == [site.claim]
    (change,) = rows("promises", "status", site.claim, "kept", "--source", "https://example.org/offen", "--note", "Eröffnet", "--as", "editor-1")
    assert (change["status"], change["at"], change["by"]) == ("kept", date.today().isoformat(), "editor-1")
    assert rows("promises", "list", "--status", "stalled") == []
    run("promises", "undo", change["id"])
    assert "stalled" in run("promises", "list").stdout


def test_people_are_found_and_joined_and_parted_again(site, run, rows):
    assert [(p["id"], p["claims"]) for p in rows("people", "list", "beisp")] == [(site.person, 1)]
    assert rows("people", "show", site.person)[0]["ratings"] == {"mostly false": 1}
    other = site.store.people.put(Person(0, "Erika Beispiel-Meyer"))
    (merge,) = rows("people", "merge", other.id, site.person)
    assert rows("people", "show", other.id)[0]["id"] == site.person
    run("people", "unmerge", merge["id"])
    assert rows("people", "show", other.id)[0]["name"] == "Erika Beispiel-Meyer"


def test_a_token_is_made_listed_and_ended(site, rows):
    (made,) = rows("tokens", "add", "extension", "--scope", "read", "--scope", "write", "--until", "7", "--as", "editor-1")
    user, kept = api_tokens.owner(site.store, made["token"])
    assert (user.name, sorted(kept.scopes)) == ("editor-1", ["read", "write"])
    assert [(t["name"], t["scopes"], "token" in t) for t in rows("tokens", "list", "--as", "editor-1")] == [("extension", ["read", "write"], False)]
    rows("tokens", "revoke", made["id"], "--as", "editor-1")
    assert api_tokens.owner(site.store, made["token"]) is None


def test_nobody_acts_who_is_disabled_or_where_there_is_no_administrator(site, run):
    with site.store.write():
        site.store.users.disable(site.store.users.by_name(site.names[Role.EDITOR]).id)
        site.store.users.disable(site.store.users.by_name(site.names[Role.ADMINISTRATOR]).id)
    assert "users enable editor-1" in run("undo", "--as", "editor-1", code=1).output
    assert "claimtrail init" in run("undo", code=1).output


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_completes_commands(run, shell):
    script = run("completion", shell).output
    assert f"_CLAIMTRAIL_COMPLETE={shell}_complete" in script


def test_completing_finds_commands_and_choices(monkeypatch):
    complete = CliRunner(env={"_CLAIMTRAIL_COMPLETE": "bash_complete", "COMP_WORDS": "claimtrail promises ", "COMP_CWORD": "2"})
    monkeypatch.setattr("sys.argv", ["claimtrail"])
    found = complete.invoke(cli, [], prog_name="claimtrail", standalone_mode=True).output.split()
    assert {"plain,list", "plain,status", "plain,undo"} <= set(found)


def test_what_is_done_with_users_and_alerts_is_told_as_json_too(site, rows):
    (added,) = rows("users", "add", "anna", "--role", "journalist")
    assert (added["name"], added["role"], len(added["password"]) > 8) == ("anna", "journalist", True)
    assert rows("users", "role", "anna", "editor") == [{"name": "anna", "role": "editor"}]
    assert rows("users", "disable", "anna") == [{"name": "anna", "disabled": True}]
    assert rows("users", "enable", "anna") == [{"name": "anna", "disabled": False}]
    assert rows("users", "password", "anna")[0]["password"] != added["password"]
    assert rows("alerts", "send") == [{"sent": 0, "failed": 0, "waiting": 0}]
    assert rows("topics", "assign")[0]["topics"] == len(site.store.topics.all())
