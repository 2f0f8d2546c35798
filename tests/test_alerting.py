"""From events to people: everybody hears once of what concerns them, by the ways they chose, whatever fails in between."""

from __future__ import annotations

import json
import random
import threading
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from receivers import HookServer, MailServer

from db import open_store
from factcheck import alerting, pipeline, webhooks
from factcheck.articles import from_text, text_hash
from factcheck.embed import FakeEncoder
from factcheck.records import (
    About,
    Alert,
    Because,
    Claim,
    EventKind,
    Kind,
    Pace,
    Person,
    Rating,
    Relation,
    Review,
    Role,
    Statement,
)

NOW = datetime.now(UTC).replace(microsecond=0)
SENDER = "desk@example.org"


class Desk:
    """A store with three people who follow things, and a claim."""

    def __init__(self, settings):
        self.settings = settings
        self.store = open_store(settings.database)
        self.encoder = FakeEncoder()
        self.users = {}
        for name, role in (("anna", Role.EDITOR), ("ben", Role.JOURNALIST), ("cora", Role.READER)):
            user = self.store.users.create(name, "hash", role)
            self.store.users.set_preferences(
                user.id, language="de" if name == "anna" else "", theme="", keys=True, time_zone="Europe/Berlin", email=f"{name}@example.org"
            )
            self.users[name] = self.store.users.get(user.id)
        self.person = self.store.people.put(Person(0, "Vera Lindqvist"))
        self.claim = self.add_claim("c-1", "The harbour bridge opens in May.", person_id=self.person.id)

    def add_claim(self, key: str, text: str, **more) -> Claim:
        return pipeline.add_claim(self.store, self.encoder, Claim(0, key, text, language="en", speaker="Vera Lindqvist", **more))

    def follow(self, name: str, about: About, object_id: int | None = None, query: str = "", **more) -> Alert:
        return self.store.alerts.add(Alert(self.users[name].id, f"{name}'s {about}", about, object_id, query, **more))

    def happen(self, kind: EventKind, thing: str, **more) -> None:
        with self.store.write():
            self.store.events.add(kind, thing, **{"claim_id": self.claim.id} | more)

    def work(self, now: datetime = NOW) -> None:
        while alerting.tick(self.store, self.encoder, self.settings, now):
            pass

    def heard(self, name: str) -> list[str]:
        """What a user has heard of, oldest first."""
        return [n.event.thing for n in reversed(self.store.notices.of_user(self.users[name].id))]

    def say(self, text: str, person_id: int | None = None) -> Statement:
        article = self.store.articles.add(from_text(text, source="Example"), text_hash(text))
        (stored,) = self.store.articles.put_statements(
            article.id, "en", [Statement(text=text, start=0, end=len(text), kind=Kind.DIRECT, speaker="Vera Lindqvist", person_id=person_id)]
        )
        pipeline.embed_statements(self.store, self.encoder)
        pipeline.match(self.store, self.encoder, stored)
        return stored


@pytest.fixture
def desk(settings):
    desk = Desk(settings)
    desk.work()
    yield desk
    desk.store.close()


@pytest.fixture
def mail():
    server = MailServer()
    server.url = server.start()
    yield server
    server.stop()


@pytest.fixture
def hook():
    server = HookServer()
    yield server
    server.stop()


def with_mail(desk, mail, **more):
    desk.settings = replace(desk.settings, smtp_url=mail.url, mail_from=SENDER, base_url="https://claims.example.org", **more)


def add_hook(desk, hook, name: str = "ben") -> int:
    desk.settings = replace(desk.settings, outgoing_allow=("127.0.0.1",), base_url="https://claims.example.org")
    return desk.store.deliveries.add_webhook(desk.users[name].id, hook.url, webhooks.new_salt()).id


# Who hears


