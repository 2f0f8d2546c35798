"""The desk's work through the API: each operation does what the page does, in the token's owner's name, and stands in the log."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from test_api import Program
from test_web_walkbacks import proposed  # noqa: F401  (a fixture)
from web_site import Site, site  # noqa: F401  (a fixture)

from factcheck import pipeline
from factcheck.records import (
    Claim,
    FeedEntry,
    LogFilter,
    Person,
    Rating,
    Review,
    Role,
    Source,
)
from factcheck.web.api import limits


@pytest.fixture
def program(site) -> Program:  # noqa: F811
    limits.limits = limits.Limits()
    return Program(site, Role.EDITOR, "read", "write", "decide")


@pytest.fixture
def other(site, fake_encoder) -> int:  # noqa: F811
    return pipeline.add_claim(site.store, fake_encoder, Claim(0, "tunnel", "Der Tunnel kostet 90 Millionen Euro.", language="de")).id


def done(answer) -> dict:
    assert answer.status_code == 201, answer.json
    return answer.json


def logged(site: Site) -> tuple[str, str]:  # noqa: F811
    entry = site.store.audit.newest(LogFilter(), limit=1)[0]
    return entry.user_name, entry.action


def test_a_claim_is_changed_and_its_parts_added_and_removed(site, program):  # noqa: F811
    changed = done(program.post(f"/claims/{site.claim}:change", text="Die Brücke ist 2031 neu.", first_said_at="2023"))
    assert (changed["text"], changed["first_said_at"], changed["speaker"]) == ("Die Brücke ist 2031 neu.", "2023", "Erika Beispiel")
    assert logged(site)[0] == "editor-1"
    said = done(program.post(f"/claims/{site.claim}/occurrences", quote="Sie kommt.", said_at="2024-05", speaker="Erika Beispiel"))
    report = done(program.post(f"/claims/{site.claim}/coverage", title="Streit", url="https://example.org/streit"))
    assert "Sie kommt." in [o["quote"] for o in program.get(f"/claims/{site.claim}/occurrences").json["items"]]
    for what, part in (("occurrence", said), ("coverage", report)):
        done(program.post("/claims:remove-part", what=what, id=part["id"]))
    assert "Sie kommt." not in [o["quote"] for o in program.get(f"/claims/{site.claim}/occurrences").json["items"]]
    assert program.post("/claims/999999:change", text="x").status_code == 404


def test_claims_are_related_merged_and_split_and_all_of_it_taken_back(site, program, other):  # noqa: F811
    made = done(program.post(f"/claims/{site.claim}/relations", other_id=other, relation="opposite"))
    assert [r["id"] for r in program.get(f"/claims/{other}/relations").json["items"]] == [made["id"]]
    assert done(program.post(f"/relations/{made['id']}:undo"))["undone_at"]
    refused = program.post(f"/claims/{site.claim}:merge", other_id=other)
    merged = done(program.post(f"/claims/{site.claim}:merge", other_id=other, confirmed=True)) if refused.status_code == 400 else done(refused)
    assert (merged["act"], program.get(f"/claims/{other}").json["id"]) == ("merged", site.claim) and logged(site) == ("editor-1", "merged")
    done(program.post(f"/rearrangements/{merged['id']}:undo"))
    assert program.get(f"/claims/{other}").json["id"] == other
    review = program.get(f"/claims/{site.claim}").json["reviews"][0]["id"]
    split = done(program.post(f"/claims/{site.claim}:split", into=other, reviews=[review]))
    assert split["moved"] == 1 and [r["id"] for r in program.get(f"/claims/{other}").json["reviews"]] == [review]
    assert program.post(f"/rearrangements/{merged['id']}:undo").status_code == 409


def test_promises_have_terms_and_changes_that_can_be_taken_back(site, program, other):  # noqa: F811
    promise = done(program.post(f"/claims/{other}/terms", criterion="Der Tunnel ist offen.", deadline="2031"))["promise"]
    assert (promise["criterion"], promise["deadline"]) == ("Der Tunnel ist offen.", "2031")
    change = done(program.post(f"/claims/{other}/status-changes", status="kept", source_url="https://example.org/offen"))
    done(program.post(f"/status-changes/{change['id']}:undo"))
    assert program.get(f"/claims/{other}").json["promise"]["status"] == "not yet rated"
    assert done(program.post(f"/claims/{other}:no-promise"))["promise"] is None


def test_walk_backs_are_listed_and_decided(site, proposed, program):  # noqa: F811
    (listed,) = program.get("/walk-backs").json["items"]
    assert (listed["id"], listed["state"]) == (proposed.id, "proposed")
    assert done(program.post(f"/walk-backs/{proposed.id}:decide", state="confirmed", kind="in jest"))["by"] == "editor-1"
    assert program.get("/walk-backs").json["items"] == [] and program.get("/walk-backs", state="confirmed").json["items"][0]["kind"] == "in jest"
    assert program.get("/walk-backs", cursor="nan~1").status_code == 400


def test_people_are_renamed_given_offices_joined_and_parted(site, program):  # noqa: F811
    path = f"/people/{site.person}"
    assert done(program.post(f"{path}:change", name="Erika Muster"))["aliases"].count("Erika Beispiel") == 1
    assert "E. Muster" in done(program.post(f"{path}/aliases", alias="E. Muster"))["aliases"]
    assert "E. Muster" not in done(program.post(f"{path}/aliases:remove", alias="E. Muster"))["aliases"]
    assert done(program.post(f"{path}/offices", title="Ministerin", since="2023"))["offices"] == [{"id": 1, "title": "Ministerin", "since": "2023-01-01", "until": None}]
    office = site.store.people.get(site.person).offices[0].id
    assert done(program.post(f"{path}/offices/{office}:remove"))["offices"] == []
    twin = site.store.people.put(Person(0, "Erica Muster"))
    assert {p["name"] for pair in program.get("/people:duplicates").json["items"] for p in (pair["one"], pair["other"])} == {"Erika Muster", "Erica Muster"}
    made = done(program.post(f"/people/{twin.id}:merge", into_id=site.person))
    assert program.get(f"/people/{twin.id}").json["id"] == site.person
    done(program.post(f"/person-merges/{made['id']}:undo"))
    assert program.get(f"/people/{twin.id}").json["id"] == twin.id and program.get("/governments").json == {"items": []}


def test_what_waits_is_listed_assigned_put_away_and_made_a_claim(site, program):  # noqa: F811
    first, second = (s.id for s in site.statements)
    assert program.get("/queue").json["waiting"] == 2
    before = site.store.audit.newest(LogFilter(), limit=1)[0].id
    done(program.post("/queue:assign", statements=[first], to="editor-1"))
    assert site.store.audit.newest(LogFilter(), limit=1)[0].id > before and [s["id"] for s in program.get("/queue", assigned="me").json["items"]] == [first]
    done(program.post(f"/statements/{second}:later", until="2999-01-01T08:00+01:00"))
    assert [s["id"] for s in program.get("/queue").json["items"]] == [first]
    assert program.post(f"/statements/{second}:later", until="soon").status_code == 400 and program.post("/queue:assign", statements=[first], to="x").status_code == 404
    claim = done(program.post(f"/statements/{first}/claims", text="Die Brücke wird neu."))
    assert claim["text"] == "Die Brücke wird neu." and program.get("/queue", assigned="all").json["items"] == []


def test_statements_are_corrected_added_removed_and_checked(site, program):  # noqa: F811
    first, second = site.statements
    done(program.post(f"/statements/{second.id}:correct", speaker="Erika Beispiel", kind="reported"))
    assert [program.get(f"/statements/{second.id}").json[n] for n in ("speaker", "kind", "text")] == ["Erika Beispiel", "reported", second.text]
    assert done(program.post(f"/statements/{first.id}:correct"))["act"] == "confirmed"
    removed = done(program.post(f"/statements/{second.id}:remove"))
    assert program.get(f"/statements/{second.id}").status_code == 404 and program.post(f"/statements/{second.id}:remove").status_code == 404
    done(program.post(f"/statement-corrections/{removed['id']}:undo"))
    assert program.get(f"/statements/{second.id}").json["text"] == second.text
    text = program.get(f"/articles/{site.article}").json["text"]
    made = program.post(f"/articles/{site.article}/statements", start=text.index("Danach"), end=len(text), kind="indirect", speaker="Erika Beispiel")
    assert done(made)["act"] == "added" and len(program.get(f"/articles/{site.article}/statements").json["items"]) == 3
    assert done(program.post(f"/articles/{site.article}:checked"))["act"] == "checked"
    assert program.post(f"/articles/{site.article}/statements", start=5, end=2, kind="direct").status_code == 400
    assert site.store.audit.newest(LogFilter(), limit=1)[0].user_name == "editor-1"


def test_topics_notes_and_rating_words(site, program):  # noqa: F811
    topic = done(program.post("/topics", name="Bridges", description="Bridges and their repair"))
    assert done(program.post(f"/topics/{topic['id']}:change", name="Bridges and tunnels", description="Both"))["name"] == "Bridges and tunnels"
    done(program.post(f"/topics/{topic['id']}/marks", kind="claim", id=site.claim, word="given"))
    assert next(t for t in program.get("/topics").json["items"] if t["id"] == topic["id"])["claims"] >= 1
    done(program.post(f"/topics/{topic['id']}:delete"))

    note = done(program.post("/notes", on="claim", id=site.claim, text="Beim Amt nachfragen"))
    shared = done(program.post("/notes", on="claim", id=site.claim, text="Antwort da", shared=True))
    colleague = Program(site, Role.JOURNALIST, "read", "write")
    assert [n["id"] for n in colleague.get("/notes", on="claim", id=site.claim).json["items"]] == [shared["id"]]
    assert colleague.post(f"/notes/{note['id']}:change", text="x").status_code == 404
    assert done(program.post(f"/notes/{note['id']}:change", text="Erledigt"))["text"] == "Erledigt"
    page = program.get("/notes", size=1).json
    assert [n["id"] for n in page["items"]] == [shared["id"]] and program.get("/notes", size=1, cursor=page["cursor"]).json["items"][0]["id"] == note["id"]
    done(program.post(f"/notes/{note['id']}:delete"))

    review = Review("Example desk", "Quark mit Soße", Rating.NOT_RATED, url="https://example.org/q", published_at="2024-05-01")
    claim_id, _ = site.store.claims.put(Claim(0, "quark", "Der Deich hält.", reviews=(review,)))
    assert "Quark mit Soße" in [u["words"] for u in program.get("/rating-words").json["unknown"]]
    assert done(program.post("/rating-words", words="Quark mit Soße", rating="false")) == {"changed": 1}
    assert site.store.claims.get(claim_id).rating is Rating.FALSE
    assert done(program.post("/rating-words:take-back", words="Quark mit Soße")) == {"changed": 1}
    assert program.post("/rating-words:take-back", words="Quark mit Soße").status_code == 409


def test_sources_are_paused_changed_looked_into_and_removed(site, program):  # noqa: F811
    store, now = site.store, datetime.now(UTC)
    source = store.sources.add(Source("Beispielbote", "https://example.org/feed", "de"))
    entries = [(FeedEntry(str(n), f"https://example.org/{n}", f"Nachricht {n}"), "h", True) for n in range(3)]
    store.sources.looked(store.sources.take(now), entries, etag="", modified="", moment=now, next_at=now + timedelta(hours=1))
    path = f"/sources/{source.id}"
    assert done(program.post(f"{path}:change", licence="CC BY 4.0"))["licence"] == "CC BY 4.0" and program.get(path).json["waiting"] == 3
    assert done(program.post(f"{path}:pause"))["state"] == "paused" and program.post(f"{path}:look").status_code == 400
    assert done(program.post(f"{path}:resume"))["state"] == "active" and done(program.post(f"{path}:look"))["next_at"] == ""
    page = program.get(f"{path}/items", size=2).json
    rest = program.get(f"{path}/items", size=2, cursor=page["cursor"]).json
    assert [i["title"] for i in page["items"] + rest["items"]] == ["Nachricht 2", "Nachricht 1", "Nachricht 0"] and rest["cursor"] == ""
    assert done(program.post(f"/feed-items/{page['items'][0]['id']}:again"))["id"] == source.id
    done(program.post(f"{path}:remove"))
    assert program.get(path).status_code == 404 and logged(site) == ("editor-1", "removed a source")


def test_searches_are_saved_and_news_told_to_their_owner_alone(site, program):  # noqa: F811
    made = done(program.post("/alerts", about="search", query="q=Brücke", name="Brücken"))
    assert done(program.post(f"/alerts/{made['id']}:change", by_mail=True, pace="weekly"))["pace"] == "weekly"
    assert [(a["id"], a["by_mail"], a["in_app"]) for a in program.get("/alerts").json["items"]] == [(made["id"], True, True)]
    colleague = Program(site, Role.JOURNALIST, "read", "write")
    assert colleague.get("/alerts").json["items"] == [] and colleague.post(f"/alerts/{made['id']}:delete").status_code == 404
    done(program.post(f"/alerts/{made['id']}:delete"))
    assert program.get("/alerts").json["items"] == [] and program.get("/notices").json == {"items": [], "cursor": ""}


def test_webhooks_are_added_tried_and_deleted_by_their_owner(site, program, monkeypatch):  # noqa: F811
    from receivers import HookServer

    hook = HookServer()
    site.app.extensions["claimtrail"] = replace(site.app.extensions["claimtrail"], settings=replace(site.app.extensions["claimtrail"].settings, outgoing_allow=("127.0.0.1",)))
    try:
        made = done(program.post("/webhooks", url=hook.url))
        assert made["key"].startswith("whsec_") and program.get("/webhooks").json["items"] == [{k: v for k, v in made.items() if k != "key"}]
        assert done(program.post(f"/webhooks/{made['id']}:test")) == {"answer": "200", "failed": ""} and len(hook.heard) == 1
        assert Program(site, Role.JOURNALIST, "write").post(f"/webhooks/{made['id']}:test").status_code == 404
        done(program.post(f"/webhooks/{made['id']}:delete"))
        assert program.get("/webhooks").json["items"] == [] and program.post("/webhooks", url="ftp://x").status_code == 400
    finally:
        hook.stop()


def test_an_article_that_failed_is_tried_again(site, program):  # noqa: F811
    site.store.articles.set_state(site.article, "failed", "It was too much.")
    assert done(program.post(f"/articles/{site.article}:retry"))["state"] == "queued" and logged(site) == ("editor-1", "tried an article again")
    assert program.post("/articles/999999:retry").status_code == 404


def test_administrators_see_who_works_here_and_the_log(site, program):  # noqa: F811
    administrator = Program(site, Role.ADMINISTRATOR, "admin")
    assert {u["name"]: u["role"] for u in administrator.get("/users").json["items"]} == {name: str(role) for role, name in site.names.items()}
    done(program.post("/topics", name="Bridges", description="Bridges"))
    page = administrator.get("/log", size=1).json
    assert (page["items"][0]["by"], page["items"][0]["object_type"]) == ("editor-1", "topic") and page["cursor"]
    assert program.get("/users").status_code == 403
