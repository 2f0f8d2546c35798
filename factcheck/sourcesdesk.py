"""Sources as editors keep them: found, added, changed, paused, resumed, looked at, removed; each noted in the log."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import urlsplit

from db import Store
from factcheck import feedreading, watching
from factcheck.articles import normalise_url
from factcheck.errors import BadInput, FeedUnreadable, NotFound
from factcheck.feedreading import NamedFeed
from factcheck.records import ItemState, Source
from factcheck.settings import Settings

LONGEST_NAME = 120
LONGEST_LICENCE = 200
FASTEST, SLOWEST = 5, 7 * 24 * 60  # minutes between two looks
USUAL = 30
MOST_SOURCES = 1_000


def find(settings: Settings, url: str) -> list[NamedFeed]:
    """The feeds an address leads to: itself, or those its page names. It is fetched. Raises as ``fetch.get`` does, and FeedUnreadable."""
    page = watching.fetch_feed(settings, _address(url))
    if feedreading.is_feed(page):
        feed = feedreading.read(page)
        return [NamedFeed(page.url, feed.title)]
    found = feedreading.named(page)
    if not found:
        raise FeedUnreadable("This address is no feed and names none. Give the address of its RSS or Atom feed or its sitemap.", key="feed_not_named")
    return found


def add(
    store: Store, settings: Settings, by: str, url: str, *, name: str = "", language: str = "", licence: str = "", minutes: int = USUAL
) -> Source | list[NamedFeed]:
    """Add the feed an address leads to, and look at it soon; the source, or the feeds to choose from where a page names several.

    Raises BadInput, and as ``find`` does: a feed that cannot be read is not added.
    """
    asked = _checked(Source(name or "?", _address(url), language, licence, minutes))
    _not_yet(store, asked.url)
    found = find(settings, asked.url)
    if len(found) > 1:
        return found
    feed = found[0]
    if feed.url != asked.url:
        _not_yet(store, feed.url)
        page = watching.fetch_feed(settings, feed.url)
        feed = NamedFeed(page.url, feedreading.read(page).title or feed.title)
    own = _line(name) or _line(feed.title)[:LONGEST_NAME] or (urlsplit(feed.url).hostname or "").removeprefix("www.")
    with store.write():
        _not_yet(store, feed.url)
        if len(store.sources.all()) >= MOST_SOURCES:
            raise BadInput(f"No more than {MOST_SOURCES} sources are watched. Remove some first.", key="source_too_many", n=MOST_SOURCES)
        source = store.sources.add(replace(asked, name=own, url=feed.url, added_by=by))
        store.audit.add(by, "added a source", "source", source.id, after=_shown(source))
    return source


def change(store: Store, by: str, source_id: int, *, name: str, language: str, licence: str, minutes: int) -> Source:
    """Change what is said of a source; language and licence hold for what is read from then on. Raises BadInput, NotFound."""
    with store.write():
        before = get(store, source_id)
        after = _checked(replace(before, name=name, language=language, licence=licence, minutes=minutes))
        if after != before:
            store.sources.change(after)
            store.audit.add(by, "changed a source", "source", source_id, before=_shown(before), after=_shown(after))
    return after


def pause(store: Store, by: str, source_id: int, paused: bool) -> Source:
    """Pause a source, or resume it: then it is looked at at once. Raises NotFound."""
    with store.write():
        source = get(store, source_id)
        if source.is_active == paused:
            store.sources.set_active(source_id, not paused)
            store.audit.add(by, "paused a source" if paused else "resumed a source", "source", source_id, after={"name": source.name})
        return get(store, source_id)


def look_now(store: Store, by: str, source_id: int) -> Source:
    """Have a source looked at now. Raises NotFound, and BadInput for a paused one."""
    with store.write():
        source = get(store, source_id)
        if not source.is_active:
            raise BadInput("This source is paused. Resume it first.", key="source_paused")
        store.sources.look_now(source_id)
        store.audit.add(by, "asked to look at a source", "source", source_id, after={"name": source.name})
    return source


def remove(store: Store, by: str, source_id: int) -> None:
    """Watch a source no more and forget its items; the articles read from it stay. Raises NotFound."""
    with store.write():
        source = get(store, source_id)
        store.sources.delete(source_id)
        store.audit.add(by, "removed a source", "source", source_id, before=_shown(source))


def try_again(store: Store, by: str, item_id: int) -> int:
    """Have an item read that failed or was left aside; the id of its source. Raises NotFound."""
    with store.write():
        item = store.sources.item(item_id)
        if item is None:
            raise NotFound("This item is not on file.", key="no_such_item")
        if item.state in (ItemState.FAILED, ItemState.SKIPPED):
            store.sources.wait_again(item_id)
            store.audit.add(by, "asked to read an item", "source", item.source_id, after={"item": item.link or item.guid})
    return item.source_id


def get(store: Store, source_id: int) -> Source:
    """Raises NotFound."""
    source = store.sources.get(source_id)
    if source is None:
        raise NotFound("This source is not on file.", key="no_such_source")
    return source


def _checked(source: Source) -> Source:
    name, licence, language = _line(source.name), _line(source.licence), source.language.strip().lower()
    if not 1 <= len(name) <= LONGEST_NAME:
        raise BadInput(f"A name has 1 to {LONGEST_NAME} characters.", key="source_name", n=LONGEST_NAME)
    if len(licence) > LONGEST_LICENCE:
        raise BadInput(f"A licence has {LONGEST_LICENCE} characters at most.", key="source_licence", n=LONGEST_LICENCE)
    if not re.fullmatch(r"([a-z]{2,3})?", language):
        raise BadInput("Give the language as its code of two or three letters, such as de or en.", key="source_language")
    if not FASTEST <= source.minutes <= SLOWEST:
        raise BadInput(f"Between two looks lie {FASTEST} to {SLOWEST} minutes.", key="source_minutes", low=FASTEST, high=SLOWEST)
    return replace(source, name=name, licence=licence, language=language)


def _not_yet(store: Store, url: str) -> None:
    known = store.sources.with_url(url)
    if known:
        raise BadInput(f"This feed is watched already, as {known.name}.", key="source_known", name=known.name)


def _address(url: str) -> str:
    """An address as people type it: https:// may be left out."""
    url = url.strip()
    return normalise_url(url if "://" in url or not url else f"https://{url}")


def _line(text: str) -> str:
    return " ".join(text.split())


def _shown(source: Source) -> dict[str, str | int]:
    return {"name": source.name, "url": source.url, "language": source.language, "licence": source.licence, "minutes": source.minutes}