def test_followers_hear_from_now_on_once_and_not_of_their_own_acts(desk):
    desk.happen(EventKind.RATING_CHANGED, "before")
    desk.follow("anna", About.CLAIM, desk.claim.id)
    desk.follow("ben", About.PERSON, desk.person.id)
    desk.happen(EventKind.RATING_CHANGED, "by an import", person_id=desk.person.id)
    desk.happen(EventKind.RATING_CHANGED, "by anna", by="anna")
    desk.happen(EventKind.RATING_CHANGED, "by anna", by="anna")
    desk.work()
    desk.work()
    assert desk.heard("anna") == ["by an import"]
    assert desk.heard("ben") == ["by an import", "by anna"]
    assert desk.heard("cora") == []


def test_two_alerts_on_the_same_thing_tell_it_once_and_both_feeds_have_it(desk):
    first = desk.follow("anna", About.CLAIM, desk.claim.id)
    second = desk.follow("anna", About.PERSON, desk.person.id, in_app=False)
    desk.happen(EventKind.SAID_AGAIN, "statement 1 is claim 1")
    desk.work()
    assert desk.heard("anna") == ["statement 1 is claim 1"]
    assert [n.event.thing for n in desk.store.notices.of_alert(first.id)] == ["statement 1 is claim 1"]
    assert [n.event.thing for n in desk.store.notices.of_alert(second.id)] == ["statement 1 is claim 1"]


def test_an_alert_without_the_app_is_heard_in_its_feed_only(desk):
    alert = desk.follow("anna", About.CLAIM, desk.claim.id, in_app=False)
    desk.happen(EventKind.SAID_AGAIN, "again")
    desk.work()
    assert desk.heard("anna") == [] and desk.store.notices.unread(desk.users["anna"].id) == 0
    assert len(desk.store.notices.of_alert(alert.id)) == 1


@pytest.mark.parametrize("change", ["reader", "disabled"])
def test_who_may_not_follow_any_more_hears_nothing(desk, change):
    desk.follow("ben", About.CLAIM, desk.claim.id)
    with desk.store.write() as db:
        db.execute("UPDATE users SET role = 'reader'" if change == "reader" else "UPDATE users SET disabled_at = '2026-01-01'")
    desk.happen(EventKind.SAID_AGAIN, "again")
    desk.work()
    assert desk.heard("ben") == []


def test_a_saved_search_hears_of_new_claims_and_statements_it_finds(desk):
    desk.follow("ben", About.SEARCH, query="q=harbour+bridge")
    desk.follow("anna", About.SEARCH, query="q=harbour+bridge&kind=claim")
    near = desk.add_claim("c-2", "The harbour bridge costs 40 million.")
    desk.add_claim("c-3", "Rye bread is healthy.")
    said = desk.say("“The harbour bridge will be late.”")
    desk.say("“Cabbage is cheap this year.”")
    desk.work()
    assert desk.heard("ben") == [f"claim {near.id}", f"statement {said.id}"]
    assert desk.heard("anna") == [f"claim {near.id}"]


def test_a_saved_search_hears_when_a_claim_comes_into_its_results(desk):
    desk.follow("ben", About.SEARCH, query="rating=false&kind=claim")
    desk.store.claims.put(replace(desk.claim, reviews=(Review("Example desk", "No", Rating.FALSE, url="https://example.org/r"),)))
    desk.work()
    (notice,) = desk.store.notices.of_user(desk.users["ben"].id)
    assert notice.event.kind is EventKind.RATING_CHANGED and notice.event.after == "false"


def test_more_searches_than_one_piece_of_work_runs_all_hear(desk):
    for i in range(alerting.SEARCHES_AT_ONCE + 5):
        desk.follow("ben" if i % 2 else "anna", About.SEARCH, query=f"q=harbour&until=20{30 + i}")
    near = desk.add_claim("c-2", "The harbour bridge costs 40 million.", first_said_at="2024-01-01")
    desk.work()
    newest = desk.store.events.newest()
    assert all(a.after_event == newest and desk.store.notices.of_alert(a.id) for a in desk.store.alerts.all())
    assert desk.heard("anna") == desk.heard("ben") == [f"claim {near.id}"]


