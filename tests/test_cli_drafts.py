"""Kept drafts, the log, and what was said of claims and people, on the command line: as the pages do it, in somebody's name."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from test_cli_desk import logged, rows, run  # noqa: F401  (fixtures)
from web_site import SAME_ORIGIN, Site, site  # noqa: F401  (a fixture)

from factcheck.records import Cutoffs, LogFilter, Person, Role


@pytest.fixture
def file(tmp_path):
    found = tmp_path / "entwurf.txt"
    found.write_text("„Wir werden die Brücke bis 2030 erneuern“, sagte Erika Beispiel.", encoding="utf-8")
    return found


def test_a_draft_is_kept_checked_shared_changed_and_thrown_away(site, run, rows, file):  # noqa: F811
    (made,) = rows("drafts", "keep", file, "--title", "Brücke", "--as", "journalist-1")
    assert (made["title"], made["owner"], made["is_shared"], "text" in made) == ("Brücke", "journalist-1", False, False)
    assert run("drafts", "show", made["id"], "--as", "journalist-1").stdout.strip() == file.read_text(encoding="utf-8")
    (checked,) = rows("drafts", "check", made["id"], "--as", "journalist-1")
    assert checked["statements"][0]["speaker"] == "Erika Beispiel"
    for arguments in (("show",), ("check",), ("share",), ("delete",), ("change", file)):
        words = [arguments[0], made["id"], *arguments[1:]]
        assert "not shared with you" in run("drafts", *words, "--as", "editor-1", code=1).output
    assert rows("drafts", "list", "--as", "editor-1") == [] and rows("drafts", "share", made["id"], "--as", "journalist-1")[0]["is_shared"]
    assert [d["id"] for d in rows("drafts", "list", "--whose", "shared", "--as", "editor-1")] == [made["id"]]
    assert "Only its owner" in run("drafts", "delete", made["id"], "--as", "editor-1", code=1).output
    assert not rows("drafts", "share", made["id"], "--stop", "--as", "journalist-1")[0]["is_shared"]
    file.write_text("Ganz neu.", encoding="utf-8")
    assert rows("drafts", "change", made["id"], file, "--as", "journalist-1")[0]["characters"] == 9
    run("drafts", "delete", made["id"], "--as", "journalist-1")
    assert rows("drafts", "list", "--as", "journalist-1") == [] and logged(site) == ("journalist-1", "deleted a draft", f"draft {made['id']}")
    assert "Drafts are for journalists" in run("drafts", "keep", file, "--as", "reader-1", code=1).output
    empty = file.with_name("leer.txt")
    empty.write_text(" ")
    run("drafts", "keep", empty, "--as", "journalist-1", code=1)
    assert rows("drafts", "list", "--as", "journalist-1") == []


def test_the_log_is_read_and_a_claim_brought_back_from_it(site, run, rows):  # noqa: F811
    run("claims", "change", site.claim, "--title", "Anders", "--as", "editor-1")
    (entry,) = rows("log", "--type", "claim", "--number", site.claim, "--action", "changed a claim", "--by", "editor-1")
    assert (entry["before"], entry["after"]) == ({"title": "Wird die Brücke fertig?"}, {"title": "Anders"})
    assert rows("log", "--until", "2001-01-01") == [] and len(rows("log", "--since", entry["at"][:10], "--most", 1)) == 1
    assert "editor-1 · changed a claim" in run("log").stdout
    assert rows("claims", "putback", entry["id"], "--as", "editor-1") == [{"claim": site.claim, "entry": entry["id"]}]
    assert site.store.claims.get(site.claim).title == "Wird die Brücke fertig?"
    assert "changed again" in run("claims", "putback", entry["id"], code=1).output and "no such entry" in run("claims", "putback", 9999, code=1).output


def test_reports_and_occurrences_are_put_right(site, run, rows):  # noqa: F811
    (report,) = rows("claims", "report", site.claim, "Streit", "--url", "https://example.org/streit")
    (said,) = rows("claims", "said", site.claim, "Sie kommt.", "--at", "2024-05")
    run("claims", "change-report", report["id"], "--title", "Streit um die Brücke", "--published", "2024-05-02")
    run("claims", "change-said", said["id"], "--at", "2024-06", "--as", "editor-1")
    (shown,) = rows("claims", "show", site.claim)
    told = next(c for c in shown["coverage"] if c["id"] == report["id"])
    assert (told["title"], told["published_at"], told["url"]) == ("Streit um die Brücke", "2024-05-02", "https://example.org/streit")
    assert next(o for o in shown["occurrences"] if o["id"] == said["id"])["said_at"] == "2024-06" and logged(site)[:2] == ("editor-1", "changed: occurrence")
    assert "http" in run("claims", "change-report", report["id"], "--url", "nowhere", code=1).output
    assert "Say what is to change" in run("claims", "change-said", said["id"], code=2).output
    assert "no longer on file" in run("claims", "change-report", 999, "--title", "x", code=1).output


def test_two_are_kept_apart_and_it_is_lifted_on_the_page_and_by_command(site, run, rows):  # noqa: F811
    twin = site.store.people.put(Person(0, "Erica Beispiel")).id
    run("people", "apart", site.person, twin)
    assert [p["other"] for p in rows("people", "apart", site.person)] == [twin] and rows("people", "duplicates") == []
    assert rows("people", "apart", site.person, twin, "--lift", "--as", "editor-1") == [{"person": site.person, "other": twin, "apart": False}]
    assert logged(site)[:2] == ("editor-1", "no longer told two people apart") and len(rows("people", "duplicates")) == 1
    assert "Nobody told these two apart" in run("people", "apart", site.person, twin, "--lift", code=1).output
    assert "Name both" in run("people", "apart", site.person, "--lift", code=2).output
    client, path = site.client(Role.EDITOR), f"/people/{site.person}"
    assert "an editor said" not in client.get(f"{path}/edit").text
    client.post(f"{path}/apart", data={"other": twin}, headers=SAME_ORIGIN)
    assert "Not this person, an editor said" in client.get(f"{path}/edit?language=en").text or "Laut Redaktion" in client.get(f"{path}/edit").text
    client.post(f"{path}/apart", data={"other": twin, "lift": "1"}, headers=SAME_ORIGIN)
    assert rows("people", "apart", site.person) == []


def test_several_are_decided_in_one_go_and_taken_back(site, run, rows):  # noqa: F811
    first, second = (s.id for s in site.statements)
    (act,) = rows("decide", first, "not a match", "--also", second, "--as", "editor-1")
    assert act["statements"] == [first, second] and rows("queue") == []
    assert rows("undo", "--act", "--as", "editor-1")[0]["statements"] == [first, second] and len(rows("queue")) == 2
    assert "--also goes with a claim" in run("decide", first, "new", "--also", second, code=2).output
    assert rows("assign", "editor-1", first)[0]["statements"] == [first] and rows("assign", "editor-1", first) == [{"id": None, "to": "editor-1", "statements": []}]
    assert rows("undo", "--act")[0]["act"] == "assigned" and "nothing to undo" in run("undo", "--act", code=1).output


def test_a_speaker_is_confirmed_as_suggested(site, run, rows):  # noqa: F811
    unsure = site.statements[1].id
    with site.store.write() as db:
        db.execute("UPDATE statements SET suggestions = ? WHERE id = ?", [json.dumps([["Erika Beispiel", "only woman named before", 0.8]]), unsure])
    assert "0.80  Erika Beispiel" in run("statements", "speaker", unsure).stdout
    (made,) = rows("statements", "speaker", unsure, "Erika Beispiel", "--as", "editor-1")
    assert site.store.articles.statement(unsure).speaker == "Erika Beispiel"
    assert rows("statements", "speaker", unsure, "--undo", made["id"])[0]["undone_at"] and site.store.articles.statement(unsure).speaker == ""
    assert "no statement 999" in run("statements", "speaker", 999, code=1).output


def test_what_one_was_told_and_wishes(site, run, rows):  # noqa: F811
    assert rows("alerts", "wish") == [{"by_mail": False, "pace": "at once"}]
    assert rows("alerts", "wish", "--mail", "--pace", "weekly") == rows("alerts", "wish") == [{"by_mail": True, "pace": "weekly"}]
    assert rows("alerts", "wish", "--as", "editor-1") == [{"by_mail": False, "pace": "at once"}] and rows("alerts", "news", "--read") == []


def test_quality_is_told_and_the_cut_offs_set(site, run, rows):  # noqa: F811
    run("decide", site.statements[0].id, "same", site.claim)
    (told,) = rows("quality")
    assert (told["decisions"], sum(b["right"] for b in told["bands"])) == (1, 1)
    assert rows("quality", "--possible", "0.3", "--likely", "0.8")[0]["cutoffs"] == {"possible": 0.3, "likely": 0.8}
    assert site.store.newsroom.cutoffs() == Cutoffs(0.3, 0.8) and "Offered from 30%" in run("quality").stdout
    assert "Only administrators" in run("quality", "--likely", "0.9", "--as", "editor-1", code=1).output


def test_reviews_go_out_as_a_data_feed(site, run, tmp_path):  # noqa: F811
    assert json.loads(run("export", "feed").stdout)["dataFeedElement"] == []
    run("export", "feed", tmp_path / "feed.json", "--all")
    (item,) = json.loads((tmp_path / "feed.json").read_text(encoding="utf-8"))["dataFeedElement"]
    assert item["item"][0]["@type"] == "ClaimReview"


def test_corrections_in_public_are_listed(site, run, rows):  # noqa: F811
    assert rows("claims", "corrections") == []
    run("claims", "correct", site.claim, "--before", "Der Titel war falsch", "--after", "Der Titel", "--reason", "Ein Wort war falsch geschrieben.")
    (told,) = rows("claims", "corrections")
    assert (told["claim_id"], told["at"][:4]) == (site.claim, str(datetime.now(UTC).year)) and "Ein Wort" in run("claims", "corrections").stdout
    assert site.store.audit.newest(LogFilter(), limit=1)[0].object_id == site.claim
