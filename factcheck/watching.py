"""Feeds are watched: looked at when they are due, each new item's page read once, the same text in several papers kept once.

1. ``look``: one source is taken, its feed fetched, and what is new or changed in it noted as waiting items, in one transaction.
2. ``print_texts``: articles get the prints by which a text that was published before is found.
3. ``read``: one waiting item is taken and its page fetched; the article, where it appeared and the item's end are one transaction.

Sites are asked at their own pace: one page at a time with a rest after it (longer where robots.txt asks for it, by Crawl-delay), and
nothing at all for as long as a site asks to be left alone (Retry-After).

Whoever takes something has it for a lease, and only who still has it ends it. So a stop at any moment costs a second fetch at most:
nothing is lost, nothing is kept twice, and several workers do not get in each other's way.

A text that says nothing new beside one on file (``factcheck.likeness``) is not kept again: it becomes one more appearance of it. When the
page of an item changes, its text is judged the same way: small changes are noted beside the article, whose statements and decisions
stay. A text that says something else becomes an article of its own, which names the earlier one.
"""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Protocol
from urllib.parse import urlsplit

from db import Store
from factcheck import feedreading, fetch, likeness, pacing, pipeline
from factcheck.articles import from_html, from_page, text_hash
from factcheck.errors import ClaimtrailError, FetchFailed, FetchRefused, OutgoingFailed
from factcheck.feedreading import ReadFeed
from factcheck.fetch import Page
from factcheck.records import (
    Appearance,
    Article,
    FeedEntry,
    FeedItem,
    ItemState,
    Problem,
    Source,
)
from factcheck.records.sources import site_of
from factcheck.settings import Settings

TIMEOUT = 10.0  # seconds for a feed or a page; the other steps of the worker wait meanwhile
MOST_BYTES = 3 * 1024 * 1024  # of a feed
LONGEST_WAIT = timedelta(hours=24)  # between two looks at a feed that fails
JITTER = 0.2  # of a wait, to either side
PAGE_REST = timedelta(seconds=5)  # between two pages of one site, more where the site asks for it
PART_RESTS = 30.0  # seconds a look waits at most, between the parts of a list of sitemaps, for a site that asks for time
FIRST_LOOK = 50  # items of a new source that are read; those further back are left aside
PARTS = 3  # sitemaps of a list of sitemaps that are looked at
PRINTED_AT_ONCE = 50
NEAR = 8  # articles a text is compared with
ACCEPT_FEED = "application/atom+xml,application/rss+xml,application/xml;q=0.9,text/xml;q=0.9,*/*;q=0.5"
LATER = {"fetch_later", "fetch_later_in", "fetch_trouble", "fetch_damaged"}  # what may be otherwise in a while
NOT_WANTED = {"fetch_robots", "fetch_subscribers", "fetch_closed"}


class Bench(Protocol):
    """What is worked with: a worker's bench."""

    store: Store
    settings: Settings


def tick(bench: Bench, now: datetime | None = None) -> bool:
    """Do one piece of the work; True when there was any."""
    store, settings = bench.store, bench.settings
    now = now or datetime.now(UTC)
    looked = look(store, settings, now) is not None
    if store.sources.is_anything_waiting() and print_texts(store):
        return True  # before anything is compared
    return read(store, settings, now) or looked


# Feeds


def look(store: Store, settings: Settings, now: datetime, source_id: int | None = None) -> tuple[Source, int] | None:
    """Look at the feed that is due longest, or at a certain one; (the source as it is then, how many items are new or changed), None when
    none was due. A failure is kept with the source and makes the next wait twice as long."""
    while source := store.sources.take(now, source_id):
        resting = store.sources.resting_until(source.site, now) if source_id is None else None
        if resting is None:
            break
        store.sources.look_later(source, resting)
    if source is None:
        return None
    found = 0
    try:
        found = _look(store, settings, source, now)
    except ClaimtrailError as error:
        again = now + wait(source.minutes, source.failures + 1, random.random())
        store.sources.not_looked(source, as_problem(error), max(again, now + _asked_wait(error)))
    return store.sources.get(source.id) or source, found