def test_a_search_waits_for_the_vector_of_what_is_new_but_not_for_ever(desk):
    desk.follow("ben", About.SEARCH, query="q=harbour")
    desk.follow("anna", About.PERSON, desk.person.id)
    claim_id, _ = desk.store.claims.put(Claim(0, "c-9", "The harbour is full.", language="en", person_id=desk.person.id))
    desk.work()
    assert (desk.heard("anna"), desk.heard("ben")) == ([f"claim {claim_id}"], [])
    pipeline.embed_claims(desk.store, desk.encoder)
    desk.work()
    assert desk.heard("ben") == [f"claim {claim_id}"]
    lost, _ = desk.store.claims.put(Claim(0, "c-10", "The harbour is empty.", language="en"))
    desk.work()
    place = desk.store.alerts.of_user(desk.users["ben"].id)[0].after_event
    desk.work(NOW + timedelta(hours=2))
    assert desk.store.alerts.of_user(desk.users["ben"].id)[0].after_event > place == desk.store.events.newest() - 1
    assert lost


def test_a_saved_search_that_cannot_be_read_any_more_stops_nobody(desk):
    desk.follow("ben", About.SEARCH, query="rating=nonsense")
    desk.follow("anna", About.CLAIM, desk.claim.id)
    desk.happen(EventKind.NEW_REVIEW, "review")
    desk.work()
    assert desk.heard("anna") == ["review"] and desk.heard("ben") == []


def test_a_merged_claim_and_person_are_followed_as_what_stands_for_them(desk):
    other = desk.add_claim("c-2", "The bridge at the harbour opens in May.")
    alert = desk.follow("anna", About.CLAIM, other.id)
    twin = desk.store.people.put(Person(0, "V. Lindqvist the younger"))
    desk.follow("ben", About.PERSON, twin.id)
    with desk.store.write() as db:
        db.execute("UPDATE claims SET merged_into = ? WHERE id = ?", [desk.claim.id, other.id])
        db.execute("UPDATE people SET merged_into = ? WHERE id = ?", [desk.person.id, twin.id])
    desk.happen(EventKind.SAID_AGAIN, "of the one it was merged into", person_id=desk.person.id)
    desk.happen(EventKind.SAID_AGAIN, "of itself", claim_id=other.id)
    desk.work()
    assert desk.heard("anna") == ["of the one it was merged into", "of itself"] == desk.heard("ben")
    assert desk.store.alerts.get(alert.id).object_id == desk.claim.id
    assert desk.store.alerts.same(desk.users["anna"].id, About.CLAIM, desk.claim.id).id == alert.id


def test_a_topic_is_followed_by_its_assignments(desk):
    with desk.store.write() as db:
        made = "INSERT INTO topics (name, description, created_at, changed_at) VALUES (?, ?, '', '') RETURNING id"
        ports = db.execute(made, ["Ports", "Ships, harbours and cargo."]).fetchone()[0]
        bread = db.execute(made, ["Bread", "Rye bread, bakeries and flour."]).fetchone()[0]
        db.execute(
            "INSERT INTO topic_assignments (topic_id, kind, object_id, score, by_hand) VALUES (?, 'claim', ?, 0, 'given')", [ports, desk.claim.id]
        )
    desk.follow("anna", About.TOPIC, ports)
    desk.follow("ben", About.TOPIC, bread)
    desk.happen(EventKind.NEW_REVIEW, "review")
    baked = desk.add_claim("c-5", "Rye bread, bakeries and flour.")  # not assigned yet by anybody
    desk.work()
    assert (desk.heard("anna"), desk.heard("ben")) == (["review"], [f"claim {baked.id}"])


