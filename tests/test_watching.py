"""Feeds are watched: what is new is read once, the same text in several papers is one, and no fault loses or doubles anything."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

import pytest
from fault_site import Handler, endless, hang_up, never, redirect, robots, status
from watched_site import AGENCY, OTHER, desk, fault_site, item, page_of, rss, running_site  # noqa: F401  (fixtures)

from db.sources import LONGEST_WAIT
from factcheck import feedreading, fetch, pacing, pipeline, sourcesdesk, watching
from factcheck.articles import from_text
from factcheck.errors import TooLarge
from factcheck.fetch import Page
from factcheck.records import ItemState, LogFilter

# What a feed holds becomes articles


def test_new_items_become_articles_once(desk):
    desk.site.pages = {"/feed": rss(item("1", "/a", "Die Brücke"), item("2", "/b", "Das Hallenbad", hour=10)), "/a": page_of(AGENCY, "Die Brücke"), "/b": page_of(OTHER, "Das Hallenbad")}
    source = desk.watch(licence="CC BY 4.0")
    desk.settle()
    bath, bridge = desk.store.articles.newest(9)
    assert (bridge.title, bridge.url, bridge.source, bridge.published_at, bridge.language) == ("Die Brücke", desk.url("/a"), "Beispielbote", "2026-03-02T09:00:00+00:00", "de")
    assert bridge.text.startswith("Die Verkehrsministerin Mira Holm") and bath.title == "Das Hallenbad"
    assert desk.store.appearances.licences([bridge.id]) == {bridge.id: ["CC BY 4.0"]}
    assert [i.state for i in desk.store.sources.items(source.id, 9)] == [ItemState.DONE] * 2
    desk.later(hours=1)
    desk.settle()
    assert desk.fetched("/feed") == 2 and desk.fetched("/a") == desk.fetched("/b") == 1
    assert desk.store.articles.count() == 2
    assert [e.user_name for e in desk.store.audit.newest(LogFilter(), limit=2)] == ["source: Beispielbote"] * 2


def test_the_language_of_a_source_counts_for_more_than_a_guess(desk):
    desk.site.pages = {"/feed": rss(item("1", "/a")), "/a": page_of(AGENCY, "Die Brücke")}
    desk.watch(language="nds")
    desk.settle()
    assert desk.store.articles.newest(1)[0].language == "nds"


def test_one_agency_text_in_several_papers_is_one_article_with_several_appearances(desk):
    cut = AGENCY.split(" Anwohner fordern")[0]
    papers = {"Bote": AGENCY, "Kurier": f"Kassel – {AGENCY} Mehr dazu lesen Sie in unserer Ausgabe.", "Anzeiger": cut}
    for name, text in papers.items():
        desk.site.pages |= {f"/{name}": rss(item("1", f"/{name}/1", f"{name} meldet")), f"/{name}/1": page_of(text, f"{name} meldet")}
        desk.watch(f"/{name}", name=name)
        desk.settle()
    (article,) = desk.store.articles.newest(9)
    found = desk.store.appearances.of_article(article.id)
    assert [(a.outlet, a.title, a.url) for a in found] == [(name, f"{name} meldet", desk.url(f"/{name}/1")) for name in papers]
    assert watching.outlets(article, found) == 3


def test_a_text_added_by_hand_is_found_again_in_a_feed(desk):
    mine, _ = pipeline.add_article(desk.store, from_text(AGENCY, source="Archiv"))
    desk.site.pages = {"/feed": rss(item("1", "/a")), "/a": page_of(f"{AGENCY} Das teilte sie mit.", "Die Brücke")}
    desk.watch()
    desk.settle()
    assert [a.id for a in desk.store.articles.newest(9)] == [mine.id]
    assert watching.outlets(mine, desk.store.appearances.of_article(mine.id)) == 2


def test_of_a_new_source_the_newest_are_read_and_the_rest_left_aside(desk, monkeypatch):
    monkeypatch.setattr(watching, "FIRST_LOOK", 2)
    desk.site.pages = {"/feed": rss(*(item(str(n), f"/{n}", hour=n) for n in range(6)))}
    source = desk.watch()
    assert desk.tick()
    assert [i.guid for i in desk.store.sources.items(source.id, 9) if i.state is not ItemState.SKIPPED] == ["5", "4"]
    desk.site.pages["/feed"] = rss(*(item(str(n), f"/{n}", hour=n) for n in range(8)))
    desk.later(hours=1)
    desk.tick()
    assert {i.guid for i in desk.store.sources.items(source.id, 9) if i.state is not ItemState.SKIPPED} == {"4", "5", "6", "7"}


# Items that change


@pytest.mark.parametrize("added", [" Das teilte das Ministerium mit.", ""])
def test_a_small_change_is_noted_beside_the_article(desk, added):
    desk.site.pages = {"/feed": rss(item("1", "/a")), "/a": page_of(AGENCY, "Die Brücke")}
    source = desk.watch()
    desk.settle()
    desk.site.pages = {"/feed": rss(item("1", "/a", "Neue Brücke")), "/a": page_of(AGENCY + added, "Neue Brücke")}
    desk.later(hours=1)
    desk.settle()
    (article,) = desk.store.articles.newest(9)
    (place,) = desk.store.appearances.of_article(article.id)
    assert bool(place.changed_at) is bool(added) and desk.fetched("/a") == 2
    assert desk.item(source).changed_at and desk.item(source).state is ItemState.DONE


def test_a_text_with_another_figure_becomes_an_article_that_names_the_earlier_one(desk):
    desk.site.pages = {"/feed": rss(item("1", "/a")), "/a": page_of(AGENCY, "Die Brücke")}
    desk.watch()
    desk.settle()
    desk.site.pages = {"/feed": rss(item("1", "/a", "Korrigiert")), "/a": page_of(AGENCY.replace("40 Millionen", "400 Millionen"), "Korrigiert")}
    desk.later(hours=1)
    desk.settle()
    new, old = desk.store.articles.newest(9)
    (place,) = desk.store.appearances.of_article(new.id)
    assert "400 Millionen" in new.text and "40 Millionen" in old.text
    assert (place.earlier_id, place.url) == (old.id, old.url)
    later = desk.store.appearances.later(old.id)
    assert later is not None and later.article_id == new.id
    desk.site.pages = {"/feed": rss(item("1", "/a", "Wieder")), "/a": page_of(AGENCY.replace("40 Millionen", "400 Millionen"), "Wieder")}
    desk.later(hours=1)
    desk.settle()
    assert desk.store.articles.count() == 2


# Texts in the feed itself


def full(text: str) -> str:
    return f"<content:encoded><![CDATA[<p>{text}</p>]]></content:encoded>"


def test_the_text_in_the_feed_is_taken_where_its_page_cannot_be_had(desk):
    desk.site.pages = {"/feed": rss(item("1", "/closed", extra=full(AGENCY))), "/closed": status(403)}
    source = desk.watch()
    desk.settle()
    (article,) = desk.store.articles.newest(9)
    assert article.text == AGENCY and article.url == desk.url("/closed")
    assert desk.item(source).html == ""


def test_a_page_that_robots_may_not_read_is_left_alone(desk):
    desk.site.pages = {"/feed": rss(item("1", "/a")), "/a": page_of(AGENCY, "x"), "/robots.txt": robots("User-agent: *", "Disallow: /a")}
    source = desk.watch()
    desk.settle()
    found = desk.item(source)
    assert (found.state, found.problem.key, desk.fetched("/a")) == (ItemState.SKIPPED, "fetch_robots", 0)


# Faults


FAULTS = {
    "500": (status(500), "fetch_trouble"),
    "503": (status(503), "fetch_trouble"),
    "429": (status(429), "fetch_later"),
    "gone": (status(410), "fetch_gone"),
    "no answer in time": (never, "outgoing_timeout"),
    "a line that breaks": (hang_up, "outgoing_no_answer"),
    "100 MB": (endless, "fetch_too_large"),
    "a circle": (redirect("/feed"), "fetch_circles"),
    "a way inside": (redirect("http://10.0.0.1/"), "outgoing_not_public"),
    "no XML": (b"\xff\xfe\x00 nothing", "feed_none"),
    "cut XML": (b'<?xml version="1.0"?><rss version="2.0"><channel><title>x', "feed_broken"),
    "cut sitemap": (b"<urlset><url><loc>", "feed_broken_sitemap"),
    "a page": (b"<html><body>We have moved.</body></html>", "feed_none"),
    "entities": (b'<!DOCTYPE x [<!ENTITY a "aaaa">]><rss version="2.0"><channel><title>&a;</title></channel></rss>', "feed_entities"),
    "entities in UTF-16": ('<?xml version="1.0" encoding="utf-16"?><!DOCTYPE x [<!ENTITY a "a">]><rss/>'.encode("utf-16"), "feed_entities"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_told_and_waited_out_and_nothing_is_lost(desk, name, monkeypatch):
    monkeypatch.setattr(watching, "TIMEOUT", 1.0 if name == "no answer in time" else 10.0)
    fault, key = FAULTS[name]
    desk.site.pages = {"/feed": fault}
    source = desk.watch(minutes=30)
    assert desk.tick()
    after = desk.source(source)
    assert (after.failures, after.problem.key) == (1, key) and str(after.problem.error)
    assert timedelta(minutes=48) <= datetime.fromisoformat(after.next_at) - desk.now <= timedelta(minutes=72)
    assert desk.site.sent < 60, "what is too large is not read to its end"
    assert not desk.tick(), "it is left alone for a while"
    desk.site.pages = {"/feed": rss(item("1", "/a")), "/a": page_of(AGENCY, "Die Brücke")}
    desk.later(minutes=73)
    desk.settle()
    assert desk.store.articles.count() == 1
    assert (desk.source(source).failures, desk.source(source).problem) == (0, None)


def test_the_wait_doubles_with_each_failure_up_to_a_day():
    assert [watching.wait(30, n, 0.5) for n in (0, 1, 2, 3, 9)] == [timedelta(minutes=30), timedelta(hours=1), timedelta(hours=2), timedelta(hours=4), timedelta(days=1)]
    assert watching.wait(30, 0, 0.0) == timedelta(minutes=24) and watching.wait(30, 0, 1.0) == timedelta(minutes=36)
    assert watching.wait(7 * 24 * 60, 3, 0.5) == timedelta(days=7)
    assert watching.wait(sourcesdesk.SLOWEST, 0, 1.0) < LONGEST_WAIT and timedelta(seconds=fetch.LONGEST_WAIT) < LONGEST_WAIT, "else it is looked at all the time"


def test_a_broken_feed_is_read_as_far_as_it_goes(desk):
    desk.site.pages = {"/feed": rss(item("1", "/a")).replace(b"</channel></rss>", b"<item><title>R & D</ti"), "/a": page_of(AGENCY, "Die Brücke")}
    desk.watch()
    desk.settle()
    assert desk.store.articles.newest(1)[0].title == "Die Brücke"


def test_a_large_broken_feed_is_refused():
    body = rss(item("1", "/a")) + b"<x>" + b"y" * (feedreading.LARGEST_BROKEN + 1)
    with pytest.raises(TooLarge):
        feedreading.read(Page("https://example.org/feed", body))


@pytest.mark.parametrize("body", [b"<a>" * 60_000 + b"</a>" * 60_000, b"<item><x/></item>" * 30_000, b"<a " * 60_000])
def test_a_feed_of_countless_elements_is_refused_at_once(body):
    began = time.process_time()
    with pytest.raises(TooLarge):
        feedreading.read(Page("https://example.org/feed", b'<rss version="2.0"><channel>' + body + b"</channel></rss>"))
    assert time.process_time() - began < 2


def test_a_page_in_trouble_is_tried_again_and_one_that_is_gone_is_not(desk):
    desk.site.pages = {"/feed": rss(item("1", "/a"), item("2", "/gone")), "/a": status(502)}
    source = desk.watch()
    desk.settle()
    gone, waiting = sorted(desk.store.sources.items(source.id, 9), key=lambda i: i.state)
    assert (waiting.state, waiting.problem.key, gone.state, gone.problem.key) == (ItemState.WAITING, "fetch_trouble", ItemState.FAILED, "fetch_gone")
    desk.site.pages["/a"] = page_of(AGENCY, "Die Brücke")
    desk.later(minutes=2)
    desk.settle()
    assert desk.store.articles.count() == 1 and desk.fetched("/gone") == 1
    sourcesdesk.try_again(desk.store, "anna", gone.id)
    desk.later(minutes=1)
    desk.settle()
    assert desk.fetched("/gone") == 2


def test_a_page_that_never_works_is_given_up(desk):
    desk.site.pages = {"/feed": rss(item("1", "/a")), "/a": status(502)}
    source = desk.watch(minutes=7 * 24 * 60)
    for _ in range(pacing.TRIES + 3):
        desk.settle()
        desk.later(hours=15)
    assert desk.item(source).state is ItemState.FAILED and desk.fetched("/a") == pacing.TRIES


def test_a_page_nobody_comes_back_from_is_given_up(desk):
    desk.site.pages = {"/feed": rss(item("1", "/a")), "/a": page_of(AGENCY, "Die Brücke")}
    source = desk.watch()
    watching.look(desk.store, desk.settings, desk.now)
    for _ in range(pacing.TRIES):
        assert desk.store.sources.take_item(desk.now, timedelta())
        desk.later(minutes=6)
    watching.read(desk.store, desk.settings, desk.now)
    assert (desk.item(source).state, desk.item(source).problem.key, desk.fetched("/a")) == (ItemState.FAILED, "feed_no_end", 0)


def test_what_has_not_changed_is_not_sent_again(desk):
    told = []

    def feed(site: Handler) -> None:
        told.append((site.headers.get("If-None-Match"), site.headers.get("If-Modified-Since")))
        if site.headers.get("If-None-Match") == '"v1"':
            return site.give(304, b"")
        site.give(200, rss(item("1", "/a")), ETag='"v1"', Last_Modified="Mon, 02 Mar 2026 09:00:00 GMT")

    desk.site.pages = {"/feed": feed, "/a": page_of(AGENCY, "Die Brücke")}
    source = desk.watch()
    for _ in range(3):
        desk.settle()
        desk.later(hours=1)
    assert told == [(None, None)] + [('"v1"', "Mon, 02 Mar 2026 09:00:00 GMT")] * 2
    assert desk.source(source).failures == 0 and desk.store.articles.count() == 1


def test_a_feed_that_moved_for_good_is_watched_where_it_is(desk):
    desk.site.pages = {"/feed": redirect("/new", 301), "/new": rss(item("1", "/a"))}
    source = desk.watch()
    desk.tick()
    assert desk.source(source).url == desk.url("/new")