def wait(minutes: int, failures: int, chance: float) -> timedelta:
    """How long until the next look: the source's own time, doubled with each failure in a row, a day at most. ``chance`` is random, 0..1."""
    own = timedelta(minutes=minutes)
    length = min(own * 2 ** min(failures, 12), max(LONGEST_WAIT, own)) if failures else own
    return length * (1 + JITTER * (2 * chance - 1))


def fetch_feed(settings: Settings, url: str, *, etag: str = "", modified: str = "") -> Page:
    return fetch.get(
        url, allow=settings.outgoing_allow, etag=etag, modified=modified, accept=ACCEPT_FEED, timeout=TIMEOUT, most_bytes=MOST_BYTES
    )


def _look(store: Store, settings: Settings, source: Source, now: datetime) -> int:
    next_at = now + wait(source.minutes, 0, random.random())
    with _noting(store, source.url, now) as asked:
        page = fetch_feed(settings, source.url, etag=source.etag, modified=source.modified)
        asked.append(page.url)
    if page.unchanged:
        return store.sources.looked(source, [], etag=source.etag, modified=source.modified, moment=now, next_at=next_at)
    feed = feedreading.read(page)
    etag, modified = ("", "") if feed.parts else (page.etag, page.modified)  # a list may stay as it is while its parts change
    entries = _with_digests(entries_of(settings, feed))
    known = not store.sources.is_new(source.id)
    wanted = {id(e) for e in _newest([e for e, _ in entries], FIRST_LOOK)}
    told = [(e, digest, known or id(e) in wanted) for e, digest in entries]
    with store.write():
        if page.moved_for_good and page.url != source.url and store.sources.move(source.id, page.url):
            store.audit.add(who(source), "moved for good", "source", source.id, before={"url": source.url}, after={"url": page.url})
        return store.sources.looked(source, told, etag=etag, modified=modified, moment=now, next_at=next_at)


def entries_of(settings: Settings, feed: ReadFeed) -> list[FeedEntry]:
    """The entries of a feed; of a list of sitemaps those of its most promising parts, as far as they answer."""
    found, failure = list(feed.entries), None
    for number, part in enumerate(feed.parts[:PARTS], 1):
        rest = fetch.rest_of(part)
        if number > 1 and number * rest > PART_RESTS:
            break  # the most promising one is looked at in any case
        time.sleep(min(rest, PART_RESTS))
        try:
            found += feedreading.read(fetch_feed(settings, part)).entries
        except ClaimtrailError as error:
            failure = error
    if failure and not found:
        raise failure
    return found


def _with_digests(entries: Sequence[FeedEntry]) -> list[tuple[FeedEntry, str]]:
    """Each item once, the oldest first as far as they are dated; feeds stand newest first."""
    once = {e.guid: e for e in reversed(entries)}
    dated = sorted(once.values(), key=lambda e: e.published_at or "")
    said = ((e, "\0".join((e.link, e.title, e.updated, e.html))) for e in dated)
    return [(e, hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()) for e, text in said]


def _newest(entries: Sequence[FeedEntry], most: int) -> Sequence[FeedEntry]:
    return entries[-most:]


# Items


def print_texts(store: Store) -> bool:
    """Make prints of some articles that have none yet; True when there were any."""
    texts = store.appearances.without_prints(PRINTED_AT_ONCE)
    if texts:
        store.appearances.put_prints({article_id: likeness.prints(text) for article_id, text in texts.items()})
    return bool(texts)


def read(store: Store, settings: Settings, now: datetime) -> bool:
    """Read one waiting item; True when there was one."""
    item = store.sources.take_item(now, PAGE_REST)
    if item is None:
        return False
    source = store.sources.get(item.source_id)
    if source is None:
        return True
    try:
        article = _article(store, settings, source, item, now)
    except ClaimtrailError as error:
        again = pacing.retry_at(item.tries, now, random.random()) if _may_pass(error) else None
        again = max(again, now + _asked_wait(error)) if again else None
        with store.write():
            if not store.sources.holds(item):
                pass
            elif again:
                store.sources.item_again(item.id, as_problem(error), again)
            else:
                state = ItemState.SKIPPED if error.key in NOT_WANTED else ItemState.FAILED
                store.sources.end_item(item.id, state, problem=as_problem(error))
        return True
    with store.write():
        while print_texts(store):  # what came in since; inside, so that nobody adds the same text meanwhile
            pass
        if store.sources.holds(item):
            store.sources.end_item(item.id, ItemState.DONE, article_id=_keep(store, source, item, article))
    return True