def test_who_linked_or_exported_a_claim_hears_of_a_new_rating_without_following(desk):
    other = desk.add_claim("c-2", "The bridge at the harbour opens in May.")
    said = desk.say("“The harbour bridge opens in May.”", desk.person.id)
    desk.store.decisions.add(said.id, other.id, Relation.SAME, desk.users["anna"])
    desk.store.claims.note_export(desk.users["cora"].id, [desk.claim.id])
    with desk.store.write() as db:
        db.execute("UPDATE claims SET merged_into = ? WHERE id = ?", [desk.claim.id, other.id])
    desk.happen(EventKind.RATING_CHANGED, "rating", before="not rated", after="false", by="ben")
    desk.happen(EventKind.NEW_REVIEW, "review", by="ben")
    desk.happen(EventKind.RATING_CHANGED, "rating by anna", by="anna")
    desk.work()
    assert desk.heard("anna") == ["rating"]
    assert desk.heard("cora") == ["rating", "rating by anna"]
    assert {n.because for n in desk.store.notices.of_user(desk.users["anna"].id)} == {Because.LINKED}
    assert {n.because for n in desk.store.notices.of_user(desk.users["cora"].id)} == {Because.EXPORTED}


def test_a_link_taken_back_is_no_link(desk):
    said = desk.say("“The harbour bridge opens in May.”", desk.person.id)
    decision = desk.store.decisions.add(said.id, desk.claim.id, Relation.SAME, desk.users["anna"])
    desk.store.decisions.undo(decision.id, desk.users["anna"])
    desk.happen(EventKind.RATING_CHANGED, "rating")
    desk.work()
    assert desk.heard("anna") == []


def test_who_links_and_follows_hears_once(desk):
    desk.store.claims.note_export(desk.users["anna"].id, [desk.claim.id])
    desk.follow("anna", About.CLAIM, desk.claim.id)
    desk.happen(EventKind.RATING_CHANGED, "rating")
    desk.work()
    assert desk.heard("anna") == ["rating"]


# Mail


def test_news_come_by_mail_in_the_readers_language_with_links_and_a_way_out(desk, mail):
    with_mail(desk, mail)
    desk.follow("anna", About.CLAIM, desk.claim.id, by_mail=True)
    desk.follow("ben", About.CLAIM, desk.claim.id, by_mail=True, language="en")
    desk.happen(EventKind.RATING_CHANGED, "rating", before="mixed", after="false")
    desk.happen(EventKind.SAID_AGAIN, "again")
    desk.work()
    by_address = {str(m["To"]): m for m in mail.mails}
    assert sorted(by_address) == ["anna@example.org", "ben@example.org"]
    german, english = (by_address[f"{n}@example.org"].get_body(("plain",)).get_content() for n in ("anna", "ben"))
    assert "Bewertung geändert: Gemischt → Falsch" in german or "Bewertung geändert:" in german
    assert "Rating changed: Mixed → False" in english
    assert f"https://claims.example.org/claims/{desk.claim.id}" in english
    assert "https://claims.example.org/alerts/saved" in english
    assert by_address["ben@example.org"]["List-Unsubscribe"].startswith("<https://claims.example.org/alerts/stop/")
    assert by_address["ben@example.org"]["Subject"].startswith("2 news:")
    desk.work()
    assert len(mail.mails) == 2


def test_a_digest_gathers_what_came_since_and_goes_out_in_the_morning_once(desk, mail):
    with_mail(desk, mail)
    desk.follow("ben", About.CLAIM, desk.claim.id, by_mail=True, pace=Pace.DAILY)
    desk.happen(EventKind.SAID_AGAIN, "one")
    desk.work()
    desk.happen(EventKind.SAID_AGAIN, "two")
    desk.work(NOW + timedelta(seconds=5))
    assert mail.mails == [] and desk.heard("ben") == ["one", "two"]
    desk.work(NOW + timedelta(days=1, hours=1))
    (came,) = mail.mails
    assert came["Subject"].startswith("2 news:")
    desk.work(NOW + timedelta(days=2))
    assert len(mail.mails) == 1


