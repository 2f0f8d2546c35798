"""The newsroom's work on the command line: each command does what the pages do, in somebody's name, and stands in the log."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from receivers import HookServer
from test_cli_desk import logged, rows, run  # noqa: F401  (fixtures)
from test_web_walkbacks import proposed  # noqa: F401  (a fixture)
from web_site import Site, site  # noqa: F401  (a fixture)

from factcheck import pipeline
from factcheck.records import (
    Claim,
    FeedEntry,
    Person,
    Rating,
    Relation,
    Review,
    Source,
    WalkbackState,
)

AS = ("--as", "editor-1")


@pytest.fixture
def other(site, fake_encoder) -> Claim:  # noqa: F811
    return pipeline.add_claim(site.store, fake_encoder, Claim(0, "tunnel", "Der Tunnel kostet 90 Millionen Euro.", language="de"))


@pytest.fixture
def hook():
    server = HookServer()
    yield server
    server.stop()


def test_a_claim_is_worded_anew_and_its_parts_put_right(site, run, rows):  # noqa: F811
    (changed,) = rows("claims", "change", site.claim, "--text", "Die Brücke ist 2031 erneuert.", "--said", "2023", *AS)
    assert (changed["text"], changed["first_said_at"], changed["speaker"]) == ("Die Brücke ist 2031 erneuert.", "2023", "Erika Beispiel")
    assert logged(site)[0] == "editor-1"
    (said,) = rows("claims", "said", site.claim, "Sie kommt 2031.", "--at", "2024-05", "--speaker", "Erika Beispiel", "--source", "Example", *AS)
    assert any(o.quote == "Sie kommt 2031." and o.said_at == "2024-05" for o in site.store.claims.occurrences(site.claim))
    (report,) = rows("claims", "report", site.claim, "Streit um die Brücke", "--url", "https://example.org/streit", *AS)
    (review,) = rows("reviews", "add", site.claim, "--publisher", "Example desk", "--rating", "true", "--rating-text", "Stimmt", "--published", "2024-06-01", *AS)
    rows("reviews", "change", review["id"], "--rating", "false", "--rating-text", "Falsch", *AS)
    found = site.store.claims.get(site.claim)
    assert [(r.rating_text, r.published_at) for r in found.reviews if r.id == review["id"]] == [("Falsch", "2024-06-01")] and found.rating is Rating.FALSE
    for what, part in (("occurrence", said["id"]), ("coverage", report["id"]), ("review", review["id"])):
        assert rows("claims", "remove", what, part, *AS) == [{"removed": what, "id": part}]
    found = site.store.claims.get(site.claim)
    assert found.rating is Rating.MOSTLY_FALSE and not [c for c in found.coverage if c.id == report["id"]]


def test_part_of_a_claim_is_split_off_and_given_back(site, run, rows):  # noqa: F811
    (shown,) = rows("claims", "show", site.claim)
    occurrence, review = shown["occurrences"][0]["id"], shown["reviews"][0]["id"]
    text = run("claims", "show", site.claim).stdout
    assert f"occurrence {occurrence}" in text and f"review {review}" in text
    (split,) = rows("claims", "split", site.claim, "--text", "Die Brücke wird neu.", "--occurrence", occurrence, "--review", review, *AS)
    assert split["moved"] == 2 and logged(site)[:2] == ("editor-1", "split")
    assert [r.id for r in site.store.claims.get(split["other"]).reviews] == [review]
    run("claims", "unmerge", split["id"])
    assert [r.id for r in site.store.claims.get(site.claim).reviews] == [review]
    (into,) = rows("claims", "split", site.claim, "--into", split["other"], "--review", review, *AS)
    assert into["other"] == split["other"]


def test_claims_are_called_opposite_and_no_longer(site, other, run, rows):  # noqa: F811
    (made,) = rows("claims", "relate", site.claim, "opposite", other.id, *AS)
    assert rows("claims", "relations", other.id)[0]["id"] == made["id"] and f"claim {other.id}" in run("claims", "relations", site.claim).stdout
    assert site.store.claim_relations.of([site.claim])[0].relation is Relation.OPPOSITE and logged(site)[0] == "editor-1"
    rows("claims", "unrelate", made["id"], *AS)
    assert rows("claims", "relations", site.claim) == []


def test_a_persons_names_and_offices_are_put_right(site, run, rows):  # noqa: F811
    (renamed,) = rows("people", "change", site.person, "--name", "Erika Muster", "--gender", "f", *AS)
    assert (renamed["name"], renamed["gender"], "Erika Beispiel" in renamed["aliases"]) == ("Erika Muster", "f", True)
    assert "E. Muster" in rows("people", "alias", site.person, "E. Muster", *AS)[0]["aliases"] and logged(site)[0] == "editor-1"
    assert "E. Muster" not in rows("people", "alias", site.person, "E. Muster", "--remove", *AS)[0]["aliases"]
    ((office,),) = [p["offices"] for p in rows("people", "office", site.person, "Ministerin", "--since", "2023", *AS)]
    assert (office["title"], office["since"], office["until"]) == ("Ministerin", "2023-01-01", None)
    (changed,) = rows("people", "office", site.person, "Verkehrsministerin", "--since", "2023", "--until", "2024-05", "--change", office["id"], *AS)
    assert [(o["title"], o["until"]) for o in changed["offices"]] == [("Verkehrsministerin", "2024-05-31")]
    assert rows("people", "office", site.person, "--remove", office["id"], *AS)[0]["offices"] == []


def test_who_may_be_one_is_listed_until_somebody_says_they_are_two(site, run, rows):  # noqa: F811
    twin = site.store.people.put(Person(0, "Erica Beispiel"))
    (pair,) = rows("people", "duplicates")
    assert {pair["one"]["id"], pair["other"]["id"]} == {site.person, twin.id} and 0 < pair["score"] <= 1
    rows("people", "apart", site.person, twin.id, *AS)
    assert rows("people", "duplicates") == []


def test_a_promise_has_terms_and_may_turn_out_to_be_none(site, other, run, rows):  # noqa: F811
    (made,) = rows("promises", "terms", other.id, "--criterion", "Der Tunnel ist offen.", "--deadline", "2031", "--words", "bis 2031", *AS)
    assert (made["promise"]["criterion"], made["promise"]["deadline"], made["promise"]["deadline_text"]) == ("Der Tunnel ist offen.", "2031", "bis 2031")
    (again,) = rows("promises", "terms", other.id, "--deadline", "2032-05-01", *AS)
    assert (again["promise"]["criterion"], again["promise"]["deadline"]) == ("Der Tunnel ist offen.", "2032-05-01")
    rows("promises", "drop", other.id, *AS)
    assert site.store.claims.get(other.id).promise is None and logged(site)[0] == "editor-1"


def test_a_government_has_members(site, run, rows):  # noqa: F811
    (made,) = rows("governments", "save", "Kabinett Muster", "--since", "2023-05-01", *AS)
    (named,) = rows("governments", "save", "Kabinett Muster I", "--since", "2023-05-01", "--until", "2024-05-01", "--change", made["id"], *AS)
    (grown,) = rows("governments", "member", made["id"], "Erika Beispiel", *AS)
    assert (named["until"], [m["id"] for m in grown["members"]]) == ("2024-05-01", [site.person])
    assert "Kabinett Muster I" in run("governments", "list").stdout
    rows("governments", "member", made["id"], site.person, "--remove", *AS)
    assert rows("governments", "list")[0]["members"] == []


def test_a_walk_back_is_confirmed_and_taken_back(site, proposed, run, rows):  # noqa: F811
    assert [w["id"] for w in rows("walkbacks", "list")] == [proposed.id]
    (made,) = rows("walkbacks", "decide", proposed.id, "confirmed", "--kind", "in jest", "--note", "Im Interview", *AS)
    assert (made["state"], made["kind"], made["user"]) == ("confirmed", "in jest", "editor-1") and logged(site)[0] == "editor-1"
    assert rows("walkbacks", "list") == [] and rows("walkbacks", "list", "--state", "confirmed")[0]["note"] == "Im Interview"
    rows("walkbacks", "decide", proposed.id, "proposed", *AS)
    assert site.store.walkbacks.get(proposed.id).state is WalkbackState.PROPOSED


def test_topics_are_made_described_given_and_deleted(site, run, rows):  # noqa: F811
    (made,) = rows("topics", "save", "Bridges", "--german", "Brücken", "--description", "Bridges and their repair", *AS)
    (again,) = rows("topics", "save", "Bridges and tunnels", "--change", made["id"], *AS)
    assert (again["name"], again["name_de"], again["description"]) == ("Bridges and tunnels", "Brücken", "Bridges and their repair")
    rows("topics", "mark", "claim", site.claim, made["id"], "given", *AS)
    assert [m.by_hand for m in site.store.topics.marks("claim", [site.claim])[site.claim] if m.topic_id == made["id"]] == ["given"]
    rows("topics", "mark", "claim", site.claim, made["id"], "automatic", *AS)
    assert not [m for m in site.store.topics.marks("claim", [site.claim]).get(site.claim, []) if m.topic_id == made["id"] and m.by_hand]
    rows("topics", "delete", made["id"], *AS)
    assert site.store.topics.get(made["id"]) is None and logged(site)[0] == "editor-1"


def test_notes_are_written_and_private_ones_stay_so(site, run, rows):  # noqa: F811
    (private,) = rows("notes", "add", "claim", site.claim, "Beim Amt nachfragen", *AS)
    (shared,) = rows("notes", "add", "claim", site.claim, "Amt hat geantwortet", "--shared", *AS)
    assert [n["id"] for n in rows("notes", "list", "claim", site.claim, *AS)] == [private["id"], shared["id"]]
    assert [n["id"] for n in rows("notes", "list", "claim", site.claim)] == [shared["id"]], "another user"
    assert rows("notes", "change", private["id"], "Erledigt", *AS)[0]["text"] == "Erledigt"
    assert "no such note of yours" in run("notes", "delete", private["id"], code=1).output
    rows("notes", "delete", private["id"], *AS)
    assert [n["id"] for n in rows("notes", "list", *AS)] == [shared["id"]]


def test_unknown_rating_words_are_listed_and_understood(site, run, rows):  # noqa: F811
    review = Review("Example desk", "Quark mit Soße", Rating.NOT_RATED, url="https://example.org/q", published_at="2024-05-01")
    claim_id, _ = site.store.claims.put(Claim(0, "quark", "Der Deich hält.", reviews=(review,)))
    assert ("Quark mit Soße", 1, claim_id) in [(u["words"], u["times"], u["claim_id"]) for u in rows("ratings", "unknown")]
    assert rows("ratings", "map", "Quark mit Soße", "false", *AS)[0]["changed"] == 1
    assert site.store.claims.get(claim_id).rating is Rating.FALSE and "Quark mit Soße" not in run("ratings", "unknown").stdout
    assert [(e["words"], e["rating"], e["by"]) for e in rows("ratings", "list")] == [("Quark mit Soße", "false", "editor-1")]
    assert rows("ratings", "unmap", "Quark mit Soße", *AS)[0]["changed"] == 1
    assert site.store.claims.get(claim_id).rating is Rating.NOT_RATED


def test_sources_are_changed_looked_into_and_removed(site, run, rows):  # noqa: F811
    store, now = site.store, datetime.now(UTC)
    source = store.sources.add(Source("Beispielbote", "https://example.org/feed", "de"))
    taken = store.sources.take(now)
    store.sources.looked(taken, [(FeedEntry("1", "https://example.org/1", "Die Brücke", html="<p>x</p>"), "h", True)], etag="", modified="", moment=now, next_at=now + timedelta(hours=1))
    (changed,) = rows("sources", "change", source.id, "--licence", "CC BY 4.0", *AS)
    assert (changed["licence"], changed["language"], changed["name"]) == ("CC BY 4.0", "de", "Beispielbote") and logged(site)[0] == "editor-1"
    (item,) = rows("sources", "items", source.id)
    assert (item["title"], item["state"]) == ("Die Brücke", "waiting")
    assert rows("sources", "again", item["id"], *AS) == [{"id": item["id"], "source_id": source.id}]
    rows("sources", "remove", source.id, *AS)
    assert store.sources.all() == [] and "not on file" in run("sources", "items", source.id, code=1).output


def test_a_webhook_is_added_tried_and_looked_into(site, run, rows, hook, monkeypatch):  # noqa: F811
    monkeypatch.setenv("CLAIMTRAIL_OUTGOING_ALLOW", "127.0.0.1")
    (made,) = rows("webhooks", "add", hook.url, *AS)
    assert made["key"].startswith("whsec_") and [w["url"] for w in rows("webhooks", "list", *AS)] == [hook.url] and rows("webhooks", "list") == []
    assert "salt" not in json.dumps(rows("webhooks", "list", *AS))
    assert rows("webhooks", "key", made["id"], *AS)[0]["key"] != made["key"]
    assert rows("webhooks", "test", made["id"], *AS) == [{"id": made["id"], "answer": "200", "failed": ""}] and len(hook.heard) == 1
    hook.answer = lambda n: 500
    assert "answered 500" in run("webhooks", "test", made["id"], *AS, code=1).output
    assert json.loads(run("webhooks", "test", made["id"], *AS, "--json", code=1).stdout)["failed"]
    assert [d["state"] for d in rows("webhooks", "log", made["id"], *AS)] == ["failed", "failed", "sent"]
    assert rows("webhooks", "switch", made["id"], "off", *AS)[0]["on"] is False
    assert "no such webhook" in run("webhooks", "delete", made["id"], code=1).output
    rows("webhooks", "delete", made["id"], *AS)
    assert rows("webhooks", "list", *AS) == []


def test_a_search_is_saved_changed_and_given_up(site, run, rows, hook, monkeypatch):  # noqa: F811
    monkeypatch.setenv("CLAIMTRAIL_OUTGOING_ALLOW", "127.0.0.1")
    (webhook,) = rows("webhooks", "add", hook.url, *AS)
    (made,) = rows("alerts", "follow", "search", "--query", "q=Brücke&rating=false", "--name", "Brücken", *AS)
    (claim,) = rows("alerts", "follow", "claim", "--number", site.claim, *AS)
    assert (made["about"], made["in_app"], claim["object_id"]) == ("search", True, site.claim)
    (changed,) = rows("alerts", "change", made["id"], "--mail", "--no-app", "--pace", "weekly", "--webhook", webhook["id"], *AS)
    assert (changed["name"], changed["in_app"], changed["by_mail"], changed["pace"], changed["webhook_id"]) == ("Brücken", False, True, "weekly", webhook["id"])
    (feed,) = rows("alerts", "feed", made["id"], *AS)
    assert site.anonymous.get("/" + feed["feed"].split("/", 3)[3]).status_code == 200
    assert rows("alerts", "feed", made["id"], "--close", *AS)[0]["feed"] is None
    assert "no such alert" in run("alerts", "unfollow", made["id"], code=1).output, "another user"
    rows("alerts", "unfollow", made["id"], *AS)
    assert [a["id"] for a in rows("alerts", "list")] == [claim["id"]]


def test_what_waits_is_given_to_a_colleague_or_put_away(site, run, rows):  # noqa: F811
    first, second = (s.id for s in site.statements)
    assert rows("assign", "editor-1", first, second)[0]["statements"] == [first, second]
    assert [r["id"] for r in rows("queue", "--assigned", "me", *AS)] and rows("assign", "nobody", first)[0]["to"] == "nobody"
    (away,) = rows("later", second, "--until", "2999-01-01T08:00+01:00", *AS)
    assert away["until"] == "2999-01-01T07:00:00+00:00"
    assert [r["id"] for r in rows("queue", *AS)] == [first] and len(rows("queue")) == 2
    assert datetime.fromisoformat(rows("later", first, *AS)[0]["until"]) > datetime.now(UTC)


def test_statements_in_an_article_are_put_right(site, run, rows):  # noqa: F811
    first, second = site.statements
    assert rows("statements", "correct", second.id, "--speaker", "Erika Beispiel", "--kind", "reported", *AS)[0]["by"] == "editor-1"
    assert (site.store.articles.statement(second.id).speaker, logged(site)[0]) == ("Erika Beispiel", "editor-1")
    (removed,) = rows("statements", "remove", second.id, *AS)
    assert site.store.articles.statement(second.id) is None and "no statement" in run("statements", "remove", second.id, code=1).output
    rows("statements", "undo", removed["id"], *AS)
    assert site.store.articles.statement(second.id).text == second.text
    after = max(first.end, second.end) + 1
    (added,) = rows("statements", "add", site.article, after, len(site.store.articles.get(site.article).text), "--kind", "indirect", *AS)
    assert added["act"] == "added" and rows("statements", "checked", site.article, *AS)[0]["act"] == "checked"


def test_an_article_that_failed_is_read_again(site, run, rows):  # noqa: F811
    site.store.articles.set_state(site.article, "failed", "It was too much.")
    assert rows("articles", "retry", site.article, *AS) == [{"id": site.article, "state": "queued"}] and logged(site)[0] == "editor-1"
    assert "not on file" in run("articles", "retry", 99, code=1).output


def test_statements_on_file_are_matched_again_without_a_server(site, run, rows, fake_encoder):  # noqa: F811
    rows("backfill")
    claim = pipeline.add_claim(site.store, fake_encoder, Claim(0, "neu", "Wir werden die Brücke bis 2030 erneuern", language="de"))
    (done,) = rows("backfill")
    assert done["matched"] >= 1
    assert claim.id in [c.claim_id for c in site.store.decisions.candidates(site.statements[0].id)]
    assert rows("backfill") == [{"matched": 0}]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("claims", "change", 1), 2, "what is to change"), (("claims", "change", 99, "--text", "x"), 1, "no longer on file"),
        (("claims", "split", 1), 2, "either --into"), (("claims", "split", 1, "--text", "x"), 1, "Choose what belongs"),
        (("claims", "relate", 1, "related", 99), 1, "on file"), (("claims", "unrelate", 99), 1, ""), (("reviews", "change", 99, "--title", "x"), 1, "no review 99"),
        (("claims", "said", 1, "x", "--at", "2024-02-31"), 2, "No calendar"), (("people", "change", 99, "--name", "A B"), 1, "no person 99"),
        (("people", "office", 1), 2, "Give TITLE"), (("people", "office", 1, "x", "--since", "soon"), 1, ""), (("promises", "terms", 99), 1, "no longer on file"),
        (("governments", "member", 1, "Anna", "--remove"), 2, "number"), (("walkbacks", "decide", 99, "confirmed"), 1, "no such walk-back"),
        (("topics", "save", "x", "--change", 99), 1, "no topic 99"), (("topics", "delete", 99), 1, "no topic 99"), (("notes", "list", "claim"), 2, "Give the number"),
        (("notes", "add", "claim", 99, "x"), 1, "no longer on file"), (("ratings", "unmap", "nothing"), 1, "taken back"), (("sources", "change", 99), 1, "not on file"),
        (("sources", "again", 99), 1, "not on file"), (("webhooks", "add", "ftp://x"), 1, "http"), (("webhooks", "test", 99), 1, "no such webhook"),
        (("alerts", "follow", "claim"), 1, "cannot be followed"), (("alerts", "change", 99), 1, "no such alert"), (("assign", "nobody-here", 1), 1, "no user"),
        (("later", 1, "--until", "soon"), 2, "no moment"), (("later", 1, "--until", "2001-01-01"), 1, "still to come"),
        (("claims", "relate", 1, "related", 1, "--as", "reader-1"), 1, "editors"), (("notes", "add", "claim", 1, "x", "--as", "nobody"), 1, "nobody"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said_in_a_line(run, arguments, code, said):  # noqa: F811
    output = run(*arguments, code=code).output
    assert said in output and "Traceback" not in output
