"""Sites that are watched are asked at their own pace."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from fault_site import robots, status
from watched_site import AGENCY, OTHER, desk, fault_site, item, page_of, rss, running_site  # noqa: F401  (fixtures)

from factcheck import feedreading, fetch, sourcesdesk, watching
from factcheck.records import ItemState


def test_pages_of_one_site_are_not_fetched_in_a_hurry(desk):
    """Also where two of its feeds are watched."""
    desk.site.pages = {"/feed": rss(item("1", "/a")), "/feed2": rss(item("2", "/b")), "/a": page_of(AGENCY, "x"), "/b": page_of(OTHER, "y")}
    desk.watch()
    desk.watch("/feed2")
    assert desk.tick()
    desk.later(seconds=4)
    assert not desk.tick()
    for _ in range(2):
        desk.later(seconds=2)
        desk.tick()
    assert (desk.fetched("/a"), desk.fetched("/b")) == (1, 1)


def test_a_site_gets_the_time_between_two_pages_that_its_rules_ask_for(desk):
    desk.site.pages = {
        "/robots.txt": robots("User-agent: *", "Crawl-delay: 60"), "/feed": rss(item("1", "/a", hour=7), item("2", "/b", hour=8), item("3", "/gone", hour=9)),
        "/a": page_of(AGENCY, "x"), "/b": page_of(OTHER, "y"),
    }  # fmt: skip
    desk.watch(minutes=7 * 24 * 60)
    gone_at: list[datetime] = []
    for _ in range(40):
        before = len(desk.site.asked)
        desk.tick()
        gone_at += [desk.now] * (len(desk.site.asked) - before - (before == 0))  # its rules come with the first
        desk.later(seconds=10)
    assert desk.site.paths() == ["/robots.txt", "/feed", "/a", "/b", "/gone"]
    assert [b - a for a, b in pairwise(gone_at)] == [timedelta(minutes=1)] * 3
    # another process knows what the site asks for before it has asked itself
    fetch.known_rules.forget()
    assert desk.store.sources.rest_of(f"127.0.0.1:{desk.site.server_port}") == 60
    desk.site.pages["/robots.txt"] = robots("User-agent: *", "Crawl-delay: 20")
    sourcesdesk.try_again(desk.store, "anna", next(i.id for i in desk.store.sources.items(1, 9) if i.state is ItemState.FAILED))
    desk.later(minutes=2)
    assert desk.tick() and desk.store.sources.rest_of(f"127.0.0.1:{desk.site.server_port}") == 20


def test_a_feed_that_asks_to_be_left_alone_is_left_alone(desk):
    desk.site.pages = {"/feed": status(429, Retry_After="10800"), "/feed2": rss(item("1", "/a")), "/a": page_of(AGENCY, "x")}
    source = desk.watch()
    assert desk.tick()
    after = desk.source(source)
    assert (after.problem.key, dict(after.problem.values)["minutes"]) == ("fetch_later_in", 180)
    assert datetime.fromisoformat(after.next_at) == desk.now + timedelta(hours=3), "longer than it would wait by itself"
    other = desk.watch("/feed2")
    desk.site.pages["/feed"] = rss(item("1", "/a"))
    for _ in range(17):
        assert not desk.tick(), "nor is anything else of its site asked"
        desk.later(minutes=10)
    assert len(desk.site.asked) == 2 and desk.source(other).failures == 0
    desk.later(minutes=11)
    desk.settle()
    assert desk.store.articles.count() == 1 and desk.source(source).problem is None
    assert desk.source(other).looked_at


@pytest.mark.parametrize("code", [429, 503])
def test_a_page_that_asks_for_patience_is_read_when_it_is_over(desk, code):
    desk.site.pages = {"/feed": rss(item("1", "/a", hour=7), item("2", "/b", hour=8)), "/a": status(code, Retry_After="1200"), "/b": page_of(OTHER, "y")}
    desk.watch(minutes=7 * 24 * 60)
    for _ in range(2):
        desk.tick()
        desk.later(minutes=9)
    assert (desk.fetched("/a"), desk.fetched("/b")) == (1, 0)
    desk.site.pages["/a"] = page_of(AGENCY, "x")
    desk.later(minutes=3)
    desk.settle()
    assert (desk.fetched("/a"), desk.fetched("/b"), desk.store.articles.count()) == (2, 1, 2)


def test_a_site_whose_rules_cannot_be_had_for_once_loses_nothing(desk):
    desk.site.pages = {"/feed": rss(item("1", "/a")), "/a": page_of(AGENCY, "x")}
    source = desk.watch(minutes=7 * 24 * 60)
    watching.look(desk.store, desk.settings, desk.now)
    fetch.known_rules.forget()
    desk.site.pages["/robots.txt"] = status(503)
    assert desk.tick() and desk.item(source).state is ItemState.WAITING and desk.fetched("/a") == 0
    fetch.known_rules.forget()
    desk.site.pages["/robots.txt"] = robots("User-agent: *", "Allow: /")
    desk.later(minutes=2)
    desk.settle()
    assert desk.item(source).state is ItemState.DONE


def test_the_parts_of_a_list_of_sitemaps_are_not_fetched_in_a_hurry_either(desk, monkeypatch):
    slept: list[float] = []
    monkeypatch.setattr(watching.time, "sleep", slept.append)
    parts = [f"/part{n}.xml" for n in range(3)]
    listed = "".join(f"<sitemap><loc>{desk.url(p)}</loc></sitemap>" for p in parts)
    desk.site.pages = {p: '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"></urlset>' for p in parts} | {"/feed": f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{listed}</sitemapindex>'}
    for rest, looked_at in ((0, 3), (10, 3), (12, 2), (20, 1), (300, 1)):
        desk.site.pages["/robots.txt"] = robots("User-agent: *", f"Crawl-delay: {rest}")
        fetch.known_rules.forget()
        desk.site.asked.clear()
        slept.clear()
        entries = watching.entries_of(desk.settings, feedreading.read(watching.fetch_feed(desk.settings, desk.url("/feed"))))
        assert entries == [] and len([p for p in desk.site.paths() if p in parts]) == looked_at
        assert slept == [min(rest, watching.PART_RESTS)] * looked_at