def test_several_mails_at_once_become_one_and_the_next_waits_a_little(desk, mail):
    with_mail(desk, mail)
    desk.follow("ben", About.CLAIM, desk.claim.id, by_mail=True)
    for i in range(50):
        desk.happen(EventKind.SAID_AGAIN, f"statement {i}")
    desk.work()
    desk.happen(EventKind.SAID_AGAIN, "late")
    desk.work(NOW + timedelta(seconds=30))
    assert len(mail.mails) == 1
    body = mail.mails[0].get_body(("plain",)).get_content()
    assert "50 things new" in body and "And 10 more" in body
    desk.work(NOW + timedelta(minutes=3))
    assert len(mail.mails) == 2


def test_texts_of_others_cannot_break_out_of_the_mail(desk, mail):
    with_mail(desk, mail)
    nasty = desk.add_claim("c-x", 'It is so.\r\nBcc: all@example.org\r\n\r\n<script>alert("x")</script>', person_id=desk.person.id)
    desk.follow("ben", About.CLAIM, nasty.id, by_mail=True)
    desk.happen(EventKind.SAID_AGAIN, "again", claim_id=nasty.id)
    desk.work()
    (came,) = mail.mails
    assert came["Bcc"] is None and mail.envelopes == [(SENDER, ["ben@example.org"])]
    html = came.get_body(("html",)).get_content()
    assert "<script>" not in html and "&lt;script&gt;" in html


def test_without_a_mail_server_or_address_nothing_waits_for_one(desk, mail):
    desk.follow("ben", About.CLAIM, desk.claim.id, by_mail=True)
    desk.happen(EventKind.SAID_AGAIN, "before there was a server")
    desk.work()
    with_mail(desk, mail)
    desk.work()
    assert mail.mails == [] and desk.heard("ben") == ["before there was a server"]
    ben = desk.users["ben"]
    desk.store.users.set_preferences(ben.id, language="", theme="", keys=True, time_zone="", email="")
    desk.happen(EventKind.SAID_AGAIN, "without an address")
    desk.work()
    assert mail.mails == [] and desk.store.deliveries.counts() == {}


def test_who_stops_mail_or_deletes_an_alert_gets_no_digest_of_before(desk, mail):
    with_mail(desk, mail)
    alert = desk.follow("ben", About.CLAIM, desk.claim.id, by_mail=True, pace=Pace.WEEKLY)
    desk.follow("anna", About.CLAIM, desk.claim.id, by_mail=True, pace=Pace.WEEKLY)
    desk.happen(EventKind.SAID_AGAIN, "one")
    desk.work()
    desk.store.alerts.delete(alert.id)
    desk.store.alerts.stop_mail(desk.users["anna"].id)
    desk.work(NOW + timedelta(days=8))
    assert mail.mails == [] and not desk.store.alerts.of_user(desk.users["anna"].id)[0].by_mail
    assert desk.heard("ben") == ["one"]


def test_an_alert_taken_off_mail_keeps_what_another_one_asks_for(desk, mail):
    with_mail(desk, mail)
    first = desk.follow("ben", About.CLAIM, desk.claim.id, by_mail=True, pace=Pace.DAILY)
    desk.follow("ben", About.PERSON, desk.person.id, by_mail=True, pace=Pace.DAILY)
    desk.happen(EventKind.SAID_AGAIN, "one")
    desk.work()
    desk.store.alerts.change(replace(first, by_mail=False))
    desk.work(NOW + timedelta(days=2))
    assert len(mail.mails) == 1


def test_the_rating_of_a_linked_claim_comes_by_mail_if_wished(desk, mail):
    with_mail(desk, mail)
    for name in ("anna", "ben"):
        desk.store.claims.note_export(desk.users[name].id, [desk.claim.id])
    desk.store.alerts.set_wish(desk.users["ben"].id, True, Pace.AT_ONCE)
    desk.happen(EventKind.RATING_CHANGED, "rating", before="mixed", after="false")
    desk.work()
    assert [str(m["To"]) for m in mail.mails] == ["ben@example.org"]
    assert "You exported this claim." in mail.mails[0].get_body(("plain",)).get_content()


