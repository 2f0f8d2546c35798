"""Entries -> an Atom or RSS feed. Times are ISO 8601; a day alone counts from midnight UTC, since feeds know moments only.

Atom: RFC 4287. RSS: RSS 2.0 with the Atom link to itself that validators ask for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from xml.etree import ElementTree as ET

ATOM = "http://www.w3.org/2005/Atom"
ATOM_TYPE, RSS_TYPE = "application/atom+xml; charset=utf-8", "application/rss+xml; charset=utf-8"
NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)
_NOT_IN_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Entry:
    """``id`` is an IRI that never changes and that no other entry has; ``text`` is plain text."""

    id: str
    title: str
    link: str
    at: str
    text: str = ""
    author: str = ""


@dataclass(frozen=True)
class Feed:
    """``link`` is the page the feed belongs to, ``address`` the feed itself; entries stand newest first."""

    title: str
    link: str
    address: str
    language: str
    entries: Sequence[Entry]
    id: str = ""  # "" when its address never changes, and so names it


def atom(feed: Feed) -> bytes:
    root = ET.Element("feed", {"xmlns": ATOM, "xml:lang": feed.language})
    _add(root, "id", feed.id or feed.address)
    _add(root, "title", feed.title)
    _add(root, "updated", _newest(feed).isoformat())
    ET.SubElement(root, "link", {"rel": "self", "href": feed.address, "type": "application/atom+xml"})
    ET.SubElement(root, "link", {"rel": "alternate", "href": feed.link, "type": "text/html"})
    _add(ET.SubElement(root, "author"), "name", "Claimtrail")
    for entry in feed.entries:
        item = ET.SubElement(root, "entry")
        _add(item, "id", entry.id)
        _add(item, "title", entry.title)
        _add(item, "updated", _time(entry.at).isoformat())
        ET.SubElement(item, "link", {"rel": "alternate", "href": entry.link, "type": "text/html"})
        if entry.author:
            _add(ET.SubElement(item, "author"), "name", entry.author)
        if entry.text:
            _add(item, "summary", entry.text)
    return ET.tostring(root, encoding="utf-8", xml_declaration=True)


def rss(feed: Feed) -> bytes:
    root = ET.Element("rss", {"version": "2.0", "xmlns:atom": ATOM})
    channel = ET.SubElement(root, "channel")
    _add(channel, "title", feed.title)
    _add(channel, "link", feed.link)
    _add(channel, "description", feed.title)
    _add(channel, "language", feed.language)
    _add(channel, "lastBuildDate", format_datetime(_newest(feed)))
    ET.SubElement(channel, "atom:link", {"rel": "self", "href": feed.address, "type": "application/rss+xml"})
    for entry in feed.entries:
        item = ET.SubElement(channel, "item")
        _add(item, "title", entry.title)
        _add(item, "link", entry.link)
        _add(item, "guid", entry.id).set("isPermaLink", "false")
        _add(item, "pubDate", format_datetime(_time(entry.at)))
        if entry.text:
            _add(item, "description", entry.text)
    return ET.tostring(root, encoding="utf-8", xml_declaration=True)


def _add(parent: ET.Element, name: str, text: str) -> ET.Element:
    element = ET.SubElement(parent, name)
    element.text = _NOT_IN_XML.sub("", text)
    return element


def _newest(feed: Feed) -> datetime:
    return max((_time(entry.at) for entry in feed.entries), default=NO_TIME)


def _time(iso: str) -> datetime:
    try:
        found = datetime.fromisoformat(iso)
    except ValueError:
        return NO_TIME
    return found if found.tzinfo else found.replace(tzinfo=UTC)