def _article(store: Store, settings: Settings, source: Source, item: FeedItem, now: datetime) -> Article:
    """The article of an item: its page, or the feed's own text where the page cannot be had."""
    about = {"title": item.title, "source": source.name, "author": item.author, "published_at": item.published_at}
    try:
        if not item.link:
            raise FetchFailed("This item names no page.", key="feed_no_link")
        if item.tries > pacing.TRIES:  # it was taken up again and again, and nobody came back from it
            raise FetchRefused("Reading this page did not come to an end.", key="feed_no_end")
        with _noting(store, item.link, now) as asked:
            page = fetch.get(item.link, allow=settings.outgoing_allow, timeout=TIMEOUT)
            asked.append(page.url)
        article = from_page(page, **about)
    except ClaimtrailError:
        if not item.html or item.tries > pacing.TRIES:
            raise
        article = from_html(f"<html><body><article>{item.html}</article></body></html>".encode(), url=item.link or None, **about)
    return replace(article, language=source.language or article.language)


@contextmanager
def _noting(store: Store, url: str, now: datetime) -> Iterator[list[str]]:
    """Note what the site of an address, and the one a redirect leads to, ask for while something is fetched: time between two pages, or to
    be left alone. Add the address it was found at to the list."""
    asked = [url]
    try:
        yield asked
    except FetchFailed as error:
        if error.wait:
            store.sources.site_rests(site_of(url), now, _asked_wait(error))
        raise
    finally:
        rest = max(map(fetch.rest_of, asked))
        for site in dict.fromkeys(map(site_of, asked)):
            if rest != store.sources.rest_of(site):
                store.sources.site_asks(site, rest)
            if rest:
                store.sources.site_rests(site, now, timedelta(seconds=rest))


def _asked_wait(error: ClaimtrailError) -> timedelta:
    return timedelta(seconds=error.wait if isinstance(error, FetchFailed) else 0)


def _may_pass(error: ClaimtrailError) -> bool:
    return isinstance(error, OutgoingFailed) or error.key in LATER


def _keep(store: Store, source: Source, item: FeedItem, article: Article) -> int:
    """Put an article on file, or note that it is on file already; its id. Inside a transaction."""
    url = article.url or item.link or item.guid
    here = Appearance(0, source.name, url, article.title, article.published_at, source.licence, source.id)
    before = store.appearances.stands_at(url)
    same = store.appearances.with_hash(text_hash(article.text))
    if same is None and before is not None:
        on_file = store.articles.get(before)
        assert on_file is not None
        if likeness.says_nothing_new(article.text, on_file.text):
            store.appearances.put(replace(here, article_id=before))
            store.appearances.changed(before, url)
            return before
    same = same or alike(store, article.text)
    if same is not None:
        store.appearances.put(replace(here, article_id=same, earlier_id=before if before != same else None))
        return same
    if before is not None:
        article = replace(article, url=None)  # an address stands for one article; where this one stands is told by its appearance
    stored, _ = pipeline.add_article(store, article, by=who(source))
    store.appearances.put(replace(here, article_id=stored.id, earlier_id=before))
    store.appearances.put_prints({stored.id: likeness.prints(stored.text)})
    return stored.id


def alike(store: Store, text: str) -> int | None:
    """The article on file beside which a text says nothing new, None when there is none."""
    near = store.articles.many(store.appearances.sharing(likeness.prints(text), NEAR))
    found = [a for a in near.values() if likeness.says_nothing_new(text, a.text)]
    return min((a.id for a in found), default=None)


def who(source: Source) -> str:
    """How a source is called in the log."""
    return f"source: {source.name}"


def as_problem(error: ClaimtrailError) -> Problem:
    return Problem(str(error), error.key, tuple(error.values.items()))


def outlets(article: Article, appearances: Sequence[Appearance]) -> int:
    """In how many outlets a text was published, by their names."""
    own = article.source or (urlsplit(article.url).hostname if article.url else "") or ""
    return len({name.casefold() for name in (own, *(a.outlet for a in appearances)) if name})