def test_a_mail_that_is_not_taken_is_tried_again_under_the_same_number(desk, mail):
    with_mail(desk, mail)
    desk.follow("ben", About.CLAIM, desk.claim.id, by_mail=True)
    desk.happen(EventKind.SAID_AGAIN, "one")
    mail.answers += ["451 busy", "451 busy"]
    desk.work()
    assert mail.mails == []
    desk.work(NOW + timedelta(minutes=2))
    desk.work(NOW + timedelta(minutes=3))
    assert mail.mails == []
    desk.work(NOW + timedelta(minutes=8))
    (came,) = mail.mails
    last = desk.store.deliveries.last_mail(desk.users["ben"].id)
    assert sorted(last.content) == ["language", "stop", "subject", "to"]  # what was in it is not kept once it is sent
    assert (last.state, last.tries) == ("sent", 3) and came["Message-ID"] == f"<{last.key}@example.org>"


def test_an_address_that_does_not_exist_is_given_up_and_said(desk, mail):
    with_mail(desk, mail)
    mail.refused.add("ben@example.org")
    desk.follow("ben", About.CLAIM, desk.claim.id, by_mail=True)
    desk.happen(EventKind.SAID_AGAIN, "one")
    desk.work()
    last = desk.store.deliveries.last_mail(desk.users["ben"].id)
    assert (last.state, last.tries) == ("failed", 1) and "refused the address" in last.answer


# Webhooks


def posted(hook) -> list[dict]:
    return [json.loads(body) for _, _, body in hook.heard]


def test_news_are_posted_and_every_one_of_them(desk, hook):
    webhook_id = add_hook(desk, hook)
    desk.follow("ben", About.CLAIM, desk.claim.id, webhook_id=webhook_id)
    for i in range(250):
        desk.happen(EventKind.SAID_AGAIN, f"statement {i}")
    desk.work()
    assert [len(p["notices"]) for p in posted(hook)] == [100, 100, 50]
    ids = [n["id"] for p in posted(hook) for n in p["notices"]]
    assert ids == sorted(ids) and len(set(ids)) == 250
    first = posted(hook)[0]["notices"][0]
    assert first["kind"] == "said again" and first["url"] == f"https://claims.example.org/claims/{desk.claim.id}"


def test_two_alerts_with_one_webhook_post_a_thing_once(desk, hook):
    webhook_id = add_hook(desk, hook)
    desk.follow("ben", About.CLAIM, desk.claim.id, webhook_id=webhook_id)
    desk.follow("ben", About.PERSON, desk.person.id, webhook_id=webhook_id)
    desk.happen(EventKind.SAID_AGAIN, "one")
    desk.work()
    assert len(hook.heard) == 1


def test_what_fails_is_tried_seven_times_over_hours_and_then_given_up_and_said(desk, hook):
    webhook_id = add_hook(desk, hook)
    hook.answer = lambda n: 500
    desk.follow("ben", About.CLAIM, desk.claim.id, webhook_id=webhook_id)
    desk.happen(EventKind.SAID_AGAIN, "one")
    now = NOW
    while desk.store.deliveries.counts().get("failed", 0) == 0 and now < NOW + timedelta(days=3):
        desk.work(now)
        now += timedelta(minutes=10)
    assert len(hook.heard) == 7 and now - NOW > timedelta(hours=12)
    (log,) = desk.store.deliveries.of_webhook(webhook_id)
    assert (log.state, log.tries, log.answer) == ("failed", 7, "The receiver answered 500.")
    assert len({body for _, _, body in hook.heard}) == 1  # the same at every try
    assert len({headers["claimtrail-delivery"] for _, headers, _ in hook.heard}) == 1
    hook.answer = lambda n: 200
    desk.happen(EventKind.SAID_AGAIN, "two")
    desk.work(now)
    assert desk.store.deliveries.of_webhook(webhook_id)[0].state == "sent"


