"""The bytes of a feed -> its entries: RSS, Atom, RDF, news sitemaps and lists of sitemaps; and the feeds a web page names.

Nothing in here opens a connection. A document that defines entities of its own is refused unread, since no feed needs any and a few
hundred bytes of them unfold to gigabytes; the parsers resolve none from outside.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit
from xml.etree import ElementTree as ET

from factcheck import charsets, plaintext
from factcheck.articles import normalise_time, normalise_url
from factcheck.errors import BadInput, FeedUnreadable, TooLarge
from factcheck.fetch import Page
from factcheck.records import FeedEntry

MOST_ENTRIES = 1_000  # of one document, as a news sitemap may have at most
LARGEST_BROKEN = 256 * 1024  # bytes of a document that is no well-formed XML: reading it leniently takes long
MOST_ELEMENTS = 50_000  # of a feed; a thousand entries have some fifteen thousand, and reading more takes long
FULL_TEXT = 600  # characters of an entry's content from which it counts as the whole text
LONGEST = {"guid": 2_000, "title": 500, "author": 300}
FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/rdf+xml")

_ENTITY = re.compile(rb"<!ENTITY", re.IGNORECASE)
_SITEMAP = re.compile(rb"<(?:\w+:)?(urlset|sitemapindex)\b")
_FEED = re.compile(rb"<(?:\w+:)?(rss|feed|RDF)\b")
_DECLARED = re.compile(rb"(?:\xef\xbb\xbf)?\s*<\?xml\b[^>]{0,200}?\bencoding\s*=\s*[\"']([^\"'>]{0,100})")
_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True)
class ReadFeed:
    """``entries`` as the document has them; ``parts`` are the sitemaps a list of sitemaps names, the most promising first."""

    title: str = ""
    entries: tuple[FeedEntry, ...] = ()
    parts: tuple[str, ...] = ()


@dataclass(frozen=True)
class NamedFeed:
    """A feed that a page names."""

    url: str
    title: str


def read(page: Page) -> ReadFeed:
    """Raises FeedUnreadable for what is no feed, or broken, and TooLarge for a broken one that is large as well."""
    body = page.body
    if _ENTITY.search(body.replace(b"\0", b"")):
        raise FeedUnreadable("This feed defines entities of its own and is not read, since such files can be made to harm.", key="feed_entities")
    declared = _DECLARED.match(body)
    if declared and not charsets.known(declared[1].decode("ascii", "replace")):
        raise FeedUnreadable("This feed is written in an encoding that is not known here.", key="feed_encoding")
    if _SITEMAP.search(body[:4096].replace(b"\0", b"")):
        return _sitemap(page)
    if not _FEED.search(body[:65536].replace(b"\0", b"")):
        raise FeedUnreadable("This is no RSS or Atom feed and no sitemap.", key="feed_none")
    return _feed(page)


def is_feed(page: Page) -> bool:
    """True for what looks like a feed, well-formed or not."""
    head = page.body[:65536].replace(b"\0", b"")
    return bool(_SITEMAP.search(head[:4096]) or _FEED.search(head)) and b"<html" not in head[:2048].lower()


def named(page: Page) -> list[NamedFeed]:
    """The feeds a web page names in its head, in its order, each once."""
    reader = _Links(page.url)
    with suppress(AssertionError):  # the standard library's parser meets broken marked sections so; what was found before counts
        reader.feed(page.body[: 512 * 1024].decode(_codec(page.charset), "replace"))
    return list({feed.url: feed for feed in reader.found}.values())


# RSS and Atom


def _feed(page: Page) -> ReadFeed:
    import feedparser  # slow to import, and most processes never need it

    elements = _elements_in(page.body)
    if elements is None and len(page.body) > LARGEST_BROKEN:
        raise TooLarge("This feed is broken, and too large to make out what it means.", key="feed_large_and_broken")
    if (page.body.count(b"<") if elements is None else elements) > MOST_ELEMENTS:
        raise TooLarge(f"This feed has more than {MOST_ELEMENTS} elements. Watch one for a part of the site.", key="feed_elements", n=MOST_ELEMENTS)
    kind = f"{page.media_type or 'application/xml'}" + (f"; charset={charset}" if (charset := charsets.known(page.charset)) else "")
    # A stream, since feedparser takes bytes that look like an address or the name of a file for that.
    # Its markup is never shown, so it need not be cleaned, which takes most of the time.
    try:
        found = feedparser.parse(
            io.BytesIO(page.body),
            response_headers={"content-type": kind, "content-location": page.url},
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except (ValueError, LookupError, RecursionError, OverflowError) as error:
        raise FeedUnreadable("This feed is broken: it is no well-formed XML, and nothing could be made out in it.", key="feed_broken") from error
    if not found.get("version") or (found.bozo and not found.entries):
        raise FeedUnreadable("This feed is broken: it is no well-formed XML, and nothing could be made out in it.", key="feed_broken")
    entries = tuple(e for e in (_entry(e, page.url, found.version.startswith("rss")) for e in found.entries[:MOST_ENTRIES]) if e)
    return ReadFeed(_plain(found.feed.get("title", ""), LONGEST["title"]), entries)


def _entry(found, base: str, is_rss: bool) -> FeedEntry | None:
    links = [link.get("href", "") for link in _parts(found.get("links")) if link.get("rel", "alternate") == "alternate"]
    own = str(found.get("id") or "")
    link = _address(next(filter(None, links), own if is_rss and found.get("guidislink") and own.startswith("http") else ""), base)
    guid = str(found.get("id") or link or found.get("title") or "").strip()[: LONGEST["guid"]]
    contents = [c.get("value", "") for c in _parts(found.get("content")) if "html" in c.get("type", "html") or c.get("type") == "text/plain"]
    html = max(contents, key=len, default="")
    when = found.get("published_parsed") or dict.get(found, "updated_parsed")  # its own ``get`` answers for another name
    if not guid or not (link or html):
        return None
    return FeedEntry(
        guid=guid,
        link=link,
        title=_plain(found.get("title", ""), LONGEST["title"]),
        author=_plain(found.get("author", ""), LONGEST["author"]),
        published_at=_moment(when),
        html=html if len(_TAG.sub("", html)) >= FULL_TEXT else "",
        updated=str(dict.get(found, "updated") or "")[:100],
    )


def _parts(value) -> list[dict]:
    """What feedparser keeps as a list of objects; an element of the feed that bears the list's name puts a text in its place."""
    return [part for part in value if isinstance(part, dict)] if isinstance(value, list) else []


