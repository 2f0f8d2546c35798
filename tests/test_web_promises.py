"""The tracker and what is changed on it, as the pages do it."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pytest
from web_site import SAME_ORIGIN, Site, site  # noqa: F401  (a fixture)

from factcheck.records import Claim, EventKind, Government, Person, Promise, PromiseStatus, Role, StatusChange

SOURCE = "https://example.org/opening"
ATOM = "{http://www.w3.org/2005/Atom}"


def put(site: Site, key: str, text: str, person_id: int | None = None, said: str | None = None, **promise) -> int:
    claim = Claim(
        0, key, text, language="en", speaker="Erika Beispiel" if person_id else "", person_id=person_id, first_said_at=said,
        topics=tuple(promise.pop("topics", ())), promise=Promise(**promise),
    )  # fmt: skip
    return site.store.claims.put(claim)[0]


@pytest.fixture
def several(site) -> Site:
    put(site, "a", "A school in every district.", site.person, "2022-03-01", deadline="2024-12-31", topics=("Schools",))
    put(site, "b", "Buses run every ten minutes.", None, "2023-06-01", status=PromiseStatus.KEPT, deadline="2099-12-31")
    put(site, "c", "The pool opens again.", site.person, None)
    return site


def post(client, path: str, **data):
    return client.post(path, data=data, headers=SAME_ORIGIN)


def titles(page: str) -> list[str]:
    table = page[page.index('<table class="table promises">') :] if '<table class="table promises">' in page else ""
    return [re.sub(r"<[^>]+>|[“”„\"]", "", t).strip() for t in re.findall(r'<a class="brief-quote"[^>]*>(.*?)</a>', table)]


def test_the_tracker_shows_what_is_due_next_then_what_is_overdue_then_what_has_no_date_then_what_is_settled(several):
    assert titles(several.anonymous.get("/promises").text) == [
        "Die Brücke wird bis 2030 erneuert.",
        "A school in every district.",
        "The pool opens again.",
        "Buses run every ten minutes.",
    ]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("status=kept", ["Buses run every ten minutes."]),
        ("deadline=passed", ["A school in every district."]),
        ("deadline=none", ["The pool opens again."]),
        ("deadline=coming&status=stalled", ["Die Brücke wird bis 2030 erneuert."]),
        ("year=2022", ["A school in every district."]),
        ("topic=schools", ["A school in every district."]),
        ("person=1&year=2023", ["Die Brücke wird bis 2030 erneuert."]),
        ("sort=said", ["Buses run every ten minutes.", "Die Brücke wird bis 2030 erneuert.", "A school in every district.", "The pool opens again."]),
        ("sort=changed&status=stalled", ["Die Brücke wird bis 2030 erneuert."]),
        ("status=nonsense&deadline=&year=20", None),
    ],
)
def test_filters_and_order_stand_in_the_address(several, query, expected):
    page = several.anonymous.get(f"/promises?{query}")
    assert page.status_code == 200
    assert titles(page.text) == (expected or titles(several.anonymous.get("/promises").text))


def test_pages_follow_each_other_without_a_gap(site, monkeypatch):
    for number in range(7):
        put(site, f"k{number}", f"Promise number {number}.", site.person, "2024-01-01", deadline="2031-01-01")
    monkeypatch.setattr("factcheck.web.promises.SHOWN", 3)
    seen, address = [], "/promises"
    while address:
        page = site.anonymous.get(address).text
        seen += titles(page)
        following = re.search(r'href="([^"]+)#list" rel="next"', page)
        address = following.group(1).replace("&amp;", "&") if following else ""
    assert seen == ["Die Brücke wird bis 2030 erneuert.", *(f"Promise number {n}." for n in range(7))]
    assert site.anonymous.get("/promises?after=rubbish").status_code == 400


def test_a_person_has_a_tracker_of_their_own_with_counts_chart_and_table(several):
    page = several.anonymous.get(f"/promises/people/{several.person}").text
    assert titles(page) == ["Die Brücke wird bis 2030 erneuert.", "A school in every district.", "The pool opens again."]
    assert "Promises by Erika Beispiel" in page and 'class="chart-one"' in page and 'class="chart-stacked"' in page
    assert several.anonymous.get("/promises/people/999").status_code == 404


def test_a_government_has_the_promises_its_members_made_in_office_and_its_own(several):
    store = several.store
    body = store.people.put(Person(0, "Stadtregierung Kassel", organisation=True))
    store.claims.put(Claim(0, "own", "We plant 500 trees.", speaker=body.name, person_id=body.id, promise=Promise()))
    editor = several.client(Role.EDITOR)
    made = post(editor, "/governments", name="Stadtregierung Kassel", since="2023-01-01", until="2025-12-31")
    assert made.status_code == 303
    assert post(editor, f"{made.location}/members", member="Erika Beispiel").status_code == 303
    page = several.anonymous.get("/promises/governments/1").text
    assert titles(page) == ["Die Brücke wird bis 2030 erneuert.", "We plant 500 trees."]
    assert "while it was in office" in page and "Promises without a date are left out" in page
    assert post(editor, made.location, name="Stadtregierung Kassel", since="2022-01-01", until="").status_code == 303
    assert "A school in every district." in titles(several.anonymous.get("/promises/governments/1").text)
    assert post(editor, f"/governments/1/members/{several.person}/remove").status_code == 303
    assert titles(several.anonymous.get("/promises/governments/1").text) == ["We plant 500 trees."]
    actions = [e["action"] for e in store.audit.of("government", 1)]
    assert actions == ["made a government", "added a member", "changed a government", "removed a member"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"name": ""}, "needs a name"),
        ({"name": "X", "since": "2025-01-01", "until": "2024-01-01"}, "cannot end before"),
        ({"name": "X", "since": "soon"}, "is no day"),
        ({"name": "Known"}, "of this name already"),
    ],
)
def test_what_a_government_cannot_be_is_said_and_what_was_typed_stays(site, data, said):
    site.store.governments.put(Government("Known"))
    answer = post(site.client(Role.EDITOR), "/governments", **data)
    assert answer.status_code == 400 and said in answer.text
    assert not data["name"] or f'value="{data["name"]}"' in answer.text


def test_nobody_of_a_name_is_no_member(site):
    number = site.store.governments.put(Government("Known"))
    answer = post(site.client(Role.EDITOR), f"/governments/{number}/members", member="Nobody At All")
    assert answer.status_code == 400 and "Nobody At All" in answer.text and site.store.governments.get(number).members == ()


def test_a_status_is_changed_with_a_source_and_leads_back_to_where_it_was_changed(site):
    editor = site.client(Role.EDITOR)
    form = editor.get(f"/claims/{site.claim}/status?from=/promises?sort=due").text
    saw = re.search(r'name="saw" value="([^"]+)"', form).group(1)
    answer = post(editor, f"/claims/{site.claim}/status", status="kept", source=SOURCE, note="Opened.", at="2025-05-01", saw=saw, **{"from": "/promises?sort=due"})
    assert (answer.status_code, answer.location) == (303, "/promises?sort=due")
    page = site.anonymous.get("/promises").text
    assert "1 May 2025" in page and f'href="{SOURCE}"' in page
    assert [(e.kind, e.before, e.after) for e in site.store.events.of_claim(site.claim) if e.kind is EventKind.STATUS_CHANGED] == [
        (EventKind.STATUS_CHANGED, "stalled", "kept")
    ]
    elsewhere = post(editor, f"/claims/{site.claim}/status", status="broken", source=SOURCE, **{"from": "//evil.example"})
    assert elsewhere.location.startswith(f"/claims/{site.claim}")


def test_who_is_second_sees_what_happened_and_keeps_what_was_typed(site):
    first, second = site.client(Role.EDITOR), site.client(Role.ADMINISTRATOR)
    saw = re.search(r'name="saw" value="([^"]+)"', second.get(f"/claims/{site.claim}/status").text).group(1)
    post(first, f"/claims/{site.claim}/status", status="kept", source=SOURCE, saw=saw)
    late = post(second, f"/claims/{site.claim}/status", status="broken", source="https://example.org/mine", saw=saw)
    assert late.status_code == 409
    assert "Somebody was faster" in late.text and 'value="https://example.org/mine"' in late.text and SOURCE in late.text
    assert site.store.claims.get(site.claim).promise.status is PromiseStatus.KEPT
    fresh = re.search(r'name="saw" value="([^"]+)"', late.text).group(1)
    assert post(second, f"/claims/{site.claim}/status", status="broken", source="https://example.org/mine", saw=fresh).status_code == 303


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"status": "kept", "source": ""}, "needs its source"),
        ({"status": "kept", "source": "javascript:alert(1)"}, "needs its source"),
        ({"status": "", "source": SOURCE}, "Choose what became"),
        ({"status": "kept", "source": SOURCE, "at": "2199-01-01"}, "in the future"),
        ({"status": "kept", "source": SOURCE, "at": "yesterday"}, "is no day"),
    ],
)
def test_a_change_that_cannot_be_is_said_with_what_was_typed_still_there(site, data, said):
    answer = post(site.client(Role.EDITOR), f"/claims/{site.claim}/status", note="A note <b>", **data)
    assert answer.status_code == 400 and said in answer.text and "A note &lt;b&gt;" in answer.text
    assert len(site.store.promises.history(site.claim)) == 1


def test_a_change_is_taken_back_and_stays_to_be_seen(site):
    editor = site.client(Role.EDITOR)
    post(editor, f"/claims/{site.claim}/status", status="kept", source=SOURCE)
    change = site.store.promises.history(site.claim)[-1]
    assert post(editor, f"/promises/changes/{change.id}/undo").status_code == 303
    assert site.store.claims.get(site.claim).promise.status is PromiseStatus.STALLED
    assert "taken back by editor-1" in editor.get(f"/claims/{site.claim}/status").text
    assert post(editor, f"/promises/changes/{change.id}/undo").status_code == 409
    assert post(editor, "/promises/changes/999/undo").status_code == 404


def test_a_deadline_runs_from_a_moment_in_its_own_zone(site):
    editor = site.client(Role.EDITOR)
    answer = post(
        editor, f"/claims/{site.claim}/terms", criterion="Cars drive on it.", kind="after", amount="24", unit="hours",
        from_day="2025-01-20", from_clock="12:00", from_zone="ET", words="on day one",
    )  # fmt: skip
    assert answer.status_code == 303
    assert site.store.claims.get(site.claim).promise.deadline == "2025-01-21T12:00-05:00"
    page = site.anonymous.get("/promises").text
    assert "21 January 2025, 12:00 ET" in page and "24 hours after 20 January 2025, 12:00 ET" in page and "passed" in page
    german = site.anonymous.get("/promises", headers={"Accept-Language": "de"}).text
    assert "24 Stunden nach dem 20. Januar 2025, 12:00 Uhr ET" in german
    form = editor.get(f"/claims/{site.claim}/terms").text
    for name, value in (("amount", "24"), ("from_day", "2025-01-20"), ("from_clock", "12:00"), ("from_zone", "ET"), ("words", "on day one")):
        assert re.search(rf'name="{name}"[^>]*value="{value}"', form), name


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"kind": "day", "day": "2025-02-30"}, "is no day"),
        ({"kind": "day", "day": "2025-01-20", "clock": "12:00"}, "needs its time zone"),
        ({"kind": "day", "day": "2025-01-20", "clock": "12:00", "zone": "Mars"}, "no time zone"),
        ({"kind": "after", "amount": "-1", "unit": "hours"}, "length of time"),
        ({"kind": "after", "amount": "876000", "unit": "hours", "from_day": "9990-01-01"}, "beyond the calendar"),
    ],
)
def test_a_deadline_that_cannot_be_is_said(site, data, said):
    answer = post(site.client(Role.EDITOR), f"/claims/{site.claim}/terms", criterion="Kept <i>", **data)
    assert answer.status_code == 400 and said in answer.text and "Kept &lt;i&gt;" in answer.text


def test_a_claim_becomes_a_promise_and_none_again(site):
    claim = site.store.claims.put(Claim(0, "plain", "The hall was sold."))[0]
    editor = site.client(Role.EDITOR)
    assert post(editor, f"/claims/{claim}/status", status="kept", source=SOURCE).status_code == 400
    assert post(editor, f"/claims/{claim}/terms", criterion="It is sold.", kind="none").status_code == 303
    assert "The hall was sold." in titles(site.anonymous.get("/promises").text)
    assert post(editor, f"/claims/{claim}/no-promise").status_code == 303
    assert "The hall was sold." not in titles(site.anonymous.get("/promises").text)


def test_the_csv_holds_what_the_filters_leave_and_no_formula(several):
    put(several, "f", "=HYPERLINK(1)", None, "2022-01-01", criterion="+1")
    answer = several.anonymous.get("/promises.csv?year=2022")
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert answer.mimetype == "text/csv"
    assert [(r["promise"], r["criterion"], r["status"]) for r in rows] == [
        ("A school in every district.", "", "not yet rated"),
        ("'=HYPERLINK(1)", "'+1", "not yet rated"),
    ]


@pytest.mark.parametrize("address", ["/promises.atom", "/promises.atom?person=1", "/promises.atom?status=kept"])
def test_the_feed_tells_each_change_once_with_its_source(site, address):
    editor = site.client(Role.EDITOR)
    post(editor, f"/claims/{site.claim}/status", status="kept", source=SOURCE, note="Opened.", at="2025-05-01")
    root = ET.fromstring(site.anonymous.get(address).data)
    entries = root.findall(f"{ATOM}entry")
    assert entries[0].findtext(f"{ATOM}title") == "Kept: Erika Beispiel – Die Brücke wird bis 2030 erneuert."
    assert SOURCE in entries[0].findtext(f"{ATOM}summary")
    assert entries[0].find(f"{ATOM}link").get("href").endswith(f"/claims/{site.claim}")
    ids = [e.findtext(f"{ATOM}id") for e in entries]
    assert len(ids) == len(set(ids)) == (1 if "status" in address else 2)
    change = site.store.promises.history(site.claim)[-1]
    post(editor, f"/promises/changes/{change.id}/undo")
    assert ids[0] not in site.anonymous.get(address).text


def test_the_rss_feed_of_a_government(site):
    number = site.store.governments.put(Government("City", "2023-01-01", None))
    site.store.governments.add_member(number, site.person)
    answer = site.anonymous.get(f"/promises.rss?government={number}")
    channel = ET.fromstring(answer.data).find("channel")
    assert answer.content_type.startswith("application/rss+xml")
    assert channel.findtext("title") == "Promises by City: changes of status"
    assert [item.findtext("pubDate") for item in channel.findall("item")] == ["Thu, 01 Feb 2024 00:00:00 +0000"]
    assert site.anonymous.get("/promises.rss?government=99").status_code == 404


@pytest.mark.parametrize("role", [None, Role.READER, Role.JOURNALIST])
def test_only_editors_change(site, role):
    client = site.client(role)
    paths = (f"/claims/{site.claim}/status", f"/claims/{site.claim}/terms", f"/claims/{site.claim}/no-promise", "/promises/changes/1/undo", "/governments", "/walk-backs/1")
    assert {post(client, path).status_code for path in paths} <= {401, 403}
    assert "Change status" not in client.get(f"/claims/{site.claim}").text


def test_what_an_import_says_later_does_not_undo_the_newsrooms_word(site):
    editor = site.client(Role.EDITOR)
    post(editor, f"/claims/{site.claim}/status", status="kept", source=SOURCE)
    post(editor, f"/claims/{site.claim}/terms", criterion="Ours.", kind="day", day="2031-01-01")
    stored = site.store.claims.get(site.claim)
    imported = Claim(
        0, stored.key, "Die Brücke wird bis 2030 ganz erneuert.", language="de", speaker=stored.speaker,
        promise=Promise("Theirs.", "2030-06-30", "", PromiseStatus.BROKEN, (StatusChange(PromiseStatus.BROKEN, "2024-09-01"),)),
    )  # fmt: skip
    assert site.store.claims.put(imported)[1] == "changed"
    assert site.store.claims.put(imported)[1] == "unchanged"
    now = site.store.claims.get(site.claim).promise
    assert (now.status, now.criterion, now.deadline) == (PromiseStatus.KEPT, "Ours.", "2031-01-01")
    own = next(c for c in now.history if c.added_at)
    post(editor, f"/promises/changes/{own.id}/undo")
    assert site.store.claims.get(site.claim).promise.status is PromiseStatus.BROKEN


def test_an_empty_tracker_says_what_to_do(site):
    with site.store.write() as db:
        db.execute("UPDATE claims SET is_promise = 0")
    page = site.anonymous.get("/promises").text
    assert "No promises here yet" in page and "<table" not in page


def test_today_is_the_readers_day(site):
    page = site.client(Role.EDITOR).get(f"/claims/{site.claim}/status").text
    assert f'max="{datetime.now(UTC).date().isoformat()}"' in page
