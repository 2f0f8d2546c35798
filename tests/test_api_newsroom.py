"""The rest of the desk through the API: parts of claims, governments, who is not whom, feeds, webhooks, kept drafts, the log, accounts."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from test_api import Program
from test_api_desk import done, logged
from web_site import PASSWORD, SAME_ORIGIN, Site, site  # noqa: F401  (a fixture)

from factcheck import api_tokens, pipeline, webhooks
from factcheck.records import Claim, LogFilter, Person, Role
from factcheck.web.api import limits


@pytest.fixture
def program(site) -> Program:  # noqa: F811
    limits.limits = limits.Limits()
    return Program(site, Role.EDITOR, "read", "drafts", "write", "decide")


@pytest.fixture
def administrator(site) -> Program:  # noqa: F811
    limits.limits = limits.Limits()
    return Program(site, Role.ADMINISTRATOR, "read", "admin")


def entries(site: Site) -> int:  # noqa: F811
    return site.store.audit.newest(LogFilter(), limit=1)[0].id


def failed(answer) -> tuple[int, str]:
    assert set(answer.json) == {"error"} and set(answer.json["error"]) == {"status", "kind", "message"}
    return answer.status_code, answer.json["error"]["kind"]


def test_a_review_is_changed_withdrawn_and_brought_back(site, program):  # noqa: F811
    fields = {"publisher": "Example desk", "rating": "false", "rating_text": "Falsch", "url": "https://example.org/r", "published_at": "2024-05-01"}
    review = done(program.post(f"/claims/{site.claim}/reviews", **fields))["id"]
    done(program.post(f"/reviews/{review}:change", rating="mixed", rating_text="Halb richtig"))
    told = next(r for r in program.get(f"/claims/{site.claim}").json["reviews"] if r["id"] == review)
    assert (told["rating"], told["rating_text"], told["url"], told["published_at"]) == ("mixed", "Halb richtig", "https://example.org/r", "2024-05-01")
    (entry,) = program.get("/changes", action="changed: review", object_type="claim", object_id=site.claim).json["items"]
    assert (entry["by"], entry["before"]["rating"], entry["after"]["rating"]) == ("editor-1", "false", "mixed")
    done(program.post(f"/changes/{entry['id']}:undo"))
    assert "Falsch" in [r["rating_text"] for r in program.get(f"/claims/{site.claim}").json["reviews"]]
    assert failed(program.post(f"/changes/{entry['id']}:undo")) == (409, "ChangedMeanwhile")
    done(program.post("/claims:remove-part", what="review", id=review))
    assert failed(program.post(f"/reviews/{review}:change", rating="true")) == (404, "NotFound")
    imported = program.get(f"/claims/{site.claim}").json["reviews"][0]["id"]
    assert failed(program.post(f"/reviews/{imported}:change", rating="true")) == (400, "BadInput")
    assert failed(program.post(f"/claims/{site.claim}/reviews", **fields | {"url": "javascript:alert(1)"})) == (400, "BadInput")
    assert failed(Program(site, Role.EDITOR, "read").post(f"/reviews/{imported}:change", rating="true")) == (403, "NotAllowed")


def test_reports_and_occurrences_are_changed(site, program):  # noqa: F811
    report = done(program.post(f"/claims/{site.claim}/coverage", title="Streit", url="https://example.org/streit"))["id"]
    said = done(program.post(f"/claims/{site.claim}/occurrences", quote="Sie kommt.", said_at="2024-05", speaker="Erika Beispiel"))["id"]
    done(program.post(f"/coverage/{report}:change", title="Streit um die Brücke", published_at="2024-05-02"))
    done(program.post(f"/occurrences/{said}:change", said_at="2024-06", kind="reported"))
    told = next(r for r in program.get(f"/claims/{site.claim}/coverage").json["items"] if r["id"] == report)
    assert (told["title"], told["published_at"], told["url"]) == ("Streit um die Brücke", "2024-05-02", "https://example.org/streit")
    told = next(o for o in program.get(f"/claims/{site.claim}/occurrences").json["items"] if o["id"] == said)
    assert (told["quote"], told["said_at"], told["kind"]) == ("Sie kommt.", "2024-06", "reported")
    assert logged(site) == ("editor-1", "changed: occurrence")
    before = entries(site)
    done(program.post(f"/occurrences/{said}:change", kind="reported"))
    assert entries(site) == before  # nothing to change: nothing in the log
    assert failed(program.post("/coverage/999:change", title="x")) == (404, "NotFound")
    assert failed(program.post(f"/occurrences/{said}:change", said_at="2024-02-30")) == (400, "BadInput")


def test_a_claim_is_found_by_its_key_and_taken_along_as_claimreview(site, program):  # noqa: F811
    assert program.get("/claims:by-key", key="bridge/2030").json["id"] == site.claim
    assert failed(program.get("/claims:by-key", key="tunnel")) == (404, "NotFound")
    (review,) = program.get(f"/claims/{site.claim}/claimreview").json["items"]
    assert (review["@type"], review["claimReviewed"]) == ("ClaimReview", "Die Brücke wird bis 2030 erneuert.")
    assert failed(program.get("/claims/999/claimreview")) == (404, "NotFound")


def test_governments_are_made_changed_and_peopled(site, program):  # noqa: F811
    made = done(program.post("/governments", name="Landesregierung", since="2023-05-01"))
    path = f"/governments/{made['id']}"
    assert done(program.post(f"{path}:change", until="2027-05-01")) == made | {"until": "2027-05-01"}
    assert [m["id"] for m in done(program.post(f"{path}/members", name="Erika Beispiel"))["members"]] == [site.person]
    assert program.get(path).json["name"] == "Landesregierung" and program.get("/governments").json["items"] == [program.get(path).json]
    assert done(program.post(f"{path}/members/{site.person}:remove"))["members"] == [] and logged(site) == ("editor-1", "removed a member")
    assert failed(program.post(f"{path}/members", name="Niemand Bekanntes")) == (400, "BadInput")
    assert failed(program.post("/governments", name="Landesregierung")) == (400, "BadInput")
    assert failed(program.post(f"{path}:change", since="2028-01-01")) == (400, "BadInput")
    assert failed(program.get("/governments/999")) == failed(program.post("/governments/999:change", name="x")) == (404, "NotFound")
    assert failed(Program(site, Role.JOURNALIST, "read", "write").post("/governments", name="x")) == (403, "NotAllowed")


def test_offices_are_changed_by_their_number(site, program):  # noqa: F811
    path = f"/people/{site.person}/offices"
    (office,) = done(program.post(path, title="Ministerin", since="2023"))["offices"]
    (changed,) = done(program.post(f"{path}/{office['id']}:change", title="Verkehrsministerin", since="2023-05", until="2025"))["offices"]
    assert changed == {"id": office["id"], "title": "Verkehrsministerin", "since": "2023-05-01", "until": "2025-12-31"}
    assert logged(site) == ("editor-1", "changed an office")
    assert failed(program.post(f"{path}/999:change", title="x")) == (409, "NothingToUndo")
    assert failed(program.post(f"/people/999/offices/{office['id']}:change", title="x")) == (404, "NotFound")
    assert failed(program.post(f"{path}/{office['id']}:change", title="x", since="2025", until="2024")) == (400, "BadInput")


def test_two_who_look_alike_are_kept_apart_and_it_is_lifted(site, program):  # noqa: F811
    twin = site.store.people.put(Person(0, "Erica Beispiel")).id
    path = f"/people/{site.person}/apart"
    pairs = program.get("/people:duplicates").json["items"]
    assert len(pairs) == 1
    assert [p["id"] for p in done(program.post(path, other_id=twin))["items"]] == [twin]
    assert program.get("/people:duplicates").json["items"] == [] and [p["id"] for p in program.get(f"/people/{twin}/apart").json["items"]] == [site.person]
    assert done(program.post(f"{path}:lift", other_id=twin))["items"] == [] and logged(site) == ("editor-1", "no longer told two people apart")
    assert program.get("/people:duplicates").json["items"] == pairs
    assert failed(program.post(f"{path}:lift", other_id=twin)) == (409, "NothingToUndo")
    assert failed(program.post(path, other_id=site.person)) == (400, "BadInput")
    assert failed(program.post(path, other_id=999)) == failed(program.get("/people/999/apart")) == (404, "NotFound")
    assert failed(Program(site, Role.JOURNALIST, "read", "write").post(path, other_id=twin)) == (403, "NotAllowed")


def test_a_feeds_address_is_told_once_renewed_and_closed(site, program):  # noqa: F811
    alert = done(program.post("/alerts", about="claim", object_id=site.claim))["id"]
    told = done(program.post(f"/alerts/{alert}/feed", headers={"Idempotency-Key": "feed-1"}))["address"]
    assert "/feeds/" in told and told.endswith(".atom")
    feed = "/feeds/" + told.rpartition("/feeds/")[2]
    assert site.anonymous.get(feed).status_code == 200 and program.get("/alerts").json["items"][0]["has_feed"]
    again = program.post(f"/alerts/{alert}/feed", headers={"Idempotency-Key": "feed-1"})
    assert failed(again) == (409, "KeyInUse") and site.anonymous.get(feed).status_code == 200  # done once, and told once
    with site.store.write() as db:
        assert told.rpartition("/")[2].removesuffix(".atom") not in str([tuple(r) for r in db.execute("SELECT * FROM keyed_requests")])
    renewed = done(program.post(f"/alerts/{alert}/feed"))["address"]
    assert site.anonymous.get(feed).status_code == 404 and renewed != told
    assert done(program.post(f"/alerts/{alert}/feed:close"))["has_feed"] is False
    assert site.anonymous.get("/feeds/" + renewed.rpartition("/feeds/")[2]).status_code == 404
    assert failed(Program(site, Role.ADMINISTRATOR, "write").post(f"/alerts/{alert}/feed")) == (404, "NotFound")  # another's


def test_how_one_hears_of_ones_claims_and_what_one_has_read(site, program):  # noqa: F811
    assert program.get("/alerts:wish").json == {"by_mail": False, "pace": "at once"}
    assert done(program.post("/alerts:wish", by_mail=True, pace="weekly")) == program.get("/alerts:wish").json == {"by_mail": True, "pace": "weekly"}
    assert failed(program.post("/notices:read")) == (400, "BadInput") and failed(program.post("/notices:read", id=5)) == (404, "NotFound")
    assert done(program.post("/notices:read", up_to=5)) == {"unread": 0}


def test_a_webhook_is_switched_and_its_key_renewed(site, program, settings):  # noqa: F811
    hook = site.store.deliveries.add_webhook(site.store.users.by_name("editor-1").id, "https://example.org/hook", webhooks.new_salt())
    path = f"/webhooks/{hook.id}"
    assert done(program.post(f"{path}:switch", on=False))["on"] is False and program.get("/webhooks").json["items"][0]["on"] is False
    assert done(program.post(f"{path}:switch", on=True))["on"] is True and logged(site) == ("editor-1", "switched on")
    key = webhooks.key_of(settings.home, hook)
    renewed = done(program.post(f"{path}:renew-key"))["key"]
    assert renewed != key and renewed == webhooks.key_of(settings.home, site.store.deliveries.webhook(hook.id))
    assert program.get(f"{path}/deliveries").json == {"items": [], "cursor": ""}
    stranger = Program(site, Role.JOURNALIST, "read", "write")
    for answer in (stranger.post(f"{path}:renew-key"), stranger.post(f"{path}:switch", on=False), stranger.get(f"{path}/deliveries")):
        assert failed(answer) == (404, "NotFound")
    assert failed(Program(site, Role.EDITOR, "read").post(f"{path}:renew-key")) == (403, "NotAllowed")


def test_what_was_posted_is_listed_a_page_at_a_time(site, program):  # noqa: F811
    hook = site.store.deliveries.add_webhook(site.store.users.by_name("editor-1").id, "https://example.org/hook", webhooks.new_salt())
    for n in range(3):
        site.store.deliveries.note_test(hook, f"key-{n}", {"n": n}, datetime.now(UTC), "200", "")
    first = program.get(f"/webhooks/{hook.id}/deliveries", size=2).json
    rest = program.get(f"/webhooks/{hook.id}/deliveries", size=2, cursor=first["cursor"]).json
    assert [d["content"]["n"] for d in (*first["items"], *rest["items"])] == [2, 1, 0] and rest["cursor"] == ""
    assert {(d["state"], d["answer"]) for d in first["items"]} == {("sent", "200")}


def test_drafts_are_kept_shared_rewritten_and_thrown_away(site, program):  # noqa: F811
    made = done(program.post("/drafts", text="„Wir werden die Brücke bis 2030 erneuern“, sagte Erika Beispiel.", title="Entwurf", published_at="2024-03-05"))
    path = f"/drafts/{made['id']}"
    assert (made["own"], made["shared"], made["owner"], program.get(path).json) == (True, False, "editor-1", made)
    assert program.get(f"{path}/check").json["statements"][0]["speaker"] == "Erika Beispiel"
    colleague = Program(site, Role.JOURNALIST, "drafts")
    for answer in (colleague.get(path), colleague.get(f"{path}/check"), colleague.post(f"{path}:delete")):
        assert failed(answer) == (404, "NotFound")
    assert done(program.post(f"{path}:share", shared=True))["shared"] and colleague.get(path).json["own"] is False
    assert [d["id"] for d in colleague.get("/drafts", whose="shared").json["items"]] == [made["id"]] and colleague.get("/drafts", whose="own").json["items"] == []
    assert failed(colleague.post(f"{path}:change", text="Anders.")) == failed(colleague.post(f"{path}:delete")) == (403, "NotAllowed")
    assert done(program.post(f"{path}:change", text="Ganz neu.", title="Zweiter Entwurf"))["text"] == "Ganz neu."
    assert failed(program.post(f"{path}:change", text="")) == (400, "EmptyText") and program.get(path).json["text"] == "Ganz neu."
    done(program.post(f"{path}:delete"))
    assert failed(program.get(path)) == (404, "NotFound") and logged(site) == ("editor-1", "deleted a draft")
    assert failed(Program(site, Role.EDITOR, "read").get("/drafts")) == (403, "NotAllowed")


def test_drafts_are_listed_a_page_at_a_time(site, program):  # noqa: F811
    made = [done(program.post("/drafts", text=f"Text {n}."))["id"] for n in range(5)]
    found, cursor = [], ""
    for _ in range(3):
        page = program.get("/drafts", size=2, cursor=cursor).json
        found, cursor = [*found, *(d["id"] for d in page["items"])], page["cursor"]
    assert sorted(found) == made and cursor == ""
    assert failed(program.get("/drafts", cursor="WzEsMV0")) == (400, "BadInput")  # a cursor of another list


def test_the_log_for_editors_leaves_out_what_concerns_accounts(site, program, administrator):  # noqa: F811
    api_tokens.make(site.store, site.store.users.by_name("reader-1"), "x", ["read"], "30")
    done(program.post("/governments", name="Stadtrat"))
    assert administrator.get("/log", action="made a token").json["items"] and program.get("/changes", action="made a token").json["items"] == []
    (entry,) = program.get("/changes", object_type="government").json["items"]
    assert (entry["by"], entry["action"]) == ("editor-1", "made a government")
    day = entry["at"][:10]
    assert program.get("/changes", object_type="government", since=day, until=day).json["items"] == [entry]
    assert program.get("/changes", object_type="government", until="2001-01-01").json["items"] == []
    assert failed(program.get("/changes", since="2024-02-30")) == (400, "BadInput")
    assert failed(Program(site, Role.JOURNALIST, "read").get("/changes")) == (403, "NotAllowed")


def test_administrators_invite_change_roles_and_shut_accounts(site, administrator):  # noqa: F811
    made = done(administrator.post("/invitations", role="journalist", email="new@example.org"))
    assert made["mailed"] is False and site.anonymous.get("/invitation/" + made["address"].rpartition("/")[2]).status_code == 200
    (listed,) = administrator.get("/invitations").json["items"]
    assert listed == {n: v for n, v in made.items() if n not in ("address", "mailed")}
    done(administrator.post(f"/invitations/{made['id']}:revoke"))
    assert site.anonymous.get("/invitation/" + made["address"].rpartition("/")[2]).status_code == 404
    editor = next(u for u in administrator.get("/users").json["items"] if u["name"] == "editor-1")
    client = site.client(Role.EDITOR)
    assert done(administrator.post(f"/users/{editor['id']}:role", role="reader"))["role"] == "reader" and client.get("/review").status_code == 403
    assert done(administrator.post(f"/users/{editor['id']}:sign-out"))["sessions"] == 0 and client.get("/review").status_code == 303
    assert done(administrator.post(f"/users/{editor['id']}:disable"))["disabled"] and not done(administrator.post(f"/users/{editor['id']}:enable"))["disabled"]
    own = site.store.users.by_name("administrator-1").id
    assert failed(administrator.post(f"/users/{own}:role", role="reader")) == failed(administrator.post(f"/users/{own}:disable")) == (403, "NotAllowed")
    assert failed(administrator.post("/users/999:disable")) == failed(administrator.post("/invitations/999:revoke")) == (404, "NotFound")
    assert failed(Program(site, Role.ADMINISTRATOR, "read", "write").post("/invitations", role="reader")) == (403, "NotAllowed")


def test_a_password_reset_by_an_administrator_ends_tokens_too(site, administrator):  # noqa: F811
    program, editor = Program(site, Role.EDITOR, "read"), site.store.users.by_name("editor-1")
    assert program.get("/me").status_code == 200
    password = done(administrator.post(f"/users/{editor.id}:password"))["password"]
    assert failed(program.get("/me")) == (401, "NotSignedIn") and site.store.tokens.of(editor.id) == []
    (entry,) = site.store.audit.newest(LogFilter(action="reset a password"))
    assert (entry.action, entry.before, entry.after) == ("reset a password", {"tokens": 1}, {"tokens": 0})
    for text, status in ((PASSWORD, 401), (password, 303)):
        assert site.anonymous.post("/sign-in", data={"name": "editor-1", "password": text}, headers=SAME_ORIGIN).status_code == status


def test_what_is_kept_of_somebody_is_handed_over_and_erased(site, program, administrator):  # noqa: F811
    done(program.post("/drafts", text="Ein Entwurf."))
    assert "editor-1" in str(program.get("/me/data").json["data"]) and "Ein Entwurf." in str(program.get("/me/data").json)
    assert "Ein Entwurf." not in str(Program(site, Role.EDITOR, "read").get("/me/data").json)
    editor = site.store.users.by_name("editor-1").id
    assert administrator.get(f"/users/{editor}/data").json["data"] and administrator.get(f"/people/{site.person}/data").json["data"]
    assert failed(administrator.post(f"/users/{editor}:erase", name="somebody else")) == (400, "BadInput")
    assert failed(administrator.get("/users/999/data")) == failed(administrator.post("/users/999:erase", name="x")) == (404, "NotFound")
    gone = done(administrator.post(f"/users/{editor}:erase", name="editor-1"))["pseudonym"]
    assert failed(program.get("/me")) == (401, "NotSignedIn") and gone not in ("", "editor-1")
    done(administrator.post(f"/people/{site.person}:erase", name="Erika Beispiel"))
    assert site.store.people.get(site.person).name != "Erika Beispiel"
    assert failed(Program(site, Role.ADMINISTRATOR, "read").get(f"/people/{site.person}/data")) == (403, "NotAllowed")


def test_cut_offs_are_read_by_all_and_set_by_administrators(site, administrator):  # noqa: F811
    assert done(administrator.post("/cut-offs", possible=0.3, likely=0.8)) == {"possible": 0.3, "likely": 0.8}
    reader = Program(site, Role.READER, "read")
    assert reader.get("/cut-offs").json == {"possible": 0.3, "likely": 0.8}
    assert failed(administrator.post("/cut-offs", possible=0.9, likely=0.2)) == failed(administrator.post("/cut-offs", possible=2, likely=3)) == (400, "BadInput")
    assert failed(reader.post("/cut-offs", possible=0.3, likely=0.8)) == (403, "NotAllowed")


def test_an_assignment_that_changes_nothing_writes_nothing(site, program):  # noqa: F811
    first = site.statements[0].id
    assert done(program.post("/queue:assign", statements=[first], to="editor-1"))["statements"] == [first]
    before, acts = entries(site), site.store.desk.last_of(site.store.users.by_name("editor-1").id).id
    assert done(program.post("/queue:assign", statements=[first], to="editor-1")) == {"statements": [], "act": None}
    assert entries(site) == before and site.store.desk.last_of(site.store.users.by_name("editor-1").id).id == acts
    assert failed(program.post("/queue:assign", statements=[first, 99999], to="editor-1")) == (404, "NotFound")


def test_tokens_are_listed_and_revoked_each_ones_own(site, program):  # noqa: F811
    other = Program(site, Role.EDITOR, "read")
    mine = program.get("/tokens").json["items"]
    assert [(t["this"], t["scopes"]) for t in mine] == [(False, ["read"]), (True, ["decide", "drafts", "read", "write"])]
    assert failed(Program(site, Role.JOURNALIST, "write").post(f"/tokens/{mine[0]['id']}:revoke")) == (404, "NotFound")
    assert failed(other.post(f"/tokens/{mine[1]['id']}:revoke")) == (403, "NotAllowed")
    assert done(program.post(f"/tokens/{mine[0]['id']}:revoke"))["id"] == mine[0]["id"] and failed(other.get("/me")) == (401, "NotSignedIn")
    reader = Program(site, Role.READER, "read")
    (own,) = reader.get("/tokens").json["items"]
    assert own["this"] and done(reader.post(f"/tokens/{own['id']}:revoke")) and failed(reader.get("/me")) == (401, "NotSignedIn")
    done(program.post(f"/tokens/{mine[1]['id']}:revoke"))
    assert failed(program.get("/me")) == (401, "NotSignedIn")


def test_what_a_person_said_and_claimed_comes_a_page_at_a_time(site, program, fake_encoder):  # noqa: F811
    pipeline.add_claim(site.store, fake_encoder, Claim(0, "tunnel", "Der Tunnel kommt.", speaker="Erika Beispiel", person_id=site.person, first_said_at="2024"))
    path = f"/people/{site.person}"
    first = program.get(f"{path}/claims", size=1).json
    rest = program.get(f"{path}/claims", size=1, cursor=first["cursor"]).json
    assert [c["key"] for c in (*first["items"], *rest["items"])] == ["tunnel", "bridge/2030"] and rest["cursor"] == ""
    assert [s["id"] for s in program.get(f"{path}/statements").json["items"]] == [site.statements[0].id]
    assert failed(program.get("/people/999/claims")) == failed(program.get("/people/999/statements")) == (404, "NotFound")
    assert failed(program.get(f"{path}/claims", cursor="x")) == (400, "BadInput")


def test_promises_are_those_of_a_government_too(site, program):  # noqa: F811
    made = done(program.post("/governments", name="Landesregierung"))["id"]
    assert program.get("/promises", government=made).json["items"] == []
    done(program.post(f"/governments/{made}/members", name="Erika Beispiel"))
    assert [c["id"] for c in program.get("/promises", government=made, year="2023").json["items"]] == [site.claim]
    assert program.get("/promises", government=made, year="2022").json["items"] == []


def test_what_one_did_at_the_queue_is_taken_back_whatever_it_was(site, program):  # noqa: F811
    first, second = (s.id for s in site.statements)
    made = done(program.post(f"/statements/{first}:decide-together", others=[second], relation="not a match"))
    assert (made["decided"], made["left"], program.get("/queue").json["waiting"]) == ([first, second], [], 0)
    assert done(program.post("/queue:undo"))["statements"] == [first, second] and program.get("/queue").json["waiting"] == 2
    done(program.post(f"/statements/{first}:later", until="2999-01-01T08:00+01:00"))
    assert done(program.post("/queue:undo"))["act"] == "later"
    assert failed(program.post("/queue:undo")) == (409, "NothingToUndo") and failed(program.post("/queue:undo", act=999)) == (404, "NotFound")
    assert failed(program.post(f"/statements/{first}:decide-together", others=[first], relation="not a match")) == (400, "BadInput")
    assert failed(program.post(f"/statements/{first}:decide-together", others=[999], relation="not a match")) == (404, "NotFound")
    assert program.get(f"/statements/{first}/alike").json["items"] == [] and failed(program.get("/statements/999/alike")) == (404, "NotFound")


def test_a_speaker_is_named_as_suggested_and_taken_back(site, program):  # noqa: F811
    unsure = site.statements[1]
    with site.store.write() as db:
        told = json.dumps([["Erika Beispiel", "only woman named before", 0.8]])
        db.execute("UPDATE statements SET suggestions = ? WHERE id = ?", [told, unsure.id])
    (suggested,) = program.get(f"/statements/{unsure.id}/speakers").json["items"]
    assert (suggested["name"], suggested["likelihood"]) == ("Erika Beispiel", 0.8)
    assert failed(program.post(f"/statements/{unsure.id}:confirm-speaker", name="Somebody Else")) == (400, "BadInput")
    made = done(program.post(f"/statements/{unsure.id}:confirm-speaker", name="Erika Beispiel"))
    assert (made["statements"], made["person_id"], program.get(f"/statements/{unsure.id}").json["speaker"]) == ([unsure.id], site.person, "Erika Beispiel")
    assert done(program.post(f"/confirmations/{made['id']}:undo"))["undone_at"] and program.get(f"/statements/{unsure.id}").json["speaker"] == ""
    assert failed(program.post(f"/confirmations/{made['id']}:undo")) == (409, "NothingToUndo")
    assert failed(program.post("/confirmations/999:undo")) == failed(program.get("/statements/999/speakers")) == (404, "NotFound")


def test_how_right_the_suggestions_were_is_told(site, program):  # noqa: F811
    assert program.get("/quality").json["decisions"] == 0
    done(program.post(f"/statements/{site.statements[0].id}/decisions", relation="same", claim_id=site.claim))
    told = program.get("/quality").json
    assert (told["decisions"], sum(b["right"] for b in told["bands"]), told["by_language"][0]["name"]) == (1, 1, "de")