def _elements_in(body: bytes) -> int | None:
    """How many elements a document has, as far as that matters; None when it is no well-formed XML."""
    count = 0
    try:
        for count, (_, element) in enumerate(ET.iterparse(io.BytesIO(body), ("start",)), 1):
            element.clear()
            if count > MOST_ELEMENTS:
                break
    except (ET.ParseError, ValueError, LookupError):
        return None
    return count


# Sitemaps


def _sitemap(page: Page) -> ReadFeed:
    """A sitemap as far as it is well formed, the first entries at most. Protocol: sitemaps.org; news: Google's extension of it."""
    entries: list[FeedEntry] = []
    parts: list[tuple[str, str]] = []  # (when it changed, address)
    try:
        for name, told in _elements(page.body):
            address = _address(told.get("loc", ""), page.url)
            if not address:
                continue
            if name == "sitemap":
                parts.append((told.get("lastmod", ""), address))
            else:
                entries.append(
                    FeedEntry(
                        guid=address,
                        link=address,
                        title=_plain(told.get("title", ""), LONGEST["title"]),
                        published_at=_iso(told.get("publication_date") or told.get("lastmod") or ""),
                        updated=told.get("lastmod", "")[:100],
                    )
                )
            if len(entries) >= MOST_ENTRIES * 10:
                break
    except (ET.ParseError, ValueError, LookupError):
        if not entries and not parts:
            raise FeedUnreadable("This sitemap is broken: it is no well-formed XML.", key="feed_broken_sitemap") from None
    site = urlsplit(page.url).hostname
    # Parts elsewhere are not this site's to name. What calls itself news comes first, then what changed last.
    own = [p for p in parts if urlsplit(p[1]).hostname == site]
    own.sort(key=lambda p: p[0], reverse=True)
    own.sort(key=lambda p: "news" not in p[1].lower())
    if any(e.published_at for e in entries):  # a plain sitemap has no order: the newest are wanted
        entries.sort(key=lambda e: e.published_at or "", reverse=True)
    return ReadFeed("", tuple(entries[:MOST_ENTRIES]), tuple(address for _, address in own))


def _elements(body: bytes) -> Iterator[tuple[str, dict[str, str]]]:
    """("url" or "sitemap", what it holds by the local names of its elements), while the document is read."""
    for _, element in ET.iterparse(io.BytesIO(body)):
        name = element.tag.rpartition("}")[2]
        if name in ("url", "sitemap"):
            told: dict[str, str] = {}
            for e in element.iter():
                if e.text and e.text.strip():
                    # loc and title also stand in pictures and videos; the first is the page's own
                    told.setdefault(e.tag.rpartition("}")[2], e.text.strip())
            yield name, told
            element.clear()


# Words of documents


class _Links(HTMLParser):
    def __init__(self, base: str):
        super().__init__()
        self.base = base
        self.found: list[NamedFeed] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "link" and "alternate" in told.get("rel", "").lower().split() and told.get("type", "").lower().strip() in FEED_TYPES:
            address = _address(told.get("href", ""), self.base)
            if address:
                self.found.append(NamedFeed(address, _plain(told.get("title", ""), LONGEST["title"])))


def _address(link: str, base: str) -> str:
    """A link as a full address, "" unless it is one of http or https."""
    if not link.strip():
        return ""
    try:
        return normalise_url(urljoin(base, link.strip()))
    except (BadInput, ValueError):
        return ""


def _plain(text: str, longest: int) -> str:
    return plaintext.one_line(_TAG.sub(" ", str(text)[: longest * 20]))[:longest]


def _moment(parsed) -> str | None:
    """A time as feedparser gives it, which is UTC."""
    try:
        return datetime(*parsed[:6], tzinfo=UTC).isoformat(timespec="seconds") if parsed else None
    except (ValueError, TypeError, OverflowError):
        return None


def _iso(text: str) -> str | None:
    try:
        return normalise_time(text) if text else None
    except BadInput:
        return None


def _codec(charset: str) -> str:
    return charsets.known(charset) or "utf-8"
