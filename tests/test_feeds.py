"""Feeds are what their formats ask for, whatever stands in an entry."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from factcheck import feeds
from factcheck.feeds import Entry, Feed

ATOM = "{http://www.w3.org/2005/Atom}"
FEED = Feed(
    "Promises <all>", "http://desk.example/promises", "http://desk.example/promises.atom?topic=a&year=2024", "de",
    [
        Entry("http://desk.example/claims/1#status-change-2", "Gehalten: „Brücke“ & mehr\x00", "http://desk.example/claims/1", "2026-05-01", "Text\x0b", "ed"),
        Entry("http://desk.example/claims/2#status-change-1", "Gebrochen", "http://desk.example/claims/2", "2025-05-01T10:00:00+02:00"),
    ],
)  # fmt: skip


def test_atom():
    root = ET.fromstring(feeds.atom(FEED))
    assert (root.findtext(f"{ATOM}id"), root.findtext(f"{ATOM}title")) == (FEED.address, "Promises <all>")
    assert root.get("{http://www.w3.org/XML/1998/namespace}lang") == "de"
    assert root.findtext(f"{ATOM}updated") == "2026-05-01T00:00:00+00:00"
    assert {(link.get("rel"), link.get("href")) for link in root.findall(f"{ATOM}link")} == {("self", FEED.address), ("alternate", FEED.link)}
    first, second = root.findall(f"{ATOM}entry")
    assert first.findtext(f"{ATOM}title") == "Gehalten: „Brücke“ & mehr" and first.findtext(f"{ATOM}summary") == "Text"
    assert first.find(f"{ATOM}author").findtext(f"{ATOM}name") == "ed" and second.find(f"{ATOM}author") is None
    assert second.findtext(f"{ATOM}updated") == "2025-05-01T10:00:00+02:00"


def test_rss():
    channel = ET.fromstring(feeds.rss(FEED)).find("channel")
    assert (channel.findtext("title"), channel.findtext("link"), channel.findtext("language")) == ("Promises <all>", FEED.link, "de")
    assert channel.find(f"{ATOM}link").get("href") == FEED.address
    first, second = channel.findall("item")
    assert first.find("guid").get("isPermaLink") == "false" and first.findtext("pubDate") == "Fri, 01 May 2026 00:00:00 +0000"
    assert second.findtext("pubDate") == "Thu, 01 May 2025 10:00:00 +0200"


def test_a_feed_without_entries_or_with_a_time_that_is_none_is_still_a_feed():
    for entries in ((), [Entry("urn:x", "x", "http://desk.example", "last summer")]):
        feed = Feed("t", "http://desk.example", "http://desk.example/f", "en", entries)
        assert ET.fromstring(feeds.atom(feed)).findtext(f"{ATOM}updated") == "1970-01-01T00:00:00+00:00"
        assert ET.fromstring(feeds.rss(feed)).find("channel").findtext("lastBuildDate") == "Thu, 01 Jan 1970 00:00:00 +0000"