def test_a_receiver_that_fails_gets_nothing_else_until_it_is_tried_again_and_then_in_order(desk, hook):
    webhook_id = add_hook(desk, hook)
    hook.answer = lambda n: 503 if n == 1 else 200
    desk.follow("ben", About.CLAIM, desk.claim.id, webhook_id=webhook_id)
    desk.happen(EventKind.SAID_AGAIN, "one")
    desk.work()
    desk.happen(EventKind.SAID_AGAIN, "two")
    desk.work()
    assert len(hook.heard) == 1
    desk.work(NOW + timedelta(minutes=2))
    assert [p["notices"][0]["id"] for p in posted(hook)] == [1, 1, 2]


def test_a_redirect_is_not_followed_and_an_address_inside_the_house_is_not_called(desk, hook):
    webhook_id = add_hook(desk, hook)
    hook.answer = lambda n: 302
    desk.follow("ben", About.CLAIM, desk.claim.id, webhook_id=webhook_id)
    desk.happen(EventKind.SAID_AGAIN, "one")
    desk.work()
    assert [path for path, _, _ in hook.heard] == ["/hook"]
    assert "redirect" in desk.store.deliveries.of_webhook(webhook_id)[0].answer
    desk.settings = replace(desk.settings, outgoing_allow=())
    desk.work(NOW + timedelta(hours=1))
    assert len(hook.heard) == 1
    assert "no public address" in desk.store.deliveries.of_webhook(webhook_id)[0].answer


def test_a_webhook_switched_off_gets_nothing_of_what_waited(desk, hook):
    webhook_id = add_hook(desk, hook)
    desk.follow("ben", About.CLAIM, desk.claim.id, webhook_id=webhook_id, pace=Pace.DAILY)
    desk.happen(EventKind.SAID_AGAIN, "one")
    desk.work()
    desk.store.deliveries.set_webhook_on(webhook_id, False)
    desk.store.deliveries.set_webhook_on(webhook_id, True)
    desk.work(NOW + timedelta(days=2))
    assert hook.heard == []


# What goes wrong


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("seed", range(6))
def test_a_process_killed_between_any_two_writes_loses_and_doubles_nothing(desk, mail, hook, monkeypatch, seed):
    """Every write may be the last thing a process does: not begun, rolled back, or done and nothing after it. The next one goes on.

    What a receiver took without its being noted here comes once more under the same number; told apart by that, nothing is double.
    """
    with_mail(desk, mail)
    webhook_id = add_hook(desk, hook)
    desk.follow("ben", About.CLAIM, desk.claim.id, by_mail=True, webhook_id=webhook_id)
    desk.follow("ben", About.SEARCH, query="q=harbour")
    desk.follow("anna", About.PERSON, desk.person.id, by_mail=True)
    chance = random.Random(seed)
    original = type(desk.store._connection).write

    @contextmanager
    def fragile(self):
        outer = not self.db.conn.in_transaction
        if outer and armed and chance.random() < 0.25:
            raise Killed
        with original(self) as db:
            yield db
            if outer and armed and chance.random() < 0.25:
                raise Killed  # before it is committed: all of it is undone
        if outer and armed and chance.random() < 0.25:
            raise Killed  # after it

    monkeypatch.setattr(type(desk.store._connection), "write", fragile)
    armed = False
    for i in range(5):
        desk.happen(EventKind.RATING_CHANGED, f"rating {i}", before="mixed", after="false")
    armed, kills, now = True, 0, NOW
    for _ in range(600):
        try:
            if not alerting.tick(desk.store, desk.encoder, desk.settings, now):
                break
        except Killed:
            kills += 1
            now += timedelta(minutes=6)
    armed = False
    desk.work(now + timedelta(hours=1))
    assert kills > 3
    assert desk.heard("ben") == [f"rating {i}" for i in range(5)] == desk.heard("anna")
    unique_mails = {m["Message-ID"]: m for m in mail.mails}
    told = {str(m["To"]): 0 for m in unique_mails.values()}
    for m in unique_mails.values():
        told[str(m["To"])] += m.get_body(("plain",)).get_content().count("/claims/")
    assert told == {"ben@example.org": 5, "anna@example.org": 5}
    by_delivery = {headers["claimtrail-delivery"]: json.loads(body) for _, headers, body in hook.heard}
    assert sorted(n["id"] for p in by_delivery.values() for n in p["notices"]) == sorted(
        n.id for n in desk.store.notices.of_user(desk.users["ben"].id)
    )


