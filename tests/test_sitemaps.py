"""Sitemaps and Atom feeds are read and watched like feeds."""

from __future__ import annotations

from watched_site import AGENCY, desk, fault_site, page_of, running_site  # noqa: F401  (fixtures)

from factcheck import feedreading
from factcheck.fetch import Page


def test_a_news_sitemap_and_a_list_of_sitemaps_are_read():
    news = b"""<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">
    <url><loc>https://example.org/a?utm_source=x</loc><news:news><news:publication><news:name>Bote</news:name></news:publication>
    <news:publication_date>2026-03-02T09:00:00+01:00</news:publication_date><news:title>Die Br\xc3\xbccke</news:title></news:news></url>
    <url><loc>javascript:alert(1)</loc></url><url><loc>https://example.org/b</loc><lastmod>2026-03-03</lastmod></url></urlset>"""
    found = feedreading.read(Page("https://example.org/news.xml", news)).entries
    assert [(e.link, e.title, e.published_at) for e in found] == [("https://example.org/b", "", "2026-03-03"), ("https://example.org/a", "Die Brücke", "2026-03-02T09:00:00+01:00")]
    index = b"""<sitemapindex><sitemap><loc>https://example.org/old.xml</loc><lastmod>2020-01-01</lastmod></sitemap>
    <sitemap><loc>https://elsewhere.example/news.xml</loc></sitemap><sitemap><loc>https://example.org/new.xml</loc><lastmod>2026-03-01</lastmod></sitemap>
    <sitemap><loc>https://example.org/google-news.xml</loc></sitemap></sitemapindex>"""
    assert feedreading.read(Page("https://example.org/sitemap.xml", index)).parts == ("https://example.org/google-news.xml", "https://example.org/new.xml", "https://example.org/old.xml")


def test_a_list_of_sitemaps_is_watched_by_its_parts(desk):
    part = "<urlset><url><loc>{}</loc></url></urlset>"
    desk.site.pages = {"/feed": f"<sitemapindex><sitemap><loc>{desk.url('/p1')}</loc></sitemap><sitemap><loc>{desk.url('/broken')}</loc></sitemap></sitemapindex>", "/p1": part.format(desk.url("/a")), "/a": page_of(AGENCY, "Die Brücke")}
    source = desk.watch()
    desk.settle()
    assert desk.store.articles.newest(9)[0].url == desk.url("/a") and desk.source(source).failures == 0


def test_atom_with_times_of_other_zones_and_relative_links():
    feed = '<feed xmlns="http://www.w3.org/2005/Atom"><title>Bote</title><entry><id>tag:x,1</id><title type="html">A &amp;lt;b&amp;gt;</title><link href="a"/><published>2026-03-02T09:00:00+02:00</published></entry><entry><id>2</id><title>no page, no text</title></entry></feed>'
    (entry,) = feedreading.read(Page("https://example.org/x/feed", feed.encode())).entries
    assert (entry.guid, entry.link, entry.published_at) == ("tag:x,1", "https://example.org/x/a", "2026-03-02T07:00:00+00:00")
