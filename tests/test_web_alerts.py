"""The pages of alerts and webhooks, feeds, and the way out of mail."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import datetime
from xml.etree import ElementTree

import pytest
from receivers import HookServer
from web_site import SAME_ORIGIN, Site, site  # noqa: F401  (a fixture)

from app import create_app
from factcheck import alerting
from factcheck.records import EventKind, Pace, Relation, Role

ATOM = "{http://www.w3.org/2005/Atom}"
J = Role.JOURNALIST


def post(client, address: str, **data):
    return client.post(address, data=data, headers=SAME_ORIGIN)


def alerts_of(site, role: Role = J):
    return site.store.alerts.of_user(site.store.users.by_name(site.names[role]).id)


def happen(site, kind=EventKind.RATING_CHANGED, thing="rating 1", **more) -> None:
    with site.store.write():
        site.store.events.add(kind, thing, **{"claim_id": site.claim, "before": "mixed", "after": "false"} | more)
    encoder = site.app.extensions["claimtrail"].encoder
    alerting.run(site.store, encoder, site.app.extensions["claimtrail"].settings)


def test_following_a_claim_shows_news_that_are_read_by_opening_them(site):
    client = site.client(J)
    page = client.get(f"/claims/{site.claim}").text
    assert 'action="/alerts/follow"' in page and "Follow" in page
    back = post(client, "/alerts/follow", about="claim", object=site.claim, next=f"/claims/{site.claim}")
    assert (back.status_code, back.location) == (303, f"/claims/{site.claim}#follow")
    assert "Following" in client.get(f"/claims/{site.claim}").text
    assert "Nothing new yet" in client.get("/alerts").text
    happen(site)
    page = client.get("/alerts").text
    assert "Rating changed: Mixed → False" in page and "Die Brücke wird bis 2030 erneuert." in page and "one unread" in page
    (number,) = re.findall(r'href="/alerts/(\d+)"', page)
    assert "Rating changed: Mixed → False" in client.get("/").text
    opened = client.get(f"/alerts/{number}")
    assert (opened.status_code, opened.location) == (303, f"/claims/{site.claim}")
    assert "unread" not in client.get("/alerts").text and "Rating changed" not in client.get("/").text


def test_news_can_be_marked_as_read_one_and_all_but_not_those_of_others(site):
    client, other = site.client(J), site.client(Role.EDITOR)
    post(client, "/alerts/follow", about="claim", object=site.claim, next="/")
    for i in range(3):
        happen(site, thing=f"rating {i}")
    user = site.store.users.by_name(site.names[J])
    numbers = [n.id for n in site.store.notices.of_user(user.id)]
    assert other.get(f"/alerts/{numbers[0]}").status_code == 404
    post(other, "/alerts/read", notice=numbers[0])
    assert site.store.notices.unread(user.id) == 3
    assert post(client, "/alerts/read", notice=numbers[0]).location == "/alerts"
    assert site.store.notices.unread(user.id) == 2
    post(client, "/alerts/read", up_to=numbers[1])
    assert site.store.notices.unread(user.id) == 0


def test_a_long_list_of_news_goes_on_page_by_page(site):
    client = site.client(J)
    post(client, "/alerts/follow", about="claim", object=site.claim, next="/")
    for i in range(60):
        with site.store.write():
            site.store.events.add(EventKind.SAID_AGAIN, f"again {i}", claim_id=site.claim)
    happen(site)
    first = client.get("/alerts").text
    older = re.search(r'href="(/alerts\?before=\d+)"', first)[1]
    second = client.get(older).text
    numbers = [*re.findall(r'href="/alerts/(\d+)"', first), *re.findall(r'href="/alerts/(\d+)"', second)]
    assert len(numbers) == len(set(numbers)) == 61 and "Older" not in second


def test_a_search_is_saved_named_changed_and_deleted_with_every_step_in_the_log(site):
    client = site.client(J)
    page = client.get("/search?q=Br%C3%BCcke&kind=claim").text
    assert "Save this search" in page
    saved = post(client, "/alerts/follow", about="search", query="kind=claim&q=Br%C3%BCcke&cursor=0.1&utm=x")
    alert = alerts_of(site)[0]
    assert saved.location == f"/alerts/saved/{alert.id}?new=1" and alert.query == "q=Br%C3%BCcke&kind=claim" and alert.name == "Brücke"
    assert post(client, "/alerts/follow", about="search", query="q=Br%C3%BCcke&kind=claim").location.startswith(f"/alerts/saved/{alert.id}")
    assert "Following" in client.get("/search?kind=claim&q=Br%C3%BCcke").text
    done = post(client, f"/alerts/saved/{alert.id}", name="Brücken", in_app="1", by_mail="1", pace="weekly", webhook="", query="q=Brücke+2030")
    assert done.location == "/alerts/saved?saved=1"
    now = alerts_of(site)[0]
    assert (now.name, now.by_mail, now.pace, now.query) == ("Brücken", True, Pace.WEEKLY, "q=Br%C3%BCcke+2030")
    page = client.get("/alerts/saved").text
    assert 'href="/search?q=Br%C3%BCcke+2030"' in page and "weekly" in page and "an administrator has to set up a mail server" in page
    post(client, f"/alerts/saved/{alert.id}/delete")
    assert alerts_of(site) == []
    log = site.store.audit.of("alert", alert.id)
    assert [e["action"] for e in log] == ["followed", "changed how to hear of it", "followed no more"]
    assert log[1]["before"]["pace"] == "at once" and log[1]["after"]["pace"] == "weekly"


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({"about": "claim", "object": 999}, 404),
        ({"about": "person", "object": 999}, 404),
        ({"about": "topic", "object": 999}, 404),
        ({"about": "claim"}, 400),
        ({"about": "everything"}, 400),
        ({"about": "search", "query": ""}, 400),
        ({"about": "search", "query": "rating=wrong"}, 400),
        ({"about": "rating", "query": "wrong"}, 400),
        ({"about": "promise status", "query": "wrong"}, 400),
        ({"about": "promise status", "object": 999}, 404),
    ],
)
def test_what_cannot_be_followed_is_told(site, data, status):
    answer = post(site.client(J), "/alerts/follow", **data)
    assert answer.status_code == status and "Traceback" not in answer.text and alerts_of(site) == []


@pytest.mark.parametrize("data", [{"name": "", "pace": "daily"}, {"name": "x" * 121, "pace": "daily"}, {"name": "x", "pace": "hourly"}])
def test_a_change_that_cannot_be_is_told_and_kept_in_the_form(site, data):
    client = site.client(J)
    post(client, "/alerts/follow", about="rating", query="false", next="/")
    alert = alerts_of(site)[0]
    answer = post(client, f"/alerts/saved/{alert.id}", **data)
    assert answer.status_code == 422 and 'role="alert"' in answer.text and alerts_of(site)[0] == alert


def test_everything_that_can_be_followed_has_its_place_on_the_page(site):
    client = site.client(J)
    for data in (
        {"about": "claim", "object": site.claim}, {"about": "person", "object": site.person}, {"about": "rating", "query": "false"},
        {"about": "promise status", "query": "broken"}, {"about": "promise status", "object": site.person}, {"about": "search", "query": "q=x"},
    ):  # fmt: skip
        assert post(client, "/alerts/follow", **data).status_code == 303
    page = client.get("/alerts/saved").text
    for place in (f"/claims/{site.claim}", f"/people/{site.person}", "/search?rating=false&amp;kind=claim", "/promises?status=broken", "/search?q=x"):
        assert f'href="{place}"' in page, place
    for alert in alerts_of(site):
        assert client.get(f"/alerts/saved/{alert.id}").status_code == 200


def test_nobody_reaches_the_alerts_of_others(site):
    client, other = site.client(J), site.client(Role.ADMINISTRATOR)
    post(client, "/alerts/follow", about="rating", query="false")
    alert = alerts_of(site)[0]
    assert other.get(f"/alerts/saved/{alert.id}").status_code == 404
    for act in ("", "/delete", "/feed"):
        assert post(other, f"/alerts/saved/{alert.id}{act}", name="mine", pace="daily").status_code == 404
    assert alerts_of(site) == [alert]


@pytest.mark.parametrize("role", [None, Role.READER])
def test_readers_have_news_but_save_nothing(site, role):
    client = site.client(role)
    assert client.get("/alerts").status_code == (200 if role else 303)
    assert "/alerts/follow" not in client.get(f"/claims/{site.claim}").text
    assert client.get("/alerts/saved").status_code == (403 if role else 303)
    assert post(client, "/alerts/follow", about="claim", object=site.claim).status_code == (403 if role else 401)
    assert client.get("/webhooks").status_code == (403 if role else 303)


def test_a_reader_who_exported_hears_of_a_new_rating(site):
    user = site.store.users.by_name(site.names[Role.READER])
    site.store.claims.note_export(user.id, [site.claim])
    happen(site)
    page = site.client(Role.READER).get("/alerts").text
    assert "Rating changed: Mixed → False" in page and "You exported this claim." in page


def test_the_wish_for_mail_about_linked_claims_is_kept(site):
    client = site.client(J)
    post(client, "/alerts/wish", by_mail="1", pace="daily")
    user = site.store.users.by_name(site.names[J])
    assert site.store.alerts.wish(user.id) == (True, Pace.DAILY)
    post(client, "/alerts/wish", pace="at once")
    assert site.store.alerts.wish(user.id) == (False, Pace.AT_ONCE)
    assert post(client, "/alerts/wish", pace="never").status_code == 400


# Feeds


def open_feed(site, client, alert_id: int) -> str:
    answer = post(client, f"/alerts/saved/{alert_id}/feed")
    assert answer.status_code == 201
    return re.search(r'value="http://localhost(/feeds/[\w-]{32}\.atom)"', answer.text)[1]


def test_a_feed_is_valid_atom_without_signing_in_and_its_address_is_shown_once(site):
    client = site.client(J)
    post(client, "/alerts/follow", about="claim", object=site.claim, next="/")
    alert = alerts_of(site)[0]
    address = open_feed(site, client, alert.id)
    assert address not in client.get(f"/alerts/saved/{alert.id}").text
    empty = ElementTree.fromstring(site.anonymous.get(address).data)
    assert empty.findall(f"{ATOM}entry") == []
    happen(site, before="", after="false")
    happen(site, EventKind.SAID_AGAIN, "again", before="", after="")
    answer = site.anonymous.get(address)
    assert answer.content_type == "application/atom+xml; charset=utf-8" and answer.headers["X-Robots-Tag"] == "noindex"
    assert site.anonymous.get(address, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    feed = ElementTree.fromstring(answer.data)
    for element in (feed, *feed.findall(f"{ATOM}entry")):  # RFC 4287: each has exactly one of these
        assert all(len(element.findall(f"{ATOM}{name}")) == 1 for name in ("id", "title", "updated"))
        assert datetime.fromisoformat(element.find(f"{ATOM}updated").text).tzinfo
        assert re.fullmatch(r"tag:localhost,\d{4}-\d\d-\d\d:[a-z]+-\d+", element.find(f"{ATOM}id").text)
    assert feed.find(f"{ATOM}author/{ATOM}name").text
    links = {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")}
    assert links == {"self": f"http://localhost{address}", "alternate": f"http://localhost/claims/{site.claim}"}
    entries = feed.findall(f"{ATOM}entry")
    assert len({e.find(f"{ATOM}id").text for e in entries}) == 2
    assert entries[0].find(f"{ATOM}title").text.startswith("Erika Beispiel said it again: Die Brücke")
    assert entries[0].find(f"{ATOM}link").get("href") == f"http://localhost/claims/{site.claim}"
    before = [e.find(f"{ATOM}id").text for e in entries]
    renewed = open_feed(site, client, alert.id)
    assert site.anonymous.get(address).status_code == 404
    again = ElementTree.fromstring(site.anonymous.get(renewed).data)
    assert [e.find(f"{ATOM}id").text for e in again.findall(f"{ATOM}entry")] == before
    assert again.find(f"{ATOM}id").text == feed.find(f"{ATOM}id").text
    post(client, f"/alerts/saved/{alert.id}/feed", act="close")
    assert site.anonymous.get(renewed).status_code == 404


@pytest.mark.parametrize("change", ["disabled_at = '2026-01-01'", "role = 'reader'"])
def test_a_feed_ends_when_its_owner_may_follow_nothing_any_more(site, change):
    client = site.client(J)
    post(client, "/alerts/follow", about="claim", object=site.claim, next="/")
    address = open_feed(site, client, alerts_of(site)[0].id)
    with site.store.write() as db:
        db.execute(f"UPDATE users SET {change} WHERE name = ?", [site.names[J]])
    assert site.anonymous.get(address).status_code == 404


def test_a_feed_works_where_reading_needs_signing_in(site):
    client = site.client(J)
    post(client, "/alerts/follow", about="claim", object=site.claim, next="/")
    address = open_feed(site, client, alerts_of(site)[0].id)
    given = site.app.extensions["claimtrail"]
    closed = create_app(replace(given.settings, open_reading=False), store=site.store, encoder=given.encoder).test_client()
    assert closed.get(f"/claims/{site.claim}").status_code == 303
    assert closed.get(address).status_code == 200
    for nonsense in ("x", "a" * 32, "ü", "..%2f"):
        assert closed.get(f"/feeds/{nonsense}.atom").status_code == 404


# The way out of mail


def test_the_link_in_a_mail_asks_and_one_post_ends_all_mail(site):
    client = site.client(J)
    post(client, "/alerts/follow", about="claim", object=site.claim, next="/")
    alert = alerts_of(site)[0]
    site.store.alerts.change(replace(alert, by_mail=True))
    user = site.store.users.by_name(site.names[J])
    site.store.alerts.set_wish(user.id, True, Pace.DAILY)
    token = alerting.stop_token(site.app.extensions["claimtrail"].settings, user.id)
    page = site.anonymous.get(f"/alerts/stop/{token}")
    assert page.status_code == 200 and alerts_of(site)[0].by_mail
    for wrong in (token[:-1], token.replace(f"{user.id}-", f"{user.id + 1}-"), "x", f"{user.id}-", "9" * 30 + "-x", f"{user.id}-ü"):
        assert site.anonymous.post(f"/alerts/stop/{wrong}").status_code == 404
    done = site.anonymous.post(f"/alerts/stop/{token}", data={"List-Unsubscribe": "One-Click"})  # as mail programs send it
    assert done.status_code == 200 and not alerts_of(site)[0].by_mail and site.store.alerts.wish(user.id)[0] is False
    assert site.store.audit.of("user", user.id)[-1]["action"] == "stopped all mail"


# Webhooks


@pytest.fixture
def hook():
    server = HookServer()
    yield server
    server.stop()


def allowing(site):
    """The site with this machine allowed to be called."""
    given = site.app.extensions["claimtrail"]
    site.app = create_app(replace(given.settings, outgoing_allow=("127.0.0.1",)), store=site.store, encoder=given.encoder)
    return site.client(J)


def test_a_webhook_is_added_tried_and_looked_into(site, hook):
    client = allowing(site)
    added = post(client, "/webhooks", url=hook.url)
    key = re.search(r'value="(whsec_[\w-]{43})"', added.text)[1]
    assert added.status_code == 201 and key not in client.get("/webhooks").text
    (webhook,) = site.store.deliveries.webhooks(site.store.users.by_name(site.names[J]).id)
    tried = post(client, f"/webhooks/{webhook.id}/test")
    page = client.get(tried.location).text
    assert "The test was taken (answer 200)." in page and json.loads(hook.heard[0][2])["kind"] == "test"
    hook.answer = lambda n: 500
    page = client.get(post(client, f"/webhooks/{webhook.id}/test").location).text
    assert "The test was not taken:" in page and "The receiver answered 500." in page and "given up" in page
    post(client, "/alerts/follow", about="claim", object=site.claim, next="/")
    alert = alerts_of(site)[0]
    post(client, f"/alerts/saved/{alert.id}", name="x", in_app="1", pace="at once", webhook=webhook.id)
    hook.answer = lambda n: 200
    happen(site)
    assert json.loads(hook.heard[-1][2])["notices"][0]["kind"] == "rating changed"
    page = client.get("/webhooks").text
    assert "one piece of news" in page and f'href="/alerts/saved/{alert.id}"' in page
    renewed = post(client, f"/webhooks/{webhook.id}/key")
    assert re.search(r'value="(whsec_[\w-]{43})"', renewed.text)[1] != key
    post(client, f"/webhooks/{webhook.id}/switch", on="0")
    assert "Switch on" in client.get("/webhooks").text
    post(client, f"/webhooks/{webhook.id}/delete")
    assert "There are no webhooks yet." in client.get("/webhooks").text and alerts_of(site)[0].webhook_id is None


@pytest.mark.parametrize("url", ["", "chat", "http://127.0.0.1:1/", "http://10.0.0.1/", "https://user@example.org/"])
def test_a_webhook_that_cannot_be_called_is_told_in_both_languages(site, url):
    client = site.client(J)
    for language, word in (("en", "Add a webhook"), ("de", "Webhook anlegen")):
        answer = client.post("/webhooks", data={"url": url}, headers={**SAME_ORIGIN, "Accept-Language": language})
        assert answer.status_code == 422 and word in answer.text and 'aria-invalid="true"' in answer.text


def test_the_webhooks_of_others_cannot_be_reached(site, hook):
    client = allowing(site)
    post(client, "/webhooks", url=hook.url)
    (webhook,) = site.store.deliveries.webhooks(site.store.users.by_name(site.names[J]).id)
    other = site.client(Role.ADMINISTRATOR)
    for act in ("test", "switch", "key", "delete"):
        assert post(other, f"/webhooks/{webhook.id}/{act}").status_code == 404
    post(other, "/alerts/follow", about="rating", query="false")
    alert = alerts_of(site, Role.ADMINISTRATOR)[0]
    assert post(other, f"/alerts/saved/{alert.id}", name="x", pace="daily", webhook=webhook.id).status_code == 404
    assert hook.heard == []


# Home


def test_home_shows_what_was_said_again_this_week_and_no_link_that_was_taken_back(site):
    editor = site.store.users.by_name(site.names[Role.EDITOR])
    said = site.statements[0]
    assert "Said most often" in site.anonymous.get("/").text
    decision = site.store.decisions.add(said.id, site.claim, Relation.SAME, editor)
    happen(site, EventKind.SAID_AGAIN, f"statement {said.id} is claim {site.claim}", statement_id=said.id)
    page = site.anonymous.get("/").text
    assert "Said again this week" in page and "once this week" in page
    site.store.decisions.undo(decision.id, editor)
    assert "Said most often" in site.anonymous.get("/").text


def test_the_pages_stand_in_german_too(site):
    client = site.client(J)
    post(client, "/alerts/follow", about="claim", object=site.claim, next="/")
    happen(site)
    german = {"Accept-Language": "de"}
    for address, words in (
        ("/alerts", "Bewertung geändert"), ("/alerts/saved", "Behauptung"), (f"/alerts/saved/{alerts_of(site)[0].id}", "Nicht mehr beobachten"),
        ("/webhooks", "Webhook anlegen"), ("/", "Neu für mich"),
    ):  # fmt: skip
        assert words in client.get(address, headers=german).text, address