def test_two_workers_at_once_send_everything_once(desk, mail, hook):
    with_mail(desk, mail)
    webhook_id = add_hook(desk, hook)
    for name in ("anna", "ben"):
        desk.follow(name, About.CLAIM, desk.claim.id, by_mail=True, webhook_id=webhook_id if name == "ben" else None)
        desk.follow(name, About.PERSON, desk.person.id, by_mail=True)
    for i in range(40):
        desk.happen(EventKind.SAID_AGAIN, f"statement {i}")
    together = threading.Barrier(3)
    failures: list[BaseException] = []

    def work() -> None:
        store = open_store(desk.settings.database)
        try:
            together.wait(10)
            while alerting.tick(store, FakeEncoder(), desk.settings, NOW):
                pass
        except BaseException as error:
            failures.append(error)
        finally:
            store.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    desk.work()
    assert not failures
    assert sorted(str(m["To"]) for m in mail.mails) == ["anna@example.org", "ben@example.org"]
    ids = [n["id"] for p in posted(hook) for n in p["notices"]]
    assert len(ids) == len(set(ids)) == 40


def test_a_delivery_somebody_died_with_is_taken_up_again(desk, hook):
    webhook_id = add_hook(desk, hook)
    desk.follow("ben", About.CLAIM, desk.claim.id, webhook_id=webhook_id)
    desk.happen(EventKind.SAID_AGAIN, "one")
    alerting.look(desk.store, desk.encoder, desk.settings, NOW)
    alerting.pack(desk.store, desk.settings, NOW)
    assert desk.store.deliveries.take(NOW) is not None  # and never comes back
    desk.work(NOW + timedelta(minutes=1))
    assert hook.heard == []
    desk.work(NOW + timedelta(minutes=6))
    assert len(hook.heard) == 1


@pytest.mark.parametrize("jump", [timedelta(days=-400), timedelta(days=-1), timedelta(days=400)])
def test_a_clock_that_jumps_delays_nothing_for_long_and_doubles_nothing(desk, mail, hook, jump):
    with_mail(desk, mail)
    webhook_id = add_hook(desk, hook)
    hook.answer = lambda n: 500 if n == 1 else 200
    desk.follow("ben", About.CLAIM, desk.claim.id, by_mail=True, webhook_id=webhook_id)
    desk.follow("anna", About.CLAIM, desk.claim.id, by_mail=True, pace=Pace.DAILY)
    desk.happen(EventKind.SAID_AGAIN, "one")
    desk.work()
    assert len(hook.heard) == 1 and len(mail.mails) == 1
    after = NOW + jump
    for day in range(9):
        desk.work(after + timedelta(days=day))
    assert len(hook.heard) == 2 and sorted(str(m["To"]) for m in mail.mails) == ["anna@example.org", "ben@example.org"]
    desk.happen(EventKind.SAID_AGAIN, "two")
    desk.work(after + timedelta(days=10))
    assert len(hook.heard) == 3 and len(mail.mails) == 3


def test_what_is_gone_before_it_is_sent_is_left_out(desk, hook):
    webhook_id = add_hook(desk, hook)
    desk.follow("ben", About.PERSON, desk.person.id, webhook_id=webhook_id, pace=Pace.DAILY)
    gone = desk.add_claim("c-7", "It is gone.", person_id=desk.person.id)
    desk.work()
    desk.store.claims.delete(gone.id)
    desk.work(NOW + timedelta(days=2))
    assert hook.heard == [] and not alerting.tick(desk.store, desk.encoder, desk.settings, NOW + timedelta(days=3))
